//! The words that the letters on a cluster have, as the last push told them: by them spellings are judged,
//! and wordings that no letter has are left out of queries.

use super::super::plan::{FieldClause, FieldTest, Origin};
use super::super::predicate::Test;
use super::super::spelling::{WordSource, few};
use super::client::{Body, Client};
use crate::fields;
use crate::index::{phrase_token, words};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The words of one first letter.
#[derive(Default, Deserialize)]
pub(super) struct Table {
    #[serde(default)]
    stems: HashMap<String, Vec<u64>>,
    #[serde(default)]
    surfaces: BTreeMap<String, u64>,
}

/// Words with the documents that have them.
type Frequencies = Arc<Vec<(String, u64)>>;

/// What was read of one state of the index.
#[derive(Default)]
pub(super) struct TermCache {
    tables: Mutex<HashMap<char, Arc<Table>>>,
    near: Mutex<HashMap<char, Frequencies>>,
    /// Values by facet.
    pub values: Mutex<HashMap<String, Arc<Vec<String>>>>,
    /// Documents of the index that was pushed.
    pub documents: u64,
    /// Its letters.
    pub letters: u64,
    /// Nested documents that have a text field, by its key.
    pub units: Mutex<HashMap<String, u64>>,
}

impl TermCache {
    /// Nothing yet of an index of so many documents and letters.
    pub(super) fn of(documents: u64, letters: u64) -> TermCache {
        TermCache {
            documents,
            letters,
            ..TermCache::default()
        }
    }
}

/// The words, read where they are asked for.
pub(super) struct Words<'c> {
    pub client: &'c Client,
    pub cache: &'c TermCache,
    pub deadline: Option<Instant>,
}

impl Words<'_> {
    fn table(&self, first: char) -> Option<Arc<Table>> {
        if !first.is_ascii_lowercase() {
            return None;
        }
        let kept = || {
            self.cache
                .tables
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(table) = kept().get(&first) {
            return Some(Arc::clone(table));
        }
        let path = format!("{}/_doc/imr-words-{first}", self.client.index());
        let mut said = self
            .client
            .get("GET", &path, Body::Nothing, self.deadline)
            .ok()?;
        let table: Table = serde_json::from_value(said["_source"].take()).ok()?;
        let table = Arc::new(table);
        kept().insert(first, Arc::clone(&table));
        Some(table)
    }

    /// The documents that have an indexed word or a phrase, by text field; None of what is in no table.
    fn documents(&self, term: &str) -> Option<Vec<u64>> {
        let table = self.table(term.chars().next()?)?;
        Some(table.stems.get(term).cloned().unwrap_or_default())
    }

    /// The documents that have an indexed word in a text field; None of what is in no table.
    pub(super) fn in_field(&self, term: &str, field: &str) -> Option<u64> {
        let documents = self.documents(term)?;
        let mut by_field = fields::texts().zip(documents);
        let own = by_field.find(|((own, _), _)| own.key == field);
        Some(own.map_or(0, |(_, documents)| documents))
    }

    /// The most documents that have an indexed word in any of some text fields.
    pub(super) fn most(&self, stem: &str, fields: &[&str]) -> u64 {
        let documents = self.documents(stem).unwrap_or_default();
        let by_field = fields::texts().zip(documents);
        let own = by_field.filter(|((field, _), _)| fields.contains(&field.key));
        own.map(|(_, documents)| documents).max().unwrap_or(0)
    }

    /// Whether some letter may have an alternative; `values_of` lists the values of a facet.
    pub(super) fn knows(
        &self,
        alternative: &[FieldClause],
        values_of: &dyn Fn(&str) -> Arc<Vec<String>>,
    ) -> bool {
        alternative.iter().any(|clause| match &clause.test {
            FieldTest::Words(way, origin) => {
                let has = |term: &str| match self.documents(term) {
                    None => true,
                    Some(documents) => {
                        let by_field = fields::texts().zip(documents);
                        by_field
                            .filter(|((field, _), _)| field.key == clause.field)
                            .any(|(_, documents)| documents > 0)
                    }
                };
                match (way.as_slice(), origin) {
                    ([], _) => false,
                    ([word], _) => has(word),
                    (way, Origin::Table) => has(&phrase_token(way)),
                    (way, Origin::Typed) => way.iter().all(|word| has(word)),
                }
            }
            FieldTest::Is(predicate) => match &predicate.test {
                Test::Paths(paths) if clause.boost > 0.0 => match paths.as_slice() {
                    [path] => {
                        let path = path.join("/");
                        values_of(&predicate.field).iter().any(|value| {
                            let below = value.strip_prefix(path.as_str());
                            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                        })
                    }
                    _ => true,
                },
                _ => true,
            },
            FieldTest::Pattern(_) => true,
        })
    }
}

impl WordSource for Words<'_> {
    fn frequency(&self, word: &str) -> u64 {
        let stems = words(word);
        let [stem] = stems.as_slice() else {
            return 0;
        };
        let plain: Vec<&str> = fields::plain_texts().map(|(field, _)| field.key).collect();
        self.most(&stem.text, &plain)
    }

    fn is_common(&self, word: &str) -> bool {
        self.frequency(word) > few(self.cache.documents)
    }

    fn beginning_with(&self, first: char) -> Arc<Vec<(String, u64)>> {
        let kept = || {
            self.cache
                .near
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(words) = kept().get(&first) {
            return Arc::clone(words);
        }
        let table = self.table(first).unwrap_or_default();
        let words = table.surfaces.iter();
        let words: Vec<(String, u64)> = words.map(|(word, n)| (word.clone(), *n)).collect();
        let words = Arc::new(words);
        kept().insert(first, Arc::clone(&words));
        words
    }
}
