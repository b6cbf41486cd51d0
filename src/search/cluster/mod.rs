//! An index on a cluster: OpenSearch, or Elasticsearch where the dialect agrees.
//!
//! [`Push`] sends what an index holds, and [`Cluster`] answers searches there. Words, names and rules stay
//! imr's own: a cluster gets the terms that the index has, in their places, and a logical plan becomes a
//! query that finds the same items. Nothing here happens unless a person names an address.
//! docs/cluster.md has what differs.

mod address;
mod backend;
mod client;
mod counts;
mod document;
mod engine;
mod error;
mod letters;
mod mapping;
mod push;
mod query;
mod snapshot;
mod words;

pub use address::Address;
pub use engine::{Cluster, LastPush};
pub use error::ClusterError;
pub use push::{PUSH_WAITS, Push, PushReport, Refused};
