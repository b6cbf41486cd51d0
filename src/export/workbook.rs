//! A workbook for Excel and its kin: rows go to a temporary file as they come, texts are never
//! formulas.

use super::brief::BriefHeader;
use super::columns::{Column, RowLevel};
use super::format_info::FormatInfo;
use super::provenance::Provenance;
use super::sink::{CellSink, CellWriter, EncodedRows, ExportFormat, RowPlan, RowSink, SinkSummary};
use crate::fields::Cell;
use crate::search::Hit;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Workbook as Xlsx, Worksheet, XlsxError,
};
use std::borrow::Cow;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of one sheet, its header among them (Excel's limit).
const ROWS: u32 = 1_048_576;
/// UTF-16 units of one cell (Excel's limit).
const LONGEST: usize = 32_767;
/// What stands at the end of a cell that was cut.
const CUT: char = '\u{2026}';

/// Workbooks.
pub(super) struct WorkbookFormat;

impl ExportFormat for WorkbookFormat {
    fn info(&self) -> &FormatInfo {
        &FormatInfo {
            extensions: &["xlsx"],
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            binary_name: Some("a workbook"),
        }
    }

    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows> {
        Ok(EncodedRows::cells_of(plan, hit, places))
    }

    fn begin<'o>(
        &self,
        plan: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        let writer = Workbook::new(plan.by, plan.columns.clone())?;
        Ok(Box::new(CellSink { writer, out }))
    }
}

impl CellWriter for Workbook {
    fn row(&mut self, cells: &[Cell<'_>], _: &mut dyn Write) -> io::Result<()> {
        Workbook::row(self, cells)
    }

    fn finish(
        self,
        provenance: &Provenance,
        out: &mut (dyn Write + Send),
    ) -> io::Result<SinkSummary> {
        Ok(SinkSummary {
            cut: self.cut,
            sheets: Workbook::finish(self, provenance, out)?,
        })
    }
}

/// A workbook in the making.
struct Workbook {
    xlsx: Xlsx,
    columns: Vec<&'static Column>,
    name: &'static str,
    formats: Formats,
    most_rows: u32,
    /// The sheet that is being written, and its next row.
    sheet: usize,
    row: u32,
    /// Cells that were longer than Excel takes.
    cut: usize,
}

struct Formats {
    header: Format,
    date: Format,
    text: Format,
}

impl Workbook {
    /// Begins a workbook with one sheet.
    ///
    /// # Errors
    /// If no temporary file can be made.
    fn new(by: RowLevel, columns: Vec<&'static Column>) -> io::Result<Workbook> {
        Workbook::with_rows(by, columns, ROWS)
    }

    fn with_rows(
        by: RowLevel,
        columns: Vec<&'static Column>,
        most_rows: u32,
    ) -> io::Result<Workbook> {
        let mut workbook = Workbook {
            xlsx: Xlsx::new(),
            columns,
            name: match by {
                RowLevel::Item => "Items",
                RowLevel::Letter => "Letters",
            },
            formats: Formats {
                header: Format::new().set_bold(),
                date: Format::new().set_num_format("yyyy-mm-dd"),
                text: Format::new().set_num_format("@"),
            },
            most_rows,
            sheet: 0,
            row: 0,
            cut: 0,
        };
        guarded(|| workbook.begin_sheet())?;
        Ok(workbook)
    }

    /// Adds a row; one that no longer fits begins another sheet.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        guarded(|| {
            if self.row >= self.most_rows {
                self.end_sheet()?;
                self.sheet += 1;
                self.begin_sheet()?;
            }
            let sheet = self.xlsx.worksheet_from_index(self.sheet)?;
            for (at, cell) in (0u16..).zip(cells) {
                let text = self.columns[usize::from(at)].name == "case_number";
                let format = text.then_some(&self.formats.text);
                match cell {
                    Cell::Empty => {}
                    Cell::Number(n) => {
                        sheet.write_number(self.row, at, *n as f64)?;
                    }
                    Cell::Date(date) => match excel_date(date.0) {
                        Some(day) => {
                            let format = &self.formats.date;
                            sheet.write_datetime_with_format(self.row, at, day, format)?;
                        }
                        None => write_text(sheet, self.row, at, &date.to_string(), None)?,
                    },
                    Cell::Flag(false) => {}
                    Cell::Text(_) | Cell::List(_) | Cell::Flag(true) => {
                        let text = cell.text();
                        if text.is_empty() {
                            continue;
                        }
                        let fitting = fitting(&text);
                        self.cut += usize::from(matches!(fitting, Cow::Owned(_)));
                        write_text(sheet, self.row, at, &fitting, format)?;
                    }
                }
            }
            self.row += 1;
            Ok(())
        })
    }

    /// Writes the workbook out; returns how many sheets it has.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn finish(
        mut self,
        provenance: &Provenance,
        out: &mut (dyn Write + Send),
    ) -> io::Result<usize> {
        guarded(|| {
            self.end_sheet()?;
            let day = excel_date(provenance.date);
            let properties = DocProperties::new()
                .set_title(&provenance.question)
                .set_author(&provenance.program)
                .set_comment(provenance.sentence());
            // Otherwise the moment of writing would make each file another.
            self.xlsx.set_properties(&match day {
                Some(day) => properties.set_creation_datetime(&day),
                None => properties,
            });
            self.xlsx.save_to_writer(out)
        })?;
        Ok(self.sheet + 1)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let name = match self.sheet {
            0 => self.name.to_string(),
            n => format!("{} {}", self.name, n + 1),
        };
        let sheet = self.xlsx.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet.set_column_width(at, column.width)?;
            sheet.write_string_with_format(0, at, column.name, &self.formats.header)?;
        }
        self.row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let last_column = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let last_row = self.row.saturating_sub(1);
        let sheet = self.xlsx.worksheet_from_index(self.sheet)?;
        sheet.autofilter(0, 0, last_row, last_column)?;
        Ok(())
    }
}

fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: Option<&Format>,
) -> Result<(), XlsxError> {
    match format {
        Some(format) => sheet.write_string_with_format(row, column, text, format)?,
        None => sheet.write_string(row, column, text)?,
    };
    Ok(())
}

fn excel_date(date: time::Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok()?;
    ExcelDateTime::from_ymd(year, date.month().into(), date.day()).ok()
}

/// A text as Excel takes it: cut, and marked as cut, where it is too long.
fn fitting(text: &str) -> Cow<'_, str> {
    // A char has at least as many bytes as UTF-16 units.
    if text.len() <= LONGEST {
        return text.into();
    }
    let mut units = 0;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        if units < LONGEST {
            end = at;
        }
        units += c.len_utf16();
    }
    if units <= LONGEST {
        return text.into();
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut cut = text[..end].to_string();
    while cut.encode_utf16().count() + CUT.len_utf16() > LONGEST {
        cut.pop();
    }
    cut.push(CUT);
    cut.into()
}

/// The library panics where its temporary file cannot be written (a full disk): an error here.
fn guarded<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(XlsxError::IoError(error))) => Err(error),
        Ok(Err(error)) => Err(io::Error::other(error.to_string())),
        Err(_) => Err(io::Error::other(format!(
            "the temporary file of the workbook in {} cannot be written; is the disk full?",
            std::env::temp_dir().display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::columns::chosen;
    use crate::fields::Cell;
    use calamine::{Reader, Xlsx as XlsxReader};

    fn read(workbook: Workbook) -> (usize, XlsxReader<io::Cursor<Vec<u8>>>) {
        let mut bytes = Vec::new();
        let sheets = workbook.finish(&Provenance::picked(0), &mut bytes).unwrap();
        (sheets, XlsxReader::new(io::Cursor::new(bytes)).unwrap())
    }

    #[test]
    fn what_no_longer_fits_on_a_sheet_goes_on_the_next() {
        let columns = chosen(["request", "age"]).unwrap();
        let mut workbook = Workbook::with_rows(RowLevel::Item, columns, 3).unwrap();
        for n in 0..5u32 {
            let request = format!("request {n}");
            workbook.row(&[Cell::from(request), Cell::from(n)]).unwrap();
        }
        let (sheets, mut xlsx) = read(workbook);
        assert_eq!(sheets, 3);
        assert_eq!(xlsx.sheet_names(), ["Items", "Items 2", "Items 3"]);
        let rows: Vec<usize> = xlsx.worksheets().iter().map(|(_, r)| r.height()).collect();
        assert_eq!(rows, [3, 3, 2], "each with its header");
    }

    #[test]
    fn a_cell_is_cut_at_the_limit_of_excel_and_counted() {
        let columns = chosen(["rationale", "request"]).unwrap();
        let mut workbook = Workbook::new(RowLevel::Item, columns).unwrap();
        let long = "\u{1d11e}".repeat(LONGEST);
        let whole = "\u{e9}".repeat(LONGEST);
        workbook
            .row(&[Cell::from(long.as_str()), Cell::from(whole.as_str())])
            .unwrap();
        assert_eq!(workbook.cut, 1);
        let (_, mut xlsx) = read(workbook);
        let range = xlsx.worksheet_range("Items").unwrap();
        let cut = range.get((1, 0)).unwrap().to_string();
        assert!(cut.encode_utf16().count() <= LONGEST && cut.ends_with(CUT));
        assert!(cut.encode_utf16().count() >= LONGEST - 1);
        assert_eq!(range.get((1, 1)).unwrap().to_string(), whole);
    }

    #[test]
    fn what_xml_cannot_hold_comes_back() {
        let columns = chosen(["request"]).unwrap();
        let mut workbook = Workbook::new(RowLevel::Item, columns).unwrap();
        let odd = "=1+1 <&> \u{1} _x0041_ \"q\"";
        workbook.row(&[Cell::from(odd)]).unwrap();
        let (_, mut xlsx) = read(workbook);
        let formulas = xlsx.worksheet_formula("Items").unwrap();
        assert_eq!(formulas.used_cells().count(), 0);
        let range = xlsx.worksheet_range("Items").unwrap();
        assert_eq!(range.get((1, 0)).unwrap().to_string(), odd);
    }
}
