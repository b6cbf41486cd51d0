//! From a request to hits.
//!
//! A [`Request`] is plain data, the same behind the command, the page and the library. `query`
//! parses its words, `plan` turns words and filters into lookups, `lookup` finds the documents
//! of each, `evaluate` decides by algebra on these sets which letters match and which of their items,
//! `scoring` scores them, `facets` counts, `order` keeps the best, `snippet` quotes, `explain` tells how a score came about,
//! and [`Engine`] puts the answer together.

mod bits;
mod blocks;
mod engine;
mod evaluate;
mod expand;
mod explain;
mod facets;
mod files;
mod filters;
mod gather;
pub mod json;
mod kept;
mod letters;
mod lookup;
mod named;
mod nearness;
mod order;
mod parameters;
mod plan;
mod query;
mod request;
mod scoring;
mod similar;
mod snippet;
mod starred;
mod stream;
mod suggest;
mod tally;
mod terms;
mod tokens;
mod values;
mod walk;
mod wordings;

pub use engine::Engine;
pub use filters::{FILTERS, FilterKind, FilterSpec};
pub use gather::{ItemSet, Sample, Sampled};
pub use named::{Marker, SourceFile};
pub use parameters::{OPTIONS, ParameterError, unknown_parameter};
pub use request::{
    Expansion, FacetCounts, FacetRequest, FacetValue, Filter, Fragment, Hit, HitItem, MatchMode,
    Request, Response, SearchError, Sort,
};

pub use facets::known_facets;
pub(crate) use request::brief;
pub use similar::Similar;
pub(crate) use snippet::{conclusion, sentences};
pub use stream::Wanted;
pub use tally::{Along, Axis, Decisions, Period, Tallied, Tally};
pub use values::ValueAt;
pub use walk::Understood;
