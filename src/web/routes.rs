//! Which address is answered by what.

use super::context::Asking;
use super::refusal::Refusal;
use super::reply::Reply;
use super::similar::{self, Case};
use super::{api, assets, body, export, feed, figures, openapi, pages, source};
use crate::search::Backend;
use std::sync::Arc;

/// Whether errors of an address are told as problem details.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/healthz"
}

/// Answers a request. What needs the index is done in a place of its own; nothing in a path is
/// ever taken for a file's name.
pub(super) async fn answer(asking: &Asking, path: &str, query: &str) -> Result<Reply, Refusal> {
    if let Some(name) = path.strip_prefix("/assets/") {
        return assets::asset(name)
            .map(|asset| asking.encoded(asset))
            .ok_or_else(nothing);
    }
    if let Some(id) = path.strip_prefix("/letters/") {
        let (letter, rest) = id.split_once('/').unwrap_or((id, ""));
        // What stands behind it is the name under which a browser saves the file.
        if rest == "source" || rest.starts_with("source/") {
            let id = letter.to_string();
            return asking.search(move |e| source::answer(e, &id)).await;
        }
        let (id, query) = (decoded(id), query.to_string());
        let known = Arc::clone(&asking.context.item_pages);
        let page = move |e: &dyn Backend| pages::letter(e, &id, &query, &known);
        return asking.search(page).await;
    }
    if let Some(id) = path.strip_prefix("/api/letters/") {
        let query = query.to_string();
        if let Some(id) = id.strip_suffix("/similar") {
            let id = decoded(id);
            return asking.search(move |e| api::similar(e, &id, &query)).await;
        }
        let id = decoded(id);
        return asking.search(move |e| api::letter(e, &id, &query)).await;
    }
    if let Some(name) = path.strip_prefix("/api/facets/") {
        let name = decoded(name);
        let facet = move |e: &dyn Backend, query: &str| api::facet(e, &name, query);
        return asking.cached(path, query, facet).await;
    }
    match path {
        // It says how old the index is.
        "/" if query.is_empty() => asking.search(|e| pages::search(e, "")).await,
        "/" => asking.cached(path, query, pages::search).await,
        "/similar" => {
            let searched = asking.context.reloader.searched().backend();
            Ok(asking.encoded(pages::no_case(&*searched)))
        }
        "/selection" => {
            let query = query.to_string();
            asking.search(move |e| pages::selection(e, &query)).await
        }
        "/figures" => asking.cached(path, query, figures::page).await,
        "/compare" => asking.cached(path, query, figures::compare_page).await,
        "/api/search" => asking.cached(path, query, api::search).await,
        "/api/suggest" => {
            let (suggestions, query) = (asking.context.suggestions(), query.to_string());
            let suggest = move |e: &dyn Backend| api::suggest(e, &suggestions, &query);
            asking.search(suggest).await
        }
        "/api/stats" => asking.cached(path, query, figures::api).await,
        "/api/reasons" => asking.cached(path, query, api::reasons).await,
        "/api/checklist" => asking.cached(path, query, api::checklist).await,
        "/api/compare" => asking.cached(path, query, api::compare).await,
        "/feed" => asking.cached(path, query, feed::atom).await,
        "/export" => asking.cached(path, query, pages::export).await,
        "/api/export" => export::answer(&asking.context, query).await,
        "/api/openapi.json" => Ok(asking.encoded(Reply::json(openapi::document()))),
        "/healthz" => asking.search(api::health).await,
        _ => Err(nothing()),
    }
}

/// Answers a request with a body: a document that decisions are compared with.
pub(super) async fn post(
    asking: &Asking,
    path: &str,
    kind: &str,
    body: Vec<u8>,
) -> Result<Reply, Refusal> {
    let case = Case::read(body::fields(kind, &body)?)?;
    if is_for_programs(path) {
        asking.search(move |e| similar::api(e, &case)).await
    } else {
        asking.search(move |e| pages::similar(e, &case)).await
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
