//! What letters of each year lack: the alarm that the form of letters has changed.

use super::error::IndexError;
use super::store::Index;
use crate::fields;
use serde::Serialize;
use std::collections::BTreeMap;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

/// Letters of one year, and how many of them lack a part that every letter should have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct YearOfLetters {
    /// The year of the decision; None of letters whose date is unknown.
    pub year: Option<String>,
    /// Letters.
    pub letters: u64,
    /// Letters in which no item was found.
    pub without_items: u64,
    /// Letters with items of which none has a rationale.
    pub without_rationale: u64,
    /// Letters with items in none of which the reviewer cites a guideline.
    pub without_reviewer_citation: u64,
}

/// A part that every letter should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterPart {
    /// Items, with their decisions.
    Items,
    /// A rationale of an item.
    Rationale,
    /// A guideline that the reviewer cites for an item.
    ReviewerCitation,
}

/// Fewer letters of a year say nothing.
const LEAST_LETTERS: u64 = 20;
/// A year is alarming if at least one letter in so many lacks a part.
const ONE_IN: u64 = 10;
/// A reviewer may cite nothing: that is alarming if it is so many times as frequent as in other years.
const TIMES: u64 = 3;

impl YearOfLetters {
    /// How many of its letters lack a part.
    #[must_use]
    pub fn without(&self, part: LetterPart) -> u64 {
        match part {
            LetterPart::Items => self.without_items,
            LetterPart::Rationale => self.without_rationale,
            LetterPart::ReviewerCitation => self.without_reviewer_citation,
        }
    }

    /// The parts that so many of its letters lack that their form may have changed.
    #[must_use]
    pub fn alarms(&self, all: &[YearOfLetters]) -> Vec<LetterPart> {
        use LetterPart::{Items, Rationale, ReviewerCitation};
        let others = all.iter().filter(|year| *year != self);
        let (letters, citeless) = others.fold((0, 0), |(letters, citeless), year| {
            (
                letters + year.letters,
                citeless + year.without_reviewer_citation,
            )
        });
        let is_alarming = |part: &LetterPart| {
            let lacking = self.without(*part);
            let many = self.letters >= LEAST_LETTERS && lacking * ONE_IN >= self.letters;
            let unusual =
                *part != ReviewerCitation || lacking * letters >= TIMES * citeless * self.letters;
            many && unusual
        };
        let mut parts = vec![Items, Rationale, ReviewerCitation];
        parts.retain(is_alarming);
        parts
    }

    fn add(&mut self, letter: &Parts) {
        self.letters += 1;
        if letter.items == 0 {
            self.without_items += 1;
        } else {
            self.without_rationale += u64::from(!letter.rationale);
            self.without_reviewer_citation += u64::from(!letter.citation);
        }
    }
}

/// What the items of a letter have.
#[derive(Default)]
struct Parts {
    items: u32,
    rationale: bool,
    citation: bool,
}

impl Index {
    /// What letters lack, by year, the earliest first.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn years(&self) -> Result<Vec<YearOfLetters>, IndexError> {
        let mut years: BTreeMap<String, YearOfLetters> = BTreeMap::new();
        for segment in self.reader.searcher().segment_readers() {
            self.count_segment(segment, &mut years)
                .map_err(|e| self.broken(&e))?;
        }
        let named = years.into_iter().map(|(year, mut counted)| {
            counted.year = Some(year).filter(|year| !year.is_empty());
            counted
        });
        Ok(named.collect())
    }

    fn count_segment(
        &self,
        segment: &SegmentReader,
        years: &mut BTreeMap<String, YearOfLetters>,
    ) -> tantivy::Result<()> {
        let documents = segment.max_doc() as usize;
        let mut kinds = vec![Kind::Other; documents];
        each_posting(segment, self.fields.kind, |term, doc| {
            kinds[doc as usize] = match term {
                b"item" => Kind::Item,
                b"letter" => Kind::Letter,
                _ => Kind::Other,
            };
        })?;
        let document = self.fields.of(&fields::DOCUMENT);
        each_posting(segment, document, |_, doc| {
            kinds[doc as usize] = Kind::Other
        })?;
        let mut year_of: Vec<Option<[u8; 4]>> = vec![None; documents];
        each_posting(segment, self.fields.of(&fields::YEAR), |term, doc| {
            year_of[doc as usize] = term.try_into().ok();
        })?;
        let mut cites = vec![false; documents];
        let reviewer = self.fields.of(&fields::GUIDELINE_REVIEWER);
        each_posting(segment, reviewer, |_, doc| cites[doc as usize] = true)?;
        let rationale = segment.get_fieldnorms_reader(self.fields.of(&fields::RATIONALE))?;
        // Items precede their letter.
        let mut parts = Parts::default();
        for doc in segment.doc_ids_alive() {
            match kinds[doc as usize] {
                Kind::Other => {}
                Kind::Item => {
                    parts.items += 1;
                    parts.rationale |= rationale.fieldnorm_id(doc) > 0;
                    parts.citation |= cites[doc as usize];
                }
                Kind::Letter => {
                    let year = year_of[doc as usize].unwrap_or_default();
                    let year = String::from_utf8_lossy(year.as_slice());
                    let year = year.trim_end_matches('\0').to_string();
                    years.entry(year).or_default().add(&parts);
                    parts = Parts::default();
                }
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Item,
    Letter,
    Other,
}

/// Calls back with every term of a field and every document that has it.
fn each_posting(
    segment: &SegmentReader,
    field: Field,
    mut each: impl FnMut(&[u8], DocId),
) -> tantivy::Result<()> {
    let index = segment.inverted_index(field)?;
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let info = terms.value().clone();
        let mut postings = index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            each(terms.key(), doc);
            doc = postings.advance();
        }
    }
    Ok(())
}
