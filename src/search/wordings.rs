//! Pattern a word, a phrase or the beginning of a word may be in the index.

use super::parser::Pattern;
use super::plan::{Origin, Planner};
use super::scorer::ClauseQuery;
use crate::index::{chunk_words, is_phrase_token, words};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

/// Words that one beginning stands for which score as themselves; the others only match.
const MOST_TERMS: usize = 200;
/// Pattern a word scores beyond those.
const BEYOND: f32 = 0.1;
/// Phrases that one phrase or `w/5` may stand for: each is looked up.
const MOST_PHRASES: usize = 1200;
/// A word shorter than this is no other word's inflection where a `*` follows.
const LEAST_INFLECTED: usize = 4;

/// A beginning stands for more words than can be looked up beside others. Pattern is wrong, as a clause.
pub(super) struct TooMany(pub String);

type Ways = Result<Vec<Vec<String>>, TooMany>;

/// Pattern "follow-u*" may be: whole words, then the beginning of one.
struct Beginning {
    before: Vec<String>,
    stem: String,
    /// The word that it is by itself, where its indexed form does not begin so: "weaning*" is "wean".
    whole: Option<String>,
}

/// Words that begin so, in order, and whether these are all.
struct Begun {
    terms: Vec<String>,
    all: bool,
}

impl Planner<'_> {
    /// Pattern is looked up for a part of a query in one field.
    ///
    /// # Errors
    /// If a beginning stands for too many words to be looked for beside others.
    pub(super) fn lookups(
        &self,
        what: &Pattern,
        field: Field,
        boost: f32,
    ) -> Result<Vec<ClauseQuery>, TooMany> {
        let boosted = |query: Box<dyn Query>| {
            let query: Box<dyn Query> = Box::new(BoostQuery::new(query, boost));
            ClauseQuery::Query(query)
        };
        let phrases = |ways: Vec<Vec<String>>, slop: u32| -> Vec<ClauseQuery> {
            let query = any_phrase(field, &ways, slop);
            query.into_iter().map(boosted).collect()
        };
        Ok(match what {
            Pattern::Word(word) => chunk_words(word)
                .iter()
                .filter_map(|way| self.neighbours(field, way, boost, Origin::Typed))
                .collect(),
            Pattern::Phrase(typed, 0) if starred(typed).is_none() => self
                .neighbours(field, &phrase_words(typed), boost, Origin::Typed)
                .into_iter()
                .collect(),
            Pattern::Phrase(_, slop) => phrases(self.ways(field, what)?, *slop),
            Pattern::Prefix(typed) => {
                let mut lookups = Vec::new();
                for beginning in beginnings(typed) {
                    if beginning.before.is_empty() {
                        lookups.extend(self.any_word(field, &beginning, boost));
                    } else {
                        let ways = self.continued(field, typed, &beginning, &[])?;
                        lookups.extend(phrases(ways, 0));
                    }
                }
                lookups
            }
            Pattern::Near(a, b, distance) => {
                let (first, second) = (self.ways(field, a)?, self.ways(field, b)?);
                if first.len() * second.len() * 2 > MOST_PHRASES {
                    return Err(TooMany(format!(
                        "'{what}', which stands for too many words (write more of them)"
                    )));
                }
                let pairs = first
                    .iter()
                    .flat_map(|a| second.iter().flat_map(move |b| [[a, b], [b, a]]));
                let both = pairs.map(|[a, b]| a.iter().chain(b).cloned().collect());
                phrases(both.collect(), distance.saturating_sub(1))
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
        beginning: &Beginning,
        before: &[String],
    ) -> Ways {
        let begun = self.begun(field, &beginning.stem);
        if !begun.all {
            return Err(TooMany(format!(
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
    fn any_word(&self, field: Field, beginning: &Beginning, boost: f32) -> Vec<ClauseQuery> {
        let stem = &beginning.stem;
        let begun = self.begun(field, stem);
        let terms = begun.terms.iter().chain(&beginning.whole);
        let held = terms.filter_map(|term| self.terms.get(Term::from_field_text(field, term)));
        let mut lookups: Vec<ClauseQuery> =
            held.map(|held| ClauseQuery::word(held, boost)).collect();
        if !begun.all {
            let rest = BoostQuery::new(Box::new(beginning_with(field, stem)), boost * BEYOND);
            lookups.push(ClauseQuery::Query(Box::new(rest)));
        }
        lookups
    }

    fn begun(&self, field: Field, stem: &str) -> Begun {
        let mut terms = std::collections::BTreeSet::new();
        let mut all = true;
        for segment in self.searcher.segment_readers() {
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
        Begun {
            all: all && terms.len() <= MOST_TERMS,
            terms: terms.into_iter().take(MOST_TERMS).collect(),
        }
    }
}

/// Pattern has any value that begins so.
pub(super) fn beginning_with(field: Field, stem: &str) -> RangeQuery {
    let end = format!("{stem}{}", char::MAX);
    RangeQuery::new(
        Bound::Included(Term::from_field_text(field, stem)),
        Bound::Included(Term::from_field_text(field, &end)),
    )
}

/// The last word of a phrase without its `*`, and the words before; None of a phrase without one.
fn starred(typed: &[String]) -> Option<(&str, &[String])> {
    let (last, before) = typed.split_last()?;
    let stem = last.trim_end_matches(['*', '!']);
    (stem.len() < last.len()).then_some((stem, before))
}

/// Pattern the beginning of a word as typed may begin: the last part of a hyphenated one, or the joined
/// form.
fn beginnings(typed: &str) -> Vec<Beginning> {
    let all = words(typed);
    let Some(end) = all.last().map(|word| word.position) else {
        return Vec::new();
    };
    let mut before: Vec<String> = Vec::new();
    for word in &all {
        if word.position == before.len() && word.position < end {
            before.push(word.text.clone());
        }
    }
    let lasts: Vec<_> = all.iter().filter(|word| word.position == end).collect();
    let mut found = Vec::new();
    for word in &lasts {
        let printed = &typed[word.from..word.to];
        let is_joined = word.from < lasts[0].from;
        let is_number = printed.bytes().all(|b| b.is_ascii_digit());
        let stem = if is_number {
            word.text.clone()
        } else {
            letters(printed)
        };
        let inflected = stem.len() >= LEAST_INFLECTED && !word.text.starts_with(&stem);
        found.push(Beginning {
            before: if is_joined {
                Vec::new()
            } else {
                before.clone()
            },
            whole: inflected.then(|| word.text.clone()),
            stem,
        });
    }
    // "#60*" asks for counts, not for any number.
    found.retain(|b| !b.stem.is_empty());
    if found.iter().any(|b| b.stem.starts_with('#')) {
        found.retain(|b| b.stem.starts_with('#'));
    }
    found
}

/// The letters and digits of a word as indexed words have them, but not stemmed.
fn letters(printed: &str) -> String {
    let letter = |c: char| match c {
        _ if c.is_ascii_alphanumeric() => c.to_ascii_lowercase().to_string(),
        _ if c.is_ascii() => String::new(),
        // A letter alone has no ending to lose.
        _ => words(&c.to_string())
            .pop()
            .map_or_else(String::new, |word| word.text),
    };
    printed.chars().map(letter).collect()
}

fn phrase_words(typed: &[String]) -> Vec<String> {
    typed
        .iter()
        .filter_map(|word| chunk_words(word).into_iter().next())
        .flatten()
        .collect()
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

/// Pattern snippets mark for a part of a query: sequences of words, and the beginning of one.
pub(super) fn marks(what: &Pattern) -> (Vec<Vec<String>>, Option<String>) {
    let begun = |typed: &str, before: &[String]| {
        let beginning = beginnings(typed).into_iter().next();
        let (mut marks, mut stem) = (Vec::new(), None);
        if let Some(beginning) = beginning {
            marks.extend(beginning.whole.map(|whole| vec![whole]));
            let before = [phrase_words(before), beginning.before].concat();
            marks.extend((!before.is_empty()).then_some(before));
            stem = Some(beginning.stem);
        }
        (marks, stem)
    };
    match what {
        Pattern::Word(word) => (chunk_words(word), None),
        Pattern::Prefix(typed) => begun(typed, &[]),
        Pattern::Phrase(typed, slop) => match (starred(typed), slop) {
            (Some((last, before)), _) => begun(last, before),
            (None, 0) => (vec![phrase_words(typed)], None),
            (None, _) => {
                let words = phrase_words(typed).into_iter();
                (words.map(|word| vec![word]).collect(), None)
            }
        },
        Pattern::Near(a, b, _) => {
            let ((mut all, first), (more, second)) = (marks(a), marks(b));
            all.extend(more);
            (all, first.or(second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(typed: &str) -> Vec<String> {
        let one = |b: Beginning| {
            let whole = b
                .whole
                .map_or_else(String::new, |whole| format!(" or {whole}"));
            format!(
                "{}{}*{whole}",
                b.before.iter().map(|w| format!("{w} ")).collect::<String>(),
                b.stem
            )
        };
        beginnings(typed).into_iter().map(one).collect()
    }

    #[test]
    fn what_a_beginning_begins() {
        assert_eq!(told("Taper"), ["taper*"]);
        assert_eq!(told("weaning"), ["weaning* or wean"]);
        assert_eq!(told("radiculopathy"), ["radiculopathy* or radiculopathi"]);
        assert_eq!(told("follow-u"), ["follow u*", "followu*"]);
        assert_eq!(told("10/32"), ["10 32*"]);
        assert_eq!(told("L4-5"), ["l4 l5*"]);
        assert_eq!(told("Épidur"), ["epidur*"]);
        assert_eq!(told("bes"), ["bes*"]);
    }
}
