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
    let gone = || Refusal::unknown("the file of this letter no longer exists, or has changed");
    let file = files.iter().find(|file| is_there(file)).ok_or_else(gone)?;
    let mut bytes = Vec::new();
    let opened = File::open(&file.path).map_err(|_| gone())?;
    let read = opened.take(file.size + 1).read_to_end(&mut bytes);
    if read.ok() != usize::try_from(file.size).ok() {
        return Err(gone());
    }
    let is_pdf = bytes.starts_with(b"%PDF-");
    let ending = if is_pdf { "pdf" } else { "txt" };
    let reply = if is_pdf {
        Reply::new(StatusCode::OK, "application/pdf", bytes).shown_as_pdf()
    } else {
        let text = corpus::decode(bytes, Limits::of_letter(LARGEST));
        let text = text.map_err(|e| Refusal::unknown(format!("it {e}")))?;
        Reply::new(StatusCode::OK, "text/plain; charset=utf-8", text)
    };
    let case = engine.letter_of(id)?.and_then(|hit| hit.letter.case_number);
    let name = file_name(case.as_deref().unwrap_or("letter"), ending);
    let disposition = format!("inline; filename=\"{name}\"");
    Ok(reply.with(header::CONTENT_DISPOSITION, &disposition))
}

/// A file's name of what a letter prints: nothing in it means anything to a system or a header.
fn file_name(stem: &str, ending: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let stem: String = stem.chars().filter(|c| harmless(*c)).take(80).collect();
    format!("{stem}.{ending}")
}
