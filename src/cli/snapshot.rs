//! How far an ingest is at a moment.

use super::render::grouped;
use crate::corpus::shown;
use crate::index::Progress;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How far an ingest is, for people and programs alike.
pub(super) struct ProgressSnapshot {
    pub done: usize,
    pub total: usize,
    /// `total` is all there is: there are no archives, and all folders were looked into.
    pub total_is_known: bool,
    pub skipped: usize,
    pub failed: usize,
    pub bytes: u64,
    /// Letters read a second.
    pub rate: f64,
    pub left: Option<Duration>,
    /// The key of the source in hand, about.
    pub source: String,
}

impl ProgressSnapshot {
    pub(super) fn of(progress: &Progress, start: Instant) -> ProgressSnapshot {
        let load = |n: &std::sync::atomic::AtomicUsize| n.load(Ordering::Relaxed);
        let (done, total) = (load(&progress.done), load(&progress.total));
        let skipped = load(&progress.skipped);
        let rate = done.saturating_sub(skipped) as f64 / start.elapsed().as_secs_f64().max(0.001);
        let total_is_known = progress.counted.load(Ordering::Relaxed)
            && !progress.open_ended.load(Ordering::Relaxed);
        let seconds = total.saturating_sub(done) as f64 / rate;
        ProgressSnapshot {
            done,
            total: total.max(done),
            total_is_known,
            skipped,
            failed: load(&progress.failed),
            bytes: progress.bytes.load(Ordering::Relaxed),
            rate,
            left: (total_is_known && rate > 0.0 && seconds < 1e7)
                .then(|| Duration::from_secs_f64(seconds)),
            source: progress.current(),
        }
    }

    /// In a line: "1200 of 4000 letters, 310/s, 0:09 left, 2 failed, at 2015/a.pdf".
    pub(super) fn line(&self) -> String {
        let mut line = match self.total_is_known {
            true => format!(
                "{} of {} letters",
                grouped(self.done as u64),
                grouped(self.total as u64)
            ),
            false => format!("{} letters so far", grouped(self.done as u64)),
        };
        line += &format!(", {:.0}/s", self.rate);
        if let Some(left) = self.left {
            let seconds = left.as_secs();
            line += &match seconds / 3600 {
                0 => format!(", {}:{:02} left", seconds / 60, seconds % 60),
                hours => format!(
                    ", {hours}:{:02}:{:02} left",
                    seconds / 60 % 60,
                    seconds % 60
                ),
            };
        }
        if self.failed > 0 {
            line += &format!(", {} failed", grouped(self.failed as u64));
        }
        if !self.source.is_empty() {
            line += &format!(", at {}", shown(&self.source));
        }
        line
    }
}
