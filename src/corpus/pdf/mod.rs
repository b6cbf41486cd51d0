//! The text layer of PDFs.
//!
//! A PDF is read by [`document`]: in this process, or, once a program has called [`use_workers`], in worker processes
//! ([`pool`], [`worker`]) that a file may end, stall or fill without harm to the run. [`message`] is what
//! the two sides say to each other.

mod document;
mod drawn;
mod kerning;
mod library;
mod mend;
#[cfg(unix)]
mod message;
#[cfg(unix)]
mod pool;
mod syntax;
mod update;
mod weight;
#[cfg(unix)]
mod worker;

use super::{Limits, ReadError, Text};
use document::Document;
pub use document::UNREAD_PAGE;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// Whether bytes are a PDF: its mark stands within the first kilobyte.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some()
}

/// The argument that makes the program a worker process; no command of people.
pub const WORKER_COMMAND: &str = "pdf-worker";

/// What reads PDFs in this process, if a program asked for workers.
static WORKERS: OnceLock<Workers> = OnceLock::new();

/// Worker processes, or why there are none.
enum Workers {
    #[cfg(unix)]
    Pool(pool::WorkerPool),
    #[cfg_attr(
        unix,
        expect(dead_code, reason = "only where there are no worker processes")
    )]
    Unsupported,
}

/// What worker processes are, and what a file may take of them.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The program, which is run with the one argument [`WORKER_COMMAND`] and must call [`serve_as_worker`]; none is
    /// this program itself.
    pub program: Option<PathBuf>,
    /// Time of the processor that a PDF may take; a quarter more for each megabyte. Real letters take milliseconds.
    pub time: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions {
            program: None,
            time: Duration::from_secs(10),
        }
    }
}

/// From now on this process reads PDFs in worker processes. Where processes cannot be made, PDFs are read in this
/// process, and [`in_process_reason`] says so. Only the first call counts.
pub fn use_workers(options: WorkerOptions) {
    #[cfg(unix)]
    let workers = || Workers::Pool(pool::WorkerPool::new(options));
    #[cfg(not(unix))]
    let workers = || {
        let _ = options;
        Workers::Unsupported
    };
    WORKERS.get_or_init(workers);
}

/// Why PDFs were read in this process although worker processes were asked for.
#[must_use]
pub fn in_process_reason() -> Option<String> {
    match WORKERS.get()? {
        #[cfg(unix)]
        Workers::Pool(pool) => pool.failure(),
        Workers::Unsupported => Some("this system has no worker processes".to_string()),
    }
}

/// Reads PDFs from standard input until it ends; what a worker process does.
#[must_use]
pub fn serve_as_worker() -> std::process::ExitCode {
    #[cfg(unix)]
    let code = worker::serve();
    #[cfg(not(unix))]
    let code = std::process::ExitCode::FAILURE;
    code
}

/// A PDF that was looked at, and read if that was cheap.
pub(super) struct InspectedPdf(Step);

enum Step {
    /// It was opened in this process.
    Here(Box<Document>),
    #[cfg(unix)]
    There(pool::Reading),
    #[cfg_attr(not(unix), expect(dead_code))]
    Read(Text),
}

/// A PDF that workers have looked at, if there are any.
pub(super) struct PdfInspection(InspectionStep);

enum InspectionStep {
    #[cfg(unix)]
    There(pool::PoolAnswer),
    Here(Vec<u8>),
}

/// Has workers look at PDFs, all of them at once, and read those that cost little. `stop` is asked now and then whether
/// to give up.
pub(super) fn begin(
    pdfs: Vec<Vec<u8>>,
    limits: Limits,
    stop: &dyn Fn() -> bool,
) -> Vec<PdfInspection> {
    #[cfg(unix)]
    if let Some(Workers::Pool(pool)) = WORKERS.get()
        && !pdfs.is_empty()
    {
        let begun = pool.open(pdfs, limits, stop).into_iter();
        return begun
            .map(|begun| PdfInspection(InspectionStep::There(begun)))
            .collect();
    }
    let _ = (limits, stop);
    let here = |bytes| PdfInspection(InspectionStep::Here(bytes));
    pdfs.into_iter().map(here).collect()
}

impl PdfInspection {
    /// Finds out what reading it would take. Here, not before, a PDF is opened that no worker looked at.
    pub(super) fn open(self, limits: Limits) -> Result<InspectedPdf, ReadError> {
        let bytes = match self.0 {
            #[cfg(unix)]
            InspectionStep::There(pool::PoolAnswer::Read(text)) => {
                return Ok(InspectedPdf(Step::Read(text?)));
            }
            #[cfg(unix)]
            InspectionStep::There(pool::PoolAnswer::Waiting(reading)) => {
                return Ok(InspectedPdf(Step::There(reading)));
            }
            #[cfg(unix)]
            InspectionStep::There(pool::PoolAnswer::NoWorker(bytes)) => bytes,
            InspectionStep::Here(bytes) => bytes,
        };
        let document = document::open(bytes, limits)?;
        Ok(InspectedPdf(Step::Here(Box::new(document))))
    }
}

impl InspectedPdf {
    /// Bytes of memory that reading it may take.
    pub(super) fn cost(&self) -> usize {
        match &self.0 {
            Step::Here(document) => document.cost,
            #[cfg(unix)]
            Step::There(reading) => reading.cost(),
            Step::Read(_) => 0,
        }
    }

    /// Its text, a form feed between pages.
    pub(super) fn text(self, stop: &dyn Fn() -> bool) -> Result<Text, ReadError> {
        let _ = stop;
        match self.0 {
            Step::Here(document) => document.text(),
            #[cfg(unix)]
            Step::There(reading) => reading.text(stop),
            Step::Read(text) => Ok(text),
        }
    }
}
