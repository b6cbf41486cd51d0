//! Merging the segments of an index whose corpus is finished.

use super::error::IndexError;
use super::store::Index;
use std::cmp::Reverse;
use tantivy::index::SegmentId;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, TantivyDocument};

/// Memory of the writer, which writes nothing but merges; the least that the engine allows.
const WRITER: usize = 16 << 20;

/// What a merge came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Optimized {
    /// Segments before.
    pub before: usize,
    /// Segments after.
    pub after: usize,
}

/// Merges the segments of an index into at most so many of about the same size. A search walks
/// segments side by side, so as many as the machine has cores serve it best. What was deleted goes.
/// Searches go on meanwhile; ended early, the index is as before.
///
/// # Errors
/// If another process writes to the index, or its files cannot be read or written.
pub fn optimize(index: &Index, segments: usize) -> Result<Optimized, IndexError> {
    let _lock = index.lock_for_writing()?;
    let searcher = index.reader.searcher();
    let sizes: Vec<(SegmentId, u32, bool)> = searcher
        .segment_readers()
        .iter()
        .map(|s| (s.segment_id(), s.num_docs(), s.has_deletes()))
        .collect();
    drop(searcher);
    let before = sizes.len();
    let groups: Vec<Vec<SegmentId>> = groups(sizes, segments.max(1));
    let failed = |e: tantivy::TantivyError| index.cannot_write(&e);
    if !groups.is_empty() {
        let mut writer: IndexWriter<TantivyDocument> = index
            .tantivy
            .writer_with_num_threads(1, WRITER)
            .map_err(failed)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        // Side by side: each group is merged by itself.
        let merges: Vec<_> = groups.iter().map(|group| writer.merge(group)).collect();
        // All of them end before anything else happens: what one that fails leaves can only be removed then.
        let ended = merges.into_iter().map(|merge| merge.wait().map(|_| ()));
        let ended: Vec<tantivy::Result<()>> = ended.collect();
        if let Some(error) = ended.into_iter().find_map(Result::err) {
            let _ = writer.garbage_collect_files().wait();
            drop(writer);
            remove_leftovers(index);
            return Err(failed(error));
        }
        writer.garbage_collect_files().wait().map_err(failed)?;
        writer.wait_merging_threads().map_err(failed)?;
    }
    index.reload()?;
    let after = index.reader.searcher().segment_readers().len();
    Ok(Optimized { before, after })
}

/// Removes files that belong to no segment: a writer that failed cannot.
fn remove_leftovers(index: &Index) {
    let writer = index.tantivy.writer_with_num_threads(1, WRITER);
    if let Ok(writer) = writer as tantivy::Result<IndexWriter<TantivyDocument>> {
        let _ = writer.garbage_collect_files().wait();
    }
}

/// Divides segments (documents, and whether any is deleted) into so many groups of about the same
/// size; those that need no merge are left out.
fn groups(mut sizes: Vec<(SegmentId, u32, bool)>, count: usize) -> Vec<Vec<SegmentId>> {
    let count = count.min(sizes.len());
    sizes.sort_by_key(|(id, documents, _)| (Reverse(*documents), *id));
    let mut groups: Vec<(u64, bool, Vec<SegmentId>)> = vec![(0, false, Vec::new()); count];
    for (id, documents, deletes) in sizes {
        // The smallest so far takes the next; of equal ones the first.
        let Some(group) = groups.iter_mut().min_by_key(|(size, _, _)| *size) else {
            break;
        };
        group.0 += u64::from(documents);
        group.1 |= deletes;
        group.2.push(id);
    }
    groups
        .into_iter()
        .filter(|(_, deletes, group)| group.len() > 1 || *deletes)
        .map(|(_, _, group)| group)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_of_about_the_same_size() {
        let ids: Vec<SegmentId> = (0..6).map(|_| SegmentId::generate_random()).collect();
        let sizes = [100, 90, 20, 10, 5, 5];
        let segments = ids.iter().zip(sizes).map(|(id, n)| (*id, n, false));
        let groups = groups(segments.collect(), 2);
        assert_eq!(groups.len(), 2);
        let size = |group: &Vec<SegmentId>| -> u32 {
            let of = |id: &SegmentId| sizes[ids.iter().position(|i| i == id).unwrap()];
            group.iter().map(of).sum()
        };
        assert!(size(&groups[0]).abs_diff(size(&groups[1])) <= 10);
    }

    #[test]
    fn more_groups_than_segments_take_no_memory() {
        let one = vec![(SegmentId::generate_random(), 9, true)];
        assert_eq!(groups(one, usize::MAX).len(), 1);
        assert!(groups(Vec::new(), usize::MAX).is_empty());
    }

    #[test]
    fn what_needs_no_merge_is_left() {
        let one = || vec![(SegmentId::generate_random(), 9, false)];
        assert!(groups(one(), 1).is_empty());
        let deleted = vec![(SegmentId::generate_random(), 9, true)];
        assert_eq!(groups(deleted, 1).len(), 1);
    }
}
