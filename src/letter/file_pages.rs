//! On which pages of its file a letter's items stand: for a reader who opens the file there, and for
//! citations.

use super::text::normalise;
use super::{Item, Letter};
use std::ops::Range;

/// The pages of an item in the letter's file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemPages {
    /// Where its request stands.
    pub request: usize,
    /// Where the first sentence stands that says why; the rationale's page where none does.
    pub reason: usize,
}

/// The pages of a letter's items in the file whose text is `raw`, a form feed between pages. None where the
/// letter is not in the file as it is, which may have other letters too.
///
/// Time is linear in the texts.
#[must_use]
pub fn pages_in_file(raw: &str, letter: &Letter) -> Option<Vec<ItemPages>> {
    if letter.text.is_empty() {
        return None;
    }
    let file = normalise(raw);
    let start = memchr::memmem::find(file.text.as_bytes(), letter.text.as_bytes())?;
    let page = |at: usize| file.page_of(start + at);
    let mut before = 0;
    let pages = letter.items.iter().map(|item| {
        let request = request_at(letter, item, before);
        before = item.rationale.end;
        let reason = item.reason_sentences.first().unwrap_or(&item.rationale);
        ItemPages {
            request: page(request),
            reason: page(reason.start),
        }
    });
    Some(pages.collect())
}

/// Where an item's request stands: last before its rationale, after the item before it; else where the
/// rationale begins.
fn request_at(letter: &Letter, item: &Item, before: usize) -> usize {
    let rationale = item.rationale.start;
    let own = |range: Range<usize>| {
        let start = range.start;
        let found = last_place(letter.text.get(range)?, &item.request)?;
        Some(start + found)
    };
    // Items are not always decided in the order in which they are listed.
    own(before.min(rationale)..rationale)
        .or_else(|| own(0..rationale))
        .unwrap_or(rationale)
}

/// Where words stand last in a text, whatever spaces and line breaks part them there.
fn last_place(text: &str, words: &str) -> Option<usize> {
    let mut flat = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if c == ' ' && flat.ends_with(' ') {
            continue;
        }
        flat.push(c);
        places.resize(flat.len(), at);
    }
    let found = memchr::memmem::rfind(flat.as_bytes(), words.as_bytes())?;
    (!words.is_empty()).then(|| places[found])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(raw: &str) -> Vec<(usize, usize)> {
        let letter = super::super::read(raw);
        let pages = pages_in_file(raw, &letter).unwrap();
        pages.iter().map(|of| (of.request, of.reason)).collect()
    }

    #[test]
    fn an_item_is_on_the_page_of_its_heading() {
        let raw = "Case Number: CM15-0900001\n\nNorco 10/325mg #90 and MRI of the\nknee are disputed.\n\x0c\
            Norco 10/325mg #90: Upheld\n\n\
            MAXIMUS guideline: Decision based on MTUS Chronic Pain Medical Treatment Guidelines.\n\n\
            Decision rationale: There is no documentation of functional improvement with it.\n\x0c\
            MRI of the\nknee: Overturned\n\n\
            MAXIMUS guideline: Decision based on MTUS Knee Complaints.\n\x0c\
            Decision rationale: The examination is positive for a meniscal tear and therapy has failed.";
        assert_eq!(pages(raw), [(2, 2), (3, 4)]);
    }

    #[test]
    fn a_letter_that_is_not_in_the_file_has_no_pages() {
        let letter = super::super::read(
            "Case Number: CM15-0900001\n\nNorco: Upheld\n\nDecision rationale: No.",
        );
        assert_eq!(pages_in_file("another text\x0cof two pages", &letter), None);
        assert_eq!(pages_in_file("", &letter), None);
        assert_eq!(pages_in_file("x", &Letter::default()), None);
    }
}
