//! `--log-json`: what an ingest does, one JSON object a line, for a supervisor. The keys are those of
//! docs/indexing.md.

use super::snapshot::ProgressSnapshot;
use crate::index::{Event, Report};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the lines go.
pub(super) struct Log {
    out: Mutex<Box<dyn Write + Send>>,
    /// They go to standard error, where people's messages would be between them.
    pub on_stderr: bool,
}

impl Log {
    /// Opens a log: a file that is appended to, or standard error for `-`.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub(super) fn open(path: &Path) -> io::Result<Log> {
        let on_stderr = path.as_os_str() == "-";
        let out: Box<dyn Write + Send> = if on_stderr {
            Box::new(io::stderr())
        } else {
            Box::new(File::options().create(true).append(true).open(path)?)
        };
        Ok(Log {
            out: Mutex::new(out),
            on_stderr,
        })
    }

    /// A line is written at once and whole. A log that cannot be written keeps nothing from being
    /// indexed.
    fn line(&self, event: &str, mut value: Value) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        if let Some(object) = value.as_object_mut() {
            let seconds = since.map_or(0.0, |since| since.as_secs_f64());
            object.insert("event".into(), event.into());
            object.insert("time".into(), ((seconds * 1000.0).round() / 1000.0).into());
        }
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(format!("{value}\n").as_bytes());
    }

    /// The run begins.
    pub(super) fn start(&self, index: &Path, corpus: &[PathBuf]) {
        // A list on standard input may be long.
        let first: Vec<_> = corpus
            .iter()
            .take(100)
            .map(|p| p.to_string_lossy())
            .collect();
        let value = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "index": index.to_string_lossy(),
            "corpus": first,
        });
        self.line("start", value);
    }

    /// Something happened.
    pub(super) fn event(&self, event: Event) {
        match event {
            Event::Failed(source, reason) => {
                self.line("failed", json!({"source": source, "reason": reason}));
            }
            Event::Noted(source, note) => {
                self.line("note", json!({"source": source, "note": note}));
            }
            Event::Removing(source, with_letter) => {
                let value = json!({"source": source, "letter_too": with_letter});
                self.line("removing", value);
            }
            Event::Moved(from, to) => self.line("moved", json!({"from": from, "to": to})),
            Event::Committed(sources) => self.line("committed", json!({"sources": sources})),
        }
    }

    /// How far it is.
    pub(super) fn progress(&self, far: &ProgressSnapshot) {
        let value = json!({
            "done": far.done,
            "total": far.total_is_known.then_some(far.total),
            "skipped": far.skipped,
            "failed": far.failed,
            "bytes": far.bytes,
            "per_second": far.rate.round(),
            "seconds_left": far.left.map(|left| left.as_secs()),
            "source": far.source,
        });
        self.line("progress", value);
    }

    /// The run ended, or was stopped.
    pub(super) fn end(&self, report: &Report) {
        let value = json!({
            "stopped": report.stopped,
            "letters": report.letters,
            "items": report.items,
            "replaced": report.replaced,
            "skipped": report.skipped,
            "duplicates": report.duplicates,
            "moved": report.moved,
            "unrecognized": report.unrecognized,
            "failed": report.failed.len(),
            "gone": report.gone.len(),
            "pruned": report.pruned.len(),
            "ignored": report.ignored,
            "repaired": report.repaired.letters + report.repaired.sources,
            "bytes": report.bytes,
            "needs_memory": report.needs_memory,
            "seconds": report.elapsed.as_secs_f64(),
        });
        self.line("end", value);
    }

    /// The run ended with an error.
    pub(super) fn error(&self, message: &str) {
        self.line("error", json!({"message": message}));
    }
}
