//! Which segments are merged while letters are written: as many as the memory allows.

use std::collections::HashMap;
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::{MergeCandidate, MergePolicy};
use tantivy::merge_policy::LogMergePolicy;

/// What merging takes of a document, in bytes: its new number and place, in each of the columns that are written
/// (measured: 74 MB for a million letters of some four documents each).
const DOCUMENT: usize = 20;

/// Merges segments of about the same size, as tantivy does of itself, but no more at once than a given memory
/// is enough for. What that leaves apart `imr optimize` merges.
#[derive(Debug)]
pub(super) struct WithinMemory {
    usual: LogMergePolicy,
    most_documents: usize,
}

impl WithinMemory {
    /// Merges that take at most so many bytes each.
    pub(super) fn new(bytes: usize) -> WithinMemory {
        WithinMemory {
            usual: LogMergePolicy::default(),
            most_documents: bytes / DOCUMENT,
        }
    }
}

impl MergePolicy for WithinMemory {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let documents: HashMap<SegmentId, usize> = segments
            .iter()
            .map(|segment| (segment.id(), segment.max_doc() as usize))
            .collect();
        let usual = self.usual.compute_merge_candidates(segments);
        let parts = usual.into_iter().flat_map(|MergeCandidate(together)| {
            // One alone is rewritten without what was deleted.
            let least = together.len().min(2);
            let mut parts = apart(together, &documents, self.most_documents);
            parts.retain(|part| part.len() >= least);
            parts
        });
        parts.map(MergeCandidate).collect()
    }
}

/// Parts of at most so many documents each, the smallest first.
fn apart<T: Copy + Eq + std::hash::Hash>(
    mut all: Vec<T>,
    documents: &HashMap<T, usize>,
    most: usize,
) -> Vec<Vec<T>> {
    let of = |one: &T| documents.get(one).copied().unwrap_or(0);
    all.sort_by_key(of);
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut sum = 0;
    for one in all {
        if sum + of(&one) > most && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            sum = 0;
        }
        sum += of(&one);
        part.push(one);
    }
    parts.push(part);
    // The last may be one that is too large by itself.
    parts.retain(|part| part.iter().map(of).sum::<usize>() <= most);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_has_more_documents_than_are_allowed() {
        let parts = |sizes: &[usize], most: usize| -> Vec<Vec<usize>> {
            let documents: HashMap<usize, usize> = sizes.iter().copied().enumerate().collect();
            let parts = apart((0..sizes.len()).collect(), &documents, most);
            let sizes = |part: Vec<usize>| part.into_iter().map(|n| sizes[n]).collect();
            parts.into_iter().map(sizes).collect()
        };
        assert_eq!(parts(&[5, 1, 3, 2, 9], 6), [vec![1, 2, 3], vec![5]]);
        assert_eq!(parts(&[4, 4, 4, 4], 8), [[4, 4], [4, 4]]);
        assert_eq!(parts(&[4, 4], 100), [[4, 4]]);
        assert!(parts(&[4, 4], 3).is_empty());
    }
}
