//! The guidelines that one side relied on: source, title, sections, pages.

use super::any_case::{AnyCase, begins_at};
use super::pages;
use super::text::flat;
use crate::vocabulary::{Fold, Guidelines, Source, TitleMatch};
use memchr::memmem::Finder;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::LazyLock;

/// One cited guideline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// "MTUS", "ODG", "ACOEM" or "other".
    pub source: String,
    /// The guideline as a facet: one value for all the names it was printed with. Empty for
    /// `other`.
    pub title: String,
    /// The title as printed, with its year ("Chronic Pain Treatment 2009"). Empty where the letter
    /// names only the source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// What stands after "Section(s):", or between the title and the pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sections: String,
    /// Pages, ranges expanded, ascending. Only MTUS pages are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<u32>,
}

/// What one side relied on (LABELS.md, "claims_administrator / reviewer").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The citations, in the order printed.
    pub citations: Vec<Citation>,
    /// The passage as printed, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Side {
    /// The sources cited, sorted, each once.
    #[must_use]
    pub fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = self.citations.iter().map(|c| c.source.as_str()).collect();
        sources.sort_by_key(|source| (*source == "other", *source));
        sources.dedup();
        sources
    }

    /// The MTUS titles as printed, in order, each once.
    #[must_use]
    pub fn mtus(&self) -> Vec<&str> {
        let mut titles: Vec<&str> = Vec::new();
        for citation in self.citations.iter().filter(|c| c.source == "MTUS") {
            if !citation.printed.is_empty() && !titles.contains(&citation.printed.as_str()) {
                titles.push(&citation.printed);
            }
        }
        titles
    }

    /// The MTUS pages cited, ascending, each once.
    #[must_use]
    pub fn pages(&self) -> Vec<u32> {
        let mtus = self.citations.iter().filter(|c| c.source == "MTUS");
        let mut pages: Vec<u32> = mtus.flat_map(|c| c.pages.iter().copied()).collect();
        pages.sort_unstable();
        pages.dedup();
        pages
    }
}

/// How much of a passage is read; no citation of a real letter is near it.
const LONGEST: usize = 6000;

/// "outside of the MTUS Guidelines", "the MTUS is silent": said of MTUS, citing nothing of it.
static DISCLAIMER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?:on\ )?recommendations?(?:\(s\))?\ outside\ of\ the\ (?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ guidelines?)?
        | outside\ of\ the\ MTUS(?:\ guidelines?)?
        | no\ (?:section|part|chapter)s?\ of\ the\ MTUS(?:\ or\ (?:of\ )?(?:the\ )?(?:ODG|Official\ Disability\ Guidelines))?
        | (?:the\ )?(?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?(?:\ guidelines?)?\ (?:(?:is|are|was|were|does|do|did|has|have)\ (?:not|silent|no)\b|lacks?\b|says?\ (?:little|nothing)\b)
        | not\ (?:specifically\ )?(?:addressed|covered|discussed)\ (?:by|in)\ (?:the\ )?(?:California\ )?MTUS(?:\ guidelines?)?
        | (?:,\ )?(?:which\ (?:is|are)\ )?(?:not\ )?(?:a\ )?part\ of\ the\ (?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?
        | did\ not\ cite\ any[^.;]{0,80}
        ",
    )
    .expect("a valid pattern")
});

/// Says that the chapter before it is MTUS although it is cited as ACOEM.
static PART_OF_MTUS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:is|are)\s+(?:a\s+)?part\s+of\s+the\s+(?:California\s+)?(?:MTUS|Medical\s+Treatment\s+Utilization)")
        .expect("a valid pattern")
});

static ADOPTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?ix)guidelines?\ (?:used|cited|relied\ upon|relied\ on|selected|applied|referenced)\ by\ the\ claims\ administrator\b
        | \b(?:the\ )?same\ guidelines?\b")
        .expect("a valid pattern")
});

/// Whether a reviewer's passage adopts the claims administrator's guidelines ("The Expert Reviewer
/// found the guidelines used by the Claims Administrator relevant and appropriate", layout C). The
/// passage is in one line.
#[must_use]
pub fn adopts_the_administrators(passage: &str) -> bool {
    const GUIDELINE: AnyCase = AnyCase::new("guideline");
    const BY: AnyCase = AnyCase::new("by the claims");
    const SAME: AnyCase = AnyCase::new("same");
    // Most passages cite, and speak of no other's guidelines.
    if !GUIDELINE.is_in(passage) || !(BY.is_in(passage) || SAME.is_in(passage)) {
        return false;
    }
    ADOPTED.find_iter(passage).any(|m| {
        let after = &passage[m.end()..super::sections::floor_char(passage, m.end() + 120)];
        let after = after.split('.').next().unwrap_or(after).to_lowercase();
        let refused = [
            " not relevant",
            " not applicable",
            " not appropriate",
            " insufficient",
            " inadequate",
        ];
        !refused.iter().any(|no| after.contains(no))
    })
}

/// Reads what one side cited.
#[must_use]
pub fn read(passage: &str) -> Side {
    let passage = &passage[..super::sections::floor_char(passage, LONGEST)];
    let text = flat(passage.trim_start_matches([':', ' ', '\n']));
    let mut side = Side::default();
    for (non_mtus, statement) in statements(&text) {
        read_statement(statement, non_mtus, &mut side.citations);
    }
    side.text = text;
    side
}

/// Splits a passage at its "Decision based on"; each part says whether it is a Non-MTUS citation.
fn statements(text: &str) -> Vec<(Option<bool>, &str)> {
    static BASED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("decision based on"));
    static NON_MTUS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("non-mtus citation"));
    let lower = text.to_ascii_lowercase();
    let mut cuts: Vec<usize> = BASED.find_iter(lower.as_bytes()).collect();
    // A Non-MTUS citation is a statement of its own wherever it begins.
    for at in NON_MTUS.find_iter(lower.as_bytes()) {
        let begins = cuts.iter().any(|cut| *cut <= at && at - cut <= 20);
        if !begins {
            cuts.push(at);
        }
    }
    cuts.push(0);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.iter()
        .enumerate()
        .map(|(n, cut)| {
            let end = cuts.get(n + 1).copied().unwrap_or(text.len());
            let part = &text[*cut..end];
            let head = &lower[*cut..end];
            let head = head
                .strip_prefix("decision based on")
                .unwrap_or(head)
                .trim_start();
            let kind = if head.starts_with("non-mtus") || head.starts_with("non mtus") {
                Some(true)
            } else if head.starts_with("mtus") {
                Some(false)
            } else {
                None
            };
            (kind, part)
        })
        .collect()
}

/// A guideline named in a statement and what belongs to it.
struct Named {
    source: Source,
    title: &'static str,
    start: usize,
    end: usize,
}

static PART_OF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("part of"));
static OUTSIDE_OF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("outside of"));
static NOT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" not "));

const MTUS: AnyCase = AnyCase::new("mtus");
const SCHEDULE: AnyCase = AnyCase::new("utilization schedule");

/// Every disclaimer has one of these.
const DISCLAIMING: [AnyCase; 3] = [MTUS, SCHEDULE, AnyCase::new("did not cite")];

fn has(word: &Finder, text: &str) -> bool {
    word.find(text.as_bytes()).is_some()
}

fn read_statement(statement: &str, non_mtus: Option<bool>, citations: &mut Vec<Citation>) {
    // Patterns are tried only where a word of theirs stands: most passages have none.
    let part_of = has(&PART_OF, statement);
    let part_of_mtus = part_of && PART_OF_MTUS.is_match(statement);
    // What is said of the MTUS without citing it is blanked out; offsets stay.
    let mut text = Cow::Borrowed(statement);
    // "Decision based on MTUS Low Back Complaints 2004" cites and says no more.
    let plain = non_mtus == Some(false)
        && !part_of
        && !has(&OUTSIDE_OF, statement)
        && !has(&NOT, statement);
    // "Non-MTUS Citation" itself says nothing of the MTUS.
    let said = match non_mtus {
        Some(true) => statement
            .find("itation")
            .map_or(statement, |at| &statement[at..]),
        _ => statement,
    };
    if !plain && DISCLAIMING.iter().any(|word| word.is_in(said)) {
        for found in DISCLAIMER.find_iter(statement) {
            let said = found.as_str().to_ascii_lowercase();
            let kept = said.contains("is part of the") || said.contains("are part of the");
            let blank = if kept { "; " } else { "" };
            let mut cover = blank.to_string();
            cover.extend(std::iter::repeat_n(' ', found.len() - blank.len()));
            text.to_mut().replace_range(found.range(), &cover);
        }
    }
    let fold = Fold::new(&text);
    let mut named: Vec<Named> = Guidelines::get()
        .named_in(&fold)
        .into_iter()
        .map(|TitleMatch { source, title, at }| {
            let at = fold.original(&at);
            Named {
                source,
                title,
                start: at.start,
                end: at.end,
            }
        })
        .collect();
    match non_mtus {
        Some(true) => {
            non_mtus_citations(&text, &named, citations);
            return;
        }
        Some(false) => named.retain(|n| n.source == Source::Mtus),
        None => {}
    }
    mtus_citations(&text, named, non_mtus, part_of_mtus, citations);
}

fn non_mtus_citations(text: &str, named: &[Named], citations: &mut Vec<Citation>) {
    for source in [Source::Odg, Source::Acoem, Source::Other] {
        let mut of_source = named.iter().filter(|n| n.source == source);
        let Some(first) = of_source.next() else {
            continue;
        };
        // A book named inside an ODG citation's section is still another source; an ACOEM named
        // there is how ODG's chapters cross-refer only after "ODG/".
        push(
            citations,
            Citation {
                source: source.name().to_string(),
                title: if source == Source::Other {
                    String::new()
                } else {
                    first.title.to_string()
                },
                printed: String::new(),
                sections: tidy(&text[first.end..]),
                pages: Vec::new(),
            },
        );
    }
    if !named.iter().any(|n| n.source != Source::Mtus) {
        let cited = text
            .split_once("itation")
            .map_or(text, |(_, after)| after)
            .trim_matches([' ', '.', ':']);
        if !cited.is_empty() {
            push(
                citations,
                Citation {
                    source: Source::Other.name().to_string(),
                    title: String::new(),
                    printed: cited.to_string(),
                    sections: String::new(),
                    pages: Vec::new(),
                },
            );
        }
    }
}

/// Two citations of the same guideline in one passage are one, with the pages of both.
fn push(citations: &mut Vec<Citation>, new: Citation) {
    let same = citations
        .iter_mut()
        .find(|c| c.source == new.source && c.printed == new.printed && c.title == new.title);
    match same {
        Some(citation) => {
            citation.pages.extend(new.pages);
            citation.pages.sort_unstable();
            citation.pages.dedup();
            if citation.sections.is_empty() {
                citation.sections = new.sections;
            } else if !new.sections.is_empty() && citation.sections != new.sections {
                citation.sections = format!("{}; {}", citation.sections, new.sections);
            }
        }
        None => citations.push(new),
    }
}

static EDITION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*,?\s*\((?:the\s+)?ACOEM[^()]{0,60}\(((?:19|20)\d\d)\)")
        .expect("a valid pattern")
});
static UNKNOWN_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i:decision\s+based\s+on\s+)?(?i:MTUS)\s*:?\s+([A-Z][A-Za-z,/&' -]{3,80}?)\s+((?:19|20)\d\d)\b").expect("a valid pattern")
});

static CHAPTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:chapter|ch\.?)\s*(\d{1,2})\b").expect("a valid pattern")
});

fn mtus_citations(
    text: &str,
    mut named: Vec<Named>,
    kind: Option<bool>,
    part_of_mtus: bool,
    citations: &mut Vec<Citation>,
) {
    named.retain(|n| n.source != Source::Mtus || is_title_here(text, n, kind));
    // "Low Back Complaints Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 12)":
    // an ACOEM named beside an MTUS chapter, or said to be part of the MTUS, is that chapter.
    let mut chapters: Vec<Named> = Vec::new();
    let names_acoem = named.iter().any(|n| n.source == Source::Acoem);
    let acoem_is_mtus =
        names_acoem && (part_of_mtus || kind == Some(false) || mtus_before_acoem(text));
    // "the ACOEM Guidelines, Low Back Complaints" without a word of the MTUS cites ACOEM.
    let of_acoem = names_acoem && !acoem_is_mtus && !MTUS.is_in(text) && !SCHEDULE.is_in(text);
    if of_acoem {
        named.retain(|n| n.source != Source::Mtus || !Guidelines::get().is_chapter(n.title));
    }
    let has_title = named.iter().any(|n| n.source == Source::Mtus);
    for n in named
        .iter()
        .filter(|n| n.source == Source::Acoem && acoem_is_mtus)
    {
        let reach = super::sections::floor_char(text, n.end + 90);
        if let Some(found) = CHAPTER.captures(&text[n.end..reach]) {
            let title = found[1]
                .parse()
                .ok()
                .and_then(|c| Guidelines::get().chapter(c));
            let already = named
                .iter()
                .any(|m| m.source == Source::Mtus && Some(m.title) == title);
            if let Some(title) = title.filter(|_| !already) {
                chapters.push(Named {
                    source: Source::Mtus,
                    title,
                    start: n.start,
                    end: n.end,
                });
            }
        }
    }
    let acoem_dropped = acoem_is_mtus && (has_title || !chapters.is_empty());
    named.retain(|n| !(n.source == Source::Acoem && acoem_dropped));
    let from_chapter: Vec<usize> = chapters.iter().map(|n| n.start).collect();
    named.extend(chapters);
    named.sort_by_key(|n| n.start);

    if kind == Some(false)
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
                title: without_guidelines(&found[1]).to_string(),
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
                let by_chapter = from_chapter.contains(&this.start);
                let (printed, after) = if by_chapter {
                    (this.title.to_string(), rest)
                } else {
                    printed_title(&text[this.start..this.end], rest)
                };
                Citation {
                    source: Source::Mtus.name().to_string(),
                    title: this.title.to_string(),
                    printed,
                    sections: sections(after),
                    pages: pages::read(after),
                }
            }
            source => Citation {
                source: source.name().to_string(),
                title: if source == Source::Other {
                    String::new()
                } else {
                    this.title.to_string()
                },
                printed: String::new(),
                sections: sections(rest),
                pages: Vec::new(),
            },
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

/// "the MTUS/ACOEM guidelines", "MTUS, ACOEM Practice Guidelines": ACOEM as a part of the MTUS.
fn mtus_before_acoem(text: &str) -> bool {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bMTUS\)?(?:\s+guidelines?)?\s*[-/,:(]?\s*(?:the\s+)?\(?(?:ACOEM|American\s+College\s+of\s+Occupational)")
            .expect("a valid pattern")
    });
    BOTH.is_match(text)
}

/// Whether a text that names no title of the MTUS cites it all the same.
fn says_mtus(text: &str, kind: Option<bool>) -> bool {
    const NON_MTUS: AnyCase = AnyCase::new("non-mtus");
    const WHOLE_NAME: AnyCase = AnyCase::new("medical treatment utilization schedule");
    kind == Some(false) || (MTUS.is_in(text) && !NON_MTUS.is_in(text)) || WHOLE_NAME.is_in(text)
}

/// Whether a known title stands here as a title: in older letters right after "MTUS", else with its
/// year, "Guidelines", or "Complaints" in its name; a section may have the same words ("Section(s):
/// Forearm, Wrist, & Hand").
fn is_title_here(text: &str, named: &Named, kind: Option<bool>) -> bool {
    let rest = &text[named.end..];
    let words = rest.trim_start_matches([' ', ',', '(']);
    let dated = year(rest).is_some();
    let guided = [
        "guideline",
        "medical treatment",
        "chapter",
        "complaint",
        "section(s)",
        "section:",
    ]
    .iter()
    .any(|w| after_word(words, w).is_some());
    if dated || guided {
        return true;
    }
    let lower = text[..named.start].to_ascii_lowercase();
    let before = lower.trim_end_matches([' ', ':', '-', ',']);
    let opens = before.ends_with("mtus")
        || before.ends_with("utilization schedule")
        || before.ends_with("(mtus)")
        || before.ends_with("based on")
        || before.ends_with("mtus, the")
        || before.ends_with("acoem")
        || before.ends_with("acoem guidelines");
    if opens {
        return true;
    }
    let own = &text[named.start..named.end];
    let full_name = own.contains("Complaints")
        || own.contains("Disorders")
        || own.ends_with("Treatment")
        || own.contains("Approach")
        || own.contains("Conditions");
    if kind == Some(false) {
        // After "Section(s):" a title needs its year.
        return full_name && !lower.contains("section(s)");
    }
    full_name || before.ends_with("the california") || before.ends_with(" the")
}

/// The title as LABELS.md writes it: as printed, its year after it, without "Guidelines"; and the
/// text that follows.
fn printed_title<'t>(name: &str, rest: &'t str) -> (String, &'t str) {
    let mut printed = without_guidelines(name).to_string();
    let mut rest = rest;
    for word in ["guidelines", "guideline", "chapter"] {
        if let Some(after) = after_word(rest.trim_start(), word) {
            rest = after;
            break;
        }
    }
    // "Shoulder Complaints Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 9)".
    let bracket = rest.trim_start_matches([' ', ',']).starts_with('(');
    let edition = bracket.then(|| EDITION.captures(rest)).flatten();
    if let Some(found) = &edition {
        printed.push(' ');
        printed.push_str(&found[1]);
    }
    if let Some((year, end)) = year(rest).filter(|_| edition.is_none()) {
        printed.push(' ');
        printed.push_str(year);
        rest = &rest[end..];
        rest = after_word(rest.trim_start(), "guidelines").unwrap_or(rest);
    }
    (printed, rest)
}

/// What follows a word that the text begins with, whatever its capitals.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    begins_at(text, 0, word).then(|| &text[word.len()..])
}

fn without_guidelines(title: &str) -> &str {
    let title = title.trim().trim_end_matches(',').trim();
    for word in [" Guidelines", " guidelines", " Guideline", " guideline"] {
        if let Some(short) = title.strip_suffix(word) {
            return short.trim();
        }
    }
    title
}

/// The year that follows a title, and where it ends: "2004", ", (revised 2009)".
fn year(rest: &str) -> Option<(&str, usize)> {
    let bare = rest.trim_start_matches([' ', ',']);
    let bare = bare.strip_prefix('(').unwrap_or(bare).trim_start();
    let bare = ["revised ", "effective ", "updated "]
        .iter()
        .find_map(|word| bare.strip_prefix(word))
        .map_or(bare, str::trim_start);
    let year = bare.get(..4)?;
    let of_a_century = year.starts_with("19") || year.starts_with("20");
    let after = &bare[4..];
    let goes_on = after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if !of_a_century || goes_on || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let after = after.strip_prefix(')').unwrap_or(after);
    Some((year, rest.len() - after.len()))
}

/// What a citation says of sections: after "Section(s):", else what precedes the pages.
fn sections(rest: &str) -> String {
    const SECTION: AnyCase = AnyCase::new("section");
    // The first of these labels that the citation has, wherever it stands.
    let mut labelled = [None; 3];
    for at in SECTION.find_iter(rest) {
        let end = at + "section".len();
        for (label, first) in ["(s):", "s:", ":"].iter().zip(&mut labelled) {
            if first.is_none() && begins_at(rest, end, label) {
                *first = Some(end + label.len());
            }
        }
    }
    let start = labelled.into_iter().flatten().next().unwrap_or(0);
    let span = &rest[start..];
    let begins_pages = |at: &usize| {
        let next = span
            .as_bytes()
            .get(at + 1)
            .map_or(0, u8::to_ascii_lowercase);
        matches!(next, b'a' | b'g' | b'p' | b'.')
            && PAGE_LABELS.iter().any(|label| begins_at(span, *at, label))
    };
    let end = memchr::memchr2_iter(b'p', b'P', span.as_bytes())
        .find(begins_pages)
        .unwrap_or(span.len());
    tidy(&span[..end])
}

const PAGE_LABELS: [&str; 8] = [
    "page(s)", "pages ", "page ", "pgs", "pg.", "pg ", "pp.", "p. ",
];

fn tidy(span: &str) -> String {
    let span = span.trim_matches([' ', ',', '.', ';', ':', '(', '-']);
    let span = span
        .strip_suffix(", and")
        .or_else(|| span.strip_suffix(" and"))
        .unwrap_or(span);
    let span = span.trim_matches([' ', ',', ';', ':']);
    // What closes what is not open belongs to the citation before.
    if span.contains(')') && !span.contains('(') {
        return span
            .trim_start_matches("ODG)")
            .trim_matches([' ', ',', ')', ':', '.'])
            .to_string();
    }
    span.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(passage: &str) -> (Vec<String>, Vec<String>, Vec<u32>) {
        let side = read(passage);
        (
            side.sources().iter().map(ToString::to_string).collect(),
            side.mtus().iter().map(ToString::to_string).collect(),
            side.pages(),
        )
    }

    fn check(passage: &str, sources: &[&str], mtus: &[&str], pages: &[u32]) {
        let (s, m, p) = told(passage);
        assert_eq!(
            (s, m, p),
            (
                sources.iter().map(ToString::to_string).collect(),
                mtus.iter().map(ToString::to_string).collect(),
                pages.to_vec(),
            ),
            "{passage}"
        );
    }

    #[test]
    fn layout_a() {
        check(
            ": Decision based on MTUS Chronic Pain Treatment Guidelines Opioid Page(s): 91.",
            &["MTUS"],
            &["Chronic Pain Treatment"],
            &[91],
        );
        check(
            ": Decision based on MTUS Forearm, Wrist, and Hand Complaints 2004, Section(s): Work-Relatedness, and Postsurgical Treatment 2009, Section(s): Forearm, Wrist, & Hand, and Chronic Pain Medical Treatment 2016, Section(s): Physical medicine treatment. Decision based on Non-MTUS Citation Official Disability Guidelines, Hand.",
            &["MTUS", "ODG"],
            &[
                "Forearm, Wrist, and Hand Complaints 2004",
                "Postsurgical Treatment 2009",
                "Chronic Pain Medical Treatment 2016",
            ],
            &[],
        );
        check(
            "The Claims Administrator based their decision on recommendation(s) outside of the MTUS Guidelines. Decision based on Non-MTUS Citation Official Disability Guidelines (ODG), Pain Chapter, page 12.",
            &["ODG"],
            &[],
            &[],
        );
        check(
            "The Expert Reviewer did not cite any medical evidence for its decision.",
            &[],
            &[],
            &[],
        );
        check(
            "Decision based on MTUS Opioid Treatment 2016, Section(s): 3.3.6 Opioids for Chronic Pain",
            &["MTUS"],
            &["Opioid Treatment 2016"],
            &[],
        );
        check(
            "Decision based on Non-MTUS Citation Green's Operative Surgery, 6th ed",
            &["other"],
            &[],
            &[],
        );
        check(
            "Decision based on MTUS Chronic Pain Treatment Guidelines CRITERIA FOR USE OF OPIOIDSMedication for chronic pain Page(s): 88-89, 76-78; 60-61.",
            &["MTUS"],
            &["Chronic Pain Treatment"],
            &[60, 61, 76, 77, 78, 88, 89],
        );
        check(
            "Decision based on Non-MTUS Citation American College of Occupational and Environmental Medicine (ACOEM) Pain, Suffering, and the Restoration of Function Chapter.",
            &["ACOEM"],
            &[],
            &[],
        );
    }

    #[test]
    fn layouts_b_and_c() {
        check(
            "based its decision on the MTUS Chronic Pain Guidelines.",
            &["MTUS"],
            &["Chronic Pain"],
            &[],
        );
        check(
            "based his/her decision on the Chronic Pain Medical Treatment Guidelines, Opioids, pages 78-80, which is part of the MTUS.",
            &["MTUS"],
            &["Chronic Pain Medical Treatment"],
            &[78, 79, 80],
        );
        check(
            "based its decision on the Chronic Pain Medical Treatment Guidelines (2009), pg. 30-32, which is part of the MTUS. ",
            &["MTUS"],
            &["Chronic Pain Medical Treatment 2009"],
            &[30, 31, 32],
        );
        check(
            "based its decision on the Official Disability Guidelines (ODG), Low Back Chapter, which is not part of the MTUS.",
            &["ODG"],
            &[],
            &[],
        );
    }

    #[test]
    fn acoem_is_mtus_only_where_the_letter_says_so() {
        check(
            "based its decision on the ACOEM Guidelines, Chapter 12, page 303, which is part of the MTUS.",
            &["MTUS"],
            &["Low Back Complaints"],
            &[303],
        );
        check(
            "based its decision on the MTUS/ACOEM Practice Guidelines, Low Back Complaints, page 303.",
            &["MTUS"],
            &["Low Back Complaints"],
            &[303],
        );
        check(
            "based its decision on the ACOEM Guidelines, Low Back Complaints, page 303.",
            &["ACOEM"],
            &[],
            &[],
        );
    }

    #[test]
    fn sections_as_printed() {
        let side = read(
            "Decision based on MTUS Low Back Complaints 2004, Section(s): Special Studies, Diagnostic Criteria.",
        );
        assert_eq!(
            side.citations[0].sections,
            "Special Studies, Diagnostic Criteria"
        );
        assert_eq!(side.citations[0].title, "Low Back Complaints");
    }

    #[test]
    fn a_reviewer_may_adopt_the_administrators_guidelines() {
        assert!(adopts_the_administrators(
            "The Expert Reviewer found the guidelines used by the Claims Administrator relevant and appropriate."
        ));
        assert!(!adopts_the_administrators(
            "found the guidelines used by the Claims Administrator not applicable."
        ));
    }
}
