//! Sources that the index knows and that are not there any more.

use super::super::catalog::{Archive, SourceCatalog};
use super::super::error::IndexError;
use super::super::sources::{self, SourceState, digest_of};
use super::Event;
use super::write::IngestWriter;
use crate::corpus::real_path;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Whether the file of a source is surely not there. A folder that cannot be looked into, or a disk
/// that fails, says nothing of what is in it.
pub(in crate::index) fn is_not_there(key: &str, archive: usize) -> bool {
    let file = if archive > 0 {
        key.get(..archive)
    } else {
        Some(key)
    };
    file.is_some_and(|file| {
        std::fs::symlink_metadata(file)
            .is_err_and(|e| matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    })
}

impl IngestWriter<'_> {
    /// Finds the sources below the roots that the walk did not meet and that are not there, and
    /// takes them out if that was asked for. A root that is itself missing tells nothing of what was
    /// below it.
    pub(super) fn settle_gone(&mut self, roots: &[PathBuf]) -> Result<(), IndexError> {
        if self.known.all_seen() {
            return Ok(());
        }
        let folders: Vec<PathBuf> = roots
            .iter()
            .filter(|root| root.is_dir())
            .map(|root| real_path(root))
            .collect();
        let mut gone = Vec::new();
        let mut renamed = Vec::new();
        let mut archives: HashMap<String, bool> = HashMap::new();
        let known = self.known;
        let was_read_from =
            |row: sources::Row| row.in_archive().is_some_and(|key| was_read(known, key));
        sources::each(self.index, |row| {
            let missed = known
                .get(digest_of(row.key))
                .is_some_and(|entry| !known.is_seen(entry));
            if !missed || self.has_moved(row.key) {
                return;
            }
            let below_roots = |key: &str| folders.iter().any(|f| Path::new(key).starts_with(f));
            let is_gone = match row.in_archive() {
                Some(archive) if row.was_gone() && was_met(known, archive) => true,
                None => below_roots(row.key) && is_not_there(row.key, 0),
                Some(archive) => match archives.get(archive) {
                    Some(gone) => *gone,
                    None => {
                        // Of an archive that was not met nor is missing, nothing is known.
                        let gone = was_read(known, archive)
                            || (below_roots(archive) && is_not_there(archive, 0));
                        archives.insert(archive.to_string(), gone);
                        gone
                    }
                },
            };
            if is_gone && was_read_from(row) && self.is_held_elsewhere(row.letter) {
                renamed.push((row.key.to_string(), row.letter));
            } else if is_gone {
                // An archive that is not read again would not tell once more.
                let to_mark = (was_read_from(row) && !row.was_gone()).then(|| row.as_gone());
                gone.push((row.key.to_string(), row.letter, to_mark));
            }
        })?;
        // Members that have another name in their archive now.
        for (key, letter) in renamed {
            self.settle_renamed(&key, letter)?;
        }
        gone.sort_by(|a, b| a.0.cmp(&b.0));
        for (key, letter, to_mark) in gone {
            let inside = self.known.archive(digest_of(&key));
            let emptied =
                inside.is_some_and(|a| a.left.load(std::sync::atomic::Ordering::Relaxed) == 0);
            if self.options.prune {
                self.forget(&key, letter)?;
            } else if emptied {
                self.forget_emptied(&key)?;
            } else {
                if let Some(state) = to_mark {
                    self.mark_gone(&key, &state)?;
                }
                self.note_gone(&key);
            }
        }
        Ok(())
    }

    /// Takes out what the index knows of a source that is gone: its letter too, where no other
    /// source holds it.
    fn forget(&mut self, key: &str, letter: u128) -> Result<(), IndexError> {
        self.open()?;
        let mut shared = self.shared();
        let goes = letter != 0 && shared.holders.of(self.known, letter) == 1;
        self.progress.tell(Event::Removing(key, goes));
        self.release(letter, &mut shared.holders)?;
        self.delete(sources::term(&self.index.fields, key))?;
        shared.report.pruned.push(key.to_string());
        Ok(())
    }

    /// Notes a source that is gone and stays in the index.
    fn note_gone(&self, key: &str) {
        self.shared().report.gone.push(key.to_string());
    }

    /// Remembers that a member is gone from its archive.
    fn mark_gone(&mut self, key: &str, state: &SourceState) -> Result<(), IndexError> {
        self.open()?;
        let mut operations = Vec::with_capacity(2);
        let before = self.known.get(digest_of(key));
        self.remember(key, before, state, &mut operations);
        self.run(operations)
    }

    /// Takes out what is remembered of an archive that is gone, all of whose members moved.
    fn forget_emptied(&mut self, key: &str) -> Result<(), IndexError> {
        self.open()?;
        self.delete(sources::term(&self.index.fields, key))
    }

    /// Whether more than one source holds a letter.
    fn is_held_elsewhere(&self, letter: u128) -> bool {
        letter != 0 && self.shared().holders.of(self.known, letter) > 1
    }

    /// Takes out a member that is gone from its archive, if its letter is still held elsewhere.
    fn settle_renamed(&mut self, key: &str, letter: u128) -> Result<(), IndexError> {
        if !self.is_held_elsewhere(letter) {
            self.note_gone(key);
            return Ok(());
        }
        self.open()?;
        let mut shared = self.shared();
        self.release(letter, &mut shared.holders)?;
        self.delete(sources::term(&self.index.fields, key))?;
        shared.report.moved += 1;
        Ok(())
    }

    /// Whether a source that is gone was found elsewhere.
    fn has_moved(&self, key: &str) -> bool {
        self.shared().moved.contains(key)
    }
}

fn was_met(known: &SourceCatalog, archive: &str) -> bool {
    known
        .archive(digest_of(archive))
        .is_some_and(Archive::was_met)
}

fn was_read(known: &SourceCatalog, archive: &str) -> bool {
    known
        .archive(digest_of(archive))
        .is_some_and(Archive::was_read)
}
