//! What else a word of a query means: synonyms, brand and generic, and the class or category that
//! it names.

use crate::fields::{BODY_PART, DRUG, FieldDefinition, TREATMENT};
use crate::index::plain_words;
use crate::vocabulary::{BodyParts, Drugs, Synonyms, fold, treatment_category};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// More names of one drug than this are not searched.
const MOST_NAMES: usize = 60;

/// Words of a query that mean one thing together, and what else means it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExpandedTerm {
    /// The words, as places in the list that was expanded.
    pub words: std::ops::Range<usize>,
    /// Other wordings, each a sequence of indexed words, with how it is shown; empty where it is
    /// a mere spelling of another that is.
    pub phrases: Vec<(Vec<String>, String)>,
    /// Facets that the words name: field and path, with how it is shown.
    pub facets: Vec<(&'static FieldDefinition, Vec<String>, String)>,
}

/// Synonym groups by their terms' indexed words.
static GROUPS: LazyLock<(HashMap<String, Vec<usize>>, usize)> = LazyLock::new(|| {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut longest = 1;
    for (n, group) in Synonyms::get().groups().iter().enumerate() {
        for term in group {
            let key = plain_words(term);
            longest = longest.max(key.len());
            let groups = by_key.entry(key.join(" ")).or_default();
            if !groups.contains(&n) {
                groups.push(n);
            }
        }
    }
    (by_key, longest)
});

/// Divides the words of a query, side by side as typed, into terms: the longest that a table knows
/// first, each word in one term.
#[must_use]
pub fn terms(typed: &[String]) -> Vec<ExpandedTerm> {
    let longest = GROUPS.1.clamp(4, 8);
    let mut terms = Vec::new();
    let mut at = 0;
    while at < typed.len() {
        let reach = (typed.len() - at).min(longest);
        let found = (1..=reach).rev().find_map(|len| {
            let phrase = typed[at..at + len].join(" ");
            let unit = unit(&phrase, at..at + len);
            (len == 1 || !unit.phrases.is_empty() || !unit.facets.is_empty()).then_some(unit)
        });
        let unit = found.unwrap_or_default();
        at = unit.words.end.max(at + 1);
        terms.push(unit);
    }
    terms
}

/// What phrases were found to mean: the tables do not change while the program runs.
static KNOWN: LazyLock<Mutex<HashMap<String, ExpandedTerm>>> = LazyLock::new(Mutex::default);

/// Phrases remembered; a full memory is emptied.
const REMEMBERED: usize = 1 << 12;

/// Longer phrases are not remembered, in bytes.
const LONGEST_REMEMBERED: usize = 64;

fn unit(phrase: &str, words: std::ops::Range<usize>) -> ExpandedTerm {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(unit) = known().get(phrase) {
        return ExpandedTerm {
            words,
            ..unit.clone()
        };
    }
    let unit = looked_up(phrase);
    if phrase.len() <= LONGEST_REMEMBERED {
        let mut known = known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(phrase.to_string(), unit.clone());
    }
    ExpandedTerm { words, ..unit }
}

/// What a phrase means by the tables.
fn looked_up(phrase: &str) -> ExpandedTerm {
    let own = plain_words(phrase);
    let mut unit = ExpandedTerm::default();
    let mut add = |text: &str, shown: bool| {
        let way = plain_words(text);
        if !way.is_empty() && way != own && !unit.phrases.iter().any(|(w, _)| *w == way) {
            let shown = if shown { text } else { "" };
            unit.phrases.push((way, shown.to_string()));
        }
    };
    for group in GROUPS.0.get(&own.join(" ")).into_iter().flatten() {
        for term in &Synonyms::get().groups()[*group] {
            add(term, true);
        }
    }
    let drugs = Drugs::get();
    if let Some(generic) = drugs.named(phrase) {
        let named_generic = fold(generic.name) == fold(phrase);
        let mut generics = vec![generic];
        if named_generic {
            generics.extend(
                drugs
                    .containing(generic.name)
                    .filter(|g| g.name != generic.name),
            );
        }
        let names = generics.iter().flat_map(|generic| {
            let others = drugs.own_names_of(generic);
            std::iter::once((generic.name, true)).chain(others)
        });
        for (name, well_known) in names.take(MOST_NAMES) {
            add(name, well_known);
        }
    }
    let mut facet = |field: &'static FieldDefinition, path: Vec<&str>, shown: String| {
        let path = path.into_iter().map(str::to_string).collect();
        unit.facets.push((field, path, shown));
    };
    if let Some(paths) = drugs.paths(phrase) {
        let is_class = paths.iter().all(|path| path.len() == 1);
        for path in paths {
            let shown = match path.as_slice() {
                [class] => format!("drugs of class {class}"),
                [.., name] => (*name).to_string(),
                [] => continue,
            };
            facet(
                &DRUG,
                path,
                if is_class {
                    shown
                } else {
                    format!("requests for {shown}")
                },
            );
        }
    }
    if let Some(category) = treatment_category(phrase) {
        facet(
            &TREATMENT,
            vec![category],
            format!("requests of category {category}"),
        );
    }
    if let [part] = BodyParts::get().resolve(phrase).as_slice() {
        facet(&BODY_PART, vec![part], format!("requests for the {part}"));
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Vec<String> {
        query.split(' ').map(str::to_string).collect()
    }

    fn also(query: &str) -> Vec<String> {
        let shown = terms(&typed(query)).into_iter().flat_map(|term| {
            let phrases = term.phrases.into_iter().map(|(_, shown)| shown);
            let facets = term.facets.into_iter().map(|(_, _, shown)| shown);
            phrases.chain(facets).collect::<Vec<_>>()
        });
        shown.filter(|shown| !shown.is_empty()).collect()
    }

    #[test]
    fn brand_generic_and_class() {
        assert!(also("norco").iter().any(|a| a == "vicodin"));
        assert!(also("hydrocodone").iter().any(|a| a == "norco"));
        assert!(
            also("opioid")
                .iter()
                .any(|a| a == "drugs of class opioid analgesic")
        );
        assert!(
            also("PPI")
                .iter()
                .any(|a| a == "drugs of class proton pump inhibitor")
        );
        assert!(also("DME").iter().any(|a| a.contains("equipment")));
    }

    #[test]
    fn words_that_belong_together_are_one_unit() {
        let words = typed("physical therapy knee");
        let units = terms(&words);
        assert_eq!(units[0].words, 0..2);
        assert!(units[0].phrases.iter().any(|(way, _)| way == &["pt"]));
        assert_eq!(units[1].words, 2..3);
    }
}
