//! What a field of an item or a letter must be: a condition without any engine's types.
//!
//! Filters and the concepts of a query come to predicates. A backend looks a predicate up in its
//! index; the naive one reads the field from the letter.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// A condition on one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicate {
    /// The field of the schema: "drug", "guideline_reviewer", "age".
    pub field: Cow<'static, str>,
    /// What its value must be.
    pub test: Test,
}

/// What a value must be: any of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// One of these paths of a facet, or below one of them.
    Paths(Vec<Vec<String>>),
    /// A number (a date is yyyymmdd) in one of these ranges.
    Ranges(Vec<RangeInclusive<u64>>),
    /// One of these exact values.
    Keywords(Vec<Keyword>),
}

/// An exact value, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keyword {
    /// This value.
    Exact(String),
    /// A value that begins so.
    Prefix(String),
}

impl Predicate {
    /// Any of some paths of a facet.
    #[must_use]
    pub fn paths(field: &'static str, paths: Vec<Vec<String>>) -> Predicate {
        Predicate {
            field: Cow::Borrowed(field),
            test: Test::Paths(paths),
        }
    }

    /// A number in any of some ranges.
    #[must_use]
    pub fn ranges(field: &'static str, ranges: Vec<RangeInclusive<u64>>) -> Predicate {
        Predicate {
            field: Cow::Borrowed(field),
            test: Test::Ranges(ranges),
        }
    }

    /// Any of some exact values.
    #[must_use]
    pub fn keywords(field: &'static str, values: Vec<Keyword>) -> Predicate {
        Predicate {
            field: Cow::Borrowed(field),
            test: Test::Keywords(values),
        }
    }

    /// Whether a facet's path is one of the predicate's, or below one.
    #[must_use]
    pub fn has_path(&self, path: &[String]) -> bool {
        let Test::Paths(paths) = &self.test else {
            return false;
        };
        paths.iter().any(|wanted| path.starts_with(wanted))
    }

    /// Whether a number is in one of the predicate's ranges.
    #[must_use]
    pub fn has_number(&self, number: u64) -> bool {
        let Test::Ranges(ranges) = &self.test else {
            return false;
        };
        ranges.iter().any(|range| range.contains(&number))
    }

    /// Whether an exact value is one of the predicate's.
    #[must_use]
    pub fn has_keyword(&self, value: &str) -> bool {
        let Test::Keywords(keywords) = &self.test else {
            return false;
        };
        keywords.iter().any(|keyword| match keyword {
            Keyword::Exact(wanted) => value == wanted,
            Keyword::Prefix(prefix) => value.starts_with(prefix.as_str()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(of: &[&str]) -> Vec<String> {
        of.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_holds_what_is_below_it() {
        let opioids = Predicate::paths("drug", vec![path(&["opioid analgesic"])]);
        assert!(opioids.has_path(&path(&["opioid analgesic", "tramadol"])));
        assert!(opioids.has_path(&path(&["opioid analgesic"])));
        assert!(!opioids.has_path(&path(&["opioid"])));
        assert!(!opioids.has_path(&[]));
        assert!(!opioids.has_number(1) && !opioids.has_keyword("opioid analgesic"));
    }

    #[test]
    fn numbers_and_keywords() {
        let ages = Predicate::ranges("age", vec![0..=30, 60..=u64::MAX]);
        assert!(ages.has_number(30) && ages.has_number(75) && !ages.has_number(45));
        let cases = [Keyword::Exact("A-1".into()), Keyword::Prefix("B".into())];
        let cases = Predicate::keywords("case_number", cases.to_vec());
        assert!(cases.has_keyword("A-1") && cases.has_keyword("B-7") && !cases.has_keyword("A-11"));
    }
}
