//! `imr export`: every hit, to a file.

use super::args::{IndexArg, QueryArgs};
use super::{FOUND, Failure, NOTHING, render};
use crate::export::{By, Format, Writer};
use crate::search::{Engine, Request};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes every hit of a search: the same letters and items that `imr search` counts, in its order.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr export --drug norco --decision overturned -o norco.csv
  imr export \"lumbar mri\" --by letter --format csv > letters.csv
  imr export --year 2016 --format jsonl | jq .request

The query language is that of `imr search --help`.
CSV is UTF-8 with a mark that spreadsheets know; a cell that a spreadsheet would run as a
formula (= + - @ at its beginning) gets an apostrophe before it.")]
pub struct Args {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    index: IndexArg,
    /// csv or jsonl [default: by the ending of -o, else csv]
    #[arg(
        long,
        value_name = "NAME",
        hide_possible_values = true,
        help_heading = "Options"
    )]
    format: Option<Format>,
    /// One row an item, or one a letter
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "item",
        hide_possible_values = true,
        help_heading = "Options"
    )]
    by: By,
    /// The file; standard output without it
    #[arg(long, short, value_name = "FILE", help_heading = "Options")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, help_heading = "Options")]
    force: bool,
    /// At most so many letters
    #[arg(long, short = 'n', value_name = "N", help_heading = "Options")]
    limit: Option<usize>,
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let format = match (&args.format, &args.output) {
        (Some(format), _) => *format,
        (None, Some(path)) => by_ending(path)?,
        (None, None) => Format::Csv,
    };
    if let Some(path) = &args.output
        && path.exists()
        && !args.force
    {
        return Err(Failure::Other(format!(
            "{} is there already: --force overwrites it",
            path.display()
        )));
    }
    let engine = Engine::open(&args.index.index)?;
    let request = Request {
        limit: args.limit.unwrap_or(usize::MAX),
        ..args.query.request()
    };
    let ranked = engine.ranked(&request)?;
    let write = |out: &mut dyn Write| -> Result<usize, Failure> {
        let mut writer = Writer::new(out, format, args.by)?;
        for found in &ranked.found {
            writer.hit(&engine.load(&ranked, found, &request)?)?;
        }
        Ok(writer.finish()?)
    };
    let rows = match &args.output {
        None => write(out)?,
        Some(path) => {
            // Written beside and renamed: the file is whole or not there.
            let beside = beside(path);
            let file = std::fs::File::create(&beside).map_err(|e| unwritable(&beside, &e))?;
            let mut file = BufWriter::new(file);
            let rows = write(&mut file).and_then(|rows| {
                file.flush()?;
                Ok(rows)
            });
            let renamed = rows.and_then(|rows| {
                std::fs::rename(&beside, path).map_err(|e| unwritable(path, &e))?;
                Ok(rows)
            });
            if renamed.is_err() {
                let _ = std::fs::remove_file(&beside);
            }
            renamed?
        }
    };
    if let Some(path) = &args.output {
        anstream::eprintln!(
            "{} of {} in {}",
            render::count(rows, "row"),
            render::count(ranked.len(), "letter"),
            path.display()
        );
    }
    Ok(if ranked.is_empty() { NOTHING } else { FOUND })
}

fn by_ending(path: &Path) -> Result<Format, Failure> {
    match path
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .as_deref()
    {
        Some("csv") => Ok(Format::Csv),
        Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
        _ => Err(Failure::Other(format!(
            "the ending of {} tells no format: name one with --format (csv, jsonl)",
            path.display()
        ))),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!(
        "{} cannot be written: {}",
        path.display(),
        crate::corpus::io_reason(error)
    ))
}
