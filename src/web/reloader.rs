//! The index while others write to it: a commit is seen, a rebuild's swap is followed.

use crate::index::{IndexError, IndexVersion};
use crate::search::Engine;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// An engine over whatever index stands in a folder now.
pub(super) struct Reloader {
    path: PathBuf,
    engine: RwLock<Arc<Engine>>,
    seen: Mutex<IndexVersion>,
    state: AtomicU64,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A commit.
    Commit,
    /// A rebuild put another index in place.
    Rebuild,
}

impl Reloader {
    /// Over an index that is open.
    pub(super) fn new(engine: Engine) -> Reloader {
        let index = engine.index();
        Reloader {
            path: index.path.clone(),
            seen: Mutex::new(index.version()),
            state: AtomicU64::new(1),
            engine: RwLock::new(Arc::new(engine)),
        }
    }

    /// The engine as of now; a request keeps the one it began with.
    pub(super) fn engine(&self) -> Arc<Engine> {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&engine)
    }

    /// Which state of the index is seen: it grows with every change.
    pub(super) fn state(&self) -> u64 {
        self.state.load(Ordering::SeqCst)
    }

    /// Looks whether something was committed, and sees it.
    ///
    /// # Errors
    /// If the index is gone or damaged; requests go on over what was open.
    pub(super) fn refresh(&self) -> Result<Option<Change>, IndexError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = self.engine();
        if engine.index().is_replaced()? {
            let new = Engine::open(&self.path)?;
            *seen = new.index().version();
            *self.engine.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
            self.state.fetch_add(1, Ordering::SeqCst);
            return Ok(Some(Change::Rebuild));
        }
        let now = engine.index().version();
        if now == *seen {
            return Ok(None);
        }
        engine.index().reload()?;
        *seen = now;
        self.state.fetch_add(1, Ordering::SeqCst);
        Ok(Some(Change::Commit))
    }
}
