//! What an assistant reads: letters with their case numbers, and the reviewers' words.

use crate::export::Provenance;
use crate::letter::{Decision, Item, Letter, page_ranges};
use crate::search::{Hit, Response, understood};
use serde_json::{Value, json};

/// How a question was understood, and how many letters answer it.
pub(super) fn summary(response: &Response) -> Value {
    let interpretation: Vec<String> = understood(response)
        .into_iter()
        .chain(response.notes.iter().cloned())
        .collect();
    json!({
        "letters": response.letters,
        "items": response.items,
        "interpretation": interpretation,
        "only_partial_matches": response.relaxed,
        "words_not_found": response.dropped,
        "more_letters_that_only_mention_it": response.mentions,
    })
}

/// A letter with its matching items, each with what can be quoted.
pub(super) fn hit(hit: &Hit) -> Value {
    let letter: &Letter = &hit.letter;
    let places = hit.items.iter().map(|item| item.item);
    let items = places.filter_map(|at| Some((at, letter.items.get(at)?)));
    let items = items.map(|(at, item)| {
        let mut said = self::item(letter, at, item);
        let of_item = hit
            .snippets
            .iter()
            .filter(|s| s.item == Some(at) && s.field == "rationale");
        let passages: Vec<&str> = of_item.map(|snippet| snippet.text.as_str()).collect();
        said["passages"] = json!(passages);
        said
    });
    let items: Vec<Value> = items.collect();
    let of_summary = hit.snippets.iter().filter(|s| s.item.is_none());
    let mut said = json!({
        "case_number": letter.case_number,
        "id": hit.id,
        "file": hit.files.first(),
        "decided": letter.dates.decision,
        "reviewer_specialties": letter.reviewer.specialties,
        "items": items,
        "case_summary_passages": of_summary.map(|s| s.text.as_str()).collect::<Vec<_>>(),
    });
    if hit.mention {
        said["only_mentions_what_is_asked_for"] = true.into();
    }
    said
}

/// An item: what was asked for, what was decided, and the reviewer's own sentence on why.
fn item(letter: &Letter, at: usize, item: &Item) -> Value {
    let pages: Vec<String> = item
        .reviewer
        .citations
        .iter()
        .map(|citation| {
            let pages = page_ranges(&citation.pages);
            let title = format!("{} {}", citation.source, citation.title);
            let title = title.trim();
            if pages.is_empty() {
                title.to_string()
            } else {
                format!("{title}, p. {pages}")
            }
        })
        .collect();
    let reasons: Vec<String> = item.reasons.iter().map(ToString::to_string).collect();
    json!({
        "item": at + 1,
        "request": item.request,
        "decision": item.decision.map(Decision::name),
        "partial": item.partial,
        "reasons": reasons,
        "reviewer_wrote": item.reason_sentence(letter),
        "reviewer_cited": pages,
    })
}

/// From which program and day an answer is.
pub(super) fn stamped(mut answer: Value, index: &std::path::Path) -> Value {
    answer["source"] = json!({
        "program": Provenance::program(),
        "index": index.display().to_string(),
    });
    answer
}
