//! Phrases of the vocabulary as tokens of their own.
//!
//! Most synonyms are phrases ("epidural steroid injection"), and checking positions word by word is
//! the dearest part of a search. So the phrases of the tables are found once, when a letter is
//! indexed, and each adds a token where it ends. A search then looks a phrase up like a word.

use super::stems::{Note, UNNOTED};
use super::tokenizer::{ImrTokenStream, ImrTokenizer, plain_words};
use crate::vocabulary::{DRUGS_TSV, Drugs, QuickHash, SYNONYMS_TSV, Synonyms};
use std::collections::HashMap;
use std::sync::LazyLock;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Between the words of a phrase's token; no word has it.
const JOINT: &str = "_";

/// The token of a phrase, given its indexed words.
#[must_use]
pub fn phrase_token(words: &[String]) -> String {
    words.join(JOINT)
}

/// Whether a term is the token of a phrase rather than a word.
#[must_use]
pub fn is_phrase_token(term: &str) -> bool {
    term.contains(JOINT)
}

/// The names of which phrases are made: all terms of the synonyms and all names of drugs.
fn names() -> impl Iterator<Item = &'static str> {
    let synonyms = Synonyms::get().groups().iter().flatten().copied();
    synonyms.chain(Drugs::get().all_names())
}

/// A digest of the tables that the names are from, so that a search knows whether an index has their
/// tokens. Every command opens an index: the tables are not read for it.
pub fn digest() -> String {
    let mut hasher = blake3::Hasher::new();
    for table in [SYNONYMS_TSV, DRUGS_TSV] {
        hasher.update(table.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_string()
}

/// Noted of words that no phrase has.
const IN_NO_PHRASE: Note = UNNOTED - 1;

/// A tree of phrases: from a node and a word to the next node.
#[derive(Default)]
struct Tree {
    words: HashMap<String, u32, QuickHash>,
    next: HashMap<(u32, u32), u32, QuickHash>,
    /// Of each word the node that it leads to from the root; 0 of those that begin no phrase.
    first: Vec<u32>,
    /// The token of the phrase that ends at a node.
    tokens: Vec<Option<String>>,
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let mut tree = Tree {
        tokens: vec![None],
        ..Tree::default()
    };
    for name in names() {
        let words = plain_words(name);
        if words.len() > 1 {
            tree.add(&words);
        }
    }
    tree.first = vec![0; tree.words.len()];
    for ((node, word), next) in &tree.next {
        if *node == 0 {
            tree.first[*word as usize] = *next;
        }
    }
    tree
});

impl Tree {
    fn add(&mut self, words: &[String]) {
        let mut node = 0;
        for word in words {
            let count = self.words.len() as u32;
            let word = *self.words.entry(word.clone()).or_insert(count);
            let new = self.tokens.len() as u32;
            node = *self.next.entry((node, word)).or_insert(new);
            if node == new {
                self.tokens.push(None);
            }
        }
        self.tokens[node as usize] = Some(phrase_token(words));
    }
}

/// The tokenizer of what is indexed: words, and known phrases where they end.
#[derive(Clone, Default)]
pub struct PhraseTokenizer {
    words: ImrTokenizer,
    token: Token,
    begun: Vec<(u32, usize)>,
}

impl Tokenizer for PhraseTokenizer {
    type TokenStream<'a> = PhraseTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PhraseTokenStream<'a> {
        self.begun.clear();
        PhraseTokenStream {
            tree: &TREE,
            words: self.words.token_stream(text),
            begun: &mut self.begun,
            complete: Vec::new(),
            token: &mut self.token,
            at_phrase: false,
        }
    }
}

/// See [`PhraseTokenizer`].
pub struct PhraseTokenStream<'a> {
    tree: &'static Tree,
    words: ImrTokenStream<'a>,
    /// Phrases that have begun: the node, and the position at which the next word must stand.
    begun: &'a mut Vec<(u32, usize)>,
    /// Tokens of phrases that end at the last word.
    complete: Vec<&'static str>,
    token: &'a mut Token,
    at_phrase: bool,
}

impl PhraseTokenStream<'_> {
    /// The number of the last word, if a phrase has it.
    fn number(&mut self) -> Option<u32> {
        let tree = self.tree;
        let number = |word: &str| tree.words.get(word).copied().unwrap_or(IN_NO_PHRASE);
        let number = match self.words.place() {
            None => number(&self.words.token().text),
            Some((stems, place)) => match stems.note(place) {
                UNNOTED => {
                    let number = number(stems.stem(place));
                    stems.set_note(place, number);
                    number
                }
                noted => noted,
            },
        };
        (number != IN_NO_PHRASE).then_some(number)
    }

    /// Goes on with every phrase that the last word continues or begins. Joined forms share the
    /// place of a word, so phrases with either form are found.
    fn follow(&mut self) {
        let number = self.number();
        let position = self.words.token().position;
        if !self.begun.is_empty() {
            self.begun.retain(|(_, next)| *next >= position);
        }
        let Some(word) = number else {
            return;
        };
        for n in 0..self.begun.len() {
            let (node, next) = self.begun[n];
            if next == position
                && let Some(reached) = self.tree.next.get(&(node, word))
            {
                self.reach(*reached, position);
            }
        }
        match self.tree.first[word as usize] {
            0 => {}
            reached => self.reach(reached, position),
        }
    }

    fn reach(&mut self, node: u32, position: usize) {
        self.begun.push((node, position + 1));
        if let Some(token) = &self.tree.tokens[node as usize] {
            self.complete.push(token);
        }
    }
}

impl PhraseTokenStream<'_> {
    /// Makes the token of a phrase that ends at the last word the stream's token.
    fn tell(&mut self, phrase: &str) {
        let word = self.words.token();
        self.token.text.clear();
        self.token.text.push_str(phrase);
        self.token.position = word.position;
        self.token.position_length = 1;
        self.token.offset_from = word.offset_from;
        self.token.offset_to = word.offset_to;
    }
}

impl TokenStream for PhraseTokenStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(phrase) = self.complete.pop() {
            self.tell(phrase);
            self.at_phrase = true;
            return true;
        }
        self.at_phrase = false;
        if !self.words.advance() {
            return false;
        }
        self.follow();
        true
    }

    fn token(&self) -> &Token {
        if self.at_phrase {
            self.token
        } else {
            self.words.token()
        }
    }

    fn token_mut(&mut self) -> &mut Token {
        if self.at_phrase {
            self.token
        } else {
            self.words.token_mut()
        }
    }

    // How the indexer reads: in one loop, without asking for each token which it is.
    fn process(&mut self, sink: &mut dyn FnMut(&Token)) {
        loop {
            while let Some(phrase) = self.complete.pop() {
                self.tell(phrase);
                sink(self.token);
            }
            if !self.words.advance() {
                return;
            }
            sink(self.words.token());
            self.follow();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut tokenizer = PhraseTokenizer::default();
        let mut stream = tokenizer.token_stream(text);
        let mut tokens = Vec::new();
        stream.process(&mut |token| tokens.push(token.clone()));
        drop(stream);
        let mut stream = tokenizer.token_stream(text);
        for token in &tokens {
            assert!(stream.advance());
            assert_eq!(stream.token(), token);
        }
        assert!(!stream.advance());
        tokens.into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn phrases_of_the_tables_are_tokens_where_they_end() {
        let found = tokens("An epidural steroid injection, and physical therapy for the low back");
        for phrase in ["epidural steroid injection", "physical therapy"] {
            let token = phrase_token(&plain_words(phrase));
            assert_eq!(found.iter().filter(|t| **t == token).count(), 1, "{token}");
        }
        let beside = tokens("urine drug screen drug screen");
        let token = phrase_token(&plain_words("drug screen"));
        assert_eq!(
            beside.iter().filter(|t| **t == token).count(),
            2,
            "{beside:?}"
        );
        let parted = tokens("epidural with steroid, no injection");
        assert!(!parted.iter().any(|t| t.contains(JOINT)), "{parted:?}");
    }

    #[test]
    fn what_is_not_in_a_phrase_is_untouched() {
        let plain: Vec<String> = tokens("The worker's follow-up on L4-5 was #60.")
            .into_iter()
            .filter(|t| !t.contains(JOINT))
            .collect();
        let words: Vec<String> = super::super::words("The worker's follow-up on L4-5 was #60.")
            .into_iter()
            .map(|w| w.text)
            .collect();
        assert_eq!(plain, words);
    }
}
