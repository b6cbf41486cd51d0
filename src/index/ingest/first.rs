//! The first letters tell what all have in common.

use super::super::dictionary::{CompressionDictionary, SAMPLE, Sample};
use crate::letter::Letter;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What letters are compressed with in a run.
#[derive(Debug)]
pub(super) struct DictionaryInMaking {
    /// The first letters, as long as there are too few of them.
    samples: Mutex<Option<Vec<Sample>>>,
    /// What they have in common, and the index does not hold yet.
    made: OnceLock<CompressionDictionary>,
}

impl Default for DictionaryInMaking {
    fn default() -> Self {
        DictionaryInMaking {
            samples: Mutex::new(Some(Vec::new())),
            made: OnceLock::new(),
        }
    }
}

impl DictionaryInMaking {
    /// What the index's letters have in common, if that is known. Where this letter is the one that makes it known, `add`
    /// puts it into the index first.
    ///
    /// # Errors
    /// As `add`.
    pub(super) fn of<'d, E>(
        &'d self,
        known: Option<&'d CompressionDictionary>,
        letter: &Letter,
        add: impl FnOnce(&CompressionDictionary) -> Result<(), E>,
    ) -> Result<Option<&'d CompressionDictionary>, E> {
        if let Some(known) = known.or_else(|| self.made.get()) {
            return Ok(Some(known));
        }
        let Some(samples) = self.add(letter) else {
            return Ok(None);
        };
        let dictionary = CompressionDictionary::of(&samples);
        // Letters that have nothing in common are written as they are.
        if dictionary.is_empty() {
            return Ok(None);
        }
        add(&dictionary)?;
        Ok(Some(self.made.get_or_init(|| dictionary)))
    }

    /// Adds a letter; all of them come back once there are enough.
    fn add(&self, letter: &Letter) -> Option<Vec<Sample>> {
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let letters = samples.as_mut()?;
        letters.push(Sample::of(letter));
        (letters.len() >= SAMPLE).then(|| samples.take())?
    }
}
