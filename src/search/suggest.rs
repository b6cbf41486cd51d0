//! Spellings that the index has, for a word that it has not.

use crate::index::{is_phrase_token, words};
use crate::vocabulary::{Drugs, nearest};
use std::collections::HashMap;
use tantivy::Searcher;
use tantivy::schema::Field;

/// Words of a query that spellings are offered for: each is a walk through the index's words.
pub const MOST_WORDS: usize = 5;

/// TermResolver looked at in one field of one segment.
const MOST_TERMS: usize = 300_000;

/// The nearest words of the index to a word, the likeliest first; at most three.
#[must_use]
pub fn spellings(searcher: &Searcher, fields: &[Field], word: &str) -> Vec<String> {
    let lower = word.to_lowercase();
    let Some(first) = lower.chars().next() else {
        return Vec::new();
    };
    let mut frequency: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        for field in fields {
            let Ok(index) = segment.inverted_index(*field) else {
                continue;
            };
            // A typo rarely touches the first letter.
            let Ok(mut terms) = index
                .terms()
                .range()
                .ge(first.to_string().as_bytes())
                .into_stream()
            else {
                continue;
            };
            let mut looked = 0;
            while looked < MOST_TERMS && terms.advance() {
                looked += 1;
                let Ok(term) = std::str::from_utf8(terms.key()) else {
                    continue;
                };
                if !term.starts_with(first) {
                    break;
                }
                let near = term.len().abs_diff(lower.len()) <= 3;
                if near && term.len() > 2 && !is_phrase_token(term) {
                    *frequency.entry(term.to_string()).or_default() +=
                        u64::from(terms.value().doc_freq);
                }
            }
        }
    }
    // A drug's name is shown whole, not as the stem that the index keeps.
    let mut shown: HashMap<String, &str> = HashMap::new();
    for generic in Drugs::get().generics() {
        for name in Drugs::get().names_of(generic) {
            if name.starts_with(first)
                && !name.contains([' ', '/'])
                && let [one] = words(name).as_slice()
            {
                shown.insert(one.text.clone(), name);
            }
        }
    }
    let names: Vec<&str> = frequency
        .keys()
        .map(|term| shown.get(term).copied().unwrap_or(term.as_str()))
        .collect();
    let mut near = nearest(&lower, names);
    near.retain(|name| *name != lower);
    near
}
