//! From sources to letters: bytes, text, fields, step by step.

use super::super::catalog::Entry;
use super::super::error::IndexError;
use super::super::sources::{SourceState, digest_of, digest_of_bytes, member_key};
use super::feed::Work;
use super::identity;
use super::memory::InHand;
use super::write::IngestWriter;
use super::writers::Operation;
use crate::corpus::{self, ReadError};
use crate::letter::{self, Letter};
use std::sync::atomic::Ordering;

/// A source whose text was read, or why there is none.
struct Fetched<'k> {
    key: String,
    /// As the index knows it.
    before: Option<&'k Entry>,
    state: SourceState,
    text: Result<String, ReadError>,
}

/// A source whose letter was read, or that gave none.
pub(super) struct Outcome<'k> {
    pub key: String,
    pub before: Option<&'k Entry>,
    /// With the reason where there is no letter.
    pub state: SourceState,
    pub found: Found,
}

/// What a source holds.
pub(super) enum Found {
    Letter(Box<Letter>),
    /// Several letters: each is a source of its own, as the members of an archive are.
    Several,
    Nothing,
}

/// Sources go through each step together that have so many bytes of files: 90 letters as text, 17 as PDFs. With
/// fewer the tables of each step are not at hand, with more the last ones of a batch are waited for.
const BYTES_TOGETHER: u64 = 512 << 10;
/// The least and the most of them.
const TOGETHER: (usize, usize) = (16, 128);
/// Texts of so many bytes do not wait for more.
const TEXT_TOGETHER: usize = 1 << 20;
/// Texts that have more bytes are read and written by themselves.
const LARGE: usize = 128 << 10;

/// How many of some sources go through each step together.
pub(super) fn together(works: &[Work]) -> usize {
    let bytes: u64 = works.iter().map(Work::bytes).sum();
    let each = (bytes / (works.len() as u64).max(1)).max(1);
    let (least, most) = TOGETHER;
    ((BYTES_TOGETHER / each) as usize).clamp(least, most)
}

impl<'k> Fetched<'k> {
    fn text_bytes(&self) -> usize {
        self.text.as_ref().map_or(0, String::len)
    }

    /// Reads the fields out of the text: an outcome for the source, and one for each of its letters
    /// where it holds several.
    fn read(self, writer: &IngestWriter<'k>) -> Vec<Outcome<'k>> {
        let mut state = self.state;
        let mut found = Found::Nothing;
        let mut parts = Vec::new();
        match self.text.map(|text| letter::documents(&text)) {
            Ok(mut documents) => {
                if writer.options.other {
                    documents = documents.with_others();
                }
                if let Some(note) = documents.note() {
                    writer.note(&self.key, note);
                }
                match documents.letters.len() {
                    0 => state.failure = documents.refusal(),
                    1 => {
                        let letter = documents.letters.into_iter().next().map(|part| part.letter);
                        if let Some(letter) = letter {
                            state.letter = identity(&letter);
                            found = Found::Letter(Box::new(letter));
                        }
                    }
                    _ => {
                        found = Found::Several;
                        parts = documents.letters;
                    }
                }
            }
            Err(reason) => state.failure = reason.to_string(),
        }
        // What was among its letters and is not any more is gone from it.
        if let Some(inside) = writer.known.archive(digest_of(&self.key))
            && state.modified != 0
        {
            inside.set_read();
        }
        let archive = match state.archive {
            0 => self.key.len(),
            archive => archive,
        };
        let several = parts.into_iter().map(|part| {
            let name = part.name.unwrap_or_default();
            let key = member_key(&self.key, &name);
            let before = writer.known.get(digest_of(&key));
            if let Some(before) = before {
                before.see();
            }
            let state = SourceState {
                letter: identity(&part.letter),
                size: part.letter.text.len() as u64,
                digest: digest_of_bytes(part.letter.text.as_bytes()),
                archive,
                ..SourceState::default()
            };
            Outcome {
                key,
                before,
                state,
                found: Found::Letter(Box::new(part.letter)),
            }
        });
        let mut outcomes: Vec<Outcome> = several.collect();
        outcomes.push(Outcome {
            key: self.key,
            before: self.before,
            state,
            found,
        });
        outcomes
    }
}

impl IngestWriter<'_> {
    /// Makes room for what the next step with a letter may take.
    fn takes(&self, hand: &mut InHand, bytes: usize) -> Result<(), IndexError> {
        if hand.takes(bytes) {
            let made = self.open_writers()?.make_room();
            made.map_err(|e| self.index.cannot_write(&e))?;
        }
        Ok(())
    }

    /// Reads some sources and writes what became of them, step by step for all: each step has tables of its own,
    /// which are then at hand for all but the first.
    pub(super) fn some(&self, works: Vec<Work>) -> Result<(), IndexError> {
        let mut waiting = Vec::with_capacity(works.len());
        let mut text = 0;
        for work in works {
            if self.progress.stopping() {
                self.cut.store(true, Ordering::Relaxed);
                break;
            }
            let Some(fetched) = self.fetch(work)? else {
                continue;
            };
            if fetched.text_bytes() > LARGE {
                let mut hand = self.memory.in_hand();
                self.takes(&mut hand, corpus::TEXT_COST * fetched.text_bytes())?;
                self.go_on_with(vec![fetched])?;
                continue;
            }
            text += fetched.text_bytes();
            waiting.push(fetched);
            if text > TEXT_TOGETHER {
                self.go_on_with(std::mem::take(&mut waiting))?;
                text = 0;
            }
        }
        self.go_on_with(waiting)
    }

    fn go_on_with(&self, fetched: Vec<Fetched>) -> Result<(), IndexError> {
        let sources = fetched.len();
        let read: Vec<Outcome> = fetched.into_iter().flat_map(|f| f.read(self)).collect();
        let more = read.len() - sources;
        self.progress.total.fetch_add(more, Ordering::Relaxed);
        let written = read.into_iter().map(|outcome| self.write(outcome));
        let written: Vec<Vec<Operation>> = written.collect::<Result<_, _>>()?;
        for operations in written {
            self.run(operations)?;
            self.progress.done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether what failed before may give something now.
    fn tries_again(&self) -> bool {
        self.options.retry || self.options.other || self.options.ocr.is_some()
    }

    /// Whether a member of an archive holds several letters: they are members of the archive too, and
    /// must be met again.
    fn is_a_bundle_inside(&self, before: &Entry, archive: usize) -> bool {
        archive > 0 && before.letter == 0 && !before.failed
    }

    /// Reads the bytes of a source, and the text out of them. None where it is as it was before.
    fn fetch(&self, work: Work) -> Result<Option<Fetched<'_>>, IndexError> {
        let mut hand = self.memory.in_hand();
        let limits = self.options.members.limits;
        let (key, size, modified, archive, bytes) = match work {
            Work::File(source) => {
                self.progress.set_current(&source.key);
                // A compressed one may become as large as a letter may be.
                let most = source.size.min(limits.letter());
                self.takes(&mut hand, corpus::FILE_COST * most as usize)?;
                let bytes = corpus::load(&source.path, limits);
                (source.key, source.size, source.modified, 0, bytes)
            }
            Work::Member {
                key,
                archive,
                bytes,
                waiting,
            } => {
                self.progress.set_current(&key);
                drop(waiting);
                let size = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                (key, size, 0, archive, bytes)
            }
        };
        let before = self.known.get(digest_of(&key));
        let mut state = SourceState {
            size,
            modified,
            archive,
            ..SourceState::default()
        };
        let text = match bytes {
            Err(error) => {
                // What could not be opened says nothing of what it holds: it is tried again.
                if matches!(error, ReadError::Io(_)) {
                    state.modified = 0;
                }
                Err(error)
            }
            Ok(bytes) => {
                let progress = &self.progress.bytes;
                progress.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                state.digest = digest_of_bytes(&bytes);
                if let Some(before) = before.filter(|b| b.digest == state.digest)
                    && !(before.failed && self.tries_again())
                    && !self.is_a_bundle_inside(before, archive)
                {
                    if let Some(inside) = self.known.archive(digest_of(&key)) {
                        inside.see();
                    }
                    self.same(&key, before, state)?;
                    return Ok(None);
                }
                self.takes(&mut hand, corpus::FILE_COST * bytes.len())?;
                let ocr = self.options.ocr.as_ref();
                let scan = ocr.filter(|_| corpus::is_pdf(&bytes));
                let scan = scan.map(|ocr| (ocr, bytes.clone()));
                let stop = || self.progress.stopping();
                let text = match corpus::open(bytes, limits, &stop) {
                    Err(error) => Err(error),
                    Ok(opened) => {
                        self.takes(&mut hand, opened.cost())?;
                        opened.text(&stop)
                    }
                };
                match (text, scan) {
                    (Err(ReadError::NoTextLayer), Some((ocr, bytes))) => {
                        ocr.read(&bytes, &stop).map(|text| corpus::Text {
                            text,
                            notes: Vec::new(),
                        })
                    }
                    (text, _) => text,
                }
            }
        };
        if matches!(text, Err(ReadError::Stopped)) {
            self.cut.store(true, Ordering::Relaxed);
            return Ok(None);
        }
        let text = text.map(|text| {
            for note in text.notes {
                self.note(&key, note);
            }
            text.text
        });
        Ok(Some(Fetched {
            key,
            before,
            state,
            text,
        }))
    }
}
