//! Where an export comes from: which program, which index, which day, which question. Every export says
//! it, each format in the place that it has for this.

use super::question;
use crate::search::{Backend, Request, SearchError};
use time::{Date, OffsetDateTime};

/// What an export is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// "imr 0.1.0".
    pub program: String,
    /// The index: its folder as named, its newest commit, its letters; none for picked letters.
    index: Option<(String, Option<String>, u64)>,
    /// The day.
    pub date: Date,
    /// What was asked, in words.
    pub question: String,
    /// The letters that answer.
    letters: u64,
    /// Their matching items.
    items: u64,
}

impl Provenance {
    /// Of the answer to a request.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn of(
        engine: &dyn Backend,
        request: &Request,
        letters: u64,
        items: u64,
    ) -> Result<Provenance, SearchError> {
        let commit = engine.commit()?;
        let all = engine.count(&Request::default())?;
        let path = engine.name();
        Ok(Provenance {
            index: Some((path, commit, all.letters)),
            question: question::in_words(request),
            letters,
            items,
            ..Provenance::picked(0)
        })
    }

    /// "imr 0.1.0".
    #[must_use]
    pub fn program() -> String {
        format!("imr {}", env!("CARGO_PKG_VERSION"))
    }

    /// Of letters that a person picked.
    pub(super) fn picked(letters: usize) -> Provenance {
        Provenance {
            program: Provenance::program(),
            index: None,
            date: today(),
            question: "Letters picked by hand.".to_string(),
            letters: letters as u64,
            items: 0,
        }
    }

    /// Keys and values, for formats that have a place for such pairs.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("program", self.program.clone()),
            ("date", self.date.to_string()),
            ("question", self.question.clone()),
            ("letters", self.letters.to_string()),
        ];
        if let Some((path, commit, letters)) = &self.index {
            pairs.push(("items", self.items.to_string()));
            pairs.push(("index", path.clone()));
            pairs.push(("index_letters", letters.to_string()));
            if let Some(commit) = commit {
                pairs.push(("index_commit", commit.clone()));
            }
        }
        pairs
    }

    /// One sentence, for people.
    pub(super) fn sentence(&self) -> String {
        let (program, date) = (&self.program, self.date);
        match &self.index {
            Some((path, _, letters)) => {
                let letters = crate::search::counted(*letters, "letter");
                format!("Exported by {program} on {date} from the index {path} ({letters}).")
            }
            None => format!("Exported by {program} on {date}."),
        }
    }
}

/// Today in UTC, or the day of `SOURCE_DATE_EPOCH`, by which builds and tests get the same bytes again
/// (reproducible-builds.org).
fn today() -> Date {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok();
    let fixed = fixed.and_then(|seconds| seconds.parse().ok());
    let fixed = fixed.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    fixed
        .unwrap_or_else(|| std::time::SystemTime::now().into())
        .date()
}
