//! A document as it is handed to tantivy: its passages stay where they are, in the letter's text that
//! all documents of a block share.

use std::ops::Range;
use std::sync::Arc;
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf, Value};
use tantivy::schema::{Facet, Field};

/// A document to be indexed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    values: Vec<(Field, Content)>,
    kept: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    /// A part of a letter's text.
    Passage(Arc<String>, Range<usize>),
    Facet(Facet),
    Number(u64),
}

impl Document {
    pub(crate) fn with_capacity(values: usize) -> Document {
        Document {
            values: Vec::with_capacity(values),
            kept: Vec::new(),
        }
    }

    pub(crate) fn add_text(&mut self, field: Field, text: impl Into<String>) {
        self.values.push((field, Content::Text(text.into())));
    }

    pub(crate) fn add_passage(&mut self, field: Field, text: &Arc<String>, range: Range<usize>) {
        let passage = Content::Passage(Arc::clone(text), range);
        self.values.push((field, passage));
    }

    pub(crate) fn add_facet(&mut self, field: Field, facet: Facet) {
        self.values.push((field, Content::Facet(facet)));
    }

    pub(crate) fn add_number(&mut self, field: Field, number: u64) {
        self.values.push((field, Content::Number(number)));
    }

    /// With its texts once more under the field of surface words, for a writer that does not take
    /// them from the texts by itself.
    #[cfg(test)]
    pub(crate) fn with_surfaces(mut self, fields: &super::schema::Fields) -> Document {
        let is_text = |field: &Field| {
            let specs = super::schema::field_specs();
            let spec = usize::try_from(field.field_id())
                .ok()
                .and_then(|id| specs.get(id));
            spec.is_some_and(|spec| spec.kind == super::schema::Type::Text)
        };
        let of_text = |(field, _): &&(Field, Content)| is_text(field);
        let surfaces: Vec<(Field, Content)> = self
            .values
            .iter()
            .filter(of_text)
            .map(|(_, content)| (fields.surface, content.clone()))
            .collect();
        self.values.extend(surfaces);
        self
    }

    /// What is kept of the document: it comes back as it is, and is not searched.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>) {
        self.kept = bytes;
    }

    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }
}

impl tantivy::Document for Document {
    type Value<'a> = TantivyValue<'a>;
    type FieldsValuesIter<'a> = Values<'a>;

    fn iter_fields_and_values(&self) -> Values<'_> {
        Values(self.values.iter())
    }
}

/// A document's values, each with its field.
pub(crate) struct Values<'a>(std::slice::Iter<'a, (Field, Content)>);

impl<'a> Iterator for Values<'a> {
    type Item = (Field, TantivyValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (field, content) = self.0.next()?;
        Some((*field, TantivyValue(content)))
    }
}

/// A value as tantivy reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TantivyValue<'a>(&'a Content);

impl<'a> Value<'a> for TantivyValue<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match self.0 {
            Content::Text(text) => ReferenceValueLeaf::Str(text),
            Content::Passage(text, range) => {
                ReferenceValueLeaf::Str(text.get(range.clone()).unwrap_or_default())
            }
            Content::Facet(facet) => ReferenceValueLeaf::Facet(facet.encoded_str()),
            Content::Number(number) => ReferenceValueLeaf::U64(*number),
        })
    }
}
