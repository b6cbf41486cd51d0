//! Hits as JSON: the schema of docs/json.md, the same for the command and the HTTP API.

use super::{
    ConceptNote, Correction, DropOne, Expansion, FacetCounts, Fragment, Hit, PreferredDecision,
    Response,
};
use crate::letter::Record;
use serde::Serialize;

/// The first line of an answer.
#[derive(Serialize)]
pub struct Summary<'r> {
    r#type: &'static str,
    letters: u64,
    items: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    millis: Option<f64>,
    query: &'r str,
    relaxed: bool,
    concepts: &'r [ConceptNote],
    mentions: u64,
    only_mentions: bool,
    #[serde(skip_serializing_if = "is_zero")]
    others: u64,
    preferred_decision: Option<&'r PreferredDecision>,
    dropped: &'r [String],
    drop_one: &'r [DropOne],
    expanded: &'r [Expansion],
    notes: &'r [String],
    corrected: &'r [Correction],
    suggestions: Vec<Suggestion<'r>>,
    facets: &'r [FacetCounts],
}

#[derive(Serialize)]
struct Suggestion<'r> {
    word: &'r str,
    spellings: &'r [String],
}

/// The first line of an answer; `timed` says how long it took, which differs from run to run.
#[must_use]
pub fn summary(response: &Response, timed: bool) -> Summary<'_> {
    Summary {
        r#type: "summary",
        letters: response.letters,
        items: response.items,
        millis: timed.then(|| (response.millis * 1000.0).round() / 1000.0),
        query: &response.understood,
        relaxed: response.relaxed,
        concepts: &response.concepts,
        mentions: response.mentions,
        only_mentions: response.only_mentions,
        others: response.others,
        preferred_decision: response.preferred_decision.as_ref(),
        dropped: &response.dropped,
        drop_one: &response.drop_one,
        expanded: &response.expanded,
        notes: &response.notes,
        corrected: &response.corrected,
        suggestions: response
            .suggestions
            .iter()
            .map(|(word, spellings)| Suggestion { word, spellings })
            .collect(),
        facets: &response.facets,
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A letter of the index: its record, its identity and every file that contains it.
#[derive(Serialize)]
pub struct LetterLine<'h> {
    #[serde(flatten)]
    record: Record<'h>,
    id: &'h str,
    files: &'h [String],
}

/// A letter's line, as `imr show --json` prints it.
#[must_use]
pub fn letter(hit: &Hit) -> LetterLine<'_> {
    LetterLine {
        record: Record::new(&hit.letter, hit.files.first().map_or("", String::as_str)),
        id: &hit.id,
        files: &hit.files,
    }
}

/// A hit: the letter's record, and what matched.
#[derive(Serialize)]
pub struct HitLine<'h> {
    r#type: &'static str,
    rank: usize,
    score: f32,
    complete: bool,
    id: &'h str,
    files: &'h [String],
    matching_items: Vec<usize>,
    snippets: &'h [Fragment],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    explanation: &'h [String],
    #[serde(flatten)]
    record: Record<'h>,
}

/// A hit's line; ranks count from 1.
#[must_use]
pub fn hit(hit: &Hit, rank: usize) -> HitLine<'_> {
    HitLine {
        r#type: match hit {
            Hit { mention: true, .. } => "mention",
            Hit { partial: true, .. } => "partial",
            _ => "hit",
        },
        rank,
        score: hit.score,
        complete: hit.complete,
        id: &hit.id,
        files: &hit.files,
        matching_items: hit.items.iter().map(|item| item.item).collect(),
        snippets: &hit.snippets,
        explanation: &hit.explanation,
        record: Record::new(&hit.letter, hit.files.first().map_or("", String::as_str)),
    }
}
