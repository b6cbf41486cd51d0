//! The pages. Templates escape what they are given; nothing here puts a text into markup by hand.

pub(super) mod bars;
mod chips;
mod hit;
mod letter;
mod panel;
mod search;
mod selection;
mod similar;
mod start;

pub(super) use chips::chips;
pub(super) use letter::page as letter;
pub(super) use search::{confirm_export as export, page as search};
pub(super) use selection::page as selection;
pub(super) use similar::{empty as no_case, page as similar};

use super::assets::{ICON, SCRIPTS, STYLE};
use super::query_params::{LONGEST_QUERY, address};
use crate::letter::{Decision, Item};
use crate::search::Request;
use maud::{DOCTYPE, Markup, html};
use std::ops::Range;

/// Which page of a search this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// The letters.
    Letters,
    /// The figures.
    Figures,
    /// Neither.
    None,
}

/// A page around what it shows. `search` is what the box holds and what stays chosen.
pub(super) fn shell(title: &str, search: &Request, tab: Tab, main: Markup) -> Markup {
    shell_with(title, search, tab, &[], main)
}

/// The same, with settings of the page's own that a new search keeps.
pub(super) fn shell_with(
    title: &str,
    search: &Request,
    tab: Tab,
    settings: &[(&str, &str)],
    main: Markup,
) -> Markup {
    let letters = address("/", search, &[]);
    let figures = address("/figures", search, &[]);
    let here = |is: Tab| (is == tab).then_some("page");
    let target = if tab == Tab::Figures { "/figures" } else { "/" };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(ICON.address);
                link rel="stylesheet" href=(STYLE.address);
                @for script in SCRIPTS.iter() { script src=(script.address) defer {} }
            }
            body {
                a.skip href="#main" { "Skip to the results" }
                header.top {
                    div.bar {
                        a.brand href="/" { "imr" span { "Independent Medical Review letters" } }
                        form.ask role="search" action=(target) method="get" {
                            label.hidden for="q" { "Search letters" }
                            div.box {
                                input #q type="search" name="q" value=(search.query)
                                    maxlength=(LONGEST_QUERY) autocomplete="off" spellcheck="false"
                                    placeholder="norco taper, \"functional improvement\", rationale:gym \u{2026}";
                            }
                            @for (name, value) in search.parameters() {
                                @if name != "q" { input type="hidden" name=(name) value=(value); }
                            }
                            @for (name, value) in settings {
                                input type="hidden" name=(name) value=(value);
                            }
                            button type="submit" { "Search" }
                        }
                    }
                    @if tab != Tab::None {
                        nav.tabs aria-label="Views of this search" {
                            a href=(letters) aria-current=[here(Tab::Letters)] { "Letters" }
                            a href=(figures) aria-current=[here(Tab::Figures)] { "Figures" }
                        }
                    }
                }
                (main)
                div.tray #tray hidden role="region" aria-label="Selection" {}
                footer.foot {
                    p {
                        "Check a passage against its letter before you cite it. "
                        a href="/api/openapi.json" { "HTTP API" }
                    }
                }
            }
        }
    }
}

/// The page of an error.
pub(super) fn refused(title: &str, detail: &str) -> Markup {
    let main = html! {
        main #main .plain {
            h1 { (title) }
            p.error { (detail) }
            p { a href="/" { "All letters" } }
        }
    };
    shell(
        &format!("{title} - imr"),
        &Request::default(),
        Tab::None,
        main,
    )
}

/// A text with its marks.
fn marked(text: &str, marks: &[Range<usize>]) -> Markup {
    let mut at = 0;
    let mut parts: Vec<(&str, &str)> = Vec::with_capacity(marks.len());
    for mark in marks {
        let (Some(before), Some(word)) = (text.get(at..mark.start), text.get(mark.clone())) else {
            continue;
        };
        parts.push((before, word));
        at = mark.end;
    }
    html! {
        @for (before, word) in parts { (before) mark { (word) } }
        (text.get(at..).unwrap_or(""))
    }
}

/// What became of the denial of an item: in words, and as a class of the style.
fn outcome(item: &Item) -> (&'static str, &'static str) {
    match item.decision {
        Some(Decision::Upheld) => ("Denial upheld", "upheld"),
        Some(Decision::Overturned) if item.partial => ("Denial overturned in part", "overturned"),
        Some(Decision::Overturned) => ("Denial overturned", "overturned"),
        None => ("No decision read", "undecided"),
    }
}

/// What became of an item, as a badge.
fn badge(item: &Item) -> Markup {
    let (word, class) = outcome(item);
    html! { span.badge .(class) { (word) } }
}

pub(super) use crate::search::counted as count;

/// Without scripts: leads to what is ticked on this page.
fn ticked() -> Markup {
    html! {
        noscript {
            form.noscript #picks action="/selection" method="get" {
                button type="submit" { "Show the selection" }
            }
        }
    }
}

/// A box that picks a letter or, from 0, an item of it.
fn tick(id: &str, item: Option<usize>, what: &str) -> Markup {
    let pick = super::picks::Pick {
        id: id.to_string(),
        item,
    };
    html! {
        label.pick title="Add to the selection" {
            input type="checkbox" name="pick" value=(pick) form="picks" autocomplete="off";
            span.hidden { "Pick " (what) }
        }
    }
}

/// How a letter is named: its case number, else its file.
pub(super) fn name(hit: &crate::search::Hit) -> String {
    hit.letter.case_number.clone().unwrap_or_else(|| {
        let file = hit.files.first().map_or("", String::as_str);
        let stem = std::path::Path::new(file).file_stem();
        stem.map_or_else(
            || "Letter without a case number".to_string(),
            |stem| stem.to_string_lossy().into_owned(),
        )
    })
}
