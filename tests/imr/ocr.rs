//! Scans, read by the programs that are installed: here by stubs of them.
#![cfg(unix)]

use crate::support::{Ran, command};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A PDF of one page without text.
const SCAN: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
    3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>\nendobj\n\
    4 0 obj\n<< /Length 12 >>\nstream\n0 0 9 9 re f\nendstream\nendobj\n\
    trailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF\n";

const LINES: [&str; 8] = [
    "Case Number: CM15-0900077",
    "IMR ISSUES, DECISIONS AND RATIONALES",
    "Norco 10/325mg #60: Upheld",
    "Claims Administrator guideline: Decision based on MTUS Chronic Pain.",
    "MAXIMUS guideline: Decision based on MTUS Chronic Pain, page(s) 78-80.",
    "Decision rationale: No gain is documented.",
    "MRI of the left knee: Overturned",
    "Decision rationale: It is due.",
];

struct Scans {
    folder: tempfile::TempDir,
}

impl Scans {
    fn new() -> Scans {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::create_dir(folder.path().join("letters")).unwrap();
        std::fs::write(folder.path().join("letters/scan.pdf"), SCAN).unwrap();
        Scans { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Tesseract's table of the letter, and a program that draws one page.
    fn tesseract(&self, confidence: &str) {
        let mut table = "level\tpage\tblock\tpar\tline\tword\tl\tt\tw\th\tconf\ttext\n".to_string();
        for (n, line) in LINES.iter().enumerate() {
            for word in line.split(' ') {
                table += &format!("5\t1\t{n}\t1\t1\t1\t0\t0\t9\t9\t{confidence}\t{word}\n");
            }
        }
        std::fs::write(self.path("table"), table).unwrap();
        self.program("pdftoppm", "for last; do :; done\n: > \"$last-1.png\"");
        let (table, runs) = (self.path("table"), self.path("runs"));
        self.program(
            "tesseract",
            &format!(
                "echo run >> '{}'\n/bin/cat '{}'",
                runs.display(),
                table.display()
            ),
        );
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = command()
            .args(args)
            .env("PATH", self.path("bin"))
            .env("IMR_INDEX", self.path("index"))
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn index(&self, args: &[&str]) -> Ran {
        let letters = self.path("letters").display().to_string();
        self.run(&[&["index", &letters], args].concat())
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).map_or(0, |runs| runs.lines().count())
    }
}

fn kept(index: &Path) -> usize {
    std::fs::read_dir(index.join("ocr")).map_or(0, Iterator::count)
}

#[test]
fn without_a_program_for_scans_it_says_what_to_install() {
    let scans = Scans::new();
    let ran = scans.index(&["--ocr"]).code(2);
    assert!(ran.err.contains("install tesseract with"), "{}", ran.err);
    let ran = scans.index(&[]);
    assert!(
        ran.err.contains("without a text layer (a scan?)"),
        "{}",
        ran.err
    );
}

#[test]
fn a_scan_is_read_once_marked_and_forgotten_with_its_file() {
    let scans = Scans::new();
    scans.tesseract("87.4");
    assert!(scans.index(&[]).err.contains("1 failed"));
    // What failed as a scan is read now, though its file is the same.
    let ran = scans.index(&["--ocr"]).code(0);
    assert!(ran.err.starts_with("1 letter, 2 items"), "{}", ran.err);
    let found = scans.run(&["search", "norco", "--json"]).code(0);
    let hit = &found.json()[1];
    assert_eq!(hit["case_number"], "CM15-0900077");
    assert_eq!(hit["warnings"][0]["kind"], "ocr");
    let detail = "the text of a scan, read by OCR: confidence 87%";
    assert_eq!(hit["warnings"][0]["detail"], detail);
    let marked = scans.run(&["search", "norco", "--warning", "ocr"]).code(0);
    assert!(marked.out.starts_with("1 letter"), "{}", marked.out);
    assert_eq!((scans.runs(), kept(&scans.path("index"))), (1, 1));
    scans.index(&["--ocr", "--rebuild"]).code(0);
    assert_eq!((scans.runs(), kept(&scans.path("index"))), (1, 1));
    std::fs::remove_file(scans.path("letters/scan.pdf")).unwrap();
    std::fs::write(scans.path("letters/other.txt"), LINES.join("\n\n")).unwrap();
    scans.index(&["--prune"]).code(0);
    assert_eq!(kept(&scans.path("index")), 0, "what was pruned is gone");
}

#[test]
fn ocrmypdf_is_used_where_tesseract_is_not() {
    let scans = Scans::new();
    let text = scans.path("text");
    std::fs::write(&text, LINES.join("\n\n")).unwrap();
    let script = format!(
        "while [ \"$1\" != --sidecar ]; do shift; done\n/bin/cat '{}' > \"$2\"",
        text.display()
    );
    scans.program("ocrmypdf", &script);
    let scan = scans.path("letters/scan.pdf").display().to_string();
    let record = scans
        .run(&["extract", "--ocr", &scan])
        .code(0)
        .json()
        .remove(0);
    assert_eq!(record["items"].as_array().map(Vec::len), Some(2));
    let detail = "the text of a scan, read by OCR: confidence unknown";
    assert_eq!(record["warnings"][0]["detail"], detail);
    scans.program("ocrmypdf", "exit 3");
    let ran = scans.run(&["extract", "--ocr", &scan]).code(2);
    assert!(
        ran.err
            .contains("is a scan that could not be read: ocrmypdf failed"),
        "{}",
        ran.err
    );
}
