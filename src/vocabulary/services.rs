//! The services that requests ask for ("MRI", "epidural steroid injection"), one level below the
//! treatment category.
//!
//! The category is a property of the service, so that the two cannot disagree. What a request asks
//! for is decided in `letter::request`; this module finds the words and knows what they stand for.

use super::categories::{CATEGORY_NAMES, treatment_category};
use super::fold::{Fold, fold};
use super::phrases::Phrases;
use super::quick_hash::QuickHash;
use super::resolve::{distance, nearest};
use super::synonyms::Synonyms;
use super::table::Table;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// What kind of thing an item asks for (a row of `services.tsv`).
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// "MRI"; a value of the record's `service`.
    pub name: &'static str,
    /// The treatment category that it belongs to: "imaging".
    pub treatment: &'static str,
}

/// What a person's word for a treatment means: one service, or a whole category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceOrCategory {
    /// "MRI", "acupuncture".
    Service(&'static Service),
    /// "imaging", "DME".
    Category(&'static str),
}

impl ServiceOrCategory {
    /// The facet path: `["imaging"]` or `["imaging", "MRI"]`.
    #[must_use]
    pub fn path(self) -> Vec<&'static str> {
        match self {
            ServiceOrCategory::Service(service) => vec![service.treatment, service.name],
            ServiceOrCategory::Category(category) => vec![category],
        }
    }

    /// The treatment category, of a service its own.
    #[must_use]
    pub fn category(self) -> &'static str {
        match self {
            ServiceOrCategory::Service(service) => service.treatment,
            ServiceOrCategory::Category(category) => category,
        }
    }
}

/// A service or category that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceMatch {
    /// What it names.
    pub what: ServiceOrCategory,
    /// Where: a byte range of the folded text.
    pub at: Range<usize>,
}

/// What a phrase of `service_phrases.tsv` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A service by itself.
    Service(&'static Service),
    /// A general word, whose service the rest of the request decides.
    General(General),
}

/// A word for several services ("arthroscopy"): a name of `service_by_part.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct General(&'static str);

impl General {
    /// The general words for an injection.
    pub const INJECTION: General = General("*injection");
}

/// A phrase found in a request.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePhrase {
    /// What it stands for.
    pub meaning: Meaning,
    /// How much it says: the phrase with the highest rank decides.
    pub rank: f32,
    /// Where: a byte range of the folded request.
    pub at: Range<usize>,
}

/// From this rank on a phrase names a service by itself; below it only hints ("unit", "visit").
pub const NAMES_A_SERVICE: f32 = 6.0;

/// One row of `service_by_part.tsv`.
struct PartRule {
    general: &'static str,
    conditions: Vec<&'static str>,
    service: &'static Service,
}

/// The tables `services.tsv`, `service_phrases.tsv` and `service_by_part.tsv`.
pub struct Services {
    all: &'static [Service],
    meanings: Vec<(Meaning, f32)>,
    names: Vec<&'static str>,
    by_name: HashMap<String, usize, QuickHash>,
    rules: Vec<PartRule>,
    /// The phrases as they are matched, with their plurals.
    folded: Vec<String>,
    /// Built when a text is first read: a filter needs only the names.
    phrases: OnceLock<Phrases>,
    /// How many of `meanings` stand in the table; plurals made of them follow.
    listed: usize,
}

static ALL: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let table = Table::read(
        "services.tsv",
        include_str!("../../index-schema/services.tsv"),
    );
    table
        .rows()
        .map(|row| Service {
            name: row.get("service"),
            treatment: row.get("treatment"),
        })
        .collect()
});

/// The services by their own names, folded; the first of those that are named alike.
static BY_OWN_NAME: LazyLock<HashMap<String, &'static Service, QuickHash>> = LazyLock::new(|| {
    let mut by_name = HashMap::default();
    for service in ALL.iter() {
        by_name.entry(fold(service.name)).or_insert(service);
    }
    by_name
});

fn listed_service(name: &str) -> Option<&'static Service> {
    ALL.iter().find(|service| service.name == name)
}

static TABLE: LazyLock<Services> = LazyLock::new(|| {
    let table = Table::read(
        "service_by_part.tsv",
        include_str!("../../index-schema/service_by_part.tsv"),
    );
    let rules: Vec<PartRule> = table
        .rows()
        .filter_map(|row| {
            Some(PartRule {
                general: row.get("general"),
                conditions: row.list("parts").collect(),
                service: listed_service(row.get("service"))?,
            })
        })
        .collect();
    let table = Table::read(
        "service_phrases.tsv",
        include_str!("../../index-schema/service_phrases.tsv"),
    );
    let (mut meanings, mut names, mut folded) = (Vec::new(), Vec::new(), Vec::new());
    for row in table.rows() {
        let rank = row.get("rank").parse().unwrap_or(f32::NAN);
        let general = rules.iter().find(|rule| rule.general == row.get("service"));
        let meaning = match general {
            Some(rule) => Meaning::General(General(rule.general)),
            None => match listed_service(row.get("service")) {
                Some(service) => Meaning::Service(service),
                None => continue,
            },
        };
        for name in row.list("phrases") {
            names.push(name);
            folded.push(fold(name));
            meanings.push((meaning, rank));
        }
    }
    let listed = meanings.len();
    let mut by_name: HashMap<String, usize, QuickHash> = HashMap::default();
    by_name.reserve(2 * listed);
    for (at, name) in folded.iter().enumerate() {
        by_name.insert(name.clone(), at);
    }
    for at in 0..listed {
        if let Some(plural) = plural(&folded[at])
            && !by_name.contains_key(&plural)
            && !is_another_word(&plural, |other| {
                let of_other = by_name.get(other).map(|n| meanings[*n].0);
                other == folded[at] || of_other == Some(meanings[at].0)
            })
        {
            by_name.insert(plural.clone(), meanings.len());
            meanings.push(meanings[at]);
            folded.push(plural);
        }
    }
    Services {
        all: &ALL,
        folded,
        phrases: OnceLock::new(),
        meanings,
        names,
        by_name,
        rules,
        listed,
    }
});

/// Whether a plural is a word of its own that means something else, and none of its other wordings the
/// same thing: "crps" is no more than one "crp", and "labs" are.
fn is_another_word(plural: &str, is_same: impl Fn(&str) -> bool) -> bool {
    let alike = Synonyms::get().of(plural);
    !alike.is_empty() && !alike.iter().any(|other| is_same(&fold(other)))
}

/// The plural of a phrase's last word, if it is a word that may have one.
pub(super) fn plural(phrase: &str) -> Option<String> {
    let last = phrase.rsplit(' ').next().unwrap_or(phrase);
    if last.len() < 3 || !last.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    match last.as_bytes() {
        [.., b's'] => None,
        [.., before, b'y'] if !b"aeiou".contains(before) => {
            Some(format!("{}ies", &phrase[..phrase.len() - 1]))
        }
        [.., b'x' | b'z'] | [.., b'c' | b's', b'h'] => Some(format!("{phrase}es")),
        _ => Some(format!("{phrase}s")),
    }
}

/// The groups of `like_services.tsv`.
static LIKE: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let table = Table::read(
        "like_services.tsv",
        include_str!("../../index-schema/like_services.tsv"),
    );
    let groups = table
        .rows()
        .map(|row| row.get("services").split('|').collect());
    groups.collect()
});

/// Services that serve the same purpose as one ("CT" for "MRI"), without itself.
pub fn services_like(name: &str) -> impl Iterator<Item = &'static str> {
    let group = LIKE.iter().find(|group| group.contains(&name));
    let others: Vec<&'static str> = group
        .into_iter()
        .flatten()
        .copied()
        .filter(|other| *other != name)
        .collect();
    others.into_iter()
}

impl Services {
    /// The tables, loaded once.
    #[must_use]
    pub fn get() -> &'static Services {
        &TABLE
    }

    fn matcher(&self) -> &Phrases {
        self.phrases
            .get_or_init(|| Phrases::new(self.folded.iter().map(String::as_str)))
    }

    /// Every service, by category, in the order of the table.
    #[must_use]
    pub fn all(&self) -> &'static [Service] {
        self.all
    }

    /// The service of exactly this name, whatever its capitals.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static Service> {
        BY_OWN_NAME.get(&fold(name)).copied()
    }

    /// What a person's word or phrase means ("acupuncture", "esi", "dme", "pt"): a category by its
    /// names, a service by its own name or by a phrase that names it. Never more than was said: a
    /// word that only hints at a service, or names several, means nothing here.
    #[must_use]
    pub fn resolve(&self, word: &str) -> Option<ServiceOrCategory> {
        if let Some(service) = self.at_path(word) {
            return Some(ServiceOrCategory::Service(service));
        }
        if let Some(category) = treatment_category(word) {
            return Some(ServiceOrCategory::Category(category));
        }
        if let Some(service) = self.named(word) {
            return Some(ServiceOrCategory::Service(service));
        }
        let at = *self.by_name.get(&fold(word))?;
        match self.meanings[at] {
            (Meaning::Service(service), rank) if rank >= NAMES_A_SERVICE => {
                Some(ServiceOrCategory::Service(service))
            }
            _ => None,
        }
    }

    /// The service at a facet path ("imaging/MRI"): so "pharmacy/medication" is one service, while
    /// "medication" is what people call the category.
    fn at_path(&self, path: &str) -> Option<&'static Service> {
        let (treatment, name) = path.trim_start_matches('/').split_once('/')?;
        let service = self.named(name)?;
        (service.treatment == treatment.trim()).then_some(service)
    }

    /// The names nearest to a word that means nothing.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Vec<String> {
        nearest(word, self.words())
    }

    /// Every name that a filter understands: services, categories, then phrases.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        let services = self.all.iter().map(|service| service.name);
        let phrases = self.names.iter().zip(&self.meanings);
        let phrases = phrases
            .filter(|(_, (meaning, rank))| {
                *rank >= NAMES_A_SERVICE && matches!(meaning, Meaning::Service(_))
            })
            .map(|(name, _)| *name);
        services
            .chain(CATEGORY_NAMES.iter().copied())
            .chain(phrases)
    }

    /// The phrases of a request, left to right.
    #[must_use]
    pub fn phrases_in(&self, request: &Fold) -> Vec<ServicePhrase> {
        self.matcher()
            .find(request)
            .into_iter()
            .map(|found| {
                let (meaning, rank) = self.meanings[found.phrase];
                ServicePhrase {
                    meaning,
                    rank,
                    at: found.at,
                }
            })
            .collect()
    }

    /// A request with its misspelled words corrected, where the vocabulary tells how they are
    /// spelled ("accupunctre"); None where nothing is corrected.
    #[must_use]
    pub fn respelled(&self, request: &Fold) -> Option<Fold> {
        /// Requests are short; what is longer is not gone through word by word.
        const MOST_WORDS: usize = 16;
        let mut corrected = false;
        let words: Vec<&str> = request
            .text
            .split(' ')
            .take(MOST_WORDS)
            .map(|word| match nearest_word(word) {
                Some(known) => {
                    corrected = true;
                    known
                }
                None => word,
            })
            .collect();
        corrected.then(|| Fold::new(&words.join(" ")))
    }

    /// The service of a general word in a request that names these parts of the body. `sessions`
    /// says whether the request counts sessions.
    ///
    /// # Panics
    /// Never: a test holds that the last row of a general word has no condition.
    #[must_use]
    pub fn decide(
        &self,
        general: General,
        request: &Fold,
        parts: &[&'static str],
        sessions: bool,
    ) -> &'static Service {
        let holds = |condition: &&str| match condition.strip_prefix('"') {
            Some(words) => has_words(&request.text, words.trim_end_matches('"')),
            None if *condition == "sessions" => sessions,
            None => parts.contains(condition),
        };
        let of_word = self.rules.iter().filter(|rule| rule.general == general.0);
        of_word
            .filter(|rule| rule.conditions.is_empty() || rule.conditions.iter().any(holds))
            .map(|rule| rule.service)
            .next()
            .unwrap_or(&self.all[self.all.len() - 1])
    }

    /// The services that a text of several sentences names by themselves, left to right: what was
    /// done earlier, or what a document asks for.
    #[must_use]
    pub fn named_in(&self, text: &Fold) -> Vec<ServiceMatch> {
        self.matcher()
            .find(text)
            .into_iter()
            .filter_map(|found| match self.meanings[found.phrase] {
                (Meaning::Service(service), rank) if rank >= NAMES_A_SERVICE => {
                    Some(ServiceMatch {
                        what: ServiceOrCategory::Service(service),
                        at: found.at,
                    })
                }
                _ => None,
            })
            .collect()
    }

    /// The services and categories that the words of a query name, left to right, the longest
    /// phrases first.
    #[must_use]
    pub fn concepts_in(&self, query: &Fold) -> Vec<ServiceMatch> {
        let mut found: Vec<ServiceMatch> = CATEGORY_PHRASES
            .find(query)
            .into_iter()
            .filter_map(|found| {
                let category = treatment_category(CATEGORY_NAMES[found.phrase])?;
                Some(ServiceMatch {
                    what: ServiceOrCategory::Category(category),
                    at: found.at,
                })
            })
            .chain(self.named_in(query))
            .collect();
        found.sort_by_key(|m| (m.at.start, std::cmp::Reverse(m.at.end)));
        let mut end = 0;
        found.retain(|m| {
            let free = m.at.start >= end;
            if free {
                end = m.at.end;
            }
            free
        });
        found
    }

    /// The rows, for the integrity test: phrase, what it stands for, rank.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Meaning, f32)> {
        let meanings = &self.meanings[..self.listed];
        let rows = self.names.iter().zip(meanings);
        rows.map(|(name, (meaning, rank))| (*name, *meaning, *rank))
    }
}

static CATEGORY_PHRASES: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new(CATEGORY_NAMES.iter().copied()));

/// The words of phrases that name a service, long enough to be told from others when misspelled.
static LONG_WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let rows = Services::get().rows();
    let mut words: Vec<&'static str> = rows
        .filter(|(_, _, rank)| *rank >= NAMES_A_SERVICE)
        .flat_map(|(name, _, _)| name.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|word| word.len() >= SHORTEST_MISSPELLED)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
});

/// A shorter word is too near to too many others.
const SHORTEST_MISSPELLED: usize = 7;

/// The word of a service that a misspelled word is nearest to: it begins alike, and no other is as
/// near.
fn nearest_word(word: &str) -> Option<&'static str> {
    const LONGEST: usize = 24;
    let word = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
    if !(SHORTEST_MISSPELLED..=LONGEST).contains(&word.len()) {
        return None;
    }
    let limit = if word.len() < 9 { 1 } else { 2 };
    let begins_alike = |known: &&&str| known.as_bytes()[0] == word.as_bytes()[0];
    let mut best: Option<(usize, &'static str)> = None;
    let mut tied = false;
    for known in LONG_WORDS.iter().filter(begins_alike) {
        let Some(distance) = distance(word, known, limit) else {
            continue;
        };
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, known));
                tied = false;
            }
        }
    }
    best.filter(|(distance, _)| *distance > 0 && !tied)
        .map(|(_, known)| known)
}

/// Whether words stand in a folded text as whole words.
fn has_words(text: &str, words: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric();
    text.match_indices(words).any(|(at, _)| {
        let before = text.as_bytes()[..at].last();
        let after = text.as_bytes().get(at + words.len());
        !before.is_some_and(|b| is_word(*b)) && !after.is_some_and(|b| is_word(*b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_services_are_services_and_in_one_group() {
        let mut seen = std::collections::HashSet::new();
        for name in LIKE.iter().flatten() {
            assert!(ALL.iter().any(|service| service.name == *name), "{name}");
            assert!(seen.insert(*name), "{name} is in two groups");
        }
        assert!(services_like("MRI").any(|name| name == "CT"));
        assert_eq!(services_like("dental care").count(), 0);
    }

    fn resolved(word: &str) -> Option<Vec<&'static str>> {
        Services::get().resolve(word).map(ServiceOrCategory::path)
    }

    #[test]
    fn a_word_means_a_service_or_a_category_and_no_more() {
        assert_eq!(
            resolved("acupuncture"),
            Some(vec!["rehabilitation", "acupuncture"])
        );
        assert_eq!(
            resolved("ESI"),
            Some(vec!["injection", "epidural steroid injection"])
        );
        assert_eq!(resolved("DME"), Some(vec!["equipment"]));
        assert_eq!(
            resolved("pt"),
            Some(vec!["rehabilitation", "physical therapy"])
        );
        assert_eq!(resolved("mri"), Some(vec!["imaging", "MRI"]));
        assert_eq!(resolved("rehabilitation"), Some(vec!["rehabilitation"]));
        // A word that names several services, or hints at one, is no value.
        assert_eq!(resolved("arthroscopy"), None);
        assert_eq!(resolved("unit"), None);
        assert_eq!(resolved("medication"), Some(vec!["pharmacy"]));
        assert_eq!(
            resolved("/pharmacy/medication"),
            Some(vec!["pharmacy", "medication"])
        );
    }

    #[test]
    fn every_service_has_its_own_category() {
        for service in Services::get().all() {
            assert_eq!(
                treatment_category(service.treatment),
                Some(service.treatment)
            );
            let found = Services::get().named(&service.name.to_uppercase());
            assert_eq!(found, Some(service), "{}", service.name);
        }
    }

    #[test]
    fn concepts_of_a_query() {
        let found = |query: &str| -> Vec<Vec<&'static str>> {
            let found = Services::get().concepts_in(&Fold::new(query));
            found.into_iter().map(|m| m.what.path()).collect()
        };
        assert_eq!(
            found("lumbar mri and physical therapy"),
            [
                vec!["imaging", "MRI"],
                vec!["rehabilitation", "physical therapy"]
            ]
        );
        assert_eq!(found("DME denied"), [vec!["equipment"]]);
        assert!(found("back to full duty").is_empty());
        assert_eq!(
            found("PT/PTT"),
            [vec!["diagnostic-test", "laboratory test"]]
        );
    }

    #[test]
    fn misspelled_words_are_corrected() {
        let respelled = |request: &str| {
            let fold = Services::get().respelled(&Fold::new(request));
            fold.map(|fold| fold.text)
        };
        assert_eq!(
            respelled("acupunctire 6 visits").as_deref(),
            Some("acupuncture 6 visits")
        );
        assert_eq!(respelled("acupuncture"), None);
        assert_eq!(respelled("a thing of no known kind"), None);
    }

    #[test]
    fn plurals_are_made() {
        assert_eq!(plural("nerve block").as_deref(), Some("nerve blocks"));
        assert_eq!(plural("nerve study").as_deref(), Some("nerve studies"));
        assert_eq!(plural("spinal tap").as_deref(), Some("spinal taps"));
        assert_eq!(plural("labs"), None);
        assert_eq!(resolved("labs"), resolved("laboratory"));
        assert_eq!(resolved("crps"), None);
        assert_eq!(plural("99213"), None);
    }
}
