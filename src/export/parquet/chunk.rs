//! One column of a row group: its values in Parquet's plain encoding, with the levels that say which
//! are missing and where lists begin.

use super::thrift::{Struct, varint};
use crate::fields::{Cell, CellKind};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// Parquet's numbers for types, encodings and codecs (parquet.thrift).
const BOOLEAN: i32 = 0;
const INT32: i32 = 1;
const INT64: i32 = 2;
const BYTE_ARRAY: i32 = 6;
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const GZIP: i32 = 2;
const DATA_PAGE: i32 = 0;
/// The day from which Parquet counts days.
const EPOCH: i32 = 2_440_588;

/// The physical type of a column's values.
pub(super) fn physical_type(kind: CellKind) -> i32 {
    match kind {
        CellKind::Text | CellKind::List => BYTE_ARRAY,
        CellKind::Number => INT64,
        CellKind::Date => INT32,
        CellKind::Flag => BOOLEAN,
    }
}

/// A column chunk in the making.
pub(super) struct Chunk {
    kind: CellKind,
    values: Vec<u8>,
    flags: Vec<bool>,
    /// 1 for a value, 0 where a cell or a list is empty. Flags are never empty and have none.
    definition: Levels,
    /// 0 where a row begins, 1 where a list goes on. Only lists have them.
    repetition: Levels,
    count: i32,
}

/// A chunk as it stands in the file.
pub(super) struct Written {
    /// The page's header and the page.
    pub bytes: Vec<u8>,
    /// What the footer says of it, but for its place.
    pub count: i64,
    /// The size of header and page before they were compressed.
    pub raw: i64,
}

impl Chunk {
    pub(super) fn new(kind: CellKind) -> Chunk {
        Chunk {
            kind,
            values: Vec::new(),
            flags: Vec::new(),
            definition: Levels::default(),
            repetition: Levels::default(),
            count: 0,
        }
    }

    /// Bytes that wait to be written.
    pub(super) fn size(&self) -> usize {
        self.values.len() + self.flags.len() / 8
    }

    /// Adds a row's cell. One of another kind than the column's is written as what the column holds.
    pub(super) fn push(&mut self, cell: &Cell<'_>) {
        match (self.kind, cell) {
            (CellKind::Flag, cell) => {
                self.flags.push(*cell == Cell::Flag(true));
                self.count += 1;
            }
            (CellKind::List, Cell::List(texts)) if !texts.is_empty() => {
                for (n, text) in texts.iter().enumerate() {
                    self.repetition.push(u8::from(n > 0));
                    self.defined(true);
                    self.text(text);
                }
            }
            (CellKind::List, cell) => {
                let text = cell.text();
                self.repetition.push(0);
                self.defined(!text.is_empty());
                if !text.is_empty() {
                    self.text(&text);
                }
            }
            (CellKind::Number, Cell::Number(n)) => {
                self.defined(true);
                self.values.extend_from_slice(&n.to_le_bytes());
            }
            (CellKind::Date, Cell::Date(date)) => {
                self.defined(true);
                let day = date.0.to_julian_day() - EPOCH;
                self.values.extend_from_slice(&day.to_le_bytes());
            }
            (CellKind::Text, cell) if *cell != Cell::Empty => {
                self.defined(true);
                self.text(&cell.text());
            }
            _ => self.defined(false),
        }
    }

    fn defined(&mut self, is: bool) {
        self.definition.push(u8::from(is));
        self.count += 1;
    }

    fn text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.values.extend_from_slice(&length.to_le_bytes());
        self.values.extend_from_slice(text.as_bytes());
    }

    /// The chunk as one page.
    ///
    /// # Errors
    /// Never in practice: what it compresses into is memory.
    pub(super) fn write(self) -> io::Result<Written> {
        let mut page = Vec::with_capacity(self.size() + 64);
        if self.kind == CellKind::List {
            self.repetition.write(&mut page);
        }
        if self.kind == CellKind::Flag {
            for eight in self.flags.chunks(8) {
                let bits = eight.iter().enumerate();
                page.push(bits.fold(0, |byte, (n, is)| byte | u8::from(*is) << n));
            }
        } else {
            self.definition.write(&mut page);
            page.extend_from_slice(&self.values);
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&page)?;
        let packed = packed.finish()?;
        let header = Struct::default()
            .i32(1, DATA_PAGE)
            .i32(2, size(page.len())?)
            .i32(3, size(packed.len())?)
            .nested(
                5,
                Struct::default()
                    .i32(1, self.count)
                    .i32(2, PLAIN)
                    .i32(3, RLE)
                    .i32(4, RLE),
            );
        let mut bytes = header.end();
        let raw = (bytes.len() + page.len()) as i64;
        bytes.extend(packed);
        Ok(Written {
            bytes,
            count: self.count.into(),
            raw,
        })
    }
}

/// What the footer says of a chunk that begins at a place of the file.
pub(super) fn metadata(chunk: &Written, kind: CellKind, path: &[&str], place: i64) -> Struct {
    Struct::default().i64(2, place).nested(
        3,
        Struct::default()
            .i32(1, physical_type(kind))
            .i32s(2, &[PLAIN, RLE])
            .texts(3, path)
            .i32(4, GZIP)
            .i64(5, chunk.count)
            .i64(6, chunk.raw)
            .i64(7, chunk.bytes.len() as i64)
            .i64(9, place),
    )
}

fn size(bytes: usize) -> io::Result<i32> {
    i32::try_from(bytes).map_err(|_| io::Error::other("a page of more than 2 GB"))
}

/// Levels of 0 or 1, as runs.
#[derive(Default)]
struct Levels(Vec<(u8, u64)>);

impl Levels {
    fn push(&mut self, level: u8) {
        match self.0.last_mut() {
            Some((last, length)) if *last == level => *length += 1,
            _ => self.0.push((level, 1)),
        }
    }

    /// Their length in bytes, then each run: its length and its level (RLE of a bit width of 1).
    fn write(&self, page: &mut Vec<u8>) {
        let mut runs = Vec::new();
        for (level, length) in &self.0 {
            varint(&mut runs, length << 1);
            runs.push(*level);
        }
        page.extend_from_slice(&u32::try_from(runs.len()).unwrap_or(u32::MAX).to_le_bytes());
        page.extend(runs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_runs() {
        let mut levels = Levels::default();
        for level in [1, 1, 1, 0, 1] {
            levels.push(level);
        }
        let mut page = Vec::new();
        levels.write(&mut page);
        assert_eq!(page, [6, 0, 0, 0, 6, 1, 2, 0, 2, 1]);
    }

    #[test]
    fn a_list_counts_each_text_and_an_empty_list_once() {
        let mut chunk = Chunk::new(CellKind::List);
        chunk.push(&Cell::list(["knee", "hip"]));
        chunk.push(&Cell::List(Vec::new()));
        assert_eq!(chunk.count, 3);
        assert_eq!(chunk.repetition.0, [(0, 1), (1, 1), (0, 1)]);
        assert_eq!(chunk.definition.0, [(1, 2), (0, 1)]);
    }
}
