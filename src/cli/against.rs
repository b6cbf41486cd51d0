//! `imr extract --against`: how letters are read now beside how they were read before.

use super::{FOUND, Failure, NOTHING, render};
use crate::letter::{Comparison, FieldComparison};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

/// Characters shown of a value.
const SHOWN: usize = 100;
/// Of these, how many stand before the first difference.
const BEFORE: usize = 30;

/// Records printed by an earlier run, and the comparison so far.
pub(super) struct EarlierRecords {
    /// Lines as they stand in the file, by the letter's source; each is parsed when its letter is read.
    before: HashMap<String, String>,
    /// Sources by their file name, for a folder that is called otherwise today; None where two share it.
    by_name: HashMap<String, Option<String>>,
    comparison: Comparison,
    /// Letters that the earlier run did not have.
    new: Vec<String>,
}

impl EarlierRecords {
    /// Reads the records of an earlier run.
    ///
    /// # Errors
    /// If the file cannot be read, or a line of it is not a record.
    pub(super) fn open(path: &Path, examples: usize) -> Result<EarlierRecords, Failure> {
        let failure = |reason: String| Failure::Other(format!("{}: {reason}", path.display()));
        let file = std::fs::File::open(path).map_err(|e| failure(crate::corpus::io_reason(&e)))?;
        let mut before = HashMap::new();
        let mut by_name: HashMap<String, Option<String>> = HashMap::new();
        for (n, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|e| failure(crate::corpus::io_reason(&e)))?;
            if line.trim().is_empty() {
                continue;
            }
            let record: Option<Value> = serde_json::from_str(&line).ok();
            let source = record.as_ref().and_then(|r| r.get("file")?.as_str());
            let source = source.ok_or_else(|| {
                failure(format!(
                    "line {} is not a record; make records with: imr extract FOLDER > {}",
                    n + 1,
                    path.display()
                ))
            })?;
            let same_name = by_name.entry(file_name(source).to_string());
            same_name
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(source.to_string()));
            before.insert(source.to_string(), line);
        }
        Ok(EarlierRecords {
            before,
            by_name,
            comparison: Comparison::new(examples),
            new: Vec::new(),
        })
    }

    /// Compares the record of a letter with the one before.
    ///
    /// # Errors
    /// If it is no JSON, which no record is.
    pub(super) fn add(&mut self, source: &str, line: &str) -> Result<(), Failure> {
        let not_json = |e: serde_json::Error| Failure::Other(format!("{source}: {e}"));
        let known = match self.before.remove(source) {
            Some(line) => Some(line),
            None => self
                .by_name
                .get(file_name(source))
                .and_then(Option::as_ref)
                .and_then(|source| self.before.remove(source)),
        };
        match known {
            Some(before) => {
                let before = serde_json::from_str(&before).map_err(not_json)?;
                let after = serde_json::from_str(line).map_err(not_json)?;
                self.comparison.add(source, &before, &after);
            }
            None => self.new.push(source.to_string()),
        }
        Ok(())
    }

    /// Prints the comparison. Like `diff`, exit code 1 means that something differs.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub(super) fn print(mut self, out: &mut dyn Write) -> Result<u8, Failure> {
        let (same, changed) = (
            self.comparison.same_letters,
            self.comparison.changed_letters,
        );
        writeln!(
            out,
            "{} compared: {} the same, {} different",
            render::count(same + changed, "letter"),
            render::grouped(same as u64),
            render::grouped(changed as u64)
        )?;
        let mut gone: Vec<String> = self.before.into_keys().collect();
        gone.sort();
        self.new.sort();
        for (what, letters) in [("only before", &gone), ("only now", &self.new)] {
            if let Some(first) = letters.first() {
                let more = match letters.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {} more", render::grouped(more as u64)),
                };
                writeln!(out, "{what}: {first}{more}")?;
            }
        }
        let fields = &self.comparison.fields;
        let widest = fields.iter().map(|f| f.field.len()).max().unwrap_or(0);
        writeln!(
            out,
            "\n{:widest$}  {:>8} {:>8} {:>8} {:>8}",
            "field", "same", "gained", "lost", "changed"
        )?;
        for field in fields {
            writeln!(
                out,
                "{:widest$}  {:>8} {:>8} {:>8} {:>8}",
                field.field, field.same, field.gained, field.lost, field.changed
            )?;
        }
        let keys = [
            ("fields only before", &self.comparison.keys_only_before),
            ("fields only now", &self.comparison.keys_only_after),
        ];
        for (what, keys) in keys {
            if !keys.is_empty() {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                writeln!(out, "{what}: {}", keys.join(", "))?;
            }
        }
        for field in fields.iter().filter(|f| f.differences() > 0) {
            examples(out, field)?;
        }
        let differs = changed > 0 || !gone.is_empty() || !self.new.is_empty();
        Ok(if differs { NOTHING } else { FOUND })
    }
}

fn examples(out: &mut dyn Write, field: &FieldComparison) -> std::io::Result<()> {
    for example in &field.examples {
        let (before, after) = differing(&example.before, &example.after);
        writeln!(out, "\n{} {}", example.letter, example.place)?;
        writeln!(out, "  before: {before}\n  now:    {after}")?;
    }
    Ok(())
}

/// Two values as JSON, cut to the part around their first difference.
fn differing(before: &Value, after: &Value) -> (String, String) {
    let texts = [before.to_string(), after.to_string()];
    let same = texts[0].chars().zip(texts[1].chars());
    let same = same.take_while(|(a, b)| a == b).count();
    let long = texts.iter().any(|text| text.chars().count() > SHOWN);
    let from = if long { same.saturating_sub(BEFORE) } else { 0 };
    let cut = |text: &str| {
        let start = if from > 0 { "..." } else { "" };
        let shown: String = text.chars().skip(from).take(SHOWN).collect();
        let end = if text.chars().count() > from + SHOWN {
            "..."
        } else {
            ""
        };
        format!("{start}{shown}{end}")
    };
    (cut(&texts[0]), cut(&texts[1]))
}

fn file_name(source: &str) -> &str {
    source.rsplit('/').next().unwrap_or(source)
}
