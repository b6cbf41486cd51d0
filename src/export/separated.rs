//! CSV and TSV.

use crate::formula::harmless;
use std::borrow::Cow;
use std::io;

/// The mark by which spreadsheets know UTF-8.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Adds rows: RFC 4180 with the separator, cells quoted where they must be.
pub(super) fn rows<'c, R>(
    into: &mut Vec<u8>,
    separator: u8,
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()>
where
    R: IntoIterator<Item = Cow<'c, str>>,
{
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::CRLF)
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
        rows(&mut out, b',', [[Cow::Borrowed("")]]).unwrap();
        assert_eq!(out, b"\"\"\r\n");
    }
}
