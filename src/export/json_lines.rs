//! JSON lines: an object for each row; by letter, unless columns are chosen, the whole record.

use super::brief::BriefHeader;
use super::columns::{self, RowLevel};
use super::sink::{EncodedRows, ExportFormat, PlainSink, RowPlan, RowSink, cell};
use crate::letter::Record;
use crate::search::{Hit, Projection};
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use std::io::{self, Write};

const MEDIA_TYPE: &str = "application/x-ndjson";

/// JSON lines.
pub(super) struct JsonLines;

impl ExportFormat for JsonLines {
    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl", "ndjson"]
    }

    fn media_type(&self) -> &'static str {
        MEDIA_TYPE
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

    fn begin<'o>(
        &self,
        _: &RowPlan,
        _: &dyn Fn() -> BriefHeader,
        out: &'o mut (dyn Write + Send),
    ) -> io::Result<Box<dyn RowSink + 'o>> {
        Ok(Box::new(PlainSink(out)))
    }
}
