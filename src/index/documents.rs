//! The block of documents that a letter becomes.

use super::document::Document;
use super::primer::Primer;
use super::schema::Fields;
use super::stored;
use crate::letter::{Citation, Item, Letter, Side};
use crate::vocabulary::Specialties;
use std::sync::Arc;
use tantivy::schema::{Facet, Field, Term};

/// A facet of path segments; a slash inside a segment ("acetaminophen/hydrocodone") becomes a
/// hyphen, so that paths read plainly.
#[must_use]
pub fn facet_of<'a>(path: impl IntoIterator<Item = &'a str>) -> Facet {
    let mut encoded = String::new();
    for (n, segment) in path.into_iter().enumerate() {
        if n > 0 {
            encoded.push(BETWEEN_SEGMENTS);
        }
        if segment.contains('/') {
            encoded += &drug_label(segment);
        } else {
            encoded += segment;
        }
    }
    // It is a string already.
    Facet::from_encoded(encoded.into_bytes()).unwrap_or_else(|_| Facet::root())
}

/// A value as a facet's segment shows it.
#[must_use]
pub fn drug_label(value: &str) -> String {
    value.replace('/', "-")
}

/// Below a decision's value: the denial fell in part only.
pub const IN_PART: &str = "in part";

/// The documents of a letter: its items in their order, then itself, compressed with what the index's
/// letters have in common.
#[must_use]
pub fn block(
    fields: &Fields,
    mut letter: Letter,
    id: &str,
    primer: Option<&Primer>,
) -> Vec<Document> {
    let text = Arc::new(std::mem::take(&mut letter.text));
    let letter = &letter;
    let mut documents = Vec::with_capacity(letter.items.len() + 1);
    for item in &letter.items {
        let mut doc = item_document(fields, &text, item);
        doc.add_text(fields.letter_id, id);
        doc.add_text(fields.kind, "item");
        documents.push(doc);
    }
    let mut doc = letter_document(fields, &text, letter, primer);
    doc.add_text(fields.letter_id, id);
    doc.add_text(fields.kind, "letter");
    documents.push(doc);
    documents
}

fn item_document(fields: &Fields, text: &Arc<String>, item: &Item) -> Document {
    let mut doc = Document::with_capacity(24);
    doc.add_text(fields.request, &item.request);
    if let Some(original) = &item.original_request {
        doc.add_text(fields.request, original);
    }
    doc.add_passage(fields.rationale, text, item.rationale.clone());
    for side in [&item.claims_administrator, &item.reviewer] {
        if !side.text.is_empty() && !side.citations.is_empty() {
            doc.add_text(fields.guidelines, &side.text);
        }
    }
    for drug in &item.drugs {
        doc.add_facet(fields.drug, facet_of([drug.class.as_str(), &drug.name]));
    }
    if let Some(decision) = item.decision {
        let path = [decision.name(), IN_PART];
        let depth = if item.partial { 2 } else { 1 };
        doc.add_facet(fields.decision, facet_of(path.into_iter().take(depth)));
    }
    doc.add_facet(fields.treatment, facet_of([item.treatment.as_str()]));
    for part in &item.body_parts {
        doc.add_facet(fields.body_part, facet_of([part.as_str()]));
    }
    let reviewer = guideline_facets(&item.reviewer);
    let administrator = guideline_facets(&item.claims_administrator);
    add_paths(&mut doc, fields.guideline_reviewer, &reviewer);
    add_paths(&mut doc, fields.guideline_administrator, &administrator);
    let mut both = reviewer;
    both.extend(administrator);
    both.sort();
    both.dedup();
    for facet in both {
        doc.add_facet(fields.guideline, facet);
    }
    doc
}

/// The term under which a path of a field that keeps no column is found.
#[must_use]
pub fn path_term(field: Field, path: &Facet) -> Term {
    Term::from_field_text(field, path.encoded_str())
}

/// What stands between the segments of a path as tantivy encodes it.
const BETWEEN_SEGMENTS: char = '\0';

/// Every path and what is above it, each once: as tantivy does for a facet, without its column.
fn add_paths(doc: &mut Document, field: Field, paths: &[Facet]) {
    let mut encoded: Vec<&str> = Vec::new();
    for path in paths.iter().map(Facet::encoded_str) {
        let above = path
            .match_indices(BETWEEN_SEGMENTS)
            .map(|(at, _)| &path[..at]);
        encoded.extend(above.chain([path]));
    }
    encoded.sort_unstable();
    encoded.dedup();
    for path in encoded {
        doc.add_text(field, path);
    }
}

/// Source, title, page: one path for each page cited, else for the title, else for the source.
fn guideline_facets(side: &Side) -> Vec<Facet> {
    let mut facets = Vec::new();
    for Citation {
        source,
        title,
        pages,
        ..
    } in &side.citations
    {
        if source != "MTUS" || title.is_empty() {
            facets.push(facet_of([source.as_str()]));
            continue;
        }
        if pages.is_empty() {
            facets.push(facet_of([source.as_str(), title]));
        }
        for page in pages {
            facets.push(facet_of([source.as_str(), title, &page.to_string()]));
        }
    }
    facets.sort();
    facets.dedup();
    facets
}

fn letter_document(
    fields: &Fields,
    text: &Arc<String>,
    letter: &Letter,
    primer: Option<&Primer>,
) -> Document {
    let mut doc = Document::with_capacity(24);
    let summary = match letter.layout {
        Some(_) => letter.case_summary.clone(),
        None => 0..text.len(),
    };
    doc.add_passage(fields.summary, text, summary);
    for specialty in &letter.reviewer.specialties {
        let name = Specialties::get().named(specialty).unwrap_or(specialty);
        doc.add_facet(fields.specialty, facet_of([name]));
    }
    for state in &letter.reviewer.licensure {
        doc.add_facet(fields.licensure, facet_of([state.as_str()]));
    }
    if let Some(date) = letter.dates.decision {
        doc.add_number(fields.decided, date.number());
        doc.add_facet(fields.year, facet_of([date.year().to_string().as_str()]));
    }
    if let Some(date) = letter.dates.injury {
        doc.add_number(fields.injured, date.number());
    }
    if let Some(age) = letter.patient.age {
        doc.add_number(fields.age, u64::from(age));
    }
    if let Some(sex) = letter.patient.sex {
        doc.add_facet(fields.sex, facet_of([sex.name()]));
    }
    if let Some(outcome) = letter.outcome() {
        doc.add_facet(fields.outcome, facet_of([outcome.name()]));
    }
    if let Some(priority) = letter.priority {
        let name = match priority {
            crate::letter::Priority::Standard => "standard",
            crate::letter::Priority::Expedited => "expedited",
        };
        doc.add_facet(fields.priority, facet_of([name]));
    }
    let layout = letter.layout.map_or("unrecognised", |l| l.name());
    doc.add_facet(fields.layout, facet_of([layout]));
    let mut kinds: Vec<_> = letter.warnings.iter().map(|w| w.kind).collect();
    kinds.sort();
    kinds.dedup();
    for kind in kinds {
        doc.add_facet(fields.warning, facet_of([kind.name()]));
    }
    if let Some(case) = &letter.case_number {
        doc.add_text(fields.case_number, case);
    }
    doc.keep(stored::pack(letter, text, primer));
    doc
}
