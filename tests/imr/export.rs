//! Carrying hits off.

use crate::support::{imr, search, with_sample_index};
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn export(args: &[&str]) -> crate::support::Ran {
    with_sample_index("export", args)
}

/// Exports into a file of a folder that is thrown away; returns its bytes.
fn exported(name: &str, args: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    let name = file.display().to_string();
    export(&[args, &["-o", &name]].concat()).code(0);
    fs::read(&file).unwrap()
}

fn separated(text: &str, separator: u8) -> Vec<csv::StringRecord> {
    let text = text
        .strip_prefix('\u{feff}')
        .expect("it begins with the mark that spreadsheets know");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.expect("sound rows"))
        .collect()
}

fn rows(csv_text: &str) -> Vec<csv::StringRecord> {
    separated(csv_text, b',')
}

/// Many kinds of request: words, phrases, filters of items and letters, several, none.
const REQUESTS: [&[&str]; 22] = [
    &[],
    &["acupuncture"],
    &["norco taper"],
    &["\"functional improvement\""],
    &["lumbar mri"],
    &["lumbar mri", "--exact"],
    &["mri OR ct", "--match", "all"],
    &["pain -knee"],
    &["request:injection"],
    &["opioid w/5 taper"],
    &["surgery", "--sort", "decided"],
    &["therapy", "--sort", "items"],
    &["therapy", "--sort", "case"],
    &["mri", "--year", "2016"],
    &["--drug", "opioid", "--decision", "overturned"],
    &["--drug", "norco", "--drug", "soma"],
    &["--not-drug", "opioid"],
    &["--page", "78", "--cited-by", "reviewer"],
    &[
        "--specialty",
        "pmr",
        "--any-item",
        "--drug",
        "norco",
        "--treatment",
        "imaging",
    ],
    &["--outcome", "mixed", "--sex", "male"],
    &["--injured", "..2005"],
    &["how long should a knee brace and its hinges be worn at night"],
];

#[test]
fn rows_are_the_items_and_letters_that_search_counts_in_its_order() {
    for args in REQUESTS {
        let found = search(&[&["--json", "--limit", "1000"], args].concat()).json();
        let (summary, hits) = (&found[0], &found[1..]);
        let by_item = rows(&export(&[args, &["--columns", "file,item"]].concat()).out);
        let by_letter = export(&[args, &["--by", "letter", "--columns", "file"]].concat());
        let by_letter = rows(&by_letter.out);
        let count = |rows: &[csv::StringRecord]| rows.len() as u64 - 1;
        assert_eq!(count(&by_letter), summary["letters"], "{args:?}");
        assert_eq!(count(&by_item), summary["items"], "{args:?}");
        let letters: Vec<_> = hits.iter().map(|h| h["file"].as_str().unwrap()).collect();
        let exported: Vec<_> = by_letter.iter().skip(1).map(|row| &row[0]).collect();
        assert_eq!(exported, letters, "{args:?}");
        let items: Vec<_> = hits
            .iter()
            .flat_map(|hit| {
                let file = hit["file"].as_str().unwrap().to_string();
                let places = hit["matching_items"].as_array().unwrap().iter();
                places.map(move |at| (file.clone(), (at.as_u64().unwrap() + 1).to_string()))
            })
            .collect();
        let exported: Vec<_> = by_item
            .iter()
            .skip(1)
            .map(|row| (row[0].to_string(), row[1].to_string()))
            .collect();
        assert_eq!(exported, items, "{args:?}");
    }
}

#[test]
fn a_limit_is_of_letters_the_first_ones() {
    for args in REQUESTS {
        let columns = &["--by", "letter", "--columns", "file"];
        let all = rows(&export(&[args, columns].concat()).out);
        let three = rows(&export(&[args, columns, &["--limit", "3"]].concat()).out);
        assert_eq!(three.len(), all.len().min(4), "{args:?}");
        assert_eq!(three[..], all[..three.len()], "{args:?}");
    }
}

#[test]
fn a_letter_without_an_item_has_a_row_by_letter_and_is_told_of_by_item() {
    let by_item = export(&["--columns", "case"]).code(0);
    assert!(
        by_item
            .err
            .contains("2 letters have no item that could be read, and so no row"),
        "{}",
        by_item.err
    );
    let by_letter = export(&["--by", "letter", "--columns", "case,items"]).code(0);
    assert_eq!(by_letter.err, "");
    let without: Vec<_> = rows(&by_letter.out)
        .into_iter()
        .filter(|row| &row[1] == "0")
        .collect();
    assert_eq!(without.len(), 2);
}

/// A cell of JSON as a text file shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Every column there is.
fn all_columns() -> String {
    let help = imr(["export", "--columns", "help"]).code(0).out;
    let lines = help.lines().filter(|line| line.starts_with("  "));
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
fn columns_are_chosen_and_ordered() {
    let ran = export(&["norco", "--columns", "Request,case-number , decided"]).code(0);
    assert!(
        ran.out
            .starts_with("\u{feff}request,case_number,decided\r\n"),
        "{}",
        ran.out
    );
    let line = export(&[
        "norco",
        "-n",
        "1",
        "--format",
        "jsonl",
        "--columns",
        "request,age,case_number",
    ]);
    assert!(line.out.starts_with("{\"request\":\"Norco"), "{}", line.out);
    for (columns, expected) in [
        (
            "decison",
            "there is no column 'decison'; did you mean 'decision'",
        ),
        ("age,age", "column 'age' is named twice"),
        ("", "no column is named"),
    ] {
        let ran = export(&["--columns", columns]).code(2);
        assert!(ran.err.contains(expected), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
    // No index is needed to learn the columns.
    let help = imr([
        "export",
        "--columns",
        "help",
        "--by",
        "letter",
        "--index",
        "/nowhere",
    ])
    .code(0);
    assert!(help.out.contains("  * outcome "), "{}", help.out);
    assert!(help.out.contains("    rationale "), "{}", help.out);
}

#[test]
fn the_document_lists_every_column_with_its_meaning() {
    let table = fs::read_to_string("index-schema/columns.tsv").unwrap();
    let document = fs::read_to_string("docs/export.md").unwrap();
    let rows = table.lines().filter(|l| !l.starts_with('#')).skip(1);
    let mut told = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('\t').collect();
        let default = match cells[2] {
            "both" => "item, letter",
            other => other,
        };
        told.push(format!("| `{}` | {default} | {} |", cells[0], cells[4]));
    }
    let table = told.join("\n");
    assert!(
        document.contains(&table),
        "docs/export.md should have:\n{table}"
    );
}

#[test]
fn a_file_is_whole_and_not_overwritten_unasked() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("hits.csv");
    let name = file.display().to_string();
    let ran = export(&["norco", "-o", &name]).code(0);
    assert_eq!(ran.out, "");
    let first = fs::read_to_string(&file).unwrap();
    assert!(rows(&first).len() > 2);
    assert_eq!(files(folder.path()), ["hits.csv"], "nothing is left beside");
    let ran = export(&["mri", "-o", &name]).code(2);
    assert!(ran.err.contains("is there already: --force overwrites it"));
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    // What fails leaves what was there.
    export(&["--drug", "norcoo", "-o", &name, "--force"]).code(2);
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    export(&["mri", "-o", &name, "--force"]).code(0);
    assert_ne!(fs::read_to_string(&file).unwrap(), first);
    assert_eq!(files(folder.path()), ["hits.csv"], "nothing is left beside");
    let ran = export(&[
        "mri",
        "-o",
        &folder.path().display().to_string(),
        "--format",
        "csv",
    ])
    .code(2);
    assert!(ran.err.contains("is a folder, not a file"), "{}", ran.err);
    let nowhere = folder.path().join("none/hits.csv").display().to_string();
    let ran = export(&["mri", "-o", &nowhere]).code(2);
    assert!(ran.err.contains("cannot be written"), "{}", ran.err);
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn the_ending_tells_the_format_unless_it_is_named() {
    let first = |name: &str, args: &[&str]| exported(name, &[&["norco"], args].concat());
    assert!(first("a.CSV", &[]).starts_with("\u{feff}case_number,".as_bytes()));
    assert!(first("a.tsv", &[]).starts_with("\u{feff}case_number\t".as_bytes()));
    assert!(first("a.ndjson", &[]).starts_with(b"{\"case_number\":"));
    assert!(first("a.xlsx", &[]).starts_with(b"PK"));
    assert!(first("a.md", &[]).starts_with(b"# "));
    assert!(first("a.htm", &[]).starts_with(b"<!doctype html>"));
    assert!(first("a.txt", &["--format", "md"]).starts_with(b"# "));
    for (name, hint) in [
        ("x.doc", "tells no format"),
        ("x", "tells no format"),
        ("x.xls", "did you mean .xlsx"),
    ] {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join(name).display().to_string();
        let ran = export(&["mri", "-o", &file]).code(2);
        assert!(ran.err.contains(hint), "{}", ran.err);
        assert_eq!(files(folder.path()).len(), 0);
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

/// An index of one letter with this request.
fn index_of(folder: &Path, request: &str) -> String {
    let corpus = folder.join("a.txt");
    let index = folder.join("index").display().to_string();
    let letter = crate::support::letter("CM15-0900001", &[(request, "Upheld")]);
    fs::write(&corpus, letter).unwrap();
    imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    index
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

#[test]
fn nothing_in_a_letter_is_markup_in_a_brief() {
    let folder = TempDir::new().unwrap();
    let index = index_of(
        folder.path(),
        "MRI <script>alert(1)</script> | `x` & [y](z)",
    );
    let brief = |format| {
        imr(["export", "--index", &index, "--format", format])
            .code(0)
            .out
    };
    let html = brief("html");
    assert!(!html.contains("<script>"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; | `x` &amp; [y](z)"));
    let md = brief("md");
    assert!(
        md.contains("MRI &lt;script>alert(1)&lt;/script> \\| \\`x\\` & [y\\](z)"),
        "{md}"
    );
    let table: Vec<&str> = md.lines().filter(|l| l.starts_with('|')).collect();
    assert_eq!(table.len(), 3);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(table.iter().all(|line| cells(line) == 7), "{md}");
}

#[test]
fn a_brief_tells_the_question_the_counts_the_items_and_the_passages() {
    let args = &[
        "norco taper",
        "--decision",
        "upheld",
        "--year",
        "2014..2015",
    ];
    let summary = &search(&[&["--json"], &args[..]].concat()).json()[0];
    let (letters, items) = (&summary["letters"], &summary["items"]);
    let hits = search(&[&["--json"], &args[..]].concat()).cases();
    for format in ["md", "html"] {
        let brief = export(&[&args[..], &["--format", format, "--passages", "1"]].concat())
            .code(0)
            .out;
        assert!(brief.contains(
            "Letters on the words \u{201c}norco taper\u{201d}, with an item in which the decision is upheld; \
             in the letter, the year decided is 2014 to 2015."
        ), "{brief}");
        assert!(
            brief.contains(&format!("{letters} letters, {items} matching items")),
            "{brief}"
        );
        for case in &hits {
            assert!(brief.contains(case.as_str()), "{case}");
        }
        let mark = if format == "md" {
            "\n> \u{2014} "
        } else {
            "<blockquote>"
        };
        assert_eq!(brief.matches(mark).count(), 1, "one passage was asked for");
        assert!(
            brief.contains(&format!("\u{2014} {}, rationale", hits[0])),
            "{brief}"
        );
    }
}

#[test]
fn a_passage_is_in_the_letter_word_for_word() {
    let brief = export(&["opioid", "--format", "md", "--passages", "100"])
        .code(0)
        .out;
    let records = search(&["opioid", "--json", "--limit", "1000"]).json();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut quoted = 0;
    for quote in brief.split("\n> \u{2014} ").skip(1) {
        let (case, from) = quote.split_once(", ").unwrap();
        if !from.starts_with("rationale") {
            continue;
        }
        let before = brief
            .split(&format!("\n> \u{2014} {case}, rationale"))
            .next()
            .unwrap();
        let passage = before
            .rsplit("\n\n> ")
            .next()
            .unwrap()
            .trim_end_matches("\n>");
        let passage = passage
            .replace('\\', "")
            .replace("&amp;", "&")
            .replace("&lt;", "<");
        let hit = records.iter().find(|r| r["case_number"] == case).unwrap();
        let items = hit["items"].as_array().unwrap();
        let rationales: Vec<String> = items
            .iter()
            .map(|i| flat(i["rationale"].as_str().unwrap()))
            .collect();
        let parts: Vec<&str> = passage
            .split("[\u{2026}]")
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .collect();
        assert!(!parts.is_empty());
        assert!(
            rationales
                .iter()
                .any(|text| parts.iter().all(|part| text.contains(part))),
            "{case}: {passage}"
        );
        quoted += 1;
    }
    assert!(quoted > 10, "{quoted}");
}

#[test]
fn nothing_found_is_a_header_and_exit_code_one() {
    let none = &["--drug", "norco", "--age", "109"];
    let ran = export(none).code(1);
    assert_eq!(rows(&ran.out).len(), 1);
    let brief = export(&[&none[..], &["--format", "md"]].concat()).code(1);
    assert!(
        brief.out.contains("0 letters, 0 matching items."),
        "{}",
        brief.out
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_half_file() {
    use std::process::Stdio;
    let folder = TempDir::new().unwrap();
    let index = crate::support::sample_index().display().to_string();
    let file = folder.path().join("hits.csv");
    // A few letters are through in no time: interrupt at several moments, until one is in time.
    let mut stopped = 0;
    for wait in [0u64, 1, 2, 4, 8, 12, 16, 24, 32] {
        let mut child = crate::support::command()
            .args([
                "export",
                "--index",
                &index,
                "-o",
                &file.display().to_string(),
                "--force",
            ])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let killed = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        let _ = killed.unwrap();
        let status = child.wait().unwrap();
        stopped += usize::from(status.code() != Some(0));
        for name in files(folder.path()) {
            assert_eq!(name, "hits.csv", "no half file is left");
        }
        if let Ok(text) = fs::read_to_string(&file) {
            assert_eq!(rows(&text).len(), 252, "the file is whole");
        }
    }
    assert!(stopped > 0, "one was in time");
}
