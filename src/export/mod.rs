//! Hits as rows, for a spreadsheet or a program.

mod rows;

pub use rows::{By, COLUMNS, LETTER_COLUMNS};

use crate::letter::Record;
use crate::search::Hit;
use std::io::{self, Write};

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values, UTF-8.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Writes hits, one after the other.
pub struct Writer<'o> {
    out: Output<'o>,
    by: By,
    rows: usize,
}

enum Output<'o> {
    Csv(Box<csv::Writer<&'o mut dyn Write>>),
    Jsonl(&'o mut dyn Write),
}

/// The mark by which spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

impl<'o> Writer<'o> {
    /// Begins an export; CSV gets its header row.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn new(out: &'o mut dyn Write, format: Format, by: By) -> io::Result<Writer<'o>> {
        let out = match format {
            Format::Csv => {
                out.write_all(BYTE_ORDER_MARK.as_bytes())?;
                let mut writer = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(out);
                writer.write_record(rows::header(by)).map_err(io_error)?;
                Output::Csv(Box::new(writer))
            }
            Format::Jsonl => Output::Jsonl(out),
        };
        Ok(Writer { out, by, rows: 0 })
    }

    /// Writes a hit: a row for each matching item, or one for the letter.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn hit(&mut self, hit: &Hit) -> io::Result<()> {
        let rows = rows::of(hit, self.by);
        self.rows += rows.len();
        match &mut self.out {
            Output::Csv(writer) => {
                for row in rows {
                    writer
                        .write_record(row.iter().map(|cell| harmless(cell).into_owned()))
                        .map_err(io_error)?;
                }
            }
            Output::Jsonl(out) => match self.by {
                By::Letter => {
                    let record =
                        Record::new(&hit.letter, hit.files.first().map_or("", String::as_str));
                    serde_json::to_writer(&mut *out, &record).map_err(io::Error::from)?;
                    out.write_all(b"\n")?;
                }
                By::Item => {
                    for row in rows {
                        let names = rows::header(self.by);
                        let object: serde_json::Map<_, _> = names
                            .iter()
                            .zip(row)
                            .map(|(name, cell)| ((*name).to_string(), rows::json(name, cell)))
                            .collect();
                        serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
                        out.write_all(b"\n")?;
                    }
                }
            },
        }
        Ok(())
    }

    /// Ends the export; returns how many rows were written.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish(self) -> io::Result<usize> {
        match self.out {
            Output::Csv(mut writer) => writer.flush()?,
            Output::Jsonl(out) => out.flush()?,
        }
        Ok(self.rows)
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before `= + - @`, and before tab
/// and return, which some skip (OWASP, "CSV Injection").
fn harmless(cell: &str) -> std::borrow::Cow<'_, str> {
    let first = cell.trim_start_matches(' ').chars().next();
    let dangerous = matches!(
        first,
        Some(
            '=' | '+'
                | '-'
                | '@'
                | '\t'
                | '\r'
                | '\n'
                | '\u{ff1d}'
                | '\u{ff0b}'
                | '\u{ff0d}'
                | '\u{ff20}'
        )
    );
    if dangerous && cell.parse::<f64>().is_err() {
        return format!("'{cell}").into();
    }
    cell.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless() {
        assert_eq!(
            harmless("=HYPERLINK(\"http://x\")"),
            "'=HYPERLINK(\"http://x\")"
        );
        assert_eq!(harmless(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(harmless("-2"), "-2");
        assert_eq!(harmless("Norco 10/325mg #60"), "Norco 10/325mg #60");
    }
}
