//! How fast letters are read: `letter::read` on one core, over letters that are in memory, beside
//! a scan that only finds where the sections begin.
//!
//! `extract CORPUS_DIR`

use imr_benches::{Outcome, corpus_argument, paths, texts};
use memchr::memmem::Finder;
use std::hint::black_box;
use std::time::Instant;

/// The headings that the scan looks for.
const HEADINGS: [&str; 6] = [
    "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "DOCUMENTS REVIEWED",
    "CLINICAL CASE SUMMARY",
    "IMR ISSUES, DECISIONS AND RATIONALES",
    "IMR DECISION(S) AND RATIONALE(S)",
    "Decision rationale:",
];

fn main() -> Outcome {
    let letters = texts(&paths(&corpus_argument()?))?;
    let bytes: usize = letters.iter().map(String::len).sum();
    let megabytes = bytes as f64 / 1e6;
    println!("{} letters, {megabytes:.1} MB, one core", letters.len());

    let finders: Vec<Finder> = HEADINGS.iter().map(Finder::new).collect();
    let start = Instant::now();
    let mut found = 0;
    for letter in &letters {
        for finder in &finders {
            found += finder.find_iter(black_box(letter.as_bytes())).count();
        }
    }
    let scan = start.elapsed().as_secs_f64();
    println!(
        "headings only   {:8.1} MB/s   {:8.0} letters/s   {found} found",
        megabytes / scan,
        letters.len() as f64 / scan
    );

    // The tables are loaded before the clock runs.
    for letter in letters.iter().take(100) {
        black_box(imr::letter::read(letter));
    }
    let start = Instant::now();
    let mut items = 0;
    for letter in &letters {
        items += imr::letter::read(black_box(letter)).items.len();
    }
    let read = start.elapsed().as_secs_f64();
    println!(
        "letter::read    {:8.1} MB/s   {:8.0} letters/s   {items} items",
        megabytes / read,
        letters.len() as f64 / read
    );
    println!("the scan is {:.1} times as fast", read / scan);
    Ok(())
}
