//! What became of a source that was read.

use super::super::catalog::Entry;
use super::super::sources::SourceState;
use crate::letter::Letter;

/// A source whose letter was read, or that gave none.
pub(super) struct Outcome<'k> {
    pub key: String,
    pub before: Option<&'k Entry>,
    /// With the reason where there is no letter.
    pub state: SourceState,
    pub found: SourceContent,
}

/// What a source holds.
pub(super) enum SourceContent {
    Letter(Box<Letter>),
    /// Several letters: each is a source of its own, as the members of an archive are.
    Several,
    Nothing,
}
