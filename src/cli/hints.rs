//! Errors of the library as the command says them: with the option that is meant, and what to type next.

use crate::index::IndexError;
use crate::search::SearchError;

/// An error of the index, with what mends it.
#[must_use]
pub(super) fn of_index(error: &IndexError) -> String {
    let hint = match error {
        IndexError::Missing(_) => {
            ": make one with `imr index CORPUS`, or name another with --index".to_string()
        }
        IndexError::NotAnIndex(_) => ": name another with --index".to_string(),
        IndexError::OtherFormat { .. } => {
            ": rebuild it with `imr index --rebuild CORPUS`".to_string()
        }
        IndexError::Broken { .. } => {
            "; if the disk is sound, rebuild it with `imr index --rebuild CORPUS`".to_string()
        }
        IndexError::WouldLose { count, .. } => {
            let (their, them) = if *count == 1 {
                ("its", "it")
            } else {
                ("their", "them")
            };
            format!(": name {their} folder too, or remove {them} with --prune")
        }
        IndexError::Unverifiable { .. } => {
            ". To replace it anyway: imr index --rebuild --discard-old CORPUS".to_string()
        }
        _ => String::new(),
    };
    format!("{error}{hint}")
}

/// An error of a search; a filter is named as its option.
#[must_use]
pub(super) fn of_search(error: &SearchError) -> String {
    match error {
        SearchError::Index(error) => of_index(error),
        SearchError::UnknownValue { .. } | SearchError::BadValue { .. } => format!("--{error}"),
        other => other.to_string(),
    }
}
