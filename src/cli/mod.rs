//! The command. The only place that prints, draws progress and knows exit codes.
//!
//! What was typed becomes a [`crate::search::Request`] here, in one place; nothing after re-reads
//! the command line.

/// Says a line on standard error. Where that cannot be written (a full disk, a closed pipe), nothing is
/// said: what a command does never depends on it.
/// A line is written in one go, so that those of others are not between its parts.
macro_rules! say {
    ($($what:tt)*) => {{
        use std::io::Write as _;
        let line = $crate::cli::render::for_errors(&format!($($what)*)) + "\n";
        let _ = anstream::stderr().write_all(line.as_bytes());
    }};
}

mod against;
mod args;
mod checklist;
mod compare;
mod counted;
mod export;
mod extract;
mod facets;
mod fields;
mod filter_args;
mod hints;
mod index;
mod log;
mod mcp;
mod meter;
mod optimize;
mod progress;
mod push;
mod query_words;
mod render;
mod search;
mod serve;
mod show;
mod similar;
mod snapshot;
mod stats;
mod stats_text;
mod status;
mod suggested;
mod target;
mod terminal;
mod usage_error;

use crate::corpus;
use crate::index::{IndexError, damaged_file};
use crate::search::{ClusterError, SearchError};
use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as HelpWhenMissing;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// Something was found or done.
const FOUND: u8 = 0;
/// Nothing was found.
const NOTHING: u8 = 1;
/// An error.
const ERROR: u8 = 2;
/// Ended by Ctrl-C, as shells count it.
const INTERRUPTED: u8 = 130;

const EXAMPLES: &str = "\
Examples:
  imr index letters/                     build or update ./imr-index
  imr search norco taper                 find letters, best match first
  imr search --drug norco --decision overturned --facets specialty
  imr similar denial.pdf                 find decisions like your own document
  imr stats --by drug                    overturn rates with their intervals
  imr export --drug opioid -o opioids.xlsx
  imr show CM15-0012345                  one letter
  imr serve --open                       search in the browser

Exit codes: 0 found or done, 1 nothing found, 2 error, 130 interrupted.";

const COMPLETIONS: &str = "\
Examples:
  imr completions bash > ~/.local/share/bash-completion/completions/imr
  imr completions zsh > ~/.zfunc/_imr    with ~/.zfunc in fpath
  imr completions fish > ~/.config/fish/completions/imr.fish
  imr completions powershell >> $PROFILE

Open a new window for it to take effect.";

/// A search engine for California Independent Medical Review determination letters.
#[derive(Parser)]
#[command(name = "imr", version, about, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Use color: auto (default; terminals only), always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true,
        display_order = 900
    )]
    color: Color,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Build an index from letters, or bring it up to date
    Index(index::Args),
    /// Find letters: words, filters, facet counts
    Search(search::Args),
    /// Export matching items or letters: spreadsheet, database, or brief
    Export(export::Args),
    /// Count decisions: overturn rates by facet and over time, and why
    Stats(stats::Args),
    /// List the points that reviewers asked for, with pages and examples
    Checklist(checklist::Args),
    /// Compare two overturn rates
    Compare(compare::Args),
    /// Print one letter
    Show(show::Args),
    /// Find decisions like a letter, or like a document of your own
    Similar(similar::Args),
    /// Print letters as JSON records, without an index
    Extract(extract::Args),
    /// List the values of a facet
    Facets(facets::Args),
    /// List every field and column (the data dictionary)
    Fields(fields::Args),
    /// Open the search page on this computer
    Serve(serve::Args),
    /// Let an AI assistant search the letters (Model Context Protocol)
    Mcp(mcp::Args),
    /// Show what the index contains
    Status(status::Args),
    /// Send an index to an OpenSearch cluster
    Push(push::Args),
    /// Merge index segments once you have finished adding letters
    Optimize(optimize::Args),
    /// Write manual pages (man) to a folder
    Manual {
        /// Folder to write to; created if it does not exist
        #[arg(value_name = "DIR", default_value = "man")]
        folder: PathBuf,
    },
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        #[arg(hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
}

/// What went wrong, for the user.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Of the index.
    #[error("{}", hints::of_index(.0))]
    Index(#[from] IndexError),
    /// Of a search.
    #[error("{}", hints::of_search(.0))]
    Search(#[from] SearchError),
    /// Of a cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Of writing the output; a closed pipe is none.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// A panic: what it said.
    #[error("internal error at {0}; please report it with the command that you typed")]
    Panic(String),
    /// Anything else, in one sentence.
    #[error("{0}")]
    Other(String),
}

/// What the last panic said, and where.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// A panic is a fault of imr or of a library, or comes of damaged files. It is caught where one letter or one answer can be
/// given up; else the command says it in one harmless sentence.
fn say_panics_plainly(at_once: bool) {
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let what = text.unwrap_or("no reason given");
        let place = panic.location().map(ToString::to_string);
        let said = format!("{}: {what}", place.unwrap_or_default());
        if at_once {
            say!("imr: internal error at {}", corpus::harmless(&said));
        }
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = said;
        }
    }));
}

/// Runs a command on an index; of a panic it makes an error. Where a damaged file may be the cause, the error names it.
fn without_panic(
    index: Option<&Path>,
    run: impl FnOnce() -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let done = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let said = LAST_PANIC.lock().map(|last| last.clone());
        Err(Failure::Panic(said.unwrap_or_default()))
    });
    done.map_err(|failure| {
        let (Failure::Panic(_)
        | Failure::Index(IndexError::Broken { .. })
        | Failure::Search(SearchError::Index(IndexError::Broken { .. }))) = &failure
        else {
            return failure;
        };
        let broken = index.and_then(|path| {
            let reason = damaged_file(path)?;
            let path = path.to_path_buf();
            Some(IndexError::Broken { path, reason })
        });
        broken.map_or(failure, Failure::Index)
    })
}

/// Begins the threads that work side by side: as many as the system gives. They are begun before the library hears of
/// them, since it can be given threads only once.
///
/// # Errors
/// If the system gives none: what waits for the work of another thread would wait forever.
fn begin_threads(may_read_pdfs: bool) -> Result<(), Failure> {
    let wanted = std::env::var("RAYON_NUM_THREADS").ok();
    let wanted = wanted.and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    let wanted = wanted.or_else(|| Some(std::thread::available_parallelism().ok()?.get()));
    let mut begun = Vec::new();
    for _ in 0..wanted.unwrap_or(1).min(1024) {
        let (send, receive) = sync_channel::<rayon::ThreadBuilder>(1);
        let mut thread = std::thread::Builder::new();
        if may_read_pdfs {
            thread = thread.stack_size(corpus::STACK);
        }
        let work = move || {
            if let Ok(worker) = receive.recv() {
                worker.run();
            }
        };
        match thread.spawn(work) {
            Ok(_) => begun.push(send),
            Err(e) if begun.is_empty() => {
                let reason = corpus::io_reason(&e);
                return Err(Failure::Other(format!(
                    "no thread can be started: {reason}"
                )));
            }
            Err(_) => break,
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(begun.len());
    let start = |worker| {
        let thread = begun.pop().map(|thread| thread.send(worker));
        let gone = || std::io::Error::from(std::io::ErrorKind::WouldBlock);
        thread.and_then(Result::ok).ok_or_else(gone)
    };
    let _ = pool.spawn_handler(start).build_global();
    Ok(())
}

/// `IMR_PDF_SECONDS` sets how long a PDF may take.
fn worker_options() -> corpus::WorkerOptions {
    let default = corpus::WorkerOptions::default();
    let seconds = std::env::var("IMR_PDF_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    corpus::WorkerOptions {
        time: seconds.map_or(default.time, Duration::from_secs),
        ..default
    }
}

/// Writes the manual pages: `imr.1`, `imr-search.1` ...
fn manual(folder: &Path) -> Result<u8, Failure> {
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|e| {
        let (path, why) = (folder.display(), corpus::io_reason(&e));
        Failure::Other(format!("the manual cannot be written to {path}: {why}"))
    })?;
    Ok(FOUND)
}

/// Prints what went wrong.
fn error(what: &dyn std::fmt::Display) {
    say!(
        "{}imr: {what}{}",
        render::ERROR_STYLE.render(),
        render::ERROR_STYLE.render_reset()
    );
}

/// Runs the command: the whole of `main`.
#[must_use]
pub fn run() -> ExitCode {
    crate::allocator::give_back_large_blocks();
    if std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == corpus::WORKER_COMMAND)
    {
        return corpus::serve_as_worker();
    }
    corpus::use_workers(worker_options());
    let root = Cli::command();
    let mut args: Vec<_> = wild::args_os().collect();
    // However the file is called: help and errors name the command.
    if let Some(name) = args.first_mut() {
        *name = "imr".into();
    }
    let args = match query_words::prepared(args, &root) {
        Ok(args) => args,
        Err(what) => {
            error(&what);
            return ExitCode::from(ERROR);
        }
    };
    let matches = root.try_get_matches_from(args);
    let parsed = matches.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        // A command without arguments shows its help.
        Err(e) if !e.use_stderr() || e.kind() == HelpWhenMissing => e.exit(),
        Err(e) => {
            error(&usage_error::one_sentence(&e.render().to_string()));
            return ExitCode::from(ERROR);
        }
    };
    let serves = matches!(cli.command, Command::Serve(_));
    say_panics_plainly(serves);
    if !serves && let Err(failure) = begin_threads(matches!(cli.command, Command::Extract(_))) {
        error(&failure);
        return ExitCode::from(ERROR);
    }
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let stdout = anstream::stdout();
    let mut out = std::io::BufWriter::new(stdout.lock());
    // Records have no color to be taken out, which would take longer than to read the letters.
    let mut plain = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let of_command = matches.subcommand().map(|(_, of_command)| of_command);
    let index = of_command.and_then(|of| of.try_get_one::<PathBuf>("index").ok().flatten());
    let index = index.map(PathBuf::as_path);
    let done = without_panic(index, || match cli.command {
        Command::Index(args) => index::run(&args),
        Command::Search(args) => search::run(&args, &mut out),
        Command::Export(args) => export::run(&args, &mut out),
        Command::Stats(args) => stats::run(&args, &mut out),
        Command::Checklist(args) => checklist::run(&args, &mut out),
        Command::Compare(args) => compare::run(&args, &mut out),
        Command::Show(args) => show::run(&args, &mut out),
        Command::Similar(args) => similar::run(&args, &mut out),
        Command::Extract(args) => extract::run(&args, &mut plain),
        Command::Facets(args) => facets::run(&args, &mut out),
        Command::Fields(args) => fields::run(&args, &mut out),
        Command::Serve(args) => serve::run(&args, &mut out),
        Command::Mcp(args) => mcp::run(&args, &mut out),
        Command::Status(args) => status::run(&args, &mut out),
        Command::Push(args) => push::run(&args, &mut out),
        Command::Optimize(args) => optimize::run(&args, &mut out),
        Command::Manual { folder } => manual(&folder),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "imr", &mut script);
            out.write_all(&script)
                .map(|()| FOUND)
                .map_err(Failure::from)
        }
    });
    if let Some(reason) = corpus::in_process_reason() {
        let _ = plain.flush().and_then(|()| out.flush());
        say!(
            "imr: PDFs were read without worker processes ({reason}), so a malicious file could have ended this run"
        );
    }
    let done = done.and_then(|code| {
        plain.flush()?;
        out.flush()?;
        Ok(code)
    });
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::from(FOUND)
        }
        Err(failure) => {
            // What a message repeats of files' names does nothing to a terminal.
            let message = failure.to_string();
            let lines = message.lines().map(corpus::harmless);
            let message = lines.collect::<Vec<_>>().join("\n");
            // What was printed before the error belongs before it.
            let _ = plain.flush().and_then(|()| out.flush());
            error(&message);
            ExitCode::from(ERROR)
        }
    }
}
