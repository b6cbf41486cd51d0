//! Regular expressions of ASCII: letters are in English, and `\w` of all scripts makes a pattern ten
//! times as large to build and slower to match.

use regex::Regex;

/// A regular expression in which `\d`, `\s`, `\w`, `\b` and `(?i)` mean ASCII; what is negated, and a
/// dot, still match any other character whole.
///
/// # Panics
/// On a pattern that is none: patterns are written in the program, and a test builds each.
pub(super) fn pattern(text: &str) -> Regex {
    let ascii = ascii(text);
    Regex::new(&ascii).unwrap_or_else(|e| panic!("{e}"))
}

const SPACES: &str = r"\t\n\x0b\f\r\x20";
const DIGITS: &str = "0-9";
const OF_WORDS: &str = "0-9A-Za-z_";

/// The pattern, in the syntax of the library: without Unicode but where a whole character is matched
/// that may be any.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    out += "(?-u)";
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => wrap(&mut out, "[", DIGITS),
                Some('s') => wrap(&mut out, "[", SPACES),
                Some('w') => wrap(&mut out, "[", OF_WORDS),
                Some('D') => wrap(&mut out, "(?u:[^", DIGITS),
                Some('S') => wrap(&mut out, "(?u:[^", SPACES),
                Some('W') => wrap(&mut out, "(?u:[^", OF_WORDS),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' => out += &class(&mut chars),
            '.' => out += "(?u:.)",
            other => out.push(other),
        }
    }
    out
}

fn wrap(out: &mut String, open: &str, members: &str) {
    *out += open;
    *out += members;
    out.push(']');
    if open.starts_with('(') {
        out.push(')');
    }
}

/// A class, whose opening bracket is read.
fn class(chars: &mut std::str::Chars<'_>) -> String {
    let mut members = String::new();
    while let Some(c) = chars.next() {
        match c {
            ']' if !matches!(members.as_str(), "" | "^") => break,
            '\\' => match chars.next() {
                Some('d') => members += DIGITS,
                Some('s') => members += SPACES,
                Some('w') => members += OF_WORDS,
                Some(other) => members.extend(['\\', other]),
                None => members.push('\\'),
            },
            other => members.push(other),
        }
    }
    let beyond = !members.is_ascii() || [r"\u", r"\x{", r"\p"].iter().any(|e| members.contains(e));
    if beyond || members.starts_with('^') {
        format!("(?u:[{members}])")
    } else {
        format!("[{members}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATTERNS: [&str; 8] = [
        r"(?i)\bpage\s*:?\s*\d{1,4}\b",
        r"^[^()]{0,4}\b(?:19|20)\d\d\)",
        r"(?ix) a [\s\w-]* . \W b \S [^\d] c",
        r"[\s,]*x.*$",
        r"(?i:k)\Ds",
        r"[\u{2013}-]\d",
        r"\.[\].]\\",
        r"(?P<y>[^\s].*?)\s+(?:was|were)",
    ];

    proptest! {
        #[test]
        fn in_ascii_it_is_the_pattern_as_written(
            which in 0..PATTERNS.len(),
            text in "[akKpge0-9 ().,:xbcs\\]\\\\ws\n-]{0,40}",
        ) {
            let (ascii, plain) = (pattern(PATTERNS[which]), Regex::new(PATTERNS[which]).unwrap());
            let range = |m: regex::Match<'_>| m.range();
            prop_assert_eq!(ascii.find(&text).map(range), plain.find(&text).map(range));
        }
    }

    #[test]
    fn what_is_negated_matches_a_whole_character() {
        let found = |text, within: &str| pattern(text).find(within).map(|m| m.as_str().to_string());
        assert_eq!(found(r"a\Wb", "a\u{e9}b").as_deref(), Some("a\u{e9}b"));
        assert_eq!(found("a[^x]b", "a\u{2019}b").as_deref(), Some("a\u{2019}b"));
        assert_eq!(found("a.b", "a\u{2019}b").as_deref(), Some("a\u{2019}b"));
        assert_eq!(
            found("[\u{2013}-]1", "\u{2013}1").as_deref(),
            Some("\u{2013}1")
        );
        assert_eq!(found(r"\d", "\u{0663}"), None);
    }
}
