//! Why a request is not answered: problem details (RFC 9457) for programs, a page for people.

use super::pages;
use super::reply::Reply;
use crate::export::ExportError;
use crate::search::{ParameterError, SearchError};
use hyper::{StatusCode, header};
use serde::Serialize;

/// A request that is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong with this request, in one sentence.
    pub detail: String,
}

/// Problem details, as RFC 9457 has them. `type` is left out: it is "about:blank", and the title
/// is that of the status.
#[derive(Serialize)]
struct Problem<'r> {
    title: &'r str,
    status: u16,
    detail: &'r str,
}

impl Refusal {
    /// A refusal with its reason.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Refusal {
        Refusal {
            status,
            detail: detail.into(),
        }
    }

    /// What was asked cannot be understood.
    pub(super) fn bad(detail: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub(super) fn unknown(detail: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, detail)
    }

    /// Too much is being asked at once.
    pub(super) fn busy() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "imr is busy with other requests; try again in a moment",
        )
    }

    /// As problem details or as a page.
    pub(super) fn reply(&self, for_programs: bool) -> Reply {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let reply = if for_programs {
            let problem = Problem {
                title,
                status: self.status.as_u16(),
                detail: &self.detail,
            };
            let body = serde_json::to_vec(&problem).unwrap_or_default();
            Reply::new(self.status, "application/problem+json", body)
        } else {
            Reply::page(self.status, pages::refused(title, &self.detail))
        };
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => reply.with(header::RETRY_AFTER, "1"),
            StatusCode::METHOD_NOT_ALLOWED => reply.with(header::ALLOW, "GET, HEAD"),
            _ => reply,
        }
    }
}

impl From<ParameterError> for Refusal {
    fn from(error: ParameterError) -> Refusal {
        Refusal::bad(error.to_string())
    }
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Refusal {
        match error {
            SearchError::Index(error) => {
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
            SearchError::TimedOut => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
            // A filter's name stands in it as an option of the command.
            other => Refusal::bad(other.to_string().trim_start_matches("--")),
        }
    }
}

impl From<ExportError> for Refusal {
    fn from(error: ExportError) -> Refusal {
        match error {
            ExportError::Search(error) => error.into(),
            ExportError::Output(error) => Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("the export failed: {}", crate::corpus::io_reason(&error)),
            ),
        }
    }
}
