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
    /// One letter of about so many is in the sample.
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

impl SampledLetter {
    fn key(&self) -> (u64, DocAddress) {
        (self.place, self.address)
    }
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
    /// Letters that match, or so many of them where there are more. Which they are is decided by their identities, which
    /// are as good as drawn, and does not depend on where they stand in the index.
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
                worst: u64::MAX,
                letters: Vec::new(),
            })
        };
        let each = |segment: &mut SegmentSample, found: &Match<'_>| segment.add(found, most);
        let (segments, understood) = self.collect(&searcher, request, open, each)?;
        let mut all = Decisions::default();
        let mut letters = Vec::new();
        for segment in segments {
            all += segment.all;
            letters.extend(segment.letters);
        }
        letters.sort_by_key(SampledLetter::key);
        letters.truncate(most);
        let matching = usize::try_from(all.letters).unwrap_or(usize::MAX);
        let every = matching.div_ceil(letters.len().max(1)).max(1);
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
    /// Letters from here on are not in the sample.
    worst: u64,
    letters: Vec<SampledLetter>,
}

impl SegmentSample {
    fn add(&mut self, found: &Match<'_>, most: usize) {
        self.all.letters += 1;
        for item in found.items {
            self.all.item(self.decisions.of(*item));
        }
        let place = self.places.first(found.letter).unwrap_or(0);
        if place > self.worst {
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
        // Twice as many as are kept, then the better half: linear in the letters seen.
        if self.letters.len() >= most.saturating_mul(2) {
            let letters = &mut self.letters;
            let (_, worst, _) = letters.select_nth_unstable_by_key(most - 1, SampledLetter::key);
            self.worst = worst.place;
            letters.truncate(most);
        }
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
