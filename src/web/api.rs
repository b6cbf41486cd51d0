//! The JSON of the command, over HTTP.

use super::openapi;
use super::query_params::QueryParams;
use super::refusal::Refusal;
use super::reply::Reply;
use super::suggest::{Suggested, Suggestion, Suggestions};
use crate::fields::CASE;
use crate::search::{
    Backend, FacetRequest, Filter, Hit, Request, json, known_facets, unknown_parameter,
};
use crate::stats;
use crate::vocabulary::CaseNumber;
use hyper::StatusCode;
use serde::Serialize;

/// Letters of one answer.
const MOST: usize = 200;
/// Values of one facet.
const MOST_VALUES: usize = 10_000;

#[derive(Serialize)]
struct SearchReply<'r> {
    #[serde(flatten)]
    summary: json::Summary<'r>,
    /// For `added-after` of a later search.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    hits: Vec<json::HitLine<'r>>,
}

/// `/api/search`: the summary, and the hits in it.
pub(super) fn search(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["limit", "offset", "facets", "top", "fields"])?;
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
        ..asked.search.clone()
    };
    let response = engine.search(&request)?;
    let commit = engine.newest_commit()?;
    let hits = response.hits.iter().enumerate();
    let chosen = asked.list("fields");
    if !chosen.is_empty() {
        are_fields(&chosen, "Hit")?;
        let hits = hits.map(|(n, hit)| only(&chosen, &json::hit(hit, offset + n + 1)));
        let mut found = serde_json::to_value(json::summary(&response, true)).unwrap_or_default();
        found["hits"] = serde_json::Value::Array(hits.collect());
        if let Some(commit) = commit {
            found["commit"] = commit.into();
        }
        return Ok(Reply::json(&found));
    }
    Ok(Reply::json(&SearchReply {
        summary: json::summary(&response, true),
        commit,
        hits: hits
            .map(|(n, hit)| json::hit(hit, offset + n + 1))
            .collect(),
    }))
}

/// Refuses a field that what a schema describes does not have.
fn are_fields(chosen: &[String], schema: &str) -> Result<(), Refusal> {
    let known = openapi::fields_of(schema);
    let Some(wrong) = chosen.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let near = crate::vocabulary::nearest(wrong, known.iter().copied());
    let hint = match near.first() {
        Some(near) => format!("; did you mean '{near}'?"),
        None => format!("; there are: {}", known.join(", ")),
    };
    Err(Refusal::bad(format!("fields: there is no '{wrong}'{hint}")))
}

/// The chosen fields of an object.
fn only(chosen: &[String], of: &impl Serialize) -> serde_json::Value {
    let mut of = serde_json::to_value(of).unwrap_or_default();
    if let Some(fields) = of.as_object_mut() {
        fields.retain(|name, _| chosen.iter().any(|chosen| chosen == name));
    }
    of
}

/// Documents of one case number that are named.
const DOCUMENTS: usize = 20;

/// The letters of a case number, in any form of it.
pub(super) fn of_case(engine: &dyn Backend, case: &str) -> Result<Vec<Hit>, Refusal> {
    let request = Request {
        filters: Filter::named(CASE.name, case).into_iter().collect(),
        limit: DOCUMENTS,
        ..Request::default()
    };
    let hits = engine.search(&request)?.hits;
    if hits.is_empty() {
        let hint = match engine.near_cases(case).first() {
            Some(near) => format!("; did you mean {near}?"),
            None => String::new(),
        };
        let detail = format!("no letter has the case number {case}{hint}");
        return Err(Refusal::unknown(detail));
    }
    Ok(hits)
}

/// The letter of an identity or a case number in an address.
pub(super) fn letter_named(engine: &dyn Backend, id: &str) -> Result<Hit, Refusal> {
    if !CaseNumber::all(id).is_empty() {
        let mut hits = of_case(engine, id)?;
        if hits.len() > 1 {
            let ids: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                format!(
                    "{} documents have this case number: {}",
                    ids.len(),
                    ids.join(", ")
                ),
            ));
        }
        // One is left: there is at least one.
        return Ok(hits.swap_remove(0));
    }
    let letter = engine.letter(id)?;
    letter.ok_or_else(|| Refusal::unknown("the index has no such letter"))
}

/// `/api/letters/{id}/similar`: the letters most like one.
pub(super) fn similar(engine: &dyn Backend, id: &str, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["limit"])?;
    let request = Request {
        limit: asked.number("limit", 10, MOST)?,
        ..asked.search.clone()
    };
    let similar = engine.similar(&letter_named(engine, id)?, &request)?;
    let hits = similar.iter().enumerate();
    let hits: Vec<_> = hits
        .map(|(n, like)| stats::similar_json(like, n + 1))
        .collect();
    Ok(Reply::json(&serde_json::json!({ "hits": hits })))
}

/// `/api/reasons`: the phrases that set overturned rationales apart.
pub(super) fn reasons(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["top"])?;
    let top = asked.number("top", 20, 1_000)?;
    Ok(Reply::json(&stats::reasons(engine, &asked.search, top)?))
}

/// `/api/checklist`: the points that decided such requests.
pub(super) fn checklist(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &[])?;
    Ok(Reply::json(&stats::checklist(engine, &asked.search)?))
}

/// `/api/compare`: two searches, each the part of an address after its question mark.
pub(super) fn compare(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["a", "b", "top"])?;
    if let Some((name, _)) = asked.search.parameters().first() {
        return Err(Refusal::bad(format!("{name}: put it inside a or b")));
    }
    let side = |name: &str| -> Result<Request, Refusal> {
        let side = asked.get(name).unwrap_or("");
        Ok(QueryParams::read(side, &[])?.search)
    };
    let top = asked.number("top", 3, 100)?;
    let compared = stats::compare(engine, &side("a")?, &side("b")?, top)?;
    Ok(Reply::json(&compared))
}

/// `/api/letters/{id}`: the record, as `imr show --json` prints it.
pub(super) fn letter(engine: &dyn Backend, id: &str, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["fields"])?;
    let chosen = asked.list("fields");
    are_fields(&chosen, "Record")?;
    let hit = letter_named(engine, id)?;
    let record = json::letter(&hit);
    Ok(if chosen.is_empty() {
        Reply::json(&record)
    } else {
        Reply::json(&only(&chosen, &record))
    })
}

/// `/api/facets/{name}`: the values of a facet under a search, as `imr facets` lists them.
pub(super) fn facet(engine: &dyn Backend, name: &str, query: &str) -> Result<Reply, Refusal> {
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
    engine: &dyn Backend,
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
pub(super) fn health(engine: &dyn Backend) -> Result<Reply, Refusal> {
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
