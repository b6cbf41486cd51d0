//! The one thread that looks for letters: it walks, skips what is unchanged, takes archives apart,
//! and hands on batches of work. What it holds in memory is bounded.

use super::super::catalog::SourceCatalog;
use super::super::sources::{digest_of, member_key};
use super::decide::{self, AtSight, Failures, SourceRecord};
use super::memory::{Memory, MemoryReservation};
use super::{Event, IngestOptions, Progress};
use crate::corpus::{
    self, ArchiveReport, INSIDE, Kind, Member, ReadError, Remedy, Source, WalkEntry,
};
use crate::letter::is_not_a_letter;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

/// Letters of a batch at most.
const BATCH: usize = 4096;

/// What is to be told of a source takes so many bytes beside its letters.
pub(super) const TOLD: usize = 80;
/// What an archive's reader remembers of an entry, in bytes: its name's digest.
const ENTRY: usize = 32;

/// One letter to read.
pub(super) enum Work {
    /// A file, to be read by whoever works on it.
    File(Source),
    /// A member of an archive, already taken out.
    Member {
        key: String,
        archive: usize,
        bytes: Result<Vec<u8>, ReadError>,
        /// The memory that it takes as long as it waits, if that is much.
        waiting: Option<MemoryReservation>,
    },
}

impl Work {
    /// The size of its file or member.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Work::File(source) => source.size,
            Work::Member { bytes, .. } => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
        }
    }
}

/// An archive read to its end, or as far as it could be.
pub(super) struct FinishedArchive {
    pub source: Source,
    pub failure: Option<String>,
}

/// Work that is done side by side, and the archives that end with it.
#[derive(Default)]
pub(super) struct Batch {
    pub works: Vec<Work>,
    pub ended: Vec<FinishedArchive>,
    bytes: usize,
}

/// What the feed has to tell when it is through.
#[derive(Default)]
pub(super) struct FeedReport {
    pub skipped: usize,
    pub failed: Vec<(String, String)>,
    pub notes: Vec<(String, String)>,
    pub ignored: BTreeMap<String, usize>,
    /// All was looked at.
    pub complete: bool,
}

pub(super) struct SourceFeeder<'f> {
    pub known: &'f SourceCatalog,
    pub options: &'f IngestOptions,
    pub memory: &'f Arc<Memory>,
    pub progress: &'f Progress,
    pub send: SyncSender<Batch>,
    pub batch: Batch,
    pub fed: FeedReport,
    /// Members met.
    pub members: usize,
}

/// Whoever works has ended.
struct Hangup;

impl SourceFeeder<'_> {
    pub(super) fn run(mut self, roots: &[PathBuf]) -> FeedReport {
        self.fed.complete = self.walk(roots).is_ok() && self.flush().is_ok();
        self.fed.complete &= !self.progress.stopping();
        self.fed
    }

    fn walk(&mut self, roots: &[PathBuf]) -> Result<(), Hangup> {
        // What lies below two roots is met twice.
        let mut met = (roots.len() > 1).then(HashSet::new);
        for found in corpus::find(roots) {
            if self.progress.stopping() {
                return Err(Hangup);
            }
            match found {
                WalkEntry::Ignored(kind) => {
                    *self.fed.ignored.entry(kind).or_default() += 1;
                    self.progress.done.fetch_add(1, Ordering::Relaxed);
                }
                WalkEntry::Problem(key, reason) => self.fail(key, reason),
                WalkEntry::Source(source) => {
                    let key = digest_of(&source.key);
                    if !met.as_mut().is_none_or(|met| met.insert(key)) {
                        self.progress.done.fetch_add(1, Ordering::Relaxed);
                    } else if is_called_like_a_member(&source.key) {
                        let reason =
                            "has the name of a member of the archive next to it; rename it";
                        self.fail(source.key, reason.to_string());
                    } else {
                        self.source(source, key)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, key: String, reason: String) {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        self.remember(key, reason);
    }

    fn remember(&mut self, key: String, reason: String) {
        self.progress.fail(&key, &reason);
        self.memory.know(key.len() + reason.len() + TOLD);
        self.fed.failed.push((key, reason));
    }

    fn skip(&mut self, letters: usize) {
        self.fed.skipped += letters;
        self.progress.skipped.fetch_add(letters, Ordering::Relaxed);
        self.progress.done.fetch_add(1, Ordering::Relaxed);
    }

    fn source(&mut self, source: Source, key: u128) -> Result<(), Hangup> {
        let entry = self.known.get(key);
        let inside = self.known.archive(key);
        let failed_inside = inside.is_some_and(|archive| archive.failed > 0);
        let stamp = (source.size, source.modified);
        // Asked for now, and refused before.
        let is_asked_for = |reason: &str| match Remedy::of(reason) {
            Some(Remedy::Ocr) => self.options.ocr.is_some(),
            Some(Remedy::Columns) => source.kind.is_container(),
            Some(Remedy::TextKey) => false,
            None => self.options.other && is_not_a_letter(reason),
        };
        let wants_more = self.options.other || self.options.ocr.is_some();
        let failures = Failures {
            inside: failed_inside,
            is_asked_for: self.known.failure(key).is_some_and(is_asked_for)
                || failed_inside && wants_more,
        };
        let known = entry.map(SourceRecord::from);
        let at_sight = decide::at_sight(known, stamp, failures, self.options.again());
        if let Some(entry) = entry {
            entry.see();
            if at_sight != AtSight::Read {
                let reason = self.known.failure(key).map(str::to_string);
                match (at_sight, reason) {
                    // A failure is remembered as long as its file is the same.
                    (AtSight::FailAgain, Some(reason)) => self.fail(source.key, reason),
                    _ => self.skip(match inside {
                        Some(archive) => archive.letters as usize,
                        None => usize::from(entry.letter != 0),
                    }),
                }
                if let Some(archive) = inside {
                    archive.see();
                    if failed_inside {
                        for (key, reason) in self.known.failures_in(key) {
                            self.remember(key, reason);
                        }
                    }
                }
                return Ok(());
            }
        }
        if source.kind.is_container() {
            return self.archive(source, key);
        }
        self.push(Work::File(source), 0)
    }

    fn push(&mut self, work: Work, bytes: usize) -> Result<(), Hangup> {
        self.batch.works.push(work);
        self.batch.bytes += bytes;
        let most = BATCH.min(self.options.commit_letters);
        if self.batch.works.len() >= most || self.batch.bytes >= self.memory.batch() {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Hangup> {
        let batch = std::mem::take(&mut self.batch);
        if batch.works.is_empty() && batch.ended.is_empty() {
            return Ok(());
        }
        self.send.send(batch).map_err(|_| Hangup)
    }

    fn archive(&mut self, source: Source, key: u128) -> Result<(), Hangup> {
        self.progress.open_ended.store(true, Ordering::Relaxed);
        let before = self.members;
        let options = &self.options.members;
        let ArchiveReport {
            failure,
            notes,
            ignored,
            stopped,
        } = {
            let feed = AssertUnwindSafe(&mut *self);
            let source = &source;
            // Should a library ever panic, one archive is lost and not the run.
            catch_unwind(move || {
                let feed = feed;
                corpus::members(source, options, &mut |member| feed.0.member(source, member))
            })
            .unwrap_or_else(|_| ArchiveReport {
                failure: Some("is broken: the library that reads it gave up".to_string()),
                ..ArchiveReport::default()
            })
        };
        self.memory.forget((self.members - before) * ENTRY);
        for (kind, count) in ignored {
            *self.fed.ignored.entry(kind).or_default() += count;
        }
        for note in notes {
            self.progress.tell(Event::Noted(&source.key, &note));
            self.fed.notes.push((source.key.clone(), note));
        }
        if stopped {
            return Err(Hangup);
        }
        if let Some(archive) = self.known.archive(key)
            && failure.is_none()
        {
            archive.set_read();
        }
        if let Some(reason) = &failure {
            self.remember(source.key.clone(), reason.clone());
        }
        self.progress.done.fetch_add(1, Ordering::Relaxed);
        self.batch.ended.push(FinishedArchive { source, failure });
        self.flush()
    }

    fn member(&mut self, source: &Source, member: Member) -> bool {
        let key = member_key(&source.key, &member.name);
        if let Some(entry) = self.known.get(digest_of(&key)) {
            entry.see();
        }
        self.progress.total.fetch_add(1, Ordering::Relaxed);
        self.members += 1;
        self.memory.know(ENTRY);
        let bytes = member.bytes.as_ref().map_or(0, Vec::len);
        let work = Work::Member {
            key,
            archive: source.key.len(),
            waiting: self.memory.waiting(bytes),
            bytes: member.bytes,
        };
        self.push(work, bytes).is_ok() && !self.progress.stopping()
    }
}

/// Whether a file is called `corpus.zip!a.txt` beside an archive `corpus.zip`: its key would be that
/// of a member.
fn is_called_like_a_member(key: &str) -> bool {
    key.match_indices(INSIDE).any(|(at, _)| {
        let before = &key[..at];
        Kind::of(before).is_ok_and(Kind::is_container) && Path::new(before).is_file()
    })
}
