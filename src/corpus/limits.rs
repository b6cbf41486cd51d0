//! How large what is read may be. All follows from how large a letter may be, so that whoever bounds
//! that bounds the memory that reading takes.

/// The largest letter that is read unless told otherwise, in bytes. A real one has 40 KB as PDF
/// and 6 KB as text.
pub const DEFAULT_MAX_LETTER: u64 = 8 << 20;

/// Limits that follow from that of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    letter: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits::of_letter(DEFAULT_MAX_LETTER)
    }
}

impl Limits {
    /// What follows from the bytes that a letter's file may have.
    #[must_use]
    pub fn of_letter(bytes: u64) -> Limits {
        Limits { letter: bytes }
    }

    /// Bytes of a file or member.
    #[must_use]
    pub fn letter(self) -> u64 {
        self.letter
    }

    /// Bytes of its text, for reading it may take [`TEXT_COST`] times as many.
    #[must_use]
    pub fn text(self) -> u64 {
        self.letter / 8
    }

    /// Bytes of the instructions that draw one page of a PDF, for they may take [`PAGE_COST`] times as
    /// many. Pages of 97 real letters have up to 28 KB.
    #[must_use]
    pub fn page(self) -> u64 {
        self.letter / 32
    }

    /// Bytes of the window that a zstd stream may ask for: 8 MB, as `zstd -19` does, to 128 MB, as
    /// `zstd --long` does.
    #[must_use]
    pub fn window(self) -> u64 {
        (self.letter * 2).clamp(8 << 20, 128 << 20)
    }
}

/// Bytes of memory that reading a byte of a PDF's file may take: what is loaded of it is held by the
/// library, for itself and for its caller.
pub const FILE_COST: usize = 4;
/// Bytes of memory that reading a byte of text may take, fields, documents and words together: some 15 where each word is
/// another one (measured on 31 MB of them).
pub const TEXT_COST: usize = 24;
/// Bytes of memory that a byte of a page's instructions may take: 73 where all are `q` (measured on 60 MB of
/// them).
pub const PAGE_COST: usize = 80;

/// Bytes of stack that a thread needs which reads letters: the PDF library goes down into lists in lists, a
/// kilobyte a level, and past bytes that mean nothing likewise. No more of it is taken than is used.
pub const STACK: usize = 128 << 20;
