//! From a request to its answer.

use super::evaluate::{Evaluation, Match};
use super::facets::{FacetMaps, Facets};
use super::plan::{Plan, Planner};
use super::query;
use super::request::{FacetCounts, Hit, HitItem, MatchMode, Request, Response, SearchError, Sort};
use super::{nearness, snippet, suggest};
use crate::corpus::{INSIDE, shown};
use crate::index::{Fields, Index, IndexError, identity};
use crate::letter::Letter;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::path::Path;
use std::time::Instant;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, DocId, Searcher, SegmentReader, TantivyDocument, Term};

/// Answers requests over one index.
pub struct Engine {
    index: Index,
    facet_maps: FacetMaps,
}

/// Every letter that matches a request, in its order, before any is loaded.
pub struct Ranked {
    /// Letters that match.
    pub letters: u64,
    /// Their matching items.
    pub items: u64,
    /// Those asked for.
    pub found: Vec<Found>,
    plan: Plan,
    facets: Vec<FacetCounts>,
    relaxed: bool,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Found {
    pub(super) address: DocAddress,
    first: DocId,
    pub(super) items: Vec<(DocId, f32)>,
    pub(super) score: f32,
    complete: bool,
    /// What the order goes by besides the score: a date or a count.
    number: u64,
    text: String,
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
            facet_maps: FacetMaps::default(),
        }
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    fn fields(&self) -> &Fields {
        &self.index.fields
    }

    /// Answers a request.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, or the index is damaged.
    pub fn search(&self, request: &Request) -> Result<Response, SearchError> {
        let start = Instant::now();
        let ranked = self.ranked(request)?;
        let mut hits = Vec::with_capacity(ranked.found.len());
        for found in &ranked.found {
            hits.push(self.load(&ranked, found, request)?);
        }
        let suggestions = self.suggestions(&ranked);
        Ok(Response {
            letters: ranked.letters,
            items: ranked.items,
            hits,
            facets: ranked.facets,
            expanded: ranked.plan.expanded,
            relaxed: ranked.relaxed,
            suggestions,
            understood: query::parse(&request.query)?.to_string(),
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
        let root = query::parse(&request.query)?;
        let values_of = |facet: &str| self.values_of(searcher, facet);
        let planner = Planner {
            fields: self.fields(),
            searcher,
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
        let facets = || {
            request
                .facets
                .iter()
                .map(Facets::new)
                .collect::<Result<Vec<_>, _>>()
        };
        let mut counted = facets()?;
        let mut tally = self.evaluate(searcher, &plan, request, &mut counted)?;
        // No letter has enough of the words: the best that have some.
        let mut relaxed = false;
        if tally.letters == 0 && plan.needed > 1 && request.match_mode == MatchMode::Most {
            plan.needed = self.most_words(searcher, &mut plan)?;
            relaxed = true;
            counted = facets()?;
            tally = self.evaluate(searcher, &plan, request, &mut counted)?;
        }
        let facets = self.sideways(searcher, &mut plan, request, counted)?;
        tally.found.sort_by(|a, b| order(request, a, b));
        if request.sort == Sort::Relevance {
            let best = tally.found.len().min(nearness::LOOKED_AT);
            let best = &mut tally.found[..best];
            nearness::add(searcher, &plan, best)
                .map_err(|e| SearchError::Index(self.index.broken(&e)))?;
            best.sort_by(|a, b| order(request, a, b));
        }
        let found = tally
            .found
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .collect();
        Ok(Ranked {
            letters: tally.letters,
            items: tally.items,
            found,
            relaxed: relaxed && tally.letters > 0,
            plan,
            facets,
        })
    }

    /// The most words that any letter has of those that pass the filters, at least one.
    fn most_words(&self, searcher: &Searcher, plan: &mut Plan) -> Result<usize, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        plan.needed = 1;
        let evaluation = Evaluation::new(plan, searcher, self.fields().kind).map_err(damaged)?;
        let mut most = 1;
        for reader in searcher.segment_readers() {
            evaluation
                .segment(plan, reader, |found| most = most.max(found.words))
                .map_err(damaged)?;
        }
        Ok(most)
    }

    fn evaluate<'r>(
        &self,
        searcher: &Searcher,
        plan: &Plan,
        request: &'r Request,
        facets: &mut [Facets],
    ) -> Result<Tally<'r>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let evaluation = Evaluation::new(plan, searcher, self.fields().kind).map_err(damaged)?;
        // Segments are walked side by side and put together in their order.
        let one = |(ord, reader): (usize, &SegmentReader)| {
            let mut counters = facets
                .iter()
                .map(|f| f.segment(reader, &self.facet_maps))
                .collect::<tantivy::Result<Vec<_>>>()?;
            let key = SegmentKey::open(reader, request.sort)?;
            let mut tally = Tally::new(request);
            evaluation.segment(plan, reader, |found| {
                tally.add(ord as u32, found, &key);
                for counter in &mut counters {
                    counter.count(found);
                }
            })?;
            Ok((tally, counters))
        };
        let parts = searcher
            .segment_readers()
            .par_iter()
            .enumerate()
            .map(one)
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(damaged)?;
        let mut whole = Tally::new(request);
        for (tally, counters) in parts {
            whole.letters += tally.letters;
            whole.items += tally.items;
            whole.found.extend(tally.found);
            for (facet, counter) in facets.iter_mut().zip(counters) {
                facet.add(counter);
            }
        }
        Ok(whole)
    }

    /// The counts of a facet ignore that facet's own filter, so that a person sees what else they
    /// could choose.
    fn sideways(
        &self,
        searcher: &Searcher,
        plan: &mut Plan,
        request: &Request,
        facets: Vec<Facets>,
    ) -> Result<Vec<FacetCounts>, SearchError> {
        let uncounted = Request {
            limit: 0,
            offset: 0,
            ..request.clone()
        };
        let mut counted = Vec::with_capacity(facets.len());
        for (n, facet) in facets.into_iter().enumerate() {
            let own = |name: &str| facet.is_filtered_by(name);
            if !request.filters.iter().any(|f| own(&f.name)) {
                counted.push(facet.counted());
                continue;
            }
            let mut alone = [Facets::new(&request.facets[n])?];
            let wider = plan.conditions.without(&own);
            let all = std::mem::replace(&mut plan.conditions, wider);
            let evaluated = self.evaluate(searcher, plan, &uncounted, &mut alone);
            plan.conditions = all;
            evaluated?;
            let [alone] = alone;
            counted.push(alone.counted());
        }
        Ok(counted)
    }

    /// The values that the index holds under a facet, as paths.
    fn values_of(&self, searcher: &Searcher, facet: &str) -> Vec<String> {
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

    /// Loads a letter that was found.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn load(
        &self,
        ranked: &Ranked,
        found: &Found,
        request: &Request,
    ) -> Result<Hit, SearchError> {
        let searcher = self.index.reader.searcher();
        let (letter, id) = self.letter(&searcher, found.address)?;
        let items: Vec<HitItem> = found
            .items
            .iter()
            .map(|(doc, score)| HitItem {
                item: (doc - found.first) as usize,
                score: *score,
            })
            .collect();
        let snippets = if request.snippets {
            let mut all = snippet::requests(&letter, &items, &ranked.plan);
            all.extend(snippet::fragments(&letter, &items, &ranked.plan));
            all
        } else {
            Vec::new()
        };
        let explanation = if request.explain {
            self.explain(&searcher, &ranked.plan, found)?
        } else {
            Vec::new()
        };
        Ok(Hit {
            files: self.files(&searcher, &id)?,
            letter,
            id,
            score: found.score,
            complete: found.complete,
            items,
            snippets,
            explanation,
        })
    }

    fn letter(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<(Letter, String), SearchError> {
        let damaged = |e: &dyn std::fmt::Display| SearchError::Index(self.index.broken(e));
        let doc: TantivyDocument = searcher.doc(address).map_err(|e| damaged(&e))?;
        let text = |field| {
            doc.get_first(field)
                .and_then(|v| v.as_str().map(str::to_string))
                .unwrap_or_default()
        };
        let record = text(self.fields().record);
        let mut letter: Letter = serde_json::from_str(&record).map_err(|e| damaged(&e))?;
        letter.text = text(self.fields().text);
        let id = identity(&letter);
        Ok((letter, id))
    }

    /// The files that hold a letter, in the order of their paths.
    fn files(&self, searcher: &Searcher, id: &str) -> Result<Vec<String>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let term = Term::from_field_text(self.fields().source_letter, id);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut files = Vec::new();
        for address in searcher.search(&query, &DocSetCollector).map_err(damaged)? {
            let segment = searcher.segment_reader(address.segment_ord);
            let column = segment.fast_fields().str("source").map_err(damaged)?;
            let Some(column) = column else {
                continue;
            };
            if let Some(ord) = column.ords().first(address.doc_id) {
                let mut path = String::new();
                column
                    .ord_to_str(ord, &mut path)
                    .map_err(|e| SearchError::Index(self.index.broken(&e)))?;
                files.push(path);
            }
        }
        files.sort();
        Ok(files.iter().map(|key| shown(key).to_string()).collect())
    }

    /// The letters of a case number, a file's path, or an identity (or the beginning of one).
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        let searcher = self.index.reader.searcher();
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let fields = self.fields();
        let mut ids: Vec<String> = Vec::new();
        crate::index::sources::each(&self.index, |row| {
            // A member of an archive is named by its own name, too.
            let inside = row.key.get(row.archive..).unwrap_or_default();
            let file = Path::new(inside.trim_start_matches(INSIDE));
            let named = row.key == name
                || shown(row.key) == name
                || file
                    .file_name()
                    .is_some_and(|f| f.to_string_lossy() == name)
                || file
                    .file_stem()
                    .is_some_and(|f| f.to_string_lossy().eq_ignore_ascii_case(name));
            if named && row.letter != 0 {
                ids.push(crate::index::sources::letter_text(row.letter));
            }
        })?;
        let mut terms = vec![Term::from_field_text(
            fields.case_number,
            &name.trim().to_uppercase(),
        )];
        ids.sort();
        ids.dedup();
        terms.extend(
            ids.iter()
                .map(|id| Term::from_field_text(fields.letter_id, id)),
        );
        terms.push(Term::from_field_text(fields.letter_id, name));
        let query = tantivy::query::TermSetQuery::new(terms);
        let mut found: Vec<DocAddress> = searcher
            .search(&query, &DocSetCollector)
            .map_err(damaged)?
            .into_iter()
            .collect();
        found.sort();
        let mut hits = Vec::new();
        for address in found {
            let reader = searcher.segment_reader(address.segment_ord);
            let parent = reader.fast_fields().u64("to_parent").map_err(damaged)?;
            if parent.first(address.doc_id) != Some(0) {
                continue;
            }
            let (letter, id) = self.letter(&searcher, address)?;
            hits.push(Hit {
                files: self.files(&searcher, &id)?,
                items: (0..letter.items.len())
                    .map(|item| HitItem { item, score: 0.0 })
                    .collect(),
                letter,
                id,
                score: 0.0,
                complete: true,
                snippets: Vec::new(),
                explanation: Vec::new(),
            });
        }
        Ok(hits)
    }

    /// Case numbers of the index nearest to a name.
    #[must_use]
    pub fn near_cases(&self, name: &str) -> Vec<String> {
        let searcher = self.index.reader.searcher();
        let name = name.to_uppercase();
        let start: String = name.chars().take(5).collect();
        let mut cases = Vec::new();
        for segment in searcher.segment_readers() {
            let Ok(index) = segment.inverted_index(self.fields().case_number) else {
                continue;
            };
            let Ok(mut terms) = index.terms().range().ge(start.as_bytes()).into_stream() else {
                continue;
            };
            while cases.len() < 50_000 && terms.advance() {
                match std::str::from_utf8(terms.key()) {
                    Ok(case) if case.starts_with(&start) => cases.push(case.to_string()),
                    _ => break,
                }
            }
        }
        crate::vocabulary::nearest(&name, cases.iter().map(String::as_str))
    }

    fn suggestions(&self, ranked: &Ranked) -> Vec<(String, Vec<String>)> {
        if ranked.letters > 0 && !ranked.relaxed {
            return Vec::new();
        }
        let searcher = self.index.reader.searcher();
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
        unknown
            .map(|leaf| {
                (
                    leaf.shown.clone(),
                    suggest::spellings(&searcher, &fields, &leaf.shown),
                )
            })
            .filter(|(_, spellings)| !spellings.is_empty())
            .collect()
    }

    /// How a hit's score came about: field by field, word by word, of its best item and its case
    /// summary.
    fn explain(
        &self,
        searcher: &Searcher,
        plan: &Plan,
        found: &Found,
    ) -> Result<Vec<String>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index.broken(&e));
        let reader = searcher.segment_reader(found.address.segment_ord);
        let best = found.items.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut lines = vec![format!(
            "score {:.2}{}",
            found.score,
            if found.complete {
                ", all words found"
            } else {
                ", some words missing"
            }
        )];
        let places = best.map(|(doc, _)| (*doc, format!("item {}", doc - found.first + 1)));
        for (doc, place) in places
            .into_iter()
            .chain([(found.address.doc_id, "letter".to_string())])
        {
            let mut parts: Vec<(f32, String)> = Vec::new();
            for leaf in plan.leaves.iter().filter(|l| l.scores) {
                for way in &leaf.ways {
                    let weight = way
                        .query
                        .weight(tantivy::query::EnableScoring::enabled_from_searcher(
                            searcher,
                        ))
                        .map_err(damaged)?;
                    let mut scorer = weight.scorer(reader, 1.0).map_err(damaged)?;
                    let at = if scorer.doc() < doc {
                        scorer.seek(doc)
                    } else {
                        scorer.doc()
                    };
                    if at == doc {
                        let synonym = if way.shown
                            == leaf.marks.first().map(|m| m.join(" ")).unwrap_or_default()
                        {
                            String::new()
                        } else {
                            format!(" (for '{}')", leaf.shown)
                        };
                        parts.push((
                            scorer.score(),
                            format!("'{}' in {}{synonym}", way.shown, way.field),
                        ));
                    }
                }
            }
            parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            lines.extend(
                parts
                    .into_iter()
                    .take(12)
                    .map(|(score, what)| format!("{place}: {score:.2} {what}")),
            );
        }
        Ok(lines)
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

/// What a segment's letters are ordered by, besides their score.
struct SegmentKey {
    numbers: Option<tantivy::columnar::Column<u64>>,
    cases: Option<tantivy::columnar::StrColumn>,
}

impl SegmentKey {
    fn open(reader: &SegmentReader, sort: Sort) -> tantivy::Result<SegmentKey> {
        let fast = reader.fast_fields();
        Ok(SegmentKey {
            numbers: match sort {
                Sort::Injured => Some(fast.u64("injured")?),
                Sort::Relevance | Sort::Decided => Some(fast.u64("decided")?),
                Sort::Case | Sort::Items => None,
            },
            cases: if sort == Sort::Case {
                fast.str("case_number")?
            } else {
                None
            },
        })
    }
}

/// What an evaluation gathers: totals, and the best letters so far.
struct Tally<'r> {
    request: &'r Request,
    letters: u64,
    items: u64,
    found: Vec<Found>,
    keep: usize,
    /// The worst of the letters kept, once there are enough: what is worse is not looked at.
    worst: Option<(bool, f32, u64)>,
}

impl<'r> Tally<'r> {
    fn new(request: &'r Request) -> Tally<'r> {
        Tally {
            request,
            letters: 0,
            items: 0,
            found: Vec::new(),
            keep: match request.offset.saturating_add(request.limit) {
                0 => 0,
                wanted => wanted.max(nearness::LOOKED_AT),
            },
            worst: None,
        }
    }

    fn add(&mut self, segment: u32, found: &Match<'_>, key: &SegmentKey) {
        self.letters += 1;
        self.items += found.items.len() as u64;
        if self.keep == 0 {
            return;
        }
        let mut text = String::new();
        if let Some(column) = &key.cases
            && let Some(ord) = column.ords().first(found.letter)
        {
            let _ = column.ord_to_str(ord, &mut text);
        }
        let number = match &key.numbers {
            Some(column) => column.first(found.letter).unwrap_or(0),
            None => found.items.len() as u64,
        };
        if let Some((complete, score, other)) = self.worst {
            let worse = match self.request.sort {
                Sort::Relevance => (found.complete, found.score, number) < (complete, score, other),
                Sort::Decided | Sort::Injured | Sort::Items => {
                    (number, found.score) < (other, score)
                }
                Sort::Case => false,
            };
            if worse {
                return;
            }
        }
        self.found.push(Found {
            address: DocAddress::new(segment, found.letter),
            first: found.first,
            items: found
                .items
                .iter()
                .map(|doc| (*doc, found.item_scores[(doc - found.first) as usize]))
                .collect(),
            score: found.score,
            complete: found.complete,
            number,
            text,
        });
        // Twice as many as are kept, then the better half: linear in the letters seen.
        if self.found.len() >= self.keep.saturating_mul(2).max(64) {
            let request = self.request;
            let (_, worst, _) = self
                .found
                .select_nth_unstable_by(self.keep - 1, |a, b| order(request, a, b));
            self.worst = Some((worst.complete, worst.score, worst.number));
            self.found.truncate(self.keep);
        }
    }
}

/// The order of hits; equal ones by their place in the index.
fn order(request: &Request, a: &Found, b: &Found) -> Ordering {
    let by_number = b.number.cmp(&a.number);
    let first = match request.sort {
        Sort::Relevance => b
            .complete
            .cmp(&a.complete)
            .then(b.score.total_cmp(&a.score))
            .then(by_number),
        Sort::Decided | Sort::Injured | Sort::Items => by_number.then(b.score.total_cmp(&a.score)),
        Sort::Case => a
            .text
            .is_empty()
            .cmp(&b.text.is_empty())
            .then(a.text.cmp(&b.text)),
    };
    first.then(a.address.cmp(&b.address))
}
