//! The bonus for words of the query that stand near each other.
//!
//! Reading positions is expensive, and proximity only decides among letters that already score well. It
//! is computed for the best by score alone, always the same number of them, so that pages of hits
//! are consistent.

use super::plan::{WordPair, text_fields, weight};
use super::terms::{ResolvedTerm, Statistics, TermResolver};
use super::top_docs::ScoredDoc;
use rayon::prelude::*;
use std::sync::Arc;
use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Searcher, Term};

/// A document whose positions are read.
struct ProximityCandidate {
    segment: u32,
    doc: DocId,
    /// The letter's place among those found.
    letter: usize,
}

/// Adds the proximity bonus to the scores of letters: of the best matching item, and of the
/// letter's own text.
///
/// # Errors
/// If the index's files are damaged.
pub(super) fn add(
    terms: &TermResolver<'_>,
    pairs: &[WordPair],
    found: &mut [ScoredDoc],
) -> tantivy::Result<()> {
    if pairs.is_empty() || found.is_empty() {
        return Ok(());
    }
    // Lists of positions are only read forward: the documents of a segment in order.
    let mut documents: Vec<ProximityCandidate> = Vec::new();
    for (letter, found) in found.iter().enumerate() {
        let items = found.items.iter().map(|(doc, _)| *doc);
        documents.extend(
            items
                .chain([found.address.doc_id])
                .map(|doc| ProximityCandidate {
                    segment: found.address.segment_ord,
                    doc,
                    letter,
                }),
        );
    }
    documents.sort_unstable_by_key(|looked| (looked.segment, looked.doc));
    let searcher = terms.searcher;
    let statistics = Statistics::new(searcher)?;
    let mut compiled = Vec::new();
    for pair in pairs {
        for (name, boost) in text_fields() {
            let field = searcher.schema().get_field(name)?;
            let held = |word| terms.get(Term::from_field_text(field, word));
            if let (Some(first), Some(second)) = (held(&pair.first), held(&pair.second)) {
                let words = [first, second];
                compiled.push(ProximityPair {
                    bm25: statistics
                        .bm25(field, &words)?
                        .boost_by(weight::PHRASE * boost),
                    words,
                    slack: pair.slack,
                });
            }
        }
    }
    let scored = compiled
        .par_iter()
        .map(|compiled| scores(searcher, compiled, &documents))
        .collect::<tantivy::Result<Vec<_>>>()?;
    let mut bonus = vec![0.0f32; documents.len()];
    for (at, score) in scored.into_iter().flatten() {
        bonus[at] += score;
    }
    let mut best_item = vec![0.0f32; found.len()];
    let mut own = vec![0.0f32; found.len()];
    for (ProximityCandidate { doc, letter, .. }, bonus) in documents.iter().zip(bonus) {
        let found = &mut found[*letter];
        if *doc == found.address.doc_id {
            own[*letter] = bonus;
            continue;
        }
        if let Some(item) = found.items.iter_mut().find(|(item, _)| item == doc) {
            item.1 += bonus;
        }
        best_item[*letter] = best_item[*letter].max(bonus);
    }
    for (n, letter) in found.iter_mut().enumerate() {
        letter.score += best_item[n] + own[n];
    }
    Ok(())
}

/// A pair in a field that has both words.
struct ProximityPair {
    words: [Arc<ResolvedTerm>; 2],
    /// What being near each other is worth there.
    bm25: Bm25Weight,
    slack: u32,
}

/// What a pair near each other in a field is worth, for the places of the documents that have it so.
fn scores(
    searcher: &Searcher,
    compiled: &ProximityPair,
    documents: &[ProximityCandidate],
) -> tantivy::Result<Vec<(usize, f32)>> {
    let mut scores = Vec::new();
    let [first, second] = &compiled.words;
    let field = first.field();
    let (mut first_places, mut second_places) = (Vec::new(), Vec::new());
    let mut from = 0;
    while from < documents.len() {
        let segment = documents[from].segment;
        let to = from + documents[from..].partition_point(|looked| looked.segment == segment);
        let reader = searcher.segment_reader(segment);
        if let (Some(first), Some(second)) = (first.place(reader), second.place(reader)) {
            let index = reader.inverted_index(field)?;
            let option = IndexRecordOption::WithFreqsAndPositions;
            let open = |place| index.read_postings_from_terminfo(place, option);
            let (mut first, mut second) = (open(first)?, open(second)?);
            let norms = reader.get_fieldnorms_reader(field)?;
            for (at, ProximityCandidate { doc, .. }) in (from..).zip(&documents[from..to]) {
                if !reached(&mut first, *doc) || !reached(&mut second, *doc) {
                    continue;
                }
                first.positions(&mut first_places);
                second.positions(&mut second_places);
                let count = near(&first_places, &second_places, compiled.slack);
                if count > 0 {
                    scores.push((at, compiled.bm25.score(norms.fieldnorm_id(*doc), count)));
                }
            }
        }
        from = to;
    }
    Ok(scores)
}

/// Whether a list has a document, after moving on to it.
fn reached(list: &mut impl DocSet, doc: DocId) -> bool {
    (if list.doc() < doc {
        list.seek(doc)
    } else {
        list.doc()
    }) == doc
}

/// How often a word of the second list stands where one of the first list says that it should, just
/// after it, or at most so far from there; each place counts once.
fn near(first: &[u32], second: &[u32], slack: u32) -> u32 {
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    let mut count = 0;
    while let (Some(before), Some(place)) = (first.peek(), second.peek()) {
        let due = before.saturating_add(1);
        if due.abs_diff(**place) <= slack {
            count += 1;
            first.next();
            second.next();
        } else if due < **place {
            first.next();
        } else {
            second.next();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_near_each_other() {
        assert_eq!(near(&[3, 10, 20], &[4, 12, 40], 0), 1);
        assert_eq!(near(&[3, 10, 20], &[4, 12, 40], 1), 2);
        // In the other order, one word farther from its place.
        assert_eq!(near(&[5], &[4], 1), 0);
        assert_eq!(near(&[5], &[4], 2), 1);
        assert_eq!(near(&[1, 2, 3], &[3], 5), 1);
        assert_eq!(near(&[], &[3], 5), 0);
        assert_eq!(near(&[u32::MAX], &[u32::MAX], 0), 1);
    }
}
