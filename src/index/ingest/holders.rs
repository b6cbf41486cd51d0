//! Which sources hold a letter, and which letters share a case number.

use super::super::catalog::{Entry, SourceCatalog};
use super::super::error::IndexError;
use super::super::postings::documents_with;
use super::super::sources::{self, digest_of, letter_number};
use super::Event;
use super::gone::is_not_there;
use super::memory::Memory;
use super::write::{CASE, IngestWriter, Shared};
use super::writers::Operation;
use crate::letter::Letter;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

/// How many repeated case numbers a report lists.
const LISTED: usize = 20;

/// What a count of this run takes, in bytes: 11 of them in a node of 256, two thirds full, and the nodes above.
const COUNT: usize = 42;

/// How many sources hold each letter. What the index knows is only looked up; what this run changes is kept
/// beside it, in a tree, which grows in small steps.
#[derive(Default)]
pub(super) struct Holders {
    /// Places in [`SourceCatalog`] in the order of their letters.
    by_letter: Vec<u32>,
    changed: BTreeMap<u128, u32>,
}

impl Holders {
    /// As many as the index knows.
    pub(super) fn new(known: &SourceCatalog) -> Holders {
        Holders {
            by_letter: known.by_letter(),
            changed: BTreeMap::new(),
        }
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.by_letter.as_slice())
    }

    /// How many sources hold a letter.
    pub(super) fn of(&self, known: &SourceCatalog, letter: u128) -> u32 {
        let changed = self.changed.get(&letter).copied();
        changed.unwrap_or_else(|| known.holders(&self.by_letter, letter))
    }

    /// One more; how many it is now.
    pub(super) fn add(&mut self, known: &SourceCatalog, letter: u128, memory: &Memory) -> u32 {
        let count = self.of(known, letter) + 1;
        if self.changed.insert(letter, count).is_none() {
            memory.know(COUNT);
        }
        count
    }

    /// One less, if there is any; how many are left.
    pub(super) fn remove(
        &mut self,
        known: &SourceCatalog,
        letter: u128,
        memory: &Memory,
    ) -> Option<u32> {
        let left = self.of(known, letter).checked_sub(1)?;
        if self.changed.insert(letter, left).is_none() {
            memory.know(COUNT);
        }
        Some(left)
    }
}

impl IngestWriter<'_> {
    /// Lets go of a letter that a source held; the last one takes the letter out of the index.
    ///
    /// It is taken out while the holders are locked: a source that turns out to hold the same letter
    /// is counted after, and so its block is added after.
    pub(super) fn release(&self, letter: u128, holders: &mut Holders) -> Result<(), IndexError> {
        if letter != 0 && holders.remove(self.known, letter, self.memory) == Some(0) {
            let id = sources::letter_text(letter);
            self.delete(sources::letter_term(self.index.fields.letter_id, &id))?;
        }
        Ok(())
    }

    /// A source whose letter is held by another. If that one is gone, the letter moved: it is
    /// forgotten in the same operation, so that no moment has neither or, later, both.
    pub(super) fn duplicate(
        &self,
        key: &str,
        letter: &str,
        operations: &mut Vec<Operation>,
    ) -> Result<(), IndexError> {
        let from = self
            .holders_in_index(letter)?
            .into_iter()
            .filter(|(holder, archive)| is_not_there(holder, *archive))
            .find(|(holder, _)| self.shared().moved.insert(holder.clone()));
        let mut shared = self.shared();
        let Some((from, archive)) = from else {
            shared.report.duplicates += 1;
            return Ok(());
        };
        self.progress.tell(Event::Moved(&from, key));
        shared.report.moved += 1;
        // The block stays: the source at the new place was counted before.
        let letter = letter_number(letter);
        shared.holders.remove(self.known, letter, self.memory);
        if archive > 0
            && let Some(archive) = self.known.archive(digest_of(&from[..archive]))
        {
            archive.lose_one();
        }
        operations.push(Operation::Delete(sources::term(&self.index.fields, &from)));
        Ok(())
    }

    /// The sources that held a letter when the ingest began, each with the length of its archive's
    /// key.
    fn holders_in_index(&self, letter: &str) -> Result<Vec<(String, usize)>, IndexError> {
        let searcher = self.index.reader.searcher();
        let term = sources::letter_term(self.index.fields.source_letter, letter);
        let find = || -> tantivy::Result<Vec<(String, usize)>> {
            let mut holders = Vec::new();
            for address in documents_with(&searcher, &term)? {
                let fast = searcher.segment_reader(address.segment_ord).fast_fields();
                let archive = fast
                    .column_opt::<u64>("source_archive")?
                    .and_then(|column| column.first(address.doc_id));
                let mut key = String::new();
                if let Some(column) = fast.str("source")?
                    && let Some(ord) = column.ords().first(address.doc_id)
                    && column.ord_to_str(ord, &mut key)?
                {
                    holders.push((key, archive.and_then(|n| n.try_into().ok()).unwrap_or(0)));
                }
            }
            holders.sort();
            Ok(holders)
        };
        find().map_err(|e| self.index.broken(&e))
    }

    /// Notes a case number that a different letter has too: both are kept.
    pub(super) fn note_case(
        &self,
        letter: &Letter,
        key: &str,
        before: Option<&Entry>,
        shared: &mut Shared,
    ) {
        let Some(case) = &letter.case_number else {
            return;
        };
        let mut digest = DefaultHasher::new();
        case.hash(&mut digest);
        let in_run = !shared.cases.insert(digest.finish());
        if !in_run {
            self.memory.know(CASE);
        }
        let in_index = before.is_none() && {
            let term = Term::from_field_text(self.index.fields.of(&crate::fields::CASE), case);
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let searcher = self.index.reader.searcher();
            searcher.search(&query, &Count).is_ok_and(|count| count > 0)
        };
        if (in_run || in_index) && shared.report.repeated_cases.len() < LISTED {
            let repeated = (case.clone(), key.to_string());
            shared.report.repeated_cases.push(repeated);
        }
    }
}
