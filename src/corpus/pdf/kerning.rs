//! Words that a page draws apart without a space between them.
//!
//! The library takes a gap of a fifth of the letter size for a space. Programs that draw a page anew in a font of their
//! own (Cairo, which prints from many programs) put a gap after each letter, so that it stands where it stood in
//! the old font: after a "Y" always the same wide one, after an "e" a narrow one or an overlap. There a space is
//! what is much wider than the usual gap after the same letter. Most spaces they draw as letters, but not all.
//!
//! The gaps are rewritten in the page's instructions, so that the library sees a space where one is and none else.

use super::syntax::ends_word;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Range;

/// The library sees a space in a wider gap, in thousandths of the letter size.
const SPACE: f64 = 200.0;
/// So much wider than the usual gap after its letter is the gap between words.
const WIDER: f64 = 150.0;
/// A letter that usually has a gap or overlap of no more than this is drawn in the font that was meant.
const AS_MEANT: f64 = 20.0;
/// Such a page is told by its first bytes: so many letters that are often drawn otherwise than meant.
const BEGINNING: usize = 8 << 10;
const LETTERS: usize = 6;
const OFTEN: usize = 6;
/// Gaps that are remembered after a letter, and letters, at the most.
const SAMPLES: usize = 64;
const MOST_LETTERS: usize = 4096;

/// A gap after a letter, in thousandths of the letter size; less than none is an overlap.
struct Gap {
    letter: u16,
    width: f64,
    /// Where its number stands in the instructions; nowhere if the letters stand in one string.
    written: Range<usize>,
}

/// A hash of a font's name on its page.
type Font = u64;

/// The gaps after letters of fonts, of all pages of a document.
#[derive(Default)]
pub(super) struct Kerning {
    after: HashMap<(Font, u16), Vec<f64>>,
}

impl Kerning {
    /// Whether a page draws its letters elsewhere than its font has them.
    pub(super) fn is_of_another_font(content: &[u8]) -> bool {
        let mut kerning = Kerning::default();
        kerning.add(&content[..content.len().min(BEGINNING)]);
        let is_otherwise = |gaps: &&Vec<f64>| gaps.len() >= OFTEN && median(gaps).abs() >= AS_MEANT;
        kerning.after.values().filter(is_otherwise).count() >= LETTERS
    }

    /// Remembers the gaps of a page.
    pub(super) fn add(&mut self, content: &[u8]) {
        for_each_gap(content, |font, gap| {
            let key = (font, gap.letter);
            if self.after.len() < MOST_LETTERS || self.after.contains_key(&key) {
                let gaps = self.after.entry(key).or_default();
                if gaps.len() < SAMPLES {
                    gaps.push(gap.width);
                }
            }
        });
    }

    /// The usual gaps after letters, and by font those after a letter that is rare.
    pub(super) fn usual(self) -> Usual {
        let draws_spaces = |(key, gaps): (&(Font, u16), &Vec<f64>)| {
            (key.1 == u16::from(b' ') && gaps.len() >= OFTEN).then_some(key.0)
        };
        let draws_spaces = self.after.iter().filter_map(draws_spaces).collect();
        let mut after: HashMap<Font, HashMap<u16, f64>> = HashMap::new();
        for ((font, letter), gaps) in self.after {
            if gaps.len() > 2 || (gaps.len() == 2 && (gaps[0] - gaps[1]).abs() < AS_MEANT) {
                after.entry(font).or_default().insert(letter, usual(&gaps));
            }
        }
        let rare = |(font, letters): (&Font, &HashMap<u16, f64>)| {
            let all: Vec<f64> = letters.values().copied().collect();
            (*font, median(&all))
        };
        Usual {
            rare: after.iter().map(rare).collect(),
            after,
            draws_spaces,
        }
    }
}

/// The usual gaps after letters, by font.
pub(super) struct Usual {
    after: HashMap<Font, HashMap<u16, f64>>,
    rare: HashMap<Font, f64>,
    /// Fonts that draw most spaces as letters.
    draws_spaces: HashSet<Font>,
}

impl Usual {
    /// Instructions with gaps as the library reads them rightly.
    pub(super) fn respaced(&self, content: &[u8]) -> Vec<u8> {
        let mut changes: Vec<(Range<usize>, f64)> = Vec::new();
        for_each_gap(content, |font, gap| {
            if gap.written.is_empty() {
                return;
            }
            let known = self.after.get(&font).and_then(|f| f.get(&gap.letter));
            let Some(rare) = self.rare.get(&font).copied() else {
                return;
            };
            let draws_spaces = self.draws_spaces.contains(&font);
            let usual = match known.copied() {
                // After a comma there is hardly a gap within a word.
                Some(usual) if is_mark(gap.letter) && !draws_spaces => usual.min(rare),
                Some(usual) => usual,
                None => rare,
            };
            // After a letter that is rare, a gap is more likely its own.
            let is_own = known.is_none() && gap.width < 2.0 * SPACE && draws_spaces;
            let is_space = gap.width - usual >= WIDER && !is_own;
            if is_space && gap.width <= SPACE && usual <= -AS_MEANT {
                changes.push((gap.written, SPACE + 50.0));
            } else if !is_space
                && gap.width > SPACE
                && draws_spaces
                && (is_own || usual >= AS_MEANT)
            {
                changes.push((gap.written, SPACE - 50.0));
            }
        });
        let mut out = Vec::with_capacity(content.len() + 8 * changes.len());
        let mut done = 0;
        let mut number = String::new();
        for (written, width) in changes {
            out.extend_from_slice(&content[done..written.start]);
            number.clear();
            let _ = write!(number, " {} ", -width);
            out.extend_from_slice(number.as_bytes());
            done = written.end;
        }
        out.extend_from_slice(&content[done..]);
        out
    }
}

fn is_mark(letter: u16) -> bool {
    u8::try_from(letter).is_ok_and(|letter| letter.is_ascii_punctuation())
}

/// The gap within words: after most letters, fewer than three of four gaps are at a word's end.
fn usual(gaps: &[f64]) -> f64 {
    at_share(gaps, 4)
}

fn median(gaps: &[f64]) -> f64 {
    at_share(gaps, 2)
}

/// The gap that one of so many are narrower than.
fn at_share(gaps: &[f64], of: usize) -> f64 {
    let mut gaps = gaps.to_vec();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / of).copied().unwrap_or_default()
}

/// Calls for each gap between letters that instructions draw (`[(T)-77(M)-60] TJ`), with the font.
fn for_each_gap(content: &[u8], mut each: impl FnMut(Font, Gap)) {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut font = 0;
    let mut name: &[u8] = b"";
    // Of the array that is read: what `TJ` behind it makes gaps.
    let mut gaps: Vec<Gap> = Vec::new();
    let mut last: Option<u16> = None;
    let mut number: Option<(f64, Range<usize>)> = None;
    let mut in_array = false;
    let mut at = 0;
    while let Some(&byte) = content.get(at) {
        let from = at;
        match byte {
            b'%' => {
                at += memchr::memchr2(b'\n', b'\r', &content[at..]).unwrap_or(content.len() - at)
            }
            b'<' if content.get(at + 1) == Some(&b'<') => at += 2,
            b'(' | b'<' => {
                let (letters, end) = if byte == b'(' {
                    literal(content, at + 1)
                } else {
                    hexadecimal(content, at + 1)
                };
                for letter in letters {
                    if let Some(before) = last {
                        let (width, written) = number.take().unwrap_or((0.0, 0..0));
                        gaps.push(Gap {
                            letter: before,
                            width,
                            written,
                        });
                    }
                    last = Some(letter);
                }
                at = end;
            }
            b'[' | b']' => {
                in_array = byte == b'[';
                if in_array {
                    gaps.clear();
                }
                (last, number) = (None, None);
                at += 1;
            }
            b'/' => {
                at += 1 + word(&content[at + 1..]);
                name = &content[from + 1..at];
            }
            _ => {
                at += word(&content[at..]).max(1);
                let token = &content[from..at];
                if byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.') {
                    let value = std::str::from_utf8(token)
                        .ok()
                        .and_then(|t| t.parse::<f64>().ok());
                    number = value.filter(|_| in_array).map(|value| (-value, from..at));
                } else if !byte.is_ascii_whitespace() {
                    match token {
                        b"Tf" => font = hasher.hash_one(name),
                        b"TJ" => gaps.drain(..).for_each(|gap| each(font, gap)),
                        _ => {}
                    }
                    gaps.clear();
                    last = None;
                }
            }
        }
    }
}

/// The length of a name, number or instruction.
fn word(rest: &[u8]) -> usize {
    rest.iter().take_while(|b| !ends_word(**b)).count()
}

/// The letters of `(...)`, and where it ends.
fn literal(content: &[u8], mut at: usize) -> (Vec<u16>, usize) {
    let mut letters = Vec::new();
    let mut depth = 1;
    while let Some(&byte) = content.get(at) {
        at += 1;
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b'\\' => {
                let octal = content[at..].iter().take(3);
                let digits = octal.take_while(|b| (b'0'..=b'7').contains(*b)).count();
                let code = content[at..at + digits]
                    .iter()
                    .fold(0, |code, b| code * 8 + u16::from(b - b'0'));
                letters.push(if digits > 0 {
                    code
                } else {
                    content.get(at).map_or(0, |b| u16::from(*b))
                });
                at += digits.max(1);
                continue;
            }
            _ => {}
        }
        letters.push(u16::from(byte));
    }
    (letters, at.min(content.len()))
}

/// The letters of `<...>`, of two bytes each if it has an even number of them, and where it ends.
fn hexadecimal(content: &[u8], at: usize) -> (Vec<u16>, usize) {
    let end = memchr::memchr(b'>', &content[at..]).map_or(content.len(), |end| at + end);
    let value = |b: &u8| char::from(*b).to_digit(16);
    let digits: Vec<u16> = content[at..end]
        .iter()
        .filter_map(value)
        .filter_map(|d| u16::try_from(d).ok())
        .collect();
    let bytes = if digits.len().is_multiple_of(4) { 4 } else { 2 };
    let letter = |digits: &[u16]| digits.iter().fold(0, |code, digit| code << 4 | digit);
    (
        digits.chunks(bytes).map(letter).collect(),
        (end + 1).min(content.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line as Cairo writes it: after each letter its own gap, wider where a word ends and the space is not drawn
    /// (`_`).
    fn page(words: &str) -> String {
        let of = |letter: char| match letter {
            'Y' => -220,
            'e' => 150,
            'o' => 102,
            ' ' => 13,
            _ => 130,
        };
        let mut page = "BT\n/f-0-0 1 Tf\n[".to_string();
        let letters: Vec<char> = words.chars().collect();
        for (n, letter) in letters.iter().enumerate().filter(|(_, c)| **c != '_') {
            let between = if letters.get(n + 1) == Some(&'_') {
                250
            } else {
                0
            };
            page += &format!("({letter}){}", of(*letter) - between);
        }
        page + "(.)]TJ\nET\n"
    }

    fn respaced(page: &str) -> String {
        let mut kerning = Kerning::default();
        kerning.add(page.as_bytes());
        String::from_utf8(kerning.usual().respaced(page.as_bytes())).unwrap()
    }

    #[test]
    fn a_gap_is_a_space_if_it_is_wider_than_usual_after_its_letter() {
        let words = "the letter that came to the Yolo one in Yreka York for the fee to be_seen, ";
        let page = page(&words.repeat(4));
        assert!(Kerning::is_of_another_font(page.as_bytes()));
        let respaced = respaced(&page);
        assert!(respaced.contains("(e) -250 (s)"), "{respaced}");
        assert!(respaced.contains("(Y) -150 (o)"), "{respaced}");
        assert!(
            respaced.contains("(e)150(t)") && respaced.contains("(e)150( )"),
            "{respaced}"
        );
    }

    #[test]
    fn where_no_space_is_drawn_a_wide_gap_stays_one() {
        let words = "the_letter_that_came,_to_the_Yolo_one_in_Yreka,_York_for_the_fee_to_be_seen,_";
        let respaced = respaced(&page(&words.repeat(4)));
        assert!(respaced.contains("(e) -250 (l)"), "{respaced}");
        assert!(respaced.contains("(,) -250 (t)"), "{respaced}");
        assert!(respaced.contains("(Y)-220(o)"), "{respaced}");
    }

    #[test]
    fn pages_in_their_own_font_stay() {
        // As typesetters write them: words in strings, gaps between them, and a few pairs moved.
        let line = "/F1 11 Tf [(The)-333(clerk)-333(of)-333(V)80(an)-333(Nuys)]TJ\n[<00480057>-5<0048>]TJ\n".repeat(40);
        assert!(!Kerning::is_of_another_font(line.as_bytes()));
        assert_eq!(respaced(&line), line);
    }

    #[test]
    fn strings_are_read_letter_by_letter() {
        let letters = |content: &str| {
            let mut seen = Vec::new();
            for_each_gap(content.as_bytes(), |_, gap| {
                seen.push((gap.letter, gap.width))
            });
            seen
        };
        assert_eq!(
            letters("/A 9 Tf [(a\\)b)-7(\\101(x))] TJ [(no)-9(ne)] Tx"),
            [
                (97, 0.0),
                (41, 0.0),
                (98, 7.0),
                (65, 0.0),
                (40, 0.0),
                (120, 0.0)
            ]
        );
        assert_eq!(letters("[<0041 0042>5<0043>]TJ").len(), 2);
        for odd in [
            "[(",
            "[<",
            "<",
            "(\\",
            "[(a)1",
            "%",
            "[(a)-1(b)]T",
            "[-]TJ",
            "/",
        ] {
            assert!(letters(odd).is_empty(), "{odd}");
        }
    }
}
