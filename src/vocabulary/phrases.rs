//! Finding many phrases in a short text at once, whatever their capitals, hyphens and spaces.

use super::fold::{Fold, fold};
use super::quick_hash::QuickHash;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// A phrase found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseMatch {
    /// Which phrase: its place in the list that [`Phrases::new`] was given.
    pub phrase: usize,
    /// Where, as a byte range of the folded text.
    pub at: Range<usize>,
}

/// Many phrases, matched in one pass at word boundaries.
///
/// A phrase begins where a word does, so the words of a text are looked up by their first bytes, and
/// only where a phrase begins so is it compared.
pub struct Phrases {
    /// Those that begin alike are neighbours, the longest first, then as they were given.
    phrases: Vec<(String, usize)>,
    /// A bit for each beginning, by its hash: most words of a text have none, and cost no look-up.
    known: Vec<u64>,
    /// Where in `phrases` those with one beginning stand.
    beginnings: HashMap<u64, Range<u32>, QuickHash>,
}

/// What a byte is in a word: nothing, a letter, a digit, or a part of what is beyond ASCII.
const KINDS: [u8; 256] = {
    let mut kinds = [NONE; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        kinds[b] = if byte.is_ascii_alphabetic() {
            LETTER
        } else if byte.is_ascii_digit() {
            DIGIT
        } else if byte >= 0x80 {
            BEYOND
        } else {
            NONE
        };
        b += 1;
    }
    kinds
};
const NONE: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const BEYOND: u8 = 3;

fn kind(b: u8) -> u8 {
    KINDS[usize::from(b)]
}

fn is_word(b: u8) -> bool {
    kind(b) != NONE
}

/// Whether a word may end between the two bytes: at anything that is no word, and where a digit
/// follows a letter ("Norco10/325").
fn parts(last: u8, next: u8) -> bool {
    let (last, next) = (kind(last), kind(next));
    last == NONE || next == NONE || (last == LETTER && next == DIGIT)
}

/// Where the part of a word ends that begins at an offset; a byte that is of no word is alone.
fn part_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    let mut last = kind(text[at]);
    while last != NONE && end < text.len() {
        let next = kind(text[end]);
        if next == NONE || (last == LETTER && next == DIGIT) {
            break;
        }
        last = next;
        end += 1;
    }
    end
}

/// The first eight bytes of a part of a word.
fn beginning(text: &[u8], part: Range<usize>) -> u64 {
    let (rest, len) = (&text[part.start..], part.len().min(8));
    match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * len)),
        None => {
            let mut eight = [0; 8];
            eight[..len].copy_from_slice(&rest[..len]);
            u64::from_le_bytes(eight)
        }
    }
}

/// As [`beginning`], of the first part of a phrase.
fn first_beginning(phrase: &str) -> u64 {
    let text = phrase.as_bytes();
    beginning(text, 0..part_end(text, 0))
}

/// Which bit of how many words of bits, a power of two, stands for a beginning.
fn known_bit(beginning: u64, words: usize) -> (usize, u64) {
    let hash = beginning.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    ((hash >> 6) as usize & (words - 1), 1 << (hash & 63))
}

impl Phrases {
    /// Builds the matcher. Phrases are folded like the texts they will be looked for in; an empty
    /// one is never found.
    #[must_use]
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Phrases {
        let mut phrases: Vec<(String, usize)> = phrases
            .into_iter()
            .enumerate()
            .map(|(n, phrase)| (fold(phrase), n))
            .filter(|(phrase, _)| !phrase.is_empty())
            .collect();
        phrases
            .sort_by_cached_key(|(phrase, n)| (first_beginning(phrase), Reverse(phrase.len()), *n));
        let mut beginnings: HashMap<u64, Range<u32>, _> = HashMap::default();
        for (at, (phrase, _)) in phrases.iter().enumerate() {
            let at = at as u32;
            beginnings
                .entry(first_beginning(phrase))
                .or_insert(at..at)
                .end = at + 1;
        }
        let words = (beginnings.len() / 4 + 1).next_power_of_two();
        let mut known = vec![0; words];
        for beginning in beginnings.keys() {
            let (word, bit) = known_bit(*beginning, words);
            known[word] |= bit;
        }
        Phrases {
            phrases,
            known,
            beginnings,
        }
    }

    /// The phrases found, left to right, the longest where several begin at one place, none
    /// overlapping another. A phrase ends at a word boundary; a digit may follow a letter
    /// ("Norco10/325").
    #[must_use]
    pub fn find(&self, folded: &Fold) -> Vec<PhraseMatch> {
        let text = folded.text.as_bytes();
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            // No phrase begins with a space.
            if text[at] == b' ' {
                at += 1;
                continue;
            }
            let part = at..part_end(text, at);
            at = match self.longest(text, part.clone()) {
                Some((phrase, end)) => {
                    found.push(PhraseMatch {
                        phrase,
                        at: at..end,
                    });
                    end
                }
                None => part.end,
            };
            // Where that is within a word, on to its end.
            while at < text.len() && is_word(text[at - 1]) && is_word(text[at]) {
                at += 1;
            }
        }
        found
    }

    /// The longest phrase that begins with a part of a word, and where it ends.
    fn longest(&self, text: &[u8], part: Range<usize>) -> Option<(usize, usize)> {
        let at = part.start;
        let rest = &text[at..];
        let beginning = beginning(text, part);
        let (word, bit) = known_bit(beginning, self.known.len());
        if self.known[word] & bit == 0 {
            return None;
        }
        let alike = self.beginnings.get(&beginning)?;
        let alike = &self.phrases[alike.start as usize..alike.end as usize];
        alike.iter().find_map(|(phrase, n)| {
            let phrase = phrase.as_bytes();
            let ends = match rest.get(phrase.len()) {
                Some(next) => parts(phrase[phrase.len() - 1], *next),
                None => true,
            };
            (ends && rest.starts_with(phrase)).then_some((*n, at + phrase.len()))
        })
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
}
