//! How fast an answer is carried off: every item of an index, in each format, to a file.
//!
//! `export CORPUS_DIR [--work DIR] [--rounds N]`: the index is built in DIR (beside the corpus
//! unless told otherwise), or the one that the search benchmark built there is used.

use imr::export::{Export, Format, RowLevel};
use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr::search::{Engine, Request};
use imr_benches::{Outcome, corpus_argument, option};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

const ROUNDS: usize = 3;

fn main() -> Outcome {
    let folder = corpus_argument()?;
    let work = option("--work").map_or_else(|| folder.with_extension("bench"), PathBuf::from);
    let rounds = option("--rounds").map_or(Ok(ROUNDS), |n| n.parse())?;
    std::fs::create_dir_all(&work)?;
    let engine = engine(&folder, &work)?;
    let status = engine.index().status()?;
    println!(
        "{} letters, {} items, {} threads; best of {rounds}\n",
        status.letters,
        status.items,
        std::thread::available_parallelism()?
    );
    println!("                           s      cpu s   items/s       MB   anonymous MB");
    let case = |name, format, by| (name, format, by);
    for (name, format, by) in [
        case("csv by item", Format::Csv, RowLevel::Item),
        case("csv by letter", Format::Csv, RowLevel::Letter),
        case("tsv by item", Format::Tsv, RowLevel::Item),
        case("jsonl by item", Format::Jsonl, RowLevel::Item),
        case("jsonl, records", Format::Jsonl, RowLevel::Letter),
        case("html brief", Format::Html, RowLevel::Item),
        case("xlsx by item", Format::Xlsx, RowLevel::Item),
        case("parquet by item", Format::Parquet, RowLevel::Item),
        case("sqlite", Format::Sqlite, RowLevel::Item),
    ] {
        let export = Export {
            format,
            by,
            columns: None,
            passages: 10,
            for_spreadsheets: false,
        };
        measure(name, &export, &engine, &work, status.items, rounds)?;
    }
    Ok(())
}

fn engine(
    folder: &std::path::Path,
    work: &std::path::Path,
) -> Result<Engine, Box<dyn std::error::Error>> {
    let index = Index::open_or_create(&work.join("imr-index"))?;
    Ingest::new(&index, IngestOptions::default())
        .run(&[folder.to_path_buf()], &Progress::default())?;
    Ok(Engine::new(index))
}

fn measure(
    name: &str,
    export: &Export,
    engine: &Engine,
    work: &std::path::Path,
    items: u64,
    rounds: usize,
) -> Outcome {
    let request = Request {
        limit: usize::MAX,
        ..Request::default()
    };
    let path = work.join("export.part");
    let (mut best, mut cpu, mut bytes) = (f64::INFINITY, 0.0, 0);
    for _ in 0..rounds {
        let before = cpu_seconds();
        let start = Instant::now();
        let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path)?);
        export.run(engine, &request, &mut file, &|_, _| {})?;
        file.flush()?;
        let took = start.elapsed().as_secs_f64();
        if took < best {
            best = took;
            cpu = cpu_seconds() - before;
        }
        bytes = std::fs::metadata(&path)?.len();
    }
    std::fs::remove_file(&path)?;
    println!(
        "{name:20} {best:9.2} {cpu:9.2} {:10.0} {:8.1} {:11.0}",
        items as f64 / best,
        bytes as f64 / 1e6,
        anonymous() as f64 / 1024.0
    );
    Ok(())
}

/// Seconds of processor time of this process; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets; user and system time are the twelfth and thirteenth from there.
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after.split(' ').skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Kilobytes that are this process's own, the mapped index left out; 0 where the system does not
/// tell.
fn anonymous() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}
