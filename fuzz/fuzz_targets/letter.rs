//! Any bytes: what the program decodes, it reads without a panic, into a letter that holds together.

#![no_main]

#[path = "../checks.rs"]
mod checks;

use checks::{documents_hold_together, holds_together};
use imr::letter::{self, Letter};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // PDFs have a target of their own.
    if bytes.starts_with(b"%PDF") {
        return;
    }
    // As `imr extract` and `imr index` come to a text; a reason for none is an answer.
    let Ok(text) = imr::corpus::decode(bytes.to_vec(), imr::corpus::Limits::default()) else {
        return;
    };
    let letter = letter::read(&text);
    documents_hold_together(&text);
    holds_together(&letter);

    let again = letter::read(&letter.text);
    documents_hold_together(&again.text);
    holds_together(&again);
    same_case_number(&letter, &again);
});

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
