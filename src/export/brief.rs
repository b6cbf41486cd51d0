//! A brief: the question, how many letters answer it, the table of their items, and the passages
//! that matter. What it says is put together here; `markdown` and `html` write it down.

use super::columns::{self, Column, RowLevel, chosen};
use super::decided::Decided;
use super::passage::{self, Passage};
use super::question;
use crate::fields::Cell;
use crate::letter::{Decision, Item};
use crate::search::{Hit, Request, Response};
use crate::search::{counted, grouped};

/// The columns of a brief by item, unless told otherwise.
const BY_ITEM: [&str; 6] = [
    "case",
    "decided",
    "specialties",
    "request",
    "decision",
    "guideline_pages",
];
/// The columns of a brief by letter.
const BY_LETTER: [&str; 6] = [
    "case",
    "decided",
    "specialties",
    "requests",
    "decisions",
    "guideline_pages",
];

/// The columns of a brief's table, unless told otherwise.
#[must_use]
pub(super) fn default_columns(by: RowLevel) -> Vec<&'static Column> {
    let names = match by {
        RowLevel::Item => BY_ITEM,
        RowLevel::Letter => BY_LETTER,
    };
    chosen(names).expect("the columns of a brief are columns: tested")
}

/// The title of every brief.
pub(super) const TITLE: &str = "Independent Medical Review decisions";
/// The heading over how such requests were decided.
pub(super) const DECIDED: &str = "How such requests were decided";
/// The heading over the passages.
pub(super) const PASSAGES: &str = "What the reviewers wrote";
/// The note at the foot.
pub(super) const NOTE: &str = "Passages are quoted from the letters as imr read them; [\u{2026}] marks \
    what is left out. Check a passage against its letter before you cite it.";

/// What stands above the table.
pub(super) struct BriefHeader {
    /// The question as asked, in words.
    pub question: String,
    /// How many letters and items, and what was decided.
    pub found: String,
    /// What else was searched, and whether these are only the best partial matches.
    pub remarks: Vec<String>,
}

/// A passage with what a reader needs to cite it.
pub(super) struct Quote {
    /// The letter: its case number, or its file's name where it has none.
    pub case: String,
    /// "decided 2015-05-26, Pain Management".
    pub about: String,
    /// What was asked for.
    pub request: String,
    /// What became of the denial.
    pub decision: &'static str,
    /// The words.
    pub passage: Passage,
}

/// What stands below the table.
pub(super) struct Closing {
    /// What is said of letters that have no row.
    pub remark: Option<String>,
    /// How such requests were decided, and why.
    pub decided: Option<Decided>,
    /// The passages.
    pub quotes: Vec<Quote>,
    /// Which program, index and day.
    pub provenance: String,
}

/// What stands above the table. `shown` letters of the answer are in the brief.
#[must_use]
pub(super) fn opening(request: &Request, response: &Response, shown: usize) -> BriefHeader {
    let mut found = format!(
        "{}, {}",
        counted(response.letters, "letter"),
        counted(response.items, "matching item")
    );
    let filtered = request.filters.iter().any(|f| f.name == "decision");
    let decisions = response.facets.iter().find(|f| f.facet == "decision");
    if let Some(decisions) = decisions.filter(|_| !filtered) {
        let each: Vec<String> = decisions
            .values
            .iter()
            .map(|v| format!("{} {}", grouped(v.items), v.value))
            .collect();
        if !each.is_empty() {
            found += &format!(": {}", each.join(", "));
        }
    }
    if (shown as u64) < response.letters {
        found += &match shown {
            1 => "; the first letter is shown".to_string(),
            n => format!("; the first {} are shown", counted(n as u64, "letter")),
        };
    }
    found.push('.');
    let mut remarks = Vec::new();
    if response.relaxed {
        remarks.push(
            "No letter has enough of these words: these are the best partial matches.".to_string(),
        );
    }
    if let Some(understood) = crate::search::understood(response) {
        remarks.push(format!("Read as {understood}."));
    }
    if response.mentions > 0 {
        let verb = if response.mentions == 1 {
            "mentions"
        } else {
            "mention"
        };
        remarks.push(format!(
            "Besides, {} only {verb} what the query asks for.",
            counted(response.mentions, "letter")
        ));
    }
    BriefHeader {
        question: question::in_words(request),
        found,
        remarks,
    }
}

/// What stands above the table of letters that a person has picked.
#[must_use]
pub(super) fn picked(hits: &[Hit]) -> BriefHeader {
    let items: usize = hits.iter().map(|hit| hit.items.len()).sum();
    let of = |wanted: Decision| {
        let all = hits.iter().flat_map(columns::matching);
        all.filter(|item| item.decision == Some(wanted)).count() as u64
    };
    let decisions = [Decision::Upheld, Decision::Overturned].map(|d| (of(d), d.name()));
    let each: Vec<String> = decisions
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", grouped(*count)))
        .collect();
    let mut found = counted(items as u64, "item");
    if !each.is_empty() {
        found += &format!(": {}", each.join(", "));
    }
    found.push('.');
    BriefHeader {
        question: "Letters and items picked by hand.".to_string(),
        found,
        remarks: Vec::new(),
    }
}

/// The passages of some hits.
pub(super) fn quotes(hits: &[Hit]) -> impl Iterator<Item = Quote> + '_ {
    hits.iter().filter_map(|hit| {
        let passage = passage::of(hit)?;
        let item = passage.item.and_then(|at| hit.letter.items.get(at));
        let decided = hit.letter.dates.decision.map(|d| format!("decided {d}"));
        let specialties = &hit.letter.reviewer.specialties;
        let about: Vec<String> = decided
            .into_iter()
            .chain((!specialties.is_empty()).then(|| specialties.join(", ")))
            .collect();
        Some(Quote {
            case: columns::name(hit).text().into_owned(),
            about: about.join("; "),
            request: item.map_or_else(String::new, |i| i.request.clone()),
            decision: item.map_or("", decision),
            passage,
        })
    })
}

fn decision(item: &Item) -> &'static str {
    match item.decision {
        Some(Decision::Overturned) if item.partial => "overturned in part",
        Some(decision) => decision.name(),
        None => "no decision read",
    }
}

/// What is said of letters that have no row.
#[must_use]
pub(super) fn without_items(names: &[String], more: usize) -> String {
    let mut named = names.join(", ");
    if more > 0 {
        named += &format!(" and {} more", grouped(more as u64));
    }
    let n = (names.len() + more) as u64;
    format!(
        "{} no item that could be read, and so no row: {named}.",
        if n == 1 {
            "1 letter has".to_string()
        } else {
            format!("{} letters have", grouped(n))
        }
    )
}

/// A cell as a brief shows it: a decision that fell in part says so.
#[must_use]
pub(super) fn shown(column: &Column, hit: &Hit, at: Option<usize>) -> String {
    let item = at.and_then(|at| hit.letter.items.get(at));
    if let Some(item) = item.filter(|_| column.name == "decision") {
        return decision(item).to_string();
    }
    let cell: Cell<'_> = match at {
        Some(at) => column.of_item(hit, at),
        None => column.of_letter(hit),
    };
    cell.text().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_brief_are_columns() {
        assert_eq!(default_columns(RowLevel::Item).len(), 6);
        assert_eq!(default_columns(RowLevel::Letter).len(), 6);
    }

    #[test]
    fn letters_without_a_row_are_named() {
        let names = vec!["CM15-0900001".to_string()];
        assert_eq!(
            without_items(&names, 0),
            "1 letter has no item that could be read, and so no row: CM15-0900001."
        );
        assert!(without_items(&names, 1200).contains("1,201 letters have"));
    }
}
