//! `imr index`: build or update.

use super::args::{IndexArg, MaxLetter, SourceArgs};
use super::log::Log;
use super::progress::{self, ProgressReporter};
use super::{ERROR, FOUND, Failure, INTERRUPTED, hints, render};
use crate::corpus::{DEFAULT_MAX_LETTER, Limits, OCR_FOLDER, harmless, shown};
use crate::index::{self, Index, Ingest, IngestOptions, Report};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Builds an index from letters, or brings it up to date: unchanged files are skipped, a changed
/// file replaces its letter.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr index letters/                         into ./imr-index
  imr index 2015/ more.zip --index /data/imr
  find . -type f -newer stamp | imr index -  the files in the list
  imr index letters/ --jobs 2                two threads
  imr index claims/ --other                  also documents that are not letters
  imr index rows.csv --map text=Notes --map case_number=CaseNo

Unchanged files are skipped, and a changed file replaces its letter. imr reads
.pdf and .txt files and files without an extension, in all subfolders, also
compressed (.gz, .zst) or in archives (.zip, .tar, .tar.gz, .tar.zst); the
lines of .jsonl; and the rows of .csv and .tsv. Nothing is unpacked to disk. A
file that yields no letter is reported with the reason, and the run continues.
See docs/indexing.md.

Exit codes: 0 done, 2 nothing could be read or written, 130 interrupted.")]
pub(super) struct Args {
    /// Folders, files and archives; - reads a list of paths from standard input
    #[arg(required_unless_present = "files_from", value_name = "CORPUS")]
    corpus: Vec<PathBuf>,
    #[command(flatten)]
    index: IndexArg,
    /// Read paths from a file, one per line (or ended by NUL); - is standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Memory that indexing may use, in megabytes, 96 or more [default: 256 on most computers]
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(LEAST_MEMORY..=MOST_MEMORY))]
    memory: Option<u64>,
    #[command(flatten)]
    max_letter: MaxLetter,
    #[command(flatten)]
    sources: SourceArgs,
    /// Re-read every file, even if its size and date have not changed
    #[arg(long)]
    verify: bool,
    /// Retry files that failed in earlier runs
    #[arg(long)]
    retry: bool,
    /// Remove letters whose files no longer exist in CORPUS
    #[arg(long)]
    prune: bool,
    /// Build a new index alongside the old one, and swap it in when finished
    #[arg(long)]
    rebuild: bool,
    /// With --rebuild: replace the old index even if imr cannot read which letters it contains
    #[arg(long, requires = "rebuild")]
    discard_old: bool,
    /// Save progress after this many letters
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    commit_letters: usize,
    /// Save progress after this many seconds
    #[arg(long, value_name = "N", default_value_t = 60)]
    commit_seconds: u64,
    /// List every failure (not only ten), and report commits and moved or removed files
    #[arg(long, short)]
    verbose: bool,
    /// Report failures only: no progress, no summary
    #[arg(long, short)]
    quiet: bool,
    /// Log events as JSON, one object per line, to standard error or to FILE
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-"
    )]
    log_json: Option<PathBuf>,
}

impl Args {
    fn options(&self) -> Result<IngestOptions, Failure> {
        let default = IngestOptions::default();
        let jobs = self.jobs.unwrap_or(default.jobs).clamp(1, 256);
        let megabytes = self.memory.unwrap_or_else(|| default_memory(jobs));
        let largest = megabytes / MEMORY_OF_LETTER;
        let limits = match self.max_letter.megabytes() {
            Some(asked) if asked > largest => {
                return Err(Failure::Other(format!(
                    "letters of up to {asked} MB need --memory {}: reading one may take that",
                    asked * MEMORY_OF_LETTER
                )));
            }
            Some(_) => self.max_letter.limits(),
            None => Limits::of_letter(DEFAULT_MAX_LETTER.min(largest << 20)),
        };
        Ok(IngestOptions {
            jobs,
            memory: usize::try_from(megabytes << 20).unwrap_or(usize::MAX),
            members: self.sources.members(limits),
            ocr: self
                .sources
                .ocr(Some(self.index.index.join(OCR_FOLDER)))?
                .map(Arc::new),
            other: self.sources.other,
            prune: self.prune,
            discard_unreadable: self.discard_old,
            verify: self.verify,
            retry: self.retry,
            commit_letters: self.commit_letters.max(1),
            commit_time: Duration::from_secs(self.commit_seconds),
        })
    }

    /// What was named, and what the list names.
    fn roots(&self) -> Result<Vec<PathBuf>, Failure> {
        let (lists, mut roots): (Vec<PathBuf>, Vec<PathBuf>) = self
            .corpus
            .iter()
            .cloned()
            .partition(|p| p.as_os_str() == "-");
        missing(&roots)?;
        let list = self.files_from.as_deref();
        let list = list.or((!lists.is_empty()).then_some(Path::new("-")));
        if let Some(list) = list {
            let listed = listed(list)?;
            if listed.is_empty() && roots.is_empty() {
                return Err(Failure::Other("the list of paths is empty".into()));
            }
            roots.extend(listed);
        }
        Ok(roots)
    }
}

/// Reads a list of paths: one a line, or ended by NUL bytes as of `find -print0`.
fn listed(list: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut bytes = Vec::new();
    let read = if list.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(list).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|e| {
        let reason = crate::corpus::io_reason(&e);
        Failure::Other(format!("{}: {reason}", list.display()))
    })?;
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    let paths = bytes.split(|b| *b == end);
    let paths = paths.map(|path| path.strip_suffix(b"\r").unwrap_or(path));
    Ok(paths.filter(|path| !path.is_empty()).map(path).collect())
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// In megabytes: the program itself takes some 25.
const LEAST_MEMORY: u64 = 96;
/// A terabyte, in megabytes.
const MOST_MEMORY: u64 = 1 << 20;
/// Of the memory so much must be there for a byte of a letter: while it waits and is read it may take half of
/// it ([`Limits`]), beside all else.
const MEMORY_OF_LETTER: u64 = 32;

/// 256 MB, on many cores 32 MB for each, but no more than an eighth of what the machine has; in megabytes.
fn default_memory(jobs: usize) -> u64 {
    let usual = (32 * jobs as u64).max(256);
    let kilobytes = || -> Option<u64> {
        let text = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    kilobytes().map_or(usual, |kb| usual.min(kb / 1024 / 8).max(LEAST_MEMORY))
}

pub(super) fn run(args: &Args) -> Result<u8, Failure> {
    let log = match &args.log_json {
        None => None,
        Some(path) => Some(Arc::new(Log::open(path).map_err(|e| {
            let reason = crate::corpus::io_reason(&e);
            Failure::Other(format!("{}: {reason}", path.display()))
        })?)),
    };
    let done = update(args, log.clone());
    match (done, log) {
        (Err(failure), Some(log)) => {
            log.error(&failure.to_string());
            // People's messages are not mixed into the log.
            if log.on_stderr {
                Ok(ERROR)
            } else {
                Err(failure)
            }
        }
        (done, _) => done,
    }
}

fn update(args: &Args, log: Option<Arc<Log>>) -> Result<u8, Failure> {
    let roots = args.roots()?;
    let options = args.options()?;
    let log_only = log.as_ref().is_some_and(|log| log.on_stderr);
    let watch = ProgressReporter {
        quiet: args.quiet || log_only,
        verbose: args.verbose,
        log,
    };
    if let Some(log) = &watch.log {
        log.start(&args.index.index, &roots);
    }
    let report = if args.rebuild {
        progress::ingest(&watch, |progress| {
            index::rebuild(&args.index.index, &roots, &options, progress)
        })?
    } else {
        let index = Index::open_or_create(&args.index.index)?;
        if args.verify {
            index.check_files()?;
        }
        progress::ingest(&watch, |progress| {
            Ingest::new(&index, options).run(&roots, progress)
        })?
    };
    if let Some(log) = &watch.log {
        log.end(&report);
    }
    if !log_only {
        tell(&report, args.quiet, args.verbose);
    }
    if report.stopped {
        if !args.quiet && !log_only {
            say!(
                "imr: Interrupted. Run the same command to resume.{}",
                if args.rebuild {
                    " Until then, searches use the old index."
                } else {
                    ""
                }
            );
        }
        return Ok(INTERRUPTED);
    }
    if report.letters + report.others + report.skipped + report.duplicates + report.moved == 0 {
        if report.failed.is_empty() && !log_only {
            say!(
                "imr: no letters were found (imr reads .pdf, .txt, files without an extension, archives, .jsonl, .csv)"
            );
        }
        return Ok(ERROR);
    }
    Ok(FOUND)
}

/// A path that is not there is a typo, not an empty corpus.
pub(super) fn missing(corpus: &[PathBuf]) -> Result<(), Failure> {
    match corpus.iter().find(|path| !path.exists()) {
        Some(path) => Err(Failure::Other(format!(
            "{}: no such file or folder",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// What is to be told at the end, on standard error.
pub(super) fn tell(report: &Report, quiet: bool, verbose: bool) {
    let listed = if verbose { usize::MAX } else { 10 };
    let more = |count: usize| {
        if count > listed {
            say!("imr: {} more (--verbose lists all)", count - listed);
        }
    };
    for (key, reason) in report.failed.iter().take(listed) {
        say!(
            "imr: {} {}",
            shown(key),
            harmless(&hints::of_source(reason))
        );
    }
    more(report.failed.len());
    if quiet {
        return;
    }
    for (key, note) in report.notes.iter().take(listed) {
        say!("imr: {} {}", shown(key), harmless(note));
    }
    more(report.notes.len());
    for (case, key) in &report.repeated_cases {
        say!(
            "imr: {} has the case number {case} of a different letter; both are kept",
            shown(key)
        );
    }
    for (keys, what) in [
        (
            &report.gone,
            "no longer exists; its letters are still in the index",
        ),
        (&report.pruned, "no longer exists; its letters were removed"),
    ] {
        for key in keys.iter().take(listed) {
            say!("imr: {} {what}", shown(key));
        }
        more(keys.len());
    }
    if !report.gone.is_empty() {
        say!(
            "imr: use --prune to remove {}",
            match report.gone.len() {
                1 => "its letters".to_string(),
                many => format!("the letters of these {many} sources"),
            }
        );
    }
    let repaired = report.repaired;
    if repaired.letters + repaired.sources > 0 {
        say!(
            "imr: repaired the index: an interrupted run had left {} and {}",
            render::count(repaired.letters, "outdated letter"),
            render::count(repaired.sources, "outdated record"),
        );
    }
    if let Some(bytes) = report.needs_memory {
        say!(
            "imr: indexing took more memory than --memory allows: with this many sources it needs --memory {}",
            bytes.div_ceil(1 << 20)
        );
    }
    say!("{}", summary(report));
}

fn summary(report: &Report) -> String {
    let mut parts = vec![
        render::count(report.letters, "letter"),
        render::count(report.items, "item"),
    ];
    let mut part = |n: usize, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    part(report.replaced, "replaced");
    part(report.skipped, "skipped as unchanged");
    part(report.duplicates, "duplicate");
    part(report.moved, "moved");
    part(report.unrecognized, "in no known layout");
    if report.others > 0 {
        part(report.others, "not letters (other documents)");
    }
    part(report.failed.len(), "failed");
    part(report.pruned.len(), "pruned");
    part(report.gone.len(), "gone");
    let ignored: usize = report.ignored.values().sum();
    if ignored > 0 {
        let kinds: Vec<&str> = report.ignored.keys().map(String::as_str).collect();
        parts.push(format!(
            "{} of other kinds skipped ({})",
            render::count(ignored, "file"),
            kinds.join(", ")
        ));
    }
    let seconds = report.elapsed.as_secs_f64();
    let rate = if report.letters >= 100 && seconds > 0.0 {
        format!(", {:.0} letters/s", report.letters as f64 / seconds)
    } else {
        String::new()
    };
    format!("{} ({seconds:.1} s{rate})", parts.join(", "))
}
