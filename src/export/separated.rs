//! CSV and TSV.

use super::brief::BriefHeader;
use super::format_info::FormatInfo;
use super::sink::{EncodedRows, ExportFormat, PlainSink, RowPlan, RowSink, cell};
use crate::fields::Cell;
use crate::formula::harmless;
use crate::search::Hit;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::{self, Write};

/// The mark by which spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Bytes of a row, about.
const ROW: usize = 2048;

/// Values with a separator between them.
pub(super) struct Separated {
    separator: u8,
    info: FormatInfo,
}

/// Comma-separated values (RFC 4180).
pub(super) static CSV: Separated = Separated {
    separator: b',',
    info: FormatInfo {
        extensions: &["csv"],
        media_type: "text/csv; charset=utf-8",
        binary_name: None,
    },
};

/// Values separated by tabs.
pub(super) static TSV: Separated = Separated {
    separator: b'\t',
    info: FormatInfo {
        extensions: &["tsv", "tab"],
        media_type: "text/tab-separated-values; charset=utf-8",
        binary_name: None,
    },
};

impl Separated {
    fn dialect(&self, plan: &RowPlan) -> Dialect {
        Dialect {
            separator: self.separator,
            for_spreadsheets: plan.for_spreadsheets,
        }
    }
}

impl ExportFormat for Separated {
    fn info(&self) -> &FormatInfo {
        &self.info
    }

    fn is_bare_table(&self) -> bool {
        true
    }

    fn metadata(&self) -> Option<(&'static str, Value)> {
        let is_csv = self.separator == CSV.separator;
        (!is_csv).then(|| {
            let separator = char::from(self.separator).to_string();
            ("dialect", json!({ "delimiter": separator }))
        })
    }

    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows> {
        let mut bytes = Vec::with_capacity(ROW * places.len());
        let of_column = |column, at| match cell(column, hit, at) {
            Cell::Text(text) => text,
            other => other.text().into_owned().into(),
        };
        let of_item = |at: &Option<usize>| {
            let at = *at;
            plan.columns.iter().map(move |column| of_column(column, at))
        };
        rows(&mut bytes, self.dialect(plan), places.iter().map(of_item))?;
        Ok(EncodedRows::Bytes(bytes))
    }

    fn begin<'o>(
        &self,
        plan: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        let mut head = Vec::new();
        if plan.for_spreadsheets {
            head.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
        }
        let names = plan.columns.iter().map(|column| column.name.into());
        rows(&mut head, self.dialect(plan), [names])?;
        out.write_all(&head)?;
        Ok(Box::new(PlainSink(out)))
    }
}

/// How rows are written: with which separator, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    separator: u8,
    /// Lines end as RFC 4180 has it; else with a line feed, as programs in a pipe expect.
    for_spreadsheets: bool,
}

/// Adds rows: cells quoted where they must be (RFC 4180).
fn rows<'c, R>(
    into: &mut Vec<u8>,
    dialect: Dialect,
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()>
where
    R: IntoIterator<Item = Cow<'c, str>>,
{
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.separator)
        .terminator(if dialect.for_spreadsheets {
            csv::Terminator::CRLF
        } else {
            csv::Terminator::Any(b'\n')
        })
        .buffer_capacity(1 << 10)
        .from_writer(into);
    for row in rows {
        for cell in row {
            writer.write_field(&*harmless(&cell)).map_err(io_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)?;
    }
    writer.flush()
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_empty_cell_is_still_a_row() {
        let mut out = Vec::new();
        for (for_spreadsheets, expected) in [(true, "\"\"\r\n"), (false, "\"\"\n")] {
            let dialect = Dialect {
                separator: b',',
                for_spreadsheets,
            };
            out.clear();
            rows(&mut out, dialect, [[Cow::Borrowed("")]]).unwrap();
            assert_eq!(out, expected.as_bytes());
        }
    }
}
