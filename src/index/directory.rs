//! tantivy's directory, but for one thing: an index on a disk that cannot be written can be searched.
//!
//! A reader takes a lock so that no writer removes files under its hands. Where the lock's file
//! cannot be made there is no writer either.

use super::manifest::LOCK;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

/// See the module.
#[derive(Clone, Debug)]
pub struct IndexDirectory(pub MmapDirectory);

impl Directory for IndexDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.0.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.0.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.0.acquire_lock(lock) {
            Err(LockError::IoError(error))
                if lock.filepath == META_LOCK.filepath && cannot_write(&error) =>
            {
                Ok(DirectoryLock::from(Box::new(())))
            }
            taken => taken,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

/// Takes the lock of those who write to the index in a folder. The system lets go of it when its
/// process ends, however it ends.
///
/// # Errors
/// `None` if another process has it, else why it cannot be taken.
pub fn lock_writers(folder: &Path) -> Result<DirectoryLock, Option<String>> {
    let lock = Lock {
        filepath: PathBuf::from(LOCK),
        is_blocking: false,
    };
    let directory = MmapDirectory::open(folder).map_err(|e| Some(e.to_string()))?;
    directory.acquire_lock(&lock).map_err(|e| match e {
        LockError::LockBusy => None,
        LockError::IoError(error) => Some(crate::corpus::io_reason(&error)),
    })
}

/// Waits until nobody is opening the files of a generation, and keeps others from it.
pub fn lock_readers(folder: &Path) -> Option<DirectoryLock> {
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
