//! The table of the form on which treatment is requested in California (DWC Form RFA): a row for each service, with
//! the diagnosis it is for, its ICD code, the service, its CPT code, and how often, how long and how many.
//!
//! Extracted text has a row in one line, or a cell in one line. The code of the diagnosis tells the rows apart: the
//! service follows it.

use crate::letter::pattern::pattern;
use crate::letter::sections::{floor_char, line_start};
use crate::letter::text::flat;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What the table's columns are called, in lower case.
const COLUMNS: [&str; 4] = ["icd", "service/good requested", "cpt", "other information"];
/// The heads of the columns stand in so many lines, at most.
const HEAD_LINES: usize = 10;
/// What follows the table, in lower case.
const AFTER: [&str; 4] = [
    "requesting physician signature",
    "physician signature",
    "claims administrator",
    "date:",
];
/// A document has at most so many of these tables.
const MOST: usize = 16;
/// So much of what follows the heads is the table, in bytes.
const REACH: usize = 8 << 10;

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What the service is for.
    pub diagnosis: String,
    /// The service, with its code, frequency and quantity.
    pub service: String,
}

/// The rows of a text's tables; none where it has no such table.
#[must_use]
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rest = text;
    for _ in 0..MOST {
        let Some(table) = table(rest) else {
            break;
        };
        rows.extend(rows_of(&rest[table.clone()]));
        rest = &rest[table.end..];
    }
    rows
}

/// Where the first table's rows are.
fn table(text: &str) -> Option<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line.to_ascii_lowercase()));
        at += line.len();
    }
    let says = |(_, line): &(usize, String), column: &str| line.contains(column);
    let first = lines.iter().position(|line| says(line, COLUMNS[0]))?;
    for begin in first..lines.len() {
        if !says(&lines[begin], COLUMNS[0]) {
            continue;
        }
        let head = &lines[begin..lines.len().min(begin + HEAD_LINES)];
        let of = |column| head.iter().rposition(|line| says(line, column));
        let ends: Option<Vec<usize>> = COLUMNS.into_iter().map(of).collect();
        let Some(last) = ends.and_then(|ends| ends.into_iter().max()) else {
            continue;
        };
        // "Other Information: (Frequency, Duration, Quantity, etc.)" in two lines
        let goes_on = |line: &&(usize, String)| line.1.trim_start().starts_with('(');
        let after = begin + last + 1;
        let after = after + lines.get(after..)?.iter().take_while(goes_on).count();
        let start = lines.get(after)?.0;
        let ends = |line: &&(usize, String)| AFTER.iter().any(|end| line.1.starts_with(end));
        let end = lines[after..].iter().find(ends).map_or(text.len(), |l| l.0);
        let end = floor_char(text, end.min(start + REACH));
        return Some(start..end.max(start));
    }
    None
}

/// The rows of one table.
fn rows_of(table: &str) -> Vec<Row> {
    static CODES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?x)\b(?:[A-TV-Z]\d[\dA-Z](?:\.[\dA-Z]{1,4})?|\d{3}\.\d{1,2})\b
            (?:\s*(?:[,;/&]|and)?\s*(?:[A-TV-Z]\d[\dA-Z](?:\.[\dA-Z]{1,4})?|\d{3}\.\d{1,2})\b)*",
        )
    });
    let codes: Vec<Range<usize>> = CODES.find_iter(table).map(|code| code.range()).collect();
    // A code in a line of its own has its diagnosis in the line before.
    let start = |code: &Range<usize>| {
        let line = line_start(table, code.start);
        let alone = table[line..code.start].trim().is_empty();
        if alone && line > 0 {
            line_start(table, line - 1)
        } else {
            line
        }
    };
    let mut rows = Vec::new();
    let mut from = 0;
    for (n, code) in codes.iter().enumerate() {
        let next = codes.get(n + 1);
        let end = next.map_or(table.len(), |next| start(next).max(code.end));
        let cell = |range: Range<usize>| {
            let cell = flat(&table[range]);
            cell.trim_matches([' ', ',', ';', '|', '-']).to_string()
        };
        let row = Row {
            diagnosis: cell(start(code).max(from)..code.start),
            service: cell(code.end..end),
        };
        if !row.service.is_empty() {
            rows.push(row);
        }
        from = code.end;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_LINES: &str = "Requested Treatment\n\
        Diagnosis (Required) ICD-Code (Required) Service/Good Requested (Required) CPT/HCPCS Code (If known) Other Information: (Frequency, Duration, Quantity, etc.)\n\
        Lumbar radiculopathy M54.16 L4-5 epidural steroid injection 64483 x1\n\
        Disc displacement M51.26, M51.27 Gabapentin 600 mg #90\nwith 2 refills\n\
        Strain 847.2 Physical therapy 97110 2x6\n\
        Requesting Physician Signature: Date: 02/01/2016\nM54.2 Norco\n";

    fn cells(text: &str) -> Vec<(String, String)> {
        let rows = rows(text).into_iter();
        rows.map(|row| (row.diagnosis, row.service)).collect()
    }

    fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_string(), (*b).to_string());
        rows.iter().map(owned).collect()
    }

    #[test]
    fn a_row_in_a_line() {
        assert_eq!(
            cells(IN_LINES),
            pairs(&[
                (
                    "Lumbar radiculopathy",
                    "L4-5 epidural steroid injection 64483 x1"
                ),
                ("Disc displacement", "Gabapentin 600 mg #90 with 2 refills"),
                ("Strain", "Physical therapy 97110 2x6"),
            ])
        );
    }

    #[test]
    fn a_cell_in_a_line() {
        let text = "Diagnosis (Required)\nICD-Code (Required)\nService/Good Requested (Required)\nCPT/HCPCS Code (If known)\n\
            Other Information:\n(Frequency, Duration, Quantity, etc.)\nLumbar radiculopathy\nM54.16\nL4-5 ESI\n64483\nx1\n\
            Neck strain\nS16.1XXA\nAcupuncture\n\n6 visits\nClaims Administrator/Utilization Review Organization Response\n";
        assert_eq!(
            cells(text),
            pairs(&[
                ("Lumbar radiculopathy", "L4-5 ESI 64483 x1"),
                ("Neck strain", "Acupuncture 6 visits"),
            ])
        );
    }

    #[test]
    fn other_texts_have_no_table() {
        for text in [
            "",
            "ICD-10 M54.16",
            "ICD\nService/Good Requested\nCPT\nOther Information",
            "Service/Good Requested (Required):\nWrist brace\nICD-Code: G56.01\n",
        ] {
            assert!(rows(text).is_empty(), "{text}");
        }
        let _ = rows(&IN_LINES.repeat(500));
    }
}
