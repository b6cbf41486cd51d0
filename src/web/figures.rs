//! Decisions counted: the page and the API, from the same code as `imr stats`.

use super::labels::{self, capital};
use super::pages::bars::{self, Bar, Scale};
use super::pages::{Tab, count, shell, shell_with};
use super::query_params::{QueryParams, address};
use super::refusal::Refusal;
use super::reply::Reply;
use crate::fields;
use crate::search::{self, Backend, Filter, Period};
use crate::stats::formats::{grouped, interval, rate};
use crate::stats::{self, Figures, Report, Request, Sort, chart, formats};
use hyper::StatusCode;
use maud::{Markup, html};

/// Rows of a table and bars of a chart.
const ROWS: usize = 15;
/// A rate of fewer items with a decision is said to be of few.
const FEW_ITEMS: u64 = 10;
/// Phrases of each side.
const PHRASES: usize = 10;

/// The facets by which rates are shown, with their names.
fn axes() -> Vec<(&'static str, &'static str)> {
    let axis = |(field, facet): (&fields::FieldDefinition, &fields::FacetDefinition)| {
        Some((field.name, facet.figure?))
    };
    fields::facets().filter_map(axis).collect()
}

/// `/figures`: decisions by year, and the overturn rate by a facet.
pub(super) fn page(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["by", "and", "reasons"])?;
    let axes = axes();
    let words: Vec<_> = axes.iter().map(|(name, _)| (*name, *name)).collect();
    let by = asked.choice("by", &words, fields::DRUG.name)?;
    let and = asked.choice("and", &words, "")?;
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
    let crossed = !and.is_empty() && and != by;
    let values = stats::report(
        engine,
        &Request {
            by: vec![by.to_string()],
            ..request.clone()
        },
    )?;
    let pairs = match crossed {
        true => {
            let by = vec![by.to_string(), and.to_string()];
            let columns = Some(4);
            Some(stats::report(
                engine,
                &Request {
                    by,
                    columns,
                    ..request
                },
            )?)
        }
        false => None,
    };
    // They read many rationales, so only where they are asked for.
    let reads = asked.choice("reasons", &[("true", true), ("false", false)], false)?;
    let reasons = match reads {
        true => Some(stats::reasons(engine, &asked.search, PHRASES)?),
        false => None,
    };
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
                p.also { (sentence) }
            }
            @if all.letters == 0 { p.nothing { "No letter matches." } }
            @else {
                section.figure aria-labelledby="by-year" {
                    h2 #by-year { "Decisions by year" }
                    (figure(&asked.search, &years, "Year", fields::YEAR.name))
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
                    (figure(&asked.search, &values, label, by))
                }
                section.figure aria-labelledby="by-both" {
                    h2 #by-both { "A cross table" }
                    nav.sort aria-label="Cross with" {
                        span { (capital(label)) " and" }
                        @for (name, label) in axes.iter().filter(|(name, _)| *name != by) {
                            a href={ (address("/figures", &asked.search, &[("by", by), ("and", name)])) "#by-both" }
                                aria-current=[(*name == and).then_some("true")] { (label) }
                        }
                    }
                    @if let Some(pairs) = &pairs { (panels(&asked.search, pairs, by, and)) }
                }
                @match &reasons {
                    Some(reasons) => { (phrases(&asked.search, reasons)) }
                    None => {
                        section.figure aria-labelledby="reasons" {
                            h2 #reasons { "What the rationales say" }
                            @let target = address("/figures", &asked.search, &[("by", by), ("reasons", "true")]);
                            p {
                                a href={ (target) "#reasons" } {
                                    "Find the phrases that set overturned denials apart"
                                }
                            }
                        }
                    }
                }
                (compared(&asked.search))
                p.quiet {
                    "The rate counts items with a decision; a denial overturned in part counts as overturned. "
                    "The interval is the 95% Wilson interval; it is wide when there are few items."
                }
            }
        }
    };
    // A new search keeps what is counted.
    let settings = ["by", "and", "reasons"];
    let settings: Vec<(&str, &str)> = settings
        .into_iter()
        .filter_map(|name| Some((name, asked.get(name)?)))
        .collect();
    let page = shell_with(
        "Figures - imr",
        &asked.search,
        Tab::Figures,
        &settings,
        main,
    );
    Ok(Reply::page(StatusCode::OK, page))
}

/// The files of a figure.
fn files(search: &search::Request, own: &[(&str, &str)]) -> Markup {
    let file = |format: &str| {
        let own: Vec<(&str, &str)> = own.iter().copied().chain([("format", format)]).collect();
        address("/api/stats", search, &own)
    };
    html! {
        p.files {
            a href=(file("csv")) download { "CSV" } " "
            a href=(file("svg")) download { "SVG" }
        }
    }
}

/// The search with a value of a field chosen.
fn with(search: &search::Request, field: &str, value: &str) -> search::Request {
    let mut narrower = search.clone();
    narrower.filters.extend(Filter::named(field, value));
    narrower
}

/// The bars of a report: of each value, and of the rest.
fn bars(search: &search::Request, report: &Report, field: &str) -> Vec<Bar> {
    let rows = report.rows.iter().map(|row| Bar {
        name: labels::value(field, &row.value),
        target: Some(address("/", &with(search, field, &row.value), &[])),
        figures: row.figures,
    });
    let rest = report.rest.as_ref().map(|rest| Bar {
        name: count(rest.values as u64, "other"),
        target: None,
        figures: rest.figures,
    });
    rows.chain(rest).collect()
}

/// A cross table: for each value of the second field, the bars of the first. Each bar leads to its letters.
fn panels(search: &search::Request, report: &Report, by: &str, and: &str) -> Markup {
    let cells = report.rows.iter().flat_map(|row| &row.cells);
    let scale = Scale::of(cells, &report.all);
    html! {
        div.panels {
            @for (n, column) in report.columns.iter().enumerate() {
                @let narrower = with(search, and, &column.value);
                @let bars: Vec<Bar> = report.rows.iter().filter_map(|row| {
                    let figures = *row.cells.get(n)?;
                    (figures.decided() > 0).then(|| Bar {
                        name: labels::value(by, &row.value),
                        target: Some(address("/", &with(&narrower, by, &row.value), &[])),
                        figures,
                    })
                }).collect();
                div {
                    h3 { (capital(&labels::value(and, &column.value))) }
                    @if bars.is_empty() { p.quiet { "No item has both." } }
                    @else { (bars::rows(&bars, scale)) }
                }
            }
        }
        (files(search, &[("by", by), ("by", and)]))
    }
}

/// A report as bars and as a table; bars and rows lead to their letters.
fn figure(search: &search::Request, report: &Report, first: &str, field: &str) -> Markup {
    let own = match report.over {
        Some(_) => [("over", "year")],
        None => [("by", field)],
    };
    let several = report.several;
    let few = report.rows.iter().any(|row| is_few(&row.figures));
    let drawn = bars(search, report, field);
    let scale = Scale::of(drawn.iter().map(|bar| &bar.figures), &report.all);
    html! {
        div.chart role="group" aria-label="Chart" {
            @if drawn.is_empty() { p.quiet { "None of these items has a value for " (first.to_lowercase()) "." } }
            @else {
                @if field == fields::YEAR.name { (bars::columns(&drawn, scale)) }
                @else { (bars::rows(&drawn, scale)) }
                p.key.quiet {
                    "Bar: overturned items among items with a decision. Line: its 95% interval. Dashes: the \
                    overall rate, "
                    (rate(&report.all)) "."
                }
            }
        }
        (files(search, &own))
        details.numbers {
            summary { "The same figures as a table" }
            div.table tabindex="0" role="group" aria-label="Table" {
                table {
                    (columns(&capital(first)))
                    tbody {
                        @for row in &report.rows {
                            @let target = address("/", &with(search, field, &row.value), &[]);
                            (line(html! { a href=(target) { (labels::value(field, &row.value)) } }, &row.figures))
                        }
                        @if let Some(rest) = &report.rest {
                            (line(html! { (count(rest.values as u64, "other")) }, &rest.figures))
                        }
                        @if report.without.items > 0 {
                            (line(html! { "none" }, &report.without))
                        }
                    }
                    tfoot { (line(html! { "All" }, &report.all)) }
                }
            }
        }
        @if several { p.quiet { "An item with several values is counted under each." } }
        @if few {
            p.quiet {
                "Rates based on fewer than " (FEW_ITEMS) " decided items (* in the table) say little; the \
                interval shows how little."
            }
        }
    }
}

/// Whether a rate is of so few items that it says little.
fn is_few(of: &Figures) -> bool {
    of.decided() > 0 && of.decided() < FEW_ITEMS
}

/// The phrases that set overturned rationales apart from upheld ones.
fn phrases(search: &search::Request, reasons: &stats::Reasons) -> Markup {
    let sides = [
        ("Where the denial was overturned", &reasons.overturned),
        ("Where it was upheld", &reasons.upheld),
    ];
    html! {
        section.figure aria-labelledby="reasons" {
            h2 #reasons { "What the rationales say" }
            @if let Some(caution) = &reasons.caution {
                p.remark {
                    (capital(caution)) " rationales for this: "
                    (grouped(reasons.sample.overturned)) " overturned, " (grouped(reasons.sample.upheld)) " upheld."
                }
            }
            div.sides {
                @for (title, phrases) in sides {
                    @if !phrases.is_empty() {
                        div {
                            h3 { (title) }
                            ul {
                                @for phrase in phrases {
                                    @let narrower = search::Request {
                                        query: format!("{} rationale:\"{}\"", search.query, phrase.phrase).trim().to_string(),
                                        ..search.clone()
                                    };
                                    li {
                                        a href=(address("/", &narrower, &[])) { (phrase.phrase) }
                                        span.quiet {
                                            " " (grouped(phrase.overturned)) " overturned, "
                                            (grouped(phrase.upheld)) " upheld"
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A second search to put beside this one.
fn compared(search: &search::Request) -> Markup {
    let own = address("", search, &[]);
    html! {
        section.figure aria-labelledby="compare" {
            h2 #compare { "Compare" }
            form.compare action="/compare" method="get" {
                input type="hidden" name="a" value=(own.trim_start_matches('?'));
                label for="other" { "This search with" }
                input #other name="words" value="" placeholder="tramadol" autocomplete="off";
                button type="submit" { "Compare" }
            }
        }
    }
}

/// `/compare`: two overturn rates side by side.
pub(super) fn compare_page(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &["a", "b", "words"])?;
    let side = |name: &str| -> Result<search::Request, Refusal> {
        let side = params.get(name).unwrap_or("");
        Ok(QueryParams::read(side, &[])?.search)
    };
    let a = side("a")?;
    let mut b = side("b")?;
    if let Some(words) = params.get("words") {
        b.query = words.to_string();
    }
    let compared = stats::compare(engine, &a, &b, 3)?;
    let called = |search| labels::search(search).unwrap_or_else(|| "all letters".to_string());
    let main = html! {
        main #main .figures {
            h1 { "Two searches side by side" }
            div.table tabindex="0" role="group" aria-label="Table" {
                table {
                    (columns("Search"))
                    tbody {
                        @for (search, side) in [(&a, &compared.a), (&b, &compared.b)] {
                            (line(html! { a href=(address("/", search, &[])) { (called(search)) } }, &side.figures))
                        }
                    }
                }
            }
            @match &compared.difference {
                Some(difference) => {
                    p.odds {
                        "The first rate minus the second: "
                        (points(difference.difference)) " points, 95% interval "
                        (points(difference.low)) " to " (points(difference.high)) "."
                        @if difference.holds_zero() { " Chance alone may explain it." }
                    }
                }
                None => { p { "One side has no decided item." } }
            }
            @if compared.shared_items > 0 {
                p.quiet {
                    (count(compared.shared_items, "item")) " on both sides, so the interval is only approximate."
                }
            }
            @if is_few(&compared.a.figures) || is_few(&compared.b.figures) {
                p.quiet { "* Of fewer than " (FEW_ITEMS) " items with a decision." }
            }
        }
    };
    let page = shell("Compare - imr", &a, Tab::Figures, main);
    Ok(Reply::page(StatusCode::OK, page))
}

/// A difference of shares, in points.
fn points(share: f64) -> String {
    format!("{:+.0}", share * 100.0)
}

/// The head of a table of [`line`]s.
fn columns(first: &str) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { (first) }
                @for column in ["Rate", "95%", "Overturned", "Upheld", "Letters"] {
                    th.n scope="col" { (column) }
                }
            }
        }
    }
}

fn line(name: Markup, of: &Figures) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.n { (rate(of)) @if is_few(of) { "*" } }
            td.n { (interval(of)) }
            td.n { (grouped(of.overturned)) }
            td.n { (grouped(of.upheld)) }
            td.n { (grouped(of.letters)) }
        }
    }
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
pub(super) fn api(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
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
        return Err(Refusal::bad("by: at most two facets, or one with over"));
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
