//! One walk over all matches of a request, for whoever counts or gathers them: no scores, no order,
//! segments side by side.

use super::Engine;
use super::evaluate::{CompiledQuery, Match};
use super::parser;
use super::plan::Plan;
use super::request::{Expansion, MatchMode, Request, SearchError};
use crate::index::{IN_PART, facet_of};
use crate::letter::Decision;
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
    /// What else was searched.
    pub expanded: Vec<Expansion>,
}

impl Engine {
    /// Plans a request for walks: its matches are those of [`Engine::search`], without scores.
    pub(super) fn plan_unscored(
        &self,
        searcher: &Searcher,
        request: &Request,
    ) -> Result<Plan, SearchError> {
        let mut plan = self.plan(searcher, request)?;
        for leaf in &mut plan.leaves {
            leaf.scores = false;
        }
        Ok(plan)
    }

    /// Hands every match of a plan to the collector of its segment, which `open` makes; the
    /// collectors come back in the order of the segments.
    pub(super) fn walk<C: Send>(
        &self,
        searcher: &Searcher,
        plan: &Plan,
        open: impl Fn(u32, &SegmentReader) -> tantivy::Result<C> + Sync,
        each: impl Fn(&mut C, &Match<'_>) + Sync,
    ) -> Result<Vec<C>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let evaluation = CompiledQuery::new(plan, searcher, self.fields().kind).map_err(damaged)?;
        let one = |(ord, reader): (usize, &SegmentReader)| {
            let mut collector = open(ord as u32, reader)?;
            evaluation.segment(reader, &self.blocks, |found| each(&mut collector, found))?;
            Ok(collector)
        };
        searcher
            .segment_readers()
            .par_iter()
            .enumerate()
            .map(one)
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(damaged)
    }

    /// Walks, and where no letter has enough of the words walks again over the best partial
    /// matches, as a search does. `count` tells how many letters a collector saw.
    pub(super) fn walk_relaxing<C: Send>(
        &self,
        searcher: &Searcher,
        request: &Request,
        open: impl Fn(u32, &SegmentReader) -> tantivy::Result<C> + Sync,
        each: impl Fn(&mut C, &Match<'_>) + Sync,
        count: impl Fn(&C) -> u64,
    ) -> Result<(Vec<C>, Understood), SearchError> {
        let mut plan = self.plan_unscored(searcher, request)?;
        let mut collectors = self.walk(searcher, &plan, &open, &each)?;
        let letters = |collectors: &[C]| collectors.iter().map(&count).sum::<u64>();
        let mut relaxed = false;
        if letters(&collectors) == 0 && plan.needed > 1 && request.match_mode == MatchMode::Most {
            plan.needed = self.most_words(searcher, &mut plan)?;
            collectors = self.walk(searcher, &plan, &open, &each)?;
            relaxed = letters(&collectors) > 0;
        }
        let understood = Understood {
            query: parser::parse(&request.query)?.to_string(),
            relaxed,
            expanded: plan.expanded,
        };
        Ok((collectors, understood))
    }
}

/// What was decided on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub decision: Decision,
    /// The denial fell in part only.
    pub partial: bool,
}

/// The decisions of a segment's items.
pub(super) struct SegmentDecisions {
    facets: FacetReader,
    of_ord: Vec<Option<Decided>>,
}

impl SegmentDecisions {
    /// Opens the column.
    pub fn open(reader: &SegmentReader) -> tantivy::Result<SegmentDecisions> {
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
    pub fn of(&self, item: DocId) -> Option<Decided> {
        let ord = self.facets.facet_ords(item).next()?;
        self.of_ord.get(ord as usize).copied().flatten()
    }
}

fn decided(facet: &Facet) -> Option<Decided> {
    [Decision::Upheld, Decision::Overturned]
        .into_iter()
        .flat_map(|decision| [false, true].map(|partial| Decided { decision, partial }))
        .find(|d| {
            let path = [d.decision.name(), IN_PART];
            facet_of(path.into_iter().take(if d.partial { 2 } else { 1 })) == *facet
        })
}
