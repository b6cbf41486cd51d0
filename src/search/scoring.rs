//! The scores of the letters that match, and the best of them.
//!
//! Scores are added up term by term, for all documents of the letters at once. Nothing of it is
//! looked at again but what may still be among the best.

use super::bits::{Bits, Numbered};
use super::evaluate::{Leaf, Looked, Match, Matching};
use super::plan::weight;
use std::cell::Cell;
use std::ops::Range;
use tantivy::DocId;

/// What is done with letters that match.
pub trait Found {
    /// Whether a letter with this score, that has all the words or not, is of any interest.
    fn passes(&self, complete: bool, score: f32) -> bool;

    /// Takes a letter.
    fn add(&mut self, found: &Match<'_>);
}

/// The greater of two scores, of which none is NaN: one instruction, where `f32::max` asks.
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// What a document scores for the alternatives of a leaf.
#[derive(Clone, Copy, Default)]
struct Alternatives {
    best: f32,
    sum: f32,
}

impl Alternatives {
    fn add(&mut self, score: f32) {
        self.best = greater(self.best, score);
        self.sum += score;
    }

    /// The best of the alternatives counts, the others a little.
    fn score(self) -> f32 {
        self.best + weight::TIE * (self.sum - self.best)
    }
}

/// What scores are added up in, by place; kept by each thread from one segment to the next.
#[derive(Default)]
struct Scratch {
    /// All zero between.
    cells: Vec<Alternatives>,
    /// All zero between.
    parts: Vec<f32>,
    touched: Vec<usize>,
    /// What each leaf scores, where several do.
    leaves: Vec<Vec<f32>>,
    /// Of all leaves together.
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
        if self.cells.len() < places {
            self.cells.resize(places, Alternatives::default());
            self.parts.resize(places, 0.0);
            self.total.resize(places, 0.0);
        }
        self.leaves.resize_with(leaves, Vec::new);
    }
}

/// What is asked of the scores, besides the scores.
struct Asked<'a> {
    letters: &'a Bits,
    /// Letters that have all the words.
    complete: &'a Bits,
    matching: &'a Matching,
}

impl Looked<'_> {
    /// Scores letters that match, and calls back for those, in order, whose score (and whether it
    /// is among the complete ones, which have all the words) passes.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn best(
        &self,
        letters: &Bits,
        complete: &Bits,
        matching: &Matching,
        found: impl Found,
    ) -> tantivy::Result<()> {
        // A document's place is its number among these; those of one block are neighbours.
        let documents = if *letters == matching.letters {
            matching.documents.clone()
        } else {
            self.blocks.documents_of(letters)
        };
        let wanted = &Numbered::new(documents);
        let places = wanted.count();
        if places == 0 {
            return Ok(());
        }
        let asked = Asked {
            letters,
            complete,
            matching,
        };
        // Taken out while in use: after an error it is lost, and with it what was half added up.
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let planned = &self.plan().leaves;
        scratch.make_room(places, planned.len());
        let Scratch {
            cells,
            parts,
            touched,
            leaves,
            total,
        } = &mut *scratch;
        let cells = &mut cells[..places];
        let several = planned.iter().filter(|leaf| leaf.scores).count() > 1;
        if several {
            total[..places].fill(0.0);
        }
        for ((leaf, planned), scores) in self.leaves.iter().zip(planned).zip(&mut *leaves) {
            scores.clear();
            if !planned.scores {
                continue;
            }
            self.add_up(leaf, wanted, cells, parts, touched)?;
            if several {
                scores.extend(cells.iter_mut().map(|cell| std::mem::take(cell).score()));
                for (total, score) in total.iter_mut().zip(&*scores) {
                    *total += *score;
                }
            }
        }
        if several {
            let of_leaf = |leaf: usize, at: usize| leaves[leaf].get(at).copied();
            self.pick(&asked, |at| total[at], of_leaf, found);
        } else {
            // All scores are one leaf's.
            let score = |at: usize| cells[at].score();
            let of_leaf = |leaf: usize, at: usize| planned[leaf].scores.then(|| score(at));
            self.pick(&asked, score, of_leaf, found);
            cells.fill(Alternatives::default());
        }
        if places <= KEPT {
            SCRATCH.set(Some(scratch));
        }
        Ok(())
    }

    /// Adds up what the wanted documents score for one leaf.
    fn add_up(
        &self,
        leaf: &Leaf<'_>,
        wanted: &Numbered,
        cells: &mut [Alternatives],
        parts: &mut [f32],
        touched: &mut Vec<usize>,
    ) -> tantivy::Result<()> {
        for lists in &leaf.lists {
            if let [list] = lists.as_slice() {
                list.scores(self.reader, wanted, |at, score| cells[at].add(score))?;
                continue;
            }
            // An alternative's parts add up.
            for list in lists {
                list.scores(self.reader, wanted, |at, score| {
                    if parts[at] == 0.0 {
                        touched.push(at);
                    }
                    parts[at] += score;
                })?;
            }
            for at in touched.drain(..) {
                cells[at].add(std::mem::take(&mut parts[at]));
            }
        }
        Ok(())
    }

    /// Calls back for letters whose score passes, given the scores of a place: all of it, and by leaf
    /// (None of one that does not score).
    fn pick(
        &self,
        asked: &Asked<'_>,
        total: impl Fn(usize) -> f32,
        of_leaf: impl Fn(usize, usize) -> Option<f32>,
        mut found: impl Found,
    ) {
        let mut hand = Hand::default();
        // Where the block in hand begins among the places.
        let mut begin = 0;
        self.blocks.each(asked.letters, |letter, first| {
            let at = begin + (letter - first) as usize;
            // The best of its items, and all of them.
            let (mut best, mut sum) = (0.0f32, 0.0f32);
            for item in begin..at {
                let score = total(item);
                best = greater(best, score);
                sum += score;
            }
            let complete = asked.complete.contains(letter);
            if found.passes(complete, most(best, sum, total(at))) {
                hand.block = first..letter;
                hand.items.clear();
                hand.items.extend((begin..at).map(&total));
                let elsewhere = |leaf: usize| {
                    let scores = (begin..at).filter_map(|at| of_leaf(leaf, at));
                    scores.fold(0.0, greater)
                };
                self.consider(asked, &mut hand, total(at), &elsewhere, &mut found);
            }
            begin = at + 1;
        });
    }

    /// Looks at a letter that may pass, given its items' scores, its own, and the best of its items by
    /// leaf.
    ///
    /// The best item counts for its letter, the case summary adds its (lower-weighted) part, and a
    /// word that stands only in another item a little.
    #[inline(never)]
    fn consider(
        &self,
        asked: &Asked<'_>,
        hand: &mut Hand,
        own: f32,
        of_leaf: &dyn Fn(usize) -> f32,
        found: &mut impl Found,
    ) {
        let Hand { block, items, .. } = hand;
        let (first, letter) = (block.start, block.end);
        let of_item = |item: DocId| items[(item - first) as usize];
        let best = (first..letter)
            .filter(|item| asked.matching.meets.contains(*item))
            .max_by(|a, b| of_item(*a).total_cmp(&of_item(*b)).then(b.cmp(a)));
        let mut score = best.map_or(0.0, of_item) + own;
        for (leaf, looked) in self.leaves.iter().enumerate() {
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
struct Hand {
    /// Its items' documents, and where they end its own.
    block: Range<DocId>,
    /// Its items' scores.
    items: Vec<f32>,
    matching: Vec<DocId>,
}

/// The most that a letter can score, given what the best of its items, all of them, and itself
/// score: as if its best item met every condition, and no word of the others stood in it.
fn most(best: f32, items: f32, letter: f32) -> f32 {
    // Sums of the same numbers in another order may differ in their last bits.
    (best + weight::ELSEWHERE * (items - best) + letter) * 1.0001
}
