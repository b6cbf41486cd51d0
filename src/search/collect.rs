//! One walk over all matches of a request, for whoever counts or gathers them: no scores, no order,
//! segments side by side.

use super::Engine;
use super::compile::CompiledQuery;
use super::deadline::Interrupted;
use super::error::SearchError;
use super::evaluate::Match;
use super::request::{Expansion, MatchMode, Request};
use crate::fields::IN_PART;
use crate::index::facet_of;
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
    /// Compiles a request whose matches are only counted or gathered: those of [`Engine::search`],
    /// without scores.
    pub(super) fn unscored(
        &self,
        searcher: &Searcher,
        request: &Request,
    ) -> Result<CompiledQuery, SearchError> {
        self.compile(searcher, self.plan(searcher, request)?, request, false)
    }

    /// Hands every match of a query to the collector of its segment, which `open` makes; the
    /// collectors come back in the order of the segments.
    pub(super) fn collect<C: Send>(
        &self,
        searcher: &Searcher,
        query: &CompiledQuery,
        open: impl Fn(u32, &SegmentReader) -> tantivy::Result<C> + Sync,
        each: impl Fn(&mut C, &Match<'_>) + Sync,
    ) -> Result<Vec<C>, SearchError> {
        let one = |(ord, reader): (usize, &SegmentReader)| {
            let mut collector = open(ord as u32, reader)?;
            let matches = self.matches(query, reader)?;
            let matching = matches.matching(&|_| false);
            query.deadline.check()?;
            matches.each(&matching, |found| each(&mut collector, found));
            Ok(collector)
        };
        let segments = searcher.segment_readers().par_iter().enumerate().map(one);
        let collectors = segments.collect::<Result<Vec<_>, Interrupted>>();
        collectors.map_err(|e| self.failed(e))
    }

    /// Collects, and where no letter has enough of the words collects again over the best partial
    /// matches, as a search does. `count` is how many letters a collector saw.
    pub(super) fn collect_relaxing<C: Send>(
        &self,
        searcher: &Searcher,
        request: &Request,
        open: impl Fn(u32, &SegmentReader) -> tantivy::Result<C> + Sync,
        each: impl Fn(&mut C, &Match<'_>) + Sync,
        count: impl Fn(&C) -> u64,
    ) -> Result<(Vec<C>, Understood), SearchError> {
        let mut query = self.unscored(searcher, request)?;
        let mut collectors = self.collect(searcher, &query, &open, &each)?;
        let letters = |collectors: &[C]| collectors.iter().map(&count).sum::<u64>();
        let mut relaxed = false;
        if letters(&collectors) == 0 && query.needed > 1 && request.match_mode == MatchMode::Most {
            query.needed = self.most_words(searcher, &mut query)?;
            collectors = self.collect(searcher, &query, &open, &each)?;
            relaxed = letters(&collectors) > 0;
        }
        let understood = Understood {
            query: query.plan.understood,
            relaxed,
            expanded: query.expanded,
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
