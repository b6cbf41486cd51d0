//! Which columns of a table, or keys of a JSON object, hold what: `imr index rows.csv --map text=Notes`.

use crate::letter::ROW;
use std::str::FromStr;
use std::sync::LazyLock;

/// What a column may hold, and the label under which the reader of letters knows it (`row_columns.tsv`).
static TARGETS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let rows = include_str!("../../index-schema/row_columns.tsv").lines();
    let rows = rows.filter(|row| !row.starts_with('#')).skip(1);
    rows.filter_map(|row| row.split_once('\t')).collect()
});

/// `text=Notes`: a field, and the column that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMapping {
    field: &'static str,
    column: String,
}

impl FromStr for ColumnMapping {
    type Err = String;

    fn from_str(typed: &str) -> Result<ColumnMapping, String> {
        let names = || {
            let fields = TARGETS.iter().map(|(name, _)| *name);
            ["id", "text"].into_iter().chain(fields)
        };
        let all = || names().collect::<Vec<_>>().join(", ");
        let Some((field, column)) = typed.split_once('=') else {
            return Err(format!("write FIELD=COLUMN; the fields are {}", all()));
        };
        let field = field.trim().to_lowercase().replace('-', "_");
        match names().find(|name| *name == field) {
            Some(field) => Ok(ColumnMapping {
                field,
                column: column.trim().to_string(),
            }),
            None => Err(format!(
                "there is no field '{field}'; the fields are {}",
                all()
            )),
        }
    }
}

/// Which columns hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The name of a row.
    pub id: String,
    /// Its text; of several the texts follow each other.
    pub text: Vec<String>,
    /// Labels, each with the column that holds its value.
    labelled: Vec<(&'static str, String)>,
}

impl Default for Columns {
    fn default() -> Self {
        Columns {
            id: "id".to_string(),
            text: vec!["text".to_string()],
            labelled: Vec::new(),
        }
    }
}

impl Columns {
    /// The columns that `mappings` name beside the usual ones.
    #[must_use]
    pub fn new(id: &str, text: &str, mappings: &[ColumnMapping]) -> Columns {
        let mut columns = Columns {
            id: id.to_string(),
            text: Vec::new(),
            labelled: Vec::new(),
        };
        for mapping in mappings {
            let column = mapping.column.clone();
            match TARGETS.iter().find(|(name, _)| *name == mapping.field) {
                Some((_, label)) => columns.labelled.push((label, column)),
                None if mapping.field == "id" => columns.id = column,
                None => columns.text.push(column),
            }
        }
        if columns.text.is_empty() {
            columns.text.push(text.to_string());
        }
        columns
    }

    /// The columns that every row must have.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        let labelled = self.labelled.iter().map(|(_, column)| column.as_str());
        self.text.iter().map(String::as_str).chain(labelled)
    }

    /// Whether a column holds anything that is wanted.
    pub(super) fn is_wanted(&self, column: &str) -> bool {
        column == self.id || self.required().any(|wanted| wanted == column)
    }

    /// The text of a row whose columns have these values: the labelled ones in lines of their own first.
    pub(super) fn text_of<'v>(&self, value: impl Fn(&str) -> Option<&'v [u8]>) -> Vec<u8> {
        let mut text = Vec::new();
        for (label, column) in &self.labelled {
            let value = value(column).map(<[u8]>::trim_ascii).unwrap_or_default();
            if value.is_empty() {
                continue;
            }
            if text.is_empty() {
                text.extend_from_slice(ROW.as_bytes());
            }
            text.extend_from_slice(format!("\n{label}: ").as_bytes());
            let in_one_line = value.iter().map(|b| if *b < b' ' { b' ' } else { *b });
            text.extend(in_one_line);
        }
        for column in &self.text {
            if let Some(value) = value(column).filter(|value| !value.is_empty()) {
                if !text.is_empty() {
                    text.extend_from_slice(b"\n\n");
                }
                text.extend_from_slice(value);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_mapped_to_labels_and_texts() {
        let mappings: Vec<ColumnMapping> = [
            "text=Notes",
            "case-number=CaseNo",
            "employee=Worker",
            "text=More",
        ]
        .map(|typed| typed.parse().unwrap())
        .into();
        let columns = Columns::new("id", "text", &mappings);
        let text = columns.text_of(|column| {
            Some(match column {
                "Notes" => b"first".as_slice(),
                "More" => b"second",
                "CaseNo" => b" CM15-0900001\n",
                _ => b"",
            })
        });
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "Columns of this row:\nCase Number: CM15-0900001\n\nfirst\n\nsecond"
        );
        assert!("text".parse::<ColumnMapping>().is_err());
        assert!(
            "color=Blue"
                .parse::<ColumnMapping>()
                .unwrap_err()
                .contains("case_number")
        );
    }
}
