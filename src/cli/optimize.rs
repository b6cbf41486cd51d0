//! `imr optimize`: an index whose corpus is finished, made quicker to search.

use super::args::IndexArg;
use super::{FOUND, Failure, render};
use crate::index::{Index, optimize};
use std::io::Write;
use std::path::PathBuf;

/// Merges the parts that an index is kept in. Searches go on meanwhile.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr optimize
  imr optimize --segments 1 --index letters.idx

Searches continue during the merge.")]
pub(super) struct Args {
    #[command(flatten)]
    index: IndexArg,
    /// Maximum number of segments that remain [default: one per core]
    #[arg(long, value_name = "N")]
    segments: Option<usize>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let path: &PathBuf = &args.index.index;
    let index = Index::open(path)?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let size = |index: &Index| index.status().map(|status| status.bytes);
    let bytes = size(&index)?;
    let merged = optimize(&index, args.segments.unwrap_or_else(cores))?;
    let (before, after) = (merged.before, merged.after);
    if before == after && bytes == size(&index)? {
        writeln!(
            out,
            "{}: nothing to merge",
            render::count(before, "segment")
        )?;
    } else {
        let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
        writeln!(
            out,
            "merged {before} segments into {after}; {} became {}",
            megabytes(bytes),
            megabytes(size(&index)?)
        )?;
    }
    Ok(FOUND)
}
