//! Finding many phrases in a short text at once, whatever their capitals, hyphens and spaces.

use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;

/// A text folded for matching: lower case, `&` as `and`, and every run of white space, hyphens and
/// slashes as one space; with the way back to the offsets of the original.
pub struct Fold {
    /// The folded text.
    pub text: String,
    offsets: Vec<u32>,
}

impl Fold {
    /// Folds a text. Time and space are linear in its length.
    #[must_use]
    pub fn new(original: &str) -> Fold {
        let mut bytes: Vec<u8> = Vec::with_capacity(original.len() + 8);
        let mut offsets: Vec<u32> = Vec::with_capacity(original.len() + 9);
        let raw = original.as_bytes();
        let mut at = 0;
        while at < raw.len() {
            let here = at as u32;
            let b = raw[at];
            if b < 0x80 {
                at += 1;
                match b {
                    b' ' | b'\n' | b'\t' | b'-' | b'/' => space(&mut bytes, &mut offsets, here),
                    b'&' => {
                        space(&mut bytes, &mut offsets, here);
                        bytes.extend_from_slice(b"and");
                        offsets.extend([here; 3]);
                        space(&mut bytes, &mut offsets, here);
                    }
                    _ => {
                        bytes.push(b.to_ascii_lowercase());
                        offsets.push(here);
                    }
                }
                continue;
            }
            let c = original[at..].chars().next().unwrap_or(' ');
            at += c.len_utf8();
            if c == '\u{a0}' {
                space(&mut bytes, &mut offsets, here);
                continue;
            }
            for lower in c.to_lowercase() {
                let mut buffer = [0; 4];
                let encoded = lower.encode_utf8(&mut buffer).as_bytes();
                bytes.extend_from_slice(encoded);
                offsets.extend(std::iter::repeat_n(here, encoded.len()));
            }
        }
        offsets.push(raw.len() as u32);
        Fold {
            text: String::from_utf8(bytes).unwrap_or_default(),
            offsets,
        }
    }

    /// The range of the original that a range of the folded text came from.
    #[must_use]
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        self.offsets[range.start] as usize..self.offsets[range.end] as usize
    }
}

/// One space, unless the text is empty or ends in one.
fn space(bytes: &mut Vec<u8>, offsets: &mut Vec<u32>, at: u32) {
    if bytes.last().is_some_and(|last| *last != b' ') {
        bytes.push(b' ');
        offsets.push(at);
    }
}

/// The folded form of a phrase: see [`Fold`].
#[must_use]
pub fn fold(phrase: &str) -> String {
    let mut text = Fold::new(phrase).text;
    text.truncate(text.trim_end().len());
    text
}

/// A phrase found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which phrase: its place in the list that [`Phrases::new`] was given.
    pub phrase: usize,
    /// Where, as a byte range of the folded text.
    pub at: Range<usize>,
}

/// Many phrases, matched in one pass at word boundaries.
pub struct Phrases {
    automaton: AhoCorasick,
}

impl Phrases {
    /// Builds the matcher. Phrases are folded like the texts they will be looked for in.
    ///
    /// # Panics
    /// If the automaton grows beyond what the machine addresses; the tables are far from it.
    #[must_use]
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Phrases {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(phrases.into_iter().map(fold))
            .expect("a few thousand phrases fit an automaton");
        Phrases { automaton }
    }

    /// The phrases found, left to right, the longest where several begin at one place, none
    /// overlapping another. A phrase ends at a word boundary; a digit may follow a letter
    /// ("Norco10/325").
    #[must_use]
    pub fn find(&self, folded: &Fold) -> Vec<Found> {
        let text = folded.text.as_bytes();
        let word = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80;
        let mut all: Vec<Found> = self
            .automaton
            .find_overlapping_iter(text)
            .filter(|m| m.end() > m.start())
            .filter(|m| m.start() == 0 || !word(text[m.start() - 1]) || !word(text[m.start()]))
            .filter(|m| match text.get(m.end()) {
                Some(&next) if word(next) => {
                    let last = text[m.end() - 1];
                    !word(last) || (next.is_ascii_digit() && last.is_ascii_alphabetic())
                }
                _ => true,
            })
            .map(|m| Found {
                phrase: m.pattern().as_usize(),
                at: m.start()..m.end(),
            })
            .collect();
        all.sort_by(|a, b| (a.at.start, b.at.end, a.phrase).cmp(&(b.at.start, a.at.end, b.phrase)));
        let mut kept: Vec<Found> = Vec::with_capacity(all.len());
        for found in all {
            if kept
                .last()
                .is_none_or(|before| before.at.end <= found.at.start)
            {
                kept.push(found);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(phrases: &[&str], text: &str) -> Vec<String> {
        let folded = Fold::new(text);
        Phrases::new(phrases.iter().copied())
            .find(&folded)
            .iter()
            .map(|f| text[folded.original(&f.at)].to_string())
            .collect()
    }

    #[test]
    fn matches_whole_words_whatever_their_dress() {
        assert_eq!(names(&["x-ray"], "Chest X Ray, xrays"), ["X Ray"]);
        assert_eq!(names(&["norco"], "Norco10/325, norcox"), ["Norco"]);
        assert_eq!(
            names(&["hydrocodone/apap", "apap"], "Hydrocodone - APAP 10/325"),
            ["Hydrocodone - APAP"]
        );
        assert_eq!(
            names(&["wrist and hand"], "Wrist, wrist & hand"),
            ["wrist & hand"]
        );
    }

    #[test]
    fn the_longest_wins_and_a_false_longer_one_does_not_hide_it() {
        assert_eq!(
            names(&["tens", "tens unit"], "TENS units, TENS unit"),
            ["TENS", "TENS unit"]
        );
    }

    #[test]
    fn offsets_lead_back_to_the_original() {
        let text = "Prénom  –  naïve & knee";
        let folded = Fold::new(text);
        let at = folded.text.find("knee").unwrap();
        assert_eq!(&text[folded.original(&(at..at + 4))], "knee");
    }
}
