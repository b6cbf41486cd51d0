//! The treatment categories and the words that name a whole one.

use super::fold::fold;
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The values of `treatment`.
pub const TREATMENTS: [&str; 11] = [
    "pharmacy",
    "imaging",
    "diagnostic-test",
    "rehabilitation",
    "injection",
    "surgery",
    "equipment",
    "evaluation",
    "behavioral-health",
    "home-health",
    "other",
];

struct CategoryTable {
    names: Vec<&'static str>,
    by_name: HashMap<String, &'static str>,
}

static TABLE: LazyLock<CategoryTable> = LazyLock::new(|| {
    let table = Table::read(
        "treatment_categories.tsv",
        include_str!("../../index-schema/treatment_categories.tsv"),
    );
    let (mut names, mut by_name) = (Vec::new(), HashMap::new());
    for row in table.rows() {
        for name in std::iter::once(row.get("treatment")).chain(row.list("aliases")) {
            // "other" says nothing in a sentence, and is a value all the same.
            if name != "other" {
                names.push(name);
            }
            by_name.insert(fold(name), row.get("treatment"));
        }
    }
    CategoryTable { names, by_name }
});

/// Every word that names a category and nothing else.
pub(super) static CATEGORY_NAMES: LazyLock<&'static [&'static str]> =
    LazyLock::new(|| TABLE.names.as_slice());

/// The treatment category that a word names ("DME", "imaging"); None for a single service ("MRI").
#[must_use]
pub fn treatment_category(word: &str) -> Option<&'static str> {
    TABLE.by_name.get(&fold(word)).copied()
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
