//! Whether an open index is still what stands on the disk: for a program that lives longer than a
//! commit.

use super::error::IndexError;
use super::manifest::{MANIFEST, Manifest};
use super::store::Index;

/// A digest of the file that lists an index's segments; None where it cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexVersion(Option<[u8; 32]>);

impl Index {
    /// When something was last committed; None where the system does not say.
    #[must_use]
    pub fn committed(&self) -> Option<std::time::SystemTime> {
        let file = self.path.join(&self.generation).join("meta.json");
        std::fs::metadata(file).ok()?.modified().ok()
    }

    /// Changes with every commit.
    #[must_use]
    pub fn version(&self) -> IndexVersion {
        let file = self.path.join(&self.generation).join("meta.json");
        let bytes = std::fs::read(file).ok();
        IndexVersion(bytes.map(|bytes| *blake3::hash(&bytes).as_bytes()))
    }

    /// Whether a rebuild put another index in this one's place.
    ///
    /// # Errors
    /// If there is no index any more.
    pub fn is_replaced(&self) -> Result<bool, IndexError> {
        Ok(Manifest::read(&self.path, MANIFEST)?.generation != self.generation)
    }
}
