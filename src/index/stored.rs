//! What the index stores of a letter: its text and its record, compressed together.

use super::dictionary::{CompressionDictionary, NAME};
use super::record;
use crate::letter::Letter;
use lz4_flex::block;
use tantivy::DocId;
use tantivy::directory::OwnedBytes;
use tantivy::store::StoreReader;

/// A letter as it stands in tantivy's store: whether a primer was used and which, the length of the text
/// and of both, and the LZ4 block of the text and the record.
#[derive(Debug)]
pub struct StoredLetter(OwnedBytes);

const ALONE: u8 = 0;
const WITH_PRIMER: u8 = 1;
/// The form, two lengths, and the primer's name.
const HEAD: usize = 9 + NAME;
/// LZ4 makes nothing smaller than this part of it.
const MOST: usize = 255;

/// The bytes that are stored of a letter.
pub(super) fn pack(letter: &Letter, text: &str, primer: Option<&CompressionDictionary>) -> Vec<u8> {
    let record = record::write(letter, text);
    let whole = [text.as_bytes(), &record].concat();
    let mut packed = vec![0; HEAD + block::get_maximum_output_size(whole.len())];
    packed[1..5].copy_from_slice(&(text.len() as u32).to_le_bytes());
    packed[5..9].copy_from_slice(&(whole.len() as u32).to_le_bytes());
    // There is room, so both succeed.
    let len = match primer {
        Some(primer) => {
            packed[0] = WITH_PRIMER;
            packed[9..HEAD].copy_from_slice(&primer.name());
            block::compress_into_with_dict(&whole, &mut packed[HEAD..], primer.bytes())
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
    /// The letter of a document.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn of(store: &StoreReader, document: DocId) -> tantivy::Result<StoredLetter> {
        store.get_document_bytes(document).map(StoredLetter)
    }

    /// The letter; `primer` is that of its index.
    ///
    /// # Errors
    /// If there is none that can be read.
    pub fn read<'p>(
        &self,
        primer: impl FnOnce() -> Result<Option<&'p CompressionDictionary>, String>,
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
                let ours = |primer: &&CompressionDictionary| primer.name() == head[9..HEAD];
                let primer = primer()?.filter(ours);
                let primer = primer.ok_or("what letters have in common is missing")?;
                block::decompress_with_dict(packed, whole, primer.bytes())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;

    const TEXT: &str = "Case Number: CM15-0900001\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
        Norco: Upheld\n\nDecision rationale: There is no sign of functional improvement.\n";

    fn stored(bytes: Vec<u8>) -> StoredLetter {
        StoredLetter(OwnedBytes::new(bytes))
    }

    #[test]
    fn letters_come_back_with_a_primer_and_without() {
        let letter = letter::read(TEXT);
        let primer = CompressionDictionary::new(TEXT.as_bytes().to_vec());
        let alone = pack(&letter, &letter.text, None);
        let primed = pack(&letter, &letter.text, Some(&primer));
        // The record has parts that no text has.
        assert!(
            primed.len() * 3 < alone.len() * 2,
            "{} of {}",
            primed.len(),
            alone.len()
        );
        let none = || Ok(None);
        assert_eq!(stored(alone).read(none).unwrap(), letter);
        let stored = stored(primed);
        assert_eq!(stored.read(|| Ok(Some(&primer))).unwrap(), letter);
        assert!(stored.read(none).unwrap_err().contains("is missing"));
        let other = CompressionDictionary::new(TEXT.replace("Norco", "Soma").into_bytes());
        let told = stored.read(|| Ok(Some(&other))).unwrap_err();
        assert!(told.contains("is missing"), "{told}");
        assert_eq!(stored.read(|| Err("torn".into())).unwrap_err(), "torn");
    }

    #[test]
    fn damaged_bytes_are_told_and_take_no_memory() {
        let letter = letter::read(TEXT);
        let sound = pack(&letter, &letter.text, None);
        let none = || Ok(None);
        for len in 0..sound.len() {
            assert!(stored(sound[..len].to_vec()).read(none).is_err());
        }
        for at in 0..sound.len() {
            for bits in [1, 0x80, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] ^= bits;
                // A changed letter of the text is a text too: tantivy's checksum tells.
                let _ = stored(damaged).read(none);
            }
        }
        let mut large = sound;
        large[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(stored(large).read(none).unwrap_err(), "its length is wrong");
    }
}
