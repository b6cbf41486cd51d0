//! The treatment categories and the words that name a whole one.

use super::fold::fold;
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let table = Table::read(
        "treatment_categories.tsv",
        include_str!("../../index-schema/treatment_categories.tsv"),
    );
    let mut by_name = HashMap::new();
    for row in table.rows() {
        by_name.insert(fold(row.get("treatment")), row.get("treatment"));
        for alias in row.list("aliases") {
            by_name.insert(fold(alias), row.get("treatment"));
        }
    }
    by_name
});

/// The treatment category that a word names ("DME", "imaging"); None for a single service ("MRI").
#[must_use]
pub fn treatment_category(word: &str) -> Option<&'static str> {
    TABLE.get(&fold(word)).copied()
}

static STOP_WORDS: LazyLock<std::collections::HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../index-schema/stopwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect()
});

/// Whether a word of a query says nothing about a letter.
#[must_use]
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(word.to_lowercase().as_str())
}
