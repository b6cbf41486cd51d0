//! Entries of a zip archive by their own headers, where its directory is missing, damaged, or lists too few.
//!
//! An entry that was written as a stream says only behind its bytes how many they are; compressed bytes end by themselves.

use super::entry::{End, LetterEntry, ReadContext};
use super::unpack::{BOMB, SizeLimitedReader};
use super::{Limits, ReadError};
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Behind the bytes of an entry: a mark, a checksum, and how many bytes there were.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// What an entry's own header says, after its mark.
struct Header {
    flags: u16,
    method: u16,
    checksum: u32,
    /// Bytes of its body; none if that is only said behind them.
    packed: Option<u64>,
    name: Vec<u8>,
}

/// Reads all entries from the beginning of the file to its end. Of those in `known`, by the place of their header, the
/// bytes of the body are passed over. `most` bytes may come out of the others together.
///
/// Returns how many letters were read.
pub(super) fn read<R: BufRead + Seek>(
    file: &mut R,
    known: &HashMap<u64, u64>,
    most: u64,
    reading: &mut ReadContext,
) -> Result<usize, End> {
    let (mut left, mut letters) = (most, 0);
    while let Some(at) = next_header(file)? {
        let Some(header) = Header::read(file) else {
            continue;
        };
        let body = file.stream_position().map_err(cannot_be_read)?;
        let skip = |file: &mut R, bytes: u64| {
            let to = SeekFrom::Start(body.saturating_add(bytes));
            file.seek(to).map_err(cannot_be_read)
        };
        if let Some(bytes) = known.get(&at) {
            skip(file, *bytes)?;
            continue;
        }
        reading.count()?;
        let wanted = match header.name.ends_with(b"/") {
            true => None,
            false => reading.wanted(&header.name)?,
        };
        let is_encrypted = header.flags & 1 != 0;
        let Some(letter) = wanted.filter(|_| !is_encrypted) else {
            if is_encrypted {
                reading.give(&header.name, Err(ReadError::EncryptedEntry))?;
            }
            skip(file, header.packed.unwrap_or(0))?;
            continue;
        };
        let bytes = letter_bytes(file, &header, &letter, &mut left, reading.options.limits)?;
        letters += usize::from(bytes.is_ok());
        if bytes.is_err() {
            // What its size would pass over may be the next entry.
            skip(file, 0)?;
        }
        reading.give(&header.name, bytes)?;
    }
    Ok(letters)
}

/// The bytes of one entry, at whose body the file stands. `left` bytes may come out.
fn letter_bytes<R: BufRead + Seek>(
    file: &mut R,
    header: &Header,
    letter: &LetterEntry,
    left: &mut u64,
    limits: Limits,
) -> Result<Result<Vec<u8>, ReadError>, End> {
    let plain: Box<dyn Read + '_> = match (header.method, header.packed) {
        (8, packed) => {
            let packed = file.by_ref().take(packed.unwrap_or(u64::MAX));
            Box::new(DeflateDecoder::new(packed))
        }
        (0, Some(packed)) => Box::new(file.by_ref().take(packed)),
        (0, None) => match stored(file, limits.letter()) {
            Ok(bytes) => Box::new(io::Cursor::new(bytes)),
            Err(reason) => return Ok(Err(ReadError::Io(reason))),
        },
        (method, _) => return Ok(Err(ReadError::Io(unsupported(method)))),
    };
    let mut stream = CrcReader::new(SizeLimitedReader::new(plain, *left));
    let bytes = letter.read(&mut stream, limits);
    let found = stream.crc().sum();
    let rest = stream.into_inner().left();
    *left = rest.ok_or_else(|| End::Broken(BOMB.to_string()))?;
    let told = match header.packed {
        Some(_) => Some(header.checksum),
        None => checksum_behind(file),
    };
    Ok(match bytes {
        Ok(_) if letter.is_plain() && told != Some(found) => {
            Err(ReadError::Io("its checksum differs".to_string()))
        }
        bytes => bytes,
    })
}

/// Why an entry of another method cannot be read.
pub(super) fn unsupported(method: u16) -> String {
    format!(
        "it is compressed by a method that is not supported (number {method}); only deflate and stored are"
    )
}

fn cannot_be_read(error: io::Error) -> End {
    End::Broken(format!("cannot be read: {}", super::io_reason(&error)))
}

/// Goes on behind the next header's mark and returns where that begins.
fn next_header<R: BufRead + Seek>(file: &mut R) -> Result<Option<u64>, End> {
    'search: loop {
        let buffer = file.fill_buf().map_err(cannot_be_read)?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let found = memchr::memchr(b'P', buffer);
        let used = found.map_or(buffer.len(), |at| at + 1);
        file.consume(used);
        if found.is_none() {
            continue;
        }
        for wanted in b"K\x03\x04" {
            match file.fill_buf().map_err(cannot_be_read)?.first() {
                None => return Ok(None),
                Some(byte) if byte != wanted => continue 'search,
                Some(_) => file.consume(1),
            }
        }
        let at = file.stream_position().map_err(cannot_be_read)?;
        return Ok(Some(at - 4));
    }
}

impl Header {
    /// The header behind its mark; none if the file ends in it.
    fn read(file: &mut impl Read) -> Option<Header> {
        let mut fixed = [0; 26];
        file.read_exact(&mut fixed).ok()?;
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
        let mut name = vec![0; usize::from(short(22))];
        file.read_exact(&mut name).ok()?;
        let mut extra = vec![0; usize::from(short(24))];
        file.read_exact(&mut extra).ok()?;
        let flags = short(2);
        let packed = match long(14) {
            u32::MAX => large_size(&extra)?,
            packed => u64::from(packed),
        };
        Some(Header {
            flags,
            method: short(4),
            checksum: long(10),
            packed: (flags & 8 == 0 || packed > 0).then_some(packed),
            name,
        })
    }
}

/// Bytes of the body of an entry whose sizes stand in an extension (Zip64): first its size, then its size packed.
fn large_size(mut extra: &[u8]) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let field = rest.get(..usize::from(u16::from_le_bytes([*c, *d])))?;
        if u16::from_le_bytes([*a, *b]) == 1 {
            return Some(u64::from_le_bytes(field.get(8..16)?.try_into().ok()?));
        }
        extra = &rest[field.len()..];
    }
    None
}

/// The checksum that stands behind the bytes of an entry, with or without its mark.
fn checksum_behind(file: &mut impl Read) -> Option<u32> {
    let mut word = [0; 4];
    file.read_exact(&mut word).ok()?;
    if word == DESCRIPTOR {
        file.read_exact(&mut word).ok()?;
    }
    Some(u32::from_le_bytes(word))
}

/// The bytes of an entry that stands as it is up to what says how many they were, which is left to be read.
fn stored<R: BufRead + Seek>(file: &mut R, most: u64) -> Result<Vec<u8>, String> {
    let start = file.stream_position().map_err(|e| super::io_reason(&e))?;
    let mut bytes = Vec::new();
    let read = file.take(most.saturating_add(16)).read_to_end(&mut bytes);
    read.map_err(|e| super::io_reason(&e))?;
    let ends = |at: &usize| {
        let size = bytes.get(at + 8..at + 12);
        size == Some(&(*at as u32).to_le_bytes())
    };
    let end = memchr::memmem::find_iter(&bytes, DESCRIPTOR).find(ends);
    let end = end.ok_or("it ends too early")?;
    bytes.truncate(end);
    let to = SeekFrom::Start(start + end as u64);
    file.seek(to).map_err(|e| super::io_reason(&e))?;
    Ok(bytes)
}
