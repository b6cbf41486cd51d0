//! Mutation fuzzing with a seed: the same inputs in every run, on a stable compiler.
//!
//!     cargo run --release --example mutate -- texts|pdfs|queries [--seed N] [--inputs N] [--seconds N] [--from N]
//!
//! Takes letters of the sample corpus, or queries of the test suite's kind, changes them at random, and checks what
//! must hold of whatever is read (`fuzz/checks.rs`) or answered. A failing input is printed by its number:
//! `--from N --inputs 1` runs it again. `.ci/run mutate` runs some thousands of each.
//!
//! PDFs are read in worker processes, as in a real run: one that ends its worker, or keeps it for longer than five
//! seconds, is refused with a reason, and the next one is read all the same.

#![allow(clippy::print_stdout)]

#[path = "../fuzz/checks.rs"]
mod checks;
#[allow(dead_code)]
#[path = "generate/random.rs"]
mod random;

use checks::documents_hold_together;
use imr::corpus::{self, Limits};
use imr::index::{Index, Ingest, IngestOptions, Progress};
use imr::search::{Engine, Request};
use random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A piece of so many bytes, at most as long as that.
fn piece(random: &mut Random, length: usize, longest: usize) -> std::ops::Range<usize> {
    let from = random.below(length + 1);
    from..(from + random.below(longest)).min(length)
}

/// Pieces that letters, PDFs and queries are made of.
const PIECES: [&str; 44] = [
    "\n",
    "\n\n",
    "\u{c}",
    "\r",
    "\0",
    "\t",
    ": Upheld\n",
    ": Overturned\n",
    " is not medically necessary and appropriate.",
    "MAXIMUS guideline: ",
    "Claims Administrator guideline: ",
    "Decision rationale: ",
    "Case Number: CM15-0900001\n",
    "Decision based on MTUS ",
    "page(s) 1-4294967295",
    "page 78",
    "#99999999999",
    "2 x 6",
    "01/02/2015",
    "13/45/2015",
    "(",
    ")",
    "\u{ad}",
    "\u{202e}",
    "\u{1f600}",
    "\u{fffd}",
    " obj ",
    " endobj ",
    "stream\n",
    "endstream",
    "<<",
    ">>",
    "/Length 99999999",
    "/Filter/FlateDecode",
    "1 0 R",
    "\"",
    " OR ",
    " NOT ",
    "-",
    "*",
    "drug:",
    "w/5 ",
    "age:40..",
    "~3",
];

/// Changes an input in one to eight places.
fn mutate(random: &mut Random, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.below(256) as u8,
            2 => {
                let range = piece(random, input.len(), 400);
                input.drain(range);
            }
            3 => {
                let range = piece(random, input.len(), 400);
                let copy = input[range].to_vec();
                input.splice(at..at, copy);
            }
            4 => {
                let range = piece(random, other.len(), 400);
                input.splice(at..at, other[range].to_vec());
            }
            5 => {
                let many = if random.below(20) == 0 { 2000 } else { 1 };
                let piece = PIECES[random.below(PIECES.len())].repeat(many);
                input.splice(at..at, piece.into_bytes());
            }
            6 => input.truncate(at.max(input.len() / 2)),
            _ => {
                let (a, b) = (
                    piece(random, input.len(), 60),
                    piece(random, input.len(), 60),
                );
                if a.end <= b.start {
                    let (first, last) = (input[a.clone()].to_vec(), input[b.clone()].to_vec());
                    input.splice(b, first);
                    input.splice(a, last);
                }
            }
        }
        input.truncate(400 << 10);
    }
    input
}

/// Files of the sample corpus with an extension, in order.
fn files(extension: &str) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, paths);
            } else {
                paths.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-corpus")),
        &mut paths,
    );
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

const QUERIES: [&str; 10] = [
    "norco",
    "lumbar mri overturned",
    "\"physical therapy\" -drug:opi*",
    "(knee OR shoulder) AND NOT surgery",
    "age:40..60 taper*",
    "page:78 \"functional improvement\"~3",
    "drug:norco decision:upheld",
    "CM15-0900101",
    "acupuncture w/5 pain",
    "year:2014..2016 body:knee",
];

/// The most characters of a query that is read.
const LONGEST_QUERY: usize = 2000;

fn engine() -> Engine {
    let folder = std::env::temp_dir().join(format!("imr-mutate-{}", std::process::id()));
    let index = Index::open_or_create(&folder).expect("an index can be made");
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/sample-corpus"));
    let ingest = Ingest::new(&index, IngestOptions::default());
    ingest
        .run(&[corpus], &Progress::default())
        .expect("the letters are indexed");
    let engine = Engine::open(&folder).expect("the index opens");
    // The files stay open.
    let _ = std::fs::remove_dir_all(&folder);
    engine
}

fn ask(engine: &Engine, query: &str) {
    let answer = |query: &str| {
        let request = Request {
            query: query.to_string(),
            limit: 3,
            snippets: true,
            ..Request::default()
        };
        engine.search(&request)
    };
    match answer(query) {
        // Written out in full ("CM15 0900101" as "case:CM15-0900101"), a query of almost as many characters as are
        // allowed can have more.
        Ok(response) if response.understood.chars().count() > LONGEST_QUERY => {}
        Ok(response) => {
            let again = answer(&response.understood).expect("what was understood can be asked");
            let counts = (response.letters, response.items);
            assert_eq!((again.letters, again.items), counts, "{query:?}");
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error}"),
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_default();
    if kind == corpus::WORKER_COMMAND {
        return corpus::serve_as_worker();
    }
    corpus::use_workers(corpus::WorkerOptions {
        time: Duration::from_secs(5),
        ..corpus::WorkerOptions::default()
    });
    let (mut seed, mut inputs, mut seconds, mut from) = (2026, u64::MAX, u64::MAX, 0);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        let value: u64 = value.parse().expect("a number");
        match name.as_str() {
            "--seed" => seed = value,
            "--inputs" => inputs = value,
            "--seconds" => seconds = value,
            "--from" => from = value,
            _ => panic!("there is no option {name}"),
        }
    }
    if inputs == u64::MAX && seconds == u64::MAX {
        seconds = 60;
    }
    let (bases, engine) = match kind.as_str() {
        "texts" => (files("txt"), None),
        "pdfs" => (files("pdf"), None),
        "queries" => (
            QUERIES.map(|query| query.as_bytes().to_vec()).into(),
            Some(engine()),
        ),
        _ => {
            println!(
                "usage: mutate texts|pdfs|queries [--seed N] [--inputs N] [--seconds N] [--from N]"
            );
            return ExitCode::from(2);
        }
    };
    let check = |input: Vec<u8>| match &engine {
        Some(engine) => ask(engine, &String::from_utf8_lossy(&input)),
        None => {
            if let Ok(text) = corpus::decode(input, Limits::of_letter(2 << 20)) {
                documents_hold_together(&text);
            }
        }
    };
    // What a failing input does is shown where it runs alone.
    if inputs > 1 {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let begun = Instant::now();
    let (mut number, mut failed, mut slowest) = (from, 0_u64, Duration::ZERO);
    while number - from < inputs && begun.elapsed() < Duration::from_secs(seconds.min(1 << 30)) {
        let mut random = Random::new(seed, number);
        let base = bases[random.below(bases.len())].clone();
        let other = &bases[random.below(bases.len())];
        let input = mutate(&mut random, base, other);
        let one = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| check(input))).is_err() {
            failed += 1;
            println!(
                "{kind}: input {number} of seed {seed} fails: --seed {seed} --from {number} --inputs 1"
            );
        }
        slowest = slowest.max(one.elapsed());
        number += 1;
    }
    let count = number - from;
    println!(
        "{kind}: {count} inputs of seed {seed}, {failed} failed, slowest {} ms, {:.0} s",
        slowest.as_millis(),
        begun.elapsed().as_secs_f64()
    );
    ExitCode::from(u8::from(failed > 0))
}
