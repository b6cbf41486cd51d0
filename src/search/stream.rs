//! ScoredDoc letters, loaded side by side and handed over in their order: for exports.

use super::engine::{Engine, Ranked};
use super::error::SearchError;
use super::files::FilesOf;
use super::request::{Hit, HitItem};
use super::top_docs::ScoredDoc;
use crate::index::{Reason, identity};
use rayon::prelude::*;
use std::sync::mpsc::sync_channel;
use tantivy::Searcher;

/// Letters loaded in one go.
const CHUNK: usize = 512;
/// Loaded chunks that may wait to be taken: what bounds the memory.
const WAITING: usize = 2;

/// What of a letter is needed besides its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Projection {
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
        wanted: Projection,
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
        let load = |found: &ScoredDoc| {
            let hit = self.carried(searcher, found, wanted, &files);
            hit.map(&make)
        };
        let load_chunk = |chunk: &[ScoredDoc]| -> Vec<_> { chunk.par_iter().map(load).collect() };
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(WAITING);
            let load_chunk = &load_chunk;
            let loading = std::thread::Builder::new().spawn_scoped(scope, move || {
                for chunk in ranked.found.chunks(CHUNK) {
                    // Nobody takes any more: an error, which the other side reports.
                    if send.send(load_chunk(chunk)).is_err() {
                        break;
                    }
                }
            });
            let mut take_all =
                |made: Vec<Result<T, SearchError>>| made.into_iter().try_for_each(|one| take(one?));
            match loading {
                Ok(_) => receive.into_iter().try_for_each(take_all),
                // The system has no thread for it: one after the other.
                Err(_) => {
                    let mut chunks = ranked.found.chunks(CHUNK);
                    chunks.try_for_each(|chunk| take_all(load_chunk(chunk)))
                }
            }
        })
    }

    fn carried(
        &self,
        searcher: &Searcher,
        found: &ScoredDoc,
        wanted: Projection,
        files: &FilesOf<'_>,
    ) -> Result<Hit, SearchError> {
        let damaged = |e: &dyn Reason| SearchError::Index(self.index().broken(e));
        let mut letter = self.stored(searcher, found.address)?;
        if !(wanted.text || wanted.id || wanted.files) {
            letter.text = String::new();
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
            mention: !found.tier.answers,
            partial: false,
            snippets: Vec::new(),
            explanation: Vec::new(),
        })
    }
}
