//! What the index remembers of the sources it was made from. It stands in the index itself, so that
//! one commit is the only point of truth.

use super::directory::IndexDirectory;
use super::document::Document;
use super::error::IndexError;
use super::reason::Reason;
use super::schema::Fields;
use super::store::Index;
use crate::corpus::INSIDE;
use std::io::ErrorKind;
use std::path::Path;
use tantivy::columnar::{Column, StrColumn};
use tantivy::directory::MmapDirectory;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, ReloadPolicy, SegmentReader, TERMINATED, Term};
use twox_hash::XxHash3_64;

/// One source, as it was when it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SourceState {
    /// The identity of the letter it holds; empty where it holds none.
    pub letter: String,
    /// Why it gave no letter; empty where it gave one.
    pub failure: String,
    /// Of the file, in bytes; of a member, what came out of its archive.
    pub size: u64,
    /// Nanoseconds since 1970; 0 of a member, and of what is to be tried again; of a member that is
    /// gone from its archive [`GONE`].
    pub modified: u64,
    /// A digest of its bytes; 0 where they were not read.
    pub digest: u64,
    /// How many bytes of the key are its archive's; 0 of a file.
    pub archive: usize,
}

/// The time of a member that was not in its archive when that was last read.
pub(crate) const GONE: u64 = 1;

/// One source that the index knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    /// Its key.
    pub key: &'r str,
    /// How many bytes of the key are its archive's; 0 of a file.
    pub archive: usize,
    /// The identity of its letter; 0 where it holds none.
    pub letter: u128,
    /// Why it gave no letter; empty where it gave one.
    pub failure: &'r str,
    pub(super) size: u64,
    pub(super) modified: u64,
    pub(super) digest: u64,
}

impl<'r> Row<'r> {
    /// The key of the archive that it is in.
    #[must_use]
    pub(crate) fn in_archive(&self) -> Option<&'r str> {
        self.key.get(..self.archive).filter(|key| !key.is_empty())
    }

    /// Whether it is a member that was not in its archive when that was last read.
    #[must_use]
    pub(crate) fn was_gone(&self) -> bool {
        self.archive > 0 && self.modified == GONE
    }

    /// What is remembered of it once it is gone from its archive.
    #[must_use]
    pub(crate) fn as_gone(&self) -> SourceState {
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

/// The identity of a letter as a number; of text that is none it is 0.
#[must_use]
pub(crate) fn letter_number(identity: &str) -> u128 {
    u128::from_str_radix(identity, 16).unwrap_or(0)
}

/// The identity of a letter as text.
#[must_use]
pub(crate) fn letter_text(number: u128) -> String {
    format!("{number:032x}")
}

/// The digits of [`letter_value`], in the order of their bytes.
const DIGITS: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/// How many it takes: six bits each.
const LENGTH: u32 = u128::BITS.div_ceil(6);

/// The identity of a letter as the index's fields hold it, a third shorter than as text; of text that is none it is
/// empty.
#[must_use]
pub(crate) fn letter_value(identity: &str) -> String {
    let number = letter_number(identity);
    let digit = |n: u32| char::from(DIGITS[(number >> (6 * n)) as usize % DIGITS.len()]);
    match number {
        0 => String::new(),
        _ => (0..LENGTH).rev().map(digit).collect(),
    }
}

/// Where a letter comes among equal ones: the first half of its identity.
#[must_use]
pub(crate) fn letter_order(identity: &str) -> u64 {
    (letter_number(identity) >> 64) as u64
}

/// The identity of a letter that a field holds, also as indexes of older formats do; 0 of what is none.
#[must_use]
pub(crate) fn letter_of_value(value: &str) -> u128 {
    if value.len() != LENGTH as usize {
        return letter_number(value);
    }
    let digit = |digit: u8| DIGITS.binary_search(&digit).ok();
    let next = |number: u128, byte: u8| Some(number << 6 | digit(byte)? as u128);
    value.bytes().try_fold(0, next).unwrap_or(0)
}

/// The term of a field that holds a letter's identity.
#[must_use]
pub(crate) fn letter_term(field: Field, identity: &str) -> Term {
    Term::from_field_text(field, &letter_value(identity))
}

/// Goes through all sources, part by part of the index, in each in the order of their keys: the
/// dictionaries are read once from end to end, which is ten times faster than looking up each.
///
/// # Errors
/// If the index's files are damaged.
pub(crate) fn each(index: &Index, mut with: impl FnMut(Row)) -> Result<(), IndexError> {
    for segment in index.reader.searcher().segment_readers() {
        each_in(segment, &mut with).map_err(|e| index.broken(&e))?;
    }
    Ok(())
}

/// Goes through all sources of an index's files, of whatever format; see [`each`].
///
/// # Errors
/// If the files are damaged, or of a format that names sources in another way.
pub(crate) fn each_in_folder(folder: &Path, mut with: impl FnMut(Row)) -> Result<(), String> {
    let text = |e: tantivy::TantivyError| e.reason();
    let files = MmapDirectory::open(folder).map_err(|e| e.reason())?;
    let directory = IndexDirectory::of_any_format(files);
    let index = tantivy::Index::open(directory).map_err(text)?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
    let reader: tantivy::IndexReader = reader.try_into().map_err(text)?;
    let searcher = reader.searcher();
    let mut sources = 0_usize;
    for segment in searcher.segment_readers() {
        let count = |row: Row| {
            sources += 1;
            with(row);
        };
        each_in(segment, &mut { count }).map_err(text)?;
    }
    if sources == 0 && searcher.num_docs() > 0 {
        return Err("its format does not say where its letters come from".to_string());
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
    let letters = letters_of(segment, &keys)?;
    let failures = fast.str("source_failure")?;
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
        with(Row {
            key,
            archive: usize::try_from(archive.first(doc).unwrap_or(0)).unwrap_or(0),
            letter: letter_of(&letters, doc),
            failure: failure.map_or("", String::as_str),
            size: size.first(doc).unwrap_or(0),
            modified: modified.first(doc).unwrap_or(0),
            digest: digest.first(doc).unwrap_or(0),
        });
    }
    Ok(())
}

/// The letters that the sources of a segment hold, by their documents; `keys` is the column that only they have.
///
/// # Errors
/// If the index's files are damaged.
pub(super) fn letters_of(
    segment: &SegmentReader,
    keys: &StrColumn,
) -> tantivy::Result<Vec<(DocId, u128)>> {
    let mut letters = Vec::new();
    let fast = segment.fast_fields();
    // As formats before the ninth have it.
    if let Some(column) = fast.str("source_letter")? {
        let of_ord: Vec<u128> = dictionary(Some(&column), letter_of_value)?;
        let of = |doc| {
            of_ord
                .get(usize::try_from(column.ords().first(doc)?).ok()?)
                .copied()
        };
        let documents = 0..segment.max_doc();
        letters.extend(documents.filter_map(|doc| Some((doc, of(doc)?))));
        return Ok(letters);
    }
    let Ok(field) = segment.schema().get_field("letter_id") else {
        return Ok(letters);
    };
    let index = segment.inverted_index(field)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let letter = letter_of_value(std::str::from_utf8(terms.key()).unwrap_or_default());
        let mut postings =
            index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            if keys.ords().first(doc).is_some() {
                letters.push((doc, letter));
            }
            postings.advance();
        }
    }
    letters.sort_unstable();
    Ok(letters)
}

/// The letter of a document among [`letters_of`]; 0 where it has none.
pub(super) fn letter_of(letters: &[(DocId, u128)], document: DocId) -> u128 {
    let at = letters.binary_search_by_key(&document, |(doc, _)| *doc);
    at.map_or(0, |at| letters[at].1)
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

/// The digest of a key.
#[must_use]
pub(crate) fn digest_of(key: &str) -> u128 {
    let hash = blake3::hash(key.as_bytes());
    u128::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap_or([0; 16]))
}

/// A digest of a source's bytes, never 0. It tells whether a source changed; letters are told apart by
/// their identity.
#[must_use]
pub(crate) fn digest_of_bytes(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes).max(1)
}

/// The key of a member of an archive.
#[must_use]
pub(crate) fn member_key(archive: &str, name: &str) -> String {
    format!("{archive}{INSIDE}{name}")
}

/// Whether the file of a source is surely not there. A folder that cannot be looked into, or a disk
/// that fails, says nothing of what is in it.
pub(super) fn is_not_there(key: &str, archive: usize) -> bool {
    let file = if archive > 0 {
        key.get(..archive)
    } else {
        Some(key)
    };
    file.is_some_and(|file| {
        std::fs::symlink_metadata(file)
            .is_err_and(|e| matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    })
}

/// The document that remembers a source.
#[must_use]
pub(crate) fn document(fields: &Fields, key: &str, state: &SourceState) -> Document {
    let mut doc = Document::with_capacity(10);
    doc.add_text(fields.kind, "source");
    doc.add_text(fields.source, key);
    if !state.letter.is_empty() {
        doc.add_text(fields.letter_id, letter_value(&state.letter));
    }
    doc.add_text(fields.source_failure, state.failure.as_str());
    doc.add_number(fields.source_size, state.size);
    doc.add_number(fields.source_modified, state.modified);
    if state.digest != 0 {
        doc.add_number(fields.source_digest, state.digest);
    }
    if state.archive != 0 {
        doc.add_number(fields.source_archive, state.archive as u64);
    }
    doc
}

/// The term that deletes it.
#[must_use]
pub(crate) fn term(fields: &Fields, key: &str) -> Term {
    Term::from_field_text(fields.source, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_come_back_from_fields_in_their_order() {
        let numbers = [1, 7, 64, u128::from(u64::MAX), 1 << 100, u128::MAX];
        let values = numbers.map(|number| letter_value(&letter_text(number)));
        assert!(values.is_sorted());
        for (number, value) in numbers.iter().zip(values) {
            assert_eq!(value.len(), 22);
            assert_eq!(letter_of_value(&value), *number);
            assert_eq!(letter_of_value(&letter_text(*number)), *number);
        }
        assert_eq!(letter_value(""), "");
        assert_eq!(letter_value("no identity"), "");
        assert_eq!(letter_of_value(""), 0);
        assert_eq!(letter_of_value("!!!!!!!!!!!!!!!!!!!!!!"), 0);
    }
}
