//! What the letters of an index have in common: a preset dictionary, with which each letter is compressed
//! by itself.
//!
//! Letters repeat their forms, their guidelines and each other. Blocks of many letters would be as small,
//! but whoever wants one letter would unpack them all. So what the first letters share is kept once,
//! in a file beside the index's: runs of words, of which any three in a row are in several letters. What
//! only few letters have, a name or a date, is not in it, nor stays behind when they are taken out.

use super::atomic::write_beside;
use foldhash::fast::FixedState;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::io::ErrorKind;
use std::path::Path;

/// Letters that are looked at.
pub(super) const SAMPLE: usize = 256;
/// Of how many bytes of each: a real one has 40 KB at most.
pub(super) const LOOKED_AT: usize = 64 << 10;
/// Words of the shortest run that is kept.
const WORDS: usize = 3;
/// Letters of the sample that have a run, at the least.
const LETTERS: u16 = 8;
/// Bytes kept. More of them make letters smaller, and slower to write.
const KEPT: usize = 24 << 10;

/// The file.
const FILE: &str = "primer";
/// Bytes of the digest that the file begins with.
const DIGEST: usize = 16;

/// Bytes of a primer's name.
pub(super) const NAME: usize = 4;

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub struct CompressionDictionary {
    bytes: Vec<u8>,
    name: [u8; NAME],
}

impl CompressionDictionary {
    /// What some letters have in common, each as it is stored before it is compressed; of those that
    /// have nothing it is empty.
    pub fn of(letters: &[Vec<u8>]) -> CompressionDictionary {
        let letters: Vec<Vec<&[u8]>> = letters.iter().map(|letter| words(letter)).collect();
        let hasher = FixedState::default();
        let hash = |run: &[&[u8]]| hasher.hash_one(run);
        // Of every run of words, how many letters have it, and the last of them.
        let mut counts: HashMap<u64, (u16, u16), FixedState> = HashMap::default();
        for (n, letter) in letters.iter().enumerate() {
            let n = n as u16;
            for run in letter.windows(WORDS) {
                let (count, last) = counts.entry(hash(run)).or_insert((0, u16::MAX));
                if *last != n {
                    (*count, *last) = (count.saturating_add(1), n);
                }
            }
        }
        counts.retain(|_, (count, _)| *count >= LETTERS);
        let mut runs: Vec<(u32, Vec<u8>)> = Vec::new();
        for letter in &letters {
            let mut at = 0;
            while at + WORDS <= letter.len() {
                // As long as what follows is shared too, and not in an earlier run.
                let from = at;
                let mut sum = 0;
                while let Some(run) = letter.get(at..at + WORDS)
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
        CompressionDictionary::new(runs.concat())
    }

    pub fn new(bytes: Vec<u8>) -> CompressionDictionary {
        let digest = digest_of(&bytes);
        let name = std::array::from_fn(|n| digest[n]);
        CompressionDictionary { bytes, name }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What letters that need it name it by.
    pub fn name(&self) -> [u8; NAME] {
        self.name
    }

    /// Reads that of an index's files, if there is one.
    ///
    /// # Errors
    /// If it cannot be read or is not what was written.
    pub fn read(folder: &Path) -> Result<Option<CompressionDictionary>, String> {
        let file = match std::fs::read(folder.join(FILE)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("{FILE}: {}", crate::corpus::io_reason(&e))),
        };
        match file.split_at_checked(DIGEST) {
            Some((digest, bytes)) if digest == digest_of(bytes) => {
                Ok(Some(CompressionDictionary::new(bytes.to_vec())))
            }
            _ => Err(format!("its file {FILE} is damaged: the checksum differs")),
        }
    }

    /// Writes it to an index's files, before any letter that needs it is committed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let mut file = digest_of(&self.bytes).to_vec();
        file.extend_from_slice(&self.bytes);
        write_beside(folder, FILE, &file)
    }
}

fn digest_of(bytes: &[u8]) -> [u8; DIGEST] {
    let digest = blake3::hash(bytes);
    std::array::from_fn(|n| digest.as_bytes()[n])
}

/// The words of a letter with the white space after them; in its record numbers part them too.
fn words(letter: &[u8]) -> Vec<&[u8]> {
    letter.split_inclusive(|b| *b <= b' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters() -> Vec<Vec<u8>> {
        let letter = |n: usize| {
            let rare = if n < 4 {
                "the worker fell from a tall ladder "
            } else {
                ""
            };
            let text = format!(
                "word{n} is not medically necessary and appropriate at this time. {rare}end{n}\n"
            );
            text.into_bytes()
        };
        (0..40).map(letter).collect()
    }

    #[test]
    fn what_many_letters_say_is_kept_once_and_what_few_say_is_not() {
        let primer = CompressionDictionary::of(&letters());
        let text = String::from_utf8(primer.bytes).unwrap();
        assert_eq!(
            text,
            "is not medically necessary and appropriate at this time. "
        );
        assert_eq!(CompressionDictionary::of(&[]).bytes, [0; 0]);
        let long: String = (0..9000).map(|n| format!("w{n} ")).collect();
        let long = vec![long.into_bytes(); 20];
        assert!(CompressionDictionary::of(&long).bytes.len() <= KEPT);
    }

    #[test]
    fn a_damaged_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(CompressionDictionary::read(folder.path()), Ok(None));
        let primer = CompressionDictionary::of(&letters());
        primer.write(folder.path()).unwrap();
        assert_eq!(CompressionDictionary::read(folder.path()), Ok(Some(primer)));
        let path = folder.path().join(FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        for damaged in [vec![1; 5], {
            bytes[DIGEST + 1] ^= 1;
            bytes
        }] {
            std::fs::write(&path, damaged).unwrap();
            let told = CompressionDictionary::read(folder.path()).unwrap_err();
            assert!(told.contains("is damaged"), "{told}");
        }
    }
}
