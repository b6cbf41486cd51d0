//! Words that mean the same thing to somebody who searches letters.

use super::fold::fold;
use super::quick_hash::QuickHash;
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The table, as it is compiled in.
pub const SYNONYMS_TSV: &str = include_str!("../../index-schema/synonyms.tsv");

/// The table `synonyms.tsv`: groups of interchangeable terms.
pub struct Synonyms {
    groups: Vec<Vec<&'static str>>,
    by_term: HashMap<String, Vec<usize>, QuickHash>,
}

static TABLE: LazyLock<Synonyms> = LazyLock::new(|| {
    let table = Table::read("synonyms.tsv", SYNONYMS_TSV);
    let mut groups: Vec<Vec<&'static str>> = Vec::new();
    let mut by_term: HashMap<String, Vec<usize>, QuickHash> = HashMap::default();
    for row in table.rows() {
        let terms: Vec<_> = row.list("terms").collect();
        for term in &terms {
            by_term.entry(fold(term)).or_default().push(groups.len());
        }
        groups.push(terms);
    }
    Synonyms { groups, by_term }
});

impl Synonyms {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static Synonyms {
        &TABLE
    }

    /// The other terms of every group that a term stands in; empty for an unknown one.
    #[must_use]
    pub fn of(&self, term: &str) -> Vec<&'static str> {
        let folded = fold(term);
        let mut others = Vec::new();
        for group in self.by_term.get(&folded).into_iter().flatten() {
            for other in &self.groups[*group] {
                if fold(other) != folded && !others.contains(other) {
                    others.push(*other);
                }
            }
        }
        others
    }

    /// How many words the longest term has: how far ahead a query must be read for one.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.by_term
            .keys()
            .map(|term| term.split(' ').count())
            .max()
            .unwrap_or(1)
    }

    /// The groups, in the order of the table.
    #[must_use]
    pub fn groups(&self) -> &[Vec<&'static str>] {
        &self.groups
    }
}
