//! A series: lines over time, each with its own dashes and marks.

use super::canvas::{self, Anchor, BAND, Canvas, GRID, INK, Mark, PAPER, QUIET};
use super::{ChartError, MARGIN, MOST_COLUMNS, TOP, WIDTH, full, head, short_names, steps, ticks};
use crate::stats::formats::grouped;
use crate::stats::{Figures, Report};
use plotters::style::RGBColor;

const HEIGHT: i32 = 720;
const BOTTOM: i32 = HEIGHT - 118;
/// With fewer items a point is drawn small: it says little.
const FEW: u64 = 10;

/// Dashes, marks and colours: each tells a line apart without the others.
const STYLES: [(&[f64], Mark, RGBColor); 7] = [
    (&[], Mark::Circle, RGBColor(0x11, 0x18, 0x1f)),
    (&[12.0, 6.0], Mark::Square, RGBColor(0x00, 0x5a, 0x9c)),
    (&[3.0, 5.0], Mark::Triangle, RGBColor(0xb3, 0x45, 0x00)),
    (
        &[14.0, 5.0, 3.0, 5.0],
        Mark::Diamond,
        RGBColor(0x00, 0x6b, 0x4f),
    ),
    (&[20.0, 8.0], Mark::Cross, RGBColor(0x8a, 0x2a, 0x6b)),
    (
        &[7.0, 4.0, 2.0, 4.0, 2.0, 4.0],
        Mark::Ring,
        RGBColor(0x5b, 0x4b, 0x00),
    ),
    (&[2.0, 8.0], Mark::Square, QUIET),
];

struct Line {
    name: String,
    /// Of each period.
    figures: Vec<Figures>,
}

pub(super) fn draw(report: &Report) -> Result<String, ChartError> {
    let single = report.column_name().is_empty();
    let lines = lines(report, single);
    let mut svg = String::new();
    let canvas = Canvas::new(&mut svg, HEIGHT)?;
    head(&canvas, report)?;
    let names = lines.iter().map(|line| canvas::width(&line.name, 17.0));
    let room = if single {
        30
    } else {
        names.max().unwrap_or(0).clamp(80, 260) + 50
    };
    let (left, right) = (MARGIN + 52, WIDTH - MARGIN - room);
    let highs = lines
        .iter()
        .flat_map(|line| &line.figures)
        .map(|figures| if single { figures.high } else { figures.rate });
    let full = full(highs);
    let y_of = |share: f64| BOTTOM - (share / full * f64::from(BOTTOM - TOP)).round() as i32;
    for (share, label) in ticks(full, steps(full)) {
        canvas.line((left, y_of(share)), (right, y_of(share)), GRID, 1)?;
        canvas.text((left - 10, y_of(share)), &label, 16.0, QUIET, Anchor::Right)?;
    }
    let times: Vec<i64> = report.rows.iter().map(|row| time(&row.value)).collect();
    let (Some(start), Some(end)) = (times.first(), times.last()) else {
        canvas.text(
            (WIDTH / 2, HEIGHT / 2),
            "nothing with a date",
            20.0,
            QUIET,
            Anchor::Centre,
        )?;
        canvas.finish()?;
        return Ok(svg);
    };
    let inset = 28;
    let across = f64::from(right - left - 2 * inset);
    let x_of = |time: i64| match end - start {
        0 => (left + right) / 2,
        span => left + inset + ((time - start) as f64 / span as f64 * across).round() as i32,
    };
    periods(&canvas, report, &times, &x_of, single)?;
    if let (true, Some(line)) = (single, lines.first()) {
        band(&canvas, line, &times, &x_of, &y_of)?;
    }
    canvas.line((left, BOTTOM), (right, BOTTOM), INK, 2)?;
    let mut ends: Vec<(i32, usize)> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let (dashes, mark, colour) = STYLES[n % STYLES.len()];
        let points: Vec<((i32, i32), u64)> = times
            .iter()
            .zip(&line.figures)
            .filter_map(|(time, f)| Some(((x_of(*time), y_of(f.rate?)), f.decided())))
            .collect();
        let path: Vec<(i32, i32)> = points.iter().map(|(at, _)| *at).collect();
        if path.len() > 1 {
            canvas.dashed(&path, dashes, colour, 3)?;
        }
        // Where points are dense some go without a mark; lines take turns.
        let step = (right - left) / times.len().max(1) as i32;
        let every = (26 / step.max(1)).max(1) as usize;
        let marked = points.iter().skip(n % every).step_by(every);
        for (at, decided) in marked {
            let r = if *decided < FEW { 4 } else { 7 };
            let r = if every > 1 { r.min(5) } else { r };
            canvas.mark(*at, Mark::Circle, r + 2, PAPER)?;
            canvas.mark(*at, mark, r, colour)?;
        }
        if let Some((_, y)) = path.last() {
            ends.push((*y, n));
        }
    }
    if !single {
        legend(&canvas, &lines, ends, right, room)?;
    }
    let what = if single {
        "Line: overturned items among items with a decision. Band: its 95% Wilson interval. n: items."
    } else {
        "Overturned items among items with a decision; their intervals are not drawn."
    };
    let note = format!("{what} Small marks: fewer than {FEW} items.");
    canvas.text((MARGIN, HEIGHT - 28), &note, 15.0, QUIET, Anchor::Left)?;
    canvas.finish()?;
    Ok(svg)
}

fn lines(report: &Report, single: bool) -> Vec<Line> {
    if single {
        return vec![Line {
            name: "all".to_string(),
            figures: report.rows.iter().map(|row| row.figures).collect(),
        }];
    }
    let values: Vec<&str> = report.columns.iter().map(|c| c.value.as_str()).collect();
    let mut names = short_names(&values);
    names.truncate(MOST_COLUMNS);
    let line = |(n, name): (usize, String)| Line {
        name,
        figures: report
            .rows
            .iter()
            .map(|row| row.cells.get(n).copied().unwrap_or_default())
            .collect(),
    };
    names.into_iter().enumerate().map(line).collect()
}

/// A period's place in time, counted in periods.
fn time(label: &str) -> i64 {
    let (year, part) = label.split_once('-').unwrap_or((label, ""));
    let year: i64 = year.parse().unwrap_or(0);
    match part.strip_prefix('Q') {
        Some(quarter) => year * 4 + quarter.parse::<i64>().unwrap_or(1) - 1,
        None if part.is_empty() => year,
        None => year * 12 + part.parse::<i64>().unwrap_or(1) - 1,
    }
}

/// The periods below the axis, as many as there is room for, with the items of each.
fn periods(
    canvas: &Canvas,
    report: &Report,
    times: &[i64],
    x_of: &dyn Fn(i64) -> i32,
    single: bool,
) -> Result<(), ChartError> {
    let widest = report
        .rows
        .iter()
        .map(|row| {
            let items = format!("n {}", grouped(row.figures.decided()));
            canvas::width(&row.value, 16.0).max(canvas::width(&items, 14.0))
        })
        .max()
        .unwrap_or(0);
    let mut free = i32::MIN;
    for (row, time) in report.rows.iter().zip(times) {
        let x = x_of(*time);
        canvas.line((x, BOTTOM), (x, BOTTOM + 6), INK, 1)?;
        if x - widest / 2 < free {
            continue;
        }
        free = x + widest / 2 + 14;
        canvas.text((x, BOTTOM + 22), &row.value, 16.0, INK, Anchor::Centre)?;
        if single {
            let items = format!("n {}", grouped(row.figures.decided()));
            canvas.text((x, BOTTOM + 44), &items, 14.0, QUIET, Anchor::Centre)?;
        }
    }
    Ok(())
}

/// The interval around a line, piece by piece where periods have no decision.
fn band(
    canvas: &Canvas,
    line: &Line,
    times: &[i64],
    x_of: &dyn Fn(i64) -> i32,
    y_of: &dyn Fn(f64) -> i32,
) -> Result<(), ChartError> {
    let ends: Vec<(i32, i32, i32)> = times
        .iter()
        .zip(&line.figures)
        .filter_map(|(time, f)| Some((x_of(*time), y_of(f.low?), y_of(f.high?))))
        .collect();
    if let [(x, low, high)] = ends[..] {
        return canvas.rectangle((x - 14, high), (x + 14, low), BAND);
    }
    let mut outline: Vec<(i32, i32)> = ends.iter().map(|(x, _, high)| (*x, *high)).collect();
    outline.extend(ends.iter().rev().map(|(x, low, _)| (*x, *low)));
    if outline.len() > 2 {
        canvas.polygon(outline, BAND)?;
    }
    Ok(())
}

/// Names at the ends of the lines, none over another.
fn legend(
    canvas: &Canvas,
    lines: &[Line],
    mut ends: Vec<(i32, usize)>,
    right: i32,
    room: i32,
) -> Result<(), ChartError> {
    ends.sort_unstable();
    let mut free = TOP - 12;
    let step = 26;
    let mut places: Vec<(i32, usize)> = Vec::new();
    for (y, n) in ends {
        let y = y.max(free);
        free = y + step;
        places.push((y, n));
    }
    // Those pushed off the lower end move up.
    let mut most = BOTTOM;
    for place in places.iter_mut().rev() {
        place.0 = place.0.min(most);
        most = place.0 - step;
    }
    for (y, n) in places {
        let (dashes, mark, colour) = STYLES[n % STYLES.len()];
        let x = right + 8;
        canvas.dashed(&[(x, y), (x + 30, y)], dashes, colour, 3)?;
        canvas.mark((x + 15, y), mark, 6, colour)?;
        let name = canvas::clip(&lines[n].name, 17.0, room - 46);
        canvas.text((x + 38, y), &name, 17.0, INK, Anchor::Left)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_stand_in_their_order() {
        assert_eq!(time("2015"), 2015);
        assert_eq!(time("2016-Q1") - time("2015-Q4"), 1);
        assert_eq!(time("2016-01") - time("2015-12"), 1);
    }
}
