//! A hit in the list.

use super::super::labels;
use super::{badge, marked, name, tick};
use crate::search::{Fragment, Hit};
use maud::{Markup, html};

/// At most so many items of a hit are shown.
const MOST_ITEMS: usize = 6;

/// A hit; `target` is the address of its letter. What was asked for and what became of it come first.
pub(super) fn hit(hit: &Hit, target: &str) -> Markup {
    let letter = &hit.letter;
    let fragment = |at: usize| {
        let mut requests = hit.snippets.iter();
        requests.find(|f| f.field == "request" && f.item == Some(at))
    };
    let request = |at: usize| {
        html! {
            @match fragment(at) {
                Some(f) => { (marked(&f.text, &f.marks)) }
                None => { (letter.items.get(at).map_or("", |item| item.request.as_str())) }
            }
        }
    };
    let at = |item: usize| format!("{target}#item-{}", item + 1);
    let (first, others) = match hit.items.split_first() {
        Some((first, others)) => (Some(first.item), others),
        None => (None, &[][..]),
    };
    let hidden = others.len().saturating_sub(MOST_ITEMS - 1);
    html! {
        article.hit {
            @match first.and_then(|at| Some((at, letter.items.get(at)?))) {
                Some((n, item)) => { (tick(&hit.id, Some(n), &item.request)) }
                None => { (tick(&hit.id, None, &name(hit))) }
            }
            h2 {
                @match first.and_then(|at| Some((at, letter.items.get(at)?))) {
                    Some((n, item)) => {
                        a.open href=(at(n)) { (request(n)) } " " (badge(item))
                    }
                    None => { a.open href=(target) { (name(hit)) } }
                }
            }
            p.meta {
                span.case { (name(hit)) }
                @match letter.dates.decision {
                    Some(date) => { time datetime=(date) { (labels::date(date)) } }
                    None => { span { "no date" } }
                }
                @if let Some(kind) = &letter.document_kind { span { "not a letter: " (kind) } }
                @if !letter.reviewer.specialties.is_empty() {
                    span { (letter.reviewer.specialties.join(", ")) }
                }
                @if letter.items.len() > 1 {
                    @match first {
                        Some(n) => { span { "item " (n + 1) " of " (letter.items.len()) } }
                        None => { span { (super::count(letter.items.len() as u64, "item")) } }
                    }
                }
            }
            @for f in hit.snippets.iter().filter(|f| f.field != "request") { (snippet(f)) }
            @if !others.is_empty() {
                ul.items {
                    @for other in others.iter().take(MOST_ITEMS - 1) {
                        @if let Some(item) = letter.items.get(other.item) {
                            li {
                                (tick(&hit.id, Some(other.item), &item.request))
                                a href=(at(other.item)) { (request(other.item)) } " " (badge(item))
                            }
                        }
                    }
                    @if hidden > 0 {
                        li.quiet { "and " (super::count(hidden as u64, "more matching item")) }
                    }
                }
            }
        }
    }
}

fn snippet(fragment: &Fragment) -> Markup {
    html! { p.snippet { (marked(&fragment.text, &fragment.marks)) } }
}
