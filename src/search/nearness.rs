//! The bonus for words of the query that stand near each other.
//!
//! Reading positions is dear, and nearness only decides among letters that are already good: it is
//! looked at for the best by score alone, always the same number of them, so that pages of hits
//! join up.

use super::order::Found;
use super::plan::Plan;
use tantivy::query::EnableScoring;
use tantivy::{DocId, Searcher};

/// Letters whose order nearness may change.
pub const LOOKED_AT: usize = 100;

/// Adds to the scores of letters what nearness is worth: of the best matching item, and of the
/// letter's own text.
///
/// # Errors
/// If the index's files are damaged.
pub fn add(searcher: &Searcher, plan: &Plan, found: &mut [Found]) -> tantivy::Result<()> {
    if plan.bonus.is_empty() || found.is_empty() {
        return Ok(());
    }
    // Scorers only go forward: the documents of a segment in order.
    let mut docs: Vec<(u32, DocId, usize)> = Vec::new();
    for (n, letter) in found.iter().enumerate() {
        let segment = letter.address.segment_ord;
        docs.extend(letter.items.iter().map(|(doc, _)| (segment, *doc, n)));
        docs.push((segment, letter.address.doc_id, n));
    }
    docs.sort_unstable();
    let mut best_item = vec![0.0f32; found.len()];
    let mut own = vec![0.0f32; found.len()];
    let mut bonus = vec![0.0f32; docs.len()];
    for query in &plan.bonus {
        let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
        let mut from = 0;
        while from < docs.len() {
            let segment = docs[from].0;
            let to = from + docs[from..].partition_point(|(s, _, _)| *s == segment);
            let mut scorer = weight.scorer(searcher.segment_reader(segment), 1.0)?;
            for at in from..to {
                let doc = docs[at].1;
                let reached = if scorer.doc() < doc {
                    scorer.seek(doc)
                } else {
                    scorer.doc()
                };
                if reached == doc {
                    bonus[at] += scorer.score();
                }
            }
            from = to;
        }
    }
    for ((_, doc, n), bonus) in docs.iter().zip(bonus) {
        if *doc == found[*n].address.doc_id {
            own[*n] = bonus;
            continue;
        }
        if let Some(item) = found[*n].items.iter_mut().find(|(item, _)| item == doc) {
            item.1 += bonus;
        }
        best_item[*n] = best_item[*n].max(bonus);
    }
    for (n, letter) in found.iter_mut().enumerate() {
        letter.score += best_item[n] + own[n];
    }
    Ok(())
}
