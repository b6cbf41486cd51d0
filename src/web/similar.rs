//! A document that a person brings, and the decisions on requests like its own. It is read for one
//! answer and kept nowhere.

use super::body::LARGEST;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::corpus::{self, Limits};
use crate::letter::{CaseDocument, CaseEdits, case_document};
use crate::search::{Backend, Filter, Request, SimilarToRequest};
use crate::stats::{request_json, similar_json, understood_json};
use serde_json::json;

/// Decisions that are listed for each request, unless asked otherwise.
const DECISIONS: usize = 3;
/// At most.
const MOST: usize = 50;

/// A document with what a person changes of what was understood.
#[derive(Debug, Default)]
pub(super) struct Case {
    document: Vec<u8>,
    /// What is changed.
    pub edits: CaseEdits,
    /// What holds for the letters that are listed.
    pub filters: Vec<Filter>,
    limit: usize,
}

/// What was understood and found.
pub(super) struct Answer {
    /// What was understood.
    pub whole: CaseDocument,
    /// The same as it was changed.
    pub edited: CaseDocument,
    /// What was found for each request.
    pub found: Vec<SimilarToRequest>,
    /// The document's text.
    pub text: String,
}

impl Case {
    /// Reads the fields of a form: a file or a text, then edits and filters.
    pub(super) fn read(fields: Vec<(String, Vec<u8>)>) -> Result<Case, Refusal> {
        let mut case = Case {
            limit: DECISIONS,
            ..Case::default()
        };
        let mut text = Vec::new();
        for (name, bytes) in fields {
            match name.as_str() {
                "file" => case.document = bytes,
                "text" => text = bytes,
                _ => case.take(&name, String::from_utf8_lossy(&bytes).trim())?,
            }
        }
        if case.document.is_empty() {
            case.document = text;
        }
        if case.document.iter().all(u8::is_ascii_whitespace) {
            return Err(Refusal::bad("paste a document or choose a file"));
        }
        Ok(case)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let number = |most: usize| {
            let number = value
                .parse::<usize>()
                .ok()
                .filter(|n| (1..=most).contains(n));
            number.ok_or_else(|| Refusal::bad(format!("{name}: it is a number from 1 to {most}")))
        };
        if value.is_empty() {
            return Ok(());
        }
        match name {
            "item" => self.edits.items.push(number(10_000)?),
            "request" => self.edits.requests.push(value.to_string()),
            "without" => self.edits.without.push(value.to_string()),
            "with" => self.edits.with.push(value.to_string()),
            "limit" => self.limit = number(MOST)?,
            _ => match Filter::named(name, value) {
                Some(filter) => self.filters.push(filter),
                None => {
                    let own = [
                        "text", "file", "item", "request", "without", "with", "limit",
                    ];
                    return Err(crate::search::unknown_parameter(name, &own).into());
                }
            },
        }
        Ok(())
    }

    /// What was understood, and the decisions most like it.
    pub(super) fn answer(&self, engine: &dyn Backend) -> Result<Answer, Refusal> {
        let limits = Limits::of_letter(LARGEST as u64);
        let text = corpus::decode(self.document.clone(), limits);
        let text = text.map_err(|why| Refusal::bad(format!("the document {why}")))?;
        let whole = case_document(&text);
        let edited = whole.clone().edited(&self.edits).map_err(Refusal::bad)?;
        let request = Request {
            filters: self.filters.clone(),
            limit: self.limit,
            snippets: true,
            ..Request::default()
        };
        let found = engine.similar_to_case(&edited, &request)?;
        Ok(Answer {
            whole,
            edited,
            found,
            text,
        })
    }
}

/// `POST /api/similar`.
pub(super) fn api(engine: &dyn Backend, case: &Case) -> Result<Reply, Refusal> {
    let answer = case.answer(engine)?;
    let requests = answer.found.iter().map(|of| {
        let mut request = request_json(&answer.edited, of);
        let hits = of.similar.iter().enumerate();
        let hits: Vec<_> = hits.map(|(n, like)| similar_json(like, n + 1)).collect();
        request["hits"] = json!(hits);
        request
    });
    Ok(Reply::json(&json!({
        "understood": understood_json(&answer.edited),
        "requests": requests.collect::<Vec<_>>(),
    })))
}
