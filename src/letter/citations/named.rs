//! What the readers of citations share: the kinds of statements, and the guidelines named in them.

use crate::letter::any_case::AnyCase;
use crate::vocabulary::Source;

/// What a statement says that it cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// "Decision based on MTUS"
    Mtus,
    /// "Decision based on Non-MTUS Citation"
    NonMtus,
    /// Neither: "based its decision on the"
    Unsaid,
}

/// A guideline named in a statement and what belongs to it.
pub(super) struct NamedGuideline {
    pub source: Source,
    /// The name of the table; None where a chapter is cited by its number alone.
    pub name: Option<usize>,
    /// The title without an edition.
    pub title: &'static str,
    pub start: usize,
    pub end: usize,
}

/// The MTUS by its letters.
pub(super) const MTUS: AnyCase = AnyCase::new("mtus");
/// And by its name.
pub(super) const SCHEDULE: AnyCase = AnyCase::new("utilization schedule");
