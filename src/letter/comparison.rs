//! Two extractions of the same letters, compared field by field: what is the same, gained, lost, changed.
//!
//! Works on records as JSON, so that it also compares records written by another version. Fields are
//! those of docs/json.md; a field of an item is `items[].drugs`, whichever item it is of.

use serde_json::Value;
use std::collections::BTreeSet;

/// What became of one field over all letters compared. Fields that are empty on both sides count nowhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldComparison {
    /// Its path in the record, without the numbers of items.
    pub field: String,
    /// Values that are equal.
    pub same: usize,
    /// Values where there was none.
    pub gained: usize,
    /// Values that are gone.
    pub lost: usize,
    /// Values that became another.
    pub changed: usize,
    /// The first few differences.
    pub examples: Vec<FieldChange>,
}

impl FieldComparison {
    /// Values that differ in any way.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.gained + self.lost + self.changed
    }
}

/// A field of one letter that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The source of the letter.
    pub letter: String,
    /// The field's path, with the item's number from 1: `items[2].drugs`.
    pub place: String,
    /// The value before; null where there was none.
    pub before: Value,
    /// The value after; null where there is none.
    pub after: Value,
}

/// The comparison of any number of records.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// In the order in which fields were first seen.
    pub fields: Vec<FieldComparison>,
    /// Letters whose records are equal.
    pub same_letters: usize,
    /// Letters whose records differ.
    pub changed_letters: usize,
    /// Fields that only the records before know.
    pub keys_only_before: BTreeSet<String>,
    /// Fields that only the records after know.
    pub keys_only_after: BTreeSet<String>,
    most_examples: usize,
}

impl Comparison {
    /// An empty comparison that keeps up to this many examples of each field.
    #[must_use]
    pub fn new(most_examples: usize) -> Comparison {
        Comparison {
            most_examples,
            ..Comparison::default()
        }
    }

    /// Compares the two records of a letter. `file` is left out: it is the letter's name, not its contents.
    pub fn add(&mut self, letter: &str, before: &Value, after: &Value) {
        let differences = self.differences();
        let keys = self.keys_only_before.len() + self.keys_only_after.len();
        self.compare(letter, "", "", before, after);
        let same = self.differences() == differences
            && self.keys_only_before.len() + self.keys_only_after.len() == keys;
        match same {
            true => self.same_letters += 1,
            false => self.changed_letters += 1,
        }
    }

    /// Values that differ, over all fields.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.fields.iter().map(FieldComparison::differences).sum()
    }

    fn compare(&mut self, letter: &str, field: &str, place: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(a), Value::Object(b)) => {
                let new = b.keys().filter(|key| !a.contains_key(*key));
                for key in a.keys().chain(new) {
                    if field.is_empty() && key == "file" {
                        continue;
                    }
                    let join = |path: &str| match path {
                        "" => key.clone(),
                        path => format!("{path}.{key}"),
                    };
                    let (field, place) = (join(field), join(place));
                    match (a.get(key), b.get(key)) {
                        (Some(_), None) => self.keys_only_before.insert(field.clone()),
                        (None, Some(_)) => self.keys_only_after.insert(field.clone()),
                        _ => false,
                    };
                    let value = |side: &serde_json::Map<String, Value>| {
                        side.get(key).cloned().unwrap_or(Value::Null)
                    };
                    self.compare(letter, &field, &place, &value(a), &value(b));
                }
            }
            // A record that lacks the object lacks each of its fields.
            (Value::Object(_), Value::Null) => {
                let nothing = Value::Object(serde_json::Map::new());
                self.compare(letter, field, place, before, &nothing);
            }
            (Value::Null, Value::Object(_)) => {
                let nothing = Value::Object(serde_json::Map::new());
                self.compare(letter, field, place, &nothing, after);
            }
            (Value::Array(a), Value::Array(b)) if are_items(a) || are_items(b) => {
                for (n, pair) in pairs(a, b).into_iter().enumerate() {
                    let field = format!("{field}[]");
                    let place = format!("{place}[{}]", n + 1);
                    match pair {
                        (Some(a), Some(b)) => self.compare(letter, &field, &place, a, b),
                        (a, b) => {
                            let request = |item: Option<&Value>| {
                                item.map_or(Value::Null, |item| item["request"].clone())
                            };
                            self.value(letter, &field, &place, &request(a), &request(b));
                        }
                    }
                }
            }
            (before, after) => self.value(letter, field, place, before, after),
        }
    }

    fn value(&mut self, letter: &str, field: &str, place: &str, before: &Value, after: &Value) {
        let known = self.fields.iter().position(|f| f.field == field);
        let at = known.unwrap_or_else(|| {
            self.fields.push(FieldComparison {
                field: field.to_string(),
                ..FieldComparison::default()
            });
            self.fields.len() - 1
        });
        let tally = &mut self.fields[at];
        let count = match (is_empty(before), is_empty(after)) {
            (true, true) => return,
            (true, false) => &mut tally.gained,
            (false, true) => &mut tally.lost,
            (false, false) if before == after => &mut tally.same,
            (false, false) => &mut tally.changed,
        };
        *count += 1;
        if before != after && tally.examples.len() < self.most_examples {
            tally.examples.push(FieldChange {
                letter: letter.to_string(),
                place: place.to_string(),
                before: before.clone(),
                after: after.clone(),
            });
        }
    }
}

/// Null, and what holds nothing. A number or a boolean is always a value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Items are compared one by one; other lists (drugs, pages, citations) are one value.
fn are_items(values: &[Value]) -> bool {
    values.first().is_some_and(|v| v.get("request").is_some())
}

type Pair<'v> = (Option<&'v Value>, Option<&'v Value>);

/// The items of both sides: by their place where there are as many, else by equal requests in the
/// same order.
fn pairs<'v>(a: &'v [Value], b: &'v [Value]) -> Vec<Pair<'v>> {
    if a.len() == b.len() {
        return a.iter().zip(b).map(|(a, b)| (Some(a), Some(b))).collect();
    }
    let mut out = Vec::new();
    let mut rest = b.iter().peekable();
    for item in a {
        let is_same = |other: &&Value| other["request"] == item["request"];
        if rest.clone().any(|other| is_same(&other)) {
            while let Some(other) = rest.next_if(|other| !is_same(other)) {
                out.push((None, Some(other)));
            }
            out.push((Some(item), rest.next()));
        } else {
            out.push((Some(item), None));
        }
    }
    out.extend(rest.map(|other| (None, Some(other))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compared(before: &Value, after: &Value) -> Comparison {
        let mut comparison = Comparison::new(3);
        comparison.add("a.txt", before, after);
        comparison
    }

    fn counts(comparison: &Comparison, field: &str) -> (usize, usize, usize, usize) {
        let found = comparison.fields.iter().find(|f| f.field == field);
        found.map_or((0, 0, 0, 0), |f| (f.same, f.gained, f.lost, f.changed))
    }

    #[test]
    fn each_field_is_same_gained_lost_or_changed() {
        let before = json!({"file": "a", "case": "1", "dates": {"injury": null, "received": "2015-01-01"},
            "items": [{"request": "Norco", "drugs": ["x"], "visits": 6}]});
        let after = json!({"file": "b", "case": "1", "dates": {"injury": "2014-01-01", "received": null},
            "items": [{"request": "Norco", "drugs": ["x", "y"], "visits": 6}]});
        let comparison = compared(&before, &after);
        assert_eq!(counts(&comparison, "case"), (1, 0, 0, 0));
        assert_eq!(counts(&comparison, "dates.injury"), (0, 1, 0, 0));
        assert_eq!(counts(&comparison, "dates.received"), (0, 0, 1, 0));
        assert_eq!(counts(&comparison, "items[].drugs"), (0, 0, 0, 1));
        assert_eq!(counts(&comparison, "items[].visits"), (1, 0, 0, 0));
        assert_eq!(
            (comparison.differences(), comparison.changed_letters),
            (3, 1)
        );
        let drugs = comparison
            .fields
            .iter()
            .find(|f| f.field == "items[].drugs");
        assert_eq!(drugs.unwrap().examples[0].place, "items[1].drugs");
    }

    #[test]
    fn a_key_of_one_side_only_is_named_even_if_it_is_empty() {
        let comparison = compared(&json!({"a": 1, "b": null}), &json!({"a": 1, "c": []}));
        assert_eq!(comparison.keys_only_before, ["b".to_string()].into());
        assert_eq!(comparison.keys_only_after, ["c".to_string()].into());
        assert_eq!(
            (comparison.differences(), comparison.changed_letters),
            (0, 1)
        );
    }

    #[test]
    fn a_lost_item_leaves_the_others_to_be_compared() {
        let item = |request: &str| json!({"request": request, "decision": "upheld"});
        let before = json!({"items": [item("a"), item("b"), item("c")]});
        let after = json!({"items": [item("a"), item("c")]});
        let comparison = compared(&before, &after);
        assert_eq!(counts(&comparison, "items[]"), (0, 0, 1, 0));
        assert_eq!(counts(&comparison, "items[].decision"), (2, 0, 0, 0));
        assert_eq!(counts(&compared(&after, &before), "items[]"), (0, 1, 0, 0));
        assert_eq!(
            counts(&compared(&before, &json!({"items": []})), "items[]"),
            (0, 0, 3, 0)
        );
    }

    #[test]
    fn a_missing_object_is_missing_in_each_of_its_fields() {
        let comparison = compared(&json!({"dates": {"injury": "2014"}}), &json!({}));
        assert_eq!(counts(&comparison, "dates.injury"), (0, 0, 1, 0));
        assert!(compared(&json!({}), &json!({})).fields.is_empty());
    }
}
