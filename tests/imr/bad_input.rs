//! Whatever the bytes: a reason, and the rest goes on.

use crate::support::{imr, imr_with_input, letter};
use std::fs;
use tempfile::TempDir;

/// A PDF of one page with this content stream.
fn pdf(content: &str, extra_trailer: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_string(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_string(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_string(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_string(),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R {extra_trailer} >>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

#[test]
fn each_kind_of_bad_file_is_reported_with_its_reason() {
    let folder = TempDir::new().unwrap();
    let corpus = folder.path().join("corpus");
    fs::create_dir(&corpus).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(corpus.join(name), bytes).unwrap();
    write("empty.txt", b"");
    write("blank.txt", b" \r\n\t \n");
    write("binary.txt", &[0, 1, 2, 3, 0, 255, 254, 7, 8, 0, 0, 1]);
    write("garbage.pdf", b"%PDF-1.4 and then nothing of the kind");
    write("scan.pdf", &pdf("q 100 0 0 100 0 0 cm Q", ""));
    let encrypted = "/Encrypt << /Filter /Standard /V 1 /R 2 /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) /P -4 >> /ID [(0123456789012345) (0123456789012345)]";
    write(
        "locked.pdf",
        &pdf("BT /F1 12 Tf 72 720 Td (hello) Tj ET", encrypted),
    );
    let sample = fs::read(format!(
        "{}/sample-corpus/2015/CM15-0900106.pdf",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    write("cut.pdf", &sample[..sample.len() / 2]);
    write("invoice.txt", b"Invoice 12: two chairs");
    write("picture.png", b"\x89PNG");
    write(
        "good.txt",
        letter("CM15-0900001", &[("Norco", "Upheld")]).as_bytes(),
    );
    let index = folder.path().join("index").display().to_string();
    let ran = imr([
        "index",
        &corpus.display().to_string(),
        "--index",
        &index,
        "--verbose",
    ])
    .code(0);
    for (file, reason) in [
        ("empty.txt", "is empty"),
        ("blank.txt", "is empty"),
        ("binary.txt", "is binary, neither text nor PDF"),
        ("garbage.pdf", "is a broken PDF"),
        ("scan.pdf", "is a PDF without a text layer (a scan?)"),
        ("locked.pdf", "is an encrypted PDF that needs a password"),
        ("cut.pdf", "PDF"),
        ("invoice.txt", "is not an IMR determination letter"),
    ] {
        let told = ran
            .err
            .lines()
            .any(|line| line.contains(&format!("{file} ")) && line.contains(reason));
        assert!(told, "{file}: {reason}\n{}", ran.err);
    }
    assert!(
        ran.err
            .contains("1 letter, 1 item, 8 failed, 1 file of other kinds skipped (.png)"),
        "{}",
        ran.err
    );
}

#[test]
fn nothing_readable_is_exit_code_two() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "").unwrap();
    let index = folder.path().join("index").display().to_string();
    imr([
        "index",
        &folder.path().join("a.txt").display().to_string(),
        "--index",
        &index,
    ])
    .code(2);
    let empty = TempDir::new().unwrap();
    let ran = imr([
        "index",
        &empty.path().display().to_string(),
        "--index",
        &index,
    ])
    .code(2);
    assert!(ran.err.contains("no letters were found"), "{}", ran.err);
    let ran = imr(["index", "not-there", "--index", &index]).code(2);
    assert_eq!(ran.err, "imr: not-there: no such file or folder\n");
}

#[test]
fn no_bytes_make_it_panic() {
    let long_line = vec![b'a'; 50 << 20];
    let many_items = letter(
        "CM15-0900001",
        &vec![("Norco 10/325mg #60", "Upheld"); 3000],
    );
    let nested =
        "((((((((((".repeat(2000) + &"Upheld: Claims Administrator guideline: ".repeat(2000);
    for (name, bytes, limit) in [
        (
            "invalid UTF-8",
            b"Case Number: CM15-0900001 \xff\xfe\xfd Norco: Upheld".to_vec(),
            "32",
        ),
        (
            "NUL bytes",
            b"Case Number: CM15-0900001\0\0 Decision rationale: \0".to_vec(),
            "32",
        ),
        ("50 MB of one line", long_line, "512"),
        ("thousands of items", many_items.into_bytes(), "256"),
        ("marks without end", nested.into_bytes(), "256"),
    ] {
        let ran = imr_with_input(&["extract", "-", "--max-letter", limit], &bytes);
        assert!(
            matches!(ran.code, 0 | 2),
            "{name}: {} {}",
            ran.code,
            ran.err
        );
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
    }
    let ran = imr_with_input(&["extract", "-", "--max-letter", "1"], &vec![b'a'; 2 << 20]).code(2);
    assert!(
        ran.err
            .contains("is larger than the limit of 1048576 bytes for one letter"),
        "{}",
        ran.err
    );
}
