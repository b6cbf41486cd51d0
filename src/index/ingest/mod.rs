//! Filling the index. One thread looks for letters ([`feed`]); many read them side by side ([`mod@read`]), and each
//! letter's block goes into a segment that its thread is making ([`mod@write`], [`writers`]), together with what is
//! remembered of its source: whatever moment the run ends at, the last commit holds whole
//! letters, and the next run goes on from there. [`memory`] tells what each of these may take.

mod decide;
mod feed;
mod first;
mod gone;
mod letter_references;
mod memory;
mod merges;
mod outcome;
mod progress;
mod read;
mod repair;
mod write;
mod writers;

pub use progress::{Event, Progress};
pub use repair::Repaired;

use super::catalog::SourceCatalog;
use super::error::IndexError;
use super::sources;
use super::store::Index;
use crate::corpus::{self, MemberOptions, Ocr};
use crate::letter::Letter;
use decide::Again;
use feed::{Batch, FeedReport, SourceFeeder};
use memory::{BATCHES, Memory};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;
use std::time::{Duration, Instant};
use tantivy::directory::DirectoryLock;
use write::IngestWriter;

/// How to fill an index.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Threads that read letters and write them.
    pub jobs: usize,
    /// Bytes that all of it may take: the program, letters that wait or are read, what is known of sources,
    /// segments in the making. Of the limit of a letter it should be 32 times as much.
    pub memory: usize,
    /// How large letters may be, and how members of archives are read.
    pub members: MemberOptions,
    /// What reads scans, if they are to be read.
    pub ocr: Option<Arc<Ocr>>,
    /// Whether documents that are no letters are taken in, too.
    pub other: bool,
    /// Whether what was in sources that are gone leaves the index.
    pub prune: bool,
    /// Of a rebuild: whether it may replace an index whose letters cannot be listed.
    pub discard_unreadable: bool,
    /// Whether all sources are read, also those whose size and time say that they are the same.
    pub verify: bool,
    /// Whether what failed before is tried again.
    pub retry: bool,
    /// Letters after which a commit is due.
    pub commit_letters: usize,
    /// Time after which a commit is due.
    pub commit_time: Duration,
}

impl Default for IngestOptions {
    fn default() -> Self {
        IngestOptions {
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            memory: 256 << 20,
            members: MemberOptions::default(),
            ocr: None,
            other: false,
            prune: false,
            discard_unreadable: false,
            verify: false,
            retry: false,
            commit_letters: 100_000,
            commit_time: Duration::from_secs(60),
        }
    }
}

impl IngestOptions {
    fn again(&self) -> Again {
        Again {
            verify: self.verify,
            retry: self.retry,
        }
    }
}

/// What an ingest did. Sources are named by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Letters added, replaced ones among them.
    pub letters: usize,
    /// Letters that took the place of an older one of their source.
    pub replaced: usize,
    /// Items of the letters added.
    pub items: usize,
    /// Sources skipped because nothing about them changed.
    pub skipped: usize,
    /// Sources whose letter the index already held under another key.
    pub duplicates: usize,
    /// Sources whose letter was held by one that is gone: it moved.
    pub moved: usize,
    /// Letters added that are in no known layout: searchable, without fields.
    pub unrecognized: usize,
    /// Documents added that are no letters.
    pub others: usize,
    /// Sources of the corpus that the index knows and that are gone; what they held stays.
    pub gone: Vec<String>,
    /// Sources that are gone and were taken out.
    pub pruned: Vec<String>,
    /// Sources that gave no letter, with the reason.
    pub failed: Vec<(String, String)>,
    /// What is odd about sources and keeps nothing from being read.
    pub notes: Vec<(String, String)>,
    /// Files and members of other kinds that were passed over, by extension.
    pub ignored: BTreeMap<String, usize>,
    /// Case numbers that several different letters share, with a source of one of them.
    pub repeated_cases: Vec<(String, String)>,
    /// What an earlier run left behind, and this one removed.
    pub repaired: Repaired,
    /// Bytes of files and members read.
    pub bytes: u64,
    /// How many bytes of memory so many sources need, where they were not given.
    pub needs_memory: Option<usize>,
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

impl<'i> Ingest<'i> {
    /// An ingest into an open index.
    #[must_use]
    pub fn new(index: &'i Index, options: IngestOptions) -> Ingest<'i> {
        Ingest { index, options }
    }

    /// Brings the index up to date with a corpus: unchanged sources are skipped by size and time,
    /// changed ones replace their letter. What cannot be read is in the report; the rest goes on.
    ///
    /// # Errors
    /// If another process writes to the index, or it cannot be written. What was committed stays,
    /// and the next run goes on from there.
    pub fn run(&self, roots: &[PathBuf], progress: &Progress) -> Result<Report, IndexError> {
        Ok(self.run_keeping_lock(roots, progress)?.0)
    }

    /// Runs, and hands out the right to write, so that nobody takes it between this and what follows.
    pub(super) fn run_keeping_lock(
        &self,
        roots: &[PathBuf],
        progress: &Progress,
    ) -> Result<(Report, Option<DirectoryLock>), IndexError> {
        let start = Instant::now();
        let lock = self.index.lock_for_writing()?;
        let mut known = SourceCatalog::load(self.index)?;
        let repaired = repair::repair(self.index, &known)?;
        if repaired != Repaired::default() {
            known = SourceCatalog::load(self.index)?;
        }
        let memory = Arc::new(Memory::new(&self.options, known.bytes() + bytes_of(roots)));
        let mut writing = IngestWriter::new(self.index, &self.options, &known, &memory, progress);
        let over = AtomicBool::new(false);
        let fed = std::thread::scope(|scope| {
            // Without a thread for it, nobody knows how many there are; nothing else needs the number.
            let _ = Builder::new().spawn_scoped(scope, || {
                let stop = || over.load(Ordering::Relaxed) || progress.stopping();
                let files = corpus::count(roots, &stop);
                progress.total.fetch_add(files, Ordering::Relaxed);
                progress.counted.store(true, Ordering::Relaxed);
            });
            let (send, receive) = sync_channel(BATCHES - 2);
            let feed = SourceFeeder {
                known: &known,
                options: &self.options,
                memory: &memory,
                progress,
                send,
                batch: Batch::default(),
                fed: FeedReport::default(),
                members: 0,
            };
            // Also if it panics: the count would go on.
            let running = Over(&over);
            let feeding = Builder::new().spawn_scoped(scope, move || feed.run(roots));
            let feeding = feeding.map_err(|e| {
                let reason = corpus::io_reason(&e);
                self.index
                    .cannot_write(&format!("no thread can be started ({reason})"))
            })?;
            let written = work(receive, &mut writing);
            drop(running);
            let fed = feeding.join();
            written?;
            fed.map_err(|_| self.index.broken(&"reading the sources failed"))
        })?;
        let stopped = !fed.complete || writing.was_cut();
        if !stopped {
            writing.reconcile_missing(roots)?;
        }
        let mut report = writing.finish()?;
        report.repaired = repaired;
        report.needs_memory = memory.needed();
        report.stopped = stopped;
        report.skipped += fed.skipped;
        report.failed.extend(fed.failed);
        report.notes.extend(fed.notes);
        report.notes.sort();
        report.ignored = fed.ignored;
        report.failed.sort();
        report.repeated_cases.sort();
        report.bytes = progress.bytes.load(Ordering::Relaxed);
        report.elapsed = start.elapsed();
        self.index.reload()?;
        if !stopped {
            self.forget_scans()?;
        }
        Ok((report, lock))
    }
}

impl Ingest<'_> {
    /// Removes what was read of scans that the index does not know any more: what was taken out is gone.
    fn forget_scans(&self) -> Result<(), IndexError> {
        let folder = self.index.path.join(corpus::OCR_FOLDER);
        if folder.is_dir() {
            let mut known = HashSet::new();
            sources::each(self.index, |row| {
                known.insert(row.digest);
            })?;
            corpus::forget_scans(&folder, |digest| known.contains(&digest));
        }
        Ok(())
    }
}

/// Nothing is read any more.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A list of paths may be as long as the corpus: what it takes, in bytes.
fn bytes_of(roots: &[PathBuf]) -> usize {
    let one = |root: &PathBuf| size_of::<PathBuf>() + root.capacity() + 16;
    roots.iter().map(one).sum()
}

/// Takes batch after batch until there is none; an error hangs up on the feed.
fn work(receive: Receiver<Batch>, writing: &mut IngestWriter) -> Result<(), IndexError> {
    for batch in receive {
        writing.batch(batch)?;
    }
    Ok(())
}

/// A letter's identity: a digest of its normalized text, and of what the columns of its row say of it
/// that the text does not.
#[must_use]
pub fn identity(letter: &Letter) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(letter.text.as_bytes());
    let of_columns = [
        &letter.case_number,
        &letter.claim_number,
        &letter.employee,
        &letter.provider,
        &letter.claims_administrator,
    ];
    for value in of_columns.into_iter().flatten() {
        if !letter.text.contains(value.as_str()) {
            hasher.update(value.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..32].to_string()
}
