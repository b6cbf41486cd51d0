//! Looking one thing up in a segment: which documents have it, and what that scores.

use super::block_index::each_block;
use super::deadline::{Deadline, Interrupted};
use super::fixed_bit_set::{FixedBitSet, RankedBitSet};
use super::terms::ResolvedTerm;
use std::sync::Arc;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::query::{Bm25Weight, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, SegmentReader, TERMINATED, Term};

/// Where candidates are this much rarer than what is looked up, each is reached with `seek`.
const SPARSE: u64 = 16;

/// Documents of a query of the engine between two looks at the deadline.
const DOCUMENTS_PER_CHECK: u32 = 4096;

/// What a document scores that has a term.
pub(super) enum Scoring {
    /// The same for all.
    Fixed(f32),
    /// By how often it has it, and how long it is.
    Bm25(Bm25Weight),
}

/// One test of one field, ready to be looked up in segments (Lucene's `Weight`).
pub(super) enum ClauseWeight {
    /// A term.
    Term {
        /// What is looked up.
        term: Arc<ResolvedTerm>,
        /// What it scores.
        scoring: Scoring,
    },
    /// Terms that do not score.
    AnyOf(Vec<Term>),
    /// A query of the engine.
    Query {
        /// The query.
        weight: Box<dyn Weight>,
        /// Whether its scores are wanted.
        scored: bool,
        /// When the search must be done.
        deadline: Deadline,
    },
}

/// What was found in a segment, to be scored for the documents that are wanted.
pub(super) enum Scorer<'r> {
    /// In no document that would score.
    Nowhere,
    /// In the documents of a term.
    Term {
        /// Its field.
        field: Field,
        /// What it scores.
        scoring: &'r Scoring,
        /// Where its documents are listed.
        index: Arc<InvertedIndexReader>,
        /// How many, and where.
        info: &'r TermInfo,
    },
    /// In these, with their scores.
    Scores(Vec<(DocId, f32)>),
}

impl ClauseWeight {
    /// Adds the documents that have it to a set.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn scorer(
        &self,
        reader: &SegmentReader,
        found: &mut FixedBitSet,
    ) -> Result<Scorer<'_>, Interrupted> {
        match self {
            ClauseWeight::Term { term, scoring } => {
                let Some(info) = term.place(reader) else {
                    return Ok(Scorer::Nowhere);
                };
                let index = reader.inverted_index(term.field())?;
                let option = IndexRecordOption::Basic;
                let mut postings = index.read_block_postings_from_terminfo(info, option)?;
                add_documents(&mut postings, found);
                Ok(Scorer::Term {
                    field: term.field(),
                    scoring,
                    index,
                    info,
                })
            }
            ClauseWeight::AnyOf(terms) => {
                for term in terms {
                    let index = reader.inverted_index(term.field())?;
                    let postings = index.read_block_postings(term, IndexRecordOption::Basic)?;
                    if let Some(mut postings) = postings {
                        add_documents(&mut postings, found);
                    }
                }
                Ok(Scorer::Nowhere)
            }
            ClauseWeight::Query {
                weight,
                scored,
                deadline,
            } => {
                let (mut scores, mut seen) = (Vec::new(), 0u32);
                let mut scorer = weight.scorer(reader, 1.0)?;
                let mut doc = scorer.doc();
                while doc != TERMINATED {
                    found.insert(doc);
                    seen += 1;
                    if seen % DOCUMENTS_PER_CHECK == 0 {
                        deadline.check()?;
                    }
                    if *scored {
                        scores.push((doc, scorer.score()));
                    }
                    doc = scorer.advance();
                }
                Ok(Scorer::Scores(scores))
            }
        }
    }
}

impl Scorer<'_> {
    /// Calls back with the number and the score of each wanted document that has it, ascending.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn scores(
        &self,
        reader: &SegmentReader,
        wanted: &RankedBitSet,
        mut each: impl FnMut(usize, f32),
    ) -> tantivy::Result<()> {
        match self {
            Scorer::Nowhere => {}
            Scorer::Scores(scores) => {
                for (doc, score) in scores {
                    if let Some(number) = wanted.number(*doc) {
                        each(number, *score);
                    }
                }
            }
            Scorer::Term {
                field,
                scoring,
                index,
                info,
            } => {
                let few = wanted.count() as u64;
                let sparse = few.saturating_mul(SPARSE) < u64::from(info.doc_freq);
                match scoring {
                    Scoring::Fixed(score) => {
                        let option = IndexRecordOption::Basic;
                        let postings = index.read_block_postings_from_terminfo(info, option)?;
                        wanted_docs(postings, wanted, sparse, |n, _, _| each(n, *score));
                    }
                    Scoring::Bm25(weight) => {
                        let norms = reader.get_fieldnorms_reader(*field)?;
                        let option = IndexRecordOption::WithFreqs;
                        let postings = index.read_block_postings_from_terminfo(info, option)?;
                        wanted_docs(postings, wanted, sparse, |n, doc, count| {
                            each(n, weight.score(norms.fieldnorm_id(doc), count));
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Adds the documents of a list to a set.
fn add_documents(postings: &mut BlockSegmentPostings, found: &mut FixedBitSet) {
    each_block(postings, |block| found.insert_ascending(block.docs()));
}

/// Calls back for the wanted documents of a list: the document's number among the wanted, the
/// document, and how often it has the term (where that was read). Where few are wanted, each is
/// reached with `seek`.
fn wanted_docs(
    mut postings: BlockSegmentPostings,
    wanted: &RankedBitSet,
    sparse: bool,
    mut each: impl FnMut(usize, DocId, u32),
) {
    if sparse {
        for (n, doc) in wanted.bits().iter().enumerate() {
            let at = postings.seek(doc);
            if postings.doc(at) == doc {
                each(n, doc, postings.freq(at));
            }
        }
        return;
    }
    each_block(&mut postings, |block| {
        for (at, doc) in block.docs().iter().enumerate() {
            if let Some(number) = wanted.number(*doc) {
                each(number, *doc, block.freq(at));
            }
        }
    });
}
