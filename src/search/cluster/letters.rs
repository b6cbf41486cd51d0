//! Letters on a cluster that are named, and letters like a letter.

use super::super::backend::Counts;
use super::super::by_id::Marker;
use super::super::error::SearchError;
use super::super::likeness::{self, ItemProfile};
use super::super::plan::LogicalPlan;
use super::super::request::{Hit, Request, sort_named};
use super::super::similar::{
    Similar, SimilarToRequest, alike, ask_for_candidates, candidates_request, rarity, such_requests,
};
use super::super::stream::Projection;
use super::client::Body;
use super::engine::{Cluster, State, letter_of, texts};
use super::query::{all, any};
use crate::fields;
use crate::index::identity;
use crate::letter::CaseDocument;
use crate::vocabulary::{CaseNumber, nearest};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;

/// Case numbers with the same beginning that are looked through.
const BEGINNING: usize = 10_000;
/// Letters of one name.
const NAMED: usize = 1_000;

impl Cluster {
    /// The letter of an identity; None if there is none.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn letter_of(&self, id: &str) -> Result<Option<Hit>, SearchError> {
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let path = format!("{}/_doc/{id}", self.client.index());
        let (status, said) = self
            .client
            .ask("GET", &path, Body::Nothing, self.deadline())?;
        if status != 200 {
            return Ok(None);
        }
        whole(&said["_source"]).map(Some)
    }

    /// The letters of a case number, a file's path, or an identity.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        let printed = CaseNumber::printed_in(name);
        let query = any(vec![
            json!({"terms": {"case_number": printed}}),
            json!({"term": {"id": name}}),
            json!({"terms": {"names": [name, name.to_lowercase()]}}),
        ]);
        self.with_state(&Request::default(), |state| {
            let said = state.snapshot.search(json!({
                "size": NAMED,
                "query": query,
                "sort": [{"id": "asc"}],
                "_source": ["record", "files", "id"],
            }))?;
            let hits = said["hits"]["hits"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let hits = hits.iter().map(|hit| whole(&hit["_source"]));
            let mut hits = hits.collect::<Result<Vec<_>, _>>()?;
            sort_named(&mut hits);
            Ok(hits)
        })
    }

    /// Case numbers nearest to one that no letter has; none for one that some letter has.
    #[must_use]
    pub fn near_cases(&self, name: &str) -> Vec<String> {
        let near = self.with_state(&Request::default(), |state| state.near_cases(name));
        near.unwrap_or_default()
    }

    /// Case numbers of the index that begin as typed, in order; for completion.
    pub fn cases_beginning(&self, typed: &str, most: usize) -> Vec<String> {
        let starts = CaseNumber::beginnings(typed);
        if starts.is_empty() {
            return Vec::new();
        }
        let starts = starts.iter();
        let starts = starts.map(|start| json!({"prefix": {"case_number": start}}));
        let cases = json!({
            "size": 0,
            "track_total_hits": false,
            "query": any(starts.collect()),
            "aggs": {"cases": {"terms": {"field": "case_number", "size": most, "order": {"_key": "asc"}}}},
        });
        // As with an index on this computer, no suggestions are better than an error while a person types.
        let said = self.with_state(&Request::default(), |state| {
            Ok(state.snapshot.search(cases.clone())?)
        });
        let said = said.unwrap_or_default();
        let buckets = said["aggregations"]["cases"]["buckets"].as_array();
        let cases = buckets.into_iter().flatten();
        let cases = cases.filter_map(|bucket| bucket["key"].as_str());
        cases.map(str::to_string).collect()
    }

    /// What marks the words of a request, and what else was searched for them.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, or the cluster does not answer.
    pub fn marker(&self, request: &Request) -> Result<Marker, SearchError> {
        self.with_state(request, |state| {
            Ok(Marker::of(state.highlights(&state.plan(request)?)))
        })
    }

    /// Hands over every letter that answers, in the order of the request.
    ///
    /// # Errors
    /// As [`Cluster::search`], and whatever `take` fails with. Once a letter was handed over, nothing is begun
    /// anew: what was written would not be of one state of the index.
    pub fn stream(
        &self,
        request: &Request,
        _: Projection,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<Counts, SearchError> {
        let take = RefCell::new((take, false));
        self.with_state(request, |state| {
            let settled = state.settle(state.plan(request)?, request.match_mode)?;
            let only_mentions = settled.mentions && settled.letters > 0;
            if !only_mentions || request.mentions {
                let done = state.each_hit(&settled, request, request.mentions, false, &mut |hit| {
                    let (take, begun) = &mut *take.borrow_mut();
                    *begun = true;
                    take(hit)
                });
                done.map_err(|error| match error {
                    SearchError::Lost(reason) if take.borrow().1 => SearchError::Remote(format!(
                        "the cluster changed or lost a node during the search; run the command again: {reason}"
                    )),
                    error => error,
                })?;
            }
            Ok(Counts {
                letters: if only_mentions { 0 } else { settled.letters },
                items: if only_mentions { 0 } else { settled.items },
            })
        })
    }

    /// The letters most like one, best first, never that letter itself.
    ///
    /// # Errors
    /// As [`Cluster::search`].
    pub fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        self.with_state(request, |state| {
            let rarity = |word: &str| state.rarity(word);
            let own = likeness::profiles(&letter.letter, &rarity);
            state.alike(&own, &letter.id, request, &rarity)
        })
    }

    /// The decisions most like each request of a document.
    ///
    /// # Errors
    /// As [`Cluster::search`].
    pub fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError> {
        let letter = &case.letter;
        let id = identity(letter);
        let mut found = Vec::with_capacity(letter.items.len());
        for (at, item) in letter.items.iter().enumerate() {
            let tally = |request: &Request| Ok(self.tally(request, &[])?.all);
            let similar = self.with_state(request, |state| {
                let rarity = |word: &str| state.rarity(word);
                let own = [likeness::profile(letter, at, item, &rarity)];
                state.alike(&own, &id, request, &rarity)
            })?;
            found.push(SimilarToRequest {
                item: at,
                such: such_requests(item, request, &tally)?,
                similar,
            });
        }
        Ok(found)
    }
}

impl State<'_> {
    fn rarity(&self, word: &str) -> f32 {
        let texts = [&fields::REQUEST, &fields::RATIONALE, &fields::SUMMARY];
        let documents = self.words().most(word, &texts.map(|field| field.key));
        rarity(documents, self.cache.documents)
    }

    fn alike(
        &self,
        own: &[ItemProfile<'_>],
        id: &str,
        request: &Request,
        rarity: &dyn Fn(&str) -> f32,
    ) -> Result<Vec<Similar>, SearchError> {
        let candidates = |profile: &ItemProfile<'_>| {
            let request = candidates_request(request);
            let mut plan = self.plan(&request)?;
            ask_for_candidates(&mut plan, profile);
            let settled = self.settle(plan, request.match_mode)?;
            let mut hits = Vec::new();
            self.each_hit(&settled, &request, false, true, &mut |hit| {
                hits.push(hit);
                Ok(())
            })?;
            Ok(hits)
        };
        let known: RefCell<HashMap<String, f32>> = RefCell::default();
        let rarity = |word: &str| {
            if let Some(known) = known.borrow().get(word) {
                return *known;
            }
            let rarity = rarity(word);
            known.borrow_mut().insert(word.to_string(), rarity);
            rarity
        };
        alike(own, id, request.limit, &rarity, &candidates)
    }

    /// Case numbers near to those of a plan that no letter has, each beside what was typed.
    pub(super) fn near_typed_cases(
        &self,
        plan: &LogicalPlan,
        found: bool,
    ) -> Result<Vec<(String, Vec<String>)>, SearchError> {
        let mut all = Vec::new();
        for typed in plan.typed_cases(found) {
            let near = self.near_cases(&typed)?;
            if !near.is_empty() {
                all.push((typed, near));
            }
        }
        Ok(all)
    }

    fn near_cases(&self, name: &str) -> Result<Vec<String>, SearchError> {
        if let Some(case) = CaseNumber::meant(name) {
            if !self
                .cases(json!({"terms": {"case_number": case.printed()}}))?
                .is_empty()
            {
                return Ok(Vec::new());
            }
            let misspelt: Vec<String> = case.misspelt().into_iter().collect();
            let held = self.cases(json!({"terms": {"case_number": misspelt}}))?;
            let near = misspelt.into_iter().filter(|case| held.contains(case));
            let near: Vec<String> = near.take(3).collect();
            if !near.is_empty() {
                return Ok(near);
            }
        }
        let name = name.to_uppercase();
        let start: String = name.chars().take(5).collect();
        let cases = self.cases(json!({"prefix": {"case_number": start}}))?;
        if cases.contains(&name) {
            return Ok(Vec::new());
        }
        Ok(nearest(&name, cases.iter().map(String::as_str)))
    }

    /// The case numbers of the letters that a query finds, in order.
    fn cases(&self, query: Value) -> Result<Vec<String>, SearchError> {
        let said = self.snapshot.search(json!({
            "size": BEGINNING,
            "query": all(vec![query]),
            "sort": [{"case_number": "asc"}],
            "_source": false,
            "docvalue_fields": ["case_number"],
        }))?;
        let hits = said["hits"]["hits"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let cases = hits
            .iter()
            .filter_map(|hit| hit["fields"]["case_number"][0].as_str());
        let mut cases: Vec<String> = cases.map(str::to_string).collect();
        cases.dedup();
        Ok(cases)
    }
}

/// A letter with all its items, for itself and not as an answer.
fn whole(source: &Value) -> Result<Hit, SearchError> {
    let id = source["id"].as_str().unwrap_or_default();
    let files = texts(&source["files"]);
    Ok(Hit::whole(letter_of(source)?, id.to_string(), files))
}
