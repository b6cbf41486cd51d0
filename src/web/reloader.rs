//! The index while others write to it: a commit is seen, a rebuild's swap is followed; on a cluster, a push.

use crate::index::{IndexError, IndexVersion};
use crate::search::{Backend, Cluster, Engine, LastPush, SearchError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How often a cluster is asked what was pushed.
const LOOK_AT_CLUSTER: Duration = Duration::from_secs(5);

/// What is searched: the index in a folder, or one on a cluster.
#[derive(Clone)]
pub struct Searched(Kind);

#[derive(Clone)]
enum Kind {
    Folder(Arc<Engine>),
    Cluster(Arc<Cluster>),
}

impl From<Engine> for Searched {
    fn from(engine: Engine) -> Searched {
        Searched(Kind::Folder(Arc::new(engine)))
    }
}

impl From<Cluster> for Searched {
    fn from(cluster: Cluster) -> Searched {
        Searched(Kind::Cluster(Arc::new(cluster)))
    }
}

impl Searched {
    /// Whether it is a folder on this computer.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self.0, Kind::Folder(_))
    }

    /// What answers.
    pub(super) fn backend(&self) -> Arc<dyn Backend> {
        match &self.0 {
            Kind::Folder(engine) => Arc::<Engine>::clone(engine),
            Kind::Cluster(cluster) => Arc::<Cluster>::clone(cluster),
        }
    }

    /// The same, whose searches end at a moment.
    pub(super) fn until(&self, moment: Instant) -> Box<dyn Backend> {
        match &self.0 {
            Kind::Folder(engine) => Box::new(engine.until(moment)),
            Kind::Cluster(cluster) => Box::new(cluster.until(moment)),
        }
    }
}

/// What was seen of it last.
enum Seen {
    Folder(PathBuf, IndexVersion),
    Cluster(String, LastPush, Instant),
}

/// Whatever is searched now.
pub(super) struct Reloader {
    searched: RwLock<Searched>,
    seen: Mutex<Seen>,
    state: AtomicU64,
    /// A push to the cluster goes on.
    changing: AtomicBool,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A commit, or a push to a cluster.
    Commit,
    /// A rebuild put another index in place.
    Rebuild,
}

/// Why it cannot be seen whether something changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unseen {
    #[error("{0}; imr continues with the index that was open")]
    Folder(#[from] IndexError),
    #[error("{0}")]
    Cluster(#[from] SearchError),
}

impl Reloader {
    /// Over what is open.
    pub(super) fn new(searched: Searched) -> Reloader {
        let seen = match &searched.0 {
            Kind::Folder(engine) => {
                let index = engine.index();
                Seen::Folder(index.path.clone(), index.version())
            }
            Kind::Cluster(_) => Seen::Cluster(String::new(), LastPush::Unfinished, Instant::now()),
        };
        Reloader {
            seen: Mutex::new(seen),
            state: AtomicU64::new(1),
            changing: AtomicBool::new(false),
            searched: RwLock::new(searched),
        }
    }

    /// What is searched as of now; a request keeps the one it began with.
    pub(super) fn searched(&self) -> Searched {
        let searched = self.searched.read();
        searched.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which state of the index is seen: it grows with every change.
    pub(super) fn state(&self) -> u64 {
        self.state.load(Ordering::SeqCst)
    }

    /// Whether letters come and go while the state stays the same: no answer may be kept.
    pub(super) fn is_changing(&self) -> bool {
        self.changing.load(Ordering::SeqCst)
    }

    /// Looks whether something was committed or pushed, and sees it.
    ///
    /// # Errors
    /// If the index is gone or damaged, or the cluster does not answer; requests go on over what was open.
    pub(super) fn refresh(&self) -> Result<Option<Change>, Unseen> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let searched = self.searched();
        let change = match (&searched.0, &mut *seen) {
            (Kind::Folder(engine), Seen::Folder(path, version)) => {
                if engine.index().is_replaced()? {
                    let new = Engine::open(path)?;
                    *version = new.index().version();
                    *self
                        .searched
                        .write()
                        .unwrap_or_else(PoisonError::into_inner) = new.into();
                    Some(Change::Rebuild)
                } else {
                    let now = engine.index().version();
                    if now == *version {
                        return Ok(None);
                    }
                    engine.index().reload()?;
                    *version = now;
                    Some(Change::Commit)
                }
            }
            (Kind::Cluster(cluster), Seen::Cluster(version, last, looked)) => {
                if looked.elapsed() < LOOK_AT_CLUSTER && !version.is_empty() {
                    return Ok(None);
                }
                *looked = Instant::now();
                let pushed = cluster.until(Instant::now() + LOOK_AT_CLUSTER).pushed()?;
                let now = pushed["version"].to_string();
                let push = LastPush::of(&pushed);
                let is_first = version.is_empty();
                let changed = now != *version || push != *last;
                self.changing
                    .store(push == LastPush::Unfinished, Ordering::SeqCst);
                let finished = changed && !is_first && push != LastPush::Unfinished;
                (*version, *last) = (now, push);
                if !changed {
                    return Ok(None);
                }
                self.state.fetch_add(1, Ordering::SeqCst);
                return Ok(finished.then_some(Change::Commit));
            }
            _ => return Ok(None),
        };
        self.state.fetch_add(1, Ordering::SeqCst);
        Ok(change)
    }
}
