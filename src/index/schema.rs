//! From `fields.toml` to the tantivy schema.

use super::tokenizer::TOKENIZER;
use serde::Deserialize;
use std::sync::LazyLock;
use tantivy::schema::{
    FacetOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// Which documents have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The items of a letter.
    Item,
    /// The letter.
    Letter,
    /// Both.
    Block,
    /// The memory of one file.
    Source,
}

/// How a field is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Words with positions.
    Text,
    /// One exact value.
    Keyword,
    /// A path of values, also kept as a column, so that values can be counted.
    Facet,
    /// A path of values that is only looked for.
    Path,
    /// An unsigned number.
    Number,
}

/// A field, as `fields.toml` says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Its name.
    pub name: String,
    /// Which documents have it.
    pub level: Level,
    /// How it is indexed.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Weight in the score; text fields only.
    #[serde(default)]
    pub boost: f32,
    /// A keyword that is also kept as a column.
    #[serde(default)]
    pub fast: bool,
    /// A number that is also searched, not only read.
    #[serde(default = "yes")]
    pub indexed: bool,
    /// Whether people count by it.
    #[serde(default)]
    pub count: bool,
    /// How many segments of a facet's path one counts by, unless told otherwise.
    #[serde(default = "one")]
    pub depth: usize,
    /// What it means.
    pub meaning: String,
}

fn yes() -> bool {
    true
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
struct File {
    field: Vec<FieldSpec>,
}

const FIELDS_TOML: &str = include_str!("../../index-schema/fields.toml");

static SPECS: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
    let file: File = toml::from_str(FIELDS_TOML).expect("fields.toml is compiled in and tested");
    file.field
});

/// The fields, in the order of `fields.toml`.
#[must_use]
pub fn field_specs() -> &'static [FieldSpec] {
    &SPECS
}

/// A digest of `fields.toml` and of the words that make tokens: an index made under another is
/// refused.
#[must_use]
pub fn schema_digest() -> String {
    let mut hasher = blake3::Hasher::new();
    for line in FIELDS_TOML
        .lines()
        .filter(|l| !l.starts_with('#') && !l.starts_with("meaning"))
    {
        hasher.update(line.trim().as_bytes());
    }
    hasher.update(include_str!("../../index-schema/stems.tsv").as_bytes());
    hasher.finalize().to_hex()[..16].to_string()
}

/// Builds the tantivy schema.
#[must_use]
pub fn build() -> Schema {
    let mut schema = Schema::builder();
    for spec in field_specs() {
        match spec.kind {
            Type::Text => {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer(TOKENIZER)
                    .set_index_option(IndexRecordOption::WithFreqsAndPositions);
                let options = TextOptions::default().set_indexing_options(indexing);
                schema.add_text_field(&spec.name, options);
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
                schema.add_text_field(&spec.name, options);
            }
            Type::Facet => {
                schema.add_facet_field(&spec.name, FacetOptions::default());
            }
            Type::Number => {
                let mut options = NumericOptions::default().set_fast();
                if spec.indexed {
                    options = options.set_indexed();
                }
                schema.add_u64_field(&spec.name, options);
            }
        }
    }
    schema.build()
}

macro_rules! fields {
    ($($name:ident),* $(,)?) => {
        /// Handles of the fields that code names.
        #[derive(Debug, Clone, Copy)]
        #[allow(missing_docs)]
        pub struct Fields { $(pub $name: Field),* }

        impl Fields {
            /// The handles in a schema that `build` made.
            #[must_use]
            pub fn of(schema: &Schema) -> Fields {
                let field = |name: &str| schema.get_field(name).expect("fields.toml has it: tested");
                Fields { $($name: field(stringify!($name))),* }
            }
        }
    };
}

fields!(
    request,
    rationale,
    guidelines,
    summary,
    drug,
    decision,
    treatment,
    body_part,
    guideline,
    guideline_reviewer,
    guideline_administrator,
    specialty,
    licensure,
    year,
    outcome,
    sex,
    priority,
    layout,
    warning,
    age,
    decided,
    injured,
    case_number,
    letter_id,
    kind,
    commit,
    source,
    source_archive,
    source_digest,
    source_letter,
    source_size,
    source_modified,
    source_failure,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_table_is_in_the_schema_once() {
        let schema = build();
        let _ = Fields::of(&schema);
        assert_eq!(schema.fields().count(), field_specs().len());
        let counted: Vec<_> = field_specs().iter().filter(|f| f.count).collect();
        assert!(counted.iter().all(|f| f.kind == Type::Facet));
        assert!(
            field_specs()
                .iter()
                .all(|f| (f.kind == Type::Text) == (f.boost > 0.0))
        );
    }
}
