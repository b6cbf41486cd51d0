//! The scores of the letters that match, and the best of them.
//!
//! Scores are added up term by term, for all documents of the letters at once. Nothing of it is
//! looked at again but what may still be among the best.

use super::deadline::Interrupted;
use super::evaluate::{Match, MatchSet, SegmentClause, SegmentMatches};
use super::fixed_bit_set::{FixedBitSet, RankedBitSet};
use super::plan::weight;
use std::cell::Cell;
use std::ops::Range;
use tantivy::DocId;

/// What is done with letters that match.
pub trait Collector {
    /// Whether a letter with this score, that has all the words or not, is of any interest.
    fn passes(&self, complete: bool, score: f32) -> bool;

    /// Takes a letter.
    fn add(&mut self, found: &Match<'_>);
}

/// The greater of two scores, of which none is NaN: one instruction, where `f32::max` asks.
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// What documents score for the alternatives of a leaf, by place.
#[derive(Default)]
struct Alternatives {
    best: Vec<f32>,
    sum: Vec<f32>,
}

impl Alternatives {
    fn add(&mut self, at: usize, score: f32) {
        self.best[at] = greater(self.best[at], score);
        self.sum[at] += score;
    }

    /// Takes the scores of so many places: the best of the alternatives counts, the others a little.
    fn take(&mut self, places: usize, scores: &mut Vec<f32>) {
        let (best, sum) = (&mut self.best[..places], &mut self.sum[..places]);
        let both = best.iter().zip(&*sum);
        scores.extend(both.map(|(best, sum)| best + weight::TIE * (sum - best)));
        best.fill(0.0);
        sum.fill(0.0);
    }
}

/// What the scores of a leaf are added up in, by place: all zero between.
#[derive(Default)]
struct Accumulators {
    alternatives: Alternatives,
    parts: Vec<f32>,
    touched: Vec<usize>,
}

/// What scores are added up in, by place; kept by each thread from one segment to the next.
#[derive(Default)]
struct Scratch {
    sums: Accumulators,
    /// What each leaf scores; nothing where it does not.
    leaves: Vec<Vec<f32>>,
    /// Of all leaves together, after some zeros: see [`best_and_sum`].
    total: Vec<f32>,
}

/// What was needed for more places than this is not kept.
const KEPT: usize = 1 << 18;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// With room for so many places, and so many leaves.
    fn make_room(&mut self, places: usize, leaves: usize) {
        let Accumulators {
            alternatives,
            parts,
            ..
        } = &mut self.sums;
        if parts.len() < places {
            alternatives.best.resize(places, 0.0);
            alternatives.sum.resize(places, 0.0);
            parts.resize(places, 0.0);
        }
        self.leaves.resize_with(leaves, Vec::new);
    }
}

/// What is asked of the scores, besides the scores.
struct ScoreInput<'a> {
    letters: &'a FixedBitSet,
    /// The letters with all their items: those that have a place.
    documents: &'a FixedBitSet,
    /// Letters that have all the words.
    complete: &'a FixedBitSet,
    matching: &'a MatchSet,
}

impl SegmentMatches<'_> {
    /// Scores letters that match, and calls back for those, in order, whose score (and whether it
    /// is among the complete ones, which have all the words) passes.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn best(
        &self,
        letters: &FixedBitSet,
        complete: &FixedBitSet,
        matching: &MatchSet,
        found: impl Collector,
    ) -> Result<(), Interrupted> {
        // A document's place is its number among these; those of one block are neighbours.
        let documents = if *letters == matching.letters {
            matching.documents.clone()
        } else {
            self.blocks.documents_of(letters)
        };
        let wanted = &RankedBitSet::new(documents);
        let places = wanted.count();
        if places == 0 {
            return Ok(());
        }
        let asked = ScoreInput {
            letters,
            documents: wanted.bits(),
            complete,
            matching,
        };
        // Taken out while in use: after an error it is lost, and with it what was half added up.
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let planned = &self.plan().clauses;
        scratch.make_room(places, planned.len());
        let Scratch {
            sums,
            leaves,
            total,
        } = &mut *scratch;
        total.clear();
        total.resize(BEFORE + places, 0.0);
        for ((leaf, planned), scores) in self.clauses.iter().zip(planned).zip(&mut *leaves) {
            scores.clear();
            self.deadline().check()?;
            if !planned.scores {
                continue;
            }
            self.add_up(leaf, wanted, sums)?;
            sums.alternatives.take(places, scores);
            for (total, score) in total[BEFORE..].iter_mut().zip(&*scores) {
                *total += *score;
            }
        }
        self.pick(&asked, total, leaves, found);
        if places <= KEPT {
            SCRATCH.set(Some(scratch));
        }
        Ok(())
    }

    /// Adds up what the wanted documents score for one leaf.
    fn add_up(
        &self,
        leaf: &SegmentClause<'_>,
        wanted: &RankedBitSet,
        sums: &mut Accumulators,
    ) -> Result<(), Interrupted> {
        let Accumulators {
            alternatives,
            parts,
            touched,
        } = sums;
        let mut lists = leaf.scorers.iter();
        // The parts of an alternative add up. Of the first, which is mostly the word itself, its sum is
        // that of all and the best of all.
        for list in lists.next().into_iter().flatten() {
            let sum = &mut alternatives.sum;
            list.scores(self.reader, wanted, |at, score| sum[at] += score)?;
        }
        let places = wanted.count();
        alternatives.best[..places].copy_from_slice(&alternatives.sum[..places]);
        for lists in lists {
            if let [list] = lists.as_slice() {
                list.scores(self.reader, wanted, |at, score| alternatives.add(at, score))?;
                continue;
            }
            for list in lists {
                list.scores(self.reader, wanted, |at, score| {
                    if parts[at] == 0.0 {
                        touched.push(at);
                    }
                    parts[at] += score;
                })?;
            }
            for at in touched.drain(..) {
                alternatives.add(at, std::mem::take(&mut parts[at]));
            }
        }
        Ok(())
    }

    /// Calls back for letters whose score passes, given what places score: in all (after some zeros),
    /// and for each leaf (nothing for one that does not score).
    fn pick(
        &self,
        asked: &ScoreInput<'_>,
        total: &[f32],
        leaves: &[Vec<f32>],
        mut found: impl Collector,
    ) {
        let mut hand = BlockScores::default();
        // Where the block in hand begins among the places, and the place of the next document.
        let (mut begin, mut next) = (0, 0);
        let words = asked.documents.words().iter().zip(asked.letters.words());
        for (from, (documents, letters)) in (0..).step_by(64).zip(words) {
            let (mut documents, mut letters) = (*documents, *letters);
            while letters != 0 {
                // Up to the letter all documents are of its block, side by side.
                let bit = letters.trailing_zeros();
                let at = next + (bit - documents.trailing_zeros()) as usize;
                let (items, own) = (at - begin, total[BEFORE + at]);
                let (best, sum) = best_and_sum(&total[begin..BEFORE + at]);
                let letter = from + bit;
                let complete = asked.complete.contains(letter);
                if found.passes(complete, most(best, sum, own)) {
                    hand.block = letter - items as DocId..letter;
                    hand.items.clear();
                    hand.items.extend(&total[BEFORE + begin..BEFORE + at]);
                    let elsewhere = |leaf: usize| {
                        let scores = leaves[leaf].get(begin..at).unwrap_or_default();
                        scores.iter().copied().fold(0.0, greater)
                    };
                    self.consider(asked, &mut hand, own, &elsewhere, &mut found);
                }
                (begin, next) = (at + 1, at + 1);
                documents &= u64::MAX << bit << 1;
                letters &= letters - 1;
            }
            // Those that are left are of a block that goes on.
            next += (64 - documents.trailing_zeros()) as usize;
        }
    }

    /// Looks at a letter that may pass, given its items' scores, its own, and the best of its items by
    /// leaf.
    ///
    /// The best item counts for its letter, the case summary adds its (lower-weighted) part, and a
    /// word that stands only in another item a little.
    #[inline(never)]
    fn consider(
        &self,
        asked: &ScoreInput<'_>,
        hand: &mut BlockScores,
        own: f32,
        of_leaf: &dyn Fn(usize) -> f32,
        found: &mut impl Collector,
    ) {
        let BlockScores { block, items, .. } = hand;
        let (first, letter) = (block.start, block.end);
        let of_item = |item: DocId| items[(item - first) as usize];
        let best = (first..letter)
            .filter(|item| asked.matching.meets.contains(*item))
            .max_by(|a, b| of_item(*a).total_cmp(&of_item(*b)).then(b.cmp(a)));
        let mut score = best.map_or(0.0, of_item) + own;
        for (leaf, looked) in self.clauses.iter().enumerate() {
            if !best.is_some_and(|item| looked.documents.contains(item)) {
                score += weight::ELSEWHERE * of_leaf(leaf);
            }
        }
        let complete = asked.complete.contains(letter);
        if found.passes(complete, score) {
            asked.matching.items_of(first, letter, &mut hand.matching);
            found.add(&Match {
                letter,
                first,
                items: &hand.matching,
                item_scores: items,
                best,
                score,
                words: self.words(letter),
                complete,
            });
        }
    }
}

/// The letter in hand.
#[derive(Default)]
struct BlockScores {
    /// Its items' documents, and where they end its own.
    block: Range<DocId>,
    /// Its items' scores.
    items: Vec<f32>,
    matching: Vec<DocId>,
}

/// Scores that are looked at in one go.
const BEFORE: usize = 4;

/// The best and the sum of the scores of a letter's items, which come after `BEFORE` others.
fn best_and_sum(scores: &[f32]) -> (f32, f32) {
    // Most letters have no more items than are looked at in one go; how many cannot be foreseen. Those
    // of other letters do not count.
    const COUNT: [[f32; BEFORE]; BEFORE + 1] = [
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 1.0],
        [0.0, 1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0, 1.0],
    ];
    let Some((rest, last)) = scores.split_last_chunk::<BEFORE>() else {
        return (0.0, 0.0);
    };
    let count = COUNT[rest.len().min(BEFORE)];
    let [a, b, c, d] = std::array::from_fn(|n| last[n] * count[n]);
    let mut best = greater(greater(a, b), greater(c, d));
    let mut sum = a + b + (c + d);
    for score in rest.get(BEFORE..).unwrap_or_default() {
        best = greater(best, *score);
        sum += score;
    }
    (best, sum)
}

/// The most that a letter can score, given what the best of its items, all of them, and itself
/// score: as if its best item met every condition, and no word of the others stood in it.
fn most(best: f32, items: f32, letter: f32) -> f32 {
    // Accumulators of the same numbers in another order may differ in their last bits.
    (best + weight::ELSEWHERE * (items - best) + letter) * 1.0001
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_letter_and_no_others_are_looked_at() {
        let others = [9.0; BEFORE];
        for items in 0..12 {
            let own: Vec<f32> = (0..items).map(|n| ((n * 5) % 7) as f32).collect();
            let scores = [&others[..], &own].concat();
            let best = own.iter().copied().fold(0.0, f32::max);
            assert_eq!(best_and_sum(&scores), (best, own.iter().sum()), "{own:?}");
        }
    }
}
