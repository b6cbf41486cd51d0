//! How long a search may take. Work is checked between segments, clauses and blocks of documents, so
//! that a search whose answer nobody waits for any more ends soon.

use super::error::SearchError;
use std::time::Instant;
use tantivy::TantivyError;

/// When a search must be done; without one it takes as long as it takes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deadline(Option<Instant>);

/// Why the evaluation of a query ended early.
#[derive(Debug)]
pub enum Interrupted {
    /// The index cannot be read.
    Engine(TantivyError),
    /// The deadline has passed.
    TimedOut,
    /// The query cannot be answered as it is.
    Refused(Box<SearchError>),
}

impl From<TantivyError> for Interrupted {
    fn from(error: TantivyError) -> Interrupted {
        Interrupted::Engine(error)
    }
}

impl From<std::io::Error> for Interrupted {
    fn from(error: std::io::Error) -> Interrupted {
        Interrupted::Engine(error.into())
    }
}

impl From<SearchError> for Interrupted {
    fn from(error: SearchError) -> Interrupted {
        Interrupted::Refused(Box::new(error))
    }
}

impl Deadline {
    /// At this moment; None: never.
    pub(super) fn at(moment: Option<Instant>) -> Deadline {
        Deadline(moment)
    }

    /// # Errors
    /// [`Interrupted::TimedOut`] once the moment has passed.
    pub(super) fn check(self) -> Result<(), Interrupted> {
        match self.0 {
            Some(moment) if Instant::now() >= moment => Err(Interrupted::TimedOut),
            _ => Ok(()),
        }
    }
}
