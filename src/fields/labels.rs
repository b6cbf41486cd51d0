//! Names of values as a person reads them: one place for the command, the page and the API's labels.

use super::definition::ValueLabel;
use super::item::DRUG;
use super::registry::{facet, filter};
use super::resolve::Resolve;
use crate::vocabulary::Drugs;

/// A filter's value without the path above it: "opioid analgesic/acetaminophen-hydrocodone" as
/// "acetaminophen/hydrocodone".
#[must_use]
pub fn value_label(field: &str, value: &str) -> String {
    let Some((_, filter)) = filter(field) else {
        return value.to_string();
    };
    let is_path = matches!(filter.resolve, Resolve::Page(_)) && value.contains('/');
    if !is_path && !matches!(filter.resolve, Resolve::Names { .. }) {
        return value.replace("..", " to ").trim().to_string();
    }
    if field == DRUG.name {
        let last = last_part(value);
        let drug = Drugs::get().named(value).or(Drugs::get().named(&last));
        return match drug {
            Some(drug) if value.contains('/') => drug.name.to_string(),
            _ => last,
        };
    }
    let label = facet(field).and_then(|(_, facet)| facet.panel);
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

/// A facet's value as a list shows it and as its filter takes it: a drug by its name
/// ("acetaminophen/hydrocodone"), a part of the body in words ("low back"), any other as the index holds it.
#[must_use]
pub fn listed_value(facet_name: &str, value: &str) -> String {
    let label = facet(facet_name).and_then(|(_, facet)| facet.panel);
    let is_words = label.is_some_and(|panel| panel.label == ValueLabel::Words);
    if facet_name == DRUG.name || (is_words && !value.contains('/')) {
        return value_label(facet_name, value);
    }
    value.to_string()
}

/// The last part of a path.
#[must_use]
pub fn last_part(value: &str) -> String {
    value.rsplit('/').next().unwrap_or(value).to_string()
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
            ("page", "MTUS/Chronic Pain/78", "MTUS Chronic Pain, page 78"),
            ("page", "74..96", "74 to 96"),
            ("body-part", "low-back", "low back"),
            ("decided", "2015-01..2015-06", "2015-01 to 2015-06"),
            ("nothing", "a/b", "a/b"),
        ] {
            assert_eq!(value_label(name, path), expected);
        }
    }

    #[test]
    fn what_a_list_shows_its_filter_takes() {
        for (name, value, expected) in [
            (
                "drug",
                "opioid analgesic/acetaminophen-hydrocodone",
                "acetaminophen/hydrocodone",
            ),
            ("body-part", "low-back", "low back"),
            ("service", "imaging/MRI", "imaging/MRI"),
            ("page", "MTUS/Chronic Pain/78", "MTUS/Chronic Pain/78"),
        ] {
            let shown = listed_value(name, value);
            assert_eq!(shown, expected);
            let (field, _) = filter(name).unwrap();
            let held = |_: &str| vec!["MTUS/Chronic Pain".to_string()];
            let paths = match field.resolve(&shown, &held) {
                Ok(super::super::Values::Paths(paths)) => paths,
                other => panic!("{name} {shown}: {other:?}"),
            };
            assert!(
                paths.iter().any(|path| path.to_string() == value),
                "{paths:?}"
            );
        }
    }
}
