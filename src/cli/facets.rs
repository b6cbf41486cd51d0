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
  imr facets                        the names of the facets
  imr facets drug --prefix opioid
  imr facets specialty --json

Each value is listed with the number of letters, and of items, that have it.

Exit codes: 0 found, 1 no such values, 2 error.")]
pub(super) struct Args {
    /// Facet to list [default: list the names of all facets]
    #[arg(value_name = "NAME", value_parser = SuggestedValues::FACETS, hide_possible_values = true)]
    name: Option<String>,
    /// List only values that begin with TEXT, in any capitalization
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    prefix: String,
    /// Maximum number of values listed
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
            if args.json {
                writeln!(out, "{}", serde_json::json!({ "facet": name }))?;
            } else {
                writeln!(out, "{name}")?;
            }
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
