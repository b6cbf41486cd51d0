//! Sentences of a passage.

use crate::vocabulary::LowerText;
use std::ops::Range;

/// The longest abbreviation that a period does not end a sentence after.
const LONGEST_ABBREVIATION: usize = 6;

fn is_abbreviation(lower: &[u8]) -> bool {
    matches!(
        lower,
        b"dr"
            | b"mr"
            | b"mrs"
            | b"ms"
            | b"vs"
            | b"e.g"
            | b"i.e"
            | b"no"
            | b"pg"
            | b"p"
            | b"pp"
            | b"st"
            | b"jr"
            | b"fig"
            | b"approx"
            | b"inc"
            | b"al"
            | b"esp"
    )
}

/// The sentences of a range of a text, as byte ranges without the white space around them. A
/// sentence ends at a period or question mark before a word that does not begin in
/// lower case, and at an empty line. Time is linear.
pub(crate) fn sentences(text: &str, lower: &LowerText, range: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(range.len() / 64 + 1);
    let mut start = range.start;
    let mut put = |start: usize, end: usize| {
        let lead = bytes[start..end].iter().take_while(|b| is_gap(**b)).count();
        let tail = bytes[start + lead..end]
            .iter()
            .rev()
            .take_while(|b| is_gap(**b))
            .count();
        if start + lead < end - tail {
            found.push(start + lead..end - tail);
        }
    };
    for at in lower.stops(range.clone()) {
        if at < start {
            // Within what closes the sentence before.
            continue;
        }
        let next = at + 1;
        if bytes[at] == b'\n' {
            put(start, at);
            start = next;
        } else {
            let after = after_closing(bytes, next, range.end);
            if ends_sentence(bytes, lower.bytes(), start..at, after, range.end) {
                put(start, after);
                start = after;
            }
        }
    }
    put(start.min(range.end), range.end);
    found
}

/// After the quotation marks, parentheses and periods that follow a sentence's end.
fn after_closing(bytes: &[u8], at: usize, end: usize) -> usize {
    let closing = |b: &&u8| matches!(b, b'"' | b'\'' | b')' | b'.');
    at + bytes[at..end].iter().take(4).take_while(closing).count()
}

/// Whether the period or question mark behind a part of a text ends a sentence.
fn ends_sentence(bytes: &[u8], lower: &[u8], part: Range<usize>, after: usize, end: usize) -> bool {
    let Range { start, end: at } = part;
    if after >= end {
        return true;
    }
    if !is_gap(bytes[after]) {
        // "was provided.The patient": a space is missing.
        return bytes[after].is_ascii_uppercase()
            && at > start
            && bytes[at - 1].is_ascii_lowercase();
    }
    if bytes[at] != b'.' {
        return true;
    }
    // Of a longer word only the end.
    let of_word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'.';
    let before = lower[start..at].iter().rev().take(LONGEST_ABBREVIATION + 1);
    let word = &lower[at - before.take_while(of_word).count()..at];
    if word.len() <= LONGEST_ABBREVIATION {
        let initial = word.len() == 1 && word[0].is_ascii_lowercase();
        // "2. Norco": a list number is no sentence.
        let number = word.len() <= 2
            && !word.is_empty()
            && word.iter().all(u8::is_ascii_digit)
            && bytes[start..at - word.len()].iter().all(|b| is_gap(*b));
        if initial || number || is_abbreviation(word) {
            return false;
        }
    }
    let next = bytes[after..end].iter().take(8).find(|b| !is_gap(**b));
    !next.is_some_and(u8::is_ascii_lowercase)
}

fn is_gap(b: u8) -> bool {
    b == b' ' || b == b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text, &LowerText::new(text), 0..text.len())
            .into_iter()
            .map(|s| &text[s])
            .collect()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        assert_eq!(
            split("One. Two? \"Three.\" Four"),
            ["One.", "Two?", "\"Three.\"", "Four"]
        );
        assert_eq!(
            split("Dr. Smith vs. A. Jones said no."),
            ["Dr. Smith vs. A. Jones said no."]
        );
        assert_eq!(
            split("Up to 7.5 mg. was given."),
            ["Up to 7.5 mg. was given."]
        );
        assert_eq!(
            split("It was provided.The patient"),
            ["It was provided.", "The patient"]
        );
        assert_eq!(
            split("One line\nstill\n\nAnother"),
            ["One line\nstill", "Another"]
        );
        assert_eq!(split("1. Tumor. 2. Stress."), ["1. Tumor.", "2. Stress."]);
        assert!(split(" \n\n ").is_empty());
    }
}
