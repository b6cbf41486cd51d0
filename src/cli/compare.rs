//! `imr compare`.

use super::args::SearchedArg;
use super::counted::MatchArgs;
use super::search::json_line;
use super::stats::Format;
use super::{FOUND, Failure, NOTHING, render, stats_text};
use crate::fields;
use crate::search::{Filter, Request};
use crate::stats;
use crate::vocabulary::nearest;
use std::io::Write;

/// Compares two overturn rates, with their difference and its 95% interval (Newcombe), and
/// the letters behind each. Filters hold on both sides; --versus replaces one on the second.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr compare norco -- tramadol
  imr compare --drug norco --versus drug=tramadol
  imr compare \"lumbar mri\" --specialty pmr --versus specialty=orthopedic

Filters apply to both sides; --versus replaces one on the second. imr shows
both rates, their difference with its 95% interval (Newcombe), and the letters
behind each.

Exit codes: 0 both sides have letters, 1 one side has none, 2 error.")]
pub(super) struct Args {
    #[command(flatten)]
    counted: MatchArgs,
    #[command(flatten)]
    index: SearchedArg,
    /// The second query, after --
    #[arg(last = true, value_name = "QUERY-B")]
    against: Vec<String>,
    /// Replace or add a filter on the second side: drug=tramadol (repeatable)
    #[arg(long, value_name = "FILTER=VALUE")]
    versus: Vec<String>,
    /// Number of letters listed for each side
    #[arg(long, value_name = "N", default_value_t = 5)]
    top: usize,
    /// Print one JSON object, for programs
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Format: text (default) or json
    #[arg(
        long,
        value_name = "NAME",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,
}

/// Letters of a side at most.
const MOST: usize = 1000;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let a = args.counted.request();
    let b = second(args, &a)?;
    let format = if args.json { Format::Json } else { args.format };
    if !matches!(format, Format::Text | Format::Json) {
        return Err(Failure::Other(
            "--format: compare prints text or json".to_string(),
        ));
    }
    let engine = args.index.open()?;
    let engine = &*engine;
    let compared = stats::compare(engine, &a, &b, args.top.min(MOST))?;
    if format == Format::Json {
        writeln!(out, "{}", json_line(&compared)?)?;
    } else {
        let index = args.index.folder();
        stats_text::comparison(out, &compared, [&a, &b], index, render::width())?;
    }
    let both = compared.a.figures.letters > 0 && compared.b.figures.letters > 0;
    Ok(if both { FOUND } else { NOTHING })
}

/// The second side: its own words where there are some, the first's filters but for those that it
/// has instead.
fn second(args: &Args, a: &Request) -> Result<Request, Failure> {
    if args.against.is_empty() && args.versus.is_empty() {
        return Err(Failure::Other(
            "compare with what? Write the second query after -- (imr compare norco -- tramadol), or \
             name a filter: --versus drug=tramadol"
                .to_string(),
        ));
    }
    let instead = args
        .versus
        .iter()
        .map(|versus| filter(versus))
        .collect::<Result<Vec<_>, _>>()?;
    let mut filters = a.filters.clone();
    filters.retain(|kept| !instead.iter().any(|f| f.name == kept.name));
    filters.extend(instead);
    Ok(Request {
        query: if args.against.is_empty() {
            a.query.clone()
        } else {
            args.against.join(" ")
        },
        filters,
        ..a.clone()
    })
}

/// "drug=tramadol", "not-drug=tramadol".
fn filter(versus: &str) -> Result<Filter, Failure> {
    let Some((name, value)) = versus.split_once('=') else {
        return Err(Failure::Other(format!(
            "--versus: '{versus}' is not a filter and a value, such as drug=tramadol"
        )));
    };
    let typed = name
        .trim()
        .trim_start_matches("--")
        .to_lowercase()
        .replace('_', "-");
    let (negated, name) = match typed.strip_prefix("not-") {
        Some(name) => (true, name),
        None => (false, typed.as_str()),
    };
    if let Some((known, _)) = fields::filter(name) {
        return Ok(Filter {
            name: known.name.to_string(),
            value: value.trim().to_string(),
            negated,
        });
    }
    let near = nearest(name, fields::filters().map(|(field, _)| field.name));
    let hint = near
        .first()
        .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
    Err(Failure::Other(format!(
        "--versus: there is no filter '{name}'{hint}"
    )))
}
