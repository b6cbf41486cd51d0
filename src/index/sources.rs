//! What the index remembers of the files it was made from. It stands in the index itself, so that
//! one commit is the only point of truth.

use super::schema::Fields;
use super::store::{Index, IndexError};
use std::collections::HashMap;
use tantivy::columnar::StrColumn;
use tantivy::{TantivyDocument, Term};

/// One file, as it was when it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// The identity of the letter it holds; empty where it holds none.
    pub letter: String,
    /// Why it gave no letter; empty where it gave one.
    pub failure: String,
    /// In bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
}

/// Every file that the index knows, by path.
pub fn load(index: &Index) -> Result<HashMap<String, SourceState>, IndexError> {
    let searcher = index.reader.searcher();
    let mut known = HashMap::new();
    for segment in searcher.segment_readers() {
        let fast = segment.fast_fields();
        let column = |name: &str| fast.str(name).map_err(|e| index.broken(&e));
        let Some(paths) = column("source")? else {
            continue;
        };
        let (letters, failures) = (column("source_letter")?, column("source_failure")?);
        let size = fast.u64("source_size").map_err(|e| index.broken(&e))?;
        let modified = fast.u64("source_modified").map_err(|e| index.broken(&e))?;
        let text = |column: &Option<StrColumn>, doc| -> Result<String, IndexError> {
            let mut value = String::new();
            if let Some(column) = column
                && let Some(ord) = column.ords().first(doc)
            {
                column
                    .ord_to_str(ord, &mut value)
                    .map_err(|e| index.broken(&e))?;
            }
            Ok(value)
        };
        for doc in segment.doc_ids_alive() {
            let Some(ord) = paths.ords().first(doc) else {
                continue;
            };
            let mut path = String::new();
            paths
                .ord_to_str(ord, &mut path)
                .map_err(|e| index.broken(&e))?;
            let state = SourceState {
                letter: text(&letters, doc)?,
                failure: text(&failures, doc)?,
                size: size.first(doc).unwrap_or(0),
                modified: modified.first(doc).unwrap_or(0),
            };
            known.insert(path, state);
        }
    }
    Ok(known)
}

/// The document that remembers a file.
pub fn document(fields: &Fields, path: &str, state: &SourceState) -> TantivyDocument {
    let mut doc = TantivyDocument::new();
    doc.add_text(fields.kind, "source");
    doc.add_text(fields.source, path);
    doc.add_text(fields.source_letter, &state.letter);
    doc.add_text(fields.source_failure, &state.failure);
    doc.add_u64(fields.source_size, state.size);
    doc.add_u64(fields.source_modified, state.modified);
    doc.add_u64(fields.to_parent, 0);
    doc.add_u64(fields.children, 0);
    doc
}

/// The term that deletes it.
pub fn term(fields: &Fields, path: &str) -> Term {
    Term::from_field_text(fields.source, path)
}
