//! Which letters of a segment match, which of their items, and with what score.
//!
//! What a plan looks for is looked up once, each as a set of the segment's documents. Then all of
//! a request's logic is algebra on these sets, sixty-four documents at a time: a word holds in a
//! letter if it holds in any document of its block, conditions on items hold in one and the same
//! item because they are sets of items. `scoring` scores only the letters that match.

use super::block_index::BlockIndex;
use super::compile::{CompiledFilter, CompiledQuery};
use super::deadline::{Deadline, Interrupted};
use super::fixed_bit_set::FixedBitSet;
use super::plan::{LogicalPlan, Scope, Tree};
use super::scorer::Scorer;
use std::borrow::Cow;
use std::sync::Arc;
use tantivy::{DocId, SegmentReader};

/// A letter that matches, in hand.
pub struct Match<'m> {
    /// The letter's document.
    pub letter: DocId,
    /// Its first document.
    pub first: DocId,
    /// Its matching items' documents.
    pub items: &'m [DocId],
    /// The score of each of its items (all of them, in order); empty where scores are not wanted.
    pub item_scores: &'m [f32],
    /// The item that counts for its score.
    pub best: Option<DocId>,
    /// Its score.
    pub score: f32,
    /// How many of the words it has.
    pub words: usize,
    /// It has all the words.
    pub complete: bool,
}

impl CompiledQuery {
    /// Looks everything up in a segment.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn matches<'s>(
        &'s self,
        reader: &'s SegmentReader,
        blocks: Arc<BlockIndex>,
    ) -> Result<SegmentMatches<'s>, Interrupted> {
        let mut clauses = Vec::with_capacity(self.clauses.len());
        for clause in &self.clauses {
            let mut documents = FixedBitSet::none(blocks.documents());
            let mut scorers = Vec::with_capacity(clause.alternatives.len());
            for tests in &clause.alternatives {
                self.deadline.check()?;
                let tests = tests.iter();
                let scorer = tests.map(|test| test.weight.scorer(reader, &mut documents));
                scorers.push(scorer.collect::<Result<Vec<_>, _>>()?);
            }
            clauses.push(SegmentClause {
                letters: blocks.letters_of(&documents),
                documents,
                scorers,
            });
        }
        let held = |list: &[CompiledFilter], all: &FixedBitSet| {
            let held = list.iter().map(|filter| {
                let mut held = FixedBitSet::none(blocks.documents());
                filter.weight.scorer(reader, &mut held)?;
                let mut holds = all.clone();
                if filter.negated {
                    holds.and_not(&held);
                } else {
                    holds.and(&held);
                }
                Ok(holds)
            });
            held.collect::<Result<Vec<_>, Interrupted>>()
        };
        let item = held(&self.item, blocks.items())?;
        let letter = held(&self.letter, blocks.letters())?;
        Ok(SegmentMatches {
            query: self,
            reader,
            blocks,
            clauses,
            item,
            letter,
        })
    }
}

/// The documents of a segment in which a clause holds.
pub(super) struct SegmentClause<'s> {
    pub documents: FixedBitSet,
    letters: FixedBitSet,
    /// Of each alternative, what its tests score.
    pub scorers: Vec<Vec<Scorer<'s>>>,
}

/// Everything that a plan looks for, looked up in a segment.
pub struct SegmentMatches<'s> {
    query: &'s CompiledQuery,
    pub(super) reader: &'s SegmentReader,
    pub(super) blocks: Arc<BlockIndex>,
    pub(super) clauses: Vec<SegmentClause<'s>>,
    /// Items in which each condition on items holds.
    item: Vec<FixedBitSet>,
    /// Letters in which each condition on letters holds.
    letter: Vec<FixedBitSet>,
}

/// The letters of a segment that match.
pub struct MatchSet {
    /// The letters.
    pub letters: FixedBitSet,
    /// They and all their items.
    pub(super) documents: FixedBitSet,
    /// Their matching items: those that hold the words themselves, and where none does, those that
    /// hold what was asked of items.
    pub items: FixedBitSet,
    /// Items that hold what was asked of items.
    pub(super) meets: FixedBitSet,
}

impl MatchSet {
    /// The matching items of a letter's block.
    pub(super) fn items_of(&self, first: DocId, letter: DocId, items: &mut Vec<DocId>) {
        items.clear();
        items.extend((first..letter).filter(|doc| self.items.contains(*doc)));
    }
}

impl SegmentMatches<'_> {
    /// When the search must be done.
    pub(super) fn deadline(&self) -> Deadline {
        self.query.deadline
    }

    /// The plan.
    pub(super) fn plan(&self) -> &LogicalPlan {
        &self.query.plan
    }

    /// The letters that match, without the conditions of the filters that are left out.
    pub fn matching(&self, left_out: &dyn Fn(&str) -> bool) -> MatchSet {
        let (plan, blocks) = (self.plan(), &*self.blocks);
        let mut letters = blocks.letters().clone();
        for (condition, holds) in self.query.letter.iter().zip(&self.letter) {
            if !left_out(condition.name) {
                letters.and(holds);
            }
        }
        let words = plan.words.iter().map(|at| &self.clauses[*at]);
        let (with_words, with_words_itself): (Vec<_>, Vec<_>) =
            words.map(|leaf| (&leaf.letters, &leaf.documents)).unzip();
        letters.keep_at_least(self.query.needed, &with_words);
        for tree in &plan.required {
            let holds = hold(tree, blocks.letters(), &|at| {
                Cow::Borrowed(&self.clauses[at].letters)
            });
            letters.and(&holds);
        }
        let (meets, asked) = self.meets(left_out, &mut letters);
        if asked {
            let mut having = blocks.letters_of(&meets);
            having.or(&self.without_items(left_out));
            letters.and(&having);
        }
        if let Some(alive) = self.reader.alive_bitset() {
            let mut deleted = FixedBitSet::none(blocks.documents());
            letters
                .iter()
                .filter(|letter| alive.is_deleted(*letter))
                .for_each(|letter| deleted.insert(letter));
            letters.and_not(&deleted);
        }
        // Items that themselves hold the words.
        let mut itself = meets.clone();
        itself.keep_at_least(self.query.needed, &with_words_itself);
        for tree in plan.required.iter().chain(&plan.item_filters) {
            itself.and(&self.items_in_which(tree, |reach| reach == Scope::Letter));
        }
        let mut without = letters.clone();
        without.and_not(&blocks.letters_of(&itself));
        let documents = blocks.documents_of(&letters);
        let mut items = documents.clone();
        let mut instead = blocks.documents_of(&without);
        instead.and(&meets);
        items.and(&itself);
        items.or(&instead);
        MatchSet {
            letters,
            documents,
            items,
            meets,
        }
    }

    /// Of the letters that match, those that have all the words.
    pub fn complete(&self, matching: &MatchSet) -> FixedBitSet {
        let mut complete = matching.letters.clone();
        for word in &self.plan().words {
            complete.and(&self.clauses[*word].letters);
        }
        complete
    }

    /// The items in which a tree holds; what is said of the letter holds for each of its items.
    fn items_in_which(&self, tree: &Tree, of_letter: impl Fn(Scope) -> bool) -> FixedBitSet {
        hold(tree, self.blocks.items(), &|at| {
            let leaf = &self.clauses[at];
            if of_letter(self.plan().clauses[at].scope) {
                Cow::Owned(self.blocks.documents_of(&leaf.letters))
            } else {
                Cow::Borrowed(&leaf.documents)
            }
        })
    }

    /// Of the letters without items (in no known layout), those that have what the query asks for
    /// instead of an item ("drug:norco OR opioid"). Nothing holds of an item that is not there, nor is
    /// it without anything.
    fn without_items(&self, left_out: &dyn Fn(&str) -> bool) -> FixedBitSet {
        let (plan, blocks) = (self.plan(), &*self.blocks);
        let filtered = self.query.item.iter().any(|c| !left_out(c.name));
        let mut letters = FixedBitSet::none(blocks.documents());
        if filtered || plan.item_filters.is_empty() {
            return letters;
        }
        letters.or(blocks.letters());
        letters.and_not(&blocks.letters_of(blocks.items()));
        let all = letters.clone();
        for tree in &plan.item_filters {
            letters.and(&hold(tree, &all, &|at| match (
                plan.clauses[at].scope,
                plan.clauses[at].excluded,
            ) {
                (Scope::Item, true) => Cow::Borrowed(&all),
                (Scope::Item, false) => Cow::Owned(FixedBitSet::none(blocks.documents())),
                _ => Cow::Borrowed(&self.clauses[at].letters),
            }));
        }
        letters
    }

    /// The items that hold what is asked of items, and whether anything is.
    fn meets(
        &self,
        left_out: &dyn Fn(&str) -> bool,
        letters: &mut FixedBitSet,
    ) -> (FixedBitSet, bool) {
        let (plan, blocks) = (self.plan(), &*self.blocks);
        let conditions = || {
            let all = self.query.item.iter().zip(&self.item);
            all.filter(|(condition, _)| !left_out(condition.name))
        };
        let mut meets = blocks.items().clone();
        if plan.any_item && conditions().next().is_some() {
            // Each condition in some item; the items shown are those of any that says "has".
            let has = |condition: &CompiledFilter| !condition.negated;
            let positive = conditions().any(|(condition, _)| has(condition));
            meets = FixedBitSet::none(blocks.documents());
            for (condition, holds) in conditions() {
                letters.and(&blocks.letters_of(holds));
                if has(condition) || !positive {
                    meets.or(holds);
                }
            }
        } else {
            conditions().for_each(|(_, holds)| meets.and(holds));
        }
        // What is asked of the item itself narrows the items, like a filter; words may stand anywhere
        // in the letter.
        for tree in &plan.item_filters {
            meets.and(&self.items_in_which(tree, |reach| reach != Scope::Item));
        }
        let asked = conditions().next().is_some() || !plan.item_filters.is_empty();
        (meets, asked)
    }

    /// Calls back for every letter that matches, in order, without scores.
    pub fn each(&self, matching: &MatchSet, mut found: impl FnMut(&Match<'_>)) {
        let mut items = Vec::new();
        self.blocks.each(&matching.letters, |letter, first| {
            matching.items_of(first, letter, &mut items);
            let words = self.words(letter);
            found(&Match {
                letter,
                first,
                items: &items,
                item_scores: &[],
                best: None,
                score: 0.0,
                words,
                complete: words == self.plan().words.len(),
            });
        });
    }

    /// How many of the words a letter has.
    pub(super) fn words(&self, letter: DocId) -> usize {
        let words = self.plan().words.iter();
        let has = |at: &&usize| self.clauses[**at].letters.contains(letter);
        words.filter(has).count()
    }
}

/// The documents of `universe` in which a tree holds, given where its leaves do.
fn hold<'b>(
    tree: &Tree,
    universe: &'b FixedBitSet,
    leaf: &dyn Fn(usize) -> Cow<'b, FixedBitSet>,
) -> FixedBitSet {
    match tree {
        Tree::Leaf(at) => {
            let mut holds = universe.clone();
            holds.and(&leaf(*at));
            holds
        }
        Tree::All(trees) => trees.iter().fold(universe.clone(), |mut all, tree| {
            all.and(&hold(tree, universe, leaf));
            all
        }),
        Tree::Any(trees) => {
            let mut any = universe.clone();
            any.and_not(universe);
            for tree in trees {
                any.or(&hold(tree, universe, leaf));
            }
            any
        }
        Tree::Not(tree) => {
            let mut rest = universe.clone();
            rest.and_not(&hold(tree, universe, leaf));
            rest
        }
    }
}
