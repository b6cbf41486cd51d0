//! Filling the index: sources are read and parsed in parallel, each letter's block goes to
//! tantivy's writer threads in one operation.

use super::documents;
use super::sources::{self, SourceState};
use super::store::{Index, IndexError};
use crate::corpus::{self, Source, Walk, WalkProblem};
use crate::letter::{self, Letter};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tantivy::indexer::UserOperation;
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, Term};

/// Letters between two looks at whether it is time to commit.
const CHUNK: usize = 4096;
/// Letters after which a commit is due.
const COMMIT_LETTERS: usize = 100_000;
/// Time after which a commit is due.
const COMMIT_TIME: Duration = Duration::from_secs(60);
/// How many repeated case numbers a report lists.
const LISTED: usize = 20;

/// How to fill an index.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Threads that read letters, and threads that write the index.
    pub jobs: usize,
    /// Bytes that the index's writer may hold in memory before it writes a segment.
    pub memory: usize,
    /// The largest file that is read, in bytes.
    pub max_letter: u64,
    /// Whether what was in files that are gone leaves the index.
    pub prune: bool,
}

impl Default for IngestOptions {
    fn default() -> Self {
        IngestOptions {
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            memory: 256 << 20,
            max_letter: corpus::DEFAULT_MAX_LETTER,
            prune: false,
        }
    }
}

/// How far an ingest is; another thread may read it and ask it to stop.
#[derive(Debug, Default)]
pub struct Progress {
    /// Sources to read.
    pub total: AtomicUsize,
    /// Sources done.
    pub done: AtomicUsize,
    /// Sources that gave no letter.
    pub failed: AtomicUsize,
    /// Bytes of files read.
    pub bytes: AtomicU64,
    /// Set it, and the ingest finishes the letters in hand, commits, and ends.
    pub stop: AtomicBool,
}

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Letters added, replaced ones among them.
    pub letters: usize,
    /// Letters that took the place of an older one at their path.
    pub replaced: usize,
    /// Items of the letters added.
    pub items: usize,
    /// Files skipped because nothing about them changed.
    pub skipped: usize,
    /// Files whose letter the index already held under another path.
    pub duplicates: usize,
    /// Letters added that are in no known layout: searchable, without fields.
    pub unrecognised: usize,
    /// Files of the corpus that the index knows and that are gone; what they held stays.
    pub gone: usize,
    /// Files that are gone and were taken out.
    pub pruned: usize,
    /// Files that gave no letter, with the reason, by path.
    pub failed: Vec<(String, String)>,
    /// Files of other kinds that were passed over, by extension.
    pub ignored: BTreeMap<String, usize>,
    /// Case numbers that several different letters share, with their files.
    pub repeated_cases: Vec<(String, String)>,
    /// Bytes of files read.
    pub bytes: u64,
    /// The ingest was asked to stop before it was through.
    pub stopped: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// Fills an index from a corpus.
pub struct Ingest<'i> {
    index: &'i Index,
    options: IngestOptions,
}

/// What the parallel readers share.
struct Shared {
    /// Letters in the index, and how many sources hold each.
    holders: HashMap<String, usize>,
    report: Report,
    cases: HashMap<String, String>,
}

impl<'i> Ingest<'i> {
    /// An ingest into an open index.
    #[must_use]
    pub fn new(index: &'i Index, options: IngestOptions) -> Ingest<'i> {
        Ingest { index, options }
    }

    /// Brings the index up to date with a corpus: unchanged files are skipped by size and time,
    /// changed ones replace their letter. What cannot be read is in the report; the rest goes on.
    ///
    /// # Errors
    /// If another process writes to the index, or it cannot be written.
    pub fn run(&self, paths: &[PathBuf], progress: &Progress) -> Result<Report, IndexError> {
        let start = Instant::now();
        let Walk {
            sources: found,
            ignored,
            problems,
        } = corpus::walk(paths);
        let known = sources::load(self.index)?;
        let mut report = Report {
            ignored,
            ..Report::default()
        };
        report.failed.extend(
            problems
                .into_iter()
                .map(|WalkProblem { path, reason }| (path.to_string_lossy().into_owned(), reason)),
        );
        let gone = gone(&known, &found, paths);
        let mut todo = Vec::with_capacity(found.len());
        for source in found {
            match known.get(&source.name) {
                Some(state) if unchanged(state, &source) && state.failure.is_empty() => {
                    report.skipped += 1;
                }
                // A failure is remembered as long as its file is the same.
                Some(state) if unchanged(state, &source) => {
                    report.failed.push((source.name, state.failure.clone()));
                }
                _ => todo.push(source),
            }
        }
        let mut holders: HashMap<String, usize> = HashMap::new();
        for state in known.values().filter(|s| !s.letter.is_empty()) {
            *holders.entry(state.letter.clone()).or_default() += 1;
        }
        progress.total.store(todo.len(), Ordering::Relaxed);
        let shared = Mutex::new(Shared {
            holders,
            report,
            cases: HashMap::new(),
        });
        let prune: &[String] = if self.options.prune { &gone } else { &[] };
        if !todo.is_empty() || !prune.is_empty() {
            self.write(&todo, prune, &known, &shared, progress)?;
        }
        let mut report = shared
            .into_inner()
            .map_or_else(|e| e.into_inner().report, |s| s.report);
        if !self.options.prune {
            report.gone = gone.len();
        }
        report.failed.sort();
        report.repeated_cases.sort();
        report.stopped = progress.stop.load(Ordering::Relaxed)
            && progress.done.load(Ordering::Relaxed) < progress.total.load(Ordering::Relaxed);
        report.bytes = progress.bytes.load(Ordering::Relaxed);
        report.elapsed = start.elapsed();
        self.index.reload()?;
        Ok(report)
    }

    fn write(
        &self,
        todo: &[Source],
        prune: &[String],
        known: &HashMap<String, SourceState>,
        shared: &Mutex<Shared>,
        progress: &Progress,
    ) -> Result<(), IndexError> {
        let jobs = self.options.jobs.max(1);
        let threads = jobs.min(8);
        // tantivy wants 15 MB a thread at the least.
        let memory = self.options.memory.max(threads * (16 << 20));
        let mut writer: IndexWriter = self
            .index
            .tantivy
            .writer_with_num_threads(threads, memory)
            .map_err(|e| match e {
                tantivy::TantivyError::LockFailure(..) => {
                    IndexError::Locked(self.index.path.clone())
                }
                e => self.index.broken(&e),
            })?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .map_err(|e| self.index.broken(&e))?;
        for path in prune {
            self.forget(path, known, &writer, shared);
        }
        let mut last_commit = (Instant::now(), 0);
        for (n, chunk) in todo.chunks(CHUNK).enumerate() {
            if progress.stop.load(Ordering::Relaxed) {
                break;
            }
            pool.install(|| {
                chunk.par_iter().try_for_each(|source| {
                    if progress.stop.load(Ordering::Relaxed) {
                        return Ok(());
                    }
                    self.one(source, known.get(&source.name), &writer, shared, progress)
                })
            })?;
            let through = (n + 1) * CHUNK;
            if through - last_commit.1 >= COMMIT_LETTERS || last_commit.0.elapsed() >= COMMIT_TIME {
                writer.commit().map_err(|e| self.index.broken(&e))?;
                last_commit = (Instant::now(), through);
            }
        }
        writer.commit().map_err(|e| self.index.broken(&e))?;
        writer
            .wait_merging_threads()
            .map_err(|e| self.index.broken(&e))
    }

    /// Takes out what the index knows of a file: its letter too, where no other file holds it.
    fn forget(
        &self,
        path: &str,
        known: &HashMap<String, SourceState>,
        writer: &IndexWriter,
        shared: &Mutex<Shared>,
    ) {
        let mut shared = shared
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(state) = known.get(path) {
            self.release(&state.letter, &mut shared.holders, writer);
        }
        writer.delete_term(sources::term(&self.index.fields, path));
        shared.report.pruned += 1;
    }

    /// Lets go of a letter that a file held; the last one takes the letter out of the index.
    ///
    /// It is taken out while the holders are locked: a file that turns out to hold the same letter
    /// is counted after, and so its block is added after.
    fn release(&self, letter: &str, holders: &mut HashMap<String, usize>, writer: &IndexWriter) {
        if let Some(count) = holders.get_mut(letter) {
            *count -= 1;
            if *count == 0 {
                holders.remove(letter);
                writer.delete_term(Term::from_field_text(self.index.fields.letter_id, letter));
            }
        }
    }

    /// Reads one source and writes what became of it.
    fn one(
        &self,
        source: &Source,
        before: Option<&SourceState>,
        writer: &IndexWriter,
        shared: &Mutex<Shared>,
        progress: &Progress,
    ) -> Result<(), IndexError> {
        let read = corpus::read(&source.path, self.options.max_letter)
            .map_err(|e| e.to_string())
            .map(|text| letter::read(&text))
            .and_then(|letter| {
                if letter::looks_like_a_letter(&letter) {
                    Ok(letter)
                } else {
                    Err("is no determination letter".to_string())
                }
            });
        let mut state = SourceState {
            size: source.size,
            modified: u64::try_from(source.modified).unwrap_or(0),
            ..SourceState::default()
        };
        let fields = &self.index.fields;
        let mut operations = Vec::new();
        if before.is_some() {
            operations.push(UserOperation::Delete(sources::term(fields, &source.name)));
        }
        let prepared = match read {
            Ok(letter) => {
                state.letter = identity(&letter);
                Some(letter)
            }
            Err(reason) => {
                state.failure = reason;
                progress.failed.fetch_add(1, Ordering::Relaxed);
                None
            }
        };
        let same = before.is_some_and(|b| b.letter == state.letter && !state.letter.is_empty());
        let mut add_block = false;
        {
            let mut shared = shared
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let shared = &mut *shared;
            if let Some(old) = before.filter(|_| !same) {
                self.release(&old.letter, &mut shared.holders, writer);
            }
            match &prepared {
                Some(_) if same => shared.report.skipped += 1,
                Some(letter) => {
                    let holders = shared.holders.entry(state.letter.clone()).or_default();
                    *holders += 1;
                    add_block = *holders == 1;
                    if add_block {
                        shared.report.letters += 1;
                        shared.report.items += letter.items.len();
                        shared.report.unrecognised += usize::from(letter.layout.is_none());
                        shared.report.replaced +=
                            usize::from(before.is_some_and(|b| !b.letter.is_empty()));
                        self.note_case(letter, source, before, shared);
                    } else {
                        shared.report.duplicates += 1;
                    }
                }
                None => shared
                    .report
                    .failed
                    .push((source.name.clone(), state.failure.clone())),
            }
        }
        if let Some(letter) = prepared.filter(|_| add_block) {
            let block = documents::block(fields, &letter, &state.letter);
            operations.extend(block.into_iter().map(UserOperation::Add));
        }
        operations.push(UserOperation::Add(sources::document(
            fields,
            &source.name,
            &state,
        )));
        writer.run(operations).map_err(|e| self.index.broken(&e))?;
        progress.done.fetch_add(1, Ordering::Relaxed);
        progress.bytes.fetch_add(source.size, Ordering::Relaxed);
        Ok(())
    }

    /// Notes a case number that a different letter has too: both are kept.
    fn note_case(
        &self,
        letter: &Letter,
        source: &Source,
        before: Option<&SourceState>,
        shared: &mut Shared,
    ) {
        let Some(case) = &letter.case_number else {
            return;
        };
        let in_run = shared
            .cases
            .insert(case.clone(), source.name.clone())
            .is_some();
        let in_index = before.is_none() && {
            let searcher = self.index.reader.searcher();
            let term = Term::from_field_text(self.index.fields.case_number, case);
            searcher
                .search(
                    &tantivy::query::TermQuery::new(term, IndexRecordOption::Basic),
                    &tantivy::collector::Count,
                )
                .is_ok_and(|count| count > 0)
        };
        if (in_run || in_index) && shared.report.repeated_cases.len() < LISTED {
            shared
                .report
                .repeated_cases
                .push((case.clone(), source.name.clone()));
        }
    }
}

/// The files below the corpus that the index knows, that the walk did not find and that are not
/// there. A root that is itself missing tells nothing of what was below it.
fn gone(known: &HashMap<String, SourceState>, found: &[Source], roots: &[PathBuf]) -> Vec<String> {
    let found: std::collections::HashSet<&str> = found.iter().map(|s| s.name.as_str()).collect();
    let roots: Vec<&PathBuf> = roots.iter().filter(|root| root.is_dir()).collect();
    let mut gone: Vec<String> = known
        .keys()
        .filter(|path| !found.contains(path.as_str()))
        .filter(|path| {
            let path = std::path::Path::new(path);
            roots.iter().any(|root| path.starts_with(root)) && !path.exists()
        })
        .cloned()
        .collect();
    gone.sort();
    gone
}

fn unchanged(state: &SourceState, source: &Source) -> bool {
    state.size == source.size
        && source.modified != 0
        && state.modified == u64::try_from(source.modified).unwrap_or(0)
}

/// A letter's identity: a digest of its normalised text.
#[must_use]
pub fn identity(letter: &Letter) -> String {
    blake3::hash(letter.text.as_bytes()).to_hex()[..32].to_string()
}
