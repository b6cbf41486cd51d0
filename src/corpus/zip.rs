//! Zip archives, entry by entry in the order of their directory.

use super::entry::{End, ReadContext};
use super::unpack::{BOMB, SizeLimitedReader};
use super::{ReadError, io_reason};
use std::io::{self, Read, Seek};
use zip::ZipReadOptions;
use zip::read::read_zipfile_from_stream;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

/// Reads all entries; `most` bytes may come out of all of them together. The directory is read from
/// one handle and what it points at from another, so that neither loses its place.
pub(super) fn read<R: Read + Seek>(
    directory: R,
    open: impl Fn() -> io::Result<R>,
    most: u64,
    reading: &mut ReadContext,
) -> Result<(), End> {
    let broken = |e: ZipError| End::Broken(format!("is a broken zip archive: {}", reason(&e)));
    let mut archive = match ZipIterable::try_new(directory, Default::default()) {
        Ok(archive) => archive,
        Err(error) => {
            let file =
                open().map_err(|e| End::Broken(format!("cannot be read: {}", io_reason(&e))))?;
            return before_the_cut(file, most, &reason(&error), reading);
        }
    };
    let mut bodies =
        open().map_err(|e| End::Broken(format!("cannot be read: {}", io_reason(&e))))?;
    let mut left = most;
    for entry in archive.files().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        reading.count()?;
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
    Ok(())
}

/// Reads what can be read of an archive whose directory, at its end, is missing or broken: entry after entry from the
/// beginning. That always ends with an error, so that the archive is known not to be whole.
fn before_the_cut(
    mut file: impl Read,
    most: u64,
    why: &str,
    reading: &mut ReadContext,
) -> Result<(), End> {
    let (mut left, mut read) = (most, 0);
    while let Ok(Some(entry)) = read_zipfile_from_stream(&mut file) {
        reading.count()?;
        if entry.is_dir() || entry.is_symlink() {
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
        let mut stream = SizeLimitedReader::new(entry, left);
        let bytes = letter.read(&mut stream, reading.options.limits);
        left = stream.left().ok_or_else(|| End::Broken(BOMB.to_string()))?;
        let cut = bytes.is_err();
        reading.give(&name, bytes)?;
        if cut {
            break;
        }
        read += 1;
    }
    Err(End::Broken(match read {
        0 => format!("is a broken zip archive: {why}"),
        1 => "is a broken zip archive, cut short: the file before the cut was read".to_string(),
        _ => {
            format!("is a broken zip archive, cut short: the {read} files before the cut were read")
        }
    }))
}

fn reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => io_reason(error),
        ZipError::InvalidArchive(what) => what.to_lowercase(),
        ZipError::CompressionMethodNotSupported(method) => format!(
            "it is compressed by a method that is not supported (number {method}); only deflate and stored are"
        ),
        error => error.to_string(),
    }
}
