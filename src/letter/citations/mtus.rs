//! Citations of the MTUS, and of others beside it.

use super::named::{Kind, MTUS, NamedGuideline, SCHEDULE};
use super::sections::sections;
use super::side::{Citation, push};
use super::title::{PrintedTitle, is_title_here, printed_title, without_guidelines};
use crate::letter::any_case::AnyCase;
use crate::letter::pages;
use crate::letter::pattern::pattern;
use crate::letter::sections::floor_char;
use crate::vocabulary::{Guidelines, Source};
use regex::Regex;
use std::sync::LazyLock;

static UNKNOWN_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?i:decision\s+based\s+on\s+)?(?i:MTUS)\s*[:/,-]?\s*(?:ACOEM(?:\s+(?:Practice\s+)?Guidelines?)?[,:]?)?\s+([A-Z][A-Za-z,:/&()' -]{3,80}?),?\s+\(?((?:19|20)\d\d)\b",
    )
});

static CHAPTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:chapter|ch\.?)\s*(\d{1,2})\b"));

/// The citations of the guidelines that a statement names.
pub(super) fn citations(
    text: &str,
    mut named: Vec<NamedGuideline>,
    kind: Kind,
    part_of_mtus: bool,
    citations: &mut Vec<Citation>,
) {
    named.retain(|n| n.source != Source::Mtus || is_title_here(text, n, kind));
    let publishers: Vec<usize> = named
        .iter()
        .filter(|n| n.source == Source::Acoem && publishes(text, n, &named))
        .map(|n| n.start)
        .collect();
    named.retain(|n| !publishers.contains(&n.start));
    // "Low Back Complaints Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12)":
    // an ACOEM named beside an MTUS chapter, or said to be part of the MTUS, is that chapter.
    let mut chapters: Vec<NamedGuideline> = Vec::new();
    let names_acoem = named.iter().any(|n| n.source == Source::Acoem);
    let acoem_is_mtus =
        names_acoem && (part_of_mtus || kind == Kind::Mtus || mtus_before_acoem(text));
    // "the ACOEM Guidelines, Low Back Complaints" without a word of the MTUS cites ACOEM.
    let of_acoem = names_acoem && !acoem_is_mtus && !MTUS.is_in(text) && !SCHEDULE.is_in(text);
    if of_acoem {
        named.retain(|n| {
            n.source != Source::Mtus
                || !n
                    .name
                    .is_some_and(|name| Guidelines::get().is_of_acoem(name))
        });
    }
    let has_title = named.iter().any(|n| n.source == Source::Mtus);
    for n in named
        .iter()
        .filter(|n| n.source == Source::Acoem && acoem_is_mtus)
    {
        let reach = floor_char(text, n.end + 90);
        if let Some(found) = CHAPTER.captures(&text[n.end..reach]) {
            let title = found[1]
                .parse()
                .ok()
                .and_then(|c| Guidelines::get().chapter(c));
            let already = named
                .iter()
                .any(|m| m.source == Source::Mtus && Some(m.title) == title);
            if let Some(title) = title.filter(|_| !already) {
                chapters.push(NamedGuideline {
                    source: Source::Mtus,
                    name: None,
                    title,
                    start: n.start,
                    end: n.end,
                });
            }
        }
    }
    let acoem_dropped = acoem_is_mtus && (has_title || !chapters.is_empty());
    named.retain(|n| !(n.source == Source::Acoem && acoem_dropped));
    named.extend(chapters);
    named.sort_by_key(|n| n.start);

    if kind == Kind::Mtus
        && named.first().is_none_or(|n| n.start >= 60)
        && let Some(found) = UNKNOWN_TITLE.captures(text)
    {
        let printed = format!("{} {}", without_guidelines(&found[1]), &found[2]);
        let whole = found.get(0).expect("a match has a whole");
        let end = named.first().map_or(text.len(), |n| n.start);
        let rest = &text[whole.end()..end.max(whole.end())];
        push(
            citations,
            Citation {
                source: Source::Mtus.name().to_string(),
                // A title of no table is a book of its own with its year, as new ones are.
                title: printed.clone(),
                printed,
                sections: sections(rest),
                pages: pages::read(rest),
            },
        );
    }
    for (n, this) in named.iter().enumerate() {
        let end = named
            .get(n + 1)
            .map_or(text.len(), |next| next.start)
            .max(this.end);
        let rest = &text[this.end..end];
        let citation = match this.source {
            Source::Mtus => {
                // Of a chapter cited by its number no title is printed.
                let (printed, after) = match this.name {
                    None => (PrintedTitle::of_chapter(this.title), rest),
                    Some(_) => printed_title(&text[this.start..this.end], rest),
                };
                let title = match this.name {
                    None => this.title.to_string(),
                    Some(name) => Guidelines::get().facet_of(name, printed.year),
                };
                Citation {
                    source: Source::Mtus.name().to_string(),
                    title,
                    printed: printed.text,
                    sections: sections(after),
                    pages: pages::read(after),
                }
            }
            source => Citation::beside_mtus(source, this.title, sections(rest)),
        };
        push(citations, citation);
    }
    // The MTUS named alone ("based its decision on the MTUS") is a source without a title.
    let cites_mtus = citations.iter().any(|c| c.source == "MTUS");
    if !cites_mtus && says_mtus(text, kind) {
        push(
            citations,
            Citation {
                source: Source::Mtus.name().to_string(),
                title: String::new(),
                printed: String::new(),
                sections: String::new(),
                pages: pages::read(text),
            },
        );
    }
}

/// Whether ACOEM is named as the publisher of the title before it: "Opioids Guideline (ACOEM April
/// 20, 2017)".
fn publishes(text: &str, acoem: &NamedGuideline, named: &[NamedGuideline]) -> bool {
    static DAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^()]{0,40}\b(?:19|20)\d\d\)"));
    const FARTHEST: usize = 20;
    let after_title = |n: &&NamedGuideline| {
        n.source == Source::Mtus && n.end <= acoem.start && acoem.start - n.end <= FARTHEST
    };
    named.iter().any(|n| after_title(&n))
        && text[..acoem.start].trim_end().ends_with('(')
        && DAY.is_match(&text[acoem.end..])
}

/// "the MTUS/ACOEM guidelines", "MTUS, ACOEM Practice Guidelines": ACOEM as a part of the MTUS.
fn mtus_before_acoem(text: &str) -> bool {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bMTUS\)?(?:\s+guidelines?)?\s*[-/,:(]?\s*(?:the\s+)?\(?(?:ACOEM|American\s+College\s+of\s+Occupational)",
        )
    });
    BOTH.is_match(text)
}

/// Whether a text that names no title of the MTUS cites it all the same.
fn says_mtus(text: &str, kind: Kind) -> bool {
    const NON_MTUS: AnyCase = AnyCase::new("non-mtus");
    const WHOLE_NAME: AnyCase = AnyCase::new("medical treatment utilization schedule");
    kind == Kind::Mtus || (MTUS.is_in(text) && !NON_MTUS.is_in(text)) || WHOLE_NAME.is_in(text)
}
