//! What is inside an archive or a file of many letters, member after member, as a stream: nothing
//! is unpacked to disk, and one member is held at a time.

use super::entry::{ArchiveReport, End, Member, MemberOptions, ReadContext};
use super::kind::Kind;
use super::unpack::{SizeLimitedReader, most_bytes, unpack};
use super::{Source, io_reason, lines, open_file, table, tar, zip};
use std::io::BufReader;

/// Reads the members of a source one after another into `give`, which answers whether it wants more.
///
/// Whatever the bytes, it ends: a member may have so many bytes as a letter, the whole 250 times the size
/// of its file.
pub fn members(
    source: &Source,
    options: &MemberOptions,
    give: &mut dyn FnMut(Member) -> bool,
) -> ArchiveReport {
    let mut reading = ReadContext::new(options, give);
    let ended = read_all(source, &mut reading);
    reading.report(ended)
}

fn read_all(source: &Source, reading: &mut ReadContext) -> Result<(), End> {
    let open = || open_file(&source.path).map(BufReader::new);
    let file = open().map_err(|e| End::Broken(format!("cannot be read: {}", io_reason(&e))))?;
    let most = most_bytes(source.size);
    let unpack =
        |packing, file| SizeLimitedReader::new(unpack(packing, file, reading.options.limits), most);
    match source.kind {
        Kind::Zip => zip::read(file, open, most, reading),
        Kind::Tar(packing) => tar::read(unpack(packing, file), reading),
        Kind::Lines(packing) => lines::read(unpack(packing, file), reading),
        Kind::Table(packing) => table::read(unpack(packing, file), reading),
        Kind::Letter(_) => Ok(()),
    }
}
