//! `imr status`: what the index holds.

use super::args::IndexArg;
use super::search::json_line;
use super::{FOUND, Failure, render};
use crate::index::Index;
use std::io::Write;

/// Tells what the index holds.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    index: IndexArg,
    /// List the files that gave no letter, with the reasons
    #[arg(long)]
    failures: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let status = Index::open(&args.index.index)?.status()?;
    if args.json {
        writeln!(out, "{}", json_line(&status)?)?;
        return Ok(FOUND);
    }
    let mut row = |label: &str, value: String| writeln!(out, "{label:14} {value}");
    row("index", status.index.clone())?;
    row("letters", render::grouped(status.letters))?;
    row("items", render::grouped(status.items))?;
    row("files", render::grouped(status.sources))?;
    row("unrecognised", render::grouped(status.unrecognised))?;
    row("failed", render::grouped(status.failures.len() as u64))?;
    if let Some((first, last)) = &status.decided {
        row("decided", format!("{first} to {last}"))?;
    }
    row(
        "size",
        format!(
            "{:.1} MB in {}",
            status.bytes as f64 / 1e6,
            render::count(status.segments, "segment")
        ),
    )?;
    row("format", status.format.clone())?;
    if !status.warnings.is_empty() {
        let kinds = status
            .warnings
            .iter()
            .map(|(kind, n)| format!("{kind} {}", render::grouped(*n)));
        row("doubts", kinds.collect::<Vec<_>>().join(", "))?;
    }
    if !status.unlisted.is_empty() {
        let names = status
            .unlisted
            .iter()
            .map(|(name, n)| format!("{name} {}", render::grouped(*n)));
        row("unlisted drugs", names.collect::<Vec<_>>().join(", "))?;
    }
    if args.failures {
        for (path, reason) in &status.failures {
            writeln!(out, "{path} {reason}")?;
        }
    }
    Ok(FOUND)
}
