//! What an ingest knows of the sources that the index was made from, in memory.

use super::error::IndexError;
use super::sources::{GONE, Row, digest_of, each};
use super::store::Index;
use rayon::slice::ParallelSliceMut;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// A source as an ingest knows it: 64 bytes, for there may be millions.
#[derive(Debug)]
pub(super) struct Entry {
    /// The digest of its key.
    key: u128,
    /// The identity of its letter; 0 where it holds none.
    pub letter: u128,
    pub size: u64,
    pub modified: u64,
    pub digest: u64,
    /// The place of its archive in [`SourceCatalog::archives`]; of a file, none.
    archive: u32,
    pub failed: bool,
    seen: AtomicBool,
}

const NO_ARCHIVE: u32 = u32::MAX;

/// An archive of which the index knows members.
#[derive(Debug)]
pub(super) struct Archive {
    /// Members that hold a letter.
    pub letters: u32,
    /// Members that gave none.
    pub failed: u32,
    /// Members that have not moved away.
    pub left: AtomicU32,
    /// Its members are what they were.
    present: AtomicBool,
    /// It was read to its end: what was not met is not there any more.
    read: AtomicBool,
}

/// Keys are digests already.
#[derive(Default)]
pub(super) struct FromDigest(u64);

impl Hasher for FromDigest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }
}

/// A map whose keys are digests.
pub(super) type DigestMap<V> = HashMap<u128, V, BuildHasherDefault<FromDigest>>;

/// Every source that the index knows, by the digest of its key.
#[derive(Debug, Default)]
pub(super) struct SourceCatalog {
    /// In the order of the keys' digests: a map would take twice the memory.
    entries: Vec<Entry>,
    archives: Vec<Archive>,
    archive_of_key: DigestMap<u32>,
    /// Key and reason of those that gave no letter.
    failures: DigestMap<(String, String)>,
}

impl SourceCatalog {
    /// Reads what the index knows.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn load(index: &Index) -> Result<SourceCatalog, IndexError> {
        let mut known = SourceCatalog::default();
        known.entries.reserve_exact(index.count_sources()?);
        let mut last_archive = (String::new(), NO_ARCHIVE);
        each(index, |row| known.add(row, &mut last_archive))?;
        known.entries.sort_unstable_by_key(|entry| entry.key);
        Ok(known)
    }

    fn add(&mut self, row: Row, last_archive: &mut (String, u32)) {
        let archive = match row.in_archive() {
            None => NO_ARCHIVE,
            // Members follow one another.
            Some(key) if key == last_archive.0 => last_archive.1,
            Some(key) => {
                *last_archive = (key.to_string(), self.archive_place(digest_of(key)));
                last_archive.1
            }
        };
        let failed = !row.failure.is_empty();
        if let Some(archive) = self.archives.get_mut(archive as usize) {
            archive.letters += u32::from(row.letter != 0 && !row.was_gone());
            archive.failed += u32::from(failed);
            *archive.left.get_mut() += 1;
        }
        let key = digest_of(row.key);
        if failed {
            let failure = (row.key.to_string(), row.failure.to_string());
            self.failures.insert(key, failure);
        }
        self.entries.push(Entry {
            key,
            letter: row.letter,
            size: row.size,
            modified: row.modified,
            digest: row.digest,
            archive,
            failed,
            seen: AtomicBool::new(false),
        });
    }

    fn archive_place(&mut self, key: u128) -> u32 {
        *self.archive_of_key.entry(key).or_insert_with(|| {
            self.archives.push(Archive {
                letters: 0,
                failed: 0,
                left: AtomicU32::new(0),
                present: AtomicBool::new(false),
                read: AtomicBool::new(false),
            });
            u32::try_from(self.archives.len() - 1).unwrap_or(NO_ARCHIVE)
        })
    }

    /// What is known of a source.
    #[must_use]
    pub(super) fn get(&self, key: u128) -> Option<&Entry> {
        // Digests are spread evenly, so that a key tells about where it stands.
        let count = self.entries.len();
        let about = usize::try_from(((key >> 64) * count as u128) >> 64).unwrap_or(0);
        let near = 4 * count.isqrt() + 1;
        let window = about.saturating_sub(near)..(about + near).min(count);
        let search = |part: &'_ [Entry]| part.binary_search_by_key(&key, |entry| entry.key);
        let at = match search(&self.entries[window.clone()]) {
            Ok(at) => window.start + at,
            Err(at) if at > 0 && at < window.len() => return None,
            Err(_) => search(&self.entries).ok()?,
        };
        self.entries.get(at)
    }

    /// What is known of an archive's members, by the digest of the archive's key.
    #[must_use]
    pub(super) fn archive(&self, key: u128) -> Option<&Archive> {
        self.archives.get(*self.archive_of_key.get(&key)? as usize)
    }

    /// Why a source gave no letter.
    #[must_use]
    pub(super) fn failure(&self, key: u128) -> Option<&str> {
        self.failures.get(&key).map(|(_, reason)| reason.as_str())
    }

    /// The members of an archive that gave no letter, with the reasons, in the order of their keys.
    #[must_use]
    pub(super) fn failures_in(&self, archive: u128) -> Vec<(String, String)> {
        let place = self.archive_of_key.get(&archive).copied();
        let inside = |key: &u128| self.get(*key).map(|entry| entry.archive) == place;
        let mut failures: Vec<_> = self
            .failures
            .iter()
            .filter(|(key, _)| place.is_some() && inside(key))
            .map(|(_, failure)| failure.clone())
            .collect();
        failures.sort();
        failures
    }

    /// The places of sources that hold a letter, in the order of letters.
    #[must_use]
    pub(super) fn by_letter(&self) -> Vec<u32> {
        let holds = |place: &u32| self.entries[*place as usize].letter != 0;
        let places = 0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut places: Vec<u32> = places.filter(holds).collect();
        places.par_sort_unstable_by_key(|place| self.entries[*place as usize].letter);
        places
    }

    /// How many sources there are.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many letters they hold.
    #[must_use]
    pub(super) fn count_letters(&self) -> usize {
        let letter = |place: &u32| self.entries[*place as usize].letter;
        let places = self.by_letter();
        places.chunk_by(|a, b| letter(a) == letter(b)).count()
    }

    /// Whether a source has several records, which a sound index never has.
    #[must_use]
    pub(super) fn has_repeated_keys(&self) -> bool {
        self.entries
            .windows(2)
            .any(|pair| pair[0].key == pair[1].key)
    }

    /// How many sources hold a letter, by the places of [`SourceCatalog::by_letter`].
    #[must_use]
    pub(super) fn references(&self, by_letter: &[u32], letter: u128) -> u32 {
        let of = |place: &u32| self.entries[*place as usize].letter;
        let from = by_letter.partition_point(|place| of(place) < letter);
        let same = by_letter[from..].iter().take_while(|p| of(p) == letter);
        u32::try_from(same.count()).unwrap_or(u32::MAX)
    }

    /// Bytes in memory.
    #[must_use]
    pub(super) fn bytes(&self) -> usize {
        let text = |(key, reason): &(String, String)| key.len() + reason.len() + 100;
        size_of_val(self.entries.as_slice())
            + self.archives.len() * (size_of::<Archive>() + 50)
            + self.failures.values().map(text).sum::<usize>()
    }

    /// Whether a walk met all that is known.
    #[must_use]
    pub(super) fn all_seen(&self) -> bool {
        self.entries.iter().all(|entry| self.is_seen(entry))
    }

    /// Whether a walk met a source, by itself or with its unchanged archive.
    #[must_use]
    pub(super) fn is_seen(&self, entry: &Entry) -> bool {
        entry.seen.load(Ordering::Relaxed)
            || entry.modified != GONE
                && self
                    .archives
                    .get(entry.archive as usize)
                    .is_some_and(|archive| archive.present.load(Ordering::Relaxed))
    }
}

impl Entry {
    /// A walk met it.
    pub(super) fn see(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }
}

impl Archive {
    /// Its members are what they were, and need not be looked for.
    pub(super) fn see(&self) {
        self.present.store(true, Ordering::Relaxed);
    }

    /// Whether this run met it, changed or not.
    #[must_use]
    pub(super) fn was_met(&self) -> bool {
        self.present.load(Ordering::Relaxed) || self.was_read()
    }

    /// It was read to its end.
    pub(super) fn set_read(&self) {
        self.read.store(true, Ordering::Relaxed);
    }

    /// Whether it was read to its end.
    #[must_use]
    pub(super) fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    /// One of its members moved elsewhere.
    pub(super) fn lose_one(&self) {
        self.left.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_and_no_other() {
        for count in [0, 1, 2, 1000] {
            let mut known = SourceCatalog::default();
            for n in 0..count {
                let key = format!("/letters/{n}.txt");
                let row = Row {
                    key: &key,
                    archive: 0,
                    letter: n + 1,
                    failure: "",
                    size: 1,
                    modified: 1,
                    digest: 1,
                };
                known.add(row, &mut (String::new(), NO_ARCHIVE));
            }
            known.entries.sort_unstable_by_key(|entry| entry.key);
            for n in 0..count {
                let key = digest_of(&format!("/letters/{n}.txt"));
                assert_eq!(known.get(key).map(|entry| entry.letter), Some(n + 1));
                assert!(known.get(key + 1).is_none());
            }
            assert!(known.get(0).is_none() && known.get(u128::MAX).is_none());
        }
        assert_eq!(size_of::<Entry>(), 64);
    }
}
