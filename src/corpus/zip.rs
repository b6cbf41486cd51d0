//! Zip archives, entry by entry in the order of their directory; where that is damaged, by the entries' own headers.

use super::entry::{End, ReadContext};
use super::unpack::{BOMB, SizeLimitedReader};
use super::zip_entries::{self, unsupported};
use super::{ReadError, io_reason};
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use zip::ZipReadOptions;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

/// Reads all entries; `most` bytes may come out of all of them together. The directory is read from
/// one handle and what it points at from another, so that neither loses its place.
pub(super) fn read<R: BufRead + Seek>(
    directory: R,
    open: impl Fn() -> io::Result<R>,
    most: u64,
    reading: &mut ReadContext,
) -> Result<(), End> {
    let mut bodies =
        open().map_err(|e| End::Broken(format!("cannot be read: {}", io_reason(&e))))?;
    let archive = ZipIterable::try_new(directory, Default::default());
    let mut archive = match archive {
        Ok(archive) => archive,
        Err(error) => {
            let why = directory_reason(&error);
            let letters = zip_entries::read(&mut bodies, &HashMap::new(), most, reading)?;
            // That always ends with an error, so that the archive is known not to be whole.
            return Err(End::Broken(match letters {
                0 => format!("is a broken zip archive: {why}"),
                1 => "is a broken zip archive, cut short: the file before the cut was read"
                    .to_string(),
                _ => format!(
                    "is a broken zip archive, cut short: the {letters} files before the cut were read"
                ),
            }));
        }
    };
    let mut left = most;
    let mut known = HashMap::new();
    let mut last = None;
    let mut damage = None;
    let entries = archive.files();
    for entry in entries.map_err(|e| End::Broken(format!("cannot be read: {}", reason(&e))))? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                damage = Some(directory_reason(&error));
                break;
            }
        };
        reading.count()?;
        known.insert(entry.header_start(), entry.compressed_size());
        last = Some(entry.central_header_start());
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            reading.ignore("link");
            continue;
        }
        let name = entry.name_raw().to_vec();
        let Some(letter) = reading.wanted(&name)? else {
            continue;
        };
        if entry.encrypted() {
            reading.give(&name, Err(ReadError::EncryptedEntry))?;
            continue;
        }
        let bytes = match entry.with_reader(&mut bodies, ZipReadOptions::new()) {
            Ok(stream) => {
                let mut stream = SizeLimitedReader::new(stream, left);
                let bytes = letter.read(&mut stream, reading.options.limits);
                left = stream.left().ok_or_else(|| End::Broken(BOMB.to_string()))?;
                bytes
            }
            Err(error) => Err(ReadError::Io(reason(&error))),
        };
        reading.give(&name, bytes)?;
    }
    if damage.is_none() && lists_too_few(&mut bodies, last) {
        damage = Some("its directory lists too few files".to_string());
    }
    let Some(why) = damage else {
        return Ok(());
    };
    bodies
        .rewind()
        .map_err(|e| End::Broken(format!("cannot be read: {}", io_reason(&e))))?;
    let letters = zip_entries::read(&mut bodies, &known, left, reading)?;
    Err(End::Broken(match letters {
        0 => format!("is a broken zip archive: {why}"),
        1 => format!("is a broken zip archive: {why}; 1 more file was recovered"),
        _ => format!("is a broken zip archive: {why}; {letters} more files were recovered"),
    }))
}

/// Whether something follows the last entry of the directory that is an entry of it, or, where it has none, whether the
/// file begins with an entry.
fn lists_too_few(file: &mut (impl Read + Seek), last: Option<u64>) -> bool {
    let mut mark_at = |at: u64| -> io::Result<[u8; 4]> {
        let mut mark = [0; 4];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut mark)?;
        Ok(mark)
    };
    let Some(last) = last else {
        return mark_at(0).is_ok_and(|mark| mark == *b"PK\x03\x04");
    };
    // Of an entry of the directory, after 28 bytes: how long its name, extensions and remark are.
    let lengths = mark_at(last + 28).and_then(|names| Ok((names, mark_at(last + 32)?)));
    lengths.is_ok_and(|([a, b, c, d], [e, f, ..])| {
        let length = |low, high| u64::from(u16::from_le_bytes([low, high]));
        let next = last + 46 + length(a, b) + length(c, d) + length(e, f);
        mark_at(next).is_ok_and(|mark| mark == *b"PK\x01\x02")
    })
}

/// What is wrong with a directory, in plain words.
fn directory_reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => io_reason(error),
        ZipError::InvalidArchive(what) if what.to_lowercase().contains("could not find") => {
            "its directory is missing".to_string()
        }
        ZipError::UnsupportedArchive(what) if what.contains("multi-disk") => {
            "it is a part of a larger one".to_string()
        }
        _ => "its directory is damaged".to_string(),
    }
}

fn reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => io_reason(error),
        ZipError::InvalidArchive(what) => what.to_lowercase(),
        ZipError::CompressionMethodNotSupported(method) => unsupported(*method),
        error => error.to_string(),
    }
}
