//! What is done to the index for one source: all of it, or nothing.

use super::super::document::Document;
use super::super::schema::Fields;
use super::super::segment::SegmentMaker;
use super::super::store::{Index, IndexError};
use super::memory::Memory;
use super::merges::WithinMemory;
use rayon::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::index::SegmentId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, TantivyDocument, Term};

/// A change to the index.
pub(super) enum Operation {
    Add(Document),
    /// Takes out the committed documents that have a term. What was added since the last commit stays.
    Delete(Term),
}

/// Those who read letters, each with a segment in the making, and tantivy's writer, which takes finished
/// segments in, merges, deletes and commits. It gets no documents.
pub(super) struct Hands {
    writer: IndexWriter<TantivyDocument>,
    fields: Fields,
    memory: Arc<Memory>,
    /// What the next commit is called in the documents that it brings.
    commit: String,
    pub pool: rayon::ThreadPool,
    makers: Vec<Mutex<SegmentMaker>>,
}

impl Hands {
    pub fn new(index: &Index, memory: &Arc<Memory>) -> Result<Hands, IndexError> {
        use tantivy::TantivyError::LockFailure;
        use tantivy::directory::error::LockError::LockBusy;
        // It gets no documents, so one thread for them is one too many already.
        let writing = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(memory.merges())
            .build();
        let writer = index.tantivy.writer_with_options(writing);
        let writer = writer.map_err(|e| match e {
            LockFailure(LockBusy, _) => IndexError::Locked(index.path.clone()),
            e => index.cannot_write(&e),
        })?;
        writer.set_merge_policy(Box::new(WithinMemory::new(memory.merge())));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(memory.threads())
            .stack_size(crate::corpus::STACK)
            .build()
            .map_err(|e| index.cannot_write(&e))?;
        let segments = memory.segments();
        let maker = || SegmentMaker::new(&index.tantivy, memory.segment(segments));
        Ok(Hands {
            commit: a_name(),
            writer,
            fields: index.fields,
            memory: Arc::clone(memory),
            pool,
            makers: (0..segments).map(|_| Mutex::new(maker())).collect(),
        })
    }

    /// The segment of this thread. Where there is little memory for many threads some share one; a
    /// thread outside the pool shares that of the first.
    fn maker(&self) -> MutexGuard<'_, SegmentMaker> {
        let thread = self.pool.current_thread_index().unwrap_or(0);
        lock(&self.makers[thread % self.makers.len()])
    }

    /// Takes out the committed documents that have a term. To tantivy a segment that it takes in may be
    /// older than a deletion before it, so that documents tell themselves which are new. (tantivy's own
    /// number of the last commit would not do: it need not grow where nothing goes through its queue.)
    pub fn delete(&self, term: Term) -> tantivy::Result<()> {
        let new = Term::from_field_text(self.fields.commit, &self.commit);
        let with =
            |term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>;
        let old = vec![(Occur::Must, with(term)), (Occur::MustNot, with(new))];
        self.writer.delete_query(Box::new(BooleanQuery::new(old)))?;
        Ok(())
    }

    /// Does what belongs together: it stands in one segment, side by side, and in one commit.
    pub fn run(&self, operations: Vec<Operation>) -> tantivy::Result<()> {
        let mut maker = self.maker();
        for operation in operations {
            match operation {
                Operation::Add(mut document) => {
                    document.add_text(self.fields.commit, self.commit.as_str());
                    maker.add(&document)?;
                }
                Operation::Delete(term) => self.delete(term)?,
            }
        }
        self.keep_within(&mut maker)
    }

    /// Finishes segments that take more than they may now.
    pub fn make_room(&self) -> tantivy::Result<()> {
        let mut makers = self.makers.iter();
        makers.try_for_each(|maker| self.keep_within(&mut lock(maker)))
    }

    fn keep_within(&self, maker: &mut SegmentMaker) -> tantivy::Result<()> {
        maker.limit(self.memory.segment(self.makers.len()));
        if maker.is_full() {
            self.hand_in(maker)?;
        }
        Ok(())
    }

    fn hand_in(&self, maker: &mut SegmentMaker) -> tantivy::Result<()> {
        if let Some(segment) = maker.finish()? {
            self.writer.add_segment(segment)?;
        }
        Ok(())
    }

    /// Finishes all segments and commits. Nobody may be at work.
    pub fn commit(&mut self) -> tantivy::Result<()> {
        let hands = &*self;
        hands.pool.install(|| {
            let makers = hands.makers.par_iter();
            makers.try_for_each(|maker| hands.hand_in(&mut lock(maker)))
        })?;
        self.writer.commit()?;
        self.commit = a_name();
        Ok(())
    }

    /// Waits for merges.
    pub fn finish(self) -> tantivy::Result<()> {
        self.writer.wait_merging_threads()
    }
}

/// A name that no commit has had.
fn a_name() -> String {
    SegmentId::generate_random().uuid_string()
}

fn lock(maker: &Mutex<SegmentMaker>) -> MutexGuard<'_, SegmentMaker> {
    maker.lock().unwrap_or_else(PoisonError::into_inner)
}
