//! The file that a letter was read from, served only where the index knows it and it is unchanged.

use super::refusal::Refusal;
use super::reply::Reply;
use crate::corpus::{self, Limits};
use crate::letter::{ItemPages, pages_in_file};
use crate::search::{Backend, Hit, SearchError, SourceFile};
use hyper::{StatusCode, header};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest file that is sent, in bytes.
const LARGEST: u64 = 32 << 20;

/// Letters whose pages are remembered.
const REMEMBERED: usize = 4_096;

/// On which pages of their files the items of letters stand, once it was looked up: an index holds no
/// pages of files.
#[derive(Default)]
pub(super) struct PageMemory(Mutex<HashMap<String, Arc<[ItemPages]>>>);

impl PageMemory {
    /// The pages of a letter's items; none where its file is no PDF or cannot be read any more.
    pub(super) fn of(&self, hit: &Hit, files: &[SourceFile]) -> Arc<[ItemPages]> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = known().get(&hit.id) {
            return Arc::clone(pages);
        }
        let pages: Arc<[ItemPages]> = pages(hit, files).unwrap_or_default().into();
        let mut known = known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hit.id.clone(), Arc::clone(&pages));
        pages
    }
}

fn pages(hit: &Hit, files: &[SourceFile]) -> Option<Vec<ItemPages>> {
    let file = files.iter().find(|file| is_there(file))?;
    let bytes = contents(file)?;
    if !is_pdf(&bytes) {
        return None;
    }
    let text = corpus::decode(bytes, Limits::of_letter(LARGEST)).ok()?;
    pages_in_file(&text, &hit.letter)
}

/// What can be said of a letter's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// It can be opened.
    There,
    /// It is in an archive, which is not unpacked for a page.
    InArchive,
    /// It is gone, or another by now.
    Gone,
    /// What is searched has no files.
    Elsewhere,
}

/// A letter's files, and what of them can be opened.
///
/// # Errors
/// If the index is damaged.
pub(super) fn of(engine: &dyn Backend, id: &str) -> Result<(Vec<SourceFile>, Source), SearchError> {
    match engine.sources_of(id) {
        Ok(files) => {
            let state = state(&files);
            Ok((files, state))
        }
        Err(SearchError::NotHere(_)) => Ok((Vec::new(), Source::Elsewhere)),
        Err(error) => Err(error),
    }
}

fn state(files: &[SourceFile]) -> Source {
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
pub(super) fn answer(engine: &dyn Backend, id: &str) -> Result<Reply, Refusal> {
    let files = engine.sources_of(id)?;
    let gone = || Refusal::unknown("the file of this letter no longer exists, or has changed");
    let file = files.iter().find(|file| is_there(file)).ok_or_else(gone)?;
    let bytes = contents(file).ok_or_else(gone)?;
    let is_pdf = is_pdf(&bytes);
    let ending = if is_pdf { "pdf" } else { "txt" };
    let reply = if is_pdf {
        Reply::new(StatusCode::OK, "application/pdf", bytes).shown_as_pdf()
    } else {
        let text = corpus::decode(bytes, Limits::of_letter(LARGEST));
        let text = text.map_err(|e| Refusal::unknown(format!("it {e}")))?;
        Reply::new(StatusCode::OK, "text/plain; charset=utf-8", text)
    };
    let case = engine.letter(id)?.and_then(|hit| hit.letter.case_number);
    let name = file_name(case.as_deref().unwrap_or("letter"), ending);
    let disposition = format!("inline; filename=\"{name}\"");
    Ok(reply.with(header::CONTENT_DISPOSITION, &disposition))
}

/// The bytes of a file that is as it was when it was indexed.
fn contents(file: &SourceFile) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(&file.path).ok()?;
    let read = opened.take(file.size + 1).read_to_end(&mut bytes).ok()?;
    (read as u64 == file.size).then_some(bytes)
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// The address of a letter's file; its last part is the name under which a browser saves it.
pub(super) fn address(hit: &Hit) -> String {
    let case = hit.letter.case_number.as_deref().unwrap_or("letter");
    let is_pdf = |file: &String| file.to_ascii_lowercase().ends_with(".pdf");
    let ending = if hit.files.first().is_some_and(is_pdf) {
        "pdf"
    } else {
        "txt"
    };
    format!("/letters/{}/source/{}", hit.id, file_name(case, ending))
}

/// A file's name of what a letter prints: nothing in it means anything to a system or a header.
fn file_name(stem: &str, ending: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let stem: String = stem.chars().filter(|c| harmless(*c)).take(80).collect();
    format!("{stem}.{ending}")
}
