//! Tar archives, entry by entry as they stream by.
//!
//! Entries are read raw, and long names here: the library would hold a name of any length in memory.

use super::ReadError;
use super::entry::{End, ReadContext};
use super::io_reason;
use super::unpack::{BOMB, read_up_to};
use std::io::{self, Read};
use tar::{Archive, PaxExtensions};

/// The longest header of extensions that is read, in bytes; a path has at most a few thousand.
const MOST_EXTENSIONS: u64 = 64 << 10;

/// Reads all entries of a stream.
pub(super) fn read(stream: impl Read, reading: &mut ReadContext) -> Result<(), End> {
    let mut archive = Archive::new(stream);
    // Archives that were written one after another are read to the end.
    archive.set_ignore_zeros(true);
    let mut long_name: Option<Vec<u8>> = None;
    let mut told_size: Option<Vec<u8>> = None;
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        reading.count()?;
        let kind = entry.header().entry_type();
        let size = entry.header().entry_size().map_err(broken)?;
        if kind.is_gnu_longname() {
            let name = extension(&mut entry)?;
            let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
            long_name = Some(name[..end].to_vec());
            continue;
        }
        if kind.is_pax_local_extensions() {
            let extensions = extension(&mut entry)?;
            for pair in PaxExtensions::new(&extensions).flatten() {
                match pair.key_bytes() {
                    b"path" => long_name = Some(pair.value_bytes().to_vec()),
                    b"size" => told_size = Some(pair.value_bytes().to_vec()),
                    _ => {}
                }
            }
            continue;
        }
        if kind.is_pax_global_extensions() || kind.is_gnu_longlink() {
            continue;
        }
        if let Some(told) = told_size.take()
            && told != size.to_string().as_bytes()
        {
            return Err(End::Broken(
                "has an entry of more than 8 GB: the rest was not read".to_string(),
            ));
        }
        let name = long_name
            .take()
            .unwrap_or_else(|| entry.header().path_bytes().into_owned());
        if kind.is_dir() {
            continue;
        }
        if kind.is_gnu_sparse() {
            reading.give(&name, Err(ReadError::Io("it is a sparse file".to_string())))?;
            continue;
        }
        if !kind.is_file() && !kind.is_contiguous() {
            reading.ignore("link");
            continue;
        }
        let Some(letter) = reading.wanted(&name)? else {
            continue;
        };
        let bytes = letter.read(&mut entry, reading.options.limits);
        if letter.is_plain() {
            match &bytes {
                Err(ReadError::Io(reason)) => return Err(cut(&name, reason)),
                Ok(bytes) if (bytes.len() as u64) < size => {
                    return Err(cut(&name, "it ends there"));
                }
                _ => {}
            }
        }
        reading.give(&name, bytes)?;
    }
    Ok(())
}

/// A stream that fails inside an entry fails as a whole.
fn cut(name: &[u8], reason: &str) -> End {
    if reason == BOMB {
        return End::Broken(BOMB.to_string());
    }
    let name = String::from_utf8_lossy(name);
    End::Broken(format!(
        "is a broken tar archive from {} on: {reason}",
        name.escape_debug()
    ))
}

fn extension(entry: &mut dyn Read) -> Result<Vec<u8>, End> {
    read_up_to(entry, MOST_EXTENSIONS).map_err(|e| match e {
        ReadError::TooLarge(most) => End::Broken(format!(
            "has an entry whose name is longer than {most} bytes: the rest was not read"
        )),
        e => End::Broken(format!("is a broken tar archive: it {e}")),
    })
}

fn broken(error: io::Error) -> End {
    let reason = io_reason(&error);
    // The library wraps the stream's reason into sentences of its own.
    if reason.contains(BOMB) {
        return End::Broken(BOMB.to_string());
    }
    // And it says what it found in a header in words of its own.
    let reason = if error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none() {
        "a header is damaged".to_string()
    } else {
        reason
    };
    End::Broken(format!("is a broken tar archive: {reason}"))
}
