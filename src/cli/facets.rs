//! `imr facets`: the values of a facet.

use super::args::SearchedArg;
use super::search::json_line;
use super::suggested::SuggestedValues;
use super::{FOUND, Failure, NOTHING, render};
use crate::search::known_facets;
use std::io::Write;

/// Lists the values of a facet with the letters and items that have them.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr facets                          the names of the facets
  imr facets drug --prefix opioid
  imr facets specialty --json")]
pub(super) struct Args {
    /// The facet; without it, imr lists the names of all facets
    #[arg(value_name = "NAME", value_parser = SuggestedValues::FACETS, hide_possible_values = true)]
    name: Option<String>,
    /// Only values that begin with this, in any capitalization
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// Maximum number of values
    #[arg(long, value_name = "N", default_value_t = 1000)]
    top: usize,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    index: SearchedArg,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let Some(name) = &args.name else {
        for name in known_facets() {
            writeln!(out, "{name}")?;
        }
        return Ok(FOUND);
    };
    let mut counts = args.index.open()?.facet_values(name, usize::MAX)?;
    let prefix = args.prefix.to_lowercase();
    let begins = |value: &str| {
        value
            .to_lowercase()
            .split('/')
            .any(|part| part.starts_with(&prefix))
            || value.to_lowercase().starts_with(&prefix)
    };
    counts.values.retain(|value| begins(&value.value));
    counts.more = counts.values.len().saturating_sub(args.top);
    counts.values.truncate(args.top);
    if args.json {
        for value in &counts.values {
            writeln!(out, "{}", json_line(value)?)?;
        }
    } else if !counts.values.is_empty() {
        render::facet(out, &counts)?;
    }
    Ok(if counts.values.is_empty() {
        NOTHING
    } else {
        FOUND
    })
}
