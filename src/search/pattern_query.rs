//! Words, phrases, prefixes and `w/N` of a text field, resolved against what the index holds.

use super::compile::{Compiler, Unresolved, beginning_with, phrase_query};
use super::plan::Origin;
use super::query_ast::Pattern;
use super::scorer::ClauseWeight;
use super::wordings::{PrefixQuery, beginnings, phrase_words, starred};
use crate::index::{chunk_words, is_phrase_token, words};
use std::collections::{BTreeMap, BTreeSet};
use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

/// The field of words whose stems are other words.
const SURFACE: &str = "surface";
/// Words that one beginning stands for which score as themselves; the others only match.
const MOST_TERMS: usize = 200;
/// What a word scores beyond those.
const BEYOND: f32 = 0.1;
/// Phrases that one phrase or `w/5` may stand for: each is looked up.
const MOST_PHRASES: usize = 1200;

/// A sequence of indexed words, and the words themselves of which the document must have one each:
/// those that stems do not tell apart ("medication" is the stem "medic", as "medical" is).
#[derive(Debug, Clone, Default)]
struct PatternVariant {
    words: Vec<String>,
    surfaces: Vec<Vec<String>>,
}

impl PatternVariant {
    fn of(words: Vec<String>) -> PatternVariant {
        PatternVariant {
            words,
            surfaces: Vec::new(),
        }
    }

    /// This, then another.
    fn then(&self, next: &PatternVariant) -> PatternVariant {
        PatternVariant {
            words: [self.words.as_slice(), &next.words].concat(),
            surfaces: [self.surfaces.as_slice(), &next.surfaces].concat(),
        }
    }
}

type Ways = Result<Vec<PatternVariant>, Unresolved>;

/// Words that begin so, in order, and whether these are all.
struct PrefixExpansion {
    /// Stems; with those of which the word itself must begin so.
    terms: Vec<(String, Vec<String>)>,
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
        let surface = self.terms.searcher.schema().get_field(SURFACE)?;
        let phrases =
            |ways: Vec<PatternVariant>, slop: u32| -> tantivy::Result<Vec<ClauseWeight>> {
                let query = any_phrase(field, surface, &ways, slop).into_iter();
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
                        "'{what}', which stands for too many words (type more letters)"
                    )));
                }
                let pairs = first
                    .iter()
                    .flat_map(|a| second.iter().flat_map(move |b| [[a, b], [b, a]]));
                let both = pairs.map(|[a, b]| a.then(b));
                phrases(both.collect(), distance.saturating_sub(1))?
            }
        })
    }

    /// Each sequence of indexed words that a part of a query may be in a field.
    fn ways(&self, field: Field, what: &Pattern) -> Ways {
        match what {
            Pattern::Word(word) => Ok(chunk_words(word)
                .into_iter()
                .map(PatternVariant::of)
                .collect()),
            Pattern::Phrase(typed, _) => {
                let Some((last, before)) = starred(typed) else {
                    return Ok(vec![PatternVariant::of(phrase_words(typed))]);
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
        let begun = self.begun(field, &beginning.stem)?;
        if !begun.all {
            return Err(Unresolved::TooMany(format!(
                "'{typed}*' next to other words, which begins more than {MOST_TERMS} words (type more letters)"
            )));
        }
        let way = |(stem, surfaces): (String, Vec<String>)| {
            let words = before.iter().chain(&beginning.before).cloned();
            PatternVariant {
                words: words.chain([stem]).collect(),
                surfaces: if surfaces.is_empty() {
                    Vec::new()
                } else {
                    vec![surfaces]
                },
            }
        };
        Ok(begun.terms.into_iter().map(way).collect())
    }

    /// Any word that begins so.
    fn any_word(
        &self,
        field: Field,
        beginning: &PrefixQuery,
        boost: f32,
        scored: bool,
    ) -> tantivy::Result<Vec<ClauseWeight>> {
        let surface = self.terms.searcher.schema().get_field(SURFACE)?;
        let prefix = &beginning.stem;
        let begun = self.begun(field, prefix)?;
        let mut weights = Vec::new();
        for (stem, surfaces) in begun.terms {
            if !surfaces.is_empty() {
                let way = PatternVariant {
                    words: vec![stem],
                    surfaces: vec![surfaces],
                };
                if let Some(query) = one_phrase(field, surface, &way, 0) {
                    weights.push(self.query(BoostQuery::new(query, boost), scored)?);
                }
            } else if let Some(term) = self.terms.get(Term::from_field_text(field, &stem)) {
                let words = std::slice::from_ref(&term);
                weights.push(self.term(&term, words, boost, scored)?);
            }
        }
        if !begun.all {
            for field in [field, surface] {
                let rest = Box::new(beginning_with(field, prefix));
                weights.push(self.query(BoostQuery::new(rest, boost * BEYOND), scored)?);
            }
        }
        Ok(weights)
    }

    /// The words of a field that begin so: stems that do, whatever their words, and words that do
    /// where their stem does not.
    fn begun(&self, field: Field, prefix: &str) -> tantivy::Result<PrefixExpansion> {
        let surface = self.terms.searcher.schema().get_field(SURFACE)?;
        let (stems, mut all) = self.beginning(field, prefix)?;
        let (surfaces, all_surfaces) = self.beginning(surface, prefix)?;
        all &= all_surfaces;
        let mut terms: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for surface in surfaces {
            let stem = words(&surface).pop().map(|word| word.text);
            if let Some(stem) = stem.filter(|stem| !stem.starts_with(prefix)) {
                terms.entry(stem).or_default().push(surface);
            }
        }
        let held = |stem: &String| self.terms.get(Term::from_field_text(field, stem)).is_some();
        terms.retain(|stem, _| held(stem));
        terms.extend(stems.into_iter().map(|stem| (stem, Vec::new())));
        all &= terms.len() <= MOST_TERMS;
        Ok(PrefixExpansion {
            terms: terms.into_iter().take(MOST_TERMS).collect(),
            all,
        })
    }

    /// The terms of a field that begin so, at most [`MOST_TERMS`] a segment, and whether these are
    /// all.
    fn beginning(&self, field: Field, prefix: &str) -> tantivy::Result<(BTreeSet<String>, bool)> {
        let mut terms = BTreeSet::new();
        let mut all = true;
        for segment in self.terms.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut stream = index.terms().range().ge(prefix.as_bytes()).into_stream()?;
            let mut count = 0;
            while stream.advance() {
                let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                if !term.starts_with(prefix) {
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
        Ok((terms, all))
    }
}

/// Any of some phrases, with at most `slop` words between.
fn any_phrase(
    field: Field,
    surface: Field,
    ways: &[PatternVariant],
    slop: u32,
) -> Option<Box<dyn Query>> {
    let mut choices: Vec<Box<dyn Query>> = ways
        .iter()
        .filter_map(|way| one_phrase(field, surface, way, slop))
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

/// A phrase, in a document that has one each of the words that it asks for.
fn one_phrase(
    field: Field,
    surface: Field,
    way: &PatternVariant,
    slop: u32,
) -> Option<Box<dyn Query>> {
    let phrase = phrase_query(field, &way.words, slop)?;
    if way.surfaces.is_empty() {
        return Some(phrase);
    }
    let mut all = vec![(Occur::Must, phrase)];
    for surfaces in &way.surfaces {
        let term = |word: &String| -> Box<dyn Query> {
            let term = Term::from_field_text(surface, word);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic))
        };
        let any = BooleanQuery::union(surfaces.iter().map(term).collect());
        all.push((
            Occur::Must,
            Box::new(ConstScoreQuery::new(Box::new(any), 0.0)),
        ));
    }
    Some(Box::new(BooleanQuery::new(all)))
}
