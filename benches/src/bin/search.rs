//! How fast questions are answered: two hundred of them, by imr and by SQLite FTS5, in turn.
//!
//! `search CORPUS_DIR [--work DIR] [--imr PATH]`: the two indexes are built in DIR (beside the
//! corpus unless told otherwise) and used again by the next run; PATH is the release `imr` whose
//! time from start to printed answer is taken.

use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr::search::{Engine, Request};
use imr_benches::queries::{Kind, Query, mix};
use imr_benches::{Outcome, Times, corpus_argument, fts5, option, paths};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const QUERIES: usize = 200;
const SEED: u64 = 20_190_630;
const STARTS: usize = 20;
/// What a request with a far page begins after.
const DEEP: usize = 50_000;
const MEMORY: usize = 256 << 20;

fn main() -> Outcome {
    let folder = corpus_argument()?;
    let work = option("--work").map_or_else(|| folder.with_extension("bench"), PathBuf::from);
    std::fs::create_dir_all(&work)?;
    let engine = imr_index(&folder, &work)?;
    let database = database(&folder, &work)?;
    let status = engine.index().status()?;
    let queries = mix(QUERIES, SEED);
    println!(
        "{} letters, {} items, {} segments; {QUERIES} queries, top ten with snippets",
        status.letters, status.items, status.segments
    );

    let timed = round(&queries, &engine, &database)?;
    let of = |pick: fn(&Answered) -> Duration| Times::new(timed.iter().map(pick));
    let fts5 = of(|a| a.fts5);
    println!("\nms                            median     p90      p99      max");
    row("imr, four facets", &of(|a| a.facets), Some(&fts5));
    row("imr, no facets", &of(|a| a.plain), Some(&fts5));
    row("imr, no facets, no synonyms", &of(|a| a.exact), Some(&fts5));
    row("SQLite FTS5, no filters", &fts5, None);
    println!("\nmedian ms by kind               imr    no facets     FTS5");
    for kind in [
        Kind::Word,
        Kind::Drug,
        Kind::Words,
        Kind::Phrase,
        Kind::Question,
    ] {
        let of = |pick: fn(&Answered) -> Duration| {
            let alike = queries.iter().zip(&timed).filter(|(q, _)| q.kind == kind);
            Times::new(alike.map(|(_, a)| pick(a))).percentile(50)
        };
        println!(
            "{:24} {:10.2} {:12.2} {:8.2}",
            format!("{kind:?}").to_lowercase(),
            of(|a| a.facets),
            of(|a| a.plain),
            of(|a| a.fts5)
        );
    }
    println!("\nslowest of imr");
    let mut slow: Vec<_> = queries.iter().zip(&timed).collect();
    slow.sort_by_key(|(_, a)| std::cmp::Reverse(a.facets));
    for (query, answered) in slow.into_iter().take(5) {
        let filters: Vec<String> = query
            .filters
            .iter()
            .map(|f| format!("--{} {}", f.name, f.value))
            .collect();
        println!(
            "{:8.1} ms {:7} letters  {} {}",
            answered.facets.as_secs_f64() * 1000.0,
            answered.letters,
            query.text,
            filters.join(" ")
        );
    }

    deep(&engine, &database)?;
    if let Some(program) = option("--imr") {
        starts(Path::new(&program), &work, &queries)?;
    }
    Ok(())
}

fn row(name: &str, times: &Times, beside: Option<&Times>) {
    let at = [50, 90, 99, 100].map(|p| times.percentile(p));
    let ratio = beside.map_or_else(String::new, |other| {
        let by = |percent| times.percentile(percent) / other.percentile(percent);
        format!(
            "   {:.2} of FTS5's median, {:.2} of its p99",
            by(50),
            by(99)
        )
    });
    println!(
        "{name:28} {:7.2} {:7.2} {:8.2} {:8.2}{ratio}",
        at[0], at[1], at[2], at[3]
    );
}

fn imr_index(folder: &Path, work: &Path) -> Result<Engine, Box<dyn std::error::Error>> {
    let path = work.join("imr-index");
    let index = Index::open_or_create(&path)?;
    let options = IngestOptions {
        memory: MEMORY,
        ..IngestOptions::default()
    };
    Ingest::new(&index, options).run(&[folder.to_path_buf()], &Progress::default())?;
    Ok(Engine::new(index))
}

fn database(folder: &Path, work: &Path) -> Result<Connection, Box<dyn std::error::Error>> {
    let file = work.join("fts5.db");
    if !file.exists() {
        // A build that is broken off leaves no database behind.
        let part = work.join("fts5.part");
        let _ = std::fs::remove_file(&part);
        fts5::build(&part, &paths(folder), MEMORY)?;
        std::fs::rename(&part, &file)?;
    }
    let database = Connection::open(&file)?;
    database.execute_batch(&format!(
        "PRAGMA cache_size = -{0}; PRAGMA mmap_size = {1};",
        MEMORY >> 10,
        4_u64 << 30
    ))?;
    Ok(database)
}

/// The times of one query.
struct Answered {
    letters: u64,
    facets: Duration,
    plain: Duration,
    exact: Duration,
    fts5: Duration,
}

fn round(
    queries: &[Query],
    engine: &Engine,
    database: &Connection,
) -> Result<Vec<Answered>, Box<dyn std::error::Error>> {
    let asked = |request: Request| Ok(engine.search(&request)?.letters);
    let facets = warm(queries, |query| asked(query.request(true)))?;
    let plain = warm(queries, |query| asked(query.request(false)))?;
    let exact = warm(queries, |query| {
        asked(Request {
            exact: true,
            ..query.request(false)
        })
    })?;
    let fts5 = warm(queries, |query| {
        Ok(fts5::search(database, &query.fts5(), 10, 0)?.len() as u64)
    })?;
    let all = facets.into_iter().zip(plain).zip(exact).zip(fts5);
    let answered = all.map(|(((facets, plain), exact), fts5)| Answered {
        letters: facets.1,
        facets: facets.0,
        plain: plain.0,
        exact: exact.0,
        fts5: fts5.0,
    });
    Ok(answered.collect())
}

/// All queries put to one engine, after a first round that is not counted: the time of each, and
/// what it found. (Put to several engines in turn, each would find the other's data in the
/// processor's caches.)
fn warm(
    queries: &[Query],
    search: impl Fn(&Query) -> Result<u64, Box<dyn std::error::Error>>,
) -> Result<Vec<(Duration, u64)>, Box<dyn std::error::Error>> {
    for query in queries {
        search(query)?;
    }
    let timed = queries.iter().map(|query| {
        let (time, found) = timed(|| search(query));
        Ok((time, found.map_err(|e| format!("{}: {e}", query.text))?))
    });
    timed.collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// A page far down a broad query.
fn deep(engine: &Engine, database: &Connection) -> Outcome {
    let broad = Query {
        kind: Kind::Word,
        text: "pain".to_string(),
        filters: Vec::new(),
    };
    let request = Request {
        offset: DEEP,
        ..broad.request(false)
    };
    let (mut imr, mut sqlite, mut letters, mut hits) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..5 {
        let (time, response) = timed(|| engine.search(&request));
        let response = response?;
        (letters, hits) = (response.letters, response.hits.len());
        imr.push(time);
        let (time, rows) = timed(|| fts5::search(database, &broad.fts5(), 10, DEEP));
        rows?;
        sqlite.push(time);
    }
    println!(
        "\noffset {DEEP} of 'pain' ({letters} letters, {hits} hits shown): imr {:.1} ms, FTS5 {:.1} ms",
        Times::new(imr).percentile(50),
        Times::new(sqlite).percentile(50)
    );
    Ok(())
}

/// From the start of the program to its last line, top ten with snippets.
fn starts(program: &Path, work: &Path, queries: &[Query]) -> Outcome {
    let mut times = Vec::new();
    for query in queries
        .iter()
        .step_by(QUERIES / STARTS + 1)
        .cycle()
        .take(STARTS)
    {
        let mut command = Command::new(program);
        command
            .arg("search")
            .arg("--index")
            .arg(work.join("imr-index"));
        for filter in &query.filters {
            command.arg(format!("--{}", filter.name)).arg(&filter.value);
        }
        command.args(["--", &query.text]).stderr(Stdio::inherit());
        let (time, output) = timed(|| command.output());
        // 1: nothing found, which is an answer too.
        if output?.status.code().is_none_or(|code| code > 1) {
            return Err(format!("{} failed on {}", program.display(), query.text).into());
        }
        times.push(time);
    }
    let times = Times::new(times);
    println!(
        "process start to printed top ten, {STARTS} runs: median {:.1} ms, max {:.1} ms",
        times.percentile(50),
        times.percentile(100)
    );
    Ok(())
}
