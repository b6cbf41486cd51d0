//! tantivy's directory, but for two things.
//!
//! An index on a disk that cannot be written can be searched: a reader takes a lock so that no writer
//! removes files under its hands, and where the lock's file cannot be made there is no writer either.
//!
//! Why writing failed is remembered: tantivy's threads only tell that something did.
//!
//! The file that lists the segments, `meta.json`, gets a checksum, and its folder is synced once it is renamed: a commit
//! lasts when the call comes back.

use super::manifest::LOCK;
use super::reason::Reason;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

/// Why writing failed for the first time, if it did.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstWriteError(Arc<Mutex<Option<String>>>);

impl FirstWriteError {
    fn note(&self, error: &io::Error) {
        if let Ok(mut first) = self.0.lock() {
            first.get_or_insert_with(|| crate::corpus::io_reason(error));
        }
    }

    /// The reason.
    pub(super) fn reason(&self) -> Option<String> {
        self.0.lock().ok()?.clone()
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct IndexDirectory {
    files: MmapDirectory,
    trouble: FirstWriteError,
    /// Whether `meta.json` must have a checksum; indexes of other formats may have none.
    checked: bool,
}

impl IndexDirectory {
    /// The files of a folder.
    pub(super) fn new(files: MmapDirectory, trouble: FirstWriteError) -> IndexDirectory {
        IndexDirectory {
            files,
            trouble,
            checked: true,
        }
    }

    /// The files of a folder of whatever format.
    pub(super) fn of_any_format(files: MmapDirectory) -> IndexDirectory {
        IndexDirectory {
            files,
            trouble: FirstWriteError::default(),
            checked: false,
        }
    }
}

/// A file that is being written.
struct OpenFile {
    file: WritePtr,
    trouble: FirstWriteError,
}

impl OpenFile {
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.trouble.note(error))
    }
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.noted(flushed)
    }
}

impl TerminatingWrite for OpenFile {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let ended = self.file.terminate_ref(token);
        self.noted(ended)
    }
}

impl Directory for IndexDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = self.files.open_write(path).inspect_err(|error| {
            if let OpenWriteError::IoError { io_error, .. } = error {
                self.trouble.note(io_error);
            }
        })?;
        let trouble = self.trouble.clone();
        // The file within has a buffer of its own.
        let written: Box<dyn TerminatingWrite + Send + Sync> = Box::new(OpenFile { file, trouble });
        Ok(BufWriter::with_capacity(0, written))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = self.files.atomic_read(path)?;
        if path != Path::new(META) {
            return Ok(read);
        }
        without_checksum(&read, self.checked).ok_or_else(|| {
            let error = io::Error::new(ErrorKind::InvalidData, "meta.json is damaged");
            OpenReadError::wrap_io_error(error, path.to_path_buf())
        })
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let written = if path == Path::new(META) {
            let written = self.files.atomic_write(path, &with_checksum(data));
            written.and_then(|()| self.files.sync_directory())
        } else {
            self.files.atomic_write(path, data)
        };
        written.inspect_err(|error| self.trouble.note(error))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.files.acquire_lock(lock) {
            Err(LockError::IoError(error))
                if lock.filepath == META_LOCK.filepath && cannot_write(&error) =>
            {
                Ok(DirectoryLock::from(Box::new(())))
            }
            taken => taken,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

/// The file that lists the segments.
const META: &str = "meta.json";
/// How it begins; the digest and two more bytes follow.
const CHECKSUM: &[u8] = b"{\"imr_checksum\": \"";
/// Bytes of the digest, in hexadecimal.
const DIGEST: usize = 64;

/// The object's first key is the digest of the rest.
fn with_checksum(object: &[u8]) -> Vec<u8> {
    let rest = object.strip_prefix(b"{").unwrap_or(object);
    let digest = blake3::hash(rest).to_hex();
    [CHECKSUM, digest.as_bytes(), b"\",", rest].concat()
}

/// The object as it was; none if it has another checksum, or none though it must.
fn without_checksum(object: &[u8], checked: bool) -> Option<Vec<u8>> {
    let Some(digest_and_rest) = object.strip_prefix(CHECKSUM) else {
        return (!checked).then(|| object.to_vec());
    };
    let (digest, rest) = digest_and_rest.split_at_checked(DIGEST)?;
    let rest = rest.strip_prefix(b"\",")?;
    (!checked || digest == blake3::hash(rest).to_hex().as_bytes()).then(|| [b"{", rest].concat())
}

/// Takes the lock of those who write to the index in a folder. The system lets go of it when its
/// process ends, however it ends.
///
/// # Errors
/// `None` if another process has it, else why it cannot be taken.
pub(super) fn lock_writers(folder: &Path) -> Result<DirectoryLock, Option<String>> {
    let lock = Lock {
        filepath: PathBuf::from(LOCK),
        is_blocking: false,
    };
    let directory = MmapDirectory::open(folder).map_err(|e| Some(e.reason()))?;
    directory.acquire_lock(&lock).map_err(|e| match e {
        LockError::LockBusy => None,
        LockError::IoError(error) => Some(crate::corpus::io_reason(&error)),
    })
}

/// Waits until nobody is opening the files of a generation, and keeps others from it.
pub(super) fn lock_readers(folder: &Path) -> Option<DirectoryLock> {
    MmapDirectory::open(folder)
        .ok()?
        .acquire_lock(&META_LOCK)
        .ok()
}

fn cannot_write(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_of_the_list_of_segments_is_found() {
        let object = b"{\n  \"opstamp\": 7,\n  \"segments\": []\n}\n";
        let written = with_checksum(object);
        let json: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(json["opstamp"], 7);
        assert_eq!(without_checksum(&written, true).unwrap(), object);
        for at in 0..written.len() {
            for bit in 0..8 {
                let mut damaged = written.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(without_checksum(&damaged, true), None, "byte {at}");
            }
        }
        assert_eq!(without_checksum(object, false).unwrap(), object);
    }
}
