//! Where letters come from: folders and files, PDF and text, to `(source, text)`.
//!
//! Letters are untrusted: whatever the bytes, reading ends with a text or a reason.

mod pdf;
mod plain;
mod walk;

pub use walk::{Walk, WalkProblem, walk};

use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest letter that is read unless told otherwise, in bytes. A real one has 40 KB as PDF
/// and 6 KB as text.
pub const DEFAULT_MAX_LETTER: u64 = 32 << 20;

/// One file that may hold a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Its path as it was reached from what the user named, for reports and hits.
    pub name: String,
    /// In bytes, when it was found.
    pub size: u64,
    /// Last change, in nanoseconds since 1970, when it was found; 0 where the system cannot tell.
    pub modified: i64,
}

/// Why a source gave no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// Neither text nor PDF.
    #[error("is binary, neither text nor PDF")]
    Binary,
    /// A PDF that only opens with a password.
    #[error("is an encrypted PDF that needs a password")]
    Encrypted,
    /// A PDF that the library cannot make sense of.
    #[error("is a broken PDF: {0}")]
    BrokenPdf(String),
    /// A PDF of pictures.
    #[error("is a PDF without a text layer (a scan?)")]
    NoTextLayer,
}

/// Reads the text of a source.
///
/// # Errors
/// A reason that completes the sentence "FILE ...".
pub fn read(path: &Path, max_bytes: u64) -> Result<String, ReadError> {
    let file = std::fs::File::open(path).map_err(|e| ReadError::Io(io_reason(&e)))?;
    let mut bytes = Vec::new();
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| ReadError::Io(io_reason(&e)))?;
    if bytes.len() as u64 > max_bytes {
        return Err(ReadError::TooLarge(max_bytes));
    }
    decode(bytes)
}

/// Reads the text of a letter that is already in memory.
///
/// # Errors
/// As [`read`].
pub fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    if pdf::is_pdf(&bytes) {
        return pdf::text(bytes);
    }
    plain::decode(bytes)
}

/// An I/O error in a few words, without the operating system's number.
#[must_use]
pub fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_lowercase(),
        None => text,
    }
}
