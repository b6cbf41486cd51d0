//! Finding many phrases in a short text at once, whatever their capitals, hyphens and spaces.

use super::quick_hash::QuickHash;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

/// A text folded for matching: lower case, `&` as `and`, and every run of white space, hyphens and
/// slashes as one space; with the way back to the offsets of the original.
pub struct Fold {
    /// The folded text.
    pub text: String,
    /// Where each byte of the text stood, and its end; None where every byte stands where it did.
    offsets: Option<Vec<u32>>,
}

impl Fold {
    /// Folds a text. Time and space are linear in its length.
    #[must_use]
    pub fn new(original: &str) -> Fold {
        let bytes = fold_bytes(original);
        if is_folded(&bytes) {
            return Fold {
                text: String::from_utf8(bytes).unwrap_or_default(),
                offsets: None,
            };
        }
        Fold::moved(original)
    }

    /// Folds a text of which some bytes move.
    fn moved(original: &str) -> Fold {
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
                    b'&' => {
                        space(&mut bytes, &mut offsets, here);
                        bytes.extend_from_slice(b"and");
                        offsets.extend([here; 3]);
                        space(&mut bytes, &mut offsets, here);
                    }
                    _ if is_gap(b) => space(&mut bytes, &mut offsets, here),
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
            offsets: Some(offsets),
        }
    }

    /// The range of the original that a range of the folded text came from.
    #[must_use]
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        match &self.offsets {
            Some(offsets) => offsets[range.start] as usize..offsets[range.end] as usize,
            None => range.clone(),
        }
    }
}

/// Whether a byte parts words as a space does. Without a branch: so it is done on many at a time.
fn is_gap(b: u8) -> bool {
    (b == b' ') | (b == b'\n') | (b == b'\t') | (b == b'-') | (b == b'/')
}

/// A text with each byte folded for itself.
fn fold_bytes(text: &str) -> Vec<u8> {
    let fold = |b: u8| {
        if is_gap(b) {
            b' '
        } else {
            b.to_ascii_lowercase()
        }
    };
    text.bytes().map(fold).collect()
}

/// Whether bytes that are folded each for itself are the folded text: nothing moves.
fn is_folded(bytes: &[u8]) -> bool {
    let odd = bytes
        .iter()
        .fold(0, |odd, b| odd | (b & 0x80) | u8::from(*b == b'&'));
    let gaps = bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .fold(false, |gaps, (a, b)| gaps | ((*a == b' ') & (*b == b' ')));
    odd == 0 && !gaps && bytes.first() != Some(&b' ')
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
///
/// A phrase begins where a word does, so the words of a text are looked up by their first bytes, and
/// only where a phrase begins so is it compared.
pub struct Phrases {
    /// Those that begin alike are neighbours, the longest first, then as they were given.
    phrases: Vec<(String, usize)>,
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

/// The first eight bytes of the word at a text's beginning; a byte that is of no word is alone.
fn beginning(text: &[u8]) -> u64 {
    let eight = match text.first_chunk::<8>() {
        Some(eight) => *eight,
        None => {
            let mut eight = [0; 8];
            eight[..text.len()].copy_from_slice(text);
            eight
        }
    };
    let len = (1..8).find(|n| parts(eight[n - 1], eight[*n])).unwrap_or(8);
    u64::from_le_bytes(eight) & (u64::MAX >> (64 - 8 * len))
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
        phrases.sort_by_cached_key(|(phrase, n)| {
            (beginning(phrase.as_bytes()), Reverse(phrase.len()), *n)
        });
        let mut beginnings: HashMap<u64, Range<u32>, _> = HashMap::default();
        for (at, (phrase, _)) in phrases.iter().enumerate() {
            let at = at as u32;
            beginnings
                .entry(beginning(phrase.as_bytes()))
                .or_insert(at..at)
                .end = at + 1;
        }
        Phrases {
            phrases,
            beginnings,
        }
    }

    /// The phrases found, left to right, the longest where several begin at one place, none
    /// overlapping another. A phrase ends at a word boundary; a digit may follow a letter
    /// ("Norco10/325").
    #[must_use]
    pub fn find(&self, folded: &Fold) -> Vec<Found> {
        let text = folded.text.as_bytes();
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            // No phrase begins with a space.
            let longest = match text[at] {
                b' ' => None,
                _ => self.longest(text, at),
            };
            at = match longest {
                Some((phrase, end)) => {
                    found.push(Found {
                        phrase,
                        at: at..end,
                    });
                    end
                }
                None => at + 1,
            };
            // On to where the next word begins.
            while at < text.len() && is_word(text[at - 1]) && is_word(text[at]) {
                at += 1;
            }
        }
        found
    }

    /// The longest phrase at a place, and where it ends.
    fn longest(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let rest = &text[at..];
        let alike = self.beginnings.get(&beginning(rest))?;
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

    #[test]
    fn offsets_lead_back_to_the_original() {
        let text = "Prénom  –  naïve & knee";
        let folded = Fold::new(text);
        let at = folded.text.find("knee").unwrap();
        assert_eq!(&text[folded.original(&(at..at + 4))], "knee");
    }
}
