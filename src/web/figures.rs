//! Decisions counted: the page and the API, from the same code as `imr stats`.

use super::pages::{Tab, count, shell};
use super::query_params::{QueryParams, address};
use super::refusal::Refusal;
use super::reply::Reply;
use crate::fields;
use crate::search::{Engine, Period};
use crate::stats::formats::{grouped, interval, rate};
use crate::stats::{self, Figures, Report, Request, Sort, chart, formats};
use hyper::StatusCode;
use maud::{Markup, PreEscaped, html};

/// Rows of a table and bars of a chart.
const ROWS: usize = 15;

/// The facets by which rates are shown, with their names.
fn axes() -> Vec<(&'static str, &'static str)> {
    let axis = |(field, facet): (&fields::FieldDefinition, &fields::FacetDefinition)| {
        Some((field.name, facet.figure?))
    };
    fields::facets().filter_map(axis).collect()
}

/// `/figures`: decisions by year, and the overturn rate by a facet.
pub(super) fn page(engine: &Engine, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["by"])?;
    let axes = axes();
    let words: Vec<_> = axes.iter().map(|(name, _)| (*name, *name)).collect();
    let by = asked.choice("by", &words, fields::DRUG.name)?;
    let request = Request {
        search: asked.search.clone(),
        top: Some(ROWS),
        columns: Some(6),
        ..Request::default()
    };
    let years = stats::report(
        engine,
        &Request {
            over: Some(Period::Year),
            ..request.clone()
        },
    )?;
    let values = stats::report(
        engine,
        &Request {
            by: vec![by.to_string()],
            ..request
        },
    )?;
    let label = axes
        .iter()
        .find(|(name, _)| *name == by)
        .map_or(by, |axis| axis.1);
    let all = &years.all;
    let main = html! {
        main #main .figures {
            div.summary {
                h1 {
                    (count(all.letters, "letter")) span.quiet { ", " (count(all.items, "item")) }
                }
                p {
                    (grouped(all.overturned)) " overturned, " (grouped(all.upheld)) " upheld; overturn rate "
                    b { (rate(all)) }
                    @if all.rate.is_some() { " (95% interval " (interval(all)) ")" }
                }
            }
            (super::pages::chips("/figures", &asked.search, None))
            @for sentence in years.understood.sentences() {
                p.remark { (sentence) }
            }
            @if all.letters == 0 { p.nothing { "No letter matches." } }
            @else {
                section.figure aria-labelledby="by-year" {
                    h2 #by-year { "Decisions by year" }
                    (figure(&years, "Year")?)
                }
                section.figure aria-labelledby="by-value" {
                    h2 #by-value { "Overturn rate by " (label) }
                    nav.sort aria-label="Count by" {
                        span { "By" }
                        @for (name, label) in &axes {
                            a href=(address("/figures", &asked.search, &[("by", name)]))
                                aria-current=[(*name == by).then_some("true")] { (label) }
                        }
                    }
                    (figure(&values, label)?)
                }
                p.quiet {
                    "The rate is of items with a decision; a denial that fell in part counts as overturned. "
                    "The interval is Wilson\u{2019}s at 95%: how far off the rate of so few items may be."
                }
            }
        }
    };
    let page = shell("Figures - imr", &asked.search, Tab::Figures, main);
    Ok(Reply::page(StatusCode::OK, page))
}

/// A report as a picture with its table beside it.
fn figure(report: &Report, first: &str) -> Result<Markup, Refusal> {
    let svg = chart::svg(report)
        .map_err(|e| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))?;
    let several = report.several;
    Ok(html! {
        div.pair {
            // Drawn by us, its texts escaped by the library that draws: tested with hostile ones.
            div.chart tabindex="0" role="group" aria-label="Chart" { (PreEscaped(svg)) }
            div.table tabindex="0" role="group" aria-label="Table" {
                table {
                    thead {
                        tr {
                            th scope="col" { (capital(first)) }
                            th.n scope="col" { "Rate" }
                            th.n scope="col" { "95%" }
                            th.n scope="col" { "Overturned" }
                            th.n scope="col" { "Upheld" }
                            th.n scope="col" { "Letters" }
                        }
                    }
                    tbody {
                        @for row in &report.rows { (line(last(&row.value), &row.figures)) }
                        @if let Some(rest) = &report.rest {
                            (line(&count(rest.values as u64, "other"), &rest.figures))
                        }
                        @if report.without.items > 0 {
                            (line("none", &report.without))
                        }
                    }
                    tfoot { (line("All", &report.all)) }
                }
                @if several { p.quiet { "An item with several values is counted under each." } }
            }
        }
    })
}

fn line(name: &str, of: &Figures) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.n { (rate(of)) }
            td.n { (interval(of)) }
            td.n { (grouped(of.overturned)) }
            td.n { (grouped(of.upheld)) }
            td.n { (grouped(of.letters)) }
        }
    }
}

/// The last part of a path: the drug, the guideline.
fn last(value: &str) -> &str {
    value.rsplit('/').next().unwrap_or(value)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// How a report is written down.
#[derive(Clone, Copy)]
enum As {
    Json,
    Csv,
    Markdown,
    Svg,
}

/// `/api/stats`: the report of `imr stats`.
pub(super) fn api(engine: &Engine, query: &str) -> Result<Reply, Refusal> {
    let own = ["by", "over", "sort", "min", "top", "columns", "format"];
    let asked = QueryParams::read(query, &own)?;
    let periods = [
        ("year", Some(Period::Year)),
        ("quarter", Some(Period::Quarter)),
        ("month", Some(Period::Month)),
    ];
    let orders = [
        ("count", Sort::Count),
        ("rate", Sort::Rate),
        ("name", Sort::Name),
    ];
    let formats = [
        ("json", As::Json),
        ("csv", As::Csv),
        ("md", As::Markdown),
        ("svg", As::Svg),
    ];
    let format = asked.choice("format", &formats, As::Json)?;
    let drawn = matches!(format, As::Svg | As::Markdown);
    let at_most = |name: &str, usual: usize| -> Result<Option<usize>, Refusal> {
        match asked.get(name) {
            Some(_) => asked.number(name, 0, 100_000).map(Some),
            None => Ok(drawn.then_some(usual)),
        }
    };
    let over = asked.choice("over", &periods, None)?;
    let by = asked.list("by");
    if by.len() > 2 || (over.is_some() && by.len() > 1) {
        return Err(Refusal::bad(
            "by: there are two facets at most, one beside over",
        ));
    }
    let report = stats::report(
        engine,
        &Request {
            over,
            by,
            sort: asked.choice("sort", &orders, Sort::Count)?,
            min: asked.number("min", 0, usize::MAX)? as u64,
            top: at_most("top", 20)?,
            columns: at_most("columns", 6)?,
            search: asked.search,
        },
    )?;
    let failed =
        |e: &dyn std::fmt::Display| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string());
    let mut out = Vec::new();
    Ok(match format {
        As::Json => Reply::json(&report),
        As::Csv => {
            formats::csv(&report, &mut out).map_err(|e| failed(&e))?;
            Reply::new(StatusCode::OK, "text/csv; charset=utf-8", out)
        }
        As::Markdown => {
            formats::markdown(&report, &mut out).map_err(|e| failed(&e))?;
            Reply::new(StatusCode::OK, "text/markdown; charset=utf-8", out)
        }
        As::Svg => {
            let svg = chart::svg(&report).map_err(|e| failed(&e))?;
            Reply::new(StatusCode::OK, "image/svg+xml", svg)
        }
    })
}
