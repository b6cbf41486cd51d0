//! Cases like mine, for people: what the command and the page both say of a document.

use crate::letter::{CaseDocument, Item, Letter};
use crate::search::counted;

/// What a document was read as: its kind, and how many requests were found in it.
#[must_use]
pub fn read_as(case: &CaseDocument) -> (&'static str, String) {
    let kind = case.kind.unwrap_or("an unrecognized kind of document");
    let requests = match (case.told_apart, case.letter.items.len()) {
        (true, n) => counted(n as u64, "request"),
        (false, 0) => "no request, drug or service was found in it".to_string(),
        (false, _) => "no separate request was found; the text names the following".to_string(),
    };
    (kind, requests)
}

/// What a document says of the worker: age, sex and work status, as far as it says so.
#[must_use]
pub fn worker(letter: &Letter) -> Vec<String> {
    let said = [
        letter.patient.age.map(|age| format!("{age} years")),
        letter.patient.sex.map(|sex| sex.name().to_string()),
        letter.work_status.clone(),
    ];
    said.into_iter().flatten().collect()
}

/// How a request is called.
#[must_use]
pub fn request_name(item: &Item) -> &str {
    if item.request.is_empty() {
        "The text as a whole"
    } else {
        &item.request
    }
}

/// What a request asks for: "drug acetaminophen/hydrocodone; body part low back".
#[must_use]
pub fn asked_for(item: &Item) -> String {
    let drugs: Vec<&str> = item.drugs.iter().map(|drug| drug.name.as_str()).collect();
    let parts = item.body_parts.iter().map(|part| part.replace('-', " "));
    let all = [
        ("drug", drugs.join(", ")),
        ("treatment", item.services.join(", ")),
        ("body part", parts.collect::<Vec<_>>().join(", ")),
    ];
    let said = all.iter().filter(|(_, values)| !values.is_empty());
    let said = said.map(|(label, values)| format!("{label} {values}"));
    said.collect::<Vec<_>>().join("; ")
}
