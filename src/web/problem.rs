//! A refusal written down: problem details (RFC 9457) for programs, a page for people.

use super::refusal::Refusal;
use super::reply::Reply;
use super::{guard, pages};
use hyper::{StatusCode, header};
use serde::Serialize;

/// Problem details, as RFC 9457 has them. `type` is left out: it is "about:blank", and the title
/// is that of the status.
#[derive(Serialize)]
struct Problem<'r> {
    title: &'r str,
    status: u16,
    detail: &'r str,
}

/// A refusal as problem details or as a page.
pub(super) fn reply(refusal: &Refusal, path: &str, for_programs: bool) -> Reply {
    let title = refusal.status.canonical_reason().unwrap_or("Error");
    let reply = if for_programs {
        let problem = Problem {
            title,
            status: refusal.status.as_u16(),
            detail: &refusal.detail,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        Reply::new(refusal.status, "application/problem+json", body)
    } else {
        Reply::page(refusal.status, pages::refused(title, &refusal.detail))
    };
    match refusal.status {
        StatusCode::SERVICE_UNAVAILABLE => reply.with(header::RETRY_AFTER, "1"),
        StatusCode::METHOD_NOT_ALLOWED => reply.with(header::ALLOW, guard::allowed(path)),
        _ => reply,
    }
}
