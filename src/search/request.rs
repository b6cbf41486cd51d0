//! A search as plain data, and its answer. No tantivy type stands here: another engine whose
//! nested documents are the same blocks could answer the same request.

use crate::letter::Letter;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// A search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The words, in the query language of the README. Empty: every letter that passes the filters.
    pub query: String,
    /// Values of one filter are alternatives, different filters all hold.
    pub filters: Vec<Filter>,
    /// How many of the query's words a letter must have.
    pub match_mode: MatchMode,
    /// No synonyms, no classes for words.
    pub exact: bool,
    /// Filters on items may hold in different items of a letter.
    pub any_item: bool,
    /// The order of the hits.
    pub sort: Sort,
    /// At most so many hits.
    pub limit: usize,
    /// After so many.
    pub offset: usize,
    /// What to count.
    pub facets: Vec<FacetRequest>,
    /// Whether hits carry snippets.
    pub snippets: bool,
    /// Whether hits say how their score came about.
    pub explain: bool,
    /// Letters that only mention the concepts of the query follow those that answer.
    #[serde(default)]
    pub mentions: bool,
    /// Only letters that came into the index after this commit: a name that [`super::Engine::newest_commit`]
    /// gave.
    #[serde(default)]
    pub added_after: Option<String>,
    /// When the answer must be there: a search that takes longer ends with
    /// [`super::SearchError::TimedOut`]. None: it takes as long as it takes.
    #[serde(skip)]
    pub deadline: Option<std::time::Instant>,
}

impl Default for Request {
    /// Every letter, the newest first; the first ten of them are hits.
    fn default() -> Request {
        Request {
            query: String::new(),
            filters: Vec::new(),
            match_mode: MatchMode::default(),
            exact: false,
            any_item: false,
            sort: Sort::default(),
            limit: 10,
            offset: 0,
            facets: Vec::new(),
            snippets: false,
            explain: false,
            mentions: false,
            added_after: None,
            deadline: None,
        }
    }
}

/// A page of at most so many hits is filled with letters that do not answer.
const FILLED_PAGE: usize = 10;

impl Request {
    /// Whether a page that so many answers begin is filled with other letters: one that a person reads, and
    /// none beyond the answers.
    pub(super) fn fills_a_page(&self, answers: usize) -> bool {
        self.limit <= FILLED_PAGE && (answers > 0 || self.offset == 0)
    }

    /// What its matches are: letters, or documents that are none.
    #[must_use]
    pub fn counts(&self) -> &'static str {
        let asks = |filter: &Filter| filter.name == "document" && !filter.negated;
        let asked = self.filters.iter().any(asks)
            || self
                .query
                .split([' ', '('])
                .any(|word| word.starts_with("document:"));
        if asked { "document" } else { "letter" }
    }

    /// Begins to read the tables that its words will be looked up in, on other threads: a new process
    /// opens its index meanwhile.
    pub fn prepare(&self) {
        let words = self.query.split_whitespace().count();
        if !self.exact && words > 0 {
            rayon::spawn(move || super::expand::load(words));
        }
    }

    /// The same request for all decisions: without the filters that narrow it to one. A rate among what
    /// is left says something; among overturned items it would not.
    #[must_use]
    pub fn whatever_was_decided(&self) -> Request {
        const OF_THE_DECISION: [&str; 3] = ["decision", "outcome", "reason"];
        let narrows = |filter: &Filter| OF_THE_DECISION.contains(&filter.name.as_str());
        Request {
            filters: self
                .filters
                .iter()
                .filter(|f| !narrows(f))
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// How many hits must be put in order for those that are asked for.
    #[must_use]
    pub fn wanted(&self) -> usize {
        match self.limit {
            0 => 0,
            limit => self.offset.saturating_add(limit),
        }
    }
}

/// One value of one filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The filter's name: one of [`crate::fields::filters`].
    pub name: String,
    /// As typed: a value of the vocabulary, a number, a date or a range.
    pub value: String,
    /// Letters (items) that have the value are left out.
    pub negated: bool,
}

impl Filter {
    /// A filter for what has a value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Filter {
        Filter {
            name: name.into(),
            value: value.into(),
            negated: false,
        }
    }
}

/// How many of the query's words a letter must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MatchMode {
    /// All of up to three, of more at least half: see `docs/ranking.md`.
    #[default]
    Most,
    /// All.
    All,
    /// At least one.
    Any,
}

/// The order of the hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Sort {
    /// Letters with a decision that is wished for first, then by score. Without words: the newest decision
    /// first.
    #[default]
    Relevance,
    /// The newest decision first.
    Decided,
    /// The oldest decision first.
    Oldest,
    /// The newest injury first.
    Injured,
    /// By case number.
    Case,
    /// The most matching items first.
    Items,
}

/// A facet to count: its values, and how many of them to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetRequest {
    /// The facet ("drug"), or a value below which to count ("drug/opioid analgesic").
    pub path: String,
    /// At most so many values; the rest are counted together.
    pub top: usize,
}

/// The answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Response {
    /// Letters that match.
    pub letters: u64,
    /// Their matching items.
    pub items: u64,
    /// The hits asked for.
    pub hits: Vec<Hit>,
    /// The counts asked for, in that order.
    pub facets: Vec<FacetCounts>,
    /// What words of the query were taken for.
    pub concepts: Vec<ConceptNote>,
    /// Letters that do not answer, but mention the concepts and have the rest.
    pub mentions: u64,
    /// An item must have more than the concepts: words, operators or filters.
    pub narrowed: bool,
    /// Where the answers do not fill a page of at most ten: the best of these letters, and of those that have only
    /// some of the concepts and words. Where mentions are asked for, they are among the hits instead.
    pub mention_hits: Vec<Hit>,
    /// No letter answers: what is found only mentions the concepts.
    pub only_mentions: bool,
    /// Documents that are no letters and have what was asked for: they are counted nowhere else.
    pub others: u64,
    /// The decision that the query's words wish for.
    pub preferred_decision: Option<PreferredDecision>,
    /// Words of the query that no answering item has.
    pub dropped: Vec<String>,
    /// Where nothing answers: what would without one of the filters or words.
    pub drop_one: Vec<DropOne>,
    /// What else was searched for the words.
    pub expanded: Vec<Expansion>,
    /// No letter had enough of the words: the hits are the best partial matches.
    pub relaxed: bool,
    /// Words and case numbers that no letter has, each with the nearest that letters have, if any.
    pub suggestions: Vec<(String, Vec<String>)>,
    /// The query as it was understood.
    pub understood: String,
    /// What a person should know of how the query was read, each a sentence.
    pub notes: Vec<String>,
    /// Misspelt words, and what they were read as.
    pub corrected: Vec<Correction>,
    /// How long it took, in milliseconds.
    pub millis: f64,
}

/// Words of a query, and the value of a field that they were taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConceptNote {
    /// The words as typed.
    pub text: String,
    /// The filter of the field: "drug".
    pub field: Cow<'static, str>,
    /// The value, as the filter takes it.
    pub value: String,
    /// The value, for a person to read.
    pub label: String,
    /// The bytes of the query that the words are; in quotation marks they stay words.
    pub range: Range<usize>,
}

/// A decision that words of the query name: items with it rank first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferredDecision {
    /// "upheld" or "overturned": what IMR decided about the denial.
    pub decision: Cow<'static, str>,
    /// The words as typed.
    pub text: String,
    /// Their bytes in the query.
    pub range: Range<usize>,
    /// Answering items with that decision.
    pub items: u64,
    /// Answering items without it.
    pub others: u64,
}

/// What would answer without one filter or one part of the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropOne {
    /// The filter's name; None of a part of the query.
    pub filter: Option<Cow<'static, str>>,
    /// The part of the query as typed; of a filter, its values.
    pub text: String,
    /// Letters that would answer.
    pub letters: u64,
    /// Items that would answer.
    pub items: u64,
}

/// A word of the query that was read as another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// As typed.
    pub typed: String,
    /// As it was read.
    pub used: String,
}

/// What else was searched for a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expansion {
    /// The word or words of the query.
    pub word: String,
    /// The synonyms, names and classes searched as well.
    pub also: Vec<String>,
}

/// A letter that matches.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// The letter.
    pub letter: Letter,
    /// Its identity in the index.
    pub id: String,
    /// The files that hold it; the first in the order of paths comes first.
    pub files: Vec<String>,
    /// Its score.
    pub score: f32,
    /// It has all the words.
    pub complete: bool,
    /// It does not answer, and only mentions the concepts of the query.
    pub mention: bool,
    /// It does not answer, and has only some of the concepts and words of the query.
    pub partial: bool,
    /// Its matching items, as places in the letter's list.
    pub items: Vec<HitItem>,
    /// The matching items' requests and the passages that hold the words; how the reviewer
    /// concludes where there are none.
    pub snippets: Vec<Fragment>,
    /// How the score came about, where asked.
    pub explanation: Vec<String>,
}

impl Hit {
    /// A letter with some of its items and without a score: for itself, not as an answer to words.
    pub(super) fn of(
        letter: Letter,
        id: String,
        files: Vec<String>,
        items: impl IntoIterator<Item = usize>,
    ) -> Hit {
        let items = items.into_iter().map(|item| HitItem { item, score: 0.0 });
        Hit {
            items: items.collect(),
            letter,
            id,
            files,
            score: 0.0,
            complete: true,
            mention: false,
            partial: false,
            snippets: Vec::new(),
            explanation: Vec::new(),
        }
    }

    /// A letter with all its items.
    pub(super) fn whole(letter: Letter, id: String, files: Vec<String>) -> Hit {
        let items = 0..letter.items.len();
        Hit::of(letter, id, files, items)
    }
}

/// The order of several documents with one case number: the decision is what is asked for.
pub(super) fn sort_named(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        let undecided = |hit: &Hit| hit.letter.outcome().is_none();
        undecided(a).cmp(&undecided(b)).then(a.id.cmp(&b.id))
    });
}

/// A matching item of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HitItem {
    /// Its place in the letter's list, from 0.
    pub item: usize,
    /// Its part of the score.
    pub score: f32,
}

/// A passage of a letter with the words that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fragment {
    /// Where it is from: "rationale", "request", "guidelines" or "summary".
    pub field: &'static str,
    /// The item it is from, as a place in the letter's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
    /// The passage, in one line, without markup.
    pub text: String,
    /// Byte ranges of `text` that hold the words.
    pub marks: Vec<Range<usize>>,
}

/// Counts of one facet under a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetCounts {
    /// The facet, as it was asked for.
    pub facet: String,
    /// Its values, the most frequent first.
    pub values: Vec<FacetValue>,
    /// Values beyond those listed.
    pub more: usize,
}

impl FacetCounts {
    /// The most frequent values of those with their letters and items; equal ones by name.
    pub(super) fn of(
        facet: String,
        counts: BTreeMap<String, (u64, u64)>,
        top: usize,
    ) -> FacetCounts {
        let value = |(value, (letters, items))| FacetValue {
            value,
            letters,
            items,
        };
        let mut values: Vec<FacetValue> = counts.into_iter().map(value).collect();
        values.sort_by(|a, b| {
            let counts = (b.letters, b.items).cmp(&(a.letters, a.items));
            counts.then_with(|| a.value.cmp(&b.value))
        });
        let more = values.len().saturating_sub(top);
        values.truncate(top);
        FacetCounts {
            facet,
            values,
            more,
        }
    }
}

/// The count of one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value, as a path below the facet: "opioid analgesic/acetaminophen-hydrocodone".
    pub value: String,
    /// Letters that have it.
    pub letters: u64,
    /// Matching items that have it (of a letter's facet: the matching items of those letters).
    pub items: u64,
}
