//! Words that are spelled right, whatever letters print: all words of the tables, and words of medicine
//! and of the trade that are near to one of them.

use super::{BodyParts, Drugs, Guidelines, Services, Specialties, Synonyms, is_stop_word};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static TABLES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let synonyms = Synonyms::get().groups().iter().flatten().copied();
    let drugs = Drugs::get();
    let classes = drugs.classes().iter();
    let classes = classes.flat_map(|(class, aliases)| aliases.iter().copied().chain([*class]));
    // Not their phrases: those have misspellings on purpose.
    let names = Services::get().all().iter().map(|service| service.name);
    let phrases = synonyms
        .chain(drugs.all_names())
        .chain(classes)
        .chain(names)
        .chain(BodyParts::get().names())
        .chain(Specialties::get().names())
        .chain(Guidelines::get().names().iter().map(|(name, _)| *name));
    let mut words: HashSet<String> = phrases.flat_map(split).collect();
    words.extend(Specialties::get().spellings().flat_map(split));
    words
});

/// The words of `spelled_words.txt`: whether each is an ordinary one.
static OTHERS: LazyLock<HashMap<String, bool>> = LazyLock::new(|| {
    let table = include_str!("../../index-schema/spelled_words.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let mut words = HashMap::new();
    let mut ordinary = false;
    for line in lines {
        match line.trim() {
            "[ordinary]" => ordinary = true,
            line => words.extend(split(line).map(|word| (word, ordinary))),
        }
    }
    words
});

fn split(phrase: &str) -> impl Iterator<Item = String> {
    let words = phrase.split(|c: char| !c.is_ascii_alphabetic());
    words
        .filter(|word| word.len() > 2)
        .map(str::to_ascii_lowercase)
}

/// Whether a lower-case word is spelled right.
#[must_use]
pub fn is_spelled_right(word: &str) -> bool {
    is_stop_word(word) || TABLES.contains(word) || OTHERS.contains_key(word)
}

/// Whether a lower-case word is one of everyday language that no table has: right, but not what is meant
/// where a name that is one letter away would be.
#[must_use]
pub fn is_ordinary_word(word: &str) -> bool {
    OTHERS.get(word) == Some(&true) && !TABLES.contains(word) && !is_stop_word(word)
}

/// Whether a lower-case word is of a table: a name, or a word of one.
#[must_use]
pub fn is_of_tables(word: &str) -> bool {
    TABLES.contains(word)
}

/// The words of the tables.
pub fn table_words() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tables_and_their_neighbors() {
        for word in [
            "carpal",
            "acupuncture",
            "hydrocodone",
            "adduction",
            "peroneal",
            "which",
        ] {
            assert!(is_spelled_right(word), "{word}");
        }
        for word in ["carpel", "acupunctur", "accupuncture", "documentaton"] {
            assert!(!is_spelled_right(word), "{word}");
        }
        assert!(is_ordinary_word("lumber") && !is_ordinary_word("adduction"));
        assert!(is_of_tables("carpal") && !is_of_tables("adduction"));
    }
}
