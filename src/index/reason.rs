//! What the engine's and the system's errors mean, in words for people: theirs are for programmers.

use crate::corpus::io_reason;
use std::io::{self, ErrorKind};
use std::path::Path;
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// An error that can be said to people, as a clause.
pub(crate) trait Reason {
    /// The clause.
    fn reason(&self) -> String;

    /// Whether files are not as they were written; else the system did not let them be read.
    fn is_damage(&self) -> bool {
        true
    }
}

impl Reason for str {
    fn reason(&self) -> String {
        self.to_string()
    }
}

impl Reason for &str {
    fn reason(&self) -> String {
        (*self).to_string()
    }
}

impl Reason for String {
    fn reason(&self) -> String {
        self.clone()
    }
}

impl Reason for io::Error {
    fn reason(&self) -> String {
        // What the engine did not understand of a file.
        if self.is_damage() {
            return DAMAGED.to_string();
        }
        io_reason(self)
    }

    fn is_damage(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof
        )
    }
}

impl Reason for TantivyError {
    fn reason(&self) -> String {
        match self {
            TantivyError::OpenReadError(error) => error.reason(),
            TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })
            | TantivyError::LockFailure(LockError::IoError(io_error), _)
            | TantivyError::IoError(io_error) => io_error.reason(),
            TantivyError::OpenWriteError(OpenWriteError::FileAlreadyExists(path)) => {
                format!("its file {} already exists", path.display())
            }
            TantivyError::OpenDirectoryError(error) => error.reason(),
            TantivyError::SystemError(_) => NO_THREAD.to_string(),
            TantivyError::ErrorInThread(_) | TantivyError::Poisoned => {
                "a thread that writes it failed".to_string()
            }
            TantivyError::LockFailure(LockError::LockBusy, _) => {
                "another imr process is writing to it".to_string()
            }
            _ => DAMAGED.to_string(),
        }
    }

    fn is_damage(&self) -> bool {
        match self {
            TantivyError::OpenReadError(error) => error.is_damage(),
            TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })
            | TantivyError::LockFailure(LockError::IoError(io_error), _)
            | TantivyError::IoError(io_error) => io_error.is_damage(),
            TantivyError::OpenDirectoryError(error) => error.is_damage(),
            TantivyError::SystemError(_) => false,
            _ => true,
        }
    }
}

impl Reason for rayon::ThreadPoolBuildError {
    fn reason(&self) -> String {
        NO_THREAD.to_string()
    }

    fn is_damage(&self) -> bool {
        false
    }
}

impl Reason for OpenReadError {
    fn reason(&self) -> String {
        match self {
            OpenReadError::FileDoesNotExist(path) => {
                format!("its file {} is missing", path.display())
            }
            OpenReadError::IoError { io_error, filepath } => of_file(filepath, io_error),
            OpenReadError::IncompatibleIndex(_) => DAMAGED.to_string(),
        }
    }

    fn is_damage(&self) -> bool {
        match self {
            OpenReadError::IoError { io_error, .. } => io_error.is_damage(),
            OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_) => true,
        }
    }
}

impl Reason for OpenDirectoryError {
    fn reason(&self) -> String {
        let folder = |path: &Path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        };
        match self {
            OpenDirectoryError::DoesNotExist(path) => {
                format!("its folder {} is missing", folder(path))
            }
            OpenDirectoryError::NotADirectory(path) => format!("{} is not a folder", folder(path)),
            OpenDirectoryError::FailedToCreateTempDir(error) => error.reason(),
            OpenDirectoryError::IoError { io_error, .. } => io_error.reason(),
        }
    }

    fn is_damage(&self) -> bool {
        match self {
            OpenDirectoryError::DoesNotExist(_) | OpenDirectoryError::NotADirectory(_) => true,
            OpenDirectoryError::FailedToCreateTempDir(error)
            | OpenDirectoryError::IoError {
                io_error: error, ..
            } => error.is_damage(),
        }
    }
}

const DAMAGED: &str = "its files are damaged";
const NO_THREAD: &str = "no thread can be started";

fn of_file(path: &Path, error: &io::Error) -> String {
    let name = path.display();
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => format!("its file {name} is damaged"),
        _ => format!("its file {name} cannot be read: {}", io_reason(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::sync::Arc;

    #[test]
    fn no_reason_has_words_of_a_programming_language() {
        let io = |error: io::Error| OpenReadError::IoError {
            io_error: Arc::new(error),
            filepath: PathBuf::from("a.term"),
        };
        let engine: [(TantivyError, &str); 6] = [
            (
                io(io::Error::new(
                    ErrorKind::InvalidData,
                    "missing field `crc`",
                ))
                .into(),
                "its file a.term is damaged",
            ),
            (
                io(io::Error::from_raw_os_error(13)).into(),
                "its file a.term cannot be read: permission denied",
            ),
            (
                OpenReadError::FileDoesNotExist(PathBuf::from("a.idx")).into(),
                "its file a.idx is missing",
            ),
            (
                OpenDirectoryError::DoesNotExist(PathBuf::from("/x/generation-2")).into(),
                "its folder generation-2 is missing",
            ),
            (
                io::Error::from_raw_os_error(28).into(),
                "no space left on device",
            ),
            (TantivyError::InternalError("Some(3)".into()), DAMAGED),
        ];
        for (error, reason) in engine {
            assert_eq!(error.reason(), reason);
        }
    }
}
