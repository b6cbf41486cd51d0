//! The file that a letter was read from, served only where the index knows it and it is unchanged.

use super::refusal::Refusal;
use super::reply::Reply;
use crate::corpus::{self, Limits};
use crate::search::{Engine, SourceFile};
use hyper::{StatusCode, header};
use std::fs::File;
use std::io::Read;

/// The largest file that is sent, in bytes.
const LARGEST: u64 = 32 << 20;

/// What can be said of a letter's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// It can be opened.
    There,
    /// It is in an archive, which is not unpacked for a page.
    InArchive,
    /// It is gone, or another by now.
    Gone,
}

/// What of a letter's files can be opened.
pub(super) fn state(files: &[SourceFile]) -> Source {
    if files.iter().any(is_there) {
        Source::There
    } else if files.iter().any(|file| file.archive) {
        Source::InArchive
    } else {
        Source::Gone
    }
}

fn is_there(file: &SourceFile) -> bool {
    let meta = std::fs::metadata(&file.path);
    !file.archive
        && file.size <= LARGEST
        && meta.is_ok_and(|meta| meta.is_file() && meta.len() == file.size)
}

/// `/letters/{id}/source`: the PDF, or the text.
pub(super) fn answer(engine: &Engine, id: &str) -> Result<Reply, Refusal> {
    let files = engine.sources_of(id)?;
    let gone = || Refusal::unknown("the file of this letter is not there any more, or has changed");
    let file = files.iter().find(|file| is_there(file)).ok_or_else(gone)?;
    let mut bytes = Vec::new();
    let opened = File::open(&file.path).map_err(|_| gone())?;
    let read = opened.take(file.size + 1).read_to_end(&mut bytes);
    if read.ok() != usize::try_from(file.size).ok() {
        return Err(gone());
    }
    let reply = if bytes.starts_with(b"%PDF-") {
        Reply::new(StatusCode::OK, "application/pdf", bytes).shown_as_pdf()
    } else {
        let text = corpus::decode(bytes, Limits::of_letter(LARGEST));
        let text = text.map_err(|e| Refusal::unknown(format!("it {e}")))?;
        Reply::new(StatusCode::OK, "text/plain; charset=utf-8", text)
    };
    Ok(reply.with(header::CONTENT_DISPOSITION, "inline"))
}
