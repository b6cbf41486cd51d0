//! `imr index`: build or update.

use super::args::IndexArg;
use super::{ERROR, FOUND, Failure, INTERRUPTED, progress, render};
use crate::index::{Index, IngestOptions, Report};
use std::path::PathBuf;

/// Builds an index from letters, or brings it up to date: unchanged files are skipped, a changed
/// file replaces its letter.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr index letters/                        into ./imr-index
  imr index 2015/ extra.pdf --index /data/imr
  imr index letters/ --jobs 2               two threads

Read are .pdf, .txt and files without extension, in any folder below. What gives no
letter is reported with its reason and the rest goes on: the exit code is then 0. It is
2 only when nothing at all could be read, or the index could not be written.")]
pub struct Args {
    /// Folders and files
    #[arg(required = true, value_name = "CORPUS")]
    corpus: Vec<PathBuf>,
    #[command(flatten)]
    index: IndexArg,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Megabytes that the writer may hold in memory
    #[arg(long, value_name = "MB", default_value_t = 256)]
    memory: usize,
    /// Read letters up to so many megabytes
    #[arg(long, value_name = "MB", default_value_t = 32)]
    max_letter: u64,
    /// Take out of the index what was in files that are gone from CORPUS
    #[arg(long)]
    prune: bool,
    /// List every failure (else the first ten)
    #[arg(long, short)]
    verbose: bool,
    /// No progress, no summary; failures only
    #[arg(long, short)]
    quiet: bool,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    missing(&args.corpus)?;
    let index = Index::open_or_create(&args.index.index)?;
    let mut options = IngestOptions {
        memory: args.memory << 20,
        max_letter: args.max_letter << 20,
        prune: args.prune,
        ..IngestOptions::default()
    };
    options.jobs = args.jobs.unwrap_or(options.jobs).clamp(1, 256);
    let report = progress::ingest(&index, &args.corpus, options, args.quiet)?;
    tell(&report, args.quiet, args.verbose);
    if report.stopped {
        return Ok(INTERRUPTED);
    }
    if report.letters + report.skipped + report.duplicates == 0 {
        if report.failed.is_empty() {
            anstream::eprintln!(
                "imr: no letter was found there (.pdf, .txt, or files without extension)"
            );
        }
        return Ok(ERROR);
    }
    Ok(FOUND)
}

/// A path that is not there is a typo, not an empty corpus.
pub fn missing(corpus: &[PathBuf]) -> Result<(), Failure> {
    match corpus.iter().find(|path| !path.exists()) {
        Some(path) => Err(Failure::Other(format!("{} is not there", path.display()))),
        None => Ok(()),
    }
}

/// The summary, on standard error.
pub fn tell(report: &Report, quiet: bool, verbose: bool) {
    let listed = if verbose { usize::MAX } else { 10 };
    for (path, reason) in report.failed.iter().take(listed) {
        anstream::eprintln!("imr: {path} {reason}");
    }
    if report.failed.len() > listed {
        anstream::eprintln!(
            "imr: and {} more (--verbose lists them)",
            report.failed.len() - listed
        );
    }
    if quiet {
        return;
    }
    for (case, path) in &report.repeated_cases {
        anstream::eprintln!(
            "imr: {path} has the case number {case} of a different letter; both are kept"
        );
    }
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
    part(report.unrecognised, "in no known layout");
    part(report.failed.len(), "failed");
    part(report.pruned, "pruned");
    let ignored: usize = report.ignored.values().sum();
    if ignored > 0 {
        let kinds: Vec<&str> = report.ignored.keys().map(String::as_str).collect();
        parts.push(format!(
            "{} of other kinds passed over ({})",
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
    anstream::eprintln!("{} ({seconds:.1} s{rate})", parts.join(", "));
    if report.gone > 0 {
        anstream::eprintln!(
            "imr: {} there before are gone; what they held stays in the index (--prune takes it out)",
            render::count(report.gone, "file")
        );
    }
    if report.stopped {
        anstream::eprintln!("imr: stopped; the same command goes on where it was");
    }
}
