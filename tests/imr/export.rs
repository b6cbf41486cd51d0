//! Carrying hits off.

use crate::support::{imr, search, with_sample_index};
use std::fs;
use tempfile::TempDir;

fn export(args: &[&str]) -> crate::support::Ran {
    with_sample_index("export", args)
}

fn rows(csv_text: &str) -> Vec<csv::StringRecord> {
    let text = csv_text
        .strip_prefix('\u{feff}')
        .expect("CSV begins with the mark that spreadsheets know");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.expect("sound CSV"))
        .collect()
}

#[test]
fn rows_are_the_items_and_letters_that_search_counts() {
    for args in [
        &["acupuncture"][..],
        &["--drug", "opioid", "--decision", "overturned"],
        &[],
        &["mri", "--year", "2016"],
    ] {
        let summary = &search(&[&["--json"], args].concat()).json()[0];
        let by_item = rows(&export(args).code(0).out);
        let by_letter = rows(&export(&[args, &["--by", "letter"]].concat()).code(0).out);
        assert_eq!(
            by_letter.len() as u64 - 1,
            summary["letters"].as_u64().unwrap(),
            "{args:?}"
        );
        let items = by_item
            .iter()
            .skip(1)
            .filter(|row| !row[3].is_empty())
            .count() as u64;
        assert_eq!(items, summary["items"].as_u64().unwrap(), "{args:?}");
        // In the order of the hits.
        let cases = search(&[&["--json", "--limit", "1000"], args].concat()).cases();
        let exported: Vec<_> = by_letter
            .iter()
            .skip(1)
            .map(|row| row[0].to_string())
            .filter(|c| !c.is_empty())
            .collect();
        assert_eq!(exported, cases, "{args:?}");
    }
}

#[test]
fn json_lines_carry_the_same_rows() {
    let csv = rows(&export(&["norco"]).code(0).out);
    let lines = export(&["norco", "--format", "jsonl"]).code(0).json();
    assert_eq!(lines.len(), csv.len() - 1);
    assert_eq!(lines[0]["request"], csv[1][3]);
    assert!(lines[0]["age"].is_number() || lines[0]["age"].is_null());
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
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside"
    );
    let ran = export(&["mri", "-o", &name]).code(2);
    assert!(ran.err.contains("is there already: --force overwrites it"));
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    export(&["mri", "-o", &name, "--force"]).code(0);
    assert_ne!(fs::read_to_string(&file).unwrap(), first);
    let ran = export(&[
        "mri",
        "-o",
        &folder.path().join("x.doc").display().to_string(),
    ])
    .code(2);
    assert!(ran.err.contains("tells no format"), "{}", ran.err);
}

#[test]
fn no_cell_is_a_formula() {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("a.txt");
    let index = folder.path().join("index").display().to_string();
    fs::write(
        &corpus,
        crate::support::letter(
            "CM15-0900001",
            &[("=HYPERLINK(\"http://x\",\"MRI\")", "Upheld")],
        ),
    )
    .unwrap();
    imr(["index", &corpus.display().to_string(), "--index", &index]).code(0);
    let csv = rows(&imr(["export", "--index", &index]).code(0).out);
    assert_eq!(&csv[1][3], "'=HYPERLINK(\"http://x\",\"MRI\")");
}

#[test]
fn nothing_found_is_a_header_and_exit_code_one() {
    let ran = export(&["--drug", "norco", "--age", "109"]).code(1);
    assert_eq!(rows(&ran.out).len(), 1);
}
