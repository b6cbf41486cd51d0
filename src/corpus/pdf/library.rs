//! The PDF library, as the rest of the folder sees it.

use super::super::ReadError;
use oxidize_pdf::parser::{ParseError, PdfDocument};
use std::io::Cursor;
use std::sync::Arc;

/// The bytes of a PDF, which its reader shares.
#[derive(Clone)]
pub(super) struct Bytes(pub Arc<Vec<u8>>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An open PDF in memory.
pub(super) type Pdf = PdfDocument<Cursor<Bytes>>;

/// The library's error as ours.
pub(super) fn reason(error: &ParseError) -> ReadError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") || text.to_lowercase().contains("locked") {
        return ReadError::Encrypted;
    }
    ReadError::BrokenPdf(plain(&text))
}

/// The library's words without its names of types, and without a place that it does not know.
fn plain(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let (first, _) = first.split_once(", found ").unwrap_or((first, ""));
    let first = first
        .strip_prefix("Syntax error at position 0: ")
        .unwrap_or(first);
    let first = first.chars().take(160).collect::<String>();
    let Some((problem, what)) = first.split_once(": ") else {
        return first;
    };
    match problem {
        "Missing required key" => format!("it has no '{what}'"),
        "Unexpected token" => what.replacen("expected", "it lacks a", 1),
        "Stream decode error" => {
            let filters = what.split(|c: char| !c.is_ascii_alphanumeric());
            let filter = filters.into_iter().find(|word| word.ends_with("Decode"));
            match filter {
                Some(filter) => format!("a part of it cannot be unpacked ({filter})"),
                None => "a part of it cannot be unpacked".to_string(),
            }
        }
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_in_plain_words() {
        for (said, plainly) in [
            ("Missing required key: Pages", "it has no 'Pages'"),
            (
                "Unexpected token: expected PDF object, found Obj",
                "it lacks a PDF object",
            ),
            (
                "Stream decode error: FlateDecode failed: deflate decompression error: repeated call with bad state",
                "a part of it cannot be unpacked (FlateDecode)",
            ),
            (
                "Stream decode error: LZW decode error: invalid code 491",
                "a part of it cannot be unpacked",
            ),
            (
                "Syntax error at position 0: ToUnicode must be a stream",
                "ToUnicode must be a stream",
            ),
            ("Invalid xref table", "Invalid xref table"),
        ] {
            assert_eq!(plain(said), plainly);
        }
    }
}
