//! The scores of the letters that match, and the best of them.
//!
//! Scores are added up term by term, for all documents of the letters at once. Nothing of it is
//! looked at again but what may still be among the best.

use super::deadline::Interrupted;
use super::evaluate::{Match, MatchSet, SegmentClause, SegmentMatches, Tier};
use super::fixed_bit_set::{FixedBitSet, RankedBitSet};
use super::plan::weight;
use std::cell::Cell;
use std::ops::Range;
use tantivy::DocId;

/// What is done with letters that match.
pub trait Collector {
    /// Whether a letter of this tier and with this score is of any interest.
    fn passes(&self, tier: Tier, score: f32) -> bool;

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
    /// What one clause scores.
    clause: Vec<f32>,
    /// Of all clauses together, after some zeros: see [`best`].
    total: Vec<f32>,
}

/// What was needed for more places than this is not kept.
const KEPT: usize = 1 << 18;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    /// With room for so many places.
    fn make_room(&mut self, places: usize) {
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
    }
}

/// What is scored, and what comes before the score.
pub struct ScoreInput<'a> {
    /// The letters to score.
    pub letters: &'a FixedBitSet,
    /// All letters and items that are shown, mentions among them.
    pub matching: &'a MatchSet,
    /// Letters that answer.
    pub answering: &'a FixedBitSet,
    /// Letters with an item that has the decision that is wished for.
    pub wished: &'a FixedBitSet,
    /// Letters with an item that has all the words.
    pub complete: &'a FixedBitSet,
}

impl ScoreInput<'_> {
    fn tier(&self, letter: DocId) -> Tier {
        Tier {
            answers: self.answering.contains(letter),
            wished: self.wished.contains(letter),
        }
    }
}

impl SegmentMatches<'_> {
    /// Scores letters, and calls back for those, in order, whose tier and score pass.
    ///
    /// # Errors
    /// If the index's files are damaged, or the deadline has passed.
    pub fn best(
        &self,
        input: &ScoreInput<'_>,
        collector: impl Collector,
    ) -> Result<(), Interrupted> {
        // A document's place is its number among these; those of one block are neighbors.
        let wanted = &RankedBitSet::new(self.blocks.documents_of(input.letters));
        let places = wanted.count();
        if places == 0 {
            return Ok(());
        }
        // Taken out while in use: after an error it is lost, and with it what was half added up.
        let mut scratch = SCRATCH.take().unwrap_or_default();
        scratch.make_room(places);
        let Scratch {
            sums,
            clause: scores,
            total,
        } = &mut *scratch;
        total.clear();
        total.resize(BEFORE + places, 0.0);
        for (clause, planned) in self.clauses.iter().zip(&self.plan().clauses) {
            if !planned.scores {
                continue;
            }
            self.deadline().check()?;
            scores.clear();
            self.add_up(clause, wanted, sums)?;
            sums.alternatives.take(places, scores);
            for (total, score) in total[BEFORE..].iter_mut().zip(&*scores) {
                *total += *score;
            }
        }
        self.pick(input, wanted.bits(), total, collector);
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

    /// Calls back for letters whose tier and score pass, given what the places score, after some zeros.
    fn pick(
        &self,
        input: &ScoreInput<'_>,
        documents: &FixedBitSet,
        total: &[f32],
        mut collector: impl Collector,
    ) {
        let mut block = BlockScores::default();
        // Where the block begins among the places, and the place of the next document.
        let (mut begin, mut next) = (0, 0);
        let words = documents.words().iter().zip(input.letters.words());
        for (from, (documents, letters)) in (0..).step_by(64).zip(words) {
            let (mut documents, mut letters) = (*documents, *letters);
            while letters != 0 {
                // Up to the letter all documents are of its block, side by side.
                let bit = letters.trailing_zeros();
                let at = next + (bit - documents.trailing_zeros()) as usize;
                let (items, own) = (at - begin, total[BEFORE + at]);
                let letter = from + bit;
                // As if its best item were one of the answering ones.
                let most = best(&total[begin..BEFORE + at]) + own;
                let tier = input.tier(letter);
                if collector.passes(tier, most) {
                    block.documents = letter - items as DocId..letter;
                    block.scores.clear();
                    block.scores.extend(&total[BEFORE + begin..BEFORE + at]);
                    self.consider(input, &mut block, own, tier, &mut collector);
                }
                (begin, next) = (at + 1, at + 1);
                documents &= u64::MAX << bit << 1;
                letters &= letters - 1;
            }
            // Those that are left are of a block that goes on.
            next += (64 - documents.trailing_zeros()) as usize;
        }
    }

    /// Looks at a letter that may pass, given its items' scores and its own.
    ///
    /// The best answering item counts for its letter, one with the decision that is wished for before
    /// any other, and the case summary adds its (lower-weighted) part.
    #[inline(never)]
    fn consider(
        &self,
        input: &ScoreInput<'_>,
        block: &mut BlockScores,
        own: f32,
        tier: Tier,
        collector: &mut impl Collector,
    ) {
        let BlockScores {
            documents,
            scores,
            answering,
        } = block;
        let (first, letter) = (documents.start, documents.end);
        input.matching.items_of(first, letter, answering);
        let score = |item: DocId| scores[(item - first) as usize];
        let wished = |item: DocId| self.wished.as_ref().is_some_and(|w| w.contains(item));
        let best = answering.iter().copied().max_by(|a, b| {
            let by_wish = wished(*a).cmp(&wished(*b));
            by_wish.then(score(*a).total_cmp(&score(*b))).then(b.cmp(a))
        });
        let sum = best.map_or(0.0, score) + own;
        if collector.passes(tier, sum) {
            collector.add(&Match {
                letter,
                first,
                items: answering,
                item_scores: scores,
                best,
                score: sum,
                tier,
                complete: input.complete.contains(letter),
            });
        }
    }
}

/// A letter's block, with the scores of its items.
#[derive(Default)]
struct BlockScores {
    /// Its items' documents, and where they end its own.
    documents: Range<DocId>,
    /// Its items' scores.
    scores: Vec<f32>,
    /// Its answering items.
    answering: Vec<DocId>,
}

/// Scores that are looked at in one go.
const BEFORE: usize = 4;

/// The best of the scores of a letter's items, which come after `BEFORE` others.
fn best(scores: &[f32]) -> f32 {
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
        return 0.0;
    };
    let count = COUNT[rest.len().min(BEFORE)];
    let [a, b, c, d] = std::array::from_fn(|n| last[n] * count[n]);
    let best = greater(greater(a, b), greater(c, d));
    let rest = rest.get(BEFORE..).unwrap_or_default();
    rest.iter().copied().fold(best, greater)
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
            assert_eq!(super::best(&scores), best, "{own:?}");
        }
    }
}
