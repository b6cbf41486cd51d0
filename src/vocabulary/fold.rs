//! Texts folded for matching, with the way back.

use std::ops::Range;

/// A text folded for matching: lower case, `&` as `and`, and every run of white space, hyphens and
/// slashes as one space; with the way back to the offsets of the original.
pub struct Fold {
    /// The folded text.
    pub text: String,
    /// From where on in the folded text bytes stand at another distance from where they stood, and
    /// where those stood; ascending.
    moves: Vec<(usize, usize)>,
}

impl Fold {
    /// Folds a text. Time and space are linear in its length.
    #[must_use]
    pub fn new(original: &str) -> Fold {
        let mut folding = Folding::default();
        let bytes = fold_bytes(original);
        if is_folded(&bytes) {
            folding.text = bytes;
        } else {
            folding.fold(original, &bytes);
        }
        Fold {
            text: String::from_utf8(folding.text).unwrap_or_default(),
            moves: folding.moves,
        }
    }

    /// The range of the original that a range of the folded text came from.
    #[must_use]
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        let original = |at: usize| match self.moves.partition_point(|(from, _)| *from <= at) {
            0 => at,
            n => at - self.moves[n - 1].0 + self.moves[n - 1].1,
        };
        original(range.start)..original(range.end)
    }
}

/// A text while it is folded.
#[derive(Default)]
struct Folding {
    text: Vec<u8>,
    moves: Vec<(usize, usize)>,
}

impl Folding {
    /// Folds a text whose bytes were folded each for itself.
    fn fold(&mut self, original: &str, bytes: &[u8]) {
        self.text.reserve(bytes.len() + 8);
        self.moves.reserve(8);
        let mut at = 0;
        loop {
            let odd = at + self.next_odd(&bytes[at..]);
            self.put(&bytes[at..odd], at);
            let Some(c) = original[odd..].chars().next() else {
                break;
            };
            at = odd + c.len_utf8();
            match c {
                '&' => {
                    self.space(odd);
                    for b in b"and" {
                        self.put(&[*b], odd);
                    }
                    self.space(odd);
                }
                '\u{a0}' => self.space(odd),
                // A gap after another, and all that follow.
                _ if c.is_ascii() => {
                    at += bytes[at..].iter().take_while(|b| **b == b' ').count();
                }
                _ => {
                    for lower in c.to_lowercase() {
                        for b in lower.encode_utf8(&mut [0; 4]).bytes() {
                            self.put(&[b], odd);
                        }
                    }
                }
            }
        }
        self.put(&[], bytes.len());
    }

    /// How far bytes can be taken as they are.
    fn next_odd(&self, bytes: &[u8]) -> usize {
        let mut gap = self.ends_in_gap();
        let odd = bytes.iter().position(|b| {
            let after_gap = std::mem::replace(&mut gap, *b == b' ');
            (gap && after_gap) || *b == b'&' || *b >= 0x80
        });
        odd.unwrap_or(bytes.len())
    }

    fn ends_in_gap(&self) -> bool {
        self.text.last().is_none_or(|last| *last == b' ')
    }

    /// Appends bytes that stood one after the other from an offset on.
    fn put(&mut self, bytes: &[u8], original: usize) {
        let here = self.text.len();
        let (from, to) = self.moves.last().copied().unwrap_or_default();
        if here - from + to != original {
            self.moves.push((here, original));
        }
        self.text.extend_from_slice(bytes);
    }

    /// One space, unless the text is empty or ends in one.
    fn space(&mut self, original: usize) {
        if !self.ends_in_gap() {
            self.put(b" ", original);
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

/// The folded form of a phrase: see [`Fold`].
#[must_use]
pub fn fold(phrase: &str) -> String {
    let mut text = Fold::new(phrase).text;
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_leads_back() {
        for (text, folded, places) in [
            ("A - b", "a b", vec![0, 1, 4, 5]),
            ("x&y", "x and y", vec![0, 1, 1, 1, 1, 1, 2, 3]),
            (" a\n\n\u{c9}b  ", "a \u{e9}b ", vec![1, 2, 4, 4, 6, 7, 9]),
        ] {
            let fold = Fold::new(text);
            assert_eq!(fold.text, folded);
            let back = (0..=folded.len()).map(|at| fold.original(&(at..at)).start);
            assert_eq!(back.collect::<Vec<_>>(), places, "{text}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_original() {
        let text = "Prénom  –  naïve & knee";
        let folded = Fold::new(text);
        let at = folded.text.find("knee").unwrap();
        assert_eq!(&text[folded.original(&(at..at + 4))], "knee");
    }
}
