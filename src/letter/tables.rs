//! The tables of the readers, to be loaded before the first letter needs them.

use super::{history, reasons, request};

/// Written for this: it has what nearly every letter has, so that reading it loads what they need.
const LETTER: &str = "\
Case Number: CM15-0900001    Date Assigned: 02/03/2015
Date of Injury: 01/02/2010    Decision Date: 03/04/2015
Priority: Standard    UR Denial Date: 01/20/2015
Application Received: 01/25/2015

HOW THE IMR FINAL DETERMINATION WAS MADE

The physician reviewer is Board Certified in Internal Medicine and is licensed to practice in California.

CLINICAL CASE SUMMARY

The injured worker is a 45 year old woman who was injured on 1/2/2010. Diagnoses include low back pain.

IMR ISSUES, DECISIONS AND RATIONALES

1. Norco 10/325mg #60: Upheld

Claims Administrator guideline: Decision based on MTUS Chronic Pain Treatment Guidelines.

MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines, page(s) 74-96; and on
the Non-MTUS Official Disability Guidelines (ODG), Pain Chapter.

Decision rationale: No improvement is documented. Therefore, it is not medically necessary.

2. Physical therapy 2 times a week for 6 weeks, left knee: Overturned

Claims Administrator guideline: The Claims Administrator did not cite any medical evidence.

MAXIMUS guideline: Decision based on MTUS ACOEM Chapter 13 Knee Complaints, page 338.

Decision rationale: It is medically necessary.
";

/// What loads the tables that reading letters takes, each about half of them, to be called beside each
/// other. Whoever reads a letter before they are loaded waits for those that it needs.
#[must_use]
pub fn table_loaders() -> [fn(); 2] {
    [
        || {
            let _ = request::read("Norco 10/325mg #60, one tablet twice daily; lumbar spine MRI");
            reasons::preload();
            history::preload();
        },
        || {
            let _ = super::read(LETTER);
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_has_what_letters_have() {
        let letter = crate::letter::read(LETTER);
        assert_eq!(letter.items.len(), 2);
        assert!(letter.dates.decision.is_some() && letter.patient.age == Some(45));
        assert!(
            letter
                .items
                .iter()
                .all(|i| !i.reviewer.citations.is_empty())
        );
        assert_eq!(letter.items[0].drugs.len(), 1);
        for load in table_loaders() {
            load();
        }
    }
}
