//! Letters that follow the answers where these do not fill a page: those that only mention the concepts, and
//! those that have only some of the concepts and words. They count nowhere, and the best come first.

use super::engine::Engine;
use super::error::SearchError;
use super::evaluate::{Evaluation, MatchSet};
use super::fixed_bit_set::FixedBitSet;
use super::plan::LogicalPlan;
use super::request::{MatchMode, Request, Sort};
use super::scoring::ScoreInput;
use super::top_docs::{MinCompetitiveScore, ScoredDoc, SegmentKey, TopDocs, TopDocsCollector};
use tantivy::Searcher;

impl Engine {
    /// What fills the page of a request with so many answers; None where only letters that mention the concepts
    /// may: of a single concept or word nothing is had in part.
    pub(super) fn filling(
        &self,
        searcher: &Searcher,
        evaluation: &Evaluation<'_>,
        plan: &LogicalPlan,
        request: &Request,
        answers: u64,
    ) -> Result<Option<Vec<ScoredDoc>>, SearchError> {
        let parts = plan.parts().len();
        let before = usize::try_from(answers).unwrap_or(usize::MAX);
        let on_page = before.saturating_sub(request.offset).min(request.limit);
        if request.mentions
            || request.match_mode != MatchMode::Most
            || request.sort != Sort::Relevance
            || parts < 2
            || !request.fills_a_page(on_page)
        {
            return Ok(None);
        }
        let wanted = request.limit - on_page;
        if wanted == 0 {
            return Ok(Some(Vec::new()));
        }
        let segments = &evaluation.segments;
        let strictness = evaluation.strictness;
        let mentions: Vec<MatchSet> = segments
            .iter()
            .map(|segment| {
                let all = segment.with_mentions(strictness);
                let mut letters = all.letters.clone();
                if !strictness.mentions {
                    letters.and_not(&segment.answers.letters);
                }
                MatchSet {
                    items: all.items.clone(),
                    letters,
                }
            })
            .collect();
        let in_part: Vec<Vec<MatchSet>> = segments
            .iter()
            .map(|segment| segment.matches.in_part())
            .collect();
        // As much of the query as still fills the page.
        let pools = |fewest: usize| {
            let pools = segments.iter().zip(&mentions).zip(&in_part);
            pools.map(move |((segment, mentions), in_part)| {
                let mut pool = MatchSet {
                    letters: in_part[fewest].letters.clone(),
                    items: in_part[fewest].items.clone(),
                };
                pool.letters.or(&mentions.letters);
                pool.items.or(&mentions.items);
                if !strictness.mentions {
                    pool.letters.and_not(&segment.answers.letters);
                }
                pool
            })
        };
        let fills = |fewest: &usize| {
            let letters: u64 = pools(*fewest).map(|pool| pool.letters.count()).sum();
            letters >= wanted as u64
        };
        let fewest = (1..parts).rev().find(fills).unwrap_or(1);
        let request = Request {
            limit: wanted,
            offset: 0,
            ..request.clone()
        };
        let bar = MinCompetitiveScore::default();
        let mut best = TopDocs::new(&request, &bar, !plan.pairs.is_empty());
        for ((ord, segment), pool) in (0..).zip(segments).zip(pools(fewest)) {
            let matches = &segment.matches;
            let none = FixedBitSet::none(matches.blocks.documents());
            let input = ScoreInput {
                letters: &pool.letters,
                matching: &pool,
                answering: &none,
                wished: &none,
                complete: &none,
            };
            let failed = |e: tantivy::TantivyError| self.failed(e.into());
            let key = SegmentKey::open(matches.reader, &self.columns, request.sort);
            let collector = TopDocsCollector {
                best: &mut best,
                segment: ord,
                key: key.map_err(failed)?,
            };
            matches
                .best(&input, collector)
                .map_err(|e| self.failed(e))?;
        }
        let ordered = self.put_in_order(searcher, plan, &request, &mut best);
        ordered.map_err(|e| self.failed(e.into()))?;
        let mut found = best.found;
        found.truncate(wanted);
        for found in &mut found {
            let mentions = &mentions[found.address.segment_ord as usize];
            found.partial = !mentions.letters.contains(found.address.doc_id);
        }
        Ok(Some(found))
    }
}
