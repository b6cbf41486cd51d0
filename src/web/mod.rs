//! The page and the HTTP API over an index: `imr serve`.
//!
//! A request is first judged (`guard`), then answered (`routes`): pages by `pages` and `figures`,
//! programs by `api`, exports by `export`, a letter's file by `source`. What needs the index is done
//! in a bounded number of places (`worker_pool`), over the index as it is now (`reloader`). Whatever a
//! letter or a query says is text: templates escape it by construction, and no path is taken from a
//! request.

mod api;
mod assets;
mod body;
mod context;
mod export;
mod feed;
mod figures;
mod guard;
mod labels;
mod openapi;
mod options;
mod pages;
mod picks;
mod problem;
mod query_params;
mod refusal;
mod reloader;
mod reply;
mod response_cache;
mod routes;
mod server;
mod silent;
mod similar;
mod source;
mod suggest;
mod worker_pool;
mod write_timeout;

pub use context::LogSink;
pub use options::Options;
pub use reloader::Searched;
pub use server::{ServeError, Server, Stopper};
