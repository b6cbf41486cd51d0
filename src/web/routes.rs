//! Which address is answered by what.

use super::context::Context;
use super::refusal::Refusal;
use super::reply::Reply;
use super::similar::{self, Case};
use super::{api, assets, body, export, feed, figures, openapi, pages, source};
use std::sync::Arc;

/// Whether errors of an address are told as problem details.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/healthz"
}

/// Answers a request. What needs the index is done in a place of its own; nothing in a path is
/// ever taken for a file's name.
pub(super) async fn answer(
    context: &Arc<Context>,
    path: &str,
    query: &str,
) -> Result<Reply, Refusal> {
    if let Some(name) = path.strip_prefix("/assets/") {
        return assets::asset(name).ok_or_else(nothing);
    }
    if let Some(id) = path.strip_prefix("/letters/") {
        return match id.strip_suffix("/source") {
            Some(id) => {
                let id = id.to_string();
                context.search(move |e| source::answer(e, &id)).await
            }
            None => {
                let (id, query) = (decoded(id), query.to_string());
                context.search(move |e| pages::letter(e, &id, &query)).await
            }
        };
    }
    if let Some(id) = path.strip_prefix("/api/letters/") {
        let query = query.to_string();
        if let Some(id) = id.strip_suffix("/similar") {
            let id = decoded(id);
            return context.search(move |e| api::similar(e, &id, &query)).await;
        }
        let id = decoded(id);
        return context.search(move |e| api::letter(e, &id, &query)).await;
    }
    if let Some(name) = path.strip_prefix("/api/facets/") {
        let name = decoded(name);
        let facet = move |e: &_, query: &_| api::facet(e, &name, query);
        return context.cached(path, query, facet).await;
    }
    match path {
        // It says how old the index is.
        "/" if query.is_empty() => context.search(|e| pages::search(e, "")).await,
        "/" => context.cached(path, query, pages::search).await,
        "/similar" => Ok(pages::no_case()),
        "/selection" => {
            let query = query.to_string();
            context.search(move |e| pages::selection(e, &query)).await
        }
        "/figures" => context.cached(path, query, figures::page).await,
        "/compare" => context.cached(path, query, figures::compare_page).await,
        "/api/search" => context.cached(path, query, api::search).await,
        "/api/suggest" => {
            let (suggestions, query) = (context.suggestions(), query.to_string());
            let suggest = move |e: &_| api::suggest(e, &suggestions, &query);
            context.search(suggest).await
        }
        "/api/stats" => context.cached(path, query, figures::api).await,
        "/api/reasons" => context.cached(path, query, api::reasons).await,
        "/api/checklist" => context.cached(path, query, api::checklist).await,
        "/api/compare" => context.cached(path, query, api::compare).await,
        "/feed" => context.cached(path, query, feed::atom).await,
        "/export" => context.cached(path, query, pages::export).await,
        "/api/export" => export::answer(context, query).await,
        "/api/openapi.json" => Ok(Reply::json(openapi::document())),
        "/healthz" => context.search(api::health).await,
        _ => Err(nothing()),
    }
}

/// Answers a request with a body: a document that decisions are compared with.
pub(super) async fn post(
    context: &Arc<Context>,
    path: &str,
    kind: &str,
    body: Vec<u8>,
) -> Result<Reply, Refusal> {
    let case = Case::read(body::fields(kind, &body)?)?;
    if is_for_programs(path) {
        context.search(move |e| similar::api(e, &case)).await
    } else {
        context.search(move |e| pages::similar(e, &case)).await
    }
}

fn nothing() -> Refusal {
    Refusal::unknown("there is nothing at this address")
}

/// A part of a path, its percent signs read.
fn decoded(part: &str) -> String {
    // As in a query, but for the plus sign, which stands for itself here.
    let part = part.replace('+', "%2B");
    let mut pairs = form_urlencoded::parse(part.as_bytes());
    pairs
        .next()
        .map_or(String::new(), |(name, _)| name.into_owned())
}
