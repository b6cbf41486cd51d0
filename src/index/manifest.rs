//! `imr.json`: which program and format made an index, and in which folder below it its files are
//! (the *generation*). A rebuild makes a new generation beside, and swaps by renaming this one small
//! file.

use super::FORMAT;
use super::atomic::write_beside;
use super::error::{IndexError, io};
use super::known_phrases;
use super::schema;
use crate::corpus::OCR_FOLDER;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The manifest of an index.
pub(super) const MANIFEST: &str = "imr.json";
/// The manifest of an index that is being built beside another.
pub(super) const REBUILD: &str = "imr.rebuild.json";
/// The lock of those who write.
pub(super) const LOCK: &str = "imr.lock";
const GENERATION: &str = "generation-";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u32,
    pub schema: String,
    pub imr: String,
    pub generation: String,
    /// Digest of the phrases that are indexed as one token.
    #[serde(default)]
    pub phrases: String,
    /// Digest of all else; empty while it is taken.
    #[serde(default)]
    pub checksum: String,
    /// Of a rebuild: what it is built from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corpus: Vec<PathBuf>,
}

impl Manifest {
    /// The manifest of this program for a generation.
    pub(super) fn new(generation: &str) -> Manifest {
        Manifest {
            format: FORMAT,
            schema: schema::schema_digest(),
            imr: env!("CARGO_PKG_VERSION").to_string(),
            generation: generation.to_string(),
            phrases: known_phrases::digest(),
            checksum: String::new(),
            corpus: Vec::new(),
        }
    }

    /// Whether the phrases that this program knows are tokens in the index.
    pub(super) fn knows_phrases(&self) -> bool {
        self.phrases == known_phrases::digest()
    }

    /// Reads the manifest of an index, of whatever format.
    pub(super) fn read(path: &Path, file: &str) -> Result<Manifest, IndexError> {
        let file = path.join(file);
        let broken = |reason: &dyn std::fmt::Display| IndexError::Broken {
            path: path.to_path_buf(),
            reason: format!("{MANIFEST} {reason}"),
        };
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                let is_main = file == path.join(MANIFEST);
                return Err(if path.is_file() || holds_other_files(path) {
                    IndexError::NotAnIndex(path.to_path_buf())
                } else if is_main && let Some(generation) = lost_generation(path) {
                    broken(&format!("is missing, though {generation} holds letters"))
                } else {
                    IndexError::Missing(path.to_path_buf())
                });
            }
            Err(e) if e.kind() == ErrorKind::InvalidData => return Err(broken(&"is not text")),
            Err(e) => return Err(io(&file, &e)),
        };
        let manifest = serde_json::from_str(&text);
        let manifest: Manifest =
            manifest.map_err(|e| broken(&format!("is damaged in line {}", e.line())))?;
        let folder = Path::new(&manifest.generation);
        if folder.components().count() != 1 || folder.is_absolute() || manifest.generation == ".." {
            return Err(broken(&"names a folder that is not in the index"));
        }
        Ok(manifest)
    }

    /// Refuses what another format made, and what is not as it was written.
    pub(super) fn check(&self, path: &Path) -> Result<(), IndexError> {
        if self.format == FORMAT && self.schema == schema::schema_digest() {
            if self.checksum == self.digest() {
                return Ok(());
            }
            return Err(IndexError::Broken {
                path: path.to_path_buf(),
                reason: format!("{MANIFEST} is damaged: the checksum differs"),
            });
        }
        Err(IndexError::OtherFormat {
            path: path.to_path_buf(),
            version: self.imr.clone(),
        })
    }

    /// Of all but the checksum.
    fn digest(&self) -> String {
        let bare = Manifest {
            checksum: String::new(),
            ..self.clone()
        };
        let bytes = serde_json::to_vec(&bare).unwrap_or_default();
        blake3::hash(&bytes).to_hex().to_string()
    }

    /// Writes it; the index is either as before or as after.
    pub(super) fn write(&self, path: &Path, file: &str) -> Result<(), IndexError> {
        let with_checksum = Manifest {
            checksum: self.digest(),
            ..self.clone()
        };
        let text = serde_json::to_string_pretty(&with_checksum).unwrap_or_default() + "\n";
        write_beside(path, file, text.as_bytes()).map_err(|e| io(&path.join(file), &e))
    }
}

/// Whether a folder's or file's name is one that an index gives.
fn is_ours(name: &str) -> bool {
    let plain = name.strip_suffix(".new").unwrap_or(name);
    matches!(plain, MANIFEST | REBUILD | LOCK | OCR_FOLDER) || name.starts_with(GENERATION)
}

/// Whether a folder holds anything but what an unfinished first run leaves.
fn holds_other_files(path: &Path) -> bool {
    let other = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| !entry.file_name().to_str().is_some_and(is_ours))
    };
    path.read_dir().is_ok_and(|mut entries| entries.any(other))
}

/// The generations that lie in an index's folder, with their numbers.
pub(super) fn generations(path: &Path) -> Vec<(u64, String)> {
    let Ok(entries) = path.read_dir() else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let number = name.strip_prefix(GENERATION)?.parse().ok()?;
            Some((number, name))
        })
        .collect()
}

/// A generation that holds letters and was not begun by a rebuild that goes on: what is left of an index whose
/// manifest is gone.
fn lost_generation(path: &Path) -> Option<String> {
    let rebuild = Manifest::read(path, REBUILD).ok();
    let rebuild = rebuild.filter(|manifest| !manifest.corpus.is_empty());
    let begun = |name: &String| rebuild.as_ref().is_some_and(|r| r.generation == *name);
    let names = generations(path).into_iter().map(|(_, name)| name);
    let mut lost = names.filter(|name| !begun(name) && holds_segments(&path.join(name)));
    lost.next()
}

/// Whether a generation's folder holds a segment. One that was only created does not.
fn holds_segments(folder: &Path) -> bool {
    let is_segment = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| {
            let path = PathBuf::from(entry.file_name());
            path.extension().is_some_and(|e| e == "store" || e == "idx")
        })
    };
    folder
        .read_dir()
        .is_ok_and(|mut files| files.any(is_segment))
}

/// The name of the generation after all that are there.
pub(super) fn next_generation(path: &Path) -> String {
    let last = generations(path).iter().map(|(n, _)| *n).max();
    generation(last.unwrap_or(0).saturating_add(1))
}

/// The name of a generation.
fn generation(number: u64) -> String {
    format!("{GENERATION}{number}")
}
