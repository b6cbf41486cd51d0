//! The sections that a citation names.

use crate::letter::any_case::{AnyCase, begins_at};

/// What a citation says of sections: after "Section(s):", else what precedes the pages.
pub(super) fn sections(rest: &str) -> String {
    const SECTION: AnyCase = AnyCase::new("section");
    // The first of these labels that the citation has, wherever it stands.
    let mut labelled = [None; 3];
    for at in SECTION.find_iter(rest) {
        let end = at + "section".len();
        for (label, first) in ["(s):", "s:", ":"].iter().zip(&mut labelled) {
            if first.is_none() && begins_at(rest, end, label) {
                *first = Some(end + label.len());
            }
        }
    }
    let start = labelled.into_iter().flatten().next().unwrap_or(0);
    let span = &rest[start..];
    let begins_pages = |at: &usize| {
        let next = span
            .as_bytes()
            .get(at + 1)
            .map_or(0, u8::to_ascii_lowercase);
        matches!(next, b'a' | b'g' | b'p' | b'.')
            && PAGE_LABELS.iter().any(|label| begins_at(span, *at, label))
    };
    let end = memchr::memchr2_iter(b'p', b'P', span.as_bytes())
        .find(begins_pages)
        .unwrap_or(span.len());
    tidy(&span[..end])
}

const PAGE_LABELS: [&str; 8] = [
    "page(s)", "pages ", "page ", "pgs", "pg.", "pg ", "pp.", "p. ",
];

/// A span without the marks and words that part it from its surroundings.
pub(super) fn tidy(span: &str) -> String {
    let span = span.trim_matches([' ', ',', '.', ';', ':', '(', '-']);
    let span = without_closing(span);
    let span = span
        .strip_suffix(", and")
        .or_else(|| span.strip_suffix(" and"))
        .unwrap_or(span);
    let span = span.trim_matches([' ', ',', ';', ':']);
    // What parts two titles is no section.
    if span == "and" {
        return String::new();
    }
    // What closes what is not open belongs to the citation before.
    if span.contains(')') && !span.contains('(') {
        return span.trim_matches([' ', ',', ')', ':', '.']).to_string();
    }
    span.to_string()
}

/// A span without what closes the name before it: "ODG), Low Back", "ODG-TWC): Pain".
fn without_closing(span: &str) -> &str {
    const LONGEST: usize = 31;
    const SHORT: usize = 14;
    let Some(close) = span.bytes().take(LONGEST).position(|b| b == b')') else {
        return span;
    };
    let short_name = |b: u8| {
        b.is_ascii_uppercase()
            || b.is_ascii_digit()
            || matches!(b, b'-' | b'/' | b' ' | b'.' | b',' | b':')
    };
    let full_name = span.get(..close) == Some("Official Disability Guidelines");
    if !full_name && (close >= SHORT || !span.bytes().take(close).all(short_name)) {
        return span;
    }
    span[close + 1..].trim_start_matches([' ', ',', '.', ';', ':', '-'])
}
