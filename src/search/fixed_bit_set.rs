//! Sets of a segment's documents, one bit each.

use tantivy::DocId;

/// Ascending documents are crowded where one of so many is among them.
const CROWDED: usize = 6;

/// A set of documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FixedBitSet {
    words: Vec<u64>,
}

impl FixedBitSet {
    /// No document of a segment that has so many.
    pub fn none(documents: DocId) -> FixedBitSet {
        FixedBitSet {
            words: vec![0; (documents as usize).div_ceil(64)],
        }
    }

    /// Sixty-four documents a word.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// A set of these words.
    pub fn from_words(words: Vec<u64>) -> FixedBitSet {
        FixedBitSet { words }
    }

    /// Adds a document; one beyond the segment is none.
    pub fn insert(&mut self, doc: DocId) {
        if let Some(word) = self.words.get_mut(doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }

    /// Adds documents that ascend; those beyond the segment are none.
    pub fn insert_ascending(&mut self, docs: &[DocId]) {
        let (Some(first), Some(last)) = (docs.first(), docs.last()) else {
            return;
        };
        let crowded = (last.saturating_sub(*first) as usize) < docs.len() * CROWDED;
        if !crowded {
            docs.iter().for_each(|doc| self.insert(*doc));
            return;
        }
        // Neighbours share a word: it is put together before it is written.
        let (mut at, mut word) = (*first as usize / 64, 0);
        for doc in docs {
            if *doc as usize / 64 != at {
                self.or_word(at, word);
                (at, word) = (*doc as usize / 64, 0);
            }
            word |= 1 << (doc % 64);
        }
        self.or_word(at, word);
    }

    fn or_word(&mut self, at: usize, word: u64) {
        if let Some(here) = self.words.get_mut(at) {
            *here |= word;
        }
    }

    /// Adds the documents from one to another, both included.
    pub fn insert_all(&mut self, from: DocId, to: DocId) {
        let (first, last) = (from as usize / 64, to as usize / 64);
        for at in first..=last.min(self.words.len().saturating_sub(1)) {
            let mut word = u64::MAX;
            if at == first {
                word &= u64::MAX << (from % 64);
            }
            if at == last {
                word &= u64::MAX >> (63 - to % 64);
            }
            self.words[at] |= word;
        }
    }

    /// Whether it has a document.
    pub fn contains(&self, doc: DocId) -> bool {
        self.words
            .get(doc as usize / 64)
            .is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    /// How many it has.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|w| u64::from(w.count_ones())).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// How many documents are in both.
    pub fn intersection_count(&self, other: &FixedBitSet) -> u64 {
        let both = |(a, b): (&u64, &u64)| u64::from((a & b).count_ones());
        self.words.iter().zip(&other.words).map(both).sum()
    }

    /// Keeps those that are in both.
    pub fn and(&mut self, other: &FixedBitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Leaves out those that are in the other.
    pub fn and_not(&mut self, other: &FixedBitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Adds those of the other.
    pub fn or(&mut self, other: &FixedBitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// The documents, ascending.
    pub fn iter(&self) -> impl Iterator<Item = DocId> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at as DocId * 64 + bit)
            })
        })
    }

    /// Keeps those that are in at least so many of the sets.
    pub fn keep_at_least(&mut self, needed: usize, sets: &[&FixedBitSet]) {
        if needed == sets.len() {
            sets.iter().for_each(|set| self.and(set));
            return;
        }
        *self = std::mem::take(self)
            .in_at_least(needed, sets)
            .swap_remove(needed);
    }

    /// In place `n`: what is in at least `n` of the sets, up to so many.
    pub fn in_at_least(self, needed: usize, sets: &[&FixedBitSet]) -> Vec<FixedBitSet> {
        let nothing = FixedBitSet {
            words: vec![0; self.words.len()],
        };
        let mut reached = vec![nothing; needed + 1];
        reached[0] = self;
        for set in sets {
            for n in (1..=needed).rev() {
                let (fewer, more) = reached.split_at_mut(n);
                let pairs = fewer[n - 1].words.iter().zip(&set.words);
                for (word, (before, here)) in more[0].words.iter_mut().zip(pairs) {
                    *word |= before & here;
                }
            }
        }
        reached
    }
}

/// A set whose members are numbered in their order, so that what belongs to each can be kept side by
/// side.
pub(super) struct RankedBitSet {
    bits: FixedBitSet,
    /// How many members the words before have.
    before: Vec<u32>,
    count: usize,
}

impl RankedBitSet {
    /// Numbers the members of a set.
    pub(super) fn new(bits: FixedBitSet) -> RankedBitSet {
        let mut count = 0;
        let before = bits.words.iter().map(|word| {
            let before = count;
            count += word.count_ones();
            before
        });
        let before = before.collect();
        RankedBitSet {
            bits,
            before,
            count: count as usize,
        }
    }

    /// The set.
    pub(super) fn bits(&self) -> &FixedBitSet {
        &self.bits
    }

    /// How many members it has.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number of a member; None for what is not in the set.
    pub(super) fn number(&self, doc: DocId) -> Option<usize> {
        let at = doc as usize / 64;
        let word = self.bits.words.get(at)?;
        (word >> (doc % 64) & 1 == 1).then(|| self.before(doc))
    }

    /// How many members come before a document.
    pub(super) fn before(&self, doc: DocId) -> usize {
        let at = doc as usize / 64;
        let Some(word) = self.bits.words.get(at) else {
            return self.count;
        };
        let below = word & !(u64::MAX << (doc % 64));
        (self.before[at] + below.count_ones()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(docs: &[DocId]) -> FixedBitSet {
        let mut bits = FixedBitSet::none(300);
        docs.iter().for_each(|doc| bits.insert(*doc));
        bits
    }

    #[test]
    fn members_come_back_in_order() {
        let docs = [0, 1, 63, 64, 127, 128, 255, 299];
        assert_eq!(of(&docs).iter().collect::<Vec<_>>(), docs);
        assert_eq!(of(&docs).count(), 8);
        assert!(!of(&docs).contains(2) && !of(&docs).contains(100_000));
    }

    #[test]
    fn members_are_numbered() {
        let docs = [0, 1, 63, 64, 127, 128, 255, 299];
        let numbered = RankedBitSet::new(of(&docs));
        assert_eq!(numbered.count(), docs.len());
        for (n, doc) in docs.iter().enumerate() {
            assert_eq!(numbered.number(*doc), Some(n));
        }
        assert_eq!(numbered.number(2), None);
        assert_eq!((numbered.before(2), numbered.before(299)), (2, 7));
        assert_eq!(numbered.before(5000), docs.len());
        assert_eq!(numbered.number(5000), None);
    }

    #[test]
    fn ascending_documents_are_added_as_one_by_one() {
        for step in [1, 2, 3, 15, 16, 17, 64, 100] {
            let docs: Vec<DocId> = (5..400).step_by(step).collect();
            let mut bits = of(&[7]);
            bits.insert_ascending(&docs);
            let mut plain = of(&[7]);
            docs.iter().for_each(|doc| plain.insert(*doc));
            assert_eq!(bits, plain, "every {step}");
        }
        let mut bits = of(&[]);
        bits.insert_ascending(&[]);
        assert_eq!(bits.count(), 0);
    }

    #[test]
    fn stretches() {
        for (from, to) in [(0, 0), (3, 70), (63, 64), (64, 127), (10, 299)] {
            let mut bits = FixedBitSet::none(300);
            bits.insert_all(from, to);
            assert_eq!(
                bits.iter().collect::<Vec<_>>(),
                (from..=to).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn at_least_counts_memberships() {
        let sets = [of(&[1, 2, 3]), of(&[2, 3]), of(&[3, 9])];
        let universe = of(&[1, 2, 3, 9]);
        let told = |n| {
            let mut kept = universe.clone();
            kept.keep_at_least(n, &sets.each_ref());
            kept.iter().collect::<Vec<_>>()
        };
        assert_eq!(told(0), [1, 2, 3, 9]);
        assert_eq!(told(1), [1, 2, 3, 9]);
        assert_eq!(told(2), [2, 3]);
        assert_eq!(told(3), [3]);
    }
}
