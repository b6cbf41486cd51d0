//! Batches, commits, and what is written of a source.

use super::super::catalog::{Entry, SourceCatalog};
use super::super::documents;
use super::super::error::IndexError;
use super::super::sources::{self, SourceState, digest_of, letter_number};
use super::super::store::Index;
use super::feed::{Batch, Ended, TOLD};
use super::first::DictionaryInMaking;
use super::holders::Holders;
use super::memory::Memory;
use super::read::{Found, Outcome, together};
use super::writers::{Operation, SegmentWriters};
use super::{Event, IngestOptions, Progress, Report};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tantivy::Term;

/// What those who read letters share.
#[derive(Default)]
pub(super) struct Shared {
    /// How many sources hold each letter.
    pub(super) holders: Holders,
    /// Keys of sources that are gone and whose letter was found elsewhere.
    pub(super) moved: HashSet<String>,
    /// Digests of the case numbers of letters that this run added. (A tree, which grows in small steps.)
    pub(super) cases: BTreeSet<u64>,
    pub(super) report: Report,
}

/// What a digest among [`Shared::cases`] takes, in bytes: 11 of them in a node of 112, two thirds full, and
/// the nodes above.
pub(super) const CASE: usize = 20;

/// The writing half of an ingest.
pub(super) struct IngestWriter<'w> {
    pub(super) index: &'w Index,
    pub(super) options: &'w IngestOptions,
    pub(super) known: &'w SourceCatalog,
    pub(super) memory: &'w Arc<Memory>,
    pub(super) progress: &'w Progress,
    /// There is none as long as there is nothing to write.
    pub(super) writers: Option<SegmentWriters>,
    shared: Mutex<Shared>,
    first: DictionaryInMaking,
    pub(super) cut: AtomicBool,
    uncommitted: usize,
    committed_at: Instant,
}

impl<'w> IngestWriter<'w> {
    pub(super) fn new(
        index: &'w Index,
        options: &'w IngestOptions,
        known: &'w SourceCatalog,
        memory: &'w Arc<Memory>,
        progress: &'w Progress,
    ) -> IngestWriter<'w> {
        IngestWriter {
            index,
            options,
            known,
            memory,
            progress,
            writers: None,
            shared: Mutex::default(),
            first: DictionaryInMaking::default(),
            cut: AtomicBool::new(false),
            uncommitted: 0,
            committed_at: Instant::now(),
        }
    }

    /// Whether a letter was left because the ingest was asked to stop.
    pub(super) fn was_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    pub(super) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the right to write from tantivy, once there is something to write.
    pub(super) fn open(&mut self) -> Result<(), IndexError> {
        if self.writers.is_none() {
            let holders = Holders::new(self.known);
            self.memory.know(holders.bytes());
            self.shared().holders = holders;
            self.writers = Some(SegmentWriters::new(self.index, self.memory)?);
            self.index.dictionary().map_err(|e| self.index.broken(&e))?;
        }
        Ok(())
    }

    pub(super) fn open_writers(&self) -> Result<&SegmentWriters, IndexError> {
        let none = || self.index.broken(&"nothing was opened for writing");
        self.writers.as_ref().ok_or_else(none)
    }

    /// Reads a batch side by side, then remembers the archives that ended with it.
    pub(super) fn batch(&mut self, batch: Batch) -> Result<(), IndexError> {
        self.open()?;
        let works = batch.works.len();
        let writing = &*self;
        let writers = writing.open_writers()?;
        writers.pool.install(|| {
            let together = together(&batch.works);
            let works = batch.works.into_par_iter().chunks(together);
            works.try_for_each(|works| writing.some(works))
        })?;
        if !self.was_cut() {
            for ended in batch.ended {
                self.archive(ended)?;
            }
        }
        self.uncommitted += works;
        if self.uncommitted >= self.options.commit_letters
            || self.committed_at.elapsed() >= self.options.commit_time
        {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        if let Some(writers) = &mut self.writers {
            writers.commit().map_err(|e| self.index.cannot_write(&e))?;
            self.progress.tell(Event::Committed(self.uncommitted));
            self.uncommitted = 0;
            self.committed_at = Instant::now();
        }
        Ok(())
    }

    /// Commits and waits for merges.
    pub(super) fn finish(mut self) -> Result<Report, IndexError> {
        self.commit()?;
        if let Some(writers) = self.writers.take() {
            writers.finish().map_err(|e| self.index.cannot_write(&e))?;
        }
        Ok(std::mem::take(&mut self.shared().report))
    }

    /// An archive is remembered once its members are: until then a next run reads it again.
    fn archive(&self, ended: Ended) -> Result<(), IndexError> {
        let state = SourceState {
            failure: ended.failure.unwrap_or_default(),
            size: ended.source.size,
            modified: ended.source.modified,
            ..SourceState::default()
        };
        let key = &ended.source.key;
        let before = self.known.get(digest_of(key));
        let mut operations = Vec::with_capacity(2);
        self.remember(key, before, &state, &mut operations);
        self.run(operations)
    }

    /// Reports what is odd about a source that is read all the same.
    pub(super) fn note(&self, key: &str, note: String) {
        self.progress.tell(Event::Noted(key, &note));
        self.memory.know(key.len() + note.len() + TOLD);
        self.shared().report.notes.push((key.to_string(), note));
    }

    /// Does to the index what belongs together.
    pub(super) fn run(&self, operations: Vec<Operation>) -> Result<(), IndexError> {
        let done = self.open_writers()?.run(operations);
        done.map_err(|e| self.index.cannot_write(&e))
    }

    /// Takes out the committed documents that have a term.
    pub(super) fn delete(&self, term: Term) -> Result<(), IndexError> {
        let done = self.open_writers()?.delete(term);
        done.map_err(|e| self.index.cannot_write(&e))
    }

    pub(super) fn remember(
        &self,
        key: &str,
        before: Option<&Entry>,
        state: &SourceState,
        operations: &mut Vec<Operation>,
    ) {
        let fields = &self.index.fields;
        if before.is_some() {
            operations.push(Operation::Delete(sources::term(fields, key)));
        }
        operations.push(Operation::Add(sources::document(fields, key, state)));
    }

    fn failed(&self, key: &str, reason: &str, report: &mut Report) {
        self.memory.know(key.len() + reason.len() + TOLD);
        report.failed.push((key.to_string(), reason.to_string()));
    }

    /// A source whose bytes are what they were: at most its time is noted anew.
    pub(super) fn same(
        &self,
        key: &str,
        before: &Entry,
        mut state: SourceState,
    ) -> Result<(), IndexError> {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        if before.failed {
            let reason = self.known.failure(digest_of(key)).unwrap_or_default();
            state.failure = reason.to_string();
            self.progress.fail(key, reason);
            self.failed(key, reason, &mut self.shared().report);
        } else {
            state.letter = sources::letter_text(before.letter);
            self.progress.skipped.fetch_add(1, Ordering::Relaxed);
            self.shared().report.skipped += 1;
        }
        if state.size == before.size && state.modified == before.modified {
            return Ok(());
        }
        let mut operations = Vec::with_capacity(2);
        self.remember(key, Some(before), &state, &mut operations);
        self.run(operations)
    }

    /// What is to be done to the index for a source.
    pub(super) fn write(&self, outcome: Outcome) -> Result<Vec<Operation>, IndexError> {
        let Outcome {
            key,
            before,
            state,
            found,
        } = outcome;
        let key = key.as_str();
        let number = letter_number(&state.letter);
        let same = before.is_some_and(|b| b.letter == number && number != 0);
        let mut operations = Vec::new();
        let mut add_block = false;
        let mut duplicate = false;
        {
            let mut shared = self.shared();
            let shared = &mut *shared;
            if let Some(old) = before.filter(|_| !same) {
                self.release(old.letter, &mut shared.holders)?;
            }
            match &found {
                Found::Letter(_) if same => shared.report.skipped += 1,
                Found::Letter(letter) => {
                    let holders = shared.holders.add(self.known, number, self.memory);
                    add_block = holders == 1;
                    duplicate = !add_block;
                    if add_block && letter.document_kind.is_some() {
                        shared.report.others += 1;
                    } else if add_block {
                        shared.report.letters += 1;
                        shared.report.items += letter.items.len();
                        shared.report.unrecognized += usize::from(!letter.is_recognized());
                        shared.report.replaced +=
                            usize::from(before.is_some_and(|b| b.letter != 0));
                        self.note_case(letter, key, before, shared);
                    }
                }
                Found::Several => {}
                Found::Nothing => {
                    self.progress.fail(key, &state.failure);
                    self.failed(key, &state.failure, &mut shared.report);
                }
            }
        }
        if duplicate {
            self.duplicate(key, &state.letter, &mut operations)?;
        }
        if let Found::Letter(letter) = found
            && add_block
        {
            let fields = &self.index.fields;
            let known = self.index.known_dictionary();
            let dictionary = self.first.of(known, &letter, |made| {
                self.run(vec![Operation::Add(made.document(fields))])
            })?;
            let block = documents::block(fields, *letter, &state.letter, dictionary);
            operations.extend(block.into_iter().map(Operation::Add));
        }
        self.remember(key, before, &state, &mut operations);
        Ok(operations)
    }
}
