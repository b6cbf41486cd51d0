//! The vocabulary of the domain: drugs, guidelines, treatments, body parts, specialties, synonyms.
//!
//! The words themselves are tables in `index-schema/`, compiled in; this module loads them, finds
//! them in text, and resolves what a person typed to one of them. It knows nothing of letters.

mod body_parts;
mod byte_bits;
mod case_numbers;
mod categories;
mod decision_words;
mod dose_forms;
mod drugs;
mod fold;
mod guidelines;
mod lexicon;
mod lower_text;
mod other_documents;
mod patterns;
mod phrases;
mod query_names;
mod quick_hash;
mod resolve;
mod services;
mod specialties;
mod spelled;
mod synonyms;
mod table;

pub use body_parts::{BODY_PARTS, BodyParts};
pub use byte_bits::ByteBits;
pub use case_numbers::CaseNumber;
pub use categories::{TREATMENTS, is_stop_word, treatment_category};
pub use decision_words::DecisionWords;
pub use dose_forms::DoseForms;
pub use drugs::{DRUGS_TSV, Drugs, Generic, NamedDrug, Route, UNLISTED};
pub use fold::{Fold, fold};
pub use guidelines::{Guidelines, Source, TitleMatch};
pub use lower_text::LowerText;
pub use other_documents::OtherDocuments;
pub use patterns::{PatternMatch, Patterns, Word, words_of};
pub use phrases::{PhraseMatch, Phrases};
pub use query_names::{QueryName, query_name};
pub use quick_hash::QuickHash;
pub use resolve::{Resolution, nearest};
pub use services::{
    General, Meaning, NAMES_A_SERVICE, Service, ServiceMatch, ServiceOrCategory, ServicePhrase,
    Services, services_like,
};
pub use specialties::{Specialties, states};
pub use spelled::{is_of_tables, is_ordinary_word, is_spelled_right, table_words};
pub use synonyms::{SYNONYMS_TSV, Synonyms};
pub use table::{Row, Table};
