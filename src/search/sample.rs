//! The letters and items behind a count: a sample of them to read, and sets of them to lay side by
//! side.

use super::Engine;
use super::collect::{SegmentDecisions, Understood};
use super::error::SearchError;
use super::evaluate::Match;
use super::fixed_bit_set::FixedBitSet;
use super::request::{Hit, HitItem, Request};
use super::tally::Decisions;
use crate::letter::Letter;
use std::sync::Arc;
use tantivy::columnar::Column;
use tantivy::{DocAddress, Searcher, SegmentReader};

/// Letters with their matching items, to be read one after the other.
pub struct Sample {
    /// How the request was understood.
    pub understood: Understood,
    /// All that matches.
    pub all: Decisions,
    /// One letter of so many is in the sample: a power of two.
    pub every: usize,
    /// The letters, in an order that does not depend on the index.
    pub letters: Vec<SampledLetter>,
    searcher: Searcher,
}

/// A letter of a [`Sample`].
#[derive(Debug, Clone)]
pub struct SampledLetter {
    address: DocAddress,
    /// What decides whether it is in a sample, and where: the beginning of its identity.
    place: u64,
    /// Its matching items, as places in its list.
    pub items: Vec<usize>,
}

/// The items that match a request: those with a decision.
pub struct ItemSet {
    /// How the request was understood.
    pub understood: Understood,
    /// All that matches.
    pub all: Decisions,
    items: Vec<FixedBitSet>,
    letters: Vec<FixedBitSet>,
}

impl Engine {
    /// Letters that match, at most so many: a half, a quarter ... of them where there are more. Which they are
    /// does not depend on where they stand in the index.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, or the index is damaged.
    pub fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        let searcher = self.index().reader.searcher();
        let most = most.max(1);
        let open = |ord: u32, reader: &SegmentReader| {
            Ok(SegmentSample {
                ord,
                decisions: SegmentDecisions::open(reader)?,
                places: self.columns.numbers(reader, "letter_order")?,
                all: Decisions::default(),
                every: 1,
                letters: Vec::new(),
            })
        };
        let each = |segment: &mut SegmentSample, found: &Match<'_>| segment.add(found, most);
        let (segments, understood) = self.collect(&searcher, request, open, each)?;
        let mut every = segments.iter().map(|s| s.every).max().unwrap_or(1);
        let mut all = Decisions::default();
        let mut letters = Vec::new();
        for segment in segments {
            all += segment.all;
            letters.extend(segment.letters);
        }
        thin(&mut letters, &mut every, most);
        letters.sort_by_key(|letter| (letter.place, letter.address));
        Ok(Sample {
            understood,
            all,
            every,
            letters,
            searcher,
        })
    }

    /// Reads a letter of a sample.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn sampled(&self, sample: &Sample, of: &SampledLetter) -> Result<Letter, SearchError> {
        Ok(self.letter(&sample.searcher, of.address)?.0)
    }

    /// A letter of a sample as a hit, with its files.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn sampled_hit(&self, sample: &Sample, of: &SampledLetter) -> Result<Hit, SearchError> {
        let (letter, id) = self.letter(&sample.searcher, of.address)?;
        Ok(Hit {
            files: self.files(&sample.searcher, &id)?,
            letter,
            id,
            score: 0.0,
            complete: true,
            mention: false,
            items: of
                .items
                .iter()
                .map(|item| HitItem {
                    item: *item,
                    score: 0.0,
                })
                .collect(),
            snippets: Vec::new(),
            explanation: Vec::new(),
        })
    }

    /// The items that match, as a set.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, or the index is damaged.
    pub fn item_set(&self, request: &Request) -> Result<ItemSet, SearchError> {
        let searcher = self.index().reader.searcher();
        let open = |_: u32, reader: &SegmentReader| {
            Ok(SegmentSet {
                decisions: SegmentDecisions::open(reader)?,
                all: Decisions::default(),
                items: FixedBitSet::none(reader.max_doc()),
                letters: FixedBitSet::none(reader.max_doc()),
            })
        };
        let each = |segment: &mut SegmentSet, found: &Match<'_>| segment.add(found);
        let (segments, understood) = self.collect(&searcher, request, open, each)?;
        let mut set = ItemSet {
            understood,
            all: Decisions::default(),
            items: Vec::new(),
            letters: Vec::new(),
        };
        for segment in segments {
            set.all += segment.all;
            set.items.push(segment.items);
            set.letters.push(segment.letters);
        }
        Ok(set)
    }
}

impl ItemSet {
    /// Letters and items with a decision that are in both sets. Sets of an index that has changed
    /// between them cannot be told: 0.
    #[must_use]
    pub fn shared(&self, other: &ItemSet) -> (u64, u64) {
        let shared = |a: &[FixedBitSet], b: &[FixedBitSet]| {
            a.iter().zip(b).map(|(a, b)| a.intersection_count(b)).sum()
        };
        (
            shared(&self.letters, &other.letters),
            shared(&self.items, &other.items),
        )
    }
}

struct SegmentSample {
    ord: u32,
    decisions: SegmentDecisions,
    places: Arc<Column<u64>>,
    all: Decisions,
    every: usize,
    letters: Vec<SampledLetter>,
}

impl SegmentSample {
    fn add(&mut self, found: &Match<'_>, most: usize) {
        self.all.letters += 1;
        for item in found.items {
            self.all.item(self.decisions.of(*item));
        }
        let place = self.places.first(found.letter).unwrap_or(0);
        if !is_in(place, self.every) {
            return;
        }
        self.letters.push(SampledLetter {
            address: DocAddress::new(self.ord, found.letter),
            place,
            items: found
                .items
                .iter()
                .map(|item| (item - found.first) as usize)
                .collect(),
        });
        if self.letters.len() > most {
            thin(&mut self.letters, &mut self.every, most);
        }
    }
}

/// Whether a letter is among the sample of one of so many.
fn is_in(place: u64, every: usize) -> bool {
    place.is_multiple_of(every as u64)
}

/// Keeps the letters of the largest sample that has at most so many, of one of `every` or more.
fn thin(letters: &mut Vec<SampledLetter>, every: &mut usize, most: usize) {
    letters.retain(|letter| is_in(letter.place, *every));
    while letters.len() > most {
        *every *= 2;
        letters.retain(|letter| is_in(letter.place, *every));
    }
}

struct SegmentSet {
    decisions: SegmentDecisions,
    all: Decisions,
    items: FixedBitSet,
    letters: FixedBitSet,
}

impl SegmentSet {
    fn add(&mut self, found: &Match<'_>) {
        self.all.letters += 1;
        for item in found.items {
            let decided = self.decisions.of(*item);
            self.all.item(decided);
            if decided.is_some() {
                self.items.insert(*item);
                self.letters.insert(found.letter);
            }
        }
    }
}
