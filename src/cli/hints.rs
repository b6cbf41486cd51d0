//! Errors of the library as the command says them: with the option that is meant, and what to type next.
//! The library itself does not speak of options: it also answers the page, the API and assistants.

use crate::corpus::Remedy;
use crate::fields;
use crate::index::IndexError;
use crate::search::SearchError;

/// An error of the index, with what mends it.
#[must_use]
pub(super) fn of_index(error: &IndexError) -> String {
    let hint = match error {
        IndexError::Missing(path) => {
            // A relative path is looked for where one stands, which changes with every window.
            let here = std::env::current_dir().ok().filter(|_| path.is_relative());
            let here = here.map_or_else(String::new, |here| format!(" (in {})", here.display()));
            format!(
                "{here}; build one with `imr index FOLDER`, or name another with --index or IMR_INDEX"
            )
        }
        IndexError::NotAnIndex(_) => "; name an index with --index or IMR_INDEX".to_string(),
        IndexError::OtherFormat { .. } => {
            "; rebuild it with `imr index --rebuild FOLDER`".to_string()
        }
        IndexError::Broken { .. } => {
            "; if the disk is sound, rebuild it with `imr index --rebuild FOLDER`".to_string()
        }
        IndexError::WouldLose { count, .. } => {
            let (their, them) = if *count == 1 {
                ("its", "it")
            } else {
                ("their", "them")
            };
            format!("; name {their} folder too, or remove {them} with --prune")
        }
        IndexError::Unverifiable { .. } => {
            ". To replace it anyway: imr index --rebuild --discard-old FOLDER".to_string()
        }
        _ => String::new(),
    };
    format!("{error}{hint}")
}

/// Why a source yielded no letter, with the option that helps.
#[must_use]
pub(super) fn of_source(reason: &str) -> String {
    let hint = match Remedy::of(reason) {
        Some(Remedy::TextKey) => " (--text-key names another)",
        Some(Remedy::Columns) => "; name its columns with --map, as in --map text=COLUMN",
        Some(Remedy::Ocr) | None => "",
    };
    format!("{reason}{hint}")
}

/// A correction of a document that cannot be made, by its option.
#[must_use]
pub(super) fn of_edit(error: &str) -> String {
    let dashes = if error.starts_with("with") { "--" } else { "" };
    format!("{dashes}{error}")
}

/// An error of a search; a filter is named as its option.
#[must_use]
pub(super) fn of_search(error: &SearchError) -> String {
    match error {
        SearchError::Index(error) => of_index(error),
        SearchError::UnknownValue { filter, value, .. } if value.contains(',') => {
            format!("--{error}; for several values, repeat --{filter}")
        }
        // Where nothing is near, the values that there are.
        SearchError::UnknownValue {
            filter,
            suggestions,
            ..
        } if suggestions.is_empty() && fields::facets().any(|(field, _)| field.name == filter) => {
            format!("--{error}; imr facets {filter} lists the values")
        }
        SearchError::UnknownValue { .. } | SearchError::BadValue { .. } => format!("--{error}"),
        other => other.to_string(),
    }
}
