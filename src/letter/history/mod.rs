//! What a letter tells of the worker's case before the review: diagnoses, treatment that was had,
//! how the injury came about, and whether the worker works. Read from the case summary, and from
//! what rationales say of the case; the words are tables of `index-schema/`.

mod diagnoses;
mod injury;
mod prior_treatments;
mod sentence;
mod vocabulary;

pub use diagnoses::Diagnosis;
pub use prior_treatments::{PriorTreatment, TreatmentOutcome};

use super::reasons::sentences;
use super::sections::floor_char;
use crate::vocabulary::{LowerText, PatternMatch, Word};
use sentence::Sentence;
use std::ops::Range;
use vocabulary::Vocabulary;

/// What the summary and the rationales tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History {
    pub diagnoses: Vec<Diagnosis>,
    pub prior_treatments: Vec<PriorTreatment>,
    pub injury_mechanism: Option<String>,
    pub work_status: Option<String>,
    /// The sentences of the case summary, for its other readers.
    pub summary_sentences: Vec<Range<usize>>,
}

/// A passage is read so far, in bytes.
const REACH: usize = 64 << 10;
/// Longer sentences are read in pieces of so many words.
const LONGEST_SENTENCE: usize = 240;

/// Loads its tables.
pub(super) fn preload() {
    Vocabulary::get();
}

/// Reads the history out of the case summary and the rationales of a text.
#[must_use]
pub(super) fn read(
    text: &str,
    lower: &LowerText,
    summary: &Range<usize>,
    rationales: &[Range<usize>],
) -> History {
    let mut diagnoses = diagnoses::Diagnoses::default();
    let mut prior_treatments = prior_treatments::PriorTreatments::default();
    let mut injury = injury::Injury::default();
    let mut summary_sentences = Vec::new();
    let mut words = Vec::with_capacity(64);
    let (mut matches, mut found) = (Vec::with_capacity(32), Vec::with_capacity(32));
    let passages = std::iter::once((summary, true)).chain(rationales.iter().map(|r| (r, false)));
    for (range, of_summary) in passages {
        let Some(passage) = text.get(range.clone()) else {
            continue;
        };
        // A rationale's diagnoses count where the summary has none; what else it speaks of is the
        // treatment that is requested.
        let summary_lists = !diagnoses.is_empty();
        if !of_summary && summary_lists && !summary.is_empty() {
            break;
        }
        let end = range.start + floor_char(passage, REACH);
        let vocabulary = Vocabulary::get();
        let sentences = sentences(text, lower, range.start..end);
        for sentence in &sentences {
            vocabulary
                .patterns
                .read_words(lower, sentence.clone(), &mut words);
            for words in words.chunks(LONGEST_SENTENCE) {
                vocabulary.patterns.find(words, &mut matches);
                leave_out_parted(text, words, &mut matches);
                vocabulary.entries(&matches, &mut found);
                if found.is_empty() {
                    continue;
                }
                let sentence = Sentence {
                    text,
                    words,
                    found: &found,
                    of_summary,
                };
                if of_summary || !summary_lists {
                    diagnoses.read(&sentence);
                }
                // A rationale speaks of the treatment that is requested.
                if of_summary || summary.is_empty() {
                    prior_treatments.read(&sentence);
                }
                injury.read(&sentence);
            }
        }
        if of_summary {
            summary_sentences = sentences;
        }
    }
    let diagnoses = diagnoses.finish();
    let has_fracture = diagnoses.iter().any(|d| d.name.starts_with("fracture"));
    History {
        prior_treatments: prior_treatments.finish(has_fracture),
        diagnoses,
        injury_mechanism: injury.mechanism(),
        work_status: injury.work_status,
        summary_sentences,
    }
}

/// Takes out what stands on both sides of a semicolon: "strain of the back; sprain of the wrist" has no
/// "back sprain".
fn leave_out_parted(text: &str, words: &[Word], matches: &mut Vec<PatternMatch>) {
    let bytes = |from: usize, to: usize| &text.as_bytes()[words[from].start..words[to].end];
    if words.is_empty() || memchr::memchr(b';', bytes(0, words.len() - 1)).is_none() {
        return;
    }
    matches.retain(|m| m.end <= m.start + 1 || !bytes(m.start, m.end - 1).contains(&b';'));
}

/// The conditions that a few words name, as in a list of diagnoses, and the work status.
#[must_use]
pub fn history_named(words: &str) -> (Vec<Diagnosis>, Option<String>) {
    let said = format!("Diagnoses: {words}.");
    let history = read(&said, &LowerText::new(&said), &(0..said.len()), &[]);
    (history.diagnoses, history.work_status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(summary: &str) -> History {
        let lower = LowerText::new(summary);
        read(summary, &lower, &(0..summary.len()), &[])
    }

    fn diagnoses(summary: &str) -> Vec<String> {
        history(summary)
            .diagnoses
            .into_iter()
            .map(|d| d.name)
            .collect()
    }

    fn treatments(summary: &str) -> Vec<String> {
        history(summary)
            .prior_treatments
            .into_iter()
            .map(|t| t.service)
            .collect()
    }

    #[test]
    fn the_region_stands_before_or_after_its_condition() {
        assert_eq!(
            diagnoses(
                "Diagnoses include cervical and lumbar strain, contusion of the left knee, and right shoulder impingement."
            ),
            [
                "cervical sprain or strain",
                "contusion of knee",
                "lumbar sprain or strain",
                "shoulder impingement"
            ]
        );
        assert_eq!(
            diagnoses(
                "The current diagnosis is documented as sprain of ligaments of the lumbar spine; pain in right hip."
            ),
            ["hip pain", "lumbar sprain or strain"]
        );
    }

    #[test]
    fn what_is_ruled_out_or_suspected_is_no_diagnosis() {
        assert_eq!(
            diagnoses(
                "Diagnoses include left ankle sprain, rule out fracture, and possible neuropathy."
            ),
            ["ankle sprain or strain"]
        );
        assert!(diagnoses("The worker denied headache. X-rays showed no fracture.").is_empty());
    }

    #[test]
    fn symptoms_count_only_where_they_are_listed() {
        assert_eq!(
            diagnoses("The worker is undergoing treatment for low back pain."),
            ["low back pain"]
        );
        assert!(diagnoses("The worker complained of low back pain.").is_empty());
    }

    #[test]
    fn treatment_that_was_had_is_not_what_is_requested() {
        let read = history(
            "Treatment to date has included 6 sessions of physical therapy, which helped, and ibuprofen. \
             An MRI and acupuncture were requested.",
        );
        let found: Vec<_> = read
            .prior_treatments
            .iter()
            .map(|t| (t.service.as_str(), t.visits))
            .collect();
        assert_eq!(found, [("medication", None), ("physical therapy", Some(6))]);
        assert_eq!(
            read.prior_treatments[1].outcome,
            Some(TreatmentOutcome::Helped)
        );
        assert!(treatments("The plan includes chiropractic care and medication.").is_empty());
    }

    #[test]
    fn tests_and_operations_are_no_diagnoses() {
        assert!(
            diagnoses("Exam showed a positive impingement sign and a negative De Quervain's test.")
                .is_empty()
        );
        assert!(diagnoses("The worker underwent carpal tunnel release.").is_empty());
    }

    #[test]
    fn a_doubt_reaches_to_the_end_of_its_part_of_a_list() {
        assert_eq!(
            diagnoses(
                "Diagnoses include shoulder sprain, possible rotator cuff tear and impingement syndrome; thumb fracture."
            ),
            ["fracture of thumb", "shoulder sprain or strain"]
        );
    }

    #[test]
    fn a_region_behind_its_condition_is_not_that_of_the_next() {
        assert_eq!(
            diagnoses("Diagnoses are strain of the muscle of the neck and wrist fracture."),
            ["cervical sprain or strain", "fracture of wrist"]
        );
    }

    #[test]
    fn what_was_ordered_or_is_not_used_was_not_had() {
        assert!(treatments("A wrist splint and 12 sessions of therapy were ordered.").is_empty());
        assert!(treatments("The worker was not utilizing medications.").is_empty());
        assert!(treatments("Current medications are not indicated in the note.").is_empty());
        assert_eq!(
            treatments("Treatment has included no prior acupuncture; physical therapy."),
            ["physical therapy"]
        );
    }

    #[test]
    fn a_semicolon_parts_conditions() {
        assert_eq!(
            diagnoses("Diagnoses: strain of the lower back; sprain of the right wrist."),
            ["lumbar sprain or strain", "wrist sprain or strain"]
        );
    }

    #[test]
    fn a_denial_within_a_list_ends_at_the_comma() {
        assert_eq!(
            diagnoses("Diagnoses are concussion without loss of consciousness, neck strain."),
            ["cervical sprain or strain", "concussion or head injury"]
        );
        assert_eq!(
            diagnoses("He has burns of the right forearm and hand and anxiety."),
            ["anxiety", "burn of forearm", "burn of hand"]
        );
    }

    #[test]
    fn treatment_in_other_words() {
        for (summary, wanted) in [
            (
                "Treatment to date has included no acupuncture and ibuprofen.",
                &["medication"][..],
            ),
            (
                "Conservative treatment: wrist splints and NSAIDs.",
                &["brace or orthosis", "medication"],
            ),
            (
                "Tramadol and a lumbar support are in use.",
                &["brace or orthosis", "medication"],
            ),
            ("She had two nerve blocks.", &["peripheral nerve block"]),
            ("He has not been fitted with hearing aids.", &[]),
            (
                "There was no treatment other than Tylenol.",
                &["medication"],
            ),
        ] {
            assert_eq!(treatments(summary), wanted, "{summary}");
        }
    }

    #[test]
    fn an_operation_of_a_worker_with_a_fracture_was_for_it() {
        assert_eq!(
            treatments("The worker has a fracture of the wrist. Treatment has included surgery."),
            ["fracture surgery"]
        );
    }

    #[test]
    fn the_mechanism_and_the_work_status() {
        let read = history(
            "The mechanism of injury is detailed as a slip and fall. The worker is on modified duty.",
        );
        assert_eq!(read.injury_mechanism.as_deref(), Some("fall"));
        assert_eq!(read.work_status.as_deref(), Some("modified duty"));
    }

    #[test]
    fn who_the_worker_is_ends_only_a_list() {
        let read = history(
            "This is a 29-year-old man who fell off a ladder; calcaneus fracture s/p ORIF 2014, now with \
             subtalar arthritis.",
        );
        let named: Vec<_> = read.diagnoses.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(named, ["fracture of calcaneus", "osteoarthritis of ankle"]);
        assert_eq!(read.injury_mechanism.as_deref(), Some("fall"));
        assert_eq!(read.prior_treatments[0].service, "fracture surgery");
    }

    #[test]
    fn a_mechanism_tells_itself_where_nothing_else_does() {
        for (summary, mechanism) in [
            (
                "He was rear-ended in an MVA.",
                Some("motor vehicle accident"),
            ),
            (
                "She was lifting a box when she felt a pop.",
                Some("lifting or carrying"),
            ),
            ("She was struck by a pallet.", Some("struck or crushed")),
            (
                "The mechanism of injury was repetitive use. Later she fell on the stairs.",
                Some("cumulative trauma"),
            ),
            ("He denies that he fell on it.", None),
            ("His pain score fell from 8 to 4.", None),
        ] {
            assert_eq!(
                history(summary).injury_mechanism.as_deref(),
                mechanism,
                "{summary}"
            );
        }
    }

    #[test]
    fn what_there_is_no_history_of_is_no_diagnosis() {
        assert_eq!(
            diagnoses("He has lumbar radiculopathy. No history of diabetes or hypertension."),
            ["lumbar radiculopathy"]
        );
        assert_eq!(
            diagnoses("He has depression, and GERD. Stellate ganglion blocks were tried."),
            ["depression", "gastroesophageal reflux disease"]
        );
    }

    #[test]
    fn relief_is_of_the_last_of_a_list() {
        let read = history(
            "Treatment to date includes chiropractic, TENS, and an epidural injection with 70% relief. \
             A boot and NSAIDs did not help. A spinal cord stimulator was declined.",
        );
        let found: Vec<_> = read
            .prior_treatments
            .iter()
            .map(|t| (t.service.as_str(), t.outcome.map(TreatmentOutcome::name)))
            .collect();
        assert_eq!(
            found,
            [
                ("TENS unit", None),
                ("brace or orthosis", Some("did not help")),
                ("chiropractic", None),
                ("epidural steroid injection", Some("helped")),
                ("medication", Some("did not help")),
            ]
        );
    }

    #[test]
    fn prior_treatments_are_services() {
        let table = crate::vocabulary::Table::read(
            "prior_treatments.tsv",
            include_str!("../../../index-schema/prior_treatments.tsv"),
        );
        for row in table.rows() {
            let service = row.get("service");
            let known = crate::vocabulary::Services::get().named(service);
            assert_eq!(known.map_or("", |known| known.name), service);
        }
    }

    #[test]
    fn any_text_is_read() {
        for text in [
            "",
            "of of of",
            &"strain of ".repeat(5000),
            &"neck ".repeat(5000),
            "6 \u{e9} visits",
        ] {
            history(text);
        }
    }
}
