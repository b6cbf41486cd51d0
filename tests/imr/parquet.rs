//! The frame of a Parquet file. That its rows are those of the search is shown by DuckDB and pyarrow
//! (`.ci/run recipes`): no reader of the format is among the dependencies.

use crate::export::{export, exported};

/// The footer, as its length at the end of the file delimits it.
fn footer(bytes: &[u8]) -> &[u8] {
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    &bytes[end - length..end]
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_footer_names_the_columns_and_where_all_is_from() {
    let bytes = exported(
        "a.parquet",
        &["--drug", "norco", "--columns", "request,decided,drugs"],
    );
    let footer = footer(&bytes);
    for text in [
        "request",
        "decided",
        "drugs",
        "element",
        "2026-01-15",
        "the drug is norco",
    ] {
        assert!(has(footer, text), "{text}");
    }
    assert!(!has(footer, "case_number"));
}

#[test]
fn nothing_found_is_a_file_without_rows() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("none.parquet");
    let name = file.display().to_string();
    export(&["--drug", "norco", "--age", "109", "-o", &name]).code(1);
    assert!(has(footer(&std::fs::read(file).unwrap()), "case_number"));
}
