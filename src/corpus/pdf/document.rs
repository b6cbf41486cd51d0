//! A PDF read by the library, page by page, in this process.

use super::super::limits::{FILE_COST, Limits, PAGE_COST};
use super::super::{ReadError, Text};
use super::drawn::drawn_once;
use super::kerning::Kerning;
use super::library::{Bytes, Pdf, reason};
use super::mend::mended;
use super::update::{Object, Trailer};
use super::weight::{Reference, Weights};
use oxidize_pdf::parser::objects::PdfObject;
use oxidize_pdf::parser::{PdfDocument, PdfReader};
use oxidize_pdf::text::{ExtractionOptions, TextExtractor};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Pages read of one PDF; the longest real letter has some thirty.
const MOST_PAGES: u32 = 2000;

/// What stands in the text for a page that cannot be read. The reader of letters makes a warning of it.
pub const UNREAD_PAGE: &str = "[This page of the PDF could not be read.]";

/// A page that is to be read.
struct Page {
    /// From 0.
    number: u32,
    /// Whether its text is to be sorted by where it stands, or why it cannot be read.
    is_out_of_order: Result<bool, ReadError>,
}

/// A PDF whose pages were weighed and not yet read.
pub(super) struct Document {
    pdf: Pdf,
    pages: Vec<Page>,
    notes: Vec<String>,
    limits: Limits,
    /// Bytes of memory that reading it may take.
    pub cost: usize,
}

/// Opens a PDF and looks what reading it would take.
pub(super) fn open(bytes: Vec<u8>, limits: Limits) -> Result<Document, ReadError> {
    guarded(move || weigh(bytes, limits))
}

impl Document {
    /// Its text, a form feed between pages.
    pub(super) fn text(self) -> Result<Text, ReadError> {
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
        let mut extractor = TextExtractor::with_options(options.clone());
        // The same for pages that are drawn in another order than they are read.
        let mut sorting = None;
        let mut notes = self.notes;
        let mut failed = None;
        let mut text = String::new();
        let mut alphanumeric = 0;
        for Page {
            number: page,
            is_out_of_order,
        } in self.pages
        {
            if page > 0 {
                text.push('\x0c');
            }
            let read = is_out_of_order.and_then(|is_out_of_order| {
                let read = extractor.extract_from_page(&self.pdf, page);
                let read = read.map_err(|e| reason(&e))?;
                if !is_out_of_order || drawn_once(&read.text).is_some() {
                    return Ok(read);
                }
                let sorting = sorting.get_or_insert_with(|| {
                    TextExtractor::with_options(options.clone()).with_reading_order(true)
                });
                let read = sorting.extract_from_page(&self.pdf, page);
                read.map_err(|e| reason(&e))
            });
            match read {
                Ok(extracted) if extracted.truncated => {
                    return Err(ReadError::MuchText(self.limits.text()));
                }
                Ok(extracted) => {
                    let drawn = as_drawn(extracted.text);
                    let drawn = drawn_once(&drawn).unwrap_or(drawn);
                    alphanumeric += drawn
                        .chars()
                        .filter(|c| c.is_alphanumeric())
                        .take(16)
                        .count();
                    text.push_str(&drawn);
                }
                Err(error) => {
                    notes.push(format!("has a page {} that {}", page + 1, of_page(&error)));
                    text.push_str(UNREAD_PAGE);
                    failed = Some(error);
                }
            }
            if text.len() > most {
                return Err(ReadError::MuchText(self.limits.text()));
            }
        }
        if alphanumeric < 16 {
            return Err(failed.unwrap_or(ReadError::NoTextLayer));
        }
        Ok(Text { text, notes })
    }
}

/// A soft hyphen that a page draws is a hyphen: what breaks no line is not drawn.
fn as_drawn(text: String) -> String {
    if text.contains('\u{ad}') {
        text.replace('\u{ad}', "-")
    } else {
        text
    }
}

/// Why a page cannot be read, completing "a page that ...".
fn of_page(error: &ReadError) -> String {
    match error {
        ReadError::BrokenPdf(reason) => format!("cannot be read: {reason}"),
        other => other.to_string(),
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
    let bytes = Bytes(Arc::new(mended(bytes)));
    let mut reader = PdfReader::new(Cursor::new(bytes.clone())).map_err(|e| reason(&e))?;
    if reader.is_encrypted() && !reader.is_unlocked() {
        // The state's letters are encrypted with the empty password: anybody may read them.
        let opened = reader.try_empty_password().map_err(|e| reason(&e))?;
        if !opened {
            return Err(ReadError::Encrypted);
        }
    }
    let is_encrypted = reader.is_encrypted();
    let has_attachments = has_attachments(&mut reader);
    let pdf = PdfDocument::new(reader);
    let count = pdf.page_count().map_err(|e| reason(&e))?;
    let mut weights = Weights::new(&pdf, file, limits);
    let mut pages = Vec::new();
    let mut redrawn: Vec<Instructions> = Vec::new();
    let (mut heaviest, mut all) = (0, 0_u64);
    for page in 0..count.min(MOST_PAGES) {
        match weights.page(page) {
            Ok(weight) => {
                pages.push(Page {
                    number: page,
                    is_out_of_order: Ok(weight.is_out_of_order),
                });
                heaviest = heaviest.max(weight.bytes);
                all += weight.bytes as u64;
                if let Some(object) = weight.object
                    && !is_encrypted
                    && (!redrawn.is_empty() || Kerning::is_of_another_font(&weight.content))
                {
                    redrawn.push((object, weight.content));
                }
            }
            Err(error @ ReadError::LargePage(_)) => return Err(error),
            Err(error) => pages.push(Page {
                number: page,
                is_out_of_order: Err(error),
            }),
        }
        // Page after page may draw the same.
        if all > limits.letter() {
            return Err(ReadError::TooLarge(limits.letter()));
        }
    }
    let mut notes = Vec::new();
    if count > MOST_PAGES {
        notes.push(format!(
            "has {count} pages, of which {MOST_PAGES} were read"
        ));
    }
    if has_attachments {
        notes.push("has attached files, which were not read: save them on their own".to_string());
    }
    let (pdf, file) = respaced(&bytes, &redrawn).unwrap_or((pdf, file));
    Ok(Document {
        pdf,
        pages,
        notes,
        limits,
        cost: file * FILE_COST + heaviest * PAGE_COST,
    })
}

/// The object of a page's instructions, and these.
type Instructions = (Reference, Vec<u8>);

/// A PDF that draws in another font than was meant, with gaps from which the library tells its words; and its bytes.
fn respaced(bytes: &Bytes, redrawn: &[Instructions]) -> Option<(Pdf, usize)> {
    let mut kerning = Kerning::default();
    for (_, content) in redrawn {
        kerning.add(content);
    }
    let usual = kerning.usual();
    let mut objects: Vec<Object> = Vec::new();
    for ((number, generation), content) in redrawn {
        let number = usize::try_from(*number).ok()?;
        let respaced = usual.respaced(content);
        // Pages may share their instructions.
        if respaced != *content && objects.iter().all(|object| object.number != number) {
            let mut body = format!("<< /Length {} >>\nstream\n", respaced.len()).into_bytes();
            body.extend_from_slice(&respaced);
            body.extend_from_slice(b"\nendstream");
            objects.push(Object {
                number,
                generation: *generation,
                body,
            });
        }
    }
    if objects.is_empty() {
        return None;
    }
    let mut bytes = Vec::clone(&bytes.0);
    Trailer::read(&bytes)?.add(&mut bytes, &objects, "");
    let file = bytes.len();
    let bytes = Bytes(Arc::new(bytes));
    let reader = PdfReader::new(Cursor::new(bytes)).ok()?;
    Some((PdfDocument::new(reader), file))
}

/// Whether files are attached: a portfolio of an e-mail, for example.
fn has_attachments(reader: &mut PdfReader<Cursor<Bytes>>) -> bool {
    let Ok(root) = reader.catalog() else {
        return false;
    };
    if root.contains_key("Collection") {
        return true;
    }
    let names = match root.get("Names") {
        Some(PdfObject::Reference(number, generation)) => {
            let (number, generation) = (*number, *generation);
            reader.get_object(number, generation).ok()
        }
        names => names,
    };
    let names = names.and_then(PdfObject::as_dict);
    names.is_some_and(|names| names.contains_key("EmbeddedFiles"))
}
