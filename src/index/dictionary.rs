//! What the letters of an index have in common: a preset dictionary, with which each letter is compressed
//! by itself.
//!
//! Letters repeat their forms, their guidelines and each other. Blocks of many letters would be as small,
//! but whoever wants one letter would unpack them all. So what the first letters share is kept once: runs of words, of
//! which any three in a row are in several letters, and names, which records then have as numbers. What
//! only few letters have, a name or a date, is not in it, nor stays behind when they are taken out.
//!
//! It is a document of the index, committed with the first letter that needs it: where that letter is, it is too.

use super::document::Document;
use super::names::Names;
use super::record;
use super::schema::Fields;
use crate::letter::Letter;
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;
use twox_hash::XxHash3_64;

/// Letters that are looked at.
pub(super) const SAMPLE: usize = 256;
/// Of how many bytes of each: a real one has 40 KB at most.
const LOOKED_AT: usize = 64 << 10;
/// Words of the shortest run that is kept.
const WORDS: usize = 3;
/// Letters of the sample that have a run or a name, at the least.
const LETTERS: u16 = 8;
/// Bytes of runs kept. More of them make letters smaller, and slower to write.
const KEPT: usize = 24 << 10;
/// Names kept.
const NAMES: usize = 1024;

/// Spreads the bits of a run's words.
const MIXED: u64 = 0x9e37_79b9_7f4a_7c15;

/// What the document that holds it is, among those of letters, items and sources.
pub(super) const KIND: &str = "dictionary";

/// See the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CompressionDictionary {
    bytes: Vec<u8>,
    names: Names,
}

/// As its document holds it.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    bytes: &'a [u8],
    #[serde(borrow)]
    names: Vec<&'a str>,
    checksum: u64,
}

impl Stored<'_> {
    /// Of all else.
    fn digest(&self) -> u64 {
        let names = self.names.iter().map(|name| name.as_bytes());
        let parts: Vec<&[u8]> = std::iter::once(self.bytes).chain(names).collect();
        XxHash3_64::oneshot(&parts.join(&0))
    }
}

/// What a letter tells of what all have in common.
#[derive(Debug)]
pub(super) struct Sample {
    /// Text and record as they are compressed.
    bytes: Vec<u8>,
    names: Vec<String>,
}

impl Sample {
    pub(super) fn of(letter: &Letter) -> Sample {
        let (mut bytes, names) = record::names(letter, &letter.text);
        let text = letter.text.as_bytes();
        bytes.extend_from_slice(&text[..text.len().min(LOOKED_AT)]);
        bytes.truncate(LOOKED_AT);
        Sample { bytes, names }
    }
}

impl CompressionDictionary {
    /// What some letters have in common; of those that have nothing it is empty.
    pub(super) fn of(letters: &[Sample]) -> CompressionDictionary {
        CompressionDictionary {
            bytes: runs(letters),
            names: names(letters),
        }
    }

    #[cfg(test)]
    pub(super) fn new(bytes: Vec<u8>, names: Names) -> CompressionDictionary {
        CompressionDictionary { bytes, names }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.names.in_order().is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The names of records by their numbers.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The document that holds it.
    pub(super) fn document(&self, fields: &Fields) -> Document {
        let names = self.names.in_order().iter();
        let mut stored = Stored {
            bytes: &self.bytes,
            names: names.map(String::as_str).collect(),
            checksum: 0,
        };
        stored.checksum = stored.digest();
        let mut document = Document::with_capacity(2);
        document.add_text(fields.kind, KIND);
        // Plain data: it serializes.
        document.keep(postcard::to_allocvec(&stored).unwrap_or_default());
        document
    }

    /// Reads what [`CompressionDictionary::document`] keeps.
    ///
    /// # Errors
    /// If it is no dictionary.
    pub(super) fn read(kept: &[u8]) -> Result<CompressionDictionary, String> {
        let stored: Stored = postcard::from_bytes(kept).map_err(|_| "it cannot be read")?;
        if stored.checksum != stored.digest() {
            return Err("its checksum differs".to_string());
        }
        let names = stored.names.into_iter().map(String::from);
        Ok(CompressionDictionary {
            bytes: stored.bytes.to_vec(),
            names: Names::new(names.collect()),
        })
    }
}

/// The names that several letters have, the most frequent ones first.
fn names(letters: &[Sample]) -> Names {
    let mut counts: HashMap<&str, u16> = HashMap::new();
    for letter in letters {
        for name in letter.names.iter().collect::<BTreeSet<_>>() {
            *counts.entry(name).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= LETTERS);
    let mut names: Vec<(Reverse<u16>, &str)> = counts
        .into_iter()
        .map(|(name, count)| (Reverse(count), name))
        .collect();
    names.sort_unstable();
    names.truncate(NAMES);
    Names::new(
        names
            .into_iter()
            .map(|(_, name)| name.to_string())
            .collect(),
    )
}

/// The runs of words that several letters have.
fn runs(letters: &[Sample]) -> Vec<u8> {
    let letters: Vec<Vec<&[u8]>> = letters.iter().map(|letter| words(&letter.bytes)).collect();
    let hasher = FixedState::default();
    // Each word once: runs are told by the numbers of their words.
    let hashes = |letter: &Vec<&[u8]>| letter.iter().map(|word| hasher.hash_one(word)).collect();
    let hashes: Vec<Vec<u64>> = letters.iter().map(hashes).collect();
    let hash = |run: &[u64]| {
        let mix = |hash: u64, word: &u64| (hash.rotate_left(23) ^ word).wrapping_mul(MIXED);
        run.iter().fold(0, mix)
    };
    // Of every run of words, how many letters have it, and the last of them.
    let mut counts: HashMap<u64, (u16, u16), FixedState> = HashMap::default();
    for (n, hashes) in hashes.iter().enumerate() {
        let n = n as u16;
        for run in hashes.windows(WORDS) {
            let (count, last) = counts.entry(hash(run)).or_insert((0, u16::MAX));
            if *last != n {
                (*count, *last) = (count.saturating_add(1), n);
            }
        }
    }
    counts.retain(|_, (count, _)| *count >= LETTERS);
    let mut runs: Vec<(u32, Vec<u8>)> = Vec::new();
    for (letter, hashes) in letters.iter().zip(&hashes) {
        let mut at = 0;
        while at + WORDS <= letter.len() {
            // As long as what follows is shared too, and not in an earlier run.
            let from = at;
            let mut sum = 0;
            while let Some(run) = hashes.get(at..at + WORDS)
                && let Some((count, _)) = counts.remove(&hash(run))
            {
                sum += u32::from(count);
                at += 1;
            }
            if at > from {
                let mean = sum / (at - from) as u32;
                runs.push((mean, letter[from..at + WORDS - 1].concat()));
            }
            at += 1;
        }
    }
    runs.sort_by(|a, b| (Reverse(a.0), &a.1).cmp(&(Reverse(b.0), &b.1)));
    let mut left = KEPT;
    runs.retain(|(_, run)| {
        let fits = run.len() <= left;
        left -= if fits { run.len() } else { 0 };
        fits
    });
    let runs: Vec<Vec<u8>> = runs.into_iter().map(|(_, run)| run).collect();
    runs.concat()
}

/// The words of a letter with the white space after them; in its record numbers part them too.
fn words(letter: &[u8]) -> Vec<&[u8]> {
    letter.split_inclusive(|b| *b <= b' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters() -> Vec<Sample> {
        let letter = |n: usize| {
            let rare = if n < 4 {
                "the worker fell from a tall ladder "
            } else {
                ""
            };
            let text = format!(
                "word{n} is not medically necessary and appropriate at this time. {rare}end{n}\n"
            );
            let names = ["MRI", "MRI", if n < 9 { "Norco" } else { "Soma" }];
            let rare = (n < 4).then(|| "A. Worker".to_string());
            Sample {
                bytes: text.into_bytes(),
                names: names.map(String::from).into_iter().chain(rare).collect(),
            }
        };
        (0..40).map(letter).collect()
    }

    #[test]
    fn what_many_letters_say_is_kept_once_and_what_few_say_is_not() {
        let dictionary = CompressionDictionary::of(&letters());
        let text = String::from_utf8(dictionary.bytes).unwrap();
        assert_eq!(
            text,
            "is not medically necessary and appropriate at this time. "
        );
        assert_eq!(dictionary.names.in_order(), ["MRI", "Soma", "Norco"]);
        assert!(CompressionDictionary::of(&[]).is_empty());
        let long: String = (0..9000).map(|n| format!("w{n} ")).collect();
        let long = || Sample {
            bytes: long.clone().into_bytes(),
            names: Vec::new(),
        };
        let long: Vec<Sample> = (0..20).map(|_| long()).collect();
        assert!(CompressionDictionary::of(&long).bytes.len() <= KEPT);
    }

    #[test]
    fn it_comes_back_from_its_document() {
        let fields = Fields::new(&super::super::schema::build());
        let dictionary = CompressionDictionary::of(&letters());
        let document = dictionary.document(&fields);
        assert_eq!(CompressionDictionary::read(document.kept()), Ok(dictionary));
        assert!(CompressionDictionary::read(&document.kept()[..40]).is_err());
        for at in 0..document.kept().len() {
            let mut damaged = document.kept().to_vec();
            damaged[at] ^= 4;
            assert!(CompressionDictionary::read(&damaged).is_err(), "byte {at}");
        }
    }
}
