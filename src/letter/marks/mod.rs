//! The phrases that letters are laid out by, found in one pass over the text.

mod phrases;

pub(super) use phrases::{Mark, phrases};

use crate::vocabulary::LowerText;
use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, Input};
use std::cmp::Reverse;
use std::sync::LazyLock;

/// A mark and where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarkMatch {
    /// What it is.
    pub mark: Mark,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// It begins its line, but for a list number or quotes.
    pub at_line_start: bool,
}

/// Pieces of the phrases that letters seldom have elsewhere; even the first four bytes of each are
/// rare. Every phrase has one, and none begins another.
static RARE: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../../index-schema/layout_pieces.txt")
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'))
        .collect()
});

/// How the phrases are found: by their rare pieces, looked for many bytes at a time. Only around
/// one of them the phrases with it are tried.
struct Layout {
    /// None on machines without the instructions.
    quick: Option<Searcher>,
    slow: AhoCorasick,
    /// For each rare piece the phrases that have it.
    around: Vec<Vec<PhrasesByPiece>>,
}

/// Phrases with a rare piece at the same place.
struct PhrasesByPiece {
    /// How far the piece is from their beginning.
    at: usize,
    /// What they all begin with.
    first: u8,
    /// The longest first.
    phrases: Vec<(String, Mark)>,
}

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let mut around: Vec<Vec<PhrasesByPiece>> = RARE.iter().map(|_| Vec::new()).collect();
    for (phrase, mark) in phrases() {
        let (rare, at) = RARE
            .iter()
            .enumerate()
            .find_map(|(n, rare)| Some((n, phrase.find(rare)?)))
            .expect("a test tries every phrase");
        let first = phrase.as_bytes()[0];
        let alike = around[rare].iter_mut();
        match alike.into_iter().find(|a| a.at == at && a.first == first) {
            Some(alike) => alike.phrases.push((phrase, mark)),
            None => around[rare].push(PhrasesByPiece {
                at,
                first,
                phrases: vec![(phrase, mark)],
            }),
        }
    }
    for alike in around.iter_mut().flatten() {
        alike
            .phrases
            .sort_by_key(|(phrase, _)| Reverse(phrase.len()));
    }
    Layout {
        quick: packed::Config::new().builder().extend(RARE.iter()).build(),
        slow: AhoCorasick::new(RARE.iter()).expect("a few words fit an automaton"),
        around,
    }
});

impl Layout {
    /// The next rare piece at or after an offset: which, and where it begins.
    fn next_rare(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let found = match &self.quick {
            Some(quick) => quick.find_in(text, (from..text.len()).into()),
            None => self.slow.find(Input::new(text).range(from..)),
        }?;
        Some((found.pattern().as_usize(), found.start()))
    }

    /// Every phrase in a text: start, end and mark; in order, the longest first.
    fn phrases(&self, text: &[u8]) -> Vec<(usize, usize, Mark)> {
        let mut found = Vec::with_capacity(32);
        let mut from = 0;
        while let Some((rare, at)) = self.next_rare(text, from) {
            for alike in &self.around[rare] {
                let Some(start) = at.checked_sub(alike.at) else {
                    continue;
                };
                if text[start] != alike.first {
                    continue;
                }
                let mut phrases = alike.phrases.iter();
                let phrase =
                    phrases.find_map(|(p, mark)| Some((start, phrase_end(text, start, p)?, *mark)));
                found.extend(phrase);
            }
            from = at + 1;
        }
        found.sort_unstable_by_key(|(start, end, _)| (*start, Reverse(*end)));
        found
    }
}

/// Where a phrase that begins at an offset ends. Spaces of it may be missing: extraction runs words together.
fn phrase_end(text: &[u8], start: usize, phrase: &str) -> Option<usize> {
    let (rest, phrase) = (&text[start..], phrase.as_bytes());
    // Nearly all phrases end here: they differ in a letter.
    match phrase.get(alike(rest, phrase)) {
        None => return Some(start + phrase.len()),
        Some(b' ') => {}
        Some(_) => return None,
    }
    let mut at = 0;
    for byte in phrase {
        if rest.get(at) == Some(byte) {
            at += 1;
        } else if *byte != b' ' {
            return None;
        }
    }
    Some(start + at)
}

/// How many bytes two texts have in common at their beginning, up to the length of the second.
fn alike(text: &[u8], phrase: &[u8]) -> usize {
    const TOGETHER: usize = 8;
    let chunks = text.as_chunks::<TOGETHER>().0.iter();
    let chunks = chunks.zip(phrase.as_chunks().0);
    let from = chunks.take_while(|(a, b)| a == b).count() * TOGETHER;
    let rest = text[from..].iter().zip(&phrase[from..]);
    from + rest.take_while(|(a, b)| a == b).count()
}

/// Every mark of a normalised text, in order, none overlapping: of those that overlap the first,
/// and of those the longest. A phrase is found also where it wraps over a line: it is looked for in
/// the text in lower case and one line.
#[must_use]
pub(super) fn find(text: &str, lower: &LowerText) -> Vec<MarkMatch> {
    let mut marks: Vec<MarkMatch> = Vec::with_capacity(32);
    for (start, end, mark) in LAYOUT.phrases(lower.bytes()) {
        if marks.last().is_none_or(|last| last.end <= start) {
            marks.push(MarkMatch {
                mark,
                start,
                end,
                at_line_start: at_line_start(text, start),
            });
        }
    }
    marks
}

fn at_line_start(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let mut before = at;
    while before > 0 && at - before < 8 {
        match bytes[before - 1] {
            b'\n' => return true,
            b' ' | b'.' | b')' | b'(' | b'*' | b'"' | b'0'..=b'9' => before -= 1,
            // "The" may begin the line before a phrase that was listed without it.
            _ => break,
        }
    }
    before == 0 || bytes[before - 1] == b'\n' || text[..before].ends_with("\nThe ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::MatchKind;

    fn find(text: &str) -> Vec<MarkMatch> {
        super::find(text, &LowerText::new(text))
    }

    fn kinds(text: &str) -> Vec<Mark> {
        find(text).into_iter().map(|m| m.mark).collect()
    }

    #[test]
    fn rare_pieces_lead_to_every_phrase() {
        for (n, rare) in RARE.iter().enumerate() {
            let others = RARE.iter().enumerate().filter(|(other, _)| *other != n);
            assert!(others.clone().all(|(_, o)| !o.starts_with(rare)), "{rare}");
        }
        let (phrases, marks): (Vec<String>, Vec<Mark>) = phrases().into_iter().unzip();
        let mut text = String::new();
        for phrase in &phrases {
            for before in ["the has medical not so ", "the ", "not", "the the "] {
                text.push_str(before);
                text.push_str(phrase);
                text.push_str(" . ");
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&phrases)
            .unwrap();
        let plain: Vec<(Mark, usize, usize)> = automaton
            .find_iter(&text)
            .map(|m| (marks[m.pattern().as_usize()], m.start(), m.end()))
            .collect();
        let found: Vec<(Mark, usize, usize)> = find(&text)
            .into_iter()
            .map(|m| (m.mark, m.start, m.end))
            .collect();
        assert!(found.len() >= 4 * phrases.len());
        assert_eq!(found, plain);
    }

    #[test]
    fn wraps_capitals_and_words_run_together() {
        assert_eq!(
            kinds("IMR Issues, decisions\nand rationales"),
            [Mark::Decisions]
        );
        assert_eq!(kinds("is notmedically necessary"), [Mark::NotNecessary]);
        assert_eq!(kinds("is medicallynecessary"), [Mark::Necessary]);
        assert_eq!(kinds("has determined therequest for x"), [Mark::Determined]);
        assert_eq!(kinds("Regarding therequest for x"), [Mark::Regarding]);
        let marks = find("so\n1) Regarding the request for x");
        assert!(marks[0].at_line_start);
        assert!(!find("see the case summary")[0].at_line_start);
    }
}
