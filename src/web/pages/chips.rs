//! What a search was understood as and what is chosen, in one line: each chip can be removed, excluded,
//! or turned back into words.

use super::super::labels;
use super::super::query_params::address;
use crate::fields::{self, Resolve};
use crate::search::{Filter, MatchMode, Request, Response};
use maud::{Markup, html};
use std::ops::Range;

/// Other wordings that a chip names.
const ALSO: usize = 3;

/// One chip.
struct Chip {
    label: String,
    /// It says how a word was read, and narrows nothing.
    quiet: bool,
    /// What else can be done with it, each with its address.
    choices: Vec<(String, String)>,
    /// The address without it.
    remove: Option<String>,
}

/// The chips of a search on the page at `path`: of its filters and options and, where there is an
/// answer, of what its words were taken for.
pub(crate) fn chips(path: &str, search: &Request, response: Option<&Response>) -> Markup {
    let mut all = Vec::new();
    if let Some(response) = response {
        understood(path, search, response, &mut all);
    }
    let narrowing = all.iter().filter(|chip: &&Chip| !chip.quiet).count();
    chosen(path, search, &mut all);
    let none = Request {
        query: search.query.clone(),
        sort: search.sort,
        ..Request::default()
    };
    html! {
        @if !all.is_empty() {
            ul.chips aria-label="What was understood" {
                @for chip in &all {
                    li.chip.quiet[chip.quiet] {
                        @if chip.choices.is_empty() {
                            span.label { (chip.label) }
                        } @else {
                            details.menu {
                                summary { (chip.label) }
                                div.choices {
                                    @for (what, target) in &chip.choices { a href=(target) { (what) } }
                                }
                            }
                        }
                        @if let Some(target) = &chip.remove {
                            a.remove href=(target) {
                                span aria-hidden="true" { "\u{d7}" }
                                span.hidden { "Remove " (chip.label) }
                            }
                        }
                    }
                }
                @if all.len() - narrowing > 1 {
                    li { a.clear href=(address(path, &none, &[])) { "Remove all filters" } }
                }
            }
        }
    }
}

/// What the words were taken for.
fn understood(path: &str, search: &Request, response: &Response, all: &mut Vec<Chip>) {
    let to = |search: Option<Request>| search.map(|search| address(path, &search, &[]));
    let edited = |range: &Range<usize>, text: &str, with: &str| {
        edited(search, &response.understood, range, text, with)
    };
    let mut read: Vec<&str> = Vec::new();
    for concept in &response.concepts {
        read.push(&concept.text);
        let without = edited(&concept.range, &concept.text, "");
        let excluded = without.clone().and_then(|mut search| {
            let not = format!("not-{}", concept.field);
            search.filters.push(Filter::named(&not, &concept.value)?);
            Some(search)
        });
        let quoted = edited(
            &concept.range,
            &concept.text,
            &format!("\"{}\"", concept.text),
        );
        let field = labels::field(&concept.field);
        let label = match concept.label.strip_prefix(&format!("{field} ")) {
            Some(rest) => format!("{field}: {rest}"),
            None => format!("{field}: {}", concept.label),
        };
        let choices = [
            (
                format!("Search for the words \u{201c}{}\u{201d}", concept.text),
                to(quoted),
            ),
            ("Exclude".to_string(), to(excluded)),
        ];
        all.push(Chip {
            label,
            quiet: false,
            choices: present(choices),
            remove: to(without),
        });
    }
    if let Some(wish) = &response.preferred_decision {
        read.push(&wish.text);
        let without = edited(&wish.range, &wish.text, "");
        let only = without.clone().map(|mut search| {
            search
                .filters
                .extend(Filter::named("decision", &wish.decision));
            search
        });
        let quoted = edited(&wish.range, &wish.text, &format!("\"{}\"", wish.text));
        let choices = [
            (format!("Only {}", wish.decision), to(only)),
            (
                format!("Search for the words \u{201c}{}\u{201d}", wish.text),
                to(quoted),
            ),
        ];
        let all_items = wish.items + wish.others;
        all.push(Chip {
            label: match all_items {
                0 => format!("{} first", wish.decision),
                _ => format!(
                    "{} first: {} of {all_items} items",
                    wish.decision, wish.items
                ),
            },
            quiet: false,
            choices: present(choices),
            remove: to(without),
        });
    }
    for expansion in &response.expanded {
        if read.contains(&expansion.word.as_str()) {
            continue;
        }
        let more = expansion.also.len().saturating_sub(ALSO);
        let also: Vec<&str> = expansion
            .also
            .iter()
            .take(ALSO)
            .map(String::as_str)
            .collect();
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let lower = search.query.to_lowercase();
        let quoted = lower.find(&expansion.word.to_lowercase()).and_then(|at| {
            let range = at..at + expansion.word.len();
            let typed = search.query.get(range.clone())?.to_string();
            edited(&range, &typed, &format!("\"{typed}\""))
        });
        let only = format!("Only \u{201c}{}\u{201d}", expansion.word);
        all.push(Chip {
            label: format!("{}: also {}{more}", expansion.word, also.join(", ")),
            quiet: true,
            choices: present([(only, to(quoted))]),
            remove: None,
        });
    }
}

fn present<const N: usize>(choices: [(String, Option<String>); N]) -> Vec<(String, String)> {
    let present = choices
        .into_iter()
        .filter_map(|(what, to)| Some((what, to?)));
    present.collect()
}

/// The filters and options.
fn chosen(path: &str, search: &Request, all: &mut Vec<Chip>) {
    let changed = |change: &dyn Fn(&mut Request)| {
        let mut search = search.clone();
        change(&mut search);
        address(path, &search, &[])
    };
    for (at, filter) in search.filters.iter().enumerate() {
        let not = if filter.negated { "not " } else { "" };
        let value = labels::value(&filter.name, &filter.value);
        let turned = Filter {
            negated: !filter.negated,
            ..filter.clone()
        };
        let named = Filter::named(&turned.parameter(), &turned.value).is_some();
        let turn = named.then(|| changed(&|s| s.filters[at] = turned.clone()));
        let what = if filter.negated { "Require" } else { "Exclude" };
        let is_name = fields::filter(&filter.name)
            .is_some_and(|(_, filter)| matches!(filter.resolve, Resolve::Names { .. }));
        let words = (is_name && !filter.negated).then(|| {
            changed(&|s| {
                s.filters.remove(at);
                s.query = format!("{} \"{value}\"", s.query).trim().to_string();
            })
        });
        let choices = [
            (what.to_string(), turn),
            (
                format!("Search for the words \u{201c}{value}\u{201d}"),
                words,
            ),
        ];
        all.push(Chip {
            label: format!("{}: {not}{value}", labels::field(&filter.name)),
            quiet: false,
            choices: present(choices),
            remove: Some(changed(&|s| {
                s.filters.remove(at);
            })),
        });
    }
    let mut option = |label: &str, change: &dyn Fn(&mut Request)| {
        all.push(Chip {
            label: label.to_string(),
            quiet: false,
            choices: Vec::new(),
            remove: Some(changed(change)),
        });
    };
    match search.match_mode {
        MatchMode::Most => {}
        MatchMode::All => option("all words", &|s| s.match_mode = MatchMode::Most),
        MatchMode::Any => option("any word", &|s| s.match_mode = MatchMode::Most),
    }
    if search.exact {
        option("no synonyms", &|s| s.exact = false);
    }
    if search.any_item {
        option("filters in different items", &|s| s.any_item = false);
    }
    if search.added_after.is_some() {
        option("only newly added letters", &|s| s.added_after = None);
    }
    if search.mentions {
        option("letters that only mention it, too", &|s| s.mentions = false);
    }
}

/// The search with words of its query replaced; an empty text cuts them. The words stand at a range of
/// the query as typed, or as it was read. None where they stand at neither, or where an operator beside
/// them would be left alone.
fn edited(
    search: &Request,
    understood: &str,
    range: &Range<usize>,
    text: &str,
    with: &str,
) -> Option<Request> {
    let stands = |query: &&str| {
        let typed = query.get(range.clone());
        typed.is_some_and(|typed| typed.split_whitespace().eq(text.split_whitespace()))
    };
    let query = [search.query.as_str(), understood]
        .into_iter()
        .find(stands)?;
    let (before, after) = (&query[..range.start], &query[range.end..]);
    let is_operator = |word: Option<&str>| {
        let upper = word.map(str::to_uppercase);
        matches!(upper.as_deref(), Some("OR" | "AND" | "NOT" | "AND/OR"))
    };
    let bound = before.ends_with([':', '(', '-', '"'])
        || after.starts_with([')', '"', '*'])
        || is_operator(before.split_whitespace().next_back())
        || is_operator(after.split_whitespace().next());
    if bound {
        return None;
    }
    let joined = format!("{before}{with}{after}");
    let query: Vec<&str> = joined.split_whitespace().collect();
    Some(Request {
        query: query.join(" "),
        ..search.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Request {
        Request {
            query: query.to_string(),
            ..Request::default()
        }
    }

    #[test]
    fn words_are_cut_where_nothing_hangs_on_them() {
        let cut = |query: &str, range: Range<usize>, text: &str| {
            edited(&search(query), query, &range, text, "").map(|search| search.query)
        };
        assert_eq!(cut("norco taper", 0..5, "norco").unwrap(), "taper");
        assert_eq!(cut("lumbar mri", 7..10, "mri").unwrap(), "lumbar");
        assert_eq!(cut("norco OR mri", 0..5, "norco"), None);
        assert_eq!(cut("drug:norco", 5..10, "norco"), None);
        assert_eq!(cut("norco", 0..9, "norco"), None);
    }

    #[test]
    fn a_corrected_query_is_edited_as_it_was_read() {
        let quoted = edited(
            &search("hydrocodne taper"),
            "hydrocodone taper",
            &(0..11),
            "hydrocodone",
            "\"hydrocodone\"",
        );
        assert_eq!(quoted.unwrap().query, "\"hydrocodone\" taper");
    }
}
