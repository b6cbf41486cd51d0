//! What the index stores of a letter: its text and its record, compressed together.

use super::dictionary::CompressionDictionary;
use super::names::Names;
use super::record;
use crate::letter::Letter;
use lz4_flex::block;
use serde::{Deserialize, Serialize};
use tantivy::DocId;
use tantivy::directory::OwnedBytes;
use tantivy::store::StoreReader;
use twox_hash::XxHash3_64;

/// A letter as it stands in tantivy's store: whether the index's dictionary was used, the lengths of the text and of the
/// record, a checksum of both, and the LZ4 block of the record and the text.
#[derive(Debug)]
pub struct StoredLetter(OwnedBytes);

#[derive(Serialize, Deserialize)]
struct Head {
    with_dictionary: bool,
    text: u32,
    record: u32,
    checksum: [u8; 4],
}

/// Of the record and the text: what is read is what was written.
fn checksum(whole: &[u8]) -> [u8; 4] {
    (XxHash3_64::oneshot(whole) as u32).to_le_bytes()
}

const DAMAGED: &str = "a stored letter is damaged: its checksum differs";

/// LZ4 makes nothing smaller than this part of it.
const MOST: usize = 255;

/// The bytes that are stored of a letter.
pub(super) fn pack(
    letter: &Letter,
    text: &str,
    dictionary: Option<&CompressionDictionary>,
) -> Vec<u8> {
    let none = Names::default();
    let names = dictionary.map_or(&none, CompressionDictionary::names);
    let record = record::write(letter, text, names);
    let whole = [&record, text.as_bytes()].concat();
    let head = Head {
        with_dictionary: dictionary.is_some(),
        text: text.len() as u32,
        record: record.len() as u32,
        checksum: checksum(&whole),
    };
    // Plain data: it serializes.
    let mut packed = postcard::to_allocvec(&head).unwrap_or_default();
    let from = packed.len();
    packed.resize(from + block::get_maximum_output_size(whole.len()), 0);
    // There is room, so both succeed.
    let length = match dictionary {
        Some(dictionary) => {
            block::compress_into_with_dict(&whole, &mut packed[from..], dictionary.bytes())
        }
        None => block::compress_into(&whole, &mut packed[from..]),
    };
    packed.truncate(from + length.unwrap_or_default());
    packed
}

/// A letter's record and text in some bytes that need no index to be read.
#[must_use]
pub fn packed(letter: &Letter) -> Vec<u8> {
    pack(letter, &letter.text, None)
}

/// The letter of bytes that [`packed`] made.
///
/// # Errors
/// If they are damaged, or of another version.
pub fn unpacked(bytes: Vec<u8>) -> Result<Letter, String> {
    StoredLetter(OwnedBytes::new(bytes)).read(|| Ok(None))
}

impl StoredLetter {
    /// The letter of a document.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn of(store: &StoreReader, document: DocId) -> tantivy::Result<StoredLetter> {
        store.get_document_bytes(document).map(StoredLetter)
    }

    /// The letter; `dictionary` is that of its index.
    ///
    /// # Errors
    /// If there is none that can be read.
    pub(super) fn read<'d>(
        &self,
        dictionary: impl FnOnce() -> Result<Option<&'d CompressionDictionary>, String>,
    ) -> Result<Letter, String> {
        let head = postcard::take_from_bytes::<Head>(&self.0);
        let (head, packed) = head.map_err(|_| "nothing is stored")?;
        let (text, record) = (head.text as usize, head.record as usize);
        let whole = text + record;
        if whole > packed.len().saturating_mul(MOST) {
            return Err("its length is wrong".to_string());
        }
        let none = Names::default();
        let (unpacked, names) = if head.with_dictionary {
            let dictionary = dictionary()?.ok_or("what letters have in common is missing")?;
            let unpacked = block::decompress_with_dict(packed, whole, dictionary.bytes());
            (unpacked, dictionary.names())
        } else {
            (block::decompress(packed, whole), &none)
        };
        let mut unpacked = unpacked.map_err(|_| DAMAGED)?;
        if unpacked.len() != whole {
            return Err("its length is wrong".to_string());
        }
        if checksum(&unpacked) != head.checksum {
            return Err(DAMAGED.to_string());
        }
        let text = String::from_utf8(unpacked.split_off(record)).map_err(|_| DAMAGED)?;
        record::read(&unpacked, text, names)
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
    fn letters_come_back_with_a_dictionary_and_without() {
        let letter = letter::read(TEXT);
        let names = || Names::new(record::names(&letter, &letter.text).1);
        let dictionary = CompressionDictionary::new(TEXT.as_bytes().to_vec(), names());
        let alone = pack(&letter, &letter.text, None);
        let with = pack(&letter, &letter.text, Some(&dictionary));
        // The record has parts that no text has.
        assert!(
            with.len() * 3 < alone.len() * 2,
            "{} of {}",
            with.len(),
            alone.len()
        );
        let none = || Ok(None);
        assert_eq!(stored(alone).read(none).unwrap(), letter);
        let stored = stored(with);
        assert_eq!(stored.read(|| Ok(Some(&dictionary))).unwrap(), letter);
        assert!(stored.read(none).unwrap_err().contains("is missing"));
        let other = CompressionDictionary::new(TEXT.as_bytes().to_vec(), Names::default());
        let failed = stored.read(|| Ok(Some(&other))).unwrap_err();
        assert!(failed.contains("no name has the number"), "{failed}");
        let other = CompressionDictionary::new(TEXT.replace("Norco", "Xanax").into(), names());
        assert_eq!(stored.read(|| Ok(Some(&other))).unwrap_err(), DAMAGED);
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
                // LZ4 has several ways to write the same.
                if let Ok(read) = stored(damaged).read(none) {
                    assert_eq!(read, letter, "byte {at}");
                }
            }
        }
        let head = Head {
            with_dictionary: false,
            text: u32::MAX,
            record: u32::MAX,
            checksum: [0; 4],
        };
        let mut large = postcard::to_allocvec(&head).unwrap();
        large.extend(&sound);
        assert_eq!(stored(large).read(none).unwrap_err(), "its length is wrong");
    }
}
