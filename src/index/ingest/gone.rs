//! Sources that the index knows and that are not there any more.

use super::super::catalog::{Archive, SourceCatalog};
use super::super::error::IndexError;
use super::super::sources::{self, SourceState, digest_of, is_not_there};
use super::Event;
use super::decide::{self, Gone, Operation, SourceLocation};
use super::write::IngestWriter;
use crate::corpus::real_path;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// A source that is gone, and what is remembered of it from then on.
struct GoneSource {
    key: String,
    letter: u128,
    place: SourceLocation,
    state: SourceState,
}

impl IngestWriter<'_> {
    /// Finds the sources below the roots that the walk did not meet and that are not there, and
    /// takes them out if that was asked for. A root that is itself missing tells nothing of what was
    /// below it.
    pub(super) fn reconcile_missing(&mut self, roots: &[PathBuf]) -> Result<(), IndexError> {
        if self.known.all_seen() {
            return Ok(());
        }
        let folders: Vec<PathBuf> = roots
            .iter()
            .filter(|root| root.is_dir())
            .map(|root| real_path(root))
            .collect();
        let is_missing = |file: &str| {
            folders.iter().any(|f| Path::new(file).starts_with(f)) && is_not_there(file, 0)
        };
        let known = self.known;
        // Each archive is looked for once.
        let mut missing: HashMap<String, bool> = HashMap::new();
        let mut gone = Vec::new();
        sources::each(self.index, |row| {
            let missed = known
                .get(digest_of(row.key))
                .is_some_and(|entry| !known.is_seen(entry));
            if !missed || self.has_moved(row.key) {
                return;
            }
            let place = match row.in_archive() {
                None => SourceLocation::File {
                    is_missing: is_missing(row.key),
                },
                Some(archive) => {
                    let in_catalog = archive_of(known, archive);
                    let is_missing = missing.get(archive).copied().unwrap_or_else(|| {
                        let is_missing = is_missing(archive);
                        missing.insert(archive.to_string(), is_missing);
                        is_missing
                    });
                    SourceLocation::Member {
                        met: in_catalog.is_some_and(Archive::was_met),
                        read: in_catalog.is_some_and(Archive::was_read),
                        is_missing,
                        was_gone: row.was_gone(),
                    }
                }
            };
            if decide::is_gone(place) {
                gone.push(GoneSource {
                    key: row.key.to_string(),
                    letter: row.letter,
                    place,
                    state: row.as_gone(),
                });
            }
        })?;
        // First the members that have another name in their archive now, of whose letter one source less is left.
        let renamed = |source: &GoneSource| self.decide(source).contains(&Operation::ReportMoved);
        let (mut renamed, mut gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(renamed);
        gone.sort_by(|a, b| a.key.cmp(&b.key));
        renamed.append(&mut gone);
        for source in &renamed {
            self.settle(source)?;
        }
        Ok(())
    }

    /// What is to be done about a source that is gone.
    fn decide(&self, source: &GoneSource) -> Vec<Operation> {
        let inside = archive_of(self.known, &source.key);
        let references = match source.letter {
            0 => 0,
            letter => self.shared().references.of(self.known, letter),
        };
        let gone = Gone {
            letter: source.letter,
            references,
            place: source.place,
            is_emptied: inside.is_some_and(|a| a.left.load(Ordering::Relaxed) == 0),
        };
        decide::when_gone(gone, self.options.prune)
    }

    fn settle(&mut self, source: &GoneSource) -> Result<(), IndexError> {
        let decided = self.decide(source);
        if decided != [Operation::ReportGone] {
            self.open()?;
        }
        let decided = match self.writers {
            // Opened, it knows the references of letters.
            Some(_) => self.decide(source),
            None => decided,
        };
        let key = source.key.as_str();
        if decided.contains(&Operation::ReportPruned) {
            let letter = source.letter;
            let goes = letter != 0 && self.shared().references.of(self.known, letter) == 1;
            self.progress.tell(Event::Removing(key, goes));
        }
        for operation in decided {
            self.count(operation, key, &source.state, &mut self.shared())?;
            match operation {
                Operation::Forget => self.delete(sources::term(&self.index.fields, key))?,
                Operation::MarkGone => {
                    let mut operations = Vec::with_capacity(2);
                    let before = self.known.get(digest_of(key));
                    self.remember(key, before, &source.state, &mut operations);
                    self.run(operations)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a source that is gone was found elsewhere.
    fn has_moved(&self, key: &str) -> bool {
        self.shared().moved.contains(key)
    }
}

fn archive_of<'c>(known: &'c SourceCatalog, archive: &str) -> Option<&'c Archive> {
    known.archive(digest_of(archive))
}
