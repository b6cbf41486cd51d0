//! The block of documents that a letter becomes.

use super::dictionary::{self, CompressionDictionary};
use super::document::Document;
use super::schema::Fields;
use super::sources::{letter_order, letter_value};
use super::stored;
use crate::fields::{Level, Path, Storage, Text};
use crate::letter::{Item, Letter};
use std::sync::Arc;
use tantivy::schema::{Facet, Field, Term};

/// Kinds of documents that are neither items nor letters: they stand before and behind blocks, never inside.
pub(crate) const OUTSIDE_BLOCKS: [&str; 2] = ["source", dictionary::KIND];

/// A path as tantivy's facet.
#[must_use]
pub fn facet(path: &Path) -> Facet {
    // It is a string already.
    Facet::from_encoded(path.encoded().as_bytes().to_vec()).unwrap_or_else(|_| Facet::root())
}

/// A facet of path segments.
#[must_use]
pub fn facet_of<'a>(path: impl IntoIterator<Item = &'a str>) -> Facet {
    facet(&Path::of(path))
}

/// The documents of a letter: its items in their order, then itself, compressed with what the index's
/// letters have in common.
#[must_use]
pub(super) fn block(
    fields: &Fields,
    letter: Letter,
    id: &str,
    dictionary: Option<&CompressionDictionary>,
) -> Vec<Document> {
    // The letter keeps its own: where a passage ends depends on the text.
    let text = Arc::new(letter.text.clone());
    let letter = &letter;
    let order = letter_order(id);
    let id = letter_value(id);
    let mut documents = Vec::with_capacity(letter.items.len() + 1);
    for item in &letter.items {
        let mut doc = document(fields, &text, letter, Some(item));
        doc.add_text(fields.letter_id, id.as_str());
        doc.add_text(fields.kind, "item");
        documents.push(doc);
    }
    let mut doc = document(fields, &text, letter, None);
    doc.keep(stored::pack(letter, &text, dictionary));
    doc.add_text(fields.letter_id, id.as_str());
    doc.add_number(fields.letter_order, order);
    doc.add_text(fields.kind, "letter");
    documents.push(doc);
    documents
}

/// The document of an item (None: of the letter itself), with every field that the registry reads
/// from it.
fn document(fields: &Fields, text: &Arc<String>, letter: &Letter, item: Option<&Item>) -> Document {
    let level = match item {
        Some(_) => Level::Item,
        None => Level::Letter,
    };
    let mut doc = Document::with_capacity(24);
    for (field, handle) in fields.stored().filter(|(field, _)| field.level() == level) {
        match &field.storage {
            Storage::Text { .. } => {
                for passage in field.texts(letter, item) {
                    match passage {
                        Text::Printed(printed) => doc.add_text(handle, printed),
                        Text::Passage(range) => doc.add_passage(handle, text, range),
                        Text::Whole => doc.add_passage(handle, text, 0..text.len()),
                    }
                }
            }
            Storage::Facet(_) => {
                for path in field.paths(letter, item) {
                    doc.add_facet(handle, facet(&path));
                }
            }
            Storage::Path(_) => add_paths(&mut doc, handle, &field.paths(letter, item)),
            Storage::Number(_) => {
                if let Some(number) = field.number(letter, item) {
                    doc.add_number(handle, number);
                }
            }
            Storage::Keyword(_) => {
                if let Some(value) = field.keyword(letter, item) {
                    doc.add_text(handle, value);
                }
            }
            Storage::LevelOf(_) | Storage::Unstored(_) => {}
        }
    }
    doc
}

/// The term under which a path of a field that keeps no column is found.
#[must_use]
pub fn path_term(field: Field, path: &Path) -> Term {
    Term::from_field_text(field, path.encoded())
}

/// Every path and what is above it, each once: as tantivy does for a facet, without its column.
fn add_paths(doc: &mut Document, field: Field, paths: &[Path]) {
    let mut encoded: Vec<&str> = paths.iter().flat_map(Path::and_above).collect();
    encoded.sort_unstable();
    encoded.dedup();
    for path in encoded {
        doc.add_text(field, path);
    }
}
