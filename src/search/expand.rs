//! What else a word of a query means: synonyms, brand and generic, and the class or category that
//! it names.

use crate::fields::{BODY_PART, DRUG, FieldDefinition, TREATMENT};
use crate::index::plain_words;
use crate::letter::{Sign, history_named, reasons};
use crate::vocabulary::{
    BodyParts, Drugs, Fold, QueryName, QuickHash, Route, ServiceOrCategory, Services, Synonyms,
    fold, query_name,
};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Fewer words than this name things, and state nothing.
pub(super) const FEWEST_STATING: usize = 4;
/// Names of conditions of so many words are one thing: of a shorter one every word is needed anyway.
const LONG_NAME: usize = 3;
/// More names of one drug than this are not searched.
const MOST_NAMES: usize = 60;

/// Words of a query that mean one thing together, and what else means it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ExpandedTerm {
    /// The words, as places in the list that was expanded.
    pub words: std::ops::Range<usize>,
    /// Other wordings, each a sequence of indexed words, with how it is shown; empty where it is
    /// a mere spelling of another that is.
    pub phrases: Vec<(Vec<String>, String)>,
    /// Facets that the words name: field and path, with how it is shown.
    pub facets: Vec<(&'static FieldDefinition, Vec<String>, String)>,
    /// The words are one thing, and count as one word: "complex regional pain syndrome".
    pub whole: bool,
    /// The words say less than the service that they belong to, so that its requests must have them,
    /// but these.
    pub narrow: Option<&'static [&'static str]>,
}

/// Places of synonym groups, by what is in them.
type ByTerm = HashMap<String, Vec<usize>, QuickHash>;

/// Synonym groups by their terms' indexed words, and how many words the longest term has.
static GROUPS: LazyLock<(ByTerm, usize)> = LazyLock::new(|| {
    let mut by_key = ByTerm::default();
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

/// Reads the tables that so many words of a query are looked up in.
pub(super) fn load(words: usize) {
    let services = || (Services::get(), BodyParts::get());
    let findings = || {
        let states = words >= FEWEST_STATING;
        let reasons = states.then(|| reasons::stated("no gain was documented", Sign::For));
        (history_named("pain"), reasons)
    };
    rayon::join(
        || rayon::join(services, findings),
        || rayon::join(|| LazyLock::force(&GROUPS), Drugs::get),
    );
}

/// Whether a name of a field, at some words, is read as that name: see [`super::concepts`].
pub(super) type IsName<'n> = &'n dyn Fn(&'static FieldDefinition, &std::ops::Range<usize>) -> bool;

/// Divides the words of a query, side by side as typed, into terms: the longest that a table knows
/// first, each word in one term. A wording within which a value is named ("lumbar epidural steroid
/// injection" names a part of the body and a service) is divided into these; what else it means,
/// each of them may mean.
#[must_use]
pub(super) fn terms(typed: &[String], is_name: IsName<'_>) -> Vec<ExpandedTerm> {
    let mut terms = Vec::new();
    let mut at = 0;
    while at < typed.len() {
        let longest = (typed.len() - at).min(longest());
        let lens = (1..=longest).rev();
        let found = lens.clone().find_map(|len| {
            let term = term(typed, at..at + len, is_name);
            let says = !term.phrases.is_empty() || !term.facets.is_empty() || term.whole;
            (len == 1 || says).then_some(term)
        });
        let mut found = found.unwrap_or_default();
        let end = found.words.end.max(at + 1);
        if found.facets.is_empty() && found.words.len() > 1 && !found.whole {
            let mut inside = named_inside(typed, at..end, is_name);
            if inside.iter().any(|term| !term.facets.is_empty()) {
                for term in &mut inside {
                    term.phrases.extend(found.phrases.iter().cloned());
                }
                at = inside.last().map_or(end, |term| term.words.end.max(end));
                terms.append(&mut inside);
                continue;
            }
            // The full name of a condition.
            found.whole = found.words.len() >= LONG_NAME && is_condition(&typed[at..end].join(" "));
        }
        at = end;
        let (before, after) = beside(typed, &found, is_name);
        terms.extend(before);
        terms.push(found);
        terms.extend(after);
    }
    terms
}

fn longest() -> usize {
    GROUPS.1.clamp(4, 8)
}

/// Whether words name a condition, and nothing else.
fn is_condition(words: &str) -> bool {
    !history_named(words).0.is_empty()
}

/// What a term names besides its own value: the part of the body that stands in the name of a service
/// ("knee brace"), where the service is not of that part alone; the kind of medication that a
/// brand is ("Lidoderm").
fn beside(
    typed: &[String],
    term: &ExpandedTerm,
    is_name: IsName<'_>,
) -> (Option<ExpandedTerm>, Option<ExpandedTerm>) {
    let Some((field, path, _)) = term.facets.first() else {
        return (None, None);
    };
    let own = typed[term.words.clone()].join(" ");
    if **field == DRUG && Drugs::get().brand_route(&own) == Some(Route::Topical) {
        let on_the_skin = ExpandedTerm {
            words: term.words.clone(),
            facets: services_named(&["topical medication", "compounded medication"]),
            ..ExpandedTerm::default()
        };
        return (None, Some(on_the_skin));
    }
    let service = path.get(1).filter(|_| **field == TREATMENT);
    let part = service.and_then(|service| part_within(typed, term, service, is_name));
    (part, None)
}

/// The part of the body that the name of a service names, and the service does not.
fn part_within(
    typed: &[String],
    term: &ExpandedTerm,
    service: &str,
    is_name: IsName<'_>,
) -> Option<ExpandedTerm> {
    let own = typed[term.words.clone()].join(" ");
    let of_service = BodyParts::get().named_in(&Fold::new(service));
    let parts = BodyParts::get().named_in(&Fold::new(&own));
    let sizes = (1..term.words.len()).rev();
    let mut within = sizes.flat_map(|len| {
        let starts = term.words.start..=term.words.end - len;
        starts.map(move |start| start..start + len)
    });
    within.find_map(|words| {
        let phrase = typed[words.clone()].join(" ");
        let [part] = BodyParts::get().resolve(&phrase)[..] else {
            return None;
        };
        let of_name = parts.contains(&part) && !of_service.contains(&part);
        (of_name && is_name(&BODY_PART, &words)).then(|| ExpandedTerm {
            facets: vec![(
                &BODY_PART,
                vec![part.to_string()],
                format!("requests for the {part}"),
            )],
            ..unit(&phrase, words)
        })
    })
}

/// Services as values.
fn services_named(names: &[&'static str]) -> Vec<(&'static FieldDefinition, Vec<String>, String)> {
    let services = names.iter().filter_map(|name| Services::get().named(name));
    let value = |service: &'static crate::vocabulary::Service| {
        let path = ServiceOrCategory::Service(service).path();
        let path = path.into_iter().map(str::to_string).collect();
        (&TREATMENT, path, format!("requests for {}", service.name))
    };
    services.map(value).collect()
}

/// The terms within some words, those that name a value before others; the last may reach beyond them
/// ("lumbar epidural" before "steroid").
fn named_inside(
    typed: &[String],
    words: std::ops::Range<usize>,
    is_name: IsName<'_>,
) -> Vec<ExpandedTerm> {
    let mut terms = Vec::new();
    let mut at = words.start;
    while at < words.end {
        let longest = (typed.len() - at).min(longest());
        let named = (1..=longest).rev().find_map(|len| {
            let term = term(typed, at..at + len, is_name);
            (!term.facets.is_empty()).then_some(term)
        });
        let term = named.unwrap_or_else(|| term(typed, at..at + 1, is_name));
        at = term.words.end.max(at + 1);
        terms.push(term);
    }
    terms
}

/// What some words mean, as names where they are read as such.
fn term(typed: &[String], words: std::ops::Range<usize>, is_name: IsName<'_>) -> ExpandedTerm {
    let mut term = unit(&typed[words.clone()].join(" "), words.clone());
    let facets = term.facets.len();
    term.facets.retain(|(field, _, _)| is_name(field, &words));
    // A name that is an ordinary word here is not the thing that it names elsewhere either.
    if term.facets.len() < facets && term.facets.is_empty() {
        term.phrases.clear();
    }
    term
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
    let drugs = Drugs::get();
    let paths = drugs.paths(phrase);
    // A drug or a class of drugs is that, and not all that is a medication.
    let in_query = query_name(phrase).filter(|_| paths.is_none());
    match in_query {
        Some(QueryName::Parts) => return unit,
        Some(QueryName::Words) => unit.whole = own.len() > 1,
        Some(QueryName::Narrow(besides)) => unit.narrow = Some(besides),
        Some(QueryName::Services(_) | QueryName::Also(_)) | None => {}
    }
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
    let names_a_drug = paths.is_some();
    if let Some(paths) = paths {
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
    let is_service = !names_a_drug && !matches!(in_query, Some(QueryName::Words));
    if let Some(QueryName::Services(services)) = in_query {
        for service in services {
            let what = ServiceOrCategory::Service(service);
            facet(
                &TREATMENT,
                what.path(),
                format!("requests for {}", service.name),
            );
        }
    } else if let Some(what) = Services::get().resolve(phrase).filter(|_| is_service) {
        let shown = match what {
            ServiceOrCategory::Service(service) => format!("requests for {}", service.name),
            ServiceOrCategory::Category(category) => format!("requests of category {category}"),
        };
        facet(&TREATMENT, what.path(), shown);
    }
    if let [part] = BodyParts::get().resolve(phrase).as_slice()
        && is_part(part, &own)
    {
        facet(&BODY_PART, vec![part], format!("requests for the {part}"));
    }
    unit
}

/// Whether words are a name of a part of the body itself ("lumbar"), and not of something there that the
/// part does not say ("labral", "L5"): these are words.
fn is_part(part: &str, own: &[String]) -> bool {
    let name = plain_words(&part.replace('-', " "));
    let groups = |words: &[String]| GROUPS.0.get(&words.join(" ")).cloned().unwrap_or_default();
    let of_name = groups(&name);
    own == name || groups(own).iter().any(|group| of_name.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Vec<String> {
        query.split(' ').map(str::to_string).collect()
    }

    fn also(query: &str) -> Vec<String> {
        let shown = terms(&typed(query), &|_, _| true)
            .into_iter()
            .flat_map(|term| {
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
        assert!(!also("opioid").iter().any(|a| a.contains("medication")));
        assert!(also("DME").iter().any(|a| a.contains("equipment")));
    }

    #[test]
    fn values_named_within_a_wording_are_terms_of_their_own() {
        let words = typed("lumbar epidural steroid injection");
        let terms = terms(&words, &|_, _| true);
        assert_eq!(
            (terms[0].words.clone(), terms[1].words.clone()),
            (0..1, 1..4)
        );
        assert_eq!(*terms[0].facets[0].0, BODY_PART);
        assert_eq!(*terms[1].facets[0].0, TREATMENT);
        let terms = super::terms(&typed("lumbar epidural steroid"), &|_, _| true);
        let places: Vec<_> = terms.iter().map(|term| term.words.clone()).collect();
        assert_eq!(places, [0..1, 1..3]);
    }

    #[test]
    fn what_is_within_a_part_of_the_body_is_a_word() {
        let named = |phrase: &str| {
            !terms(&[phrase.to_string()], &|_, _| true)[0]
                .facets
                .is_empty()
        };
        assert!(named("lumbar") && named("T-spine") && named("shoulder") && named("knees"));
        assert!(!named("labral") && !named("L5"));
    }

    fn values(query: &str) -> Vec<String> {
        let facets = terms(&typed(query), &|_, _| true)
            .into_iter()
            .flat_map(|term| term.facets);
        let shown = facets.map(|(field, path, _)| format!("{} {}", field.name, path.join("/")));
        shown.collect()
    }

    #[test]
    fn the_part_of_the_body_in_a_name_of_a_service_is_kept() {
        let brace = "treatment equipment/brace or orthosis";
        for (query, part) in [
            ("knee brace", "knee"),
            ("back brace", "low-back"),
            ("lumbar support", "low-back"),
            ("wrist brace", "wrist"),
            ("shoulder sling", "shoulder"),
        ] {
            assert_eq!(
                values(query),
                [&format!("body-part {part}"), brace],
                "{query}"
            );
        }
        // The service itself is of the part.
        assert_eq!(
            values("knee arthroscopy"),
            ["treatment surgery/knee arthroscopy"]
        );
        assert_eq!(
            values("knee surgery"),
            ["body-part knee", "treatment surgery"]
        );
    }

    #[test]
    fn a_name_is_not_a_wide_class() {
        for query in [
            "crps",
            "refill",
            "suspension",
            "patch",
            "HEP",
            "exercise",
            "report",
        ] {
            assert!(values(query).is_empty(), "{query}: {:?}", values(query));
        }
        assert_eq!(values("CRP"), ["treatment diagnostic-test/laboratory test"]);
        assert!(values("ssri").contains(&"drug antidepressant/sertraline".to_string()));
        assert!(!values("ssri").contains(&"drug antidepressant/duloxetine".to_string()));
        assert_eq!(values("oxycontin"), ["drug opioid analgesic/oxycodone"]);
        assert!(values("oxycodone").len() > 1);
        assert_eq!(values("lidoderm").len(), 3);
        let narrow = |query: &str| terms(&typed(query), &|_, _| true)[0].narrow.is_some();
        assert!(narrow("slap repair") && narrow("stem cells") && !narrow("acupuncture"));
    }

    #[test]
    fn a_condition_is_one_thing() {
        for name in [
            "complex regional pain syndrome",
            "carpal tunnel syndrome",
            "rotator cuff tear",
        ] {
            let words = typed(&format!("{name} mri"));
            let terms = terms(&words, &|_, _| true);
            assert!(terms[0].whole && terms[0].facets.is_empty(), "{name}");
            assert_eq!(terms[0].words.end, words.len() - 1);
        }
    }

    #[test]
    fn words_that_belong_together_are_one_unit() {
        let words = typed("physical therapy knee");
        let units = terms(&words, &|_, _| true);
        assert_eq!(units[0].words, 0..2);
        assert!(units[0].phrases.iter().any(|(way, _)| way == &["pt"]));
        assert_eq!(units[1].words, 2..3);
    }
}
