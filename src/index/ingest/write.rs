//! Reading letters side by side and writing what became of each source.

use super::super::document::Document;
use super::super::documents;
use super::super::flight::Flight;
use super::super::sources::{
    self, DigestMap, Entry, Known, SourceState, digest_of, digest_of_bytes, letter_number,
};
use super::super::store::{Index, IndexError};
use super::feed::{Batch, Ended, Work};
use super::gone::is_not_there;
use super::{Event, IngestOptions, Progress, Report, identity};
use crate::corpus;
use crate::letter::{self, Letter};
use rayon::prelude::*;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tantivy::collector::{Count, DocSetCollector};
use tantivy::indexer::UserOperation;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, Term};

/// How many repeated case numbers a report lists.
const LISTED: usize = 20;
/// Of letters larger than this, in bytes, one is read at a time: reading may take many times their
/// size in memory. A real one has 40 KB.
const LARGE: u64 = 4 << 20;

/// Operations that go to the writer together at most. Each of its threads then works through many
/// letters before it makes room for those who read more: what it needs stays in the processor's cache.
const TOGETHER: usize = 256;

/// The writer, and what it is told to do.
pub(super) type Writer = IndexWriter<Document>;
pub(super) type Operation = UserOperation<Document>;

/// Operations that wait to go to the writer together. What belongs together is added at once.
#[derive(Default)]
struct Hand {
    operations: Vec<Operation>,
    bytes: usize,
}

/// What those who read letters share.
#[derive(Default)]
pub(super) struct Shared {
    /// How many sources hold each letter.
    pub(super) holders: DigestMap<u32>,
    /// Keys of sources that are gone and whose letter was found elsewhere.
    pub(super) moved: HashSet<String>,
    /// Digests of the case numbers of letters that this run added.
    cases: HashSet<u64>,
    pub(super) report: Report,
}

/// The writing half of an ingest.
pub(super) struct Writing<'w> {
    pub(super) index: &'w Index,
    pub(super) options: &'w IngestOptions,
    pub(super) known: &'w Known,
    pub(super) progress: &'w Progress,
    /// There is none as long as there is nothing to write.
    pub(super) writer: Option<(Writer, rayon::ThreadPool)>,
    shared: Mutex<Shared>,
    large: Mutex<()>,
    flight: Arc<Flight>,
    cut: AtomicBool,
    uncommitted: usize,
    committed_at: Instant,
}

/// A letter that was read, or why there is none.
struct Outcome {
    state: SourceState,
    letter: Option<Letter>,
}

impl<'w> Writing<'w> {
    pub fn new(
        index: &'w Index,
        options: &'w IngestOptions,
        known: &'w Known,
        progress: &'w Progress,
    ) -> Writing<'w> {
        Writing {
            index,
            options,
            known,
            progress,
            writer: None,
            shared: Mutex::default(),
            large: Mutex::default(),
            flight: Flight::new(options.flight_bytes()),
            cut: AtomicBool::new(false),
            uncommitted: 0,
            committed_at: Instant::now(),
        }
    }

    /// Whether a letter was left because the ingest was asked to stop.
    pub fn was_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    pub(super) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&mut self) -> Result<(), IndexError> {
        if self.writer.is_some() {
            return Ok(());
        }
        let (threads, bytes) = (self.options.writer_threads(), self.options.writer_bytes());
        let writer = self
            .index
            .tantivy
            .writer_with_num_threads(threads, bytes)
            .map_err(|e| match e {
                tantivy::TantivyError::LockFailure(
                    tantivy::directory::error::LockError::LockBusy,
                    _,
                ) => IndexError::Locked(self.index.path.clone()),
                e => self.index.cannot_write(&e),
            })?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.jobs.max(1))
            .build()
            .map_err(|e| self.index.cannot_write(&e))?;
        self.writer = Some((writer, pool));
        let holders = self.known.holders();
        self.shared().holders = holders;
        Ok(())
    }

    /// Reads a batch side by side, then remembers the archives that ended with it.
    pub fn batch(&mut self, batch: Batch) -> Result<(), IndexError> {
        self.open()?;
        let Some((writer, pool)) = &self.writer else {
            return Ok(());
        };
        let works = batch.works.len();
        pool.install(|| {
            let works = batch.works.into_par_iter();
            works
                .try_fold(Hand::default, |mut hand, work| {
                    if self.progress.stopping() {
                        self.cut.store(true, Ordering::Relaxed);
                    } else {
                        self.one(work, writer, &mut hand)?;
                    }
                    Ok(hand)
                })
                .try_for_each(|hand| self.run(writer, hand?.operations))
        })?;
        if !self.was_cut() {
            for ended in batch.ended {
                self.archive(ended, writer)?;
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
        if let Some((writer, _)) = &mut self.writer {
            writer.commit().map_err(|e| self.index.cannot_write(&e))?;
            self.progress.tell(Event::Committed(self.uncommitted));
            self.uncommitted = 0;
            self.committed_at = Instant::now();
        }
        Ok(())
    }

    /// Commits and waits for merges.
    pub fn finish(mut self) -> Result<Report, IndexError> {
        self.commit()?;
        if let Some((writer, _)) = self.writer.take() {
            writer
                .wait_merging_threads()
                .map_err(|e| self.index.cannot_write(&e))?;
        }
        Ok(std::mem::take(&mut self.shared().report))
    }

    /// An archive is remembered once its members are: until then a next run reads it again.
    fn archive(&self, ended: Ended, writer: &Writer) -> Result<(), IndexError> {
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
        self.run(writer, operations)
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

    /// Adds to a hand what belongs together, and gives the hand to the writer once it is full.
    fn deal(
        &self,
        hand: &mut Hand,
        operations: Vec<Operation>,
        writer: &Writer,
    ) -> Result<(), IndexError> {
        hand.bytes += size(&operations);
        hand.operations.extend(operations);
        if hand.operations.len() >= TOGETHER || hand.bytes * 8 >= self.options.flight_bytes() {
            self.run(writer, std::mem::take(hand).operations)?;
        }
        Ok(())
    }

    /// Gives operations to the writer, once there is room for them.
    pub(super) fn run(
        &self,
        writer: &Writer,
        mut operations: Vec<Operation>,
    ) -> Result<(), IndexError> {
        let bytes = size(&operations);
        if let Some(last) = operations
            .iter_mut()
            .rev()
            .find_map(|operation| match operation {
                Operation::Add(document) => Some(document),
                Operation::Delete(_) => None,
            })
        {
            last.keep(self.flight.board(bytes));
        }
        writer
            .run(operations)
            .map(|_| ())
            .map_err(|e| self.index.cannot_write(&e))
    }

    /// Lets go of a letter that a source held; the last one takes the letter out of the index.
    ///
    /// It is taken out while the holders are locked: a source that turns out to hold the same letter
    /// is counted after, and so its block is added after.
    pub(super) fn release(&self, letter: u128, holders: &mut DigestMap<u32>, writer: &Writer) {
        if let Some(count) = holders.get_mut(&letter) {
            *count -= 1;
            if *count == 0 {
                holders.remove(&letter);
                let id = sources::letter_text(letter);
                writer.delete_term(Term::from_field_text(self.index.fields.letter_id, &id));
            }
        }
    }

    /// Reads one source and writes what became of it.
    fn one(&self, work: Work, writer: &Writer, hand: &mut Hand) -> Result<(), IndexError> {
        let (key, size, modified, archive, bytes) = match work {
            Work::File(source) => {
                let _one_at_a_time = (source.size > LARGE).then(|| self.large.lock());
                self.progress.set_current(&source.key);
                let bytes = corpus::load(&source.path, self.options.max_letter);
                (source.key, source.size, source.modified, 0, bytes)
            }
            Work::Member {
                key,
                archive,
                bytes,
            } => {
                self.progress.set_current(&key);
                let size = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                (key, size, 0, archive, bytes)
            }
        };
        let before = self.known.get(digest_of(&key));
        let mut state = SourceState {
            size,
            modified,
            archive,
            ..SourceState::default()
        };
        let mut letter = None;
        match bytes {
            Err(error) => {
                // What could not be opened says nothing of what it holds: it is tried again.
                if matches!(error, corpus::ReadError::Io(_)) {
                    state.modified = 0;
                }
                state.failure = error.to_string();
            }
            Ok(bytes) => {
                self.progress
                    .bytes
                    .fetch_add(bytes.len() as u64, Ordering::Relaxed);
                state.digest = digest_of_bytes(&bytes);
                if let Some(before) = before.filter(|b| b.digest == state.digest)
                    && !(before.failed && self.options.retry)
                {
                    return self.same(&key, before, state, writer, hand);
                }
                let _one_at_a_time = (bytes.len() as u64 > LARGE).then(|| self.large.lock());
                match parse(bytes) {
                    Ok(read) => {
                        state.letter = identity(&read);
                        letter = Some(read);
                    }
                    Err(reason) => state.failure = reason,
                }
            }
        }
        self.write(&key, before, Outcome { state, letter }, writer, hand)?;
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// A source whose bytes are what they were: at most its time is noted anew.
    fn same(
        &self,
        key: &str,
        before: &Entry,
        mut state: SourceState,
        writer: &Writer,
        hand: &mut Hand,
    ) -> Result<(), IndexError> {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        if before.failed {
            let reason = self.known.failure(digest_of(key)).unwrap_or_default();
            state.failure = reason.to_string();
            self.progress.fail(key, reason);
            let failed = (key.to_string(), reason.to_string());
            self.shared().report.failed.push(failed);
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
        self.deal(hand, operations, writer)
    }

    fn write(
        &self,
        key: &str,
        before: Option<&Entry>,
        outcome: Outcome,
        writer: &Writer,
        hand: &mut Hand,
    ) -> Result<(), IndexError> {
        let Outcome { state, letter } = outcome;
        let number = letter_number(&state.letter);
        let same = before.is_some_and(|b| b.letter == number && number != 0);
        let mut operations = Vec::new();
        let mut add_block = false;
        let mut duplicate = false;
        {
            let mut shared = self.shared();
            let shared = &mut *shared;
            if let Some(old) = before.filter(|_| !same) {
                self.release(old.letter, &mut shared.holders, writer);
            }
            match &letter {
                Some(_) if same => shared.report.skipped += 1,
                Some(letter) => {
                    let holders = shared.holders.entry(number).or_default();
                    *holders += 1;
                    add_block = *holders == 1;
                    duplicate = !add_block;
                    if add_block {
                        shared.report.letters += 1;
                        shared.report.items += letter.items.len();
                        shared.report.unrecognised += usize::from(letter.layout.is_none());
                        shared.report.replaced +=
                            usize::from(before.is_some_and(|b| b.letter != 0));
                        self.note_case(letter, key, before, shared);
                    }
                }
                None => {
                    self.progress.fail(key, &state.failure);
                    let failed = (key.to_string(), state.failure.clone());
                    shared.report.failed.push(failed);
                }
            }
        }
        if duplicate {
            self.duplicate(key, &state.letter, &mut operations)?;
        }
        if let Some(letter) = letter.filter(|_| add_block) {
            let block = documents::block(&self.index.fields, letter, &state.letter);
            operations.extend(block.into_iter().map(Operation::Add));
        }
        self.remember(key, before, &state, &mut operations);
        self.deal(hand, operations, writer)
    }

    /// A source whose letter is held by another. If that one is gone, the letter moved: it is
    /// forgotten in the same operation, so that no moment has neither or, later, both.
    fn duplicate(
        &self,
        key: &str,
        letter: &str,
        operations: &mut Vec<Operation>,
    ) -> Result<(), IndexError> {
        let from = self
            .holders_in_index(letter)?
            .into_iter()
            .filter(|(holder, archive)| is_not_there(holder, *archive))
            .find(|(holder, _)| self.shared().moved.insert(holder.clone()));
        let mut shared = self.shared();
        let Some((from, archive)) = from else {
            shared.report.duplicates += 1;
            return Ok(());
        };
        self.progress.tell(Event::Moved(&from, key));
        shared.report.moved += 1;
        // The block stays: the source at the new place was counted before.
        if let Some(holders) = shared.holders.get_mut(&letter_number(letter)) {
            *holders -= 1;
        }
        if archive > 0
            && let Some(archive) = self.known.archive(digest_of(&from[..archive]))
        {
            archive.lose_one();
        }
        operations.push(Operation::Delete(sources::term(&self.index.fields, &from)));
        Ok(())
    }

    /// The sources that held a letter when the ingest began, each with the length of its archive's
    /// key.
    fn holders_in_index(&self, letter: &str) -> Result<Vec<(String, usize)>, IndexError> {
        let searcher = self.index.reader.searcher();
        let term = Term::from_field_text(self.index.fields.source_letter, letter);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let find = || -> tantivy::Result<Vec<(String, usize)>> {
            let mut holders = Vec::new();
            for address in searcher.search(&query, &DocSetCollector)? {
                let fast = searcher.segment_reader(address.segment_ord).fast_fields();
                let archive = fast
                    .column_opt::<u64>("source_archive")?
                    .and_then(|column| column.first(address.doc_id));
                let mut key = String::new();
                if let Some(column) = fast.str("source")?
                    && let Some(ord) = column.ords().first(address.doc_id)
                    && column.ord_to_str(ord, &mut key)?
                {
                    holders.push((key, archive.and_then(|n| n.try_into().ok()).unwrap_or(0)));
                }
            }
            holders.sort();
            Ok(holders)
        };
        find().map_err(|e| self.index.broken(&e))
    }

    /// Notes a case number that a different letter has too: both are kept.
    fn note_case(&self, letter: &Letter, key: &str, before: Option<&Entry>, shared: &mut Shared) {
        let Some(case) = &letter.case_number else {
            return;
        };
        let mut digest = DefaultHasher::new();
        case.hash(&mut digest);
        let in_run = !shared.cases.insert(digest.finish());
        let in_index = before.is_none() && {
            let term = Term::from_field_text(self.index.fields.case_number, case);
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let searcher = self.index.reader.searcher();
            searcher.search(&query, &Count).is_ok_and(|count| count > 0)
        };
        if (in_run || in_index) && shared.report.repeated_cases.len() < LISTED {
            let repeated = (case.clone(), key.to_string());
            shared.report.repeated_cases.push(repeated);
        }
    }
}

/// About how many bytes the documents of operations hold.
fn size(operations: &[Operation]) -> usize {
    let size = |operation: &Operation| match operation {
        Operation::Add(document) => document.size(),
        Operation::Delete(_) => 0,
    };
    operations.iter().map(size).sum()
}

fn parse(bytes: Vec<u8>) -> Result<Letter, String> {
    let text = corpus::decode(bytes).map_err(|e| e.to_string())?;
    let letter = letter::read(&text);
    if letter::looks_like_a_letter(&letter) {
        Ok(letter)
    } else {
        Err("is no determination letter".to_string())
    }
}
