//! A hit in the list.

use super::{badge, marked, name};
use crate::search::{Fragment, Hit};
use maud::{Markup, html};

/// At most so many items of a hit are shown.
const MOST_ITEMS: usize = 6;

/// A hit; `target` is the address of its letter.
pub(super) fn hit(hit: &Hit, target: &str) -> Markup {
    let letter = &hit.letter;
    let decided = letter.dates.decision.map(|date| date.to_string());
    let fragment = |at: usize| {
        let mut requests = hit.snippets.iter();
        requests.find(|f| f.field == "request" && f.item == Some(at))
    };
    let hidden = hit.items.len().saturating_sub(MOST_ITEMS);
    html! {
        article.hit {
            div.head {
                h2 { a.open href=(target) { (name(hit)) } }
                @match &decided {
                    Some(date) => { time datetime=(date) { (date) } }
                    None => { span.quiet { "no date" } }
                }
                @if let Some(kind) = &letter.document_kind {
                    span.quiet { "not a letter: " (kind) }
                }
                @if !letter.reviewer.specialties.is_empty() {
                    span.quiet { (letter.reviewer.specialties.join(", ")) }
                }
            }
            ul.items {
                @for at in hit.items.iter().take(MOST_ITEMS) {
                    @if let Some(item) = letter.items.get(at.item) {
                        li {
                            (badge(item))
                            span.request {
                                @match fragment(at.item) {
                                    Some(f) => { (marked(&f.text, &f.marks)) }
                                    None => { (item.request) }
                                }
                            }
                        }
                    }
                }
                @if hidden > 0 {
                    li.quiet { "and " (super::count(hidden as u64, "more matching item")) }
                }
            }
            @for f in hit.snippets.iter().filter(|f| f.field != "request") { (snippet(f)) }
        }
    }
}

fn snippet(fragment: &Fragment) -> Markup {
    html! { p.snippet { (marked(&fragment.text, &fragment.marks)) } }
}
