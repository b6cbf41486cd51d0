//! The order of hits, and the best of them.

use super::evaluate::{Match, Tier};
use super::request::{Request, Sort};
use super::segment_cache::ColumnCache;
use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering as AtomicOrdering};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, SegmentReader};

/// The best letters whose positions are read: proximity may change the order of these.
pub(super) const RESCORE_WINDOW: usize = 100;

/// A letter that was found, before it is loaded.
#[derive(Debug, Clone)]
pub struct ScoredDoc {
    pub(super) address: DocAddress,
    /// Its first document.
    pub(super) first: DocId,
    /// Its matching items, with their scores.
    pub(super) items: Vec<(DocId, f32)>,
    /// The item that counts for its score.
    pub(super) best: Option<DocId>,
    pub(super) score: f32,
    /// What comes before the score.
    pub(super) tier: Tier,
    /// An item has all the words.
    pub(super) complete: bool,
    /// It has only some of the concepts and words, and does not mention them all.
    pub(super) partial: bool,
    /// What the order goes by besides the score: a date or a count.
    number: u64,
    text: String,
    /// Where it comes among equal ones, wherever it stands in the index.
    place: u64,
}

/// What a segment's letters are ordered by, besides their score.
pub(super) struct SegmentKey {
    numbers: Option<Arc<Column<u64>>>,
    /// The smallest number comes first.
    oldest: bool,
    cases: Option<Arc<Option<StrColumn>>>,
    places: Arc<Column<u64>>,
}

impl SegmentKey {
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn open(
        reader: &SegmentReader,
        columns: &ColumnCache,
        sort: Sort,
    ) -> tantivy::Result<SegmentKey> {
        let numbers = |field| columns.numbers(reader, field).map(Some);
        Ok(SegmentKey {
            oldest: sort == Sort::Oldest,
            numbers: match sort {
                Sort::Injured => numbers("injured")?,
                Sort::Relevance | Sort::Decided | Sort::Oldest => numbers("decided")?,
                Sort::Case | Sort::Items => None,
            },
            cases: match sort {
                Sort::Case => Some(columns.texts(reader, "case_number")?),
                _ => None,
            },
            places: columns.numbers(reader, "letter_order")?,
        })
    }

    fn number(&self, found: &Match<'_>) -> u64 {
        match &self.numbers {
            // A letter without a date comes last in any order.
            Some(column) => match column.first(found.letter) {
                Some(date) if self.oldest => u64::MAX - date,
                date => date.unwrap_or(0),
            },
            None => found.items.len() as u64,
        }
    }

    fn place(&self, letter: DocId) -> u64 {
        self.places.first(letter).unwrap_or(0)
    }

    fn text(&self, letter: DocId) -> String {
        let mut text = String::new();
        if let Some(Some(column)) = self.cases.as_deref()
            && let Some(ord) = column.ords().first(letter)
        {
            // A case that cannot be read sorts last, as one that has none.
            let _ = column.ord_to_str(ord, &mut text);
        }
        text
    }
}

/// The minimum competitive rank (tier, then score), shared by the threads of the segments: it only
/// rises.
#[derive(Default)]
pub(super) struct MinCompetitiveScore(AtomicU32);

impl MinCompetitiveScore {
    /// Ranks as numbers of the same order. (Scores are never negative: their bits are.)
    fn rank(tier: Tier, score: f32) -> u32 {
        let tier = u32::from(tier.answers) << 1 | u32::from(tier.wished);
        tier << 30 | score.max(0.0).to_bits() >> 1
    }

    fn raise(&self, tier: Tier, score: f32) {
        self.0
            .fetch_max(Self::rank(tier, score), AtomicOrdering::Relaxed);
    }

    fn is_reached(&self, tier: Tier, score: f32) -> bool {
        Self::rank(tier, score) >= self.0.load(AtomicOrdering::Relaxed)
    }
}

/// What an evaluation gathers: totals, and the best letters so far.
pub(super) struct TopDocs<'r> {
    request: &'r Request,
    /// None where letters are not ordered by relevance.
    bar: Option<&'r MinCompetitiveScore>,
    /// The best letters, in no order.
    pub found: Vec<ScoredDoc>,
    keep: usize,
    /// The worst of the letters kept, once there are enough: worse ones are skipped.
    worst: Option<(Tier, f32, u64)>,
}

impl<'r> TopDocs<'r> {
    /// Adds what was gathered elsewhere.
    pub(super) fn take(&mut self, other: TopDocs<'r>) {
        self.found.extend(other.found);
    }

    /// Whether a letter comes after all that are kept.
    fn is_worse(&self, found: &Match<'_>, number: u64) -> bool {
        let Some((tier, score, other)) = self.worst else {
            return false;
        };
        match self.request.sort {
            Sort::Relevance => (found.tier, found.score, number) < (tier, score, other),
            Sort::Decided | Sort::Oldest | Sort::Injured | Sort::Items => {
                let answers = found.tier.answers;
                (answers, number, found.score) < (tier.answers, other, score)
            }
            Sort::Case => false,
        }
    }

    /// Empty. `pairs`: whether proximity may still move letters.
    pub(super) fn new(
        request: &'r Request,
        bar: &'r MinCompetitiveScore,
        pairs: bool,
    ) -> TopDocs<'r> {
        TopDocs {
            request,
            bar: (request.sort == Sort::Relevance).then_some(bar),
            found: Vec::new(),
            keep: match request.wanted() {
                wanted if pairs && wanted > 0 && request.sort == Sort::Relevance => {
                    wanted.max(RESCORE_WINDOW)
                }
                wanted => wanted,
            },
            worst: None,
        }
    }

    /// How many letters are kept: those asked for, and those that proximity may still move.
    pub(super) fn wanted(&self) -> usize {
        self.keep
    }

    /// Keeps a letter if it may be one of the best.
    fn add(&mut self, segment: u32, found: &Match<'_>, key: &SegmentKey) {
        let number = key.number(found);
        if self.keep == 0 || self.is_worse(found, number) {
            return;
        }
        self.found.push(ScoredDoc {
            address: DocAddress::new(segment, found.letter),
            first: found.first,
            items: found
                .items
                .iter()
                .map(|doc| (*doc, found.item_scores[(doc - found.first) as usize]))
                .collect(),
            best: found.best,
            score: found.score,
            tier: found.tier,
            complete: found.complete,
            partial: false,
            number,
            text: key.text(found.letter),
            place: key.place(found.letter),
        });
        // Twice as many as are kept, then the better half: linear in the letters seen.
        if self.found.len() >= self.keep.saturating_mul(2).max(64) {
            let request = self.request;
            let (_, worst, _) = self
                .found
                .select_nth_unstable_by(self.keep - 1, |a, b| order(request, a, b));
            self.worst = Some((worst.tier, worst.score, worst.number));
            if let Some(bar) = self.bar {
                bar.raise(worst.tier, worst.score);
            }
            self.found.truncate(self.keep);
        }
    }
}

/// A segment's letters on their way among the best.
pub(super) struct TopDocsCollector<'t, 'r> {
    /// Where they go.
    pub best: &'t mut TopDocs<'r>,
    /// The segment's number.
    pub segment: u32,
    /// What they are ordered by.
    pub key: SegmentKey,
}

impl super::scoring::Collector for TopDocsCollector<'_, '_> {
    fn passes(&self, tier: Tier, score: f32) -> bool {
        let bar = self.best.bar;
        bar.is_none_or(|bar| bar.is_reached(tier, score))
    }

    fn add(&mut self, found: &Match<'_>) {
        self.best.add(self.segment, found, &self.key);
    }
}

/// The order of hits; equal ones by their identities.
pub(super) fn order(request: &Request, a: &ScoredDoc, b: &ScoredDoc) -> Ordering {
    let by_number = b.number.cmp(&a.number);
    let first = match request.sort {
        Sort::Relevance => b
            .tier
            .cmp(&a.tier)
            .then(b.score.total_cmp(&a.score))
            .then(by_number),
        Sort::Decided | Sort::Oldest | Sort::Injured | Sort::Items => {
            by_number.then(b.score.total_cmp(&a.score))
        }
        Sort::Case => a
            .text
            .is_empty()
            .cmp(&b.text.is_empty())
            .then(a.text.cmp(&b.text)),
    };
    // What only mentions comes after all that answers, in any order.
    let answers = b.tier.answers.cmp(&a.tier.answers);
    let places = a.place.cmp(&b.place).then(a.address.cmp(&b.address));
    answers.then(first).then(places)
}
