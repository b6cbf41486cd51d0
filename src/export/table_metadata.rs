//! What a table's file cannot say itself: where it is from, and what its columns hold. It stands next to the
//! file, as "CSV on the Web" has it (<https://www.w3.org/TR/tabular-metadata/>).

use super::provenance::Provenance;
use super::sink::{ExportFormat, RowPlan};
use crate::fields::{BETWEEN, CellKind};
use serde_json::{Value, json};

/// The file's name after that of its table.
pub const METADATA_ENDING: &str = "-metadata.json";

/// The metadata of a table of this name with these columns.
pub(super) fn of(
    name: &str,
    format: &dyn ExportFormat,
    plan: &RowPlan,
    provenance: &Provenance,
) -> Value {
    // A letter's record is no row: docs/json.md describes it.
    let columns = if format.is_record(plan) {
        &[]
    } else {
        plan.columns.as_slice()
    };
    let described = columns.iter().map(|column| {
        let kind = column.kind_of_rows(plan.by);
        let mut said = json!({
            "name": column.name,
            "titles": column.label,
            "dc:description": column.meaning,
            "datatype": match kind {
                CellKind::Text | CellKind::List => json!("string"),
                CellKind::Number => json!("integer"),
                CellKind::Date => json!("date"),
                CellKind::Flag => json!({ "base": "boolean", "format": "yes|no" }),
            },
        });
        if kind == CellKind::List {
            said["separator"] = BETWEEN.into();
        }
        said
    });
    let mut said = json!({
        "@context": ["http://www.w3.org/ns/csvw", { "@language": "en" }],
        "url": name,
        "dc:title": provenance.question,
        "dc:created": provenance.date.to_string(),
        "dc:creator": provenance.program,
        "dc:description": provenance.sentence(),
        "tableSchema": { "columns": described.collect::<Vec<_>>() },
    });
    for (key, value) in provenance.pairs() {
        said[format!("imr:{key}")] = value.into();
    }
    if let Some((property, value)) = format.metadata() {
        said[property] = value;
    }
    said
}
