//! `imr fields`: the data dictionary, from the registry of fields.

use super::search::json_line;
use super::{FOUND, Failure, render};
use crate::export::{self, Column};
use crate::fields::{self, CellKind, FieldDefinition, Level};
use serde::Serialize;
use std::io::Write;

/// Lists every field and column: what it means, its type, its values, and where it is read.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr fields                  every field and column
  imr fields --format json    for programs: one JSON object per line
  imr fields --format datasette > metadata.json
                              descriptions of letters.sqlite for Datasette")]
pub(super) struct Args {
    /// Format: text (default), json or datasette
    #[arg(
        long,
        value_name = "NAME",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,
    /// With --format datasette: the name of the database file, without its extension
    #[arg(
        long,
        value_name = "NAME",
        default_value = "letters",
        hide_default_value = true
    )]
    database: String,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// How it is printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
enum Format {
    Text,
    Json,
    Datasette,
}

/// More values than this are listed by `imr facets`, not here.
const MOST_VALUES: usize = 80;

/// An entry of the dictionary: a column of an export, or a field that has none. The keys are those of
/// docs/json.md.
#[derive(Serialize)]
struct Entry {
    /// The column; null where only filters and facets have the field.
    column: Option<&'static str>,
    field: Option<&'static str>,
    level: &'static str,
    r#type: &'static str,
    meaning: &'static str,
    /// Every value that there can be, where they are few; else null.
    allowed_values: Option<Vec<String>>,
    /// What stands where the letter says nothing.
    null_rule: &'static str,
    /// Where in a letter it is read, and by which table.
    source: &'static str,
    filter: bool,
    facet: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    if args.format == Format::Datasette {
        let metadata = export::datasette_metadata(&args.database);
        writeln!(out, "{metadata:#}")?;
        return Ok(FOUND);
    }
    let entries = entries();
    if args.json || args.format == Format::Json {
        for entry in &entries {
            writeln!(out, "{}", json_line(entry)?)?;
        }
        return Ok(FOUND);
    }
    let width = render::width().max(40);
    for entry in &entries {
        let name = entry.column.or(entry.field).unwrap_or_default();
        let filter = match entry.field {
            Some(field) if entry.filter => format!("; filter --{field}"),
            _ => String::new(),
        };
        writeln!(
            out,
            "{name}  ({}, by {}{filter})",
            entry.r#type, entry.level
        )?;
        let mut about = entry.meaning.to_string();
        if let Some(values) = entry.allowed_values.as_ref().filter(|v| v.len() <= 12) {
            about = format!("{about}. Values: {}", values.join(", "));
        }
        about = format!("{about}. Source: {}", entry.source);
        for line in render::wrap(&about, width - 4) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(FOUND)
}

fn entries() -> Vec<Entry> {
    let columns = export::columns().iter().map(of_column);
    let without = fields::all().into_iter().filter(|f| f.columns.is_empty());
    columns.chain(without.map(of_field)).collect()
}

fn of_column(column: &Column) -> Entry {
    let field = column.field;
    Entry {
        column: Some(column.name),
        field: field.map(|field| field.name),
        level: level(column.level()),
        r#type: column.kind.name(),
        meaning: column.meaning,
        allowed_values: field.and_then(|field| cells(column, field)),
        null_rule: column.kind.silent(),
        source: column.source,
        filter: field.is_some_and(|field| field.filter.is_some()),
        facet: field.is_some_and(|field| field.facet.is_some()),
    }
}

fn of_field(field: &'static FieldDefinition) -> Entry {
    Entry {
        column: None,
        field: Some(field.name),
        level: level(field.level()),
        r#type: field.kind().name(),
        meaning: field.meaning,
        allowed_values: values(field),
        null_rule: "no value",
        source: field.read_from,
        filter: field.filter.is_some(),
        facet: field.facet.is_some(),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Item => "item",
        Level::Letter => "letter",
    }
}

/// Every value of a column's cells, where they are few: mostly those of its field.
fn cells(column: &Column, field: &'static FieldDefinition) -> Option<Vec<String>> {
    match column.name {
        // True or false, whatever the filter's words for it are.
        _ if column.kind == CellKind::Flag => None,
        "reason_sentence" => None,
        // A theme with its side.
        "reasons" => {
            let themes = values(field)?.into_iter();
            Some(
                themes
                    .flat_map(|theme| ["+", "-"].map(|side| format!("{theme}:{side}")))
                    .collect(),
            )
        }
        _ => values(field),
    }
}

/// Every value of a field, where they are few and do not depend on an index.
fn values(field: &'static FieldDefinition) -> Option<Vec<String>> {
    let [names, _] = field.filter?.resolve.names(&|_| Vec::new());
    (!names.is_empty() && names.len() <= MOST_VALUES).then_some(names)
}
