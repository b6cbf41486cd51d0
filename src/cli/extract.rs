//! `imr extract`: the record of each letter, without an index.

use super::against::Against;
use super::args::MaxLetter;
use super::{ERROR, FOUND, Failure};
use crate::corpus::{self, INSIDE, Limits, Member, MemberOptions, ReadError, Source};
use crate::letter::{self, Record};
use rayon::prelude::*;
use std::io::{Read, Write};
use std::path::PathBuf;

/// Prints what letters say: one JSON object a line, with the keys of docs/json.md.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr extract letter.pdf                 one letter
  imr extract letters/ > records.jsonl   every letter below a folder
  pdftotext letter.pdf - | imr extract - standard input
  imr extract letters/ --against records.jsonl   what reads differently now

Letters that cannot be read are told on standard error; the rest goes on.
Exit code 2 only when none could be read; with --against, 1 when anything differs.")]
pub struct Args {
    /// Letters (PDF or text), folders, archives or JSONL of them, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    max_letter: MaxLetter,
    /// Compare with records printed before, field by field, instead of printing records
    #[arg(long, value_name = "RECORDS.jsonl")]
    against: Option<PathBuf>,
    /// Differences shown of each field
    #[arg(long, value_name = "N", default_value_t = 2, requires = "against")]
    examples: usize,
}

/// Letters read in one go, before their records are printed in order.
const CHUNK: usize = 512;
/// And bytes of letters out of an archive.
const CHUNK_BYTES: usize = 16 << 20;

pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let (stdin, paths): (Vec<_>, Vec<_>) = args
        .files
        .iter()
        .cloned()
        .partition(|p| p.as_os_str() == "-");
    // Should there be threads already, they serve too.
    let threads = rayon::ThreadPoolBuilder::new().stack_size(corpus::STACK);
    let _ = threads.build_global();
    let against = args.against.as_deref();
    let against = against.map(|path| Against::open(path, args.examples));
    let mut count = Count {
        against: against.transpose()?,
        ..Count::default()
    };
    let limits = args.max_letter.limits();
    if !stdin.is_empty() {
        let mut bytes = Vec::new();
        let limit = limits.letter();
        let read = std::io::stdin()
            .lock()
            .take(limit + 1)
            .read_to_end(&mut bytes);
        let text = match read {
            Err(e) => Err(ReadError::Io(corpus::io_reason(&e))),
            Ok(_) if bytes.len() as u64 > limit => Err(ReadError::TooLarge(limit)),
            Ok(_) => rayon::scope(|_| corpus::decode(bytes, limits)),
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
        count.print(out, &corpus::shown(&problem.0), Err(problem.1.clone()))?;
    }
    let (archives, files): (Vec<_>, Vec<_>) =
        walk.sources.iter().partition(|s| s.kind.is_container());
    for chunk in files.chunks(CHUNK) {
        let read = |source: &&Source| {
            let text = corpus::read(&source.path, limits);
            (source.key.clone(), text)
        };
        count.print_all(out, chunk.par_iter().map(read))?;
    }
    for archive in archives {
        count.archive(out, archive, limits)?;
    }
    if count.read == 0 && count.failed == 0 {
        return Err(Failure::Other(
            "no letter was found there (.pdf, .txt, or files without extension)".into(),
        ));
    }
    if count.read == 0 {
        return Ok(ERROR);
    }
    match count.against {
        Some(against) => against.print(out),
        None => Ok(FOUND),
    }
}

fn line(name: &str, text: &str) -> Result<String, String> {
    let letter = letter::read(text);
    if !letter::looks_like_a_letter(&letter) {
        return Err("is no determination letter".into());
    }
    let json = serde_json::to_string(&Record::new(&letter, name)).map_err(|e| e.to_string())?;
    Ok(corpus::harmless_json(json))
}

#[derive(Default)]
struct Count {
    read: usize,
    failed: usize,
    /// What records are compared with instead of being printed.
    against: Option<Against>,
}

impl Count {
    /// Prints the records of texts that are read and parsed side by side, in their order.
    fn print_all(
        &mut self,
        out: &mut dyn Write,
        texts: impl IndexedParallelIterator<Item = (String, Result<String, ReadError>)>,
    ) -> Result<(), Failure> {
        let lines: Vec<_> = texts
            .map(|(key, text)| {
                let name = corpus::shown(&key);
                let line = text
                    .map_err(|e| e.to_string())
                    .and_then(|text| line(corpus::relative(&key), &text));
                (name.into_owned(), line)
            })
            .collect();
        for (name, line) in lines {
            self.print(out, &name, line)?;
        }
        Ok(())
    }

    /// Prints the records of an archive's members.
    fn archive(
        &mut self,
        out: &mut dyn Write,
        archive: &Source,
        limits: Limits,
    ) -> Result<(), Failure> {
        let options = MemberOptions {
            limits,
            ..MemberOptions::default()
        };
        let mut printed = Ok(());
        let mut chunk: Vec<Member> = Vec::new();
        let mut bytes = 0;
        let name = |member: &Member| format!("{}{INSIDE}{}", archive.key, member.name);
        let told = corpus::members(archive, &options, &mut |member| {
            bytes += member.bytes.as_ref().map_or(0, Vec::len);
            chunk.push(member);
            if chunk.len() >= CHUNK || bytes >= CHUNK_BYTES {
                bytes = 0;
                let texts = std::mem::take(&mut chunk).into_par_iter();
                let texts = texts.map(|m| {
                    (
                        name(&m),
                        m.bytes.and_then(|bytes| corpus::decode(bytes, limits)),
                    )
                });
                printed = self.print_all(out, texts);
            }
            printed.is_ok()
        });
        printed?;
        let texts = chunk.into_par_iter();
        self.print_all(
            out,
            texts.map(|m| {
                (
                    name(&m),
                    m.bytes.and_then(|bytes| corpus::decode(bytes, limits)),
                )
            }),
        )?;
        match told.failure {
            Some(reason) => self.print(out, &corpus::shown(&archive.key), Err(reason)),
            None => Ok(()),
        }
    }

    fn print(
        &mut self,
        out: &mut dyn Write,
        name: &str,
        line: Result<String, String>,
    ) -> Result<(), Failure> {
        match line {
            Ok(line) => {
                self.read += 1;
                match &mut self.against {
                    Some(against) => against.add(name, &line)?,
                    None => writeln!(out, "{line}")?,
                }
            }
            Err(reason) => {
                self.failed += 1;
                anstream::eprintln!("imr: {name} {}", corpus::harmless(&reason));
            }
        }
        Ok(())
    }
}
