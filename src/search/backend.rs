//! What a search engine must be able to do for imr, whichever it is.
//!
//! The planner makes a logical plan of a request; a backend answers it. tantivy's is [`Engine`], which
//! everything ships with; [`NaiveBackend`] reads every letter and is what the others are compared with.
//!
//! [`NaiveBackend`]: super::NaiveBackend

use super::engine::Engine;
use super::error::SearchError;
use super::request::{FacetCounts, Hit, Request, Response};
use super::similar::Similar;
use super::stream::Projection;
use super::tally::{GroupBy, Tally};

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
    fn suggest(&self, request: &Request) -> Result<Vec<(String, Vec<String>)>, SearchError>;

    /// The state of what is searched: it changes with every change of the letters.
    ///
    /// # Errors
    /// If the backend fails.
    fn version(&self) -> Result<String, SearchError>;
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

    fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        Engine::similar(self, letter, request)
    }

    fn suggest(&self, request: &Request) -> Result<Vec<(String, Vec<String>)>, SearchError> {
        let request = Request {
            limit: 0,
            facets: Vec::new(),
            ..request.clone()
        };
        Ok(Engine::search(self, &request)?.suggestions)
    }

    fn version(&self) -> Result<String, SearchError> {
        Ok(format!("{:?}", self.index().version()))
    }
}
