//! What an index on a cluster looks like: the mapping is a loop over the registry of fields.
//!
//! A letter is a document, each of its items a nested one. Conditions of one item must hold in one nested
//! document, so that what the letter says stands in each of them as well. A letter without items has one
//! nested document that is no item: all of its text.

use crate::fields::{self, FieldDefinition, Level, Storage};
use crate::index::indexing_digest;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The nested documents.
pub(super) const ITEMS: &str = "items";
/// Whether a nested document is an item.
pub(super) const IS_ITEM: &str = "is_item";
/// Paths are kept by how many segments they have; none has more.
pub(super) const LEVELS: usize = 4;
/// The analyzer: words come as imr indexes them.
const ANALYZER: &str = "imr";
/// Between the terms of one position.
pub(super) const BESIDE: char = '|';

/// The parameters of BM25, as tantivy has them.
pub(super) const K1: f32 = 1.2;
const B: f32 = 0.75;

/// The periods of the decision's date, as keywords.
pub(super) const PERIODS: [&str; 3] = ["year", "quarter", "month"];

/// The settings and the mapping of an index.
pub(super) fn index(shards: u32, replicas: u32, longer: &BTreeMap<&'static str, f32>) -> Value {
    // Lucene reckons lengths by those of the documents that have a field, tantivy by all: its curve is bent
    // by how much longer that is.
    let (mut similarities, mut saturation) = (Map::new(), Map::new());
    for (field, _) in fields::texts() {
        let longer = longer.get(field.key).copied().unwrap_or(1.0);
        let bent = 1.0 - B + B * longer;
        similarities.insert(
            similarity(field),
            json!({"type": "BM25", "k1": K1 * bent, "b": B * longer / bent}),
        );
        saturation.insert(field.key.into(), json!(K1 * bent));
    }
    json!({
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "max_inner_result_window": 10_000,
            "mapping.nested_objects.limit": 100_000,
            "similarity": similarities,
            "analysis": {
                "tokenizer": {"places": {"type": "whitespace", "max_token_length": 100_000}},
                "filter": {"terms": {
                    "type": "pattern_capture",
                    "preserve_original": false,
                    "patterns": ["([^|]+)"],
                }},
                "analyzer": {ANALYZER: {"tokenizer": "places", "filter": ["terms"]}},
            },
        },
        "mappings": {
            "dynamic": false,
            "_meta": {"imr": {
                "indexing": indexing_digest(),
                "version": env!("CARGO_PKG_VERSION"),
                "saturation": saturation,
            }},
            // What is only searched takes no room a second time.
            "_source": {"excludes": not_kept()},
            "properties": properties(),
        },
    })
}

fn similarity(field: &FieldDefinition) -> String {
    format!("imr_{}", field.key)
}

/// The names of the text fields inside of `_source`.
fn not_kept() -> Vec<String> {
    let texts = fields::texts();
    texts
        .map(|(field, _)| format!("{ITEMS}.{}", field.key))
        .collect()
}

fn properties() -> Value {
    let mut own = Map::new();
    for (name, kind) in [
        ("id", "keyword"),
        ("revision", "keyword"),
        ("names", "keyword"),
        ("kind", "keyword"),
    ] {
        own.insert(name.into(), json!({"type": kind}));
    }
    let mut nested = Map::new();
    nested.insert(IS_ITEM.into(), json!({"type": "boolean"}));
    for field in fields::stored() {
        let Some(mapping) = mapping(field) else {
            continue;
        };
        if field.level() == Level::Letter && field.boost().is_none() {
            own.insert(field.key.into(), mapping.clone());
        }
        nested.insert(field.key.into(), mapping);
    }
    let periods: Map<String, Value> = PERIODS
        .iter()
        .map(|period| ((*period).to_string(), json!({"type": "keyword"})))
        .collect();
    nested.insert("period".into(), json!({"properties": periods}));
    own.insert(
        ITEMS.into(),
        json!({"type": "nested", "properties": nested}),
    );
    Value::Object(own)
}

fn mapping(field: &FieldDefinition) -> Option<Value> {
    Some(match field.storage {
        Storage::Text { .. } => json!({
            "type": "text",
            "analyzer": ANALYZER,
            "similarity": similarity(field),
            // As tantivy: one place is left free between two values.
            "position_increment_gap": 1,
        }),
        Storage::Facet(_) | Storage::Path(_) => {
            let levels: Map<String, Value> = (1..=LEVELS)
                .map(|level| (level.to_string(), json!({"type": "keyword"})))
                .collect();
            json!({"properties": levels})
        }
        Storage::Number(_) => json!({"type": "long"}),
        Storage::Keyword(_) => json!({"type": "keyword"}),
        Storage::LevelOf(_) | Storage::Unstored(_) => return None,
    })
}
