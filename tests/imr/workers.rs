//! PDFs are read in worker processes: whatever a file does to its worker, the run goes on and says what it was.

#[path = "../../fuzz/hostile_pdfs.rs"]
mod hostile_pdfs;

use crate::pdf_bombs::{lines, pdf};
use crate::support::{command, imr};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

fn good(n: usize) -> Vec<u8> {
    let case = format!("Case Number: CM15-09{n:05}");
    let content = lines(&[
        &case,
        "IMR ISSUES, DECISIONS AND RATIONALES",
        "Norco 10/325mg #60: Upheld",
        "MAXIMUS guideline: Decision based on MTUS Chronic Pain, page 78.",
        "Decision rationale: No improvement is documented.",
    ]);
    pdf("", &content, "", Vec::new())
}

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("corpus")).unwrap();
        Place { folder }
    }

    fn corpus(&self) -> PathBuf {
        self.folder.path().join("corpus")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.corpus().join(name), bytes).unwrap();
    }

    fn indexing(&self, args: &[&str]) -> Command {
        let mut command = command();
        command
            .args(["index", "--jobs", "2", "--memory", "96"])
            .arg(self.corpus())
            .arg("--index")
            .arg(self.folder.path().join("index"))
            .args(args)
            .env("IMR_PDF_SECONDS", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Exit code and messages.
    fn index(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = self.indexing(args).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told)
    }

    fn status(&self) -> serde_json::Value {
        let index = self.folder.path().join("index").display().to_string();
        imr(["status", "--json", "--index", &index])
            .code(0)
            .json()
            .remove(0)
    }
}

/// A PDF whose font is its own descendant, so that reading it never comes back.
fn font_of_itself() -> Vec<u8> {
    let named = "self-DescendantFonts-of-5-list";
    let mut all = hostile_pdfs::all().into_iter();
    all.find(|(name, _)| name == named).unwrap().1
}

#[test]
fn hostile_pdfs_among_good_letters_end_nothing() {
    let place = Place::new();
    let hostile = hostile_pdfs::all();
    assert!(hostile.len() >= 200, "{}", hostile.len());
    for (n, (name, bytes)) in hostile.iter().enumerate() {
        assert!(bytes.len() < 3 << 20, "{name}");
        place.write(&format!("{n:03}-{name}.pdf"), bytes);
    }
    let letters = 20;
    for n in 0..letters {
        place.write(&format!("{:03}-good.pdf", n * 12), &good(n));
    }
    let (code, told) = place.index(&["--verbose"]);
    assert_eq!(code, Some(0), "{told}");
    let status = place.status();
    let failures = status["failures"].as_array().unwrap();
    for failure in failures {
        let (name, reason) = (failure[0].as_str().unwrap(), failure[1].as_str().unwrap());
        assert!(!name.contains("-good.pdf"), "{name} {reason}");
        assert!(told.contains(reason), "{name} {reason}");
    }
    let sources = status["sources"].as_u64().unwrap() as usize;
    assert_eq!(sources + failures.len(), hostile.len() + letters);
    assert!(!told.contains("panicked"), "{told}");
    // What failed is not tried again.
    let (code, again) = place.index(&[]);
    assert_eq!(code, Some(0), "{again}");
    assert!(again.contains("skipped as unchanged"), "{again}");
    assert_eq!(place.status()["failures"], status["failures"]);
}

#[test]
fn a_pdf_that_ends_its_worker_is_remembered_until_it_changes_or_is_tried_again() {
    let place = Place::new();
    place.write("bad.pdf", &font_of_itself());
    place.write("good.pdf", &good(1));
    let reason = "bad.pdf is a PDF that is nested too deeply to be read";
    let (code, told) = place.index(&[]);
    assert!(code == Some(0) && told.contains(reason), "{told}");
    let (code, told) = place.index(&[]);
    assert!(code == Some(0) && told.contains(reason), "{told}");
    let (code, told) = place.index(&["--retry"]);
    assert!(code == Some(0) && told.contains(reason), "{told}");
    place.write("bad.pdf", &good(2));
    let (code, told) = place.index(&[]);
    assert!(code == Some(0) && !told.contains("bad.pdf"), "{told}");
    assert_eq!(place.status()["letters"], 2);
}

#[test]
fn extract_reads_in_workers_too() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("bad.pdf"), font_of_itself()).unwrap();
    fs::write(path("good.pdf"), good(1)).unwrap();
    let ran = imr(["extract", &path("bad.pdf"), &path("good.pdf")]).code(0);
    assert!(ran.err.contains("is nested too deeply"), "{}", ran.err);
    assert_eq!(ran.json()[0]["case_number"], "CM15-0900001");
}

#[test]
fn without_workers_it_reads_on_and_says_so() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("good.pdf");
    fs::write(&file, good(1)).unwrap();
    let run = command();
    // There is no room for the pipes of a worker.
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 6; exec \"$0\" extract \"$1\""])
        .arg(run.get_program())
        .arg(&file)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("read without worker processes"), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("CM15-0900001"));
}

/// Contents of so many objects that are not there, which the library looks for again and again.
fn slow() -> Vec<u8> {
    let missing: String = (10..50_000).map(|n| format!("{n} 0 R ")).collect();
    let page = format!("<< /Type /Page /Parent 2 0 R /Contents [{missing}] >>");
    format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n{page}\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )
    .into_bytes()
}

fn commits(index: &Path) -> bool {
    let index = index.display().to_string();
    let ran = imr(["status", "--json", "--index", &index]);
    ran.code == 0 && ran.json()[0]["letters"].as_u64() > Some(0)
}

#[test]
fn ctrl_c_ends_a_run_whatever_a_file_does() {
    let place = Place::new();
    place.write("a.pdf", &good(1));
    place.write("b.pdf", &slow());
    let mut run = place.indexing(&["--commit-letters", "1"]);
    let child = run.env("IMR_PDF_SECONDS", "600").spawn().unwrap();
    while !commits(&place.folder.path().join("index")) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    // That it was stopped says nothing of the file.
    assert_eq!(place.status()["failures"], serde_json::json!([]));
    let (code, told) = place.index(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("b.pdf is a PDF that takes longer"), "{told}");
}
