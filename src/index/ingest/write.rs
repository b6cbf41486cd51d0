//! Batches, commits, and what is written of a source.

use super::super::catalog::{Entry, SourceCatalog};
use super::super::documents;
use super::super::error::IndexError;
use super::super::known_phrases;
use super::super::postings::documents_with;
use super::super::sources::{self, SourceState, digest_of, letter_number, letter_text};
use super::super::store::Index;
use super::decide::{self, Content, Operation};
use super::feed::TOLD;
use super::first::DictionaryInMaking;
use super::letter_references::LetterReferences;
use super::memory::Memory;
use super::outcome::{Outcome, SourceContent};
use super::writers::{DocumentOperation, SegmentWriters};
use super::{Event, IngestOptions, Progress, Report};
use crate::corpus;
use crate::letter::{self, Letter};
use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

/// What those who read letters share.
#[derive(Default)]
pub(super) struct Shared {
    /// How many sources hold each letter.
    pub(super) references: LetterReferences,
    /// Keys of sources that are gone and whose letter was found elsewhere.
    pub(super) moved: HashSet<String>,
    /// Digests of the case numbers of letters that this run added. (A tree, which grows in small steps.)
    cases: BTreeSet<u64>,
    pub(super) report: Report,
}

/// What a digest among [`Shared::cases`] takes, in bytes: 11 of them in a node of 112, two thirds full, and
/// the nodes above.
const CASE: usize = 20;
/// How many repeated case numbers a report lists.
const LISTED: usize = 20;

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
            corpus::preload(letter::table_loaders());
            corpus::preload([known_phrases::load as fn()]);
            let references = LetterReferences::new(self.known);
            self.memory.know(references.bytes());
            self.shared().references = references;
            self.writers = Some(SegmentWriters::new(self.index, self.memory)?);
            self.index.dictionary().map_err(|e| self.index.broken(&e))?;
        }
        Ok(())
    }

    pub(super) fn open_writers(&self) -> Result<&SegmentWriters, IndexError> {
        let none = || self.index.broken(&"nothing was opened for writing");
        self.writers.as_ref().ok_or_else(none)
    }

    /// Commits once enough was read, or enough time went by; so many sources more were read.
    pub(super) fn commit_if_due(&mut self, sources: usize) -> Result<(), IndexError> {
        self.uncommitted += sources;
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

    /// Reports what is odd about a source that is read all the same.
    pub(super) fn note(&self, key: &str, note: String) {
        self.progress.tell(Event::Noted(key, &note));
        self.memory.know(key.len() + note.len() + TOLD);
        self.shared().report.notes.push((key.to_string(), note));
    }

    /// Does to the index what belongs together.
    pub(super) fn run(&self, operations: Vec<DocumentOperation>) -> Result<(), IndexError> {
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
        operations: &mut Vec<DocumentOperation>,
    ) {
        let fields = &self.index.fields;
        if before.is_some() {
            operations.push(DocumentOperation::Delete(sources::term(fields, key)));
        }
        operations.push(DocumentOperation::Add(sources::document(
            fields, key, state,
        )));
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

    /// What is to be done to the index for a source. What was decided about its letter is done with the references locked: what
    /// another source decides next counts on it.
    pub(super) fn write(&self, outcome: Outcome) -> Result<Vec<DocumentOperation>, IndexError> {
        let Outcome {
            key,
            before,
            state,
            found,
        } = outcome;
        let key = key.as_str();
        let content = match &found {
            SourceContent::Letter(_) => Content::Letter(letter_number(&state.letter)),
            SourceContent::Several => Content::Several,
            SourceContent::Nothing => Content::Nothing,
        };
        let decided = {
            let mut shared = self.shared();
            let shared = &mut *shared;
            let references = |letter| shared.references.of(self.known, letter);
            let decided = decide::when_read(before.map(Into::into), content, references);
            for operation in &decided {
                self.count(*operation, key, &state, shared)?;
            }
            let added = decided.iter().find_map(|operation| match operation {
                Operation::Add { replaces, .. } => Some(*replaces),
                _ => None,
            });
            if let (SourceContent::Letter(letter), Some(replaces)) = (&found, added) {
                self.report_added(letter, replaces, key, before, shared);
            }
            decided
        };
        let mut letter = match found {
            SourceContent::Letter(letter) => Some(letter),
            _ => None,
        };
        let mut operations = Vec::new();
        for operation in decided {
            match operation {
                Operation::Add { .. } => {
                    if let Some(letter) = letter.take() {
                        operations.extend(self.block(*letter, &state.letter)?);
                    }
                }
                Operation::Share(letter) => self.share(key, letter, &mut operations)?,
                Operation::Remember => self.remember(key, before, &state, &mut operations),
                _ => {}
            }
        }
        Ok(operations)
    }

    /// Does what of a decision concerns who holds a letter, and the report.
    pub(super) fn count(
        &self,
        operation: Operation,
        key: &str,
        state: &SourceState,
        shared: &mut Shared,
    ) -> Result<(), IndexError> {
        let report = &mut shared.report;
        match operation {
            Operation::Skip => report.skipped += 1,
            Operation::Release(letter) => self.release(letter, &mut shared.references)?,
            Operation::Add { letter, .. } | Operation::Share(letter) => {
                shared.references.add(self.known, letter, self.memory);
            }
            Operation::Fail => {
                self.progress.fail(key, &state.failure);
                self.failed(key, &state.failure, report);
            }
            Operation::ReportGone => report.gone.push(key.to_string()),
            Operation::ReportPruned => report.pruned.push(key.to_string()),
            Operation::ReportMoved => report.moved += 1,
            Operation::Remember | Operation::Forget | Operation::MarkGone => {}
        }
        Ok(())
    }

    /// Reports what comes into the index.
    fn report_added(
        &self,
        letter: &Letter,
        replaces: bool,
        key: &str,
        before: Option<&Entry>,
        shared: &mut Shared,
    ) {
        let report = &mut shared.report;
        if letter.document_kind.is_some() {
            report.others += 1;
            return;
        }
        report.letters += 1;
        report.items += letter.items.len();
        report.unrecognized += usize::from(!letter.is_recognized());
        report.replaced += usize::from(replaces);
        self.note_case(letter, key, before, shared);
    }

    /// The documents of a letter.
    fn block(&self, letter: Letter, id: &str) -> Result<Vec<DocumentOperation>, IndexError> {
        let fields = &self.index.fields;
        let known = self.index.known_dictionary();
        let dictionary = self.first.of(known, &letter, |made| {
            self.run(vec![DocumentOperation::Add(made.document(fields))])
        })?;
        let block = documents::block(fields, letter, id, dictionary);
        Ok(block.into_iter().map(DocumentOperation::Add).collect())
    }

    /// Lets go of a letter that a source held; the last one takes the letter out of the index.
    ///
    /// It is taken out while the references are locked: a source that turns out to hold the same letter
    /// is counted after, and so its block is added after.
    pub(super) fn release(
        &self,
        letter: u128,
        references: &mut LetterReferences,
    ) -> Result<(), IndexError> {
        if letter != 0 && references.remove(self.known, letter, self.memory) == Some(0) {
            let id = letter_text(letter);
            let term = sources::letter_term(self.index.fields.letter_id, &id);
            let done = self.open_writers()?.delete_block(term);
            done.map_err(|e| self.index.cannot_write(&e))?;
        }
        Ok(())
    }

    /// A source whose letter is held by another. If that one is gone, the letter moved: it is
    /// forgotten in the same operation, so that no moment has neither or, later, both.
    fn share(
        &self,
        key: &str,
        letter: u128,
        operations: &mut Vec<DocumentOperation>,
    ) -> Result<(), IndexError> {
        let from = self
            .sources_in_index(letter)?
            .into_iter()
            .filter(|(holder, archive)| sources::is_not_there(holder, *archive))
            .find(|(holder, _)| self.shared().moved.insert(holder.clone()));
        let mut shared = self.shared();
        let Some((from, archive)) = from else {
            shared.report.duplicates += 1;
            return Ok(());
        };
        self.progress.tell(Event::Moved(&from, key));
        shared.report.moved += 1;
        // The block stays: the source at the new place was counted before.
        shared.references.remove(self.known, letter, self.memory);
        if archive > 0
            && let Some(archive) = self.known.archive(digest_of(&from[..archive]))
        {
            archive.lose_one();
        }
        let forget = sources::term(&self.index.fields, &from);
        operations.push(DocumentOperation::Delete(forget));
        Ok(())
    }

    /// The sources that held a letter when the ingest began, each with the length of its archive's
    /// key.
    fn sources_in_index(&self, letter: u128) -> Result<Vec<(String, usize)>, IndexError> {
        let searcher = self.index.reader.searcher();
        let term = sources::letter_term(self.index.fields.letter_id, &letter_text(letter));
        let find = || -> tantivy::Result<Vec<(String, usize)>> {
            let mut references = Vec::new();
            for address in documents_with(&searcher, &term)? {
                let fast = searcher.segment_reader(address.segment_ord).fast_fields();
                let archive = fast
                    .column_opt::<u64>("source_archive")?
                    .and_then(|column| column.first(address.doc_id));
                let mut key = String::new();
                if let Some(column) = fast.str("source")?
                    && let Some(ord) = column.ords().first(address.doc_id)
                    && column.ord_to_str(ord, &mut key)?
                {
                    references.push((key, archive.and_then(|n| n.try_into().ok()).unwrap_or(0)));
                }
            }
            references.sort();
            Ok(references)
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
        if !in_run {
            self.memory.know(CASE);
        }
        let in_index = before.is_none() && {
            let term = Term::from_field_text(self.index.fields.of(&crate::fields::CASE), case);
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
