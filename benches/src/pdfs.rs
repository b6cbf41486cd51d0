//! Letters as PDFs: made of texts or repeated, and read by the PDF library with nothing on top of it.

use oxidize_pdf::parser::{PdfDocument, PdfReader};
use oxidize_pdf::text::{ExtractionOptions, TextExtractor};
use rayon::prelude::*;
use std::error::Error;
use std::io::Cursor;
use std::path::{Path, PathBuf};

#[path = "../../examples/letter_to_pdf.rs"]
#[allow(dead_code)]
mod letter_to_pdf;

/// Makes so many PDFs, a hundred in a folder: of each text one, and of PDFs copies that differ in a
/// comment at their end, round after round. The answer is how many bytes they have.
///
/// # Errors
/// If one cannot be read or written.
pub fn make(letters: &[PathBuf], count: usize, folder: &Path) -> Result<u64, Box<dyn Error>> {
    let one = |n: usize, path: &PathBuf| -> Result<u64, Box<dyn Error>> {
        let folder = folder.join(format!("{:04}", n / 100));
        std::fs::create_dir_all(&folder)?;
        let to = folder.join(format!("{n}.pdf"));
        if path.extension().is_some_and(|extension| extension == "pdf") {
            let mut bytes = std::fs::read(path)?;
            bytes.extend(format!("\n% {n}\n").bytes());
            std::fs::write(&to, bytes)?;
        } else {
            letter_to_pdf::save(&std::fs::read_to_string(path)?, &to)?;
        }
        Ok(std::fs::metadata(&to)?.len())
    };
    let bytes = (0..count)
        .into_par_iter()
        .map(|n| one(n, &letters[n % letters.len()]).map_err(|e| e.to_string()))
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
        let mut reader = PdfReader::new(Cursor::new(std::fs::read(path)?))?;
        if reader.is_encrypted() && !reader.is_unlocked() {
            reader.try_empty_password()?;
        }
        let document = PdfDocument::new(reader);
        // As imr asks for it.
        let options = ExtractionOptions {
            merge_hyphenated: false,
            ..ExtractionOptions::default()
        };
        let mut extractor = TextExtractor::with_options(options);
        let mut bytes = 0;
        for page in 0..document.page_count()? {
            let text = extractor.extract_from_page(&document, page)?;
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
