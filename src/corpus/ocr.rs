//! Scans, read by the programs that are installed for it: Tesseract with a program that draws pages, or OCRmyPDF.
//!
//! What was read is kept in a folder, by the digest of the file, so that no scan is read twice.

use super::ReadError;
use crate::letter::OCR;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use twox_hash::XxHash3_64;

/// Pages of one scan that are read.
const MOST_PAGES: usize = 200;
/// One step of a program may take so long: drawing a file, reading a page or, with OCRmyPDF, a file.
const MOST_TIME: Duration = Duration::from_secs(300);
/// Dots per inch, as Tesseract advises.
const RESOLUTION: &str = "300";

/// Reads scans.
#[derive(Debug)]
pub struct Ocr {
    engine: Engine,
    kept: Option<PathBuf>,
}

/// The programs that are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    /// Tesseract, and what draws the pages. It says how sure it is of each word.
    Tesseract(Renderer),
    /// OCRmyPDF says nothing of how sure it is.
    OcrMyPdf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renderer {
    Pdftoppm,
    Mutool,
}

impl Ocr {
    /// Finds the programs; `kept` is the folder where what they read is kept.
    ///
    /// # Errors
    /// Where none is installed: what to install.
    pub fn find(kept: Option<PathBuf>) -> Result<Ocr, String> {
        let renderer = [
            ("pdftoppm", Renderer::Pdftoppm),
            ("mutool", Renderer::Mutool),
        ]
        .into_iter()
        .find_map(|(program, renderer)| is_installed(program).then_some(renderer));
        let engine = match renderer {
            Some(renderer) if is_installed("tesseract") => Engine::Tesseract(renderer),
            _ if is_installed("ocrmypdf") => Engine::OcrMyPdf,
            _ => {
                return Err(
                    "no program that reads scans is installed: install tesseract with \
                            pdftoppm (Poppler) or mutool (MuPDF), or ocrmypdf"
                        .to_string(),
                );
            }
        };
        remove_abandoned(&std::env::temp_dir());
        Ok(Ocr { engine, kept })
    }

    /// The text of a scan, below a line that says that it was read so and how surely. `stop` is asked now and then
    /// whether to give up.
    ///
    /// # Errors
    /// If a program fails or finds no text.
    pub fn read(&self, bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<String, ReadError> {
        let kept = self.kept.as_ref().map(|folder| folder.join(name_of(bytes)));
        if let Some(text) = kept.as_ref().and_then(|path| fs::read_to_string(path).ok())
            && text.starts_with(OCR)
        {
            return Ok(text);
        }
        let work = WorkFolder::new().map_err(|e| failed(&super::io_reason(&e)))?;
        let scan = work.0.join("scan.pdf");
        fs::write(&scan, bytes).map_err(|e| failed(&super::io_reason(&e)))?;
        let (text, confidence) = match self.engine {
            Engine::Tesseract(renderer) => with_tesseract(&work.0, &scan, renderer, stop)?,
            Engine::OcrMyPdf => (with_ocrmypdf(&work.0, &scan, stop)?, None),
        };
        if text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(16)
            .count()
            < 16
        {
            return Err(ReadError::NoTextLayer);
        }
        let confidence = match confidence {
            Some(percent) => format!("confidence {percent}%"),
            None => "confidence unknown".to_string(),
        };
        let text = format!("{OCR} {confidence}\n\n{text}");
        if let Some(path) = kept {
            // Without it the scan is read once more, which is all that is lost.
            let _ = keep(&path, &text);
        }
        Ok(text)
    }
}

/// The folder beside an index where what was read of scans is kept.
pub const OCR_FOLDER: &str = "ocr";

/// Removes what is kept of scans whose digest is none of those that are known.
pub fn forget_scans(folder: &Path, is_known: impl Fn(u64) -> bool) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let digest = name.to_str().and_then(|name| name.split_once('-'));
        let digest = digest.and_then(|(digest, _)| u64::from_str_radix(digest, 16).ok());
        if !digest.is_some_and(&is_known) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The name under which what was read of a file is kept: it begins with the digest that an index knows it by.
fn name_of(bytes: &[u8]) -> String {
    let digest = XxHash3_64::oneshot(bytes).max(1);
    format!("{digest:016x}-{}", &blake3::hash(bytes).to_hex()[..16])
}

fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension(format!("part{}", std::process::id()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

fn failed(reason: &str) -> ReadError {
    ReadError::Ocr(reason.to_string())
}

/// Whether a program is on the PATH.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        folder.join(name).is_file()
    })
}

fn with_tesseract(
    work: &Path,
    scan: &Path,
    renderer: Renderer,
    stop: &dyn Fn() -> bool,
) -> Result<(String, Option<u32>), ReadError> {
    let most = MOST_PAGES.to_string();
    let mut draw = match renderer {
        Renderer::Pdftoppm => {
            let mut draw = Command::new("pdftoppm");
            draw.args(["-r", RESOLUTION, "-gray", "-png", "-l", &most]);
            draw.arg(scan).arg(work.join("page"));
            draw
        }
        Renderer::Mutool => {
            let mut draw = Command::new("mutool");
            draw.args(["draw", "-q", "-r", RESOLUTION, "-c", "gray", "-o"]);
            draw.arg(work.join("page-%04d.png")).arg(scan);
            draw.arg(format!("1-{most}"));
            draw
        }
    };
    run(&mut draw, stop)?;
    let entries = fs::read_dir(work).map_err(|e| failed(&super::io_reason(&e)))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut pages: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "png"))
        .collect();
    pages.sort();
    let mut text = String::new();
    let (mut sure, mut letters) = (0.0, 0.0);
    for (n, page) in pages.iter().take(MOST_PAGES).enumerate() {
        if n > 0 {
            text.push('\x0c');
        }
        let mut read = Command::new("tesseract");
        read.arg(page).args(["stdout", "-l", "eng", "tsv"]);
        read.env("OMP_THREAD_LIMIT", "1");
        let table = run(&mut read, stop)?;
        for word in words(&String::from_utf8_lossy(&table)) {
            text.push_str(word.before);
            text.push_str(word.text);
            sure += word.confidence * word.text.len() as f64;
            letters += word.text.len() as f64;
        }
        let _ = fs::remove_file(page);
    }
    let confidence = (letters > 0.0).then(|| (sure / letters).round() as u32);
    Ok((text, confidence))
}

/// A word of Tesseract's table, and what stands between it and the word before.
struct Word<'t> {
    before: &'static str,
    text: &'t str,
    /// Percent.
    confidence: f64,
}

/// The words of a table: level, page, block, paragraph, line, word, four numbers, confidence, text.
fn words(table: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut last: Option<[&str; 3]> = None;
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let &[
            _,
            _,
            block,
            paragraph,
            line,
            _,
            _,
            _,
            _,
            _,
            confidence,
            text,
        ] = cells.as_slice()
        else {
            continue;
        };
        let text = text.trim();
        let confidence: f64 = confidence.parse().unwrap_or(-1.0);
        if text.is_empty() || confidence < 0.0 {
            continue;
        }
        let before = match last {
            None => "",
            Some(at) if at[..2] != [block, paragraph] => "\n\n",
            Some(at) if at[2] != line => "\n",
            Some(_) => " ",
        };
        last = Some([block, paragraph, line]);
        words.push(Word {
            before,
            text,
            confidence: confidence.min(100.0),
        });
    }
    words
}

fn with_ocrmypdf(work: &Path, scan: &Path, stop: &dyn Fn() -> bool) -> Result<String, ReadError> {
    let text = work.join("text.txt");
    let mut read = Command::new("ocrmypdf");
    read.args([
        "--quiet",
        "--jobs",
        "1",
        "--skip-text",
        "--output-type",
        "pdf",
        "--sidecar",
    ]);
    read.arg(&text).arg(scan).arg(work.join("read.pdf"));
    run(&mut read, stop)?;
    fs::read_to_string(&text).map_err(|e| failed(&super::io_reason(&e)))
}

/// What a program prints on standard output.
fn run(command: &mut Command, stop: &dyn Fn() -> bool) -> Result<Vec<u8>, ReadError> {
    const LOOKS: Duration = Duration::from_millis(20);
    /// Ten pages of text and places; what goes beyond is cut.
    const MOST_OUTPUT: u64 = 16 << 20;
    let program = command.get_program().to_string_lossy().into_owned();
    let begun = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let child = begun.map_err(|e| failed(&format!("{program}: {}", super::io_reason(&e))))?;
    let mut child = Running(child);
    let output = child.0.stdout.take();
    let reader = std::thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map(|output| output.take(MOST_OUTPUT).read_to_end(&mut bytes));
        read.transpose().map(|_| bytes)
    });
    let reader = reader.map_err(|e| failed(&super::io_reason(&e)))?;
    let begun = Instant::now();
    let status = loop {
        match child.0.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if stop() => return Err(ReadError::Stopped),
            Ok(None) if begun.elapsed() > MOST_TIME => {
                return Err(failed(&format!(
                    "{program} did not finish within {} s",
                    MOST_TIME.as_secs()
                )));
            }
            Ok(None) => std::thread::sleep(LOOKS),
            Err(e) => return Err(failed(&format!("{program}: {}", super::io_reason(&e)))),
        }
    };
    if !status.success() {
        return Err(failed(&format!("{program} failed ({status})")));
    }
    match reader.join() {
        Ok(Ok(bytes)) => Ok(bytes),
        _ => Err(failed(&format!("{program} produced no text"))),
    }
}

/// A program that is ended with whoever waits for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// How the names of work folders begin; the processes that number theirs (see [`processes`]) and a process follow.
const WORK: &str = "imr-ocr-";

/// Which processes a number of a process is one of: containers that share a folder count their own. 0 where the system
/// does not say.
fn processes() -> u64 {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits = |c: &char| c.is_ascii_digit();
    let digits: String = link.to_string_lossy().chars().filter(digits).collect();
    digits.parse().unwrap_or(0)
}

/// Removes what runs have left that were killed: work folders whose process is no more, or that nobody has touched for
/// longer than any step takes.
fn remove_abandoned(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(|name| name.strip_prefix(WORK)) else {
            continue;
        };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && (is_gone(owner) || is_old(&entry)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process that a work folder is named after is no more; false where that cannot be told.
fn is_gone(owner: &str) -> bool {
    let mut parts = owner.split('-');
    let known = parts.next().and_then(|part| part.parse().ok()) == Some(processes());
    let process: Option<u32> = parts.next().and_then(|part| part.parse().ok());
    known
        && Path::new("/proc/self").exists()
        && process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists())
}

fn is_old(entry: &fs::DirEntry) -> bool {
    let touched = entry.metadata().and_then(|data| data.modified());
    let age = touched.map(|touched| touched.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > 4 * MOST_TIME)
}

/// A folder for the pages of one scan, which goes with it.
struct WorkFolder(PathBuf);

impl WorkFolder {
    fn new() -> std::io::Result<WorkFolder> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{WORK}{}-{}-{number}", processes(), std::process::id());
        let path = std::env::temp_dir().join(name);
        #[cfg_attr(not(unix), expect(unused_mut))]
        let mut builder = fs::DirBuilder::new();
        // Pages of letters are for nobody else to see.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(WorkFolder(path))
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_and_what_is_in_use_stays() {
        let temp = tempfile::tempdir().unwrap();
        let make = |name: String| {
            let path = temp.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("page-1.png"), "x").unwrap();
            path
        };
        // No process has so high a number.
        let killed = make(format!("{WORK}{}-4294967294-0", processes()));
        let mine = make(format!("{WORK}{}-{}-7", processes(), std::process::id()));
        let elsewhere = make(format!("{WORK}1-4294967294-0"));
        let other = make("other-4294967294-0".to_string());
        remove_abandoned(temp.path());
        assert_eq!(killed.exists(), !Path::new("/proc/self").exists());
        assert!(mine.exists() && elsewhere.exists() && other.exists());
    }

    #[test]
    fn words_of_tesseracts_table_become_lines_and_paragraphs() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t\n\
            5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t96.5\tCase\n\
            5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t90\tNumber:\n\
            5\t1\t1\t1\t2\t1\t0\t0\t9\t9\t80\tnext\n\
            5\t1\t2\t1\t1\t1\t0\t0\t9\t9\t70\tblock\n";
        let words = words(table);
        let text: String = words
            .iter()
            .flat_map(|word| [word.before, word.text])
            .collect();
        assert_eq!(text, "Case Number:\nnext\n\nblock");
        assert_eq!(words[0].confidence, 96.5);
    }
}
