//! `imr stats`.

use super::args::SearchedArg;
use super::counted::MatchArgs;
use super::search::json_line;
use super::{FOUND, Failure, NOTHING, checklist, render, stats_text};
use crate::search::{Backend, Period};
use crate::stats::{self, Report, Request, Sort, chart, formats};
use std::io::Write;
use std::path::{Path, PathBuf};

const HELP: &str = "\
The overturn rate is the share of decided items in which the denial was
overturned, also if only in part. Each rate has its 95% Wilson interval, which
is wide when there are few items.

Examples:
  imr stats --by drug --min 5 --sort rate
  imr stats --by specialty,decision --drug opioid
  imr stats --by drug/opioid --over quarter --chart opioids.svg
  imr stats --drug norco --reasons
  imr stats --by page --format csv > pages.csv

Run `imr facets` to see what you can count by.
Exit codes: 0 found, 1 nothing found, 2 error.";

/// Counts decisions: items upheld and overturned, and the overturn rate with its interval, over any
/// facet and over time.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(flatten)]
    counted: MatchArgs,
    #[command(flatten)]
    index: SearchedArg,
    /// Facet to count by: drug, specialty, page ... (drug/opioid: below opioid); two make a cross table
    #[arg(long, value_name = "FACET[,FACET2]", value_delimiter = ',')]
    by: Vec<String>,
    /// Count by date of decision: year, quarter or month
    #[arg(long, value_name = "PERIOD", hide_possible_values = true)]
    over: Option<Over>,
    /// Show the reviewers' reasons: how often each decided for and against, with examples
    #[arg(long, conflicts_with_all = ["by", "over", "chart"])]
    reasons: bool,
    /// Show the phrases that set overturned rationales apart from upheld ones
    #[arg(long, conflicts_with_all = ["by", "over", "chart", "reasons"])]
    phrases: bool,
    /// Also count letters that only mention what the query asks for
    #[arg(long, conflicts_with_all = ["reasons", "phrases"])]
    mentions: bool,
    /// Order of the values: count (default), rate or name
    #[arg(
        long,
        value_name = "BY",
        default_value = "count",
        hide_default_value = true,
        hide_possible_values = true
    )]
    sort: By,
    /// Group values with fewer than N decided items under "others"
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    min: u64,
    /// Maximum number of values; the rest share one line [default: 20; csv and json: all]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Maximum number of values of the second facet [default: what fits; csv and json: all]
    #[arg(long, value_name = "N")]
    columns: Option<usize>,
    /// Format: text (default), csv, json or md
    #[arg(
        long,
        value_name = "NAME",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Draw a chart: bars with intervals, or lines over time
    #[arg(long, value_name = "FILE.svg")]
    chart: Option<PathBuf>,
    /// Overwrite an existing chart file
    #[arg(long)]
    force: bool,
}

/// [`Period`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
enum Over {
    Year,
    Quarter,
    Month,
}

/// [`Sort`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
enum By {
    Count,
    Rate,
    Name,
}

/// How it is printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub(super) enum Format {
    Text,
    Csv,
    Json,
    Md,
}

/// Values listed where people read them.
const TOP: usize = 20;
/// Columns of a table and lines of a chart, where people read them.
const COLUMNS: usize = 6;
/// Phrases listed of each side.
const REASONS: usize = 15;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(path) = &args.chart {
        free(path, args.force)?;
    }
    let engine = args.index.open()?;
    let engine = &*engine;
    let format = if args.json { Format::Json } else { args.format };
    if args.reasons {
        return reasons(args, engine, format, out);
    }
    if args.phrases {
        return phrases(args, engine, format, out);
    }
    let for_people = matches!(format, Format::Text | Format::Md);
    let width = render::width();
    let fits = match format {
        Format::Text => stats_text::columns_in(width),
        _ => COLUMNS,
    };
    let mut request = Request {
        search: crate::search::Request {
            mentions: args.mentions,
            ..args.counted.request()
        },
        by: args.by.iter().map(|b| b.trim().to_string()).collect(),
        over: args.over.map(|over| match over {
            Over::Year => Period::Year,
            Over::Quarter => Period::Quarter,
            Over::Month => Period::Month,
        }),
        sort: match args.sort {
            By::Count => Sort::Count,
            By::Rate => Sort::Rate,
            By::Name => Sort::Name,
        },
        min: args.min,
        top: args.top.or(for_people.then_some(TOP)),
        columns: args.columns.or(for_people.then_some(fits)),
    };
    let report = stats::report(engine, &request)?;
    match format {
        Format::Text => stats_text::report(out, &report, request.search.counts(), width)?,
        Format::Csv => formats::csv(&report, out)?,
        Format::Json => writeln!(out, "{}", json_line(&report)?)?,
        Format::Md => formats::markdown(&report, out)?,
    }
    if let Some(path) = &args.chart {
        let drawn = (args.top.unwrap_or(TOP), args.columns.unwrap_or(COLUMNS));
        if (request.top, request.columns) != (Some(drawn.0), Some(drawn.1)) {
            (request.top, request.columns) = (Some(drawn.0), Some(drawn.1));
            save(path, &stats::report(engine, &request)?)?;
        } else {
            save(path, &report)?;
        }
    }
    Ok(if report.all.letters > 0 {
        FOUND
    } else {
        NOTHING
    })
}

fn reasons(
    args: &Args,
    engine: &dyn Backend,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let mut reasons = stats::checklist(engine, &args.counted.request())?;
    let top = args.top.unwrap_or(usize::MAX);
    let left = reasons.points.len().saturating_sub(top);
    reasons.points.truncate(top);
    match format {
        Format::Text => {
            checklist::table(out, &reasons)?;
            if left > 0 {
                writeln!(
                    out,
                    "{} not shown; --top N shows more.",
                    checklist::rarer(left)
                )?;
            }
        }
        Format::Csv => formats::points_csv(&reasons, out)?,
        Format::Json => writeln!(out, "{}", json_line(&reasons)?)?,
        Format::Md => formats::points_markdown(&reasons, out)?,
    }
    Ok(if reasons.items > 0 { FOUND } else { NOTHING })
}

fn phrases(
    args: &Args,
    engine: &dyn Backend,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let top = args.top.unwrap_or(REASONS);
    let reasons = stats::reasons(engine, &args.counted.request(), top)?;
    match format {
        Format::Text => stats_text::reasons(out, &reasons, render::width())?,
        Format::Csv => formats::reasons_csv(&reasons, out)?,
        Format::Json => writeln!(out, "{}", json_line(&reasons)?)?,
        Format::Md => formats::reasons_markdown(&reasons, out)?,
    }
    Ok(if reasons.sample.letters > 0 {
        FOUND
    } else {
        NOTHING
    })
}

fn free(path: &Path, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::Other(format!(
            "{} already exists; use --force to overwrite it",
            path.display()
        )));
    }
    let svg = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    if svg {
        return Ok(());
    }
    Err(Failure::Other(format!(
        "--chart: {} must end in .svg; imr draws charts as SVG",
        path.display()
    )))
}

/// Writes the chart beside and renames it: the file is whole or not there.
fn save(path: &Path, report: &Report) -> Result<(), Failure> {
    let svg = chart::svg(report).map_err(|e| Failure::Other(e.to_string()))?;
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let written = std::fs::write(&beside, svg).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&beside);
        Failure::Other(format!(
            "{} cannot be written: {}",
            path.display(),
            crate::corpus::io_reason(&e)
        ))
    })
}
