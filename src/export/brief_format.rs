//! Briefs as formats: what `markdown`, `html` and `docx` have in common.

use super::brief::{self, BriefHeader, Closing};
use super::columns::{self, Column};
use super::format_info::FormatInfo;
use super::provenance::Provenance;
use super::sink::{EncodedRows, ExportFormat, RowPlan, RowSink, SinkSummary};
use crate::search::{Hit, Projection};
use std::io::{self, Write};

/// A cell of a brief: the name of its column, and its text.
pub(super) type BriefCell = (&'static str, String);

/// How a brief is written down.
pub(super) struct BriefFormat {
    pub info: FormatInfo,
    /// What stands above the rows.
    pub head: fn(&BriefHeader, &[&Column]) -> String,
    /// Adds a row of the table.
    pub row: fn(&mut String, &[BriefCell]),
    /// What stands below the rows.
    pub tail: fn(&Closing) -> String,
    /// Packs the text, where the file is a package around it.
    pub package: Option<PackageWriter>,
}

/// Writes a package around the text of a document.
pub(super) type PackageWriter = fn(&[u8], &mut dyn Write) -> io::Result<()>;

impl ExportFormat for BriefFormat {
    fn info(&self) -> &FormatInfo {
        &self.info
    }

    fn is_brief(&self) -> bool {
        true
    }

    fn projection(&self, plan: &RowPlan) -> Projection {
        Projection {
            // Letters that have no row are named.
            files: true,
            ..columns::wanted(&plan.columns)
        }
    }

    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows> {
        let mut text = String::new();
        for at in places {
            let columns = plan.columns.iter();
            let cells: Vec<BriefCell> = columns
                .map(|column| (column.name, brief::shown(column, hit, *at)))
                .collect();
            (self.row)(&mut text, &cells);
        }
        Ok(EncodedRows::Bytes(text.into_bytes()))
    }

    fn begin<'o>(
        &self,
        plan: &RowPlan,
        opening: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        let head = (self.head)(&opening(), &plan.columns).into_bytes();
        let mut sink = BriefSink {
            out,
            tail: self.tail,
            package: self.package.map(|package| (package, Vec::new())),
        };
        sink.write(&head)?;
        Ok(Box::new(sink))
    }
}

/// A brief in the making.
struct BriefSink<'o> {
    out: &'o mut (dyn Write + Send),
    tail: fn(&Closing) -> String,
    /// The text of a document, which is packed when it is whole.
    package: Option<(PackageWriter, Vec<u8>)>,
}

impl BriefSink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.package {
            Some((_, text)) => text.write_all(bytes),
            None => self.out.write_all(bytes),
        }
    }
}

impl RowSink for BriefSink<'_> {
    fn take(&mut self, rows: EncodedRows) -> io::Result<()> {
        self.write(&rows.into_bytes())
    }

    fn end(mut self: Box<Self>, closing: &Closing, _: &Provenance) -> io::Result<SinkSummary> {
        let tail = (self.tail)(closing);
        self.write(tail.as_bytes())?;
        if let Some((package, text)) = self.package.take() {
            package(&text, self.out)?;
        }
        Ok(SinkSummary::default())
    }
}
