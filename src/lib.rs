//! imr: a search engine for California Independent Medical Review determination letters.
//!
//! Each layer can be used alone, and arrows point one way: `search`, `index` -> `corpus`,
//! `letter` -> `vocabulary`. See `ARCHITECTURE.md`.

pub mod allocator;
pub mod cli;
pub mod corpus;
pub mod export;
pub mod fields;
mod formula;
pub mod index;
pub mod letter;
pub mod search;
pub mod stats;
pub mod vocabulary;
pub mod web;
