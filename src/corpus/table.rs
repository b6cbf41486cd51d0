//! Tables, one letter or document a row: `.csv` and `.tsv` files, with a first row that names the columns.

use super::ReadError;
use super::entry::{End, ReadContext};
use super::lines::utf8;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// How the reason begins where a table lacks a column that is asked for.
pub(super) const NO_COLUMN: &str = "has no column";
/// What of the first row tells which character divides columns, in bytes.
const FIRST_ROW: usize = 64 << 10;

/// Reads all rows of a stream. A row is known by its id, or by its number: the first row, which names the
/// columns, is row 1.
pub(super) fn read(stream: impl Read, reading: &mut ReadContext) -> Result<(), End> {
    let broken = |e: &io::Error| End::Broken(format!("cannot be read to its end: {}", reason(e)));
    let mut stream = BufReader::with_capacity(FIRST_ROW, utf8(stream).map_err(|e| broken(&e))?);
    let first = stream.fill_buf().map_err(|e| broken(&e))?;
    let (divider, used) = match told_divider(first) {
        Some((divider, line)) => (divider, line),
        None => (divider(first), 0),
    };
    stream.consume(used);
    // Written as a table a text is longer, by its quotation marks.
    let most = (reading.options.limits.text() * 2).max(64 << 10);
    let left = Rc::new(Cell::new(most));
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(divider)
        .flexible(true)
        .has_headers(false)
        .from_reader(Allowance {
            stream,
            left: left.clone(),
        });
    let mut names: Vec<String> = Vec::new();
    let mut row = csv::ByteRecord::new();
    for number in 1_u64.. {
        left.set(most);
        match rows.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                return Err(End::Broken(match error.into_kind() {
                    csv::ErrorKind::Io(e) if e.kind() == io::ErrorKind::InvalidData => format!(
                        "has a row {number} of more than {most} bytes: is a quotation mark missing?"
                    ),
                    csv::ErrorKind::Io(e) => {
                        format!("cannot be read beyond row {number}: {}", reason(&e))
                    }
                    _ => format!("cannot be read beyond row {number}"),
                }));
            }
        }
        if number == 1 {
            names = row
                .iter()
                .map(|name| String::from_utf8_lossy(name).trim().to_string())
                .collect();
            has_columns(&names, reading)?;
            continue;
        }
        reading.count()?;
        let columns = &reading.options.columns;
        let value = |column: &str| {
            let at = names.iter().position(|name| name == column)?;
            row.get(at)
        };
        let id = value(&columns.id)
            .map(<[u8]>::trim_ascii)
            .unwrap_or_default();
        let name = match id {
            [] => format!("row {number}").into_bytes(),
            id => id.to_vec(),
        };
        let limit = reading.options.limits.text();
        let bytes = if row.len() == names.len() {
            match columns.text_of(value) {
                text if text.len() as u64 > limit => Err(ReadError::MuchText(limit)),
                text => Ok(text),
            }
        } else {
            Err(ReadError::Row(format!(
                "has {} columns in row {number}, where the first row has {}",
                row.len(),
                names.len()
            )))
        };
        reading.give(&name, bytes)?;
    }
    Ok(())
}

fn reason(error: &io::Error) -> String {
    super::io_reason(error)
}

/// Refuses a table that lacks a column that is asked for.
fn has_columns(names: &[String], reading: &ReadContext) -> Result<(), End> {
    const SHOWN: usize = 12;
    let has = |column: &&str| names.iter().any(|name| name == column);
    let mut required = reading.options.columns.required();
    let Some(missing) = required.find(|column| !has(column)) else {
        return Ok(());
    };
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { " ..." } else { "" };
    Err(End::Broken(format!(
        "{NO_COLUMN} '{missing}' (its columns: {}{more})",
        shown.join(", ")
    )))
}

/// What a first line `sep=;` says, which spreadsheets take as the character that divides the columns; and how long the
/// line is.
fn told_divider(start: &[u8]) -> Option<(u8, usize)> {
    let (divider, rest) = start.strip_prefix(b"sep=")?.split_first()?;
    let ends = [&b"\r\n"[..], b"\n", b"\r"];
    let end = ends.into_iter().find(|end| rest.starts_with(end))?;
    Some((*divider, "sep=;".len() + end.len()))
}

/// The character that divides the columns: the most frequent of three in the first row.
fn divider(start: &[u8]) -> u8 {
    let end = memchr::memchr(b'\n', start).unwrap_or(start.len());
    let count = |divider: u8| start[..end].iter().filter(|b| **b == divider).count();
    let most = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|divider| count(*divider));
    most.unwrap_or(b',')
}

/// A stream of which one row may take so many bytes: a missing quotation mark would make a row of all the rest.
struct Allowance<R> {
    stream: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Allowance<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left
            .set(left.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Member, MemberOptions};
    use super::super::{Columns, Limits};
    use super::*;

    /// The name of a row, and its text or why it has none.
    type Row = (String, Result<String, String>);

    fn rows(table: &[u8], maps: &[&str]) -> (Vec<Row>, Option<String>) {
        let mappings: Vec<_> = maps.iter().map(|map| map.parse().unwrap()).collect();
        let options = MemberOptions {
            limits: Limits::default(),
            columns: Columns::new("id", "text", &mappings),
        };
        let mut rows = Vec::new();
        let mut give = |member: Member| {
            let text = member.bytes.map(|bytes| String::from_utf8(bytes).unwrap());
            rows.push((member.name, text.map_err(|e| e.to_string())));
            true
        };
        let mut reading = ReadContext::new(&options, &mut give);
        let ended = read(table, &mut reading);
        let report = reading.report(ended);
        (rows, report.failure)
    }

    #[test]
    fn rows_are_known_by_their_id_or_number() {
        let table = b"\xef\xbb\xbfid,text\nA1,\"one,\nand more\"\n,two\nthree\n";
        let (rows, failure) = rows(table, &[]);
        assert_eq!(failure, None);
        assert_eq!(rows[0], ("A1".into(), Ok("one,\nand more".into())));
        assert_eq!(rows[1], ("row 3".into(), Ok("two".into())));
        let reason = "has 1 columns in row 4, where the first row has 2";
        assert_eq!(rows[2].1, Err(reason.into()));
    }

    #[test]
    fn columns_are_divided_by_what_the_first_row_is_divided_by() {
        let maps = ["text=Notes", "case_number=Case"];
        for table in [
            "Case;Notes\nCM1;a,b\n",
            "Case\tNotes\nCM1\ta,b\n",
            "sep=|\r\nCase|Notes\r\nCM1|a,b\r\n",
        ] {
            let (rows, _) = rows(table.as_bytes(), &maps);
            let text = "Columns of this row:\nCase Number: CM1\n\na,b";
            assert_eq!(rows, [("row 2".into(), Ok(text.into()))]);
        }
    }

    #[test]
    fn a_missing_column_and_a_missing_quotation_mark_are_reported() {
        let (_, failure) = rows(b"Case,Notes\nCM1,x\n", &[]);
        let failure = failure.unwrap();
        assert!(
            failure.contains("has no column 'text' (its columns: Case, Notes)"),
            "{failure}"
        );
        let mut table = b"text\n\"never closed\n".to_vec();
        table.resize(8 << 20, b'x');
        let (_, failure) = rows(&table, &[]);
        let failure = failure.unwrap();
        assert!(
            failure.contains("row 2") && failure.contains("quotation"),
            "{failure}"
        );
    }
}
