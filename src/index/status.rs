//! What an index holds, counted.

use super::drift::YearOfLetters;
use super::error::IndexError;
use super::manifest::{MANIFEST, Manifest};
use super::schema;
use super::store::Index;
use super::{FORMAT, sources};
use crate::fields;
use crate::letter::WarningKind;
use serde::Serialize;
use std::collections::BTreeMap;
use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

/// What an index holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The folder.
    pub index: String,
    /// Letters.
    pub letters: u64,
    /// Disputed items.
    pub items: u64,
    /// Files and members of archives that hold a letter.
    pub sources: u64,
    /// Letters in no known layout.
    pub unrecognized: u64,
    /// Documents that are no letters.
    pub others: u64,
    /// Files and members of archives that gave no letter, with the reason.
    pub failures: Vec<(String, String)>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Parts that tantivy keeps it in.
    pub segments: usize,
    /// First and last decision, as ISO dates.
    pub decided: Option<(String, String)>,
    /// Letters with doubts, by kind.
    pub warnings: BTreeMap<String, u64>,
    /// What letters lack, by year of the decision: where it grows, the form has changed.
    pub years: Vec<YearOfLetters>,
    /// The most frequent medications in no table, with the number of items.
    pub unlisted: Vec<(String, u64)>,
    /// The index's format and the digest of its schema.
    pub format: String,
    /// The version of imr that made it.
    pub version: String,
}

impl Index {
    /// What the index holds.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn status(&self) -> Result<Status, IndexError> {
        let searcher = self.reader.searcher();
        let count = |kind: &str| -> Result<u64, IndexError> {
            let term = Term::from_field_text(self.fields.kind, kind);
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let found = searcher
                .search(&query, &Count)
                .map_err(|e| self.broken(&e))?;
            Ok(found as u64)
        };
        let facet = |field, path: &[&str]| -> Result<u64, IndexError> {
            let term = Term::from_facet(field, &super::facet_of(path.iter().copied()));
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let found = searcher
                .search(&query, &Count)
                .map_err(|e| self.broken(&e))?;
            Ok(found as u64)
        };
        let (mut with_letter, mut failures) = (0, Vec::new());
        sources::each(self, |row| {
            with_letter += u64::from(row.letter != 0);
            if !row.failure.is_empty() {
                failures.push((row.key.to_string(), row.failure.to_string()));
            }
        })?;
        failures.sort();
        let mut warnings = BTreeMap::new();
        for kind in WarningKind::ALL {
            let letters = facet(self.fields.of(&fields::WARNING), &[kind.name()])?;
            if letters > 0 {
                warnings.insert(kind.name().to_string(), letters);
            }
        }
        let others = facet(self.fields.of(&fields::DOCUMENT), &[fields::OTHER])?;
        Ok(Status {
            index: self.path.display().to_string(),
            letters: count("letter")? - others,
            others,
            items: count("item")?,
            sources: with_letter,
            unrecognized: facet(self.fields.of(&fields::LAYOUT), &[fields::UNRECOGNIZED])?,
            failures,
            bytes: self.bytes(),
            segments: searcher.segment_readers().len(),
            decided: self.date_span(&searcher)?,
            warnings,
            years: self.years()?,
            unlisted: self.unlisted(&searcher)?,
            format: format!("{FORMAT}-{}", schema::schema_digest()),
            version: Manifest::read(&self.path, MANIFEST)?.imr,
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        walkdir::WalkDir::new(&self.path)
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(std::fs::Metadata::is_file)
            .map(|meta| meta.len())
            .sum()
    }

    fn date_span(
        &self,
        searcher: &tantivy::Searcher,
    ) -> Result<Option<(String, String)>, IndexError> {
        let mut span: Option<(u64, u64)> = None;
        for segment in searcher.segment_readers() {
            let column = segment
                .fast_fields()
                .u64("decided")
                .map_err(|e| self.broken(&e))?;
            if segment.num_docs() == 0 || column.values.num_vals() == 0 {
                continue;
            }
            let (low, high) = (column.min_value(), column.max_value());
            span = Some(span.map_or((low, high), |(a, b)| (a.min(low), b.max(high))));
        }
        let iso = |n: u64| format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
        Ok(span.map(|(low, high)| (iso(low), iso(high))))
    }

    /// The medications under class `unlisted`, most frequent first.
    fn unlisted(&self, searcher: &tantivy::Searcher) -> Result<Vec<(String, u64)>, IndexError> {
        let root = super::facet_of([crate::vocabulary::UNLISTED]);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for segment in searcher.segment_readers() {
            let index = segment
                .inverted_index(self.fields.of(&fields::DRUG))
                .map_err(|e| self.broken(&e))?;
            let mut terms = index
                .terms()
                .range()
                .ge(root.encoded_str().as_bytes())
                .into_stream()
                .map_err(|e| self.broken(&e))?;
            while terms.advance() {
                let Ok(facet) = tantivy::schema::Facet::from_encoded(terms.key().to_vec()) else {
                    continue;
                };
                let path = facet.to_path();
                match path.as_slice() {
                    [crate::vocabulary::UNLISTED, name] => {
                        *counts.entry((*name).to_string()).or_default() +=
                            u64::from(terms.value().doc_freq);
                    }
                    [crate::vocabulary::UNLISTED] => {}
                    _ => break,
                }
            }
        }
        let mut names: Vec<_> = counts.into_iter().collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        names.truncate(20);
        Ok(names)
    }
}
