//! Who may take how much memory. What is given out adds up to the setting, whatever the corpus:
//! segments in the making get what others leave.

use super::super::segment;
use super::IngestOptions;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The program itself: its tables and patterns, and tantivy's writer.
const PROGRAM: usize = 32 << 20;
/// A thread that reads letters: its patterns' caches, the stems it remembers, a megabyte of text and what becomes
/// of it, what it takes to write a segment beside the segment; and its worker process, which reads PDFs.
const THREAD: usize = (8 + 8) << 20;
/// Batches of letters in memory at once: one being read, one waiting, one being filled.
pub(super) const BATCHES: usize = 3;
/// Reading a letter that may take more than this is told beforehand, and one is read at a time. Usual
/// ones take one or two megabytes.
const HEAVY: usize = 4 << 20;

/// The memory of an ingest, in bytes.
#[derive(Debug)]
pub(super) struct Memory {
    all: usize,
    jobs: usize,
    /// What is known of sources, and is to be told of them.
    known: AtomicUsize,
    /// Taken by letters that are large or heavy to read.
    held: AtomicUsize,
    heavy: Mutex<()>,
}

impl Memory {
    /// All of it for what is known of sources already, and what is left of it for the rest.
    pub(super) fn new(options: &IngestOptions, known: usize) -> Memory {
        let for_threads = options.memory - options.memory / 8;
        let for_threads = for_threads.saturating_sub(PROGRAM + segment::LEAST);
        Memory {
            all: options.memory,
            jobs: options.jobs.min(for_threads / THREAD).max(1),
            known: AtomicUsize::new(known),
            held: AtomicUsize::new(0),
            heavy: Mutex::default(),
        }
    }

    /// Something more is known of sources.
    pub(super) fn know(&self, bytes: usize) {
        self.known.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Something of that is known no more.
    pub(super) fn forget(&self, bytes: usize) {
        self.known.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// How many threads may read letters: as many as were asked for, or as there is memory for.
    pub(super) fn threads(&self) -> usize {
        self.jobs
    }

    /// What a batch of letters unread may hold: a sixteenth is for them.
    pub(super) fn batch(&self) -> usize {
        self.all / 16 / BATCHES
    }

    /// How many merges may go on at once: on a small machine one.
    pub(super) fn merges(&self) -> usize {
        self.jobs.div_ceil(4).clamp(1, 4)
    }

    /// What each of these may take: a sixteenth is for them.
    pub(super) fn merge(&self) -> usize {
        self.all / 16 / self.merges()
    }

    /// What segments in the making may take together.
    fn segments_together(&self) -> usize {
        let fixed = PROGRAM + self.jobs * THREAD + self.all / 8;
        let taken = self.known.load(Ordering::Relaxed) + self.held.load(Ordering::Relaxed);
        self.all.saturating_sub(fixed).saturating_sub(taken)
    }

    /// How many segments are made at once: one for each thread, as long as there is twice the least for
    /// each.
    pub(super) fn segments(&self) -> usize {
        let most = self.segments_together() / (2 * segment::LEAST);
        self.jobs.min(most).max(1)
    }

    /// What each of so many segments in the making may take; it makes do with less than it needs at the
    /// least only where what is known of sources takes all.
    pub(super) fn segment(&self, segments: usize) -> usize {
        self.segments_together() / segments
    }

    /// How much it would have to be, where what is known of sources leaves too little for all else.
    pub(super) fn needed(&self) -> Option<usize> {
        let lacks = segment::LEAST.checked_sub(self.segments_together() + 1)? + 1;
        let known = self.known.load(Ordering::Relaxed);
        // An eighth of all is for letters that wait and for merging.
        let all = (PROGRAM + self.jobs * THREAD + known + segment::LEAST) / 7 * 8;
        Some(all.max(self.all + lacks))
    }

    /// A letter that waits to be read, if it is a large one.
    pub(super) fn waiting(self: &Arc<Memory>, bytes: usize) -> Option<MemoryReservation> {
        (bytes > self.batch()).then(|| MemoryReservation::new(self, bytes))
    }

    /// A letter that is read from now on.
    pub(super) fn in_hand(self: &Arc<Memory>) -> InHand<'_> {
        InHand {
            memory: self,
            alone: None,
            held: None,
        }
    }
}

/// Memory taken; given back at its end.
#[derive(Debug)]
pub(super) struct MemoryReservation {
    memory: Arc<Memory>,
    bytes: usize,
}

impl MemoryReservation {
    fn new(memory: &Arc<Memory>, bytes: usize) -> MemoryReservation {
        memory.held.fetch_add(bytes, Ordering::Relaxed);
        MemoryReservation {
            memory: Arc::clone(memory),
            bytes,
        }
    }
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        self.memory.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A letter that is being read.
pub(super) struct InHand<'m> {
    memory: &'m Arc<Memory>,
    /// Of heavy letters one is read at a time.
    alone: Option<MutexGuard<'m, ()>>,
    held: Option<MemoryReservation>,
}

impl InHand<'_> {
    /// The next step may take so much; what the step before took is given back. Whether others should
    /// make room.
    #[must_use]
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        self.held = None;
        if bytes <= HEAVY {
            return false;
        }
        if self.alone.is_none() {
            let heavy = self.memory.heavy.lock();
            self.alone = Some(heavy.unwrap_or_else(PoisonError::into_inner));
        }
        self.held = Some(MemoryReservation::new(self.memory, bytes));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(megabytes: usize, jobs: usize, known: usize) -> Arc<Memory> {
        let options = IngestOptions {
            memory: megabytes << 20,
            jobs,
            ..IngestOptions::default()
        };
        Arc::new(Memory::new(&options, known << 20))
    }

    #[test]
    fn what_is_given_out_adds_up_to_the_setting() {
        let settings = [
            (96, 1, 0),
            (96, 16, 0),
            (256, 2, 0),
            (256, 2, 100),
            (256, 64, 0),
            (1024, 16, 300),
        ];
        for (megabytes, asked, known) in settings {
            let memory = memory(megabytes, asked, known);
            let jobs = memory.threads();
            assert!(
                jobs == asked || (megabytes, jobs) == (96, 2) || (megabytes, jobs) == (256, 11)
            );
            let segments = memory.segments();
            let given = PROGRAM
                + jobs * THREAD
                + BATCHES * memory.batch()
                + memory.merges() * memory.merge()
                + (known << 20)
                + segments * memory.segment(segments);
            let all = megabytes << 20;
            assert!(given <= all && given > all - 64, "{given} of {all}");
            assert!(segments >= 1 && segments <= jobs);
            assert!(memory.segment(segments) >= segment::LEAST, "{megabytes}");
        }
    }

    #[test]
    fn a_heavy_letter_takes_from_segments_as_long_as_it_is_read() {
        let memory = memory(256, 2, 0);
        let before = memory.segment(2);
        {
            let mut hand = memory.in_hand();
            assert!(!hand.takes(1 << 20));
            assert_eq!(memory.segment(2), before);
            assert!(hand.takes(40 << 20));
            assert_eq!(memory.segment(2), before - (20 << 20));
            assert!(hand.takes(60 << 20), "the same letter, further on");
            assert_eq!(memory.segment(2), before - (30 << 20));
        }
        assert_eq!(memory.segment(2), before);
        let waiting = memory.waiting(8 << 20);
        assert!(waiting.is_some() && memory.waiting(40 << 10).is_none());
        assert_eq!(memory.segment(2), before - (4 << 20));
    }

    #[test]
    fn where_sources_take_all_that_is_told() {
        assert_eq!(memory(128, 2, 4).needed(), None);
        let short = memory(128, 2, 0);
        short.know(100 << 20);
        let needed = short.needed().unwrap();
        assert!(needed > 150 << 20 && short.segments() == 1);
        assert_eq!(memory((needed >> 20) + 1, 2, 100).needed(), None);
        short.forget(100 << 20);
        assert_eq!(short.needed(), None);
    }
}
