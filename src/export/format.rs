//! The formats of an export. A new one is a file that defines it, and its name here.

use super::sink::ExportFormat;
use super::{database, docx, html, json_lines, markdown, parquet, separated, workbook};
use clap::ValueEnum;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values, UTF-8.
    Csv,
    /// The same, separated by tabs.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// A workbook for Excel and its kin.
    Xlsx,
    /// Apache Parquet: typed columns.
    Parquet,
    /// A SQLite database: several tables.
    Sqlite,
    /// A brief in Markdown.
    #[value(alias = "markdown")]
    Md,
    /// A brief as a page.
    Html,
    /// A brief as a document for Word and its kin.
    Docx,
}

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Format> {
        Format::value_variants().iter().copied()
    }

    /// How it is written.
    pub(super) fn definition(self) -> &'static dyn ExportFormat {
        match self {
            Format::Csv => &separated::CSV,
            Format::Tsv => &separated::TSV,
            Format::Jsonl => &json_lines::JsonLines,
            Format::Xlsx => &workbook::WorkbookFormat,
            Format::Parquet => &parquet::ParquetFormat,
            Format::Sqlite => &database::DatabaseFormat,
            Format::Md => &markdown::MARKDOWN,
            Format::Html => &html::HTML,
            Format::Docx => &docx::DOCX,
        }
    }

    /// The format of files with an extension, given without its dot.
    #[must_use]
    pub fn by_extension(extension: &str) -> Option<Format> {
        let extension = extension.to_lowercase();
        Format::all().find(|format| format.extensions().contains(&extension.as_str()))
    }

    /// The extensions of its files, the usual one first, which is also its name.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        self.definition().info().extensions
    }

    /// Its name: "csv".
    #[must_use]
    pub fn name(self) -> &'static str {
        self.extensions()[0]
    }

    /// Its media type (RFC 6838).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        self.definition().info().media_type
    }

    /// What it is called where it cannot be shown on a terminal; None for text.
    #[must_use]
    pub fn binary_name(self) -> Option<&'static str> {
        self.definition().info().binary_name
    }

    /// Whether it is a brief, for people: the question, the items and passages.
    #[must_use]
    pub fn is_brief(self) -> bool {
        self.definition().is_brief()
    }

    /// Whether it is a table of rows that has no place for where it is from; that goes into a file next to
    /// it ([`super::Export::metadata`]).
    #[must_use]
    pub fn is_bare_table(self) -> bool {
        self.definition().is_bare_table()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_extensions() {
        for format in Format::all() {
            let value = format.to_possible_value().unwrap();
            assert_eq!(value.get_name(), format.name());
            assert!(format.media_type().contains('/'));
            for extension in format.extensions() {
                let upper = extension.to_uppercase();
                assert_eq!(Format::by_extension(&upper), Some(format), "{extension}");
            }
        }
        assert_eq!(Format::by_extension("xls"), None);
    }
}
