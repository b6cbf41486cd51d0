//! Small PDFs that would become large when they are read.

use crate::support::imr_with_input;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

/// An object: its dictionary without the brackets, and its stream, if it has one.
pub(crate) struct Object(String, Option<Vec<u8>>);

fn plain(dictionary: &str) -> Object {
    Object(dictionary.to_string(), None)
}

fn stream(dictionary: &str, content: &[u8]) -> Object {
    Object(dictionary.to_string(), Some(content.to_vec()))
}

fn form(resources: &str, content: &[u8]) -> Object {
    let dictionary =
        format!("/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << {resources} >>");
    stream(&dictionary, content)
}

/// A PDF of one page, object 3, drawn by object 4, with object 5 as its font F1; more objects follow from 6 on.
pub(crate) fn pdf(page: &str, content: &[u8], font: &str, more: Vec<Object>) -> Vec<u8> {
    let mut objects = vec![
        plain("/Type /Catalog /Pages 2 0 R"),
        plain("/Type /Pages /Kids [3 0 R] /Count 1"),
        plain(&format!(
            "/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
             /Resources << /Font << /F1 5 0 R >> {page} >>"
        )),
        stream("", content),
        plain(&format!(
            "/Type /Font /Subtype /Type1 /BaseFont /Helvetica {font}"
        )),
    ];
    objects.extend(more);
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, Object(dictionary, content)) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend(format!("{} 0 obj\n<< {dictionary}", n + 1).bytes());
        if let Some(content) = content {
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
            packed.write_all(content).unwrap();
            let packed = packed.finish().unwrap();
            let filter = format!(
                " /Filter /FlateDecode /Length {} >>\nstream\n",
                packed.len()
            );
            out.extend(filter.bytes());
            out.extend(packed);
            out.extend(b"\nendstream\nendobj\n");
        } else {
            out.extend(b" >>\nendobj\n");
        }
    }
    let end = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
        objects.len() + 1,
        out.len()
    );
    out.extend(table.bytes());
    out.extend(end.bytes());
    out
}

/// Instructions that write lines.
pub(crate) fn lines(lines: &[&str]) -> Vec<u8> {
    let mut content = "BT /F1 12 Tf 14 TL 72 700 Td\n".to_string();
    for line in lines {
        content += &format!("({line}) Tj T*\n");
    }
    (content + "ET\n").into_bytes()
}

const LETTER: [&str; 4] = [
    "Case Number: CM15-0900001",
    "Norco 10/325mg #60: Upheld",
    "MAXIMUS guideline: Decision based on MTUS Chronic Pain, page 78.",
    "Decision rationale: No improvement is documented.",
];

const FONT: &str = "/Font << /F1 5 0 R >>";

/// Extracts from standard input, letters of up to a megabyte: of a page 32 KB.
fn extract(bytes: &[u8]) -> crate::support::Ran {
    imr_with_input(&["extract", "-", "--max-letter", "1"], bytes)
}

fn is_refused(name: &str, bytes: &[u8], reason: &str) {
    assert!(bytes.len() < 100_000, "{name} is small");
    let ran = extract(bytes);
    assert!(ran.err.contains(reason), "{name}: {}", ran.err);
    assert_eq!(ran.code, 2, "{name}");
}

const LARGE_PAGE: &str = "has a page of more than 32768 bytes of drawing instructions";

#[test]
fn a_letter_drawn_by_forms_is_read() {
    let page = "/XObject << /Fm0 6 0 R >>";
    let more = vec![form(FONT, &lines(&LETTER))];
    let ran = extract(&pdf(page, b"q /Fm0 Do Q", "", more)).code(0);
    assert_eq!(ran.json()[0]["case_number"], "CM15-0900001", "{}", ran.out);
    let direct = extract(&pdf("", &lines(&LETTER), "", Vec::new())).code(0);
    assert_eq!(direct.json()[0]["items"], ran.json()[0]["items"]);
}

#[test]
fn instructions_without_end_are_not_followed() {
    is_refused(
        "many",
        &pdf("", &b"q ".repeat(1 << 20), "", vec![]),
        LARGE_PAGE,
    );
    // Each form draws the next four hundred times: a million million instructions.
    let draws = |name: &str| format!("/{name} Do ").repeat(400).into_bytes();
    let mut more: Vec<Object> = (7..13)
        .map(|next| form(&format!("/XObject << /Fm {next} 0 R >>"), &draws("Fm")))
        .collect();
    more.push(form(FONT, &lines(&LETTER)));
    let page = "/XObject << /Fm 6 0 R >>";
    is_refused("nested", &pdf(page, &draws("Fm"), "", more), LARGE_PAGE);
    // A name that is written in another way, and one with a remark behind it.
    for name in ["F#6d", "Fm % a remark\n"] {
        let more = vec![form(FONT, &lines(&LETTER))];
        is_refused(name, &pdf(page, &draws(name), "", more), LARGE_PAGE);
    }
    let itself = vec![form("/XObject << /Fm 6 0 R >>", &draws("Fm"))];
    is_refused("itself", &pdf(page, b"/Fm Do", "", itself), LARGE_PAGE);
    let many = vec![stream("", &b"<0041> <0042>\n".repeat(1 << 16))];
    let font = "/ToUnicode 6 0 R";
    // Of three hundred fonts each makes its own of one table.
    let mut table = vec![stream("", &b"<0041> <0042>\n".repeat(1 << 10))];
    let same = |_| plain("/Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R");
    table.extend((0..300).map(same));
    let fonts: String = (0..300).map(|n| format!("/G{n} {} 0 R ", n + 7)).collect();
    table.push(form(&format!("/Font << {fonts} >>"), b"q Q"));
    let page = "/XObject << /Fm 307 0 R >>";
    is_refused("many fonts", &pdf(page, b"/Fm Do", "", table), LARGE_PAGE);
    is_refused(
        "a font's table",
        &pdf("", &lines(&LETTER), font, many),
        LARGE_PAGE,
    );
}

#[test]
fn a_page_shown_again_and_again_ends() {
    // Every page of two thousand is drawn by the same 30 KB.
    let bytes = pdf("", &b"0 g ".repeat(7500), "", Vec::new());
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("/Kids [3 0 R] /Count 1"));
    let kids = "3 0 R ".repeat(2000);
    let at = memchr::memmem::find(&bytes, b"/Kids [3 0 R] /Count 1").unwrap();
    let mut many = bytes[..at].to_vec();
    many.extend(format!("/Kids [{kids}] /Count 2000").bytes());
    many.extend(&bytes[at + "/Kids [3 0 R] /Count 1".len()..]);
    let ran = extract(&many).code(2);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn lists_in_lists_do_not_end_the_run() {
    for (name, inside) in [
        ("lists", "[".repeat(5000) + &"]".repeat(5000)),
        (
            "dictionaries",
            "<</a ".repeat(5000) + "1" + &">>".repeat(5000),
        ),
        ("remarks", "%\n".repeat(30_000) + "1"),
    ] {
        let page = format!("/X {inside}");
        let ran = extract(&pdf(&page, &lines(&LETTER), "", Vec::new()));
        assert!(
            matches!(ran.code, 0 | 2),
            "{name}: {} {}",
            ran.code,
            ran.err
        );
    }
}
