//! The documents that have a term.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

/// The documents that have a term, in their order.
///
/// # Errors
/// If the index's files are damaged.
pub(crate) fn documents_with(searcher: &Searcher, term: &Term) -> tantivy::Result<Vec<DocAddress>> {
    let mut found = Vec::new();
    for (segment, reader) in (0..).zip(searcher.segment_readers()) {
        let index = reader.inverted_index(term.field())?;
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            if !reader.is_deleted(postings.doc()) {
                found.push(DocAddress::new(segment, postings.doc()));
            }
            postings.advance();
        }
    }
    Ok(found)
}
