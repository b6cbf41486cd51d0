//! What the words of a query are read as besides words: names of the vocabulary that are also ordinary
//! words, decision words, pages of a guideline.
//!
//! Pure functions of the words as typed and of the tables of `index-schema/`.

use crate::fields::TREATMENT;
use crate::vocabulary::{DecisionWords, DoseForms, Drugs, Specialties, Table};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// The most words of a specialty's name.
const LONGEST_SPECIALTY: usize = 5;

/// The most words of a drug's name that a form may follow.
const LONGEST_DRUG: usize = 3;

/// Whether names of the vocabulary are names beside some words: `concept_contexts.tsv`.
struct Context {
    field: &'static str,
    /// None: every name of the field.
    name: Option<&'static str>,
    /// A name only beside these words; otherwise never beside them.
    only: bool,
    before: Vec<&'static str>,
    after: Vec<&'static str>,
}

static CONTEXTS: LazyLock<Vec<Context>> = LazyLock::new(|| {
    let table = Table::read(
        "concept_contexts.tsv",
        include_str!("../../index-schema/concept_contexts.tsv"),
    );
    let context = |row: crate::vocabulary::Row<'_>| Context {
        field: row.get("field"),
        name: Some(row.get("name")).filter(|name| *name != "*"),
        only: row.get("rule") == "only",
        before: row.list("before").collect(),
        after: row.list("after").collect(),
    };
    table.rows().map(context).collect()
});

/// Whether a name of a field, at some words of a query, is read as that name.
#[must_use]
pub(super) fn is_name(field: &str, typed: &[String], at: &Range<usize>) -> bool {
    let name = typed[at.clone()].join(" ").to_lowercase();
    let neighbor = |n: Option<usize>| n.and_then(|n| typed.get(n)).map(|word| word.to_lowercase());
    let before = neighbor(at.start.checked_sub(1));
    // The form of a drug that is named ("fentanyl patch") says how it is given, and is no other thing.
    if field == TREATMENT.name && DoseForms::get().is_form(&name) && ends_a_drug(&typed[..at.start])
    {
        return false;
    }
    let after = neighbor(Some(at.end));
    let is = |words: &[&str], word: &Option<String>| {
        word.as_ref()
            .is_some_and(|word| words.contains(&word.as_str()))
    };
    CONTEXTS
        .iter()
        .filter(|c| c.field == field && c.name.is_none_or(|own| own == name))
        .all(|c| {
            let beside = is(&c.before, &before) || is(&c.after, &after);
            // "pain specialist" says so itself.
            let last = name.rsplit(' ').next().unwrap_or_default();
            let beside = beside || (c.only && name.contains(' ') && c.after.contains(&last));
            let everywhere = c.before.is_empty() && c.after.is_empty();
            (beside || everywhere) == c.only
        })
}

/// Whether words end with the name of a drug.
fn ends_a_drug(typed: &[String]) -> bool {
    let from = typed.len().saturating_sub(LONGEST_DRUG);
    (from..typed.len()).any(|from| Drugs::get().named(&typed[from..].join(" ")).is_some())
}

/// Categories of treatments that a general word of a query is about: "test" of a test, whichever it is.
#[must_use]
pub(super) fn general_word(word: &str) -> Option<Vec<&'static str>> {
    static WORDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
        let table = Table::read(
            "general_words.tsv",
            include_str!("../../index-schema/general_words.tsv"),
        );
        let mut words: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        for row in table.rows() {
            for word in row.list("words") {
                words.entry(word).or_default().push(row.get("treatment"));
            }
        }
        words
    });
    WORDS.get(word.to_lowercase().as_str()).cloned()
}

/// Whether the words of a query are a question ("is acupuncture allowed after ..."): it asks for the
/// decision, and wishes for none.
#[must_use]
pub(super) fn is_question(typed: &[String]) -> bool {
    let first = typed.first().map(|word| word.to_lowercase());
    first.is_some_and(|first| DecisionWords::get().begins_a_question(&first))
}

/// Decision words among the words of a query: where each stands, and the decision it names.
#[must_use]
pub(super) fn decision_words(typed: &[String]) -> Vec<(Range<usize>, &'static str)> {
    let words = DecisionWords::get();
    let lower: Vec<String> = typed.iter().map(|word| word.to_lowercase()).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lower.len() {
        match words.at(&lower[at..]) {
            Some((length, decision)) => {
                found.push((at..at + length, decision));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The pages of a guideline that words of a query name ("page 78", "pp. 78-80"): where they stand, and
/// the pages as the filter takes them.
#[must_use]
pub(super) fn pages(typed: &[String]) -> Vec<(Range<usize>, String)> {
    let is_page = |word: &str| {
        let word = word.trim_end_matches(['.', ':']).to_lowercase();
        matches!(word.as_str(), "page" | "pages" | "pg" | "pgs" | "pp" | "p")
    };
    let number = |word: &str| {
        let digits =
            |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let word = word.trim_end_matches(['.', ',']);
        let is = match word.split_once('-') {
            Some((from, to)) => digits(from) && digits(to),
            None => digits(word),
        };
        is.then(|| word.to_string())
    };
    let pairs = typed.windows(2).enumerate();
    let named = pairs.filter(|(_, pair)| is_page(&pair[0]));
    named
        .filter_map(|(n, pair)| Some((n..n + 2, number(&pair[1])?)))
        .collect()
}

/// The specialties that words of a query name ("by a pain specialist"): where they stand, and which.
#[must_use]
pub(super) fn specialties(typed: &[String]) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < typed.len() {
        let longest = LONGEST_SPECIALTY.min(typed.len() - at);
        let named = (1..=longest).rev().find_map(|len| {
            let words = at..at + len;
            let name = Specialties::get().named(&typed[words.clone()].join(" "))?;
            is_name("specialty", typed, &words).then_some((words, name))
        });
        match named {
            Some((mut words, name)) => {
                let next = typed.get(words.end).map(|word| word.to_lowercase());
                let reviewer = CONTEXTS.iter().filter(|c| c.field == "specialty");
                if reviewer
                    .flat_map(|c| &c.after)
                    .any(|word| Some(*word) == next.as_deref())
                {
                    words.end += 1;
                }
                at = words.end;
                found.push((words, name));
            }
            None => at += 1,
        }
    }
    found
}

/// The bytes of a query from the word at one place to the end of the word at another; places are
/// characters from 1.
#[must_use]
pub(super) fn bytes_of(query: &str, first: usize, last: usize) -> Range<usize> {
    let byte = |place: usize| {
        let place = query.char_indices().nth(place.saturating_sub(1));
        place.map_or(query.len(), |(byte, _)| byte)
    };
    let (start, word) = (byte(first), byte(last));
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ';');
    let rest = &query[word..];
    let chunk = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let chunk = chunk.trim_end_matches(|c: char| !c.is_alphanumeric());
    start..(word + chunk.len()).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Vec<String> {
        query.split(' ').map(str::to_string).collect()
    }

    #[test]
    fn ordinary_words_are_names_where_the_phrase_says_so() {
        let is = |field: &str, query: &str, at: usize| is_name(field, &typed(query), &(at..at + 1));
        assert!(is("body-part", "back pain", 0));
        assert!(!is("body-part", "worker already back to full duty", 2));
        assert!(!is("drug", "exercise to restore function", 2));
        assert!(is("drug", "norco taper", 0));
        assert!(is("specialty", "pain specialist", 0));
        assert!(!is("specialty", "chronic pain", 1));
        assert!(!is("treatment", "after surgery", 1) && is("treatment", "surgery", 0));
        assert!(!is("treatment", "fentanyl patch", 1) && is("treatment", "pain patch", 1));
        assert!(!is("treatment", "RFA form", 0) && is("treatment", "lumbar RFA", 1));
    }

    #[test]
    fn general_words_are_about_categories() {
        assert_eq!(
            general_word("Tests"),
            Some(vec!["imaging", "diagnostic-test"])
        );
        assert_eq!(general_word("norco"), None);
    }

    #[test]
    fn decision_words_are_the_longest() {
        let words = |query: &str| decision_words(&typed(query));
        assert_eq!(words("norco Overturned"), [(1..2, "overturned")]);
        assert_eq!(words("mri not medically necessary"), [(1..4, "upheld")]);
        assert_eq!(words("denial overturned norco"), [(0..2, "overturned")]);
        assert!(words("medically necessary").is_empty());
        assert!(is_question(&typed("Is acupuncture allowed after surgery")));
        assert!(!is_question(&typed("acupuncture is allowed")));
    }

    #[test]
    fn pages_of_guidelines() {
        assert_eq!(pages(&typed("norco page 78")), [(1..3, "78".to_string())]);
        assert_eq!(pages(&typed("pp. 78-80")), [(0..2, "78-80".to_string())]);
        assert!(pages(&typed("page seventy")).is_empty());
        assert!(pages(&typed("page")).is_empty());
    }

    #[test]
    fn specialties_beside_a_word_for_the_reviewer() {
        let names = |query: &str| specialties(&typed(query));
        assert_eq!(names("norco pain specialist"), [(1..3, "Pain Management")]);
        assert_eq!(names("by neurology"), [(1..2, "Neurology")]);
        assert_eq!(names("neurology reviewer"), [(0..2, "Neurology")]);
        assert!(names("chronic pain").is_empty());
    }

    #[test]
    fn a_place_in_bytes() {
        assert_eq!(bytes_of("é norco, taper", 3, 3), 3..8);
        assert_eq!(bytes_of("physical therapy", 1, 10), 0..16);
        assert_eq!(bytes_of("", 1, 1), 0..0);
    }
}
