//! A file that is whole or not there: written beside its place, then renamed. Ctrl-C takes the
//! half-written file away.

use super::{Failure, INTERRUPTED};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 20;

/// A file in the making.
pub(super) struct Target {
    path: PathBuf,
    file: BufWriter<File>,
    overwrite: bool,
    /// The file that is written; none where a pipe or a device takes what comes.
    half: Option<PathBuf>,
}

/// The files that are there and half, with the names that they are to have.
static HALF: Mutex<Vec<(PathBuf, PathBuf)>> = Mutex::new(Vec::new());

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
        // A pipe or a device takes what comes, and is not to be replaced by a file.
        let special = there.as_ref().is_ok_and(|meta| !meta.is_file());
        let mut half = None;
        let file = if special {
            File::options().write(true).open(path)
        } else {
            if there.is_ok() && !overwrite {
                return Err(is_there(path));
            }
            let beside = beside(path);
            lock().push((beside.clone(), path.to_path_buf()));
            heed_interrupts();
            let file = File::create(&beside);
            half = Some(beside);
            file
        };
        let file = file.map_err(|e| {
            forget(half.as_deref());
            unwritable(path, &e)
        })?;
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
        let Some(beside) = self.half.take() else {
            return Ok(());
        };
        let mut all = lock();
        all.retain(|(half, _)| *half != beside);
        if !self.overwrite && self.path.exists() {
            let _ = std::fs::remove_file(beside);
            return Err(is_there(&self.path));
        }
        // On the disk before it has its name: a power cut leaves no empty file under it.
        let kept = self.file.get_ref().sync_all();
        let renamed = kept.and_then(|()| std::fs::rename(&beside, &self.path));
        renamed.map_err(|e| {
            let _ = std::fs::remove_file(&beside);
            unwritable(&self.path, &e)
        })
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
        forget(self.half.as_deref());
    }
}

/// Takes a half file away.
fn forget(half: Option<&Path>) {
    if let Some(beside) = half {
        lock().retain(|(half, _)| half != beside);
        let _ = std::fs::remove_file(beside);
    }
}

fn lock() -> MutexGuard<'static, Vec<(PathBuf, PathBuf)>> {
    HALF.lock().unwrap_or_else(PoisonError::into_inner)
}

fn heed_interrupts() {
    // One handler is enough for all files, and a library user may have one: then that one decides.
    let _ = ctrlc::set_handler(move || {
        // The lock is kept to the end: nothing is renamed any more.
        let mut all = lock();
        for (half, path) in all.drain(..) {
            let _ = std::fs::remove_file(half);
            say!("\nimr: stopped; {} was not written", path.display());
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

pub(super) fn is_there(path: &Path) -> Failure {
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
