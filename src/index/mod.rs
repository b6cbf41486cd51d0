//! The index: its schema, the documents of a letter, the ingest that fills it, what it holds.
//!
//! The invariant everything leans on: a letter is one *block* of documents, its items first, the
//! letter itself last, added in one operation so that they share a segment and stay adjacent
//! through merges.

mod atomic;
mod catalog;
mod check;
mod commits;
mod dictionary;
mod directory;
mod document;
mod documents;
mod drift;
mod error;
mod files;
mod indexed;
mod ingest;
mod known_phrases;
mod manifest;
mod names;
mod optimize;
mod postings;
mod reason;
mod rebuild;
mod record;
mod schema;
mod segment;
pub(crate) mod sources;
mod status;
mod stems;
mod store;
mod stored;
mod tokenizer;
mod version;

pub use check::Soundness;
pub use commits::is_commit_name;
pub(crate) use documents::OUTSIDE_BLOCKS;
pub use documents::{facet, facet_of, path_term};
pub use drift::{LetterPart, YearOfLetters};
pub use error::IndexError;
pub use files::damaged_file;
pub use indexed::{IndexedTerm, each_indexed, indexing_digest};
pub use ingest::{Event, Ingest, IngestOptions, Progress, Repaired, Report, identity};
pub use known_phrases::{is_between, is_phrase_token, phrase_token};
pub use optimize::{Optimized, optimize};
pub(crate) use postings::documents_with;
pub(crate) use reason::Reason;
pub use rebuild::rebuild;
pub use schema::{FieldSpec, Fields, Type, field_specs};
pub use status::Status;
pub use store::Index;
pub use stored::{StoredLetter, packed, unpacked};
pub use tokenizer::{
    FirstLetters, SurfaceTokenizer, Word, chunk_words, each_word, plain_words, surface_words, words,
};
pub use version::IndexVersion;

/// The version of the index's layout. Raise it when documents change in a way that old indexes do
/// not have.
pub const FORMAT: u32 = 11;
