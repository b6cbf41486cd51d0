//! What the index remembers of the sources it was made from. It stands in the index itself, so that
//! one commit is the only point of truth.

use super::document::Document;
use super::schema::Fields;
use super::store::{Index, IndexError};
use crate::corpus::INSIDE;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{SegmentReader, Term};

/// One source, as it was when it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// The identity of the letter it holds; empty where it holds none.
    pub letter: String,
    /// Why it gave no letter; empty where it gave one.
    pub failure: String,
    /// Of the file, in bytes; of a member, what came out of its archive.
    pub size: u64,
    /// Nanoseconds since 1970; 0 of a member, and of what is to be tried again; of a member that is
    /// gone from its archive [`GONE`].
    pub modified: u64,
    /// Half of a digest of its bytes; 0 where they were not read.
    pub digest: u64,
    /// How many bytes of the key are its archive's; 0 of a file.
    pub archive: usize,
}

/// The time of a member that was not in its archive when that was last read.
pub const GONE: u64 = 1;

/// One source that the index knows.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// Its key.
    pub key: &'r str,
    /// How many bytes of the key are its archive's; 0 of a file.
    pub archive: usize,
    /// The identity of its letter; 0 where it holds none.
    pub letter: u128,
    /// Why it gave no letter; empty where it gave one.
    pub failure: &'r str,
    size: u64,
    modified: u64,
    digest: u64,
}

impl<'r> Row<'r> {
    /// The key of the archive that it is in.
    #[must_use]
    pub fn in_archive(&self) -> Option<&'r str> {
        self.key.get(..self.archive).filter(|key| !key.is_empty())
    }

    /// Whether it is a member that was not in its archive when that was last read.
    #[must_use]
    pub fn was_gone(&self) -> bool {
        self.archive > 0 && self.modified == GONE
    }

    /// What is remembered of it once it is gone from its archive.
    #[must_use]
    pub fn as_gone(&self) -> SourceState {
        SourceState {
            letter: match self.letter {
                0 => String::new(),
                letter => letter_text(letter),
            },
            failure: self.failure.to_string(),
            size: self.size,
            modified: GONE,
            digest: self.digest,
            archive: self.archive,
        }
    }
}

/// The identity of a letter as a number.
#[must_use]
pub fn letter_number(identity: &str) -> u128 {
    u128::from_str_radix(identity, 16).unwrap_or(0)
}

/// The identity of a letter as text.
#[must_use]
pub fn letter_text(number: u128) -> String {
    format!("{number:032x}")
}

/// Goes through all sources, part by part of the index, in each in the order of their keys: the
/// dictionaries are read once from end to end, which is ten times faster than looking up each.
///
/// # Errors
/// If the index's files are damaged.
pub fn each(index: &Index, mut with: impl FnMut(Row)) -> Result<(), IndexError> {
    for segment in index.reader.searcher().segment_readers() {
        each_in(segment, &mut with).map_err(|e| index.broken(&e))?;
    }
    Ok(())
}

const NO_DOCUMENT: u32 = u32::MAX;

fn each_in(segment: &SegmentReader, with: &mut impl FnMut(Row)) -> tantivy::Result<()> {
    let fast = segment.fast_fields();
    let Some(keys) = fast.str("source")? else {
        return Ok(());
    };
    let number = |name: &str| -> tantivy::Result<Column<u64>> {
        Ok(fast
            .u64_lenient(name)?
            .map_or_else(|| Column::build_empty_column(segment.max_doc()), |c| c.0))
    };
    let (archive, digest) = (number("source_archive")?, number("source_digest")?);
    let (size, modified) = (number("source_size")?, number("source_modified")?);
    let letters = fast.str("source_letter")?;
    let failures = fast.str("source_failure")?;
    let letter_of_ord: Vec<u128> = dictionary(letters.as_ref(), letter_number)?;
    let failure_of_ord: Vec<String> = dictionary(failures.as_ref(), str::to_string)?;
    let value = |column: &Option<StrColumn>, doc| -> Option<usize> {
        usize::try_from(column.as_ref()?.ords().first(doc)?).ok()
    };
    // A key stands in one living document; others of the same key are deleted.
    let mut document = vec![NO_DOCUMENT; keys.num_terms()];
    for doc in segment.doc_ids_alive() {
        if let Some(ord) = keys.ords().first(doc)
            && let Some(at) = document.get_mut(usize::try_from(ord).unwrap_or(usize::MAX))
        {
            *at = doc;
        }
    }
    let mut stream = keys.dictionary().stream()?;
    let mut ord = 0;
    while stream.advance() {
        let doc = document.get(ord).copied().unwrap_or(NO_DOCUMENT);
        ord += 1;
        if doc == NO_DOCUMENT {
            continue;
        }
        let Ok(key) = std::str::from_utf8(stream.key()) else {
            continue;
        };
        let failure = value(&failures, doc).and_then(|ord| failure_of_ord.get(ord));
        let letter = value(&letters, doc).and_then(|ord| letter_of_ord.get(ord));
        with(Row {
            key,
            archive: usize::try_from(archive.first(doc).unwrap_or(0)).unwrap_or(0),
            letter: letter.copied().unwrap_or(0),
            failure: failure.map_or("", String::as_str),
            size: size.first(doc).unwrap_or(0),
            modified: modified.first(doc).unwrap_or(0),
            digest: digest.first(doc).unwrap_or(0),
        });
    }
    Ok(())
}

/// All values of a column, by their ordinals.
fn dictionary<T>(column: Option<&StrColumn>, read: impl Fn(&str) -> T) -> tantivy::Result<Vec<T>> {
    let Some(column) = column else {
        return Ok(Vec::new());
    };
    let mut values = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        values.push(read(std::str::from_utf8(stream.key()).unwrap_or_default()));
    }
    Ok(values)
}

/// A source as an ingest knows it: 64 bytes, for there may be millions.
#[derive(Debug)]
pub struct Entry {
    /// The digest of its key.
    key: u128,
    /// The identity of its letter; 0 where it holds none.
    pub letter: u128,
    pub size: u64,
    pub modified: u64,
    pub digest: u64,
    /// The place of its archive in [`Known::archives`]; of a file, none.
    archive: u32,
    pub failed: bool,
    seen: AtomicBool,
}

const NO_ARCHIVE: u32 = u32::MAX;

/// An archive of which the index knows members.
#[derive(Debug)]
pub struct Archive {
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
pub struct FromDigest(u64);

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
pub type DigestMap<V> = HashMap<u128, V, BuildHasherDefault<FromDigest>>;

/// Every source that the index knows, by the digest of its key.
#[derive(Debug, Default)]
pub struct Known {
    /// In the order of the keys' digests: a map would take twice the memory.
    entries: Vec<Entry>,
    archives: Vec<Archive>,
    archive_of_key: DigestMap<u32>,
    /// Key and reason of those that gave no letter.
    failures: DigestMap<(String, String)>,
}

/// The digest of a key.
#[must_use]
pub fn digest_of(key: &str) -> u128 {
    let hash = blake3::hash(key.as_bytes());
    u128::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap_or([0; 16]))
}

/// Half of a digest of a source's bytes, never 0.
#[must_use]
pub fn digest_of_bytes(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or([0; 8])).max(1)
}

impl Known {
    /// Reads what the index knows.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn load(index: &Index) -> Result<Known, IndexError> {
        let mut known = Known::default();
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
    pub fn get(&self, key: u128) -> Option<&Entry> {
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
    pub fn archive(&self, key: u128) -> Option<&Archive> {
        self.archives.get(*self.archive_of_key.get(&key)? as usize)
    }

    /// Why a source gave no letter.
    #[must_use]
    pub fn failure(&self, key: u128) -> Option<&str> {
        self.failures.get(&key).map(|(_, reason)| reason.as_str())
    }

    /// The members of an archive that gave no letter, with the reasons, in the order of their keys.
    #[must_use]
    pub fn failures_in(&self, archive: u128) -> Vec<(String, String)> {
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

    /// How many sources hold each letter.
    #[must_use]
    pub fn holders(&self) -> DigestMap<u32> {
        let mut holders = DigestMap::default();
        for entry in self.entries.iter().filter(|entry| entry.letter != 0) {
            *holders.entry(entry.letter).or_insert(0) += 1;
        }
        holders
    }

    /// Whether a walk met all that is known.
    #[must_use]
    pub fn all_seen(&self) -> bool {
        self.entries.iter().all(|entry| self.is_seen(entry))
    }

    /// Whether a walk met a source, by itself or with its unchanged archive.
    #[must_use]
    pub fn is_seen(&self, entry: &Entry) -> bool {
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
    pub fn see(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }
}

impl Archive {
    /// Its members are what they were, and need not be looked for.
    pub fn see(&self) {
        self.present.store(true, Ordering::Relaxed);
    }

    /// Whether this run met it, changed or not.
    #[must_use]
    pub fn was_met(&self) -> bool {
        self.present.load(Ordering::Relaxed) || self.was_read()
    }

    /// It was read to its end.
    pub fn set_read(&self) {
        self.read.store(true, Ordering::Relaxed);
    }

    /// Whether it was read to its end.
    #[must_use]
    pub fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    /// One of its members moved elsewhere.
    pub fn lose_one(&self) {
        self.left.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The key of a member of an archive.
#[must_use]
pub fn member_key(archive: &str, name: &str) -> String {
    format!("{archive}{INSIDE}{name}")
}

/// The document that remembers a source.
#[must_use]
pub fn document(fields: &Fields, key: &str, state: &SourceState) -> Document {
    let mut doc = Document::with_capacity(10);
    doc.add_text(fields.kind, "source");
    doc.add_text(fields.source, key);
    doc.add_text(fields.source_letter, state.letter.as_str());
    doc.add_text(fields.source_failure, state.failure.as_str());
    doc.add_number(fields.source_size, state.size);
    doc.add_number(fields.source_modified, state.modified);
    if state.digest != 0 {
        doc.add_number(fields.source_digest, state.digest);
    }
    if state.archive != 0 {
        doc.add_number(fields.source_archive, state.archive as u64);
    }
    doc.add_number(fields.to_parent, 0);
    doc.add_number(fields.children, 0);
    doc
}

/// The term that deletes it.
#[must_use]
pub fn term(fields: &Fields, key: &str) -> Term {
    Term::from_field_text(fields.source, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_and_no_other() {
        for count in [0, 1, 2, 1000] {
            let mut known = Known::default();
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
