//! From a request to its answer.

use super::block_index::{BlockIndex, BlockIndexCache};
use super::evaluate::CompiledQuery;
use super::facets::{Facets, MatchedDocs};
use super::ordinals::OrdinalMaps;
use super::parser;
use super::plan::{Plan, Planner};
use super::request::{FacetCounts, MatchMode, Request, Response, SearchError, Sort};
use super::segment_cache::{ColumnCache, SegmentCache};
use super::snippet::HighlightMatcher;
use super::terms::{TermCache, TermResolver};
use super::top_docs::{
    MinCompetitiveScore, ScoredDoc, SegmentKey, TopDocs, TopDocsCollector, order,
};
use super::{proximity, suggest};
use crate::index::{Fields, Index, IndexError};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tantivy::store::StoreReader;
use tantivy::{Searcher, SegmentReader, Term};

/// Answers requests over one index.
pub struct Engine {
    pub(super) index: Index,
    pub(super) facet_maps: OrdinalMaps,
    pub(super) blocks: BlockIndexCache,
    pub(super) terms: TermCache,
    pub(super) columns: ColumnCache,
    pub(super) stores: SegmentCache<StoreReader>,
}

/// Every letter that matches a request, in its order, before any is loaded.
pub struct Ranked {
    /// Letters that match.
    pub letters: u64,
    /// Their matching items.
    pub items: u64,
    /// Those asked for.
    pub found: Vec<ScoredDoc>,
    /// What was searched: the letters are loaded from the same, whatever is committed meanwhile.
    pub(super) searcher: Searcher,
    pub(super) plan: Plan,
    /// What snippets look for.
    pub(super) sought: HighlightMatcher,
    facets: Vec<FacetCounts>,
    /// No letter had enough of the words: these are the best partial matches.
    pub relaxed: bool,
}

impl Engine {
    /// Opens an index for searching.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open(path: &Path) -> Result<Engine, IndexError> {
        Ok(Engine::new(Index::open(path)?))
    }

    /// Searches an index that is already open.
    #[must_use]
    pub fn new(index: Index) -> Engine {
        Engine {
            index,
            facet_maps: OrdinalMaps::default(),
            blocks: BlockIndexCache::default(),
            terms: TermCache::default(),
            columns: ColumnCache::default(),
            stores: SegmentCache::default(),
        }
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.index.fields
    }

    /// The blocks of a segment.
    pub(super) fn blocks(&self, reader: &SegmentReader) -> tantivy::Result<Arc<BlockIndex>> {
        self.blocks.of(reader, self.fields().kind)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, or the index is damaged.
    pub fn search(&self, request: &Request) -> Result<Response, SearchError> {
        // All of it among the threads that share the work: they are handed it once.
        rayon::scope(|_| self.answer(request))
    }

    fn answer(&self, request: &Request) -> Result<Response, SearchError> {
        let start = Instant::now();
        let ranked = self.ranked(request)?;
        let loaded = ranked
            .found
            .par_iter()
            .map(|found| self.load(&ranked, found, request));
        let hits = loaded.collect::<Result<Vec<_>, _>>()?;
        let suggestions = self.suggestions(&ranked);
        Ok(Response {
            letters: ranked.letters,
            items: ranked.items,
            hits,
            facets: ranked.facets,
            expanded: ranked.plan.expanded,
            relaxed: ranked.relaxed,
            suggestions,
            understood: parser::parse(&request.query)?.to_string(),
            millis: start.elapsed().as_secs_f64() * 1000.0,
        })
    }

    /// Finds and orders the letters of a request without loading them: for exports, which load one
    /// after the other.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn ranked(&self, request: &Request) -> Result<Ranked, SearchError> {
        let searcher = self.index.reader.searcher();
        let plan = self.plan(&searcher, request)?;
        self.rank(&searcher, plan, request)
    }

    /// The plan of a request.
    pub(super) fn plan(&self, searcher: &Searcher, request: &Request) -> Result<Plan, SearchError> {
        let root = parser::parse(&request.query)?;
        let values_of = |facet: &str| self.values_of(searcher, facet);
        let planner = Planner {
            fields: self.fields(),
            searcher,
            terms: TermResolver::new(searcher, &self.terms),
            knows_phrases: self.index.knows_phrases,
            values_of: &values_of,
        };
        planner.plan(request, &root)
    }

    /// Finds and orders the letters of a plan.
    pub(super) fn rank(
        &self,
        searcher: &Searcher,
        mut plan: Plan,
        request: &Request,
    ) -> Result<Ranked, SearchError> {
        let counted = || {
            let facets = request
                .facets
                .iter()
                .map(|facet| Facets::new(facet, &self.facet_maps));
            facets.collect::<Result<Vec<_>, _>>()
        };
        let mut facets = counted()?;
        for facets in &facets {
            self.is_held(searcher, facets, "facets")?;
        }
        // Where nothing is found nothing is kept: the bar is still down for a second look.
        let bar = MinCompetitiveScore::default();
        let mut best = self.evaluate(searcher, &plan, request, &bar, &mut facets)?;
        // No letter has enough of the words: the best that have some.
        let mut relaxed = false;
        if best.letters == 0 && plan.needed > 1 && request.match_mode == MatchMode::Most {
            plan.needed = self.most_words(searcher, &mut plan)?;
            relaxed = true;
            facets = counted()?;
            best = self.evaluate(searcher, &plan, request, &bar, &mut facets)?;
        }
        let counted = || facets.into_iter().map(Facets::counted).collect();
        let ranked = || self.put_in_order(searcher, &plan, request, &mut best);
        let (facets, ranked) = rayon::join(counted, ranked);
        ranked.map_err(|e| SearchError::Index(self.index.broken(&e)))?;
        let found = best
            .found
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .collect();
        Ok(Ranked {
            letters: best.letters,
            items: best.items,
            found,
            relaxed: relaxed && best.letters > 0,
            searcher: searcher.clone(),
            sought: HighlightMatcher::of(&plan),
            plan,
            facets,
        })
    }

    /// Orders the best letters, and by nearness those at the top.
    fn put_in_order(
        &self,
        searcher: &Searcher,
        plan: &Plan,
        request: &Request,
        best: &mut TopDocs<'_>,
    ) -> tantivy::Result<()> {
        let (wanted, found) = (best.wanted(), &mut best.found);
        if wanted > 0 && found.len() > wanted {
            found.select_nth_unstable_by(wanted - 1, |a, b| order(request, a, b));
            found.truncate(wanted);
        }
        found.sort_by(|a, b| order(request, a, b));
        if request.sort == Sort::Relevance && !plan.pairs.is_empty() {
            let looked_at = found.len().min(proximity::RESCORE_WINDOW);
            let near = &mut found[..looked_at];
            let terms = TermResolver::new(searcher, &self.terms);
            proximity::add(self.fields(), &terms, &plan.pairs, near)?;
            near.sort_by(|a, b| order(request, a, b));
        }
        Ok(())
    }

    /// The most words that any letter has of those that pass the filters, at least one.
    pub(super) fn most_words(
        &self,
        searcher: &Searcher,
        plan: &mut Plan,
    ) -> Result<usize, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        plan.needed = 1;
        let evaluation = CompiledQuery::new(plan, searcher, self.fields().kind).map_err(damaged)?;
        let mut most = 1;
        for reader in searcher.segment_readers() {
            evaluation
                .segment(reader, &self.blocks, |found| most = most.max(found.words))
                .map_err(damaged)?;
        }
        Ok(most)
    }

    /// Walks the letters that match: counts them, keeps the best, counts facets. The counts of a
    /// facet ignore that facet's own filter, so that a person sees what else they could choose.
    fn evaluate<'r>(
        &self,
        searcher: &Searcher,
        plan: &Plan,
        request: &'r Request,
        bar: &'r MinCompetitiveScore,
        facets: &mut [Facets],
    ) -> Result<TopDocs<'r>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let evaluation = CompiledQuery::new(plan, searcher, self.fields().kind).map_err(damaged)?;
        let sideways = |facet: &Facets| {
            let filters = &request.filters;
            filters.iter().any(|f| facet.is_filtered_by(&f.name))
        };
        // Segments are walked side by side and put together in their order.
        let one = |(ord, reader): (usize, &SegmentReader)| {
            let looked = evaluation.look(reader, &self.blocks)?;
            let matching = looked.matching(&|_| false);
            let rank = || {
                let mut best = TopDocs::new(request, bar, !plan.pairs.is_empty());
                best.letters = matching.letters.count();
                best.items = matching.items.count();
                if request.wanted() > 0 {
                    // Letters with all the words come first: others matter only where these are few.
                    let complete = looked.complete(&matching);
                    let enough =
                        request.sort == Sort::Relevance && complete.count() >= best.wanted() as u64;
                    let letters = if enough { &complete } else { &matching.letters };
                    let keeper = TopDocsCollector {
                        best: &mut best,
                        segment: ord as u32,
                        key: SegmentKey::open(reader, &self.columns, request.sort)?,
                    };
                    looked.best(letters, &complete, &matching, keeper)?;
                }
                Ok::<_, tantivy::TantivyError>(best)
            };
            let count = || {
                if facets.is_empty() {
                    return Ok(Vec::new());
                }
                let members = MatchedDocs::new(&matching);
                let counters = facets.par_iter().map(|facet| {
                    let mut counter = facet.segment(reader, &self.facet_maps)?;
                    if sideways(facet) {
                        let wider = looked.matching(&|filter| facet.is_filtered_by(filter));
                        counter.count(&MatchedDocs::new(&wider));
                    } else {
                        counter.count(&members);
                    }
                    Ok(counter)
                });
                counters.collect::<tantivy::Result<Vec<_>>>()
            };
            let (best, counters) = rayon::join(rank, count);
            Ok((best?, counters?))
        };
        let parts = searcher
            .segment_readers()
            .par_iter()
            .enumerate()
            .map(one)
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(damaged)?;
        let mut whole = TopDocs::new(request, bar, !plan.pairs.is_empty());
        for (best, counters) in parts {
            whole.take(best);
            for (facet, counter) in facets.iter_mut().zip(counters) {
                facet.add(&counter);
            }
        }
        Ok(whole)
    }

    /// The values that the index holds under a facet, as paths.
    pub(super) fn values_of(&self, searcher: &Searcher, facet: &str) -> Vec<String> {
        let mut values = std::collections::BTreeSet::new();
        for segment in searcher.segment_readers() {
            let Ok(reader) = segment.facet_reader(facet) else {
                continue;
            };
            let Ok(mut stream) = reader.facet_dict().stream() else {
                continue;
            };
            while stream.advance() {
                if let Ok(facet) = tantivy::schema::Facet::from_encoded(stream.key().to_vec()) {
                    values.insert(facet.to_path().join("/"));
                }
            }
        }
        values.into_iter().collect()
    }

    /// The values of a facet with the letters and items that have them, whatever the query; for
    /// completion.
    ///
    /// # Errors
    /// If there is no such facet, or the index is damaged.
    pub fn facet_values(&self, facet: &str, top: usize) -> Result<FacetCounts, SearchError> {
        let request = Request {
            facets: vec![super::FacetRequest {
                path: facet.to_string(),
                top,
            }],
            ..Request::default()
        };
        let mut response = self.search(&request)?;
        Ok(response.facets.remove(0))
    }

    fn suggestions(&self, ranked: &Ranked) -> Vec<(String, Vec<String>)> {
        if ranked.letters > 0 && !ranked.relaxed {
            return Vec::new();
        }
        let searcher = &ranked.searcher;
        let fields = [
            self.fields().rationale,
            self.fields().request,
            self.fields().summary,
        ];
        let known = |way: &Vec<String>| {
            way.iter().all(|word| {
                fields.iter().any(|f| {
                    searcher
                        .doc_freq(&Term::from_field_text(*f, word))
                        .is_ok_and(|n| n > 0)
                })
            })
        };
        let unknown = ranked
            .plan
            .words
            .iter()
            .map(|at| &ranked.plan.leaves[*at])
            .filter(|leaf| !leaf.marks.iter().any(known));
        let cases = self.near_typed_cases(&ranked.plan);
        unknown
            .take(suggest::MOST_WORDS)
            .map(|leaf| {
                (
                    leaf.shown.clone(),
                    suggest::spellings(searcher, &fields, &leaf.shown),
                )
            })
            .filter(|(_, spellings)| !spellings.is_empty())
            .chain(cases)
            .collect()
    }
}

impl Ranked {
    /// How many letters will be loaded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether none will.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}
