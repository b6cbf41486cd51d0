//! WorkerPool that takes a core for a while: so many at once, so many that wait, so long.

use super::refusal::Refusal;
use hyper::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// A bounded number of places to work in.
pub(super) struct WorkerPool {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// How long one may wait for a place, and then for the answer.
    limit: Duration,
}

/// Counts one that waits, as long as it does.
struct Waiting<'w>(&'w AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl WorkerPool {
    pub(super) fn new(places: usize, most_waiting: usize, limit: Duration) -> WorkerPool {
        WorkerPool {
            places: Arc::new(Semaphore::new(places)),
            waiting: AtomicUsize::new(0),
            most_waiting,
            limit,
        }
    }

    /// How long work may take.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.most_waiting {
            return Err(Refusal::busy());
        }
        let place = timeout(self.limit, Arc::clone(&self.places).acquire_owned()).await;
        match place {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Refusal::busy()),
        }
    }

    /// Does something in a place of its own. What takes longer than it may is answered as if it had
    /// failed; it keeps its place until it ends, so that there are never more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = self.place().await?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        match timeout(self.limit, done).await {
            Ok(Ok(done)) => Ok(done),
            // A bug: it stands on standard error, and the others go on.
            Ok(Err(_)) => Err(Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "imr failed at this request; its log says where",
            )),
            Err(_) => Err(Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "this took too long; narrow the query",
            )),
        }
    }
}
