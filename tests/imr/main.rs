//! Black-box tests: the command over the sample corpus, and the library's public face.

mod bad_input;
mod briefs;
mod export;
mod export_formats;
mod extract;
mod index;
mod properties;
#[cfg(unix)]
mod readme;
mod search;
mod show;
mod stats;
mod support;
mod vocabulary;
