//! The disputed items of a letter: one for each item or service that carries a decision.
//!
//! Each layout has its own way of laying them out; all of them end in [`Block`]s, which one
//! function turns into items.

mod listed;
mod notice;
mod professional;

use super::citations::{self, Side};
use super::heading::{self, Decision, Heading, is_retrospective};
use super::marks::MarkMatch;
use super::memo::Memo;
use super::reasons::Reason;
use super::request::{self, Drug, Laterality, RequestedTreatment};
use super::sections::{Layout, Sections};
use super::text::{Text, flat};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ops::Range;

/// One disputed item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is disputed, in one line.
    pub request: String,
    /// Of what it is the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_request: Option<String>,
    /// What was authorised of the original request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorized: Option<String>,
    /// What became of the denial; None where the letter does not say.
    pub decision: Option<Decision>,
    /// The denial falls in part only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The medications requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drugs: Vec<Drug>,
    /// Its category (docs/json.md): that of the first service.
    pub treatment: String,
    /// The services asked for, one level below the category: the one that the request is about,
    /// then those that it lists beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// The parts of the body that the request names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body_parts: Vec<String>,
    /// Left, right or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laterality: Option<Laterality>,
    /// Visits or sessions requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<u32>,
    /// CPT and HCPCS codes printed in the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// What the claims administrator relied on.
    #[serde(default)]
    pub claims_administrator: Side,
    /// What the reviewer relied on.
    #[serde(default)]
    pub reviewer: Side,
    /// Where the letter's text holds the rationale.
    pub rationale: Range<usize>,
    /// Why it was decided so, the strongest reason first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Where the letter's text holds the one or two sentences that say why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason_sentences: Vec<Range<usize>>,
    /// It asks for what was already done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retrospective: bool,
}

impl Item {
    /// An item that requests this, without a decision.
    #[must_use]
    pub(super) fn requested(request: String) -> Item {
        let asked = REQUESTS.with_borrow_mut(|memo| memo.recall_or_read(&request, request::read));
        Item {
            retrospective: is_retrospective(&request),
            drugs: asked.drugs,
            treatment: asked.treatment.to_string(),
            services: asked.services.iter().map(ToString::to_string).collect(),
            body_parts: asked.body_parts.iter().map(ToString::to_string).collect(),
            laterality: asked.laterality,
            visits: asked.visits,
            codes: asked.codes,
            request,
            ..Item::default()
        }
    }

    /// The sentences that say why it was decided so, in one line; None where there are none.
    #[must_use]
    pub fn reason_sentence(&self, letter: &super::Letter) -> Option<String> {
        let ranges = self.reason_sentences.iter();
        let sentences: Vec<String> = ranges.map(|r| flat(letter.passage(r))).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}

/// An item as a layout finds it, still unread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Block {
    heading: Heading,
    administrator: Option<Range<usize>>,
    reviewer: Option<Range<usize>>,
    rationale: Range<usize>,
}

/// How the items of a layout are laid out. A layout whose item form is new implements this in a file
/// of its own; all else that a layout is stands in `layouts.tsv` and `layout_*.tsv`.
trait BlockReader {
    /// The blocks of a letter, in its order.
    fn blocks(&self, text: &Text, marks: &[MarkMatch], sections: &Sections) -> Vec<Block>;
}

/// Who reads the items of a layout.
fn reader(layout: Layout) -> &'static dyn BlockReader {
    match layout {
        Layout::A | Layout::AProse => &listed::WORDED,
        Layout::B => &listed::SENTENCES,
        Layout::C => &notice::Notice,
        Layout::D => &professional::Professional,
    }
}

/// A letter has at most so many items; the longest real ones have some dozens.
const MOST_ITEMS: usize = 500;

/// Reads the items of a letter in a known layout, in its order; and the places, from 0, of those of which the
/// letter says one decision and another.
#[must_use]
pub(super) fn read(
    text: &Text,
    marks: &[MarkMatch],
    layout: Layout,
    sections: &Sections,
) -> (Vec<Item>, Vec<usize>) {
    let mut blocks = reader(layout).blocks(text, marks, sections);
    blocks.truncate(MOST_ITEMS);
    let contradictory = (0..blocks.len()).filter(|at| blocks[*at].heading.contradictory);
    let contradictory = contradictory.collect();
    let items = blocks.into_iter().map(|block| item(&text.text, block));
    (items.collect(), contradictory)
}

/// Compares a letter's items with what it decides in the form of another layout: a decision that differs is not
/// believed. Returns the requests that the items lack.
pub(super) fn compare_with_form(
    items: &mut Vec<Item>,
    text: &Text,
    marks: &[MarkMatch],
    layout: Layout,
    sections: &Sections,
) -> Vec<String> {
    let mut blocks = reader(layout).blocks(text, marks, sections);
    blocks.truncate(MOST_ITEMS);
    // The other form's headings repeat a request without its decision.
    let mut earlier: Vec<String> = Vec::new();
    items.retain(|item| {
        let again = earlier
            .iter()
            .any(|request| heading::alike(request, &item.request));
        earlier.push(item.request.clone());
        item.decision.is_some() || !again
    });
    let mut lacking = Vec::new();
    for block in blocks {
        let Heading {
            request, decision, ..
        } = block.heading;
        let mut same = items
            .iter_mut()
            .filter(|item| heading::alike(&item.request, &request));
        match same.next() {
            Some(item) if item.decision != decision && decision.is_some() => item.decision = None,
            Some(_) => {}
            None => lacking.push(request),
        }
    }
    lacking
}

// Each thread remembers for itself what requests and passages give.
thread_local! {
    static REQUESTS: RefCell<Memo<RequestedTreatment>> = RefCell::default();
    static SIDES: RefCell<Memo<Side>> = RefCell::default();
}

fn item(text: &str, block: Block) -> Item {
    let Heading {
        request,
        original_request,
        authorized,
        decision,
        partial,
        contradictory: _,
        retrospective,
    } = block.heading;
    let side = |range: &Option<Range<usize>>| {
        range.as_ref().map_or_else(Side::default, |range| {
            let passage = &text[range.clone()];
            SIDES.with_borrow_mut(|memo| memo.recall_or_read(passage, citations::read))
        })
    };
    let claims_administrator = side(&block.administrator);
    let mut reviewer = side(&block.reviewer);
    if citations::adopts_the_administrators(&reviewer.text) {
        let own = std::mem::take(&mut reviewer.citations);
        reviewer
            .citations
            .clone_from(&claims_administrator.citations);
        reviewer.citations.extend(own);
    }
    let requested = Item::requested(request);
    let retrospective = retrospective
        || requested.retrospective
        || original_request.as_deref().is_some_and(is_retrospective);
    Item {
        retrospective,
        original_request,
        authorized,
        decision,
        partial,
        claims_administrator,
        reviewer,
        rationale: block.rationale,
        ..requested
    }
}

/// A span without the white space around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.start.min(text.len());
    let end = range.end.clamp(start, text.len());
    let span = &text[start..end];
    let lead = span.len() - span.trim_start().len();
    start + lead..start + span.trim_end().len().max(lead)
}

/// After the colon (and white space) that ends a label.
fn after_label(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let gap = rest.len() - rest.trim_start_matches([':', ' ', '\n', '.', '*']).len();
    at + gap
}
