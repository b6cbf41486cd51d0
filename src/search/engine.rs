//! From a request to its answer.

use super::block_index::{BlockIndex, BlockIndexCache};
use super::compile::{CompiledQuery, Compiler};
use super::deadline::{Deadline, Interrupted};
use super::error::SearchError;
use super::evaluate::{Evaluation, Segment};
use super::facets::{Facets, MatchedDocs};
use super::fixed_bit_set::FixedBitSet;
use super::index_words::{IndexWords, WordCache};
use super::ordinals::OrdinalMaps;
use super::outcome::Outcome;
use super::plan::LogicalPlan;
use super::request::{FacetCounts, MatchMode, Request, Response, Sort};
use super::scoring::ScoreInput;
use super::segment_cache::{ColumnCache, GenerationCache, SegmentCache};
use super::snippet::HighlightMatcher;
use super::terms::{Statistics, TermCache, TermResolver};
use super::top_docs::{
    MinCompetitiveScore, RESCORE_WINDOW, ScoredDoc, SegmentKey, TopDocs, TopDocsCollector, order,
};
use super::{proximity, spelling};
use crate::index::{Fields, Index, IndexError};
use crate::vocabulary::{Drugs, nearest};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tantivy::store::StoreReader;
use tantivy::{Searcher, SegmentReader};

/// Answers requests over one index.
pub struct Engine {
    state: Arc<State>,
    /// When every search must be done.
    deadline: Option<Instant>,
}

/// An index, and what is cached of it.
pub struct State {
    pub(super) index: Index,
    pub(super) facet_maps: OrdinalMaps,
    pub(super) blocks: BlockIndexCache,
    pub(super) terms: TermCache,
    pub(super) words: WordCache,
    values: GenerationCache<String, Vec<String>>,
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
    /// What fills a page after them; None where only those among `found` may.
    pub(super) others: Option<Vec<ScoredDoc>>,
    /// What was searched: the letters are loaded from the same, whatever is committed meanwhile.
    pub(super) searcher: Searcher,
    pub(super) query: CompiledQuery,
    /// What snippets mark.
    pub(super) highlights: HighlightMatcher,
    facets: Vec<FacetCounts>,
    /// No letter had enough of the words: these are the best partial matches.
    pub relaxed: bool,
    /// What the answer says about itself.
    pub outcome: Outcome,
}

impl Engine {
    /// Opens an index for searching.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn open(path: &Path) -> Result<Engine, IndexError> {
        Ok(Engine::new(Index::open_to_search(path)?))
    }

    /// Searches an index that is already open.
    #[must_use]
    pub fn new(index: Index) -> Engine {
        let state = State {
            index,
            facet_maps: OrdinalMaps::default(),
            blocks: BlockIndexCache::default(),
            terms: TermCache::default(),
            words: WordCache::default(),
            values: GenerationCache::default(),
            columns: ColumnCache::default(),
            stores: SegmentCache::default(),
        };
        Engine {
            state: Arc::new(state),
            deadline: None,
        }
    }

    /// The same engine, whose searches end with [`SearchError::TimedOut`] at a moment.
    #[must_use]
    pub fn until(&self, moment: Instant) -> Engine {
        Engine {
            state: Arc::clone(&self.state),
            deadline: Some(moment),
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
        let ranked = self.rank_request(request, true)?;
        let mut found = ranked.found.clone();
        let mut others = Vec::new();
        if !request.mentions {
            let answers = found.iter().take_while(|hit| hit.tier.answers).count();
            others = found.split_off(answers);
            if let Some(filling) = &ranked.others {
                others.clone_from(filling);
            } else if !request.fills_a_page(answers) && !ranked.outcome.only_mentions {
                others.clear();
            }
        }
        found.append(&mut others.clone());
        let mut hits = self.load_all(&ranked, &found, request)?;
        let mention_hits = hits.split_off(found.len() - others.len());
        Ok(Response {
            hits,
            mention_hits,
            millis: start.elapsed().as_secs_f64() * 1000.0,
            ..self.without_hits(&ranked)
        })
    }

    /// What an answer says beside its hits.
    #[must_use]
    pub fn without_hits(&self, ranked: &Ranked) -> Response {
        let outcome = ranked.outcome.clone();
        let plan = &ranked.query.plan;
        Response {
            letters: ranked.letters,
            items: ranked.items,
            hits: Vec::new(),
            facets: ranked.facets.clone(),
            concepts: outcome.concepts,
            mentions: outcome.mentions,
            others: outcome.others,
            mention_hits: Vec::new(),
            narrowed: plan.narrows(),
            only_mentions: outcome.only_mentions,
            preferred_decision: outcome.preferred_decision,
            dropped: outcome.dropped,
            drop_one: outcome.drop_one,
            expanded: ranked.query.expanded.clone(),
            relaxed: ranked.relaxed,
            suggestions: self.suggestions(ranked),
            understood: plan.understood.clone(),
            notes: plan.notes.clone(),
            corrected: plan.corrected.clone(),
            millis: 0.0,
        }
    }

    /// Finds and orders the letters of a request without loading them: for exports, which load one
    /// after the other. Letters that only mention the concepts are among them only where the request
    /// asks for them.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn ranked(&self, request: &Request) -> Result<Ranked, SearchError> {
        let mut ranked = self.rank_request(request, false)?;
        if !request.mentions {
            ranked.found.retain(|found| found.tier.answers);
        }
        Ok(ranked)
    }

    fn rank_request(&self, request: &Request, fills: bool) -> Result<Ranked, SearchError> {
        let searcher = self.index.reader.searcher();
        let query = self.compile(&searcher, self.plan(&searcher, request)?, request, true)?;
        self.rank(&searcher, query, request, fills)
    }

    /// The logical plan of a request.
    pub(super) fn plan(
        &self,
        searcher: &Searcher,
        request: &Request,
    ) -> Result<LogicalPlan, SearchError> {
        let terms = TermResolver::new(searcher, &self.terms);
        let spelled = spelling::spelled(request, &IndexWords::new(terms, &self.words));
        let mut plan = spelled.plan(request, &|facet| self.values_of(searcher, facet).to_vec())?;
        if let Some(after) = &request.added_after {
            plan.filters.letter.push(self.added_after(searcher, after)?);
        }
        Ok(plan)
    }

    /// A plan made ready for the index.
    pub(super) fn compile(
        &self,
        searcher: &Searcher,
        plan: LogicalPlan,
        request: &Request,
        scored: bool,
    ) -> Result<CompiledQuery, SearchError> {
        let statistics = Statistics::new(searcher).map_err(|e| self.failed(e.into()))?;
        let compiler = Compiler {
            terms: TermResolver::new(searcher, &self.terms),
            statistics,
            knows_phrases: self.index.knows_phrases,
            scored,
            deadline: Deadline::at(request.deadline.into_iter().chain(self.deadline).min()),
        };
        compiler.compile(plan).map_err(|e| self.failed(e))
    }

    /// What a search says that ended early.
    pub(super) fn failed(&self, interrupted: Interrupted) -> SearchError {
        match interrupted {
            Interrupted::TimedOut => SearchError::TimedOut,
            Interrupted::Refused(error) => *error,
            Interrupted::Engine(error) => SearchError::Index(self.index.broken(&error)),
        }
    }

    /// Evaluates a query in every segment.
    pub(super) fn evaluate<'s>(
        &self,
        query: &'s CompiledQuery,
        searcher: &'s Searcher,
        mode: MatchMode,
    ) -> Result<Evaluation<'s>, SearchError> {
        let evaluation = query.evaluate(searcher, mode, |reader| self.blocks(reader));
        evaluation.map_err(|e| self.failed(e))
    }

    /// Finds and orders the letters of a plan, with those that fill a page if the answers do not.
    pub(super) fn rank(
        &self,
        searcher: &Searcher,
        query: CompiledQuery,
        request: &Request,
        fills: bool,
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
        let evaluation = self.evaluate(&query, searcher, request.match_mode)?;
        let bar = MinCompetitiveScore::default();
        let mut best = self.best(&evaluation, &query, request, &bar, &mut facets)?;
        let outcome = Outcome::of(&evaluation, &query.plan, &request.filters);
        let others = if fills {
            self.filling(searcher, &evaluation, &query.plan, request, outcome.letters)?
        } else {
            None
        };
        drop(evaluation);
        let counted = || facets.into_iter().map(Facets::counted).collect();
        let ranked = || self.put_in_order(searcher, &query.plan, request, &mut best);
        let (facets, ranked) = rayon::join(counted, ranked);
        ranked.map_err(|e| self.failed(e.into()))?;
        let found = best
            .found
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .collect();
        Ok(Ranked {
            letters: outcome.letters,
            items: outcome.items,
            found,
            others,
            relaxed: outcome.relaxed,
            outcome,
            searcher: searcher.clone(),
            highlights: HighlightMatcher::of(&query),
            query,
            facets,
        })
    }

    /// Orders the best letters, those at the top by proximity as well.
    pub(super) fn put_in_order(
        &self,
        searcher: &Searcher,
        plan: &LogicalPlan,
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
            let looked_at = found.len().min(RESCORE_WINDOW);
            let near = &mut found[..looked_at];
            let terms = TermResolver::new(searcher, &self.terms);
            proximity::add(&terms, &plan.pairs, near)?;
            near.sort_by(|a, b| order(request, a, b));
        }
        Ok(())
    }

    /// Walks the letters that answer: keeps the best, counts facets. The counts of a facet ignore that
    /// facet's own filter, so that a person sees what else they could choose.
    fn best<'r>(
        &self,
        evaluation: &Evaluation<'_>,
        query: &CompiledQuery,
        request: &'r Request,
        bar: &'r MinCompetitiveScore,
        facets: &mut [Facets],
    ) -> Result<TopDocs<'r>, SearchError> {
        let plan = &query.plan;
        let sideways = |facet: &Facets| {
            let filters = &request.filters;
            filters
                .iter()
                .any(|f| facet.is_chosen_by(&f.name, f.negated))
        };
        // What only mentions the concepts is shown where nothing else is, and never counted.
        let only_mentions = evaluation.strictness.mentions;
        // Segments are walked side by side and put together in their order.
        let one = |(ord, segment): (usize, &Segment<'_>)| {
            let looked = &segment.matches;
            let reader = looked.reader;
            let rank = || {
                let mut best = TopDocs::new(request, bar, !plan.pairs.is_empty());
                if request.wanted() > 0 {
                    let collector = |best| {
                        let key = SegmentKey::open(reader, &self.columns, request.sort)?;
                        Ok::<_, Interrupted>(TopDocsCollector {
                            best,
                            segment: ord as u32,
                            key,
                        })
                    };
                    let shown = segment.with_mentions(evaluation.strictness);
                    let none = FixedBitSet::none(looked.blocks.documents());
                    let answering = if only_mentions {
                        &none
                    } else {
                        &segment.answers.letters
                    };
                    let wished = match &looked.wished {
                        Some(wished) => {
                            let mut wished = wished.clone();
                            wished.and(&shown.items);
                            looked.blocks.letters_of(&wished)
                        }
                        None => none.clone(),
                    };
                    let complete = looked.complete(shown);
                    // Whole tiers come first: others matter only where these are few.
                    let mut letters = shown.letters.clone();
                    if request.sort == Sort::Relevance {
                        let tiers = [
                            (!only_mentions, answering),
                            (looked.wished.is_some(), &wished),
                        ];
                        for (_, tier) in tiers.into_iter().filter(|(decides, _)| *decides) {
                            let mut top = letters.clone();
                            top.and(tier);
                            if top.count() < best.wanted() as u64 {
                                break;
                            }
                            letters = top;
                        }
                    }
                    let input = ScoreInput {
                        letters: &letters,
                        matching: shown,
                        answering,
                        wished: &wished,
                        complete: &complete,
                    };
                    looked.best(&input, collector(&mut best)?)?;
                }
                Ok::<_, Interrupted>(best)
            };
            let count = || {
                if facets.is_empty() {
                    return Ok(Vec::new());
                }
                let members = MatchedDocs::new(&segment.answers);
                let counters = facets.par_iter().map(|facet| {
                    query.deadline.check()?;
                    let mut counter = facet.segment(reader, &self.facet_maps)?;
                    if only_mentions {
                        return Ok(counter);
                    }
                    if sideways(facet) {
                        let own = |name: &str, negated| facet.is_chosen_by(name, negated);
                        let wider = segment.without_filters(&own);
                        counter.count(&MatchedDocs::new(&wider));
                    } else {
                        counter.count(&members);
                    }
                    Ok(counter)
                });
                counters.collect::<Result<Vec<_>, Interrupted>>()
            };
            let (best, counters) = rayon::join(rank, count);
            Ok((best?, counters?))
        };
        let segments = evaluation.segments.par_iter().enumerate().map(one);
        let parts = segments
            .collect::<Result<Vec<_>, Interrupted>>()
            .map_err(|e| self.failed(e))?;
        let mut whole = TopDocs::new(request, bar, !plan.pairs.is_empty());
        for (best, counters) in parts {
            whole.take(best);
            for (facet, counter) in facets.iter_mut().zip(counters) {
                facet.add(&counter);
            }
        }
        Ok(whole)
    }

    /// The values that the index holds under a facet, as paths; read once.
    pub(super) fn values_of(&self, searcher: &Searcher, facet: &str) -> Arc<Vec<String>> {
        let list = |facet: &String| held(searcher, facet);
        self.values.of(searcher, facet.to_string(), list, |_| true)
    }

    /// A value below which to count must be one that the index has; see [`is_held`].
    pub(super) fn is_held(
        &self,
        searcher: &Searcher,
        facets: &Facets,
        option: &str,
    ) -> Result<(), SearchError> {
        is_held(facets, option, &|key| self.values_of(searcher, key))
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
            limit: 0,
            ..Request::default()
        };
        let mut response = self.search(&request)?;
        Ok(response.facets.remove(0))
    }

    /// Spellings for words and case numbers that no letter has.
    fn suggestions(&self, ranked: &Ranked) -> Vec<(String, Vec<String>)> {
        let plan = &ranked.query.plan;
        let words = plan.unknown.iter().cloned();
        let found = ranked.letters > 0 || ranked.outcome.only_mentions;
        words.chain(self.near_typed_cases(plan, found)).collect()
    }
}

/// A value below which to count must be one that the index has, or a class of drugs: a typo in what
/// an option named is told.
pub(super) fn is_held(
    facets: &Facets,
    option: &str,
    values_of: &dyn Fn(&str) -> Arc<Vec<String>>,
) -> Result<(), SearchError> {
    let Some(last) = facets.below.last() else {
        return Ok(());
    };
    let depth = facets.below.len();
    if *facets.base == crate::fields::DRUG && depth == 1 && Drugs::get().class(last).is_some() {
        return Ok(());
    }
    let values = values_of(facets.base.key);
    let parts = |value: &str| value.split('/').map(str::to_lowercase).collect::<Vec<_>>();
    let below: Vec<String> = facets.below.iter().map(|s| s.to_lowercase()).collect();
    if values.iter().any(|value| parts(value).starts_with(&below)) {
        return Ok(());
    }
    let alike: Vec<&str> = values
        .iter()
        .filter_map(|value| value.split('/').nth(depth - 1))
        .collect();
    let mut suggestions = nearest(last, alike.iter().copied());
    if suggestions.is_empty() {
        // "opiod" is far from "opioid analgesic", but near its first word.
        let words = alike.iter().filter_map(|value| value.split(' ').next());
        suggestions = nearest(last, words);
    }
    Err(SearchError::UnknownValue {
        filter: option.to_string(),
        value: facets.below.join("/"),
        suggestions,
    })
}

/// The values that the segments hold under a facet, as paths.
fn held(searcher: &Searcher, facet: &str) -> Vec<String> {
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

impl std::ops::Deref for Engine {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
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
