//! The tables of a database export. Letters and items have the columns of the registry; drugs,
//! citations and reasons, which are lists in a row, are tables of their own here.

use super::columns::{self, Column};
use super::format_info::FormatInfo;
use crate::fields::{Cell, CellKind, Level};
use crate::letter::{Citation, Item, Reason};
use crate::search::Hit;
use std::sync::LazyLock;

/// What a database is called.
pub(super) static INFO: FormatInfo = FormatInfo {
    extensions: &["sqlite", "sqlite3", "db"],
    media_type: "application/vnd.sqlite3",
    binary_name: Some("a database"),
};

/// A table with rows of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Letters,
    Items,
    Drugs,
    Citations,
    CitationPages,
    Reasons,
}

/// A row, without its keys.
pub(super) struct Record {
    pub table: Table,
    pub cells: Vec<Cell<'static>>,
}

/// A column that is not one of the registry's: its name, what it holds, what it means.
type Own = (&'static str, CellKind, &'static str);

const DRUGS: [Own; 7] = [
    (
        "place",
        CellKind::Number,
        "the drug's place in the request, from 1",
    ),
    ("name", CellKind::Text, "the generic name"),
    (
        "class",
        CellKind::Text,
        "its class; unlisted for a drug in no table",
    ),
    ("strength", CellKind::Text, "its strength, as printed"),
    ("form", CellKind::Text, "its dose form"),
    (
        "quantity",
        CellKind::Number,
        "how many tablets, patches and so on",
    ),
    ("refills", CellKind::Number, "how many refills"),
];
const CITATIONS: [Own; 5] = [
    (
        "side",
        CellKind::Text,
        "who cited it: reviewer or administrator",
    ),
    ("source", CellKind::Text, "MTUS, ODG, ACOEM or other"),
    (
        "title",
        CellKind::Text,
        "the guideline, by one name for all of its names",
    ),
    (
        "printed",
        CellKind::Text,
        "the title as printed, with its year",
    ),
    ("sections", CellKind::Text, "the sections cited"),
];
const CITATION_PAGES: [Own; 1] = [("page", CellKind::Number, "a page of the MTUS that is cited")];
const REASONS: [Own; 3] = [
    ("place", CellKind::Number, "1 is the strongest reason"),
    ("theme", CellKind::Text, "what the reason is about"),
    ("sign", CellKind::Text, "+ for the request, - against it"),
];

/// Columns of letters, and of items: those of the registry that are of one, in the default order.
/// What sums up a letter's items stands in their own table.
static LETTERS: LazyLock<Vec<&'static Column>> = LazyLock::new(|| of_level(Level::Letter));
static ITEMS: LazyLock<Vec<&'static Column>> = LazyLock::new(|| of_level(Level::Item));

fn of_level(level: Level) -> Vec<&'static Column> {
    const SUMS: [&str; 2] = ["requests", "decisions"];
    let columns = columns::columns().iter();
    columns
        .filter(|column| column.level() == level && !SUMS.contains(&column.name))
        .collect()
}

impl Table {
    /// Every table, in the order of their numbers.
    pub(super) const ALL: [Table; 6] = [
        Table::Letters,
        Table::Items,
        Table::Drugs,
        Table::Citations,
        Table::CitationPages,
        Table::Reasons,
    ];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Table::Letters => "letters",
            Table::Items => "items",
            Table::Drugs => "drugs",
            Table::Citations => "citations",
            Table::CitationPages => "citation_pages",
            Table::Reasons => "reasons",
        }
    }

    /// Its keys, as SQL declares them.
    fn keys(self) -> &'static [(&'static str, &'static str)] {
        const ITEM: (&str, &str) = ("item_id", "INTEGER NOT NULL REFERENCES items (item_id)");
        match self {
            Table::Letters => &[("letter_id", "INTEGER PRIMARY KEY")],
            Table::Items => &[
                ("item_id", "INTEGER PRIMARY KEY"),
                (
                    "letter_id",
                    "INTEGER NOT NULL REFERENCES letters (letter_id)",
                ),
            ],
            Table::Drugs | Table::Reasons => &[ITEM],
            Table::Citations => &[("citation_id", "INTEGER PRIMARY KEY"), ITEM],
            Table::CitationPages => &[(
                "citation_id",
                "INTEGER NOT NULL REFERENCES citations (citation_id)",
            )],
        }
    }

    /// The columns after the keys.
    pub(super) fn columns(self) -> Vec<Own> {
        let of_registry = |columns: &'static LazyLock<Vec<&'static Column>>| {
            let own = |c: &&'static Column| (c.name, c.kind, c.meaning);
            columns.iter().map(own).collect()
        };
        match self {
            Table::Letters => of_registry(&LETTERS),
            Table::Items => of_registry(&ITEMS),
            Table::Drugs => DRUGS.to_vec(),
            Table::Citations => CITATIONS.to_vec(),
            Table::CitationPages => CITATION_PAGES.to_vec(),
            Table::Reasons => REASONS.to_vec(),
        }
    }

    /// The statement that adds a row.
    pub(super) fn insert(self) -> String {
        let values = vec!["?"; self.keys().len() + self.columns().len()];
        format!("INSERT INTO {} VALUES ({})", self.name(), values.join(", "))
    }

    /// Columns of few values, by which Datasette counts: of letters and items, those that the page lists
    /// as well.
    pub(super) fn facets(self) -> Vec<&'static str> {
        let listed = |columns: &'static LazyLock<Vec<&'static Column>>| {
            let mut names: Vec<&'static str> = Vec::new();
            let mut last = None;
            for column in columns.iter() {
                let facet = column.field.and_then(|field| field.facet);
                let counted = facet.is_some_and(|f| f.panel.is_some() || f.figure.is_some());
                let is_text = matches!(column.kind, CellKind::Text | CellKind::List);
                // Of several columns of a field, the first has its values.
                if counted && is_text && last != column.field {
                    names.push(column.name);
                    last = column.field;
                }
            }
            names
        };
        match self {
            Table::Letters => listed(&LETTERS),
            Table::Items => listed(&ITEMS),
            Table::Drugs => vec!["class", "name"],
            Table::Citations => vec!["side", "source", "title"],
            Table::CitationPages => vec!["page"],
            Table::Reasons => vec!["theme", "sign"],
        }
    }

    /// What a row is.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Table::Letters => "One row for each letter that matches",
            Table::Items => "One row for each matching disputed item, with its own decision",
            Table::Drugs => "One row for each drug that an item requests",
            Table::Citations => "One row for each guideline that a side cited for an item",
            Table::CitationPages => "One row for each page of the MTUS that a citation names",
            Table::Reasons => "One row for each reason that the reviewer gave for an item",
        }
    }
}

/// The type that SQL declares.
fn sql_type(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Text | CellKind::Date | CellKind::List => "TEXT",
        CellKind::Number | CellKind::Flag => "INTEGER",
    }
}

/// The statements that make the tables.
pub(super) fn schema() -> String {
    let mut sql = String::new();
    for table in Table::ALL {
        let keys = table.keys().iter();
        let keys = keys.map(|(name, declared)| format!("  \"{name}\" {declared}"));
        let columns = table.columns().into_iter();
        let columns = columns.map(|(name, kind, _)| format!("  \"{name}\" {}", sql_type(kind)));
        let all: Vec<String> = keys.chain(columns).collect();
        sql += &format!("CREATE TABLE {} (\n{}\n);\n", table.name(), all.join(",\n"));
    }
    sql +=
        "CREATE TABLE dictionary (\"table\" TEXT, \"column\" TEXT, \"type\" TEXT, meaning TEXT);\n";
    sql += "CREATE TABLE provenance (\"key\" TEXT PRIMARY KEY, value TEXT);\n";
    sql
}

/// The full-text indexes: over which table, its key, and of which columns.
const TEXTS: [(Table, &str, &str); 2] = [
    (Table::Letters, "letter_id", "case_summary"),
    (Table::Items, "item_id", "request, rationale"),
];

/// The statements that index what the tables hold, once they are full.
pub(super) fn indexes() -> String {
    let mut sql = String::new();
    for table in Table::ALL {
        for (key, declared) in table.keys() {
            if declared.contains("REFERENCES") {
                let table = table.name();
                sql += &format!("CREATE INDEX {table}_{key} ON {table} ({key});\n");
            }
        }
    }
    sql += "CREATE INDEX letters_case_number ON letters (case_number);\n";
    for (table, key, columns) in TEXTS {
        let table = table.name();
        sql += &format!(
            "CREATE VIRTUAL TABLE {table}_fts USING fts5({columns}, content='{table}', \
             content_rowid='{key}', tokenize='porter unicode61');\n\
             INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild');\n"
        );
    }
    sql
}

/// Every column: its table, name, type and meaning.
pub(super) fn dictionary() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let of_table = |table: Table| {
        let columns = table.columns().into_iter();
        columns.map(move |(name, kind, meaning)| (table.name(), name, kind.name(), meaning))
    };
    Table::ALL.into_iter().flat_map(of_table).collect()
}

/// The rows of a hit: the letter, then each matching item and what belongs to it.
pub(super) fn records(hit: &Hit) -> Vec<Record> {
    let owned = |cells: &mut dyn Iterator<Item = Cell<'_>>| cells.map(Cell::owned).collect();
    let mut records = vec![Record {
        table: Table::Letters,
        cells: owned(&mut LETTERS.iter().map(|column| column.of_letter(hit))),
    }];
    for at in columns::items(hit) {
        records.push(Record {
            table: Table::Items,
            cells: owned(&mut ITEMS.iter().map(|column| column.of_item(hit, at))),
        });
        of_item(&mut records, &hit.letter.items[at]);
    }
    records
}

fn of_item(records: &mut Vec<Record>, item: &Item) {
    let mut add = |table, cells: Vec<Cell<'_>>| {
        let cells = cells.into_iter().map(Cell::owned).collect();
        records.push(Record { table, cells });
    };
    for (n, drug) in item.drugs.iter().enumerate() {
        let cells = vec![
            (n + 1).into(),
            drug.name.as_str().into(),
            drug.class.as_str().into(),
            drug.strength.as_deref().into(),
            drug.form.as_deref().into(),
            drug.quantity.into(),
            drug.refills.into(),
        ];
        add(Table::Drugs, cells);
    }
    for (n, Reason { theme, sign }) in item.reasons.iter().enumerate() {
        let cells = vec![(n + 1).into(), theme.as_str().into(), sign.symbol().into()];
        add(Table::Reasons, cells);
    }
    let sides = [
        ("reviewer", &item.reviewer),
        ("administrator", &item.claims_administrator),
    ];
    for (side, cited) in sides {
        for citation in &cited.citations {
            let Citation {
                source,
                title,
                printed,
                sections,
                pages,
            } = citation;
            let texts = [side, source, title, printed, sections];
            add(Table::Citations, texts.map(Cell::from).to_vec());
            for page in pages {
                add(Table::CitationPages, vec![(*page).into()]);
            }
        }
    }
}

/// What Datasette shows about a database of this name: titles, what columns mean, the columns to count by.
#[must_use]
pub fn datasette_metadata(database: &str) -> serde_json::Value {
    let of_table = |table: Table| {
        let described = table.columns().into_iter();
        let described = described.map(|(name, _, meaning)| (name, meaning));
        let lists: Vec<&str> = table
            .columns()
            .iter()
            .filter(|c| c.1 == CellKind::List)
            .map(|c| c.0)
            .collect();
        let facets = table.facets().into_iter().map(|name| {
            if lists.contains(&name) {
                serde_json::json!({ "array": name })
            } else {
                serde_json::json!(name)
            }
        });
        let mut about = serde_json::json!({
            "description": table.meaning(),
            "facets": facets.collect::<Vec<_>>(),
            "columns": described.collect::<std::collections::BTreeMap<_, _>>(),
        });
        match table {
            Table::Letters => about["label_column"] = "case_number".into(),
            Table::Items => about["label_column"] = "request".into(),
            _ => {}
        }
        if let Some((_, key, _)) = TEXTS.iter().find(|(of, ..)| *of == table) {
            about["fts_table"] = format!("{}_fts", table.name()).into();
            about["fts_pk"] = (*key).into();
        }
        (table.name(), about)
    };
    let tables: std::collections::BTreeMap<_, _> = Table::ALL.into_iter().map(of_table).collect();
    serde_json::json!({
        "title": "Independent Medical Review determination letters",
        "databases": { database: {
            "description": "Letters as imr reads them. Check a passage against its letter before you cite it.",
            "tables": tables,
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_registry_is_in_one_table() {
        let in_tables = LETTERS.len() + ITEMS.len();
        assert_eq!(in_tables + 2, columns::columns().len());
        assert!(LETTERS.iter().any(|c| c.name == "case_number"));
        assert!(ITEMS.iter().any(|c| c.name == "rationale"));
        for (n, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table as usize, n);
            let names: Vec<&str> = table.columns().iter().map(|c| c.0).collect();
            assert!(
                table.facets().iter().all(|facet| names.contains(facet)),
                "{table:?}"
            );
        }
    }

    #[test]
    fn datasette_is_told_which_columns_are_lists() {
        let metadata = datasette_metadata("letters");
        let items = &metadata["databases"]["letters"]["tables"]["items"];
        let facets = items["facets"].as_array().unwrap();
        assert!(facets.contains(&"decision".into()));
        assert!(facets.contains(&serde_json::json!({ "array": "drugs" })));
        assert_eq!(items["fts_table"], "items_fts");
    }
}
