//! The sentence or two of a letter that answer.

use super::compile::CompiledQuery;
use super::plan::Clause;
use super::request::{Fragment, HitItem};
use crate::index::{FirstLetters, each_word};
use crate::letter::Letter;
use crate::letter::sections::floor_char;
use crate::letter::text::flat;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::ops::Range;

/// The longest fragment, in bytes.
const LONGEST: usize = 280;
/// Passages are read so far for snippets.
const REACH: usize = 64 << 10;

/// The requests of matching items that are marked, at most.
const MOST_REQUESTS: usize = 12;

/// The requests of a letter's matching items that hold the query's words, marked.
#[must_use]
pub(super) fn requests(
    letter: &Letter,
    items: &[HitItem],
    matcher: &HighlightMatcher,
) -> Vec<Fragment> {
    items
        .iter()
        .take(MOST_REQUESTS)
        .filter_map(|at| {
            let request = &letter.items.get(at.item)?.request;
            let marks = matcher.marks(request);
            let whole = 0..request.len();
            (!marks.is_empty()).then(|| fragment("request", Some(at.item), request, whole, &marks))
        })
        .collect()
}

/// The fragments of a letter: the sentence that decided its best matching item, then passages that hold the
/// words, of the item's rationale, its guidelines, the case summary. At most two; the second only where it
/// shows other words.
#[must_use]
pub(super) fn fragments(
    letter: &Letter,
    items: &[HitItem],
    matcher: &HighlightMatcher,
) -> Vec<Fragment> {
    let best = items
        .iter()
        .max_by(|a, b| a.score.total_cmp(&b.score).then(b.item.cmp(&a.item)))
        .map(|item| item.item);
    let own = best.and_then(|n| letter.items.get(n));
    let own = own
        .map(|item| letter.own_rationale(item))
        .unwrap_or_default();
    let mut passages: Vec<(&'static str, Option<usize>, &str)> = Vec::new();
    if let Some(item) = best.and_then(|n| letter.items.get(n)) {
        let guidelines = [&item.claims_administrator.text, &item.reviewer.text];
        passages.push(("rationale", best, &own));
        for text in guidelines {
            passages.push(("guidelines", best, text));
        }
    }
    let summary = if letter.is_recognized() {
        letter.passage(&letter.case_summary)
    } else {
        &letter.text
    };
    passages.push(("summary", None, summary));

    let mut chosen: Vec<(Fragment, Vec<usize>)> = Vec::new();
    chosen.extend(deciding_sentence(letter, best, matcher));
    let decided = best.and_then(|n| letter.items.get(n)?.reason_sentences.first());
    let decided = decided.map(|range| flat(letter.passage(range)));
    for (field, item, passage) in &passages {
        let text = &flat(passage);
        let marks = matcher.marks(text);
        // What is shown already is not shown again.
        let decided = decided.as_deref().filter(|_| *field == "rationale");
        let shown = decided.and_then(|decided| {
            let start = text.find(decided)?;
            Some(start..start + decided.len())
        });
        // A rationale may give both fragments.
        let most = if *field == "rationale" { 2 } else { 1 };
        for _ in 0..most {
            let seen: Vec<usize> = chosen
                .iter()
                .flat_map(|(_, leaves)| leaves.clone())
                .collect();
            let Some((range, leaves)) = best_window(text, &marks, &seen, shown.as_ref()) else {
                break;
            };
            chosen.push((fragment(field, *item, text, range, &marks), leaves));
            if chosen.len() == 2 {
                break;
            }
        }
        if chosen.len() == 2 {
            break;
        }
    }
    if chosen.is_empty() {
        // No words to show: how the reviewer concludes.
        let rationale = passages
            .first()
            .filter(|(field, _, _)| *field == "rationale");
        let shown = |(field, item, passage): &(&'static str, Option<usize>, &str),
                     range: fn(&str) -> Range<usize>| {
            let text = flat(passage);
            (!text.is_empty()).then(|| fragment(field, *item, &text, range(&text), &[]))
        };
        let first = rationale.and_then(|passage| shown(passage, conclusion));
        let last = || shown(passages.last()?, |text| 0..floor_char(text, LONGEST));
        return first.or_else(last).into_iter().collect();
    }
    chosen.into_iter().map(|(fragment, _)| fragment).collect()
}

/// The sentence that decided the best of some items; how the reviewer concludes where none is known.
#[must_use]
pub(super) fn deciding(letter: &Letter, items: &[HitItem]) -> Vec<Fragment> {
    fragments(letter, items, &HighlightMatcher::nothing())
}

/// The sentence that carries the reason for an item's decision, and the clauses of the query in it.
fn deciding_sentence(
    letter: &Letter,
    item: Option<usize>,
    matcher: &HighlightMatcher,
) -> Option<(Fragment, Vec<usize>)> {
    let sentence = letter.items.get(item?)?.reason_sentences.first()?;
    let text = flat(letter.passage(sentence));
    let end = floor_char(&text, LONGEST);
    let end = match text[..end].rfind(' ') {
        Some(space) if end < text.len() => space,
        _ => end,
    };
    let marks = matcher.marks(&text);
    let leaves = marks.iter().filter(|mark| mark.range.end <= end);
    let leaves = leaves.map(|mark| mark.leaf).collect();
    (end > 0).then(|| (fragment("rationale", item, &text, 0..end, &marks), leaves))
}

/// A word or phrase of the query in a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Highlight {
    range: Range<usize>,
    leaf: usize,
}

/// What snippets look for: the words of a query and their synonyms.
pub(super) struct HighlightMatcher {
    /// Every word of any of them, numbered.
    words: HashMap<String, usize, RandomState>,
    beginnings: FirstLetters,
    /// Sequences by the number of their first word: the leaf, and the numbers of the words. Those of
    /// one leaf are neighbours.
    sequences: Vec<Vec<(usize, Vec<usize>)>>,
    prefixes: Vec<(usize, String)>,
}

/// A word of a passage that is looked for.
struct QueryWordMatch {
    word: usize,
    position: usize,
    range: Range<usize>,
}

impl HighlightMatcher {
    /// Marks nothing.
    fn nothing() -> HighlightMatcher {
        HighlightMatcher {
            words: HashMap::default(),
            beginnings: FirstLetters::NONE,
            sequences: Vec::new(),
            prefixes: Vec::new(),
        }
    }

    /// What a plan looks for.
    pub(super) fn of(query: &CompiledQuery) -> HighlightMatcher {
        let marks = query.clauses.iter().map(|clause| clause.marks.as_slice());
        HighlightMatcher::with(query.plan.clauses.iter().zip(marks))
    }

    /// What some clauses look for; beside each its words and what else means the same.
    pub(super) fn with<'c>(
        clauses: impl Iterator<Item = (&'c Clause, &'c [Vec<String>])>,
    ) -> HighlightMatcher {
        let mut matcher = HighlightMatcher::nothing();
        for (n, (clause, marks)) in clauses.enumerate() {
            if let Some(prefix) = &clause.prefix {
                matcher.beginnings.add(prefix);
                matcher.prefixes.push((n, prefix.clone()));
            }
            for way in marks {
                let way: Vec<usize> = way.iter().map(|word| matcher.number(word)).collect();
                if let Some(first) = way.first() {
                    matcher.sequences[*first].push((n, way));
                }
            }
        }
        matcher
    }

    fn number(&mut self, word: &str) -> usize {
        let next = self.words.len();
        let number = *self.words.entry(word.to_string()).or_insert(next);
        if number == next {
            self.beginnings.add(word);
            self.sequences.push(Vec::new());
        }
        number
    }

    /// Where a passage has them, as spans of which none is within another.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        for mark in self.marks(text) {
            match spans.last_mut() {
                Some(last) if mark.range.start <= last.end => {
                    last.end = last.end.max(mark.range.end);
                }
                _ => spans.push(mark.range),
            }
        }
        spans
    }

    /// Where a passage has them.
    fn marks(&self, text: &str) -> Vec<Highlight> {
        let mut found: Vec<Highlight> = Vec::new();
        let mut seen: Vec<QueryWordMatch> = Vec::new();
        let text = &text[..floor_char(text, REACH)];
        each_word(text, self.beginnings, |token| {
            let range = token.offset_from..token.offset_to;
            for (leaf, prefix) in &self.prefixes {
                let word = text.as_bytes().get(range.start..range.start + prefix.len());
                let begins = word.is_some_and(|word| {
                    range.len() >= prefix.len() && word.eq_ignore_ascii_case(prefix.as_bytes())
                });
                if begins || token.text.starts_with(prefix.as_str()) {
                    found.push(Highlight {
                        range: range.clone(),
                        leaf: *leaf,
                    });
                }
            }
            if let Some(word) = self.words.get(token.text.as_str()) {
                seen.push(QueryWordMatch {
                    word: *word,
                    position: token.position,
                    range,
                });
            }
        });
        for (at, first) in seen.iter().enumerate() {
            for (leaf, way) in &self.sequences[first.word] {
                let Some(end) = sequence(&seen[at..], way) else {
                    continue;
                };
                match found.last_mut() {
                    // The longest of a leaf's ways that begin here.
                    Some(mark) if mark.range.start == first.range.start && mark.leaf == *leaf => {
                        mark.range.end = mark.range.end.max(end);
                    }
                    _ => found.push(Highlight {
                        range: first.range.start..end,
                        leaf: *leaf,
                    }),
                }
            }
        }
        found.sort_by_key(|m| (m.range.start, std::cmp::Reverse(m.range.end)));
        found
    }
}

/// Where a sequence of words ends that begins with the first of these.
fn sequence(seen: &[QueryWordMatch], way: &[usize]) -> Option<usize> {
    let first = seen.first()?;
    let mut end = first.range.end;
    let mut rest = seen.iter().skip(1).take(way.len() * 3);
    for (position, wanted) in (first.position + 1..).zip(&way[1..]) {
        let next = rest.find(|w| w.position == position && w.word == *wanted)?;
        end = next.range.end;
    }
    Some(end)
}

/// The window of whole sentences with the most of the query's words that were not shown yet, outside
/// what was `shown`.
fn best_window(
    text: &str,
    marks: &[Highlight],
    seen: &[usize],
    shown: Option<&Range<usize>>,
) -> Option<(Range<usize>, Vec<usize>)> {
    let is_shown =
        |range: &Range<usize>| shown.is_some_and(|s| s.start < range.end && range.start < s.end);
    let sentences = sentences(text);
    let mut best: Option<(usize, usize, Range<usize>, Vec<usize>)> = None;
    for (n, sentence) in sentences.iter().enumerate() {
        let mut range = sentence.clone();
        if let Some(next) = sentences
            .get(n + 1)
            .filter(|next| next.end - range.start <= LONGEST)
        {
            range.end = next.end;
        }
        for range in [sentence.clone(), range] {
            if is_shown(&range) {
                continue;
            }
            let inside = marks
                .iter()
                .filter(|m| m.range.start >= range.start && m.range.end <= range.end);
            let mut leaves: Vec<usize> = inside.clone().map(|m| m.leaf).collect();
            let hits = leaves.len();
            leaves.sort_unstable();
            leaves.dedup();
            let fresh = leaves.iter().filter(|leaf| !seen.contains(leaf)).count();
            let better = best
                .as_ref()
                .is_none_or(|(f, h, _, _)| (fresh, hits.min(4)) > (*f, (*h).min(4)));
            if fresh > 0 && better {
                best = Some((fresh, hits, range, leaves));
            }
        }
    }
    let (_, _, range, leaves) = best?;
    // A sentence longer than a fragment: the part around its first word.
    if range.end - range.start > LONGEST {
        let first = marks
            .iter()
            .find(|m| m.range.start >= range.start && !seen.contains(&m.leaf))?;
        let start = ceil(
            text,
            first
                .range
                .start
                .saturating_sub(LONGEST / 3)
                .max(range.start),
        );
        let start = text[start..first.range.start].find(' ').map_or(start, |n| {
            if start == range.start {
                start
            } else {
                start + n + 1
            }
        });
        let end = floor_char(text, (start + LONGEST).min(range.end));
        let end = if end == range.end {
            end
        } else {
            text[..end]
                .rfind(' ')
                .filter(|e| *e > first.range.end)
                .unwrap_or(end)
        };
        return Some((start..end, leaves));
    }
    Some((range, leaves))
}

fn fragment(
    field: &'static str,
    item: Option<usize>,
    text: &str,
    range: Range<usize>,
    marks: &[Highlight],
) -> Fragment {
    let mut shown = String::new();
    if range.start > 0
        && !text[..range.start]
            .trim_end()
            .ends_with(['.', '!', '?', ':'])
    {
        shown.push('\u{2026}');
    }
    let shift = shown.len();
    shown.push_str(text[range.clone()].trim_end());
    if range.end < text.len() && !shown.ends_with(['.', '!', '?']) {
        shown.push('\u{2026}');
    }
    let mut spans: Vec<Range<usize>> = Vec::new();
    for mark in marks
        .iter()
        .filter(|m| m.range.start >= range.start && m.range.end <= range.end)
    {
        let span = mark.range.start - range.start + shift..mark.range.end - range.start + shift;
        match spans.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    Fragment {
        field,
        item,
        text: shown,
        marks: spans,
    }
}

/// The last sentence or two.
pub(crate) fn conclusion(text: &str) -> Range<usize> {
    let sentences = sentences(text);
    let Some(last) = sentences.last() else {
        return 0..floor_char(text, LONGEST);
    };
    let mut start = last.start;
    for sentence in sentences.iter().rev().skip(1) {
        if last.end - sentence.start > LONGEST {
            break;
        }
        start = sentence.start;
    }
    if last.end - start > LONGEST {
        start = ceil(text, last.end - LONGEST);
        start += text[start..last.end].find(' ').map_or(0, |n| n + 1);
    }
    start..last.end
}

/// The sentences of a passage in one line, as byte ranges.
pub(crate) fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut sentences = Vec::new();
    let mut start = 0;
    for at in memchr::memchr3_iter(b'.', b'?', b'!', bytes) {
        let ends = bytes.get(at + 1) == Some(&b' ')
            && bytes
                .get(at + 2)
                .is_some_and(|b| b.is_ascii_uppercase() || *b == b'"' || *b >= 0x80)
            && at > start + 20;
        if ends {
            sentences.push(start..at + 1);
            start = at + 2;
        }
    }
    if start < text.len() {
        sentences.push(start..text.len());
    }
    sentences
}

fn ceil(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_people_end_them() {
        let text = "The dose of 7.5 mg was raised vs. last year. No gain is charted. So no.";
        let told: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(told[0], "The dose of 7.5 mg was raised vs. last year.");
        assert!(conclusion(text).end == text.len());
    }

    #[test]
    fn a_sequence_is_neighbours_only() {
        let mut matcher = HighlightMatcher::nothing();
        let way = ["physic", "therapi"].map(|word| matcher.number(word));
        matcher.sequences[way[0]].push((0, way.to_vec()));
        let text = "physical medicine, physical therapy";
        let marks = matcher.marks(text);
        assert_eq!(marks.len(), 1);
        assert_eq!(&text[marks[0].range.clone()], "physical therapy");
    }
}
