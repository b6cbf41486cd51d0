//! Makes a PDF of a letter written as text: how the PDFs of `sample-corpus/` were made.
//!
//!     cargo run --release --example letter_to_pdf -- LETTER.txt LETTER.pdf
//!
//! Lines become lines, form feeds and full pages become pages, and words parted by two spaces or
//! more (the columns of a header) are set apart, as word processors set tables.

use oxidize_pdf::{Document, Font, Page};
use std::error::Error;
use std::path::Path;

const LEFT: f64 = 72.0;
const TOP: f64 = 720.0;
const BOTTOM: f64 = 72.0;
const LEADING: f64 = 14.0;
const SIZE: f64 = 10.0;
/// Of one character in a header's columns.
const COLUMN: f64 = 5.2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        return Err("usage: letter_to_pdf LETTER.txt LETTER.pdf".into());
    };
    save(&std::fs::read_to_string(from)?, Path::new(&to))
}

/// Makes a PDF of a letter's text.
pub fn save(text: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let text = text.replace('\r', "");
    let mut document = Document::new();
    for sheet in text.split('\u{c}') {
        let lines: Vec<&str> = sheet.lines().collect();
        let per_page = ((TOP - BOTTOM) / LEADING) as usize;
        for lines in lines.chunks(per_page) {
            document.add_page(page(lines)?);
        }
    }
    document.save(to)?;
    Ok(())
}

fn page(lines: &[&str]) -> Result<Page, Box<dyn Error>> {
    let mut page = Page::letter();
    for (n, line) in lines.iter().enumerate() {
        let y = TOP - n as f64 * LEADING;
        for (column, part) in columns(line) {
            page.text()
                .set_font(Font::TimesRoman, SIZE)
                .at(LEFT + column as f64 * COLUMN, y)
                .write(part)?;
        }
    }
    Ok(page)
}

/// The parts of a line between gaps of two spaces or more, with the column each begins in.
fn columns(line: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut at = 0;
    for part in line.split("  ") {
        let lead = part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            parts.push((at + lead, part.trim()));
        }
        at += part.len() + 2;
    }
    parts
}
