//! SQLite databases where imr was built without them: the format is known, and refused.

use super::brief::BriefHeader;
use super::error::ExportError;
use super::sink::{EncodedRows, ExportFormat, PlainSink, RowPlan, RowSink};
use super::tables;
use crate::search::Hit;
use std::io::{self, Write};

/// SQLite databases, which this program cannot write.
pub(super) struct DatabaseFormat;

impl ExportFormat for DatabaseFormat {
    fn extensions(&self) -> &'static [&'static str] {
        tables::EXTENSIONS
    }

    fn media_type(&self) -> &'static str {
        tables::MEDIA_TYPE
    }

    fn check(&self, _: bool) -> Result<(), ExportError> {
        Err(ExportError::NoSqlite)
    }

    fn encode(&self, _: &RowPlan, _: &Hit, _: &[Option<usize>]) -> io::Result<EncodedRows> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn begin<'o>(
        &self,
        _: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        Ok(Box::new(PlainSink(out)))
    }
}
