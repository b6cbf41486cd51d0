//! What a letter says, read out of its text: a pure function, no I/O, no index.
//!
//! ```
//! let letter = imr::letter::read("Case Number: CM15-0900001\n\nNorco 10/325mg #60: Upheld\n\n\
//!     Claims Administrator guideline: The Claims Administrator did not cite any medical evidence.\n\n\
//!     MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines, page(s) 74-96.\n\n\
//!     Decision rationale: No improvement is documented.");
//! assert_eq!(letter.items[0].drugs[0].name, "acetaminophen/hydrocodone");
//! assert!(letter.items[0].reviewer.pages().contains(&78));
//! ```
//!
//! The way through: `text` normalises, `marks` finds the phrases of the layout in one pass,
//! `sections` divides, then header, reviewer, patient and items each read their part.

mod any_case;
mod case_document;
pub mod citations;
mod comparison;
mod cover;
pub mod date;
mod documents;
mod file_pages;
mod gaps;
mod garbled;
mod header;
mod heading;
mod history;
mod items;
mod marks;
mod memo;
mod notices;
mod pages;
mod patient;
mod pattern;
pub mod reasons;
mod record;
mod request;
mod reviewer;
pub(crate) mod sections;
mod tables;
pub(crate) mod text;
mod unfold;
mod warnings;

pub use case_document::{CASE_FIELDS, CaseDocument, CaseEdits, case_document};
pub use citations::{Citation, Side};
pub use comparison::{Comparison, FieldChange, FieldComparison};
pub use cover::FinalDetermination;
pub use date::LetterDate;
pub use documents::{Documents, Part, ROW, SkippedPages, is_not_a_letter};
pub use file_pages::{ItemPages, pages_in_file};
pub use header::{Dates, Priority};
pub use heading::Decision;
pub use history::{Diagnosis, PriorTreatment, TreatmentOutcome, history_named};
pub use items::Item;
pub use pages::page_ranges;
pub(crate) use patient::stated_age;
pub use patient::{Patient, Sex};
pub use reasons::{Reason, Sign};
pub use record::Record;
pub use request::{Drug, Laterality};
pub use reviewer::Reviewer;
pub use sections::Layout;
pub use tables::table_loaders;
pub use warnings::{OCR, UNREAD_PAGE, Warning, WarningKind};

use crate::vocabulary::LowerText;
use documents::{Marked, Normalised};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::Range;

/// One determination letter. Passages are byte ranges of `text`, so that the text is held once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// How it is laid out; None where no layout is known.
    pub layout: Option<Layout>,
    /// "CM15-0012345"; a field, not the letter's identity: it may repeat.
    pub case_number: Option<String>,
    /// Standard or expedited.
    pub priority: Option<Priority>,
    /// The dates of the header.
    pub dates: Dates,
    /// Who decided.
    pub reviewer: Reviewer,
    /// The injured worker.
    pub patient: Patient,
    /// One for each disputed item, in the letter's order.
    pub items: Vec<Item>,
    /// Where the text holds the case summary; empty where it has none.
    pub case_summary: Range<usize>,
    /// By which number the claims administrator knows the case; public copies black it out, as the
    /// names that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_number: Option<String>,
    /// The injured worker's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee: Option<String>,
    /// Who asked for the treatments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Who denied them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_administrator: Option<String>,
    /// The treatments in dispute as the application listed them, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treatments_in_dispute: Option<String>,
    /// Where the text holds the documents reviewed; empty where it has none.
    #[serde(default)]
    pub documents_reviewed: Range<usize>,
    /// How the cover page sums up the decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_determination: Option<FinalDetermination>,
    /// What the worker is said to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnoses: Vec<Diagnosis>,
    /// Treatment that the worker is said to have had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prior_treatments: Vec<PriorTreatment>,
    /// How the injury came about (injury_mechanisms.tsv).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injury_mechanism: Option<String>,
    /// Whether the worker works (work_statuses.tsv).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_status: Option<String>,
    /// Why utilization review denied the requests, as the case summary reports it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ur_reasons: Vec<Reason>,
    /// What kind of document it is, if it is no letter at all: "a utilization review decision".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<String>,
    /// Doubts about the fields above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// The normalised text.
    #[serde(skip)]
    pub text: String,
}

/// What became of a letter's items, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every item upheld.
    Upheld,
    /// Every item overturned.
    Overturned,
    /// Some of each.
    Mixed,
}

impl Outcome {
    /// The name in facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Upheld => "upheld",
            Outcome::Overturned => "overturned",
            Outcome::Mixed => "mixed",
        }
    }
}

impl Letter {
    /// The text of one of the letter's passages; empty for a range that is not of this text.
    #[must_use]
    pub fn passage(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or("")
    }

    /// Where an item's rationale stands, without the standard notices in it.
    #[must_use]
    pub fn own_rationale_ranges(&self, item: &Item) -> Vec<Range<usize>> {
        notices::without(&self.text, &item.rationale)
    }

    /// An item's rationale without the standard notices in it.
    #[must_use]
    pub fn own_rationale(&self, item: &Item) -> Cow<'_, str> {
        notices::own_text(&self.text, &item.rationale)
    }

    /// Whether the letter was understood: its layout is known and it has items. Any other letter is
    /// searchable by all of its text and counted as unrecognized.
    #[must_use]
    pub fn is_recognized(&self) -> bool {
        self.layout.is_some() && !self.items.is_empty()
    }

    /// The worker's age in bands of ten years ("40 to 49").
    #[must_use]
    pub fn age_band(&self) -> Option<&'static str> {
        Some(match self.patient.age? {
            0..20 => "under 20",
            20..30 => "20 to 29",
            30..40 => "30 to 39",
            40..50 => "40 to 49",
            50..60 => "50 to 59",
            60..70 => "60 to 69",
            70.. => "70 and over",
        })
    }

    /// Days from the denial to the decision; None where a date is missing or they are out of order.
    #[must_use]
    pub fn days_to_decision(&self) -> Option<u32> {
        let (denial, decision) = (self.dates.ur_denial?, self.dates.decision?);
        u32::try_from((decision.0 - denial.0).whole_days()).ok()
    }

    /// What became of the items, together; None where none has a decision.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let has = |decision| self.items.iter().any(|i| i.decision == Some(decision));
        match (has(Decision::Upheld), has(Decision::Overturned)) {
            (true, true) => Some(Outcome::Mixed),
            (true, false) => Some(Outcome::Upheld),
            (false, true) => Some(Outcome::Overturned),
            (false, false) => None,
        }
    }
}

/// Reads a letter. Any text gives a letter, in time linear in its length; what a letter does not
/// say is empty, and what it says in no known layout is in its text alone.
#[must_use]
pub fn read(raw: &str) -> Letter {
    let text = text::normalise(raw);
    let text = unfold::unfold(&text).unwrap_or(text);
    let lower = LowerText::new(&text.text);
    let marks = marks::find(&text.text, &lower);
    let mut letter = read_marked(text, &lower, &marks, raw);
    read_reasons(&mut letter, &lower);
    let sentences = read_history(&mut letter, &lower);
    read_denial(&mut letter, &lower, &sentences);
    letter
}

/// Reads the letters of a file, which may hold several, or none: see [`Documents`]. Time is linear
/// in the text.
#[must_use]
pub fn documents(raw: &str) -> Documents {
    documents_of([raw]).pop().unwrap_or_default()
}

/// Reads the letters of several files, step by step for all of them: each step has large tables, which
/// are then at hand for all letters but the first. What is read of each is what [`documents`] reads.
#[must_use]
pub fn documents_of<'t>(raws: impl IntoIterator<Item = &'t str>) -> Vec<Documents> {
    let normalised: Vec<_> = raws.into_iter().map(Normalised::of).collect();
    let marked: Vec<_> = normalised.into_iter().map(Normalised::marked).collect();
    let mut all: Vec<_> = marked.into_iter().map(Marked::divided).collect();
    let mut letters: Vec<_> = all
        .iter_mut()
        .flat_map(documents::Divided::letters)
        .collect();
    for (letter, lower) in &mut letters {
        read_reasons(letter, lower);
    }
    let histories = letters
        .iter_mut()
        .map(|(letter, lower)| read_history(letter, lower));
    let sentences: Vec<_> = histories.collect();
    for ((letter, lower), sentences) in letters.iter_mut().zip(&sentences) {
        read_denial(letter, lower, sentences);
    }
    all.into_iter().map(|divided| divided.documents).collect()
}

/// Reads a letter out of its normalised text, but for its reasons and its history; `raw` is what the
/// text was made of.
fn read_marked(
    text: text::Text,
    lower: &LowerText,
    marks: &[marks::MarkMatch],
    raw: &str,
) -> Letter {
    let (layout, other) = sections::layout(&text.text, marks);
    let sections = sections::divide(&text.text, marks, layout);
    let header_text = &text.text[sections.header.clone()];
    let header = header::read(&header_text[..sections::floor_char(header_text, 4000)]);
    let mut letter = Letter {
        layout,
        case_number: header
            .case_number
            .clone()
            .or_else(|| header::case_number(&text.text))
            // A running title is taken out of the text, and may be the only place with the number.
            .or_else(|| header::case_number(raw)),
        priority: header.priority,
        dates: header.dates,
        ..Letter::default()
    };
    let (mut contradictory, mut lacking) = (Vec::new(), Vec::new());
    if let Some(layout) = layout {
        letter.reviewer = reviewer::read(&text.text, &sections.credentials, marks);
        (letter.items, contradictory) = items::read(&text, marks, layout, &sections);
        if let Some(other) = other {
            let sections = sections::divide(&text.text, marks, Some(other));
            lacking = items::compare_with_form(&mut letter.items, &text, marks, other, &sections);
        }
        let summary = &text.text[sections.summary.clone()];
        letter.patient = patient::read(summary, &lower.bytes()[sections.summary.clone()]);
        if letter.dates.injury.is_none() && !header.says_injury() {
            letter.dates.injury = patient::injury_date(summary);
        }
        letter.case_summary = sections.summary.clone();
        letter.documents_reviewed = sections.documents.clone();
    }
    let cover = cover::read(&text.text[sections.cover.clone()]);
    letter.claim_number = cover.claim_number;
    letter.employee = cover.employee;
    letter.provider = cover.provider;
    letter.claims_administrator = cover.claims_administrator;
    letter.treatments_in_dispute = cover.treatments_in_dispute;
    letter.final_determination = cover.final_determination;
    letter.text = text.text;
    letter.warnings = warnings::of(&letter, &header);
    for at in contradictory {
        letter.warnings.push(warnings::contradictory(&letter, at));
    }
    if let (Some(layout), Some(other)) = (layout, other) {
        let lacking = warnings::lacking(&lacking);
        letter.warnings.push(Warning {
            kind: WarningKind::UnclearLayout,
            detail: format!("{} or {}{lacking}", layout.name(), other.name()),
        });
    }
    letter
}

/// Reads why each item was decided so.
fn read_reasons(letter: &mut Letter, lower: &LowerText) {
    for item in &mut letter.items {
        let sign = match item.decision {
            Some(Decision::Upheld) => Sign::Against,
            Some(Decision::Overturned) => Sign::For,
            None => continue,
        };
        let read = reasons::read(&letter.text, lower, &item.rationale, sign, &item.treatment);
        item.reasons = read.reasons;
        item.reason_sentences = read.sentences;
    }
}

/// Reads what a letter tells of the case; returns the sentences of its case summary.
fn read_history(letter: &mut Letter, lower: &LowerText) -> Vec<Range<usize>> {
    if letter.layout.is_none() {
        return Vec::new();
    }
    let mut rationales: Vec<_> = letter.items.iter().map(|i| i.rationale.clone()).collect();
    // Items that share a rationale.
    rationales.dedup();
    let history = history::read(&letter.text, lower, &letter.case_summary, &rationales);
    letter.diagnoses = history.diagnoses;
    letter.prior_treatments = history.prior_treatments;
    letter.injury_mechanism = history.injury_mechanism;
    letter.work_status = history.work_status;
    history.summary_sentences
}

/// Reads why utilization review denied, as the sentences of the case summary report it.
fn read_denial(letter: &mut Letter, lower: &LowerText, sentences: &[Range<usize>]) {
    letter.ur_reasons = reasons::of_denial(&letter.text, lower, sentences);
}
