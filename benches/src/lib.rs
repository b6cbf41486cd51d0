//! What the benchmarks share: the corpus in memory, times in order, SQLite's side of a comparison.

pub mod fts5;
pub mod pdfs;
pub mod queries;

use imr::corpus;
use rayon::prelude::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a benchmark ends with.
pub type Outcome = Result<(), Box<dyn Error>>;

/// The first argument that is no option: the folder of letters.
///
/// # Errors
/// If there is none.
pub fn corpus_argument() -> Result<PathBuf, String> {
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg.starts_with("--") {
            args.next();
        } else {
            return Ok(PathBuf::from(arg));
        }
    }
    Err("name a folder of letters (examples/generate makes one)".to_string())
}

/// The value of an option `--name VALUE`.
#[must_use]
pub fn option(name: &str) -> Option<String> {
    let mut args = std::env::args().skip_while(|arg| arg != name);
    args.nth(1)
}

/// The paths of a corpus, in order.
#[must_use]
pub fn paths(folder: &Path) -> Vec<PathBuf> {
    let walk = corpus::walk(&[folder.to_path_buf()]);
    walk.sources.into_iter().map(|s| s.path).collect()
}

/// The texts of files, in order, read in parallel.
///
/// # Errors
/// If one cannot be read.
pub fn texts(paths: &[PathBuf]) -> std::io::Result<Vec<String>> {
    paths.par_iter().map(std::fs::read_to_string).collect()
}

/// Times in milliseconds, ordered.
pub struct Times(Vec<f64>);

impl Times {
    /// Orders some times.
    #[must_use]
    pub fn new(times: impl IntoIterator<Item = Duration>) -> Times {
        let mut millis: Vec<f64> = times
            .into_iter()
            .map(|t| t.as_secs_f64() * 1000.0)
            .collect();
        millis.sort_by(f64::total_cmp);
        Times(millis)
    }

    /// The time that so many of a hundred do not exceed; 0 where nothing was timed.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// The bytes of a folder's files.
#[must_use]
pub fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
