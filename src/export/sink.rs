//! What a format is: how a hit becomes rows, on any thread, and how rows become a file, in their order.

use super::brief::{BriefHeader, Closing};
use super::columns::{self, Column, RowLevel};
use super::error::ExportError;
use super::format_info::FormatInfo;
use super::provenance::Provenance;
#[cfg(feature = "sqlite")]
use super::tables::Record;
use crate::fields::Cell;
use crate::search::{Hit, Projection};
use std::io::{self, Write};

/// What the rows of an export are.
pub(super) struct RowPlan {
    pub by: RowLevel,
    pub columns: Vec<&'static Column>,
    /// The columns were chosen: they are not those of the format.
    pub chosen: bool,
    /// CSV and TSV are as spreadsheets expect of a file.
    pub for_spreadsheets: bool,
}

/// The rows of a hit, as a format writes them.
pub(super) enum EncodedRows {
    /// As they stand in the file.
    Bytes(Vec<u8>),
    /// For a file whose rows are typed.
    Cells(Vec<Vec<Cell<'static>>>),
    /// For a database.
    #[cfg(feature = "sqlite")]
    Records(Vec<Record>),
}

/// What only a format knows of the file that it wrote.
#[derive(Default)]
pub(super) struct SinkSummary {
    /// Cells that it could not hold whole.
    pub cut: usize,
    /// Sheets, where it has sheets.
    pub sheets: usize,
}

/// A format. Everything about it is in one file; `format.rs` lists them.
pub(super) trait ExportFormat: Sync {
    /// What it is called.
    fn info(&self) -> &FormatInfo;

    /// Whether it is a brief, which quotes letters.
    fn is_brief(&self) -> bool {
        false
    }

    /// Whether it is a table of rows that has no place for where it is from.
    fn is_bare_table(&self) -> bool {
        false
    }

    /// What CSV on the Web says of such a table, besides its columns: a property and its value.
    fn metadata(&self) -> Option<(&'static str, serde_json::Value)> {
        None
    }

    /// Whether a letter without a matching item is in the file all the same.
    fn has_letters_without_items(&self) -> bool {
        false
    }

    /// Whether its rows are whole records, which have no columns.
    fn is_record(&self, _plan: &RowPlan) -> bool {
        false
    }

    /// Whether such an export can be made.
    fn check(&self, _columns_chosen: bool) -> Result<(), ExportError> {
        Ok(())
    }

    /// What of each letter is needed.
    fn projection(&self, plan: &RowPlan) -> Projection {
        columns::wanted(&plan.columns)
    }

    /// The rows of a hit, one for each place: that of a matching item, or None for the letter.
    ///
    /// # Errors
    /// If a row cannot be written down.
    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows>;

    /// Begins a file; unless a format says otherwise, it is its rows one after the other. `opening` is what
    /// stands above the rows of a brief.
    ///
    /// # Errors
    /// If the output, or a temporary file, cannot be written.
    fn begin<'o>(
        &self,
        _plan: &RowPlan,
        _opening: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        Ok(Box::new(PlainSink(out)))
    }
}

/// A file in the making.
pub(super) trait RowSink {
    /// Adds the rows of a hit.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn take(&mut self, rows: EncodedRows) -> io::Result<()>;

    /// Ends the file. `closing` is what stands below the rows of a brief.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn end(self: Box<Self>, closing: &Closing, provenance: &Provenance) -> io::Result<SinkSummary>;
}

/// A file that is its rows one after the other.
pub(super) struct PlainSink<'o>(pub &'o mut (dyn Write + Send));

impl RowSink for PlainSink<'_> {
    fn take(&mut self, rows: EncodedRows) -> io::Result<()> {
        self.0.write_all(&rows.into_bytes())
    }

    fn end(self: Box<Self>, _: &Closing, _: &Provenance) -> io::Result<SinkSummary> {
        Ok(SinkSummary::default())
    }
}

/// What writes the rows of a file with typed cells.
pub(super) trait CellWriter {
    /// Adds a row.
    ///
    /// # Errors
    /// If the output, or a temporary file, cannot be written.
    fn row(&mut self, cells: &[Cell<'_>], out: &mut dyn Write) -> io::Result<()>;

    /// Ends the file.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn finish(
        self,
        provenance: &Provenance,
        out: &mut (dyn Write + Send),
    ) -> io::Result<SinkSummary>;
}

/// A file with typed cells on its way to an output.
pub(super) struct CellSink<'o, W> {
    pub writer: W,
    pub out: &'o mut (dyn Write + Send),
}

impl<W: CellWriter> RowSink for CellSink<'_, W> {
    fn take(&mut self, rows: EncodedRows) -> io::Result<()> {
        let rows = rows.into_cells();
        rows.iter()
            .try_for_each(|row| self.writer.row(row, self.out))
    }

    fn end(self: Box<Self>, _: &Closing, provenance: &Provenance) -> io::Result<SinkSummary> {
        self.writer.finish(provenance, self.out)
    }
}

impl EncodedRows {
    /// The bytes of a format that encodes bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        match self {
            EncodedRows::Bytes(bytes) => bytes,
            _ => Vec::new(),
        }
    }

    /// The cells of a format that encodes cells.
    pub(super) fn into_cells(self) -> Vec<Vec<Cell<'static>>> {
        match self {
            EncodedRows::Cells(cells) => cells,
            _ => Vec::new(),
        }
    }

    /// The cells of every row.
    pub(super) fn cells_of(plan: &RowPlan, hit: &Hit, places: &[Option<usize>]) -> EncodedRows {
        let row = |at: &Option<usize>| {
            let cells = plan.columns.iter().map(|column| cell(column, hit, *at));
            cells.map(Cell::owned).collect()
        };
        EncodedRows::Cells(places.iter().map(row).collect())
    }
}

/// The cell of an item at a place, or of the letter.
pub(super) fn cell<'h>(column: &Column, hit: &'h Hit, at: Option<usize>) -> Cell<'h> {
    match at {
        Some(at) => column.of_item(hit, at),
        None => column.of_letter(hit),
    }
}
