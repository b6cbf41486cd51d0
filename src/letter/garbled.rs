//! Texts whose characters were read as others that look alike: the text of a scan, "Uphe1d", "Decisi0n rati0nale".
//!
//! What a letter's form is told by (labels, headings, decisions, case numbers, dates) is written as it should be where
//! it differs in nothing but such characters. All else stays as it is.

use super::header;
use super::marks;
use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::Range;
use std::sync::LazyLock;

/// Phrases shorter than this might be other words.
const SHORTEST: usize = 6;
/// A text with more than this is not looked through, in bytes.
const LONGEST: usize = 4 << 20;

/// What tells the form of letters, beside the phrases of the layouts and the labels of the header.
const MORE: [&str; 9] = [
    "decision based on",
    "non-mtus citation",
    "official disability guidelines",
    "guidelines",
    "treatment",
    "page(s)",
    "section(s)",
    "standard",
    "expedited",
];

struct Phrases {
    finder: AhoCorasick,
    /// In lower case.
    phrases: Vec<String>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let of_layouts = marks::phrases().into_iter().map(|(phrase, _)| phrase);
    let of_header = header::labels().map(str::to_string);
    let more = MORE.iter().map(ToString::to_string);
    let mut phrases: Vec<String> = of_layouts.chain(of_header).chain(more).collect();
    phrases.retain(|phrase| phrase.len() >= SHORTEST);
    phrases.sort();
    phrases.dedup();
    let shapes = phrases.iter().map(|phrase| Shapes::of(phrase).shapes);
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(shapes)
        .expect("a list of phrases fits an automaton");
    Phrases { finder, phrases }
});

/// A text with one sign for all characters that look alike, and a space for white space.
struct Shapes {
    shapes: Vec<u8>,
    /// Where in the text each of them stands.
    starts: Vec<usize>,
}

impl Shapes {
    fn of(text: &str) -> Shapes {
        let bytes = text.as_bytes();
        let mut shapes = Vec::with_capacity(bytes.len());
        let mut starts = Vec::with_capacity(bytes.len() + 1);
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let next = bytes.get(at + 1).map_or(0, u8::to_ascii_lowercase);
            let (shape, length) = match byte.to_ascii_lowercase() {
                b'r' if next == b'n' => (b'm', 2),
                b'0' | b'o' => (b'o', 1),
                b'1' | b'l' | b'i' | b'|' | b'!' => (b'l', 1),
                b'5' | b's' => (b's', 1),
                b'e' | b'c' => (b'c', 1),
                b'8' | b'b' | b'h' => (b'b', 1),
                b';' | b':' => (b':', 1),
                b',' | b'.' => (b'.', 1),
                space if space.is_ascii_whitespace() => {
                    let spaces = bytes[at..].iter().take_while(|b| b.is_ascii_whitespace());
                    (b' ', spaces.count())
                }
                other => (other, 1),
            };
            shapes.push(shape);
            starts.push(at);
            at += length;
        }
        starts.push(bytes.len());
        Shapes { shapes, starts }
    }

    fn range(&self, shapes: Range<usize>) -> Range<usize> {
        self.starts[shapes.start]..self.starts[shapes.end]
    }
}

/// A text with its form mended; None where nothing is to be mended. Time is linear in the text.
#[must_use]
pub(super) fn mended(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let shapes = Shapes::of(text);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut changed = false;
    let mut mend = |at: Range<usize>, right: &str| {
        out.push_str(&text[from..at.start]);
        out.push_str(right);
        from = at.end;
        changed = true;
    };
    let numbers = numbers(text);
    let mut numbers = numbers.into_iter().peekable();
    let of_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    for found in PHRASES.finder.find_iter(&shapes.shapes) {
        let at = shapes.range(found.start()..found.end());
        let phrase = &PHRASES.phrases[found.pattern().as_usize()];
        let printed = &text[at.clone()];
        while let Some((number, right)) = numbers.next_if(|(number, _)| number.end <= at.start) {
            mend(number, &right);
        }
        let bytes = text.as_bytes();
        let whole = !of_word(at.start.checked_sub(1).and_then(|before| bytes.get(before)))
            && !of_word(bytes.get(at.end));
        if whole && !is_printed_right(printed, phrase) {
            let capitals = printed.bytes().filter(u8::is_ascii_uppercase).count();
            let shouted = capitals * 2 > printed.len();
            let first = printed.starts_with(|c: char| !c.is_ascii_lowercase());
            mend(at, &in_case(phrase, shouted, first));
        }
    }
    for (number, right) in numbers {
        mend(number, &right);
    }
    changed.then(|| {
        out.push_str(&text[from..]);
        out
    })
}

/// Whether a phrase stands as it should but for capitals and white space.
fn is_printed_right(printed: &str, phrase: &str) -> bool {
    printed.eq_ignore_ascii_case(phrase)
        || printed
            .split_ascii_whitespace()
            .flat_map(|word| word.bytes().chain([b' ']))
            .map(|b| b.to_ascii_lowercase())
            .eq(phrase.bytes().chain([b' ']))
}

fn in_case(phrase: &str, shouted: bool, first: bool) -> String {
    if shouted {
        return phrase.to_ascii_uppercase();
    }
    let mut phrase = phrase.to_string();
    if first && let Some(letter) = phrase.get_mut(..1) {
        letter.make_ascii_uppercase();
    }
    phrase
}

/// The case numbers and dates of a text of which a digit was read as a letter, with what they should be.
fn numbers(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take(40)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-'))
            .count();
        // Nothing but ASCII stands in it.
        let token = text.get(at..at + length).unwrap_or("");
        if let Some(right) = number(token) {
            found.push((at..at + length, right));
        }
        at += length.max(1);
    }
    found
}

/// The digit that a character is, or was read for.
fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte,
        b'O' | b'o' => b'0',
        b'l' | b'I' | b'|' => b'1',
        b'S' | b's' => b'5',
        b'B' => b'8',
        _ => return None,
    })
}

/// A case number or a date with its digits; None for what is neither or is right.
fn number(token: &str) -> Option<String> {
    let digits = |text: &str| -> Option<String> {
        let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
        String::from_utf8(digits).ok()
    };
    let right = if let Some(rest) = token.strip_prefix("CM") {
        let (year, number) = rest.split_once('-')?;
        let fits = year.len() == 2 && (6..=8).contains(&number.len());
        fits.then_some(())?;
        format!("CM{}-{}", digits(year)?, digits(number)?)
    } else {
        let mut parts = token.split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = matches!((month.len(), day.len(), year.len()), (1..=2, 1..=2, 2 | 4));
        (fits && parts.next().is_none()).then_some(())?;
        format!("{}/{}/{}", digits(month)?, digits(day)?, digits(year)?)
    };
    let same = token.bytes().filter(u8::is_ascii_digit).count();
    let all = right.bytes().filter(u8::is_ascii_digit).count();
    (same < all && same * 2 >= all).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_decisions_and_numbers_are_mended() {
        for (text, right) in [
            ("Norco: Uphe1d\n", "Norco: Upheld\n"),
            ("MRI: Ovcrtumed", "MRI: Overturned"),
            (
                "C1aims Adrninistrator\nguidelinc: x",
                "Claims administrator guideline: x",
            ),
            ("CLlNlCAL CASE SUMMARY", "CLINICAL CASE SUMMARY"),
            ("CM16-O2l3037, 0l/26/20I7", "CM16-0213037, 01/26/2017"),
        ] {
            assert_eq!(mended(text).as_deref(), Some(right), "{text}");
        }
    }

    #[test]
    fn what_is_right_and_what_is_other_words_stays() {
        for text in [
            "Norco: Upheld\nClaims Administrator\n guideline: x\nCM16-0213037 01/26/2017",
            "the Upheldon case, SOB/SOB/SOBS, and/or, CMOO-OOOOOOO",
            "",
            "\u{e9}\u{2014}",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
