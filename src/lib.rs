//! imr: a search engine for California Independent Medical Review determination letters.
//!
//! Index a folder of letters and search it:
//!
//! ```
//! use imr::index::{Index, Ingest, IngestOptions, Progress};
//! use imr::search::{Engine, Filter, Request};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("letters.imr");
//! let index = Index::open_or_create(&path)?;
//! Ingest::new(&index, IngestOptions::default())
//!     .run(&["sample-corpus/2016".into()], &Progress::default())?;
//!
//! let found = Engine::open(&path)?.search(&Request {
//!     query: "ceiling".into(),
//!     filters: vec![Filter::new("drug", "norco")],
//!     ..Request::default()
//! })?;
//! for hit in &found.hits {
//!     println!("{:?} {:?}", hit.letter.case_number, hit.letter.outcome());
//! }
//! # assert!(found.letters > 0 && found.hits.len() as u64 == found.letters);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read one letter, without an index:
//!
//! ```
//! let letter = imr::letter::read(&std::fs::read_to_string("sample-corpus/2016/CM16-0900202.txt")?);
//! assert_eq!(letter.case_number.as_deref(), Some("CM16-0900202"));
//! assert_eq!(letter.items[0].drugs[0].name, "acetaminophen/hydrocodone");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Each layer can be used alone, and arrows point one way: `search`, `index` -> `corpus`,
//! `letter` -> `vocabulary`. See `ARCHITECTURE.md`.
//!
//! # Stability
//!
//! The command is the product: its options, exit codes, JSON keys, columns and HTTP API stay as they are within a
//! minor version (docs/json.md). Of the library that holds for what the examples above use: [`index::Index`],
//! [`index::Ingest`], [`search::Engine`], [`search::Request`], [`search::Response`], [`letter::Letter`],
//! [`export::Export`] and the types in their signatures. Their enumerations may grow; match on them with a wildcard. The rest is
//! public so that tests and benchmarks reach it, and may change with any release. [`search::Response`] can be serialized;
//! `docs/json.md` describes the stable JSON, which [`search::json`] makes of it.

pub mod allocator;
pub mod cli;
pub mod corpus;
pub mod export;
pub mod fields;
mod formula;
pub mod index;
pub mod letter;
pub mod mcp;
pub mod search;
pub mod stats;
pub mod vocabulary;
pub mod web;
