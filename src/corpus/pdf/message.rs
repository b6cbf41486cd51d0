//! What a run and its worker processes say to each other over pipes: frames that begin with their length.
//!
//! The run sends requests, each for a batch of PDFs: a frame, and then the bytes of the PDFs one after another. A
//! worker reads all of that and answers with one reply for each PDF, in their order.

use super::super::{Limits, ReadError, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A worker says this first, so that no other program is taken for one.
pub(super) const VERSION: u32 = 2;

/// The exit code of a worker whose file took too long.
pub(super) const TOOK_TOO_LONG: u8 = 75;

/// Bytes of a frame's length.
pub(super) const LENGTH: usize = 4;

/// PDFs that a worker is asked to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    /// Bytes that a letter may have, from which its other limits follow.
    letter: u64,
    /// Bytes of memory by which the worker may grow.
    pub growth: u64,
    /// A PDF that costs more is not read.
    pub cost: u64,
    pub files: Vec<FileHead>,
}

/// A PDF of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHead {
    /// Its bytes.
    pub length: u64,
    /// Milliseconds of the processor that it may take.
    pub time: u64,
}

impl Request {
    pub(super) fn new(limits: Limits, growth: u64, cost: u64, files: Vec<FileHead>) -> Request {
        Request {
            letter: limits.letter(),
            growth,
            cost,
            files,
        }
    }

    pub(super) fn limits(&self) -> Limits {
        Limits::of_letter(self.letter)
    }
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It began, and speaks this version.
    Ready(u32),
    /// Reading the PDF may take so many bytes of memory, which is more than was allowed: it was not read.
    Costs(u64),
    /// What the PDF came to.
    Done(Result<Text, ReadError>),
}

/// Adds a frame: the length of the message, and the message.
pub(super) fn add_frame(frames: &mut Vec<u8>, message: &impl Serialize) {
    let start = frames.len();
    frames.extend_from_slice(&[0; LENGTH]);
    // It fails only where a type cannot be written, and these can.
    *frames = postcard::to_extend(message, std::mem::take(frames)).unwrap_or_default();
    if let Some(length) = frames.len().checked_sub(start + LENGTH) {
        frames[start..start + LENGTH].copy_from_slice(&(length as u32).to_le_bytes());
    }
}

/// The bytes of the message that a frame announces.
pub(super) fn message_length(length: [u8; LENGTH]) -> usize {
    u32::from_le_bytes(length) as usize
}

/// None of bytes that are no such message.
pub(super) fn of_message<T: DeserializeOwned>(message: &[u8]) -> Option<T> {
    postcard::from_bytes(message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back() {
        let file = FileHead {
            length: 40_000,
            time: 10_000,
        };
        let request = Request::new(Limits::of_letter(8 << 20), 1 << 33, u64::MAX, vec![file; 3]);
        let mut frames = Vec::new();
        add_frame(&mut frames, &request);
        assert_eq!(of_message(&frames[LENGTH..]), Some(request));
        let text = Text {
            text: "A letter.".to_string(),
            notes: vec!["has an attachment".to_string()],
        };
        for reply in [
            Reply::Ready(VERSION),
            Reply::Costs(7),
            Reply::Done(Ok(text)),
            Reply::Done(Err(ReadError::BrokenPdf("no page".to_string()))),
        ] {
            let start = frames.len();
            add_frame(&mut frames, &reply);
            let (length, message) = frames[start..].split_first_chunk().unwrap();
            assert_eq!(message_length(*length), message.len());
            assert_eq!(of_message(message), Some(reply));
        }
        assert_eq!(of_message::<Reply>(b"\xff\xff"), None);
    }
}
