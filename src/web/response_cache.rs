//! Answers given a moment ago: going back, reloading and asking the same again cost nothing. They
//! are of the index as it is: a commit lets them all go.

use bytes::Bytes;
use lru::LruCache;
use std::sync::{Mutex, PoisonError};

/// Bytes of answers that are kept at most.
const MOST: usize = 32 << 20;
/// A longer answer is not kept.
const LONGEST: usize = 1 << 20;

/// An answer.
#[derive(Clone)]
pub(super) struct Answer {
    /// Its media type.
    pub kind: &'static str,
    /// Its body.
    pub body: Bytes,
    /// The body is gzip.
    pub gzip: bool,
}

/// Answers by the addresses that asked for them.
#[derive(Default)]
pub(super) struct ResponseCache(Mutex<Inner>);

struct Inner {
    /// Which state of the index they are of.
    state: u64,
    answers: LruCache<String, Answer>,
    bytes: usize,
}

impl Inner {
    fn of(state: u64) -> Inner {
        Inner {
            state,
            // The bytes are what is bounded.
            answers: LruCache::unbounded(),
            bytes: 0,
        }
    }
}

impl Default for Inner {
    fn default() -> Inner {
        Inner::of(0)
    }
}

impl ResponseCache {
    /// The answer to an address, of a state of the index.
    pub(super) fn get(&self, state: u64, address: &str) -> Option<Answer> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.state != state {
            return None;
        }
        inner.answers.get(address).cloned()
    }

    /// Keeps an answer; those go that were not asked for longest.
    pub(super) fn keep(&self, state: u64, address: String, answer: Answer) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state > inner.state {
            *inner = Inner::of(state);
        }
        let size = address.len() + answer.body.len();
        // What was asked of an earlier state comes too late.
        if state < inner.state || size > LONGEST || inner.answers.contains(&address) {
            return;
        }
        while inner.bytes + size > MOST {
            let Some((address, answer)) = inner.answers.pop_lru() else {
                break;
            };
            inner.bytes -= address.len() + answer.body.len();
        }
        inner.bytes += size;
        inner.answers.put(address, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_of_one_state() {
        let kept = ResponseCache::default();
        let answer = |size: usize| Answer {
            kind: "text/plain",
            body: Bytes::from(vec![b'a'; size]),
            gzip: false,
        };
        for n in 0..100 {
            kept.keep(1, format!("/{n}"), answer(LONGEST - 10));
        }
        assert!(kept.get(1, "/0").is_none() && kept.get(1, "/99").is_some());
        let inner = kept.0.lock().unwrap();
        assert!(inner.bytes <= MOST && inner.answers.len() >= 30);
        drop(inner);
        kept.keep(1, "/large".into(), answer(LONGEST + 1));
        assert!(kept.get(1, "/large").is_none());
        kept.keep(2, "/new".into(), answer(1));
        assert!(kept.get(2, "/new").is_some() && kept.get(2, "/99").is_none());
        kept.keep(1, "/late".into(), answer(1));
        assert!(kept.get(2, "/late").is_none());
    }
}
