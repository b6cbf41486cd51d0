//! Rates drawn at the size at which the page shows them: each bar is a link to its letters. The drawing is
//! inline SVG that stretches with the page; names and figures are the page's own text.

use crate::stats::Figures;
use crate::stats::formats::{grouped, rate};
use maud::{Markup, html};

/// A bar: its name, the address of its letters, its figures.
pub(crate) struct Bar {
    /// What it is of.
    pub name: String,
    /// Its letters; none of what stands for several values.
    pub target: Option<String>,
    /// Its figures.
    pub figures: Figures,
}

/// What all bars of one drawing are drawn against.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// The share at the end of the axis.
    full: f64,
    /// The rate of all items: a line through the bars.
    all: Option<f64>,
}

impl Scale {
    /// A scale that holds the intervals of all figures.
    pub(crate) fn of<'f>(figures: impl IntoIterator<Item = &'f Figures>, all: &Figures) -> Scale {
        let highs = figures.into_iter().filter_map(|of| of.high);
        let most = highs.chain(all.high).fold(0.0, f64::max);
        let round = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8];
        let full = round.into_iter().find(|full| most <= *full);
        Scale {
            full: full.unwrap_or(1.0),
            all: all.rate,
        }
    }

    /// A share's place on an axis of 1,000.
    fn at(self, share: f64) -> u32 {
        (share / self.full * 1000.0).round().clamp(0.0, 1000.0) as u32
    }
}

/// Bars one below the other.
pub(crate) fn rows(bars: &[Bar], scale: Scale) -> Markup {
    html! {
        ul.bars {
            @for bar in bars {
                li {
                    (linked(bar, html! {
                        span.name { (bar.name) }
                        (across(&bar.figures, scale))
                        span.rate { (rate(&bar.figures)) }
                        (of(&bar.figures))
                    }))
                }
            }
        }
    }
}

/// Bars side by side: periods, in their order.
pub(crate) fn columns(bars: &[Bar], scale: Scale) -> Markup {
    html! {
        ol.columns {
            @for bar in bars {
                li {
                    (linked(bar, html! {
                        span.rate { (rate(&bar.figures)) }
                        (upright(&bar.figures, scale))
                        span.name { (bar.name) }
                        (of(&bar.figures))
                    }))
                }
            }
        }
    }
}

fn linked(bar: &Bar, inner: Markup) -> Markup {
    match &bar.target {
        Some(target) => html! { a.bar-of href=(target) { (inner) } },
        None => html! { span.bar-of { (inner) } },
    }
}

fn of(figures: &Figures) -> Markup {
    html! {
        span.of { (grouped(figures.overturned)) " of " (grouped(figures.decided())) }
    }
}

/// A bar that lies, its interval as a line over it.
fn across(of: &Figures, scale: Scale) -> Markup {
    let (Some(rate), Some(low), Some(high)) = (of.rate, of.low, of.high) else {
        return html! { span.none { "no decision" } };
    };
    html! {
        svg.drawn viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" {
            rect.fill width=(scale.at(rate)) y="3" height="14" {}
            @if let Some(all) = scale.all { line.all x1=(scale.at(all)) x2=(scale.at(all)) y1="0" y2="20" {} }
            line.interval x1=(scale.at(low)) x2=(scale.at(high)) y1="10" y2="10" {}
        }
    }
}

/// The same, upright.
fn upright(of: &Figures, scale: Scale) -> Markup {
    let (Some(rate), Some(low), Some(high)) = (of.rate, of.low, of.high) else {
        return html! { svg.drawn viewBox="0 0 20 1000" preserveAspectRatio="none" aria-hidden="true" {} };
    };
    let down = |share: f64| 1000 - scale.at(share);
    html! {
        svg.drawn viewBox="0 0 20 1000" preserveAspectRatio="none" aria-hidden="true" {
            rect.fill x="3" width="14" y=(down(rate)) height=(scale.at(rate)) {}
            @if let Some(all) = scale.all { line.all x1="0" x2="20" y1=(down(all)) y2=(down(all)) {} }
            line.interval x1="10" x2="10" y1=(down(low)) y2=(down(high)) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Decisions;

    fn figures(overturned: u64, upheld: u64) -> Figures {
        Figures::of(&Decisions {
            overturned,
            upheld,
            ..Decisions::default()
        })
    }

    #[test]
    fn a_bar_is_a_link_as_long_as_its_rate() {
        let all = figures(20, 80);
        let bars = [Bar {
            name: "tramadol <x>".into(),
            target: Some("/?drug=tramadol".into()),
            figures: figures(30, 70),
        }];
        let scale = Scale::of(bars.iter().map(|bar| &bar.figures), &all);
        assert_eq!(scale.full, 0.4);
        let drawn = rows(&bars, scale).into_string();
        assert!(
            drawn.contains("<a class=\"bar-of\" href=\"/?drug=tramadol\">"),
            "{drawn}"
        );
        assert!(
            drawn.contains("<rect class=\"fill\" width=\"750\""),
            "{drawn}"
        );
        assert!(
            drawn.contains("tramadol &lt;x&gt;") && drawn.contains("30 of 100"),
            "{drawn}"
        );
        let drawn = columns(&bars, scale).into_string();
        assert!(drawn.contains("y=\"250\" height=\"750\""), "{drawn}");
    }

    #[test]
    fn nothing_decided_draws_no_bar() {
        let none = Figures::default();
        let bars = [Bar {
            name: "x".into(),
            target: None,
            figures: none,
        }];
        let drawn = rows(&bars, Scale::of([&none], &none)).into_string();
        assert!(
            drawn.contains("no decision") && !drawn.contains("<svg"),
            "{drawn}"
        );
    }
}
