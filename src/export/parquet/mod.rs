//! Apache Parquet: typed columns, lists as lists, in row groups that are written as they fill.
//!
//! The format is written here because all of it that an export needs is two small files, while the
//! `parquet` crate brings a dozen others into the first build. DuckDB and pandas read it back in
//! `.ci/run recipes`. It is the format's first version: plain values, gzip, one page a column chunk.

mod chunk;
mod thrift;

use super::brief::BriefHeader;
use super::columns::{Column, RowLevel};
use super::format_info::FormatInfo;
use super::provenance::Provenance;
use super::sink::{CellSink, CellWriter, EncodedRows, ExportFormat, RowPlan, RowSink, SinkSummary};
use crate::fields::{Cell, CellKind};
use crate::search::Hit;
use chunk::{Chunk, metadata, physical_type};
use std::io::{self, Write};
use thrift::Struct;

const MAGIC: &[u8; 4] = b"PAR1";
/// Rows of a row group at most; fewer where their texts are long.
const ROWS: usize = 100_000;
/// Bytes of a row group, before they are compressed.
const BYTES: usize = 64 << 20;
/// Whether a value may be missing (parquet.thrift, FieldRepetitionType).
const REQUIRED: i32 = 0;
const OPTIONAL: i32 = 1;
const REPEATED: i32 = 2;
/// What the bytes of a value mean: the older names and the newer ones, which readers prefer.
const UTF8: (i32, u8) = (0, 1);
const LIST: (i32, u8) = (3, 3);
const DATE: (i32, u8) = (6, 6);

/// Parquet files.
pub(super) struct ParquetFormat;

impl ExportFormat for ParquetFormat {
    fn info(&self) -> &FormatInfo {
        &FormatInfo {
            extensions: &["parquet"],
            media_type: "application/vnd.apache.parquet",
            binary_name: Some("a Parquet file"),
        }
    }

    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows> {
        Ok(EncodedRows::cells_of(plan, hit, places))
    }

    fn begin<'o>(
        &self,
        plan: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        let writer = Parquet::new(plan.by, &plan.columns);
        Ok(Box::new(CellSink { writer, out }))
    }
}

/// A Parquet file in the making.
struct Parquet {
    columns: Vec<(&'static Column, CellKind)>,
    chunks: Vec<Chunk>,
    /// Rows of the group that is filling, and of all.
    rows: usize,
    all_rows: usize,
    groups: Vec<Struct>,
    /// Bytes written.
    place: usize,
}

impl CellWriter for Parquet {
    /// Adds a row; a row group that is full is written.
    fn row(&mut self, cells: &[Cell<'_>], out: &mut dyn Write) -> io::Result<()> {
        for (chunk, cell) in self.chunks.iter_mut().zip(cells) {
            chunk.push(cell);
        }
        self.rows += 1;
        let bytes: usize = self.chunks.iter().map(Chunk::size).sum();
        if self.rows >= ROWS || bytes >= BYTES {
            self.end_group(out)?;
        }
        Ok(())
    }

    /// Writes what is left, and the footer.
    fn finish(
        mut self,
        provenance: &Provenance,
        out: &mut (dyn Write + Send),
    ) -> io::Result<SinkSummary> {
        self.end_group(out)?;
        if self.place == 0 {
            self.write(MAGIC, out)?;
        }
        let pairs = provenance.pairs().into_iter();
        let pairs = pairs.map(|(key, value)| Struct::default().text(1, key).text(2, &value));
        let footer = Struct::default()
            .i32(1, 1)
            .structs(2, schema(&self.columns))
            .i64(3, self.all_rows as i64)
            .structs(4, std::mem::take(&mut self.groups))
            .structs(5, pairs.collect())
            .text(6, &provenance.program)
            .end();
        self.write(&footer, out)?;
        let length = u32::try_from(footer.len()).map_err(io::Error::other)?;
        self.write(&length.to_le_bytes(), out)?;
        self.write(MAGIC, out)?;
        Ok(SinkSummary::default())
    }
}

impl Parquet {
    fn new(by: RowLevel, columns: &[&'static Column]) -> Parquet {
        let columns: Vec<_> = columns.iter().map(|c| (*c, c.kind_of_rows(by))).collect();
        Parquet {
            chunks: columns.iter().map(|(_, kind)| Chunk::new(*kind)).collect(),
            columns,
            rows: 0,
            all_rows: 0,
            groups: Vec::new(),
            place: 0,
        }
    }

    fn write(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(bytes)?;
        self.place += bytes.len();
        Ok(())
    }

    fn end_group(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        if self.place == 0 {
            self.write(MAGIC, out)?;
        }
        let fresh = self.columns.iter().map(|(_, kind)| Chunk::new(*kind));
        let full = std::mem::replace(&mut self.chunks, fresh.collect());
        let begin = self.place;
        let (mut columns, mut raw) = (Vec::new(), 0);
        for (n, chunk) in full.into_iter().enumerate() {
            let written = chunk.write()?;
            let (column, kind) = self.columns[n];
            let nested = [column.name, "list", "element"];
            let path = &nested[..if kind == CellKind::List { 3 } else { 1 }];
            columns.push(metadata(&written, kind, path, self.place as i64));
            raw += written.raw;
            self.write(&written.bytes, out)?;
        }
        self.groups.push(
            Struct::default()
                .structs(1, columns)
                .i64(2, raw)
                .i64(3, self.rows as i64)
                .i64(5, begin as i64)
                .i64(6, (self.place - begin) as i64),
        );
        self.all_rows += self.rows;
        self.rows = 0;
        Ok(())
    }
}

/// The columns, in the order in which a tree of them is walked.
fn schema(columns: &[(&'static Column, CellKind)]) -> Vec<Struct> {
    let root = Struct::default()
        .text(4, "letters")
        .i32(5, columns.len() as i32);
    let mut schema = vec![root];
    for (column, kind) in columns {
        let leaf = |repetition| {
            Struct::default()
                .i32(1, physical_type(*kind))
                .i32(3, repetition)
        };
        match kind {
            CellKind::List => {
                let list = Struct::default().i32(3, REQUIRED).text(4, column.name);
                schema.push(meaning(list.i32(5, 1), LIST));
                let repeated = Struct::default().i32(3, REPEATED).text(4, "list");
                schema.push(repeated.i32(5, 1));
                schema.push(meaning(leaf(REQUIRED).text(4, "element"), UTF8));
            }
            CellKind::Text => schema.push(meaning(leaf(OPTIONAL).text(4, column.name), UTF8)),
            CellKind::Date => schema.push(meaning(leaf(OPTIONAL).text(4, column.name), DATE)),
            CellKind::Number => schema.push(leaf(OPTIONAL).text(4, column.name)),
            CellKind::Flag => schema.push(leaf(REQUIRED).text(4, column.name)),
        }
    }
    schema
}

/// Says what an element of the schema means: as the older readers look for it, and the newer.
fn meaning(element: Struct, (converted, logical): (i32, u8)) -> Struct {
    let union = Struct::default().nested(logical, Struct::default());
    element.i32(6, converted).nested(10, union)
}
