//! Why an export failed.

use crate::search::SearchError;
use std::io;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The search.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// A database has all columns of its tables.
    #[error(
        "a database always has all columns of letters and items; you cannot choose columns or rows"
    )]
    NothingToChoose,
    /// The program was built without the format.
    #[error("this imr was built without SQLite: build it with the feature sqlite")]
    NoSqlite,
}
