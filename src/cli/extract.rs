//! `imr extract`: the record of each letter, without an index.

use super::against::EarlierRecords;
use super::args::{MaxLetter, SourceArgs};
use super::{ERROR, FOUND, Failure, hints};
use crate::corpus::{self, INSIDE, Limits, Member, MemberOptions, Ocr, ReadError, Source};
use crate::letter::{self, Documents, Record};
use rayon::prelude::*;
use std::io::{Read, Write};
use std::path::PathBuf;

/// Prints what letters say: one JSON object a line, with the keys of docs/json.md.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr extract letter.pdf                     one letter
  imr extract letters/ > records.jsonl       every letter in a folder
  pdftotext letter.pdf - | imr extract -     standard input
  imr extract letters/ --against records.jsonl
                                             what is read differently now

Letters that cannot be read are reported on standard error.
Exit codes: 0 done, 1 something differs (--against), 2 no letter could be read.")]
pub(super) struct Args {
    /// Files, folders, archives or JSON Lines; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    max_letter: MaxLetter,
    #[command(flatten)]
    sources: SourceArgs,
    /// Compare with the records of an earlier run, field by field, instead of printing records
    #[arg(long, value_name = "RECORDS.jsonl")]
    against: Option<PathBuf>,
    /// Number of differences shown for each field
    #[arg(long, value_name = "N", default_value_t = 2, requires = "against")]
    examples: usize,
}

/// Letters read in one go, before their records are printed in order.
const CHUNK: usize = 512;
/// And those of them whose PDFs go to a worker process together.
const TOGETHER: usize = 32;
/// And bytes of letters out of an archive.
const CHUNK_BYTES: usize = 16 << 20;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let (stdin, paths): (Vec<_>, Vec<_>) = args
        .files
        .iter()
        .cloned()
        .partition(|p| p.as_os_str() == "-");
    // Should there be threads already, they serve too.
    let threads = rayon::ThreadPoolBuilder::new().stack_size(corpus::STACK);
    let _ = threads.build_global();
    corpus::preload(letter::table_loaders());
    let against = args.against.as_deref();
    let against = against.map(|path| EarlierRecords::open(path, args.examples));
    let mut count = Count {
        against: against.transpose()?,
        ..Count::default()
    };
    let limits = args.max_letter.limits();
    let members = args.sources.members(limits);
    count.other = args.sources.other;
    count.ocr = args.sources.ocr(None)?;
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
            Ok(_) => rayon::scope(|_| corpus::decode_scans(bytes, limits, count.ocr.as_ref())),
        };
        let text = text.map_err(|e| e.to_string());
        count.print(out, extracted("-", text, count.other))?;
    }
    let walk = corpus::walk(&paths);
    for problem in &walk.problems {
        let problem = extracted(&problem.0, Err(problem.1.clone()), false);
        count.print(out, problem)?;
    }
    let (archives, files): (Vec<_>, Vec<_>) =
        walk.sources.iter().partition(|s| s.kind.is_container());
    for chunk in files.chunks(CHUNK) {
        let load = |source: &&Source| {
            let bytes = corpus::load(&source.path, limits);
            (source.key.clone(), bytes)
        };
        let loaded = chunk.par_chunks(TOGETHER);
        let loaded = loaded.map(|sources| sources.iter().map(load).collect());
        count.print_all(out, loaded, limits)?;
    }
    for archive in archives {
        count.archive(out, archive, &members)?;
    }
    if count.read == 0 && count.failed == 0 {
        return Err(Failure::Other(
            "no letters were found (imr reads .pdf, .txt, and files without an extension)".into(),
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

/// What a file gives: the records of its letters, each under its name, and what is to be said of the
/// file beside.
struct FileRecords {
    name: String,
    lines: Result<Vec<(String, String)>, String>,
    note: Option<String>,
}

/// The name of a letter and its bytes, or why they could not be read.
type Loaded = (String, Result<Vec<u8>, ReadError>);

/// The texts of letters, in their order.
fn texts(
    letters: Vec<Loaded>,
    limits: Limits,
    ocr: Option<&Ocr>,
) -> Vec<(String, Result<String, ReadError>)> {
    let mut loaded = Vec::with_capacity(letters.len());
    let mut names = Vec::with_capacity(letters.len());
    for (name, bytes) in letters {
        names.push((name, bytes.map(|bytes| loaded.push(bytes))));
    }
    let mut texts = corpus::decode_all(loaded, limits, ocr).into_iter();
    let text = |(name, read): (String, Result<(), ReadError>)| {
        let text = read.and_then(|()| texts.next().unwrap_or(Err(ReadError::Empty)));
        (name, text)
    };
    names.into_iter().map(text).collect()
}

fn extracted(key: &str, text: Result<String, String>, other: bool) -> FileRecords {
    records(key, text.map(|text| letter::documents(&text)), other)
}

fn records(key: &str, documents: Result<Documents, String>, other: bool) -> FileRecords {
    let file = corpus::relative(key);
    let documents = documents.map(|documents| {
        if other {
            documents.with_others()
        } else {
            documents
        }
    });
    let note = documents.as_ref().ok().and_then(Documents::note);
    let lines = documents.and_then(|documents| {
        if documents.letters.is_empty() {
            return Err(documents.refusal());
        }
        let line = |part: letter::Part| {
            let name = match &part.name {
                Some(inside) => format!("{file}{INSIDE}{inside}"),
                None => file.to_string(),
            };
            let line = serde_json::to_string(&Record::new(&part.letter, &name));
            let line = line.map_err(|e| e.to_string())?;
            Ok((name, corpus::harmless_json(line)))
        };
        documents.letters.into_iter().map(line).collect()
    });
    FileRecords {
        name: corpus::shown(key).into_owned(),
        lines,
        note,
    }
}

#[derive(Default)]
struct Count {
    read: usize,
    failed: usize,
    /// Whether documents that are not letters are printed, too.
    other: bool,
    /// What reads scans, if they are to be read.
    ocr: Option<Ocr>,
    /// What records are compared with instead of being printed.
    against: Option<EarlierRecords>,
}

impl Count {
    /// Prints the records of letters that are read and parsed side by side, some together, in their order.
    fn print_all(
        &mut self,
        out: &mut dyn Write,
        letters: impl ParallelIterator<Item = Vec<Loaded>>,
        limits: Limits,
    ) -> Result<(), Failure> {
        let (other, ocr) = (self.other, self.ocr.as_ref());
        let extracted = letters.flat_map_iter(|letters| {
            let texts = texts(letters, limits, ocr);
            let read = texts.iter().filter_map(|(_, text)| text.as_deref().ok());
            let mut documents = letter::documents_of(read).into_iter();
            texts.into_iter().map(move |(key, text)| {
                let documents = text.map(|_| documents.next().unwrap_or_default());
                records(&key, documents.map_err(|e| e.to_string()), other)
            })
        });
        let extracted: Vec<FileRecords> = extracted.collect();
        for extracted in extracted {
            self.print(out, extracted)?;
        }
        Ok(())
    }

    /// Prints the records of an archive's members.
    fn archive(
        &mut self,
        out: &mut dyn Write,
        archive: &Source,
        options: &MemberOptions,
    ) -> Result<(), Failure> {
        let limits = options.limits;
        let mut printed = Ok(());
        let mut chunk: Vec<Member> = Vec::new();
        let mut bytes = 0;
        let loaded = |member: Member| {
            let name = format!("{}{INSIDE}{}", archive.key, member.name);
            (name, member.bytes)
        };
        let together = |chunk: Vec<Member>| {
            let chunk = chunk.into_par_iter().chunks(TOGETHER);
            chunk.map(|members| members.into_iter().map(loaded).collect())
        };
        let told = corpus::members(archive, options, &mut |member| {
            bytes += member.bytes.as_ref().map_or(0, Vec::len);
            chunk.push(member);
            if chunk.len() >= CHUNK || bytes >= CHUNK_BYTES {
                bytes = 0;
                let chunk = std::mem::take(&mut chunk);
                printed = self.print_all(out, together(chunk), limits);
            }
            printed.is_ok()
        });
        printed?;
        self.print_all(out, together(chunk), limits)?;
        match told.failure {
            Some(reason) => self.print(out, extracted(&archive.key, Err(reason), false)),
            None => Ok(()),
        }
    }

    fn print(&mut self, out: &mut dyn Write, extracted: FileRecords) -> Result<(), Failure> {
        let name = &extracted.name;
        if let Some(note) = &extracted.note {
            say!("imr: {name} {note}");
        }
        match extracted.lines {
            Ok(lines) => {
                for (name, line) in lines {
                    self.read += 1;
                    match &mut self.against {
                        Some(against) => against.add(&name, &line)?,
                        None => writeln!(out, "{line}")?,
                    }
                }
            }
            Err(reason) => {
                self.failed += 1;
                let reason = hints::of_source(&reason);
                say!("imr: {name} {}", corpus::harmless(&reason));
            }
        }
        Ok(())
    }
}
