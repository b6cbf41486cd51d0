//! Finding sources: files named, folders walked, one file after another and none kept.

use super::kind::Kind;
use super::name::{printable, real_path};
use super::{Source, io_reason};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use walkdir::WalkDir;

/// What a walk meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkEntry {
    /// A file that may hold letters.
    Source(Source),
    /// A file of another kind, passed over: its extension with the dot, or `hidden`.
    Ignored(String),
    /// A path that could not be looked into, and a reason that completes the sentence "PATH ...".
    Problem(String, String),
}

/// Finds the sources below some paths: folders recursively, without following links to folders; files as
/// they are named, whatever their extension. They come in the order of their names, up to 4096 at a time,
/// so that of a folder of a million files none but these are in memory.
///
/// A path below two of the roots is found twice: [`Source::key`] tells.
pub fn find<'r>(roots: &'r [PathBuf]) -> impl Iterator<Item = WalkEntry> + 'r {
    let mut folder = LastFolder::default();
    roots.iter().flat_map(move |root| {
        let root = folder.real_path(root);
        let named_file = root.is_file();
        let entries = WalkDir::new(&root).follow_links(false).into_iter();
        by_name(entries).filter_map(move |entry| look(entry, &root, named_file))
    })
}

type Entry = Result<walkdir::DirEntry, walkdir::Error>;

/// Entries that are put in order together.
const TOGETHER: usize = 4096;

/// Entries in the order of their names, stretch by stretch.
fn by_name(mut entries: impl Iterator<Item = Entry>) -> impl Iterator<Item = Entry> {
    fn path(entry: &Entry) -> Option<&Path> {
        match entry {
            Ok(entry) => Some(entry.path()),
            Err(error) => error.path(),
        }
    }
    let stretches = std::iter::from_fn(move || {
        let mut stretch: Vec<Entry> = entries.by_ref().take(TOGETHER).collect();
        stretch.sort_by(|a, b| path(a).cmp(&path(b)));
        (!stretch.is_empty()).then_some(stretch)
    });
    stretches.flatten()
}

/// Roots may be a list of a million files: the folder of the last one is remembered.
#[derive(Default)]
struct LastFolder {
    given: PathBuf,
    real: PathBuf,
}

impl LastFolder {
    fn real_path(&mut self, path: &Path) -> PathBuf {
        let is_link = path.symlink_metadata().is_ok_and(|m| m.is_symlink());
        match (path.parent(), path.file_name()) {
            // A link to a file is a source under its own name; of all else the path is made real.
            (Some(parent), Some(name)) if !is_link || path.is_file() => {
                let parent = if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                };
                if self.given != parent {
                    self.real = real_path(parent);
                    self.given = parent.to_path_buf();
                }
                self.real.join(name)
            }
            _ => real_path(path),
        }
    }
}

fn look(entry: Entry, root: &Path, named_file: bool) -> Option<WalkEntry> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = printable(error.path().unwrap_or(root));
            let reason = match error.io_error() {
                None => "is a link that leads back to itself".to_string(),
                Some(e) if e.kind() == std::io::ErrorKind::NotFound => "does not exist".to_string(),
                Some(e) => format!("cannot be read: {}", io_reason(e)),
            };
            return Some(WalkEntry::Problem(path, reason));
        }
    };
    if entry.file_type().is_dir() {
        return None;
    }
    let problem = |reason: &str| {
        Some(WalkEntry::Problem(
            printable(entry.path()),
            reason.to_string(),
        ))
    };
    // A link to a file is that file; anything that is no file (a pipe, a device) is not opened:
    // reading it might never end.
    let Ok(meta) = std::fs::metadata(entry.path()) else {
        return problem("is a broken link");
    };
    if !meta.is_file() {
        return if meta.is_dir() {
            Some(WalkEntry::Ignored("link to a folder".to_string()))
        } else {
            problem("is not a regular file")
        };
    }
    let hidden = entry.depth() > 0 && is_hidden(entry.file_name());
    let kind = match Kind::of(&entry.file_name().to_string_lossy()) {
        _ if hidden => return Some(WalkEntry::Ignored("hidden".to_string())),
        Ok(kind) => kind,
        Err(_) if named_file => Kind::Letter(None),
        Err(extension) => return Some(WalkEntry::Ignored(extension)),
    };
    let modified = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0);
    Some(WalkEntry::Source(Source {
        key: printable(entry.path()),
        size: meta.len(),
        modified,
        kind,
        path: entry.into_path(),
    }))
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Counts the files below some paths without looking at them.
#[must_use]
pub fn count(roots: &[PathBuf], stop: &dyn Fn() -> bool) -> usize {
    let mut files = 0;
    for entry in roots.iter().flat_map(WalkDir::new) {
        files += usize::from(entry.is_ok_and(|e| !e.file_type().is_dir()));
        if stop() {
            break;
        }
    }
    files
}

/// All that a walk met.
#[derive(Debug, Default)]
pub struct Walk {
    /// Files that may hold letters; each once.
    pub sources: Vec<Source>,
    /// Files of other kinds that were passed over, counted by extension.
    pub ignored: std::collections::BTreeMap<String, usize>,
    /// Paths that could not be looked into, with the reason.
    pub problems: Vec<(String, String)>,
}

/// Finds the sources below some paths, as [`find`] does, and keeps them.
#[must_use]
pub fn walk(roots: &[PathBuf]) -> Walk {
    let mut walk = Walk::default();
    let mut seen = std::collections::HashSet::new();
    for found in find(roots) {
        match found {
            WalkEntry::Source(source) if seen.insert(source.key.clone()) => {
                walk.sources.push(source)
            }
            WalkEntry::Source(_) => {}
            WalkEntry::Ignored(kind) => *walk.ignored.entry(kind).or_default() += 1,
            WalkEntry::Problem(path, reason) => walk.problems.push((path, reason)),
        }
    }
    walk
}
