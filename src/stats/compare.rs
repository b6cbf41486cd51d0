//! Two overturn rates side by side.

use super::newcombe::{Difference, newcombe};
use super::report::Figures;
use crate::search::{Backend, Decisions, Filter, Request, SearchError, Understood};
use serde::{Deserialize, Serialize};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// How the query was read.
    #[serde(flatten)]
    pub understood: Understood,
    /// The filters, as typed.
    pub filters: Vec<Filter>,
    /// What was decided.
    pub figures: Figures,
    /// The first letters of the search: case numbers, where a letter has none its file.
    pub letters: Vec<String>,
}

/// Two overturn rates and how far they lie apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// The first rate less the second, with its 95 % Newcombe interval, which takes both sides to
    /// be independent; None where a side has no decision.
    pub difference: Option<Difference>,
    /// Letters that are on both sides.
    pub shared_letters: u64,
    /// Items with a decision that are on both sides: where there are some, the interval is only
    /// near the truth.
    pub shared_items: u64,
}

/// Compares the overturn rates of two requests; `top` letters of each are named.
///
/// # Errors
/// If a query or a filter cannot be understood, or the index is damaged.
pub fn compare(
    engine: &dyn Backend,
    a: &Request,
    b: &Request,
    top: usize,
) -> Result<Comparison, SearchError> {
    let both = engine.side_by_side(a, b)?;
    let (shared_letters, shared_items) = both.shared;
    let pair = |set: &(Understood, Decisions)| (set.1.overturned, set.1.decided());
    Ok(Comparison {
        difference: newcombe(pair(&both.a), pair(&both.b)),
        a: side(engine, a, both.a, top)?,
        b: side(engine, b, both.b, top)?,
        shared_letters,
        shared_items,
    })
}

fn side(
    engine: &dyn Backend,
    request: &Request,
    (understood, all): (Understood, Decisions),
    top: usize,
) -> Result<Side, SearchError> {
    let listed = Request {
        limit: top,
        offset: 0,
        facets: Vec::new(),
        snippets: false,
        explain: false,
        ..request.clone()
    };
    let hits = engine.search(&listed)?.hits;
    let name = |hit: &crate::search::Hit| {
        let file = || hit.files.first().cloned().unwrap_or_default();
        hit.letter.case_number.clone().unwrap_or_else(file)
    };
    Ok(Side {
        understood,
        filters: request.filters.clone(),
        figures: Figures::of(&all),
        letters: hits.iter().map(name).collect(),
    })
}
