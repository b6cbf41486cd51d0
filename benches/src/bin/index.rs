//! How fast an index is built, how large it is and how much memory it takes: imr with all that it
//! reads out of a letter, a bare tantivy index of the text, and SQLite FTS5.
//!
//! `index CORPUS_DIR`: every engine in a process of its own, so that each has its own peak.
//! `index CORPUS_DIR --pdfs COUNT`: so many PDFs, made of its texts or copies of its PDFs; imr with its worker
//! processes, imr without them, and the PDF library, which does nothing but read their text. Copies are one letter to imr: it reads each, and
//! indexes one.

use imr::corpus;
use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr_benches::{Outcome, corpus_argument, folder_bytes, fts5, option, paths, pdfs};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use tantivy::schema::{STORED, Schema, TEXT};
use tantivy::{IndexWriter, doc};

/// What every engine may hold in memory before it writes.
const MEMORY: usize = 256 << 20;

/// Each engine reads the PDFs so often.
const PDF_ROUNDS: usize = 3;

/// What one engine did.
#[derive(Serialize, Deserialize)]
struct Run {
    letters: usize,
    bytes: usize,
    seconds: f64,
    cpu_seconds: f64,
    index_bytes: u64,
    peak_bytes: u64,
}

fn main() -> Outcome {
    if std::env::args().nth(1).as_deref() == Some(corpus::WORKER_COMMAND) {
        imr::allocator::give_back_large_blocks();
        let _ = corpus::serve_as_worker();
        return Ok(());
    }
    let folder = corpus_argument()?;
    if let Some(engine) = option("--engine") {
        let work = std::env::temp_dir().join(format!("imr-bench-{}", std::process::id()));
        std::fs::create_dir_all(&work)?;
        let run = one(&engine, &folder, &work);
        std::fs::remove_dir_all(&work)?;
        println!("{}", serde_json::to_string(&run?)?);
        return Ok(());
    }
    if let Some(count) = option("--pdfs") {
        return over_pdfs(&folder, count.parse()?);
    }
    // The files are in the page cache before the first engine reads them.
    let letters = paths(&folder);
    let read: usize = letters
        .par_iter()
        .map(|path| std::fs::read(path).map_or(0, |bytes| bytes.len()))
        .sum();
    let threads = threads();
    println!(
        "{} letters, {:.1} MB, {threads} threads, {} MB for the writer",
        letters.len(),
        read as f64 / 1e6,
        MEMORY >> 20
    );
    println!(
        "{:16} {:>9} {:>7} {:>10} {:>8} {:>12} {:>9}",
        "", "seconds", "cpu s", "letters/s", "MB/s", "index/text", "peak MB"
    );
    let mut runs = Vec::new();
    for (engine, name) in [
        ("imr", "imr"),
        ("tantivy", "bare tantivy"),
        ("fts5", "SQLite FTS5"),
    ] {
        let run = child(engine, &folder)?;
        println!(
            "{name:16} {:9.1} {:7.1} {:10.0} {:8.1} {:12.2} {:9.0}",
            run.seconds,
            run.cpu_seconds,
            run.letters as f64 / run.seconds,
            run.bytes as f64 / 1e6 / run.seconds,
            run.index_bytes as f64 / run.bytes as f64,
            run.peak_bytes as f64 / 1e6
        );
        runs.push((name, run));
    }
    let Some(((_, imr), others)) = runs.split_first() else {
        return Ok(());
    };
    for (name, other) in others {
        println!(
            "imr against {name}: {:.2} times the time, {:.2} the cpu time, {:.2} the bytes, {:.2} the memory",
            imr.seconds / other.seconds,
            imr.cpu_seconds / other.cpu_seconds,
            imr.index_bytes as f64 / other.index_bytes as f64,
            imr.peak_bytes as f64 / other.peak_bytes as f64
        );
    }
    Ok(())
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn child(engine: &str, folder: &Path) -> Result<Run, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .arg(folder)
        .args(["--engine", engine])
        .output()?;
    if !output.status.success() {
        return Err(format!("{engine}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs one engine, from finding the files to the index on disk.
fn one(engine: &str, folder: &Path, work: &Path) -> Result<Run, Box<dyn Error>> {
    let start = Instant::now();
    let (letters, bytes) = match engine {
        "imr" => {
            corpus::use_workers(corpus::WorkerOptions::default());
            imr::allocator::give_back_large_blocks();
            with_imr(folder, work)?
        }
        "imr alone" => {
            imr::allocator::give_back_large_blocks();
            with_imr(folder, work)?
        }
        "tantivy" => with_tantivy(folder, work)?,
        "fts5" => {
            let letters = paths(folder);
            let bytes = fts5::build(&work.join("fts5.db"), &letters, MEMORY)?;
            (letters.len(), bytes)
        }
        "pdf library" => pdfs::read_all(&paths(folder))?,
        other => return Err(format!("no engine is called {other}").into()),
    };
    Ok(Run {
        letters,
        bytes,
        seconds: start.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds()?,
        index_bytes: folder_bytes(work),
        peak_bytes: peak_bytes()?,
    })
}

/// Letters made PDFs, and how fast imr indexes them beside the library that reads their text.
fn over_pdfs(folder: &Path, count: usize) -> Outcome {
    let made = std::env::temp_dir().join(format!("imr-bench-pdfs-{}", std::process::id()));
    let mut letters: Vec<PathBuf> = paths(folder);
    letters.retain(|path| path.extension().is_some_and(|e| e == "pdf" || e == "txt"));
    if letters.is_empty() {
        return Err("there is neither a .pdf nor a .txt".into());
    }
    let told = pdfs::make(&letters, count, &made).and_then(|bytes| {
        println!(
            "{count} PDFs of {} letters, {:.1} MB, {} threads; best of {PDF_ROUNDS} in turn",
            letters.len().min(count),
            bytes as f64 / 1e6,
            threads()
        );
        println!(
            "{:16} {:>9} {:>7} {:>10} {:>9}",
            "", "seconds", "cpu s", "letters/s", "peak MB"
        );
        const ENGINES: [&str; 3] = ["imr", "imr alone", "pdf library"];
        let mut best: [Option<Run>; 3] = [None, None, None];
        for _ in 0..PDF_ROUNDS {
            for (best, engine) in best.iter_mut().zip(ENGINES) {
                let run = child(engine, &made)?;
                if best.as_ref().is_none_or(|best| run.seconds < best.seconds) {
                    *best = Some(run);
                }
            }
        }
        let [Some(imr), Some(alone), Some(library)] = best else {
            return Ok(());
        };
        for (name, run) in ENGINES.iter().zip([&imr, &alone, &library]) {
            println!(
                "{name:16} {:9.1} {:7.1} {:10.0} {:9.0}",
                run.seconds,
                run.cpu_seconds,
                run.letters as f64 / run.seconds,
                run.peak_bytes as f64 / 1e6
            );
        }
        let against = |name: &str, other: &Run| {
            println!(
                "imr against {name}: {:.2} of its letters per second, {:.2} times the cpu time",
                other.seconds / imr.seconds * imr.letters as f64 / other.letters as f64,
                imr.cpu_seconds / other.cpu_seconds
            );
        };
        against("imr without worker processes", &alone);
        against("the PDF library", &library);
        Ok(())
    });
    std::fs::remove_dir_all(&made)?;
    told
}

fn with_imr(folder: &Path, work: &Path) -> Result<(usize, usize), Box<dyn Error>> {
    let index = Index::open_or_create(&work.join("imr"))?;
    let options = IngestOptions {
        jobs: threads(),
        memory: MEMORY,
        ..IngestOptions::default()
    };
    let report = Ingest::new(&index, options).run(&[folder.to_path_buf()], &Progress::default())?;
    Ok((report.letters + report.duplicates, report.bytes as usize))
}

/// One stored field of text; nothing is read out of it.
fn with_tantivy(folder: &Path, work: &Path) -> Result<(usize, usize), Box<dyn Error>> {
    let mut schema = Schema::builder();
    let text = schema.add_text_field("text", TEXT | STORED);
    let index = tantivy::Index::create_in_dir(work, schema.build())?;
    let mut writer: IndexWriter = index.writer_with_num_threads(threads().min(8), MEMORY)?;
    let letters = paths(folder);
    let add = |path| -> Result<usize, Box<dyn Error + Send + Sync>> {
        let content = std::fs::read_to_string(path)?;
        let bytes = content.len();
        writer.add_document(doc!(text => content))?;
        Ok(bytes)
    };
    let bytes = letters
        .par_iter()
        .map(add)
        .try_reduce(|| 0, |a, b| Ok(a + b))
        .map_err(|e| e.to_string())?;
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok((letters.len(), bytes))
}

/// What all threads of this process have computed, and its worker processes, in seconds: it tells less
/// about the other programs on the machine than the clock does (Linux: a hundred ticks a second).
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut ticks = ticks("self")?;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let children = std::fs::read_to_string(thread?.path().join("children"))?;
        for child in children.split_whitespace() {
            ticks += self::ticks(child)?;
        }
    }
    Ok(ticks / 100.0)
}

/// The processor's ticks that a process took, and its children that it waited for.
fn ticks(process: &str) -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The program's name, in parentheses, may hold spaces; the times are the 12th to 15th fields after it.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(4);
    Ok(ticks.filter_map(|field| field.parse::<f64>().ok()).sum())
}

/// The most memory that this process had at any time (Linux: `VmHWM`).
fn peak_bytes() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.trim().strip_suffix(" kB"));
    Ok(kilobytes
        .ok_or("no VmHWM in /proc/self/status")?
        .trim()
        .parse::<u64>()?
        * 1024)
}
