//! How each column is read off a hit.

use super::cell::Cell;
use super::columns::{Reader, items};
use crate::letter::{Citation, Decision, Item, Laterality, Layout, Priority, Side, page_ranges};
use crate::search::Hit;
use Reader::{Files, Id, Item as OfItem, ItemText, Letter, Text};

/// A reader for each column of `index-schema/columns.tsv`.
pub(super) const READERS: &[(&str, Reader)] = &[
    (
        "case_number",
        Letter(|h| h.letter.case_number.as_deref().into()),
    ),
    ("decided", Letter(|h| h.letter.dates.decision.into())),
    (
        "outcome",
        Letter(|h| h.letter.outcome().map(|o| o.name()).into()),
    ),
    ("items", Letter(|h| h.letter.items.len().into())),
    ("matching_items", Letter(|h| items(h).count().into())),
    (
        "requests",
        Letter(|h| Cell::list(matching(h).map(|i| i.request.as_str()))),
    ),
    (
        "decisions",
        Letter(|h| Cell::list(matching(h).map(|i| i.decision.map_or("", Decision::name)))),
    ),
    ("item", OfItem(|_, at| (at + 1).into())),
    ("request", OfItem(|i, _| i.request.as_str().into())),
    (
        "decision",
        OfItem(|i, _| i.decision.map(Decision::name).into()),
    ),
    ("partial", OfItem(|i, _| i.partial.then_some("yes").into())),
    (
        "drugs",
        OfItem(|i, _| Cell::list(i.drugs.iter().map(|d| d.name.as_str()))),
    ),
    ("drug_classes", OfItem(|i, _| classes(i))),
    (
        "strength",
        OfItem(|i, _| Cell::list(i.drugs.iter().filter_map(|d| d.strength.as_deref()))),
    ),
    (
        "form",
        OfItem(|i, _| Cell::list(i.drugs.iter().filter_map(|d| d.form.as_deref()))),
    ),
    (
        "quantity",
        OfItem(|i, _| i.drugs.iter().find_map(|d| d.quantity).into()),
    ),
    (
        "refills",
        OfItem(|i, _| i.drugs.iter().find_map(|d| d.refills).into()),
    ),
    ("treatment", OfItem(|i, _| i.treatment.as_str().into())),
    ("body_parts", OfItem(|i, _| list(&i.body_parts))),
    ("laterality", OfItem(|i, _| i.laterality.map(side).into())),
    ("visits", OfItem(|i, _| i.visits.into())),
    ("codes", OfItem(|i, _| list(&i.codes))),
    (
        "original_request",
        OfItem(|i, _| i.original_request.as_deref().into()),
    ),
    ("authorized", OfItem(|i, _| i.authorized.as_deref().into())),
    (
        "guidelines_reviewer",
        OfItem(|i, _| cited(&i.reviewer, titled)),
    ),
    (
        "pages_reviewer",
        OfItem(|i, _| page_ranges(&i.reviewer.pages()).into()),
    ),
    (
        "citations_reviewer",
        OfItem(|i, _| cited(&i.reviewer, in_full)),
    ),
    (
        "guidelines_administrator",
        OfItem(|i, _| cited(&i.claims_administrator, titled)),
    ),
    (
        "pages_administrator",
        OfItem(|i, _| page_ranges(&i.claims_administrator.pages()).into()),
    ),
    (
        "citations_administrator",
        OfItem(|i, _| cited(&i.claims_administrator, in_full)),
    ),
    ("guideline_pages", OfItem(|i, _| cited(&i.reviewer, paged))),
    (
        "specialties",
        Letter(|h| list(&h.letter.reviewer.specialties)),
    ),
    ("licensure", Letter(|h| list(&h.letter.reviewer.licensure))),
    ("age", Letter(|h| h.letter.patient.age.into())),
    (
        "sex",
        Letter(|h| h.letter.patient.sex.map(|s| s.name()).into()),
    ),
    ("injured", Letter(|h| h.letter.dates.injury.into())),
    (
        "priority",
        Letter(|h| h.letter.priority.map(urgency).into()),
    ),
    (
        "layout",
        Letter(|h| {
            let layout = h.letter.layout.filter(|_| h.letter.is_recognized());
            layout
                .map_or(crate::fields::UNRECOGNIZED, Layout::name)
                .into()
        }),
    ),
    ("denied", Letter(|h| h.letter.dates.ur_denial.into())),
    ("received", Letter(|h| h.letter.dates.received.into())),
    ("assigned", Letter(|h| h.letter.dates.assigned.into())),
    (
        "case_summary",
        Text(|h| Cell::line(h.letter.passage(&h.letter.case_summary))),
    ),
    (
        "rationale",
        ItemText(|letter, item| Cell::line(letter.passage(&item.rationale))),
    ),
    (
        "warnings",
        Letter(|h| Cell::list(h.letter.warnings.iter().map(|w| w.kind.name()))),
    ),
    ("case", Files(name)),
    ("id", Id(|h| h.id.as_str().into())),
    ("text", Text(|h| Cell::line(&h.letter.text))),
    ("files", Files(|h| list(&h.files))),
    (
        "file",
        Files(|h| h.files.first().map(String::as_str).into()),
    ),
];

fn matching(hit: &Hit) -> impl Iterator<Item = &Item> {
    items(hit).map(|at| &hit.letter.items[at])
}

fn list<'h>(texts: &[String]) -> Cell<'h> {
    Cell::list(texts.iter().map(String::as_str))
}

fn classes<'h>(item: &Item) -> Cell<'h> {
    let mut classes: Vec<&str> = item.drugs.iter().map(|d| d.class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    Cell::list(classes)
}

fn side(laterality: Laterality) -> &'static str {
    match laterality {
        Laterality::Left => "left",
        Laterality::Right => "right",
        Laterality::Bilateral => "bilateral",
    }
}

fn urgency(priority: Priority) -> &'static str {
    match priority {
        Priority::Standard => "standard",
        Priority::Expedited => "expedited",
    }
}

/// How a letter is named: its case number, else its file's name.
pub(super) fn name(hit: &Hit) -> Cell<'_> {
    if let Some(case) = &hit.letter.case_number {
        return case.as_str().into();
    }
    let file = hit.files.first().map(std::path::Path::new);
    let stem = file.and_then(|f| Some(f.file_stem()?.to_string_lossy().into_owned()));
    stem.unwrap_or_else(|| "(no case number)".to_string())
        .into()
}

fn cited<'h>(side: &Side, how: fn(&Citation) -> String) -> Cell<'h> {
    let mut cited: Vec<String> = side.citations.iter().map(how).collect();
    cited.dedup();
    cited.join("; ").into()
}

fn titled(citation: &Citation) -> String {
    if citation.printed.is_empty() {
        citation.source.clone()
    } else {
        format!("{} {}", citation.source, citation.printed)
    }
}

fn paged(citation: &Citation) -> String {
    let title = titled(citation);
    if citation.pages.is_empty() {
        title
    } else {
        format!("{title}, p. {}", page_ranges(&citation.pages))
    }
}

fn in_full(citation: &Citation) -> String {
    let mut full = titled(citation);
    if !citation.sections.is_empty() {
        full = format!("{full}, {}", citation.sections);
    }
    if !citation.pages.is_empty() {
        full = format!("{full}, p. {}", page_ranges(&citation.pages));
    }
    full
}
