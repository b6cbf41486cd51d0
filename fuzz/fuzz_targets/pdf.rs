//! Any bytes after the mark of a PDF: a text or a reason, and a text is read as any other.

#![no_main]

#[path = "../checks.rs"]
mod checks;

use checks::documents_hold_together;
use imr::corpus::{self, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut pdf = bytes.to_vec();
    if !pdf.starts_with(b"%PDF") {
        pdf.splice(0..0, *b"%PDF-1.7\n");
    }
    // Small limits: what a file may take is tested elsewhere.
    if let Ok(text) = corpus::decode(pdf, Limits::of_letter(256 << 10)) {
        documents_hold_together(&text);
    }
});
