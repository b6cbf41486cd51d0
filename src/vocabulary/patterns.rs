//! Patterns of words, as the tables of findings write them, and finding all of them in a text.
//!
//! A pattern is a row of words: `a|b` is either word, `w?` may be missing, `w~` is any word that
//! begins so (four letters or more), and `..` stands for up to four words of any kind. Filler words
//! ("the", "clear", "objective") may stand between the words of any pattern. All patterns of a
//! vocabulary are one trie over word numbers, so a text is read once however many there are: each
//! word starts a walk of bounded length, and time is linear in the text.

use super::quick_hash::QuickHash;
use std::collections::HashMap;
use std::ops::Range;

/// A word of a text: where it stands, and which words of the patterns it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The word of the patterns that it is, or none.
    exact: u32,
    /// The beginning in the patterns that it has, or none.
    stem: u32,
}

/// A pattern found in a row of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatternMatch {
    /// The first of its words.
    pub start: usize,
    /// The word after its last.
    pub end: usize,
    /// Which pattern: its place in the list that [`Patterns::new`] was given.
    pub pattern: usize,
}

/// Words that no pattern has.
const NONE: u32 = 0;
/// The shortest beginning: `w~`.
const SHORTEST_STEM: usize = 4;
/// `..` stands for so many words at most.
const GAP: usize = 4;
/// So many filler words may stand within a match.
const FILLERS: usize = 4;
/// The longest word that is looked up; longer ones are in no table.
const LONGEST: usize = 32;

#[derive(Default)]
struct Node {
    /// The node after a gap, 0 where none is.
    gap: u32,
    /// A bit for each word that leads on, by its number: most words lead nowhere, and cost no
    /// look-up.
    leads: u64,
    /// The patterns that end here.
    patterns: Vec<u32>,
}

/// Many patterns, found in one pass.
pub struct Patterns {
    /// Words of up to eight letters, by these.
    short: Numbers,
    /// Longer words.
    long: HashMap<&'static [u8], u32, QuickHash>,
    /// A bit for each beginning of a word or stem, by its first four letters: most words of a text
    /// have none.
    known: [u64; KNOWN],
    /// Beginnings that have the same first four letters.
    stems: Vec<Vec<(&'static [u8], u32)>>,
    /// By these letters, which of them, from 1 on.
    stems_by_head: Numbers,
    filler: Vec<bool>,
    nodes: Vec<Node>,
    edges: Numbers,
    /// The edges of the root, by word.
    first: Vec<u32>,
}

impl Patterns {
    /// Builds the trie. Patterns are in lower case.
    ///
    /// # Panics
    /// On a pattern that could match nothing, and on a beginning that is too short or has another
    /// one within it: the tables are compiled in, and a test reads all.
    #[must_use]
    pub fn new(
        fillers: impl IntoIterator<Item = &'static str>,
        patterns: impl IntoIterator<Item = &'static str>,
    ) -> Patterns {
        let mut made = Patterns {
            short: Numbers::default(),
            long: HashMap::default(),
            known: [0; KNOWN],
            stems: Vec::new(),
            stems_by_head: Numbers::default(),
            filler: vec![false],
            nodes: vec![Node::default()],
            edges: Numbers::default(),
            first: Vec::new(),
        };
        for filler in fillers {
            let word = made.word(filler);
            made.filler[word as usize] = true;
        }
        for (n, pattern) in patterns.into_iter().enumerate() {
            made.add(pattern, n as u32);
        }
        made.first = (0..made.filler.len() as u32)
            .map(|word| made.edge(0, word))
            .collect();
        made
    }

    fn word(&mut self, word: &'static str) -> u32 {
        let word = word.strip_suffix("'s").unwrap_or(word);
        let (block, bit) = known_bit(head(word.trim_end_matches('~').as_bytes()));
        self.known[block] |= bit;
        let next = self.filler.len() as u32;
        let number = if let Some(stem) = word.strip_suffix('~') {
            assert!(stem.len() >= SHORTEST_STEM, "{word}: too short a beginning");
            let head = u64::from(head(stem.as_bytes()));
            let at = self.stems_by_head.get_or(head, self.stems.len() as u32 + 1) as usize;
            if at > self.stems.len() {
                self.stems.push(Vec::new());
            }
            let alike = &mut self.stems[at - 1];
            let same = alike.iter().find(|(other, _)| *other == stem.as_bytes());
            if let Some((_, number)) = same {
                return *number;
            }
            let nested = alike.iter().find(|(other, _)| {
                other.starts_with(stem.as_bytes()) || stem.as_bytes().starts_with(other)
            });
            assert!(nested.is_none(), "{word}: another beginning has it");
            alike.push((stem.as_bytes(), next));
            next
        } else {
            match eight(word.as_bytes()) {
                Some(eight) => self.short.get_or(eight, next),
                None => *self.long.entry(word.as_bytes()).or_insert(next),
            }
        };
        if number == next {
            self.filler.push(false);
        }
        number
    }

    fn edge(&self, node: u32, word: u32) -> u32 {
        self.edges.get(key(node, word))
    }

    fn node(&mut self) -> u32 {
        self.nodes.push(Node::default());
        self.nodes.len() as u32 - 1
    }

    fn add(&mut self, pattern: &'static str, number: u32) {
        let mut at = vec![0];
        for element in pattern.split(' ') {
            let mut next = Vec::new();
            if element == ".." {
                for node in at {
                    if self.nodes[node as usize].gap == 0 {
                        let after = self.node();
                        self.nodes[node as usize].gap = after;
                    }
                    next.push(self.nodes[node as usize].gap);
                }
                at = next;
                continue;
            }
            let optional = element.ends_with('?');
            for word in element.trim_end_matches('?').split('|') {
                let word = self.word(word);
                for node in &at {
                    let mut to = self.edge(*node, word);
                    if to == 0 {
                        to = self.node();
                        self.edges.get_or(key(*node, word), to);
                        self.nodes[*node as usize].leads |= lead(word);
                    }
                    next.push(to);
                }
            }
            if optional {
                next.append(&mut at);
            }
            next.sort_unstable();
            next.dedup();
            at = next;
        }
        for node in at {
            assert!(node != 0, "{pattern}: matches nothing");
            self.nodes[node as usize].patterns.push(number);
        }
    }

    /// The words of a text that stand in a range of it: runs of letters and digits, without "'s".
    #[must_use]
    pub fn words(&self, text: &str, range: Range<usize>) -> Vec<Word> {
        let bytes = text.as_bytes();
        let mut words = Vec::with_capacity(range.len() / 5);
        let mut lower = [0; LONGEST];
        let mut at = range.start;
        while at < range.end {
            if LOWER[usize::from(bytes[at])] == 0 {
                at += 1;
                continue;
            }
            let start = at;
            let mut length = plain_word(&bytes[start..range.end], &mut lower);
            if length == 0 {
                (length, at) = any_word(bytes, start, range.end, &mut lower);
            } else {
                at += length;
            }
            let (exact, stem) = match lower.get(..length) {
                Some(word) => self.look_up(word),
                None => (NONE, NONE),
            };
            words.push(Word {
                start,
                end: at,
                exact,
                stem,
            });
        }
        words
    }

    /// The word of the patterns that a word in lower case is, and the beginning that it has.
    fn look_up(&self, word: &[u8]) -> (u32, u32) {
        let head = head(word);
        let (block, bit) = known_bit(head);
        if self.known[block] & bit == 0 {
            return (NONE, NONE);
        }
        let exact = match eight(word) {
            Some(eight) => self.short.get(eight),
            None => self.long.get(word).copied().unwrap_or(NONE),
        };
        let mut stem = NONE;
        if word.len() >= SHORTEST_STEM {
            let alike = self.stems_by_head.get(u64::from(head)) as usize;
            if let Some(alike) = self.stems.get(alike.wrapping_sub(1)) {
                let begins = alike.iter().find(|(stem, _)| word.starts_with(stem));
                stem = begins.map_or(NONE, |(_, number)| *number);
            }
        }
        (exact, stem)
    }

    /// Every match in a row of words, in the order of where they begin; they may overlap.
    #[must_use]
    pub fn find(&self, words: &[Word]) -> Vec<PatternMatch> {
        let mut found = Vec::new();
        for (start, word) in words.iter().enumerate() {
            for number in [word.exact, word.stem] {
                let node = self.first[number as usize];
                if node != 0 && self.may_match(node, words.get(start + 1)) {
                    self.walk(words, start, start + 1, node, 0, &mut found);
                }
            }
        }
        if found.len() < 2 {
            return found;
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a walk from a node could lead anywhere, the word after it being known: most words
    /// that begin a pattern do not go on as it does.
    fn may_match(&self, node: u32, next: Option<&Word>) -> bool {
        let here = &self.nodes[node as usize];
        let leads_on = |word: &Word| {
            here.leads & (lead(word.exact) | lead(word.stem)) != 0
                || self.filler[word.exact as usize]
        };
        here.gap != 0 || !here.patterns.is_empty() || next.is_some_and(leads_on)
    }

    /// What matches from a node on, the words before `at` being matched.
    fn walk(
        &self,
        words: &[Word],
        start: usize,
        at: usize,
        node: u32,
        fillers: usize,
        found: &mut Vec<PatternMatch>,
    ) {
        let here = &self.nodes[node as usize];
        found.extend(here.patterns.iter().map(|pattern| PatternMatch {
            start,
            end: at,
            pattern: *pattern as usize,
        }));
        self.step(words, start, at, node, fillers, found);
        if let Some(word) = words.get(at)
            && fillers < FILLERS
            && self.filler[word.exact as usize]
        {
            self.skip(words, start, at + 1, node, fillers + 1, found);
        }
        if here.gap != 0 {
            for skipped in 0..=GAP {
                self.step(words, start, at + skipped, here.gap, fillers, found);
            }
        }
    }

    /// As [`Self::walk`], where the pattern may not end: a match does not end in a filler word.
    fn skip(
        &self,
        words: &[Word],
        start: usize,
        at: usize,
        node: u32,
        fillers: usize,
        found: &mut Vec<PatternMatch>,
    ) {
        self.step(words, start, at, node, fillers, found);
        if let Some(word) = words.get(at)
            && fillers < FILLERS
            && self.filler[word.exact as usize]
        {
            self.skip(words, start, at + 1, node, fillers + 1, found);
        }
    }

    fn step(
        &self,
        words: &[Word],
        start: usize,
        at: usize,
        node: u32,
        fillers: usize,
        found: &mut Vec<PatternMatch>,
    ) {
        let Some(word) = words.get(at) else { return };
        let leads = self.nodes[node as usize].leads;
        for number in [word.exact, word.stem] {
            if leads & lead(number) != 0 {
                let next = self.edge(node, number);
                if next != 0 {
                    self.walk(words, start, at + 1, next, fillers, found);
                }
            }
        }
    }
}

fn key(node: u32, word: u32) -> u64 {
    u64::from(node) << 32 | u64::from(word)
}

/// Blocks of bits of known beginnings; a power of two.
const KNOWN: usize = 256;

/// Which bit of which block stands for a beginning.
fn known_bit(head: u32) -> (usize, u64) {
    let hash = head.wrapping_mul(0x9e37_79b1) >> 12;
    ((hash >> 6) as usize & (KNOWN - 1), 1 << (hash & 63))
}

/// None for no word.
fn lead(word: u32) -> u64 {
    u64::from(word != NONE) << (word & 63)
}

/// Numbers by keys of eight bytes, 0 for a key that is not in it. It is mostly empty, so a look-up
/// takes one comparison.
#[derive(Default)]
struct Numbers {
    /// A power of two of places; a number of 0 is an empty one.
    places: Vec<(u64, u32)>,
    used: usize,
}

impl Numbers {
    fn get(&self, key: u64) -> u32 {
        if self.places.is_empty() {
            return 0;
        }
        self.places[self.place(key)].1
    }

    /// The number of a key, which is the given one where it had none.
    fn get_or(&mut self, key: u64, number: u32) -> u32 {
        if self.places.len() <= self.used * 4 {
            let larger = vec![(0, 0); (self.places.len() * 2).max(64)];
            for old in std::mem::replace(&mut self.places, larger) {
                if old.1 != 0 {
                    let place = self.place(old.0);
                    self.places[place] = old;
                }
            }
        }
        let place = self.place(key);
        if self.places[place].1 == 0 {
            self.places[place] = (key, number);
            self.used += 1;
        }
        self.places[place].1
    }

    /// Where a key is, or would be.
    fn place(&self, key: u64) -> usize {
        let last = self.places.len() - 1;
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut place = (mixed ^ (mixed >> 32)) as usize & last;
        while self.places[place].1 != 0 && self.places[place].0 != key {
            place = (place + 1) & last;
        }
        place
    }
}

/// The first four letters, fewer where the word is shorter.
fn head(word: &[u8]) -> u32 {
    let mut four = [0; 4];
    let length = word.len().min(4);
    four[..length].copy_from_slice(&word[..length]);
    u32::from_le_bytes(four)
}

/// The letters of a word of up to eight.
fn eight(word: &[u8]) -> Option<u64> {
    if word.len() > 8 {
        return None;
    }
    let mut eight = [0; 8];
    eight[..word.len()].copy_from_slice(word);
    Some(u64::from_le_bytes(eight))
}

/// A letter or digit in lower case, a byte beyond ASCII as it is; 0 for what is of no word.
const LOWER: [u8; 256] = {
    let mut lower = [0; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            lower[b] = byte.to_ascii_lowercase();
        }
        b += 1;
    }
    lower
};

/// The length of a word of ASCII letters and digits at the beginning of a text, and its letters in
/// lower case; eight bytes at a time, for a loop by bytes ends where no processor foresees it. 0
/// where the word is none such, or may not be: it is long, has an apostrophe, or ends the text.
fn plain_word(text: &[u8], lower: &mut [u8; LONGEST]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let mut length = 0;
    for (eight, lower) in text.chunks_exact(8).zip(lower.chunks_exact_mut(8)) {
        let bytes = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        let (seven, small) = (bytes & !HIGH, (bytes & !HIGH) | (0x20 * ONES));
        // No sum carries into the next byte: each is of seven bits and less than 0x80.
        let from = |bytes: u64, first: u8| bytes + u64::from(0x80 - first) * ONES;
        let letters = from(small, b'a') & !from(small, b'z' + 1);
        let digits = from(seven, b'0') & !from(seven, b'9' + 1);
        let others = !((letters | digits) & !bytes) & HIGH;
        lower.copy_from_slice(&small.to_le_bytes());
        let run = others.trailing_zeros() as usize / 8;
        length += run;
        if run < 8 {
            let after = text[length];
            return if after == b'\'' || after >= 0x80 {
                0
            } else {
                length
            };
        }
    }
    0
}

/// The length of any word, up to which [`Patterns::words`] compares it, and where it ends.
fn any_word(bytes: &[u8], start: usize, end: usize, lower: &mut [u8; LONGEST]) -> (usize, usize) {
    let (mut at, mut length) = (start, 0);
    while at < end {
        let letter = LOWER[usize::from(bytes[at])];
        if letter == 0 && !is_apostrophe(bytes, at, end) {
            break;
        }
        if length < LONGEST {
            lower[length] = if letter == 0 { b'\'' } else { letter };
        }
        length += 1;
        at += 1;
    }
    if length > 2 && length <= LONGEST && lower[..length].ends_with(b"'s") {
        length -= 2;
    }
    (length, at)
}

fn is_apostrophe(bytes: &[u8], at: usize, end: usize) -> bool {
    bytes[at] == b'\'' && at + 1 < end && bytes[at + 1].is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: &[&'static str], text: &str) -> Vec<(usize, String)> {
        let patterns = Patterns::new(["the", "clear"], patterns.iter().copied());
        let words = patterns.words(text, 0..text.len());
        patterns
            .find(&words)
            .into_iter()
            .map(|m| {
                let span = &text[words[m.start].start..words[m.end - 1].end];
                (m.pattern, span.to_string())
            })
            .collect()
    }

    #[test]
    fn either_optional_beginning_and_gap() {
        let patterns = ["lack~ of? rationale|reason", "fail~ .. therapy"];
        for text in [
            "lack of rationale",
            "lacks a reason",
            "Lacking the clear reason",
        ] {
            let wants = if text.contains(" a ") { 0 } else { 1 };
            assert_eq!(found(&patterns, text).len(), wants, "{text}");
        }
        assert_eq!(
            found(&patterns, "he failed a long course of therapy."),
            [(1, "failed a long course of therapy".to_string())]
        );
        assert!(found(&patterns, "failed one two three four five therapy").is_empty());
    }

    #[test]
    fn every_match_is_found_and_possessives_are_bare() {
        assert_eq!(
            found(
                &["physical therapy", "therapy"],
                "The patient's physical therapy"
            ),
            [
                (0, "physical therapy".to_string()),
                (1, "therapy".to_string())
            ]
        );
        assert_eq!(found(&["patient"], "patient's").len(), 1);
    }

    #[test]
    fn odd_texts_are_read() {
        for text in [
            "",
            "'",
            "'s",
            "x's",
            "é'é",
            &"a".repeat(100),
            &"the ".repeat(1000),
        ] {
            found(&["the a", "é .. x"], text);
        }
    }
}
