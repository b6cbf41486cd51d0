//! A text made ready for its readers: in lower case, and with bits that tell where words and ends of
//! sentences stand. It is made once; whoever reads words or sentences of a passage goes from bit to
//! bit.

use super::byte_bits::{ByteBits, Places};
use std::ops::Range;

/// A text in lower case and one line, byte for byte: what stands there stands where it did.
pub struct LowerText {
    /// The text, and spaces beyond its end.
    bytes: Vec<u8>,
    length: usize,
    of_words: ByteBits,
    stops: ByteBits,
}

/// Bytes that one may look at beyond the end of a text.
const BEYOND: usize = 8;

impl LowerText {
    /// Makes a text ready. Time and space are linear in its length.
    #[must_use]
    pub fn new(text: &str) -> LowerText {
        let text = text.as_bytes();
        let mut bytes = Vec::with_capacity(text.len() + BEYOND);
        bytes.extend_from_slice(text);
        // Without a branch, so that many are done at a time.
        for b in &mut bytes {
            *b |= u8::from(b.wrapping_sub(b'A') < 26) << 5;
            *b ^= u8::from(*b == b'\n') * (b'\n' ^ b' ');
        }
        bytes.extend([b' '; BEYOND]);
        let paragraphs = ByteBits::of(text, |b| b == b'\n').followed();
        LowerText {
            bytes,
            length: text.len(),
            of_words: ByteBits::of(text, is_of_word),
            stops: ByteBits::of(text, |b| (b == b'.') | (b == b'?')).or(&paragraphs),
        }
    }

    /// The text in lower case, in one line.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The eight bytes from an offset on, spaces where the text ends before.
    #[inline]
    pub(super) fn eight(&self, at: usize) -> u64 {
        let eight = self.bytes[at..].first_chunk();
        eight.map_or(0, |eight| u64::from_le_bytes(*eight))
    }

    /// Hands over the words that stand in a range, left to right: runs of letters and digits, in
    /// which an apostrophe before a letter is one of them; whether there is one is told beside.
    #[inline]
    pub fn each_word(&self, range: &Range<usize>, mut word: impl FnMut(Range<usize>, bool)) {
        let bytes = &self.bytes[..range.end];
        let joins = |at: usize| {
            bytes.get(at) == Some(&b'\'') && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
        };
        let (mut start, mut within, mut joined) = (0, false, false);
        self.of_words.each_edge(range, |at| {
            if !within {
                if !joined {
                    start = at;
                }
            } else if joins(at) {
                joined = true;
                within = false;
                return;
            } else {
                word(start..at, joined);
                joined = false;
            }
            within = !within;
        });
    }

    /// Where sentences may end in a range, left to right: at periods, question marks, and the first
    /// of two line breaks.
    pub fn stops(&self, range: Range<usize>) -> Places<'_> {
        self.stops.within(range)
    }
}

/// Whether a byte is of a word: a letter or digit, or beyond ASCII.
fn is_of_word(b: u8) -> bool {
    let letter = (b | 0x20).wrapping_sub(b'a') < 26;
    let digit = b.wrapping_sub(b'0') < 10;
    letter | digit | (b >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(lower: &LowerText, range: Range<usize>) -> Vec<Range<usize>> {
        let mut words = Vec::new();
        lower.each_word(&range, |word, joined| {
            assert_eq!(joined, lower.bytes()[word.clone()].contains(&b'\''));
            words.push(word);
        });
        words
    }

    /// The words, byte by byte.
    fn plain_words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
        let bytes = &text.as_bytes()[..range.end];
        let is_word = |at: usize| {
            let byte = bytes.get(at);
            byte.is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        };
        let is_joint = |at: usize| {
            bytes.get(at) == Some(&b'\'') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
        };
        let (mut words, mut at) = (Vec::new(), range.start);
        while at < range.end {
            let start = at;
            while is_word(at) || (at > start && is_joint(at)) {
                at += 1;
            }
            if at > start {
                words.push(start..at);
            }
            at = at.max(start + 1);
        }
        words
    }

    proptest! {
        #[test]
        fn words_and_stops_are_those_of_a_plain_reading(
            text in "[a-zA-Z0-9é'. ?\n-]{0,300}",
            from in 0usize..300,
            to in 0usize..300,
        ) {
            let place = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let (from, to) = (place(from).unwrap_or(0), place(to).unwrap_or(0));
            let range = from.min(to)..from.max(to);
            let lower = LowerText::new(&text);
            prop_assert_eq!(words(&lower, range.clone()), plain_words(&text, range.clone()));
            let bytes = text.as_bytes();
            let stops = range.clone().filter(|at| {
                matches!(bytes[*at], b'.' | b'?') || bytes[*at..].starts_with(b"\n\n")
            });
            let stops: Vec<_> = stops.collect();
            prop_assert_eq!(lower.stops(range).collect::<Vec<_>>(), stops);
            let plain: Vec<u8> = text.to_ascii_lowercase().replace('\n', " ").into_bytes();
            prop_assert_eq!(lower.bytes(), plain);
        }
    }

    #[test]
    fn a_text_may_end_in_a_word_or_anywhere() {
        for text in [
            "",
            "a",
            "it's",
            "'",
            "s'",
            &"word ".repeat(100),
            &"w".repeat(64),
        ] {
            let lower = LowerText::new(text);
            let whole = 0..text.len();
            assert_eq!(
                words(&lower, whole.clone()),
                plain_words(text, whole),
                "{text}"
            );
            let beyond = lower.eight(text.len());
            assert_eq!(beyond, u64::from_le_bytes([b' '; 8]));
        }
    }
}
