//! What a search engine must be able to do for imr, whichever it is.
//!
//! The planner makes a logical plan of a request; a backend answers it. tantivy's is [`Engine`], which
//! everything ships with; [`NaiveBackend`] reads every letter and is what the others are compared with.
//!
//! [`NaiveBackend`]: super::NaiveBackend

use super::by_id::{Marker, SourceFile};
use super::engine::{Engine, Ranked};
use super::error::SearchError;
use super::request::{FacetCounts, FacetRequest, Hit, Request, Response};
use super::sample::{Sample, SampledLetter, SideBySide};
use super::similar::{Similar, SimilarToRequest};
use super::stream::Projection;
use super::tally::{GroupBy, Tally};
use crate::letter::{CaseDocument, Letter};
use std::any::Any;
use std::ops::ControlFlow;
use std::time::SystemTime;

/// What was made of a letter on another thread.
pub type Made = Box<dyn Any + Send>;

/// The letters of an answer, before any is loaded.
pub trait HitStream {
    /// What the answer says beside its hits.
    fn response(&self) -> &Response;

    /// How many letters will be handed over.
    fn len(&self) -> usize;

    /// Whether none will.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Loads every letter, `make`s something of each, side by side where the backend can, and lets `take` have
    /// it in the order of the answer, until it breaks off.
    ///
    /// # Errors
    /// If the backend fails.
    fn run(
        &self,
        wanted: Projection,
        make: &(dyn Fn(Hit) -> Made + Sync),
        take: &mut dyn FnMut(Made) -> ControlFlow<()>,
    ) -> Result<(), SearchError>;
}

/// How many answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Letters.
    pub letters: u64,
    /// Their answering items.
    pub items: u64,
}

/// A search engine over letters.
///
/// The contract: the letters and items that answer are those of [`super::LogicalPlan`]'s rule, to the
/// unit, in every method; scores and the order by relevance are the backend's own. A request's deadline
/// ends the work with [`SearchError::TimedOut`]; without one it takes as long as it takes.
pub trait Backend: Send + Sync {
    /// The hits of a request, with its counts and facets.
    ///
    /// # Errors
    /// If the query or a filter cannot be understood, the deadline has passed, or the backend fails.
    fn search(&self, request: &Request) -> Result<Response, SearchError>;

    /// How many answer.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn count(&self, request: &Request) -> Result<Counts, SearchError> {
        let request = Request {
            limit: 0,
            facets: Vec::new(),
            ..request.clone()
        };
        let response = self.search(&request)?;
        Ok(Counts {
            letters: response.letters,
            items: response.items,
        })
    }

    /// The counts of a request's facets.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn facets(&self, request: &Request) -> Result<Vec<FacetCounts>, SearchError> {
        let request = Request {
            limit: 0,
            ..request.clone()
        };
        Ok(self.search(&request)?.facets)
    }

    /// The decisions of all answering items, over at most two axes.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError>;

    /// Hands every letter that answers to `take`, in the order of the request, without snippets.
    ///
    /// # Errors
    /// As [`Backend::search`], and whatever `take` fails with: then nothing more is loaded.
    fn stream(
        &self,
        request: &Request,
        wanted: Projection,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<Counts, SearchError>;

    /// Every letter that answers, before any is loaded: for exports.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn open_stream<'b>(&'b self, request: &Request)
    -> Result<Box<dyn HitStream + 'b>, SearchError>;

    /// The values of a facet with the letters and items that have them, whatever the query.
    ///
    /// # Errors
    /// If there is no such facet, or the backend fails.
    fn facet_values(&self, facet: &str, top: usize) -> Result<FacetCounts, SearchError> {
        let request = Request {
            facets: vec![FacetRequest {
                path: facet.to_string(),
                top,
            }],
            limit: 0,
            ..Request::default()
        };
        Ok(self.search(&request)?.facets.remove(0))
    }

    /// The letters of a case number, a file's path, or an identity.
    ///
    /// # Errors
    /// If the backend fails.
    fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError>;

    /// Case numbers nearest to one that no letter has; none for one that some letter has.
    fn near_cases(&self, name: &str) -> Vec<String>;

    /// Letters that match, or so many of them where there are more. Which they are is decided by their
    /// identities, which are as good as drawn.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError>;

    /// Reads a letter of a sample.
    ///
    /// # Errors
    /// If the backend fails.
    fn sampled(&self, _: &Sample, of: &SampledLetter) -> Result<Letter, SearchError> {
        of.letter()
    }

    /// A letter of a sample as a hit, with its files.
    ///
    /// # Errors
    /// If the backend fails.
    fn sampled_hit(&self, _: &Sample, of: &SampledLetter) -> Result<Hit, SearchError> {
        of.hit()
    }

    /// What matches two requests, side by side.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError>;

    /// The decisions most like each request of a document, which need not be among the letters.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError>;

    /// The letter of an identity; None if there is none.
    ///
    /// # Errors
    /// If the backend fails.
    fn letter(&self, id: &str) -> Result<Option<Hit>, SearchError>;

    /// The letters most like one, best first, never that letter itself.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError>;

    /// Spellings that letters have, for words of a query that none has.
    ///
    /// # Errors
    /// As [`Backend::search`].
    fn suggest(&self, request: &Request) -> Result<Vec<(String, Vec<String>)>, SearchError> {
        let request = Request {
            limit: 0,
            facets: Vec::new(),
            ..request.clone()
        };
        Ok(self.search(&request)?.suggestions)
    }

    /// The state of what is searched: it changes with every change of the letters.
    ///
    /// # Errors
    /// If the backend fails.
    fn version(&self) -> Result<String, SearchError>;

    /// What marks the words of a request in texts, and what else was searched for them.
    ///
    /// # Errors
    /// As [`Backend::search`]; [`SearchError::NotHere`] if the backend cannot.
    fn marker(&self, _: &Request) -> Result<Marker, SearchError> {
        Err(SearchError::NotHere(
            "words are not marked here".to_string(),
        ))
    }

    /// Case numbers that begin as typed, in order; for completion.
    fn cases_beginning(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }

    /// The files that a letter was read from, in the order of their paths.
    ///
    /// # Errors
    /// If the backend fails; [`SearchError::NotHere`] if it has no files.
    fn sources_of(&self, _: &str) -> Result<Vec<SourceFile>, SearchError> {
        Err(SearchError::NotHere(
            "letters have no files here".to_string(),
        ))
    }

    /// When the letters changed last, where that is known.
    fn changed(&self) -> Option<SystemTime> {
        None
    }

    /// Whether requests leave this computer.
    fn is_remote(&self) -> bool {
        false
    }

    /// The newest commit that a later request may name in `added_after`; None where there is none.
    ///
    /// # Errors
    /// If the backend fails.
    fn newest_commit(&self) -> Result<Option<String>, SearchError> {
        Ok(None)
    }

    /// What is searched, for people.
    fn name(&self) -> String {
        "letters in memory".to_string()
    }

    /// The newest change of the letters, where it has a name.
    ///
    /// # Errors
    /// If the backend fails.
    fn commit(&self) -> Result<Option<String>, SearchError> {
        self.version().map(Some)
    }
}

impl Backend for Engine {
    fn search(&self, request: &Request) -> Result<Response, SearchError> {
        Engine::search(self, request)
    }

    fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        Engine::tally(self, request, along)
    }

    fn stream(
        &self,
        request: &Request,
        wanted: Projection,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<Counts, SearchError> {
        let ranked = self.ranked(&Request {
            limit: usize::MAX,
            offset: 0,
            ..request.clone()
        })?;
        Engine::stream(self, &ranked, wanted, |hit| hit, take)?;
        Ok(Counts {
            letters: ranked.letters,
            items: ranked.items,
        })
    }

    fn letter(&self, id: &str) -> Result<Option<Hit>, SearchError> {
        self.letter_of(id)
    }

    fn open_stream<'b>(
        &'b self,
        request: &Request,
    ) -> Result<Box<dyn HitStream + 'b>, SearchError> {
        let ranked = self.ranked(request)?;
        let response = self.without_hits(&ranked);
        Ok(Box::new(RankedStream {
            engine: self,
            ranked,
            response,
        }))
    }

    fn facet_values(&self, facet: &str, top: usize) -> Result<FacetCounts, SearchError> {
        Engine::facet_values(self, facet, top)
    }

    fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        Engine::find(self, name)
    }

    fn near_cases(&self, name: &str) -> Vec<String> {
        Engine::near_cases(self, name)
    }

    fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        Engine::sample(self, request, most)
    }

    fn sampled(&self, sample: &Sample, of: &SampledLetter) -> Result<Letter, SearchError> {
        Engine::sampled(self, sample, of)
    }

    fn sampled_hit(&self, sample: &Sample, of: &SampledLetter) -> Result<Hit, SearchError> {
        Engine::sampled_hit(self, sample, of)
    }

    fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        Engine::side_by_side(self, a, b)
    }

    fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError> {
        Engine::similar_to_case(self, case, request)
    }

    fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        Engine::similar(self, letter, request)
    }

    fn version(&self) -> Result<String, SearchError> {
        Ok(format!("{:?}", self.index().version()))
    }

    fn marker(&self, request: &Request) -> Result<Marker, SearchError> {
        Engine::marker(self, request)
    }

    fn cases_beginning(&self, typed: &str, most: usize) -> Vec<String> {
        Engine::cases_beginning(self, typed, most)
    }

    fn sources_of(&self, id: &str) -> Result<Vec<SourceFile>, SearchError> {
        Engine::sources_of(self, id)
    }

    fn changed(&self) -> Option<SystemTime> {
        self.index().committed()
    }

    fn newest_commit(&self) -> Result<Option<String>, SearchError> {
        Engine::newest_commit(self)
    }

    fn name(&self) -> String {
        self.index().path.display().to_string()
    }

    fn commit(&self) -> Result<Option<String>, SearchError> {
        Engine::newest_commit(self)
    }
}

/// Letters of an index that were found.
struct RankedStream<'e> {
    engine: &'e Engine,
    ranked: Ranked,
    response: Response,
}

/// Why a stream ended early.
enum StreamEnd {
    Taken,
    Failed(SearchError),
}

impl From<SearchError> for StreamEnd {
    fn from(error: SearchError) -> StreamEnd {
        StreamEnd::Failed(error)
    }
}

impl HitStream for RankedStream<'_> {
    fn response(&self) -> &Response {
        &self.response
    }

    fn len(&self) -> usize {
        self.ranked.len()
    }

    fn run(
        &self,
        wanted: Projection,
        make: &(dyn Fn(Hit) -> Made + Sync),
        take: &mut dyn FnMut(Made) -> ControlFlow<()>,
    ) -> Result<(), SearchError> {
        let done = Engine::stream(self.engine, &self.ranked, wanted, make, |made| {
            match take(made) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(StreamEnd::Taken),
            }
        });
        match done {
            Err(StreamEnd::Failed(error)) => Err(error),
            Ok(()) | Err(StreamEnd::Taken) => Ok(()),
        }
    }
}

/// The stream of a backend that loads one letter after the other.
pub(super) struct PlainStream<'b, B> {
    backend: &'b B,
    request: Request,
    response: Response,
}

impl<'b, B: Backend> PlainStream<'b, B> {
    /// # Errors
    /// As [`Backend::search`].
    pub(super) fn open(backend: &'b B, request: &Request) -> Result<Self, SearchError> {
        let counted = Request {
            limit: 0,
            ..request.clone()
        };
        Ok(PlainStream {
            response: backend.search(&counted)?,
            backend,
            request: request.clone(),
        })
    }
}

impl<B: Backend> HitStream for PlainStream<'_, B> {
    fn response(&self) -> &Response {
        &self.response
    }

    fn len(&self) -> usize {
        let mentions = if self.request.mentions {
            self.response.mentions
        } else {
            0
        };
        let all = usize::try_from(self.response.letters + mentions).unwrap_or(usize::MAX);
        let left = all.saturating_sub(self.request.offset);
        left.min(self.request.limit)
    }

    fn run(
        &self,
        wanted: Projection,
        make: &(dyn Fn(Hit) -> Made + Sync),
        take: &mut dyn FnMut(Made) -> ControlFlow<()>,
    ) -> Result<(), SearchError> {
        let mut broken = false;
        let done = self.backend.stream(&self.request, wanted, &mut |hit| {
            if take(make(hit)).is_break() {
                broken = true;
                return Err(SearchError::Remote("nothing more is taken".to_string()));
            }
            Ok(())
        });
        if broken { Ok(()) } else { done.map(|_| ()) }
    }
}
