//! Phrases of the vocabulary as tokens of their own.
//!
//! Most synonyms are phrases ("epidural steroid injection"), and checking positions word by word is
//! the dearest part of a search. So the phrases of the tables are found once, when a letter is
//! indexed, and each adds a token where it ends. A search then looks a phrase up like a word.

use super::stems::{Note, Stems, TermSlot, UNNOTED};
use super::tokenizer::plain_words;
use crate::vocabulary::{DRUGS_TSV, Drugs, QuickHash, SYNONYMS_TSV, Synonyms};
use std::collections::HashMap;
use std::sync::LazyLock;

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
pub(super) fn digest() -> String {
    let mut hasher = blake3::Hasher::new();
    let between = include_str!("../../index-schema/words_between.txt");
    for table in [SYNONYMS_TSV, DRUGS_TSV, between] {
        hasher.update(table.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_string()
}

/// Words that may stand between those of a phrase, one in each: "frozen right shoulder", "carpal
/// tunnel, left, release". They say where, and never what.
static BETWEEN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let table = include_str!("../../index-schema/words_between.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(plain_words).collect()
});

/// Loads the table of phrases, which takes a while.
pub(super) fn load() {
    LazyLock::force(&TREE);
}

/// Whether a word, as indexed, may stand between those of a known phrase.
#[must_use]
pub fn is_between(word: &str) -> bool {
    BETWEEN.iter().any(|between| between == word)
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
    /// Of each word whether it may stand between the words of a phrase.
    between: Vec<bool>,
    /// Of each node a bit for every word that goes on from it, as [`bit`] has them: few do, and most
    /// words are told apart without a look at `next`.
    onward: Vec<u64>,
}

fn bit(word: u32) -> u64 {
    1 << (word % 64)
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
    let between: Vec<u32> = BETWEEN.iter().map(|word| tree.word(word)).collect();
    tree.between = vec![false; tree.words.len()];
    for word in between {
        tree.between[word as usize] = true;
    }
    tree.first = vec![0; tree.words.len()];
    tree.onward = vec![0; tree.tokens.len()];
    for ((node, word), next) in &tree.next {
        tree.onward[*node as usize] |= bit(*word);
        if *node == 0 {
            tree.first[*word as usize] = *next;
        }
    }
    tree
});

impl Tree {
    fn word(&mut self, word: &str) -> u32 {
        let count = self.words.len() as u32;
        *self.words.entry(word.to_string()).or_insert(count)
    }

    fn add(&mut self, words: &[String]) {
        let mut node = 0;
        for word in words {
            let word = self.word(word);
            let new = self.tokens.len() as u32;
            node = *self.next.entry((node, word)).or_insert(new);
            if node == new {
                self.tokens.push(None);
            }
        }
        self.tokens[node as usize] = Some(phrase_token(words));
    }
}

/// A phrase of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Phrase(u32);

impl Phrase {
    /// Its number: below [`PhraseMatcher::phrases`].
    pub(super) fn number(self) -> usize {
        self.0 as usize
    }

    /// Its token.
    pub(super) fn token(self) -> &'static str {
        TREE.tokens[self.number()].as_deref().unwrap_or_default()
    }
}

/// A phrase that has begun.
#[derive(Clone, Copy)]
struct PartialMatch {
    node: u32,
    /// The position at which its next word must stand.
    next: usize,
    onward: u64,
    /// A word between was passed over.
    passed: bool,
}

/// Follows the words of a text, and tells which known phrases end with each.
pub(super) struct PhraseMatcher {
    tree: &'static Tree,
    /// Phrases that have begun and may go on.
    begun: Vec<PartialMatch>,
    /// Phrases that end with the last word.
    complete: Vec<Phrase>,
}

impl Default for PhraseMatcher {
    fn default() -> Self {
        PhraseMatcher {
            tree: &TREE,
            begun: Vec::new(),
            complete: Vec::new(),
        }
    }
}

impl PhraseMatcher {
    /// Numbers of phrases are below this.
    pub(super) fn phrases(&self) -> usize {
        self.tree.tokens.len()
    }

    /// The number of a word in phrases.
    pub(super) fn number(&self, word: &str) -> Note {
        self.tree.words.get(word).copied().unwrap_or(IN_NO_PHRASE)
    }

    /// The number of a word whose stem is remembered, and remembered beside it.
    #[inline]
    pub(super) fn number_at(&self, stems: &mut Stems, place: TermSlot) -> Note {
        match stems.note(place) {
            UNNOTED => {
                let number = self.number(stems.stem(place));
                stems.set_note(place, number);
                number
            }
            noted => noted,
        }
    }

    /// Begins a text.
    pub(super) fn begin(&mut self) {
        self.begun.clear();
        self.complete.clear();
    }

    /// Goes on with every phrase that a word continues or begins. Joined forms share the place of a
    /// word, so phrases with either form are found.
    #[inline]
    pub(super) fn follow(&mut self, word: Note, position: usize) {
        if !self.begun.is_empty() {
            self.begun.retain(|begun| begun.next >= position);
        }
        if word != IN_NO_PHRASE {
            self.go_on(word, position);
        }
    }

    fn go_on(&mut self, word: Note, position: usize) {
        for n in 0..self.begun.len() {
            let begun = self.begun[n];
            if begun.next == position
                && begun.onward & bit(word) != 0
                && let Some(reached) = self.tree.next.get(&(begun.node, word))
            {
                self.reach(*reached, position, begun.passed);
            }
        }
        if self.tree.between[word as usize] {
            for n in 0..self.begun.len() {
                let begun = self.begun[n];
                if begun.next == position && !begun.passed {
                    self.begun.push(PartialMatch {
                        next: position + 1,
                        passed: true,
                        ..begun
                    });
                }
            }
        }
        match self.tree.first[word as usize] {
            0 => {}
            reached => self.reach(reached, position, false),
        }
    }

    fn reach(&mut self, node: u32, position: usize, passed: bool) {
        let onward = self.tree.onward[node as usize];
        if onward != 0 {
            self.begun.push(PartialMatch {
                node,
                next: position + 1,
                onward,
                passed,
            });
        }
        if self.tree.tokens[node as usize].is_some() {
            self.complete.push(Phrase(node));
        }
    }

    /// A phrase that ends with the last word, each once.
    pub(super) fn complete(&mut self) -> Option<Phrase> {
        self.complete.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrases of a text, in the order in which they end.
    fn phrases(text: &str) -> Vec<&'static str> {
        let mut matcher = PhraseMatcher::default();
        let mut phrases = Vec::new();
        for word in super::super::words(text) {
            matcher.follow(matcher.number(&word.text), word.position);
            phrases.extend(std::iter::from_fn(|| matcher.complete()).map(Phrase::token));
        }
        phrases
    }

    #[test]
    fn phrases_of_the_tables_are_found_where_they_end() {
        let found = phrases("An epidural steroid injection, and physical therapy for the low back");
        for phrase in ["epidural steroid injection", "physical therapy"] {
            let token = phrase_token(&plain_words(phrase));
            assert_eq!(found.iter().filter(|t| **t == token).count(), 1, "{token}");
        }
        let beside = phrases("urine drug screen drug screen");
        let token = phrase_token(&plain_words("drug screen"));
        assert_eq!(
            beside.iter().filter(|t| **t == token).count(),
            2,
            "{beside:?}"
        );
        let parted = phrases("epidural with steroid, no injection");
        assert_eq!(parted, [""; 0]);
    }

    #[test]
    fn a_side_may_stand_between_the_words_of_a_phrase() {
        let token = |phrase: &str| phrase_token(&plain_words(phrase));
        for text in [
            "frozen shoulder",
            "frozen right shoulder",
            "frozen (left) shoulder",
        ] {
            assert!(
                phrases(text).contains(&token("frozen shoulder").as_str()),
                "{text}"
            );
        }
        for text in [
            "frozen right left shoulder",
            "frozen stiff shoulder",
            "right frozen",
        ] {
            assert!(
                !phrases(text).contains(&token("frozen shoulder").as_str()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_does_not_go_on_where_the_last_ended() {
        let mut matcher = PhraseMatcher::default();
        matcher.follow(matcher.number("epidur"), 0);
        matcher.follow(matcher.number("steroid"), 1);
        matcher.begin();
        matcher.follow(matcher.number("inject"), 2);
        assert_eq!(matcher.complete(), None);
    }
}
