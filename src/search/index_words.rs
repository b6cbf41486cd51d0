//! The words of an index: what a misspelt word of a query may have meant.

use super::plan::text_fields;
use super::segment_cache::GenerationCache;
use super::spelling::{WordSource, few};
use super::terms::TermResolver;
use crate::fields;
use crate::index::{is_phrase_token, words};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

/// Terms looked at in one field of one segment.
const MOST_TERMS: usize = 300_000;

/// Words of one letter that are kept; where there are more, they are read again.
const MOST_KEPT: usize = 1 << 15;

/// The words that begin with each letter, once a question needed them.
pub(super) type WordCache = GenerationCache<char, Vec<(String, u64)>>;

/// The words of an index.
pub(super) struct IndexWords<'s> {
    resolver: TermResolver<'s>,
    cache: &'s WordCache,
    searcher: &'s Searcher,
    texts: Vec<Field>,
    surface: Option<Field>,
}

impl<'s> IndexWords<'s> {
    /// Of a state of the index.
    pub(super) fn new(resolver: TermResolver<'s>, cache: &'s WordCache) -> IndexWords<'s> {
        let searcher = resolver.searcher;
        let schema = searcher.schema();
        let field = |name: &str| schema.get_field(name).ok();
        IndexWords {
            resolver,
            cache,
            searcher,
            texts: text_fields().filter_map(|(name, _)| field(name)).collect(),
            surface: field("surface"),
        }
    }

    /// The terms of a field that begin with a letter, with their documents.
    fn terms(&self, field: Field, first: char) -> HashMap<String, u64> {
        let mut terms: HashMap<String, u64> = HashMap::new();
        for segment in self.searcher.segment_readers() {
            let Ok(index) = segment.inverted_index(field) else {
                continue;
            };
            let from = first.to_string();
            let Ok(mut stream) = index.terms().range().ge(from.as_bytes()).into_stream() else {
                continue;
            };
            let mut looked = 0;
            while looked < MOST_TERMS && stream.advance() {
                looked += 1;
                let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                if !term.starts_with(first) {
                    break;
                }
                let is_word = term.bytes().all(|b| b.is_ascii_lowercase());
                if is_word && !is_phrase_token(term) {
                    let documents = u64::from(stream.value().doc_freq);
                    *terms.entry(term.to_string()).or_default() += documents;
                }
            }
        }
        terms
    }

    /// Words and not stems: "acupunctur" is the stem of all that letters have of it, and no word.
    fn words(&self, first: char) -> Vec<(String, u64)> {
        let surfaces = self.surface.map(|field| self.terms(field, first));
        let mut all = surfaces.unwrap_or_default();
        let mut inflected: HashMap<String, u64> = HashMap::new();
        for (surface, documents) in &all {
            if let Some(stem) = words(surface).pop() {
                *inflected.entry(stem.text).or_default() += documents;
            }
        }
        let mut stems: HashMap<String, u64> = HashMap::new();
        for field in &self.texts {
            for (stem, documents) in self.terms(*field, first) {
                let most = stems.entry(stem).or_default();
                *most = documents.max(*most);
            }
        }
        for (stem, documents) in stems {
            if documents > inflected.get(&stem).copied().unwrap_or(0) {
                let own = all.entry(stem).or_default();
                *own = documents.max(*own);
            }
        }
        all.into_iter().collect()
    }
}

/// What an index has of words with one first letter: for another engine, which is to judge spellings and
/// rarities as this one does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordTable {
    /// Indexed words and the tokens of known phrases, with the documents that have them, by text field in the
    /// order of [`crate::fields::texts`].
    pub stems: BTreeMap<String, Vec<u64>>,
    /// Words as letters print them, with the documents that have them, about.
    pub surfaces: Vec<(String, u64)>,
}

impl IndexWords<'_> {
    /// The table of a first letter.
    pub(super) fn table(&self, first: char) -> WordTable {
        let mut table = WordTable::default();
        let schema = self.searcher.schema();
        let fields: Vec<Field> = fields::texts()
            .filter_map(|(field, _)| schema.get_field(field.key).ok())
            .collect();
        for (n, field) in fields.iter().enumerate() {
            for segment in self.searcher.segment_readers() {
                let Ok(index) = segment.inverted_index(*field) else {
                    continue;
                };
                let from = first.to_string();
                let Ok(mut stream) = index.terms().range().ge(from.as_bytes()).into_stream() else {
                    continue;
                };
                while stream.advance() {
                    let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                    if !term.starts_with(first) {
                        break;
                    }
                    let documents = u64::from(stream.value().doc_freq);
                    let own = table.stems.entry(term.to_string());
                    own.or_insert_with(|| vec![0; fields.len()])[n] += documents;
                }
            }
        }
        table.surfaces = self.words(first);
        table.surfaces.sort();
        table
    }
}

impl WordSource for IndexWords<'_> {
    fn frequency(&self, word: &str) -> u64 {
        let stems = words(word);
        let [stem] = stems.as_slice() else {
            return 0;
        };
        let documents = |field: &Field| {
            let term = self.resolver.get(Term::from_field_text(*field, &stem.text));
            term.map_or(0, |term| term.documents())
        };
        self.texts.iter().map(documents).max().unwrap_or(0)
    }

    fn is_common(&self, word: &str) -> bool {
        self.frequency(word) > few(self.searcher.num_docs())
    }

    fn beginning_with(&self, first: char) -> Arc<Vec<(String, u64)>> {
        // Words are of plain letters.
        if !first.is_ascii_lowercase() {
            return Arc::default();
        }
        let words = |first: &char| self.words(*first);
        let worth = |words: &Vec<_>| words.len() <= MOST_KEPT;
        self.cache.of(self.searcher, first, words, worth)
    }
}
