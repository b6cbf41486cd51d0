//! Whether the files of an index are as they were written.

use super::directory::{FirstWriteError, IndexDirectory};
use super::manifest::{MANIFEST, Manifest};
use super::reason::Reason;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use tantivy::directory::{Directory, MmapDirectory};
use tantivy::index::SegmentComponent;

/// The files of an index's segments.
pub(super) fn files(index: &tantivy::Index) -> tantivy::Result<BTreeSet<PathBuf>> {
    let mut paths = BTreeSet::new();
    for meta in &index.load_metas()?.segments {
        for component in [
            SegmentComponent::Postings,
            SegmentComponent::Positions,
            SegmentComponent::Terms,
            SegmentComponent::Store,
            SegmentComponent::FastFields,
            SegmentComponent::FieldNorms,
            SegmentComponent::Delete,
        ] {
            let deletes = matches!(component, SegmentComponent::Delete);
            if !deletes || meta.has_deletes() {
                paths.insert(meta.relative_path(component));
            }
        }
    }
    Ok(paths)
}

/// What is wrong with a file.
pub(super) struct FileFault {
    pub reason: String,
    is_damage: bool,
}

impl Reason for FileFault {
    fn reason(&self) -> String {
        self.reason.clone()
    }

    fn is_damage(&self) -> bool {
        self.is_damage
    }
}

/// What is wrong with a file; none if it is as it was written.
pub(super) fn fault(index: &tantivy::Index, path: &Path) -> Option<FileFault> {
    let directory = index.directory();
    let name = path.display();
    let damaged = |reason: String| {
        Some(FileFault {
            reason,
            is_damage: true,
        })
    };
    if !directory.exists(path).unwrap_or(true) {
        return damaged(format!("its file {name} is missing"));
    }
    // A damaged end may make the engine panic.
    let compared = catch_unwind(AssertUnwindSafe(|| directory.validate_checksum(path)));
    match compared {
        Ok(Ok(true)) => None,
        Ok(Ok(false)) => damaged(format!("its file {name} is damaged: the checksum differs")),
        Ok(Err(error)) => Some(FileFault {
            reason: error.reason(),
            is_damage: error.is_damage(),
        }),
        Err(_) => damaged(format!("its file {name} is damaged")),
    }
}

/// What is wrong with the first damaged file of a generation that cannot be opened, where that can be told.
pub(super) fn first_damage(folder: &Path) -> Option<String> {
    let directory = MmapDirectory::open(folder).ok()?;
    let directory = IndexDirectory::new(directory, FirstWriteError::default());
    let index = tantivy::Index::open(directory).ok()?;
    let files = files(&index).ok()?;
    let faults = files.iter().filter_map(|path| fault(&index, path));
    let mut damaged = faults.filter(FileFault::is_damage);
    damaged.next().map(|fault| fault.reason)
}

/// What is wrong with the first damaged file of the index in a folder; none if all files are as they were written, or
/// that cannot be told.
#[must_use]
pub fn damaged_file(path: &Path) -> Option<String> {
    let manifest = Manifest::read(path, MANIFEST).ok()?;
    first_damage(&path.join(manifest.generation))
}
