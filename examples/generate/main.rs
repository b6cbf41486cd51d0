//! Writes fictitious letters, as many as wanted, to measure on: the same for the same seed.
//!
//! ```text
//! cargo run --release --example generate -- OUT_DIR --letters N --seed S [--jsonl]
//! ```
//!
//! One file a letter in subfolders of a thousand, or with `--jsonl` one `letters.jsonl` of
//! `{"id", "text"}`. Nobody in them exists, and no sentence of a real letter is in them. At the
//! end some letters are read back, and it says how many read as they were written.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod case;
mod letter;
mod phrases;
mod random;
mod tables;

use letter::{Letter, Writer};
use rayon::prelude::*;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: generate OUT_DIR --letters N --seed S [--jsonl]";
/// Letters a subfolder.
const FOLDER: usize = 1000;
/// Letters that are read back at most.
const CHECKED: usize = 1000;

/// What was asked for.
struct Args {
    out: PathBuf,
    letters: usize,
    seed: u64,
    jsonl: bool,
}

fn main() -> ExitCode {
    let done = args()
        .map_err(|reason| format!("{reason}\n{USAGE}").into())
        .and_then(|args| run(&args));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    std::fs::create_dir_all(&args.out)?;
    let writer = Writer::new();
    let bytes = if args.jsonl {
        one_file(&writer, args)?
    } else {
        folders(&writer, args)?
    };
    println!(
        "{} letters, {:.1} MB, {:.0} bytes each, in {:.1} s",
        args.letters,
        bytes as f64 / 1e6,
        bytes as f64 / args.letters.max(1) as f64,
        start.elapsed().as_secs_f64()
    );
    check(&writer, args);
    Ok(())
}

fn args() -> Result<Args, String> {
    let mut args = Args {
        out: PathBuf::new(),
        letters: 1000,
        seed: 1,
        jsonl: false,
    };
    let mut given = std::env::args().skip(1);
    while let Some(arg) = given.next() {
        let mut number = || {
            let value = given.next().unwrap_or_default();
            value
                .parse()
                .map_err(|_| format!("{arg} wants a number, not '{value}'"))
        };
        match arg.as_str() {
            "--letters" => args.letters = number()? as usize,
            "--seed" => args.seed = number()?,
            "--jsonl" => args.jsonl = true,
            _ if arg.starts_with('-') || !args.out.as_os_str().is_empty() => {
                return Err(format!("what is '{arg}'?"));
            }
            _ => args.out = PathBuf::from(arg),
        }
    }
    if args.out.as_os_str().is_empty() {
        return Err("where to?".to_string());
    }
    Ok(args)
}

/// Writes a file a letter; returns the bytes.
fn folders(writer: &Writer, args: &Args) -> std::io::Result<usize> {
    (0..args.letters.div_ceil(FOLDER))
        .into_par_iter()
        .map(|folder| {
            let path = args.out.join(format!("{folder:04}"));
            std::fs::create_dir_all(&path)?;
            let first = folder * FOLDER;
            let mut bytes = 0;
            for number in first..args.letters.min(first + FOLDER) {
                let letter = writer.letter(args.seed, number);
                bytes += letter.text.len();
                write(&path, &letter)?;
            }
            Ok(bytes)
        })
        .try_reduce(|| 0, |a, b| Ok(a + b))
}

fn write(folder: &Path, letter: &Letter) -> std::io::Result<()> {
    std::fs::write(
        folder.join(format!("{}.txt", letter.case_number)),
        &letter.text,
    )
}

/// Writes one JSONL file; returns the bytes of the texts.
fn one_file(writer: &Writer, args: &Args) -> std::io::Result<usize> {
    let file = std::fs::File::create(args.out.join("letters.jsonl"))?;
    let mut file = std::io::BufWriter::new(file);
    let mut bytes = 0;
    for first in (0..args.letters).step_by(FOLDER) {
        let numbers = first..args.letters.min(first + FOLDER);
        let letters: Vec<Letter> = numbers
            .into_par_iter()
            .map(|number| writer.letter(args.seed, number))
            .collect();
        for letter in letters {
            bytes += letter.text.len();
            let line = serde_json::json!({"id": letter.case_number, "text": letter.text});
            writeln!(file, "{line}")?;
        }
    }
    file.flush()?;
    Ok(bytes)
}

/// Reads some of the letters with the library and says how many come out as they went in.
fn check(writer: &Writer, args: &Args) {
    let step = args.letters.div_ceil(CHECKED).max(1);
    let (mut letters, mut decisions, mut whole, mut items, mut overturned) = (0, 0, 0, 0, 0);
    for number in (0..args.letters).step_by(step) {
        let made = writer.letter(args.seed, number);
        let read = imr::letter::read(&made.text);
        let found: Vec<(String, Option<bool>)> = read
            .items
            .into_iter()
            .map(|item| {
                let decision = item
                    .decision
                    .map(|d| d == imr::letter::Decision::Overturned);
                (item.request, decision)
            })
            .collect();
        let same = |with_requests: bool| {
            found.len() == made.items.len()
                && found.iter().zip(&made.items).all(|(found, made)| {
                    found.1 == Some(made.1) && (!with_requests || found.0 == made.0)
                })
        };
        letters += 1;
        decisions += usize::from(same(false));
        whole += usize::from(same(true));
        items += made.items.len();
        overturned += made.items.iter().filter(|item| item.1).count();
        if !same(false) {
            println!("{} is not read as it was written", made.case_number);
        }
    }
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!(
        "read back {letters}: {:.1}% have their items and decisions, {:.1}% also every request \
         to the letter; {:.2} items a letter, {:.1}% of them overturned",
        percent(decisions, letters),
        percent(whole, letters),
        items as f64 / letters.max(1) as f64,
        percent(overturned, items)
    );
}
