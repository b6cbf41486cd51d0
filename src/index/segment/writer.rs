//! Whoever makes segments out of documents.

use super::super::document::Document;
use tantivy::index::SegmentMeta;

/// Makes segments, one at a time.
///
/// **Invariant: whoever makes it, the files of a segment are the same to the byte**, but for what is kept of documents. The
/// reference is tantivy's own writer of documents; `tests.rs` compares.
pub(in crate::index) trait SegmentWriter: Send {
    /// Adds a document. What must stand side by side in one segment is added one after the other.
    ///
    /// # Errors
    /// If the index's files cannot be written.
    fn add(&mut self, document: &Document) -> tantivy::Result<()>;

    /// From now on a segment takes so many bytes of memory, as long as that is possible.
    fn limit(&mut self, memory: usize);

    /// Whether the segment should be finished.
    fn is_full(&self) -> bool;

    /// Writes the segment, if there is one, and begins anew with the next document. The segment is kept
    /// from being cleared away as long as what is returned lives.
    ///
    /// # Errors
    /// If the index's files cannot be written.
    fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>>;
}
