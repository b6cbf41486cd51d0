//! Carrying hits off: which rows, which columns, and the file they go into.

use crate::support::{imr, search, with_sample_index};
use imr::fields::{CellKind, DefaultRows};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub(crate) fn export(args: &[&str]) -> crate::support::Ran {
    with_sample_index("export", args)
}

/// Exports into a file of a folder that is thrown away; returns its bytes.
pub(crate) fn exported(name: &str, args: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    let name = file.display().to_string();
    export(&[args, &["-o", &name]].concat()).code(0);
    fs::read(&file).unwrap()
}

pub(crate) fn separated(text: &str, separator: u8) -> Vec<csv::StringRecord> {
    // A file begins with the mark that spreadsheets know, a pipe does not.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.expect("sound rows"))
        .collect()
}

pub(crate) fn rows(csv_text: &str) -> Vec<csv::StringRecord> {
    separated(csv_text, b',')
}

/// An index of one letter with this request.
pub(crate) fn index_of(folder: &Path, request: &str) -> String {
    let corpus = folder.join("a.txt");
    let index = folder.join("index").display().to_string();
    let letter = crate::support::letter("CM15-0900001", &[(request, "Upheld")]);
    fs::write(&corpus, letter).unwrap();
    imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    index
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

#[test]
fn columns_are_chosen_and_ordered() {
    let ran = export(&["norco", "--columns", "Request,case-number , decided"]).code(0);
    assert!(
        ran.out.starts_with("request,case_number,decided\n"),
        "{}",
        ran.out
    );
    assert!(
        !ran.out.contains('\r'),
        "a pipe has the line ends of programs"
    );
    let args = ["norco", "--columns", "Request,case-number , decided"];
    let file = String::from_utf8(exported("a.csv", &args)).unwrap();
    let of_spreadsheets = ran.out.replace('\n', "\r\n");
    assert_eq!(file, format!("\u{feff}{of_spreadsheets}"));
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
    let document = fs::read_to_string("docs/export.md").unwrap();
    let row = |column: &imr::export::Column| {
        let default = match column.rows {
            DefaultRows::None => "",
            DefaultRows::Item => "item",
            DefaultRows::Letter => "letter",
            DefaultRows::Both => "item, letter",
        };
        format!("| `{}` | {default} | {} |", column.name, column.meaning)
    };
    let told: Vec<String> = imr::export::columns().iter().map(row).collect();
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
    let with_metadata = ["hits.csv", "hits.csv-metadata.json"];
    assert_eq!(files(folder.path()), with_metadata, "nothing else is left");
    let ran = export(&["mri", "-o", &name]).code(2);
    assert!(
        ran.err
            .contains("already exists; use --force to overwrite it")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    // What fails leaves what was there.
    export(&["--drug", "norcoo", "-o", &name, "--force"]).code(2);
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    export(&["mri", "-o", &name, "--force"]).code(0);
    assert_ne!(fs::read_to_string(&file).unwrap(), first);
    assert_eq!(files(folder.path()), with_metadata, "nothing else is left");
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
    let names = entries.map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The metadata next to a table.
fn metadata(name: &str, args: &[&str]) -> (TempDir, serde_json::Value) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name).display().to_string();
    export(&[args, &["-o", &file]].concat()).code(0);
    let text = fs::read_to_string(format!("{file}-metadata.json")).unwrap();
    (folder, serde_json::from_str(&text).unwrap())
}

#[test]
fn next_to_a_table_stands_where_it_is_from_and_what_its_columns_hold() {
    let (_folder, said) = metadata(
        "a.csv",
        &["norco", "--columns", "request,drugs,decided,partial"],
    );
    assert_eq!(said["url"], "a.csv");
    assert_eq!(said["dc:created"], "2026-01-15");
    assert_eq!(
        said["dc:title"],
        "Letters that match the words \u{201c}norco\u{201d}."
    );
    assert_eq!(said["imr:index_letters"], "88");
    let columns = said["tableSchema"]["columns"].as_array().unwrap();
    let kinds: Vec<&str> = columns
        .iter()
        .map(|c| {
            c["datatype"]["base"]
                .as_str()
                .or(c["datatype"].as_str())
                .unwrap()
        })
        .collect();
    assert_eq!(kinds, ["string", "string", "date", "boolean"]);
    assert_eq!(columns[1]["separator"], "; ");
    // Of letters, an item's column is a list.
    let (folder, said) = metadata("a.tsv", &["--by", "letter", "--columns", "partial"]);
    assert_eq!(said["tableSchema"]["columns"][0]["separator"], "; ");
    assert_eq!(said["dialect"]["delimiter"], "\t");
    // It is not overwritten unasked either.
    fs::remove_file(folder.path().join("a.tsv")).unwrap();
    let file = folder.path().join("a.tsv").display().to_string();
    let ran = export(&["norco", "-o", &file]).code(2);
    assert!(
        ran.err.contains("a.tsv-metadata.json already exists"),
        "{}",
        ran.err
    );
    // A workbook says it itself.
    let book = folder.path().join("a.xlsx").display().to_string();
    export(&["norco", "-o", &book]).code(0);
    assert!(!folder.path().join("a.xlsx-metadata.json").exists());
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
        ("x.doc", "unknown file extension of"),
        ("x", "unknown file extension of"),
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
            let whole = ["hits.csv", "hits.csv-metadata.json"];
            assert!(
                whole.contains(&name.as_str()),
                "no half file is left: {name}"
            );
        }
        if let Ok(text) = fs::read_to_string(&file) {
            assert_eq!(rows(&text).len(), 252, "the file is whole");
        }
    }
    assert!(stopped > 0, "one was in time");
}

#[test]
fn a_letter_names_every_file_that_holds_it_and_none_that_did() {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("letters");
    fs::create_dir(&corpus).unwrap();
    let index = folder.path().join("index").display().to_string();
    let write = |name: &str, case: &str| {
        let letter = crate::support::letter(case, &[("MRI of the knee", "Upheld")]);
        fs::write(corpus.join(name), letter).unwrap();
    };
    for n in 0..30 {
        write(&format!("{n:02}.txt"), &format!("CM15-09000{n:02}"));
    }
    write("copy.txt", "CM15-0900000");
    write("changed.txt", "CM15-0900001");
    let build = || imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    build();
    write("changed.txt", "CM15-0900002");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    let changed = fs::File::options()
        .write(true)
        .open(corpus.join("changed.txt"));
    changed.unwrap().set_modified(later).unwrap();
    build();
    // All letters, looked up at once, and one, looked up alone.
    let files = |args: &[&str]| -> Vec<String> {
        let columns = [
            "export",
            "--index",
            &index,
            "--sort",
            "case",
            "--columns",
            "files",
        ];
        let ran = imr(columns.iter().chain(args)).code(0);
        let cells = rows(&ran.out).into_iter().skip(1);
        cells
            .map(|row| row[0].replace(&format!("{}/", corpus.display()), ""))
            .collect()
    };
    let all = files(&[]);
    assert_eq!(all.len(), 30);
    assert_eq!(
        all[..3],
        ["00.txt; copy.txt", "01.txt", "02.txt; changed.txt"]
    );
    for (n, expected) in all.iter().enumerate() {
        assert_eq!(
            files(&["--case", &format!("CM15-09000{n:02}")]),
            std::slice::from_ref(expected)
        );
    }
}

#[test]
fn a_hyphen_is_standard_output_and_all_is_every_column() {
    let plain = export(&["--drug", "norco"]).code(0);
    assert_eq!(
        export(&["--drug", "norco", "-o", "-"]).code(0).out,
        plain.out
    );
    let all = export(&["--drug", "norco", "--columns", "all"]).code(0);
    let header = all.out.lines().next().unwrap();
    assert_eq!(header.split(',').count(), imr::export::columns().len());
}

#[test]
fn lists_are_lists_and_flags_are_booleans_in_json_lines() {
    let ran = export(&["--drug", "norco", "--format", "jsonl", "--columns", "all"]).code(0);
    for line in ran.out.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        for column in imr::export::columns() {
            let cell = &row[column.name];
            let fits = match column.kind {
                CellKind::List => cell.is_array(),
                CellKind::Flag => cell.is_boolean(),
                CellKind::Number => cell.is_u64() || cell.is_null(),
                CellKind::Text | CellKind::Date => cell.is_string() || cell.is_null(),
            };
            assert!(fits, "{}: {cell}", column.name);
        }
        let drugs = row["drugs"].as_array().unwrap();
        assert!(drugs.iter().any(|drug| drug == "acetaminophen/hydrocodone"));
    }
}

#[test]
fn the_data_dictionary_has_every_column_and_every_field() {
    let ran = imr(["fields", "--format", "json"]).code(0);
    let entries: Vec<serde_json::Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for column in imr::export::columns() {
        assert!(entries.iter().any(|entry| entry["column"] == column.name));
    }
    for field in imr::fields::all() {
        let named = |entry: &&serde_json::Value| entry["field"] == field.name;
        let entry = entries.iter().find(named).unwrap();
        for key in ["level", "type", "meaning", "null_rule", "source"] {
            let text = entry[key].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{}: {key}: {entry}", field.name);
        }
    }
    let decision = entries.iter().find(|e| e["column"] == "decision").unwrap();
    assert_eq!(
        decision["allowed_values"],
        serde_json::json!(["upheld", "overturned"])
    );
    assert_eq!(decision["level"], "item");
    let levels = ["requests", "item"].map(|name| {
        let entry = entries.iter().find(|e| e["column"] == name).unwrap();
        entry["level"].as_str().unwrap().to_string()
    });
    assert_eq!(levels, ["letter", "item"]);
    // What the dictionary allows is what exports contain.
    let rows = with_sample_index("export", &["--columns", "all", "--format", "jsonl"]).code(0);
    let mut compared = 0;
    for row in rows.json() {
        for entry in &entries {
            let (Some(name), Some(allowed)) =
                (entry["column"].as_str(), entry["allowed_values"].as_array())
            else {
                continue;
            };
            let cells = match &row[name] {
                serde_json::Value::Array(cells) => cells.clone(),
                serde_json::Value::Null => Vec::new(),
                cell => vec![cell.clone()],
            };
            for cell in cells {
                compared += 1;
                assert!(allowed.contains(&cell), "{name}: {cell} of {allowed:?}");
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn an_export_says_how_its_question_was_read() {
    let ran = with_sample_index("export", &["accupuncture", "--columns", "case"]).code(0);
    assert!(
        ran.err.contains("'accupuncture' was read as 'acupuncture'"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("CM17-0900312"), "{}", ran.out);
    let ran = with_sample_index("export", &["norco", "--columns", "case"]).code(0);
    assert!(
        ran.err.contains("norco: drug acetaminophen/hydrocodone"),
        "{}",
        ran.err
    );
}

/// What is small enough to wait in a buffer until the end is an error all the same, if it cannot be written.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_a_pipe_is_an_error_whatever_the_size() {
    let mut formats: Vec<&str> = imr::export::Format::all().map(|f| f.name()).collect();
    if !cfg!(feature = "sqlite") {
        formats.retain(|format| *format != "sqlite");
    }
    for format in formats {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let ran = crate::support::command()
            .args(["export", "norco", "--limit", "1", "--format", format])
            .args([
                "--index",
                &crate::support::sample_index().display().to_string(),
            ])
            .stdout(full)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{format}: {said}");
        assert!(said.contains("cannot be written"), "{format}: {said}");
    }
}
