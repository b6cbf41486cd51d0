//! The stems of words, remembered: a letter's words are nearly all words that were met before.
//!
//! Words of up to fifteen ASCII letters are their own key, read sixteen bytes of the text at a time
//! ([`short_word`]), and what is remembered of them is found by an open table. Longer and
//! accented ones are rare and stand in a map.

use crate::vocabulary::Table;
use foldhash::fast::RandomState;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, TokenStream};

/// Words remembered with their stems, fewer than a `u16` tells; a full memory is emptied.
const REMEMBERED: usize = 1 << 14;

/// Places in the table of a memory that has just begun.
const FIRST_PLACES: usize = 1 << 9;

static STEMS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let table = Table::read("stems.tsv", include_str!("../../index-schema/stems.tsv"));
    table
        .rows()
        .map(|row| (row.get("word"), row.get("stem")))
        .collect()
});

/// A word of at most fifteen ASCII letters: its bytes in lower case, zeros after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortWord(u128);

/// The run of ASCII letters at a place of a text, and its length; `None` if it has sixteen or more.
/// Accented letters end it.
#[inline]
pub(super) fn short_word(bytes: &[u8], from: usize) -> Option<(ShortWord, usize)> {
    let rest = bytes.get(from..)?;
    let chunk = if let Some(whole) = rest.first_chunk::<16>() {
        *whole
    } else {
        let mut padded = [0; 16];
        padded[..rest.len()].copy_from_slice(rest);
        padded
    };
    let chunk = u128::from_le_bytes(chunk);
    // Most words end in the first half.
    let (low, len) = letters(chunk as u64);
    if len < 8 {
        return Some((ShortWord(u128::from(low)), len));
    }
    let (high, more) = letters((chunk >> 64) as u64);
    (more < 8).then(|| {
        (
            ShortWord(u128::from(low) | u128::from(high) << 64),
            8 + more,
        )
    })
}

/// The ASCII letters that eight bytes begin with, in lower case and zeros after them, and how many
/// they are.
#[inline]
fn letters(chunk: u64) -> (u64, usize) {
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    const SEVEN: u64 = u64::from_ne_bytes([0x7f; 8]);
    const CASE: u64 = u64::from_ne_bytes([0x20; 8]);
    const TO_A: u64 = u64::from_ne_bytes([0x80 - b'a'; 8]);
    const PAST_Z: u64 = u64::from_ne_bytes([0x80 - b'z' - 1; 8]);
    let low = chunk | CASE;
    let seven = low & SEVEN;
    // A byte's highest bit: it is at or past 'a', and not past 'z', and is ASCII.
    let letters = (seven + TO_A) & !(seven + PAST_Z) & !chunk & HIGH;
    let len = (!letters & HIGH).trailing_zeros() / 8;
    if len < 8 {
        (low & ((1 << (8 * len)) - 1), len as usize)
    } else {
        (low, 8)
    }
}

impl ShortWord {
    /// A number of a few digits: it is its own stem, and is remembered like a word.
    pub(super) fn number(digits: &str) -> Option<ShortWord> {
        const DIGITS: usize = 4;
        let mut bytes = [0; 16];
        let fits = digits.len() <= DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        bytes
            .get_mut(..digits.len())
            .filter(|_| fits)?
            .copy_from_slice(digits.as_bytes());
        (!digits.is_empty()).then_some(ShortWord(u128::from_le_bytes(bytes)))
    }

    /// The word of some bytes, should it be one.
    fn of(word: &str) -> Option<ShortWord> {
        let (short, len) = short_word(word.as_bytes(), 0)?;
        let lower = !word.bytes().any(|b| b.is_ascii_uppercase());
        (len == word.len() && lower).then_some(short)
    }

    /// Its bytes, and how many they are.
    pub(super) fn bytes(self) -> ([u8; 16], usize) {
        let len = 16 - self.0.leading_zeros() as usize / 8;
        (self.0.to_le_bytes(), len)
    }

    fn place(self, places: usize) -> usize {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 32)) as usize & (places - 1)
    }
}

/// What is noted of a word beside its stem, by whoever uses the stems; at first [`UNNOTED`].
pub(super) type Note = u32;

/// Nothing was noted of a word yet.
pub(super) const UNNOTED: Note = u32::MAX;

#[derive(Clone, Copy, Default)]
struct Slot {
    word: u128,
    stem_at: u32,
    stem_len: u32,
    note: Note,
    term: Note,
    /// The number of the word itself as a term, should its stem differ.
    surface: Note,
    /// The document that had the word last, as its owner counts.
    seen: u32,
}

/// What is remembered in place of a word's own number where its stem is the word.
pub(super) const OWN_STEM: Note = UNNOTED - 1;

/// Whose terms the stems remember: the maker of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TermScope(u64);

impl Default for TermScope {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        TermScope(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Stems by words.
pub(super) struct Stems {
    /// The words in the order in which they were first met: frequent ones stand side by side.
    slots: Vec<Slot>,
    /// Where a word stands in `slots`, counted from 1; 0 where none does. A power of two, at most half full.
    table: Vec<u16>,
    /// The stems that slots point at, one after the other.
    letters: String,
    /// Of words that are longer or accented.
    others: HashMap<String, String, RandomState>,
    stemmer: TextAnalyzer,
    /// Whose terms are remembered; 0 of nobody's.
    owner: u64,
}

impl Default for Stems {
    fn default() -> Self {
        Stems {
            slots: Vec::new(),
            table: vec![0; FIRST_PLACES],
            letters: String::new(),
            others: HashMap::default(),
            stemmer: TextAnalyzer::builder(tantivy::tokenizer::RawTokenizer::default())
                .filter(Stemmer::new(Language::English))
                .build(),
            owner: 0,
        }
    }
}

thread_local! {
    static OF_THREAD: Cell<Option<Box<Stems>>> = const { Cell::new(None) };
}

/// The thread's stems while they are in use.
pub(super) struct StemsGuard(Option<Box<Stems>>);

impl StemsGuard {
    pub(super) fn get(&mut self) -> &mut Stems {
        self.0.get_or_insert_default()
    }
}

impl Drop for StemsGuard {
    fn drop(&mut self) {
        // At the end of a thread there may be no place for them any more.
        let _ = OF_THREAD.try_with(|of_thread| of_thread.set(self.0.take()));
    }
}

/// Where a short word is remembered: until the next word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TermSlot(usize);

impl Stems {
    /// The thread's stems, taken out while they are in use: a call from within a call finds new ones.
    pub(super) fn take() -> StemsGuard {
        StemsGuard(Some(OF_THREAD.take().unwrap_or_default()))
    }

    /// Where a short word is remembered, from now on if it was not.
    #[inline]
    pub(super) fn find(&mut self, word: ShortWord) -> TermSlot {
        let mut at = word.place(self.table.len());
        loop {
            let Some(slot) = usize::from(self.table[at]).checked_sub(1) else {
                return TermSlot(self.remember(word));
            };
            if self.slots[slot].word == word.0 {
                return TermSlot(slot);
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    pub(super) fn stem(&self, place: TermSlot) -> &str {
        let slot = &self.slots[place.0];
        let from = slot.stem_at as usize;
        let stem = self.letters.get(from..from + slot.stem_len as usize);
        stem.unwrap_or_default()
    }

    /// What was noted of the word at a place.
    pub(super) fn note(&self, place: TermSlot) -> Note {
        self.slots[place.0].note
    }

    /// Notes something of the word at a place.
    pub(super) fn set_note(&mut self, place: TermSlot, note: Note) {
        self.slots[place.0].note = note;
    }

    /// From now on the terms of one owner are remembered; those of another are forgotten.
    pub(super) fn serve(&mut self, owner: &TermScope) {
        if self.owner != owner.0 {
            self.owner = owner.0;
            for slot in &mut self.slots {
                slot.term = UNNOTED;
                slot.seen = 0;
                if slot.surface != OWN_STEM {
                    slot.surface = UNNOTED;
                }
            }
        }
    }

    /// The number that the owner gave to the stem of the word at a place.
    pub(super) fn term(&self, place: TermSlot) -> Note {
        self.slots[place.0].term
    }

    /// Remembers the number that the owner gave to the stem of the word at a place.
    pub(super) fn set_term(&mut self, place: TermSlot, term: Note) {
        self.slots[place.0].term = term;
    }

    /// The number that the owner gave to the word at a place itself; [`OWN_STEM`] if its stem is no
    /// other word.
    pub(super) fn surface(&self, place: TermSlot) -> Note {
        self.slots[place.0].surface
    }

    /// Remembers the number that the owner gave to the word at a place itself.
    pub(super) fn set_surface(&mut self, place: TermSlot, surface: Note) {
        self.slots[place.0].surface = surface;
    }

    /// Whether the word at a place is met for the first time in a document, counted from 1.
    pub(super) fn is_first(&mut self, place: TermSlot, document: u32) -> bool {
        std::mem::replace(&mut self.slots[place.0].seen, document) != document
    }

    /// The word at a place, in lower case.
    pub(super) fn word(&self, place: TermSlot) -> ShortWord {
        ShortWord(self.slots[place.0].word)
    }

    /// Adds the stem of a lower-case word to a text.
    pub(super) fn push_stem(&mut self, word: &str, out: &mut String) {
        if let Some(short) = ShortWord::of(word).filter(|short| short.0 != 0) {
            let place = self.find(short);
            out.push_str(self.stem(place));
        } else if let Some(stem) = self.others.get(word) {
            out.push_str(stem);
        } else {
            if self.others.len() >= REMEMBERED {
                self.others.clear();
            }
            let stem = self.look_up(word);
            out.push_str(&stem);
            self.others.insert(word.to_string(), stem);
        }
    }

    #[cold]
    fn remember(&mut self, word: ShortWord) -> usize {
        if self.slots.len() >= REMEMBERED {
            self.slots.clear();
            self.table.fill(0);
            self.letters.clear();
        } else if self.slots.len() * 2 >= self.table.len() {
            self.table = vec![0; self.table.len() * 2];
            for n in 0..self.slots.len() {
                let at = self.free_place(ShortWord(self.slots[n].word));
                self.table[at] = n as u16 + 1;
            }
        }
        let (bytes, len) = word.bytes();
        let text = std::str::from_utf8(&bytes[..len]).unwrap_or_default();
        let stem = self.look_up(text);
        let surface = if stem == text { OWN_STEM } else { UNNOTED };
        let at = self.free_place(word);
        self.slots.push(Slot {
            word: word.0,
            stem_at: self.letters.len() as u32,
            stem_len: stem.len() as u32,
            note: UNNOTED,
            term: UNNOTED,
            surface,
            seen: 0,
        });
        self.table[at] = self.slots.len() as u16;
        self.letters.push_str(&stem);
        self.slots.len() - 1
    }

    fn free_place(&self, word: ShortWord) -> usize {
        let mut at = word.place(self.table.len());
        while self.table[at] != 0 {
            at = (at + 1) & (self.table.len() - 1);
        }
        at
    }

    fn look_up(&mut self, word: &str) -> String {
        if let Some(stem) = STEMS.get(word) {
            return (*stem).to_string();
        }
        let mut stream = self.stemmer.token_stream(word);
        let mut stem = word.to_string();
        stream.process(&mut |token| stem.clone_from(&token.text));
        stem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_words(count: usize) -> Vec<String> {
        let word = |mut n: usize| {
            let mut word = String::new();
            while n > 0 {
                word.push(char::from(b'a' + (n % 26) as u8));
                n /= 26;
            }
            word + "ing"
        };
        (0..count).map(word).collect()
    }

    #[test]
    fn runs_of_letters_end_where_they_end() {
        let run = |text: &str, from| {
            short_word(text.as_bytes(), from).map(|(word, len)| {
                (
                    len,
                    ShortWord::of(&text[from..from + len].to_lowercase()) == Some(word),
                )
            })
        };
        assert_eq!(run("Pain, and", 0), Some((4, true)));
        assert_eq!(run("Pain, and", 6), Some((3, true)));
        assert_eq!(run("abcdefghijklmno pqr", 0), Some((15, true)));
        assert_eq!(run("abcdefghijklmnop", 0), None);
        for mark in "@[`{/0:\u{7f}\u{e9} \n".chars() {
            assert_eq!(
                run(&format!("aZ{mark}bcdefghijklmnopqrst"), 0),
                Some((2, true)),
                "{mark:?}"
            );
        }
        assert_eq!(short_word(b"x", 1).map(|(_, len)| len), Some(0));
    }

    #[test]
    fn a_full_memory_is_emptied_and_gives_the_same_stems() {
        let mut stems = Stems::default();
        let told = |stems: &mut Stems, word: &str| {
            let mut stem = String::new();
            stems.push_stem(word, &mut stem);
            stem
        };
        let words = some_words(REMEMBERED * 2 + 9);
        let once: Vec<String> = words.iter().map(|w| told(&mut stems, w)).collect();
        assert!(stems.slots.len() <= REMEMBERED);
        for (word, stem) in words.iter().zip(once).step_by(97) {
            assert_eq!(told(&mut stems, word), stem);
            assert_eq!(told(&mut Stems::default(), word), stem);
        }
        assert_eq!(told(&mut stems, "mris"), "mri");
        assert_eq!(
            told(&mut stems, "neuropsychologically"),
            told(&mut Stems::default(), "neuropsychologically")
        );
    }

    #[test]
    fn notes_stay_with_their_word() {
        let mut stems = Stems::default();
        let word = ShortWord::of("injections").unwrap();
        let place = stems.find(word);
        assert_eq!((stems.stem(place), stems.note(place)), ("inject", UNNOTED));
        stems.set_note(place, 7);
        let (owner, other) = (TermScope::default(), TermScope::default());
        stems.serve(&owner);
        assert_eq!(stems.term(place), UNNOTED);
        stems.set_term(place, 9);
        for other in some_words(4 * FIRST_PLACES) {
            stems.find(ShortWord::of(&other).unwrap());
        }
        let place = stems.find(word);
        assert_eq!((stems.stem(place), stems.note(place)), ("inject", 7));
        stems.serve(&owner);
        assert_eq!(stems.term(place), 9);
        stems.serve(&other);
        assert_eq!((stems.term(place), stems.note(place)), (UNNOTED, 7));
    }
}
