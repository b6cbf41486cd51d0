//! How like two disputed items are, and two letters: by what is asked for (service, drug), the part of
//! the body, the worker's diagnoses and earlier treatment, and the words that both sides' texts have.
//!
//! Every part is a share between 0 and 1, so a long letter is no more like others than a short one. A
//! part of which the one item says nothing is left out, and the others count for it (docs/ranking.md,
//! "Similar letters").

use crate::index::words;
use crate::letter::sections::floor_char;
use crate::letter::{Diagnosis, Item, Letter};
use crate::vocabulary::{BODY_PARTS, Services, UNLISTED, is_stop_word, services_like};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the parts weigh. Chosen by hand on letters: docs/ranking.md.
mod weight {
    pub(super) const ASKED: f32 = 4.0;
    pub(super) const BODY: f32 = 2.0;
    pub(super) const DIAGNOSES: f32 = 1.5;
    pub(super) const PRIOR: f32 = 0.5;
    pub(super) const WORDS: f32 = 2.0;
    /// A word of a request, and of a case summary, against one of a rationale.
    pub(super) const REQUEST: f32 = 3.0;
    pub(super) const SUMMARY: f32 = 0.5;
}

/// Items that ask for less alike things than this are not alike, whatever else they share.
const ALIKE: f32 = 0.5;
/// Where it is not known what an item asks for, its words must be so alike.
const ALIKE_WORDS: f32 = 0.4;
/// A service that serves the same purpose (like_services.tsv).
const LIKE_SERVICE: f32 = 0.6;
/// Items that are less alike than this on the whole are not listed.
const LEAST: f32 = 0.4;
/// The same where the requests name different parts of the body.
const LEAST_ELSEWHERE: f32 = 0.7;
/// Letters that are less alike than this, all items considered, are not listed.
const LEAST_OF_LETTERS: f32 = 0.15;
/// The cosine of texts on the same subject; of most it is a third of that.
const SAME_SUBJECT: f32 = 0.4;
/// Only the most telling words of an item are compared.
const MOST_WORDS: usize = 60;
/// Items of a letter that are compared; those that ask for the same count once.
const MOST_ITEMS: usize = 12;
/// So much of a passage is read, in bytes.
const REACH: usize = 32 << 10;
/// Shared words that are shown.
const SHOWN_WORDS: usize = 8;

/// An item with what its likeness is judged by.
pub(super) struct ItemProfile<'l> {
    letter: &'l Letter,
    item: &'l Item,
    /// Its place in the letter's list.
    pub(super) at: usize,
    words: WordVector,
}

/// The telling words of a text, as a vector of length 1.
#[derive(Default)]
struct WordVector(BTreeMap<String, (f32, String)>);

/// How much a word tells: 0 of one that does not count.
pub(super) type Rarity<'r> = &'r dyn Fn(&str) -> f32;

impl WordVector {
    fn of(letter: &Letter, item: &Item, rarity: Rarity<'_>) -> WordVector {
        let rationale = letter.own_rationale(item);
        let passages = [
            (item.request.as_str(), weight::REQUEST),
            (&rationale, 1.0),
            (letter.passage(&letter.case_summary), weight::SUMMARY),
        ];
        let mut counts: HashMap<String, (f32, String)> = HashMap::new();
        for (text, weight) in passages {
            let text = &text[..floor_char(text, REACH)];
            for word in words(text) {
                let printed = &text[word.from..word.to];
                let digits = word
                    .text
                    .starts_with(|c: char| c.is_ascii_digit() || c == '#');
                if word.text.len() < 3 || digits || is_stop_word(printed) {
                    continue;
                }
                let entry = counts.entry(word.text);
                entry.or_insert_with(|| (0.0, printed.to_lowercase())).0 += weight;
            }
        }
        let weighed = counts.into_iter().map(|(word, (count, printed))| {
            let weight = (1.0 + count).ln() * rarity(&word);
            (word, (weight, printed))
        });
        let mut telling: Vec<(String, (f32, String))> =
            weighed.filter(|(_, (weight, _))| *weight > 0.0).collect();
        telling.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.0.cmp(&b.0)));
        telling.truncate(MOST_WORDS);
        let length = telling.iter().map(|(_, (w, _))| w * w).sum::<f32>().sqrt();
        for (_, (weight, _)) in &mut telling {
            *weight /= length.max(f32::MIN_POSITIVE);
        }
        WordVector(telling.into_iter().collect())
    }

    fn cosine(&self, other: &WordVector) -> f32 {
        let shared = self.0.iter().filter_map(|(word, (weight, _))| {
            let (theirs, _) = other.0.get(word)?;
            Some(weight * theirs)
        });
        shared.sum()
    }

    /// The words that both have, the most telling first, as printed.
    fn shared(&self, other: &WordVector) -> Vec<(f32, String)> {
        let shared = self.0.iter().filter_map(|(word, (weight, printed))| {
            let (theirs, _) = other.0.get(word)?;
            Some((weight * theirs, printed.clone()))
        });
        shared.collect()
    }
}

/// The items of a letter that ask for different things.
pub(super) fn profiles<'l>(letter: &'l Letter, rarity: Rarity<'_>) -> Vec<ItemProfile<'l>> {
    let mut seen = BTreeSet::new();
    let items = letter.items.iter().enumerate().filter(|(_, item)| {
        let drugs: Vec<&str> = item.drugs.iter().map(|drug| drug.name.as_str()).collect();
        seen.insert((drugs, &item.services, &item.body_parts))
    });
    let items = items.take(MOST_ITEMS);
    items
        .map(|(at, item)| profile(letter, at, item, rarity))
        .collect()
}

/// One item of a letter.
pub(super) fn profile<'l>(
    letter: &'l Letter,
    at: usize,
    item: &'l Item,
    rarity: Rarity<'_>,
) -> ItemProfile<'l> {
    ItemProfile {
        words: WordVector::of(letter, item, rarity),
        letter,
        item,
        at,
    }
}

impl ItemProfile<'_> {
    /// The item.
    pub(super) fn item(&self) -> &Item {
        self.item
    }

    /// What the worker has.
    pub(super) fn diagnoses(&self) -> &[Diagnosis] {
        &self.letter.diagnoses
    }

    /// The most telling words, as indexed, with their weights.
    pub(super) fn telling_words(&self, most: usize) -> Vec<(&str, f32)> {
        let mut words: Vec<(&str, f32)> = self
            .words
            .0
            .iter()
            .map(|(word, (weight, _))| (word.as_str(), *weight))
            .collect();
        words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        words.truncate(most);
        words
    }

    /// How like another item is, between 0 and 1; 0 where they are not alike.
    pub(super) fn likeness(&self, other: &ItemProfile<'_>) -> f32 {
        let asked = asked(self.item, other.item);
        let words = (self.words.cosine(&other.words) / SAME_SUBJECT).min(1.0);
        let alike = match asked {
            Some(asked) => asked >= ALIKE,
            None => words >= ALIKE_WORDS,
        };
        if !alike {
            return 0.0;
        }
        let body = body(self, other);
        let parts = [
            (weight::ASKED, asked),
            (weight::BODY, body),
            (
                weight::DIAGNOSES,
                diagnoses(&self.letter.diagnoses, &other.letter.diagnoses),
            ),
            (weight::PRIOR, prior(self.letter, other.letter)),
            (weight::WORDS, Some(words)),
        ];
        let known = parts
            .iter()
            .filter_map(|(weight, part)| Some((weight, (*part)?)));
        let (sum, all) = known.fold((0.0, 0.0), |(sum, all), (weight, part)| {
            (sum + weight * part, all + weight)
        });
        let likeness = sum / all;
        let least = if body == Some(0.0) {
            LEAST_ELSEWHERE
        } else {
            LEAST
        };
        if likeness < least { 0.0 } else { likeness }
    }
}

/// How alike what two items ask for is; None where the first says nothing of it.
fn asked(a: &Item, b: &Item) -> Option<f32> {
    let says_nothing = a.services.iter().all(|service| service == "other");
    if says_nothing && a.drugs.is_empty() {
        return None;
    }
    let services = services(a, b);
    // What is injected or tested for is no medication.
    if a.drugs.is_empty() || a.treatment != "pharmacy" {
        return Some(services);
    }
    let drugs = both_ways(&a.drugs, &b.drugs, |drug, other| {
        if other.name == drug.name {
            1.0
        } else if other.class == drug.class && drug.class != UNLISTED {
            0.6
        } else {
            0.0
        }
    });
    Some(0.8 * drugs + 0.2 * services)
}

fn services(a: &Item, b: &Item) -> f32 {
    match (a.services.first(), b.services.first()) {
        (Some(first), Some(other)) if first == other => 1.0,
        _ if a
            .services
            .iter()
            .any(|service| b.services.contains(service)) =>
        {
            0.8
        }
        // A whole category was meant.
        (None, _) if a.treatment == b.treatment => 1.0,
        (Some(first), Some(other)) if services_like(first).any(|like| like == other) => {
            LIKE_SERVICE
        }
        _ if a.treatment == b.treatment => 0.25,
        _ => 0.0,
    }
}

/// Whether the same parts of the body are meant: those that the request names, else those of the
/// diagnoses. None where the first says nothing of them.
fn body(a: &ItemProfile<'_>, b: &ItemProfile<'_>) -> Option<f32> {
    let named = |profile: &ItemProfile<'_>| -> BTreeSet<String> {
        profile.item.body_parts.iter().cloned().collect()
    };
    // "low back" of a diagnosis is "low-back" of a request.
    let meant = |profile: &ItemProfile<'_>| -> BTreeSet<String> {
        let diagnoses = profile.letter.diagnoses.iter();
        let regions = diagnoses.map(|diagnosis| diagnosis.region.replace(' ', "-"));
        regions
            .filter(|region| BODY_PARTS.contains(&region.as_str()))
            .collect()
    };
    let of = |profile: &ItemProfile<'_>| {
        let named = named(profile);
        if named.is_empty() {
            (meant(profile), 0.7)
        } else {
            (named, 1.0)
        }
    };
    let ((ours, sure), (theirs, as_sure)) = (of(a), of(b));
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let shared = ours.intersection(&theirs).count() as f32;
    let share = shared / ours.len().min(theirs.len()) as f32;
    // What is only meant makes nothing unlike.
    let sure: f32 = sure * as_sure;
    Some(sure * share + (1.0 - sure) * 0.5)
}

/// Conditions in common; the region alone counts less. None where the first letter names none.
fn diagnoses(a: &[Diagnosis], b: &[Diagnosis]) -> Option<f32> {
    if a.is_empty() {
        return None;
    }
    Some(both_ways(a, b, |one, other| {
        if one.name == other.name {
            1.0
        } else if one.region == other.region && one.region != "unspecified" {
            0.4
        } else {
            0.0
        }
    }))
}

/// How alike two lists are: each entry by the one of the other list that is most like it, then the mean
/// of both directions, so that what only one of them has counts. `like` is the same both ways.
fn both_ways<T>(a: &[T], b: &[T], like: impl Fn(&T, &T) -> f32) -> f32 {
    let one_way = |a: &[T], b: &[T]| {
        let best = a.iter().map(|one| {
            let alike = b.iter().map(|other| like(one, other));
            alike.fold(0.0, f32::max)
        });
        best.sum::<f32>() / a.len().max(1) as f32
    };
    (one_way(a, b) + one_way(b, a)) / 2.0
}

/// Earlier treatment in common. None where the first letter names none.
fn prior(a: &Letter, b: &Letter) -> Option<f32> {
    let of = |letter: &Letter| -> BTreeSet<String> {
        letter
            .prior_treatments
            .iter()
            .map(|prior| prior.service.clone())
            .collect()
    };
    let (ours, theirs) = (of(a), of(b));
    let all = ours.union(&theirs).count();
    (!ours.is_empty()).then(|| ours.intersection(&theirs).count() as f32 / all as f32)
}

/// How like a letter is to some items, and which of its items are.
pub(super) struct LetterLikeness {
    /// Between 0 and 1; 0 where nothing in it is alike.
    pub(super) score: f32,
    /// The places of its items that are alike, each with its likeness, the most alike first.
    pub(super) items: Vec<(usize, f32)>,
    /// Values that both have.
    pub(super) shared: Vec<String>,
    /// Words that both have, the most telling first.
    pub(super) words: Vec<String>,
}

/// Compares items, all of one letter, with a letter. What is asked for in both counts most; what only
/// the other letter asks for makes it a little less alike.
pub(super) fn compare(
    own: &[ItemProfile<'_>],
    letter: &Letter,
    rarity: Rarity<'_>,
) -> LetterLikeness {
    let theirs = profiles(letter, rarity);
    let mut best_own = vec![0.0_f32; own.len()];
    let mut best_theirs = vec![0.0_f32; theirs.len()];
    let mut words: Vec<(f32, String)> = Vec::new();
    let mut shared: BTreeSet<(usize, String)> = BTreeSet::new();
    for (a, best_own) in own.iter().zip(&mut best_own) {
        for (b, best_theirs) in theirs.iter().zip(&mut best_theirs) {
            let like = a.likeness(b);
            *best_own = best_own.max(like);
            *best_theirs = best_theirs.max(like);
            if like > 0.0 {
                words.extend(a.words.shared(&b.words));
                shared_values(a, b, &mut shared);
            }
        }
    }
    let mean = |all: &[f32]| all.iter().sum::<f32>() / all.len().max(1) as f32;
    let score = 0.8 * mean(&best_own) + 0.2 * mean(&best_theirs);
    let mut items: Vec<(usize, f32)> = theirs
        .iter()
        .zip(&best_theirs)
        .filter(|(_, like)| **like > 0.0)
        .map(|(profile, like)| (profile.at, *like))
        .collect();
    items.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut seen = BTreeSet::new();
    words.retain(|(_, word)| seen.insert(word.clone()));
    LetterLikeness {
        score: if score < LEAST_OF_LETTERS { 0.0 } else { score },
        items,
        shared: shared.into_iter().map(|(_, value)| value).collect(),
        words: words
            .into_iter()
            .take(SHOWN_WORDS)
            .map(|(_, word)| word)
            .collect(),
    }
}

/// The values that two items share, in the order in which they are shown.
fn shared_values(a: &ItemProfile<'_>, b: &ItemProfile<'_>, shared: &mut BTreeSet<(usize, String)>) {
    let drugs = |item: &Item| {
        item.drugs
            .iter()
            .map(|d| d.name.clone())
            .collect::<Vec<_>>()
    };
    let both = |ours: Vec<String>, theirs: &[String]| -> Vec<String> {
        ours.into_iter()
            .filter(|value| theirs.contains(value))
            .collect()
    };
    let conditions = |letter: &Letter| {
        letter
            .diagnoses
            .iter()
            .map(|d| d.name.clone())
            .collect::<Vec<_>>()
    };
    let prior = |letter: &Letter| -> Vec<String> {
        letter
            .prior_treatments
            .iter()
            .map(|p| format!("had {}", p.service))
            .collect()
    };
    let parts = |item: &Item| -> Vec<String> {
        let parts = item.body_parts.iter();
        parts.map(|part| part.replace('-', " ")).collect()
    };
    let telling = |service: &String| {
        Services::get()
            .named(service)
            .is_some_and(|s| s.name != "other")
    };
    let services = a
        .item
        .services
        .iter()
        .filter(|service| telling(service))
        .cloned()
        .collect();
    let lists = [
        both(drugs(a.item), &drugs(b.item)),
        both(services, &b.item.services),
        both(parts(a.item), &parts(b.item)),
        both(conditions(a.letter), &conditions(b.letter)),
        both(prior(a.letter), &prior(b.letter)),
    ];
    for (n, values) in lists.into_iter().enumerate() {
        shared.extend(values.into_iter().map(|value| (n, value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::case_document;

    fn alike(a: &str, b: &str) -> LetterLikeness {
        let (a, b) = (case_document(a).letter, case_document(b).letter);
        let rarity = |_: &str| 1.0;
        compare(&profiles(&a, &rarity), &b, &rarity)
    }

    #[test]
    fn what_is_asked_for_decides() {
        let mri = "Requested: MRI of the lumbar spine";
        let same = alike(mri, mri);
        assert!(same.score > 0.95, "{}", same.score);
        assert_eq!(same.shared, ["MRI", "low back"]);
        let knee = alike(mri, "Requested: MRI of the left knee");
        assert!(knee.score < same.score);
        assert_eq!(alike(mri, "Requested: Norco 10/325mg #90").score, 0.0);
        let class = alike(
            "Requested: Norco 10/325mg #90",
            "Requested: OxyContin 20 mg #60",
        );
        assert!(class.score > 0.4 && class.score < 0.9, "{}", class.score);
        assert_eq!(
            alike("Requested: Norco 10/325mg #90", "Requested: Ambien 10 mg").score,
            0.0
        );
    }

    #[test]
    fn a_letter_of_many_items_is_no_more_like_others() {
        let one = "Requested: MRI of the lumbar spine";
        let many = "Requested:\n1. MRI of the lumbar spine\n2. Norco 10/325mg #90\n3. Acupuncture 2 x 6\n4. Knee brace";
        assert!(alike(one, many).score < alike(one, one).score);
        assert_eq!(alike(one, many).items.len(), 1);
    }

    #[test]
    fn diagnoses_and_words_tell_equals_apart() {
        let case = |diagnosis: &str| {
            format!("Requested: Acupuncture 2 x 6\n\nDiagnoses include {diagnosis}.")
        };
        let same = alike(&case("lumbar radiculopathy"), &case("lumbar radiculopathy"));
        let other = alike(
            &case("lumbar radiculopathy"),
            &case("carpal tunnel syndrome"),
        );
        assert!(same.score > other.score);
        assert!(
            same.words.contains(&"radiculopathy".to_string()),
            "{:?}",
            same.words
        );
    }
}
