//! The JSON of the command, over HTTP.

use super::query_params::QueryParams;
use super::refusal::Refusal;
use super::reply::Reply;
use super::suggest::{Suggested, Suggestion, Suggestions};
use crate::letter::Record;
use crate::search::{Engine, FacetRequest, Hit, Request, json, known_facets, unknown_parameter};
use serde::Serialize;

/// Letters of one answer.
const MOST: usize = 200;
/// Values of one facet.
const MOST_VALUES: usize = 10_000;

#[derive(Serialize)]
struct Found<'r> {
    #[serde(flatten)]
    summary: json::Summary<'r>,
    hits: Vec<json::HitLine<'r>>,
}

/// `/api/search`: the summary, and the hits in it.
pub(super) fn search(engine: &Engine, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["limit", "offset", "facets", "top"])?;
    let (offset, limit) = asked.window(10, MOST)?;
    let top = asked.number("top", 10, MOST_VALUES)?;
    let mut names = asked.list("facets");
    if names.iter().any(|name| name == "all") {
        names = known_facets();
    }
    if names.len() > 32 {
        return Err(Refusal::bad("facets: there are more than 32"));
    }
    let facets = names.into_iter().map(|path| FacetRequest { path, top });
    let request = Request {
        limit,
        offset,
        facets: facets.collect(),
        snippets: true,
        ..asked.search
    };
    let response = engine.search(&request)?;
    let hits = response.hits.iter().enumerate();
    Ok(Reply::json(&Found {
        summary: json::summary(&response),
        hits: hits
            .map(|(n, hit)| json::hit(hit, offset + n + 1))
            .collect(),
    }))
}

/// The letter of an identity in an address.
pub(super) fn letter_named(engine: &Engine, id: &str) -> Result<Hit, Refusal> {
    let letter = engine.letter_of(id)?;
    letter.ok_or_else(|| Refusal::unknown("the index holds no such letter"))
}

/// `/api/letters/{id}`: the record, as `imr show --json` prints it.
pub(super) fn letter(engine: &Engine, id: &str, query: &str) -> Result<Reply, Refusal> {
    QueryParams::read(query, &[])?;
    let hit = letter_named(engine, id)?;
    let file = hit.files.first().map_or("", String::as_str);
    Ok(Reply::json(&Record::new(&hit.letter, file)))
}

/// `/api/facets/{name}`: the values of a facet under a search, as `imr facets` lists them.
pub(super) fn facet(engine: &Engine, name: &str, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["prefix", "top"])?;
    let top = asked.number("top", 1_000, MOST_VALUES)?;
    let request = Request {
        facets: vec![FacetRequest {
            path: name.to_string(),
            top: usize::MAX,
        }],
        ..asked.search.clone()
    };
    let mut response = engine.search(&request)?;
    let mut counts = response.facets.remove(0);
    if let Some(prefix) = asked.get("prefix") {
        let prefix = prefix.to_lowercase();
        counts.values.retain(|value| {
            let value = value.value.to_lowercase();
            value.split('/').any(|part| part.starts_with(&prefix)) || value.starts_with(&prefix)
        });
    }
    counts.more = counts.values.len().saturating_sub(top);
    counts.values.truncate(top);
    Ok(Reply::json(&counts))
}

/// Case numbers that are suggested.
const CASES: usize = 6;

/// `/api/suggest`: what the last words of a text may become.
pub(super) fn suggest(
    engine: &Engine,
    suggestions: &Suggestions,
    query: &str,
) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &["q"])?;
    if let Some((name, _)) = params.search.parameters().first() {
        return Err(unknown_parameter(name, &[]).into());
    }
    let text = params.get("q").unwrap_or("");
    let last = text.rsplit(char::is_whitespace).next().unwrap_or("");
    let cases: Vec<Suggestion> = engine
        .cases_beginning(last, CASES)
        .into_iter()
        .map(Suggestion::of_case)
        .collect();
    if cases.is_empty() {
        return Ok(Reply::json(&suggestions.find(text)));
    }
    let rest = text[..text.len() - last.len()].trim_end();
    Ok(Reply::json(&Suggested {
        rest: rest.to_string(),
        suggestions: cases.iter().collect(),
    }))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    letters: u64,
}

/// `/healthz`: the index can be searched.
pub(super) fn health(engine: &Engine) -> Result<Reply, Refusal> {
    let letters = engine
        .search(&Request {
            limit: 0,
            ..Request::default()
        })?
        .letters;
    Ok(Reply::json(&Health {
        status: "ok",
        letters,
    }))
}
