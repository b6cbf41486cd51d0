//! From a request to hits.
//!
//! A [`Request`] is plain data, the same behind the command, the page and the library. `query`
//! parses its words, `plan` turns words and filters into scorers, `evaluate` walks the blocks
//! of each segment and decides which letters match and which of their items, `facets` counts,
//! `snippet` quotes, and [`Engine`] puts the answer together.

mod engine;
mod evaluate;
mod expand;
mod facets;
mod filters;
mod gather;
mod nearness;
mod plan;
mod query;
mod request;
mod similar;
mod snippet;
mod suggest;
mod tally;
mod walk;

pub use engine::Engine;
pub use filters::{FILTERS, FilterKind, FilterSpec};
pub use gather::{ItemSet, Sample, Sampled};
pub use request::{
    Expansion, FacetCounts, FacetRequest, FacetValue, Filter, Fragment, Hit, HitItem, MatchMode,
    Request, Response, SearchError, Sort,
};

pub use facets::known_facets;
pub use similar::Similar;
pub use tally::{Along, Axis, Decisions, Period, Tallied, Tally, ValueAt};
pub use walk::Understood;
