//! Bars with intervals: one facet.

use super::canvas::{self, Anchor, Canvas, FILL, GRID, INK, QUIET};
use super::{
    BOTTOM, ChartError, MARGIN, MOST_ROWS, TOP, WIDTH, full, head, share, short_names, steps, ticks,
};
use crate::stats::formats::{grouped, none, rate};
use crate::stats::{Figures, Report};

/// A row of bars.
pub(super) struct Bar {
    pub name: String,
    pub figures: Figures,
    pub cells: Vec<Figures>,
    /// It stands for no value: hatched.
    pub aside: bool,
}

/// The rows of a chart: the report's, the rest, and what has no value.
pub(super) fn rows(report: &Report) -> Vec<Bar> {
    let values: Vec<&str> = report.rows.iter().map(|r| r.value.as_str()).collect();
    let names = short_names(&values);
    let mut bars: Vec<Bar> = report
        .rows
        .iter()
        .zip(names)
        .take(MOST_ROWS)
        .map(|(row, name)| Bar {
            name,
            figures: row.figures,
            cells: row.cells.clone(),
            aside: false,
        })
        .collect();
    if let Some(rest) = &report.rest {
        let plural = if rest.values == 1 { "" } else { "s" };
        bars.push(Bar {
            name: format!("{} other{plural}", grouped(rest.values as u64)),
            figures: rest.figures,
            cells: rest.cells.clone(),
            aside: true,
        });
    }
    if report.without.decided() > 0 && !report.row_name().is_empty() {
        bars.push(Bar {
            name: none(report),
            figures: report.without,
            cells: Vec::new(),
            aside: true,
        });
    }
    if report.row_name().is_empty() {
        bars.push(Bar {
            name: "all".to_string(),
            figures: report.all,
            cells: Vec::new(),
            aside: false,
        });
    }
    bars
}

/// How high a row is, of so many.
pub(super) fn row_height(rows: usize) -> i32 {
    (560 / rows.max(1) as i32).clamp(28, 56)
}

/// A note for what the chart leaves out.
pub(super) fn note(report: &Report) -> String {
    let mut note =
        "Bar: overturned items among items with a decision. Line: its 95% Wilson interval."
            .to_string();
    let hidden = report.rows.len().saturating_sub(MOST_ROWS);
    if hidden > 0 {
        note += &format!(" {hidden} more rows are not drawn.");
    }
    note
}

pub(super) fn draw(report: &Report) -> Result<String, ChartError> {
    let bars = rows(report);
    let size = 18.0;
    let step = row_height(bars.len());
    let bottom = TOP + step * bars.len() as i32;
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg, bottom + BOTTOM)?;
    head(&canvas, report)?;
    let labels = bars
        .iter()
        .map(|bar| canvas::width(&bar.name, size))
        .max()
        .unwrap_or(0)
        .clamp(120, 400);
    let (left, right) = (MARGIN + labels + 14, WIDTH - MARGIN - 196);
    let full = full(bars.iter().map(|bar| bar.figures.high));
    let at = |share: f64| left + (share / full * f64::from(right - left)).round() as i32;
    for (mark, label) in ticks(full, steps(full)) {
        canvas.line((at(mark), TOP - 6), (at(mark), bottom), GRID, 1)?;
        canvas.text((at(mark), bottom + 20), &label, 16.0, QUIET, Anchor::Centre)?;
    }
    let half = (step * 34 / 100).min(16);
    for (n, bar) in bars.iter().enumerate() {
        let y = TOP + step * n as i32 + step / 2;
        let name = canvas::clip(&bar.name, size, labels);
        let ink = if bar.aside { QUIET } else { INK };
        canvas.text((left - 12, y), &name, size, ink, Anchor::Right)?;
        let Some(interval) = bar.figures.interval() else {
            canvas.text((left + 8, y), "no decision", 16.0, QUIET, Anchor::Left)?;
            continue;
        };
        let (from, to) = ((left, y - half), (at(interval.rate), y + half));
        if bar.aside {
            canvas.hatched(from, to, QUIET)?;
        } else {
            canvas.rectangle(from, to, FILL)?;
            canvas.frame(from, to, QUIET)?;
        }
        canvas.whisker(y, (at(interval.low), at(interval.high)), half / 2 + 1)?;
        canvas.bold(
            (right + 66, y),
            &share(&bar.figures, full),
            size,
            Anchor::Right,
        )?;
        let of = format!(
            "{} of {}",
            grouped(bar.figures.overturned),
            grouped(bar.figures.decided())
        );
        canvas.text((right + 76, y), &of, 15.0, QUIET, Anchor::Left)?;
    }
    canvas.line((left, TOP - 6), (left, bottom), INK, 2)?;
    if let (Some(all), false) = (report.all.rate, report.row_name().is_empty()) {
        let x = at(all.min(full));
        canvas.dashed(&[(x, TOP - 12), (x, bottom)], &[7.0, 5.0], INK, 1)?;
        canvas.text(
            (x, TOP - 24),
            &format!("all {}", rate(&report.all)),
            16.0,
            INK,
            Anchor::Centre,
        )?;
    }
    let below = (MARGIN, bottom + 62);
    canvas.text(below, &note(report), 15.0, QUIET, Anchor::Left)?;
    canvas.finish()?;
    Ok(svg)
}
