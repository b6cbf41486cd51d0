//! The blocks of a segment: which document is a letter, and which items are its own.
//!
//! The invariant: a block is its items, then its letter, adjacent. So a letter's first document
//! follows the end of the block before, and sets of documents move between items and letters
//! without a look at any document.

use super::fixed_bit_set::FixedBitSet;
use super::segment_cache::SegmentCache;
use crate::index::OUTSIDE_BLOCKS;
use std::sync::Arc;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, Term};

/// The blocks of one segment.
pub(super) struct BlockIndex {
    documents: DocId,
    letters: FixedBitSet,
    items: FixedBitSet,
    /// Letters without items.
    itemless: FixedBitSet,
    /// The last document of every block: letters, and documents that are of no letter.
    ends: FixedBitSet,
}

impl BlockIndex {
    /// Reads where the letters of a segment are; `kind` is the field that names them.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn open(reader: &SegmentReader, kind: Field) -> tantivy::Result<BlockIndex> {
        let documents = reader.max_doc();
        let mut letters = FixedBitSet::none(documents);
        let mut ends = FixedBitSet::none(documents);
        let index = reader.inverted_index(kind)?;
        let letter = std::iter::once(("letter", true));
        let kinds = letter.chain(OUTSIDE_BLOCKS.map(|kind| (kind, false)));
        for (name, is_letter) in kinds {
            let term = Term::from_field_text(kind, name);
            let Some(mut postings) = index.read_block_postings(&term, IndexRecordOption::Basic)?
            else {
                continue;
            };
            each_block(&mut postings, |block| {
                for doc in block.docs() {
                    ends.insert(*doc);
                    if is_letter {
                        letters.insert(*doc);
                    }
                }
            });
        }
        let mut items = FixedBitSet::none(documents);
        if documents > 0 {
            items.insert_all(0, documents - 1);
        }
        items.and_not(&ends);
        Ok(BlockIndex::new(letters, items, ends, documents))
    }

    fn new(
        letters: FixedBitSet,
        items: FixedBitSet,
        ends: FixedBitSet,
        documents: DocId,
    ) -> BlockIndex {
        let mut blocks = BlockIndex {
            documents,
            itemless: letters.clone(),
            letters,
            items,
            ends,
        };
        let with_items = blocks.letters_of(&blocks.items);
        blocks.itemless.and_not(&with_items);
        blocks
    }

    /// Documents in the segment, deleted ones included.
    pub(super) fn documents(&self) -> DocId {
        self.documents
    }

    /// All letters.
    pub(super) fn letters(&self) -> &FixedBitSet {
        &self.letters
    }

    /// All items.
    pub(super) fn items(&self) -> &FixedBitSet {
        &self.items
    }

    /// All letters without items.
    pub(super) fn itemless(&self) -> &FixedBitSet {
        &self.itemless
    }

    /// Calls back for each of some documents, ascending, with the first document of its block.
    #[inline]
    pub(super) fn each(&self, documents: &FixedBitSet, mut each: impl FnMut(DocId, DocId)) {
        // Where the block begins that reaches into the word in hand.
        let mut begun = 0;
        let pairs = documents.words().iter().zip(self.ends.words());
        for (from, (documents, ends)) in (0..).step_by(64).zip(pairs) {
            let mut rest = *documents;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                let before = ends & !(u64::MAX << bit);
                let first = if before == 0 {
                    begun
                } else {
                    from + (64 - before.leading_zeros())
                };
                each(from + bit, first);
                rest &= rest - 1;
            }
            if *ends != 0 {
                begun = from + (64 - ends.leading_zeros());
            }
        }
    }

    /// The letters that have any of the documents, or are among them.
    pub(super) fn letters_of(&self, documents: &FixedBitSet) -> FixedBitSet {
        // In binary, a block's items are a run of ones below the bit of its letter. Added to any
        // of the items, the run carries over into the letter's bit, and no farther.
        let mut carry = false;
        let pairs = self.ends.words().iter().zip(documents.words());
        let carried = pairs.map(|(ends, documents)| {
            let (sum, over) = (documents & !ends).overflowing_add(!ends);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            carry = over || again;
            (sum | documents) & ends
        });
        let mut letters = FixedBitSet::from_words(carried.collect());
        letters.and(&self.letters);
        letters
    }

    /// The letters and all their items.
    pub(super) fn documents_of(&self, letters: &FixedBitSet) -> FixedBitSet {
        let words = letters.words().iter().zip(self.ends.words());
        let within = words.map(|(letters, ends)| spread_down(*letters, !ends));
        let mut documents: Vec<u64> = within.collect();
        // Whether the block that goes on in the word below is one of them.
        let mut goes_on = false;
        for (documents, ends) in documents.iter_mut().zip(self.ends.words()).rev() {
            let above_all_ends = !u64::MAX.checked_shr(ends.leading_zeros()).unwrap_or(0);
            *documents |= if goes_on { above_all_ends } else { 0 };
            goes_on = *documents & 1 == 1;
        }
        FixedBitSet::from_words(documents)
    }
}

/// These bits, and of others those in an unbroken run just below one of them.
fn spread_down(mut these: u64, others: u64) -> u64 {
    // One place down, then two, four ...: where all the others between are there.
    let mut unbroken = others;
    for by in [1, 2, 4, 8, 16, 32] {
        these |= these >> by & unbroken;
        unbroken &= unbroken >> by;
    }
    these
}

/// Goes through a list of documents, a block of it at a time.
pub(super) fn each_block(
    postings: &mut BlockSegmentPostings,
    mut each: impl FnMut(&BlockSegmentPostings),
) {
    while postings.block_len() > 0 {
        each(postings);
        postings.advance();
    }
}

/// The blocks of segments already seen.
#[derive(Default)]
pub(super) struct BlockIndexCache(SegmentCache<BlockIndex>);

impl BlockIndexCache {
    /// The blocks of a segment.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn of(
        &self,
        reader: &SegmentReader,
        kind: Field,
    ) -> tantivy::Result<Arc<BlockIndex>> {
        self.0.of(reader, "", || BlockIndex::open(reader, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first document of a document's block.
    fn first(blocks: &BlockIndex, doc: DocId) -> DocId {
        let mut before = (0..doc).rev();
        let end = before.find(|end| blocks.ends.contains(*end));
        end.map_or(0, |end| end + 1)
    }

    /// BlockIndex with so many items each; `None` is a document of no letter.
    fn blocks(shape: &[Option<u32>]) -> BlockIndex {
        let documents = shape.iter().map(|n| n.unwrap_or(0) + 1).sum();
        let (mut letters, mut ends) = (FixedBitSet::none(documents), FixedBitSet::none(documents));
        let mut items = FixedBitSet::none(documents);
        let mut at = 0;
        for block in shape {
            for item in at..at + block.unwrap_or(0) {
                items.insert(item);
            }
            at += block.unwrap_or(0);
            ends.insert(at);
            if block.is_some() {
                letters.insert(at);
            }
            at += 1;
        }
        BlockIndex::new(letters, items, ends, documents)
    }

    #[test]
    fn sets_move_between_items_and_letters() {
        let shape: Vec<Option<u32>> = (0..200u32)
            .map(|n| (n % 11 != 5).then_some(n * 7 % 13 + n / 190 * 70))
            .collect();
        let blocks = blocks(&shape);
        let all: Vec<DocId> = blocks.letters().iter().collect();
        assert_eq!(all.len(), shape.iter().flatten().count());
        for step in [1, 2, 3, 17, 64, 100, 333] {
            let mut some = FixedBitSet::none(blocks.documents());
            (0..blocks.documents())
                .step_by(step)
                .for_each(|doc| some.insert(doc));
            let plain: Vec<DocId> = all
                .iter()
                .copied()
                .filter(|letter| (first(&blocks, *letter)..=*letter).any(|doc| some.contains(doc)))
                .collect();
            let letters = blocks.letters_of(&some);
            assert_eq!(letters.iter().collect::<Vec<_>>(), plain, "every {step}");
            let mut seen = Vec::new();
            blocks.each(&some, |doc, begin| {
                assert_eq!(begin, first(&blocks, doc));
                seen.push(doc);
            });
            assert_eq!(seen, some.iter().collect::<Vec<_>>());
            let documents = blocks.documents_of(&letters);
            for doc in documents.iter() {
                let mut from = doc..blocks.documents();
                let end = from.find(|end| blocks.ends.contains(*end));
                assert!(letters.contains(end.unwrap()));
            }
            let whole: u32 = plain.iter().map(|l| l - first(&blocks, *l) + 1).sum();
            assert_eq!(documents.count(), u64::from(whole));
        }
    }
}
