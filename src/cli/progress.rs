//! Progress of an ingest: a bar on a terminal, a line now and then elsewhere, Ctrl-C heeded.

use crate::index::{Index, IndexError, Ingest, IngestOptions, Progress, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
/// Between two looks at how far the ingest is.
const TICK: Duration = Duration::from_millis(100);

/// Runs an ingest and shows how far it is, unless it is to be quiet.
///
/// # Errors
/// As [`Ingest::run`].
pub fn ingest(
    index: &Index,
    corpus: &[PathBuf],
    options: IngestOptions,
    quiet: bool,
) -> Result<Report, IndexError> {
    let progress = Arc::new(Progress::default());
    let for_signal = Arc::clone(&progress);
    // A second Ctrl-C ends at once: the index is sound at every moment.
    let handler = move || {
        if for_signal.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        anstream::eprintln!("\nimr: finishing the letters in hand; once more to end at once");
    };
    // A library user may have a handler of its own; then that one decides.
    let _ = ctrlc::set_handler(handler);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let shown = Arc::clone(&progress);
        let done = &done;
        if !quiet {
            scope.spawn(move || show(&shown, done));
        }
        let report = Ingest::new(index, options).run(corpus, &progress);
        done.store(true, Ordering::Relaxed);
        report
    })
}

fn show(progress: &Progress, done: &AtomicBool) {
    let terminal = std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(
        None,
        if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        },
    );
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} letters  {msg}  {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let start = Instant::now();
    let mut last_line = Instant::now();
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
        let total = progress.total.load(Ordering::Relaxed);
        if total == 0 {
            continue;
        }
        let through = progress.done.load(Ordering::Relaxed);
        let failed = progress.failed.load(Ordering::Relaxed);
        bar.set_length(total as u64);
        bar.set_position(through as u64);
        let rate = through as f64 / start.elapsed().as_secs_f64().max(0.001);
        let failures = if failed > 0 {
            format!("  {failed} failed")
        } else {
            String::new()
        };
        bar.set_message(format!("{rate:.0}/s{failures}"));
        if !terminal && last_line.elapsed() >= LINE {
            last_line = Instant::now();
            anstream::eprintln!("imr: {through} of {total} letters, {failed} failed");
        }
    }
    bar.finish_and_clear();
}
