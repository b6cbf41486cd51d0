//! From a text to the numbers of its words.

use super::super::known_phrases::Follower;
use super::super::stems::{Note, Owner, Place, Stems, UNNOTED};
use super::super::tokenizer::ImrTokenizer;
use super::log::Log;
use super::terms::Terms;
use tantivy::tokenizer::TokenStream;

/// The words of all texts of a segment, numbered.
#[derive(Default)]
pub struct Words {
    pub terms: Terms,
    /// The numbers of the tokens of known phrases; [`UNNOTED`] of those not met yet.
    phrases: Vec<u32>,
    follower: Follower,
    /// Whose numbers the stems remember.
    owner: Owner,
    tokenizer: ImrTokenizer,
}

impl Words {
    /// Adds the words of a text to a field's, and the known phrases where they end.
    pub fn write(&mut self, text: &str, log: &mut Log) {
        let Words {
            terms,
            phrases,
            follower,
            owner,
            tokenizer,
        } = self;
        phrases.resize(follower.phrases(), UNNOTED);
        follower.begin();
        let mut stream = tokenizer.by_place(text, owner);
        // One before the first word's.
        let mut position = usize::MAX;
        loop {
            let mut beside = false;
            let (term, in_phrases) = if let Some((stems, place)) = stream.next_place() {
                position = position.wrapping_add(1);
                numbers(stems, place, terms, follower)
            } else if stream.advance() {
                let here = stream.token().position;
                beside = here == position;
                position = here;
                if let Some((stems, place)) = stream.place() {
                    numbers(stems, place, terms, follower)
                } else {
                    let word = &stream.token().text;
                    (terms.number(word.as_bytes()), follower.number(word))
                }
            } else {
                return;
            };
            log.push(term, beside);
            follower.follow(in_phrases, position);
            while let Some(phrase) = follower.complete() {
                let term = &mut phrases[phrase.number()];
                if *term == UNNOTED {
                    *term = terms.number(phrase.token().as_bytes());
                }
                log.push(*term, true);
            }
        }
    }
}

/// The number of a stem as a term, and that as a word of phrases.
#[inline]
fn numbers(stems: &mut Stems, place: Place, terms: &mut Terms, follower: &Follower) -> (u32, Note) {
    let mut term = stems.term(place);
    if term == UNNOTED {
        term = terms.number(stems.stem(place).as_bytes());
        stems.set_term(place, term);
    }
    (term, follower.number_at(stems, place))
}
