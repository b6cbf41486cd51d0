//! Progress of an ingest: a bar on a terminal, a line now and then elsewhere, Ctrl-C heeded.

use super::log::Log;
use super::snapshot::ProgressSnapshot;
use crate::corpus::{io_reason, shown};
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
pub(super) struct ProgressReporter {
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
    watch: &ProgressReporter,
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
            say!("\nimr: Finishing current letters. Press Ctrl-C again to stop now.");
        }
    };
    // A library user may have a handler of its own; then that one decides.
    let _ = ctrlc::set_handler(handler);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (progress, done) = (&progress, &done);
        let _done = Done(done);
        if !watch.quiet || watch.log.is_some() {
            let begun = std::thread::Builder::new()
                .spawn_scoped(scope, move || show(watch, progress, done));
            if let (Err(e), false) = (begun, watch.quiet) {
                say!("imr: progress is not shown: {}", io_reason(&e));
            }
        }
        run(progress)
    })
}

/// The ingest is through, also if it panics: whoever shows how far it is would wait forever.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn tell(watch: &ProgressReporter, event: Event) {
    if let Some(log) = &watch.log {
        log.event(event);
    }
    if watch.quiet || !watch.verbose {
        return;
    }
    match event {
        Event::Committed(letters) => say!("imr: saved {letters} more letters"),
        Event::Moved(from, to) => {
            say!("imr: {} is now {}", shown(from), shown(to));
        }
        Event::Removing(source, true) => {
            say!(
                "imr: {} no longer exists: removing its letter",
                shown(source)
            );
        }
        Event::Removing(source, false) => {
            say!("imr: {} no longer exists: dropping its path", shown(source));
        }
        // Told at the end, in order.
        Event::Failed(..) | Event::Noted(..) => {}
    }
}

fn show(watch: &ProgressReporter, progress: &Progress, done: &AtomicBool) {
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
        let far = ProgressSnapshot::of(progress, start);
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
                say!("imr: {}", far.line());
            }
        }
    }
    bar.finish_and_clear();
}
