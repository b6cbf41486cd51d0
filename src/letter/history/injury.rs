//! How the injury came about, and whether the worker works.

use super::sentence::Sentence;
use super::vocabulary::{DiagnosisContext, Entry};

#[derive(Default)]
pub(super) struct Injury {
    mechanism: Option<String>,
    /// What the summary tells of it in other words than those of an injury.
    alone: Option<&'static str>,
    pub work_status: Option<String>,
}

/// Words of a sentence that tells how the injury came about.
const TELLS: [&str; 12] = [
    "mechanism",
    "injury",
    "injured",
    "sustained",
    "occurred",
    "accident",
    "hurt",
    "onset",
    "caused",
    "trauma",
    "incident",
    "work",
];

impl Injury {
    pub(super) fn read(&mut self, sentence: &Sentence) {
        if !sentence.of_summary {
            return;
        }
        for found in sentence.found {
            match found.entry {
                Entry::Mechanism(mechanism) if self.mechanism.is_none() => {
                    // "The mechanism of injury is detailed as a fall": after the word that tells it.
                    let tells = |at| {
                        let word = sentence.word(at);
                        TELLS.iter().any(|tells| tells.eq_ignore_ascii_case(word))
                    };
                    if (0..found.at.start).any(tells) {
                        self.mechanism = Some(mechanism.to_string());
                    }
                }
                Entry::MechanismAlone(mechanism) => {
                    let denied = sentence.found.iter().any(|other| {
                        other.entry == Entry::Diagnosis(DiagnosisContext::Not)
                            && other.at.end <= found.at.start
                    });
                    // "The score fell from 46 to 30."
                    let next = sentence.word(found.at.end);
                    let counts = next.starts_with(|c: char| c.is_ascii_digit());
                    if self.alone.is_none() && !denied && !counts {
                        self.alone = Some(mechanism);
                    }
                }
                // The latest is the one that counts.
                Entry::WorkStatus(status) => self.work_status = Some(status.to_string()),
                _ => {}
            }
        }
    }

    /// How the injury came about; what tells it in other words counts where no sentence speaks of the injury.
    pub(super) fn mechanism(&self) -> Option<String> {
        let alone = || self.alone.map(ToString::to_string);
        self.mechanism.clone().or_else(alone)
    }
}
