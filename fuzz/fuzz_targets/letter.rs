//! Any bytes: what the program decodes, it reads without a panic, into a letter that holds together.

#![no_main]

use imr::letter::{self, Letter, Record};
use libfuzzer_sys::fuzz_target;
use std::ops::Range;

fuzz_target!(|bytes: &[u8]| {
    // The PDF library is not what is tested here, and it would take all the time.
    if bytes.starts_with(b"%PDF") {
        return;
    }
    // As `imr extract` and `imr index` come to a text; a reason for none is an answer.
    let Ok(text) = imr::corpus::decode(bytes.to_vec(), imr::corpus::Limits::default()) else {
        return;
    };
    let letter = letter::read(&text);
    let _ = letter::documents(&text);
    holds_together(&letter);

    let again = letter::read(&letter.text);
    let _ = letter::documents(&again.text);
    holds_together(&again);
    same_case_number(&letter, &again);
});

/// Passages are of the text, requests are its words, and the records can be written.
fn holds_together(letter: &Letter) {
    slice(letter, "case_summary", &letter.case_summary);
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

fn slice(letter: &Letter, what: &str, range: &Range<usize>) {
    assert!(
        letter.text.get(range.clone()).is_some(),
        "{what}: {range:?} is no slice of a text of {} bytes",
        letter.text.len()
    );
}

/// A letter's own text, read again, has the letter's case number: that is what `imr show` and a
/// reader of the index rely on.
fn same_case_number(letter: &Letter, again: &Letter) {
    let Some(number) = &letter.case_number else {
        return;
    };
    // A running title is no part of the text, and its number may be the letter's only one; so may
    // a number that only a control character parted from the next word.
    if !stands_alone(&letter.text, number) {
        return;
    }
    assert_eq!(
        again.case_number.as_ref(),
        Some(number),
        "the text read again has another case number"
    );
}

/// Whether a text has a word, with no letter or digit right before or after it.
fn stands_alone(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        [before, after]
            .into_iter()
            .flatten()
            .all(|c| !c.is_alphanumeric() && c != '_')
    })
}
