//! A search as an Atom feed (RFC 4287): the newest decisions first, for whoever wants alerts.

use super::labels;
use super::pages::name;
use super::query_params::{QueryParams, address};
use super::refusal::Refusal;
use super::reply::Reply;
use crate::search::{Backend, Hit, Request, Sort};
use hyper::StatusCode;
use maud::{Markup, PreEscaped, html};

/// Letters of a feed.
const ENTRIES: usize = 50;
/// What an entry without a date has for one.
const UNDATED: &str = "1970-01-01";

/// `/feed`.
pub(super) fn atom(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &[])?;
    let request = Request {
        limit: ENTRIES,
        sort: Sort::Decided,
        snippets: true,
        ..params.search.clone()
    };
    let response = engine.search(&request)?;
    let of = |hit: &Hit| {
        let date = hit.letter.dates.decision.map(|date| date.to_string());
        date.unwrap_or_else(|| UNDATED.to_string())
    };
    let updated = response.hits.iter().map(of).max();
    let updated = updated.unwrap_or_else(|| UNDATED.to_string());
    let search = &params.search;
    let title = labels::search(search).unwrap_or_else(|| "All letters".to_string());
    let feed = html! {
        feed xmlns="http://www.w3.org/2005/Atom" {
            title { (printable(&title)) " - imr" }
            id { "urn:imr:search:" (address("/", search, &[])) }
            updated { (updated) "T00:00:00Z" }
            author { name { "imr" } }
            (PreEscaped("<link rel=\"alternate\" href=\"")) (address("/", search, &[])) (PreEscaped("\"/>"))
            @for hit in &response.hits { (entry(hit, &of(hit))) }
        }
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{}",
        feed.into_string()
    );
    Ok(Reply::new(
        StatusCode::OK,
        "application/atom+xml; charset=utf-8",
        body,
    ))
}

fn entry(hit: &Hit, date: &str) -> Markup {
    let letter = &hit.letter;
    let items = hit.items.iter();
    let items: Vec<_> = items.filter_map(|at| letter.items.get(at.item)).collect();
    let decided = items.iter().map(|item| {
        let decision = item
            .decision
            .map_or("no decision read", |decision| decision.name());
        format!("{}: {decision}", printable(&item.request))
    });
    let decided: Vec<String> = decided.collect();
    let sentence = items.first().and_then(|item| item.reason_sentence(letter));
    html! {
        entry {
            title { (printable(&name(hit))) ": " (decided.join("; ")) }
            id { "urn:imr:letter:" (hit.id) }
            updated { (date) "T00:00:00Z" }
            (PreEscaped("<link rel=\"alternate\" href=\"/letters/")) (hit.id) (PreEscaped("\"/>"))
            @if let Some(sentence) = sentence { summary { (printable(&sentence)) } }
        }
    }
}

/// Without characters that XML forbids.
fn printable(text: &str) -> String {
    let allowed = |c: char| {
        if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') {
            ' '
        } else {
            c
        }
    };
    text.chars().map(allowed).collect()
}
