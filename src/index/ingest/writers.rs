//! What is done to the index for one source: all of it, or nothing.

use super::super::commits::name_after;
use super::super::document::Document;
use super::super::error::IndexError;
use super::super::schema::Fields;
use super::super::segment::{SegmentMaker, SegmentWriter};
use super::super::store::Index;
use super::memory::Memory;
use super::merges::WithinMemory;
use rayon::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::indexer::{IndexWriterOptions, MergePolicy};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, TantivyDocument, Term};

/// A change to the documents of the index.
pub(super) enum DocumentOperation {
    Add(Document),
    /// Takes out the committed documents that have a term. What was added since the last commit stays.
    Delete(Term),
}

/// Those who read letters, each with a segment in the making, and tantivy's writer, which takes finished
/// segments in, merges, deletes and commits. It gets no documents.
pub(super) struct SegmentWriters {
    writer: IndexWriter<TantivyDocument>,
    fields: Fields,
    memory: Arc<Memory>,
    /// What the next commit is called in the documents that it brings.
    commit: String,
    pub pool: rayon::ThreadPool,
    makers: Vec<Mutex<Box<dyn SegmentWriter>>>,
}

impl SegmentWriters {
    pub(super) fn new(index: &Index, memory: &Arc<Memory>) -> Result<SegmentWriters, IndexError> {
        // It gets no documents, so one thread for them is one too many already.
        let writing = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(memory.merges())
            .build();
        let writer = open(index, writing, Box::new(WithinMemory::new(memory.merge())))?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(memory.threads())
            .stack_size(crate::corpus::STACK)
            .build()
            .map_err(|e| index.cannot_write(&e))?;
        let segments = memory.segments();
        let maker = || -> Box<dyn SegmentWriter> {
            Box::new(SegmentMaker::new(&index.tantivy, memory.segment(segments)))
        };
        let searcher = index.reader.searcher();
        let commits = index.commits(&searcher);
        let commits = commits.map_err(|e| index.cannot_write(&e))?;
        Ok(SegmentWriters {
            commit: name_after(commits.last().map(String::as_str)),
            writer,
            fields: index.fields,
            memory: Arc::clone(memory),
            pool,
            makers: (0..segments).map(|_| Mutex::new(maker())).collect(),
        })
    }

    /// The segment of this thread. Where there is little memory for many threads some share one; a
    /// thread outside the pool shares that of the first.
    fn maker(&self) -> MutexGuard<'_, Box<dyn SegmentWriter>> {
        let thread = self.pool.current_thread_index().unwrap_or(0);
        lock(&self.makers[thread % self.makers.len()])
    }

    /// Takes out the committed documents that have a term. To tantivy a segment that it takes in may be
    /// older than a deletion before it, so that documents tell themselves which are new. (tantivy's own
    /// number of the last commit would not do: it need not grow where nothing goes through its queue.)
    pub(super) fn delete(&self, term: Term) -> tantivy::Result<()> {
        self.delete_all_but(term, None)
    }

    /// Takes out the committed block of a letter. What is remembered of sources has the letter's identity too, and stays.
    pub(super) fn delete_block(&self, letter: Term) -> tantivy::Result<()> {
        let source = Term::from_field_text(self.fields.kind, "source");
        self.delete_all_but(letter, Some(source))
    }

    fn delete_all_but(&self, term: Term, kept: Option<Term>) -> tantivy::Result<()> {
        let new = Term::from_field_text(self.fields.commit, &self.commit);
        let with =
            |term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>;
        let mut old = vec![(Occur::Must, with(term)), (Occur::MustNot, with(new))];
        old.extend(kept.map(|kept| (Occur::MustNot, with(kept))));
        self.writer.delete_query(Box::new(BooleanQuery::new(old)))?;
        Ok(())
    }

    /// Does what belongs together: it stands in one segment, side by side, and in one commit.
    pub(super) fn run(&self, operations: Vec<DocumentOperation>) -> tantivy::Result<()> {
        let mut maker = self.maker();
        for operation in operations {
            match operation {
                DocumentOperation::Add(mut document) => {
                    document.add_text(self.fields.commit, self.commit.as_str());
                    maker.add(&document)?;
                }
                DocumentOperation::Delete(term) => self.delete(term)?,
            }
        }
        self.keep_within(&mut **maker)
    }

    /// Finishes segments that take more than they may now.
    pub(super) fn make_room(&self) -> tantivy::Result<()> {
        let mut makers = self.makers.iter();
        makers.try_for_each(|maker| self.keep_within(&mut **lock(maker)))
    }

    fn keep_within(&self, maker: &mut dyn SegmentWriter) -> tantivy::Result<()> {
        maker.limit(self.memory.segment(self.makers.len()));
        if maker.is_full() {
            self.hand_in(maker)?;
        }
        Ok(())
    }

    fn hand_in(&self, maker: &mut dyn SegmentWriter) -> tantivy::Result<()> {
        if let Some(segment) = maker.finish()? {
            self.writer.add_segment(segment)?;
        }
        Ok(())
    }

    /// Finishes all segments and commits. Nobody may be at work.
    pub(super) fn commit(&mut self) -> tantivy::Result<()> {
        let writers = &*self;
        writers.pool.install(|| {
            let makers = writers.makers.par_iter();
            makers.try_for_each(|maker| writers.hand_in(&mut **lock(maker)))
        })?;
        self.writer.commit()?;
        self.commit = name_after(Some(&self.commit));
        Ok(())
    }

    /// Waits for merges.
    pub(super) fn finish(self) -> tantivy::Result<()> {
        self.writer.wait_merging_threads()
    }
}

/// Opens tantivy's writer so that no deletion of this run is lost.
///
/// **Invariant: no operation of a run bears the number of the last commit.** tantivy numbers operations from that of
/// the last commit on, so that the first deletion would bear it. A merge that begins before this run's first
/// commit has that number as its target. It takes a segment whose deletions bear the number for up to date and passes
/// over the deletion, and the merged segment begins after it wherever another segment of the merge did apply it. So one
/// number is spent first: a run of no operations does that and nothing else.
pub(super) fn open(
    index: &Index,
    options: IndexWriterOptions,
    policy: Box<dyn MergePolicy>,
) -> Result<IndexWriter<TantivyDocument>, IndexError> {
    use tantivy::TantivyError::LockFailure;
    use tantivy::directory::error::LockError::LockBusy;
    let writer = index.tantivy.writer_with_options(options);
    let writer: IndexWriter<TantivyDocument> = writer.map_err(|e| match e {
        LockFailure(LockBusy, _) => IndexError::Locked(index.path.clone()),
        e => index.cannot_write(&e),
    })?;
    writer.set_merge_policy(policy);
    writer.run([]).map_err(|e| index.cannot_write(&e))?;
    // A run that was killed between deleting and committing left files of the names that this one would give.
    let cleared = writer.garbage_collect_files().wait();
    cleared.map_err(|e| index.cannot_write(&e))?;
    Ok(writer)
}

fn lock(maker: &Mutex<Box<dyn SegmentWriter>>) -> MutexGuard<'_, Box<dyn SegmentWriter>> {
    maker.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::IngestOptions;
    use super::*;
    use crate::index::sources::{self, SourceState};
    use tantivy::indexer::NoMergePolicy;

    /// Records of sources named 0 to 9 in ten segments, as a killed run leaves them: nothing is merged, and the
    /// deletions of the first segment bear the number of the last commit.
    fn killed(index: &Index) {
        let options = IndexWriterOptions::builder().num_worker_threads(1).build();
        let mut writer = open(index, options, Box::new(NoMergePolicy)).unwrap();
        let segment = |keys: std::ops::Range<usize>| {
            let mut maker = SegmentMaker::new(&index.tantivy, 0);
            for key in keys {
                let state = SourceState::default();
                let mut document = sources::document(&index.fields, &key.to_string(), &state);
                document.add_text(index.fields.commit, "before");
                maker.add(&document).unwrap();
            }
            maker.finish().unwrap().unwrap()
        };
        writer.add_segment(segment(0..100)).unwrap();
        writer.commit().unwrap();
        for n in 100..110 {
            writer.add_segment(segment(n..n + 1)).unwrap();
        }
        writer.delete_term(sources::term(&index.fields, "0"));
        writer.commit().unwrap();
        writer.wait_merging_threads().unwrap();
        let metas = index.tantivy.load_metas().unwrap();
        let deletes = |segment: &tantivy::SegmentMeta| segment.delete_opstamp();
        let of_last = metas
            .segments
            .iter()
            .any(|s| deletes(s) == Some(metas.opstamp));
        assert!(metas.segments.len() == 11 && of_last);
    }

    fn count(index: &Index) -> usize {
        index.reload().unwrap();
        index.reader.searcher().num_docs() as usize
    }

    #[test]
    fn the_first_deletion_of_a_run_reaches_segments_that_are_merged_before_its_commit() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        killed(&index);
        assert_eq!(count(&index), 109);
        let memory = Arc::new(Memory::new(&IngestOptions::default(), 0));
        let mut writers = SegmentWriters::new(&index, &memory).unwrap();
        writers.delete(sources::term(&index.fields, "1")).unwrap();
        let state = SourceState::default();
        let new = sources::document(&index.fields, "new", &state);
        writers.run(vec![DocumentOperation::Add(new)]).unwrap();
        // tantivy begins merges when it takes a segment in.
        writers.hand_in(&mut **lock(&writers.makers[0])).unwrap();
        // The merge of the committed segments may end before the commit, or after.
        std::thread::sleep(std::time::Duration::from_millis(300));
        writers.commit().unwrap();
        writers.finish().unwrap();
        let index = Index::open(folder.path()).unwrap();
        assert_eq!(count(&index), 109);
        let gone = sources::term(&index.fields, "1");
        let searcher = index.reader.searcher();
        let left = crate::index::documents_with(&searcher, &gone).unwrap();
        assert!(left.is_empty(), "the deleted record is still there");
    }
}
