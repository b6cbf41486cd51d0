//! Names of fields, values and dates as a person reads them.

use crate::letter::LetterDate;
use crate::search::{Filter, Request};

pub(super) use crate::fields::{last_part as last, value_label as value};

/// "body-part" as "body part".
pub(super) fn field(name: &str) -> String {
    name.replace('-', " ")
}

/// A filter as a person reads it: "drug: not tramadol".
pub(super) fn filter(filter: &Filter) -> String {
    let not = if filter.negated { "not " } else { "" };
    let value = value(&filter.name, &filter.value);
    format!("{}: {not}{value}", field(&filter.name))
}

/// A search in one line, its words and its filters; None where it is for all letters.
pub(super) fn search(search: &Request) -> Option<String> {
    let words = (!search.query.is_empty()).then(|| search.query.clone());
    let parts: Vec<String> = words
        .into_iter()
        .chain(search.filters.iter().map(filter))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// With a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// "Mar 6, 2015".
pub(super) fn date(date: LetterDate) -> String {
    let month = date.0.month().to_string();
    let month: String = month.chars().take(3).collect();
    format!("{month} {}, {}", date.0.day(), date.0.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_american() {
        let day = LetterDate::new(2015, 3, 6).unwrap();
        assert_eq!(date(day), "Mar 6, 2015");
    }
}
