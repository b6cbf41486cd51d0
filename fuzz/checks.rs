//! What must hold of whatever was read, whatever it was read from.

use imr::letter::{Letter, Record};
use std::ops::Range;

/// Passages are of the text, requests are its words, and the records can be written and read again.
pub(crate) fn holds_together(letter: &Letter) {
    slice(letter, "case_summary", &letter.case_summary);
    slice(letter, "documents_reviewed", &letter.documents_reviewed);
    for (n, item) in letter.items.iter().enumerate() {
        slice(
            letter,
            &format!("rationale of item {}", n + 1),
            &item.rationale,
        );
        assert!(
            !item.treatment.is_empty(),
            "item {} has no treatment category",
            n + 1
        );
        for side in [&item.claims_administrator, &item.reviewer] {
            let pages = side.pages();
            assert!(pages.is_sorted_by(|a, b| a < b), "pages: {pages:?}");
        }
    }
    serde_json::to_string(&Record::new(letter, "fuzz")).expect("a record serialises");
    let stored = serde_json::to_string(letter).expect("a letter serialises");
    let back: Letter = serde_json::from_str(&stored).expect("a stored letter is read again");
    assert_eq!(back.items, letter.items, "what is stored is what was read");
}

/// Everything that a file gives holds together.
pub(crate) fn documents_hold_together(text: &str) {
    let documents = imr::letter::documents(text).with_others();
    documents
        .letters
        .iter()
        .for_each(|part| holds_together(&part.letter));
}

fn slice(letter: &Letter, what: &str, range: &Range<usize>) {
    assert!(
        letter.text.get(range.clone()).is_some(),
        "{what}: {range:?} is no slice of a text of {} bytes",
        letter.text.len()
    );
}
