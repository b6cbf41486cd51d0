//! Walking the blocks of a segment: which letters match, which of their items, with what score.
//!
//! The invariant: a block is its items, then its letter, adjacent. So the documents of every scorer
//! come in block order, a document's block is its letter's document, and one pass over all scorers
//! in step decides letter after letter. Nothing is held but the block in hand.

use super::plan::{Plan, Reach, Tree};
use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, Query, Scorer, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Searcher, SegmentReader, TERMINATED, Term};

/// How much a word counts that stands only in an item other than the best one.
const ELSEWHERE: f32 = 0.15;

/// A letter that matches, in hand.
pub struct Match<'m> {
    /// The letter's document.
    pub letter: DocId,
    /// Its first document.
    pub first: DocId,
    /// Its matching items' documents.
    pub items: &'m [DocId],
    /// The score of each of its items (all of them, in order).
    pub item_scores: &'m [f32],
    /// Its score.
    pub score: f32,
    /// How many of the words it has.
    pub words: usize,
    /// It has all the words.
    pub complete: bool,
}

/// Whether a tree can only hold where one of its leaves matches, so that the leaves lead to every
/// letter in which it holds. `mri OR -ct` holds also where nothing matches.
fn drives(tree: &Tree) -> bool {
    match tree {
        Tree::Leaf(_) => true,
        Tree::Not(_) => false,
        Tree::All(trees) => trees.iter().any(drives),
        Tree::Any(trees) => !trees.is_empty() && trees.iter().all(drives),
    }
}

/// A condition's query, and whether what it matches is left out.
type Signed = (Box<dyn Weight>, bool);

/// A plan made ready for a searcher.
pub struct Evaluation {
    leaves: Vec<Box<dyn Weight>>,
    item: Vec<Signed>,
    letter: Vec<Signed>,
    all: Box<dyn Weight>,
}

impl Evaluation {
    /// Prepares a plan.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn new(
        plan: &Plan,
        searcher: &Searcher,
        kind: tantivy::schema::Field,
    ) -> tantivy::Result<Evaluation> {
        let scored =
            |query: &dyn Query| query.weight(EnableScoring::enabled_from_searcher(searcher));
        let plain =
            |query: &dyn Query| query.weight(EnableScoring::disabled_from_searcher(searcher));
        let all = TermQuery::new(
            Term::from_field_text(kind, "letter"),
            IndexRecordOption::Basic,
        );
        Ok(Evaluation {
            leaves: plan
                .leaves
                .iter()
                .map(|leaf| {
                    if leaf.scores {
                        scored(&*leaf.query)
                    } else {
                        plain(&*leaf.query)
                    }
                })
                .collect::<tantivy::Result<_>>()?,
            item: conditions(&plan.conditions.item, searcher)?,
            letter: conditions(&plan.conditions.letter, searcher)?,
            all: plain(&all)?,
        })
    }

    /// Calls back for every letter of a segment that matches.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn segment(
        &self,
        plan: &Plan,
        reader: &SegmentReader,
        mut found: impl FnMut(&Match<'_>),
    ) -> tantivy::Result<()> {
        let blocks = Blocks::open(reader)?;
        let open = |weight: &dyn Weight| -> tantivy::Result<Cursor> {
            let scorer = weight.scorer(reader, 1.0)?;
            Ok(Cursor::new(scorer, &blocks))
        };
        let mut leaves = self
            .leaves
            .iter()
            .map(|w| open(&**w))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let with_sign = |list: &[Signed]| {
            list.iter()
                .map(|(w, negated)| Ok((open(&**w)?, *negated)))
                .collect::<tantivy::Result<Vec<_>>>()
        };
        let mut item = with_sign(&self.item)?;
        let mut letter = with_sign(&self.letter)?;
        // Something must drive the walk: words, else a filter, else all letters.
        let driven = plan.needed > 0
            || plan.required.iter().any(drives)
            || item.iter().chain(&letter).any(|(_, negated)| !negated);
        let mut all = if driven {
            None
        } else {
            Some(open(&*self.all)?)
        };
        let alive = reader.alive_bitset();
        let mut hand = Hand::default();
        let mut candidate: DocId = 0;
        loop {
            candidate = next_candidate(
                plan,
                &blocks,
                candidate,
                &mut leaves,
                &mut item,
                &mut letter,
                &mut all,
            );
            if candidate >= TERMINATED {
                return Ok(());
            }
            let first = blocks.first(candidate);
            let whole = alive.is_none_or(|alive| alive.is_alive(candidate));
            if whole && passes_letter_filters(&blocks, candidate, &mut letter) {
                hand.gather(&blocks, first, candidate, plan, &mut leaves);
                hand.meet(&blocks, first, candidate, plan, &mut item);
                if let Some(matched) = hand.judge(plan, first, candidate) {
                    found(&matched);
                }
            }
            candidate += 1;
        }
    }
}

fn conditions(
    list: &[super::filters::Condition],
    searcher: &Searcher,
) -> tantivy::Result<Vec<Signed>> {
    list.iter()
        .map(|c| {
            let weight = c
                .query
                .weight(EnableScoring::disabled_from_searcher(searcher))?;
            Ok((weight, c.negated))
        })
        .collect()
}

/// The block structure of a segment.
pub struct Blocks {
    documents: DocId,
    to_parent: Column<u64>,
    children: Column<u64>,
}

impl Blocks {
    /// Opens the columns.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn open(reader: &SegmentReader) -> tantivy::Result<Blocks> {
        Ok(Blocks {
            documents: reader.max_doc(),
            to_parent: reader.fast_fields().u64("to_parent")?,
            children: reader.fast_fields().u64("children")?,
        })
    }

    /// The letter of a document; TERMINATED of TERMINATED.
    pub fn letter(&self, doc: DocId) -> DocId {
        if doc >= self.documents {
            return TERMINATED;
        }
        doc + self.to_parent.first(doc).unwrap_or(0) as DocId
    }

    /// The first document of a letter's block.
    pub fn first(&self, letter: DocId) -> DocId {
        letter - self.children.first(letter).unwrap_or(0) as DocId
    }
}

/// A scorer and the letter of the document it stands at.
struct Cursor {
    scorer: Box<dyn Scorer>,
    letter: DocId,
}

impl Cursor {
    fn new(scorer: Box<dyn Scorer>, blocks: &Blocks) -> Cursor {
        let letter = blocks.letter(scorer.doc());
        Cursor { scorer, letter }
    }

    /// Moves to the first document of the block of `candidate` or later.
    fn seek(&mut self, candidate: DocId, blocks: &Blocks) {
        if self.letter >= candidate {
            return;
        }
        if candidate >= TERMINATED {
            self.letter = TERMINATED;
            return;
        }
        let first = blocks.first(candidate);
        let doc = if self.scorer.doc() < first {
            self.scorer.seek(first)
        } else {
            self.scorer.doc()
        };
        self.letter = blocks.letter(doc);
    }

    /// Hands out the documents of the block in hand, and moves beyond it.
    fn drain(
        &mut self,
        candidate: DocId,
        blocks: &Blocks,
        mut each: impl FnMut(DocId, &mut dyn Scorer),
    ) {
        if self.letter != candidate {
            return;
        }
        let mut doc = self.scorer.doc();
        while doc <= candidate {
            each(doc, &mut *self.scorer);
            doc = self.scorer.advance();
        }
        self.letter = blocks.letter(doc);
    }
}

/// The first letter at or after `from` that can match; TERMINATED where there is none.
fn next_candidate(
    plan: &Plan,
    blocks: &Blocks,
    from: DocId,
    leaves: &mut [Cursor],
    item: &mut [(Cursor, bool)],
    letter: &mut [(Cursor, bool)],
    all: &mut Option<Cursor>,
) -> DocId {
    let mut candidate = from;
    let mut bounds: Vec<DocId> = Vec::new();
    loop {
        if candidate >= blocks.documents {
            return TERMINATED;
        }
        let before = candidate;
        // A document id is a letter only after a cursor said so: seeks go by letters.
        let seek = |cursor: &mut Cursor, candidate: DocId| {
            if candidate >= blocks.documents {
                return TERMINATED;
            }
            if cursor.letter < candidate {
                if is_letter(blocks, candidate) {
                    cursor.seek(candidate, blocks);
                } else {
                    skip_to(cursor, candidate, blocks);
                }
            }
            cursor.letter
        };
        if plan.needed > 0 {
            bounds.clear();
            for at in &plan.words {
                bounds.push(seek(&mut leaves[*at], candidate));
            }
            bounds.sort_unstable();
            candidate = candidate.max(bounds[plan.needed - 1]);
        }
        for tree in &plan.required {
            let bound = lower_bound(tree, &mut |at| seek(&mut leaves[at], candidate));
            candidate = candidate.max(bound);
        }
        for (cursor, negated) in item.iter_mut().chain(letter.iter_mut()) {
            if !*negated {
                candidate = candidate.max(seek(cursor, candidate));
            }
        }
        if let Some(cursor) = all {
            candidate = candidate.max(seek(cursor, candidate));
        }
        if candidate >= blocks.documents {
            return TERMINATED;
        }
        if candidate == before && is_known(candidate, plan, leaves, item, letter, all) {
            return candidate;
        }
        if candidate == before {
            // Nothing moved it and no cursor stands on it: it is no letter of interest.
            candidate += 1;
        }
    }
}

/// Whether a cursor that drives the walk stands on the candidate, so that it is a letter.
fn is_known(
    candidate: DocId,
    plan: &Plan,
    leaves: &[Cursor],
    item: &[(Cursor, bool)],
    letter: &[(Cursor, bool)],
    all: &Option<Cursor>,
) -> bool {
    let on = |cursor: &Cursor| cursor.letter == candidate;
    all.as_ref().is_some_and(on)
        || item
            .iter()
            .chain(letter)
            .any(|(c, negated)| !negated && on(c))
        || plan.words.iter().any(|at| on(&leaves[*at]))
        || plan
            .required
            .iter()
            .any(|tree| any_leaf(tree, &|at| on(&leaves[at])))
}

fn is_letter(blocks: &Blocks, doc: DocId) -> bool {
    blocks.to_parent.first(doc) == Some(0)
}

/// Moves a cursor to a document at or after `target`, which need not be a letter.
fn skip_to(cursor: &mut Cursor, target: DocId, blocks: &Blocks) {
    if cursor.scorer.doc() < target {
        cursor.scorer.seek(target);
    }
    let doc = cursor.scorer.doc();
    cursor.letter = blocks.letter(doc);
}

fn any_leaf(tree: &Tree, on: &dyn Fn(usize) -> bool) -> bool {
    match tree {
        Tree::Leaf(at) => on(*at),
        Tree::All(trees) | Tree::Any(trees) => trees.iter().any(|t| any_leaf(t, on)),
        Tree::Not(_) => false,
    }
}

/// The first letter in which a tree can hold.
fn lower_bound(tree: &Tree, bound: &mut dyn FnMut(usize) -> DocId) -> DocId {
    match tree {
        Tree::Leaf(at) => bound(*at),
        Tree::All(trees) => trees
            .iter()
            .map(|t| lower_bound(t, bound))
            .max()
            .unwrap_or(0),
        Tree::Any(trees) => trees
            .iter()
            .map(|t| lower_bound(t, bound))
            .min()
            .unwrap_or(TERMINATED),
        Tree::Not(_) => 0,
    }
}

fn passes_letter_filters(blocks: &Blocks, candidate: DocId, letter: &mut [(Cursor, bool)]) -> bool {
    letter.iter_mut().all(|(cursor, negated)| {
        cursor.seek(candidate, blocks);
        (cursor.letter == candidate) != *negated
    })
}

/// The block in hand: for each of its documents (items, then the letter) and each leaf, whether it
/// matches and its score.
#[derive(Default)]
struct Hand {
    leaves: usize,
    docs: usize,
    matched: Vec<bool>,
    scores: Vec<f32>,
    meets: Vec<bool>,
    item_scores: Vec<f32>,
    items: Vec<DocId>,
    conditions_hold: bool,
}

impl Hand {
    fn gather(
        &mut self,
        blocks: &Blocks,
        first: DocId,
        letter: DocId,
        plan: &Plan,
        leaves: &mut [Cursor],
    ) {
        self.leaves = leaves.len();
        self.docs = (letter - first + 1) as usize;
        let cells = self.leaves * self.docs;
        self.matched.clear();
        self.matched.resize(cells, false);
        self.scores.clear();
        self.scores.resize(cells, 0.0);
        for (n, cursor) in leaves.iter_mut().enumerate() {
            cursor.seek(letter, blocks);
            let scored = plan.leaves[n].scores;
            cursor.drain(letter, blocks, |doc, scorer| {
                let cell = (doc - first) as usize * self.leaves + n;
                self.matched[cell] = true;
                if scored {
                    self.scores[cell] = scorer.score();
                }
            });
        }
    }

    /// Which items meet the filters on items.
    fn meet(
        &mut self,
        blocks: &Blocks,
        first: DocId,
        letter: DocId,
        plan: &Plan,
        item: &mut [(Cursor, bool)],
    ) {
        let items = self.docs - 1;
        self.meets.clear();
        self.meets.resize(items, true);
        self.conditions_hold = true;
        if item.is_empty() {
            return;
        }
        let mut any = vec![false; items];
        for (cursor, negated) in item.iter_mut() {
            let mut has = vec![false; items];
            cursor.seek(letter, blocks);
            cursor.drain(letter, blocks, |doc, _| {
                if let Some(cell) = has.get_mut((doc - first) as usize) {
                    *cell = true;
                }
            });
            let mut one = false;
            for (n, has) in has.iter().enumerate() {
                let holds = *has != *negated;
                one |= holds;
                any[n] |= holds && !*negated;
                self.meets[n] &= holds;
            }
            self.conditions_hold &= one;
        }
        if plan.any_item {
            self.meets = any;
        } else {
            self.conditions_hold = self.meets.contains(&true);
        }
    }

    fn has(&self, doc: usize, leaf: usize) -> bool {
        self.matched[doc * self.leaves + leaf]
    }

    fn anywhere(&self, leaf: usize) -> bool {
        (0..self.docs).any(|doc| self.has(doc, leaf))
    }

    fn holds(&self, tree: &Tree, has: &dyn Fn(usize) -> bool) -> bool {
        match tree {
            Tree::Leaf(at) => has(*at),
            Tree::All(trees) => trees.iter().all(|t| self.holds(t, has)),
            Tree::Any(trees) => trees.iter().any(|t| self.holds(t, has)),
            Tree::Not(tree) => !self.holds(tree, has),
        }
    }

    fn judge(&mut self, plan: &Plan, first: DocId, letter: DocId) -> Option<Match<'_>> {
        let anywhere = |leaf: usize| self.anywhere(leaf);
        let words = plan.words.iter().filter(|at| anywhere(**at)).count();
        if words < plan.needed || !plan.required.iter().all(|tree| self.holds(tree, &anywhere)) {
            return None;
        }
        let letter_doc = self.docs - 1;
        // What is asked of the item itself narrows the items, like a filter.
        for n in 0..letter_doc {
            let all = plan.of_item.iter().all(|leaf| self.has(n, *leaf));
            self.meets[n] &= all;
        }
        let asked_of_items = !plan.conditions.item.is_empty() || !plan.of_item.is_empty();
        if !self.conditions_hold || (asked_of_items && !self.meets.contains(&true)) {
            return None;
        }
        // Items that themselves hold the words; else those that meet the conditions.
        self.items.clear();
        for n in 0..letter_doc {
            let has = |leaf: usize| {
                self.has(n, leaf)
                    || (plan.leaves[leaf].reach == Reach::Letter && self.has(letter_doc, leaf))
            };
            let itself = self.meets[n]
                && plan.words.iter().filter(|at| has(**at)).count() >= plan.needed
                && plan.required.iter().all(|tree| self.holds(tree, &has));
            if itself {
                self.items.push(first + n as DocId);
            }
        }
        if self.items.is_empty() {
            let meets = (0..letter_doc).filter(|n| self.meets[*n]);
            self.items.extend(meets.map(|n| first + n as DocId));
        }
        let score = score(self, plan, letter_doc);
        Some(Match {
            letter,
            first,
            items: &self.items,
            item_scores: &self.item_scores,
            score,
            words,
            complete: words == plan.words.len(),
        })
    }
}

/// The best item counts for its letter, the case summary adds its (lower-weighted) part, and a word
/// that stands only in another item a little.
fn score(hand: &mut Hand, plan: &Plan, letter_doc: usize) -> f32 {
    let row = |hand: &Hand, doc: usize| -> f32 {
        hand.scores[doc * hand.leaves..(doc + 1) * hand.leaves]
            .iter()
            .sum::<f32>()
    };
    hand.item_scores.clear();
    for n in 0..letter_doc {
        let score = row(hand, n);
        hand.item_scores.push(score);
    }
    let best = (0..letter_doc).filter(|n| hand.meets[*n]).max_by(|a, b| {
        hand.item_scores[*a]
            .total_cmp(&hand.item_scores[*b])
            .then(b.cmp(a))
    });
    let mut score = best.map_or(0.0, |n| hand.item_scores[n]) + row(hand, letter_doc);
    for leaf in 0..plan.leaves.len() {
        let in_best = best.is_some_and(|n| hand.has(n, leaf));
        if !in_best {
            let elsewhere = (0..letter_doc)
                .map(|n| hand.scores[n * hand.leaves + leaf])
                .fold(0.0, f32::max);
            score += ELSEWHERE * elsewhere;
        }
    }
    score
}
