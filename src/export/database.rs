//! A SQLite database: letters, items, drugs, citations and reasons with their keys, and full-text
//! indexes over what letters say. `tables` says what is in it.
//!
//! SQLite is a C library, compiled into imr by the feature `sqlite`. It writes a temporary file, which no
//! other user can read and which has no name while it is written; the export copies it at its end.

use super::brief::{BriefHeader, Closing};
use super::error::ExportError;
use super::format_info::FormatInfo;
use super::provenance::Provenance;
use super::sink::{EncodedRows, ExportFormat, RowPlan, RowSink, SinkSummary};
use super::tables::{self, Record, Table};
use crate::fields::Cell;
use crate::search::{Hit, Projection};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use std::fs::File;
use std::io::{self, Seek, Write};
use tempfile::{NamedTempFile, TempPath};

/// SQLite databases.
pub(super) struct DatabaseFormat;

impl ExportFormat for DatabaseFormat {
    fn info(&self) -> &FormatInfo {
        &tables::INFO
    }

    fn has_letters_without_items(&self) -> bool {
        true
    }

    fn check(&self, columns_chosen: bool) -> Result<(), ExportError> {
        if columns_chosen {
            return Err(ExportError::NothingToChoose);
        }
        Ok(())
    }

    fn projection(&self, _: &RowPlan) -> Projection {
        Projection {
            text: true,
            files: true,
            id: true,
        }
    }

    fn encode(&self, _: &RowPlan, hit: &Hit, _: &[Option<usize>]) -> io::Result<EncodedRows> {
        Ok(EncodedRows::Records(tables::records(hit)))
    }

    fn begin<'o>(
        &self,
        _: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        let database = Database::new()?;
        Ok(Box::new(DatabaseSink { database, out }))
    }
}

/// A database on its way to an output.
struct DatabaseSink<'o> {
    database: Database,
    out: &'o mut (dyn Write + Send),
}

impl RowSink for DatabaseSink<'_> {
    fn take(&mut self, rows: EncodedRows) -> io::Result<()> {
        match rows {
            EncodedRows::Records(records) => self.database.take(&records),
            EncodedRows::Bytes(_) | EncodedRows::Cells(_) => Ok(()),
        }
    }

    fn end(self: Box<Self>, _: &Closing, provenance: &Provenance) -> io::Result<SinkSummary> {
        self.database.finish(provenance, self.out)?;
        Ok(SinkSummary::default())
    }
}

/// A database in the making.
struct Database {
    connection: Connection,
    file: File,
    /// Where the system does not let an open file lose its name.
    _path: Option<TempPath>,
    inserts: Vec<String>,
    /// The keys of the last letter, item and citation.
    letter: i64,
    item: i64,
    citation: i64,
}

impl Database {
    /// Begins a database with its tables.
    ///
    /// # Errors
    /// If no temporary file can be made.
    fn new() -> io::Result<Database> {
        let (file, path) = NamedTempFile::new()?.into_parts();
        let connection = Connection::open(&path).map_err(failed)?;
        // What is half is thrown away: nothing needs to be undone.
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA temp_store = MEMORY; PRAGMA page_size = 4096; BEGIN;",
            )
            .map_err(failed)?;
        connection
            .execute_batch(&tables::schema())
            .map_err(failed)?;
        let path = if cfg!(unix) {
            path.close()?;
            None
        } else {
            Some(path)
        };
        Ok(Database {
            connection,
            file,
            _path: path,
            inserts: Table::ALL.iter().map(|table| table.insert()).collect(),
            letter: 0,
            item: 0,
            citation: 0,
        })
    }

    /// Adds the rows of a letter: it comes first, each of its items before what belongs to the item.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    fn take(&mut self, records: &[Record]) -> io::Result<()> {
        for record in records {
            let keys: &[i64] = match record.table {
                Table::Letters => {
                    self.letter += 1;
                    &[self.letter]
                }
                Table::Items => {
                    self.item += 1;
                    &[self.item, self.letter]
                }
                Table::Citations => {
                    self.citation += 1;
                    &[self.citation, self.item]
                }
                Table::CitationPages => &[self.citation],
                Table::Drugs | Table::Reasons => &[self.item],
            };
            let keys = keys.iter().map(|key| SqlCell::Key(*key));
            let cells = record.cells.iter().map(SqlCell::Cell);
            let insert = &self.inserts[record.table as usize];
            let mut statement = self.connection.prepare_cached(insert).map_err(failed)?;
            let added = statement.execute(params_from_iter(keys.chain(cells)));
            added.map_err(failed)?;
        }
        Ok(())
    }

    /// Adds the indexes, the dictionary and where all is from, and copies the database to the output.
    ///
    /// # Errors
    /// If the temporary file or the output cannot be written.
    fn finish(mut self, provenance: &Provenance, out: &mut dyn Write) -> io::Result<()> {
        self.fill(provenance).map_err(failed)?;
        let Database {
            connection,
            mut file,
            ..
        } = self;
        connection.close().map_err(|(_, error)| failed(error))?;
        file.rewind()?;
        io::copy(&mut file, out)?;
        Ok(())
    }

    fn fill(&mut self, provenance: &Provenance) -> rusqlite::Result<()> {
        let connection = &self.connection;
        {
            let mut pair = connection.prepare("INSERT INTO provenance VALUES (?, ?)")?;
            for (key, value) in provenance.pairs() {
                pair.execute((key, value))?;
            }
            let mut entry = connection.prepare("INSERT INTO dictionary VALUES (?, ?, ?, ?)")?;
            for (table, column, kind, meaning) in tables::dictionary() {
                entry.execute((table, column, kind, meaning))?;
            }
        }
        connection.execute_batch(&tables::indexes())?;
        connection.execute_batch("COMMIT; ANALYZE;")
    }
}

/// A value on its way into a statement.
enum SqlCell<'c> {
    Key(i64),
    Cell(&'c Cell<'static>),
}

/// Dates are ISO 8601, lists are JSON arrays, what is so is 1, and what is silent is NULL.
impl ToSql for SqlCell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            SqlCell::Key(key) => ToSqlOutput::from(*key),
            SqlCell::Cell(Cell::Empty) => ToSqlOutput::Owned(Value::Null),
            SqlCell::Cell(Cell::Text(text)) => {
                ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
            }
            SqlCell::Cell(Cell::Number(n)) => {
                ToSqlOutput::from(i64::try_from(*n).unwrap_or(i64::MAX))
            }
            SqlCell::Cell(Cell::Flag(is)) => ToSqlOutput::from(*is),
            SqlCell::Cell(Cell::Date(date)) => ToSqlOutput::from(date.to_string()),
            SqlCell::Cell(list @ Cell::List(_)) => {
                let json = serde_json::to_string(list);
                ToSqlOutput::from(
                    json.map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?,
                )
            }
        })
    }
}

fn failed(error: rusqlite::Error) -> io::Error {
    let place = std::env::temp_dir();
    io::Error::other(format!(
        "the database's temporary file in {}: {error}",
        place.display()
    ))
}
