//! Where letters come from: folders, files, archives and lines of JSON; PDF and text, to
//! `(source, text)`.
//!
//! Letters are untrusted: whatever the bytes, reading ends with a text or a reason.

mod columns;
mod entry;
mod kind;
mod limits;
mod lines;
mod members;
mod name;
mod ocr;
mod pdf;
mod plain;
mod preload;
mod remedy;
mod table;
mod tar;
mod unpack;
mod walk;
mod zip;
mod zip_entries;

pub use columns::{ColumnMapping, Columns};
pub use entry::{ArchiveReport, Member, MemberOptions};
pub use kind::{Compression, Kind};
pub use limits::{DEFAULT_MAX_LETTER, FILE_COST, Limits, PAGE_COST, STACK, TEXT_COST};
pub use members::members;
pub use name::{INSIDE, harmless, harmless_json, real_path, relative, shown};
pub use ocr::{OCR_FOLDER, Ocr, forget_scans};
pub use pdf::{
    UNREAD_PAGE, WORKER_COMMAND, WorkerOptions, in_process_reason, serve_as_worker, use_workers,
};
pub use preload::preload;
pub use remedy::Remedy;
pub use walk::{Walk, WalkEntry, count, find, walk};

use remedy::NO_TEXT;
use serde::{Deserialize, Serialize};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// One file that may hold letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is: its real path, links to folders resolved.
    pub path: PathBuf,
    /// That path as text: the name under which the index knows it.
    pub key: String,
    /// In bytes, when it was found.
    pub size: u64,
    /// Last change, in nanoseconds since 1970, when it was found; 0 where the system cannot tell.
    pub modified: u64,
    /// What it holds.
    pub kind: Kind,
}

/// Why a source gave no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ReadError {
    /// The file could not be opened or read.
    #[error("cannot be read: {0}")]
    Io(String),
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// More bytes than a letter may have.
    #[error("is larger than the limit of {0} bytes for one letter")]
    TooLarge(u64),
    /// More text than a letter may have.
    #[error("has more text than the limit of {0} bytes for one letter")]
    MuchText(u64),
    /// A page of a PDF that is drawn by more instructions than a letter's may have.
    #[error("has a page of more than {0} bytes of drawing instructions")]
    LargePage(u64),
    /// Neither text nor PDF.
    #[error("is binary, neither text nor PDF")]
    Binary,
    /// A PDF that only opens with a password.
    #[error("is an encrypted PDF that needs a password")]
    Encrypted,
    /// A PDF that the library cannot make sense of.
    #[error("is a broken PDF: {0}")]
    BrokenPdf(String),
    /// An entry of a zip archive that needs a password.
    #[error("is encrypted in its archive")]
    EncryptedEntry,
    /// An archive inside an archive.
    #[error("is an archive inside an archive: unpack the outer one first")]
    Nested,
    /// A line that is no JSON object.
    #[error("is not a JSON object: {0}")]
    Json(String),
    /// A line of JSON without a text.
    #[error("{NO_TEXT} '{0}'")]
    NoText(String),
    /// A row of a table that has another form than its first row.
    #[error("{0}")]
    Row(String),
    /// A PDF of pictures.
    #[error("is a PDF without a text layer (a scan?)")]
    NoTextLayer,
    /// A scan that the programs for scans could not read.
    #[error("is a scan that could not be read: {0}")]
    Ocr(String),
    /// A PDF that outgrew the memory of its worker process.
    #[error("is a PDF that needs more memory to read than a letter may take")]
    Outgrown,
    /// A PDF that outgrew the stack of its worker process.
    #[error("is a PDF that is nested too deeply to be read")]
    TooDeep,
    /// A PDF that its worker process was not done with in time.
    #[error("is a PDF that takes longer to read than a letter may")]
    TookTooLong,
    /// What else a PDF did to its worker process.
    #[error("is a PDF that {0}")]
    Worker(String),
    /// Whoever asked wants it no more. This says nothing of the file.
    #[error("was not read: the run was asked to stop")]
    Stopped,
}

/// The text of a letter's file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text, a form feed between pages.
    pub text: String,
    /// What is odd about the file, as sentences without their subject.
    pub notes: Vec<String>,
}

/// Reads the bytes of a file of one letter, unpacked where its name says that it is compressed.
///
/// # Errors
/// A reason that completes the sentence "FILE ...".
pub fn load(path: &Path, limits: Limits) -> Result<Vec<u8>, ReadError> {
    let file = open_file(path).map_err(|e| ReadError::Io(io_reason(&e)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match Kind::of(&name) {
        Ok(Kind::Letter(Some(packing))) => {
            let mut stream = unpack::unpack(Some(packing), BufReader::new(file), limits);
            unpack::read_up_to(&mut stream, limits.letter())
        }
        _ => {
            let length = file.metadata().map_or(0, |meta| meta.len());
            unpack::read_about(&mut &file, length, limits.letter())
        }
    }
}

/// Reads the text of a file of one letter.
///
/// # Errors
/// A reason that completes the sentence "FILE ...".
pub fn read(path: &Path, limits: Limits) -> Result<String, ReadError> {
    decode(load(path, limits)?, limits)
}

/// Reads the text of a letter that is already in memory.
///
/// # Errors
/// As [`read`].
pub fn decode(bytes: Vec<u8>, limits: Limits) -> Result<String, ReadError> {
    decode_scans(bytes, limits, None)
}

/// As [`decode`]; a scan is read by `ocr`, if there is one.
///
/// # Errors
/// As [`read`].
pub fn decode_scans(
    bytes: Vec<u8>,
    limits: Limits,
    ocr: Option<&Ocr>,
) -> Result<String, ReadError> {
    let text = decode_all(vec![bytes], limits, ocr).pop();
    text.unwrap_or(Err(ReadError::Empty))
}

/// Reads the texts of letters that are already in memory; scans are read by `ocr`, if there is one. It takes less time
/// than to read each by itself: their PDFs go to a worker process together.
#[must_use]
pub fn decode_all(
    letters: Vec<Vec<u8>>,
    limits: Limits,
    ocr: Option<&Ocr>,
) -> Vec<Result<String, ReadError>> {
    let stop = || false;
    let scans: Vec<Option<(&Ocr, Vec<u8>)>> =
        letters.iter().map(|bytes| as_scan(bytes, ocr)).collect();
    let text = |(opened, scan): (Result<InspectedLetter, ReadError>, _)| {
        let text = opened.and_then(|opened| opened.text(&stop));
        or_scanned(text, scan, &stop).map(|text| text.text)
    };
    let opened = open_all(letters, limits, &stop);
    opened.zip(scans).map(text).collect()
}

/// What `ocr` would read of a letter, should it turn out to be a scan: a copy of a PDF.
#[must_use]
pub fn as_scan<'o>(bytes: &[u8], ocr: Option<&'o Ocr>) -> Option<(&'o Ocr, Vec<u8>)> {
    ocr.filter(|_| pdf::is_pdf(bytes))
        .map(|ocr| (ocr, bytes.to_vec()))
}

/// The text, or what a scan gives where there is no text layer.
///
/// # Errors
/// As [`read`].
pub fn or_scanned(
    text: Result<Text, ReadError>,
    scan: Option<(&Ocr, Vec<u8>)>,
    stop: &dyn Fn() -> bool,
) -> Result<Text, ReadError> {
    match (text, scan) {
        (Err(ReadError::NoTextLayer), Some((ocr, bytes))) => {
            ocr.read(&bytes, stop).map(|text| Text {
                text,
                notes: Vec::new(),
            })
        }
        (text, _) => text,
    }
}

/// A letter in memory that was looked at and not yet read.
pub struct InspectedLetter(Format);

enum Format {
    Text(Vec<u8>),
    Pdf(Box<pdf::InspectedPdf>),
}

/// Looks at letters that are already in memory, to find out what reading each would take. PDFs go to a worker process all
/// at once; what is next is looked at when it is asked for. `stop` is asked now and then whether to give up.
///
/// The items are the letters, in their order; an error is one of [`read`].
pub fn open_all(
    letters: Vec<Vec<u8>>,
    limits: Limits,
    stop: &dyn Fn() -> bool,
) -> impl Iterator<Item = Result<InspectedLetter, ReadError>> + use<> {
    let are_pdfs: Vec<bool> = letters.iter().map(|bytes| pdf::is_pdf(bytes)).collect();
    let (mut pdfs, mut others) = (Vec::new(), Vec::new());
    for (bytes, is_pdf) in letters.into_iter().zip(&are_pdfs) {
        if *is_pdf {
            pdfs.push(bytes);
        } else {
            others.push(bytes);
        }
    }
    let mut pdfs = pdf::begin(pdfs, limits, stop).into_iter();
    let mut others = others.into_iter();
    are_pdfs.into_iter().filter_map(move |is_pdf| {
        if is_pdf {
            let opened = pdfs.next()?.open(limits);
            Some(opened.map(|pdf| InspectedLetter(Format::Pdf(Box::new(pdf)))))
        } else {
            Some(open_plain(others.next()?, limits))
        }
    })
}

fn open_plain(bytes: Vec<u8>, limits: Limits) -> Result<InspectedLetter, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    let bytes = plain::without_padding(bytes);
    if plain::is_binary(&bytes) {
        return Err(ReadError::Binary);
    }
    if bytes.len() as u64 > limits.text() {
        return Err(ReadError::MuchText(limits.text()));
    }
    Ok(InspectedLetter(Format::Text(bytes)))
}

impl InspectedLetter {
    /// Bytes of memory that [`InspectedLetter::text`] may take.
    #[must_use]
    pub fn cost(&self) -> usize {
        match &self.0 {
            Format::Text(bytes) => 3 * bytes.len(),
            Format::Pdf(pdf) => pdf.cost(),
        }
    }

    /// Its text.
    ///
    /// # Errors
    /// As [`read`].
    pub fn text(self, stop: &dyn Fn() -> bool) -> Result<Text, ReadError> {
        match self.0 {
            Format::Text(bytes) => plain::decode(bytes).map(|text| Text {
                text,
                notes: Vec::new(),
            }),
            Format::Pdf(pdf) => pdf.text(stop),
        }
    }
}

/// Opens a file of the corpus. It was a plain file a moment ago; what has become a pipe, or is a log of the system that
/// waits for more, is not waited for.
fn open_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits());
    }
    options.open(path)
}

/// An I/O error in a few words, without the operating system's number.
#[must_use]
pub fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_lowercase(),
        // Words of a library.
        None => match text.as_str() {
            "Invalid checksum" => "its checksum differs".to_string(),
            _ => text,
        },
    }
}
