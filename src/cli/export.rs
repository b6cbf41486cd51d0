//! `imr export`: every hit, to a file or into a pipe.

use super::args::{QueryArgs, SearchedArg};
use super::meter::Meter;
use super::suggested::SuggestedValues;
use super::target::{Target, is_there, unwritable};
use super::terminal::TerminalWriter;
use super::{FOUND, Failure, NOTHING, render};
use crate::export::{self, Export, ExportError, ExportSummary, Format, METADATA_ENDING, RowLevel};
use crate::search::Request;
use crate::vocabulary::nearest;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Writes every hit of a search: the same letters and items that `imr search` counts, in its order.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr export --drug norco --decision overturned -o norco.xlsx
  imr export lumbar mri --by letter --columns case_number,outcome > mri.csv
  imr export --year 2016 --format jsonl | jq .request
  imr export \"functional improvement\" --passages 5 -o brief.html
  imr export -o letters.sqlite
  imr export --columns all -o items.parquet
  imr export --columns help

Tables: csv, tsv, jsonl, xlsx, parquet. Database: sqlite (letters, items,
drugs, citations, reasons). Briefs: md, html, docx (the question, a table of
the items, and the passages that matter). A CSV or TSV file begins with the
byte-order mark that spreadsheets expect; in a pipe there is none. A cell that
a spreadsheet would run as a formula gets an apostrophe in front.

Exit codes: 0 found, 1 nothing found, 2 error.")]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    index: SearchedArg,
    /// Format: csv, tsv, jsonl, xlsx, parquet, sqlite, md, html or docx [default: from the
    /// extension of -o, otherwise csv]
    #[arg(
        long,
        value_name = "NAME",
        hide_possible_values = true,
        ignore_case = true
    )]
    format: Option<Format>,
    /// One row per item, or one per letter: item or letter
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "item",
        hide_possible_values = true
    )]
    by: RowLevel,
    /// Columns, in order, separated by commas; `all` has every column, `help` lists them
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = SuggestedValues::COLUMNS,
        hide_possible_values = true
    )]
    columns: Option<Vec<String>>,
    /// Number of letters that a brief quotes [default: 10]
    #[arg(long, value_name = "N")]
    passages: Option<usize>,
    /// File to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    /// Maximum number of letters
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
}

/// Bytes gathered before they are written to a pipe.
const BUFFER: usize = 256 << 10;
/// Letters that a brief quotes.
const PASSAGES: usize = 10;
/// A brief quotes no more letters.
const MOST_PASSAGES: usize = 1_000;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let columns = match &args.columns {
        Some(names) if names.iter().any(|name| name.trim() == "help") => {
            help(out, args.by)?;
            return Ok(FOUND);
        }
        Some(names) => {
            let chosen = export::chosen(names.iter().map(String::as_str));
            Some(chosen.map_err(|e| {
                Failure::Other(format!("--columns: {e} (--columns help lists them)"))
            })?)
        }
        None => None,
    };
    // As with other tools, a hyphen is standard output.
    let output = args
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    let format = match (&args.format, output) {
        (Some(format), _) => *format,
        (None, Some(path)) => by_ending(path)?,
        (None, None) => Format::Csv,
    };
    let terminal = std::io::stdout().is_terminal();
    if let Some(what) = format
        .binary_name()
        .filter(|_| output.is_none() && terminal)
    {
        return Err(Failure::Other(format!(
            "{what} cannot be shown on a terminal: name a file with -o, or pipe it to a program"
        )));
    }
    if args.passages.is_some() && !format.is_brief() {
        return Err(Failure::Other(
            "--passages: only a brief (md, html or docx) quotes letters".to_string(),
        ));
    }
    if format == Format::Xlsx {
        quiet_workbook();
    }
    let export = Export {
        format,
        by: args.by,
        columns,
        passages: args.passages.unwrap_or(PASSAGES).min(MOST_PASSAGES),
        for_spreadsheets: output.is_some(),
    };
    let engine = args.index.open()?;
    let engine = &*engine;
    let request = Request {
        limit: args.limit.unwrap_or(usize::MAX),
        ..args.query.request()
    };
    let mut described = None;
    let written = match output {
        None => {
            let meter = Meter::new(!terminal);
            // Past the layer that takes colour out: it would take bytes out of a workbook.
            let stdout = BufWriter::with_capacity(BUFFER, std::io::stdout());
            let mut out: Box<dyn Write + Send> = if terminal {
                Box::new(TerminalWriter::new(stdout))
            } else {
                Box::new(stdout)
            };
            let done = export.run(engine, &request, &mut out, &|n, of| meter.show(n, of));
            done.map_err(|e| failure(e, None))?
        }
        Some(path) => {
            let meter = Meter::new(true);
            let beside = metadata_file(path, format);
            if let Some(beside) = beside.as_ref().filter(|file| !args.force && file.exists()) {
                return Err(is_there(beside));
            }
            let mut target = Target::create(path, args.force)?;
            let done = export.run(engine, &request, &mut target, &|n, of| meter.show(n, of));
            let written = done.map_err(|e| failure(e, Some(path)))?;
            target.finish()?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let metadata = export.metadata(&name, &written);
            if let (Some(beside), Some(metadata)) = (&beside, metadata) {
                let mut target = Target::create(beside, true)?;
                writeln!(target, "{metadata:#}").map_err(|e| unwritable(beside, &e))?;
                target.finish()?;
                described = beside
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
            }
            written
        }
    };
    tell(args, &written, described.as_deref());
    Ok(if written.found == 0 { NOTHING } else { FOUND })
}

/// Where the metadata of a table goes: next to it, unless it is written to a pipe or a device.
fn metadata_file(path: &Path, format: Format) -> Option<PathBuf> {
    let special = std::fs::metadata(path).is_ok_and(|meta| !meta.is_file());
    let mut name = path.file_name()?.to_os_string();
    name.push(METADATA_ENDING);
    (format.is_bare_table() && !special).then(|| path.with_file_name(name))
}

/// The workbook library panics where its temporary file cannot be written; `export` makes an error
/// of it, and that is enough said.
pub(super) fn quiet_workbook() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let of_library = |l: &std::panic::Location<'_>| l.file().contains("rust_xlsxwriter");
        if !info.location().is_some_and(of_library) {
            loud(info);
        }
    }));
}

fn failure(error: ExportError, path: Option<&Path>) -> Failure {
    match (error, path) {
        (ExportError::Search(error), _) => Failure::Search(error),
        (ExportError::Output(error), Some(path)) => unwritable(path, &error),
        (ExportError::Output(error), None) => Failure::Output(error),
        (error @ (ExportError::NothingToChoose | ExportError::NoSqlite), _) => {
            Failure::Other(error.to_string())
        }
    }
}

/// What was written where, and what was not, on standard error.
fn tell(args: &Args, written: &ExportSummary, described: Option<&str>) {
    for sentence in &written.read_as {
        say!("imr: {sentence}");
    }
    if written.relaxed {
        say!("imr: no letter has enough of these words; these are the best partial matches");
    }
    if written.without_items > 0 {
        let (letters, have) = match written.without_items {
            1 => ("1 letter".to_string(), "has"),
            n => (render::count(n, "letter"), "have"),
        };
        say!(
            "imr: {letters} {have} no item that could be read, and so no row; --by letter includes them"
        );
    }
    if written.cut > 0 {
        say!(
            "imr: {} cut to the 32,767 characters that Excel allows; --format csv keeps all of it",
            match written.cut {
                1 => "1 cell was".to_string(),
                n => format!("{} were", render::count(n, "cell")),
            }
        );
    }
    if written.mentions > 0 {
        let verb = if written.mentions == 1 {
            "only mentions"
        } else {
            "only mention"
        };
        say!(
            "imr: {} of these letters {verb} what the query asks for; the mention column shows which",
            render::grouped(written.mentions as u64)
        );
    }
    if let Some(path) = &args.output {
        let letters = render::count(written.letters, "letter");
        let answers = written.letters - written.mentions;
        let letters = if (answers as u64) < written.found {
            let found = render::grouped(written.found);
            format!(
                "{} of {found} letters",
                render::grouped(written.letters as u64)
            )
        } else {
            letters
        };
        let what = match args.by {
            RowLevel::Item => format!("{} of {letters}", render::count(written.rows, "item")),
            RowLevel::Letter => letters,
        };
        let sheets = match written.sheets {
            0 | 1 => String::new(),
            n => format!(", on {n} sheets"),
        };
        let described =
            described.map_or_else(String::new, |name| format!(" (described in {name})"));
        say!("{what} written to {}{sheets}{described}", path.display());
    }
}

/// The columns with their meaning; those that rows have by default are starred.
fn help(out: &mut dyn Write, by: RowLevel) -> std::io::Result<()> {
    let (what, other) = match by {
        RowLevel::Item => ("item", "letter"),
        RowLevel::Letter => ("letter", "item"),
    };
    writeln!(out, "Columns (* is a default column of rows by {what}):\n")?;
    let widest = export::columns().iter().map(|c| c.name.len()).max();
    let widest = widest.unwrap_or(0);
    for column in export::columns() {
        let star = if column.is_default(by) { '*' } else { ' ' };
        let room = render::width().saturating_sub(widest + 6);
        for (n, line) in render::wrap(column.meaning, room).iter().enumerate() {
            let (star, name) = if n == 0 {
                (star, column.name)
            } else {
                (' ', "")
            };
            writeln!(out, "  {star} {name:widest$}  {line}")?;
        }
    }
    writeln!(out)?;
    let rest = format!(
        "--columns all has every column. --columns help --by {other} shows the default columns of rows by {other}. \
         By letter, an item's column lists the values of all matching items, each once."
    );
    for line in render::wrap(&rest, render::width()) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn by_ending(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let ending = ending.unwrap_or_default();
    if let Some(format) = Format::by_extension(&ending) {
        return Ok(format);
    }
    let extensions = Format::all().flat_map(Format::extensions);
    let near = nearest(&ending, extensions.copied());
    let hint = match near.first() {
        Some(near) => format!("; did you mean .{near}?"),
        None => String::new(),
    };
    Err(Failure::Other(format!(
        "unknown file extension of {}{hint} ({}; --format overrides)",
        path.display(),
        Format::all()
            .map(Format::name)
            .collect::<Vec<_>>()
            .join(", ")
    )))
}
