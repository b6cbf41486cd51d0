//! A report as a picture: SVG, from plain data, for a slide or a page. Shapes, shades and labels
//! tell things apart, so that it reads in black and white too.

mod bars;
mod canvas;
mod lines;
mod panels;

use super::formats::{grouped, interval, percent, rate};
use super::{Figures, Report};
use canvas::{Anchor, Canvas, INK, QUIET};

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart cannot be drawn: {0}")]
pub struct ChartError(String);

/// Rows of a chart at most: of more, the first.
pub const MOST_ROWS: usize = 25;
/// Panels or lines at most.
pub const MOST_COLUMNS: usize = 6;

/// The width of every chart, in pixels.
const WIDTH: i32 = 1280;
/// Free space at its sides.
const MARGIN: i32 = 48;
/// Where what is drawn begins, below the title.
const TOP: i32 = 176;
/// Between the plot's lower end and the picture's: the axis and a note.
const BOTTOM: i32 = 92;

/// Draws a report: bars with their intervals, of a cross table in one panel a column, of a series
/// lines over time.
///
/// # Errors
/// If drawing fails, which it does not on a string.
pub fn svg(report: &Report) -> Result<String, ChartError> {
    let crossed = !report.column_name().is_empty();
    let drawn = match report.over {
        Some(_) => lines::draw(report)?,
        None if crossed => panels::draw(report)?,
        None => bars::draw(report)?,
    };
    // What the picture shows, for who cannot see it.
    let title = format!(
        "<title>{}. {}</title>\n",
        escaped(&title(report)),
        escaped(&totals(report))
    );
    Ok(drawn.replacen(">\n", &format!(" role=\"img\">\n{title}"), 1))
}

fn escaped(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Without characters that XML forbids.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

fn title(report: &Report) -> String {
    let mut title = "Overturn rate".to_string();
    if let [first, rest @ ..] = &report.by[..] {
        title += &format!(" by {first}");
        for other in rest {
            title += &format!(" and {other}");
        }
    }
    if let Some(over) = report.over {
        title += &format!(", by {} decided", over.name());
    }
    title
}

fn totals(report: &Report) -> String {
    let all = &report.all;
    format!(
        "{} letters, {} items with a decision; {} overturned (95% interval {})",
        grouped(all.letters),
        grouped(all.decided()),
        rate(all),
        interval(all)
    )
}

/// What was asked, in words.
fn asked(report: &Report) -> String {
    let mut parts = Vec::new();
    if !report.understood.query.is_empty() {
        parts.push(report.understood.query.clone());
    }
    for filter in &report.filters {
        let not = if filter.negated { "not " } else { "" };
        parts.push(format!("{}: {not}{}", filter.name, filter.value));
    }
    parts.join("; ")
}

/// Title, what was asked, and the totals.
fn head(canvas: &Canvas, report: &Report) -> Result<(), ChartError> {
    canvas.bold((MARGIN, 50), &title(report), 32.0, Anchor::Left)?;
    let asked = asked(report);
    let mut y = 92;
    if !asked.is_empty() {
        let asked = canvas::clip(&asked, 20.0, WIDTH - 2 * MARGIN);
        canvas.text((MARGIN, y), &asked, 20.0, INK, Anchor::Left)?;
        y += 28;
    }
    canvas.text((MARGIN, y), &totals(report), 18.0, QUIET, Anchor::Left)
}

/// The share at which the axis ends: a round one that holds all intervals.
fn full(highs: impl Iterator<Item = Option<f64>>) -> f64 {
    let most = highs.flatten().fold(0.0, f64::max);
    let round = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8];
    round.into_iter().find(|full| most <= *full).unwrap_or(1.0)
}

/// How many steps an axis up to `full` has, so that its marks are round.
fn steps(full: f64) -> u32 {
    let tenths = (full * 10.0).round();
    if tenths == 3.0 || tenths == 6.0 { 3 } else { 4 }
}

/// A rate beside its bar: with a digit after the point where the whole axis is short.
fn share(of: &Figures, full: f64) -> String {
    of.rate
        .map_or_else(String::new, |rate| percent(rate, usize::from(full <= 0.2)))
}

/// The marks of an axis up to `full`: shares, with their labels.
fn ticks(full: f64, steps: u32) -> Vec<(f64, String)> {
    (0..=steps)
        .map(|n| {
            let share = full * f64::from(n) / f64::from(steps);
            let percent = share * 100.0;
            let digits = usize::from((percent - percent.round()).abs() > 0.01);
            (share, format!("{percent:.digits$}%"))
        })
        .collect()
}

/// The last part of paths, where it tells them apart.
fn short_names(values: &[&str]) -> Vec<String> {
    let tail = |value: &str| value.rsplit('/').next().unwrap_or(value).to_string();
    let tails: Vec<String> = values.iter().map(|v| tail(v)).collect();
    let mut sorted = tails.clone();
    sorted.sort();
    sorted.dedup();
    let numbers = tails.iter().all(|t| t.bytes().all(|b| b.is_ascii_digit()));
    if sorted.len() < tails.len() || (numbers && values.iter().any(|v| v.contains('/'))) {
        return values.iter().map(|v| plain(v)).collect();
    }
    tails.iter().map(|t| plain(t)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_shares() {
        assert_eq!(full([Some(0.13), None, Some(0.34)].into_iter()), 0.4);
        assert_eq!(full([None].into_iter()), 0.05);
        assert_eq!((steps(0.3), steps(0.4), steps(0.6)), (3, 4, 3));
        assert_eq!(full([Some(1.0)].into_iter()), 1.0);
        let labels: Vec<String> = ticks(0.05, 4).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["0%", "1.2%", "2.5%", "3.8%", "5%"]);
    }

    #[test]
    fn names_are_as_short_as_they_can_be() {
        assert_eq!(
            short_names(&["opioid/tramadol", "NSAID/naproxen"]),
            ["tramadol", "naproxen"]
        );
        assert_eq!(short_names(&["a/x", "b/x"]), ["a/x", "b/x"]);
        assert_eq!(short_names(&["MTUS/Chronic/78"]), ["MTUS/Chronic/78"]);
        assert_eq!(short_names(&["a\u{1}b"]), ["a b"]);
        let clipped = canvas::clip("MTUS/Forearm, Wrist, and Hand Complaints/264", 10.0, 140);
        assert!(
            clipped.ends_with("\u{2026}/264") && clipped.starts_with("MTUS"),
            "{clipped}"
        );
    }
}
