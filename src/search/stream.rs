//! Found letters, loaded side by side and handed over in their order: for exports.

use super::engine::{Engine, Ranked};
use super::files::FilesOf;
use super::order::Found;
use super::request::{Hit, HitItem, SearchError};
use crate::index::identity;
use crate::letter::Letter;
use rayon::prelude::*;
use std::sync::mpsc::sync_channel;
use tantivy::Searcher;
use tantivy::schema::Field;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize,
    ValueDeserializer,
};

/// Letters loaded in one go.
const CHUNK: usize = 512;
/// Loaded chunks that may wait to be taken: what bounds the memory.
const WAITING: usize = 2;

/// What of a letter is needed besides its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its text, and with it its passages.
    pub text: bool,
    /// Its identity.
    pub id: bool,
    /// The files that hold it.
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
        let searcher = &ranked.searcher;
        let letters = if wanted.files { ranked.found.len() } else { 0 };
        let files = FilesOf::many(searcher, self.index().fields, letters)
            .map_err(|e| SearchError::Index(self.index().broken(&e)))?;
        let load = |found: &Found| {
            let hit = self.carried(searcher, found, wanted, &files);
            hit.map(&make)
        };
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
        files: &FilesOf<'_>,
    ) -> Result<Hit, SearchError> {
        let damaged = |e: &dyn std::fmt::Display| SearchError::Index(self.index().broken(e));
        let stored: Stored = searcher.doc(found.address).map_err(|e| damaged(&e))?;
        let fields = &self.index().fields;
        let mut letter: Letter =
            serde_json::from_str(stored.of(fields.record)).map_err(|e| damaged(&e))?;
        if wanted.text || wanted.id || wanted.files {
            letter.text = stored.into(fields.text);
        }
        let files = if wanted.files {
            files.of(found.address, &letter).map_err(|e| damaged(&e))?
        } else {
            Vec::new()
        };
        let items = found.items.iter().map(|(doc, score)| HitItem {
            item: (doc - found.first) as usize,
            score: *score,
        });
        Ok(Hit {
            items: items.collect(),
            id: if wanted.id {
                identity(&letter)
            } else {
                String::new()
            },
            letter,
            files,
            score: found.score,
            complete: found.complete,
            snippets: Vec::new(),
            explanation: Vec::new(),
        })
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
