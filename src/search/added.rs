//! What came into the index after a commit: for searches that are asked again.

use super::engine::Engine;
use super::error::SearchError;
use super::filters::Condition;
use super::predicate::{Keyword, Predicate};
use crate::index::is_commit_name;
use tantivy::Searcher;

impl Engine {
    /// The name of the newest commit that brought something that this state of the index holds; None of an
    /// index without any that has a time.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn newest_commit(&self) -> Result<Option<String>, SearchError> {
        let newest = self.commit_names(&self.index().reader.searcher())?.pop();
        Ok(newest.filter(|name| is_commit_name(name)))
    }

    /// The condition on letters that came after a commit.
    ///
    /// # Errors
    /// If the index was built anew since that commit, so that every letter is of a later one; if it is
    /// damaged.
    pub(super) fn added_after(
        &self,
        searcher: &Searcher,
        after: &str,
    ) -> Result<Condition, SearchError> {
        let names = self.commit_names(searcher)?;
        let is_later = |name: &String| is_commit_name(name) && name.as_str() > after;
        // The commit itself may be gone with its letters; one before it is there, or it is another index.
        if names.iter().all(is_later) && !names.is_empty() {
            return Err(SearchError::Rebuilt);
        }
        let later = names.into_iter().filter(is_later).map(Keyword::Exact);
        Ok(Condition {
            name: "added-after",
            item: false,
            predicate: Predicate::keywords("commit", later.collect()),
            negated: false,
        })
    }

    fn commit_names(&self, searcher: &Searcher) -> Result<Vec<String>, SearchError> {
        let names = self.index().commits(searcher);
        names.map_err(|e| SearchError::Index(self.index().broken(&e)))
    }
}
