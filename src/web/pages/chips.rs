//! What is chosen, each with a link that takes it away.

use super::super::query_params::address;
use crate::search::{MatchMode, Request};
use maud::{Markup, html};

/// The chosen filters and options of a search, on the page at `path`.
pub(crate) fn chips(path: &str, search: &Request) -> Markup {
    let without = |at: usize| {
        let mut search = search.clone();
        search.filters.remove(at);
        address(path, &search, &[])
    };
    let plain = |change: fn(&mut Request)| {
        let mut search = search.clone();
        change(&mut search);
        address(path, &search, &[])
    };
    let mut all = Vec::new();
    for (at, filter) in search.filters.iter().enumerate() {
        let not = if filter.negated { "not " } else { "" };
        let name = filter.name.replace('-', " ");
        all.push((format!("{name}: {not}{}", filter.value), without(at)));
    }
    match search.match_mode {
        MatchMode::Most => {}
        MatchMode::All => all.push((
            "all words".to_string(),
            plain(|s| s.match_mode = MatchMode::Most),
        )),
        MatchMode::Any => all.push((
            "any word".to_string(),
            plain(|s| s.match_mode = MatchMode::Most),
        )),
    }
    if search.exact {
        all.push(("no synonyms".to_string(), plain(|s| s.exact = false)));
    }
    if search.any_item {
        let label = "filters in different items".to_string();
        all.push((label, plain(|s| s.any_item = false)));
    }
    let none = Request {
        query: search.query.clone(),
        sort: search.sort,
        ..Request::default()
    };
    html! {
        @if !all.is_empty() {
            ul.chips aria-label="Chosen filters" {
                @for (label, target) in &all {
                    li {
                        a.chip href=(target) {
                            (label) " " span aria-hidden="true" { "\u{d7}" }
                            span.hidden { "(remove)" }
                        }
                    }
                }
                @if all.len() > 1 {
                    li { a.clear href=(address(path, &none, &[])) { "Remove all" } }
                }
            }
        }
    }
}
