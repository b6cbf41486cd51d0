//! The rows of a hit.

use crate::letter::text::flat;
use crate::letter::{Decision, Item, Side};
use crate::search::Hit;
use serde_json::Value;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// One matching item, the letter's fields repeated.
    Item,
    /// One letter.
    Letter,
}

/// The columns of a row by item, in order.
pub const COLUMNS: [&str; 25] = [
    "case_number",
    "decided",
    "item",
    "request",
    "decision",
    "partial",
    "drugs",
    "strength",
    "quantity",
    "treatment",
    "body_parts",
    "visits",
    "codes",
    "guidelines_reviewer",
    "pages_reviewer",
    "guidelines_administrator",
    "pages_administrator",
    "specialties",
    "licensure",
    "age",
    "sex",
    "injured",
    "priority",
    "rationale",
    "file",
];

/// The columns of a row by letter, in order.
pub const LETTER_COLUMNS: [&str; 16] = [
    "case_number",
    "decided",
    "outcome",
    "items",
    "matching_items",
    "requests",
    "decisions",
    "specialties",
    "licensure",
    "age",
    "sex",
    "injured",
    "priority",
    "layout",
    "case_summary",
    "file",
];

/// The header row.
#[must_use]
pub fn header(by: By) -> &'static [&'static str] {
    match by {
        By::Item => &COLUMNS,
        By::Letter => &LETTER_COLUMNS,
    }
}

/// The rows of a hit. A letter without a matching item has one row by item too, its item cells
/// empty: no hit is lost.
#[must_use]
pub fn of(hit: &Hit, by: By) -> Vec<Vec<String>> {
    if by == By::Letter {
        return vec![letter_row(hit)];
    }
    let items: Vec<_> = hit
        .items
        .iter()
        .filter_map(|at| Some((at.item, hit.letter.items.get(at.item)?)))
        .collect();
    if items.is_empty() {
        return vec![COLUMNS.iter().map(|name| letter_cell(hit, name)).collect()];
    }
    items
        .into_iter()
        .map(|(at, item)| {
            COLUMNS
                .iter()
                .map(|name| {
                    item_cell(hit, at, item, name).unwrap_or_else(|| letter_cell(hit, name))
                })
                .collect()
        })
        .collect()
}

fn item_cell(hit: &Hit, at: usize, item: &Item, name: &str) -> Option<String> {
    let titles = |side: &Side| {
        let mut cited: Vec<String> = side
            .citations
            .iter()
            .map(|c| {
                if c.printed.is_empty() {
                    c.source.clone()
                } else {
                    format!("{} {}", c.source, c.printed)
                }
            })
            .collect();
        cited.dedup();
        cited.join("; ")
    };
    let pages = |side: &Side| crate::letter::page_ranges(&side.pages());
    Some(match name {
        "item" => (at + 1).to_string(),
        "request" => item.request.clone(),
        "decision" => item
            .decision
            .map_or_else(String::new, |d| d.name().to_string()),
        "partial" => if item.partial { "yes" } else { "" }.to_string(),
        "drugs" => joined(item.drugs.iter().map(|d| d.name.as_str())),
        "strength" => joined(item.drugs.iter().filter_map(|d| d.strength.as_deref())),
        "quantity" => item
            .drugs
            .iter()
            .find_map(|d| d.quantity)
            .map_or_else(String::new, |q| q.to_string()),
        "treatment" => item.treatment.clone(),
        "body_parts" => joined(item.body_parts.iter().map(String::as_str)),
        "visits" => item.visits.map_or_else(String::new, |v| v.to_string()),
        "codes" => joined(item.codes.iter().map(String::as_str)),
        "guidelines_reviewer" => titles(&item.reviewer),
        "pages_reviewer" => pages(&item.reviewer),
        "guidelines_administrator" => titles(&item.claims_administrator),
        "pages_administrator" => pages(&item.claims_administrator),
        "rationale" => flat(hit.letter.passage(&item.rationale)),
        _ => return None,
    })
}

fn letter_cell(hit: &Hit, name: &str) -> String {
    let letter = &hit.letter;
    match name {
        "case_number" => letter.case_number.clone().unwrap_or_default(),
        "decided" => letter
            .dates
            .decision
            .map_or_else(String::new, |d| d.to_string()),
        "injured" => letter
            .dates
            .injury
            .map_or_else(String::new, |d| d.to_string()),
        "specialties" => joined(letter.reviewer.specialties.iter().map(String::as_str)),
        "licensure" => joined(letter.reviewer.licensure.iter().map(String::as_str)),
        "age" => letter
            .patient
            .age
            .map_or_else(String::new, |a| a.to_string()),
        "sex" => letter
            .patient
            .sex
            .map_or_else(String::new, |s| s.name().to_string()),
        "priority" => letter
            .priority
            .map_or_else(String::new, |p| format!("{p:?}").to_lowercase()),
        "file" => hit.files.first().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn letter_row(hit: &Hit) -> Vec<String> {
    let letter = &hit.letter;
    let matching = || hit.items.iter().filter_map(|at| letter.items.get(at.item));
    LETTER_COLUMNS
        .iter()
        .map(|name| match *name {
            "outcome" => letter
                .outcome()
                .map_or_else(String::new, |o| o.name().to_string()),
            "items" => letter.items.len().to_string(),
            "matching_items" => hit.items.len().to_string(),
            "requests" => joined(matching().map(|item| item.request.as_str())),
            "decisions" => joined(matching().map(|item| item.decision.map_or("", Decision::name))),
            "layout" => letter
                .layout
                .map_or("unrecognised", |l| l.name())
                .to_string(),
            "case_summary" => flat(letter.passage(&letter.case_summary)),
            other => letter_cell(hit, other),
        })
        .collect()
}

fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

/// A cell as JSON: numbers are numbers, what is silent is null.
#[must_use]
pub fn json(name: &str, cell: String) -> Value {
    if cell.is_empty() {
        return Value::Null;
    }
    let number = matches!(
        name,
        "item" | "quantity" | "visits" | "age" | "items" | "matching_items"
    );
    match cell.parse::<u64>() {
        Ok(n) if number => Value::from(n),
        _ => Value::from(cell),
    }
}
