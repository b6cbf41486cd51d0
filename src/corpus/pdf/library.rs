//! The PDF library, as the rest of the folder sees it.

use super::super::ReadError;
use oxidize_pdf::parser::{ParseError, PdfDocument};
use std::io::Cursor;

/// An open PDF in memory.
pub(super) type Pdf = PdfDocument<Cursor<Vec<u8>>>;

/// The library's error as ours.
pub(super) fn reason(error: &ParseError) -> ReadError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") || text.to_lowercase().contains("locked") {
        return ReadError::Encrypted;
    }
    let first = text.lines().next().unwrap_or("no reason given");
    ReadError::BrokenPdf(first.chars().take(160).collect())
}
