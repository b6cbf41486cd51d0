//! Letters like a letter, and decisions on requests like those of a document.
//!
//! The index gives candidates that ask for the same or much the same; `likeness` then compares each
//! with the letter, item by item.

use super::engine::Engine;
use super::error::SearchError;
use super::likeness::{self, ItemProfile, LetterLikeness};
use super::plan::{Clause, FieldClause, FieldTest, LogicalPlan, Origin, Scope, Tree};
use super::request::{Filter, Hit, HitItem, MatchMode, Request};
use super::snippet;
use super::tally::Decisions;
use crate::fields;
use crate::index::identity;
use crate::letter::{CaseDocument, Item};
use crate::vocabulary::{ServiceOrCategory, Services, UNLISTED, services_like};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use tantivy::{Searcher, Term};

/// Candidates that are compared, of each item.
const CANDIDATES: usize = 60;
/// The most telling words of an item, by which candidates are found.
const WORDS: usize = 20;
/// Words that fewer documents than this have are misprints, names, numbers.
const RAREST: u64 = 2;
/// With fewer decided requests than this, the wider group is counted as well.
const FEW: u64 = 10;

/// A letter like another, and what they share.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The letter. Its items are those that are alike, the most alike first.
    pub hit: Hit,
    /// How like it is, between 0 and 1.
    pub likeness: f32,
    /// Values that both have: drugs, services, body parts, diagnoses, earlier treatments ("had ...").
    pub shared: Vec<String>,
    /// Telling words that both have, the most telling first.
    pub words: Vec<String>,
}

/// How requests of one kind were decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuchRequests {
    /// What they have in common, as filters: `imr stats` with these counts the same items.
    pub filters: Vec<Filter>,
    /// How they were decided.
    pub decisions: Decisions,
}

/// Decisions on requests like one of a document.
#[derive(Debug, Clone)]
pub struct SimilarToRequest {
    /// The request, as a place in the items of the document.
    pub item: usize,
    /// How such requests were decided: those most like it, and a wider group where these are few.
    pub such: Vec<SuchRequests>,
    /// The letters most like it, the most alike first; none where nothing is alike.
    pub similar: Vec<Similar>,
}

impl Similar {
    pub(super) fn new(mut hit: Hit, like: LetterLikeness) -> Similar {
        hit.score = like.score;
        let item = |(item, score): &(usize, f32)| HitItem {
            item: *item,
            score: *score,
        };
        hit.items = like.items.iter().map(item).collect();
        hit.snippets = snippet::deciding(&hit.letter, &hit.items);
        Similar {
            likeness: like.score,
            shared: like.shared,
            words: like.words,
            hit,
        }
    }

    /// The most alike first, among equals the newer decision.
    pub(super) fn order(&self, other: &Similar) -> std::cmp::Ordering {
        let date = |similar: &Similar| similar.hit.letter.dates.decision;
        let likeness = other.likeness.total_cmp(&self.likeness);
        let newer = date(other).cmp(&date(self));
        likeness
            .then(newer)
            .then_with(|| self.hit.id.cmp(&other.hit.id))
    }
}

impl Engine {
    /// The letters most like one of the index, best first: never that letter itself, and none that is
    /// not alike. The filters of the request hold for them.
    ///
    /// # Errors
    /// If a filter is unknown or the index is damaged.
    pub fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        let searcher = self.index().reader.searcher();
        let rarity = WordRarity::new(self, &searcher);
        let rarity = |word: &str| rarity.of(word);
        let own = likeness::profiles(&letter.letter, &rarity);
        self.alike(&searcher, &own, &letter.id, request, &rarity)
    }

    /// The decisions most like each request of a document, which need not be in the index. The filters
    /// of the request hold for them.
    ///
    /// # Errors
    /// If a filter is unknown or the index is damaged.
    pub fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError> {
        let searcher = self.index().reader.searcher();
        let rarity = WordRarity::new(self, &searcher);
        let rarity = |word: &str| rarity.of(word);
        let letter = &case.letter;
        let id = identity(letter);
        let mut found = Vec::with_capacity(letter.items.len());
        for (at, item) in letter.items.iter().enumerate() {
            let own = [likeness::profile(letter, at, item, &rarity)];
            found.push(SimilarToRequest {
                item: at,
                such: self.such_requests(item, request)?,
                similar: self.alike(&searcher, &own, &id, request, &rarity)?,
            });
        }
        Ok(found)
    }

    /// The letters most like some items of one letter, without that letter.
    fn alike(
        &self,
        searcher: &Searcher,
        own: &[ItemProfile<'_>],
        id: &str,
        request: &Request,
        rarity: &dyn Fn(&str) -> f32,
    ) -> Result<Vec<Similar>, SearchError> {
        let candidates = |profile: &ItemProfile<'_>| self.candidates(searcher, profile, request);
        alike(own, id, request.limit, rarity, &candidates)
    }

    /// Letters with an item that asks for the same as another, or for a drug of the same class.
    fn candidates(
        &self,
        searcher: &Searcher,
        profile: &ItemProfile<'_>,
        request: &Request,
    ) -> Result<Vec<Hit>, SearchError> {
        let request = candidates_request(request);
        let mut plan = self.plan(searcher, &request)?;
        ask_for_candidates(&mut plan, profile);
        let query = self.compile(searcher, plan, &request, true)?;
        let ranked = self.rank(searcher, query, &request, false)?;
        self.load_all(&ranked, &ranked.found, &request)
    }

    /// How requests like an item were decided. What narrows them to a decision is left out of the
    /// filters: it would answer for itself.
    fn such_requests(
        &self,
        item: &Item,
        request: &Request,
    ) -> Result<Vec<SuchRequests>, SearchError> {
        such_requests(item, request, &|request| Ok(self.tally(request, &[])?.all))
    }
}

/// How requests like an item were decided, counted by `tally`. What narrows them to a decision is left out
/// of the filters: it would answer for itself.
pub(super) fn such_requests(
    item: &Item,
    request: &Request,
    tally: &dyn Fn(&Request) -> Result<Decisions, SearchError>,
) -> Result<Vec<SuchRequests>, SearchError> {
    let kept = request.whatever_was_decided();
    let mut groups = Vec::new();
    for filters in such_filters(item) {
        let request = Request {
            filters: [filters, kept.filters.clone()].concat(),
            any_item: request.any_item,
            deadline: request.deadline,
            ..Request::default()
        };
        let decisions = tally(&request)?;
        if decisions.decided() == 0 {
            continue;
        }
        let enough = decisions.decided() >= FEW;
        groups.push(SuchRequests {
            filters: request.filters,
            decisions,
        });
        if enough || groups.len() == 2 {
            break;
        }
    }
    // A wider group with nothing more in it says nothing.
    groups.dedup_by(|wide, narrow| wide.decisions == narrow.decisions);
    Ok(groups)
}

/// The letters most like some items of one letter, without that letter, from among the candidates of each.
pub(super) fn alike(
    own: &[ItemProfile<'_>],
    id: &str,
    limit: usize,
    rarity: &dyn Fn(&str) -> f32,
    candidates: &dyn Fn(&ItemProfile<'_>) -> Result<Vec<Hit>, SearchError>,
) -> Result<Vec<Similar>, SearchError> {
    let mut found: BTreeMap<String, Hit> = BTreeMap::new();
    for profile in own {
        for hit in candidates(profile)? {
            found.entry(hit.id.clone()).or_insert(hit);
        }
    }
    found.remove(id);
    let compared = found.into_values().map(|hit| {
        let like = likeness::compare(own, &hit.letter, rarity);
        Similar::new(hit, like)
    });
    let mut similar: Vec<Similar> = compared.filter(|one| one.likeness > 0.0).collect();
    similar.sort_by(Similar::order);
    similar.truncate(limit);
    Ok(similar)
}

/// The request that candidates answer: the filters of a request, and no words.
pub(super) fn candidates_request(request: &Request) -> Request {
    Request {
        query: String::new(),
        match_mode: MatchMode::Any,
        limit: CANDIDATES.max(request.limit.saturating_add(1)),
        offset: 0,
        facets: Vec::new(),
        snippets: false,
        explain: false,
        mentions: false,
        ..request.clone()
    }
}

/// Makes a plan ask for the same as an item, or for a drug of the same class.
pub(super) fn ask_for_candidates(plan: &mut LogicalPlan, profile: &ItemProfile<'_>) {
    let item = profile.item();
    let asked = asked_for(item);
    if !asked.is_empty() {
        plan.required.push(Tree::Leaf(plan.clauses.len()));
        plan.clauses.push(any_of(Scope::Item, asked));
    }
    for part in &item.body_parts {
        let part = FieldClause::value(&fields::BODY_PART, std::slice::from_ref(part), 6.0);
        plan.clauses.push(any_of(Scope::Item, vec![part]));
    }
    for diagnosis in profile.diagnoses() {
        let diagnosis = FieldClause::value(&fields::DIAGNOSIS, &diagnosis.path(), 2.0);
        plan.clauses.push(any_of(Scope::Both, vec![diagnosis]));
    }
    for (word, weight) in profile.telling_words(WORDS) {
        if plan.required.is_empty() {
            plan.words.push(plan.clauses.len());
        }
        plan.clauses.push(text_clause(word, 2.0 * weight));
    }
    plan.needed = plan.words.len().min(1);
}

/// What requests like an item have in common, the narrowest first.
fn such_filters(item: &Item) -> Vec<Vec<Filter>> {
    let parts = item.body_parts.iter();
    let parts = parts.map(|part| Filter::new("body-part", part.as_str()));
    let parts: Vec<Filter> = parts.collect();
    if let ([drug], "pharmacy") = (item.drugs.as_slice(), item.treatment.as_str()) {
        let mut groups = vec![vec![Filter::new("drug", drug.name.as_str())]];
        if drug.class != UNLISTED {
            groups.push(vec![Filter::new("class", drug.class.as_str())]);
        }
        return groups;
    }
    let service = item
        .services
        .first()
        .and_then(|name| Services::get().named(name));
    let Some(service) = service.filter(|service| service.name != "other") else {
        return Vec::new();
    };
    // "medication" is what people call the category.
    let by_name =
        Services::get().resolve(service.name) == Some(ServiceOrCategory::Service(service));
    let name = if by_name {
        service.name.to_string()
    } else {
        format!("{}/{}", service.treatment, service.name)
    };
    let wide = vec![Filter::new("treatment", name)];
    if parts.is_empty() {
        return vec![wide];
    }
    vec![[wide.clone(), parts].concat(), wide]
}

/// What an item asks for, as tests of other items: its drugs and their classes, its services.
fn asked_for(item: &Item) -> Vec<FieldClause> {
    let mut tests = Vec::new();
    if item.treatment == "pharmacy" {
        for drug in &item.drugs {
            let path = [drug.class.clone(), drug.name.clone()];
            tests.push(FieldClause::value(&fields::DRUG, &path, 10.0));
            if drug.class != UNLISTED {
                tests.push(FieldClause::value(&fields::DRUG, &path[..1], 4.0));
            }
        }
        if !tests.is_empty() {
            return tests;
        }
    }
    let mut add = |name: &str, score: f32| {
        if let Some(service) = Services::get().named(name) {
            let path = ServiceOrCategory::Service(service).path();
            let path: Vec<String> = path.into_iter().map(str::to_string).collect();
            tests.push(FieldClause::value(&fields::TREATMENT, &path, score));
        }
    };
    let services = item.services.iter().filter(|service| *service != "other");
    for (n, service) in services.enumerate() {
        add(service, if n == 0 { 8.0 } else { 4.0 });
    }
    for like in item
        .services
        .iter()
        .take(1)
        .flat_map(|first| services_like(first))
    {
        add(like, 3.0);
    }
    if item.services.is_empty() && !item.treatment.is_empty() {
        let category = std::slice::from_ref(&item.treatment);
        tests.push(FieldClause::value(&fields::TREATMENT, category, 8.0));
    }
    tests
}

/// Any of some tests.
fn any_of(scope: Scope, tests: Vec<FieldClause>) -> Clause {
    let alternatives = tests.into_iter().map(|test| vec![test]).collect();
    Clause::new(String::new(), scope, alternatives)
}

/// An indexed word in the requests and rationales of items.
fn text_clause(word: &str, weight: f32) -> Clause {
    let tests = [&fields::REQUEST, &fields::RATIONALE].map(|field| FieldClause {
        field: field.key,
        shown: word.to_string(),
        test: FieldTest::Words(vec![word.to_string()], Origin::Typed),
        boost: weight,
    });
    Clause::new(String::new(), Scope::Item, vec![tests.to_vec()])
}

/// How rare words are among the documents of an index, looked up once each.
struct WordRarity<'e> {
    searcher: &'e Searcher,
    fields: [tantivy::schema::Field; 3],
    known: RefCell<HashMap<String, f32>>,
}

impl<'e> WordRarity<'e> {
    fn new(engine: &Engine, searcher: &'e Searcher) -> WordRarity<'e> {
        let texts = [&fields::REQUEST, &fields::RATIONALE, &fields::SUMMARY];
        WordRarity {
            searcher,
            fields: texts.map(|field| engine.fields().of(field)),
            known: RefCell::default(),
        }
    }

    fn of(&self, word: &str) -> f32 {
        if let Some(known) = self.known.borrow().get(word) {
            return *known;
        }
        let documents = self.fields.iter().map(|field| {
            let term = Term::from_field_text(*field, word);
            self.searcher.doc_freq(&term).unwrap_or(0)
        });
        let rarity = rarity(documents.max().unwrap_or(0), self.searcher.num_docs());
        self.known.borrow_mut().insert(word.to_string(), rarity);
        rarity
    }
}

/// How much a word tells that so many of all documents have.
pub(super) fn rarity(documents: u64, all: u64) -> f32 {
    if documents < RAREST {
        return 0.0;
    }
    (all as f32 / documents as f32).ln().max(0.0)
}
