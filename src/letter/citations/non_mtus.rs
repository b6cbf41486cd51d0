//! Citations of a "Non-MTUS Citation".

use super::named::NamedGuideline;
use super::sections::tidy;
use super::side::{Citation, push};
use crate::letter::pattern::pattern;
use crate::vocabulary::Source;
use regex::Regex;
use std::sync::LazyLock;

/// The citations of the guidelines that a statement names; what it cites where it names none.
pub(super) fn citations(text: &str, named: &[NamedGuideline], citations: &mut Vec<Citation>) {
    for source in [Source::Odg, Source::Acoem, Source::Other] {
        let mut of_source = named.iter().filter(|n| n.source == source);
        let Some(first) = of_source.next() else {
            continue;
        };
        // A book named inside an ODG citation's section is still another source; an ACOEM named
        // there is how ODG's chapters cross-refer only after "ODG/". Of another source all that is
        // printed says what it is.
        let from = if source == Source::Other {
            let comes_first = named.iter().all(|n| n.start >= first.start);
            if comes_first {
                cited_from(text)
            } else {
                first.start
            }
        } else {
            first.end
        };
        let sections = tidy(&text[from.min(first.end)..]);
        push(
            citations,
            Citation::beside_mtus(source, first.title, sections),
        );
    }
    if !citations.iter().any(|c| c.source == Source::Other.name()) {
        journals(text, named, citations);
    }
    if !named.iter().any(|n| n.source != Source::Mtus) {
        let cited = text[cited_from(text)..].trim_matches([' ', '.', ':']);
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

/// Where what is cited begins: after "Non-MTUS Citation".
fn cited_from(text: &str) -> usize {
    text.find("itation").map_or(0, |at| at + "itation".len())
}

/// What stands after a semicolon and is cited as journals are ("ODG, Knee; Smith A. Spine. 2012;
/// 37(4):300-5"): another source than the one before.
pub(super) fn journals(text: &str, named: &[NamedGuideline], citations: &mut Vec<Citation>) {
    static JOURNAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?x)(?:19|20)\d\d\b .*? (?:;\s*)?\d{1,4}\s*(?:\(\d+(?:\s*(?:Pt|Suppl)\s*\d*)?\))?\s*:\s*[eES]?\d+ | \bet\s+al\b | \b(?:doi|PMID)\b | \d{1,4}\s*\(\d{1,3}\)\s*[:,]\s*[eES]?\d+ | \bvol(?:\.|ume)\s*\d",
        )
    });
    let Some(from) = text.find(';') else {
        return;
    };
    let tail = &text[from + 1..];
    // A semicolon stands within a journal's citation as well ("2012;37"): so from the first one on.
    let Some(found) = JOURNAL.find(tail) else {
        return;
    };
    let of_named = |n: &&NamedGuideline| n.start > from && n.start < from + 1 + found.end();
    let of_source = named
        .iter()
        .filter(|n| n.source != Source::Mtus)
        .any(|n| of_named(&n));
    if !of_source {
        push(
            citations,
            Citation {
                source: Source::Other.name().to_string(),
                title: String::new(),
                printed: tidy(tail),
                sections: String::new(),
                pages: Vec::new(),
            },
        );
    }
}
