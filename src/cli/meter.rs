//! How far an export is: a bar on a terminal, a line now and then elsewhere.

use super::render::grouped;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
/// Between two drawings of the bar.
const TICK: Duration = Duration::from_millis(100);
/// The clock is looked at after so many letters.
const STEP: usize = 256;

/// Shows on standard error how many letters are through.
pub(super) struct Meter {
    bar: Option<ProgressBar>,
    start: Instant,
    shown: Cell<Instant>,
}

impl Meter {
    /// A meter; `bar` where a bar disturbs nothing else on the terminal.
    #[must_use]
    pub(super) fn new(bar: bool) -> Meter {
        let bar = (bar && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style =
                ProgressStyle::with_template("{bar:30} {pos}/{len} letters  {msg}  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let now = Instant::now();
        Meter {
            bar,
            start: now,
            shown: Cell::new(now),
        }
    }

    /// So many letters of so many are through.
    pub(super) fn show(&self, through: usize, total: usize) {
        if !through.is_multiple_of(STEP) {
            return;
        }
        let since = self.shown.get().elapsed();
        match &self.bar {
            Some(bar) if since >= TICK => {
                let rate = through as f64 / self.start.elapsed().as_secs_f64().max(0.001);
                bar.set_length(total as u64);
                bar.set_position(through as u64);
                bar.set_message(format!("{rate:.0}/s"));
            }
            None if since >= LINE => {
                let (through, total) = (grouped(through as u64), grouped(total as u64));
                say!("imr: {through} of {total} letters");
            }
            _ => return,
        }
        self.shown.set(Instant::now());
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
