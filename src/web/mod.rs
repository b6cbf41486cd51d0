//! The page and the HTTP API over an index: `imr serve`.
//!
//! A request is first judged (`guard`), then answered (`routes`): pages by `pages` and `figures`,
//! programs by `api`, exports by `carry`, a letter's file by `source`. What needs the index is done
//! by so many at once and no more (`work`), over the index as it is now (`live`). Whatever a letter
//! or a query says is text: templates escape it by construction, and no path is taken from a request.

mod api;
mod asked;
mod assets;
mod carry;
mod figures;
mod guard;
mod kept;
mod live;
mod openapi;
mod pages;
mod patience;
mod refusal;
mod reply;
mod routes;
mod server;
mod source;
mod work;

pub use server::{Log, Options, ServeError, Server, Stopper};
