//! Loading letters of the index: those that a request found, and those that are named.

use super::engine::{Engine, Ranked};
use super::error::SearchError;
use super::plan::LogicalPlan;
use super::request::{Hit, HitItem, Request, sort_named};
use super::snippet;
use super::top_docs::ScoredDoc;
use crate::corpus::{INSIDE, relative};
use crate::fields::CASE;
use crate::index::Reason;
use crate::index::sources::letter_term;
use crate::index::{StoredLetter, documents_with, identity};
use crate::letter::Letter;
use crate::vocabulary::{CaseNumber, nearest};
use rayon::prelude::*;
use std::path::Path;
use tantivy::{DocAddress, Searcher, Term};

/// BlockIndex of the store that are kept in memory: letters stand by themselves.
const NO_BLOCKS: usize = 0;

impl Engine {
    /// Loads letters that were found, side by side.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn load_all(
        &self,
        ranked: &Ranked,
        found: &[ScoredDoc],
        request: &Request,
    ) -> Result<Vec<Hit>, SearchError> {
        found
            .par_iter()
            .map(|found| self.load(ranked, found, request))
            .collect()
    }

    /// Loads a letter that was found.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn load(
        &self,
        ranked: &Ranked,
        found: &ScoredDoc,
        request: &Request,
    ) -> Result<Hit, SearchError> {
        let searcher = &ranked.searcher;
        let (letter, id) = self.letter(searcher, found.address)?;
        let items: Vec<HitItem> = found
            .items
            .iter()
            .map(|(doc, score)| HitItem {
                item: (doc - found.first) as usize,
                score: *score,
            })
            .collect();
        let snippets = if request.snippets {
            let mut all = snippet::requests(&letter, &items, &ranked.highlights);
            all.extend(snippet::fragments(&letter, &items, &ranked.highlights));
            all
        } else {
            Vec::new()
        };
        let explanation = if request.explain {
            self.explain(searcher, &ranked.query, found)?
        } else {
            Vec::new()
        };
        Ok(Hit {
            files: self.files(searcher, &id)?,
            letter,
            id,
            score: found.score,
            complete: found.complete,
            mention: !found.tier.answers && !found.partial,
            partial: found.partial,
            items,
            snippets,
            explanation,
        })
    }

    pub(super) fn letter(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<(Letter, String), SearchError> {
        let letter = self.stored(searcher, address)?;
        let id = identity(&letter);
        Ok((letter, id))
    }

    /// A letter as the index stores it.
    pub(super) fn stored(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<Letter, SearchError> {
        let damaged = |e: &dyn Reason| SearchError::Index(self.index().broken(e));
        let segment = searcher.segment_reader(address.segment_ord);
        let open = || Ok(segment.get_store_reader(NO_BLOCKS)?);
        let store = self.stores.of(segment, "", open).map_err(|e| damaged(&e))?;
        let stored = StoredLetter::of(&store, address.doc_id).map_err(|e| damaged(&e))?;
        self.index().read_stored(&stored).map_err(|e| damaged(&e))
    }

    /// A letter with all its items, for itself and not as an answer; None of any other document.
    pub(super) fn whole(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<Option<Hit>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index().broken(&e));
        let reader = searcher.segment_reader(address.segment_ord);
        let blocks = self.blocks(reader).map_err(damaged)?;
        if !blocks.letters().contains(address.doc_id) {
            return Ok(None);
        }
        let (letter, id) = self.letter(searcher, address)?;
        let files = self.files(searcher, &id)?;
        Ok(Some(Hit::whole(letter, id, files)))
    }

    /// The files that hold a letter, in the order of their paths.
    pub(super) fn files(&self, searcher: &Searcher, id: &str) -> Result<Vec<String>, SearchError> {
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index().broken(&e));
        let term = letter_term(self.fields().letter_id, id);
        let mut files = Vec::new();
        for address in documents_with(searcher, &term).map_err(damaged)? {
            let segment = searcher.segment_reader(address.segment_ord);
            let column = self.columns.texts(segment, "source").map_err(damaged)?;
            let Some(column) = &*column else {
                continue;
            };
            if let Some(ord) = column.ords().first(address.doc_id) {
                let mut path = String::new();
                column
                    .ord_to_str(ord, &mut path)
                    .map_err(|e| SearchError::Index(self.index().broken(&e)))?;
                files.push(path);
            }
        }
        files.sort();
        Ok(files.iter().map(|key| relative(key).to_string()).collect())
    }

    /// The letters of a case number, a file's path, or an identity (or the beginning of one).
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn find(&self, name: &str) -> Result<Vec<Hit>, SearchError> {
        let searcher = self.index().reader.searcher();
        let damaged = |e: tantivy::TantivyError| SearchError::Index(self.index().broken(&e));
        let fields = self.fields();
        let mut ids: Vec<String> = Vec::new();
        crate::index::sources::each(self.index(), |row| {
            // A member of an archive is named by its own name, too.
            let inside = row.key.get(row.archive..).unwrap_or_default();
            let file = Path::new(inside.trim_start_matches(INSIDE));
            let named = row.key == name
                || relative(row.key) == name
                || file
                    .file_name()
                    .is_some_and(|f| f.to_string_lossy() == name)
                || file
                    .file_stem()
                    .is_some_and(|f| f.to_string_lossy().eq_ignore_ascii_case(name));
            if named && row.letter != 0 {
                ids.push(crate::index::sources::letter_text(row.letter));
            }
        })?;
        let printed = CaseNumber::printed_in(name);
        let mut terms: Vec<Term> = printed
            .iter()
            .map(|case| Term::from_field_text(fields.of(&CASE), case))
            .collect();
        ids.sort();
        ids.dedup();
        terms.extend(ids.iter().map(|id| letter_term(fields.letter_id, id)));
        terms.push(letter_term(fields.letter_id, name));
        let mut found: Vec<DocAddress> = Vec::new();
        for term in &terms {
            found.extend(documents_with(&searcher, term).map_err(damaged)?);
        }
        found.sort();
        found.dedup();
        let mut hits = Vec::new();
        for address in found {
            hits.extend(self.whole(&searcher, address)?);
        }
        sort_named(&mut hits);
        Ok(hits)
    }

    /// Case numbers of the index that begin as typed, in any form in which people type them
    /// ("cm15-09", "150900", "0900101"); in order, so many at most.
    #[must_use]
    pub fn cases_beginning(&self, typed: &str, most: usize) -> Vec<String> {
        let searcher = self.index().reader.searcher();
        let mut cases = std::collections::BTreeSet::new();
        for start in CaseNumber::beginnings(typed) {
            for segment in searcher.segment_readers() {
                let Ok(index) = segment.inverted_index(self.fields().of(&CASE)) else {
                    continue;
                };
                let Ok(mut terms) = index.terms().range().ge(start.as_bytes()).into_stream() else {
                    continue;
                };
                let mut left = most;
                while left > 0 && terms.advance() {
                    match std::str::from_utf8(terms.key()) {
                        Ok(case) if case.starts_with(&start) => cases.insert(case.to_string()),
                        _ => break,
                    };
                    left -= 1;
                }
            }
        }
        cases.into_iter().take(most).collect()
    }

    /// Case numbers near to those of a plan that no letter has, each beside what was typed.
    pub(super) fn near_typed_cases(
        &self,
        plan: &LogicalPlan,
        found: bool,
    ) -> Vec<(String, Vec<String>)> {
        let near = plan.typed_cases(found).into_iter().map(|typed| {
            let near = self.near_cases(&typed);
            (typed, near)
        });
        near.filter(|(_, near)| !near.is_empty()).collect()
    }

    /// Case numbers of the index nearest to one that it does not have; none for one that it has.
    #[must_use]
    pub fn near_cases(&self, name: &str) -> Vec<String> {
        let searcher = self.index().reader.searcher();
        let has = |case: &String| {
            let term = Term::from_field_text(self.fields().of(&CASE), case);
            searcher.doc_freq(&term).is_ok_and(|count| count > 0)
        };
        if let Some(case) = CaseNumber::meant(name) {
            if case.printed().iter().any(has) {
                return Vec::new();
            }
            let near: Vec<String> = case.misspelt().into_iter().filter(has).take(3).collect();
            if !near.is_empty() {
                return near;
            }
        }
        let name = name.to_uppercase();
        let start: String = name.chars().take(5).collect();
        let mut cases = Vec::new();
        for segment in searcher.segment_readers() {
            let Ok(index) = segment.inverted_index(self.fields().of(&CASE)) else {
                continue;
            };
            let Ok(mut terms) = index.terms().range().ge(start.as_bytes()).into_stream() else {
                continue;
            };
            while cases.len() < 50_000 && terms.advance() {
                match std::str::from_utf8(terms.key()) {
                    Ok(case) if case.starts_with(&start) => cases.push(case.to_string()),
                    _ => break,
                }
            }
        }
        if cases.contains(&name) {
            return Vec::new();
        }
        nearest(&name, cases.iter().map(String::as_str))
    }
}
