//! Why a request is not answered. Plain data: `problem` writes it down.

use crate::export::ExportError;
use crate::search::{ParameterError, SearchError};
use hyper::StatusCode;

/// A request that is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong with this request, in one sentence.
    pub detail: String,
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
            SearchError::Rebuilt => Refusal::new(StatusCode::GONE, error.to_string()),
            SearchError::TimedOut | SearchError::Lost(_) => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
            SearchError::NotHere(_) => Refusal::new(StatusCode::NOT_IMPLEMENTED, error.to_string()),
            SearchError::Remote(_) => Refusal::new(StatusCode::BAD_GATEWAY, error.to_string()),
            other => Refusal::bad(other.to_string()),
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
            error @ (ExportError::NothingToChoose | ExportError::NoSqlite) => {
                Refusal::bad(error.to_string())
            }
        }
    }
}
