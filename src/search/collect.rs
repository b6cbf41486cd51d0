//! One walk over all matches of a request, for whoever counts or gathers them: no scores, no order,
//! segments side by side.

use super::Engine;
use super::compile::CompiledQuery;
use super::deadline::Interrupted;
use super::error::SearchError;
use super::evaluate::{Match, Segment};
use super::outcome::Outcome;
use super::request::{ConceptNote, DropOne, Expansion, PreferredDecision, Request};
use crate::fields::IN_PART;
use crate::index::facet_of;
use crate::letter::Decision;
use crate::vocabulary::CaseNumber;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tantivy::fastfield::FacetReader;
use tantivy::schema::Facet;
use tantivy::{DocId, Searcher, SegmentReader};

/// How a request was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// The query as it was read.
    pub query: String,
    /// No letter had enough of the words: what is counted are the best partial matches.
    pub relaxed: bool,
    /// What words were taken for.
    pub concepts: Vec<ConceptNote>,
    /// Letters that do not answer, but mention the concepts and have the rest.
    pub mentions: u64,
    /// Whether these are counted, too.
    #[serde(default)]
    pub mentions_counted: bool,
    /// The decision that the words wish for; it narrows nothing.
    pub preferred_decision: Option<PreferredDecision>,
    /// Words that no answering item has.
    pub dropped: Vec<String>,
    /// Where nothing answers: what would without one of the filters or words.
    pub drop_one: Vec<DropOne>,
    /// What else was searched.
    pub expanded: Vec<Expansion>,
    /// What a person should know of how the query was read, each a sentence.
    pub notes: Vec<String>,
}

impl Engine {
    /// Compiles a request whose matches are only counted or gathered: those of [`Engine::search`],
    /// without scores.
    pub(super) fn unscored(
        &self,
        searcher: &Searcher,
        request: &Request,
    ) -> Result<CompiledQuery, SearchError> {
        self.compile(searcher, self.plan(searcher, request)?, request, false)
    }

    /// Hands every letter that answers to the collector of its segment, which `open` makes; the
    /// collectors come back in the order of the segments. The answers are those of a search, the best
    /// partial ones where no item has enough of the words; letters that only mention the concepts are
    /// among them where the request asks for them.
    pub(super) fn collect<C: Send>(
        &self,
        searcher: &Searcher,
        request: &Request,
        open: impl Fn(u32, &SegmentReader) -> tantivy::Result<C> + Sync,
        each: impl Fn(&mut C, &Match<'_>) + Sync,
    ) -> Result<(Vec<C>, Understood), SearchError> {
        let query = self.unscored(searcher, request)?;
        let evaluation = self.evaluate(&query, searcher, request.match_mode)?;
        let only_mentions = evaluation.strictness.mentions;
        let one = |(ord, segment): (usize, &Segment<'_>)| {
            query.deadline.check()?;
            let mut collector = open(ord as u32, segment.matches.reader)?;
            if request.mentions {
                let all = segment.with_mentions(evaluation.strictness);
                segment.each(all, |found| each(&mut collector, found));
            } else if !only_mentions {
                segment.each(&segment.answers, |found| each(&mut collector, found));
            }
            Ok(collector)
        };
        let segments = evaluation.segments.par_iter().enumerate().map(one);
        let collectors = segments.collect::<Result<Vec<_>, Interrupted>>();
        let collectors = collectors.map_err(|e| self.failed(e))?;
        let outcome = Outcome::of(&evaluation, &query.plan, &request.filters);
        drop(evaluation);
        let mut notes = query.plan.notes.clone();
        if outcome.letters == 0 && !outcome.only_mentions {
            let near = self.near_typed_cases(&query.plan, false);
            notes.extend(near.iter().map(|(typed, near)| not_held(typed, near)));
        }
        let understood = Understood {
            query: query.plan.understood,
            relaxed: outcome.relaxed,
            concepts: outcome.concepts,
            mentions: outcome.mentions,
            mentions_counted: request.mentions,
            preferred_decision: outcome.preferred_decision,
            dropped: outcome.dropped,
            drop_one: outcome.drop_one,
            expanded: query.expanded,
            notes,
        };
        Ok((collectors, understood))
    }
}

/// What was decided on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemDecision {
    pub decision: Decision,
    /// The denial fell in part only.
    pub partial: bool,
}

/// The decisions of a segment's items.
pub(super) struct SegmentDecisions {
    facets: FacetReader,
    of_ord: Vec<Option<ItemDecision>>,
}

impl SegmentDecisions {
    /// Opens the column.
    pub(super) fn open(reader: &SegmentReader) -> tantivy::Result<SegmentDecisions> {
        let facets = reader.facet_reader("decision")?;
        let mut of_ord = Vec::with_capacity(facets.num_facets());
        let mut stream = facets.facet_dict().stream()?;
        while stream.advance() {
            let facet = Facet::from_encoded(stream.key().to_vec()).ok();
            of_ord.push(facet.and_then(|facet| decided(&facet)));
        }
        Ok(SegmentDecisions { facets, of_ord })
    }

    /// What was decided on an item; None where the letter does not tell.
    pub(super) fn of(&self, item: DocId) -> Option<ItemDecision> {
        let ord = self.facets.facet_ords(item).next()?;
        self.of_ord.get(ord as usize).copied().flatten()
    }
}

fn decided(facet: &Facet) -> Option<ItemDecision> {
    [Decision::Upheld, Decision::Overturned]
        .into_iter()
        .flat_map(|decision| [false, true].map(|partial| ItemDecision { decision, partial }))
        .find(|d| {
            let path = [d.decision.name(), IN_PART];
            facet_of(path.into_iter().take(if d.partial { 2 } else { 1 })) == *facet
        })
}

/// A word or case number that no letter has, with what may have been meant.
#[must_use]
pub fn not_held(typed: &str, near: &[String]) -> String {
    let is_case = near.iter().any(|near| !CaseNumber::all(near).is_empty());
    let what = if is_case {
        format!("No letter has the case number '{typed}'")
    } else {
        format!("'{typed}' is in no request, rationale or case summary")
    };
    match near {
        [] => what,
        near => format!("{what}; did you mean {}?", near.join(" or ")),
    }
}
