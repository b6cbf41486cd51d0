//! One letter by its identity, the sources that hold it, and where a text has a query's words.

use super::engine::Engine;
use super::error::SearchError;
use super::request::{Hit, Request};
use super::snippet::HighlightMatcher;
use crate::index::{documents_with, sources};
use std::ops::Range;
use std::path::PathBuf;
use tantivy::{DocAddress, Searcher};

/// A file that the index read a letter from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its real path.
    pub path: PathBuf,
    /// In bytes, when it was read.
    pub size: u64,
    /// It is an archive, and the letter one of its members.
    pub archive: bool,
}

/// Finds a query's words in texts.
pub struct Marker(HighlightMatcher);

impl Marker {
    pub(super) fn of(matcher: HighlightMatcher) -> Marker {
        Marker(matcher)
    }

    /// Byte ranges of a text that hold the words, in order, none within another.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        self.0.ranges(text)
    }
}

impl Engine {
    /// The letter of an identity. None if the index does not hold it.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn letter_of(&self, id: &str) -> Result<Option<Hit>, SearchError> {
        let searcher = self.index().reader.searcher();
        for address in self.documents(&searcher, self.fields().letter_id, id)? {
            if let Some(hit) = self.whole(&searcher, address)? {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    /// The files that a letter was read from, in the order of their paths.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn sources_of(&self, id: &str) -> Result<Vec<SourceFile>, SearchError> {
        let searcher = self.index().reader.searcher();
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index().broken(&e));
        let mut files = Vec::new();
        for address in self.documents(&searcher, self.fields().letter_id, id)? {
            let fast = searcher.segment_reader(address.segment_ord).fast_fields();
            let number = |name: &str| -> tantivy::Result<u64> {
                let column = fast.u64_lenient(name)?;
                Ok(column
                    .and_then(|(column, _)| column.first(address.doc_id))
                    .unwrap_or(0))
            };
            let Some(keys) = fast.str("source").map_err(damaged)? else {
                continue;
            };
            let Some(ord) = keys.ords().first(address.doc_id) else {
                continue;
            };
            let mut key = String::new();
            keys.ord_to_str(ord, &mut key)
                .map_err(|e| SearchError::Index(self.index().broken(&e)))?;
            let archive = number("source_archive").map_err(damaged)?;
            let archive = usize::try_from(archive).unwrap_or(0);
            files.push(SourceFile {
                size: number("source_size").map_err(damaged)?,
                path: PathBuf::from(match archive {
                    0 => &key,
                    end => key.get(..end).unwrap_or(&key),
                }),
                archive: archive > 0,
            });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn documents(
        &self,
        searcher: &Searcher,
        field: tantivy::schema::Field,
        id: &str,
    ) -> Result<Vec<DocAddress>, SearchError> {
        // Only what is an identity is looked up: no other term of the field is a letter's.
        if id.len() != 32 || sources::letter_text(sources::letter_number(id)) != id {
            return Ok(Vec::new());
        }
        documents_with(searcher, &sources::letter_term(field, id))
            .map_err(|e| SearchError::Index(self.index().broken(&e)))
    }

    /// What marks the words of a request, and what else was searched for them.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood.
    pub fn marker(&self, request: &Request) -> Result<Marker, SearchError> {
        let searcher = self.index().reader.searcher();
        let query = self.unscored(&searcher, request)?;
        Ok(Marker(HighlightMatcher::of(&query)))
    }
}
