//! The text layer of a PDF, page by page.

use super::ReadError;
use oxidize_pdf::parser::{ParseError, PdfDocument, PdfReader};
use oxidize_pdf::text::ExtractionOptions;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pages read of one PDF; the longest real letter has some thirty.
const MOST_PAGES: u32 = 2000;
/// Text read of one PDF, in bytes.
const MOST_TEXT: usize = 16 << 20;

/// Whether bytes are a PDF: its mark stands within the first kilobyte.
pub fn is_pdf(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some()
}

/// The text of a PDF, a form feed between pages.
pub fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    // The library returns errors for what is broken; should it ever panic, one letter is lost and
    // not the run.
    catch_unwind(AssertUnwindSafe(|| pages(bytes)))
        .unwrap_or_else(|_| Err(ReadError::BrokenPdf("the PDF library gave up".into())))
}

fn pages(bytes: Vec<u8>) -> Result<String, ReadError> {
    let mut reader = PdfReader::new(Cursor::new(bytes)).map_err(|e| reason(&e))?;
    if reader.is_encrypted() && !reader.is_unlocked() {
        // The state's letters are encrypted with the empty password: anybody may read them.
        let opened = reader.try_empty_password().map_err(|e| reason(&e))?;
        if !opened {
            return Err(ReadError::Encrypted);
        }
    }
    let document = PdfDocument::new(reader);
    let count = document.page_count().map_err(|e| reason(&e))?;
    let options = ExtractionOptions {
        merge_hyphenated: false,
        ..ExtractionOptions::default()
    };
    let mut text = String::new();
    let mut failed = None;
    for page in 0..count.min(MOST_PAGES) {
        match document.extract_text_from_page_with_options(page, options.clone()) {
            Ok(extracted) => {
                if page > 0 {
                    text.push('\x0c');
                }
                text.push_str(&extracted.text);
            }
            Err(error) => failed = Some(reason(&error)),
        }
        if text.len() > MOST_TEXT {
            return Err(ReadError::TooLarge(MOST_TEXT as u64));
        }
    }
    if text.chars().filter(|c| c.is_alphanumeric()).count() < 16 {
        return Err(failed.unwrap_or(ReadError::NoTextLayer));
    }
    Ok(text)
}

fn reason(error: &ParseError) -> ReadError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") || text.to_lowercase().contains("locked") {
        return ReadError::Encrypted;
    }
    let first = text.lines().next().unwrap_or("no reason given");
    ReadError::BrokenPdf(first.chars().take(160).collect())
}
