//! Found letters, loaded side by side and handed over in their order: for exports.

use super::engine::{Engine, Found, Ranked};
use super::request::{Hit, HitItem, SearchError};
use crate::index::identity;
use crate::letter::Letter;
use rayon::prelude::*;
use std::sync::mpsc::sync_channel;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize,
    ValueDeserializer,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Searcher, TERMINATED, Term};

/// Letters loaded in one go.
const CHUNK: usize = 512;
/// Loaded chunks that may wait to be taken: what bounds the memory.
const WAITING: usize = 2;

/// What of a letter is needed besides its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its text, and with it its passages.
    pub text: bool,
    /// Its identity and the files that hold it.
    pub files: bool,
}

impl Engine {
    /// Loads every letter of an answer, `make`s something of each (side by side, on all cores) and
    /// lets `take` have these in the order of the answer. At any moment some thousands of letters
    /// are in memory, however many there are. Hits have no snippets.
    ///
    /// # Errors
    /// If the index is damaged, and whatever `take` fails with: then nothing more is loaded.
    pub fn stream<T, E>(
        &self,
        ranked: &Ranked,
        wanted: Wanted,
        make: impl Fn(Hit) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E>
    where
        T: Send,
        E: From<SearchError>,
    {
        let searcher = self.index().reader.searcher();
        let load = |found: &Found| self.carried(&searcher, found, wanted).map(&make);
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(WAITING);
            let load = &load;
            scope.spawn(move || {
                for chunk in ranked.found.chunks(CHUNK) {
                    let made: Vec<_> = chunk.par_iter().map(load).collect();
                    // Nobody takes any more: an error, which is told by the other side.
                    if send.send(made).is_err() {
                        break;
                    }
                }
            });
            for made in receive {
                for one in made {
                    take(one?)?;
                }
            }
            Ok(())
        })
    }

    fn carried(
        &self,
        searcher: &Searcher,
        found: &Found,
        wanted: Wanted,
    ) -> Result<Hit, SearchError> {
        let damaged = |e: &dyn std::fmt::Display| SearchError::Index(self.index().broken(e));
        let stored: Stored = searcher.doc(found.address).map_err(|e| damaged(&e))?;
        let fields = &self.index().fields;
        let mut letter: Letter =
            serde_json::from_str(stored.of(fields.record)).map_err(|e| damaged(&e))?;
        if wanted.text || wanted.files {
            letter.text = stored.into(fields.text);
        }
        let (id, files) = if wanted.files {
            let id = identity(&letter);
            let files = self.files_of(searcher, &id).map_err(|e| damaged(&e))?;
            (id, files)
        } else {
            (String::new(), Vec::new())
        };
        // A block is its items, then its letter.
        let first = found.address.doc_id - letter.items.len() as u32;
        let items = found.items.iter().map(|(doc, score)| HitItem {
            item: doc.saturating_sub(first) as usize,
            score: *score,
        });
        Ok(Hit {
            items: items.collect(),
            letter,
            id,
            files,
            score: found.score,
            complete: found.complete,
            snippets: Vec::new(),
            explanation: Vec::new(),
        })
    }

    /// The files that hold a letter, in the order of their paths: read off the postings, without
    /// the set-up of a query.
    fn files_of(&self, searcher: &Searcher, id: &str) -> tantivy::Result<Vec<String>> {
        let field = self.index().fields.source_letter;
        let term = Term::from_field_text(field, id);
        let mut files = Vec::new();
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let Some(column) = segment.fast_fields().str("source")? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if !segment.is_deleted(doc)
                    && let Some(ord) = column.ords().first(doc)
                {
                    let mut path = String::new();
                    column.ord_to_str(ord, &mut path)?;
                    files.push(path);
                }
                postings.advance();
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The stored texts of a document, as they are read: no document is built of them.
struct Stored(Vec<(Field, String)>);

impl Stored {
    fn of(&self, field: Field) -> &str {
        let found = self.0.iter().find(|(f, _)| *f == field);
        found.map_or("", |(_, text)| text)
    }

    fn into(self, field: Field) -> String {
        let found = self.0.into_iter().find(|(f, _)| *f == field);
        found.map_or_else(String::new, |(_, text)| text)
    }
}

struct Text(String);

impl ValueDeserialize for Text {
    fn deserialize<'de, D: ValueDeserializer<'de>>(de: D) -> Result<Self, DeserializeError> {
        de.deserialize_string().map(Text)
    }
}

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut de: D) -> Result<Self, DeserializeError> {
        let mut texts = Vec::with_capacity(2);
        while let Some((field, Text(text))) = de.next_field()? {
            texts.push((field, text));
        }
        Ok(Stored(texts))
    }
}
