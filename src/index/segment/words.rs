//! From a text to the numbers of its words.

use super::super::known_phrases::PhraseMatcher;
use super::super::stems::{Note, OWN_STEM, Stems, TermScope, TermSlot, UNNOTED};
use super::super::tokenizer::ImrTokenizer;
use super::log::TokenBuffer;
use super::terms::Terms;
use tantivy::tokenizer::TokenStream;

/// The words of all texts of a segment, numbered.
#[derive(Default)]
pub(super) struct Words {
    pub terms: Terms,
    /// The words themselves of all texts, where their stems are other words: by document, without
    /// positions.
    pub surfaces: TokenBuffer,
    /// Documents so far that have a text.
    documents: u32,
    last: Option<u32>,
    /// The numbers of the tokens of known phrases; [`UNNOTED`] of those not met yet.
    phrases: Vec<u32>,
    /// From the first text on: the table of phrases takes a while to load.
    matcher: Option<PhraseMatcher>,
    /// Whose numbers the stems remember.
    owner: TermScope,
    tokenizer: ImrTokenizer,
}

impl Words {
    /// Adds the words of a document's text to a field's, and the known phrases where they end.
    pub(super) fn write(&mut self, document: u32, text: &str, log: &mut TokenBuffer) {
        if self.last != Some(document) {
            self.last = Some(document);
            self.documents += 1;
            self.surfaces.begin(document);
        }
        let Words {
            terms,
            surfaces,
            documents,
            phrases,
            matcher,
            owner,
            tokenizer,
            ..
        } = self;
        let matcher = matcher.get_or_insert_default();
        phrases.resize(matcher.phrases(), UNNOTED);
        matcher.begin();
        let mut stream = tokenizer.by_place(text, owner);
        // One before the first word's.
        let mut position = usize::MAX;
        loop {
            let mut beside = false;
            let (term, in_phrases) = if let Some((stems, place)) = stream.next_place() {
                position = position.wrapping_add(1);
                surface(stems, place, *documents, terms, surfaces);
                numbers(stems, place, terms, matcher)
            } else if stream.advance() {
                let here = stream.token().position;
                beside = here == position;
                position = here;
                if let Some((stems, place)) = stream.place() {
                    surface(stems, place, *documents, terms, surfaces);
                    numbers(stems, place, terms, matcher)
                } else {
                    if let Some(word) = stream.surface() {
                        surfaces.push(terms.number(word.as_bytes()), false);
                    }
                    let word = &stream.token().text;
                    (terms.number(word.as_bytes()), matcher.number(word))
                }
            } else {
                return;
            };
            log.push(term, beside);
            matcher.follow(in_phrases, position);
            while let Some(phrase) = matcher.complete() {
                let term = &mut phrases[phrase.number()];
                if *term == UNNOTED {
                    *term = terms.number(phrase.token().as_bytes());
                }
                log.push(*term, true);
            }
        }
    }
}

/// Notes the word at a place for a document, once; how often it stands there is only counted.
#[inline]
fn surface(
    stems: &mut Stems,
    place: TermSlot,
    document: u32,
    terms: &mut Terms,
    log: &mut TokenBuffer,
) {
    let mut number = stems.surface(place);
    if number == OWN_STEM {
        return;
    }
    if !stems.is_first(place, document) {
        log.count();
        return;
    }
    if number == UNNOTED {
        let (bytes, len) = stems.word(place).bytes();
        number = terms.number(&bytes[..len]);
        stems.set_surface(place, number);
    }
    log.push(number, false);
}

/// The number of a stem as a term, and that as a word of phrases.
#[inline]
fn numbers(
    stems: &mut Stems,
    place: TermSlot,
    terms: &mut Terms,
    matcher: &PhraseMatcher,
) -> (u32, Note) {
    let mut term = stems.term(place);
    if term == UNNOTED {
        term = terms.number(stems.stem(place).as_bytes());
        stems.set_term(place, term);
    }
    (term, matcher.number_at(stems, place))
}
