//! What the index stores of a letter, as it comes out of tantivy's store: without a document between.

use super::record;
use crate::letter::Letter;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize,
    ValueDeserializer, ValueVisitor,
};

/// A letter's text and its record. Its document stores one text and one run of bytes, and no other
/// value.
#[derive(Debug, Default)]
pub struct StoredLetter {
    text: String,
    record: Vec<u8>,
}

impl StoredLetter {
    /// The letter.
    ///
    /// # Errors
    /// If there is none that can be read.
    pub fn read(self) -> Result<Letter, String> {
        record::read(&self.record, self.text)
    }
}

impl DocumentDeserialize for StoredLetter {
    fn deserialize<'de, D>(mut document: D) -> Result<StoredLetter, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut stored = StoredLetter::default();
        while let Some((_, part)) = document.next_field()? {
            match part {
                Part::Text(text) => stored.text = text,
                Part::Record(record) => stored.record = record,
            }
        }
        Ok(stored)
    }
}

enum Part {
    Text(String),
    Record(Vec<u8>),
}

impl ValueDeserialize for Part {
    fn deserialize<'de, D>(value: D) -> Result<Part, DeserializeError>
    where
        D: ValueDeserializer<'de>,
    {
        value.deserialize_any(Parts)
    }
}

struct Parts;

impl ValueVisitor for Parts {
    type Value = Part;

    fn visit_string(&self, text: String) -> Result<Part, DeserializeError> {
        Ok(Part::Text(text))
    }

    fn visit_bytes(&self, record: Vec<u8>) -> Result<Part, DeserializeError> {
        Ok(Part::Record(record))
    }
}
