//! What was made of a segment for one question is kept for the next: a segment never changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

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

/// What was made of one state of an index for one question is kept for the next, until a commit.
pub(super) struct GenerationCache<K, V>(Mutex<(u64, HashMap<K, Arc<V>>)>);

impl<K, V> Default for GenerationCache<K, V> {
    fn default() -> GenerationCache<K, V> {
        GenerationCache(Mutex::default())
    }
}

impl<K: Eq + Hash, V> GenerationCache<K, V> {
    /// What is kept under a name, made where it is not yet; of all that is made only what is `worth` it
    /// is kept.
    pub(super) fn of(
        &self,
        searcher: &Searcher,
        name: K,
        make: impl FnOnce(&K) -> V,
        worth: impl FnOnce(&V) -> bool,
    ) -> Arc<V> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = searcher.generation().generation_id();
        {
            let (of, by_name) = &mut *kept();
            if *of != generation || by_name.len() >= MOST {
                *of = generation;
                by_name.clear();
            }
            if let Some(found) = by_name.get(&name) {
                return Arc::clone(found);
            }
        }
        let made = Arc::new(make(&name));
        let (of, by_name) = &mut *kept();
        // Another question may have gone on to a later state meanwhile.
        if *of == generation && worth(&made) {
            by_name.insert(name, Arc::clone(&made));
        }
        made
    }
}
