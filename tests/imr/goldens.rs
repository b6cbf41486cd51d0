//! Every field of every letter of the sample corpus, as it was when it was last blessed.
//!
//! `tests/goldens/` has one file a letter: its whole record, long texts as a digest with their first and
//! last words and their length. `IMR_BLESS=1 cargo test goldens` writes them again and prints what changed,
//! by field; read the diff before you commit it. What the author of a letter meant is in `tests/records/`
//! and is not blessed.

use crate::support::imr;
use imr::letter::Comparison;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Longer texts are digested.
const LONG: usize = 160;
/// Words of a long text that are shown at each end.
const WORDS: usize = 6;
/// Lists and objects up to this width stand on one line.
const WIDTH: usize = 110;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

/// The record with its long texts digested.
fn digested(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONG => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let from = words.len().saturating_sub(WORDS);
            json!({
                "first": words[..WORDS.min(words.len())].join(" "),
                "last": words[from..].join(" "),
                "characters": text.chars().count(),
                "digest": &blake3::hash(text.as_bytes()).to_hex()[..16],
            })
        }
        Value::Array(values) => Value::Array(values.into_iter().map(digested).collect()),
        Value::Object(fields) => {
            let each = |(key, value)| (key, digested(value));
            Value::Object(fields.into_iter().map(each).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// JSON for people who read diffs: short lists and objects on one line.
fn written(value: &Value, indent: usize) -> String {
    let line = value.to_string();
    let pad = " ".repeat(indent + 1);
    match value {
        Value::Array(values) if line.len() > WIDTH => {
            let lines: Vec<_> = values.iter().map(|v| written(v, indent + 1)).collect();
            format!(
                "[\n{pad}{}\n{}]",
                lines.join(&format!(",\n{pad}")),
                &pad[1..]
            )
        }
        Value::Object(fields) if line.len() > WIDTH => {
            let field = |(key, value): (&String, &Value)| {
                format!("{}: {}", json!(key), written(value, indent + 1))
            };
            let lines: Vec<_> = fields.iter().map(field).collect();
            format!(
                "{{\n{pad}{}\n{}}}",
                lines.join(&format!(",\n{pad}")),
                &pad[1..]
            )
        }
        _ => line,
    }
}

/// The goldens, by the letter's source below the sample corpus.
fn blessed() -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "json") {
                let text = std::fs::read_to_string(&path).expect("a golden is text");
                let record: Value = serde_json::from_str(&text)
                    .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let file = record["file"].as_str().expect("a record names its file");
                let file = file.to_string();
                assert!(out.insert(file.clone(), record).is_none(), "{file} twice");
            }
        }
    }
    out
}

fn extracted() -> BTreeMap<String, Value> {
    let records = imr(["extract", "sample-corpus"]).code(0).json();
    let record = |record: Value| {
        let file = record["file"].as_str().expect("a record names its file");
        (file.to_string(), digested(record))
    };
    records.into_iter().map(record).collect()
}

/// What differs, by field, with examples.
fn report(comparison: &Comparison) -> String {
    let mut out = format!(
        "{:32} {:>6} {:>6} {:>6} {:>7}\n",
        "field", "same", "gained", "lost", "changed"
    );
    for f in comparison.fields.iter().filter(|f| f.differences() > 0) {
        writeln!(
            out,
            "{:32} {:>6} {:>6} {:>6} {:>7}",
            f.field, f.same, f.gained, f.lost, f.changed
        )
        .unwrap();
    }
    for key in &comparison.keys_only_before {
        writeln!(out, "missing key: {key}").unwrap();
    }
    for key in &comparison.keys_only_after {
        writeln!(out, "unknown key: {key}").unwrap();
    }
    for change in comparison.fields.iter().flat_map(|f| &f.examples) {
        writeln!(
            out,
            "{} {}\n  golden:    {}\n  extracted: {}",
            change.letter, change.place, change.before, change.after
        )
        .unwrap();
    }
    out
}

fn bless(records: &BTreeMap<String, Value>) {
    let _ = std::fs::remove_dir_all(folder());
    for (file, record) in records {
        let name = file
            .trim_start_matches("sample-corpus/")
            .replace(['!', ' ', '#', ':'], "_");
        let path = folder().join(format!("{name}.json"));
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        std::fs::write(path, written(record, 0) + "\n").expect("a golden is written");
    }
}

#[test]
fn goldens_have_every_field_of_every_letter() {
    let (before, after) = (blessed(), extracted());
    let mut comparison = Comparison::new(3);
    for (file, before) in &before {
        if let Some(after) = after.get(file) {
            comparison.add(file, before, after);
        }
    }
    let missing = |a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>| -> Vec<String> {
        a.keys()
            .filter(|file| !b.contains_key(*file))
            .cloned()
            .collect()
    };
    let (gone, new) = (missing(&before, &after), missing(&after, &before));
    let same = comparison.changed_letters == 0 && gone.is_empty() && new.is_empty();
    let summary = format!(
        "{} letters the same, {} different, no longer read: {gone:?}, without a golden: {new:?}\n{}",
        comparison.same_letters,
        comparison.changed_letters,
        if same {
            String::new()
        } else {
            report(&comparison)
        }
    );
    if std::env::var_os("IMR_BLESS").is_some() {
        bless(&after);
        // Written past the test runner, which keeps what is printed to itself.
        let _ = writeln!(std::io::stderr(), "blessed tests/goldens: {summary}");
        return;
    }
    assert!(
        same,
        "{summary}\nIf this is what you want: IMR_BLESS=1 cargo test goldens, and read the diff."
    );
}

#[test]
fn a_golden_notices_any_field_that_is_destroyed() {
    // One letter with every list filled; each of its keys in turn is emptied, changed and removed.
    let records = extracted();
    let fullest = records
        .values()
        .max_by_key(|r| r.to_string().len())
        .expect("a letter");
    let mut places = Vec::new();
    keys(fullest, &mut Vec::new(), &mut places);
    assert!(places.len() > 30, "{places:?}");
    for place in places.iter().filter(|place| place.as_slice() != ["file"]) {
        for new in [None, Some(Value::Null), Some(json!("changed"))] {
            let mut harmed = fullest.clone();
            let (last, parents) = place.split_last().expect("a key");
            let parent =
                parents
                    .iter()
                    .fold(&mut harmed, |value, key| match key.parse::<usize>() {
                        Ok(n) => &mut value[n],
                        Err(_) => &mut value[key.as_str()],
                    });
            let parent = parent.as_object_mut().expect("an object");
            match new {
                None => parent.remove(last),
                Some(new) if parent[last] == new => continue,
                Some(new) => parent.insert(last.clone(), new),
            };
            let mut comparison = Comparison::new(0);
            comparison.add("a letter", fullest, &harmed);
            let is_empty = |value: &Value| matches!(value, Value::Null) || *value == json!([]);
            let at = place
                .iter()
                .fold(fullest, |value, key| match key.parse::<usize>() {
                    Ok(n) => &value[n],
                    Err(_) => &value[key.as_str()],
                });
            // An empty list that became null says the same.
            if is_empty(at)
                && harmed.pointer(&format!("/{}", place.join("/"))) == Some(&Value::Null)
            {
                continue;
            }
            assert_eq!(
                comparison.changed_letters, 1,
                "{place:?} can be destroyed unnoticed"
            );
        }
    }
}

/// The places of all keys of a record and of its items.
fn keys(value: &Value, at: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                at.push(key.clone());
                out.push(at.clone());
                keys(value, at, out);
                at.pop();
            }
        }
        Value::Array(values) if at == &["items"] => {
            for (n, value) in values.iter().enumerate() {
                at.push(n.to_string());
                keys(value, at, out);
                at.pop();
            }
        }
        _ => {}
    }
}
