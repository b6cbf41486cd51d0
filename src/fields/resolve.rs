//! What a typed value of a filter means: names of the vocabulary, numbers, dates.

use super::path::Path;
use crate::letter::LetterDate;
use crate::letter::date::month;
use crate::vocabulary::{CaseNumber, nearest};
use std::ops::RangeInclusive;

/// The values that the index holds under a facet, for values that no table has.
pub(super) type StoredValues<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// Finds the paths that a typed name means, or the nearest names.
pub(super) type PathsOf = fn(&str, StoredValues<'_>) -> Result<Vec<Path>, Vec<String>>;
/// Lists names: those of the facet first, then others that are understood.
pub(super) type NamesOf = fn(StoredValues<'_>) -> [Vec<String>; 2];

/// How a typed value is understood.
#[derive(Debug, Clone, Copy)]
pub enum Resolve {
    /// One of a few words, or the beginning of just one.
    Choice(fn() -> Vec<&'static str>),
    /// A name of the vocabulary.
    Names {
        /// The paths that a name means, or the nearest names.
        paths: PathsOf,
        /// All names: those of the facet first, then others that are understood. `*` looks among
        /// these, and shells complete them.
        names: NamesOf,
    },
    /// A year or a range of years, which are the facet's values.
    Year,
    /// A number or a range of numbers.
    Number,
    /// A date, a month, a year or a range of them.
    Date,
    /// A case number, or the beginning of one.
    Case,
    /// A guideline's page; which guidelines are meant is said by the filter `guideline`, or by the value
    /// itself where it is a path, as the facet lists it.
    Page(PathsOf),
    /// Who cites, of the filters `guideline` and `page`.
    Side,
}

/// What the values of a filter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// A value of the vocabulary.
    Word,
    /// A number or a range `40..60`.
    Number,
    /// A date, a month, a year, or a range of them `2015-01..2015-06`.
    Date,
}

/// What a typed value means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Any of these paths, or what is below them.
    Paths(Vec<Path>),
    /// A range of numbers.
    Range(RangeInclusive<u64>),
    /// Exactly one of these.
    Keywords(Vec<String>),
    /// Whatever begins so.
    Beginning(String),
}

/// Why a typed value means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueError {
    /// Nothing is called so; the nearest names.
    Unknown(Vec<String>),
    /// It is not of this form.
    Form(&'static str),
}

impl Resolve {
    /// What the values are.
    #[must_use]
    pub fn kind(&self) -> FilterKind {
        match self {
            Resolve::Choice(_) | Resolve::Names { .. } | Resolve::Case | Resolve::Side => {
                FilterKind::Word
            }
            Resolve::Year | Resolve::Number | Resolve::Page(_) => FilterKind::Number,
            Resolve::Date => FilterKind::Date,
        }
    }

    /// What a typed value means by itself. (A page means nothing without its guidelines, nor a side
    /// without what it cites: `search::filters`.)
    ///
    /// # Errors
    /// If it means nothing.
    pub fn values(&self, typed: &str, held: StoredValues<'_>) -> Result<Values, ValueError> {
        Ok(match self {
            Resolve::Choice(words) => Values::Paths(vec![Path::of([choice(typed, &words())?])]),
            Resolve::Names { paths, .. } => {
                Values::Paths(paths(typed, held).map_err(ValueError::Unknown)?)
            }
            Resolve::Year => {
                let form = ValueError::Form("a year or a range of years like 2014..2016");
                let range = numbers(typed).map_err(|error| match error {
                    ValueError::Form(wrong) if wrong == BACKWARD => error,
                    _ => form.clone(),
                })?;
                // "15" would be no letter's year.
                if (1..1900).contains(range.end()) {
                    return Err(form);
                }
                let (from, to) = (*range.start().max(&1900), *range.end().min(&2100));
                let year = |year: u64| Path::of([year.to_string().as_str()]);
                Values::Paths((from..=to).map(year).collect())
            }
            Resolve::Page(paths) if typed.contains('/') => {
                let form = "a page, a range like 74..96, or a page as facets list it";
                Values::Paths(paths(typed, held).map_err(|near| match near.as_slice() {
                    [] => ValueError::Form(form),
                    _ => ValueError::Unknown(near),
                })?)
            }
            Resolve::Number | Resolve::Page(_) => Values::Range(numbers(typed)?),
            Resolve::Date => Values::Range(dates(typed)?),
            Resolve::Case => {
                let number = typed.trim().to_uppercase();
                if number.is_empty() {
                    return Err(ValueError::Unknown(Vec::new()));
                }
                if let Some(stem) = beginning(&number)? {
                    return Ok(Values::Beginning(stem.to_string()));
                }
                if !number.contains(|c: char| c.is_ascii_digit()) {
                    return Err(ValueError::Form("a case number like CM15-0012345"));
                }
                let cases = CaseNumber::all(typed);
                let printed = cases.iter().flat_map(CaseNumber::printed).collect();
                Values::Keywords(if cases.is_empty() {
                    vec![number]
                } else {
                    printed
                })
            }
            Resolve::Side => Values::Keywords(vec![side(typed)?.to_string()]),
        })
    }

    /// The names that a `*` looks among: those of the facet first, then others.
    #[must_use]
    pub fn names(&self, held: StoredValues<'_>) -> [Vec<String>; 2] {
        match self {
            Resolve::Choice(words) => [owned(words()), Vec::new()],
            Resolve::Names { names, .. } => names(held),
            Resolve::Side => [owned(SIDES), Vec::new()],
            _ => [Vec::new(), Vec::new()],
        }
    }
}

/// The sides that cite.
pub const SIDES: [&str; 3] = ["reviewer", "administrator", "either"];

/// The side that a name means.
fn side(typed: &str) -> Result<&'static str, ValueError> {
    let [reviewer, administrator, either] = SIDES;
    match typed.trim().to_lowercase().as_str() {
        "reviewer" | "maximus" => Ok(reviewer),
        "administrator" | "claims-administrator" | "claims administrator" => Ok(administrator),
        "either" | "any" => Ok(either),
        _ => Err(ValueError::Unknown(owned([reviewer, administrator]))),
    }
}

/// Names as a list of its own.
pub(super) fn owned<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_string).collect()
}

/// What stands before the `*` (or `!`) at a value's end; None of a value without.
///
/// # Errors
/// If fewer than two letters do, or a star stands elsewhere.
pub fn beginning(value: &str) -> Result<Option<&str>, ValueError> {
    let stem = value.trim().trim_end_matches(['*', '!']);
    if stem.len() == value.trim().len() {
        return Ok(None);
    }
    if stem.chars().filter(|c| c.is_alphanumeric()).count() < 2 || stem.contains(['*', '!']) {
        return Err(ValueError::Form(
            "the beginning of a name, two letters or more and then a *",
        ));
    }
    Ok(Some(stem))
}

/// One of a few words, or the beginning of just one, whatever the capitals.
pub(super) fn choice(typed: &str, words: &[&'static str]) -> Result<&'static str, ValueError> {
    let lower = typed.to_lowercase();
    let exact = words.iter().find(|word| word.to_lowercase() == lower);
    let found = exact.or_else(|| {
        let begins =
            |word: &&&'static str| !lower.is_empty() && word.to_lowercase().starts_with(&lower);
        let mut beginning = words.iter().filter(begins);
        beginning.next().filter(|_| beginning.next().is_none())
    });
    found.copied().ok_or_else(|| {
        let near = nearest(typed, words.iter().copied());
        ValueError::Unknown(if near.is_empty() {
            owned(words.iter().copied())
        } else {
            near
        })
    })
}

/// What a range should have been whose ends stand the wrong way round.
const BACKWARD: &str = "a range from low to high";

/// "78", "40..60", "..30", "60..", "40-60"; a number is digits, so nothing is negative.
///
/// # Errors
/// If it is neither a number nor a range from low to high.
pub(super) fn numbers(typed: &str) -> Result<RangeInclusive<u64>, ValueError> {
    let bad = || ValueError::Form("a number or a range like 40..60");
    let number = |text: &str| digits(text).ok_or_else(bad);
    let (from, to) = match (typed.split_once(".."), typed.split_once('-')) {
        (Some((from, to)), _) => {
            if from.trim().is_empty() && to.trim().is_empty() {
                return Err(bad());
            }
            (from, to)
        }
        // Only two dots are open to a side: "-5" is no age.
        (None, Some((from, to))) => {
            number(from)?;
            number(to)?;
            (from, to)
        }
        (None, None) => {
            let n = number(typed)?;
            return Ok(n..=n);
        }
    };
    let from = if from.trim().is_empty() {
        0
    } else {
        number(from)?
    };
    let to = if to.trim().is_empty() {
        u64::from(u32::MAX)
    } else {
        number(to)?
    };
    if from > to {
        return Err(ValueError::Form(BACKWARD));
    }
    Ok(from..=to)
}

/// A number of digits only: `parse` would take "+5".
fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// "2015", "2015-03", "2015-03-06", "2015-01..2015-06", "..2005": as numbers yyyymmdd.
///
/// # Errors
/// If it is neither a date nor a range from early to late.
pub(super) fn dates(typed: &str) -> Result<RangeInclusive<u64>, ValueError> {
    let bad = || {
        ValueError::Form(
            "a date, month or year like 3/6/2015, 2015-03-06, Mar 2015 or 2015, or a range like \
             2015-01..2015-06",
        )
    };
    let (from, to) = match typed.split_once("..") {
        None => span(typed).ok_or_else(bad)?,
        Some((a, b)) => {
            if a.trim().is_empty() && b.trim().is_empty() {
                return Err(bad());
            }
            let from = if a.trim().is_empty() {
                0
            } else {
                span(a).ok_or_else(bad)?.0
            };
            let to = if b.trim().is_empty() {
                99_999_999
            } else {
                span(b).ok_or_else(bad)?.1
            };
            (from, to)
        }
    };
    if from > to {
        return Err(ValueError::Form("a range from early to late"));
    }
    Ok(from..=to)
}

/// The first and last day of a date, a month or a year, as ISO 8601 or as Americans write them:
/// "2015-03-06", "3/6/2015", "03-06-2015", "3/2015", "Mar 2015", "March 6, 2015".
fn span(text: &str) -> Option<(u64, u64)> {
    let text = text.trim();
    let parts: Vec<u64> = if text.contains('/') {
        // Month, day, year: the year comes first in a span.
        let mut parts: Vec<u64> = text.split('/').map(digits).collect::<Option<_>>()?;
        if !(2..=3).contains(&parts.len()) {
            return None;
        }
        parts.rotate_right(1);
        parts
    } else if text.contains(char::is_alphabetic) {
        in_words(text)?
    } else {
        let mut parts: Vec<u64> = text.split('-').map(digits).collect::<Option<_>>()?;
        // "02-28-2017": the year is last, as Americans write it.
        if parts.len() > 1 && parts[0] <= 12 && parts.last().is_some_and(|year| *year >= 1900) {
            parts.rotate_right(1);
        }
        parts
    };
    match parts.as_slice() {
        [y] if (1900..=2100).contains(y) => Some((y * 10_000 + 101, y * 10_000 + 1231)),
        [y, m] if (1900..=2100).contains(y) && (1..=12).contains(m) => {
            Some((y * 10_000 + m * 100 + 1, y * 10_000 + m * 100 + 31))
        }
        [y, m, d] => {
            let date = LetterDate::new(
                i32::try_from(*y).ok()?,
                u32::try_from(*m).ok()?,
                u32::try_from(*d).ok()?,
            )?;
            (*y >= 1900).then_some((date.number(), date.number()))
        }
        _ => None,
    }
}

/// "Feb 2017", "Feb. 2017", "February 23, 2012": year, month, day.
fn in_words(text: &str) -> Option<Vec<u64>> {
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let (name, rest) = words.split_first()?;
    let month = u64::from(month(name.trim_end_matches('.').as_bytes())?);
    match rest {
        [year] => Some(vec![digits(year)?, month]),
        [day, year] => Some(vec![digits(year)?, month, digits(day)?]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_numbers() {
        assert_eq!(numbers("40..60"), Ok(40..=60));
        assert_eq!(numbers("..30"), Ok(0..=30));
        assert_eq!(numbers("78"), Ok(78..=78));
        assert_eq!(numbers("40-60"), Ok(40..=60));
        assert_eq!(numbers("60.."), Ok(60..=u64::from(u32::MAX)));
        for odd in [
            "60..40",
            "old",
            "-5",
            "5-",
            "+5",
            "..",
            "",
            "4.5",
            "1..2..3",
            "99999999999999999999",
        ] {
            assert!(numbers(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn ranges_of_dates() {
        assert_eq!(dates("2015-01..2015-06"), Ok(20_150_101..=20_150_631));
        assert_eq!(dates("..2005"), Ok(0..=20_051_231));
        assert_eq!(dates("2015-03-06"), Ok(20_150_306..=20_150_306));
        for american in [
            "3/6/2015",
            "03/06/2015",
            "03-06-2015",
            "March 6, 2015",
            "Mar. 6 2015",
        ] {
            assert_eq!(dates(american), Ok(20_150_306..=20_150_306), "{american}");
        }
        for month in ["3/2015", "Mar 2015", "march 2015"] {
            assert_eq!(dates(month), Ok(20_150_301..=20_150_331), "{month}");
        }
        assert_eq!(dates("Feb 2017..3/6/2017"), Ok(20_170_201..=20_170_306));
        for odd in [
            "2015-13",
            "March",
            "13/1/2015",
            "2/30/2015",
            "1/2/3/2015",
            "Ma 2015",
            "6/",
        ] {
            assert!(dates(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_choice_is_a_word_or_the_beginning_of_one() {
        let words = ["A", "A-prose", "overturned"];
        assert_eq!(choice("a", &words), Ok("A"));
        assert_eq!(choice("OVER", &words), Ok("overturned"));
        assert_eq!(choice("a-", &words), Ok("A-prose"));
        assert!(choice("", &words).is_err());
    }
}
