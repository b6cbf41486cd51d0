//! The columns of an export: those of the registry's fields, and those of what a search knows of a hit.

use crate::fields::{self, Cell, CellKind, ColumnReader, DefaultRows, FieldDefinition, Level};
use crate::letter::{Decision, Item, Letter};
use crate::search::{Hit, Projection};
use crate::vocabulary::nearest;
use std::path::Path;
use std::sync::LazyLock;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RowLevel {
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
    /// What its cells are.
    pub kind: CellKind,
    /// The field that it shows; none where it is of the hit.
    pub field: Option<&'static FieldDefinition>,
    /// Where its values are from.
    pub source: &'static str,
    /// Its place in the default order.
    place: u16,
    /// The rows that have it unless told otherwise.
    pub rows: DefaultRows,
    reader: Reader,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// As a field of the registry is.
    Field(ColumnReader),
    /// From the letter, or its matching items.
    Letter(fn(&Hit) -> Cell<'_>),
    /// From the letter's text.
    Text(fn(&Hit) -> Cell<'_>),
    /// From its identity.
    Id(fn(&Hit) -> Cell<'_>),
    /// From what the index knows of its files.
    Files(fn(&Hit) -> Cell<'_>),
    /// From an item's place in the letter.
    Item(fn(&Item, usize) -> Cell<'_>),
}

/// The columns of what a search knows of a hit, which no letter says.
const OF_HITS: [Column; 11] = [
    Column {
        name: "items",
        label: "Items",
        meaning: "how many disputed items the letter has",
        width: 7,
        kind: CellKind::Number,
        field: None,
        source: "the letter's disputed items",
        place: 40,
        rows: DefaultRows::Letter,
        reader: Reader::Letter(|h| h.letter.items.len().into()),
    },
    Column {
        name: "matching_items",
        label: "Matching items",
        meaning: "how many of them match",
        width: 15,
        kind: CellKind::Number,
        field: None,
        source: "the search",
        place: 50,
        rows: DefaultRows::Letter,
        reader: Reader::Letter(|h| items(h).count().into()),
    },
    Column {
        name: "requests",
        label: "Requests",
        meaning: "the requests of the matching items, in the letter's order",
        width: 50,
        kind: CellKind::List,
        field: None,
        source: "the matching items",
        place: 60,
        rows: DefaultRows::Letter,
        reader: Reader::Letter(|h| Cell::list(matching(h).map(|i| i.request.as_str()))),
    },
    Column {
        name: "decisions",
        label: "Decisions",
        meaning: "their decisions, in the same order",
        width: 22,
        kind: CellKind::List,
        field: None,
        source: "the matching items",
        place: 70,
        rows: DefaultRows::Letter,
        reader: Reader::Letter(|h| {
            Cell::list(matching(h).map(|i| i.decision.map_or("", Decision::name)))
        }),
    },
    Column {
        name: "item",
        label: "Item",
        meaning: "the item's place in the letter, from 1",
        width: 6,
        kind: CellKind::Number,
        field: None,
        source: "the letter's disputed items",
        place: 80,
        rows: DefaultRows::Item,
        reader: Reader::Item(|_, at| (at + 1).into()),
    },
    Column {
        name: MENTION,
        label: "Only mentions",
        meaning: "whether the letter only mentions what the query asks for (where mentions are included)",
        width: 10,
        kind: CellKind::Text,
        field: None,
        source: "the search",
        place: 445,
        rows: DefaultRows::None,
        reader: Reader::Letter(|h| if h.mention { "yes" } else { "no" }.into()),
    },
    Column {
        name: "case",
        label: "Case",
        meaning: "the case number, or the file's name where the letter has none",
        width: 18,
        kind: CellKind::Text,
        field: None,
        source: "the header, else the path of the file",
        place: 450,
        rows: DefaultRows::None,
        reader: Reader::Files(name),
    },
    Column {
        name: "id",
        label: "Identity",
        meaning: "the letter's identity: a digest of its text",
        width: 34,
        kind: CellKind::Text,
        field: None,
        source: "the letter's text",
        place: 460,
        rows: DefaultRows::None,
        reader: Reader::Id(|h| h.id.as_str().into()),
    },
    Column {
        name: "text",
        label: "Text",
        meaning: "the whole letter, in one line",
        width: 80,
        kind: CellKind::Text,
        field: None,
        source: "the whole text",
        place: 470,
        rows: DefaultRows::None,
        reader: Reader::Text(|h| Cell::line(&h.letter.text)),
    },
    Column {
        name: "files",
        label: "Files",
        meaning: "every file that contains the letter",
        width: 40,
        kind: CellKind::List,
        field: None,
        source: "the paths of the files",
        place: 480,
        rows: DefaultRows::None,
        reader: Reader::Files(|h| Cell::strings(&h.files)),
    },
    Column {
        name: "file",
        label: "File",
        meaning: "the first of the files that contain the letter",
        width: 40,
        kind: CellKind::Text,
        field: None,
        source: "the paths of the files",
        place: 490,
        rows: DefaultRows::Both,
        reader: Reader::Files(|h| h.files.first().map(String::as_str).into()),
    },
];

/// Whether a letter only mentions what the query asks for.
pub(super) const MENTION: &str = "mention";

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let of_fields = fields::columns().map(|(field, column)| Column {
        kind: column.kind,
        field: Some(field),
        source: field.read_from,
        name: column.name,
        label: column.label,
        meaning: column.meaning,
        width: column.width,
        place: column.place,
        rows: column.rows,
        reader: Reader::Field(column.read),
    });
    let mut all: Vec<Column> = of_fields.chain(OF_HITS).collect();
    all.sort_by_key(|column| column.place);
    all
});

/// Every column, in the default order.
#[must_use]
pub fn columns() -> &'static [Column] {
    &COLUMNS
}

/// The columns that rows have unless told otherwise.
#[must_use]
pub fn default_columns(by: RowLevel) -> Vec<&'static Column> {
    columns()
        .iter()
        .filter(|column| column.is_default(by))
        .collect()
}

/// Why columns cannot be chosen so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ColumnError {
    /// No column is called so.
    #[error("there is no column '{name}'{}", did_you_mean(.suggestions))]
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
    #[error("no column is named")]
    None,
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        return String::new();
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
pub(super) fn wanted(columns: &[&Column]) -> Projection {
    let any = |of: fn(&Reader) -> bool| columns.iter().any(|c| of(&c.reader));
    Projection {
        text: any(|r| {
            matches!(
                r,
                Reader::Text(_)
                    | Reader::Field(ColumnReader::LetterText(_) | ColumnReader::ItemText(_))
            )
        }),
        id: any(|r| matches!(r, Reader::Id(_))),
        files: any(|r| matches!(r, Reader::Files(_))),
    }
}

/// The places of the items that have a row: the matching ones.
pub(super) fn items(hit: &Hit) -> impl Iterator<Item = usize> + '_ {
    let places = hit.items.iter().map(|at| at.item);
    places.filter(|at| *at < hit.letter.items.len())
}

pub(super) fn matching(hit: &Hit) -> impl Iterator<Item = &Item> {
    items(hit).map(|at| &hit.letter.items[at])
}

/// How a letter is named: its case number, else its file's name.
pub(super) fn name(hit: &Hit) -> Cell<'_> {
    if let Some(case) = &hit.letter.case_number {
        return case.as_str().into();
    }
    let file = hit.files.first().map(Path::new);
    let stem = file.and_then(|f| Some(f.file_stem()?.to_string_lossy().into_owned()));
    stem.unwrap_or_else(|| "(no case number)".to_string())
        .into()
}

impl Column {
    /// Whether rows have it unless told otherwise.
    #[must_use]
    pub fn is_default(&self, by: RowLevel) -> bool {
        matches!(
            (self.rows, by),
            (DefaultRows::Both, _)
                | (DefaultRows::Item, RowLevel::Item)
                | (DefaultRows::Letter, RowLevel::Letter)
        )
    }

    /// Whether a letter or an item has it.
    #[must_use]
    pub fn level(&self) -> Level {
        match self.reader {
            Reader::Item(_) | Reader::Field(ColumnReader::Item(_) | ColumnReader::ItemText(_)) => {
                Level::Item
            }
            _ => Level::Letter,
        }
    }

    /// What its cells are in rows by item or by letter, where an item's column is a list.
    #[must_use]
    pub(super) fn kind_of_rows(&self, by: RowLevel) -> CellKind {
        match (self.level(), by) {
            (Level::Item, RowLevel::Letter) => CellKind::List,
            _ => self.kind,
        }
    }

    /// The cell of a matching item's row.
    pub(super) fn of_item<'h>(&self, hit: &'h Hit, at: usize) -> Cell<'h> {
        let letter: &Letter = &hit.letter;
        let item = &letter.items[at];
        match self.reader {
            Reader::Letter(read) | Reader::Text(read) | Reader::Id(read) | Reader::Files(read) => {
                read(hit)
            }
            Reader::Item(read) => read(item, at),
            Reader::Field(ColumnReader::Letter(read) | ColumnReader::LetterText(read)) => {
                read(letter)
            }
            Reader::Field(ColumnReader::Item(read)) => read(item),
            Reader::Field(ColumnReader::ItemText(read)) => read(letter, item),
        }
    }

    /// The cell of a letter's row. What is an item's is that of all matching items, each value
    /// once.
    pub(super) fn of_letter<'h>(&self, hit: &'h Hit) -> Cell<'h> {
        match self.reader {
            Reader::Letter(read) | Reader::Text(read) | Reader::Id(read) | Reader::Files(read) => {
                read(hit)
            }
            Reader::Field(ColumnReader::Letter(read) | ColumnReader::LetterText(read)) => {
                read(&hit.letter)
            }
            Reader::Item(_) | Reader::Field(ColumnReader::Item(_) | ColumnReader::ItemText(_)) => {
                let mut cells: Vec<String> = Vec::new();
                for at in items(hit) {
                    let cell = self.of_item(hit, at).text().into_owned();
                    if !cell.is_empty() && !cells.contains(&cell) {
                        cells.push(cell);
                    }
                }
                cells.into_iter().collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_and_a_place_of_its_own() {
        let mut names: Vec<&str> = columns().iter().map(|c| c.name).collect();
        let mut places: Vec<u16> = columns().iter().map(|c| c.place).collect();
        names.sort_unstable();
        names.dedup();
        places.dedup();
        assert_eq!(names.len(), columns().len());
        assert_eq!(places.len(), columns().len());
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
