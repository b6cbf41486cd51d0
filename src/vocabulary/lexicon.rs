//! The words of patterns by number, and which of them a word of a text is.

use super::lower_text::LowerText;
use std::ops::Range;

/// What is no word of the patterns.
pub(super) const NONE: u16 = 0;

/// What a word of a text is to the patterns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The word that it is, or none.
    pub exact: u16,
    /// The beginning that it has, or none.
    pub stem: u16,
}

/// The entry of words that the patterns do not know.
pub(super) const UNKNOWN: u16 = 0;
/// The shortest beginning: `w~`.
const SHORTEST_STEM: usize = 4;
/// The longest word that is looked up; longer ones are in no table.
const LONGEST: usize = 32;

/// Words, and beginnings of words, each with its number.
#[derive(Default)]
pub(super) struct Lexicon {
    /// How many there are.
    count: u16,
    /// Words of up to eight letters, by these: the number; in the end the entry.
    short: Numbers,
    /// Longer words, by a mix of their letters: which of those listed, from 1 on.
    long: Numbers,
    long_words: Vec<(&'static [u8], u16)>,
    /// What words of a text can be.
    entries: Vec<Entry>,
    /// Beginnings, by their first four letters: which of those listed, from 1 on.
    stems_by_head: Numbers,
    stems: Vec<Vec<Stem>>,
}

/// A beginning of words.
struct Stem {
    /// Its first eight letters, and which bits of eight letters are compared with them.
    eight: u64,
    mask: u64,
    all: &'static [u8],
    number: u16,
    /// The entry of words that begin so and are none of the patterns'.
    entry: u16,
}

impl Lexicon {
    /// The number of a word, or of a beginning (`w~`), as patterns write it.
    ///
    /// # Panics
    /// On a beginning that is too short or has another one within it.
    pub(super) fn add(&mut self, word: &'static str) -> u16 {
        let word = word.strip_suffix("'s").unwrap_or(word);
        let next = self.count + 1;
        let number = match word.strip_suffix('~') {
            Some(stem) => self.add_stem(stem, next),
            None if word.len() <= 8 => {
                let eight = cut(eight(word.as_bytes()), word.len());
                self.short.get_or(eight, u32::from(next)) as u16
            }
            None => {
                let letters = word.as_bytes();
                let last = eight(&letters[letters.len() - 8..]);
                let key = mix(eight(letters), last, letters.len());
                let listed = self.long_words.len() as u32 + 1;
                let at = self.long.get_or(key, listed) as usize - 1;
                if at == self.long_words.len() {
                    self.long_words.push((letters, next));
                }
                assert_eq!(self.long_words[at].0, letters, "two words of one mix");
                self.long_words[at].1
            }
        };
        self.count = self.count.max(number);
        number
    }

    fn add_stem(&mut self, stem: &'static str, next: u16) -> u16 {
        let all = stem.as_bytes();
        assert!(all.len() >= SHORTEST_STEM, "{stem}: too short a beginning");
        let listed = self.stems.len() as u32 + 1;
        let at = self.stems_by_head.get_or(head(eight(all)), listed) as usize - 1;
        if at == self.stems.len() {
            self.stems.push(Vec::new());
        }
        let alike = &mut self.stems[at];
        if let Some(same) = alike.iter().find(|other| other.all == all) {
            return same.number;
        }
        let nested = alike
            .iter()
            .any(|other| other.all.starts_with(all) || all.starts_with(other.all));
        assert!(!nested, "{stem}: another beginning has it");
        alike.push(Stem {
            eight: cut(eight(all), all.len()),
            mask: cut(u64::MAX, all.len()),
            all,
            number: next,
            entry: UNKNOWN,
        });
        next
    }

    /// To be called when all words are added: gives words their entries.
    pub(super) fn finish(&mut self) {
        let mut entries = vec![Entry::default()];
        let mut entry = |exact, stem| {
            entries.push(Entry { exact, stem });
            entries.len() as u16 - 1
        };
        let mut short = std::mem::take(&mut self.short);
        for (eight, number) in short.entries() {
            let letters = eight.to_le_bytes();
            let length = letters.iter().take_while(|b| **b != 0).count();
            let stem = self.stem(*eight, &letters[..length]);
            let stem = stem.map_or(NONE, |stem| stem.number);
            *number = u32::from(entry(*number as u16, stem));
        }
        self.short = short;
        let mut long = std::mem::take(&mut self.long_words);
        for (letters, number) in &mut long {
            let stem = self.stem(eight(letters), letters);
            *number = entry(*number, stem.map_or(NONE, |stem| stem.number));
        }
        self.long_words = long;
        for stem in self.stems.iter_mut().flatten() {
            stem.entry = entry(NONE, stem.number);
        }
        self.entries = entries;
    }

    /// What words of a text can be.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a word of a text, which may be `joined` by an apostrophe.
    #[inline]
    pub(super) fn look_up(&self, text: &LowerText, at: Range<usize>, joined: bool) -> u16 {
        if joined {
            return self.look_up_joined(text, at);
        }
        let first = text.eight(at.start);
        let length = at.end - at.start;
        if length > 8 {
            return self.look_up_long(text, at, first);
        }
        let eight = cut(first, length);
        match self.short.get(eight) {
            0 => self.stem(eight, &[]).map_or(UNKNOWN, |stem| stem.entry),
            entry => entry as u16,
        }
    }

    /// As [`Self::look_up`], but for an apostrophe and an s at its end.
    #[cold]
    fn look_up_joined(&self, text: &LowerText, at: Range<usize>) -> u16 {
        let word = &text.bytes()[at.clone()];
        if word.len() > LONGEST {
            return UNKNOWN;
        }
        let bare = match word.strip_suffix(b"'s") {
            Some(bare) if !bare.is_empty() => bare,
            _ => word,
        };
        self.look_up(text, at.start..at.start + bare.len(), false)
    }

    fn look_up_long(&self, text: &LowerText, at: Range<usize>, first: u64) -> u16 {
        let word = &text.bytes()[at.clone()];
        if word.len() > LONGEST {
            return UNKNOWN;
        }
        let last = text.eight(at.start + word.len() - 8);
        let listed = self.long.get(mix(first, last, word.len())) as usize;
        match self.long_words.get(listed.wrapping_sub(1)) {
            Some((letters, entry)) if *letters == word => *entry,
            _ => self.stem(first, word).map_or(UNKNOWN, |stem| stem.entry),
        }
    }

    /// The beginning that a word has, its first eight letters being given beside it; those are all
    /// of a word of no more.
    fn stem(&self, eight: u64, word: &[u8]) -> Option<&Stem> {
        let at = self.stems_by_head.get(head(eight)) as usize;
        let alike = self.stems.get(at.wrapping_sub(1))?;
        alike.iter().find(|stem| {
            eight & stem.mask == stem.eight && (stem.all.len() <= 8 || word.starts_with(stem.all))
        })
    }
}

/// The first eight letters of a word, fewer where it is shorter.
fn eight(word: &[u8]) -> u64 {
    let mut eight = [0; 8];
    let length = word.len().min(8);
    eight[..length].copy_from_slice(&word[..length]);
    u64::from_le_bytes(eight)
}

/// The first of eight letters: so many, or all.
fn cut(eight: u64, length: usize) -> u64 {
    const KEPT: [u64; 8] = [
        0,
        0xff,
        0xffff,
        0xff_ffff,
        0xffff_ffff,
        0xff_ffff_ffff,
        0xffff_ffff_ffff,
        0xff_ffff_ffff_ffff,
    ];
    KEPT.get(length).map_or(eight, |kept| eight & kept)
}

/// The first four of eight letters.
fn head(eight: u64) -> u64 {
    eight & u64::from(u32::MAX)
}

/// One key for the first and the last eight letters of a word, and its length.
fn mix(first: u64, last: u64, length: usize) -> u64 {
    first ^ last.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ length as u64
}

/// Numbers by keys of eight bytes, 0 for a key that is not in it. It is mostly empty, so a look-up
/// takes one comparison.
pub(super) struct Numbers {
    /// A power of two of places; a number of 0 is an empty one.
    places: Vec<(u64, u32)>,
    used: usize,
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers {
            places: vec![(0, 0); 64],
            used: 0,
        }
    }
}

impl Numbers {
    pub(super) fn get(&self, key: u64) -> u32 {
        self.places[self.place(key)].1
    }

    /// The number of a key, which is the given one where it had none.
    pub(super) fn get_or(&mut self, key: u64, number: u32) -> u32 {
        if self.places.len() <= self.used * 4 {
            let larger = vec![(0, 0); self.places.len() * 2];
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

    /// All keys with their numbers, which must not become 0.
    fn entries(&mut self) -> impl Iterator<Item = (&u64, &mut u32)> {
        let entries = self.places.iter_mut().filter(|(_, number)| *number != 0);
        entries.map(|(key, number)| (&*key, number))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: [&str; 9] = [
        "in",
        "inject~",
        "injected",
        "injection",
        "document~",
        "documented",
        "documentary's",
        "physiotherapeutic~",
        "physiotherapeutically",
    ];

    /// The numbers of a word, one entry after the other.
    fn plainly(word: &str) -> (u16, u16) {
        let mut word = word.to_ascii_lowercase();
        if word.len() > LONGEST {
            return (NONE, NONE);
        }
        if word.len() > 2 && word.ends_with("'s") {
            word.truncate(word.len() - 2);
        }
        let number = |is: &dyn Fn(&str) -> bool| {
            let at = WORDS.iter().position(|entry| is(entry));
            at.map_or(NONE, |at| at as u16 + 1)
        };
        (
            number(&|entry| entry.trim_end_matches("'s") == word),
            number(&|entry| {
                entry
                    .strip_suffix('~')
                    .is_some_and(|stem| word.starts_with(stem))
            }),
        )
    }

    proptest! {
        #[test]
        fn words_have_their_numbers(
            known in prop::sample::select(WORDS.to_vec()),
            kept in 1usize..22,
            end in "[A-Za-z]{0,14}('s)?",
        ) {
            let mut lexicon = Lexicon::default();
            for (n, word) in WORDS.iter().enumerate() {
                assert_eq!(usize::from(lexicon.add(word)), n + 1);
            }
            lexicon.finish();
            let stem = known.trim_end_matches("'s").trim_end_matches('~');
            let word = format!("{}{end}", &stem[..kept.min(stem.len())]);
            let text = format!("the {word} is");
            let at = 4..4 + word.len();
            let entry = lexicon.look_up(&LowerText::new(&text), at, word.contains('\''));
            let Entry { exact, stem } = lexicon.entries()[usize::from(entry)];
            prop_assert_eq!((exact, stem), plainly(&word), "{}", word);
        }
    }
}
