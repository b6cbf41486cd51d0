//! TermResolver that questions name: looked up in each segment's dictionary once, then known.

use foldhash::fast::RandomState;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader, Term};

/// A term that some document has.
pub(super) struct ResolvedTerm {
    term: Term,
    /// How many documents have it.
    documents: u64,
    /// Where each segment that has it lists its documents.
    places: Vec<(SegmentId, TermInfo)>,
}

impl ResolvedTerm {
    /// Looks a term up; None where no document has it.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn find(searcher: &Searcher, term: Term) -> tantivy::Result<Option<ResolvedTerm>> {
        let (mut documents, mut places) = (0, Vec::new());
        for reader in searcher.segment_readers() {
            if let Some(info) = reader.inverted_index(term.field())?.get_term_info(&term)? {
                documents += u64::from(info.doc_freq);
                places.push((reader.segment_id(), info));
            }
        }
        Ok((documents > 0).then_some(ResolvedTerm {
            term,
            documents,
            places,
        }))
    }

    /// How many documents have it.
    pub(super) fn documents(&self) -> u64 {
        self.documents
    }

    /// Its field.
    pub(super) fn field(&self) -> Field {
        self.term.field()
    }

    /// Where a segment lists its documents; None where it has none.
    pub(super) fn place(&self, reader: &SegmentReader) -> Option<&TermInfo> {
        let segment = reader.segment_id();
        let mut places = self.places.iter();
        places.find(|(id, _)| *id == segment).map(|(_, info)| info)
    }
}

/// TermResolver that questions asked for, whichever it was: an index does not change between commits.
#[derive(Default)]
pub(super) struct TermCache(Mutex<CachedTerms>);

#[derive(Default)]
struct CachedTerms {
    /// The state of the index that was looked up.
    generation: u64,
    terms: HashMap<Term, Option<Arc<ResolvedTerm>>, RandomState>,
}

/// TermResolver remembered; a full memory is emptied.
const REMEMBERED: usize = 1 << 14;

/// The terms of an index.
pub(super) struct TermResolver<'s> {
    /// What is searched.
    pub searcher: &'s Searcher,
    cache: &'s TermCache,
}

impl<'s> TermResolver<'s> {
    /// Of what is searched.
    pub(super) fn new(searcher: &'s Searcher, cache: &'s TermCache) -> TermResolver<'s> {
        TermResolver { searcher, cache }
    }

    /// A term; None where no document has it. (What cannot be read is an error where it is searched.)
    pub(super) fn get(&self, term: Term) -> Option<Arc<ResolvedTerm>> {
        let seen = || self.cache.0.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.searcher.generation().generation_id();
        {
            let mut seen = seen();
            if seen.generation != generation || seen.terms.len() >= REMEMBERED {
                seen.generation = generation;
                seen.terms.clear();
            }
            if let Some(held) = seen.terms.get(&term) {
                return held.clone();
            }
        }
        let found = ResolvedTerm::find(self.searcher, term.clone()).ok()?;
        let held = found.map(Arc::new);
        let mut seen = seen();
        // Another question may have gone on to a later state meanwhile.
        if seen.generation == generation {
            seen.terms.insert(term, held.clone());
        }
        held
    }
}

/// What scores go by besides the terms: how many documents there are, and how long fields are.
pub(super) struct Statistics<'s> {
    /// What is searched.
    pub searcher: &'s Searcher,
    documents: u64,
    /// Of each field the weight of a term of idf [`Statistics::ONE`]: what lengths do to a score is
    /// tabled there, the same for all terms.
    fields: RefCell<HashMap<Field, Bm25Weight>>,
}

impl<'s> Statistics<'s> {
    /// As many documents that have a term, of as many in all, as the fields' weights are of.
    const ONE: (u64, u64) = (1, 1);

    /// Of an index.
    ///
    /// # Errors
    /// If its files are damaged.
    pub(super) fn new(searcher: &'s Searcher) -> tantivy::Result<Statistics<'s>> {
        Ok(Statistics {
            searcher,
            documents: searcher.total_num_docs()?,
            fields: RefCell::default(),
        })
    }

    /// The weight of a term, or of several words of a field that stand side by side.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn bm25(
        &self,
        field: Field,
        words: &[Arc<ResolvedTerm>],
    ) -> tantivy::Result<Bm25Weight> {
        let idfs = words.iter().map(|word| idf(word.documents, self.documents));
        let (holding, all) = Self::ONE;
        let rarity = idfs.sum::<f32>() / idf(holding, all);
        if let Some(one) = self.fields.borrow().get(&field) {
            return Ok(one.boost_by(rarity));
        }
        let length = self.searcher.total_num_tokens(field)? as f32 / self.documents as f32;
        let one = Bm25Weight::for_one_term_without_explain(holding, all, length);
        let weight = one.boost_by(rarity);
        self.fields.borrow_mut().insert(field, one);
        Ok(weight)
    }
}

/// How rare a term is that so many of all documents have (BM25's, as tantivy reckons it).
fn idf(holding: u64, all: u64) -> f32 {
    let rest = all.saturating_sub(holding) as f32 + 0.5;
    (1.0 + rest / (holding as f32 + 0.5)).ln()
}
