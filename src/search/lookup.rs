//! Looking one thing up in a segment: which documents have it, and what that scores.

use super::bits::{Bits, Numbered};
use super::blocks::each_block;
use std::sync::Arc;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::query::{Bm25Weight, EnableScoring, Query, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term};

/// Where candidates are this much rarer than what is looked up, each is sought by itself.
const SPARSE: u64 = 16;

/// Something that is looked up.
pub enum Lookup {
    /// A word, or a known phrase that is indexed like one.
    Term {
        /// What is looked up.
        term: Term,
        /// The words whose rarity it is scored by: itself, or a phrase's own.
        scored_as: Vec<Term>,
        /// What its score is multiplied by.
        boost: f32,
    },
    /// A value that scores the same wherever it is.
    Value {
        /// What is looked up.
        term: Term,
        /// The score.
        score: f32,
    },
    /// Anything else.
    Query(Box<dyn Query>),
}

impl Clone for Lookup {
    fn clone(&self) -> Self {
        match self {
            Lookup::Term {
                term,
                scored_as,
                boost,
            } => Lookup::Term {
                term: term.clone(),
                scored_as: scored_as.clone(),
                boost: *boost,
            },
            Lookup::Value { term, score } => Lookup::Value {
                term: term.clone(),
                score: *score,
            },
            Lookup::Query(query) => Lookup::Query(query.box_clone()),
        }
    }
}

impl Lookup {
    /// Made ready for a searcher.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn ready(&self, searcher: &Searcher, scored: bool) -> tantivy::Result<Ready> {
        Ok(match self {
            Lookup::Term {
                term,
                scored_as,
                boost,
            } => Ready::Term {
                term: term.clone(),
                scoring: if scored {
                    let weight = Bm25Weight::for_terms(searcher, scored_as)?;
                    Scoring::Bm25(weight.boost_by(*boost))
                } else {
                    Scoring::Fixed(0.0)
                },
            },
            Lookup::Value { term, score } => Ready::Term {
                term: term.clone(),
                scoring: Scoring::Fixed(*score),
            },
            Lookup::Query(query) => Ready::Query {
                weight: query.weight(if scored {
                    EnableScoring::enabled_from_searcher(searcher)
                } else {
                    EnableScoring::disabled_from_searcher(searcher)
                })?,
                scored,
            },
        })
    }
}

/// What a document scores that has a term.
pub enum Scoring {
    /// The same for all.
    Fixed(f32),
    /// By how often it has it, and how long it is.
    Bm25(Bm25Weight),
}

/// See [`Lookup::ready`].
pub enum Ready {
    /// A term.
    Term {
        /// What is looked up.
        term: Term,
        /// What it scores.
        scoring: Scoring,
    },
    /// A query of the engine.
    Query {
        /// The query.
        weight: Box<dyn Weight>,
        /// Whether its scores are wanted.
        scored: bool,
    },
}

/// What was found in a segment, to be scored for the documents that are wanted.
pub enum Listed<'r> {
    /// In no document.
    Nowhere,
    /// In the documents of a term.
    Term {
        /// The term.
        term: &'r Term,
        /// What it scores.
        scoring: &'r Scoring,
        /// Where its documents are listed.
        index: Arc<InvertedIndexReader>,
        /// How many, and where.
        info: TermInfo,
    },
    /// In these, with their scores.
    Scores(Vec<(DocId, f32)>),
}

impl Ready {
    /// Adds the documents that have it to a set.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn list(&self, reader: &SegmentReader, found: &mut Bits) -> tantivy::Result<Listed<'_>> {
        match self {
            Ready::Term { term, scoring } => {
                let index = reader.inverted_index(term.field())?;
                let Some(info) = index.get_term_info(term)? else {
                    return Ok(Listed::Nowhere);
                };
                let option = IndexRecordOption::Basic;
                let mut postings = index.read_block_postings_from_terminfo(&info, option)?;
                each_block(&mut postings, |block| {
                    block.docs().iter().for_each(|doc| found.insert(*doc));
                });
                Ok(Listed::Term {
                    term,
                    scoring,
                    index,
                    info,
                })
            }
            Ready::Query { weight, scored } => {
                let mut scores = Vec::new();
                let mut scorer = weight.scorer(reader, 1.0)?;
                let mut doc = scorer.doc();
                while doc != TERMINATED {
                    found.insert(doc);
                    if *scored {
                        scores.push((doc, scorer.score()));
                    }
                    doc = scorer.advance();
                }
                Ok(Listed::Scores(scores))
            }
        }
    }
}

impl Listed<'_> {
    /// Calls back with the number and the score of each wanted document that has it, ascending.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn scores(
        &self,
        reader: &SegmentReader,
        wanted: &Numbered,
        mut each: impl FnMut(usize, f32),
    ) -> tantivy::Result<()> {
        match self {
            Listed::Nowhere => {}
            Listed::Scores(scores) => {
                for (doc, score) in scores {
                    if let Some(number) = wanted.number(*doc) {
                        each(number, *score);
                    }
                }
            }
            Listed::Term {
                term,
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
                        let norms = reader.get_fieldnorms_reader(term.field())?;
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

/// Calls back for the wanted documents of a list: the document's number among the wanted, the
/// document, and how often it has the term (where that was read). Where few are wanted, each is
/// sought by itself.
fn wanted_docs(
    mut postings: BlockSegmentPostings,
    wanted: &Numbered,
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
