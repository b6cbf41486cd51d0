//! Black-box tests: the command over the sample corpus, and the library's public face.

// A test that finds something else than it expects is to panic, in its helpers too.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod briefs;
mod case_numbers;
mod cluster;
#[cfg(unix)]
mod contradictions;
mod crash;
mod damage;
#[cfg(feature = "sqlite")]
mod database;
mod export;
mod export_formats;
mod extract;
mod form_drift;
mod goldens;
mod hostile;
mod index;
mod lawyers;
mod matching;
mod mcp;
#[cfg(unix)]
mod ocr;
mod office_copies;
mod other_documents;
mod parquet;
mod pdf_bombs;
mod pdf_faults;
mod properties;
mod prose;
#[cfg(unix)]
mod readme;
mod reasons;
mod recipe;
mod recorded;
mod search;
mod show;
mod similar;
mod sources;
mod spelling;
mod stats;
mod structure;
mod support;
mod truncation;
mod update;
mod vocabulary;
mod web;
mod web_api;
mod web_client;
mod web_safety;
mod widths;
mod workers;
