//! A sentence, and what the tables know in it.

use super::vocabulary::EntryMatch;
use crate::vocabulary::Word;

/// A sentence with what the tables know in it.
pub(super) struct Sentence<'t> {
    pub text: &'t str,
    pub words: &'t [Word],
    pub found: &'t [EntryMatch],
    /// Of the case summary, not of a rationale.
    pub of_summary: bool,
}

impl Sentence<'_> {
    /// What stands between two of its words, punctuation too.
    pub(super) fn between(&self, before: usize, after: usize) -> &str {
        let from = before.checked_sub(1).map_or(0, |last| self.words[last].end);
        let to = self.words.get(after).map_or(from, |word| word.start);
        self.text.get(from..to.max(from)).unwrap_or("")
    }

    pub(super) fn word(&self, at: usize) -> &str {
        self.words
            .get(at)
            .map_or("", |w| &self.text[w.start..w.end])
    }
}
