//! Progress of an ingest: a bar on a terminal, a line now and then elsewhere, Ctrl-C heeded.

use super::log::Log;
use crate::corpus::shown;
use crate::index::{Event, IndexError, Progress, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
/// Between two looks at how far the ingest is.
const TICK: Duration = Duration::from_millis(100);

/// Who is told how an ingest goes.
#[derive(Clone, Default)]
pub(super) struct Watch {
    /// No progress for people.
    pub quiet: bool,
    /// Tell people what happens to single sources.
    pub verbose: bool,
    /// Tell a program.
    pub log: Option<Arc<Log>>,
}

/// Runs an ingest and shows how far it is.
///
/// # Errors
/// As the ingest.
pub(super) fn ingest(
    watch: &Watch,
    run: impl FnOnce(&Progress) -> Result<Report, IndexError> + Send,
) -> Result<Report, IndexError> {
    let told = watch.clone();
    let progress = Arc::new(Progress::watched(move |event| tell(&told, event)));
    let for_signal = Arc::clone(&progress);
    let quiet = watch.quiet;
    // A second Ctrl-C ends at once: the index is sound at every moment.
    let handler = move || {
        if for_signal.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        if !quiet {
            anstream::eprintln!(
                "\nimr: Finishing current letters. Press Ctrl-C again to stop now."
            );
        }
    };
    // A library user may have a handler of its own; then that one decides.
    let _ = ctrlc::set_handler(handler);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (progress, done) = (&progress, &done);
        if !watch.quiet || watch.log.is_some() {
            scope.spawn(move || show(watch, progress, done));
        }
        let report = run(progress);
        done.store(true, Ordering::Relaxed);
        report
    })
}

fn tell(watch: &Watch, event: Event) {
    if let Some(log) = &watch.log {
        log.event(event);
    }
    if watch.quiet || !watch.verbose {
        return;
    }
    match event {
        Event::Committed(letters) => anstream::eprintln!("imr: committed ({letters} more read)"),
        Event::Moved(from, to) => {
            anstream::eprintln!("imr: {} is now {}", shown(from), shown(to));
        }
        Event::Removing(source, true) => {
            anstream::eprintln!("imr: {} is gone: taking out its letter", shown(source));
        }
        Event::Removing(source, false) => {
            anstream::eprintln!("imr: {} is gone: forgetting it", shown(source));
        }
        // Told at the end, in order.
        Event::Failed(..) | Event::Noted(..) => {}
    }
}

/// How far an ingest is, for people and programs alike.
pub(super) struct Far {
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

impl Far {
    fn of(progress: &Progress, start: Instant) -> Far {
        let load = |n: &std::sync::atomic::AtomicUsize| n.load(Ordering::Relaxed);
        let (done, total) = (load(&progress.done), load(&progress.total));
        let skipped = load(&progress.skipped);
        let rate = done.saturating_sub(skipped) as f64 / start.elapsed().as_secs_f64().max(0.001);
        let total_is_known = progress.counted.load(Ordering::Relaxed)
            && !progress.open_ended.load(Ordering::Relaxed);
        let seconds = total.saturating_sub(done) as f64 / rate;
        Far {
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
    fn line(&self) -> String {
        let mut line = match self.total_is_known {
            true => format!("{} of {} letters", self.done, self.total),
            false => format!("{} letters so far", self.done),
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
            line += &format!(", {} failed", self.failed);
        }
        if !self.source.is_empty() {
            line += &format!(", at {}", shown(&self.source));
        }
        line
    }
}

fn show(watch: &Watch, progress: &Progress, done: &AtomicBool) {
    let terminal = std::io::stderr().is_terminal() && !watch.quiet;
    let target = if terminal {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = |template: &str| {
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    let (known, unknown) = (style("{bar:30} {wide_msg}"), style("{spinner} {wide_msg}"));
    let start = Instant::now();
    let mut last_line = start;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
        let line_due = last_line.elapsed() >= LINE;
        if !terminal && !line_due {
            continue;
        }
        let far = Far::of(progress, start);
        if terminal {
            bar.set_style(if far.total_is_known {
                known.clone()
            } else {
                unknown.clone()
            });
            bar.set_length(far.total as u64);
            bar.set_position(far.done as u64);
            bar.set_message(far.line());
            bar.tick();
        }
        if line_due {
            last_line = Instant::now();
            if let Some(log) = &watch.log {
                log.progress(&far);
            }
            if !terminal && !watch.quiet {
                anstream::eprintln!("imr: {}", far.line());
            }
        }
    }
    bar.finish_and_clear();
}
