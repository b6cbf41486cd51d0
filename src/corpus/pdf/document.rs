//! A PDF read by the library, page by page, in this process.

use super::super::limits::{FILE_COST, Limits, PAGE_COST};
use super::super::{ReadError, Text};
use super::weight::Weights;
use oxidize_pdf::parser::{ParseError, PdfDocument, PdfReader};
use oxidize_pdf::text::{ExtractionOptions, TextExtractor};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pages read of one PDF; the longest real letter has some thirty.
const MOST_PAGES: u32 = 2000;

pub type Pdf = PdfDocument<Cursor<Vec<u8>>>;

/// A PDF whose pages were weighed and not yet read.
pub struct Document {
    pdf: Pdf,
    pages: Vec<u32>,
    /// Why pages cannot be read, the last one's reason.
    failed: Option<ReadError>,
    limits: Limits,
    /// Bytes of memory that reading it may take.
    pub cost: usize,
}

/// Opens a PDF and looks what reading it would take.
pub fn open(bytes: Vec<u8>, limits: Limits) -> Result<Document, ReadError> {
    guarded(move || weigh(bytes, limits))
}

impl Document {
    /// Its text, a form feed between pages.
    pub fn text(self) -> Result<Text, ReadError> {
        guarded(move || self.pages())
    }

    fn pages(self) -> Result<Text, ReadError> {
        let most = usize::try_from(self.limits.text()).unwrap_or(usize::MAX);
        let options = ExtractionOptions {
            merge_hyphenated: false,
            max_extracted_bytes: Some(most),
            ..ExtractionOptions::default()
        };
        // It remembers the fonts of the pages before.
        let mut extractor = TextExtractor::with_options(options);
        let mut failed = self.failed;
        let mut text = String::new();
        for page in self.pages {
            match extractor.extract_from_page(&self.pdf, page) {
                Ok(extracted) if extracted.truncated => {
                    return Err(ReadError::MuchText(self.limits.text()));
                }
                Ok(extracted) => {
                    if page > 0 {
                        text.push('\x0c');
                    }
                    text.push_str(&extracted.text);
                }
                Err(error) => failed = Some(reason(&error)),
            }
            if text.len() > most {
                return Err(ReadError::MuchText(self.limits.text()));
            }
        }
        let alphanumeric = text.chars().filter(|c| c.is_alphanumeric());
        if alphanumeric.take(16).count() < 16 {
            return Err(failed.unwrap_or(ReadError::NoTextLayer));
        }
        Ok(Text {
            text,
            notes: Vec::new(),
        })
    }
}

/// The library returns errors for what is broken; should it ever panic, one letter is lost and not
/// the run.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(ReadError::BrokenPdf("the PDF library gave up".into())))
}

fn weigh(bytes: Vec<u8>, limits: Limits) -> Result<Document, ReadError> {
    let file = bytes.len();
    let mut reader = PdfReader::new(Cursor::new(bytes)).map_err(|e| reason(&e))?;
    if reader.is_encrypted() && !reader.is_unlocked() {
        // The state's letters are encrypted with the empty password: anybody may read them.
        let opened = reader.try_empty_password().map_err(|e| reason(&e))?;
        if !opened {
            return Err(ReadError::Encrypted);
        }
    }
    let pdf = PdfDocument::new(reader);
    let count = pdf.page_count().map_err(|e| reason(&e))?;
    let mut weights = Weights::new(&pdf, file, limits);
    let (mut pages, mut failed) = (Vec::new(), None);
    let (mut heaviest, mut all) = (0, 0_u64);
    for page in 0..count.min(MOST_PAGES) {
        match weights.page(page) {
            Ok(weight) => {
                pages.push(page);
                heaviest = heaviest.max(weight);
                all += weight as u64;
            }
            Err(error @ ReadError::LargePage(_)) => return Err(error),
            Err(error) => failed = Some(error),
        }
        // Page after page may draw the same.
        if all > limits.letter() {
            return Err(ReadError::TooLarge(limits.letter()));
        }
    }
    Ok(Document {
        pdf,
        pages,
        failed,
        limits,
        cost: file * FILE_COST + heaviest * PAGE_COST,
    })
}

pub fn reason(error: &ParseError) -> ReadError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") || text.to_lowercase().contains("locked") {
        return ReadError::Encrypted;
    }
    let first = text.lines().next().unwrap_or("no reason given");
    ReadError::BrokenPdf(first.chars().take(160).collect())
}
