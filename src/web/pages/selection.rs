//! What a person has picked: in their order, to drop, to carry off, to hand on as a link.

use super::super::labels;
use super::super::picks::{self, Pick};
use super::super::query_params::QueryParams;
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::{Tab, badge, count, name, shell};
use crate::search::{Backend, Hit, Request};
use form_urlencoded::Serializer;
use hyper::StatusCode;
use maud::{Markup, html};

/// The formats of what is picked, with their names.
const FORMATS: [(&str, &str); 5] = [
    ("html", "Brief"),
    ("docx", "Brief for Word"),
    ("md", "Brief in Markdown"),
    ("xlsx", "Spreadsheet"),
    ("csv", "CSV"),
];

/// `/selection`.
pub(crate) fn page(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &["pick"])?;
    let picks = picks::read(&params.values("pick"))?;
    let picks::PickedHits { found, missing } = picks::hits(engine, &picks)?;
    let main = html! {
        main #main .letter .selection {
            div.summary { h1 { "Selection" span.quiet { ", " (count(found.len() as u64, "entry")) } } }
            @if found.is_empty() {
                p.nothing {
                    "Nothing is selected. Check the box of an item, in the hits or in a letter; this "
                    "browser keeps it until you remove it."
                }
            } @else {
                nav.export aria-label="Export the selection" {
                    span { "Export" }
                    @for (format, label) in FORMATS {
                        a href=(carried(format, &picks)) download { (label) }
                    }
                    a href=(address(&picks)) { "Link to this selection" }
                }
            }
            @if !missing.is_empty() {
                p.remark {
                    (count(missing.len() as u64, "entry")) " of this link is not in this index."
                }
            }
            ol.hits {
                @for (n, (pick, hit)) in found.iter().enumerate() {
                    li { (entry(n, pick, hit, &picks)) }
                }
            }
        }
    };
    let page = shell("Selection - imr", &Request::default(), Tab::None, main);
    Ok(Reply::page(StatusCode::OK, page))
}

fn entry(n: usize, pick: &Pick, hit: &Hit, picks: &[Pick]) -> Markup {
    let letter = &hit.letter;
    let at = picks.iter().position(|other| other == pick).unwrap_or(n);
    let dropped: Vec<Pick> = picks
        .iter()
        .filter(|other| *other != pick)
        .cloned()
        .collect();
    let swapped = |with: Option<usize>| {
        let with = with.filter(|with| *with < picks.len())?;
        let mut picks = picks.to_vec();
        picks.swap(at, with);
        Some(address(&picks))
    };
    let item = pick
        .item
        .and_then(|item| Some((item, letter.items.get(item)?)));
    let what = item.map_or_else(|| name(hit), |(_, item)| item.request.clone());
    html! {
        article.hit {
            h2 {
                @match item {
                    Some((n, item)) => {
                        a href={ "/letters/" (hit.id) "#item-" (n + 1) } { (item.request) " " (badge(item)) }
                    }
                    None => {
                        a href={ "/letters/" (hit.id) } {
                            (name(hit)) ", " (count(letter.items.len() as u64, "item"))
                        }
                    }
                }
            }
            p.meta {
                span.case { (name(hit)) }
                @if let Some(date) = letter.dates.decision { time datetime=(date) { (labels::date(date)) } }
                @if !letter.reviewer.specialties.is_empty() {
                    span { (letter.reviewer.specialties.join(", ")) }
                }
            }
            @if let Some(sentence) = item.and_then(|(_, item)| item.reason_sentence(letter)) {
                p.snippet { (sentence) }
            }
            p.order {
                @if let Some(up) = swapped(at.checked_sub(1)) { a data-picks href=(up) { "Up" span.hidden { " " (what) } } }
                @if let Some(down) = swapped(Some(at + 1)) { a data-picks href=(down) { "Down" span.hidden { " " (what) } } }
                a data-picks href=(address(&dropped)) { "Drop" span.hidden { " " (what) } }
            }
        }
    }
}

fn pairs(picks: &[Pick]) -> Serializer<'static, String> {
    let mut query = Serializer::new(String::new());
    for pick in picks {
        query.append_pair("pick", &pick.to_string());
    }
    query
}

fn address(picks: &[Pick]) -> String {
    let query = pairs(picks).finish();
    if query.is_empty() {
        "/selection".to_string()
    } else {
        format!("/selection?{query}")
    }
}

fn carried(format: &str, picks: &[Pick]) -> String {
    let query = pairs(picks).append_pair("format", format).finish();
    format!("/api/export?{query}")
}
