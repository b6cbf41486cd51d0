//! From the registry of fields to the tantivy schema.

use super::tokenizer::{SURFACE_TOKENIZER, TOKENIZER};
use crate::fields::{self, FieldDefinition, Storage};
use std::sync::LazyLock;
use tantivy::schema::{
    FacetOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// How a field is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Words with positions.
    Text,
    /// The words of the document's texts themselves, where their stems are other words; only which
    /// documents have them.
    Surface,
    /// One exact value.
    Keyword,
    /// A path of values, also kept as a column, so that values can be counted.
    Facet,
    /// A path of values that is only looked for.
    Path,
    /// An unsigned number, kept as a column.
    Number,
}

/// A field of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// How it is indexed.
    pub kind: Type,
    /// A keyword that is also kept as a column.
    pub fast: bool,
    /// A number that is also searched, not only read.
    pub indexed: bool,
}

const fn spec(name: &'static str, kind: Type, fast: bool, indexed: bool) -> FieldSpec {
    FieldSpec {
        name,
        kind,
        fast,
        indexed,
    }
}

/// The fields that hold blocks together and remember sources, and the words as they are typed: what no
/// record says.
const BOOKKEEPING: [FieldSpec; 11] = [
    // Every word of the document's texts whose stem is another word: what `taper*` looks up.
    spec("surface", Type::Surface, false, true),
    // The letter's identity, on all documents of its block, and on what is remembered of the sources that hold it.
    spec("letter_id", Type::Keyword, false, true),
    // The beginning of the letter's identity, on its own document: puts equal hits in an order that does not depend on
    // where they stand in the index.
    spec("letter_order", Type::Number, false, false),
    // letter, item, source or dictionary.
    spec("kind", Type::Keyword, false, true),
    // The commit that brought the document; deletions pass over what is new.
    spec("commit", Type::Keyword, false, true),
    // The key of one source: the real path of a file; for a letter in an archive the archive's, `!`,
    // and its name inside.
    spec("source", Type::Keyword, true, true),
    // How many bytes of the key are the archive's; 0 of a file.
    spec("source_archive", Type::Number, false, false),
    // A digest of the source's bytes, to tell whether it changed; 0 where it was not read.
    spec("source_digest", Type::Number, false, false),
    // The file's size in bytes when it was read.
    spec("source_size", Type::Number, false, false),
    // The file's last change when it was read, in nanoseconds since 1970.
    spec("source_modified", Type::Number, false, false),
    // Why the file gave no letter; empty where it gave one.
    spec("source_failure", Type::Keyword, true, true),
];

static SPECS: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
    let of = |field: &'static FieldDefinition| {
        let (kind, fast) = match field.storage {
            Storage::Text { .. } => (Type::Text, false),
            Storage::Facet(_) => (Type::Facet, false),
            Storage::Path(_) => (Type::Path, false),
            Storage::Number(_) => (Type::Number, false),
            Storage::Keyword(_) => (Type::Keyword, true),
            Storage::LevelOf(_) | Storage::Unstored(_) => return None,
        };
        Some(spec(field.key, kind, fast, true))
    };
    fields::all()
        .into_iter()
        .filter_map(of)
        .chain(BOOKKEEPING)
        .collect()
});

/// The fields of the schema, in its order.
#[must_use]
pub fn field_specs() -> &'static [FieldSpec] {
    &SPECS
}

/// A digest of the schema and of the words that make tokens: an index made under another is
/// refused.
#[must_use]
pub(super) fn schema_digest() -> String {
    let mut hasher = blake3::Hasher::new();
    for spec in field_specs() {
        let FieldSpec {
            name,
            kind,
            fast,
            indexed,
        } = spec;
        hasher.update(format!("{name} {kind:?} {fast} {indexed}\n").as_bytes());
    }
    hasher.update(include_str!("../../index-schema/stems.tsv").as_bytes());
    hasher.finalize().to_hex()[..16].to_string()
}

/// Builds the tantivy schema.
#[must_use]
pub(super) fn build() -> Schema {
    let mut schema = Schema::builder();
    for spec in field_specs() {
        match spec.kind {
            Type::Text => {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer(TOKENIZER)
                    .set_index_option(IndexRecordOption::WithFreqsAndPositions);
                let options = TextOptions::default().set_indexing_options(indexing);
                schema.add_text_field(spec.name, options);
            }
            Type::Surface => {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer(SURFACE_TOKENIZER)
                    .set_fieldnorms(false)
                    .set_index_option(IndexRecordOption::Basic);
                let options = TextOptions::default().set_indexing_options(indexing);
                schema.add_text_field(spec.name, options);
            }
            Type::Keyword | Type::Path => {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer("raw")
                    .set_fieldnorms(false)
                    .set_index_option(IndexRecordOption::Basic);
                let mut options = TextOptions::default().set_indexing_options(indexing);
                if spec.fast {
                    options = options.set_fast("raw");
                }
                schema.add_text_field(spec.name, options);
            }
            Type::Facet => {
                schema.add_facet_field(spec.name, FacetOptions::default());
            }
            Type::Number => {
                let mut options = NumericOptions::default().set_fast();
                if spec.indexed {
                    options = options.set_indexed();
                }
                schema.add_u64_field(spec.name, options);
            }
        }
    }
    schema.build()
}

macro_rules! handles {
    ($($name:ident),* $(,)?) => {
        /// The schema's handles: of the registry's fields by [`Fields::of`], of bookkeeping by name.
        #[derive(Debug, Clone, Copy)]
        #[allow(missing_docs)]
        pub struct Fields {
            registry: [Option<Field>; fields::COUNT],
            $(pub $name: Field),*
        }

        impl Fields {
            /// The handles in a schema that `build` made.
            #[must_use]
            pub fn new(schema: &Schema) -> Fields {
                let field = |name: &str| schema.get_field(name).expect("build() made it: tested");
                Fields {
                    registry: fields::all().map(|field| schema.get_field(field.base().key).ok()),
                    $($name: field(stringify!($name))),*
                }
            }
        }
    };
}

handles!(
    surface,
    letter_id,
    letter_order,
    kind,
    commit,
    source,
    source_archive,
    source_digest,
    source_size,
    source_modified,
    source_failure,
);

impl Fields {
    /// The handle of a field, or of the one that it is a level of.
    ///
    /// # Panics
    /// If the index does not store the field: no condition and no facet is made of such a one (tested in
    /// `fields::registry`).
    #[must_use]
    pub fn of(&self, field: &FieldDefinition) -> Field {
        let at = fields::all().iter().position(|other| *other == field);
        at.and_then(|at| self.registry[at])
            .expect("only stored fields are looked up")
    }

    /// The handles of the fields that are stored.
    pub fn stored(&self) -> impl Iterator<Item = (&'static FieldDefinition, Field)> {
        let handles = fields::all().into_iter().zip(self.registry);
        handles.filter_map(|(field, handle)| match field.storage {
            Storage::LevelOf(_) => None,
            _ => Some((field, handle?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_field_and_all_bookkeeping_is_in_the_schema_once() {
        let schema = build();
        let handles = Fields::new(&schema);
        assert_eq!(schema.fields().count(), field_specs().len());
        assert_eq!(handles.stored().count(), fields::stored().count());
        assert_eq!(
            field_specs().len(),
            fields::stored().count() + BOOKKEEPING.len()
        );
        assert_eq!(
            schema.get_field_name(handles.of(&fields::PAGE)),
            "guideline"
        );
    }
}
