//! The columns of an export: their names and meanings are the table `index-schema/columns.tsv`,
//! how each is read off a hit is the list `READERS`.

use super::cell::Cell;
use super::read::READERS;
use crate::letter::{Item, Letter};
use crate::search::{Hit, Projection};
use crate::vocabulary::{Table, nearest};
use std::sync::LazyLock;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// One matching item, the letter's fields repeated.
    Item,
    /// One letter.
    Letter,
}

/// A column of an export.
#[derive(Debug)]
pub struct Column {
    /// Its name: in `--columns`, in header rows, as a key of JSON.
    pub name: &'static str,
    /// Its heading in a brief.
    pub label: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its width in a workbook, in characters.
    pub width: u16,
    /// Rows by item have it unless told otherwise.
    pub by_item: bool,
    /// Rows by letter have it unless told otherwise.
    pub by_letter: bool,
    reader: Reader,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reader {
    /// Off the letter's record, or its matching items.
    Letter(fn(&Hit) -> Cell<'_>),
    /// Off the letter's text.
    Text(fn(&Hit) -> Cell<'_>),
    /// Its identity.
    Id(fn(&Hit) -> Cell<'_>),
    /// Off what the index knows of its files.
    Files(fn(&Hit) -> Cell<'_>),
    /// Off one item and its place in the letter.
    Item(fn(&Item, usize) -> Cell<'_>),
    /// Off the part of the letter's text that is an item's.
    ItemText(for<'l> fn(&'l Letter, &'l Item) -> Cell<'l>),
}

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let table = Table::read(
        "columns.tsv",
        include_str!("../../index-schema/columns.tsv"),
    );
    let column = |row: crate::vocabulary::Row<'_>| {
        let name = row.get("name");
        let reader = READERS.iter().find(|(read, _)| *read == name);
        let default = row.get("default");
        Column {
            name,
            label: row.get("label"),
            meaning: row.get("meaning"),
            width: row.get("width").parse().unwrap_or(20),
            by_item: matches!(default, "item" | "both"),
            by_letter: matches!(default, "letter" | "both"),
            reader: reader.expect("every column is read: tested").1,
        }
    };
    table.rows().map(column).collect()
});

/// Every column, in the default order.
#[must_use]
pub fn columns() -> &'static [Column] {
    &COLUMNS
}

/// The columns that rows have unless told otherwise.
#[must_use]
pub fn default_columns(by: By) -> Vec<&'static Column> {
    let has = |column: &&Column| match by {
        By::Item => column.by_item,
        By::Letter => column.by_letter,
    };
    columns().iter().filter(has).collect()
}

/// Why columns cannot be chosen so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ColumnError {
    /// No column is called so.
    #[error("there is no column '{name}'{} --columns help lists them", did_you_mean(.suggestions))]
    Unknown {
        /// As typed.
        name: String,
        /// The nearest.
        suggestions: Vec<String>,
    },
    /// A column is named twice.
    #[error("column '{0}' is named twice")]
    Twice(&'static str),
    /// No column is named.
    #[error("no column is named; --columns help lists them")]
    None,
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        return ";".to_string();
    }
    let quoted: Vec<String> = suggestions.iter().map(|s| format!("'{s}'")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}

/// Stands for all columns that are not named beside it.
const ALL: &str = "all";

/// The columns of these names, in this order. Case and hyphens do not matter.
///
/// # Errors
/// If one is unknown or stands twice, or there is none.
pub fn chosen<'n>(
    names: impl IntoIterator<Item = &'n str>,
) -> Result<Vec<&'static Column>, ColumnError> {
    let mut chosen: Vec<&'static Column> = Vec::new();
    for typed in names {
        let name = typed.trim().to_lowercase().replace(['-', ' '], "_");
        if name.is_empty() {
            continue;
        }
        if name == ALL {
            let more = columns().iter();
            let more = more.filter(|c| !chosen.iter().any(|chosen| chosen.name == c.name));
            chosen.extend(more.collect::<Vec<_>>());
            continue;
        }
        let Some(column) = columns().iter().find(|c| c.name == name) else {
            return Err(ColumnError::Unknown {
                suggestions: nearest(&name, columns().iter().map(|c| c.name)),
                name: typed.trim().to_string(),
            });
        };
        if chosen.iter().any(|c| c.name == column.name) {
            return Err(ColumnError::Twice(column.name));
        }
        chosen.push(column);
    }
    if chosen.is_empty() {
        return Err(ColumnError::None);
    }
    Ok(chosen)
}

/// What of a letter some columns are read off.
#[must_use]
pub fn wanted(columns: &[&Column]) -> Projection {
    let any = |of: fn(&Reader) -> bool| columns.iter().any(|c| of(&c.reader));
    Projection {
        text: any(|r| matches!(r, Reader::Text(_) | Reader::ItemText(_))),
        id: any(|r| matches!(r, Reader::Id(_))),
        files: any(|r| matches!(r, Reader::Files(_))),
    }
}

/// The places of the items that have a row: the matching ones.
pub(super) fn items(hit: &Hit) -> impl Iterator<Item = usize> + '_ {
    let places = hit.items.iter().map(|at| at.item);
    places.filter(|at| *at < hit.letter.items.len())
}

impl Column {
    /// The cell of a matching item's row.
    pub(super) fn of_item<'h>(&self, hit: &'h Hit, at: usize) -> Cell<'h> {
        let item = &hit.letter.items[at];
        match self.reader {
            Reader::Letter(read) | Reader::Text(read) | Reader::Id(read) | Reader::Files(read) => {
                read(hit)
            }
            Reader::Item(read) => read(item, at),
            Reader::ItemText(read) => read(&hit.letter, item),
        }
    }

    /// The cell of a letter's row. What is an item's is that of all matching items, each value
    /// once.
    pub(super) fn of_letter<'h>(&self, hit: &'h Hit) -> Cell<'h> {
        match self.reader {
            Reader::Letter(read) | Reader::Text(read) | Reader::Id(read) | Reader::Files(read) => {
                read(hit)
            }
            Reader::Item(_) | Reader::ItemText(_) => {
                let mut cells: Vec<String> = Vec::new();
                for at in items(hit) {
                    let cell = self.of_item(hit, at).text().into_owned();
                    if !cell.is_empty() && !cells.contains(&cell) {
                        cells.push(cell);
                    }
                }
                Cell::from(cells.join("; "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_readers_name_the_same_columns() {
        let mut told: Vec<&str> = columns().iter().map(|c| c.name).collect();
        let mut read: Vec<&str> = READERS.iter().map(|(name, _)| *name).collect();
        told.sort_unstable();
        read.sort_unstable();
        assert_eq!(told, read);
        told.dedup();
        assert_eq!(told.len(), columns().len(), "each once");
        assert!(
            columns().iter().all(|c| !c.meaning.is_empty()
                && !c.label.is_empty()
                && (1..=255).contains(&c.width))
        );
    }

    #[test]
    fn columns_are_chosen_by_name_in_any_order() {
        let names: Vec<_> = chosen(["Request", " case-number", "decided"])
            .unwrap()
            .iter()
            .map(|c| c.name)
            .collect();
        assert_eq!(names, ["request", "case_number", "decided"]);
        let error = chosen(["decison"]).unwrap_err().to_string();
        assert!(error.contains("did you mean 'decision'"), "{error}");
        assert_eq!(
            chosen(["age", "AGE"]).unwrap_err(),
            ColumnError::Twice("age")
        );
        assert_eq!(chosen(["", " "]).unwrap_err(), ColumnError::None);
        let all = chosen(["request", "all"]).unwrap();
        assert_eq!((all.len(), all[0].name), (columns().len(), "request"));
    }
}
