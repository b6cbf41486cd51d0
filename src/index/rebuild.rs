//! Building an index anew beside the old one, which answers until the new one takes its place.
//!
//! The new generation has a manifest of its own, `imr.rebuild.json`; renaming it to `imr.json` is the
//! swap. A rebuild that was ended goes on where it was.

use super::atomic;
use super::directory;
use super::error::{IndexError, io};
use super::ingest::{Ingest, IngestOptions, Progress, Report};
use super::manifest::{self, MANIFEST, Manifest, REBUILD};
use super::reason::Reason;
use super::sources::{self, Row};
use super::store::{self, Index};
use crate::corpus::real_path;
use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Builds the index at `path` anew from a corpus, of whatever format the old one is or how damaged,
/// and puts it in the old one's place when it is through. The report says whether it was stopped
/// before: then the old one stays.
///
/// # Errors
/// If another process writes to the index; if the old one holds letters that the corpus does not, unless they may be
/// pruned; if what the old one holds cannot be read, unless it may be discarded; as [`Ingest::run`].
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
    match nothing_is_lost(path, roots, options.prune) {
        Err(IndexError::Unverifiable { .. }) if options.discard_unreadable => {}
        checked => checked?,
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
    atomic::sync_folder(path);
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
    // Where no manifest says which is the old index, any of them may be: they stay until the new one takes its place.
    if let Some(old) = old {
        remove_others(path, &[&old.generation]);
    }
    let manifest = Manifest {
        corpus,
        ..Manifest::new(&manifest::next_generation(path))
    };
    Index::create_generation(path, &manifest, REBUILD)?;
    // As it was written, with its checksum.
    Manifest::read(path, REBUILD)
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

/// Calls `with` for every source that the index at a path knows, of whatever format the index is. Where there is no
/// index there are none.
fn sources_of(path: &Path, with: impl FnMut(Row)) -> Result<(), IndexError> {
    let unverifiable = |error: &dyn Reason| IndexError::Unverifiable {
        path: path.to_path_buf(),
        reason: error.reason(),
    };
    let manifest = match Manifest::read(path, MANIFEST) {
        Ok(manifest) => manifest,
        Err(IndexError::Missing(_)) => return Ok(()),
        Err(
            IndexError::Broken { reason, .. }
            | IndexError::Unreadable { reason, .. }
            | IndexError::Io { reason, .. },
        ) => {
            return Err(unverifiable(&reason));
        }
        Err(error) => return Err(error),
    };
    // Damaged files may make the engine panic.
    let read = catch_unwind(AssertUnwindSafe(|| {
        sources::each_in_folder(&path.join(&manifest.generation), with)
    }));
    match read {
        Ok(read) => read.map_err(|e| unverifiable(&e)),
        Err(_) => Err(unverifiable(&"its files are damaged")),
    }
}

/// Refuses to lose a letter that only the old index has, or an old index that cannot be read.
fn nothing_is_lost(path: &Path, roots: &[PathBuf], may_prune: bool) -> Result<(), IndexError> {
    let roots: Vec<PathBuf> = roots.iter().map(|root| real_path(root)).collect();
    let (mut kept, mut lost) = (HashSet::new(), Vec::new());
    sources_of(path, |row| {
        if row.letter == 0 || may_prune {
            return;
        }
        let file = Path::new(row.in_archive().unwrap_or(row.key));
        let named = roots.iter().any(|root| file.starts_with(root));
        if named && !sources::is_not_there(row.key, row.archive) {
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
            path: path.to_path_buf(),
            count: lost.len(),
            first: first.clone(),
        }),
    }
}
