//! How the injury came about, and whether the worker works.

use super::sentence::Sentence;
use super::vocabulary::Entry;

#[derive(Default)]
pub(super) struct Injury {
    pub mechanism: Option<String>,
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
                // The latest is the one that counts.
                Entry::WorkStatus(status) => self.work_status = Some(status.to_string()),
                _ => {}
            }
        }
    }
}
