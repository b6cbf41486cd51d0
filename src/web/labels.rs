//! Names of fields, values and dates as a person reads them.

use crate::fields::{self, Resolve, ValueLabel};
use crate::letter::LetterDate;
use crate::search::{Filter, Request};
use crate::vocabulary::Drugs;

/// "body-part" as "body part".
pub(super) fn field(name: &str) -> String {
    name.replace('-', " ")
}

/// A filter's value without the path above it: "opioid analgesic/acetaminophen-hydrocodone" as
/// "acetaminophen/hydrocodone".
pub(super) fn value(field: &str, value: &str) -> String {
    let Some((_, filter)) = fields::filter(field) else {
        return value.to_string();
    };
    if !matches!(filter.resolve, Resolve::Names { .. }) {
        return value.replace("..", " to ").trim().to_string();
    }
    if field == fields::DRUG.name {
        let last = last(value);
        let drug = Drugs::get().named(value).or(Drugs::get().named(&last));
        return match drug {
            Some(drug) if value.contains('/') => drug.name.to_string(),
            _ => last,
        };
    }
    let mut panels = fields::facets().filter_map(|(_, facet)| facet.panel);
    let label = panels.find(|panel| panel.chosen_by == field);
    let segments: Vec<&str> = value.split('/').collect();
    match (label.map(|panel| panel.label), segments.as_slice()) {
        (Some(ValueLabel::Title | ValueLabel::Page), [source, title, page]) => {
            format!("{source} {title}, page {page}")
        }
        (Some(ValueLabel::Title | ValueLabel::Page), [source, title]) => {
            format!("{source} {title}")
        }
        (Some(ValueLabel::Pair), [theme, said]) => format!("{theme}: {said}"),
        // "low-back", but "X-ray": only what is in lower case throughout.
        (Some(ValueLabel::Words), [one]) if !one.chars().any(char::is_uppercase) => {
            one.replace('-', " ")
        }
        (_, [.., last]) => (*last).to_string(),
        _ => value.to_string(),
    }
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

/// The last part of a path.
pub(super) fn last(value: &str) -> String {
    value.rsplit('/').next().unwrap_or(value).to_string()
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
    fn no_path_reaches_a_person() {
        for (name, path, expected) in [
            (
                "drug",
                "opioid analgesic/acetaminophen-hydrocodone",
                "acetaminophen/hydrocodone",
            ),
            (
                "drug",
                "acetaminophen/hydrocodone",
                "acetaminophen/hydrocodone",
            ),
            ("drug", "norco", "norco"),
            ("drug", "opioid analgesic", "opioid analgesic"),
            ("treatment", "imaging/MRI", "MRI"),
            (
                "guideline",
                "MTUS/Chronic Pain/78",
                "MTUS Chronic Pain, page 78",
            ),
            (
                "reason",
                "functional improvement/not shown",
                "functional improvement: not shown",
            ),
            ("diagnosis", "low back/sciatica", "sciatica"),
            ("body-part", "low-back", "low back"),
            ("decided", "2015-01..2015-06", "2015-01 to 2015-06"),
            ("nothing", "a/b", "a/b"),
        ] {
            assert_eq!(value(name, path), expected);
        }
    }

    #[test]
    fn dates_are_american() {
        let day = LetterDate::new(2015, 3, 6).unwrap();
        assert_eq!(date(day), "Mar 6, 2015");
    }
}
