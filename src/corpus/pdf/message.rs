//! What a run and its worker processes say to each other over pipes: frames that begin with their length.
//!
//! The run sends requests, a head of fixed size and the bytes of a PDF; a worker answers each with one or two replies.

use super::super::{Limits, ReadError, Text};
use serde::{Deserialize, Serialize};

/// A worker says this first, so that no other program is taken for one.
pub(super) const VERSION: u32 = 1;

/// The exit code of a worker whose file took too long.
pub(super) const TOOK_TOO_LONG: u8 = 75;

/// Bytes of a request's head.
pub(super) const HEAD: usize = 41;

/// What a run asks of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub kind: RequestKind,
    /// Bytes of the PDF that follow the head.
    pub length: u64,
    pub limits: Limits,
    /// Bytes of memory by which the worker may grow.
    pub growth: u64,
    /// Milliseconds of the processor that the file may take.
    pub time: u64,
    /// A PDF that costs more is not read on before the run says so.
    pub cost: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// Open a PDF, and read it if it costs no more than is allowed.
    Read,
    /// Read the PDF that was opened.
    GoOn,
}

impl Request {
    pub(super) fn head(&self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        head[0] = match self.kind {
            RequestKind::Read => b'R',
            RequestKind::GoOn => b'G',
        };
        let limit = self.limits.letter();
        let numbers = [self.length, limit, self.growth, self.time, self.cost];
        for (place, number) in head[1..].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        head
    }

    /// None of bytes that are no head.
    pub(super) fn of_head(head: &[u8; HEAD]) -> Option<Request> {
        let kind = match head[0] {
            b'R' => RequestKind::Read,
            b'G' => RequestKind::GoOn,
            _ => return None,
        };
        let mut numbers = head[1..].chunks_exact(8).map(|eight| {
            let eight: [u8; 8] = eight.try_into().unwrap_or_default();
            u64::from_le_bytes(eight)
        });
        let mut number = || numbers.next().unwrap_or_default();
        Some(Request {
            kind,
            length: number(),
            limits: Limits::of_letter(number()),
            growth: number(),
            time: number(),
            cost: number(),
        })
    }
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It began, and speaks this version.
    Ready(u32),
    /// Reading the PDF may take so many bytes of memory: it waits for [`RequestKind::GoOn`].
    Costs(u64),
    /// What the PDF came to.
    Done(Result<Text, ReadError>),
}

impl Reply {
    /// The frame: the length of the message, and the message.
    pub(super) fn frame(&self) -> Vec<u8> {
        let message = postcard::to_allocvec(self).unwrap_or_default();
        let mut frame = Vec::with_capacity(message.len() + 4);
        frame.extend_from_slice(&(message.len() as u32).to_le_bytes());
        frame.extend_from_slice(&message);
        frame
    }

    /// None of bytes that are no message.
    pub(super) fn of_message(message: &[u8]) -> Option<Reply> {
        postcard::from_bytes(message).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back() {
        let request = Request {
            kind: RequestKind::Read,
            length: 40_000,
            limits: Limits::of_letter(8 << 20),
            growth: 1 << 33,
            time: 10_000,
            cost: u64::MAX,
        };
        assert_eq!(Request::of_head(&request.head()), Some(request));
        assert_eq!(Request::of_head(&[b'x'; HEAD]), None);
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
            let frame = reply.frame();
            assert_eq!(Reply::of_message(&frame[4..]), Some(reply));
            assert_eq!(frame[..4], ((frame.len() - 4) as u32).to_le_bytes());
        }
        assert_eq!(Reply::of_message(b"\xff\xff"), None);
    }
}
