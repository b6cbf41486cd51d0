//! The guidelines that one side relied on: source, title, sections, pages.
//!
//! The way through: `statement` parts a passage at its "Decision based on" and finds the guidelines
//! that each part names, but for what a `disclaimer` says; `mtus` and `non_mtus` make citations of them, with what `title` and
//! `sections` read beside a name.

mod adopted;
mod disclaimer;
mod mtus;
mod named;
mod non_mtus;
mod sections;
mod side;
mod statement;
mod title;

pub use adopted::adopts_the_administrators;
pub use side::{Citation, Side};

use super::text::flat;
use crate::letter::sections::floor_char;

/// How much of a passage is read; no citation of a real letter is near it.
const LONGEST: usize = 6000;

/// Reads what one side cited.
#[must_use]
pub fn read(passage: &str) -> Side {
    let passage = &passage[..floor_char(passage, LONGEST)];
    let text = flat(passage.trim_start_matches([':', ' ', '\n']));
    let mut side = Side::default();
    for (kind, statement) in statement::all(&text) {
        statement::read(statement, kind, &mut side.citations);
    }
    side.text = text;
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(passage: &str) -> (Vec<String>, Vec<String>, Vec<u32>) {
        let side = read(passage);
        (
            side.sources().iter().map(ToString::to_string).collect(),
            side.mtus().iter().map(ToString::to_string).collect(),
            side.pages(),
        )
    }

    fn check(passage: &str, sources: &[&str], mtus: &[&str], pages: &[u32]) {
        let (s, m, p) = told(passage);
        assert_eq!(
            (s, m, p),
            (
                sources.iter().map(ToString::to_string).collect(),
                mtus.iter().map(ToString::to_string).collect(),
                pages.to_vec(),
            ),
            "{passage}"
        );
    }

    #[test]
    fn layout_a() {
        check(
            ": Decision based on MTUS Chronic Pain Treatment Guidelines Opioid Page(s): 91.",
            &["MTUS"],
            &["Chronic Pain Treatment"],
            &[91],
        );
        check(
            ": Decision based on MTUS Forearm, Wrist, and Hand Complaints 2004, Section(s): Work-Relatedness, and Postsurgical Treatment 2009, Section(s): Forearm, Wrist, & Hand, and Chronic Pain Medical Treatment 2016, Section(s): Physical medicine treatment. Decision based on Non-MTUS Citation Official Disability Guidelines, Hand.",
            &["MTUS", "ODG"],
            &[
                "Forearm, Wrist, and Hand Complaints 2004",
                "Postsurgical Treatment 2009",
                "Chronic Pain Medical Treatment 2016",
            ],
            &[],
        );
        check(
            "The Claims Administrator based their decision on recommendation(s) outside of the MTUS Guidelines. Decision based on Non-MTUS Citation Official Disability Guidelines (ODG), Pain Chapter, page 12.",
            &["ODG"],
            &[],
            &[],
        );
        check(
            "The Expert Reviewer did not cite any medical evidence for its decision.",
            &[],
            &[],
            &[],
        );
        check(
            "Decision based on MTUS Opioid Treatment 2016, Section(s): 3.3.6 Opioids for Chronic Pain",
            &["MTUS"],
            &["Opioid Treatment 2016"],
            &[],
        );
        check(
            "Decision based on Non-MTUS Citation Green's Operative Surgery, 6th ed",
            &["other"],
            &[],
            &[],
        );
        check(
            "Decision based on MTUS Chronic Pain Treatment Guidelines CRITERIA FOR USE OF OPIOIDSMedication for chronic pain Page(s): 88-89, 76-78; 60-61.",
            &["MTUS"],
            &["Chronic Pain Treatment"],
            &[60, 61, 76, 77, 78, 88, 89],
        );
        check(
            "Decision based on Non-MTUS Citation American College of Occupational and Environmental Medicine (ACOEM) Pain, Suffering, and the Restoration of Function Chapter.",
            &["ACOEM"],
            &[],
            &[],
        );
    }

    #[test]
    fn layouts_b_and_c() {
        check(
            "based its decision on the MTUS Chronic Pain Guidelines.",
            &["MTUS"],
            &["Chronic Pain"],
            &[],
        );
        check(
            "based his/her decision on the Chronic Pain Medical Treatment Guidelines, Opioids, pages 78-80, which is part of the MTUS.",
            &["MTUS"],
            &["Chronic Pain Medical Treatment"],
            &[78, 79, 80],
        );
        check(
            "based its decision on the Chronic Pain Medical Treatment Guidelines (2009), pg. 30-32, which is part of the MTUS. ",
            &["MTUS"],
            &["Chronic Pain Medical Treatment 2009"],
            &[30, 31, 32],
        );
        check(
            "based its decision on the Official Disability Guidelines (ODG), Low Back Chapter, which is not part of the MTUS.",
            &["ODG"],
            &[],
            &[],
        );
    }

    #[test]
    fn what_is_said_of_the_mtus_counts_in_capitals_too() {
        check(
            "BASED ITS DECISION ON THE ACOEM GUIDELINES, CHAPTER 12, PAGE 303, WHICH IS PART OF THE MTUS.",
            &["MTUS"],
            &["Low Back Complaints"],
            &[303],
        );
        check(
            "The Mtus Is Silent. Based on the Official Disability Guidelines (ODG), Which Is Not Part Of The Mtus.",
            &["ODG"],
            &[],
            &[],
        );
    }

    #[test]
    fn acoem_is_mtus_only_where_the_letter_says_so() {
        check(
            "based its decision on the ACOEM Guidelines, Chapter 12, page 303, which is part of the MTUS.",
            &["MTUS"],
            &["Low Back Complaints"],
            &[303],
        );
        check(
            "based its decision on the MTUS/ACOEM Practice Guidelines, Low Back Complaints, page 303.",
            &["MTUS"],
            &["Low Back Complaints"],
            &[303],
        );
        check(
            "based its decision on the ACOEM Guidelines, Low Back Complaints, page 303.",
            &["ACOEM"],
            &[],
            &[],
        );
    }

    #[test]
    fn editions_of_the_new_schedule() {
        let titles = |passage: &str| -> Vec<(String, Vec<u32>)> {
            let of = |c: &Citation| (c.title.clone(), c.pages.clone());
            read(passage).citations.iter().map(of).collect()
        };
        for (passage, title, pages) in [
            (
                "Decision based on MTUS Opioids 2017.",
                "Opioids 2017",
                &[][..],
            ),
            (
                "Decision based on MTUS Opioids Guideline (ACOEM April 20, 2017).",
                "Opioids 2017",
                &[],
            ),
            (
                "Decision based on MTUS Chronic Pain Guideline (ACOEM May 15, 2017), page(s) 144.",
                "Chronic Pain 2017",
                &[144],
            ),
            (
                "Decision based on MTUS Chronic Pain Medical Treatment 2009, page(s) 78.",
                "Chronic Pain Medical Treatment",
                &[78],
            ),
            (
                "Decision based on MTUS/ACOEM Low Back Disorders 2019.",
                "Low Back Disorders 2019",
                &[],
            ),
            (
                "Decision based on MTUS: ACOEM Guidelines, Low Back Disorders, 2019.",
                "Low Back Disorders 2019",
                &[],
            ),
            (
                "Decision based on MTUS Coronavirus (COVID-19) 2021.",
                "Coronavirus (COVID-19) 2021",
                &[],
            ),
            (
                "Decision based on the MTUS Opioids Guideline (ACOEM 2017), page 12.",
                "Opioids 2017",
                &[12],
            ),
            (
                "Decision based on MTUS Wound Care Disorders 2027, page(s) 5.",
                "Wound Care Disorders 2027",
                &[5],
            ),
        ] {
            assert_eq!(titles(passage), [(title.to_string(), pages.to_vec())]);
        }
        // A section of an old book is no new one.
        assert_eq!(
            titles(
                "Decision based on MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 80-81."
            ),
            [("Chronic Pain Medical Treatment".to_string(), vec![80, 81])]
        );
        assert_eq!(
            titles(
                "Decision based on MTUS Chronic Pain Medical Treatment 2016, Section(s): Opioids, 2009."
            ),
            [("Chronic Pain Medical Treatment".to_string(), vec![])]
        );
    }

    #[test]
    fn names_in_brackets_and_journals_after_a_semicolon() {
        let sections = |passage: &str| read(passage).citations[0].sections.clone();
        for (passage, section) in [
            (
                "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG) Low Back (Acute & Chronic), MRI.",
                "Low Back (Acute & Chronic), MRI",
            ),
            (
                "Decision based on Non-MTUS Citation ODG by MCG, Head, Botulinum toxin.",
                "Head, Botulinum toxin",
            ),
            (
                "Decision based on Non-MTUS Citation American College of Occupational and Environmental Medicine (ACOEM) Knee Chapter.",
                "Knee Chapter",
            ),
        ] {
            assert_eq!(sections(passage), section);
        }
        check(
            "Decision based on Non-MTUS Citation ODG, Knee, Injections; Doe A. Injections compared. Spine. 2012;37(4):300-5.",
            &["ODG", "other"],
            &[],
            &[],
        );
        check(
            "Decision based on Non-MTUS Citation ODG, Low back, Manipulation; Neck and upper back, Manipulation.",
            &["ODG"],
            &[],
            &[],
        );
    }

    #[test]
    fn a_decision_that_is_not_based_on_the_mtus_does_not_cite_it() {
        check(
            "The Expert Reviewer did not base their decision on the MTUS. Decision based on Non-MTUS Citation ODG, Head.",
            &["ODG"],
            &[],
            &[],
        );
    }

    #[test]
    fn sections_as_printed() {
        let side = read(
            "Decision based on MTUS Low Back Complaints 2004, Section(s): Special Studies, Diagnostic Criteria.",
        );
        assert_eq!(
            side.citations[0].sections,
            "Special Studies, Diagnostic Criteria"
        );
        assert_eq!(side.citations[0].title, "Low Back Complaints");
    }

    #[test]
    fn a_reviewer_may_adopt_the_administrators_guidelines() {
        assert!(adopts_the_administrators(
            "The Expert Reviewer found the guidelines used by the Claims Administrator relevant and appropriate."
        ));
        assert!(!adopts_the_administrators(
            "found the guidelines used by the Claims Administrator not applicable."
        ));
    }
}
