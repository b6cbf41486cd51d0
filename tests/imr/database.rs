//! The database that an export writes: what is in it is what the other formats say.

use crate::export::{export, exported};
use rusqlite::Connection;
use tempfile::TempDir;

/// The database of a search.
fn database(args: &[&str]) -> (TempDir, Connection) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("letters.sqlite");
    std::fs::write(&file, exported("letters.sqlite", args)).unwrap();
    let database = Connection::open(file).unwrap();
    (folder, database)
}

fn one<T: rusqlite::types::FromSql>(database: &Connection, sql: &str) -> T {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn texts(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn its_rows_are_those_of_the_search() {
    let (_folder, database) = database(&["--drug", "opioid"]);
    let items = export(&["--drug", "opioid", "--format", "jsonl", "--columns", "all"]).json();
    assert_eq!(
        one::<i64>(&database, "SELECT count(*) FROM items"),
        items.len() as i64
    );
    let mut statement = database
        .prepare(
            "SELECT case_number, request, decision, partial, drugs, quantity, rationale, decided, text
             FROM items JOIN letters USING (letter_id) ORDER BY item_id",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    for item in &items {
        let row = rows.next().unwrap().expect("as many rows");
        let text = |at: usize| row.get::<_, Option<String>>(at).unwrap();
        for (at, key) in [
            (0, "case_number"),
            (1, "request"),
            (2, "decision"),
            (6, "rationale"),
            (7, "decided"),
            (8, "text"),
        ] {
            assert_eq!(text(at).as_deref(), item[key].as_str(), "{key}");
        }
        assert_eq!(
            row.get::<_, bool>(3).unwrap(),
            item["partial"].as_bool().unwrap()
        );
        let drugs: serde_json::Value = serde_json::from_str(&text(4).unwrap()).unwrap();
        assert_eq!(drugs, item["drugs"]);
        assert_eq!(
            row.get::<_, Option<i64>>(5).unwrap(),
            item["quantity"].as_i64()
        );
    }
    assert!(rows.next().unwrap().is_none());
}

#[test]
fn lists_are_tables_with_keys() {
    let (_folder, database) = database(&[]);
    assert_eq!(texts(&database, "PRAGMA integrity_check"), ["ok"]);
    let broken: i64 = one(&database, "SELECT count(*) FROM pragma_foreign_key_check");
    assert_eq!(broken, 0);
    let drugs = "SELECT DISTINCT class FROM drugs JOIN items USING (item_id)
                 JOIN letters USING (letter_id) WHERE name = 'acetaminophen/hydrocodone'";
    assert_eq!(texts(&database, drugs), ["opioid analgesic"]);
    let listed: i64 = one(&database, "SELECT sum(json_array_length(drugs)) FROM items");
    let names: i64 = one(
        &database,
        "SELECT count(*) FROM (SELECT DISTINCT item_id, name FROM drugs)",
    );
    assert_eq!(listed, names);
    let reasons: i64 = one(
        &database,
        "SELECT sum(json_array_length(reasons)) FROM items",
    );
    assert_eq!(
        reasons,
        one::<i64>(&database, "SELECT count(*) FROM reasons")
    );
    let page: i64 = one(
        &database,
        "SELECT count(DISTINCT item_id) FROM citation_pages JOIN citations USING (citation_id)
         WHERE page = 78 AND side = 'reviewer'",
    );
    let found = crate::support::search(&["--page", "78", "--cited-by", "reviewer", "--json"]);
    assert_eq!(Some(page), found.json()[0]["items"].as_i64());
}

#[test]
fn its_texts_are_indexed() {
    let (_folder, database) = database(&[]);
    for index in ["letters_fts", "items_fts"] {
        let check = format!("INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)");
        database.execute_batch(&check).unwrap();
    }
    // The stemmer makes one word of these.
    let count = |word: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM items_fts WHERE items_fts MATCH '{word}'");
        one(&database, &sql)
    };
    assert!(count("weaning") > 0);
    assert_eq!(count("weaning"), count("weaned"));
    assert_eq!(count("request:zzzz"), 0);
}

#[test]
fn it_says_where_it_is_from_and_what_its_columns_mean() {
    let (_folder, database) = database(&["--drug", "norco"]);
    let said = |key: &str| -> String {
        one(
            &database,
            &format!("SELECT value FROM provenance WHERE key = '{key}'"),
        )
    };
    assert_eq!(said("program"), concat!("imr ", env!("CARGO_PKG_VERSION")));
    assert_eq!(said("date"), "2026-01-15");
    assert_eq!(
        said("question"),
        "Letters with an item in which the drug is norco."
    );
    assert_eq!(said("index_letters"), "88");
    let unknown = "SELECT \"column\" FROM dictionary WHERE meaning = '' OR \"type\" = ''";
    assert_eq!(texts(&database, unknown), Vec::<String>::new());
    let described: i64 = one(
        &database,
        "SELECT count(*) FROM dictionary WHERE \"table\" = 'letters'",
    );
    let columns: i64 = one(
        &database,
        "SELECT count(*) FROM pragma_table_info('letters')",
    );
    assert_eq!(described + 1, columns, "all but the key");
}

#[test]
fn the_same_export_is_the_same_file() {
    assert_eq!(exported("a.sqlite", &["mri"]), exported("b.db", &["mri"]));
}

#[test]
fn its_columns_cannot_be_chosen() {
    let ran = export(&["norco", "--format", "sqlite", "--columns", "request"]).code(2);
    assert!(
        ran.err.contains("a database always has all columns"),
        "{}",
        ran.err
    );
}

#[test]
fn an_empty_answer_is_an_empty_database() {
    let (_folder, database) = database_of_nothing();
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM letters"), 0);
}

fn database_of_nothing() -> (TempDir, Connection) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("none.sqlite").display().to_string();
    export(&["--drug", "norco", "--age", "109", "-o", &file]).code(1);
    let database = Connection::open(file).unwrap();
    (folder, database)
}
