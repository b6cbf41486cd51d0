//! SQLite databases where imr was built without them: the format is known, and refused.

use super::error::ExportError;
use super::format_info::FormatInfo;
use super::sink::{EncodedRows, ExportFormat, RowPlan};
use super::tables;
use crate::search::Hit;
use std::io;

/// SQLite databases, which this program cannot write.
pub(super) struct DatabaseFormat;

impl ExportFormat for DatabaseFormat {
    fn info(&self) -> &FormatInfo {
        &tables::INFO
    }

    fn check(&self, _: bool) -> Result<(), ExportError> {
        Err(ExportError::NoSqlite)
    }

    fn encode(&self, _: &RowPlan, _: &Hit, _: &[Option<usize>]) -> io::Result<EncodedRows> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
