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
mod compile;
mod deadline;
mod engine;
mod error;
mod evaluate;
mod expand;
mod explain;
mod facets;
mod files;
mod filters;
mod fixed_bit_set;
mod habits;
pub mod json;
mod letters;
mod ordinals;
mod parameters;
mod parser;
mod pattern_query;
mod plan;
mod predicate;
mod proximity;
mod query_ast;
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
pub use parameters::{OPTIONS, ParameterError, unknown_parameter};
pub use predicate::{Keyword, Predicate, Test};
pub use query_ast::{Leaf, Pattern, QueryAst};
pub use request::{
    Expansion, FacetCounts, FacetRequest, FacetValue, Filter, Fragment, Hit, HitItem, MatchMode,
    Request, Response, Sort,
};
pub use sample::{ItemSet, Sample, Sampled};

pub use collect::Understood;
pub use error::SearchError;
pub(crate) use error::brief;
pub use facets::known_facets;
pub use ordinals::Ordinal;
pub use similar::Similar;
pub(crate) use snippet::{conclusion, sentences};
pub use stream::Projection;
pub use tally::{Axis, Decisions, GroupBy, Period, Tallied, Tally};
