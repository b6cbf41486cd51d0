//! Searches that a cluster answers.

use super::super::collect::Understood;
use super::super::engine::is_held;
use super::super::error::SearchError;
use super::super::facets::Facets;
use super::super::ordinals::OrdinalMaps;
use super::super::outcome::{TriedWithout, tried_without};
use super::super::plan::{FieldClause, LogicalPlan};
use super::super::request::{
    DropOne, Expansion, FacetCounts, FacetRequest, Hit, HitItem, MatchMode, Request, Response, Sort,
};
use super::super::snippet::{self, HighlightMatcher};
use super::super::spelling;
use super::address::Address;
use super::client::Client;
use super::error::ClusterError;
use super::mapping::{ITEMS, K1};
use super::push::{is_ours, state};
use super::query::{
    Matching, Queries, QueryScope, TermStatistics, all, inside, is_item, level, nested, not,
    predicate,
};
use super::snapshot::Snapshot;
use super::words::{TermCache, Words};
use crate::fields::{self, Level};
use crate::index::unpacked;
use crate::letter::Letter;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A cluster gives so many hits of one request, and no more.
const WINDOW: usize = 10_000;
/// Letters of one request where many are wanted.
pub(super) const PAGE: usize = 500;
/// Values of one request.
const BUCKETS: usize = 5_000;
/// Matching items of one letter that come with it; where there are more, they are asked for again.
const INNER: usize = 100;
/// How often an answer is begun anew because a node that had begun it is gone.
const TRIES: u32 = 4;
/// Parts of a query that are counted in one request.
const COUNTED: usize = 32;

/// Answers requests over an index on a cluster.
pub struct Cluster {
    opened: Arc<Opened>,
    /// When every search must be done.
    deadline: Option<Instant>,
}

/// An index on a cluster, and what is cached of it.
pub struct Opened {
    pub(super) client: Client,
    cache: Mutex<(String, Arc<TermCache>)>,
    /// How soon more of a word adds nothing more to the score, by text field.
    saturation: HashMap<String, f32>,
}

impl std::ops::Deref for Cluster {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        &self.opened
    }
}

/// What the last push to a cluster left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPush {
    /// All letters are there.
    Complete,
    /// It did not come to its end, or has not yet.
    Unfinished,
    /// It came to its end, and the cluster refused so many letters.
    Refused(u64),
}

impl LastPush {
    /// Of what [`Cluster::pushed`] gives.
    #[must_use]
    pub fn of(said: &Value) -> LastPush {
        match (said["complete"] == true, number(&said["refused"])) {
            (true, _) => LastPush::Complete,
            (false, 0) => LastPush::Unfinished,
            (false, refused) => LastPush::Refused(refused),
        }
    }

    /// What is to be known of it with every answer; None where all letters are there.
    fn note(self) -> Option<String> {
        match self {
            LastPush::Complete => None,
            LastPush::Unfinished => Some(
                "the last push to this cluster did not finish: letters may be missing; run imr push again"
                    .to_string(),
            ),
            LastPush::Refused(letters) => Some(format!(
                "the cluster refused {letters} of the letters that were pushed last, and they are missing here; run imr push again to see why"
            )),
        }
    }
}

/// A request understood, and what of it is asked for.
pub(super) struct Settled {
    pub plan: LogicalPlan,
    pub needed: usize,
    /// Concepts need only be mentioned, since nothing answers otherwise.
    pub mentions: bool,
    pub relaxed: bool,
    /// What answers.
    pub answers: Matching,
    pub letters: u64,
    pub items: u64,
    /// What answers or only mentions.
    with_mentions: Matching,
    letters_with_mentions: u64,
}

/// One state of the index, and what is known of it.
pub(super) struct State<'c> {
    pub cluster: &'c Cluster,
    pub snapshot: Snapshot<'c>,
    pub cache: Arc<TermCache>,
    last_push: LastPush,
}

/// Letters in their order, from an answer.
#[derive(Debug, Clone)]
struct Tier {
    query: Value,
    /// What its items must have.
    unit: Value,
    mention: bool,
}

impl Cluster {
    /// Opens an index on a cluster.
    ///
    /// # Errors
    /// If no node answers, there is no such index, or it is not one that this program made.
    pub fn open(address: Address) -> Result<Cluster, SearchError> {
        let client = Client::new(address)?;
        let saturation = is_ours(&client)?;
        let opened = Opened {
            client,
            saturation,
            cache: Mutex::default(),
        };
        Ok(Cluster {
            opened: Arc::new(opened),
            deadline: None,
        })
    }

    /// The same, whose searches end with [`SearchError::TimedOut`] at a moment.
    #[must_use]
    pub fn until(&self, moment: Instant) -> Cluster {
        Cluster {
            opened: Arc::clone(&self.opened),
            deadline: Some(moment),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Does some work on one state of the index; on another where the nodes that had that one are gone.
    pub(super) fn with_state<T>(
        &self,
        request: &Request,
        work: impl Fn(&State<'_>) -> Result<T, SearchError>,
    ) -> Result<T, SearchError> {
        let deadline = request.deadline.into_iter().chain(self.deadline).min();
        let mut tried = 0;
        loop {
            tried += 1;
            let done = self.state(deadline).map_err(SearchError::from);
            match done.and_then(|state| work(&state)) {
                Err(SearchError::Lost(_)) if tried < TRIES => {}
                done => return done,
            }
        }
    }

    fn state(&self, deadline: Option<Instant>) -> Result<State<'_>, ClusterError> {
        let said = state(&self.client, deadline)?;
        let version = said["version"].as_str().unwrap_or_default().to_string();
        let cache = {
            let mut kept = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.0 != version || version.is_empty() {
                let cache = TermCache::of(number(&said["documents"]), number(&said["letters"]));
                *kept = (version, Arc::new(cache));
            }
            Arc::clone(&kept.1)
        };
        Ok(State {
            snapshot: Snapshot::open(&self.client, deadline)?,
            cluster: self,
            cache,
            last_push: LastPush::of(&said),
        })
    }

    /// What is told of the last push.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn pushed(&self) -> Result<Value, SearchError> {
        Ok(state(&self.client, self.deadline)?)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// If it cannot be understood, or the cluster does not answer.
    pub fn search(&self, request: &Request) -> Result<Response, SearchError> {
        let start = Instant::now();
        let mut response = self.with_state(request, |state| state.response(request))?;
        response.millis = start.elapsed().as_secs_f64() * 1000.0;
        Ok(response)
    }
}

impl State<'_> {
    pub(super) fn words(&self) -> Words<'_> {
        Words {
            client: &self.cluster.client,
            cache: &self.cache,
            deadline: self.snapshot.deadline(),
        }
    }

    /// The values that the letters have under a facet.
    pub(super) fn values_of(&self, key: &str) -> Arc<Vec<String>> {
        let kept = || {
            self.cache
                .values
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(values) = kept().get(key) {
            return Arc::clone(values);
        }
        let field = fields::with_key(key);
        let is_path = field.is_some_and(|field| {
            matches!(
                field.storage,
                fields::Storage::Facet(_) | fields::Storage::Path(_)
            )
        });
        if !is_path {
            return Arc::default();
        }
        let everything = Matching {
            unit: json!({"match_all": {}}),
            letter: Vec::new(),
        };
        let field = level(key, super::mapping::LEVELS);
        let Ok(buckets) = self.buckets(&everything, &[&field], json!({})) else {
            return Arc::default();
        };
        let names = buckets
            .iter()
            .filter_map(|bucket| bucket["key"]["0"].as_str());
        let mut values: Vec<String> = names.map(str::to_string).collect();
        values.sort();
        let values = Arc::new(values);
        kept().insert(key.to_string(), Arc::clone(&values));
        values
    }

    pub(super) fn plan(&self, request: &Request) -> Result<LogicalPlan, SearchError> {
        if request.added_after.is_some() {
            return Err(SearchError::NotHere(
                "an index on a cluster does not know when letters were added; use an index folder"
                    .to_string(),
            ));
        }
        if request.explain {
            return Err(SearchError::NotHere(
                "an index on a cluster does not explain its scores; use an index folder"
                    .to_string(),
            ));
        }
        let words = self.words();
        let spelled = spelling::spelled(request, &words);
        let mut plan = spelled.plan(request, &|key| self.values_of(key).to_vec())?;
        plan.notes.extend(self.last_push.note());
        Ok(plan)
    }

    /// Counts letters and items of what matches, in one request or a few.
    pub(super) fn count(&self, sets: &[Matching]) -> Result<Vec<(u64, u64)>, SearchError> {
        let mut counts = Vec::with_capacity(sets.len());
        for sets in sets.chunks(COUNTED) {
            let mut aggregations = Map::new();
            for (n, set) in sets.iter().enumerate() {
                aggregations.insert(
                    n.to_string(),
                    json!({
                        "filter": set.letters(),
                        "aggs": {"in": {"nested": {"path": ITEMS}, "aggs": {
                            "items": {"filter": all(vec![set.unit.clone(), is_item()])},
                        }}},
                    }),
                );
            }
            let said = self.snapshot.search(json!({
                "size": 0,
                "track_total_hits": false,
                "query": {"term": {"kind": "letter"}},
                "aggs": aggregations,
            }))?;
            for n in 0..sets.len() {
                let own = &said["aggregations"][n.to_string()];
                counts.push((
                    number(&own["doc_count"]),
                    number(&own["in"]["items"]["doc_count"]),
                ));
            }
        }
        Ok(counts)
    }

    /// Decides how much of a plan is asked for: as much as planned, if an item has that.
    pub(super) fn settle(
        &self,
        plan: LogicalPlan,
        mode: MatchMode,
    ) -> Result<Settled, SearchError> {
        let queries = Queries {
            plan: &plan,
            statistics: self,
        };
        let asked = |needed: usize, mentions: bool| {
            queries.matching(QueryScope {
                needed,
                mentions,
                without: None,
                left_out: &|_, _| false,
            })
        };
        let has_concepts = plan.has_concepts();
        let found = |needed: usize, mentions: bool, relaxed: bool| {
            let answers = asked(needed, mentions);
            let with_mentions = asked(needed, true);
            let counts = self.count(&[answers.clone(), with_mentions.clone()])?;
            Ok::<_, SearchError>(Settled {
                plan: LogicalPlan::default(),
                needed,
                mentions,
                relaxed,
                answers,
                letters: counts[0].0,
                items: counts[0].1,
                with_mentions,
                letters_with_mentions: counts[1].0,
            })
        };
        let mut settled = found(plan.needed, false, false)?;
        if settled.letters == 0 && has_concepts && settled.letters_with_mentions > 0 {
            settled = found(plan.needed, true, false)?;
        } else if settled.letters == 0 && mode == MatchMode::Most && plan.needed > 1 {
            for mentions in [false, true] {
                if mentions && !has_concepts {
                    break;
                }
                let tried: Vec<Matching> = (1..=plan.words.len())
                    .map(|needed| asked(needed, mentions))
                    .collect();
                let counts = self.count(&tried)?;
                let most = counts.iter().rposition(|(letters, _)| *letters > 0);
                if let Some(most) = most {
                    settled = found(most + 1, mentions, true)?;
                    break;
                }
            }
        }
        settled.plan = plan;
        Ok(settled)
    }

    /// What an answer says beside its hits and facets.
    pub(super) fn outcome(
        &self,
        settled: &Settled,
        request: &Request,
    ) -> Result<Response, SearchError> {
        let plan = &settled.plan;
        let queries = Queries {
            plan,
            statistics: self,
        };
        let only_mentions = settled.mentions && settled.letters > 0;
        let mut response = Response {
            letters: if only_mentions { 0 } else { settled.letters },
            items: if only_mentions { 0 } else { settled.items },
            concepts: plan.concepts.iter().map(|c| c.note.clone()).collect(),
            only_mentions,
            relaxed: settled.relaxed && settled.letters > 0,
            narrowed: plan.narrows(),
            understood: plan.understood.clone(),
            notes: plan.notes.clone(),
            corrected: plan.corrected.clone(),
            expanded: self.expanded(plan),
            ..Response::default()
        };
        if only_mentions {
            response.mentions = settled.letters;
        } else if plan.has_concepts() {
            response.mentions = settled
                .letters_with_mentions
                .saturating_sub(settled.letters);
        }
        // All that is still to be counted, in one request.
        let mut sets: Vec<Matching> = Vec::new();
        let asked = |mentions, left_out| QueryScope {
            needed: settled.needed,
            mentions,
            without: None,
            left_out,
        };
        let is_document = |name: &str, _: bool| name == fields::DOCUMENT.name;
        if plan.leaves_out_others() {
            sets.push(queries.matching(asked(true, &is_document)));
            sets.push(settled.with_mentions.clone());
        }
        if let Some(wish) = &plan.wish {
            sets.push(settled.answers.and(predicate(&wish.predicate)));
        }
        let misses = settled.letters > 0 && settled.needed < plan.words.len();
        if misses {
            let words = plan.words.iter();
            sets.extend(words.map(|word| settled.answers.and(queries.has(*word, true))));
        }
        let tried = if response.letters == 0 {
            tried_without(plan, &request.filters)
        } else {
            Vec::new()
        };
        for (what, _) in &tried {
            let (without, name) = match what {
                TriedWithout::Filter(name) => (None, Some(*name)),
                TriedWithout::Part(part) => (Some(*part), None),
            };
            let left_out = |filter: &str, _: bool| Some(filter) == name;
            sets.push(queries.matching(QueryScope {
                needed: plan.needed,
                mentions: false,
                without,
                left_out: &left_out,
            }));
        }
        let mut counts = self.count(&sets)?.into_iter();
        let mut next = || counts.next().unwrap_or((0, 0));
        if plan.leaves_out_others() {
            let (with, without) = (next().0, next().0);
            response.others = with.saturating_sub(without);
        }
        if let Some(wish) = &plan.wish {
            let items = next().1.min(response.items);
            response.preferred_decision = Some(wish.counted(items, response.items));
        }
        if misses {
            for word in &plan.words {
                if next().0 == 0 {
                    response.dropped.push(plan.clauses[*word].shown.clone());
                }
            }
        }
        for (what, text) in tried {
            let (letters, items) = next();
            let filter = match what {
                TriedWithout::Filter(name) => Some(name.to_string().into()),
                TriedWithout::Part(_) => None,
            };
            if letters > 0 {
                response.drop_one.push(DropOne {
                    filter,
                    text,
                    letters,
                    items,
                });
            }
        }
        Ok(response)
    }

    fn expanded(&self, plan: &LogicalPlan) -> Vec<Expansion> {
        let mut expanded = Vec::new();
        for expansion in plan
            .expansions
            .iter()
            .filter(|expansion| expansion.reported)
        {
            let held = expansion.alternatives.iter();
            let held = held.filter(|one| !one.shown.is_empty() && self.knows(&one.clauses));
            let also: Vec<String> = held.map(|one| one.shown.clone()).collect();
            if !also.is_empty() {
                expanded.push(Expansion {
                    word: expansion.typed.clone(),
                    also,
                });
            }
        }
        expanded
    }

    pub(super) fn highlights(&self, plan: &LogicalPlan) -> HighlightMatcher {
        let marks: Vec<Vec<Vec<String>>> = plan
            .clauses
            .iter()
            .map(|clause| {
                let mut marks = clause.marks.clone();
                let expansion = clause.expansion.filter(|_| !clause.excluded);
                let others = expansion
                    .into_iter()
                    .flat_map(|at| &plan.expansions[at].alternatives);
                let held = others.filter(|one| !one.marks.is_empty() && self.knows(&one.clauses));
                marks.extend(held.map(|one| one.marks.clone()));
                marks
            })
            .collect();
        HighlightMatcher::with(plan.clauses.iter().zip(marks.iter().map(Vec::as_slice)))
    }

    fn response(&self, request: &Request) -> Result<Response, SearchError> {
        let plan = self.plan(request)?;
        let settled = self.settle(plan, request.match_mode)?;
        let mut response = self.outcome(&settled, request)?;
        response.facets = self.facets(&settled, &request.facets)?;
        let plan = &settled.plan;
        response.suggestions = plan.unknown.clone();
        let found = response.letters > 0 || response.only_mentions;
        let near = self.near_typed_cases(plan, found)?;
        response.suggestions.extend(near);
        if request.limit == 0 {
            return Ok(response);
        }
        let highlights = self.highlights(plan);
        let mut hits = Vec::new();
        self.each_hit(&settled, request, true, true, &mut |mut hit| {
            if request.snippets {
                hit.snippets = snippet::requests(&hit.letter, &hit.items, &highlights);
                hit.snippets
                    .extend(snippet::fragments(&hit.letter, &hit.items, &highlights));
            }
            hits.push(hit);
            Ok(())
        })?;
        if !request.mentions {
            let answers = hits.iter().take_while(|hit| !hit.mention).count();
            response.mention_hits = hits.split_off(answers);
            // They fill a page that a person reads, and none beyond the answers.
            let fills = request.fills_a_page(answers);
            if !fills && !response.only_mentions {
                response.mention_hits.clear();
            }
        }
        response.hits = hits;
        Ok(response)
    }

    /// What comes before what, whatever the score.
    fn tiers(&self, settled: &Settled, request: &Request, mentions: bool) -> Vec<Tier> {
        let plan = &settled.plan;
        let tier = |set: &Matching, more: Vec<Value>, mention: bool| {
            let mut filters = vec![set.letters()];
            filters.extend(more);
            Tier {
                query: all(filters),
                unit: set.unit.clone(),
                mention,
            }
        };
        let mut tiers = Vec::new();
        let mut sets = vec![(&settled.answers, Vec::new(), settled.mentions)];
        if mentions && !settled.mentions && plan.has_concepts() {
            sets.push((
                &settled.with_mentions,
                vec![not(settled.answers.letters())],
                true,
            ));
        }
        for (set, more, mention) in sets {
            match plan
                .wish
                .as_ref()
                .filter(|_| request.sort == Sort::Relevance)
            {
                None => tiers.push(tier(set, more, mention)),
                Some(wish) => {
                    let wished = set.and(predicate(&wish.predicate)).letters();
                    let first = [more.clone(), vec![wished.clone()]].concat();
                    tiers.push(tier(set, first, mention));
                    tiers.push(tier(set, [more, vec![not(wished)]].concat(), mention));
                }
            }
        }
        tiers
    }

    /// Hands over the letters that are asked for, in their order.
    pub(super) fn each_hit(
        &self,
        settled: &Settled,
        request: &Request,
        mentions: bool,
        scored: bool,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<(), SearchError> {
        let plan = &settled.plan;
        let queries = Queries {
            plan,
            statistics: self,
        };
        let words: Vec<Value> = plan
            .words
            .iter()
            .map(|word| queries.has(*word, true))
            .collect();
        let all_words = (settled.needed < words.len()).then(|| all(words));
        let scores = scored || request.sort == Sort::Relevance;
        let scoring = if scores {
            queries.scoring()
        } else {
            Vec::new()
        };
        let (mut skip, mut left) = (request.offset, request.limit);
        for tier in self.tiers(settled, request, mentions) {
            if left == 0 {
                break;
            }
            let scored = json!({"bool": {"filter": [tier.unit], "should": scoring}});
            let inner = json!({"name": "which", "size": INNER, "_source": false});
            let which = |score_mode: &str| {
                json!({"nested": {
                    "path": ITEMS,
                    "score_mode": score_mode,
                    "query": scored,
                    "inner_hits": inner,
                }})
            };
            let (mut must, mut should) = (Vec::new(), Vec::new());
            if request.sort == Sort::Items {
                let each = all(vec![tier.unit.clone(), is_item()]);
                should.push(json!({"nested": {
                    "path": ITEMS,
                    "score_mode": "sum",
                    "query": {"constant_score": {"filter": each, "boost": 1}},
                }}));
                should.push(which("none"));
            } else {
                must.push(which("max"));
            }
            if let Some(all_words) = &all_words {
                let complete = all(vec![tier.unit.clone(), all_words.clone()]);
                let mut complete = nested(&complete);
                complete["nested"]["_name"] = json!("complete");
                should.push(complete);
            }
            let query = json!({"bool": {"filter": [tier.query], "must": must, "should": should}});
            let mut after: Option<Value> = None;
            loop {
                let deep = skip.saturating_add(left) > WINDOW || after.is_some();
                let size = if deep { PAGE } else { left.min(WINDOW) };
                let mut body = json!({
                    "size": size,
                    "query": query,
                    "sort": sort(request.sort),
                    "track_scores": true,
                    "track_total_hits": true,
                    "_source": ["record", "files", "id"],
                });
                if !deep {
                    body["from"] = json!(skip);
                }
                if let Some(after) = &after {
                    body["search_after"] = after.clone();
                }
                let said = self.snapshot.search(body)?;
                let total = number(&said["hits"]["total"]["value"]);
                let found = said["hits"]["hits"]
                    .as_array()
                    .map_or(&[][..], Vec::as_slice);
                if !deep {
                    for hit in found {
                        take(self.hit(hit, &tier, all_words.is_none())?)?;
                    }
                    left = left.saturating_sub(found.len());
                    skip = skip.saturating_sub(usize::try_from(total).unwrap_or(usize::MAX));
                    break;
                }
                for hit in found {
                    if skip > 0 {
                        skip -= 1;
                    } else if left > 0 {
                        left -= 1;
                        take(self.hit(hit, &tier, all_words.is_none())?)?;
                    }
                }
                after = found.last().map(|hit| hit["sort"].clone());
                if found.len() < size || left == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    fn hit(&self, hit: &Value, tier: &Tier, complete: bool) -> Result<Hit, SearchError> {
        let letter = letter_of(&hit["_source"])?;
        let mut which = hit["inner_hits"]["which"]["hits"].clone();
        if number(&which["total"]["value"]) > INNER as u64 {
            let id = hit["_source"]["id"].as_str().unwrap_or_default();
            let again = json!({"nested": {
                "path": ITEMS,
                "query": tier.unit,
                "inner_hits": {"name": "which", "size": WINDOW, "_source": false},
            }});
            let query = all(vec![json!({"term": {"id": id}}), again]);
            let mut said = self
                .snapshot
                .search(json!({"size": 1, "query": query, "_source": false}))?;
            which = said["hits"]["hits"][0]["inner_hits"]["which"]["hits"].take();
        }
        let mut items = Vec::new();
        for item in which["hits"].as_array().map_or(&[][..], Vec::as_slice) {
            let at = usize::try_from(number(&item["_nested"]["offset"])).unwrap_or(usize::MAX);
            if at < letter.items.len() {
                let score = item["_score"].as_f64().unwrap_or(0.0) as f32;
                items.push(HitItem { item: at, score });
            }
        }
        items.sort_by_key(|item| item.item);
        let named = hit["matched_queries"].as_array();
        Ok(Hit {
            letter,
            id: hit["_source"]["id"]
                .as_str()
                .unwrap_or_default()
                .to_string(),
            files: texts(&hit["_source"]["files"]),
            score: hit["_score"].as_f64().unwrap_or(0.0) as f32,
            complete: complete || named.is_some_and(|names| names.contains(&json!("complete"))),
            mention: tier.mention,
            partial: false,
            items,
            snippets: Vec::new(),
            explanation: Vec::new(),
        })
    }

    /// The counts of facets, each without its own filter. Facets of which no value is chosen count the same
    /// documents: they are asked for together.
    fn facets(
        &self,
        settled: &Settled,
        requests: &[FacetRequest],
    ) -> Result<Vec<FacetCounts>, SearchError> {
        let mut facets = Vec::with_capacity(requests.len());
        for request in requests {
            let facet = Facets::new(request, &OrdinalMaps::default())?;
            is_held(&facet, "facets", &|key| self.values_of(key))?;
            facets.push(facet);
        }
        let mut counted: Vec<BTreeMap<String, (u64, u64)>> = vec![BTreeMap::new(); facets.len()];
        let queries = Queries {
            plan: &settled.plan,
            statistics: self,
        };
        let mut together: Vec<(Matching, Vec<usize>)> = Vec::new();
        for (n, facet) in facets.iter().enumerate() {
            if settled.mentions && settled.letters > 0 {
                break;
            }
            let matching = queries.matching(QueryScope {
                needed: settled.needed,
                mentions: settled.mentions,
                without: None,
                left_out: &|name, negated| facet.is_chosen_by(name, negated),
            });
            match together.iter_mut().find(|(own, _)| *own == matching) {
                Some((_, others)) => others.push(n),
                None => together.push((matching, vec![n])),
            }
        }
        let own = json!({
            "letters": {"reverse_nested": {}},
            "items": {"filter": is_item()},
        });
        for (matching, of) in together {
            let fields = of
                .iter()
                .map(|n| level(facets[*n].base.key, facets[*n].depth));
            let fields: Vec<String> = fields.collect();
            let each: Vec<Vec<&str>> = fields.iter().map(|field| vec![field.as_str()]).collect();
            let buckets = self.buckets_of_each(&matching, &each, &own)?;
            for (n, buckets) in of.into_iter().zip(buckets) {
                for bucket in buckets {
                    let path: Vec<&str> = bucket["key"]["0"]
                        .as_str()
                        .unwrap_or_default()
                        .split('/')
                        .collect();
                    if let Some(value) = facets[n].value(&path) {
                        let own = counted[n].entry(value).or_default();
                        own.0 += number(&bucket["letters"]["doc_count"]);
                        own.1 += number(&bucket["items"]["doc_count"]);
                    }
                }
            }
        }
        let counts = facets.iter().zip(counted);
        let counts =
            counts.map(|(facet, values)| FacetCounts::of(facet.asked.clone(), values, facet.top));
        Ok(counts.collect())
    }

    /// The nested documents that match, by the values of some fields, all of them; `own` is aggregated in
    /// each.
    pub(super) fn buckets(
        &self,
        matching: &Matching,
        by: &[&str],
        own: Value,
    ) -> Result<Vec<Value>, SearchError> {
        let mut buckets = self.buckets_of_each(matching, &[by.to_vec()], &own)?;
        Ok(buckets.pop().unwrap_or_default())
    }

    /// As [`State::buckets`], for several lists of fields at once.
    fn buckets_of_each(
        &self,
        matching: &Matching,
        each: &[Vec<&str>],
        own: &Value,
    ) -> Result<Vec<Vec<Value>>, SearchError> {
        let mut buckets: Vec<Vec<Value>> = vec![Vec::new(); each.len()];
        // Of which there are more, and where they go on.
        let mut left: Vec<(usize, Option<Value>)> = (0..each.len()).map(|n| (n, None)).collect();
        while !left.is_empty() {
            // An answer may have so many values and no more.
            let size = (BUCKETS / left.len()).max(1);
            let mut aggregations = Map::new();
            for (n, after) in &left {
                let mut sources = Vec::new();
                for (at, field) in each[*n].iter().enumerate() {
                    let terms = json!({"terms": {"field": field, "missing_bucket": false}});
                    sources.push(json!({at.to_string(): terms}));
                }
                let mut composite = json!({"size": size, "sources": sources});
                if let Some(after) = after {
                    composite["after"] = after.clone();
                }
                aggregations.insert(n.to_string(), json!({"composite": composite, "aggs": own}));
            }
            let mut said = self.snapshot.search(json!({
                "size": 0,
                "track_total_hits": false,
                "query": all(vec![json!({"term": {"kind": "letter"}}), matching.letters()]),
                "aggs": {"in": {"nested": {"path": ITEMS}, "aggs": {
                    "own": {"filter": matching.unit, "aggs": aggregations},
                }}},
            }))?;
            let said = &mut said["aggregations"]["in"]["own"];
            let mut more = Vec::new();
            for (n, _) in left {
                let said = &mut said[n.to_string()];
                let after = said.get("after_key").cloned();
                let Value::Array(found) = said["buckets"].take() else {
                    continue;
                };
                if found.len() >= size && after.is_some() {
                    more.push((n, after));
                }
                buckets[n].extend(found);
            }
            left = more;
        }
        Ok(buckets)
    }

    /// How a request was understood, for what only counts.
    pub(super) fn understood(
        &self,
        settled: &Settled,
        request: &Request,
    ) -> Result<Understood, SearchError> {
        let outcome = self.outcome(settled, request)?;
        Ok(Understood {
            query: outcome.understood,
            relaxed: outcome.relaxed,
            concepts: outcome.concepts,
            mentions: outcome.mentions,
            mentions_counted: request.mentions,
            preferred_decision: outcome.preferred_decision,
            dropped: outcome.dropped,
            drop_one: outcome.drop_one,
            expanded: outcome.expanded,
            notes: outcome.notes,
        })
    }

    /// What a request counts: its answers, and what only mentions where it asks for that. Letters that
    /// answer count with the items that do. None where nothing counts.
    pub(super) fn counted(&self, settled: &Settled, request: &Request) -> Option<Matching> {
        if !request.mentions {
            return (!settled.mentions).then(|| settled.answers.clone());
        }
        if settled.mentions || !settled.plan.has_concepts() {
            return Some(settled.answers.clone());
        }
        // An item that only mentions counts in letters in which none answers. A nested document cannot
        // tell what its neighbors have, so that this is two sets: see `tally`.
        Some(settled.with_mentions.clone())
    }

    /// The same as two sets without a letter in common: what answers, and the letters that only mention.
    pub(super) fn counted_apart(&self, settled: &Settled, request: &Request) -> Vec<Matching> {
        let apart = request.mentions && !settled.mentions && settled.plan.has_concepts();
        if !apart {
            return self.counted(settled, request).into_iter().collect();
        }
        let mut only = settled.with_mentions.clone();
        only.letter.push(not(settled.answers.letters()));
        vec![settled.answers.clone(), only]
    }
}

impl TermStatistics for State<'_> {
    fn knows(&self, alternative: &[FieldClause]) -> bool {
        self.words().knows(alternative, &|key| self.values_of(key))
    }

    fn has(&self, field: &str, term: &str) -> bool {
        self.words()
            .in_field(term, field)
            .is_some_and(|documents| documents > 0)
    }

    /// tantivy reckons rarity among all documents of an index, Lucene among those that have the field.
    fn factor(&self, field: &str, words: &[String], terms: &[String]) -> f32 {
        let saturation = self.cluster.saturation.get(field).copied();
        let saturated = (1.0 + K1) / (1.0 + saturation.unwrap_or(K1));
        let Some(units) = self.units(field) else {
            return saturated;
        };
        let is_letter = fields::with_key(field).is_some_and(|f| f.level() == Level::Letter);
        let documents = |term: &String| self.words().in_field(term, field);
        let here: Option<Vec<u64>> = words.iter().map(documents).collect();
        let there: Option<Vec<u64>> = terms.iter().map(documents).collect();
        let (Some(here), Some(there)) = (here, there) else {
            return saturated;
        };
        // What a letter says stands in each of its items there.
        let holding = |documents: u64| match self.cache.letters {
            letters if is_letter && letters > 0 => (documents * units / letters).min(units),
            _ => documents.min(units),
        };
        let here: f32 = here.iter().map(|n| idf(*n, self.cache.documents)).sum();
        let there: f32 = there.iter().map(|n| idf(holding(*n), units)).sum();
        if there > 0.0 {
            saturated * here / there
        } else {
            saturated
        }
    }
}

impl State<'_> {
    /// How many nested documents have a text field.
    fn units(&self, field: &str) -> Option<u64> {
        let kept = || {
            self.cache
                .units
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(units) = kept().get(field) {
            return Some(*units);
        }
        let mut filters = Map::new();
        for (text, _) in fields::texts() {
            filters.insert(
                text.key.into(),
                json!({"exists": {"field": inside(text.key)}}),
            );
        }
        let said = self.snapshot.search(json!({
            "size": 0,
            "track_total_hits": false,
            "aggs": {"in": {"nested": {"path": ITEMS}, "aggs": {
                "has": {"filters": {"filters": filters}},
            }}},
        }));
        let buckets = &said.ok()?["aggregations"]["in"]["has"]["buckets"];
        let mut kept = kept();
        for (text, _) in fields::texts() {
            kept.insert(
                text.key.to_string(),
                number(&buckets[text.key]["doc_count"]),
            );
        }
        kept.get(field).copied()
    }
}

/// How rare a term is that so many of all documents have, as both engines reckon it.
fn idf(holding: u64, all: u64) -> f32 {
    let rest = all.saturating_sub(holding) as f32 + 0.5;
    (1.0 + rest / (holding as f32 + 0.5)).ln()
}

/// The letter of a document on the cluster.
pub(super) fn letter_of(source: &Value) -> Result<Letter, SearchError> {
    unpacked(record_of(source)?).map_err(|e| ClusterError::Damaged(e).into())
}

/// The bytes of its record.
pub(super) fn record_of(source: &Value) -> Result<Vec<u8>, SearchError> {
    let record = source["record"].as_str().unwrap_or_default();
    let bytes = STANDARD.decode(record);
    bytes.map_err(|e| ClusterError::Damaged(e.to_string()).into())
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    let texts = list.iter().filter_map(Value::as_str);
    texts.map(str::to_string).collect()
}

pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// The order of hits within a tier; equal ones by their identities.
fn sort(sort: Sort) -> Value {
    let date = |field: &str, order: &str| json!({field: {"order": order, "missing": "_last"}});
    let score = json!({"_score": "desc"});
    let mut keys = match sort {
        Sort::Relevance => vec![score, date("decided", "desc")],
        Sort::Decided => vec![date("decided", "desc"), score],
        Sort::Oldest => vec![date("decided", "asc"), score],
        Sort::Injured => vec![date("injured", "desc"), score],
        Sort::Case => vec![date("case_number", "asc")],
        Sort::Items => vec![score],
    };
    keys.push(json!({"id": "asc"}));
    json!(keys)
}
