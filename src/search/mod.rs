//! From a request to hits.
//!
//! A [`Request`] is plain data, the same behind the command, the page and the library. `query`
//! parses its words, `plan` turns words and filters into lookups, `lookup` finds the documents
//! of each, `evaluate` decides by algebra on these sets which letters match and which of their items,
//! `scoring` scores them, `facets` counts, `order` keeps the best, `snippet` quotes, `explain` tells how a score came about,
//! and [`Engine`] puts the answer together.

mod block_index;
mod by_id;
mod collect;
mod engine;
mod evaluate;
mod expand;
mod explain;
mod facets;
mod files;
mod filters;
mod fixed_bit_set;
pub mod json;
mod letters;
mod ordinals;
mod parameters;
mod parser;
mod plan;
mod proximity;
mod request;
mod sample;
mod scorer;
mod scoring;
mod segment_cache;
mod similar;
mod snippet;
mod stream;
mod suggest;
mod tally;
mod terms;
mod tokens;
mod top_docs;
mod wildcard;
mod wordings;

pub use by_id::{Marker, SourceFile};
pub use engine::Engine;
pub use filters::{FILTERS, FilterKind, FilterSpec};
pub use parameters::{OPTIONS, ParameterError, unknown_parameter};
pub use request::{
    Expansion, FacetCounts, FacetRequest, FacetValue, Filter, Fragment, Hit, HitItem, MatchMode,
    Request, Response, SearchError, Sort,
};
pub use sample::{ItemSet, Sample, Sampled};

pub use collect::Understood;
pub use facets::known_facets;
pub use ordinals::Ordinal;
pub(crate) use request::brief;
pub use similar::Similar;
pub(crate) use snippet::{conclusion, sentences};
pub use stream::Projection;
pub use tally::{Axis, Decisions, GroupBy, Period, Tallied, Tally};
