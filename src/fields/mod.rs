//! The registry: every field of an item or a letter, defined once.
//!
//! A field's name, its level, what the index keeps of it and how that is read from a letter, what a
//! typed value means, and where the field shows up (option, facet, list of the page, figure) stand in
//! one definition in `item` or `letter`. Everything else loops over them, so a new field cannot be
//! forgotten anywhere: docs/adding-a-facet.md.
//!
//! **Invariant:** no type of the search engine stands here. `index` makes a schema and documents of the
//! definitions, `search` makes conditions of typed values.

// A row of a table names what differs from an empty one, today perhaps all of it.
#![allow(clippy::needless_update, clippy::type_complexity)]

mod cell;
mod definition;
// A definition ends with the rest of an empty one, whether it names every part or not.
#[allow(clippy::needless_update)]
mod item;
mod labels;
#[allow(clippy::needless_update)]
mod letter;
mod names;
mod path;
mod registry;
mod resolve;

pub use cell::{BETWEEN, Cell};
pub use definition::{
    CellKind, ColumnDefinition, ColumnReader, DefaultRows, FacetDefinition, FieldDefinition,
    FilterDefinition, InputDefinition, Level, PanelDefinition, Reader, Storage, Text, ValueLabel,
};
pub use item::{
    BODY_PART, CITED_BY, DECISION, DRUG, GUIDELINE, GUIDELINE_ADMINISTRATOR, GUIDELINE_REVIEWER,
    IN_PART, PAGE, RATIONALE, REASON, REQUEST, SERVICE, TREATMENT,
};
pub use labels::{last_part, listed_value, value_label};
pub use letter::{
    CASE, DIAGNOSIS, DOCUMENT, LAYOUT, OTHER, SUMMARY, UNRECOGNIZED, WARNING, WORK_STATUS, YEAR,
};
pub use path::{Path, path_label};
pub use registry::{
    COUNT, all, columns, facet, facets, filter, filters, plain_texts, query_names, stored, texts,
    with_key,
};
pub use resolve::{FilterKind, Resolve, SIDES, ValueError, Values, beginning};
