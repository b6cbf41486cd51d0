//! How far an ingest is, and what happens in it, for whoever watches.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Something that happened in an ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'e> {
    /// A source gave no letter; a reason that completes the sentence "SOURCE ...".
    Failed(&'e str, &'e str),
    /// Something odd about a source that keeps nothing from being read.
    Noted(&'e str, &'e str),
    /// A source is gone, and leaves the index; whether its letter goes with it.
    Removing(&'e str, bool),
    /// A source is gone, and its letter was found under another key.
    Moved(&'e str, &'e str),
    /// What was read is safe: letters since the last commit.
    Committed(usize),
}

type Watcher = dyn Fn(Event) + Send + Sync;

/// How far an ingest is; another thread may read it and ask it to stop.
#[derive(Default)]
pub struct Progress {
    /// Files and members to look at, as far as is known.
    pub total: AtomicUsize,
    /// Whether `total` counts all files; members of archives are counted as they come.
    pub counted: AtomicBool,
    /// Whether there are archives, whose members nobody counted.
    pub open_ended: AtomicBool,
    /// Files and members done: read, failed or skipped.
    pub done: AtomicUsize,
    /// Of these, skipped because nothing about them changed.
    pub skipped: AtomicUsize,
    /// Of these, without a letter.
    pub failed: AtomicUsize,
    /// Bytes of files and members read.
    pub bytes: AtomicU64,
    /// Set it, and the ingest finishes the letters in hand, commits, and ends.
    pub stop: AtomicBool,
    current: Mutex<String>,
    watch: Option<Box<Watcher>>,
}

impl Progress {
    /// Tells someone what happens.
    pub fn watched(watch: impl Fn(Event) + Send + Sync + 'static) -> Progress {
        Progress {
            watch: Some(Box::new(watch)),
            ..Progress::default()
        }
    }

    /// The source that is being read, about.
    #[must_use]
    pub fn current(&self) -> String {
        self.current
            .lock()
            .map(|current| current.clone())
            .unwrap_or_default()
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn set_current(&self, key: &str) {
        if let Ok(mut current) = self.current.lock() {
            current.clear();
            current.push_str(key);
        }
    }

    pub(super) fn tell(&self, event: Event) {
        if let Some(watch) = &self.watch {
            watch(event);
        }
    }

    pub(super) fn fail(&self, key: &str, reason: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.tell(Event::Failed(key, reason));
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Progress")
            .field("total", &self.total)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
