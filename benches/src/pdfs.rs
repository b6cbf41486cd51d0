//! Letters as PDFs: made of texts, and read by the PDF library with nothing on top of it.

use oxidize_pdf::parser::{PdfDocument, PdfReader};
use oxidize_pdf::text::ExtractionOptions;
use rayon::prelude::*;
use std::error::Error;
use std::io::Cursor;
use std::path::{Path, PathBuf};

#[path = "../../examples/letter_to_pdf.rs"]
#[allow(dead_code)]
mod letter_to_pdf;

/// Makes a PDF of each text, a hundred in a folder; the answer is how many bytes they have.
///
/// # Errors
/// If one cannot be read or written.
pub fn make(texts: &[PathBuf], folder: &Path) -> Result<u64, Box<dyn Error>> {
    let one = |(n, path): (usize, &PathBuf)| -> Result<u64, Box<dyn Error>> {
        let folder = folder.join(format!("{:04}", n / 100));
        std::fs::create_dir_all(&folder)?;
        let to = folder.join(format!("{n}.pdf"));
        letter_to_pdf::save(&std::fs::read_to_string(path)?, &to)?;
        Ok(std::fs::metadata(&to)?.len())
    };
    let bytes = texts
        .par_iter()
        .enumerate()
        .map(|letter| one(letter).map_err(|e| e.to_string()))
        .try_reduce(|| 0, |a, b| Ok(a + b))?;
    Ok(bytes)
}

/// Reads the text of every page of every PDF on all cores; the answer is how many PDFs, and the bytes
/// of their text.
///
/// # Errors
/// If one cannot be read.
pub fn read_all(paths: &[PathBuf]) -> Result<(usize, usize), Box<dyn Error>> {
    let one = |path: &PathBuf| -> Result<usize, Box<dyn Error>> {
        let document = PdfDocument::new(PdfReader::new(Cursor::new(std::fs::read(path)?))?);
        // As imr asks for it.
        let options = ExtractionOptions {
            merge_hyphenated: false,
            ..ExtractionOptions::default()
        };
        let mut bytes = 0;
        for page in 0..document.page_count()? {
            let text = document.extract_text_from_page_with_options(page, options.clone())?;
            bytes += text.text.len();
        }
        Ok(bytes)
    };
    let bytes = paths
        .par_iter()
        .map(|path| one(path).map_err(|e| e.to_string()))
        .try_reduce(|| 0, |a, b| Ok(a + b))?;
    Ok((paths.len(), bytes))
}
