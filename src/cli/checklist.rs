//! `imr checklist`.

use super::args::SearchedArg;
use super::counted::{MatchArgs, asked};
use super::search::json_line;
use super::{FOUND, Failure, NOTHING, render};
use crate::stats::{self, Checklist, Example, Point, rate_in_words};
use std::io::{self, Write};

const HELP: &str = "\
The points come from the reviewers' reasons in the matching decided items, most
frequent first: how often each was met and not met, the guideline pages cited
there, and a sentence from a letter each way. They are counts of past
decisions, not predictions.

Examples:
  imr checklist --service \"epidural steroid injection\"
  imr checklist --service mri --body-part low-back --top 5
  imr checklist --drug norco --format md > norco.md

Exit codes: 0 found, 1 nothing found, 2 error.";

/// List the points that reviewers asked for, with pages and example sentences
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(flatten)]
    counted: MatchArgs,
    #[command(flatten)]
    index: SearchedArg,
    /// Maximum number of points [default: 10; json: all]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Format: text (default), md or json
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
}

/// How it is printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
enum Format {
    Text,
    Md,
    Json,
}

/// Lines are no longer, however wide the terminal is: they are read as prose.
const COLUMNS: usize = 80;
/// Before what belongs to a point.
const INDENT: &str = "   ";
/// Points listed where people read them.
const TOP: usize = 10;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let engine = args.index.open()?;
    let engine = &*engine;
    let mut checklist = stats::checklist(engine, &args.counted.request())?;
    let format = if args.json { Format::Json } else { args.format };
    let all = checklist.points.len();
    let top = match format {
        Format::Json => args.top.unwrap_or(usize::MAX),
        _ => args.top.unwrap_or(TOP),
    };
    checklist.points.truncate(top);
    let left = all - checklist.points.len();
    match format {
        Format::Text => text(out, &checklist, left, render::width().min(COLUMNS))?,
        Format::Md => markdown(out, &checklist, left)?,
        Format::Json => writeln!(out, "{}", json_line(&checklist)?)?,
    }
    Ok(if checklist.items > 0 { FOUND } else { NOTHING })
}

/// "2 of 36 such items were overturned (6%, 95% interval 2 to 18%)."
fn overturned(of: &Checklist) -> String {
    if of.items == 0 {
        return "No decided item matches".to_string();
    }
    let rate = of.rate.map(|rate| format!(" ({})", rate_in_words(rate)));
    format!(
        "{} of {} overturned{}",
        of.overturned,
        items(of.items),
        rate.unwrap_or_default()
    )
}

fn items(n: u64) -> String {
    render::count(usize::try_from(n).unwrap_or(usize::MAX), "decided item")
}

fn heading(of: &Checklist) -> String {
    format!("Checklist: {}", asked(&of.understood.query, &of.filters))
}

/// The reasons as a table: what separates overturned from upheld items.
pub(super) fn table(out: &mut dyn Write, of: &Checklist) -> io::Result<()> {
    writeln!(out, "{}", asked(&of.understood.query, &of.filters))?;
    for note in notes(of, 0) {
        writeln!(out, "{note}")?;
    }
    if of.points.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<24}{:>6}{:>9}{:>12}  95% interval",
        "reason", "for", "against", "overturned"
    )?;
    for point in &of.points {
        let rate = point.overturned.map_or_else(String::new, |rate| {
            let percent = |share: f64| (share * 100.0).round() as u32;
            format!(
                "{:>11}%  {} to {}%",
                percent(rate.rate),
                percent(rate.low),
                percent(rate.high)
            )
        });
        writeln!(
            out,
            "{:<24}{:>6}{:>9}{rate}",
            point.theme, point.met.items, point.not_met.items
        )?;
    }
    for point in &of.points {
        writeln!(out, "\n{}", point.theme)?;
        for (label, example) in [
            (&point.when_met, &point.met_example),
            (&point.when_not_met, &point.not_met_example),
        ] {
            let Some(example) = example else { continue };
            let text = format!("{label}: {}", quoted(example));
            for line in render::wrap(&text, COLUMNS - INDENT.len()) {
                writeln!(out, "{INDENT}{line}")?;
            }
        }
    }
    Ok(())
}

/// "1 rarer point is", "12 rarer points are".
pub(super) fn rarer(points: usize) -> String {
    let are = if points == 1 { "is" } else { "are" };
    format!("{} {are}", render::count(points, "rarer point"))
}

/// What a reader must know of the figures.
fn notes(of: &Checklist, left: usize) -> Vec<String> {
    let mut notes = vec![format!("{}.", overturned(of))];
    notes.extend(of.understood.sentences());
    if of.every > 1 {
        notes.push(format!(
            "imr read one in {} of the {} letters.",
            of.every, of.letters
        ));
    }
    if of.without_reason > 0 {
        notes.push(format!(
            "No reason was recognized in the rationales of {} of them.",
            of.without_reason
        ));
    }
    if left > 0 {
        notes.push(format!("{} not shown; --top N shows more.", rarer(left)));
    }
    notes
}

fn cited(point: &Point) -> Option<String> {
    let titles = point.cited.iter().map(|cited| {
        let pages: Vec<String> = cited.pages.iter().map(ToString::to_string).collect();
        let pages = match pages.len() {
            0 => String::new(),
            1 => format!(", page {}", pages[0]),
            _ => format!(", pages {}", pages.join(", ")),
        };
        format!("{}{pages}", cited.title)
    });
    let titles: Vec<String> = titles.collect();
    (!titles.is_empty()).then(|| titles.join("; "))
}

fn quoted(example: &Example) -> String {
    format!("\"{}\" ({})", example.sentence, example.letter)
}

fn text(out: &mut dyn Write, of: &Checklist, left: usize, width: usize) -> io::Result<()> {
    let mut paragraph = |indent: &str, text: &str| -> io::Result<()> {
        for line in render::wrap(text, width.saturating_sub(indent.len())) {
            writeln!(out, "{indent}{line}")?;
        }
        Ok(())
    };
    paragraph("", &heading(of))?;
    for note in notes(of, left) {
        paragraph("", &note)?;
    }
    for (n, point) in of.points.iter().enumerate() {
        paragraph("", "")?;
        paragraph(
            "",
            &format!("{}. {}: {}", n + 1, point.theme, point.meaning),
        )?;
        let rate = point
            .overturned
            .map(|r| format!("; {} overturned", rate_in_words(r)));
        paragraph(
            INDENT,
            &format!(
                "{}: {}; {}: {}{}",
                point.when_met,
                point.met.items,
                point.when_not_met,
                point.not_met.items,
                rate.unwrap_or_default()
            ),
        )?;
        if let Some(cited) = cited(point) {
            paragraph(INDENT, &format!("cited: {cited}"))?;
        }
        if let Some(example) = &point.met_example {
            paragraph(INDENT, &format!("met: {}", quoted(example)))?;
        }
        if let Some(example) = &point.not_met_example {
            paragraph(INDENT, &format!("not met: {}", quoted(example)))?;
        }
    }
    Ok(())
}

/// Text that shows as it is, whatever a letter says.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>#|!&~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn markdown(out: &mut dyn Write, of: &Checklist, left: usize) -> io::Result<()> {
    writeln!(out, "# {}\n", escaped(&heading(of)))?;
    for note in notes(of, left) {
        writeln!(out, "{}", escaped(&note))?;
    }
    for (n, point) in of.points.iter().enumerate() {
        writeln!(out, "\n## {}. {}\n", n + 1, escaped(&point.theme))?;
        writeln!(out, "{}.\n", escaped(&point.meaning))?;
        writeln!(
            out,
            "- {}: {}; {}: {}{}",
            point.when_met,
            point.met.items,
            point.when_not_met,
            point.not_met.items,
            point.overturned.map_or_else(String::new, |r| format!(
                "; {} overturned",
                rate_in_words(r)
            ))
        )?;
        if let Some(cited) = cited(point) {
            writeln!(out, "- Cited: {}", escaped(&cited))?;
        }
        for (label, example) in [
            ("Met", &point.met_example),
            ("Not met", &point.not_met_example),
        ] {
            if let Some(example) = example {
                writeln!(out, "- {label}: {}", escaped(&quoted(example)))?;
            }
        }
    }
    Ok(())
}
