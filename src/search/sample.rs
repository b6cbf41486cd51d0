//! The letters and items behind a count: a sample of them to read, and sets of them to lay side by
//! side.

use super::Engine;
use super::collect::{SegmentDecisions, Understood};
use super::error::SearchError;
use super::evaluate::Match;
use super::fixed_bit_set::FixedBitSet;
use super::request::{Hit, Request};
use super::tally::Decisions;
use crate::index::sources::letter_order;
use crate::index::unpacked;
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
    /// What was searched; None of a backend that handed the letters over.
    searcher: Option<Searcher>,
}

/// A letter of a [`Sample`].
#[derive(Debug, Clone)]
pub struct SampledLetter {
    at: SampledAt,
    /// What decides whether it is in a sample, and where: the beginning of its identity.
    place: u64,
    /// Its matching items, as places in its list.
    pub items: Vec<usize>,
}

/// Where a letter of a sample is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SampledAt {
    /// In the index.
    Index(DocAddress),
    /// Here, as [`packed`] makes it: its identity, its bytes, and its files.
    Memory(String, Vec<u8>, Vec<String>),
}

impl SampledLetter {
    pub(super) fn key(&self) -> (u64, SampledAt) {
        let at = match &self.at {
            SampledAt::Memory(id, ..) => SampledAt::Memory(id.clone(), Vec::new(), Vec::new()),
            at => at.clone(),
        };
        (self.place, at)
    }

    /// A letter that is held, as its record; `items` are those that match.
    pub(super) fn held(id: String, record: Vec<u8>, files: Vec<String>, items: Vec<usize>) -> Self {
        SampledLetter {
            place: letter_order(&id),
            at: SampledAt::Memory(id, record, files),
            items,
        }
    }

    /// The letter, its identity and its files, where it is held.
    fn unpacked(&self) -> Result<Option<(Letter, String, Vec<String>)>, SearchError> {
        let SampledAt::Memory(id, record, files) = &self.at else {
            return Ok(None);
        };
        let letter = unpacked(record.clone()).map_err(SearchError::Remote)?;
        Ok(Some((letter, id.clone(), files.clone())))
    }

    /// A letter that is held.
    ///
    /// # Errors
    /// If it cannot be read, or is not held.
    pub(super) fn letter(&self) -> Result<Letter, SearchError> {
        let held = self.unpacked()?.map(|(letter, _, _)| letter);
        held.ok_or_else(not_held)
    }

    /// A letter that is held, as a hit.
    ///
    /// # Errors
    /// If it cannot be read, or is not held.
    pub(super) fn hit(&self) -> Result<Hit, SearchError> {
        let (letter, id, files) = self.unpacked()?.ok_or_else(not_held)?;
        Ok(Hit::of(letter, id, files, self.items.iter().copied()))
    }
}

fn not_held() -> SearchError {
    SearchError::Remote("this letter is of another engine".to_string())
}

impl Sample {
    /// A sample of letters that are held.
    pub(super) fn of(
        understood: Understood,
        all: Decisions,
        letters: Vec<SampledLetter>,
    ) -> Sample {
        let matching = usize::try_from(all.letters).unwrap_or(usize::MAX);
        Sample {
            every: matching.div_ceil(letters.len().max(1)).max(1),
            understood,
            all,
            letters,
            searcher: None,
        }
    }
}

/// What matches two requests: how each was understood and what was decided, and what both have.
#[derive(Debug, Clone, Default)]
pub struct SideBySide {
    /// The first.
    pub a: (Understood, Decisions),
    /// The second.
    pub b: (Understood, Decisions),
    /// Letters and items with a decision that match both.
    pub shared: (u64, u64),
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
            searcher: Some(searcher),
        })
    }

    /// Reads a letter of a sample.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn sampled(&self, sample: &Sample, of: &SampledLetter) -> Result<Letter, SearchError> {
        match (&sample.searcher, &of.at) {
            (Some(searcher), SampledAt::Index(address)) => Ok(self.letter(searcher, *address)?.0),
            _ => of.letter(),
        }
    }

    /// A letter of a sample as a hit, with its files.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn sampled_hit(&self, sample: &Sample, of: &SampledLetter) -> Result<Hit, SearchError> {
        let (Some(searcher), SampledAt::Index(address)) = (&sample.searcher, &of.at) else {
            return of.hit();
        };
        let (letter, id) = self.letter(searcher, *address)?;
        let files = self.files(searcher, &id)?;
        Ok(Hit::of(letter, id, files, of.items.iter().copied()))
    }

    /// The items that match two requests, side by side.
    ///
    /// # Errors
    /// If a query or a filter cannot be understood, or the index is damaged.
    pub fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        let (a, b) = (self.item_set(a)?, self.item_set(b)?);
        Ok(SideBySide {
            shared: a.shared(&b),
            a: (a.understood, a.all),
            b: (b.understood, b.all),
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
            at: SampledAt::Index(DocAddress::new(self.ord, found.letter)),
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
