//! From sources to letters: bytes, text, fields, step by step.

use super::super::catalog::Entry;
use super::super::error::IndexError;
use super::super::sources::{SourceState, digest_of, digest_of_bytes, member_key};
use super::decide::{self, Again};
use super::feed::{Batch, FinishedArchive, Work};
use super::identity;
use super::memory::InHand;
use super::outcome::{Outcome, SourceContent};
use super::write::IngestWriter;
use super::writers::DocumentOperation;
use crate::corpus::{self, ReadError};
use crate::letter;
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// A source whose bytes are in memory, or why they are not.
struct Loaded<'k> {
    key: String,
    /// As the index knows it.
    before: Option<&'k Entry>,
    state: SourceState,
    bytes: Result<Vec<u8>, ReadError>,
}

/// A source whose text was read, or why there is none.
struct Fetched<'k> {
    key: String,
    /// As the index knows it.
    before: Option<&'k Entry>,
    state: SourceState,
    text: Result<String, ReadError>,
}

/// Sources go through each step together that have so many bytes of files: 90 letters as text, 17 as PDFs. With
/// fewer the tables of each step are not at hand, with more the last ones of a batch are waited for.
const BYTES_TOGETHER: u64 = 512 << 10;
/// The least and the most of them.
const TOGETHER: (usize, usize) = (16, 128);
/// Texts of so many bytes do not wait for more.
const TEXT_TOGETHER: usize = 1 << 20;
/// Files that have more bytes are opened by themselves.
const LARGE_FILE: usize = 512 << 10;
/// Texts that have more bytes are read and written by themselves.
const LARGE: usize = 128 << 10;

/// How many of some sources go through each step together.
fn together(works: &[Work]) -> usize {
    let bytes: u64 = works.iter().map(Work::bytes).sum();
    let each = (bytes / (works.len() as u64).max(1)).max(1);
    let (least, most) = TOGETHER;
    ((BYTES_TOGETHER / each) as usize).clamp(least, most)
}

impl<'k> Fetched<'k> {
    fn text_bytes(&self) -> usize {
        self.text.as_ref().map_or(0, String::len)
    }

    /// What was read of the text: an outcome for the source, and one for each of its letters where it
    /// holds several.
    fn outcomes(
        self,
        read: Result<letter::Documents, ReadError>,
        writer: &IngestWriter<'k>,
    ) -> Vec<Outcome<'k>> {
        let mut state = self.state;
        let mut found = SourceContent::Nothing;
        let mut parts = Vec::new();
        match read {
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
                            found = SourceContent::Letter(Box::new(letter));
                        }
                    }
                    _ => {
                        found = SourceContent::Several;
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
                found: SourceContent::Letter(Box::new(part.letter)),
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
    /// Reads a batch side by side, then remembers the archives that ended with it.
    pub(super) fn batch(&mut self, batch: Batch) -> Result<(), IndexError> {
        self.open()?;
        let works = batch.works.len();
        let writing = &*self;
        let writers = writing.open_writers()?;
        writers.pool.install(|| {
            let together = together(&batch.works);
            let works = batch.works.into_par_iter().chunks(together);
            works.try_for_each(|works| writing.some(works))
        })?;
        if !self.was_cut() {
            for ended in batch.ended {
                self.archive(ended)?;
            }
        }
        self.commit_if_due(works)
    }

    /// An archive is remembered once its members are: until then a next run reads it again.
    fn archive(&self, ended: FinishedArchive) -> Result<(), IndexError> {
        let state = SourceState {
            failure: ended.failure.unwrap_or_default(),
            size: ended.source.size,
            modified: ended.source.modified,
            ..SourceState::default()
        };
        let key = &ended.source.key;
        let before = self.known.get(digest_of(key));
        let mut operations = Vec::with_capacity(2);
        self.remember(key, before, &state, &mut operations);
        self.run(operations)
    }

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
    fn some(&self, works: Vec<Work>) -> Result<(), IndexError> {
        let mut waiting = Vec::with_capacity(works.len());
        let mut bytes = 0;
        for work in works {
            if self.progress.stopping() {
                self.cut.store(true, Ordering::Relaxed);
                break;
            }
            let mut hand = self.memory.in_hand();
            let Some(loaded) = self.load(work, &mut hand)? else {
                continue;
            };
            let length = loaded.bytes.as_ref().map_or(0, Vec::len);
            if length > LARGE_FILE {
                self.texts(vec![loaded], hand)?;
                continue;
            }
            bytes += length;
            waiting.push(loaded);
            if bytes > TEXT_TOGETHER {
                self.texts(std::mem::take(&mut waiting), hand)?;
                bytes = 0;
            }
        }
        self.texts(waiting, self.memory.in_hand())
    }

    /// Reads the texts of some sources and goes on with them; what the first may take is in hand.
    fn texts(&self, loaded: Vec<Loaded>, hand: InHand) -> Result<(), IndexError> {
        let limits = self.options.members.limits;
        let stop = || self.progress.stopping();
        let ocr = self.options.ocr.as_deref();
        let mut letters = Vec::with_capacity(loaded.len());
        let mut sources = Vec::with_capacity(loaded.len());
        for Loaded {
            key,
            before,
            state,
            bytes,
        } in loaded
        {
            let scan = bytes
                .as_ref()
                .ok()
                .and_then(|bytes| corpus::as_scan(bytes, ocr));
            let failure = bytes.map(|bytes| letters.push(bytes)).err();
            sources.push((key, before, state, failure, scan));
        }
        let mut opened = corpus::open_all(letters, limits, &stop);
        let mut waiting = Vec::with_capacity(sources.len());
        let mut bytes = 0;
        let mut first = Some(hand);
        for (key, before, state, failure, scan) in sources {
            let mut hand = first.take().unwrap_or_else(|| self.memory.in_hand());
            let opened = match failure {
                Some(error) => Err(error),
                None => opened.next().unwrap_or(Err(ReadError::Stopped)),
            };
            let text = match opened {
                Err(error) => Err(error),
                Ok(opened) => {
                    self.progress.set_current(&key);
                    self.takes(&mut hand, opened.cost())?;
                    opened.text(&stop)
                }
            };
            let text = corpus::or_scanned(text, scan, &stop);
            if matches!(text, Err(ReadError::Stopped)) {
                self.cut.store(true, Ordering::Relaxed);
                continue;
            }
            let text = text.map(|text| {
                for note in text.notes {
                    self.note(&key, note);
                }
                text.text
            });
            let fetched = Fetched {
                key,
                before,
                state,
                text,
            };
            if fetched.text_bytes() > LARGE {
                self.takes(&mut hand, corpus::TEXT_COST * fetched.text_bytes())?;
                self.go_on_with(vec![fetched])?;
                continue;
            }
            bytes += fetched.text_bytes();
            waiting.push(fetched);
            if bytes > TEXT_TOGETHER {
                self.go_on_with(std::mem::take(&mut waiting))?;
                bytes = 0;
            }
        }
        self.go_on_with(waiting)
    }

    fn go_on_with(&self, mut fetched: Vec<Fetched>) -> Result<(), IndexError> {
        let sources = fetched.len();
        let texts: Vec<Result<String, ReadError>> = fetched
            .iter_mut()
            .map(|fetched| std::mem::replace(&mut fetched.text, Ok(String::new())))
            .collect();
        let documents = letter::documents_of(texts.iter().flatten().map(String::as_str));
        let mut documents = documents.into_iter();
        let documents = texts
            .into_iter()
            .map(|text| text.map(|_| documents.next().unwrap_or_default()));
        let read: Vec<Outcome> = fetched
            .into_iter()
            .zip(documents)
            .flat_map(|(fetched, documents)| fetched.outcomes(documents, self))
            .collect();
        let more = read.len() - sources;
        self.progress.total.fetch_add(more, Ordering::Relaxed);
        let written = read.into_iter().map(|outcome| self.write(outcome));
        let written: Vec<Vec<DocumentOperation>> = written.collect::<Result<_, _>>()?;
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

    /// Reads the bytes of a source. None where it is as it was before.
    fn load(&self, work: Work, hand: &mut InHand) -> Result<Option<Loaded<'_>>, IndexError> {
        let limits = self.options.members.limits;
        let (key, size, modified, archive, bytes) = match work {
            Work::File(source) => {
                self.progress.set_current(&source.key);
                // A compressed one may become as large as a letter may be.
                let most = source.size.min(limits.letter());
                self.takes(hand, corpus::FILE_COST * most as usize)?;
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
        match &bytes {
            // What could not be opened says nothing of what it holds: it is tried again.
            Err(ReadError::Io(_)) => state.modified = 0,
            Err(_) => {}
            Ok(bytes) => {
                let progress = &self.progress.bytes;
                progress.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                state.digest = digest_of_bytes(bytes);
                let is_bundle = before.is_some_and(|before| is_bundle_inside(before, archive));
                let again = Again {
                    retry: self.tries_again(),
                    ..self.options.again()
                };
                if let Some(before) = before
                    && decide::has_same_bytes(Some(before.into()), state.digest, is_bundle, again)
                {
                    if let Some(inside) = self.known.archive(digest_of(&key)) {
                        inside.see();
                    }
                    self.same(&key, before, state)?;
                    return Ok(None);
                }
                self.takes(hand, corpus::FILE_COST * bytes.len())?;
            }
        }
        Ok(Some(Loaded {
            key,
            before,
            state,
            bytes,
        }))
    }
}

/// Whether a member of an archive holds several letters: they are members of the archive too, and
/// must be met again.
fn is_bundle_inside(before: &Entry, archive: usize) -> bool {
    archive > 0 && before.letter == 0 && !before.failed
}
