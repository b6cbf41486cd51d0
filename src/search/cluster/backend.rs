//! A cluster as a backend.

use super::super::backend::{Backend, Counts, HitStream, PlainStream};
use super::super::by_id::{Marker, SourceFile};
use super::super::error::SearchError;
use super::super::request::{Hit, Request, Response};
use super::super::sample::{Sample, SideBySide};
use super::super::similar::{Similar, SimilarToRequest};
use super::super::stream::Projection;
use super::super::tally::{GroupBy, Tally};
use super::engine::Cluster;
use super::push::pushed_at;
use crate::letter::CaseDocument;
use std::time::SystemTime;

impl Backend for Cluster {
    fn search(&self, request: &Request) -> Result<Response, SearchError> {
        Cluster::search(self, request)
    }

    fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        Cluster::tally(self, request, along)
    }

    fn stream(
        &self,
        request: &Request,
        wanted: Projection,
        take: &mut dyn FnMut(Hit) -> Result<(), SearchError>,
    ) -> Result<Counts, SearchError> {
        Cluster::stream(self, request, wanted, take)
    }

    fn letter(&self, id: &str) -> Result<Option<Hit>, SearchError> {
        self.letter_of(id)
    }

    fn open_stream<'b>(
        &'b self,
        request: &Request,
    ) -> Result<Box<dyn HitStream + 'b>, SearchError> {
        Ok(Box::new(PlainStream::open(self, request)?))
    }

    fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        Cluster::find(self, name)
    }

    fn near_cases(&self, name: &str) -> Vec<String> {
        Cluster::near_cases(self, name)
    }

    fn similar(&self, letter: &Hit, request: &Request) -> Result<Vec<Similar>, SearchError> {
        Cluster::similar(self, letter, request)
    }

    fn similar_to_case(
        &self,
        case: &CaseDocument,
        request: &Request,
    ) -> Result<Vec<SimilarToRequest>, SearchError> {
        Cluster::similar_to_case(self, case, request)
    }

    fn sample(&self, request: &Request, most: usize) -> Result<Sample, SearchError> {
        Cluster::sample(self, request, most)
    }

    fn side_by_side(&self, a: &Request, b: &Request) -> Result<SideBySide, SearchError> {
        Cluster::side_by_side(self, a, b)
    }

    fn version(&self) -> Result<String, SearchError> {
        Ok(self.pushed()?["version"].to_string())
    }

    fn marker(&self, request: &Request) -> Result<Marker, SearchError> {
        Cluster::marker(self, request)
    }

    fn cases_beginning(&self, typed: &str, most: usize) -> Vec<String> {
        Cluster::cases_beginning(self, typed, most)
    }

    fn sources_of(&self, _: &str) -> Result<Vec<SourceFile>, SearchError> {
        Err(SearchError::NotHere(
            "an index on a cluster has the text of letters, but not their files".to_string(),
        ))
    }

    fn changed(&self) -> Option<SystemTime> {
        pushed_at(self.pushed().ok()?["version"].as_str()?)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn name(&self) -> String {
        self.client.name()
    }
}
