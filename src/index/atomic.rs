//! Small files that are as before or as after, whatever happens.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes a small file beside its place and renames it: it is as before or as after, whatever happens.
pub(super) fn write_beside(folder: &Path, file: &str, bytes: &[u8]) -> std::io::Result<()> {
    let beside = folder.join(format!("{file}.new"));
    let mut out = fs::File::create(&beside)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&beside, folder.join(file))?;
    sync_folder(folder);
    Ok(())
}

/// Makes a renaming last; where the system cannot, it lasts as it can.
pub(super) fn sync_folder(path: &Path) {
    if let Ok(folder) = fs::File::open(path) {
        let _ = folder.sync_all();
    }
}
