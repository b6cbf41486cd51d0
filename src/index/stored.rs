//! What the index stores of a letter: its text and its record, compressed together.

use super::primer::Primer;
use super::record;
use crate::letter::Letter;
use lz4_flex::block;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize,
    ValueDeserializer, ValueVisitor,
};

/// A letter as it comes out of tantivy's store. Its document stores one run of bytes: whether the primer
/// was used, the length of the text and of both, and the LZ4 block of the text and the record.
#[derive(Debug, Default)]
pub struct StoredLetter(Vec<u8>);

const ALONE: u8 = 0;
const WITH_PRIMER: u8 = 1;
/// The form and two lengths.
const HEAD: usize = 9;
/// LZ4 makes nothing smaller than this part of it.
const MOST: usize = 255;

/// The bytes that are stored of a letter.
pub fn pack(letter: &Letter, text: &str, primer: Option<&Primer>) -> Vec<u8> {
    let mut whole = text.as_bytes().to_vec();
    whole.extend(record::write(letter, text));
    let mut packed = vec![0; HEAD + block::get_maximum_output_size(whole.len())];
    packed[1..5].copy_from_slice(&(text.len() as u32).to_le_bytes());
    packed[5..HEAD].copy_from_slice(&(whole.len() as u32).to_le_bytes());
    // There is room, so both succeed.
    let len = match primer {
        Some(primer) => {
            packed[0] = WITH_PRIMER;
            block::compress_into_with_dict(&whole, &mut packed[HEAD..], &primer.bytes)
        }
        None => {
            packed[0] = ALONE;
            block::compress_into(&whole, &mut packed[HEAD..])
        }
    };
    packed.truncate(HEAD + len.unwrap_or_default());
    packed
}

impl StoredLetter {
    /// The letter; `primer` is that of its index.
    ///
    /// # Errors
    /// If there is none that can be read.
    pub fn read<'p>(
        &self,
        primer: impl FnOnce() -> Result<Option<&'p Primer>, String>,
    ) -> Result<Letter, String> {
        let (head, packed) = self.0.split_at_checked(HEAD).ok_or("nothing is stored")?;
        let length = |at: usize| {
            let bytes: [u8; 4] = head[at..at + 4].try_into().unwrap_or_default();
            u32::from_le_bytes(bytes) as usize
        };
        let (text, whole) = (length(1), length(5));
        if whole > packed.len().saturating_mul(MOST) {
            return Err("its length is wrong".to_string());
        }
        let unpacked = match head[0] {
            ALONE => block::decompress(packed, whole),
            WITH_PRIMER => {
                let primer = primer()?.ok_or("what letters have in common is missing")?;
                block::decompress_with_dict(packed, whole, &primer.bytes)
            }
            other => return Err(format!("its form is {other}")),
        };
        let mut unpacked = unpacked.map_err(|e| e.to_string())?;
        if unpacked.len() != whole || text > whole {
            return Err("its length is wrong".to_string());
        }
        let record = unpacked.split_off(text);
        let text = String::from_utf8(unpacked).map_err(|e| e.to_string())?;
        record::read(&record, text)
    }
}

impl DocumentDeserialize for StoredLetter {
    fn deserialize<'de, D>(mut document: D) -> Result<StoredLetter, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut stored = StoredLetter::default();
        while let Some((_, Bytes(bytes))) = document.next_field()? {
            stored.0 = bytes;
        }
        Ok(stored)
    }
}

struct Bytes(Vec<u8>);

impl ValueDeserialize for Bytes {
    fn deserialize<'de, D>(value: D) -> Result<Bytes, DeserializeError>
    where
        D: ValueDeserializer<'de>,
    {
        value.deserialize_any(Visitor)
    }
}

struct Visitor;

impl ValueVisitor for Visitor {
    type Value = Bytes;

    fn visit_bytes(&self, bytes: Vec<u8>) -> Result<Bytes, DeserializeError> {
        Ok(Bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;

    const TEXT: &str = "Case Number: CM15-0900001\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
        Norco: Upheld\n\nDecision rationale: There is no sign of functional improvement.\n";

    #[test]
    fn letters_come_back_with_a_primer_and_without() {
        let letter = letter::read(TEXT);
        let primer = Primer {
            bytes: TEXT.as_bytes().to_vec(),
        };
        let alone = pack(&letter, &letter.text, None);
        let primed = pack(&letter, &letter.text, Some(&primer));
        assert!(primed.len() * 2 < alone.len(), "{}", primed.len());
        let none = || Ok(None);
        assert_eq!(StoredLetter(alone).read(none).unwrap(), letter);
        let stored = StoredLetter(primed);
        assert_eq!(stored.read(|| Ok(Some(&primer))).unwrap(), letter);
        assert!(stored.read(none).unwrap_err().contains("is missing"));
        assert_eq!(stored.read(|| Err("torn".into())).unwrap_err(), "torn");
    }

    #[test]
    fn damaged_bytes_are_told_and_take_no_memory() {
        let letter = letter::read(TEXT);
        let sound = pack(&letter, &letter.text, None);
        let none = || Ok(None);
        for len in 0..sound.len() {
            assert!(StoredLetter(sound[..len].to_vec()).read(none).is_err());
        }
        for at in 0..sound.len() {
            for bits in [1, 0x80, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] ^= bits;
                // A changed letter of the text is a text too: tantivy's checksum tells.
                let _ = StoredLetter(damaged).read(none);
            }
        }
        let mut large = sound;
        large[5..HEAD].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            StoredLetter(large).read(none).unwrap_err(),
            "its length is wrong"
        );
    }
}
