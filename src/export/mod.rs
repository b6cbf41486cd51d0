//! Hits, carried off: rows for a spreadsheet or a program, or a brief to read.
//!
//! Rows are made side by side on all cores and written in the order of the hits; whatever the size
//! of an answer, some thousands of letters are in memory. `columns` says what a row has; `sink` what a
//! format is, and `format` lists them: `separated`, `json_lines`, `workbook` and `parquet` write rows,
//! `database` the tables of `tables`; `brief` puts a brief together, which `markdown`, `html` and `docx`
//! write down by way of `brief_format`. `provenance` says where all of it is from.

mod brief;
mod brief_format;
mod columns;
#[cfg_attr(not(feature = "sqlite"), path = "no_database.rs")]
mod database;
mod decided;
mod docx;
mod error;
mod format;
mod format_info;
mod html;
mod json_lines;
mod markdown;
mod parquet;
mod passage;
mod provenance;
mod question;
mod separated;
mod sink;
mod table_metadata;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
mod tables;
mod workbook;

pub use crate::fields::Cell;
pub use columns::{Column, ColumnError, RowLevel, chosen, columns, default_columns};
pub use error::ExportError;
pub use format::Format;
pub use provenance::Provenance;
pub use table_metadata::METADATA_ENDING;
pub use tables::datasette_metadata;

use crate::search::{Backend, FacetRequest, Hit, Made, Request, Response, SearchError};
use decided::Decided;
use sink::{EncodedRows, ExportFormat, RowPlan, RowSink};
use std::io::{self, Write};
use std::ops::ControlFlow;

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

/// Letters without an item that a brief names.
const NAMED: usize = 20;

/// What a hit becomes before it is written.
struct EncodedHit {
    rows: EncodedRows,
    /// How many rows it has.
    count: usize,
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
        let format = self.format.definition();
        format.check(self.columns.is_some())?;
        let stream = engine.open_stream(request)?;
        let plan = self.plan(request.mentions);
        let response = self.answer(engine, stream.response(), request)?;
        let shown = stream.len();
        let opening = || brief::opening(request, &response, shown);
        let mut writer = ExportWriter::begin(format, &plan, &opening, out)?;
        let make = |hit: Hit| Box::new(encoded(format, &plan, &hit)) as Made;
        let mut failed = None;
        stream.run(format.projection(&plan), &make, &mut |made| {
            let Ok(encoded) = made.downcast::<io::Result<EncodedHit>>() else {
                return ControlFlow::Continue(());
            };
            match encoded.and_then(|hit| writer.take(hit)) {
                Ok(()) => {
                    progress(writer.written.letters, shown);
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
        let decided = if format.is_brief() {
            decided::of(engine, request)?
        } else {
            None
        };
        let found = stream.response();
        let provenance = Provenance::of(engine, request, found.letters, found.items)?;
        let mut written = writer.end(&response.hits, decided, &provenance)?;
        out.flush()?;
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
        let format = self.format.definition();
        let plan = self.plan(written.with_mentions);
        format
            .is_bare_table()
            .then(|| table_metadata::of(name, format, &plan, provenance))
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
        let format = self.format.definition();
        format.check(self.columns.is_some())?;
        let plan = self.plan(false);
        let opening = || brief::picked(hits);
        let mut writer = ExportWriter::begin(format, &plan, &opening, out)?;
        for hit in hits {
            writer.take(encoded(format, &plan, hit)?)?;
        }
        let mut written = writer.end(hits, None, &Provenance::picked(hits.len()))?;
        out.flush()?;
        written.found = hits.len() as u64;
        Ok(written)
    }

    /// What its rows are. Where letters that only mention are among them, a column says so.
    fn plan(&self, mentions: bool) -> RowPlan {
        let columns = self.columns.clone().unwrap_or_else(|| {
            let mut default = if self.format.definition().is_brief() {
                brief::default_columns(self.by)
            } else {
                default_columns(self.by)
            };
            if mentions {
                let columns = columns().iter();
                default.extend(columns.filter(|column| column.name == columns::MENTION));
            }
            default
        });
        RowPlan {
            by: self.by,
            columns,
            chosen: self.columns.is_some(),
            for_spreadsheets: self.for_spreadsheets,
        }
    }

    /// How the question was read; of a brief also the hits that it quotes and its counts.
    fn answer(
        &self,
        engine: &dyn Backend,
        counted: &Response,
        request: &Request,
    ) -> Result<Response, SearchError> {
        if !self.format.definition().is_brief() {
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
}

/// A hit as a format writes it.
fn encoded(format: &dyn ExportFormat, plan: &RowPlan, hit: &Hit) -> io::Result<EncodedHit> {
    let places: Vec<Option<usize>> = match plan.by {
        RowLevel::Letter => vec![None],
        RowLevel::Item => columns::items(hit).map(Some).collect(),
    };
    let has_no_row = places.is_empty() && !format.has_letters_without_items();
    Ok(EncodedHit {
        rows: format.encode(plan, hit, &places)?,
        count: places.len(),
        mention: hit.mention,
        nameless: has_no_row.then(|| columns::name(hit).text().into_owned()),
    })
}

/// An export in the making: the file, and what is counted of it.
struct ExportWriter<'o> {
    sink: Box<dyn RowSink + 'o>,
    nameless: Vec<String>,
    written: ExportSummary,
}

impl<'o> ExportWriter<'o> {
    fn begin(
        format: &dyn ExportFormat,
        plan: &RowPlan,
        opening: &dyn Fn() -> brief::BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<ExportWriter<'o>> {
        Ok(ExportWriter {
            sink: format.begin(plan, opening, out)?,
            nameless: Vec::new(),
            written: ExportSummary::default(),
        })
    }

    fn take(&mut self, hit: EncodedHit) -> io::Result<()> {
        self.sink.take(hit.rows)?;
        self.written.letters += 1;
        self.written.mentions += usize::from(hit.mention);
        self.written.rows += hit.count;
        if let Some(name) = hit.nameless {
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
        let without = self.written.without_items;
        let more = without - self.nameless.len();
        let closing = brief::Closing {
            remark: (without > 0).then(|| brief::without_items(&self.nameless, more)),
            decided,
            quotes: brief::quotes(quoted).collect(),
            provenance: provenance.sentence(),
        };
        let summary = self.sink.end(&closing, provenance)?;
        self.written.cut = summary.cut;
        self.written.sheets = summary.sheets;
        Ok(self.written)
    }
}
