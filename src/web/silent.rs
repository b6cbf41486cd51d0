//! Connections that have not asked for anything yet: where all places are taken, the oldest of them gives way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The silent connections, the oldest first.
#[derive(Default)]
pub(super) struct SilentConnections {
    connections: Mutex<(u64, BTreeMap<u64, Arc<Notify>>)>,
}

/// One of them, until it speaks or ends.
pub(super) struct Silent {
    among: Arc<SilentConnections>,
    number: u64,
    /// Told when it is to give way.
    pub gives_way: Arc<Notify>,
}

impl SilentConnections {
    fn all(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Arc<Notify>>)> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, which is silent.
    pub(super) fn begin(self: &Arc<Self>) -> Silent {
        let gives_way = Arc::new(Notify::new());
        let mut all = self.all();
        all.0 += 1;
        let number = all.0;
        all.1.insert(number, Arc::clone(&gives_way));
        Silent {
            among: Arc::clone(self),
            number,
            gives_way,
        }
    }

    /// Ends the connection that has been silent for longest, if any is.
    pub(super) fn end_oldest(&self) {
        if let Some((_, oldest)) = self.all().1.pop_first() {
            oldest.notify_one();
        }
    }
}

impl Silent {
    /// It asked for something.
    pub(super) fn speak(&self) {
        self.among.all().1.remove(&self.number);
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.speak();
    }
}
