//! Words, phrases, prefixes and `w/N` of a text field, resolved against what the index holds.

use super::compile::{Compiler, Unresolved};
use super::plan::Origin;
use super::query_ast::Pattern;
use super::scorer::ClauseWeight;
use super::wordings::{PrefixQuery, beginnings, phrase_words, starred};
use crate::index::{chunk_words, is_phrase_token};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

/// Words that one beginning stands for which score as themselves; the others only match.
const MOST_TERMS: usize = 200;
/// What a word scores beyond those.
const BEYOND: f32 = 0.1;
/// Phrases that one phrase or `w/5` may stand for: each is looked up.
const MOST_PHRASES: usize = 1200;

type Ways = Result<Vec<Vec<String>>, Unresolved>;

/// Words that begin so, in order, and whether these are all.
struct PrefixExpansion {
    terms: Vec<String>,
    all: bool,
}

impl Compiler<'_> {
    /// What is looked up for a part of a query in one field.
    ///
    /// # Errors
    /// If a beginning stands for too many words to be looked for beside others.
    pub(super) fn pattern(
        &self,
        what: &Pattern,
        field: Field,
        boost: f32,
        scored: bool,
    ) -> Result<Vec<ClauseWeight>, Unresolved> {
        let phrases = |ways: Vec<Vec<String>>, slop: u32| -> tantivy::Result<Vec<ClauseWeight>> {
            let query = any_phrase(field, &ways, slop).into_iter();
            let query = query.map(|query| self.query(BoostQuery::new(query, boost), scored));
            query.collect()
        };
        Ok(match what {
            Pattern::Word(word) => {
                let mut weights = Vec::new();
                for way in chunk_words(word) {
                    weights.extend(self.adjacent(field, &way, boost, Origin::Typed, scored)?);
                }
                weights
            }
            Pattern::Phrase(typed, 0) if starred(typed).is_none() => {
                let way = phrase_words(typed);
                let weight = self.adjacent(field, &way, boost, Origin::Typed, scored)?;
                weight.into_iter().collect()
            }
            Pattern::Phrase(_, slop) => phrases(self.ways(field, what)?, *slop)?,
            Pattern::Prefix(typed) => {
                let mut weights = Vec::new();
                for beginning in beginnings(typed) {
                    if beginning.before.is_empty() {
                        weights.extend(self.any_word(field, &beginning, boost, scored)?);
                    } else {
                        let ways = self.continued(field, typed, &beginning, &[])?;
                        weights.extend(phrases(ways, 0)?);
                    }
                }
                weights
            }
            Pattern::Near(a, b, distance) => {
                let (first, second) = (self.ways(field, a)?, self.ways(field, b)?);
                if first.len() * second.len() * 2 > MOST_PHRASES {
                    return Err(Unresolved::TooMany(format!(
                        "'{what}', which stands for too many words (write more of them)"
                    )));
                }
                let pairs = first
                    .iter()
                    .flat_map(|a| second.iter().flat_map(move |b| [[a, b], [b, a]]));
                let both = pairs.map(|[a, b]| a.iter().chain(b).cloned().collect());
                phrases(both.collect(), distance.saturating_sub(1))?
            }
        })
    }

    /// Each sequence of indexed words that a part of a query may be in a field.
    fn ways(&self, field: Field, what: &Pattern) -> Ways {
        match what {
            Pattern::Word(word) => Ok(chunk_words(word)),
            Pattern::Phrase(typed, _) => {
                let Some((last, before)) = starred(typed) else {
                    return Ok(vec![phrase_words(typed)]);
                };
                self.all_continued(field, last, &phrase_words(before))
            }
            Pattern::Prefix(typed) => self.all_continued(field, typed, &[]),
            // The parser does not nest them.
            Pattern::Near(..) => Ok(Vec::new()),
        }
    }

    fn all_continued(&self, field: Field, typed: &str, before: &[String]) -> Ways {
        let mut ways = Vec::new();
        for beginning in beginnings(typed) {
            ways.extend(self.continued(field, typed, &beginning, before)?);
        }
        Ok(ways)
    }

    /// Some words, then each word that begins so.
    fn continued(
        &self,
        field: Field,
        typed: &str,
        beginning: &PrefixQuery,
        before: &[String],
    ) -> Ways {
        let begun = self.begun(field, &beginning.stem);
        if !begun.all {
            return Err(Unresolved::TooMany(format!(
                "'{typed}*' beside other words, which begins more than {MOST_TERMS} (write more of it)"
            )));
        }
        let lasts = begun.terms.into_iter().chain(beginning.whole.clone());
        let way = |last| {
            let words = before.iter().chain(&beginning.before).cloned();
            words.chain([last]).collect()
        };
        Ok(lasts.map(way).collect())
    }

    /// Any word that begins so.
    fn any_word(
        &self,
        field: Field,
        beginning: &PrefixQuery,
        boost: f32,
        scored: bool,
    ) -> tantivy::Result<Vec<ClauseWeight>> {
        let stem = &beginning.stem;
        let begun = self.begun(field, stem);
        let mut weights = Vec::new();
        for term in begun.terms.iter().chain(&beginning.whole) {
            if let Some(term) = self.terms.get(Term::from_field_text(field, term)) {
                let words = std::slice::from_ref(&term);
                weights.push(self.term(&term, words, boost, scored)?);
            }
        }
        if !begun.all {
            let rest = Box::new(beginning_with(field, stem));
            weights.push(self.query(BoostQuery::new(rest, boost * BEYOND), scored)?);
        }
        Ok(weights)
    }

    fn begun(&self, field: Field, stem: &str) -> PrefixExpansion {
        let mut terms = std::collections::BTreeSet::new();
        let mut all = true;
        for segment in self.terms.searcher.segment_readers() {
            let Ok(index) = segment.inverted_index(field) else {
                continue;
            };
            let Ok(mut stream) = index.terms().range().ge(stem.as_bytes()).into_stream() else {
                continue;
            };
            let mut count = 0;
            while stream.advance() {
                let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                if !term.starts_with(stem) {
                    break;
                }
                if is_phrase_token(term) {
                    continue;
                }
                if count == MOST_TERMS {
                    all = false;
                    break;
                }
                terms.insert(term.to_string());
                count += 1;
            }
        }
        PrefixExpansion {
            all: all && terms.len() <= MOST_TERMS,
            terms: terms.into_iter().take(MOST_TERMS).collect(),
        }
    }
}

/// What has any value that begins so.
pub(super) fn beginning_with(field: Field, stem: &str) -> RangeQuery {
    let end = format!("{stem}{}", char::MAX);
    RangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(field, &end)),
    )
}

/// Any of some phrases, with at most `slop` words between.
fn any_phrase(field: Field, ways: &[Vec<String>], slop: u32) -> Option<Box<dyn Query>> {
    let mut choices: Vec<Box<dyn Query>> = ways
        .iter()
        .filter_map(|way| loose(field, way, slop))
        .collect();
    match choices.len() {
        0 => None,
        1 => choices.pop(),
        _ => {
            let any = choices.into_iter().map(|query| (Occur::Should, query));
            Some(Box::new(BooleanQuery::new(any.collect())))
        }
    }
}

/// A term, or a phrase of terms with at most `slop` words between.
pub(super) fn loose(field: Field, words: &[String], slop: u32) -> Option<Box<dyn Query>> {
    // A word beside itself says nothing in a loose phrase, and costs the engine much.
    let repeated = |n: usize| slop > 0 && words[..n].contains(&words[n]);
    let mut terms: Vec<Term> = (0..words.len())
        .filter(|n| !repeated(*n))
        .map(|n| &words[n])
        .map(|word| Term::from_field_text(field, word))
        .collect();
    match terms.len() {
        0 => None,
        1 => Some(Box::new(TermQuery::new(
            terms.remove(0),
            IndexRecordOption::WithFreqs,
        ))),
        _ => {
            let terms = terms.into_iter().enumerate().collect();
            Some(Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop)))
        }
    }
}
