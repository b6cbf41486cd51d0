//! Case numbers as people type them: the one parser that queries, filters and commands share.
//!
//! A letter prints "CM15-0012345": two digits of the year, then a serial number of six to eight
//! digits (mostly seven). People leave out hyphens, zeros and the year, or paste a dash of print.

use std::collections::HashSet;
use std::ops::Range;

/// The year of the first and the last case that a serial number alone is looked up for.
const YEARS: std::ops::RangeInclusive<u8> = 11..=40;
/// Digits of a serial number: letters have seven, older copies six or eight.
const SERIAL: std::ops::RangeInclusive<usize> = 6..=8;
/// Digits of a serial number that stands alone.
const ALONE: std::ops::RangeInclusive<usize> = 7..=8;

/// A case number: "CM15-0012345", or its serial number alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNumber {
    /// Two digits; None where only the serial number was typed.
    year: Option<u8>,
    serial: String,
}

impl CaseNumber {
    /// The case number that a text begins with, and how many of its characters that takes. What
    /// follows is no letter or digit.
    #[must_use]
    pub fn at_start(text: &[char]) -> Option<(CaseNumber, usize)> {
        let (case, len) = with_prefix(text).or_else(|| without_prefix(text))?;
        let ends = |c: &char| !c.is_alphanumeric() && !matches!(c, '*' | '!' | '_' | '~');
        text.get(len).is_none_or(ends).then_some((case, len))
    }

    /// The case numbers of what was typed, one after the other; empty if anything else stands
    /// between them.
    #[must_use]
    pub fn all(typed: &str) -> Vec<CaseNumber> {
        let chars: Vec<char> = typed.chars().collect();
        let mut cases = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            if chars[at].is_whitespace() || matches!(chars[at], ',' | ';' | '#' | '|') {
                at += 1;
                continue;
            }
            let Some((case, len)) = CaseNumber::at_start(&chars[at..]) else {
                return Vec::new();
            };
            cases.push(case);
            at += len;
        }
        cases
    }

    /// A case number of which zeros are missing: "cm17-3619", "17-03619", "3619". It is none of
    /// itself, only what may have been meant: [`CaseNumber::misspelt`] has the zeros.
    #[must_use]
    pub fn shortened(typed: &str) -> Option<CaseNumber> {
        const SHORT: std::ops::RangeInclusive<usize> = 3..=6;
        let chars: Vec<char> = typed.trim().trim_start_matches('#').chars().collect();
        let named = matches!(chars.as_slice(), ['c' | 'C', 'm' | 'M', ..]);
        let from = if named { 2 + gap(&chars, 2) } else { 0 };
        let year = digits(&chars, from, 2)
            .filter(|(_, end)| named || chars.get(*end).copied().is_some_and(is_hyphen));
        let at = year
            .as_ref()
            .map_or(from, |(_, end)| end + gap(&chars, *end));
        let (serial, end) = serial(&chars, at, &SHORT)?;
        if end < chars.len() {
            return None;
        }
        match year {
            Some((year, _)) => case(&year, serial),
            None if named => None,
            None => Some(CaseNumber { year: None, serial }),
        }
    }

    /// The one case number that was typed, or of which zeros are missing; None of several.
    #[must_use]
    pub fn meant(typed: &str) -> Option<CaseNumber> {
        match CaseNumber::all(typed).as_slice() {
            [] => CaseNumber::shortened(typed),
            [case] => Some(case.clone()),
            _ => None,
        }
    }

    /// The numbers that some words name, as letters print them; the words themselves where they name none.
    #[must_use]
    pub fn printed_in(typed: &str) -> Vec<String> {
        let cases = CaseNumber::all(typed);
        let printed: Vec<String> = cases.iter().flat_map(CaseNumber::printed).collect();
        if printed.is_empty() {
            return vec![typed.trim().to_uppercase()];
        }
        printed
    }

    /// The numbers in a query that may be case numbers of which zeros are missing.
    #[must_use]
    pub fn shortened_in(query: &str) -> Vec<String> {
        let is_short = |typed: &&str| CaseNumber::shortened(typed).is_some();
        if is_short(&query) {
            return vec![query.trim().to_string()];
        }
        let words = query.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
        words.filter(is_short).map(str::to_string).collect()
    }

    /// How the printed numbers begin of which a person has typed the beginning: "cm15-09" is the
    /// beginning of "CM15-09...", "0900" of that number of any year. Empty of what is no beginning.
    #[must_use]
    pub fn beginnings(typed: &str) -> Vec<String> {
        const SHORTEST: usize = 3;
        let bare: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
            .flat_map(char::to_uppercase)
            .collect();
        let (named, digits) = match bare.strip_prefix("CM") {
            Some(digits) => (true, digits),
            None => (false, bare.as_str()),
        };
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number || digits.len() + 2 * usize::from(named) < SHORTEST {
            return Vec::new();
        }
        let split = |digits: &str| match digits.split_at_checked(2) {
            Some((year, serial)) if !serial.is_empty() => format!("CM{year}-{serial}"),
            _ => format!("CM{digits}"),
        };
        if named {
            return vec![split(digits)];
        }
        // The year may be left out.
        let years = YEARS.map(|year| print(year, digits));
        std::iter::once(split(digits)).chain(years).collect()
    }

    /// Whether the year is part of it.
    #[must_use]
    pub fn has_year(&self) -> bool {
        self.year.is_some()
    }

    /// Whether a serial number alone reads as one even among other words: letters print it with a
    /// zero in front.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.has_year() || self.serial.starts_with('0')
    }

    /// The numbers that letters may print for it: one, or one a year.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        match self.year {
            Some(year) => vec![print(year, &self.serial)],
            None => YEARS.map(|year| print(year, &self.serial)).collect(),
        }
    }

    /// Numbers that differ from it as typing errors do: zeros left out or added, one digit wrong,
    /// missing or too many, two exchanged, another year. The likeliest come first.
    #[must_use]
    pub fn misspelt(&self) -> Vec<String> {
        let years: Vec<u8> = self.year.map_or_else(|| YEARS.collect(), |year| vec![year]);
        let mut serials: Vec<String> = Vec::new();
        let value = self.serial.trim_start_matches('0');
        serials.extend(SERIAL.map(|len| format!("{value:0>len$}")));
        let digits: Vec<char> = self.serial.chars().collect();
        let changed = |range: Range<usize>, with: &[char]| {
            let mut digits = digits.clone();
            digits.splice(range, with.iter().copied());
            digits.into_iter().collect::<String>()
        };
        for n in 1..digits.len() {
            serials.push(changed(n - 1..n + 1, &[digits[n], digits[n - 1]]));
        }
        for n in 0..digits.len() {
            serials.extend(('0'..='9').map(|digit| changed(n..n + 1, &[digit])));
        }
        for n in 0..digits.len() {
            serials.push(changed(n..n + 1, &[]));
            serials.extend(('0'..='9').map(|digit| changed(n..n, &[digit])));
        }
        serials.retain(|serial| SERIAL.contains(&serial.len()));
        let mut all: Vec<String> = Vec::new();
        let mut known: HashSet<String> = self.printed().into_iter().collect();
        let mut add = |case: String| {
            if known.insert(case.clone()) {
                all.push(case);
            }
        };
        for serial in &serials {
            years.iter().for_each(|year| add(print(*year, serial)));
        }
        if self.year.is_some() {
            YEARS.for_each(|year| add(print(year, &self.serial)));
        }
        all
    }
}

impl std::fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.year {
            Some(year) => write!(f, "{}", print(year, &self.serial)),
            None => write!(f, "{}", self.serial),
        }
    }
}

fn print(year: u8, serial: &str) -> String {
    format!("CM{year:02}-{serial}")
}

/// "CM15-0012345", "cm150012345", "CM 15 0012345".
fn with_prefix(text: &[char]) -> Option<(CaseNumber, usize)> {
    let is = |at: usize, letter: char| {
        text.get(at)
            .is_some_and(|c| c.eq_ignore_ascii_case(&letter))
    };
    if !is(0, 'c') || !is(1, 'm') {
        return None;
    }
    let year_at = 2 + gap(text, 2);
    let (year, _) = digits(text, year_at, 2)?;
    let serial_at = year_at + 2 + gap(text, year_at + 2);
    let (serial, end) = serial(text, serial_at, &SERIAL)?;
    Some((case(&year, serial)?, end))
}

/// "15-0012345", or "0012345" alone.
fn without_prefix(text: &[char]) -> Option<(CaseNumber, usize)> {
    if let Some((year, _)) = digits(text, 0, 2)
        && text.get(2).copied().is_some_and(is_hyphen)
        && let Some((serial, end)) = serial(text, 3, &ALONE)
    {
        return Some((case(&year, serial)?, end));
    }
    let (serial, end) = serial(text, 0, &ALONE)?;
    Some((CaseNumber { year: None, serial }, end))
}

fn case(year: &str, serial: String) -> Option<CaseNumber> {
    let year = Some(year.parse().ok()?);
    Some(CaseNumber { year, serial })
}

/// How many spaces, hyphens and underscores stand at a place; at most three part a case number.
fn gap(text: &[char], from: usize) -> usize {
    let of_gap = |c: &&char| is_hyphen(**c) || matches!(c, ' ' | '_' | '\u{a0}');
    text[from.min(text.len())..]
        .iter()
        .take(3)
        .take_while(of_gap)
        .count()
}

fn is_hyphen(c: char) -> bool {
    c == '-' || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Just so many digits at a place, and where they end.
fn digits(text: &[char], from: usize, count: usize) -> Option<(String, usize)> {
    let found: String = text.get(from..from + count)?.iter().collect();
    let all = found.bytes().all(|b| b.is_ascii_digit());
    all.then_some((found, from + count))
}

/// A run of digits of an allowed length, and where it ends.
fn serial(
    text: &[char],
    from: usize,
    lengths: &std::ops::RangeInclusive<usize>,
) -> Option<(String, usize)> {
    let run = text.get(from..)?.iter().take_while(|c| c.is_ascii_digit());
    let run: String = run.take(lengths.end() + 1).collect();
    lengths.contains(&run.len()).then(|| {
        let end = from + run.len();
        (run, end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> String {
        let cases = CaseNumber::all(typed);
        let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
        cases.join(" + ")
    }

    #[test]
    fn however_it_is_typed() {
        for typed in [
            "CM15-0900101",
            "cm150900101",
            "CM15 0900101",
            "cm15\u{2013}0900101",
            "CM 15 - 0900101",
            "CM15_0900101",
            "15-0900101",
            " #CM15-0900101, ",
        ] {
            assert_eq!(read(typed), "CM15-0900101", "{typed}");
        }
        assert_eq!(read("0900101"), "0900101");
        assert_eq!(read("CM14-00123456"), "CM14-00123456");
        assert_eq!(read("cm1400123456"), "CM14-00123456");
        assert_eq!(
            read("CM15-0900101, cm15 0900102;0900103"),
            "CM15-0900101 + CM15-0900102 + 0900103"
        );
    }

    #[test]
    fn what_is_none() {
        for typed in [
            "",
            "CM",
            "CM15",
            "CM15-",
            "CM15-123",
            "CM15-0900101a",
            "CM15-09001011234",
            "CM15*",
            "123456",
            "norco CM15-0900101",
            "CM15-0900101 norco",
            "L4-5",
            "10/325",
        ] {
            assert_eq!(read(typed), "", "{typed}");
        }
    }

    #[test]
    fn zeros_may_be_missing() {
        for (typed, year) in [
            ("cm15-101", true),
            ("CM15 00101", true),
            ("15-101", true),
            ("101", false),
            ("#900101", false),
        ] {
            let case = CaseNumber::shortened(typed).unwrap();
            assert_eq!(case.has_year(), year, "{typed}");
            let meant = if typed.contains('9') {
                "CM15-0900101"
            } else {
                "CM15-0000101"
            };
            assert!(case.misspelt().contains(&meant.to_string()), "{typed}");
        }
        for none in [
            "",
            "12",
            "cm15",
            "norco",
            "10/325",
            "101a",
            "cm101",
            "CM15-0900101",
        ] {
            assert!(CaseNumber::shortened(none).is_none(), "{none}");
        }
        assert_eq!(
            CaseNumber::shortened_in("case 15-101, 900101"),
            ["15-101", "900101"]
        );
    }

    #[test]
    fn a_serial_number_is_looked_up_in_every_year() {
        let case = &CaseNumber::all("0900101")[0];
        assert!(case.printed().contains(&"CM15-0900101".to_string()));
        assert!(case.is_plain() && !case.has_year());
        assert!(!CaseNumber::all("5551234")[0].is_plain());
    }

    #[test]
    fn a_number_is_begun_in_any_form() {
        assert_eq!(CaseNumber::beginnings("cm15-09"), ["CM15-09"]);
        assert_eq!(CaseNumber::beginnings("CM15"), ["CM15"]);
        let begun = CaseNumber::beginnings("0900101");
        assert!(begun.contains(&"CM15-0900101".to_string()), "{begun:?}");
        assert!(CaseNumber::beginnings("150900").contains(&"CM15-0900".to_string()));
        for none in ["12", "norco", "", "cm", "15mg"] {
            assert!(CaseNumber::beginnings(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn typing_errors() {
        let near = |typed: &str| CaseNumber::all(typed)[0].misspelt();
        for (typed, meant) in [
            ("CM15-900101", "CM15-0900101"),
            ("CM15-0901001", "CM15-0900101"),
            ("CM15-0900111", "CM15-0900101"),
            ("CM15-00900101", "CM15-0900101"),
            ("CM14-0900101", "CM15-0900101"),
            ("0900111", "CM15-0900101"),
        ] {
            assert!(near(typed).contains(&meant.to_string()), "{typed}");
        }
        assert_eq!(near("CM15-900101")[0], "CM15-0900101");
        assert!(!near("CM15-0900101").contains(&"CM15-0900101".to_string()));
    }
}
