//! Everything that the index has of a text, word by word: for another engine, which is to find the same
//! words in the same places.

use super::known_phrases::{self, PhraseMatcher};
use super::tokenizer::ImrTokenizer;
use super::{FORMAT, schema};
use tantivy::tokenizer::{TokenStream, Tokenizer};

/// A digest of everything that decides what is indexed of a letter: the same for two programs that index it
/// alike.
#[must_use]
pub fn indexing_digest() -> String {
    let (schema, phrases) = (schema::schema_digest(), known_phrases::digest());
    format!("{FORMAT}-{schema}-{phrases}")
}

/// A term at a place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexedTerm<'t> {
    /// An indexed word.
    Stem(&'t str),
    /// The word itself, where its stem is another.
    Surface(&'t str),
    /// The token of a known phrase that ends here.
    Phrase(&'t str),
}

/// Calls back with every term of a text and its position, in order; positions rise by one.
pub fn each_indexed(text: &str, mut each: impl FnMut(usize, IndexedTerm<'_>)) {
    let mut tokenizer = ImrTokenizer::default();
    let mut stream = tokenizer.token_stream(text);
    let mut matcher = PhraseMatcher::default();
    matcher.begin();
    while stream.advance() {
        let position = stream.token().position;
        if let Some(surface) = stream.surface() {
            each(position, IndexedTerm::Surface(surface));
        }
        let stem = &stream.token().text;
        each(position, IndexedTerm::Stem(stem));
        matcher.follow(matcher.number(stem), position);
        while let Some(phrase) = matcher.complete() {
            each(position, IndexedTerm::Phrase(phrase.token()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_themselves_and_phrases_in_their_places() {
        let mut told = String::new();
        each_indexed("Physical therapies, follow-up", |position, term| {
            let (kind, term) = match term {
                IndexedTerm::Stem(term) => ("", term),
                IndexedTerm::Surface(term) => ("=", term),
                IndexedTerm::Phrase(term) => ("+", term),
            };
            told += &format!("{kind}{term}@{position} ");
        });
        for term in [
            "physic",
            "therapi",
            "=therapies@1",
            "+",
            "follow@2",
            "up@3",
            "followup@3",
        ] {
            assert!(told.contains(term), "{term}: {told}");
        }
    }
}
