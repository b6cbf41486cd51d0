//! Why an index cannot be used.

use std::path::{Path, PathBuf};

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// Nothing is there.
    #[error("there is no index at {0}")]
    Missing(PathBuf),
    /// A folder of something else.
    #[error("{0} is not an imr index")]
    NotAnIndex(PathBuf),
    /// Made by another version.
    #[error("the index at {path} was made by imr {version} in another format")]
    OtherFormat {
        /// Where it is.
        path: PathBuf,
        /// What made it.
        version: String,
    },
    /// Another process writes to it.
    #[error("another imr process is writing to the index at {0}; wait until it ends")]
    Locked(PathBuf),
    /// The index's files are damaged.
    #[error("the index at {path} cannot be used: {}", brief(.reason))]
    Broken {
        /// Where it is.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The system does not let imr read the index's files.
    #[error("the index at {path} cannot be read: {}", brief(.reason))]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The index's files cannot be written: the disk is full, or the right to write is gone.
    #[error("the index at {path} cannot be written: {}; what was committed is safe; run the same command to resume", brief(.reason))]
    CannotWrite {
        /// Where it is.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A rebuild put another in its place.
    #[error("the index at {0} was rebuilt meanwhile: run the same command again")]
    Replaced(PathBuf),
    /// A rebuild would lose letters.
    #[error("the index at {path} has {count} that {are} not in the corpus (first: {first})", count = letters_elsewhere(*.count), are = if *.count == 1 { "is" } else { "are" })]
    WouldLose {
        /// Where it is.
        path: PathBuf,
        /// Sources that hold a letter and would not be in the new index.
        count: usize,
        /// One of them.
        first: String,
    },
    /// A rebuild cannot tell what it would lose.
    #[error("the index at {path} cannot be read ({}), so imr cannot check that the corpus has all of its letters; the old index was kept", brief(.reason))]
    Unverifiable {
        /// Where it is.
        path: PathBuf,
        /// Why it cannot be read.
        reason: String,
    },
    /// A file of the index cannot be written or read.
    #[error("{path}: {reason}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
}

/// The first clause of a library's reason.
fn brief(reason: &str) -> String {
    let first = reason.lines().next().unwrap_or("no reason given");
    first.chars().take(160).collect()
}

fn letters_elsewhere(count: usize) -> String {
    if count == 1 {
        "1 source".to_string()
    } else {
        format!("{count} sources")
    }
}

pub(super) fn io(path: &Path, error: &std::io::Error) -> IndexError {
    IndexError::Io {
        path: path.to_path_buf(),
        reason: crate::corpus::io_reason(error),
    }
}
