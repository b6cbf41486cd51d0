//! The names and values by which a search is told: options of the command and parameters of a URL
//! are the same names, and become a [`Request`] here.

use super::error::brief;
use super::request::{Filter, MatchMode, Request, Sort};
use crate::fields::{self, Resolve};
use crate::index::is_commit_name;
use crate::vocabulary::nearest;

/// A parameter that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Its value is none of its words.
    #[error("{name}: '{}' is not {expected}", brief(.value))]
    Value {
        /// The parameter.
        name: String,
        /// As given.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// No parameter is called so.
    #[error("there is no parameter '{name}'{hint}")]
    Unknown {
        /// As given.
        name: String,
        /// The nearest, as a clause.
        hint: String,
    },
}

/// The parameters of a search besides its filters.
pub const OPTIONS: [&str; 7] = [
    "q",
    "match",
    "exact",
    "any-item",
    "mentions",
    "added-after",
    "sort",
];

/// What stands before a filter's name to exclude its values.
const NOT: &str = "not-";

impl Filter {
    /// The filter of an option or parameter: "drug", or "not-drug" to exclude. None if there is no
    /// such filter, or it cannot exclude.
    #[must_use]
    pub fn named(parameter: &str, value: &str) -> Option<Filter> {
        let (name, negated) = match parameter.strip_prefix(NOT) {
            Some(name) => (name, true),
            None => (parameter, false),
        };
        let (field, filter) = fields::filter(name)?;
        // A side is named, not excluded.
        if negated && matches!(filter.resolve, Resolve::Side) {
            return None;
        }
        Some(Filter {
            name: field.name.to_string(),
            value: value.to_string(),
            negated,
        })
    }

    /// The option or parameter that it is given with.
    #[must_use]
    pub fn parameter(&self) -> String {
        let not = if self.negated { NOT } else { "" };
        format!("{not}{}", self.name)
    }
}

impl MatchMode {
    /// Every mode with its name.
    pub const NAMES: [(MatchMode, &'static str); 3] = [
        (MatchMode::Most, "most"),
        (MatchMode::All, "all"),
        (MatchMode::Any, "any"),
    ];
}

impl Sort {
    /// Every order with its name.
    pub const NAMES: [(Sort, &'static str); 6] = [
        (Sort::Relevance, "relevance"),
        (Sort::Decided, "decided"),
        (Sort::Oldest, "oldest"),
        (Sort::Injured, "injured"),
        (Sort::Case, "case"),
        (Sort::Items, "items"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = Sort::NAMES.iter().find(|(sort, _)| *sort == self);
        named.map_or("relevance", |(_, name)| name)
    }
}

impl Request {
    /// Takes one parameter of a search; what is empty says nothing. `Ok(false)` if it is none: the
    /// caller may know it.
    ///
    /// # Errors
    /// If its value is none that it may have.
    pub fn take(&mut self, name: &str, value: &str) -> Result<bool, ParameterError> {
        if value.trim().is_empty() {
            return Ok(OPTIONS.contains(&name) || Filter::named(name, "").is_some());
        }
        let bad = |expected| ParameterError::Value {
            name: name.to_string(),
            value: value.to_string(),
            expected,
        };
        match name {
            "q" => self.query = value.trim().to_string(),
            "match" => {
                let named = MatchMode::NAMES.iter().find(|(_, n)| *n == value);
                self.match_mode = named.ok_or_else(|| bad("most, all or any"))?.0;
            }
            "sort" => {
                let named = Sort::NAMES.iter().find(|(_, n)| *n == value);
                let expected = "relevance, decided, oldest, injured, case or items";
                self.sort = named.ok_or_else(|| bad(expected))?.0;
            }
            "exact" => self.exact = flag(value).ok_or_else(|| bad("true or false"))?,
            "any-item" => self.any_item = flag(value).ok_or_else(|| bad("true or false"))?,
            "mentions" => self.mentions = flag(value).ok_or_else(|| bad("true or false"))?,
            "added-after" => {
                let name = value.trim();
                if !is_commit_name(name) {
                    return Err(bad("the name of a commit, from an earlier response"));
                }
                self.added_after = Some(name.to_string());
            }
            _ => match Filter::named(name, value.trim()) {
                Some(filter) if self.filters.contains(&filter) => {}
                Some(filter) => self.filters.push(filter),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// The parameters that [`Request::take`] makes it of again; only those that say something.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut add = |name: &str, value: &str| pairs.push((name.to_string(), value.to_string()));
        if !self.query.is_empty() {
            add("q", &self.query);
        }
        for filter in &self.filters {
            add(&filter.parameter(), &filter.value);
        }
        if let Some((_, name)) = MatchMode::NAMES
            .iter()
            .find(|(mode, _)| *mode == self.match_mode && *mode != MatchMode::Most)
        {
            add("match", name);
        }
        if self.exact {
            add("exact", "true");
        }
        if self.any_item {
            add("any-item", "true");
        }
        if self.mentions {
            add("mentions", "true");
        }
        if let Some(after) = &self.added_after {
            add("added-after", after);
        }
        if self.sort != Sort::Relevance {
            add("sort", self.sort.name());
        }
        pairs
    }
}

/// The error for a parameter that nobody knows; `others` are known besides those of a search.
#[must_use]
pub fn unknown_parameter(name: &str, others: &[&str]) -> ParameterError {
    let filters = fields::filters().map(|(field, _)| field.name);
    let known = filters.chain(OPTIONS).chain(others.iter().copied());
    let near = nearest(name, known);
    ParameterError::Unknown {
        name: brief(name),
        hint: match near.first() {
            Some(near) => format!("; did you mean '{near}'?"),
            None => String::new(),
        },
    }
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_its_parameters() {
        let mut request = Request::default();
        let pairs = [
            ("q", "norco taper"),
            ("drug", "opioid"),
            ("not-drug", "tramadol"),
            ("decided", "2015-01..2015-06"),
            ("match", "all"),
            ("exact", "true"),
            ("any-item", "on"),
            ("added-after", "0005f0c0a0b1c-1a2b3c4d"),
            ("sort", "decided"),
        ];
        for (name, value) in pairs {
            assert_eq!(request.take(name, value), Ok(true), "{name}");
        }
        let mut again = Request::default();
        for (name, value) in request.parameters() {
            assert_eq!(again.take(&name, &value), Ok(true), "{name}");
        }
        assert_eq!(again, request);
        assert!(again.filters[1].negated && again.filters.len() == 3);
    }

    #[test]
    fn what_says_nothing_is_passed_over_and_what_is_wrong_is_told() {
        let mut request = Request::default();
        assert_eq!(request.take("drug", " "), Ok(true));
        assert_eq!(request, Request::default());
        assert_eq!(request.take("drugs", "norco"), Ok(false));
        assert_eq!(request.take("not-cited-by", "reviewer"), Ok(false));
        assert!(request.take("sort", "best").is_err());
        assert!(request.take("added-after", "yesterday").is_err());
        let error = unknown_parameter("drugs", &["limit"]).to_string();
        assert_eq!(error, "there is no parameter 'drugs'; did you mean 'drug'?");
    }
}
