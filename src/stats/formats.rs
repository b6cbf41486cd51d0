//! Reports for spreadsheets and for text: CSV and Markdown.

use super::checklist::{Checklist, Example};
use super::reasons::Reasons;
use super::report::{Figures, Report};
use super::wilson::Rate;
use crate::formula::harmless;
pub use crate::search::grouped;
use std::io::{self, Write};

/// The columns of the CSV, always these and in this order.
pub const COLUMNS: [&str; 12] = [
    "row",
    "value",
    "column",
    "letters",
    "items",
    "upheld",
    "overturned",
    "partial",
    "undecided",
    "rate",
    "low",
    "high",
];

/// A value that stands for those not listed.
pub const OTHERS: &str = "(others)";

/// Writes a report as CSV: a row for each value, and of a cross table one for each pair of values.
/// `row` tells what a row is: `value`, `rest`, `none` (no value) or `all`; an empty `column` is all
/// columns.
///
/// # Errors
/// If the output cannot be written.
pub fn csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    let mut columns: Vec<&str> = report.columns.iter().map(|c| c.value.as_str()).collect();
    if report.rest_columns.is_some() {
        columns.push(OTHERS);
    }
    let mut write = |kind: &str, value: &str, figures: &Figures, cells: &[Figures]| {
        writer.write_record(record(kind, value, "", figures))?;
        for (column, cell) in columns.iter().zip(cells) {
            writer.write_record(record(kind, value, column, cell))?;
        }
        Ok::<(), io::Error>(())
    };
    for row in &report.rows {
        write("value", &row.value, &row.figures, &row.cells)?;
    }
    if let Some(rest) = &report.rest {
        write("rest", OTHERS, &rest.figures, &rest.cells)?;
    }
    if !report.row_name().is_empty() {
        write("none", "", &report.without, &[])?;
    }
    let mut all: Vec<Figures> = report.columns.iter().map(|c| c.figures).collect();
    all.extend(report.rest_columns.as_ref().map(|rest| rest.figures));
    write("all", "", &report.all, &all)?;
    writer.flush()
}

fn record(kind: &str, value: &str, column: &str, of: &Figures) -> Vec<String> {
    let share = |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!("{rate:.4}"));
    let mut cells = vec![
        kind.to_string(),
        harmless(value).into_owned(),
        harmless(column).into_owned(),
    ];
    for count in [
        of.letters,
        of.items,
        of.upheld,
        of.overturned,
        of.partial,
        of.undecided,
    ] {
        cells.push(count.to_string());
    }
    cells.extend([share(of.rate), share(of.low), share(of.high)]);
    cells
}

/// A share as people read it, with so many digits after the point: "29%".
#[must_use]
pub fn percent(share: f64, digits: usize) -> String {
    format!("{:.digits$}%", share * 100.0)
}

/// An interval narrower than this asks for a digit after the point.
const NARROW: f64 = 0.04;

/// Digits that the figures bear.
fn digits(of: &Figures) -> usize {
    match (of.low, of.high) {
        (Some(low), Some(high)) => usize::from(high - low < NARROW),
        _ => 0,
    }
}

/// "29%", or a dash of nothing decided; "11.8%" where the interval is that narrow.
#[must_use]
pub fn rate(of: &Figures) -> String {
    of.rate
        .map_or_else(|| "-".to_string(), |rate| percent(rate, digits(of)))
}

/// "17-44%", or nothing.
#[must_use]
pub fn interval(of: &Figures) -> String {
    match (of.low, of.high) {
        (Some(low), Some(high)) => {
            let digits = digits(of);
            format!("{:.digits$}-{}", low * 100.0, percent(high, digits))
        }
        _ => String::new(),
    }
}

/// "43% of 7": a cell of a cross table, the rate and the items with a decision.
#[must_use]
pub fn cell(of: &Figures) -> String {
    match of.decided() {
        0 => "-".to_string(),
        n => format!("{} of {}", rate(of), grouped(n)),
    }
}

/// Writes a report as a Markdown table.
///
/// # Errors
/// If the output cannot be written.
pub fn markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let all = &report.all;
    writeln!(
        out,
        "{} letters, {} items: {} upheld, {} overturned ({} in part), {} without a decision; \
         overturn rate {} (95% interval {}).",
        grouped(all.letters),
        grouped(all.items),
        grouped(all.upheld),
        grouped(all.overturned),
        grouped(all.partial),
        grouped(all.undecided),
        rate(all),
        interval(all)
    )?;
    if report.row_name().is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut head = vec![report.row_name().to_string(), "rate".into()];
    let crossed = !report.column_name().is_empty();
    if crossed {
        head[1] = "all".into();
        head.extend(report.columns.iter().map(|c| c.value.clone()));
        let rest = report.rest_columns.as_ref();
        head.extend(rest.map(|rest| format!("{} others", rest.values)));
    } else {
        let names = [
            "95% interval",
            "overturned",
            "upheld",
            "undecided",
            "letters",
        ];
        head.extend(names.map(str::to_string));
    }
    line(out, &head)?;
    let dashes: Vec<String> = (0..head.len())
        .map(|n| if n == 0 { "---" } else { "---:" }.to_string())
        .collect();
    writeln!(out, "|{}|", dashes.join("|"))?;
    let cells = |name: String, figures: &Figures, cells: &[Figures]| {
        let mut row = vec![name];
        if crossed {
            row.push(cell(figures));
            row.extend(cells.iter().map(cell));
            row.resize(head.len(), String::new());
            return row;
        }
        row.extend([rate(figures), interval(figures)]);
        let counts = [
            figures.overturned,
            figures.upheld,
            figures.undecided,
            figures.letters,
        ];
        row.extend(counts.map(|n| n.to_string()));
        row
    };
    for row in &report.rows {
        line(out, &cells(row.value.clone(), &row.figures, &row.cells))?;
    }
    if let Some(rest) = &report.rest {
        let name = format!("{} others", rest.values);
        line(out, &cells(name, &rest.figures, &rest.cells))?;
    }
    if report.without.letters > 0 {
        line(out, &cells(none(report), &report.without, &[]))?;
    }
    let mut all: Vec<Figures> = report.columns.iter().map(|c| c.figures).collect();
    all.extend(report.rest_columns.as_ref().map(|rest| rest.figures));
    line(out, &cells("all".to_string(), &report.all, &all))
}

/// What has no value: "(no drug)", of a series "(no date)".
#[must_use]
pub fn none(report: &Report) -> String {
    match report.over {
        Some(_) => "(no date)".to_string(),
        None => format!("(no {})", report.row_name()),
    }
}

fn line(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

/// Writes reasons as CSV.
///
/// # Errors
/// If the output cannot be written.
pub fn reasons_csv(reasons: &Reasons, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record([
        "side",
        "phrase",
        "z",
        "stands_out",
        "overturned",
        "upheld",
        "example",
    ])?;
    for (side, list) in [
        ("overturned", &reasons.overturned),
        ("upheld", &reasons.upheld),
    ] {
        for reason in list {
            writer.write_record([
                side,
                harmless(&reason.phrase).as_ref(),
                &format!("{:.3}", reason.z),
                if reason.stands_out { "yes" } else { "no" },
                &reason.overturned.to_string(),
                &reason.upheld.to_string(),
                harmless(&reason.example).as_ref(),
            ])?;
        }
    }
    writer.flush()
}

/// Writes the reasons of a checklist as CSV: one row a theme.
///
/// # Errors
/// If the output cannot be written.
pub fn points_csv(of: &Checklist, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record([
        "reason",
        "for",
        "for_letters",
        "against",
        "against_letters",
        "rate",
        "low",
        "high",
        "example_for",
        "letter_for",
        "example_against",
        "letter_against",
    ])?;
    for point in &of.points {
        let share = |share: fn(&Rate) -> f64| {
            let rate = point.overturned.as_ref().map(share);
            rate.map_or_else(String::new, |rate| format!("{rate:.4}"))
        };
        let example = |example: &Option<Example>| match example {
            Some(example) => [example.sentence.clone(), example.letter.clone()],
            None => [String::new(), String::new()],
        };
        let [for_sentence, for_letter] = example(&point.met_example);
        let [against_sentence, against_letter] = example(&point.not_met_example);
        writer.write_record([
            point.theme.as_str(),
            &point.met.items.to_string(),
            &point.met.letters.to_string(),
            &point.not_met.items.to_string(),
            &point.not_met.letters.to_string(),
            &share(|r| r.rate),
            &share(|r| r.low),
            &share(|r| r.high),
            harmless(&for_sentence).as_ref(),
            harmless(&for_letter).as_ref(),
            harmless(&against_sentence).as_ref(),
            harmless(&against_letter).as_ref(),
        ])?;
    }
    writer.flush()
}

/// Writes the reasons of a checklist as a Markdown table.
///
/// # Errors
/// If the output cannot be written.
pub fn points_markdown(of: &Checklist, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} of {} decided items overturned; in {} no reason was recognized.\n",
        of.overturned, of.items, of.without_reason
    )?;
    line(
        out,
        &[
            "reason",
            "for",
            "against",
            "overturned",
            "95% interval",
            "example",
        ]
        .map(str::to_string),
    )?;
    writeln!(out, "|---|---:|---:|---:|---|---|")?;
    for point in &of.points {
        let percent = |share: f64| format!("{:.0}", share * 100.0);
        let rate = point.overturned;
        let example = point
            .met_example
            .as_ref()
            .or(point.not_met_example.as_ref());
        line(
            out,
            &[
                point.theme.clone(),
                point.met.items.to_string(),
                point.not_met.items.to_string(),
                rate.map_or_else(String::new, |r| format!("{}%", percent(r.rate))),
                rate.map_or_else(String::new, |r| {
                    format!("{} to {}%", percent(r.low), percent(r.high))
                }),
                example.map_or_else(String::new, |e| format!("{} ({})", e.sentence, e.letter)),
            ],
        )?;
    }
    Ok(())
}

/// Writes reasons as Markdown tables.
///
/// # Errors
/// If the output cannot be written.
pub fn reasons_markdown(reasons: &Reasons, out: &mut dyn Write) -> io::Result<()> {
    let sample = &reasons.sample;
    writeln!(
        out,
        "{} overturned and {} upheld rationales of {} letters.",
        sample.overturned, sample.upheld, sample.read
    )?;
    if let Some(caution) = &reasons.caution {
        writeln!(out, "\nThat is {caution}: see docs/stats.md.")?;
    }
    for (side, list) in [
        ("Overturned", &reasons.overturned),
        ("Upheld", &reasons.upheld),
    ] {
        writeln!(out, "\n**{side}**\n")?;
        line(
            out,
            &["phrase", "z", "overturned", "upheld", "for example"].map(str::to_string),
        )?;
        writeln!(out, "|---|---:|---:|---:|---|")?;
        for reason in list {
            let mark = if reason.stands_out { "*" } else { "" };
            line(
                out,
                &[
                    reason.phrase.clone(),
                    format!("{:.1}{mark}", reason.z),
                    reason.overturned.to_string(),
                    reason.upheld.to_string(),
                    reason.example.clone(),
                ],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Decisions;

    #[test]
    fn figures_as_people_read_them() {
        let figures = Figures::of(&Decisions {
            letters: 30,
            upheld: 30,
            overturned: 12,
            partial: 2,
            undecided: 1,
        });
        assert_eq!(rate(&figures), "29%");
        assert_eq!(interval(&figures), "17-44%");
        assert_eq!(cell(&figures), "29% of 42");
        assert_eq!(rate(&Figures::default()), "-");
        assert_eq!(cell(&Figures::default()), "-");
    }
}
