//! What charts are drawn with: a plotters drawing area over a string, in pixels.

use super::{ChartError, WIDTH};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Text and marks.
pub(super) const INK: RGBColor = RGBColor(0x11, 0x18, 0x1f);
/// What stands behind.
pub(super) const QUIET: RGBColor = RGBColor(0x55, 0x5f, 0x68);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(0xd5, 0xda, 0xde);
/// Bars.
pub(super) const FILL: RGBColor = RGBColor(0xb4, 0xc3, 0xcf);
/// The band around a line.
pub(super) const BAND: RGBColor = RGBColor(0xe1, 0xe8, 0xed);
/// Space.
pub(super) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// A text's place against its point; all are centred on its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Left,
    /// It is centred there.
    Centre,
    /// It ends there.
    Right,
}

/// A mark that is told from others by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
    Ring,
    Cross,
}

/// A picture in the making.
pub(super) struct Canvas<'b> {
    area: DrawingArea<SVGBackend<'b>, Shift>,
}

type Point = (i32, i32);

impl<'b> Canvas<'b> {
    /// An empty picture of a height.
    pub(super) fn new(buffer: &'b mut String, height: i32) -> Result<Canvas<'b>, ChartError> {
        let size = (WIDTH as u32, height.max(1) as u32);
        let area = SVGBackend::with_string(buffer, size).into_drawing_area();
        area.fill(&PAPER).map_err(failed)?;
        Ok(Canvas { area })
    }

    /// Ends the picture.
    pub(super) fn finish(self) -> Result<(), ChartError> {
        self.area.present().map_err(failed)
    }

    /// A text, by its size in pixels.
    pub(super) fn text(
        &self,
        at: Point,
        text: &str,
        size: f64,
        colour: RGBColor,
        anchor: Anchor,
    ) -> Result<(), ChartError> {
        self.write(
            at,
            text,
            ("sans-serif", size * SIZE).into_font(),
            colour,
            anchor,
        )
    }

    /// A text in bold.
    pub(super) fn bold(
        &self,
        at: Point,
        text: &str,
        size: f64,
        anchor: Anchor,
    ) -> Result<(), ChartError> {
        let font = ("sans-serif", size * SIZE, FontStyle::Bold).into_font();
        self.write(at, text, font, INK, anchor)
    }

    fn write(
        &self,
        at: Point,
        text: &str,
        font: FontDesc<'_>,
        colour: RGBColor,
        anchor: Anchor,
    ) -> Result<(), ChartError> {
        let across = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Centre => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(across, VPos::Center));
        self.area
            .draw_text(&super::plain(text), &style, at)
            .map_err(failed)
    }

    /// A straight line.
    pub(super) fn line(
        &self,
        from: Point,
        to: Point,
        colour: RGBColor,
        width: u32,
    ) -> Result<(), ChartError> {
        self.path(vec![from, to], colour, width)
    }

    /// Lines from point to point.
    pub(super) fn path(
        &self,
        points: Vec<Point>,
        colour: RGBColor,
        width: u32,
    ) -> Result<(), ChartError> {
        let path = PathElement::new(points, colour.stroke_width(width));
        self.area.draw(&path).map_err(failed)
    }

    /// A line of dashes and gaps in turn, of these lengths; none is a whole line.
    pub(super) fn dashed(
        &self,
        points: &[Point],
        dashes: &[f64],
        colour: RGBColor,
        width: u32,
    ) -> Result<(), ChartError> {
        if dashes.is_empty() {
            return self.path(points.to_vec(), colour, width);
        }
        // Less than half a pixel is nothing: each turn of the loop goes on by more.
        let (mut at, mut left) = (0, dashes[0].max(1.0));
        for pair in points.windows(2) {
            let (from, to) = (floats(pair[0]), floats(pair[1]));
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let point = |along: f64| {
                let share = along / length;
                let x = from.0 + (to.0 - from.0) * share;
                let y = from.1 + (to.1 - from.1) * share;
                (x.round() as i32, y.round() as i32)
            };
            let mut along = 0.0;
            while along < length {
                let end = (along + left).min(length);
                if at % 2 == 0 {
                    self.line(point(along), point(end), colour, width)?;
                }
                left -= end - along;
                along = end;
                if left < 0.5 {
                    at = (at + 1) % dashes.len();
                    left = dashes[at].max(1.0);
                }
            }
        }
        Ok(())
    }

    /// A filled rectangle.
    pub(super) fn rectangle(
        &self,
        from: Point,
        to: Point,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let shape = Rectangle::new([from, to], colour.filled());
        self.area.draw(&shape).map_err(failed)
    }

    /// An outline.
    pub(super) fn frame(&self, from: Point, to: Point, colour: RGBColor) -> Result<(), ChartError> {
        let shape = Rectangle::new([from, to], colour.stroke_width(1));
        self.area.draw(&shape).map_err(failed)
    }

    /// A rectangle of slanted lines.
    pub(super) fn hatched(
        &self,
        from: Point,
        to: Point,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        let mut start = -height + 4;
        while start < width {
            let low = (start.max(0), (height + start.min(0)).min(height));
            let high = ((start + height).min(width), (start + height - width).max(0));
            if high.0 > low.0 {
                self.line(
                    (from.0 + low.0, from.1 + low.1),
                    (from.0 + high.0, from.1 + high.1),
                    colour,
                    1,
                )?;
            }
            start += 7;
        }
        self.frame(from, to, QUIET)
    }

    /// A filled shape.
    pub(super) fn polygon(&self, points: Vec<Point>, colour: RGBColor) -> Result<(), ChartError> {
        let shape = Polygon::new(points, colour.filled());
        self.area.draw(&shape).map_err(failed)
    }

    /// A mark of a radius.
    pub(super) fn mark(
        &self,
        (x, y): Point,
        mark: Mark,
        r: i32,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let circle = |r: i32, colour: RGBColor| {
            let shape = Circle::new((x, y), r, colour.filled());
            self.area.draw(&shape).map_err(failed)
        };
        match mark {
            Mark::Circle => circle(r, colour),
            Mark::Ring => {
                circle(r, colour)?;
                circle((r - 2).max(1), PAPER)
            }
            Mark::Square => {
                let r = r - 1;
                self.rectangle((x - r, y - r), (x + r, y + r), colour)
            }
            Mark::Triangle => {
                let points = vec![(x, y - r - 1), (x + r + 1, y + r), (x - r - 1, y + r)];
                self.polygon(points, colour)
            }
            Mark::Diamond => {
                let d = r + 2;
                let outer = vec![(x, y - d), (x + d, y), (x, y + d), (x - d, y)];
                self.polygon(outer, colour)?;
                let d = (d - 3).max(1);
                self.polygon(vec![(x, y - d), (x + d, y), (x, y + d), (x - d, y)], PAPER)
            }
            Mark::Cross => {
                self.line((x - r, y - r), (x + r, y + r), colour, 3)?;
                self.line((x - r, y + r), (x + r, y - r), colour, 3)
            }
        }
    }

    /// An interval across: a line with caps.
    pub(super) fn whisker(
        &self,
        y: i32,
        (from, to): (i32, i32),
        cap: i32,
    ) -> Result<(), ChartError> {
        self.line((from, y), (to, y), INK, 2)?;
        self.line((from, y - cap), (from, y + cap), INK, 2)?;
        self.line((to, y - cap), (to, y + cap), INK, 2)
    }
}

/// plotters takes a font's size as its line height.
const SIZE: f64 = 1.24;

fn floats(point: Point) -> (f64, f64) {
    (f64::from(point.0), f64::from(point.1))
}

fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> ChartError {
    ChartError(error.to_string())
}

/// About how wide a text is: without fonts one can but estimate.
pub(super) fn width(text: &str, size: f64) -> i32 {
    (text.chars().count() as f64 * size * 0.56).ceil() as i32
}

/// A text of at most so many pixels; of a path the end stays, which tells most.
pub(super) fn clip(text: &str, size: f64, most: i32) -> String {
    if width(text, size) <= most {
        return text.to_string();
    }
    let fits = (f64::from(most) / (size * 0.56)).floor() as usize;
    let (head, tail) = match text.rfind('/') {
        Some(at) if text[at..].chars().count() + 8 < fits => text.split_at(at),
        _ => (text, ""),
    };
    let room = fits.saturating_sub(tail.chars().count() + 1);
    let cut: String = head.chars().take(room).collect();
    format!("{}\u{2026}{tail}", cut.trim_end())
}

/// A text in at most so many lines of so many pixels.
pub(super) fn fold(text: &str, size: f64, most: i32, lines: usize) -> Vec<String> {
    let mut folded: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let last = folded.len() == lines;
        match folded.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if last => {
                line.push(' ');
                line.push_str(word);
            }
            _ => folded.push(word.to_string()),
        }
    }
    folded.iter().map(|line| clip(line, size, most)).collect()
}
