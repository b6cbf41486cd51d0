//! What was made of a segment for one question is kept for the next: a segment never changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::SegmentReader;
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;

/// What is kept at most; more is of segments long merged away.
const MOST: usize = 256;

/// One thing for each segment and name.
pub(super) struct SegmentCache<T>(Mutex<HashMap<(SegmentId, &'static str), Arc<T>>>);

impl<T> Default for SegmentCache<T> {
    fn default() -> SegmentCache<T> {
        SegmentCache(Mutex::default())
    }
}

impl<T> SegmentCache<T> {
    /// What is kept of a segment under a name, made where it is not yet.
    ///
    /// # Errors
    /// As `make`.
    pub(super) fn of(
        &self,
        reader: &SegmentReader,
        name: &'static str,
        make: impl FnOnce() -> tantivy::Result<T>,
    ) -> tantivy::Result<Arc<T>> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (reader.segment_id(), name);
        if let Some(found) = kept().get(&key) {
            return Ok(Arc::clone(found));
        }
        // Made outside the lock: others go on meanwhile.
        let made = Arc::new(make()?);
        let mut kept = kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        Ok(Arc::clone(kept.entry(key).or_insert(made)))
    }
}

/// The columns of segments, by field.
#[derive(Default)]
pub(super) struct ColumnCache {
    numbers: SegmentCache<Column<u64>>,
    texts: SegmentCache<Option<StrColumn>>,
}

impl ColumnCache {
    /// A column of numbers.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn numbers(
        &self,
        reader: &SegmentReader,
        field: &'static str,
    ) -> tantivy::Result<Arc<Column<u64>>> {
        let open = || reader.fast_fields().u64(field);
        self.numbers.of(reader, field, open)
    }

    /// A column of texts; None where no document has any.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn texts(
        &self,
        reader: &SegmentReader,
        field: &'static str,
    ) -> tantivy::Result<Arc<Option<StrColumn>>> {
        let open = || reader.fast_fields().str(field);
        self.texts.of(reader, field, open)
    }
}
