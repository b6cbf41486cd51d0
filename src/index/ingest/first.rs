//! The first letters tell what all have in common.

use super::super::primer::{LOOKED_AT, Primer, SAMPLE};
use super::super::store::IndexError;
use super::write::Writing;
use std::sync::{Mutex, PoisonError};

/// Texts of the first letters, as long as there are too few of them.
pub(super) struct First(Mutex<Option<Vec<String>>>);

impl Default for First {
    fn default() -> Self {
        First(Mutex::new(Some(Vec::new())))
    }
}

impl First {
    /// Adds a letter's text; of all of them once there are enough.
    fn add(&self, text: &str) -> Option<Vec<String>> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = first.as_mut()?;
        let end = (0..=text.len().min(LOOKED_AT)).rfind(|at| text.is_char_boundary(*at));
        texts.push(text[..end.unwrap_or(0)].to_string());
        (texts.len() >= SAMPLE).then(|| first.take())?
    }
}

impl Writing<'_> {
    /// What the index's letters have in common, if that is known. The first letters tell it, and are
    /// themselves written without.
    pub(super) fn primer(&self, text: &str) -> Result<Option<&Primer>, IndexError> {
        if let Some(primer) = self.index.known_primer() {
            return Ok(Some(primer));
        }
        let Some(texts) = self.first.add(text) else {
            return Ok(None);
        };
        let primer = Primer::of(&texts);
        // Letters that have nothing in common are written as they are.
        (!primer.bytes.is_empty())
            .then(|| self.index.keep_primer(primer))
            .transpose()
    }
}
