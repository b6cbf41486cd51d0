//! From what was extracted to the text that is read: one space between words, one line break
//! between lines, an empty line between paragraphs, no page furniture.
//!
//! All later offsets are into this text, and it is what the index stores and shows.

mod furniture;
mod lines;
mod quoting;
mod stamps;

use lines::{Lines, clean_lines};
use memchr::memmem;
use std::cell::LazyCell;

/// The normalised text of a letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text: lines end in `\n`, paragraphs in `\n\n`.
    pub text: String,
    /// Where new pages begin, as byte offsets, ascending. A page break is a line break in the
    /// text: whether a paragraph ends there cannot be seen.
    pub page_breaks: Vec<usize>,
    /// Where pages begin that a form feed parts, each with its number; the first page is not listed.
    pub pages: Vec<(usize, usize)>,
}

impl Text {
    /// The number of the page that an offset is on, from 1.
    #[must_use]
    pub(crate) fn page_of(&self, at: usize) -> usize {
        let after = self.pages.partition_point(|(start, _)| *start <= at);
        after.checked_sub(1).map_or(1, |last| self.pages[last].1)
    }

    /// A part of the text as a text of its own.
    #[must_use]
    pub(crate) fn part(&self, range: &std::ops::Range<usize>) -> Text {
        let span = &self.text[range.clone()];
        let start = range.start + span.len() - span.trim_start().len();
        let inside = |at: &usize| *at > start && *at < range.end;
        Text {
            text: span.trim().to_string(),
            page_breaks: self
                .page_breaks
                .iter()
                .filter(|at| inside(at))
                .map(|at| at - start)
                .collect(),
            pages: self
                .pages
                .iter()
                .filter(|(at, _)| inside(at))
                .map(|(at, number)| (at - start, *number))
                .collect(),
        }
    }
}

/// Line breaks that part a word are mended for so many words of a letter; a text with more is no
/// letter, and each costs a search.
const MENDED_WORDS: usize = 64;

/// Normalises the text of a letter (docs/extraction.md): line ends, spaces, quotes, dashes, ligatures and
/// soft hyphens; double-spaced texts become single-spaced; page numbers and running titles go;
/// words broken at a line end are joined. Time is linear in the input.
#[must_use]
pub(crate) fn normalise(raw: &str) -> Text {
    let mut lines = clean_lines(raw);
    quoting::strip(&mut lines);
    furniture::strip_line_numbers(&mut lines);
    let furniture = furniture::find(&lines);
    compose(&lines, &furniture)
}

fn compose(lines: &Lines, furniture: &[bool]) -> Text {
    let count = lines.lines.len();
    let stretches = stretches(lines);
    let mut stretches = stretches.iter().peekable();
    // Most letters break no word.
    let whole = LazyCell::new(|| lines.together());
    let mut out = Text {
        text: String::with_capacity(lines.raw.len() + count),
        page_breaks: Vec::new(),
        pages: Vec::new(),
    };
    let mut page = 1;
    let (mut blanks, mut new_page, mut mended) = (0usize, false, 0);
    // Whether a form feed, and not only a stamp, stands between two lines.
    let mut fed = false;
    for (at, is_furniture) in furniture.iter().enumerate() {
        while stretches.next_if(|stretch| stretch.end <= at).is_some() {}
        let between = stretches.peek().map_or(0, |here| here.between);
        if lines.is_empty(at) {
            blanks += 1;
        } else if *is_furniture || is_lone_number(lines, at, between > 0) {
            new_page = true;
        } else {
            let line = lines.get(at);
            if out.text.is_empty() {
                // Nothing precedes the first line.
            } else if blanks > between
                && (!new_page || !fed && out.text.ends_with(['.', '?', '!', ':']))
            {
                out.text.push_str("\n\n");
            } else {
                let hyphen = out.text.ends_with('-');
                out.text.push('\n');
                if new_page {
                    out.page_breaks.push(out.text.len());
                }
                if hyphen && mended < MENDED_WORDS && join_broken_word(&mut out, line, &whole) {
                    mended += 1;
                }
            }
            if fed {
                out.pages.push((out.text.len(), page));
            }
            out.text.push_str(line);
            (blanks, new_page, fed) = (0, false, false);
        }
        new_page |= lines.lines[at].ends_page;
        fed |= lines.lines[at].ends_page;
        page += usize::from(lines.lines[at].ends_page);
    }
    out
}

/// Where the text ends in a hyphen and a line break: where a letter precedes it and the line goes on in lower case, takes the
/// line break away, and the hyphen too where the letter writes the word without it elsewhere.
fn join_broken_word(
    out: &mut Text,
    line: &str,
    whole: &LazyCell<Vec<u8>, impl FnOnce() -> Vec<u8>>,
) -> bool {
    let head = &out.text.as_bytes()[..out.text.len() - 1];
    let broken = head.len() >= 2
        && head[head.len() - 2].is_ascii_alphabetic()
        && line.as_bytes()[0].is_ascii_lowercase();
    if !broken {
        return false;
    }
    let stem = head.len() - 1;
    let letters = head[..stem]
        .iter()
        .rev()
        .take(40)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let rest: &str = &line[..line
        .bytes()
        .take(40)
        .take_while(u8::is_ascii_alphabetic)
        .count()];
    let mut word = out.text[stem - letters..stem].to_string();
    word.push_str(rest);
    let keep = if memmem::find(whole, word.as_bytes()).is_some() {
        stem
    } else {
        stem + 1
    };
    out.text.truncate(keep);
    if let Some(last) = out.page_breaks.last_mut() {
        *last = (*last).min(keep);
    }
    true
}

/// Up to which line a stretch of lines reaches, and how many empty lines it has after nearly every line: none, or one or
/// two, as some extractors write it.
struct Stretch {
    end: usize,
    between: usize,
}

/// The stretches of a text: a file may hold letters of several extractors.
fn stretches(lines: &Lines) -> Vec<Stretch> {
    /// So many lines in a row with an empty line after each are a letter's, and no header or list.
    const RUN: usize = 24;
    let count = lines.lines.len();
    // Lines that follow a line at once, or after one empty line, or two.
    let (mut adjacent, mut single, mut double) = (0_usize, 0_usize, 0_usize);
    // The line that a run begins with, and how many it has.
    let mut run = (0, 0_usize);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let (mut blanks, mut seen) = (0_usize, false);
    for at in 0..count {
        if lines.is_empty(at) {
            blanks += 1;
            continue;
        }
        if seen && blanks == 0 {
            adjacent += 1;
            if run.1 >= RUN {
                runs.push((run.0, at));
            }
            run = (at, 0);
        } else if seen && blanks == 1 {
            single += 1;
            run.1 += 1;
        } else if seen && blanks == 2 {
            double += 1;
        }
        (blanks, seen) = (0, true);
    }
    if run.1 >= RUN {
        runs.push((run.0, count));
    }
    let whole = if double >= 12 && double > 4 * (adjacent + single) {
        2
    } else {
        usize::from(single >= 8 && single > 4 * adjacent)
    };
    let mut stretches = Vec::new();
    if whole == 0 {
        for (from, to) in runs {
            stretches.push(Stretch {
                end: from,
                between: 0,
            });
            stretches.push(Stretch {
                end: to,
                between: 1,
            });
        }
    }
    stretches.push(Stretch {
        end: count,
        between: whole,
    });
    stretches
}

/// Whether a line is a number between empty lines, where empty lines part paragraphs: a page's.
fn is_lone_number(lines: &Lines, at: usize, double_spaced: bool) -> bool {
    let line = lines.get(at).as_bytes();
    let may_end = matches!(line.last(), Some(b'0'..=b'9' | b'-' | b' ' | b'|'));
    if double_spaced || !may_end {
        return false;
    }
    let bare = lines.get(at).trim_matches(['-', ' ', '|']);
    if !(1..=3).contains(&bare.len()) || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let blank = |line: Option<usize>| {
        line.is_none_or(|line| line >= lines.lines.len() || lines.is_empty(line))
    };
    blank(at.checked_sub(1)) && blank(Some(at + 1))
}

/// The lines of a text, without the breaks that end them.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let line = rest?;
        let end = memchr::memchr(b'\n', line.as_bytes());
        rest = end.map(|end| &line[end + 1..]);
        Some(&line[..end.unwrap_or(line.len())])
    })
}

/// A span of the text as one line: line and paragraph breaks become spaces.
#[must_use]
pub(crate) fn flat(span: &str) -> String {
    let gap = |b: u8| (b == b' ') | (b == b'\n');
    let odd = |b: u8| (b < b' ') & (b != b'\n');
    let span = span.trim_ascii();
    let line: Vec<u8> = span
        .bytes()
        .map(|b| if gap(b) { b' ' } else { b })
        .collect();
    let pairs = line.iter().zip(line.iter().skip(1));
    let as_it_is = |plain: bool, (a, b): (&u8, &u8)| plain & !(gap(*a) & gap(*b)) & !odd(*a);
    if pairs.fold(true, as_it_is) {
        return String::from_utf8(line).unwrap_or_default();
    }
    let mut out = String::with_capacity(span.len());
    for (n, word) in span.split_ascii_whitespace().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        normalise(raw).text
    }

    #[test]
    fn characters_are_made_plain() {
        assert_eq!(
            text("a\u{a0}\u{a0}b \u{201c}c\u{201d} 1\u{2013}2 \u{fb01}t so\u{ad}ft\r\nd\0e"),
            "a b \"c\" 1-2 fit soft\nde"
        );
    }

    #[test]
    fn double_spaced_text_becomes_single_spaced() {
        let raw: String = (0..10).map(|n| format!("line {n}\n\n")).collect();
        let raw = format!("{raw} \n\nnext paragraph\n");
        assert!(text(&raw).starts_with("line 0\nline 1\n"));
        assert!(text(&raw).ends_with("line 9\n\nnext paragraph"));
        // As some extractors write it, with two empty lines.
        let raw: String = (0..20).map(|n| format!("line {n}\n\n\n")).collect();
        let raw = format!("{raw}\n\n\nnext paragraph\n");
        assert!(text(&raw).starts_with("line 0\nline 1\n"));
        assert!(text(&raw).ends_with("line 19\n\nnext paragraph"));
    }

    #[test]
    fn parts_of_a_file_are_spaced_in_their_ways() {
        let double: String = (0..40).map(|n| format!("line {n}\n\n")).collect();
        let single: String = (0..40).map(|n| format!("row {n}\n")).collect();
        for raw in [
            format!("{single}\x0c{double}\x0c{single}{single}"),
            format!("{single}{single}\n\n{double}\n\n{single}"),
        ] {
            let text = text(&raw);
            assert!(text.contains("line 0\nline 1\n"), "{text}");
            assert!(text.contains("row 0\nrow 1\n"), "{text}");
        }
        // Some lines with empty lines between them are paragraphs.
        let list: String = (0..20).map(|n| format!("entry {n}\n\n")).collect();
        assert!(text(&format!("{single}\n{list}{single}")).contains("entry 3\n\nentry 4"));
    }

    #[test]
    fn page_furniture_goes_and_the_break_is_remembered() {
        let t = normalise("was authorized\n3\n\x0c\nby the administrator\nPage 4 of 9\nand more");
        assert_eq!(t.text, "was authorized\nby the administrator\nand more");
        assert_eq!(t.page_breaks, [15, 36]);
        assert_eq!(&t.text[15..17], "by");
        assert_eq!(
            text("a list:\n12\nitems"),
            "a list:\n12\nitems",
            "a number inside a paragraph is text"
        );
    }

    #[test]
    fn broken_words_are_joined() {
        assert_eq!(text("non-\nmalignant pain"), "non-malignant pain");
        assert_eq!(
            text("treat-\nment of a treatment"),
            "treatment of a treatment"
        );
    }

    #[test]
    fn line_ends_of_all_systems() {
        assert_eq!(text("a\r\nb\rc\n\r\nd"), "a\nb\nc\n\nd");
    }
}
