//! From a request to hits.
//!
//! A [`Request`] is plain data, the same for the command, the page and the library. `parser` makes a
//! [`QueryAst`] of its words, `plan` makes a [`LogicalPlan`] of the tree and the filters, and a
//! [`Backend`] answers it. Neither needs an index.
//!
//! The backend on tantivy is [`Engine`]: `compile` resolves the plan against the term dictionaries,
//! `evaluate` decides by algebra on bit sets which items answer, `scoring` scores their letters,
//! `facets` and `tally` count, `top_docs` keeps the best, `proximity` rescores them, `snippet` quotes,
//! `explain` accounts for a score, `likeness` compares letters for `similar`, `outcome` says what was mentioned, wished for and dropped,
//! `partial` fills a page that the answers leave unfilled.
//! [`NaiveBackend`] reads every letter instead; property tests compare the two.

mod added;
mod backend;
mod block_index;
mod by_id;
mod cluster;
mod collect;
mod compile;
mod concepts;
mod deadline;
mod engine;
mod error;
mod evaluate;
mod every_letter;
mod expand;
mod explain;
mod facets;
mod files;
mod filters;
mod fixed_bit_set;
mod habits;
mod hints;
mod index_words;
pub mod json;
mod letters;
mod likeness;
mod naive;
mod notices;
mod ordinals;
mod outcome;
mod parameters;
mod parser;
mod partial;
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
mod spelling;
mod stream;
mod tally;
mod terms;
mod tokens;
mod top_docs;
mod wildcard;
mod wordings;

pub use backend::{Backend, Counts, HitStream, Made};
pub use by_id::{Marker, SourceFile};
pub use cluster::{
    Address, Cluster, ClusterError, LastPush, PUSH_WAITS, Push, PushReport, Refused,
};
pub use engine::{Engine, Ranked};
pub use every_letter::EveryLetter;
pub use index_words::WordTable;
pub use naive::NaiveBackend;
pub use notices::{counted, grouped, notices, preferred, understood, without};
pub use parameters::{OPTIONS, ParameterError, unknown_parameter};
pub use plan::LogicalPlan;
pub use predicate::{Keyword, Predicate, Test};
pub use query_ast::{Leaf, Pattern, QueryAst};
pub use request::{
    ConceptNote, Correction, DropOne, Expansion, FacetCounts, FacetRequest, FacetValue, Filter,
    Fragment, Hit, HitItem, MatchMode, PreferredDecision, Request, Response, Sort,
};
pub use sample::{ItemSet, Sample, SampledLetter, SideBySide};

pub use collect::{Understood, not_held};
pub use error::SearchError;
pub(crate) use error::brief;
pub use facets::known_facets;
pub use ordinals::Ordinal;
pub use similar::{Similar, SimilarToRequest, SuchRequests};
pub(crate) use snippet::{conclusion, sentences};
pub use stream::Projection;
pub use tally::{Axis, AxisTally, Decisions, GroupBy, Period, Tally};
