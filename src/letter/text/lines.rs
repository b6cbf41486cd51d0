//! A text's lines, clean: single spaces, plain quotes and dashes, nothing that does not print.

use crate::vocabulary::ByteBits;

/// A text in lines that are clean.
pub(super) struct Lines<'t> {
    pub raw: &'t str,
    /// The lines that are not clean in the raw text, cleaned, one after the other.
    cleaned: String,
    pub lines: Vec<Line>,
}

/// Where a clean line stands.
pub(super) struct Line {
    start: usize,
    end: usize,
    /// In the cleaned lines, not in the raw text.
    is_cleaned: bool,
    /// A page begins after it.
    pub ends_page: bool,
}

impl Lines<'_> {
    /// A line by its number.
    pub(super) fn get(&self, line: usize) -> &str {
        let line = &self.lines[line];
        let all = if line.is_cleaned {
            &self.cleaned
        } else {
            self.raw
        };
        &all[line.start..line.end]
    }

    /// Whether a line has no text.
    pub(super) fn is_empty(&self, line: usize) -> bool {
        self.lines[line].start == self.lines[line].end
    }

    /// Takes the first bytes of a line away.
    pub(super) fn cut_start(&mut self, line: usize, bytes: usize) {
        let line = &mut self.lines[line];
        line.start = (line.start + bytes).min(line.end);
    }

    /// Writes a clean line anew.
    pub(super) fn replace(&mut self, line: usize, text: &str) {
        let start = self.cleaned.len();
        self.cleaned.push_str(text);
        let line = &mut self.lines[line];
        (line.start, line.end, line.is_cleaned) = (start, start + text.len(), true);
    }

    /// The lines as one, as far as 64 KB reach.
    pub(super) fn together(&self) -> Vec<u8> {
        const REACH: usize = 64 << 10;
        let mut all = Vec::with_capacity(self.raw.len().min(REACH));
        for line in 0..self.lines.len() {
            let room = REACH - all.len();
            let line = self.get(line).as_bytes();
            all.extend_from_slice(&line[..line.len().min(room)]);
        }
        all
    }
}

/// Empty lines in a row that tell as much as more of them: nobody looks further than four.
const EMPTY: usize = 8;

/// The lines of a text, without the rest of very many empty ones in a row.
pub(super) fn clean_lines(raw: &str) -> Lines<'_> {
    let bytes = raw.as_bytes();
    let mut lines = Lines {
        raw,
        cleaned: String::new(),
        lines: Vec::with_capacity(raw.len() / 40 + 1),
    };
    let ends = ByteBits::of(bytes, |b| (b == b'\n') | (b == b'\r') | (b == 0x0c));
    let spaces = ByteBits::of(bytes, |b| b == b' ').followed();
    // Nearly all lines print as they are but for a space at their ends.
    let odd = ByteBits::of(bytes, |b| (b < b' ') & (b != b'\n') | (b > b'~')).or(&spaces);
    let mut odd = odd.within(0..bytes.len()).peekable();
    let mut empty = 0;
    let mut start = 0;
    for end in ends.within(0..bytes.len()).chain([bytes.len()]) {
        let after_return =
            start == end && bytes.get(end) == Some(&b'\n') && end > 0 && bytes[end - 1] == b'\r';
        if !after_return {
            let ends_page = bytes.get(end) == Some(&0x0c);
            while odd.next_if(|at| *at < start).is_some() {}
            let line = if odd.peek().is_none_or(|at| *at >= end) {
                // Plain lines have single spaces.
                Line {
                    start: start + usize::from(bytes[start..end].starts_with(b" ")),
                    end: end - usize::from(end > start + 1 && bytes[end - 1] == b' '),
                    is_cleaned: false,
                    ends_page,
                }
            } else {
                let from = lines.cleaned.len();
                clean_line(&raw[start..end], &mut lines.cleaned);
                Line {
                    start: from,
                    end: lines.cleaned.len(),
                    is_cleaned: true,
                    ends_page,
                }
            };
            empty = if line.start == line.end && !ends_page {
                empty + 1
            } else {
                0
            };
            if empty <= EMPTY {
                lines.lines.push(line);
            }
        }
        start = end + 1;
    }
    lines
}

/// Appends a line with single spaces, plain quotes and dashes, and nothing that does not print.
fn clean_line(line: &str, out: &mut String) {
    if line
        .bytes()
        .all(|b| (0x20..0x7f).contains(&b) || b == b'\t')
    {
        for (n, word) in line.split_ascii_whitespace().enumerate() {
            if n > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
        return;
    }
    let start = out.len();
    let mut space = false;
    for (at, c) in line.char_indices() {
        let plain: &str = match c {
            // What programs make of an apostrophe whose font they lost: "the reviewer(c)s".
            '\u{a9}' | '\u{ae}' | '\u{d5}' | '\u{fffd}' | '\u{92}' | '?'
                if out.ends_with(char::is_alphabetic)
                    && is_possessive(&line[at + c.len_utf8()..]) =>
            {
                "'"
            }
            '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => continue,
            '\u{2028}' | '\u{2029}' => " ",
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{b4}' | '`' => "'",
            '\u{201c}'..='\u{201f}' | '\u{2033}' => "\"",
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => "-",
            '\u{2026}' => "...",
            '\u{fb00}' => "ff",
            '\u{fb01}' => "fi",
            '\u{fb02}' => "fl",
            '\u{fb03}' => "ffi",
            '\u{fb04}' => "ffl",
            '\u{fb05}' | '\u{fb06}' => "st",
            '\u{2022}' | '\u{f0b7}' | '\u{b7}' => "\u{2022}",
            _ if c.is_whitespace() => " ",
            _ if c.is_control() || c == '\u{fffd}' => continue,
            _ => "",
        };
        if plain == " " {
            space = true;
            continue;
        }
        if space && out.len() > start {
            out.push(' ');
        }
        space = false;
        if plain.is_empty() {
            out.push(c);
        } else {
            out.push_str(plain);
        }
    }
}

/// Whether a text goes on with the "s" of "the reviewer's".
fn is_possessive(rest: &str) -> bool {
    let rest = rest.strip_prefix('s');
    rest.is_some_and(|rest| rest.starts_with(' '))
}
