//! The list of all fields, and how one is found by its name.

use super::definition::{
    ColumnDefinition, FacetDefinition, FieldDefinition, FilterDefinition, Storage,
};
use super::resolve::Resolve;
use super::{item, letter};

/// How many fields there are.
pub const COUNT: usize = item::FIELDS.len() + letter::FIELDS.len();

/// Every field: those of items, then those of letters.
const FIELDS: [&FieldDefinition; COUNT] = {
    let mut all = [item::FIELDS[0]; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = if at < item::FIELDS.len() {
            item::FIELDS[at]
        } else {
            letter::FIELDS[at - item::FIELDS.len()]
        };
        at += 1;
    }
    all
};

/// Every field.
#[must_use]
pub fn all() -> [&'static FieldDefinition; COUNT] {
    FIELDS
}

/// The fields that the index stores, in the order of its schema.
pub fn stored() -> impl Iterator<Item = &'static FieldDefinition> {
    let stored = |field: &&FieldDefinition| {
        !matches!(field.storage, Storage::LevelOf(_) | Storage::Unstored(_))
    };
    FIELDS.into_iter().filter(stored)
}

/// The stored field of a name in the schema: `body_part`.
#[must_use]
pub fn with_key(key: &str) -> Option<&'static FieldDefinition> {
    stored().find(|field| field.key == key)
}

/// The text fields, with their weights in the score.
pub fn texts() -> impl Iterator<Item = (&'static FieldDefinition, f32)> {
    FIELDS
        .into_iter()
        .filter_map(|field| Some((field, field.boost()?)))
}

/// The text fields that a plain word of a query looks into.
pub fn plain_texts() -> impl Iterator<Item = (&'static FieldDefinition, f32)> {
    texts().filter(|(field, _)| {
        matches!(
            field.storage,
            Storage::Text {
                named_only: false,
                ..
            }
        )
    })
}

/// The fields that letters are filtered by.
pub fn filters() -> impl Iterator<Item = (&'static FieldDefinition, &'static FilterDefinition)> {
    FIELDS
        .into_iter()
        .filter_map(|field| Some((field, field.filter.as_ref()?)))
}

/// The field that a filter of this name is of.
#[must_use]
pub fn filter(name: &str) -> Option<(&'static FieldDefinition, &'static FilterDefinition)> {
    filters().find(|(field, _)| field.name == name)
}

/// The fields that are counted.
pub fn facets() -> impl Iterator<Item = (&'static FieldDefinition, &'static FacetDefinition)> {
    FIELDS
        .into_iter()
        .filter_map(|field| Some((field, field.facet.as_ref()?)))
}

/// The field that a facet of this name is of; an underscore is as good as a hyphen.
#[must_use]
pub fn facet(name: &str) -> Option<(&'static FieldDefinition, &'static FacetDefinition)> {
    let name = name.trim().to_lowercase().replace('_', "-");
    facets().find(|(field, _)| field.name == name)
}

/// The names under which the query language knows fields (`drug:`), each with its field.
pub fn query_names() -> impl Iterator<Item = (&'static str, &'static FieldDefinition)> {
    let asked = |field: &&FieldDefinition| {
        field.boost().is_some()
            || field
                .filter
                .is_some_and(|filter| !matches!(filter.resolve, Resolve::Side))
    };
    FIELDS.into_iter().filter(asked).flat_map(|field| {
        let names = field.query_names.iter().copied();
        std::iter::once(field.name)
            .chain(names)
            .map(move |name| (name, field))
    })
}

/// The columns of an export that show fields.
pub fn columns() -> impl Iterator<Item = (&'static FieldDefinition, &'static ColumnDefinition)> {
    FIELDS
        .into_iter()
        .flat_map(|field| field.columns.iter().map(move |column| (field, column)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::definition::Level;
    use crate::fields::item::{CITED_BY, CLASS, GUIDELINE, PAGE};
    use crate::fields::letter::YEAR;
    use std::collections::HashSet;

    #[test]
    fn every_name_means_one_field() {
        let mut names = HashSet::new();
        for field in all() {
            assert!(names.insert(field.name), "{}", field.name);
            assert!(!field.meaning.is_empty(), "{}", field.name);
        }
        let mut names = HashSet::new();
        for (name, _) in query_names() {
            assert!(names.insert(name), "{name}");
        }
        let mut keys = HashSet::new();
        for field in stored() {
            assert!(
                !field.key.is_empty() && keys.insert(field.key),
                "{}",
                field.name
            );
        }
    }

    #[test]
    fn what_is_counted_or_filtered_by_is_stored() {
        for (field, facet) in facets() {
            assert!(
                matches!(field.base().storage, Storage::Facet(_)),
                "{}",
                field.name
            );
            assert!(
                filter(field.name).is_some(),
                "{}: what is counted can be filtered by",
                field.name
            );
            if let Some(inside) = facet.panel.and_then(|panel| panel.inside) {
                assert!(filter(inside).is_some(), "{}", field.name);
            }
        }
        for (field, _) in filters() {
            let stored = stored().any(|stored| stored == field.base());
            assert!(stored || *field == CITED_BY, "{}", field.name);
        }
    }

    #[test]
    fn a_level_of_a_field_belongs_to_what_the_field_belongs_to() {
        assert_eq!(CLASS.level(), Level::Item);
        assert_eq!(PAGE.base(), &GUIDELINE);
        assert_eq!(YEAR.level(), Level::Letter);
    }
}
