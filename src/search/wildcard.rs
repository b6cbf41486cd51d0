//! Values with a `*` at their end: the names that begin so.

use super::error::{SearchError, value_error};
use super::request::Filter;
use crate::fields::{self, Resolve, beginning};
use crate::vocabulary::{fold, nearest};

/// Filters with every name that begins so in the place of one with a star. Numbers and dates have
/// ranges instead, and are left as they are; so are case numbers, which no table has.
///
/// # Errors
/// If no name begins so.
pub(super) fn spelled_out(
    filters: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Vec<Filter>, SearchError> {
    let mut all = Vec::with_capacity(filters.len());
    for filter in filters {
        let resolve = fields::filter(&filter.name).map(|(_, filter)| filter.resolve);
        let named = match resolve {
            Some(resolve @ (Resolve::Choice(_) | Resolve::Names { .. } | Resolve::Side)) => {
                let stem = beginning(&filter.value)
                    .map_err(|error| value_error(&filter.name, &filter.value, error))?;
                stem.map(|stem| (stem, resolve.names(values_of)))
            }
            _ => None,
        };
        let Some((stem, names)) = named else {
            all.push(filter.clone());
            continue;
        };
        let folded = fold(stem);
        let begins = |name: &&String| fold(name).starts_with(&folded);
        let begun = names.iter().map(|names| names.iter().filter(begins));
        let begun: Vec<Vec<&String>> = begun.map(Iterator::collect).collect();
        let Some(found) = begun.into_iter().find(|found| !found.is_empty()) else {
            let every = names.iter().flatten().map(String::as_str);
            return Err(SearchError::UnknownValue {
                filter: filter.name.clone(),
                value: filter.value.clone(),
                suggestions: nearest(stem, every),
            });
        };
        all.extend(found.into_iter().map(|name| Filter {
            value: name.clone(),
            ..filter.clone()
        }));
    }
    Ok(all)
}
