//! Letters as offices keep them: stamped, faxed, numbered. The record must not change.

use crate::support::{imr_with_input, letter};
use serde_json::Value;

/// The record of a text, without the name of its file.
fn record(text: &str) -> Value {
    let ran = imr_with_input(&["extract", "-"], text.as_bytes()).code(0);
    let mut record = ran.json().remove(0);
    record["file"] = Value::Null;
    record
}

/// A letter over three pages, with the rationale's deciding words across a line end.
fn three_pages() -> String {
    letter(
        "CM15-0900001",
        &[
            ("Norco 10/325mg #60", "Upheld"),
            ("MRI of the left knee", "Overturned"),
            ("Acupuncture, six visits", "Upheld"),
        ],
    )
    .replacen("CLINICAL CASE SUMMARY", "\x0cCLINICAL CASE SUMMARY", 1)
    .replacen(
        "\n\nMRI of the left knee",
        "\n\n\x0cMRI of the left knee",
        1,
    )
}

#[test]
fn a_stamp_on_each_page_changes_no_field() {
    let plain = record(&three_pages());
    assert_eq!(plain["items"].as_array().map(Vec::len), Some(3));
    let stamps: [fn(usize) -> String; 8] = [
        |page| format!("EXHIBIT B - {page:04}"),
        |page| format!("SAMPLE_{:06}", page + 41),
        |page| format!("03/31/2017  10:41 AM  FAX 5555550100   CLAIMS DEPT   P.{page:03}/006"),
        |page| format!("PAGE: {page:03} OF 006"),
        |page| format!("https://www.example.org/decisions.asp?id=12   {page}/3"),
        |_| "CONFIDENTIAL".to_string(),
        |_| "RECEIVED MAR 31 2017".to_string(),
        |page| format!("Sample v. Example Foods, volume 2, {page}"),
    ];
    for stamp in stamps {
        let pages = three_pages();
        let pages = pages.split('\x0c').enumerate();
        let top: Vec<String> = pages
            .clone()
            .map(|(n, page)| format!("{}\n{page}", stamp(n + 1)))
            .collect();
        let bottom: Vec<String> = pages
            .map(|(n, page)| format!("{}\n{}\n", page.trim_end(), stamp(n + 1)))
            .collect();
        assert_eq!(record(&top.join("\x0c")), plain, "{} on top", stamp(1));
        assert_eq!(record(&bottom.join("\x0c")), plain, "{} below", stamp(1));
    }
}

#[test]
fn a_stamp_between_heading_and_label_changes_no_field() {
    let plain = record(&three_pages());
    for stamp in [
        "EXHIBIT B - 0002",
        "SAMPLE000042",
        "PAGE: 003 OF 006",
        "Vol. 2 of the record of Pat Sample",
    ] {
        let stamped = three_pages().replace(": Upheld\n", &format!(": Upheld\n{stamp}\n"));
        assert_eq!(record(&stamped), plain, "{stamp}");
    }
}

#[test]
fn the_line_numbers_of_pleading_paper_change_no_field() {
    let plain = record(&three_pages());
    let text = three_pages();
    let numbered: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(n, line)| format!("{:>2}  {line}", n % 28 + 1))
        .collect();
    assert_eq!(record(&numbered.join("\n")), plain);
}
