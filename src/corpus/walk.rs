//! Finding sources: files named, folders walked.

use super::{Source, io_reason};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use walkdir::WalkDir;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Files that may hold a letter, by path.
    pub sources: Vec<Source>,
    /// Files of other kinds that were passed over, counted by extension.
    pub ignored: BTreeMap<String, usize>,
    /// What could not be looked into.
    pub problems: Vec<WalkProblem>,
}

/// A path that could not be looked into, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkProblem {
    /// The path.
    pub path: PathBuf,
    /// Completes the sentence "PATH ...".
    pub reason: String,
}

/// Finds the sources below some paths: folders recursively, in the order of their names, without
/// following links to folders; files as they are named. A path named twice is one source.
#[must_use]
pub fn walk(paths: &[PathBuf]) -> Walk {
    let mut found = Walk::default();
    for root in paths {
        let named_file = root.is_file();
        for entry in WalkDir::new(root).follow_links(false).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let reason = error.io_error().map_or_else(
                        || "leads back to itself".to_string(),
                        |e| format!("cannot be read: {}", io_reason(e)),
                    );
                    found.problems.push(WalkProblem { path, reason });
                    continue;
                }
            };
            let file_type = entry.file_type();
            if file_type.is_dir() {
                continue;
            }
            // A link to a file is that file; anything that is no file (a pipe, a device) is not
            // opened: reading it might never end.
            let Ok(meta) = std::fs::metadata(entry.path()) else {
                found.problems.push(WalkProblem {
                    path: entry.into_path(),
                    reason: "is a link that leads nowhere".to_string(),
                });
                continue;
            };
            if !meta.is_file() {
                if !meta.is_dir() {
                    found.problems.push(WalkProblem {
                        path: entry.into_path(),
                        reason: "is not a regular file".to_string(),
                    });
                }
                continue;
            }
            let extension = extension(entry.path());
            let is_letter = matches!(extension.as_str(), "pdf" | "txt" | "");
            let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
            if (!is_letter && !named_file) || hidden {
                let kind = if extension.is_empty() || hidden {
                    "hidden".to_string()
                } else {
                    format!(".{extension}")
                };
                *found.ignored.entry(kind).or_default() += 1;
                continue;
            }
            let modified = meta
                .modified()
                .ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .and_then(|since| i64::try_from(since.as_nanos()).ok())
                .unwrap_or(0);
            found.sources.push(Source {
                name: printable(entry.path()),
                size: meta.len(),
                modified,
                path: entry.into_path(),
            });
        }
    }
    let mut seen = std::collections::HashSet::new();
    found
        .sources
        .retain(|source| seen.insert(source.path.clone()));
    found
}

/// A path as text; bytes that are no UTF-8 as `\xff`, so that different files have different names.
fn printable(path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return text.to_string();
    }
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}
