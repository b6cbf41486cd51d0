//! A logical plan made ready for one state of the index: its clauses looked up in the term
//! dictionaries, without those alternatives that no document has.

use super::deadline::{Deadline, Interrupted};
use super::error::query_error;
use super::filters;
use super::plan::{Clause, FieldClause, FieldTest, LogicalPlan, Origin, PlannedAlternative};
use super::predicate::{Keyword, Predicate, Test};
use super::request::Expansion;
use super::scorer::{ClauseWeight, Scoring};
use super::terms::{ResolvedTerm, Statistics, TermResolver};
use crate::fields::Path;
use crate::index::{facet, path_term, phrase_token};
use std::ops::Bound;
use std::sync::Arc;
use tantivy::query::{
    BooleanQuery, BoostQuery, EnableScoring, PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, FieldType, IndexRecordOption};
use tantivy::{TantivyError, Term};

/// Why a test cannot be resolved.
pub(super) enum Unresolved {
    /// A prefix stands for more words than can be looked up beside others. What is wrong, as a clause.
    TooMany(String),
    /// The index cannot be read.
    Engine(TantivyError),
}

impl From<TantivyError> for Unresolved {
    fn from(error: TantivyError) -> Unresolved {
        Unresolved::Engine(error)
    }
}

/// A plan made ready for one state of the index.
pub(super) struct CompiledQuery {
    /// The plan.
    pub plan: LogicalPlan,
    /// The plan's clauses.
    pub clauses: Vec<CompiledClause>,
    /// What else is searched.
    pub expanded: Vec<Expansion>,
    /// The filters on items.
    pub item: Vec<CompiledFilter>,
    /// The filters on letters.
    pub letter: Vec<CompiledFilter>,
    /// The decision that is wished for.
    pub wish: Option<ClauseWeight>,
    /// When the search must be done.
    pub deadline: Deadline,
}

/// A clause, without the alternatives that the index does not have.
pub(super) struct CompiledClause {
    /// Wordings and values: of their scores the best counts, the others a little.
    pub alternatives: Vec<Vec<CompiledTest>>,
    /// Of a concept, what an item must have, any of these.
    pub requires: Vec<ClauseWeight>,
    /// Its words and their synonyms as indexed, for snippets: sequences of neighbors.
    pub marks: Vec<Vec<String>>,
}

/// One test of one field.
#[derive(Clone)]
pub(super) struct CompiledTest {
    /// The field.
    pub field: &'static str,
    /// What is looked for there, for a person to read.
    pub shown: String,
    /// The test.
    pub weight: Arc<ClauseWeight>,
}

/// A filter's values.
pub(super) struct CompiledFilter {
    /// The filter.
    pub name: &'static str,
    /// What has any of its values is left out.
    pub negated: bool,
    /// The test.
    pub weight: ClauseWeight,
}

/// Resolves tests against an index.
pub(super) struct Compiler<'a> {
    /// The terms of the index.
    pub terms: TermResolver<'a>,
    /// Lengths and frequencies.
    pub statistics: Statistics<'a>,
    /// Known phrases are indexed as one token.
    pub knows_phrases: bool,
    /// Whether scores are wanted.
    pub scored: bool,
    /// When the search must be done.
    pub deadline: Deadline,
}

/// What else a term means, as far as the index has it.
#[derive(Default)]
struct CompiledExpansion {
    alternatives: Vec<Vec<CompiledTest>>,
    marks: Vec<Vec<String>>,
}

impl Compiler<'_> {
    /// # Errors
    /// If a prefix stands for too many words, the index is damaged, or the deadline has passed.
    pub(super) fn compile(&self, plan: LogicalPlan) -> Result<CompiledQuery, Interrupted> {
        let mut expanded = Vec::new();
        let mut expansions = Vec::with_capacity(plan.expansions.len());
        for expansion in &plan.expansions {
            self.deadline.check()?;
            let mut compiled = CompiledExpansion::default();
            let mut also = Vec::new();
            for alternative in &expansion.alternatives {
                let tests = self.alternative(&alternative.clauses, self.scored)?;
                if tests.is_empty() {
                    continue;
                }
                let PlannedAlternative { shown, marks, .. } = alternative;
                also.extend((!shown.is_empty()).then(|| shown.clone()));
                compiled
                    .marks
                    .extend((!marks.is_empty()).then(|| marks.clone()));
                compiled.alternatives.push(tests);
            }
            if expansion.reported && !also.is_empty() {
                expanded.push(Expansion {
                    word: expansion.typed.clone(),
                    also,
                });
            }
            expansions.push(compiled);
        }
        let mut clauses = Vec::with_capacity(plan.clauses.len());
        for clause in &plan.clauses {
            self.deadline.check()?;
            let compiled = self.clause(clause, &expansions);
            clauses.push(compiled.map_err(|unresolved| match unresolved {
                Unresolved::Engine(error) => Interrupted::from(error),
                Unresolved::TooMany(what) => query_error(&plan.query, &what, clause.at).into(),
            })?);
        }
        let filters = |conditions: &[filters::Condition]| {
            let compiled = conditions.iter().map(|condition| {
                Ok(CompiledFilter {
                    name: condition.name,
                    negated: condition.negated,
                    weight: self.predicate(&condition.predicate)?,
                })
            });
            compiled.collect::<tantivy::Result<Vec<_>>>()
        };
        Ok(CompiledQuery {
            wish: match &plan.wish {
                Some(wish) => Some(self.predicate(&wish.predicate)?),
                None => None,
            },
            clauses,
            expanded,
            item: filters(&plan.filters.item)?,
            letter: filters(&plan.filters.letter)?,
            deadline: self.deadline,
            plan,
        })
    }

    fn clause(
        &self,
        clause: &Clause,
        expansions: &[CompiledExpansion],
    ) -> Result<CompiledClause, Unresolved> {
        let scored = self.scored && clause.scores;
        let mut compiled = CompiledClause {
            alternatives: Vec::with_capacity(clause.alternatives.len()),
            requires: Vec::with_capacity(clause.requires.len()),
            marks: clause.marks.clone(),
        };
        for predicate in &clause.requires {
            compiled.requires.push(self.predicate(predicate)?);
        }
        for alternative in &clause.alternatives {
            let tests = self.tests(alternative, scored)?;
            if !tests.is_empty() {
                compiled.alternatives.push(tests);
            }
        }
        if let Some(expansion) = clause.expansion.and_then(|at| expansions.get(at)) {
            compiled
                .alternatives
                .extend(expansion.alternatives.iter().cloned());
            if !clause.excluded {
                compiled.marks.extend(expansion.marks.iter().cloned());
            }
        }
        Ok(compiled)
    }

    /// An alternative of a table: nothing in it is too much.
    fn alternative(
        &self,
        clauses: &[FieldClause],
        scored: bool,
    ) -> Result<Vec<CompiledTest>, Interrupted> {
        self.tests(clauses, scored)
            .map_err(|unresolved| match unresolved {
                Unresolved::Engine(error) => Interrupted::from(error),
                Unresolved::TooMany(what) => query_error(&what, &what, 0).into(),
            })
    }

    fn tests(
        &self,
        clauses: &[FieldClause],
        scored: bool,
    ) -> Result<Vec<CompiledTest>, Unresolved> {
        let mut tests = Vec::with_capacity(clauses.len());
        for clause in clauses {
            let test = |weight| CompiledTest {
                field: clause.field,
                shown: clause.shown.clone(),
                weight: Arc::new(weight),
            };
            let boost = clause.boost;
            match &clause.test {
                FieldTest::Words(words, origin) => {
                    let field = self.field(clause.field)?;
                    tests.extend(
                        self.adjacent(field, words, boost, *origin, scored)?
                            .map(test),
                    );
                }
                FieldTest::Pattern(pattern) => {
                    let field = self.field(clause.field)?;
                    let weights = self.pattern(pattern, field, boost, scored)?;
                    tests.extend(weights.into_iter().map(test));
                }
                FieldTest::Is(predicate) => {
                    let weight = match self.value(predicate, boost)? {
                        Some(weight) => weight,
                        None if boost > 0.0 => continue,
                        None => self.predicate(predicate)?,
                    };
                    tests.push(test(weight));
                }
            }
        }
        Ok(tests)
    }

    fn field(&self, name: &str) -> tantivy::Result<Field> {
        self.terms.searcher.schema().get_field(name)
    }

    /// A single value that scores; None where no document has it, or it is not a single one.
    fn value(&self, predicate: &Predicate, score: f32) -> tantivy::Result<Option<ClauseWeight>> {
        let Test::Paths(paths) = &predicate.test else {
            return Ok(None);
        };
        let ([path], true) = (paths.as_slice(), score > 0.0) else {
            return Ok(None);
        };
        let field = self.field(&predicate.field)?;
        let term = self.terms.get(self.path_term(field, path));
        Ok(term.map(|term| ClauseWeight::Term {
            term,
            scoring: Scoring::Fixed(score),
        }))
    }

    fn path_term(&self, field: Field, path: &[String]) -> Term {
        let path = Path::of(path.iter().map(String::as_str));
        match self
            .terms
            .searcher
            .schema()
            .get_field_entry(field)
            .field_type()
        {
            FieldType::Facet(_) => Term::from_facet(field, &facet(&path)),
            _ => path_term(field, &path),
        }
    }

    /// What a predicate holds for; it does not score.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn predicate(&self, predicate: &Predicate) -> tantivy::Result<ClauseWeight> {
        let field = self.field(&predicate.field)?;
        let queries: Vec<Box<dyn Query>> = match &predicate.test {
            Test::Paths(paths) => {
                let terms = paths.iter().map(|path| self.path_term(field, path));
                return Ok(ClauseWeight::AnyOf(terms.collect()));
            }
            Test::Ranges(ranges) => {
                let term = |n: &u64| Bound::Included(Term::from_field_u64(field, *n));
                let range = |range: &std::ops::RangeInclusive<u64>| {
                    RangeQuery::new(term(range.start()), term(range.end()))
                };
                ranges.iter().map(|r| Box::new(range(r)) as _).collect()
            }
            Test::Keywords(keywords) => keywords
                .iter()
                .map(|keyword| match keyword {
                    Keyword::Prefix(prefix) => Box::new(beginning_with(field, prefix)) as _,
                    Keyword::Exact(value) => {
                        let term = Term::from_field_text(field, value);
                        Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as _
                    }
                })
                .collect(),
        };
        self.query(BooleanQuery::union(queries), false)
    }

    /// A query of the engine.
    pub(super) fn query(&self, query: impl Query, scored: bool) -> tantivy::Result<ClauseWeight> {
        let searcher = self.terms.searcher;
        let weight = query.weight(if scored {
            EnableScoring::enabled_from_searcher(searcher)
        } else {
            EnableScoring::disabled_from_searcher(searcher)
        })?;
        Ok(ClauseWeight::Query {
            weight,
            scored,
            deadline: self.deadline,
        })
    }

    /// A term, scored by the rarity of some words: its own, or those of the phrase that it is.
    pub(super) fn term(
        &self,
        term: &Arc<ResolvedTerm>,
        words: &[Arc<ResolvedTerm>],
        boost: f32,
        scored: bool,
    ) -> tantivy::Result<ClauseWeight> {
        let scoring = if scored {
            let bm25 = self.statistics.bm25(term.field(), words)?;
            Scoring::Bm25(bm25.boost_by(boost))
        } else {
            Scoring::Fixed(0.0)
        };
        Ok(ClauseWeight::Term {
            term: Arc::clone(term),
            scoring,
        })
    }

    /// Adjacent words in a field; None where the field has not all of them.
    pub(super) fn adjacent(
        &self,
        field: Field,
        words: &[String],
        boost: f32,
        origin: Origin,
        scored: bool,
    ) -> tantivy::Result<Option<ClauseWeight>> {
        let resolve = |word: &str| self.terms.get(Term::from_field_text(field, word));
        let all = || -> Option<Vec<_>> { words.iter().map(|word| resolve(word)).collect() };
        match words {
            [] => return Ok(None),
            [word] => {
                let Some(term) = resolve(word) else {
                    return Ok(None);
                };
                let words = std::slice::from_ref(&term);
                return self.term(&term, words, boost, scored).map(Some);
            }
            _ if self.knows_phrases => {
                if let Some(term) = resolve(&phrase_token(words)) {
                    let Some(words) = all() else {
                        return Ok(None);
                    };
                    return self.term(&term, &words, boost, scored).map(Some);
                }
                // A phrase of the tables would have its token, if it were anywhere.
                if origin == Origin::Table {
                    return Ok(None);
                }
            }
            _ => {}
        }
        if all().is_none() {
            return Ok(None);
        }
        let Some(query) = phrase_query(field, words, 0) else {
            return Ok(None);
        };
        self.query(BoostQuery::new(query, boost), scored).map(Some)
    }
}

/// What has any value that begins so.
pub(super) fn beginning_with(field: Field, stem: &str) -> RangeQuery {
    let end = format!("{stem}{}", char::MAX);
    RangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(field, &end)),
    )
}

/// A term, or a phrase of terms with at most `slop` words between.
pub(super) fn phrase_query(field: Field, words: &[String], slop: u32) -> Option<Box<dyn Query>> {
    // A word beside itself says nothing in a loose phrase, and costs the engine much.
    let repeated = |n: usize| slop > 0 && words[..n].contains(&words[n]);
    let mut terms: Vec<Term> = (0..words.len())
        .filter(|n| !repeated(*n))
        .map(|n| &words[n])
        .map(|word| Term::from_field_text(field, word))
        .collect();
    match terms.len() {
        0 => None,
        1 => Some(Box::new(TermQuery::new(
            terms.remove(0),
            IndexRecordOption::WithFreqs,
        ))),
        _ => {
            let terms = terms.into_iter().enumerate().collect();
            Some(Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop)))
        }
    }
}
