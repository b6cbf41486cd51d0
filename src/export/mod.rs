//! Hits, carried off: rows for a spreadsheet or a program, or a brief to read.
//!
//! Rows are made side by side on all cores and written in the order of the hits; whatever the size
//! of an answer, some thousands of letters are in memory. `columns` says what a row has, `read` how
//! each cell is read off a hit; `separated`, `workbook` and `parquet` write rows, `database` writes the
//! tables of `tables`; `brief` puts a brief together, which `markdown`, `html` and `docx` write down.
//! `provenance` says where all of it is from.

mod brief;
mod columns;
#[cfg(feature = "sqlite")]
mod database;
mod decided;
mod docx;
mod html;
mod markdown;
mod parquet;
mod passage;
mod provenance;
mod question;
mod separated;
mod table_metadata;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
mod tables;
mod workbook;

pub use crate::fields::Cell;
pub use columns::{Column, ColumnError, RowLevel, chosen, columns, default_columns};
pub use provenance::Provenance;
pub use table_metadata::METADATA_ENDING;
pub use tables::datasette_metadata;

use crate::letter::Record;
use crate::search::{Backend, FacetRequest, Hit, Made, Projection, Request, Response, SearchError};
#[cfg(feature = "sqlite")]
use database::Database;
use decided::Decided;
use parquet::Parquet;
use serde::ser::{SerializeMap, Serializer};
use std::io::{self, Write};
use std::ops::ControlFlow;
use workbook::Workbook;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values, UTF-8.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// A workbook for Excel and its kin.
    Xlsx,
    /// Apache Parquet: typed columns.
    Parquet,
    /// A SQLite database: several tables.
    Sqlite,
    /// A brief in Markdown.
    #[value(alias = "markdown")]
    Md,
    /// A brief as a page.
    Html,
    /// A brief as a document for Word and its kin.
    Docx,
}

impl Format {
    /// Every format with the endings of its files, the usual one first.
    pub const ENDINGS: [(Format, &'static [&'static str]); 9] = [
        (Format::Csv, &["csv"]),
        (Format::Tsv, &["tsv", "tab"]),
        (Format::Jsonl, &["jsonl", "ndjson"]),
        (Format::Xlsx, &["xlsx"]),
        (Format::Parquet, &["parquet"]),
        (Format::Sqlite, &["sqlite", "sqlite3", "db"]),
        (Format::Md, &["md", "markdown"]),
        (Format::Html, &["html", "htm"]),
        (Format::Docx, &["docx"]),
    ];

    /// The format of files with an ending.
    #[must_use]
    pub fn by_ending(ending: &str) -> Option<Format> {
        let ending = ending.to_lowercase();
        let found = Format::ENDINGS
            .iter()
            .find(|(_, endings)| endings.contains(&ending.as_str()));
        found.map(|(format, _)| *format)
    }

    /// What it is called where it cannot be shown on a terminal; None for text.
    #[must_use]
    pub fn binary(self) -> Option<&'static str> {
        match self {
            Format::Xlsx => Some("a workbook"),
            Format::Docx => Some("a Word document"),
            Format::Parquet => Some("a Parquet file"),
            Format::Sqlite => Some("a database"),
            _ => None,
        }
    }

    /// Whether it is a brief, for people: the question, the items and passages.
    #[must_use]
    pub fn is_brief(self) -> bool {
        matches!(self, Format::Md | Format::Html | Format::Docx)
    }
}

/// How hits are carried off.
#[derive(Debug, Clone)]
pub struct Export {
    /// In which format.
    pub format: Format,
    /// What a row is.
    pub by: RowLevel,
    /// The columns; None for those that the format has by default (JSON lines by letter: the
    /// whole record).
    pub columns: Option<Vec<&'static Column>>,
    /// A brief quotes so many letters.
    pub passages: usize,
    /// CSV and TSV begin with a byte-order mark and have the line ends of RFC 4180, as spreadsheets expect
    /// of a file; else neither, as programs expect of a pipe.
    pub for_spreadsheets: bool,
}

/// What was carried off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Letters that match.
    pub found: u64,
    /// Letters that were written: all, or the limit.
    pub letters: usize,
    /// Rows: matching items, or letters.
    pub rows: usize,
    /// By item: letters without a matching item, which have no row.
    pub without_items: usize,
    /// No letter had enough of the words: these are the best partial matches.
    pub relaxed: bool,
    /// How the question was read: what was understood, corrected or read as an operator; a sentence each.
    pub read_as: Vec<String>,
    /// Of the letters written, those that only mention what the query asks for.
    pub mentions: usize,
    /// Cells that a workbook could not hold whole.
    pub cut: usize,
    /// Sheets of a workbook.
    pub sheets: usize,
    /// Where it is from.
    pub provenance: Option<Provenance>,
    /// Whether letters that only mention were asked for, so that a column says which do.
    pub with_mentions: bool,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The search.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
    /// A database has all columns of its tables.
    #[error(
        "a database always has all columns of letters and items; you cannot choose columns or rows"
    )]
    NothingToChoose,
    /// The program was built without the format.
    #[error("this imr was built without SQLite: build it with the feature sqlite")]
    NoSqlite,
}

/// Letters without an item that a brief names.
const NAMED: usize = 20;

/// What a hit becomes before it is written.
struct EncodedRow {
    /// Its rows as they stand in the file.
    bytes: Vec<u8>,
    /// Its rows for a workbook or a Parquet file.
    cells: Vec<Vec<Cell<'static>>>,
    /// Its rows for a database.
    #[cfg(feature = "sqlite")]
    records: Vec<tables::Record>,
    rows: usize,
    /// It only mentions what the query asks for.
    mention: bool,
    /// Its name, where it has no row.
    nameless: Option<String>,
}

/// How a question was read, as a search says it.
fn read_as(response: &Response) -> Vec<String> {
    let understood = crate::search::understood(response).into_iter();
    let mut said: Vec<String> = understood.chain(response.notes.iter().cloned()).collect();
    let found = response.letters > 0 || response.only_mentions;
    if !found {
        let near = response.suggestions.iter();
        said.extend(near.map(|(typed, near)| crate::search::not_held(typed, near)));
        said.extend(response.drop_one.iter().map(crate::search::without));
    }
    said
}

impl Export {
    /// Writes every hit of a request, in the order of `Engine::search`: a row for each matching
    /// item, or for each letter. `progress` is told, now and then, how many letters are written
    /// and how many there are.
    ///
    /// # Errors
    /// If the request cannot be understood, the index is damaged or the output cannot be written.
    pub fn run(
        &self,
        engine: &dyn Backend,
        request: &Request,
        out: &mut (dyn Write + Send),
        progress: &dyn Fn(usize, usize),
    ) -> Result<ExportSummary, ExportError> {
        self.check()?;
        let stream = engine.open_stream(request)?;
        let columns = self.columns(request.mentions);
        let response = self.answer(engine, stream.response(), request)?;
        let shown = stream.len();
        let opening = || brief::opening(request, &response, shown);
        let mut sheet = Sheet::begin(self, &columns, opening, out)?;
        let make = |hit: Hit| Box::new(self.piece(&hit, &columns)) as Made;
        let mut failed = None;
        stream.run(self.wanted(&columns), &make, &mut |made| {
            let Ok(piece) = made.downcast::<io::Result<EncodedRow>>() else {
                return ControlFlow::Continue(());
            };
            match piece.and_then(|piece| sheet.take(piece)) {
                Ok(()) => {
                    progress(sheet.written.letters, shown);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        let decided = if self.format.is_brief() {
            decided::of(engine, request)?
        } else {
            None
        };
        let found = stream.response();
        let provenance = Provenance::of(engine, request, found.letters, found.items)?;
        let mut written = sheet.end(&response.hits, decided, &provenance)?;
        written.found = found.letters;
        written.relaxed = found.relaxed;
        written.read_as = read_as(&response);
        written.provenance = Some(provenance);
        written.with_mentions = request.mentions;
        Ok(written)
    }

    /// What is to stand next to a table of rows, which has no place for it: where it is from, and what its
    /// columns hold. None of formats that say this themselves.
    #[must_use]
    pub fn metadata(&self, name: &str, written: &ExportSummary) -> Option<serde_json::Value> {
        let provenance = written.provenance.as_ref()?;
        let is_table = matches!(self.format, Format::Csv | Format::Tsv | Format::Jsonl);
        // A letter's record is no row: docs/json.md describes it.
        let columns = match self.is_record() {
            true => Vec::new(),
            false => self.columns(written.with_mentions),
        };
        is_table.then(|| table_metadata::of(name, self.format, self.by, &columns, provenance))
    }

    /// Writes letters that a person has picked, in their order: rows of the items that each is picked
    /// for. A brief quotes them all.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn picked(
        &self,
        hits: &[Hit],
        out: &mut (dyn Write + Send),
    ) -> Result<ExportSummary, ExportError> {
        self.check()?;
        let columns = self.columns(false);
        let opening = || brief::picked(hits);
        let mut sheet = Sheet::begin(self, &columns, opening, out)?;
        for hit in hits {
            sheet.take(self.piece(hit, &columns)?)?;
        }
        let mut written = sheet.end(hits, None, &Provenance::picked(hits.len()))?;
        written.found = hits.len() as u64;
        Ok(written)
    }

    /// Whether such an export can be made.
    fn check(&self) -> Result<(), ExportError> {
        if self.format == Format::Sqlite {
            if !cfg!(feature = "sqlite") {
                return Err(ExportError::NoSqlite);
            }
            if self.columns.is_some() {
                return Err(ExportError::NothingToChoose);
            }
        }
        Ok(())
    }

    /// The columns; where letters that only mention are among the rows, one says so.
    fn columns(&self, mentions: bool) -> Vec<&'static Column> {
        let mut default = match &self.columns {
            Some(columns) => return columns.clone(),
            None if self.format.is_brief() => brief::default_columns(self.by),
            None => default_columns(self.by),
        };
        if mentions {
            let columns = columns().iter();
            default.extend(columns.filter(|column| column.name == columns::MENTION));
        }
        default
    }

    /// JSON lines by letter are records, unless columns are chosen.
    fn is_record(&self) -> bool {
        self.format == Format::Jsonl && self.by == RowLevel::Letter && self.columns.is_none()
    }

    fn wanted(&self, columns: &[&'static Column]) -> Projection {
        if self.is_record() {
            return Projection {
                text: true,
                files: true,
                id: false,
            };
        }
        if self.format == Format::Sqlite {
            return Projection {
                text: true,
                files: true,
                id: true,
            };
        }
        let wanted = columns::wanted(columns);
        Projection {
            // A brief names letters that have no row.
            files: wanted.files || self.format.is_brief(),
            ..wanted
        }
    }

    /// How the question was read; of a brief also the hits that it quotes and its counts.
    fn answer(
        &self,
        engine: &dyn Backend,
        counted: &Response,
        request: &Request,
    ) -> Result<Response, SearchError> {
        if !self.format.is_brief() {
            return Ok(counted.clone());
        }
        engine.search(&Request {
            limit: self.passages.min(request.limit),
            snippets: true,
            facets: vec![FacetRequest {
                path: "decision".to_string(),
                top: 2,
            }],
            ..request.clone()
        })
    }

    fn head(
        &self,
        columns: &[&'static Column],
        opening: impl FnOnce() -> brief::BriefHeader,
    ) -> io::Result<Vec<u8>> {
        Ok(match self.format {
            Format::Csv | Format::Tsv => {
                let mut head = Vec::new();
                if self.for_spreadsheets {
                    head.extend_from_slice(separated::BYTE_ORDER_MARK.as_bytes());
                }
                let names = columns.iter().map(|c| c.name.into());
                separated::rows(&mut head, self.dialect(), [names])?;
                head
            }
            Format::Md => markdown::head(&opening(), columns).into_bytes(),
            Format::Html => html::head(&opening(), columns).into_bytes(),
            Format::Docx => docx::head(&opening(), columns).into_bytes(),
            Format::Jsonl | Format::Xlsx | Format::Parquet | Format::Sqlite => Vec::new(),
        })
    }

    fn dialect(&self) -> separated::Dialect {
        separated::Dialect {
            separator: if self.format == Format::Tsv {
                b'\t'
            } else {
                b','
            },
            for_spreadsheets: self.for_spreadsheets,
        }
    }

    /// The rows of a hit, in the format.
    fn piece(&self, hit: &Hit, columns: &[&'static Column]) -> io::Result<EncodedRow> {
        let mut piece = EncodedRow {
            bytes: Vec::new(),
            cells: Vec::new(),
            #[cfg(feature = "sqlite")]
            records: Vec::new(),
            rows: 0,
            mention: hit.mention,
            nameless: None,
        };
        let places: Vec<Option<usize>> = match self.by {
            RowLevel::Letter => vec![None],
            RowLevel::Item => columns::items(hit).map(Some).collect(),
        };
        piece.rows = places.len();
        if matches!(self.format, Format::Csv | Format::Tsv) {
            piece.bytes.reserve(2048 * places.len());
            let rows = places.iter().map(|at| {
                columns.iter().map(|c| match cell(c, hit, *at) {
                    Cell::Text(text) => text,
                    other => other.text().into_owned().into(),
                })
            });
            separated::rows(&mut piece.bytes, self.dialect(), rows)?;
        } else if self.format == Format::Sqlite {
            #[cfg(feature = "sqlite")]
            {
                piece.records = tables::records(hit);
            }
        } else {
            for at in places {
                self.row(&mut piece, hit, at, columns)?;
            }
        }
        // A database has a table of letters, in which it stands all the same.
        if piece.rows == 0 && self.format != Format::Sqlite {
            piece.nameless = Some(columns::name(hit).text().into_owned());
        }
        Ok(piece)
    }

    /// Adds the row of an item, or of the letter, in the formats whose rows stand alone.
    fn row(
        &self,
        piece: &mut EncodedRow,
        hit: &Hit,
        at: Option<usize>,
        columns: &[&'static Column],
    ) -> io::Result<()> {
        match self.format {
            Format::Csv | Format::Tsv | Format::Sqlite => {}
            Format::Jsonl if self.is_record() => {
                let file = hit.files.first().map_or("", String::as_str);
                serde_json::to_writer(&mut piece.bytes, &Record::new(&hit.letter, file))?;
                piece.bytes.push(b'\n');
            }
            Format::Jsonl => {
                let mut object = serde_json::Serializer::new(&mut piece.bytes);
                let mut map = object.serialize_map(Some(columns.len()))?;
                for column in columns {
                    map.serialize_entry(column.name, &cell(column, hit, at))?;
                }
                SerializeMap::end(map)?;
                piece.bytes.push(b'\n');
            }
            Format::Xlsx | Format::Parquet => {
                let cells = columns.iter().map(|c| cell(c, hit, at).owned());
                piece.cells.push(cells.collect());
            }
            Format::Md => {
                let mut row = String::new();
                markdown::row(&mut row, columns.iter().map(|c| brief::shown(c, hit, at)));
                piece.bytes.extend(row.into_bytes());
            }
            Format::Html => {
                let mut row = String::new();
                let cells = columns.iter().map(|c| (c.name, brief::shown(c, hit, at)));
                html::row(&mut row, cells);
                piece.bytes.extend(row.into_bytes());
            }
            Format::Docx => {
                let mut row = String::new();
                docx::row(&mut row, columns.iter().map(|c| brief::shown(c, hit, at)));
                piece.bytes.extend(row.into_bytes());
            }
        }
        Ok(())
    }
}

/// A file whose bytes are not its rows one after the other.
enum Container {
    Workbook(Box<Workbook>),
    Parquet(Parquet),
    #[cfg(feature = "sqlite")]
    Database(Box<Database>),
}

impl Container {
    fn begin(export: &Export, columns: &[&'static Column]) -> io::Result<Option<Container>> {
        Ok(Some(match export.format {
            Format::Xlsx => Container::Workbook(Workbook::new(export.by, columns.to_vec())?.into()),
            Format::Parquet => Container::Parquet(Parquet::new(export.by, columns)),
            #[cfg(feature = "sqlite")]
            Format::Sqlite => Container::Database(Database::new()?.into()),
            _ => return Ok(None),
        }))
    }

    fn take(&mut self, piece: &EncodedRow, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Container::Workbook(book) => piece.cells.iter().try_for_each(|row| book.row(row)),
            Container::Parquet(parquet) => {
                piece.cells.iter().try_for_each(|row| parquet.row(row, out))
            }
            #[cfg(feature = "sqlite")]
            Container::Database(database) => database.take(&piece.records),
        }
    }
}

/// An export in the making.
struct Sheet<'o> {
    format: Format,
    out: &'o mut (dyn Write + Send),
    container: Option<Container>,
    /// The text of a document, which is packed when it is whole.
    document: Option<Vec<u8>>,
    nameless: Vec<String>,
    written: ExportSummary,
}

impl<'o> Sheet<'o> {
    fn begin(
        export: &Export,
        columns: &[&'static Column],
        opening: impl FnOnce() -> brief::BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Sheet<'o>> {
        let mut sheet = Sheet {
            format: export.format,
            out,
            container: Container::begin(export, columns)?,
            document: (export.format == Format::Docx).then(Vec::new),
            nameless: Vec::new(),
            written: ExportSummary::default(),
        };
        sheet.write(&export.head(columns, opening)?)?;
        Ok(sheet)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.document {
            Some(document) => document.write_all(bytes),
            None => self.out.write_all(bytes),
        }
    }

    fn take(&mut self, piece: EncodedRow) -> io::Result<()> {
        self.write(&piece.bytes)?;
        if let Some(container) = &mut self.container {
            container.take(&piece, self.out)?;
        }
        self.written.letters += 1;
        self.written.mentions += usize::from(piece.mention);
        self.written.rows += piece.rows;
        if let Some(name) = piece.nameless {
            self.written.without_items += 1;
            if self.nameless.len() < NAMED {
                self.nameless.push(name);
            }
        }
        Ok(())
    }

    fn end(
        mut self,
        quoted: &[Hit],
        decided: Option<Decided>,
        provenance: &Provenance,
    ) -> io::Result<ExportSummary> {
        match self.container.take() {
            Some(Container::Workbook(book)) => {
                self.written.cut = book.cut;
                self.written.sheets = book.finish(provenance, self.out)?;
            }
            Some(Container::Parquet(parquet)) => parquet.finish(provenance, self.out)?,
            #[cfg(feature = "sqlite")]
            Some(Container::Database(database)) => database.finish(provenance, self.out)?,
            None => {}
        }
        let without = self.written.without_items;
        let more = without - self.nameless.len();
        let remark = (without > 0).then(|| brief::without_items(&self.nameless, more));
        let closing = brief::Closing {
            remark,
            decided,
            quotes: brief::quotes(quoted).collect(),
            provenance: provenance.sentence(),
        };
        let tail = match self.format {
            Format::Md => markdown::tail(&closing),
            Format::Html => html::tail(&closing),
            Format::Docx => docx::tail(&closing),
            _ => String::new(),
        };
        self.write(tail.as_bytes())?;
        if let Some(document) = self.document.take() {
            docx::package(&document, self.out)?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

fn cell<'h>(column: &Column, hit: &'h Hit, at: Option<usize>) -> Cell<'h> {
    match at {
        Some(at) => column.of_item(hit, at),
        None => column.of_letter(hit),
    }
}
