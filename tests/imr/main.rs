//! Black-box tests: the command over the sample corpus, and the library's public face.

mod bad_input;
#[cfg(unix)]
mod crash;
mod export;
mod extract;
mod index;
mod properties;
#[cfg(unix)]
mod readme;
mod search;
mod show;
mod sources;
mod support;
mod update;
mod vocabulary;
