//! How a hit's score came about, in words a person can follow, with figures that add up.

use super::compile::{CompiledClause, CompiledQuery};
use super::deadline::Interrupted;
use super::engine::Engine;
use super::error::SearchError;
use super::fixed_bit_set::{FixedBitSet, RankedBitSet};
use super::plan::{Clause, weight};
use super::top_docs::ScoredDoc;
use tantivy::{DocId, Searcher, SegmentReader};

/// What a document scores for one leaf, and by what.
struct Explanation {
    score: f32,
    /// Scores of the parts, as they count, the greatest first.
    parts: Vec<(f32, String)>,
}

impl Engine {
    /// How a hit's score came about: its sum, then what each place gives, word by word.
    pub(super) fn explain(
        &self,
        searcher: &Searcher,
        query: &CompiledQuery,
        found: &ScoredDoc,
    ) -> Result<Vec<String>, SearchError> {
        self.explanation(searcher, query, found)
            .map_err(|e| self.failed(e))
    }

    fn explanation(
        &self,
        searcher: &Searcher,
        query: &CompiledQuery,
        found: &ScoredDoc,
    ) -> Result<Vec<String>, Interrupted> {
        let reader = searcher.segment_reader(found.address.segment_ord);
        let letter = found.address.doc_id;
        let documents: Vec<DocId> = (found.first..=letter).collect();
        let mut leaves: Vec<Vec<Explanation>> = Vec::new();
        let clauses = query.plan.clauses.iter().zip(&query.clauses);
        for (clause, compiled) in clauses.filter(|(clause, _)| clause.scores) {
            leaves.push(of_clause(reader, clause, compiled, &documents)?);
        }
        let row = |n: usize| leaves.iter().map(|leaf| leaf[n].score).sum::<f32>();
        let items = documents.len() - 1;
        let best = found.best.map(|doc| (doc - found.first) as usize);
        let of_best = best.map_or(0.0, row);
        let near = found.score - of_best - row(items);
        let mut sum: Vec<String> = Vec::new();
        if let Some(n) = best {
            sum.push(format!("{of_best:.2} item {}", n + 1));
        }
        let rest = [
            (row(items), "case summary"),
            (near, "words near each other"),
        ];
        sum.extend(
            rest.iter()
                .filter(|(score, _)| *score >= 0.005)
                .map(|(score, what)| format!("{score:.2} {what}")),
        );
        let mut lines = vec![format!(
            "score {:.2} = {}{}",
            found.score,
            if sum.is_empty() {
                "no words to score".to_string()
            } else {
                sum.join(" + ")
            },
            if found.complete {
                "; all words found"
            } else {
                "; some words missing"
            }
        )];
        let places = best
            .map(|n| (n, format!("item {}", n + 1)))
            .into_iter()
            .chain([(items, "case summary".to_string())]);
        for (n, place) in places {
            for leaf in &leaves {
                let parts = leaf[n].parts.iter().take(MOST_PARTS);
                lines.extend(parts.map(|(score, what)| format!("{place}: {score:.2} {what}")));
            }
        }
        Ok(lines)
    }
}

/// More ways in which one word matched than this are not listed.
const MOST_PARTS: usize = 8;

/// What a document scores for one alternative of a leaf: the sum, and the parts.
type Scored = (f32, Vec<(f32, String)>);

/// What each of a block's documents scores for a leaf.
fn of_clause(
    reader: &SegmentReader,
    clause: &Clause,
    compiled: &CompiledClause,
    documents: &[DocId],
) -> Result<Vec<Explanation>, Interrupted> {
    let mut wanted = FixedBitSet::none(reader.max_doc());
    documents.iter().for_each(|doc| wanted.insert(*doc));
    let wanted = RankedBitSet::new(wanted);
    // For each document, the score of each alternative and of its parts.
    let mut scored: Vec<Vec<Scored>> = documents
        .iter()
        .map(|_| vec![(0.0, Vec::new()); compiled.alternatives.len()])
        .collect();
    let typed = clause.marks.first().map(|words| words.join(" "));
    for (n, parts) in compiled.alternatives.iter().enumerate() {
        for part in parts {
            let mut all = FixedBitSet::none(reader.max_doc());
            let listed = part.weight.scorer(reader, &mut all)?;
            let of = if typed.as_ref() == Some(&part.shown) || clause.shown == part.shown {
                String::new()
            } else {
                format!(" (for '{}')", clause.shown)
            };
            listed.scores(reader, &wanted, |at, score| {
                let alternative = &mut scored[at][n];
                alternative.0 += score;
                let what = format!("'{}' in {}{of}", part.shown, part.field);
                alternative.1.push((score, what));
            })?;
        }
    }
    let explanations = scored.into_iter().map(|alternatives| {
        let best = alternatives
            .iter()
            .map(|(score, _)| *score)
            .fold(0.0, f32::max);
        let mut counted = false;
        let mut explanation = Explanation {
            score: 0.0,
            parts: Vec::new(),
        };
        for (score, parts) in alternatives {
            // The best alternative counts whole, once; the others a little.
            let whole = score == best && !counted;
            counted |= whole;
            let share = if whole { 1.0 } else { weight::TIE };
            explanation.score += share * score;
            let parts = parts.into_iter().map(|(score, what)| (share * score, what));
            explanation.parts.extend(parts);
        }
        explanation
            .parts
            .sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        explanation
    });
    Ok(explanations.collect())
}
