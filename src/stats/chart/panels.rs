//! A cross table: rows share their labels, each column is a panel of bars with intervals.

use super::bars::{note, row_height, rows};
use super::canvas::{self, Anchor, Canvas, FILL, GRID, INK, QUIET};
use super::{
    BOTTOM, ChartError, MARGIN, MOST_COLUMNS, TOP, WIDTH, full, head, share, short_names, ticks,
};
use crate::stats::formats::grouped;
use crate::stats::{Figures, Report};

/// Between two panels.
const GAP: i32 = 32;
/// Room for a figure beside the bars.
const FIGURE: i32 = 48;

pub(super) fn draw(report: &Report) -> Result<String, ChartError> {
    let mut bars = rows(report);
    // What has no row has no cells either.
    bars.retain(|bar| !bar.cells.is_empty());
    let values: Vec<&str> = report.columns.iter().map(|c| c.value.as_str()).collect();
    let mut heads = short_names(&values);
    heads.truncate(MOST_COLUMNS);
    let shown = heads.len();
    if let Some(rest) = &report.rest_columns {
        let plural = if rest.values == 1 { "" } else { "s" };
        heads.push(format!("{} other{plural}", rest.values));
    }
    // The rest's cells stand after those of all columns.
    let place = |n: usize| if n < shown { n } else { report.columns.len() };
    let size = 17.0;
    let step = row_height(bars.len());
    let top = TOP + 26;
    let bottom = top + step * bars.len() as i32;
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg, bottom + BOTTOM)?;
    head(&canvas, report)?;
    let labels = bars
        .iter()
        .map(|bar| canvas::width(&bar.name, size))
        .max()
        .unwrap_or(0)
        .clamp(120, 280);
    let first = MARGIN + labels + 14;
    let panel = (WIDTH - MARGIN - first) / heads.len().max(1) as i32;
    let drawn = |figures: &&Figures| figures.decided() > 0;
    let cells = || {
        let each = |n: usize| bars.iter().filter_map(move |bar| bar.cells.get(place(n)));
        (0..heads.len()).flat_map(each)
    };
    let full = full(cells().filter(drawn).map(|figures| figures.high));
    for (n, bar) in bars.iter().enumerate() {
        let y = top + step * n as i32 + step / 2;
        let name = canvas::clip(&bar.name, size, labels);
        let ink = if bar.aside { QUIET } else { INK };
        canvas.text((first - 12, y), &name, size, ink, Anchor::Right)?;
    }
    let half = (step * 32 / 100).min(14);
    for (n, title) in heads.iter().enumerate() {
        let left = first + panel * n as i32;
        let right = left + panel - GAP - FIGURE;
        let at = |share: f64| left + (share / full * f64::from(right - left)).round() as i32;
        let folded = canvas::fold(title, 16.0, panel - GAP, 2);
        for (line, text) in folded.iter().enumerate() {
            let y = top - 20 - 20 * (folded.len() - 1 - line) as i32;
            canvas.bold((left, y), text, 16.0, Anchor::Left)?;
        }
        for (mark, label) in ticks(full, 2) {
            canvas.line((at(mark), top - 6), (at(mark), bottom), GRID, 1)?;
            canvas.text((at(mark), bottom + 18), &label, 13.0, QUIET, Anchor::Centre)?;
        }
        for (row, bar) in bars.iter().enumerate() {
            let y = top + step * row as i32 + step / 2;
            let figures = bar.cells.get(place(n)).copied().unwrap_or_default();
            let Some(interval) = figures.interval() else {
                canvas.text((left + 6, y), "none", 13.0, QUIET, Anchor::Left)?;
                continue;
            };
            let (from, to) = ((left, y - half), (at(interval.rate), y + half));
            if bar.aside || n >= shown {
                canvas.hatched(from, to, QUIET)?;
            } else {
                canvas.rectangle(from, to, FILL)?;
                canvas.frame(from, to, QUIET)?;
            }
            canvas.whisker(y, (at(interval.low), at(interval.high)), half / 2 + 1)?;
            let x = right + FIGURE;
            let high = step >= 36;
            let above = if high { 8 } else { 0 };
            canvas.bold((x, y - above), &share(&figures, full), 15.0, Anchor::Right)?;
            if high {
                let of = format!("of {}", grouped(figures.decided()));
                canvas.text((x, y + 10), &of, 13.0, QUIET, Anchor::Right)?;
            }
        }
        canvas.line((left, top - 6), (left, bottom), INK, 2)?;
    }
    let below = (MARGIN, bottom + 62);
    canvas.text(below, &note(report), 15.0, QUIET, Anchor::Left)?;
    canvas.finish()?;
    Ok(svg)
}
