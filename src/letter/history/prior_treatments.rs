//! Treatment that the letter says the worker has had, with its outcome and visits where stated.

use super::sentence::Sentence;
use super::vocabulary::{Entry, TreatmentContext};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a treatment helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TreatmentOutcome {
    /// It brought relief or function.
    Helped,
    /// It did not.
    DidNotHelp,
}

impl TreatmentOutcome {
    /// The name in records and columns.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TreatmentOutcome::Helped => "helped",
            TreatmentOutcome::DidNotHelp => "did not help",
        }
    }
}

/// A treatment that the worker has had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorTreatment {
    /// A service ("physical therapy").
    pub service: String,
    /// Whether it helped, where the letter says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<TreatmentOutcome>,
    /// Visits or sessions had, where stated; the highest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<u32>,
}

#[derive(Default)]
pub(super) struct PriorTreatments {
    found: BTreeMap<&'static str, (Option<TreatmentOutcome>, Option<u32>)>,
}

/// An outcome or a number of visits stands so many words from its treatment, at most.
const NEAR: usize = 8;
/// Words of services that are operations or injections of a kind.
const SURGERY: &[&str] = &[
    "surgery",
    "release",
    "fusion",
    "spinal decompression",
    "replacement",
    "arthroscopy",
    "repair",
    "reconstruction",
    "hardware",
];
const INJECTION: &[&str] = &[
    "injection",
    "block",
    "ablation",
    "viscosupplementation",
    "plasma",
];
/// More visits than that are a date or a code.
const MOST_VISITS: u32 = 200;

impl PriorTreatments {
    pub(super) fn read(&mut self, sentence: &Sentence) {
        let has = |is: fn(&Entry) -> bool| sentence.found.iter().any(|found| is(&found.entry));
        if !has(|entry| matches!(entry, Entry::Treatment(_)))
            || !(has(|entry| *entry == Entry::TreatmentContext(TreatmentContext::Had))
                || is_labeled(sentence))
        {
            return;
        }
        let mut contexts = Vec::new();
        for found in sentence.found {
            if let Entry::TreatmentContext(context) = found.entry {
                contexts.push((found.at.start, found.at.end, context));
            }
        }
        let starts = |kind| contexts.iter().filter(move |(_, _, k)| *k == kind);
        let wanted = starts(TreatmentContext::Wanted)
            .next()
            .map(|(start, _, _)| *start);
        for found in sentence.found {
            let Entry::Treatment(service) = found.entry else {
                continue;
            };
            let (start, end) = (found.at.start, found.at.end);
            let ordered = starts(TreatmentContext::Ordered).any(|(from, _, _)| {
                let had =
                    |reach: usize| reach <= start && !sentence.between(reach, start).contains(';');
                *from >= end && !starts(TreatmentContext::Had).any(|(_, reach, _)| had(*reach))
            });
            if service.is_empty() || ordered || wanted.is_some_and(|wanted| wanted <= start) {
                continue;
            }
            // "Treatment has included no acupuncture and ibuprofen."
            let has_list = starts(TreatmentContext::Had).any(|(_, end, _)| *end <= start);
            let denied = starts(TreatmentContext::Not).any(|(_, reach, _)| {
                *reach <= start
                    && start - *reach <= NEAR
                    && !sentence.between(*reach, start).contains(';')
                    && !(has_list && joined_by_and(sentence, *reach, start))
                    && !starts(TreatmentContext::Had).any(|(s, _, _)| *reach <= *s && *s < start)
            });
            if denied {
                continue;
            }
            let entry = self.found.entry(service).or_default();
            // "PT, TENS, and an injection with 70% relief": only the last of them gave it.
            let of_another = |from: usize| {
                let with = (from.saturating_sub(3)..from)
                    .find(|at| sentence.word(*at).eq_ignore_ascii_case("with"));
                let next = |with| {
                    sentence.found.iter().any(|other| {
                        let at = other.at.start;
                        let apart = || {
                            sentence.between(end, at).contains([',', ';'])
                                || joined_by_and(sentence, end, at)
                        };
                        let is_treatment = matches!(other.entry, Entry::Treatment(_));
                        is_treatment && (end..with).contains(&at) && apart()
                    })
                };
                with.is_some_and(next)
            };
            let near = |(from, to, _): &&(usize, usize, TreatmentContext)| {
                (*from >= end
                    && *from - end <= NEAR
                    && !sentence.between(end, *from).contains(';')
                    && !of_another(*from))
                    || (*to <= start && start - *to <= 2)
            };
            if starts(TreatmentContext::Failed).any(|context| near(&context)) {
                entry.0 = Some(TreatmentOutcome::DidNotHelp);
            } else if entry.0.is_none()
                && starts(TreatmentContext::Helped).any(|context| near(&context))
            {
                entry.0 = Some(TreatmentOutcome::Helped);
            }
            if let Some(visits) = visits(sentence, &contexts, start, end) {
                entry.1 = entry.1.max(Some(visits));
            }
        }
    }

    /// What was found, by name. An operation or injection of no kind goes where one of a kind was;
    /// an operation on a worker with a fracture was for it.
    pub(super) fn finish(mut self, has_fracture: bool) -> Vec<PriorTreatment> {
        for (unspecific, specific) in [("other surgery", SURGERY), ("other injection", INJECTION)] {
            let is_specific = |service: &&str| specific.iter().any(|word| service.contains(word));
            if self.found.contains_key(unspecific)
                && self
                    .found
                    .keys()
                    .any(|service| *service != unspecific && is_specific(service))
            {
                self.found.remove(unspecific);
            }
        }
        if has_fracture && let Some(had) = self.found.remove("other surgery") {
            self.found.insert("fracture surgery", had);
        }
        let treatment = |(service, (outcome, visits)): (&str, _)| PriorTreatment {
            service: service.to_string(),
            outcome,
            visits,
        };
        self.found.into_iter().map(treatment).collect()
    }
}

/// "Medications: naproxen"
fn is_labeled(sentence: &Sentence) -> bool {
    const LABELS: [&str; 4] = ["treatment", "treatments", "medication", "medications"];
    (0..3).any(|at| {
        LABELS
            .iter()
            .any(|label| label.eq_ignore_ascii_case(sentence.word(at)))
            && sentence
                .between(at + 1, at + 1)
                .trim_start()
                .starts_with(':')
    })
}

/// Whether an "and" stands between two words.
fn joined_by_and(sentence: &Sentence, from: usize, to: usize) -> bool {
    (from..to).any(|at| sentence.word(at).eq_ignore_ascii_case("and"))
}

/// The number before "sessions" or "visits" close to a treatment, within its part of a list.
fn visits(
    sentence: &Sentence,
    contexts: &[(usize, usize, TreatmentContext)],
    start: usize,
    end: usize,
) -> Option<u32> {
    contexts
        .iter()
        .filter(|(_, _, kind)| *kind == TreatmentContext::Visits)
        .filter(|(from, to, _)| *from <= end + 2 && start <= to + 3)
        .find_map(|(from, to, _)| {
            let (first, last) = ((*from).min(start), (*to).max(end));
            if sentence
                .between(first + 1, last.saturating_sub(1))
                .contains([',', ';'])
            {
                return None;
            }
            (from.saturating_sub(4)..*from).rev().find_map(|at| {
                let word = sentence.word(at);
                let number = word.parse().ok().or_else(|| spelled(word))?;
                (1..=MOST_VISITS).contains(&number).then_some(number)
            })
        })
}

fn spelled(word: &str) -> Option<u32> {
    const NUMBERS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let at = NUMBERS
        .iter()
        .position(|number| number.eq_ignore_ascii_case(word))?;
    Some(at as u32 + 1)
}
