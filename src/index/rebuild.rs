//! Building an index anew beside the old one, which answers until the new one takes its place.
//!
//! The new generation has a manifest of its own, `imr.rebuild.json`; renaming it to `imr.json` is the
//! swap. A rebuild that was ended goes on where it was.

use super::ingest::{Ingest, IngestOptions, Progress, Report};
use super::manifest::{self, MANIFEST, Manifest, REBUILD};
use super::sources;
use super::store::{self, Index, IndexError, io};
use super::{directory, ingest};
use crate::corpus::real_path;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the index at `path` anew from a corpus, of whatever format the old one is or how damaged,
/// and puts it in the old one's place when it is through. The report says whether it was stopped
/// before: then the old one stays.
///
/// # Errors
/// If another process writes to the index; if the old one can be read and holds letters that the
/// corpus does not, unless they may be pruned; as [`Ingest::run`].
pub fn rebuild(
    path: &Path,
    roots: &[PathBuf],
    options: &IngestOptions,
    progress: &Progress,
) -> Result<Report, IndexError> {
    fs::create_dir_all(path).map_err(|e| io(path, &e))?;
    if let Err(error @ IndexError::NotAnIndex(_)) = Manifest::read(path, MANIFEST) {
        return Err(error);
    }
    let lock = store::lock(path)?;
    // Only now: another rebuild may have ended while this one waited.
    let old = Manifest::read(path, MANIFEST).ok();
    if let Ok(index) = Index::open(path)
        && !options.prune
    {
        nothing_is_lost(&index, roots)?;
    }
    let roots_now: Vec<PathBuf> = roots.iter().map(|root| real_path(root)).collect();
    let manifest =
        unfinished(path, &roots_now).map_or_else(|| begin(path, roots_now, old.as_ref()), Ok)?;
    let index = Index::open_generation(path, &manifest, REBUILD)?;
    if let Ok(mut held) = index.held.lock() {
        *held = Some(lock);
    }
    // The ingest keeps the lock to its end; the swap needs it too.
    let (report, lock) = Ingest::new(&index, options.clone()).run_keeping_lock(roots, progress)?;
    if report.stopped {
        return Ok(report);
    }
    drop(index);
    let finished = Manifest {
        corpus: Vec::new(),
        ..manifest.clone()
    };
    finished.write(path, REBUILD)?;
    let (from, to) = (path.join(REBUILD), path.join(MANIFEST));
    fs::rename(&from, &to).map_err(|e| io(&to, &e))?;
    manifest::sync_folder(path);
    remove_others(path, &[&manifest.generation]);
    drop(lock);
    Ok(report)
}

/// A rebuild from the same corpus, or a part of it, that was ended before it was through.
fn unfinished(path: &Path, roots: &[PathBuf]) -> Option<Manifest> {
    let manifest = Manifest::read(path, REBUILD).ok()?;
    let goes_on = !manifest.corpus.is_empty()
        && manifest.check(path).is_ok()
        && manifest.corpus.iter().all(|root| roots.contains(root))
        && Index::open_generation(path, &manifest, REBUILD).is_ok();
    goes_on.then_some(manifest)
}

fn begin(
    path: &Path,
    corpus: Vec<PathBuf>,
    old: Option<&Manifest>,
) -> Result<Manifest, IndexError> {
    let _ = fs::remove_file(path.join(REBUILD));
    let keep: Vec<&str> = old.iter().map(|old| old.generation.as_str()).collect();
    remove_others(path, &keep);
    let last = manifest::generations(path).iter().map(|(n, _)| *n).max();
    let manifest = Manifest {
        corpus,
        ..Manifest::new(&manifest::generation(last.unwrap_or(0) + 1))
    };
    Index::create_generation(path, &manifest, REBUILD)?;
    Ok(manifest)
}

/// Removes all generations but some. One that cannot be removed (another system keeps open files)
/// is removed by the next rebuild.
fn remove_others(path: &Path, keep: &[&str]) {
    for (_, name) in manifest::generations(path) {
        if !keep.contains(&name.as_str()) {
            let folder = path.join(name);
            let _nobody_opens_it = directory::lock_readers(&folder);
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Refuses to lose a letter that only the old index has.
fn nothing_is_lost(index: &Index, roots: &[PathBuf]) -> Result<(), IndexError> {
    let roots: Vec<PathBuf> = roots.iter().map(|root| real_path(root)).collect();
    let (mut kept, mut lost) = (HashSet::new(), Vec::new());
    sources::each(index, |row| {
        if row.letter == 0 {
            return;
        }
        let file = Path::new(row.in_archive().unwrap_or(row.key));
        let named = roots.iter().any(|root| file.starts_with(root));
        if named && !ingest::is_not_there(row.key, row.archive) {
            kept.insert(row.letter);
        } else {
            lost.push((row.letter, row.key.to_string()));
        }
    })?;
    lost.retain(|(letter, _)| !kept.contains(letter));
    lost.sort_by(|a, b| a.1.cmp(&b.1));
    match lost.first() {
        None => Ok(()),
        Some((_, first)) => Err(IndexError::WouldLose {
            path: index.path.clone(),
            count: lost.len(),
            first: first.clone(),
        }),
    }
}
