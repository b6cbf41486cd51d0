//! PDFs as scanners, mail programs and other tools leave them, which must give the same record as the unharmed letter;
//! and what cannot be read is said.

use crate::support::{imr, imr_with_input};
use std::fmt::Write;

const PAGES: [&[&str]; 2] = [
    &[
        "Case Number: CM15-0900001",
        "IMR ISSUES, DECISIONS AND RATIONALES",
        "Norco 10/325mg #60: Overturned",
        "MAXIMUS guideline: Decision based on MTUS Chronic Pain, page 78-80.",
        "Decision rationale: A follow-up shows less pain.",
    ],
    &[
        "Soma 350mg: Upheld",
        "MAXIMUS guideline: Decision based on MTUS Chronic Pain, page 29.",
        "Decision rationale: It is not for long-term use.",
    ],
];

fn content(page: &[&str]) -> String {
    let mut content = "BT /F1 12 Tf 14 TL 72 700 Td\n".to_string();
    for line in page {
        let _ = writeln!(content, "({line}) Tj T*");
    }
    content + "ET\n"
}

/// A PDF of the objects, the first being the catalog; the table's offsets count so many bytes before the mark.
fn pdf(objects: &[String], trailer: &str, before: usize) -> Vec<u8> {
    let mut out = "%PDF-1.4\n".to_string();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len() + before);
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    let start = out.len() + before;
    let size = objects.len() + 1;
    let _ = write!(
        out,
        "{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

/// Catalog, page tree, font, and of each page the page and its content.
fn objects(contents: &[String], catalog: &str) -> Vec<String> {
    let kids: String = (0..contents.len()).fold(String::new(), |mut kids, n| {
        let _ = write!(kids, "{} 0 R ", 4 + 2 * n);
        kids
    });
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        format!(
            "<< /Type /Pages /Kids [{kids}] /Count {} >>",
            contents.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_string(),
    ];
    for (n, content) in contents.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * n
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    objects
}

fn contents() -> Vec<String> {
    PAGES.iter().map(|page| content(page)).collect()
}

/// The record of a letter.
fn record(bytes: &[u8]) -> serde_json::Value {
    imr_with_input(&["extract", "-"], bytes)
        .code(0)
        .json()
        .remove(0)
}

fn unharmed() -> serde_json::Value {
    let record = record(&pdf(&objects(&contents(), ""), "", 0));
    assert_eq!(record["items"].as_array().unwrap().len(), 2, "{record}");
    assert_eq!(record["outcome"], "mixed");
    record
}

#[test]
fn bytes_before_the_mark() {
    let objects = objects(&contents(), "");
    let plain = pdf(&objects, "", 0);
    let before = |junk: &[u8], bytes: Vec<u8>| record(&[junk, &bytes].concat());
    assert_eq!(before(b"\n", plain.clone()), unharmed());
    assert_eq!(before(b"From: a scanner\r\n\r\n", plain), unharmed());
    assert_eq!(before(b"\n", pdf(&objects, "", 1)), unharmed());
    assert_eq!(before(&[b' '; 300], pdf(&objects, "", 300)), unharmed());
}

#[test]
fn lengths_in_objects_of_their_own() {
    let contents = contents();
    let mut objects = objects(&contents, "");
    for (n, content) in contents.iter().enumerate() {
        objects.push(content.len().to_string());
        let length = objects.len();
        objects[4 + 2 * n] = format!("<</Length {length} 0 R>>\nstream\n{content}\nendstream");
    }
    assert_eq!(record(&pdf(&objects, "", 0)), unharmed());
}

#[test]
fn a_page_that_cannot_be_read_is_a_doubt_and_is_reported() {
    let mut objects = objects(&contents(), "");
    objects[6] = "<< /Length 9 /Filter /FlateDecode >>\nstream\n?????????\nendstream".to_string();
    let bytes = pdf(&objects, "", 0);
    let record = record(&bytes);
    assert_eq!(record["items"].as_array().unwrap().len(), 1);
    assert_eq!(record["warnings"][0]["kind"], "unread-page", "{record}");
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("letter.pdf");
    std::fs::write(&path, bytes).unwrap();
    let index = folder.path().join("index").display().to_string();
    let ran = imr(["index", &path.display().to_string(), "--index", &index]).code(0);
    assert!(
        ran.err
            .contains("letter.pdf has a page 2 that cannot be read"),
        "{}",
        ran.err
    );
    let status = imr(["status", "--json", "--index", &index]).code(0).json();
    assert_eq!(status[0]["warnings"]["unread-page"], 1);
}

#[test]
fn soft_hyphens_are_hyphens() {
    let soft = contents().into_iter().map(|c| c.replace('-', "\\255"));
    let soft: Vec<String> = soft.collect();
    assert_eq!(record(&pdf(&objects(&soft, ""), "", 0)), unharmed());
}

#[test]
fn attached_files_are_mentioned() {
    let attached = [
        "/Names << /EmbeddedFiles << /Names [(a.pdf) 9 0 R] >> >>",
        "/Collection << /Type /Collection >>",
    ];
    for catalog in attached {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("mail.pdf");
        std::fs::write(&path, pdf(&objects(&contents(), catalog), "", 0)).unwrap();
        let index = folder.path().join("index").display().to_string();
        let ran = imr(["index", &path.display().to_string(), "--index", &index]).code(0);
        assert!(
            ran.err.contains("mail.pdf has attached files"),
            "{}",
            ran.err
        );
    }
}

/// A page each line of which is a piece of text of its own, drawn in some order.
fn pieces(lines: &[(u32, u32, &str)]) -> String {
    let piece = |(x, y, text): &(u32, u32, &str)| {
        format!("BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n")
    };
    lines.iter().map(piece).collect()
}

const HEADER: [(u32, u32, &str); 12] = [
    (72, 740, "Case Number:"),
    (190, 740, "CM15-0900001"),
    (72, 724, "Date Assigned:"),
    (190, 724, "04/16/2015"),
    (310, 724, "Date of Injury:"),
    (430, 724, "11/17/2009"),
    (72, 708, "Decision Date:"),
    (190, 708, "05/26/2015"),
    (310, 708, "UR Denial Date:"),
    (430, 708, "03/24/2015"),
    (72, 692, "Priority:"),
    (190, 692, "Standard"),
];

fn body() -> Vec<(u32, u32, &'static str)> {
    let lines = [
        "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "The Expert Reviewer has the following credentials:",
        "State(s) of Licensure: California",
        "Certification(s)/Specialty: Pain Medicine",
        "CLINICAL CASE SUMMARY",
        "The patient is a 54-year-old carpenter.",
    ];
    let all = lines.iter().chain(PAGES[0].iter().skip(1)).chain(PAGES[1]);
    (0..)
        .zip(all)
        .map(|(n, line)| (72, 640 - 28 * n, *line))
        .collect()
}

#[test]
fn a_header_that_is_drawn_last_is_the_header() {
    let escaped = |lines: Vec<(u32, u32, &str)>| -> String {
        let lines: Vec<(u32, u32, String)> = lines
            .into_iter()
            .map(|(x, y, text)| (x, y, text.replace('(', "\\(").replace(')', "\\)")))
            .collect();
        let lines: Vec<(u32, u32, &str)> = lines
            .iter()
            .map(|(x, y, text)| (*x, *y, text.as_str()))
            .collect();
        pieces(&lines)
    };
    let of = |content: String| record(&pdf(&objects(&[content], ""), "", 0));
    let usual = of(escaped([HEADER.to_vec(), body()].concat()));
    assert_eq!(usual["dates"]["decision"], "2015-05-26");
    assert_eq!(usual["items"].as_array().map(Vec::len), Some(2));
    let last = of(escaped([body(), HEADER.to_vec()].concat()));
    assert_eq!(last, usual);
    let twice: Vec<_> = [HEADER.to_vec(), body()]
        .concat()
        .into_iter()
        .flat_map(|piece| [piece, piece])
        .collect();
    assert_eq!(of(escaped(twice)), usual, "each piece twice");
    let all = [HEADER.to_vec(), body()].concat();
    let twice = of(escaped([all.clone(), all].concat()));
    assert_eq!(twice, usual, "the page twice");
}

/// A page drawn anew in a font that was not meant, as Cairo does: after each letter a gap of its own, and before
/// some words no letter for a space but a wider gap.
fn in_another_font(page: &[&str]) -> String {
    // After a "D" always a gap as wide as a space, after most others an overlap.
    let after = |letter: char| match letter {
        'D' => -215,
        letter if letter.is_ascii_uppercase() => -90,
        letter => 110 + 10 * (i32::from(letter as u8 % 4)),
    };
    let mut content = "BT /F1 12 Tf 14 TL 72 700 Td\n".to_string();
    for line in page {
        content.push('[');
        let letters: Vec<char> = line.chars().collect();
        let is_not_drawn = |n: usize| match letters.get(n..n + 2) {
            Some([' ', next]) => *next == 'N' || next.is_ascii_digit(),
            _ => false,
        };
        for (n, letter) in letters.iter().enumerate() {
            if !is_not_drawn(n) {
                let between = if is_not_drawn(n + 1) { 250 } else { 0 };
                let _ = write!(content, "({letter}){}", after(*letter) - between);
            }
        }
        content += "] TJ T*\n";
    }
    content + "ET\n"
}

#[test]
fn letters_drawn_in_another_font_keep_their_words() {
    let summary = "A drug was DENIED by Dr. Doe, the Norco added and dated by Dr. Doe.";
    let first = [PAGES[0], &[summary; 6]].concat();
    let plain = [content(&first), content(PAGES[1])];
    let redrawn = [in_another_font(&first), in_another_font(PAGES[1])];
    let plain = record(&pdf(&objects(&plain, ""), "", 0));
    assert_eq!(plain["items"][0]["request"], "Norco 10/325mg #60");
    assert_eq!(record(&pdf(&objects(&redrawn, ""), "", 0)), plain);
}
