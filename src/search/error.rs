//! Why a search gave no answer, in one sentence.

use crate::fields::ValueError;
use crate::index::IndexError;

/// The most that a message quotes of what was typed, in characters.
const LONGEST_QUOTED: usize = 60;

/// More suggestions than this are a list.
const MOST_MEANT: usize = 3;

/// Why a search gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The query cannot be read.
    #[error("the query has {what} at {}: {marked}", place(.at))]
    Query {
        /// What is wrong with it.
        what: String,
        /// Where, in characters from 1; 0 for its end.
        at: usize,
        /// The query with the place marked.
        marked: String,
    },
    /// A filter is not known.
    #[error("there is no filter '{}'{}", brief(.name), did_you_mean(.suggestions))]
    UnknownFilter {
        /// As given.
        name: String,
        /// The nearest.
        suggestions: Vec<String>,
    },
    /// A filter's value is not known.
    #[error("{filter}: unknown value '{}'{}", brief(.value), did_you_mean(.suggestions))]
    UnknownValue {
        /// The filter.
        filter: String,
        /// The value as typed.
        value: String,
        /// The nearest known ones.
        suggestions: Vec<String>,
    },
    /// A filter's value is not of its form.
    #[error("{filter}: '{}' is not {expected}", brief(.value))]
    BadValue {
        /// The filter.
        filter: String,
        /// The value as typed.
        value: String,
        /// What is.
        expected: String,
    },
    /// A facet is not known.
    #[error("there is no facet '{}'{}", brief(.name), meant_or(.suggestions, .known))]
    UnknownFacet {
        /// As typed.
        name: String,
        /// The nearest.
        suggestions: Vec<String>,
        /// All.
        known: String,
    },
    /// What was added after a commit is asked for, and the index was built anew since.
    #[error("the index was rebuilt after that commit, so imr does not know what was added since")]
    Rebuilt,
    /// The search took longer than its deadline allows.
    #[error("this took too long; narrow the query")]
    TimedOut,
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What is searched does not have this; a sentence.
    #[error("{0}")]
    NotHere(String),
    /// An engine on another machine refuses; a sentence.
    #[error("{0}")]
    Remote(String),
    /// An engine on another machine does not answer any more; a sentence.
    #[error("{0}")]
    Lost(String),
}

/// The error for a value of a filter.
pub(super) fn value_error(filter: &str, value: &str, error: ValueError) -> SearchError {
    match error {
        ValueError::Unknown(suggestions) => SearchError::UnknownValue {
            filter: filter.to_string(),
            value: value.to_string(),
            suggestions,
        },
        ValueError::Form(expected) => SearchError::BadValue {
            filter: filter.to_string(),
            value: value.to_string(),
            expected: expected.to_string(),
        },
    }
}

impl SearchError {
    /// The error for a field's value as one of the query, where it stands there.
    pub(super) fn in_query(self, query: &str, typed: &str, at: usize) -> SearchError {
        let why = match self {
            SearchError::UnknownValue { suggestions, .. } => {
                format!("no such value{}", did_you_mean(&suggestions))
            }
            SearchError::BadValue { expected, .. } => format!("not {expected}"),
            other => return other,
        };
        query_error(query, &format!("'{}' ({why})", brief(typed)), at)
    }
}

/// What was typed, as a message quotes it: in one line, and not all of it where it is long.
#[must_use]
pub(crate) fn brief(typed: &str) -> String {
    let chars: Vec<char> = typed.chars().take(LONGEST_QUOTED).collect();
    let mut brief = in_line(&chars);
    if typed.chars().nth(LONGEST_QUOTED).is_some() {
        brief.push_str("...");
    }
    brief
}

fn place(at: &usize) -> String {
    if *at == 0 {
        "its end".to_string()
    } else {
        format!("character {at}")
    }
}

fn did_you_mean(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
        [one] => format!("; did you mean '{one}'?"),
        // Nothing is near: these are all that there are.
        [first @ .., last] if first.len() >= MOST_MEANT => {
            format!("; use {} or {last}", first.join(", "))
        }
        many => format!(
            "; did you mean {}?",
            many.iter()
                .map(|s| format!("'{s}'"))
                .collect::<Vec<_>>()
                .join(" or ")
        ),
    }
}

/// What may be meant; where nothing is near, everything that there is.
fn meant_or(suggestions: &[String], known: &str) -> String {
    match suggestions {
        [] => format!("; the facets are {known}"),
        _ => did_you_mean(suggestions),
    }
}

/// The error for what is wrong with a query at a place: a character from 1, 0 for the end.
pub(super) fn query_error(query: &str, what: &str, at: usize) -> SearchError {
    let chars: Vec<char> = query.chars().collect();
    let cut = if at == 0 {
        chars.len()
    } else {
        at.min(chars.len() + 1) - 1
    };
    let before = &chars[cut.saturating_sub(30)..cut];
    let after = &chars[cut..(cut + 30).min(chars.len())];
    SearchError::Query {
        what: what.to_string(),
        at,
        marked: format!("{}\u{2192}{}", in_line(before), in_line(after)),
    }
}

/// Characters in one line, and without those that only order a terminal about.
pub(super) fn in_line<'c>(chars: impl IntoIterator<Item = &'c char>) -> String {
    let shown = chars.into_iter().filter(|c| !is_unseen(**c));
    shown
        .map(|c| if c.is_control() { ' ' } else { *c })
        .collect()
}

/// Whether a character has no form of its own: soft hyphens, joiners, variants, directions of writing.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
