//! SQLite FTS5 over the same letters: one column of text, porter stems, the usual build.

use rayon::prelude::*;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Letters read ahead of the one thread that SQLite writes with.
const AHEAD: usize = 2048;

/// Builds a database, in one transaction; returns the letters' bytes.
///
/// # Errors
/// If a file cannot be read or the database not be written.
pub fn build(
    file: &Path,
    paths: &[PathBuf],
    memory: usize,
) -> Result<usize, Box<dyn std::error::Error>> {
    let mut database = Connection::open(file)?;
    database.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -{};
         CREATE VIRTUAL TABLE letters USING fts5(path UNINDEXED, text, tokenize = 'porter unicode61');",
        memory >> 10
    ))?;
    let transaction = database.transaction()?;
    let mut bytes = 0;
    {
        let mut insert = transaction.prepare("INSERT INTO letters(path, text) VALUES (?1, ?2)")?;
        for ahead in paths.chunks(AHEAD) {
            let texts: Vec<String> = ahead
                .par_iter()
                .map(std::fs::read_to_string)
                .collect::<Result<_, _>>()?;
            for (path, text) in ahead.iter().zip(&texts) {
                bytes += text.len();
                insert.execute((path.to_string_lossy(), text))?;
            }
        }
    }
    transaction.commit()?;
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(bytes)
}

/// The letters of a page of hits, best first: path and snippet.
///
/// # Errors
/// If the database is damaged or does not understand the query.
pub fn search(
    database: &Connection,
    query: &str,
    limit: usize,
    offset: usize,
) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = database.prepare_cached(
        "SELECT path, snippet(letters, 1, '[', ']', '...', 40) FROM letters
         WHERE letters MATCH ?1 ORDER BY rank LIMIT ?2 OFFSET ?3",
    )?;
    let rows = statement.query_map((query, limit, offset), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
