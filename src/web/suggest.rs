//! Suggestions while a person types: names of the vocabulary that letters of the index have, from
//! memory. They are made once for every state of the index.

use super::labels;
use crate::fields::{self, Path, Resolve, Values};
use crate::search::{Backend, FacetRequest, Request, SearchError};
use crate::vocabulary::fold;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Suggestions of one answer.
const MOST: usize = 8;
/// Words of the longest name that is looked for.
const LONGEST: usize = 5;
/// Letters of the shortest beginning.
const SHORTEST: usize = 2;

/// A name that can become a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Suggestion {
    /// The filter.
    pub field: &'static str,
    /// The filter's value.
    pub value: String,
    /// The name that begins as typed: "norco".
    pub name: String,
    /// The filter as a person reads it: "drug: acetaminophen/hydrocodone".
    pub label: String,
    /// Letters that have the value; null where it means several values.
    pub letters: Option<u64>,
}

impl Suggestion {
    /// A case number.
    pub(super) fn of_case(case: String) -> Suggestion {
        Suggestion {
            field: fields::CASE.name,
            label: format!("{}: {case}", labels::field(fields::CASE.name)),
            name: case.clone(),
            value: case,
            letters: None,
        }
    }
}

/// An answer.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Suggested<'s> {
    /// The text without the words that a suggestion stands for.
    pub rest: String,
    /// The likeliest first.
    pub suggestions: Vec<&'s Suggestion>,
}

/// All names that letters of the index have.
#[derive(Default)]
pub(super) struct Suggestions {
    all: Vec<Suggestion>,
    /// What stands from each word of each name on, folded, in order; with the name's place, and
    /// whether the name begins there.
    beginnings: Vec<(String, u32, bool)>,
}

impl Suggestions {
    /// The names of an index.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn of(engine: &dyn Backend) -> Result<Suggestions, SearchError> {
        let named: Vec<_> = fields::filters()
            .filter(|(field, filter)| {
                matches!(filter.resolve, Resolve::Names { .. })
                    && field.facet.is_some_and(|facet| facet.figure.is_some())
            })
            .collect();
        let facets = fields::facets().map(|(field, _)| FacetRequest {
            path: field.name.to_string(),
            top: usize::MAX,
        });
        let response = engine.search(&Request {
            limit: 0,
            facets: facets.collect(),
            ..Request::default()
        })?;
        let mut letters: HashMap<&str, BTreeMap<String, u64>> = HashMap::new();
        for counts in &response.facets {
            let values = counts.values.iter().map(|v| (v.value.clone(), v.letters));
            letters.insert(&counts.facet, values.collect());
        }
        let held = |key: &str| -> Vec<String> {
            let field = fields::with_key(key).map_or(key, |field| field.name);
            let values = letters.get(field).into_iter().flat_map(|v| v.keys());
            values.cloned().collect()
        };
        let mut suggestions = Suggestions::default();
        let mut known: HashSet<(&str, String)> = HashSet::new();
        for (field, filter) in named {
            let Some(counts) = letters.get(field.name) else {
                continue;
            };
            for name in filter.resolve.names(&held).into_iter().flatten() {
                let Ok(Values::Paths(paths)) = filter.resolve.values(&name, &held) else {
                    continue;
                };
                let counted: Vec<u64> = paths
                    .iter()
                    .filter_map(|path| counts.get(&path.to_string()).copied())
                    .collect();
                let (value, letters) = match (paths.as_slice(), counted.as_slice()) {
                    (_, []) => continue,
                    ([path], [letters]) => (value_of(field.name, path), Some(*letters)),
                    _ => (name.clone(), None),
                };
                if known.insert((field.name, fold(&name))) {
                    suggestions.all.push(Suggestion {
                        label: format!(
                            "{}: {}",
                            labels::field(field.name),
                            labels::value(field.name, &value)
                        ),
                        field: field.name,
                        value,
                        name,
                        letters,
                    });
                }
            }
        }
        for (n, suggestion) in suggestions.all.iter().enumerate() {
            let folded = fold(&suggestion.name);
            let words = folded.match_indices(' ').map(|(at, _)| at + 1);
            for at in std::iter::once(0).chain(words) {
                let n = u32::try_from(n).unwrap_or(u32::MAX);
                suggestions
                    .beginnings
                    .push((folded[at..].to_string(), n, at == 0));
            }
        }
        suggestions.beginnings.sort();
        Ok(suggestions)
    }

    /// What the last words of a text may become.
    pub(super) fn find(&self, text: &str) -> Suggested<'_> {
        let words: Vec<&str> = text.split_whitespace().collect();
        for len in (1..=LONGEST.min(words.len())).rev() {
            let (rest, last) = words.split_at(words.len() - len);
            let typed = fold(&last.join(" "));
            let suggestions = self.beginning(&typed);
            if !suggestions.is_empty() {
                return Suggested {
                    rest: rest.join(" "),
                    suggestions,
                };
            }
        }
        Suggested::default()
    }

    fn beginning(&self, typed: &str) -> Vec<&Suggestion> {
        if typed.chars().count() < SHORTEST {
            return Vec::new();
        }
        let from = self
            .beginnings
            .partition_point(|(key, _, _)| key.as_str() < typed);
        let rest = &self.beginnings[from..];
        let found = rest.iter().take_while(|(key, _, _)| key.starts_with(typed));
        let mut found: Vec<(bool, bool, &Suggestion)> = found
            .map(|(key, n, first)| (*first && key == typed, *first, &self.all[*n as usize]))
            .collect();
        // A name in full comes first, then names that begin so; of each the most frequent.
        found.sort_by(|a, b| {
            (b.0, b.1, b.2.letters)
                .cmp(&(a.0, a.1, a.2.letters))
                .then_with(|| a.2.name.len().cmp(&b.2.name.len()))
                .then_with(|| a.2.name.cmp(&b.2.name))
        });
        // Several names of one value say the same.
        let mut known = HashSet::new();
        found.retain(|(_, _, one)| known.insert((one.field, one.value.as_str())));
        found
            .into_iter()
            .take(MOST)
            .map(|(_, _, one)| one)
            .collect()
    }
}

/// The value of a filter that means a path.
fn value_of(field: &str, path: &Path) -> String {
    match field {
        // A drug's own name is shorter than its path, and as clear.
        name if name == fields::DRUG.name => labels::value(name, &path.to_string()),
        _ => path.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestions(names: &[(&'static str, &str, &str, u64)]) -> Suggestions {
        let mut all = Suggestions::default();
        for (n, (field, name, value, letters)) in names.iter().enumerate() {
            all.all.push(Suggestion {
                field,
                value: (*value).to_string(),
                name: (*name).to_string(),
                label: format!("{field}: {value}"),
                letters: Some(*letters),
            });
            all.beginnings.push((fold(name), n as u32, true));
            for (at, _) in fold(name).match_indices(' ') {
                all.beginnings
                    .push((fold(name)[at + 1..].to_string(), n as u32, false));
            }
        }
        all.beginnings.sort();
        all
    }

    #[test]
    fn the_last_words_are_completed_and_the_rest_stays() {
        let all = suggestions(&[
            ("drug", "norco", "acetaminophen/hydrocodone", 9),
            ("drug", "norcodeine", "norcodeine", 1),
            (
                "diagnosis",
                "lumbar radiculopathy",
                "low back/lumbar radiculopathy",
                4,
            ),
        ]);
        let found = all.find("taper Norc");
        assert_eq!(found.rest, "taper");
        let names: Vec<&str> = found.suggestions.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["norco", "norcodeine"]);
        let found = all.find("mri lumbar rad");
        assert_eq!((found.rest.as_str(), found.suggestions.len()), ("mri", 1));
        assert_eq!(all.find("radic").suggestions.len(), 1, "any word of a name");
        assert!(all.find("n").suggestions.is_empty() && all.find("").suggestions.is_empty());
    }

    #[test]
    fn several_names_of_one_value_are_one_suggestion() {
        let all = suggestions(&[
            ("service", "mri", "imaging/MRI", 9),
            ("service", "mri scan", "imaging/MRI", 9),
        ]);
        assert_eq!(all.find("mri").suggestions.len(), 1);
    }
}
