//! Dates as letters write them.

use serde::{Serialize, Serializer};
use time::{Date, Month};

/// A date of a letter; it prints and serialises as ISO 8601 (`2015-03-06`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterDate(pub Date);

impl LetterDate {
    /// The date of numbers as printed, or None where there is no such day. A year of two digits is
    /// of this century up to 39 and of the last one from 40 (letters begin in 2013, injuries some
    /// decades before).
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<LetterDate> {
        let year = match year {
            0..=39 => year + 2000,
            40..=99 => year + 1900,
            _ => year,
        };
        if !(1900..=2100).contains(&year) {
            return None;
        }
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
        Some(LetterDate(date))
    }

    /// Reads the ISO form.
    #[must_use]
    pub fn from_iso(text: &str) -> Option<LetterDate> {
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next()?.parse::<i32>().ok();
        let (year, month, day) = (next()?, next()?, next()?);
        LetterDate::new(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The date as a number that sorts like it: 20150306.
    #[must_use]
    pub fn number(self) -> u64 {
        let (year, month, day) = (self.0.year(), self.0.month() as u64, self.0.day());
        u64::try_from(year).unwrap_or(0) * 10_000 + month * 100 + u64::from(day)
    }
}

impl std::fmt::Display for LetterDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n = self.number();
        write!(f, "{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100)
    }
}

impl Serialize for LetterDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for LetterDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        LetterDate::from_iso(&text).ok_or_else(|| serde::de::Error::custom("no date: yyyy-mm-dd"))
    }
}

/// A date found in a text: its byte range, and None where it is written like a date but is none
/// ("13/45/2015").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDate {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it says.
    pub date: Option<LetterDate>,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The next date at or after an offset: `7/16/14`, `07-16-2014`, `2014-07-16`, `July 16, 2014`,
/// `16 July 2014`, `Feb. 3rd 2012`.
#[must_use]
pub fn find(text: &str, from: usize) -> Option<FoundDate> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if starts_word && bytes[at].is_ascii_digit() {
            if let Some(found) = numeric(bytes, at).or_else(|| day_first(bytes, at)) {
                return Some(found);
            }
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
        } else if starts_word && bytes[at].is_ascii_alphabetic() {
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
                at += 1;
            }
            // Few words are followed by a number.
            let next = bytes.get(skip_marks(bytes, at));
            if next.is_some_and(u8::is_ascii_digit)
                && let Some(found) = written(bytes, start, at)
            {
                return Some(found);
            }
            while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    None
}

/// A number of at most `most` digits at an offset: its value and where it ends.
fn digits(bytes: &[u8], at: usize, most: usize) -> Option<(u32, usize)> {
    let len = bytes[at.min(bytes.len())..]
        .iter()
        .take(most + 1)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if len == 0 || len > most {
        return None;
    }
    let value = bytes[at..at + len]
        .iter()
        .fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    Some((value, at + len))
}

fn numeric(bytes: &[u8], start: usize) -> Option<FoundDate> {
    let (a, end) = digits(bytes, start, 4)?;
    let mark = *bytes.get(end)?;
    if !matches!(mark, b'/' | b'-' | b'.') {
        return None;
    }
    let first_len = end - start;
    let (b, end) = digits(bytes, end + 1, 2)?;
    if bytes.get(end) != Some(&mark) {
        return None;
    }
    let (c, last) = digits(bytes, end + 1, 4)?;
    let last_len = last - end - 1;
    if bytes.get(last).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // "20l7": a digit of the year was read as a letter.
    let letter = bytes.get(last).is_some_and(|b| b"OoIlSB|".contains(b));
    let digit_after = || bytes.get(last + 1).is_none_or(|b| !b.is_ascii_alphabetic());
    if last_len == 2 && letter && digit_after() {
        return None;
    }
    let (year, month, day) = match (first_len, last_len) {
        (4, 1..=2) => (a, b, c),
        (1..=2, 2 | 4) => (c, a, b),
        _ => return None,
    };
    // "7.5.2" and "3.3.6" are section numbers: a dotted date has its whole year.
    if mark == b'.' && last_len != 4 {
        return None;
    }
    Some(FoundDate {
        start,
        end: last,
        date: LetterDate::new(year as i32, month, day),
    })
}

/// Which month a word names, from 1, in full or shortened to three letters or more.
#[must_use]
pub fn month(word: &[u8]) -> Option<u32> {
    if !(3..=9).contains(&word.len()) {
        return None;
    }
    MONTHS
        .iter()
        .position(|name| {
            name.len() >= word.len() && name.as_bytes()[..word.len()].eq_ignore_ascii_case(word)
        })
        .map(|at| at as u32 + 1)
}

/// "14th of December, 2009", "14 December 2009".
fn day_first(bytes: &[u8], start: usize) -> Option<FoundDate> {
    let (day, end) = digits(bytes, start, 2)?;
    let mut at = after_ordinal(bytes, end);
    let gap = at;
    while bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\n')) {
        at += 1;
    }
    if at == gap {
        return None;
    }
    if bytes[at..].starts_with(b"of ") || bytes[at..].starts_with(b"of\n") {
        at += 3;
    }
    let len = bytes[at.min(bytes.len())..]
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let month = month(&bytes[at..at + len])?;
    let (year, end) = digits(bytes, skip_marks(bytes, at + len), 4).filter(|(y, _)| *y >= 1900)?;
    Some(FoundDate {
        start,
        end,
        date: LetterDate::new(year as i32, month, day),
    })
}

fn skip_marks(bytes: &[u8], mut at: usize) -> usize {
    while bytes
        .get(at)
        .is_some_and(|b| matches!(b, b' ' | b'.' | b',' | b'\n'))
    {
        at += 1;
    }
    at
}

/// After "st", "nd", "rd" or "th".
fn after_ordinal(bytes: &[u8], at: usize) -> usize {
    let ordinal = bytes.get(at..at + 2).is_some_and(|s| {
        [b"st", b"nd", b"rd", b"th"]
            .iter()
            .any(|t| s.eq_ignore_ascii_case(*t))
    });
    if ordinal { at + 2 } else { at }
}

/// "July 16, 2014": the month from an offset to another.
fn written(bytes: &[u8], start: usize, end: usize) -> Option<FoundDate> {
    let month = month(&bytes[start..end])?;
    let (day, end) = digits(bytes, skip_marks(bytes, end), 2)?;
    let end = after_ordinal(bytes, end);
    let (year, end) = digits(bytes, skip_marks(bytes, end), 4).filter(|(y, _)| *y >= 1900)?;
    Some(FoundDate {
        start,
        end,
        date: LetterDate::new(year as i32, month, day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        find(text, 0).map(|f| f.date.map_or("impossible".into(), |d| d.to_string()))
    }

    #[test]
    fn every_spelling() {
        for (text, date) in [
            ("on 7/16/14.", "2014-07-16"),
            ("DOI: 07-16-2014", "2014-07-16"),
            ("(February 23, 2012)", "2012-02-23"),
            ("Sept. 3rd, 1999", "1999-09-03"),
            ("2015-03-06", "2015-03-06"),
            ("13/45/2015", "impossible"),
            ("12/31/98", "1998-12-31"),
            ("on the 14th of December, 2009", "2009-12-14"),
        ] {
            assert_eq!(first(text).as_deref(), Some(date), "{text}");
        }
        for text in [
            "3.3.6",
            "7.5/325",
            "page 74-96",
            "10/325/2",
            "may 5",
            "2016",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
