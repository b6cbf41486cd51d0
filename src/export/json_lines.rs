//! JSON lines: an object for each row; by letter, unless columns are chosen, the whole record.

use super::columns::{self, RowLevel};
use super::format_info::FormatInfo;
use super::sink::{EncodedRows, ExportFormat, RowPlan, cell};
use crate::letter::Record;
use crate::search::{Hit, Projection};
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use std::io;

const MEDIA_TYPE: &str = "application/x-ndjson";

/// JSON lines.
pub(super) struct JsonLines;

impl ExportFormat for JsonLines {
    fn info(&self) -> &FormatInfo {
        &FormatInfo {
            extensions: &["jsonl", "ndjson"],
            media_type: MEDIA_TYPE,
            binary_name: None,
        }
    }

    fn is_bare_table(&self) -> bool {
        true
    }

    fn metadata(&self) -> Option<(&'static str, Value)> {
        Some(("dc:format", MEDIA_TYPE.into()))
    }

    fn is_record(&self, plan: &RowPlan) -> bool {
        plan.by == RowLevel::Letter && !plan.chosen
    }

    fn projection(&self, plan: &RowPlan) -> Projection {
        if self.is_record(plan) {
            return Projection {
                text: true,
                files: true,
                id: false,
            };
        }
        columns::wanted(&plan.columns)
    }

    fn encode(
        &self,
        plan: &RowPlan,
        hit: &Hit,
        places: &[Option<usize>],
    ) -> io::Result<EncodedRows> {
        let mut bytes = Vec::new();
        for at in places {
            if self.is_record(plan) {
                let file = hit.files.first().map_or("", String::as_str);
                serde_json::to_writer(&mut bytes, &Record::new(&hit.letter, file))?;
            } else {
                let mut object = serde_json::Serializer::new(&mut bytes);
                let mut map = object.serialize_map(Some(plan.columns.len()))?;
                for column in &plan.columns {
                    map.serialize_entry(column.name, &cell(column, hit, *at))?;
                }
                SerializeMap::end(map)?;
            }
            bytes.push(b'\n');
        }
        Ok(EncodedRows::Bytes(bytes))
    }
}
