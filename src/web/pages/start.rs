//! What a person sees first: what this is, what the index holds, examples to click.

use super::count;
use crate::search::{Backend, Response};
use crate::stats::formats::grouped;
use maud::{Markup, html};
use std::time::{Duration, SystemTime};

/// A commit as recent as this may be one of several.
const GROWING: Duration = Duration::from_secs(60);

/// Questions to begin with: the address, and what it asks.
const EXAMPLES: [(&str, &str); 6] = [
    ("/?q=norco", "norco"),
    ("/?q=lumbar+mri+overturned", "lumbar mri overturned"),
    (
        "/?q=physical+therapy+after+surgery",
        "physical therapy after surgery",
    ),
    (
        "/?q=%22functional+improvement%22+opioids",
        "\u{201c}functional improvement\u{201d} opioids",
    ),
    ("/?q=acupuncture+page+8", "acupuncture page 8"),
    ("/figures", "overturn rates in figures"),
];

/// How a query is written: an example, and what it does.
const HELP: [(&str, &str); 8] = [
    ("norco taper", "both, in the same item"),
    (
        "norco vicodin",
        "drugs, services, specialties: any name, brand or spelling",
    ),
    ("\"functional improvement\"", "these words, in this order"),
    ("mri OR ct", "either"),
    ("mri NOT lumbar", "without it"),
    ("rationale:gym, request:cane", "in that part of an item"),
    ("page 78", "citing that page of a guideline"),
    ("CM15-0012345", "a case, in any form of its number"),
];

/// Keys, and what they do.
const KEYS: [(&str, &str); 6] = [
    ("/", "the search box"),
    ("j, k", "the next and the previous hit"),
    ("Enter", "opens it"),
    ("n, p", "the next and the previous page or letter"),
    ("[ and ]", "the previous and the next match in a letter"),
    ("Escape", "leaves a field"),
];

/// What stands on the page before anything is asked; `response` is that of all letters.
pub(super) fn start(engine: &dyn Backend, response: &Response) -> Markup {
    let years = response.facets.iter().find(|counts| counts.facet == "year");
    let years = years.into_iter().flat_map(|counts| &counts.values);
    let years: Vec<&str> = years.map(|value| value.value.as_str()).collect();
    let (first, last) = (years.iter().min(), years.iter().max());
    let age = engine.changed();
    let age = age.and_then(|at| SystemTime::now().duration_since(at).ok());
    html! {
        div.start {
            h1 {
                (count(response.letters, "letter")) span.quiet {
                    ", " (count(response.items, "item"))
                    @if let (Some(first), Some(last)) = (first, last) {
                        ", decided " (first)
                        @if first != last { " to " (last) }
                    }
                }
            }
            @if let Some(age) = age {
                p.quiet { "Last update " (ago(age)) "." }
                @if age < GROWING && response.letters > 0 && !engine.is_remote() {
                    p.remark { "More letters may be on the way: the page updates with each commit." }
                }
            }
            a.jump href="#filters" { "Filters" }
            p {
                "Search California Independent Medical Review determinations: which denials of a treatment "
                "were upheld or overturned, by whom, citing what, and why. " (where_it_is(engine))
            }
            @if response.letters == 0 {
                p.remark {
                    "The index is empty. Add letters with "
                    code { @if engine.is_remote() { "imr push" } @else { "imr index FOLDER" } }
                    "; the page shows them as they come."
                }
            }
            section aria-labelledby="try" {
                h2 #try { "Try" }
                ul.examples { @for (target, what) in EXAMPLES { li { a href=(target) { (what) } } } }
                p { a href="/?sort=decided" { "All letters, newest decision first" } }
            }
            section aria-labelledby="mine" {
                h2 #mine { "Cases like mine" }
                (super::similar::form(engine))
            }
            section.help aria-label="Help" {
                details {
                    summary { "How to ask" }
                    (table(&HELP))
                }
                details {
                    summary { "Keys" }
                    (table(&KEYS))
                }
            }
        }
    }
}

/// Where what is typed goes.
fn where_it_is(engine: &dyn Backend) -> String {
    if engine.is_remote() {
        format!("A cluster answers the searches: {}.", engine.name())
    } else {
        "Everything stays on this computer.".to_string()
    }
}

fn table(rows: &[(&str, &str)]) -> Markup {
    html! {
        dl.help {
            @for (what, does) in rows { div { dt { code { (what) } } dd { (does) } } }
        }
    }
}

/// "a moment ago", "3 hours ago".
fn ago(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let of = |n: u64, unit: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{} {unit}{s} ago", grouped(n))
    };
    match minutes {
        0 => "a moment ago".to_string(),
        1..60 => of(minutes, "minute"),
        60..1440 => of(minutes / 60, "hour"),
        _ => of(minutes / 1440, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_one_unit() {
        let ago = |seconds| ago(Duration::from_secs(seconds));
        assert_eq!(ago(30), "a moment ago");
        assert_eq!(ago(90), "1 minute ago");
        assert_eq!(ago(7_300), "2 hours ago");
        assert_eq!(ago(3 * 86_400), "3 days ago");
    }
}
