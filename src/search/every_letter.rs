//! Every letter of an index with its files, and its words: what is handed to another engine.

use super::engine::Engine;
use super::error::SearchError;
use super::files::FilesOf;
use super::index_words::{IndexWords, WordTable};
use super::terms::TermResolver;
use crate::index::Reason;
use crate::index::sources::letter_of_value;
use crate::letter::Letter;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED};

/// Every letter that one state of an index holds, in the order of their identities.
pub struct EveryLetter {
    searcher: Searcher,
    letters: Vec<(u128, DocAddress)>,
}

impl EveryLetter {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The identity of the letter at a place, as a number.
    #[must_use]
    pub fn identity(&self, at: usize) -> u128 {
        self.letters[at].0
    }

    /// Documents of the index: items, letters and what is remembered of sources.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }
}

impl Engine {
    /// Lists every letter of the index, documents that are no letters among them.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn every_letter(&self) -> Result<EveryLetter, SearchError> {
        let searcher = self.index().reader.searcher();
        let mut letters = Vec::new();
        for (ord, segment) in (0..).zip(searcher.segment_readers()) {
            let read = || -> Result<Vec<(u128, DocAddress)>, Box<dyn Reason>> {
                let mut own = Vec::new();
                let blocks = self.blocks(segment).map_err(boxed)?;
                let index = segment
                    .inverted_index(self.fields().letter_id)
                    .map_err(boxed)?;
                let mut terms = index.terms().stream().map_err(boxed)?;
                while terms.advance() {
                    let value = std::str::from_utf8(terms.key()).unwrap_or_default();
                    let id = letter_of_value(value);
                    let mut postings = index
                        .read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)
                        .map_err(boxed)?;
                    while postings.doc() != TERMINATED {
                        let doc = postings.doc();
                        if blocks.letters().contains(doc) && !segment.is_deleted(doc) {
                            own.push((id, DocAddress::new(ord, doc)));
                        }
                        postings.advance();
                    }
                }
                Ok(own)
            };
            let own = read().map_err(|e| SearchError::Index(self.index().broken(&*e)))?;
            letters.extend(own);
        }
        letters.sort_unstable();
        letters.dedup_by_key(|(id, _)| *id);
        Ok(EveryLetter { searcher, letters })
    }

    /// The letter at a place of the list, with the files that hold it.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn nth_letter(
        &self,
        every: &EveryLetter,
        at: usize,
    ) -> Result<(Letter, Vec<String>), SearchError> {
        let address = every.letters[at].1;
        let letter = self.stored(&every.searcher, address)?;
        let files = FilesOf::many(&every.searcher, *self.fields(), 0)
            .and_then(|files| files.of(address, &letter))
            .map_err(|e| SearchError::Index(self.index().broken(&e)))?;
        Ok((letter, files))
    }

    /// How long a text field is reckoned to be: its words over all documents. None of what is no text field.
    #[must_use]
    pub fn mean_length(&self, every: &EveryLetter, field: &str) -> Option<f32> {
        let searcher = &every.searcher;
        let field = searcher.schema().get_field(field).ok()?;
        let tokens = searcher.total_num_tokens(field).ok()?;
        let documents = searcher.total_num_docs().ok()?;
        (documents > 0).then(|| tokens as f32 / documents as f32)
    }

    /// The words of that state of the index that begin with a letter.
    #[must_use]
    pub fn word_table(&self, every: &EveryLetter, first: char) -> WordTable {
        let terms = TermResolver::new(&every.searcher, &self.terms);
        IndexWords::new(terms, &self.words).table(first)
    }
}

fn boxed(error: impl Reason + 'static) -> Box<dyn Reason> {
    Box::new(error)
}
