//! `imr extract`: the record of each letter, without an index.

use super::{ERROR, FOUND, Failure};
use crate::corpus::{self, ReadError};
use crate::letter::{self, Record};
use rayon::prelude::*;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Prints what letters say: one JSON object a line, with the keys of docs/json.md.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr extract letter.pdf                 one letter
  imr extract letters/ > records.jsonl   every letter below a folder
  pdftotext letter.pdf - | imr extract - standard input

Letters that cannot be read are told on standard error; the rest goes on.
Exit code 2 only when none could be read.")]
pub struct Args {
    /// Letters (PDF or text), folders of them, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read letters up to so many megabytes
    #[arg(long, value_name = "MB", default_value_t = 32)]
    max_letter: u64,
}

/// Letters read in one go, before their records are printed in order.
const CHUNK: usize = 512;

pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let (stdin, paths): (Vec<_>, Vec<_>) = args
        .files
        .iter()
        .cloned()
        .partition(|p| p.as_os_str() == "-");
    let mut count = Count::default();
    if !stdin.is_empty() {
        let mut bytes = Vec::new();
        let limit = args.max_letter << 20;
        let read = std::io::stdin()
            .lock()
            .take(limit + 1)
            .read_to_end(&mut bytes);
        let text = match read {
            Err(e) => Err(ReadError::Io(corpus::io_reason(&e))),
            Ok(_) if bytes.len() as u64 > limit => Err(ReadError::TooLarge(limit)),
            Ok(_) => corpus::decode(bytes),
        };
        count.print(
            out,
            "-",
            text.map_err(|e| e.to_string())
                .and_then(|text| line("-", &text)),
        )?;
    }
    let walk = corpus::walk(&paths);
    for problem in &walk.problems {
        count.print(
            out,
            &problem.path.to_string_lossy(),
            Err(problem.reason.clone()),
        )?;
    }
    for chunk in walk.sources.chunks(CHUNK) {
        let lines: Vec<_> = chunk
            .par_iter()
            .map(|source| read(&source.path, &source.name, args.max_letter << 20))
            .collect();
        for (source, line) in chunk.iter().zip(lines) {
            count.print(out, &source.name, line)?;
        }
    }
    if count.read == 0 && count.failed == 0 {
        return Err(Failure::Other(
            "no letter was found there (.pdf, .txt, or files without extension)".into(),
        ));
    }
    Ok(if count.read == 0 { ERROR } else { FOUND })
}

fn read(path: &Path, name: &str, limit: u64) -> Result<String, String> {
    let text = corpus::read(path, limit).map_err(|e| e.to_string())?;
    line(name, &text)
}

fn line(name: &str, text: &str) -> Result<String, String> {
    let letter = letter::read(text);
    if !letter::looks_like_a_letter(&letter) {
        return Err("is no determination letter".into());
    }
    serde_json::to_string(&Record::new(&letter, name)).map_err(|e| e.to_string())
}

#[derive(Default)]
struct Count {
    read: usize,
    failed: usize,
}

impl Count {
    fn print(
        &mut self,
        out: &mut dyn Write,
        name: &str,
        line: Result<String, String>,
    ) -> Result<(), Failure> {
        match line {
            Ok(line) => {
                self.read += 1;
                writeln!(out, "{line}")?;
            }
            Err(reason) => {
                self.failed += 1;
                anstream::eprintln!("imr: {name} {reason}");
            }
        }
        Ok(())
    }
}
