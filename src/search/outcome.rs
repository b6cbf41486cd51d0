//! What an answer says about itself besides its hits: how many answer, how many only mention, what was
//! dropped, and what would answer without one of the filters or words.

use super::evaluate::{Evaluation, MatchSet, Part, Segment, Strictness};
use super::plan::LogicalPlan;
use super::request::{ConceptNote, DropOne, Filter, PreferredDecision};
use rayon::prelude::*;

/// What an answer says about itself.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Letters that answer.
    pub letters: u64,
    /// Their answering items.
    pub items: u64,
    /// Letters that do not answer, but mention the concepts and have the rest.
    pub mentions: u64,
    /// No letter answers: what is found only mentions the concepts.
    pub only_mentions: bool,
    /// Documents that are no letters and have what was asked for.
    pub others: u64,
    /// No item has enough of the words: the answers are the best partial ones.
    pub relaxed: bool,
    /// What words were taken for.
    pub concepts: Vec<ConceptNote>,
    /// The decision that is wished for.
    pub preferred_decision: Option<PreferredDecision>,
    /// Words that no answering item has.
    pub dropped: Vec<String>,
    /// Where nothing answers: what would without one part.
    pub drop_one: Vec<DropOne>,
}

/// Parts of a query that are tried without, at most.
const MOST_PARTS: usize = 12;

impl Outcome {
    /// The outcome of an evaluation; `filters` are the request's.
    pub fn of(evaluation: &Evaluation<'_>, plan: &LogicalPlan, filters: &[Filter]) -> Outcome {
        let segments = &evaluation.segments;
        let strictness = evaluation.strictness;
        let sum = |of: &dyn Fn(&Segment<'_>) -> u64| segments.iter().map(of).sum();
        let letters: u64 = sum(&|segment| segment.answers.letters.count());
        let mut outcome = Outcome {
            letters,
            items: sum(&|segment| segment.answers.items.count()),
            only_mentions: strictness.mentions && letters > 0,
            relaxed: evaluation.relaxed && letters > 0,
            concepts: plan.concepts.iter().map(|c| c.note.clone()).collect(),
            ..Outcome::default()
        };
        if outcome.only_mentions {
            outcome.mentions = letters;
            (outcome.letters, outcome.items) = (0, 0);
        } else if plan.has_concepts() {
            let all: u64 = sum(&|segment| segment.with_mentions(strictness).letters.count());
            outcome.mentions = all - letters;
        }
        if plan.leaves_out_others() {
            let mentions = Strictness {
                mentions: true,
                ..strictness
            };
            let count = |left_out: super::evaluate::LeftOut<'_>| -> u64 {
                sum(&|segment| segment.filtered(mentions, left_out).letters.count())
            };
            let is_document = |name: &str, _| name == crate::fields::DOCUMENT.name;
            outcome.others = count(&is_document) - count(&|_, _| false);
        }
        if let Some(wish) = &plan.wish {
            let wished = |segment: &Segment<'_>| {
                let wished = segment.matches.wished.as_ref();
                wished.map_or(0, |w| w.intersection_count(&segment.answers.items))
            };
            let wished = sum(&wished).min(outcome.items);
            outcome.preferred_decision = Some(wish.counted(wished, outcome.items));
        }
        if letters > 0 && strictness.needed < plan.words.len() {
            let has = |clause: usize| segments.iter().any(|segment| segment.has_word(clause));
            let missing = plan.words.iter().filter(|clause| !has(**clause));
            let shown = missing.map(|clause| plan.clauses[*clause].shown.clone());
            outcome.dropped = shown.collect();
        }
        if outcome.letters == 0 {
            outcome.drop_one = drop_one(evaluation, plan, filters);
        }
        outcome
    }
}

/// What would answer without each filter, and without each part of the query; only what would.
fn drop_one(evaluation: &Evaluation<'_>, plan: &LogicalPlan, filters: &[Filter]) -> Vec<DropOne> {
    let strictness = Strictness {
        needed: plan.needed,
        mentions: false,
    };
    let count = |of: &dyn Fn(&Segment<'_>) -> MatchSet| {
        let sets = evaluation.segments.iter().map(of);
        sets.fold((0, 0), |(letters, items), set| {
            (letters + set.letters.count(), items + set.items.count())
        })
    };
    let left_out = tried_without(plan, filters);
    let tried = left_out.into_par_iter().map(|(left_out, text)| {
        let (filter, (letters, items)) = match left_out {
            TriedWithout::Filter(name) => {
                let without = |segment: &Segment<'_>| {
                    segment.filtered(strictness, &|filter, _| filter == name)
                };
                (Some(name.to_string().into()), count(&without))
            }
            TriedWithout::Part(part) => (
                None,
                count(&|segment| segment.without_part(strictness, part)),
            ),
        };
        DropOne {
            filter,
            text,
            letters,
            items,
        }
    });
    tried.filter(|without| without.letters > 0).collect()
}

/// What a request is tried without, each with its text; nothing where there is but one part.
pub(super) fn tried_without<'f>(
    plan: &LogicalPlan,
    filters: &'f [Filter],
) -> Vec<(TriedWithout<'f>, String)> {
    if !plan.has_several_parts(filters) {
        return Vec::new();
    }
    let mut left_out: Vec<(TriedWithout<'f>, String)> = Vec::new();
    let mut names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
    names.dedup();
    for (n, name) in names.iter().enumerate() {
        if names[..n].contains(name) {
            continue;
        }
        let own = filters.iter().filter(|filter| filter.name == **name);
        let values: Vec<&str> = own.map(|filter| filter.value.as_str()).collect();
        left_out.push((TriedWithout::Filter(name), values.join(", ")));
    }
    let concepts = plan.concepts.iter();
    let concepts = concepts.map(|c| (Part::Clause(c.clause), c.note.text.clone()));
    let words = plan.words.iter().filter(|at| !plan.is_concept(**at));
    let words = words.map(|at| (Part::Clause(*at), plan.clauses[*at].shown.clone()));
    let trees = plan.required.iter().enumerate();
    let trees = trees.map(|(n, tree)| (Part::Required(n), plan.shown(tree)));
    let parts = concepts.chain(words).chain(trees).take(MOST_PARTS);
    left_out.extend(parts.map(|(part, text)| (TriedWithout::Part(part), text)));
    left_out
}

/// What a request is tried without.
pub(super) enum TriedWithout<'p> {
    /// All filters of a name.
    Filter(&'p str),
    /// A part of the query.
    Part(Part),
}
