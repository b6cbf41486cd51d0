//! A request in words, as a brief puts it before its answer.

use crate::fields::{self, FilterKind, Level};
use crate::search::{Filter, MatchMode, Request};

/// The request as one sentence.
#[must_use]
pub(super) fn in_words(request: &Request) -> String {
    let query = request.query.trim();
    let mut sentence = String::new();
    if query.is_empty() {
        sentence += if request.filters.is_empty() {
            "All letters of the index"
        } else {
            "Letters"
        };
    } else {
        sentence += match request.match_mode {
            MatchMode::Most => "Letters that match the words ",
            MatchMode::All => "Letters with all of the words ",
            MatchMode::Any => "Letters with any of the words ",
        };
        sentence += &format!("\u{201c}{query}\u{201d}");
        if request.exact {
            sentence += ", without synonyms";
        }
    }
    let of_item = conditions(request, true);
    let of_letter = conditions(request, false);
    if !of_item.is_empty() {
        sentence += if query.is_empty() {
            " with "
        } else {
            ", with "
        };
        sentence += if request.any_item {
            "items in which "
        } else {
            "an item in which "
        };
        sentence += &listed(&of_item, if request.any_item { "or" } else { "and" });
    }
    if !of_letter.is_empty() {
        sentence += if of_item.is_empty() {
            " in which "
        } else {
            "; in the letter, "
        };
        sentence += &listed(&of_letter, "and");
    }
    sentence.push('.');
    sentence
}

/// "the drug is norco or vicodin", "the year decided is not 2014".
fn conditions(request: &Request, of_item: bool) -> Vec<String> {
    let mut conditions = Vec::new();
    for (field, filter) in fields::filters() {
        let (kind, subject) = (filter.resolve.kind(), filter.subject);
        for negated in [false, true] {
            let ours = |f: &&Filter| f.name == field.name && f.negated == negated;
            let values: Vec<String> = request
                .filters
                .iter()
                .filter(ours)
                .map(|f| value(&f.value, kind))
                .collect();
            if !values.is_empty() && (field.level() == Level::Item) == of_item {
                let verb = if negated { "is not" } else { "is" };
                conditions.push(format!("{subject} {verb} {}", listed(&values, "or")));
            }
        }
    }
    conditions
}

/// "2014..2016" as "2014 to 2016".
fn value(typed: &str, kind: FilterKind) -> String {
    let range = match kind {
        FilterKind::Word => None,
        FilterKind::Number | FilterKind::Date => typed.split_once(".."),
    };
    match range.map(|(from, to)| (from.trim(), to.trim())) {
        None => typed.trim().to_string(),
        Some(("", to)) => format!("up to {to}"),
        Some((from, "")) => format!("from {from} on"),
        Some((from, to)) => format!("{from} to {to}"),
    }
}

/// "a", "a or b", "a, b or c".
fn listed(parts: &[String], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, value: &str, negated: bool) -> Filter {
        Filter {
            name: name.to_string(),
            value: value.to_string(),
            negated,
        }
    }

    #[test]
    fn a_request_is_told_in_a_sentence() {
        let request = Request {
            query: "norco taper".into(),
            filters: vec![
                filter("drug", "norco", false),
                filter("drug", "vicodin", false),
                filter("decision", "overturned", false),
                filter("year", "2014..2016", false),
                filter("sex", "male", true),
            ],
            ..Request::default()
        };
        assert_eq!(
            in_words(&request),
            "Letters that match the words \u{201c}norco taper\u{201d}, with an item in which the drug is \
             norco or vicodin and the decision is overturned; in the letter, the year decided is \
             2014 to 2016 and the worker's sex is not male."
        );
        assert_eq!(in_words(&Request::default()), "All letters of the index.");
        let old = Request {
            filters: vec![filter("injured", "..2005", false)],
            ..Request::default()
        };
        assert_eq!(
            in_words(&old),
            "Letters in which the date of injury is up to 2005."
        );
    }
}
