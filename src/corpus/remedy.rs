//! What would make a refused file readable. An index keeps the reason of a failure as text, so that it is told from
//! the text.

use super::ReadError;
use super::table::NO_COLUMN;

/// What a user can choose so that a file is read which was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The JSON key that has the text.
    TextKey,
    /// The columns of a table.
    Columns,
    /// Reading scans.
    Ocr,
}

/// How the reason begins where a line of JSON has no text.
pub(super) const NO_TEXT: &str = "has no text under the key";

impl Remedy {
    /// What mends the reason of a failure, as [`ReadError`] says it.
    #[must_use]
    pub fn of(reason: &str) -> Option<Remedy> {
        if reason.starts_with(NO_TEXT) {
            Some(Remedy::TextKey)
        } else if reason.starts_with(NO_COLUMN) {
            Some(Remedy::Columns)
        } else if reason == ReadError::NoTextLayer.to_string() {
            Some(Remedy::Ocr)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_can_be_mended_say_so() {
        let of = |error: ReadError| Remedy::of(&error.to_string());
        assert_eq!(of(ReadError::NoText("text".into())), Some(Remedy::TextKey));
        assert_eq!(of(ReadError::NoTextLayer), Some(Remedy::Ocr));
        let missing = format!("{NO_COLUMN} 'text' (its columns: a)");
        assert_eq!(of(ReadError::Row(missing)), Some(Remedy::Columns));
        assert_eq!(of(ReadError::Empty), None);
    }
}
