//! How fast decisions are counted, warm and in process, and from process start to the last line.
//!
//! `stats CORPUS_DIR [--work DIR] [--imr PATH]`: the index is built in DIR (beside the corpus unless
//! told otherwise) and used again by the next run; PATH is the release `imr`.

use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr::search::{Engine, Filter, Period};
use imr::{search, stats};
use imr_benches::{Outcome, Times, corpus_argument, option};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const ROUNDS: usize = 30;
const STARTS: usize = 10;

fn main() -> Outcome {
    let folder = corpus_argument()?;
    let work = option("--work").map_or_else(|| folder.with_extension("bench"), PathBuf::from);
    std::fs::create_dir_all(&work)?;
    let path = work.join("imr-index");
    let index = Index::open_or_create(&path)?;
    Ingest::new(&index, IngestOptions::default()).run(&[folder], &Progress::default())?;
    let engine = Engine::new(index);
    let status = engine.index().status()?;
    println!(
        "{} letters, {} items, {} segments; {ROUNDS} rounds, warm, in process",
        status.letters, status.items, status.segments
    );
    println!("\nms                                        least   median      max");
    let all = search::Request::default();
    let opioids = search::Request {
        query: "taper".into(),
        filters: vec![Filter {
            name: "drug".into(),
            value: "opioid".into(),
            negated: false,
        }],
        ..search::Request::default()
    };
    let by = |search: &search::Request, by: &[&str], over, top| stats::Request {
        search: search.clone(),
        by: by.iter().map(|b| (*b).to_string()).collect(),
        over,
        top,
        columns: top,
        ..stats::Request::default()
    };
    for (name, request) in [
        ("--by drug, all values", by(&all, &["drug"], None, None)),
        ("--by drug --top 20", by(&all, &["drug"], None, Some(20))),
        (
            "--by specialty --top 20",
            by(&all, &["specialty"], None, Some(20)),
        ),
        ("--by page --top 20", by(&all, &["page"], None, Some(20))),
        (
            "--by drug,specialty --top 20",
            by(&all, &["drug", "specialty"], None, Some(20)),
        ),
        ("--over month", by(&all, &[], Some(Period::Month), None)),
        (
            "taper --drug opioid --by year",
            by(&opioids, &["year"], None, None),
        ),
    ] {
        let mut times = Vec::new();
        for _ in 0..=ROUNDS {
            let start = Instant::now();
            let report = stats::report(&engine, &request)?;
            times.push(start.elapsed());
            assert!(report.all.letters > 0);
        }
        // The first warms.
        row(name, &Times::new(times.into_iter().skip(1)));
    }
    let start = Instant::now();
    let reasons = stats::reasons(&engine, &all, 15)?;
    println!(
        "\n--reasons: {:.2} s, {} rationales of every {}th letter, {} phrases weighed",
        start.elapsed().as_secs_f64(),
        reasons.sample.overturned + reasons.sample.upheld,
        reasons.sample.every,
        reasons.sample.phrases
    );
    if let Some(program) = option("--imr") {
        starts(Path::new(&program), &path)?;
    }
    Ok(())
}

fn row(name: &str, times: &Times) {
    println!(
        "{name:38} {:8.2} {:8.2} {:8.2}",
        times.percentile(0),
        times.percentile(50),
        times.percentile(100)
    );
}

/// From the start of the program to its last line.
fn starts(program: &Path, index: &Path) -> Outcome {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let mut command = Command::new(program);
        command
            .args(["stats", "--by", "drug", "--index"])
            .arg(index);
        let start = Instant::now();
        let output = command.output()?;
        times.push(start.elapsed());
        if !output.status.success() {
            return Err(format!("{} failed", program.display()).into());
        }
    }
    let times = Times::new(times);
    println!(
        "process start to printed table of --by drug, {STARTS} runs: least {:.1} ms, median {:.1} ms",
        times.percentile(0),
        times.percentile(50)
    );
    Ok(())
}
