//! The first letters tell what all have in common.

use super::super::dictionary::{CompressionDictionary, LOOKED_AT, SAMPLE};
use super::super::error::IndexError;
use super::super::record;
use super::write::IngestWriter;
use crate::letter::Letter;
use std::sync::{Mutex, PoisonError};

/// The first letters, text and record, as long as there are too few of them.
pub(super) struct DictionarySamples(Mutex<Option<Vec<Vec<u8>>>>);

impl Default for DictionarySamples {
    fn default() -> Self {
        DictionarySamples(Mutex::new(Some(Vec::new())))
    }
}

impl DictionarySamples {
    /// Adds a letter; all of them come back once there are enough.
    fn add(&self, letter: &Letter) -> Option<Vec<Vec<u8>>> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let letters = first.as_mut()?;
        let mut sample = record::write(letter, &letter.text);
        let text = letter.text.as_bytes();
        sample.extend_from_slice(&text[..text.len().min(LOOKED_AT)]);
        sample.truncate(LOOKED_AT);
        letters.push(sample);
        (letters.len() >= SAMPLE).then(|| first.take())?
    }
}

impl IngestWriter<'_> {
    /// What the index's letters have in common, if that is known. The first letters tell it, and are
    /// themselves written without.
    pub(super) fn primer(
        &self,
        letter: &Letter,
    ) -> Result<Option<&CompressionDictionary>, IndexError> {
        if let Some(primer) = self.index.known_primer() {
            return Ok(Some(primer));
        }
        let Some(letters) = self.first.add(letter) else {
            return Ok(None);
        };
        let primer = CompressionDictionary::of(&letters);
        // Letters that have nothing in common are written as they are.
        (!primer.bytes().is_empty())
            .then(|| self.index.keep_primer(primer))
            .transpose()
    }
}
