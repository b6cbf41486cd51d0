//! Where letters come from: folders, files, archives and lines of JSON; PDF and text, to
//! `(source, text)`.
//!
//! Letters are untrusted: whatever the bytes, reading ends with a text or a reason.

mod kind;
mod lines;
mod members;
mod name;
mod pdf;
mod plain;
mod tar;
mod unpack;
mod walk;
mod zip;

pub use kind::{Kind, Packing};
pub use members::{Member, MemberOptions, Told, members};
pub use name::{INSIDE, real_path, shown};
pub use walk::{Found, Walk, count, find, walk};

use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The largest letter that is read unless told otherwise, in bytes. A real one has 40 KB as PDF
/// and 6 KB as text.
pub const DEFAULT_MAX_LETTER: u64 = 32 << 20;

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
    /// An entry of a zip archive that needs a password.
    #[error("is encrypted in its archive")]
    EncryptedEntry,
    /// An archive inside an archive.
    #[error("is an archive inside an archive: unpack the outer one first")]
    Nested,
    /// A line that is no JSON object.
    #[error("is no JSON object: {0}")]
    Json(String),
    /// A line of JSON without a text.
    #[error("has no text under the key '{0}' (--text-key names another)")]
    NoText(String),
    /// A PDF of pictures.
    #[error("is a PDF without a text layer (a scan?)")]
    NoTextLayer,
}

/// Reads the bytes of a file of one letter, unpacked where its name says that it is compressed.
///
/// # Errors
/// A reason that completes the sentence "FILE ...".
pub fn load(path: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let file = std::fs::File::open(path).map_err(|e| ReadError::Io(io_reason(&e)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match Kind::of(&name) {
        Ok(Kind::Letter(Some(packing))) => {
            let mut stream = unpack::unpack(Some(packing), BufReader::new(file));
            unpack::read_up_to(&mut stream, max_bytes)
        }
        _ => {
            let length = file.metadata().map_or(0, |meta| meta.len());
            unpack::read_about(&mut &file, length, max_bytes)
        }
    }
}

/// Reads the text of a file of one letter.
///
/// # Errors
/// A reason that completes the sentence "FILE ...".
pub fn read(path: &Path, max_bytes: u64) -> Result<String, ReadError> {
    load(path, max_bytes).and_then(decode)
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
