//! A file that is whole or not there: written beside its place, then renamed. Ctrl-C takes the
//! half-written file away.

use super::{Failure, INTERRUPTED};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 20;

/// A file in the making.
pub(super) struct Target {
    path: PathBuf,
    file: BufWriter<File>,
    overwrite: bool,
    /// The file beside, as long as it is there and half.
    half: Arc<Mutex<Option<PathBuf>>>,
}

impl Target {
    /// Begins a file.
    ///
    /// # Errors
    /// If something of that name is there and is not to be overwritten, or no file can be made
    /// there.
    pub(super) fn create(path: &Path, overwrite: bool) -> Result<Target, Failure> {
        let there = std::fs::metadata(path);
        if there.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
            let path = path.display();
            return Err(Failure::Other(format!("{path} is a folder, not a file")));
        }
        let half = Arc::new(Mutex::new(None));
        // A pipe or a device takes what comes, and is not to be replaced by a file.
        let special = there.as_ref().is_ok_and(|meta| !meta.is_file());
        let file = if special {
            File::options().write(true).open(path)
        } else {
            if there.is_ok() && !overwrite {
                return Err(is_there(path));
            }
            let beside = beside(path);
            *lock(&half) = Some(beside.clone());
            heed_interrupts(path, Arc::clone(&half));
            File::create(&beside)
        };
        let file = file.map_err(|e| unwritable(path, &e))?;
        Ok(Target {
            path: path.to_path_buf(),
            file: BufWriter::with_capacity(BUFFER, file),
            overwrite,
            half,
        })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be written to its end, or another program made one of that name meanwhile.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|e| unwritable(&self.path, &e))?;
        let mut half = lock(&self.half);
        let Some(beside) = half.as_ref() else {
            return Ok(());
        };
        if !self.overwrite && self.path.exists() {
            return Err(is_there(&self.path));
        }
        // On the disk before it has its name: a power cut leaves no empty file under it.
        let kept = self.file.get_ref().sync_all();
        kept.and_then(|()| std::fs::rename(beside, &self.path))
            .map_err(|e| unwritable(&self.path, &e))?;
        *half = None;
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What was not finished is taken away.
impl Drop for Target {
    fn drop(&mut self) {
        remove(&mut lock(&self.half));
    }
}

fn remove(half: &mut Option<PathBuf>) {
    if let Some(beside) = half.take() {
        let _ = std::fs::remove_file(beside);
    }
}

fn lock(half: &Mutex<Option<PathBuf>>) -> MutexGuard<'_, Option<PathBuf>> {
    half.lock().unwrap_or_else(PoisonError::into_inner)
}

fn heed_interrupts(path: &Path, half: Arc<Mutex<Option<PathBuf>>>) {
    let path = path.display().to_string();
    // A library user may have a handler of its own; then that one decides.
    let _ = ctrlc::set_handler(move || {
        // The lock is kept to the end: nothing is renamed any more.
        let mut half = lock(&half);
        if half.is_some() {
            remove(&mut half);
            say!("\nimr: stopped; {path} was not written");
        }
        std::process::exit(i32::from(INTERRUPTED));
    });
}

fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

fn is_there(path: &Path) -> Failure {
    let path = path.display();
    Failure::Other(format!(
        "{path} already exists; use --force to overwrite it"
    ))
}

/// A file that cannot be written, as a failure.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Other(format!(
        "{} cannot be written: {}",
        path.display(),
        crate::corpus::io_reason(error)
    ))
}
