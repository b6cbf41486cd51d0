//! The filters: their names, what they filter by, and what a typed value means.

use super::error::SearchError;
use super::predicate::{Keyword, Predicate};
use super::request::Filter;
use super::wildcard;
use crate::index::drug_label;
use crate::letter::LetterDate;
use crate::vocabulary::{
    BodyParts, CaseNumber, Drugs, Guidelines, Resolution, Services, Source, Specialties, nearest,
    states,
};
use std::ops::RangeInclusive;

/// What a filter's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// A value of the vocabulary.
    Word,
    /// A number or a range `40..60`.
    Number,
    /// A date, a month, a year, or a range of them `2015-01..2015-06`.
    Date,
}

/// A filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterSpec {
    /// Its name on the command line and in URLs.
    pub name: &'static str,
    /// It holds in an item, not in the letter.
    pub item: bool,
    /// What its values are.
    pub kind: FilterKind,
}

const fn spec(name: &'static str, item: bool, kind: FilterKind) -> FilterSpec {
    FilterSpec { name, item, kind }
}

/// Every filter.
pub const FILTERS: [FilterSpec; 16] = [
    spec("drug", true, FilterKind::Word),
    spec("decision", true, FilterKind::Word),
    spec("treatment", true, FilterKind::Word),
    spec("body-part", true, FilterKind::Word),
    spec("guideline", true, FilterKind::Word),
    spec("page", true, FilterKind::Number),
    spec("cited-by", true, FilterKind::Word),
    spec("specialty", false, FilterKind::Word),
    spec("licensure", false, FilterKind::Word),
    spec("year", false, FilterKind::Number),
    spec("decided", false, FilterKind::Date),
    spec("injured", false, FilterKind::Date),
    spec("age", false, FilterKind::Number),
    spec("sex", false, FilterKind::Word),
    spec("outcome", false, FilterKind::Word),
    spec("case", false, FilterKind::Word),
];

/// The filters that `cited-by` is about.
const CITED: [&str; 2] = ["guideline", "page"];

/// What becomes of the denial of an item.
pub const DECISIONS: [&str; 2] = ["upheld", "overturned"];
/// What becomes of a letter's items together.
pub const OUTCOMES: [&str; 3] = ["upheld", "overturned", "mixed"];
/// Of the injured worker.
pub const SEXES: [&str; 2] = ["male", "female"];

/// What the filters of a request come to: conditions that must all hold.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// On one and the same item.
    pub item: Vec<Condition>,
    /// On the letter.
    pub letter: Vec<Condition>,
}

/// One filter's values.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The filter.
    pub name: &'static str,
    /// It holds in an item, not in the letter.
    pub item: bool,
    /// What has any of its values.
    pub predicate: Predicate,
    /// What matches is left out.
    pub negated: bool,
}

/// Resolves the filters of a request. `values_of` lists the values that the index holds under a
/// facet, for filters without a table.
///
/// # Errors
/// If a value is unknown or of the wrong form.
pub fn resolve(
    filters: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Conditions, SearchError> {
    let mut conditions = Conditions::default();
    let filters = &wildcard::spelled_out(filters, values_of)?;
    let side = guideline_field(filters)?;
    for negated in [false, true] {
        let chosen = |name: &str| -> Vec<&str> {
            filters
                .iter()
                .filter(|f| f.name == name && f.negated == negated)
                .map(|f| f.value.as_str())
                .collect()
        };
        for spec in &FILTERS {
            let values = chosen(spec.name);
            if values.is_empty() || spec.name == "cited-by" {
                continue;
            }
            // A page is looked for in the guidelines that are asked for beside it.
            if spec.name == "guideline" && !chosen("page").is_empty() {
                continue;
            }
            let predicate = match spec.name {
                "page" => pages(side, &values, &chosen("guideline"))?,
                "guideline" => Predicate::paths(side, guideline_paths(&values)?),
                name => one(name, &values, values_of)?,
            };
            let condition = Condition {
                name: spec.name,
                item: spec.item,
                predicate,
                negated,
            };
            if spec.item {
                conditions.item.push(condition);
            } else {
                conditions.letter.push(condition);
            }
        }
    }
    // A side by itself: it cites something.
    let is = |names: &[&str]| filters.iter().any(|f| names.contains(&f.name.as_str()));
    if is(&["cited-by"]) && !is(&CITED) {
        let sources = Source::ALL.map(|source| path_of([source.name()])).into();
        conditions.item.push(Condition {
            name: "cited-by",
            item: true,
            predicate: Predicate::paths(side, sources),
            negated: false,
        });
    }
    Ok(conditions)
}

/// What one field and value of the query language (`drug:norco`) looks for beside the filters, and
/// whether it holds in an item.
///
/// # Errors
/// As [`resolve`].
pub fn field_query(
    name: &str,
    value: &str,
    beside: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Condition, SearchError> {
    let filter = Filter {
        name: name.to_string(),
        value: value.to_string(),
        negated: false,
    };
    let mut filters = vec![filter];
    if CITED.contains(&name) {
        filters.extend(beside.iter().filter(|f| f.name == "cited-by").cloned());
    }
    let mut conditions = resolve(&filters, values_of)?;
    let condition = conditions.item.pop().or_else(|| conditions.letter.pop());
    condition.ok_or_else(|| unknown_filter(name, value))
}

fn one(
    name: &str,
    values: &[&str],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Predicate, SearchError> {
    Ok(match name {
        "drug" => {
            let mut paths = Vec::new();
            for value in values {
                match Drugs::get().resolve(value) {
                    Resolution::Values(found) => {
                        paths.extend(found.into_iter().map(|p| path_of(p.iter().copied())));
                    }
                    // A medication in no table is found by its printed name.
                    Resolution::Unknown(suggestions) => {
                        let unlisted =
                            format!("{}/{}", crate::vocabulary::UNLISTED, value.to_lowercase());
                        let below = values_of("drug");
                        let slashed = drug_label(&value.to_lowercase());
                        let exact = below.iter().find(|v| {
                            **v == unlisted
                                || v.to_lowercase() == value.to_lowercase()
                                || v.rsplit('/').next() == Some(&slashed)
                        });
                        match exact {
                            Some(path) => paths.push(path_of(path.split('/'))),
                            None => return Err(unknown(name, value, suggestions)),
                        }
                    }
                }
            }
            Predicate::paths("drug", paths)
        }
        "decision" => choice("decision", name, values, &DECISIONS)?,
        "outcome" => choice("outcome", name, values, &OUTCOMES)?,
        "sex" => choice("sex", name, values, &SEXES)?,
        "treatment" => {
            let mut paths = Vec::new();
            for value in values {
                let found = Services::get().resolve(value).map(|found| found.category());
                let found =
                    found.ok_or_else(|| unknown(name, value, Services::get().nearest(value)))?;
                paths.push(path_of([found]));
            }
            Predicate::paths("treatment", paths)
        }
        "body-part" => {
            let mut paths = Vec::new();
            for value in values {
                let found = BodyParts::get().resolve(value);
                if found.is_empty() {
                    return Err(unknown(
                        name,
                        value,
                        nearest(value, BodyParts::get().names()),
                    ));
                }
                paths.extend(found.into_iter().map(|p| path_of([p])));
            }
            Predicate::paths("body_part", paths)
        }
        "specialty" => {
            let mut paths = Vec::new();
            for value in values {
                let table = Specialties::get();
                let found = table.named(value).map(str::to_string).or_else(|| {
                    let held = values_of("specialty");
                    held.into_iter().find(|v| v.eq_ignore_ascii_case(value))
                });
                let found = found.ok_or_else(|| {
                    unknown(
                        name,
                        value,
                        nearest(value, table.names().chain(table.spellings())),
                    )
                })?;
                paths.push(path_of([found.as_str()]));
            }
            Predicate::paths("specialty", paths)
        }
        "licensure" => {
            let mut paths = Vec::new();
            for value in values {
                let found = states().iter().find(|(state, short)| {
                    state.eq_ignore_ascii_case(value) || short.eq_ignore_ascii_case(value)
                });
                let found = found.ok_or_else(|| {
                    unknown(
                        name,
                        value,
                        nearest(value, states().iter().map(|(s, _)| *s)),
                    )
                })?;
                paths.push(path_of([found.0]));
            }
            Predicate::paths("licensure", paths)
        }
        "year" => {
            let mut paths = Vec::new();
            for value in values {
                let range = numbers(name, value)?;
                let (from, to) = (*range.start().max(&1900), *range.end().min(&2100));
                paths.extend((from..=to).map(|year| path_of([year.to_string().as_str()])));
            }
            Predicate::paths("year", paths)
        }
        "age" => ranges("age", values, |value| numbers(name, value))?,
        "decided" => ranges("decided", values, |value| dates(name, value))?,
        "injured" => ranges("injured", values, |value| dates(name, value))?,
        "case" => cases(values)?,
        other => {
            return Err(unknown_filter(other, &values.join(", ")));
        }
    })
}

fn unknown_filter(name: &str, value: &str) -> SearchError {
    SearchError::BadValue {
        filter: name.to_string(),
        value: value.to_string(),
        expected: "a filter that imr knows".to_string(),
    }
}

/// A path of a facet, as it is indexed: see [`crate::index::facet_of`].
fn path_of<'a>(segments: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    segments.into_iter().map(drug_label).collect()
}

/// Case numbers, and beginnings of them.
fn cases(values: &[&str]) -> Result<Predicate, SearchError> {
    let mut keywords = Vec::new();
    for value in values {
        let filter = Filter {
            name: "case".to_string(),
            value: value.trim().to_uppercase(),
            negated: false,
        };
        if filter.value.is_empty() {
            return Err(unknown("case", value, Vec::new()));
        }
        if let Some(stem) = wildcard::stem(&filter)? {
            keywords.push(Keyword::Prefix(stem.to_string()));
            continue;
        }
        let typed = CaseNumber::all(value);
        if typed.is_empty() {
            keywords.push(Keyword::Exact(filter.value.clone()));
        }
        let printed = typed.iter().flat_map(CaseNumber::printed);
        keywords.extend(printed.map(Keyword::Exact));
    }
    Ok(Predicate::keywords("case_number", keywords))
}

fn unknown(filter: &str, value: &str, suggestions: Vec<String>) -> SearchError {
    SearchError::UnknownValue {
        filter: filter.to_string(),
        value: value.to_string(),
        suggestions,
    }
}

/// One of a few words, or the beginning of one.
fn choice(
    field: &'static str,
    name: &str,
    values: &[&str],
    words: &[&'static str],
) -> Result<Predicate, SearchError> {
    let mut paths = Vec::new();
    for value in values {
        let lower = value.to_lowercase();
        let found = words.iter().find(|w| **w == lower).or_else(|| {
            let mut starting = words
                .iter()
                .filter(|w| !lower.is_empty() && w.starts_with(&lower));
            starting.next().filter(|_| starting.next().is_none())
        });
        let found = found.ok_or_else(|| {
            let near = nearest(value, words.iter().copied());
            let all = if near.is_empty() {
                words.iter().map(ToString::to_string).collect()
            } else {
                near
            };
            unknown(name, value, all)
        })?;
        paths.push(path_of([*found]));
    }
    Ok(Predicate::paths(field, paths))
}

/// The field of the side that `--cited-by` names; of both where it names both.
fn guideline_field(filters: &[Filter]) -> Result<&'static str, SearchError> {
    let mut field = None;
    for filter in filters.iter().filter(|f| f.name == "cited-by") {
        let lower = filter.value.to_lowercase();
        let side = match lower.as_str() {
            "reviewer" | "maximus" => "guideline_reviewer",
            "administrator" | "claims-administrator" | "claims administrator" => {
                "guideline_administrator"
            }
            "either" | "any" => "guideline",
            _ => {
                return Err(unknown(
                    "cited-by",
                    &filter.value,
                    vec!["reviewer".into(), "administrator".into()],
                ));
            }
        };
        field = match field {
            Some(before) if before != side => Some("guideline"),
            _ => Some(side),
        };
    }
    Ok(field.unwrap_or("guideline"))
}

fn guideline_paths(values: &[&str]) -> Result<Vec<Vec<String>>, SearchError> {
    let mut paths = Vec::new();
    for value in values {
        if let Some(path) = guideline_path(value) {
            paths.push(path);
            continue;
        }
        match Guidelines::get().resolve(value) {
            Resolution::Values(found) => paths.extend(found.into_iter().map(path_of)),
            Resolution::Unknown(near) => return Err(unknown("guideline", value, near)),
        }
    }
    Ok(paths)
}

/// A value as facets list it: "MTUS/Chronic Pain Medical Treatment", or a page below that.
fn guideline_path(value: &str) -> Option<Vec<String>> {
    let mut parts = value.split('/');
    let (source, title, page) = (parts.next()?, parts.next()?, parts.next());
    let known = |row: &&(Source, &str)| row.0.name() == source && row.1 == title;
    Guidelines::get().rows().iter().find(known)?;
    match page {
        None => Some(path_of([source, title])),
        Some(page) if parts.next().is_none() && page.parse::<u16>().is_ok() => {
            Some(path_of([source, title, page]))
        }
        Some(_) => None,
    }
}

/// Pages of the guidelines asked for, or of any MTUS guideline.
fn pages(field: &'static str, values: &[&str], cited: &[&str]) -> Result<Predicate, SearchError> {
    let all = Guidelines::get().rows();
    let mtus = || {
        all.iter()
            .filter(|(s, _)| *s == Source::Mtus)
            .map(|(_, title)| *title)
    };
    let titles: Vec<String> = if cited.is_empty() {
        mtus().map(str::to_string).collect()
    } else {
        let mut titles = Vec::new();
        for path in guideline_paths(cited)? {
            match path.as_slice() {
                [_, title] | [_, title, _] => titles.push(title.clone()),
                _ => titles.extend(mtus().map(str::to_string)),
            }
        }
        titles
    };
    let mut paths = Vec::new();
    for value in values {
        let range = numbers("page", value)?;
        for page in *range.start()..=(*range.end()).min(2000) {
            let page = page.to_string();
            paths.extend(
                titles
                    .iter()
                    .map(|title| path_of([Source::Mtus.name(), title, &page])),
            );
        }
    }
    Ok(Predicate::paths(field, paths))
}

fn ranges(
    field: &'static str,
    values: &[&str],
    read: impl Fn(&str) -> Result<RangeInclusive<u64>, SearchError>,
) -> Result<Predicate, SearchError> {
    let ranges = values.iter().map(|value| read(value));
    Ok(Predicate::ranges(field, ranges.collect::<Result<_, _>>()?))
}

/// "78", "40..60", "..30", "60..", "40-60"; a number is digits, so nothing is negative.
fn numbers(name: &str, value: &str) -> Result<RangeInclusive<u64>, SearchError> {
    let bad = || SearchError::BadValue {
        filter: name.to_string(),
        value: value.to_string(),
        expected: "a number or a range like 40..60".to_string(),
    };
    let number = |text: &str| digits(text).ok_or_else(bad);
    let (from, to) = match (value.split_once(".."), value.split_once('-')) {
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
            let n = number(value)?;
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
        return Err(SearchError::BadValue {
            filter: name.to_string(),
            value: value.to_string(),
            expected: "a range from low to high".to_string(),
        });
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
fn dates(name: &str, value: &str) -> Result<RangeInclusive<u64>, SearchError> {
    let bad = || {
        SearchError::BadValue {
        filter: name.to_string(),
        value: value.to_string(),
        expected: "a date, month or year like 2015-03-06, 2015-03 or 2015, or a range like 2015-01..2015-06".to_string(),
    }
    };
    let span = |text: &str| -> Option<(u64, u64)> {
        let parts: Vec<u64> = text.trim().split('-').map(digits).collect::<Option<_>>()?;
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
    };
    let (from, to) = match value.split_once("..") {
        None => span(value).ok_or_else(bad)?,
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
        return Err(SearchError::BadValue {
            filter: name.to_string(),
            value: value.to_string(),
            expected: "a range from early to late".to_string(),
        });
    }
    Ok(from..=to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_numbers_and_dates() {
        assert_eq!(numbers("age", "40..60").unwrap(), 40..=60);
        assert_eq!(numbers("age", "..30").unwrap(), 0..=30);
        assert_eq!(numbers("page", "78").unwrap(), 78..=78);
        assert!(numbers("age", "60..40").is_err());
        assert!(numbers("age", "old").is_err());
        assert_eq!(numbers("age", "40-60").unwrap(), 40..=60);
        assert_eq!(numbers("age", "60..").unwrap(), 60..=u64::from(u32::MAX));
        for odd in [
            "-5",
            "5-",
            "+5",
            "..",
            "",
            "4.5",
            "1..2..3",
            "99999999999999999999",
        ] {
            assert!(numbers("age", odd).is_err(), "{odd}");
        }
        assert_eq!(
            dates("decided", "2015-01..2015-06").unwrap(),
            20_150_101..=20_150_631
        );
        assert_eq!(dates("injured", "..2005").unwrap(), 0..=20_051_231);
        assert_eq!(
            dates("decided", "2015-03-06").unwrap(),
            20_150_306..=20_150_306
        );
        assert!(dates("decided", "2015-13").is_err());
        assert!(dates("decided", "March").is_err());
    }
}
