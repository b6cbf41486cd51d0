//! Letters like a letter: by what its items ask for and what its rationales say.

use super::engine::Engine;
use super::error::SearchError;
use super::plan::{Clause, FieldClause, FieldTest, Origin, Scope};
use super::request::{Hit, MatchMode, Request};
use crate::fields;
use crate::index::words;
use crate::letter::Letter;
use crate::vocabulary::is_stop_word;
use std::collections::HashMap;
use tantivy::{Searcher, Term};

/// The words by which likeness is judged: the most telling ones of the letter.
const WORDS: usize = 25;
/// The weight of a word of a request against one of a rationale.
const REQUEST: f32 = 4.0;
/// Words that fewer letters than this have are misprints, names, numbers.
const RAREST: u64 = 2;

/// A letter like another, and what they share.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The letter.
    pub hit: Hit,
    /// The telling words that both have, the most telling first.
    pub words: Vec<String>,
    /// Drugs, treatments, body parts and guidelines that items of both have.
    pub shared: Vec<String>,
}

impl Engine {
    /// The letters most like one of the index, best first: never that letter itself. The filters
    /// of the request hold for them.
    ///
    /// # Errors
    /// If a filter is unknown or the index is damaged.
    pub fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        let searcher = self.index().reader.searcher();
        let telling = self.telling_words(&searcher, &letter.letter);
        let request = Request {
            query: String::new(),
            match_mode: MatchMode::Any,
            limit: request.limit.saturating_add(1),
            snippets: false,
            ..request.clone()
        };
        let mut plan = self.plan(&searcher, &request)?;
        for (word, shown, weight) in &telling {
            plan.words.push(plan.clauses.len());
            plan.clauses.push(clause(word, shown, *weight));
        }
        plan.needed = plan.words.len().min(1);
        let query = self.compile(&searcher, plan, &request, true)?;
        let ranked = self.rank(&searcher, query, &request)?;
        let mut similar = Vec::new();
        for found in &ranked.found {
            let hit = self.load(&ranked, found, &request)?;
            if hit.id != letter.id {
                similar.push(compare(letter, hit, &telling));
            }
        }
        similar.truncate(request.limit - 1);
        Ok(similar)
    }

    /// The words of a letter's items with the highest tf-idf: as indexed, as printed, weight.
    fn telling_words(&self, searcher: &Searcher, letter: &Letter) -> Vec<(String, String, f32)> {
        let handles = &self.index().fields;
        let mut counts: HashMap<String, (f32, String)> = HashMap::new();
        for item in &letter.items {
            let texts = [
                (item.request.as_str(), REQUEST),
                (letter.passage(&item.rationale), 1.0),
            ];
            for (text, weight) in texts {
                for word in words(text) {
                    let printed = &text[word.from..word.to];
                    let telling = word.text.len() > 2
                        && !word
                            .text
                            .starts_with(|c: char| c.is_ascii_digit() || c == '#')
                        && !is_stop_word(printed);
                    if telling {
                        let entry = counts
                            .entry(word.text)
                            .or_insert_with(|| (0.0, printed.to_lowercase()));
                        entry.0 += weight;
                    }
                }
            }
        }
        let total = searcher.num_docs() as f32;
        let mut telling: Vec<(String, String, f32)> = counts
            .into_iter()
            .filter_map(|(word, (count, printed))| {
                let held = |field| {
                    searcher
                        .doc_freq(&Term::from_field_text(field, &word))
                        .unwrap_or(0)
                };
                let documents =
                    held(handles.of(&fields::RATIONALE)).max(held(handles.of(&fields::REQUEST)));
                let idf = (total / documents.max(1) as f32).ln();
                (documents >= RAREST && idf > 0.0)
                    .then(|| (word, printed, (1.0 + count.ln()) * idf))
            })
            .collect();
        telling.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        telling.truncate(WORDS);
        let most = telling.first().map_or(1.0, |t| t.2);
        telling.iter_mut().for_each(|t| t.2 /= most);
        telling
    }
}

/// An indexed word in the requests and rationales of items.
fn clause(word: &str, shown: &str, weight: f32) -> Clause {
    let tests = [&fields::REQUEST, &fields::RATIONALE].map(|field| FieldClause {
        field: field.key,
        shown: word.to_string(),
        test: FieldTest::Words(vec![word.to_string()], Origin::Typed),
        boost: weight,
    });
    Clause {
        shown: shown.to_string(),
        at: 0,
        scope: Scope::Item,
        scores: true,
        excluded: false,
        alternatives: vec![tests.to_vec()],
        expansion: None,
        requires: Vec::new(),
        marks: vec![vec![word.to_string()]],
        prefix: None,
    }
}

/// What two letters share.
fn compare(letter: &Hit, hit: Hit, telling: &[(String, String, f32)]) -> Similar {
    let own: std::collections::HashSet<String> = hit
        .letter
        .items
        .iter()
        .flat_map(|item| {
            words(&item.request)
                .into_iter()
                .chain(words(hit.letter.passage(&item.rationale)))
        })
        .map(|word| word.text)
        .collect();
    let values = |letter: &Letter| -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        for item in &letter.items {
            values.extend(item.drugs.iter().map(|d| d.name.clone()));
            values.push(item.treatment.clone());
            values.extend(item.body_parts.iter().cloned());
            values.extend(
                item.reviewer
                    .citations
                    .iter()
                    .filter(|c| !c.title.is_empty())
                    .map(|c| c.title.clone()),
            );
        }
        values.sort();
        values.dedup();
        values
    };
    let theirs = values(&hit.letter);
    Similar {
        words: telling
            .iter()
            .filter(|(word, _, _)| own.contains(word))
            .take(8)
            .map(|(_, printed, _)| printed.clone())
            .collect(),
        shared: values(&letter.letter)
            .into_iter()
            .filter(|v| theirs.contains(v))
            .collect(),
        hit,
    }
}
