//! CSV and TSV.

use crate::formula::harmless;
use std::borrow::Cow;
use std::io;

/// The mark by which spreadsheets know UTF-8.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How rows are written: with which separator, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub separator: u8,
    /// Lines end as RFC 4180 has it; else with a line feed, as programs in a pipe expect.
    pub for_spreadsheets: bool,
}

/// Adds rows: cells quoted where they must be (RFC 4180).
pub(super) fn rows<'c, R>(
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
