//! Cases like mine, for programs: the same for the command and the HTTP API (docs/similar.md).

use super::{odds, wilson};
use crate::letter::CaseDocument;
use crate::search::{Similar, SimilarToRequest, json};
use serde_json::{Value, json};

/// A similar letter.
#[must_use]
pub fn similar_json(like: &Similar, rank: usize) -> Value {
    let mut line = value(json::hit(&like.hit, rank));
    line["similarity"] = json!(like.likeness);
    line["shared"] = json!(like.shared);
    line["shared_words"] = json!(like.words);
    line
}

/// What was understood of a document.
#[must_use]
pub fn understood_json(case: &CaseDocument) -> Value {
    let letter = &case.letter;
    let mut line = value(letter.patient);
    line["type"] = json!("understood");
    line["kind"] = json!(case.kind);
    line["separate_requests"] = json!(case.told_apart);
    line["requests"] = json!(letter.items.len());
    line["diagnoses"] = value(&letter.diagnoses);
    line["prior_treatments"] = value(&letter.prior_treatments);
    line["injury_mechanism"] = json!(letter.injury_mechanism);
    line["work_status"] = json!(letter.work_status);
    line
}

/// A request of a document, and how such requests were decided.
#[must_use]
pub fn request_json(case: &CaseDocument, of: &SimilarToRequest) -> Value {
    let item = &case.letter.items[of.item];
    let such = of.such.iter().map(|such| {
        let filters: Vec<Value> = such
            .filters
            .iter()
            .map(|filter| json!({"name": filter.name, "value": filter.value, "negated": filter.negated}))
            .collect();
        json!({
            "filters": filters,
            "items": such.decisions.decided(),
            "overturned": such.decisions.overturned,
            "rate": wilson(such.decisions.overturned, such.decisions.decided()),
            "sentence": odds(&such.decisions),
        })
    });
    json!({
        "type": "request",
        "request_number": of.item + 1,
        "request": item.request,
        "drugs": item.drugs.iter().map(|drug| &drug.name).collect::<Vec<_>>(),
        "treatment": item.treatment,
        "service": item.services,
        "body_parts": item.body_parts,
        "past_decisions": such.collect::<Vec<_>>(),
        "similar": of.similar.len(),
    })
}

fn value(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}
