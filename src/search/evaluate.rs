//! Which items of a segment answer, and with them which letters.
//!
//! What a query looks for is looked up once, each clause as a set of the segment's documents. Then all
//! of the logic is algebra on sets of items, sixty-four documents at a time: a clause holds in an item
//! if it holds in the item's document or in its letter's, which is the case summary. A letter without
//! items stands for a single item, its own document, which is all of its text.

use super::block_index::BlockIndex;
use super::compile::{CompiledFilter, CompiledQuery};
use super::deadline::{Deadline, Interrupted};
use super::fixed_bit_set::FixedBitSet;
use super::plan::{LogicalPlan, Scope, Tree};
use super::request::MatchMode;
use super::scorer::Scorer;
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use tantivy::{DocId, Searcher, SegmentReader};

/// How much of a query an item must have to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strictness {
    /// How many of the words.
    pub needed: usize,
    /// A concept need only be mentioned.
    pub mentions: bool,
}

/// A part of a query that can be left out: what would answer without it?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A word or a concept, by its clause.
    Clause(usize),
    /// One of the required trees.
    Required(usize),
}

/// What decides before the score which letters come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tier {
    /// It answers, and does not only mention the concepts.
    pub answers: bool,
    /// An item has the decision that is wished for.
    pub wished: bool,
}

/// A letter with its answering items.
pub struct Match<'m> {
    /// The letter's document.
    pub letter: DocId,
    /// Its first document.
    pub first: DocId,
    /// Its answering items' documents.
    pub items: &'m [DocId],
    /// The score of each of its items (all of them, in order); empty where scores are not wanted.
    pub item_scores: &'m [f32],
    /// The item that counts for its score.
    pub best: Option<DocId>,
    /// Its score.
    pub score: f32,
    /// What comes before the score.
    pub tier: Tier,
    /// An item has all the words.
    pub complete: bool,
}

/// The documents of a segment in which a clause holds.
pub(super) struct SegmentClause<'s> {
    /// Items that have it, or whose letter's text has it.
    holds: FixedBitSet,
    /// Of a concept, items that request it.
    requested: Option<FixedBitSet>,
    /// Of each alternative, what its tests score.
    pub scorers: Vec<Vec<Scorer<'s>>>,
}

impl SegmentClause<'_> {
    /// Items that have what it asks for.
    fn has(&self, mentions: bool) -> Cow<'_, FixedBitSet> {
        match &self.requested {
            Some(requested) if mentions => {
                let mut either = requested.clone();
                either.or(&self.holds);
                Cow::Owned(either)
            }
            Some(requested) => Cow::Borrowed(requested),
            None => Cow::Borrowed(&self.holds),
        }
    }
}

/// Everything that a query looks for, looked up in a segment.
pub struct SegmentMatches<'s> {
    query: &'s CompiledQuery,
    pub(super) reader: &'s SegmentReader,
    pub(super) blocks: Arc<BlockIndex>,
    pub(super) clauses: Vec<SegmentClause<'s>>,
    /// Items, and letters without items, of letters that are not deleted.
    universe: FixedBitSet,
    /// Items in which each filter on items holds.
    item: Vec<FixedBitSet>,
    /// Letters in which each filter on letters holds.
    letter: Vec<FixedBitSet>,
    /// Items with the decision that is wished for.
    pub(super) wished: Option<FixedBitSet>,
}

/// Which filters are left out: asked with a filter's name, and whether it excludes.
pub(super) type LeftOut<'f> = &'f dyn Fn(&str, bool) -> bool;

/// The answers in a segment.
pub struct MatchSet {
    /// The letters.
    pub letters: FixedBitSet,
    /// Their answering items.
    pub items: FixedBitSet,
}

impl MatchSet {
    /// The answering items of a letter's block.
    pub(super) fn items_of(&self, first: DocId, letter: DocId, items: &mut Vec<DocId>) {
        items.clear();
        items.extend((first..letter).filter(|doc| self.items.contains(*doc)));
    }
}

/// A query looked up in all segments, and how much of it an item must have.
pub struct Evaluation<'q> {
    /// The segments.
    pub segments: Vec<Segment<'q>>,
    /// As planned, or less where nothing has so much.
    pub strictness: Strictness,
    /// No item has enough of the words: the answers are the best partial ones.
    pub relaxed: bool,
}

/// A segment of an evaluation.
pub struct Segment<'q> {
    /// What was looked up.
    pub matches: SegmentMatches<'q>,
    /// What the query itself holds for, before any filter.
    query: FixedBitSet,
    /// The answers.
    pub answers: MatchSet,
    /// They, and what only mentions the concepts.
    with_mentions: OnceLock<MatchSet>,
}

impl CompiledQuery {
    /// Looks everything up in every segment, and decides how much of it an item must have: as much as
    /// planned, if an item has that.
    ///
    /// # Errors
    /// If the index is damaged, or the deadline has passed.
    pub(super) fn evaluate<'s>(
        &'s self,
        searcher: &'s Searcher,
        mode: MatchMode,
        blocks: impl Fn(&SegmentReader) -> tantivy::Result<Arc<BlockIndex>> + Sync,
    ) -> Result<Evaluation<'s>, Interrupted> {
        let planned = Strictness {
            needed: self.plan.needed,
            mentions: false,
        };
        let one = |reader: &'s SegmentReader| {
            let matches = self.matches(reader, blocks(reader)?)?;
            self.deadline.check()?;
            Ok(matches.segment(planned))
        };
        let segments = searcher.segment_readers().par_iter().map(one);
        let mut evaluation = Evaluation {
            segments: segments.collect::<Result<Vec<_>, Interrupted>>()?,
            strictness: planned,
            relaxed: false,
        };
        if !evaluation.finds() {
            self.deadline.check()?;
            evaluation.loosen(&self.plan, mode);
        }
        Ok(evaluation)
    }

    /// Looks everything up in a segment.
    fn matches<'s>(
        &'s self,
        reader: &'s SegmentReader,
        blocks: Arc<BlockIndex>,
    ) -> Result<SegmentMatches<'s>, Interrupted> {
        let universe = universe(reader, &blocks);
        let itemless = || {
            let mut itemless = blocks.itemless().clone();
            itemless.and(&universe);
            itemless
        };
        let none = || FixedBitSet::none(blocks.documents());
        let mut clauses = Vec::with_capacity(self.clauses.len());
        for (clause, planned) in self.clauses.iter().zip(&self.plan.clauses) {
            let mut documents = none();
            let mut scorers = Vec::with_capacity(clause.alternatives.len());
            for tests in &clause.alternatives {
                self.deadline.check()?;
                let tests = tests.iter();
                let scorer = tests.map(|test| test.weight.scorer(reader, &mut documents));
                scorers.push(scorer.collect::<Result<Vec<_>, _>>()?);
            }
            let mut holds = match planned.scope {
                Scope::Both => in_items(&blocks, documents),
                Scope::Item => documents,
                Scope::Letter => blocks.documents_of(&blocks.letters_of(&documents)),
            };
            if planned.scope == Scope::Item {
                holds.and(blocks.items());
                // Of an item that does not exist nothing is true, and nothing false.
                if planned.excluded {
                    holds.or(&itemless());
                }
            }
            holds.and(&universe);
            self.deadline.check()?;
            let mut requested = None;
            if !clause.requires.is_empty() {
                let mut documents = none();
                for weight in &clause.requires {
                    weight.scorer(reader, &mut documents)?;
                }
                let mut items = in_items(&blocks, documents);
                items.and(&universe);
                // What a letter without items requests is not known: it only mentions. Where the concept is
                // excluded, that is enough.
                if planned.excluded {
                    let mut said = holds.clone();
                    said.and(&itemless());
                    items.or(&said);
                }
                requested = Some(items);
            }
            clauses.push(SegmentClause {
                holds,
                requested,
                scorers,
            });
        }
        let held = |list: &[CompiledFilter], all: &FixedBitSet| {
            let held = list.iter().map(|filter| {
                let mut held = none();
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
        let mut wished = None;
        if let Some(weight) = &self.wish {
            let mut documents = none();
            weight.scorer(reader, &mut documents)?;
            wished = Some(documents);
        }
        Ok(SegmentMatches {
            query: self,
            reader,
            blocks,
            clauses,
            universe,
            item,
            letter,
            wished,
        })
    }
}

/// Items, and letters without items, of letters that are not deleted.
fn universe(reader: &SegmentReader, blocks: &BlockIndex) -> FixedBitSet {
    let mut universe = blocks.items().clone();
    universe.or(blocks.itemless());
    if let Some(alive) = reader.alive_bitset() {
        let mut deleted = FixedBitSet::none(blocks.documents());
        let letters = blocks.letters().iter();
        letters
            .filter(|letter| alive.is_deleted(*letter))
            .for_each(|letter| deleted.insert(letter));
        universe.and_not(&blocks.documents_of(&deleted));
    }
    universe
}

/// The documents, and all items of the letters among them.
fn in_items(blocks: &BlockIndex, mut documents: FixedBitSet) -> FixedBitSet {
    let mut letters = documents.clone();
    letters.and(blocks.letters());
    if !letters.is_empty() {
        documents.or(&blocks.documents_of(&letters));
    }
    documents
}

impl<'s> SegmentMatches<'s> {
    fn segment(self, strictness: Strictness) -> Segment<'s> {
        let query = self.holding(strictness, None);
        Segment {
            answers: self.filtered(&query, &|_, _| false),
            query,
            matches: self,
            with_mentions: OnceLock::new(),
        }
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

    /// Items in which the query itself holds, without one of its parts.
    fn holding(&self, strictness: Strictness, without: Option<Part>) -> FixedBitSet {
        let plan = self.plan();
        let kept = |clause: &&usize| without != Some(Part::Clause(**clause));
        let mut items = self.universe.clone();
        for (n, tree) in plan.required.iter().enumerate() {
            if without != Some(Part::Required(n)) {
                items.and(&self.hold(tree, strictness.mentions));
            }
        }
        for group in plan.groups.iter().chain([&plan.any_of]) {
            let mut clauses = group.iter().filter(kept).map(|at| &self.clauses[*at]);
            let Some(first) = clauses.next() else {
                continue;
            };
            let mut any = first.has(strictness.mentions);
            for clause in clauses {
                any.to_mut().or(&clause.has(strictness.mentions));
            }
            items.and(&any);
        }
        for clause in plan.mentioned.iter().filter(kept) {
            items.and(&self.clauses[*clause].has(true));
        }
        let words: Vec<Cow<'_, FixedBitSet>> = plan
            .words
            .iter()
            .filter(kept)
            .map(|at| self.clauses[*at].has(true))
            .collect();
        let needed = if strictness.needed == plan.words.len() {
            words.len()
        } else {
            strictness.needed.min(words.len())
        };
        items.keep_at_least(needed, &words.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        items
    }

    /// Items in which a tree holds.
    fn hold(&self, tree: &Tree, mentions: bool) -> FixedBitSet {
        let mut holds = self.universe.clone();
        match tree {
            Tree::Leaf(at) => holds.and(&self.clauses[*at].has(mentions)),
            Tree::All(trees) => {
                for tree in trees {
                    holds.and(&self.hold(tree, mentions));
                }
            }
            Tree::Any(trees) => {
                let mut any = FixedBitSet::none(self.blocks.documents());
                for tree in trees {
                    any.or(&self.hold(tree, mentions));
                }
                holds.and(&any);
            }
            // What only mentions it is not excluded.
            Tree::Not(tree) => holds.and_not(&self.hold(tree, false)),
        }
        holds
    }

    /// Of the items in which the query holds, those that pass the filters that are not left out.
    fn filtered(&self, query: &FixedBitSet, left_out: LeftOut<'_>) -> MatchSet {
        let blocks = &*self.blocks;
        let conditions = || {
            let all = self.query.item.iter().zip(&self.item);
            all.filter(|(filter, _)| !left_out(filter.name, filter.negated))
        };
        let mut items = query.clone();
        let mut letters = None;
        if self.plan().any_item && conditions().next().is_some() {
            // Each filter in some item; the items shown are those of any that says "has".
            let has = |filter: &CompiledFilter| !filter.negated;
            let positive = conditions().any(|(filter, _)| has(filter));
            let mut meets = FixedBitSet::none(blocks.documents());
            let mut of_all = blocks.letters().clone();
            for (filter, holds) in conditions() {
                of_all.and(&blocks.letters_of(holds));
                if has(filter) || !positive {
                    meets.or(holds);
                }
            }
            items.and(&meets);
            letters = Some(of_all);
        } else {
            conditions().for_each(|(_, holds)| items.and(holds));
        }
        for (filter, holds) in self.query.letter.iter().zip(&self.letter) {
            if !left_out(filter.name, filter.negated) {
                letters
                    .get_or_insert_with(|| blocks.letters().clone())
                    .and(holds);
            }
        }
        if let Some(letters) = letters {
            items.and(&blocks.documents_of(&letters));
        }
        let letters = blocks.letters_of(&items);
        items.and(blocks.items());
        MatchSet { letters, items }
    }

    /// Of some letters, those of which an item has all the words.
    pub fn complete(&self, matching: &MatchSet) -> FixedBitSet {
        if self.plan().words.is_empty() {
            return matching.letters.clone();
        }
        let mut items = matching.items.clone();
        items.or(&matching.letters);
        items.and(&self.universe);
        for word in &self.plan().words {
            items.and(&self.clauses[*word].has(true));
        }
        self.blocks.letters_of(&items)
    }

    /// In place `n`: what has at least `n` of the query's concepts and words, and passes the filters. A
    /// drug or a service must be requested.
    pub(super) fn in_part(&self) -> Vec<MatchSet> {
        let plan = self.plan();
        let mut items = self.universe.clone();
        for tree in &plan.required {
            items.and(&self.hold(tree, true));
        }
        let parts = plan.parts().into_iter();
        let parts: Vec<_> = parts
            .map(|at| self.clauses[at].has(!plan.is_thing(at)))
            .collect();
        let parts: Vec<&FixedBitSet> = parts.iter().map(AsRef::as_ref).collect();
        let reached = items.in_at_least(parts.len(), &parts).into_iter();
        reached
            .map(|items| self.filtered(&items, &|_, _| false))
            .collect()
    }

    /// The most words that any item has of those that have all the rest.
    fn most_words(&self, mentions: bool) -> usize {
        let needed = 0;
        let rest = self.holding(Strictness { needed, mentions }, None);
        let matching = self.filtered(&rest, &|_, _| false);
        let mut items = matching.items;
        items.or(&matching.letters);
        items.and(&self.universe);
        let words = self.plan().words.iter();
        let words: Vec<_> = words.map(|at| self.clauses[*at].has(true)).collect();
        let words: Vec<&FixedBitSet> = words.iter().map(AsRef::as_ref).collect();
        (1..=words.len())
            .take_while(|needed| {
                let mut with = items.clone();
                with.keep_at_least(*needed, &words);
                !with.is_empty()
            })
            .last()
            .unwrap_or(0)
    }
}

impl Segment<'_> {
    /// The answers without the filters that are left out.
    pub fn without_filters(&self, left_out: LeftOut<'_>) -> MatchSet {
        self.matches.filtered(&self.query, left_out)
    }

    /// What answers of a given strictness without the filters that are left out.
    pub fn filtered(&self, strictness: Strictness, left_out: LeftOut<'_>) -> MatchSet {
        let query = self.matches.holding(strictness, None);
        self.matches.filtered(&query, left_out)
    }

    /// The answers without one part of the query.
    pub fn without_part(&self, strictness: Strictness, part: Part) -> MatchSet {
        let query = self.matches.holding(strictness, Some(part));
        self.matches.filtered(&query, &|_, _| false)
    }

    /// The answers, and letters that only mention the concepts with the items that do.
    pub fn with_mentions(&self, strictness: Strictness) -> &MatchSet {
        let plan = self.matches.plan();
        if strictness.mentions || !plan.has_concepts() {
            return &self.answers;
        }
        self.with_mentions
            .get_or_init(|| self.and_mentions(strictness))
    }

    fn and_mentions(&self, strictness: Strictness) -> MatchSet {
        let mentions = Strictness {
            mentions: true,
            ..strictness
        };
        let query = self.matches.holding(mentions, None);
        let mut all = self.matches.filtered(&query, &|_, _| false);
        let mut only = all.letters.clone();
        only.and_not(&self.answers.letters);
        let mut items = self.matches.blocks.documents_of(&only);
        items.and(&all.items);
        items.or(&self.answers.items);
        all.items = items;
        all.letters.or(&self.answers.letters);
        all
    }

    /// Whether an answering item has a word.
    pub fn has_word(&self, clause: usize) -> bool {
        let mut items = self.answers.items.clone();
        items.or(&self.answers.letters);
        items.and(&self.matches.universe);
        items.and(&self.matches.clauses[clause].has(true));
        !items.is_empty()
    }

    /// Calls back for every letter of a set of this segment, in order, without scores.
    pub fn each(&self, set: &MatchSet, mut found: impl FnMut(&Match<'_>)) {
        let mut items = Vec::new();
        self.matches.blocks.each(&set.letters, |letter, first| {
            set.items_of(first, letter, &mut items);
            found(&Match {
                letter,
                first,
                items: &items,
                item_scores: &[],
                best: None,
                score: 0.0,
                tier: Tier::default(),
                complete: false,
            });
        });
    }
}

impl Evaluation<'_> {
    /// Whether anything answers.
    fn finds(&self) -> bool {
        let answers = |segment: &Segment<'_>| !segment.answers.letters.is_empty();
        self.segments.iter().any(answers)
    }

    /// Nothing answers as planned: items that mention the concepts, or the best partial answers.
    fn loosen(&mut self, plan: &LogicalPlan, mode: MatchMode) {
        let has_concepts = plan.has_concepts();
        if has_concepts {
            self.settle(plan.needed, true);
            if self.finds() {
                return;
            }
        }
        if mode == MatchMode::Most && plan.needed > 1 {
            for mentions in [false, true] {
                if mentions && !has_concepts {
                    break;
                }
                let most = |segment: &Segment<'_>| segment.matches.most_words(mentions);
                let needed = self.segments.iter().map(most).max().unwrap_or(0);
                if needed > 0 {
                    self.settle(needed, mentions);
                    self.relaxed = true;
                    return;
                }
            }
        }
        self.settle(plan.needed, false);
    }

    fn settle(&mut self, needed: usize, mentions: bool) {
        self.strictness = Strictness { needed, mentions };
        for segment in &mut self.segments {
            segment.with_mentions = OnceLock::new();
            segment.query = segment.matches.holding(self.strictness, None);
            segment.answers = segment.matches.filtered(&segment.query, &|_, _| false);
        }
    }
}
