//! What is sent of a letter.

use super::mapping::{BESIDE, IS_ITEM, ITEMS, LEVELS, PERIODS};
use crate::fields::{self, FieldDefinition, Level, Storage, Text};
use crate::index::{IndexedTerm, each_indexed, indexing_digest, packed};
use crate::letter::{Item, Letter};
use crate::search::Period;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

/// Before a word itself, where its stem is another: what `taper*` looks up.
pub(super) const SURFACE: char = '=';
/// Before the token of a known phrase.
pub(super) const PHRASE: char = '_';

/// A letter as it is stored, and a digest that changes with everything that is sent of it.
pub(super) struct Packed {
    record: Vec<u8>,
    pub(super) revision: String,
}

static INDEXING: LazyLock<String> = LazyLock::new(indexing_digest);

impl Packed {
    pub(super) fn new(letter: &Letter, files: &[String]) -> Packed {
        let record = packed(letter);
        let mut hasher = blake3::Hasher::new();
        hasher.update(INDEXING.as_bytes());
        hasher.update(&record);
        for file in files {
            hasher.update(file.as_bytes());
            hasher.update(b"\0");
        }
        let revision = hasher.finalize().to_hex()[..16].to_string();
        Packed { record, revision }
    }

    /// The document of the letter.
    pub(super) fn document(&self, letter: &Letter, id: &str, files: &[String]) -> Value {
        let mut own = Map::new();
        own.insert("kind".into(), "letter".into());
        own.insert("id".into(), id.into());
        own.insert("revision".into(), self.revision.as_str().into());
        own.insert("record".into(), STANDARD.encode(&self.record).into());
        own.insert("files".into(), json!(files));
        own.insert("names".into(), json!(names(files)));
        // The fields are read as the index reads them: of a letter whose text was taken out, so that
        // standard notices stay in a rationale (`index/documents.rs`).
        let text = letter.text.as_str();
        let letter = &Letter {
            text: String::new(),
            ..letter.clone()
        };
        let of_letter = values(letter, text, None);
        for (field, value) in &of_letter {
            if field.boost().is_none() {
                own.insert(field.key.into(), value.clone());
            }
        }
        let mut nested = Vec::with_capacity(letter.items.len().max(1));
        let items = letter.items.iter().map(Some);
        let without = letter.items.is_empty().then_some(None);
        for item in items.chain(without) {
            let mut document = Map::new();
            document.insert(IS_ITEM.into(), item.is_some().into());
            for (field, value) in &of_letter {
                document.insert(field.key.into(), value.clone());
            }
            if let Some(item) = item {
                for (field, value) in values(letter, text, Some(item)) {
                    document.insert(field.key.into(), value);
                }
            }
            if let Some(date) = letter.dates.decision {
                let periods = [Period::Year, Period::Quarter, Period::Month];
                let periods = PERIODS.iter().zip(periods);
                let names: Map<String, Value> = periods
                    .map(|(key, period)| ((*key).to_string(), period.name_of(date.number()).into()))
                    .collect();
                document.insert("period".into(), names.into());
            }
            nested.push(Value::Object(document));
        }
        own.insert(ITEMS.into(), nested.into());
        Value::Object(own)
    }
}

/// How the files of a letter may be named: their paths, their names with and without the ending.
fn names(files: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let inside = file
            .rsplit_once('!')
            .map_or(file.as_str(), |(_, inside)| inside);
        let path = Path::new(inside.trim_start_matches('/'));
        names.insert(file.clone());
        names.extend(
            path.file_name()
                .map(|name| name.to_string_lossy().to_string()),
        );
        names.extend(
            path.file_stem()
                .map(|stem| stem.to_string_lossy().to_lowercase()),
        );
    }
    names
}

/// What an item (None: the letter itself) has in each field.
fn values<'l>(
    letter: &'l Letter,
    text: &'l str,
    item: Option<&'l Item>,
) -> Vec<(&'static FieldDefinition, Value)> {
    let level = match item {
        Some(_) => Level::Item,
        None => Level::Letter,
    };
    let mut values = Vec::new();
    for field in fields::stored().filter(|field| field.level() == level) {
        let value = match field.storage {
            Storage::Text { .. } => {
                let texts = field.texts(letter, item).into_iter();
                let encoded = texts.map(|passage| {
                    encoded(match passage {
                        Text::Printed(text) => text,
                        Text::Passage(range) => text.get(range).unwrap_or_default(),
                        Text::Whole => text,
                    })
                });
                let encoded: Vec<String> = encoded.collect();
                (!encoded.is_empty()).then(|| json!(encoded))
            }
            Storage::Facet(_) | Storage::Path(_) => {
                let mut levels: [BTreeSet<String>; LEVELS] = Default::default();
                for path in field.paths(letter, item) {
                    let segments: Vec<&str> = path.segments().collect();
                    for (n, level) in levels.iter_mut().enumerate() {
                        level.insert(segments[..segments.len().min(n + 1)].join("/"));
                    }
                }
                let levels = levels.iter().enumerate();
                let levels: Map<String, Value> = levels
                    .filter(|(_, level)| !level.is_empty())
                    .map(|(n, level)| ((n + 1).to_string(), json!(level)))
                    .collect();
                (!levels.is_empty()).then(|| levels.into())
            }
            Storage::Number(_) => field.number(letter, item).map(Value::from),
            Storage::Keyword(_) => field.keyword(letter, item).map(Value::from),
            Storage::LevelOf(_) | Storage::Unstored(_) => None,
        };
        values.extend(value.map(|value| (field, value)));
    }
    values
}

/// The terms of a text: places with a space between, the terms of one place with a bar.
pub(super) fn encoded(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut last = None;
    each_indexed(text, |position, term| {
        match last {
            Some(before) if before == position => all.push(BESIDE),
            Some(_) => all.push(' '),
            None => {}
        }
        last = Some(position);
        match term {
            IndexedTerm::Stem(term) => all.push_str(term),
            IndexedTerm::Surface(term) => {
                all.push(SURFACE);
                all.push_str(term);
            }
            IndexedTerm::Phrase(term) => {
                all.push(PHRASE);
                all.push_str(term);
            }
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;

    #[test]
    fn a_text_is_sent_as_its_terms() {
        assert_eq!(
            encoded("Blue-green tapering"),
            "blue green|bluegreen =tapering|taper"
        );
        assert!(encoded("physical therapy").ends_with("_physic_therapi"));
        assert_eq!(encoded(""), "");
    }

    #[test]
    fn a_letter_is_sent_with_its_items_in_it() {
        let letter = letter::read(
            "Case Number: CM15-0900001\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
            Norco 10/325mg #60: Upheld\n\nDecision rationale: There is no functional improvement.\n",
        );
        let files = ["letters/CM15-0900001.pdf".to_string()];
        let packed = Packed::new(&letter, &files);
        let document = packed.document(&letter, "abc", &files);
        let item = &document["items"][0];
        assert_eq!(item["is_item"], true);
        assert_eq!(item["drug"]["1"][0], "opioid analgesic");
        assert_eq!(
            item["drug"]["2"][0],
            "opioid analgesic/acetaminophen-hydrocodone"
        );
        assert_eq!(item["decision"]["1"][0], "upheld");
        assert_eq!(document["case_number"], "CM15-0900001");
        assert!(document["names"].to_string().contains("\"cm15-0900001\""));
        // All of it decides about the revision.
        assert_ne!(packed.revision, Packed::new(&letter, &[]).revision);
        // A letter that was not understood is one place that is no item.
        let plain = letter::read("hello there");
        let document = Packed::new(&plain, &[]).document(&plain, "d", &[]);
        assert_eq!(document["items"][0]["is_item"], false);
        assert_eq!(document["items"].as_array().unwrap().len(), 1);
        assert!(
            document["items"][0]["summary"]
                .to_string()
                .contains("hello")
        );
    }
}
