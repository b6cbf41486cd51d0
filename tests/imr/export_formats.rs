//! What is exported reads back as it was, in every format.

use crate::export::{export, exported, index_of, separated};
use crate::support::imr;
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// A cell of JSON as a text file shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(is) => if *is { "yes" } else { "" }.to_string(),
        Value::Array(texts) => texts.iter().map(shown).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// Every column there is.
fn all_columns() -> String {
    let help = imr(["export", "--columns", "help"]).code(0).out;
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("     ");
    let lines = help.lines().filter(is_name);
    let names: Vec<&str> = lines
        .map(|line| line[4..].split(' ').next().unwrap())
        .collect();
    assert!(names.len() > 40, "{help}");
    names.join(",")
}

#[test]
fn what_is_exported_reads_back_as_the_same_rows_in_every_format() {
    let all = all_columns();
    for by in ["item", "letter"] {
        let args = &["--by", by, "--columns", &all];
        let lines: Vec<Vec<(String, Value)>> =
            ordered(&export(&[&args[..], &["--format", "jsonl"]].concat()).out);
        let names: Vec<&str> = all.split(',').collect();
        assert!(lines.len() > 80);
        for line in &lines {
            let keys: Vec<&str> = line.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, names, "keys stand in the order of the columns");
        }
        for (format, separator) in [("csv", b','), ("tsv", b'\t')] {
            let text = exported(&format!("hits.{format}"), args);
            let read = separated(std::str::from_utf8(&text).unwrap(), separator);
            assert_eq!(read[0].iter().collect::<Vec<_>>(), names);
            assert_eq!(read.len(), lines.len() + 1);
            for (row, line) in read[1..].iter().zip(&lines) {
                for (cell, (name, value)) in row.iter().zip(line) {
                    // What a spreadsheet would compute is marked as a text.
                    let cell = match cell.strip_prefix('\'') {
                        Some(text) if text.starts_with(['-', '=', '+', '@']) => text,
                        _ => cell,
                    };
                    assert_eq!(cell, shown(value), "{name}");
                }
            }
        }
        let sheet = if by == "item" { "Items" } else { "Letters" };
        let read = workbook(exported("hits.xlsx", args), sheet);
        assert_eq!(read.len(), lines.len() + 1);
        assert_eq!(
            read[0].iter().map(|c| c.to_string()).collect::<Vec<_>>(),
            names
        );
        let mut dates = 0;
        for (row, line) in read[1..].iter().zip(&lines) {
            for (cell, (name, value)) in row.iter().zip(line) {
                let expected = shown(value);
                match cell {
                    Data::DateTime(day) => {
                        dates += 1;
                        let (year, month, day, ..) = day.to_ymd_hms_milli();
                        assert_eq!(format!("{year:04}-{month:02}-{day:02}"), expected, "{name}");
                    }
                    Data::Float(n) => assert_eq!(Some(*n), value.as_f64(), "{name}"),
                    Data::Empty => assert_eq!(expected, "", "{name}"),
                    Data::String(text) => assert_eq!(*text, expected, "{name}"),
                    other => panic!("{name}: {other:?}"),
                }
            }
        }
        assert!(dates > 100, "dates are dates");
    }
}

/// Objects with their keys in the order in which they stand in the line.
fn ordered(lines: &str) -> Vec<Vec<(String, Value)>> {
    struct Pairs(Vec<(String, Value)>);
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Pairs;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Pairs, A::Error> {
                    let mut pairs = Vec::new();
                    while let Some(pair) = map.next_entry()? {
                        pairs.push(pair);
                    }
                    Ok(Pairs(pairs))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    lines
        .lines()
        .map(|line| serde_json::from_str::<Pairs>(line).unwrap().0)
        .collect()
}

fn workbook(bytes: Vec<u8>, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a sound workbook");
    assert_eq!(book.sheet_names(), [sheet]);
    let formulas = book.worksheet_formula(sheet).unwrap();
    assert_eq!(formulas.used_cells().count(), 0, "no cell is a formula");
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn rows_say_what_the_records_of_extract_say() {
    let records = imr(["extract", "sample-corpus"]).json();
    let rows = export(&[
        "--format",
        "jsonl",
        "--columns",
        "file,item,request,decision,drugs,rationale,pages_reviewer,treatment,age,decided",
    ])
    .json();
    assert_eq!(rows.len(), 251);
    for row in &rows {
        let record = records.iter().find(|r| r["file"] == row["file"]);
        let record = record.expect("the file's record");
        let item = &record["items"][row["item"].as_u64().unwrap() as usize - 1];
        assert_eq!(row["request"], item["request"]);
        assert_eq!(row["decision"], item["decision"]);
        assert_eq!(row["treatment"], item["treatment"]);
        assert_eq!(row["age"], record["patient"]["age"]);
        assert_eq!(row["decided"], record["dates"]["decision"]);
        let drugs: Vec<&str> = item["drugs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d.as_str().unwrap())
            .collect();
        assert_eq!(shown(&row["drugs"]), drugs.join("; "));
        let rationale: Vec<&str> = item["rationale"]
            .as_str()
            .unwrap()
            .split_ascii_whitespace()
            .collect();
        assert_eq!(shown(&row["rationale"]), rationale.join(" "));
        let pages = item["reviewer"]["pages"].as_array().unwrap();
        assert_eq!(row["pages_reviewer"].is_null(), pages.is_empty());
    }
    // By letter, without columns chosen, lines are the records themselves.
    let whole = export(&["--by", "letter", "--format", "jsonl"]).json();
    assert_eq!(whole.len(), 88);
    for record in whole {
        assert!(records.contains(&record), "{}", record["file"]);
    }
}

#[test]
fn a_workbook_goes_through_a_pipe_unharmed() {
    use std::process::Stdio;
    let index = crate::support::sample_index().display().to_string();
    let output = crate::support::command()
        .args(["export", "norco", "--index", &index, "--format", "xlsx"])
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    let piped = workbook(output.stdout, "Items");
    assert_eq!(piped, workbook(exported("a.xlsx", &["norco"]), "Items"));
    assert!(piped.len() > 2);
}

#[test]
fn a_workbook_is_ready_to_be_worked_with() {
    use std::io::Read;
    let bytes = exported("a.xlsx", &["--columns", "case_number,decided,request"]);
    let mut archive = zip_entries(&bytes);
    let sheet = archive.remove("xl/worksheets/sheet1.xml").expect("a sheet");
    let mut text = String::new();
    sheet.as_slice().read_to_string(&mut text).unwrap();
    assert!(text.contains("state=\"frozen\"") && text.contains("topLeftCell=\"A2\""));
    assert!(
        text.contains("<autoFilter ref=\"A1:C252\""),
        "the filter is on all rows"
    );
    assert!(
        text.contains("<col min=\"1\" max=\"1\" width=\"16"),
        "widths are set"
    );
    assert!(!text.contains("<f>"), "no formulas");
}

/// The files of a workbook: what calamine does not tell is read off the XML.
fn zip_entries(bytes: &[u8]) -> std::collections::HashMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = std::collections::HashMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        files.insert(entry.name().unwrap().into_owned(), content);
    }
    files
}

#[test]
fn no_cell_is_a_formula() {
    let folder = TempDir::new().unwrap();
    let request = "=HYPERLINK(\"http://x\",\"MRI\")";
    let index = index_of(folder.path(), request);
    for (format, separator) in [("csv", b','), ("tsv", b'\t')] {
        let ran = imr(["export", "--index", &index, "--format", format]).code(0);
        assert_eq!(&separated(&ran.out, separator)[1][3], format!("'{request}"));
    }
    let file = folder.path().join("a.xlsx").display().to_string();
    imr([
        "export",
        "--index",
        &index,
        "-o",
        &file,
        "--columns",
        "request",
    ])
    .code(0);
    let rows = workbook(fs::read(&file).unwrap(), "Items");
    assert_eq!(rows[1][0], Data::String(request.to_string()));
}
