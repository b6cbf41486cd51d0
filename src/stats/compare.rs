//! Two overturn rates side by side.

use super::newcombe::{Difference, newcombe};
use super::report::Figures;
use crate::search::{Engine, Filter, ItemSet, Request, SearchError, Understood};
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
    engine: &Engine,
    a: &Request,
    b: &Request,
    top: usize,
) -> Result<Comparison, SearchError> {
    let (first, second) = (engine.item_set(a)?, engine.item_set(b)?);
    let (shared_letters, shared_items) = first.shared(&second);
    let pair = |set: &ItemSet| (set.all.overturned, set.all.decided());
    Ok(Comparison {
        difference: newcombe(pair(&first), pair(&second)),
        a: side(engine, a, first, top)?,
        b: side(engine, b, second, top)?,
        shared_letters,
        shared_items,
    })
}

fn side(engine: &Engine, request: &Request, set: ItemSet, top: usize) -> Result<Side, SearchError> {
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
        understood: set.understood,
        filters: request.filters.clone(),
        figures: Figures::of(&set.all),
        letters: hits.iter().map(name).collect(),
    })
}
