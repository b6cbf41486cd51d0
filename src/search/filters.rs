//! From the filters of a request to conditions without any engine's types. What a typed value means is
//! the registry's to say (`fields`); here stands how filters act together.

use super::error::{SearchError, value_error};
use super::predicate::{Keyword, Predicate, Test};
use super::request::Filter;
use super::wildcard;
use crate::fields::{self, FieldDefinition, Level, Path, Resolve, Values};
use crate::vocabulary::{BodyParts, Guidelines, Source, fold, nearest};
use std::ops::RangeInclusive;

/// What the filters of a request come to: conditions that must all hold.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// On one and the same item.
    pub item: Vec<Condition>,
    /// On the letter.
    pub letter: Vec<Condition>,
}

/// One filter's values.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The filter.
    pub name: &'static str,
    /// It holds in an item, not in the letter.
    pub item: bool,
    /// What has any of its values.
    pub predicate: Predicate,
    /// What matches is left out.
    pub negated: bool,
}

/// Resolves the filters of a request. `values_of` lists the values that the index holds under a
/// facet, for filters without a table.
///
/// # Errors
/// If a filter or a value is unknown, or a value is of the wrong form.
pub(super) fn resolve(
    filters: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Conditions, SearchError> {
    let mut conditions = Conditions::default();
    if let Some(unknown) = filters.iter().find(|f| fields::filter(&f.name).is_none()) {
        return Err(unknown_filter(&unknown.name));
    }
    let filters = &wildcard::spelled_out(filters, values_of)?;
    let side = cited_field(filters, values_of)?;
    for negated in [false, true] {
        let chosen = |name: &str| -> Vec<&str> {
            filters
                .iter()
                .filter(|f| f.name == name && f.negated == negated)
                .map(|f| f.value.as_str())
                .collect()
        };
        for (field, filter) in fields::filters() {
            let values = chosen(field.name);
            if values.is_empty() || matches!(filter.resolve, Resolve::Side) {
                continue;
            }
            // A page is looked for in the guidelines that are asked for with it, unless it names its own.
            let bare = |page: &&str| !page.contains('/');
            if *field == fields::GUIDELINE && chosen(fields::PAGE.name).iter().any(bare) {
                continue;
            }
            let predicate = if *field == fields::PAGE {
                let guidelines = resolved(&fields::GUIDELINE, &chosen("guideline"), values_of)?;
                pages(
                    side,
                    resolved(field, &values, values_of)?,
                    guidelines,
                    values_of,
                )
            } else {
                let looked_into = match field.base() {
                    base if *base == fields::GUIDELINE => side,
                    base => base,
                };
                predicate(looked_into, resolved(field, &values, values_of)?)
            };
            conditions.add(Condition {
                name: field.name,
                item: field.level() == Level::Item,
                predicate,
                negated,
            });
        }
    }
    // A side by itself: it cites something.
    let of_guidelines = |f: &Filter| {
        let field = fields::filter(&f.name).map(|(field, _)| field.base());
        field.is_some_and(|base| *base == fields::GUIDELINE)
    };
    if filters.iter().any(|f| f.name == fields::CITED_BY.name) && !filters.iter().any(of_guidelines)
    {
        let sources = Source::ALL.map(|source| Path::of([source.name()]));
        conditions.add(Condition {
            name: fields::CITED_BY.name,
            item: true,
            predicate: predicate(side, vec![Values::Paths(sources.into())]),
            negated: false,
        });
    }
    Ok(conditions)
}

impl Conditions {
    /// Leaves out what is no letter.
    pub(super) fn leave_out_others(&mut self) {
        let other = Values::Paths(vec![Path::of([fields::OTHER])]);
        self.add(Condition {
            name: fields::DOCUMENT.name,
            item: false,
            predicate: predicate(&fields::DOCUMENT, vec![other]),
            negated: true,
        });
    }

    fn add(&mut self, condition: Condition) {
        if condition.item {
            self.item.push(condition);
        } else {
            self.letter.push(condition);
        }
    }
}

/// What one field and value of the query language (`drug:norco`) asks for beside the filters.
///
/// # Errors
/// As [`resolve`].
pub(super) fn field_query(
    name: &str,
    value: &str,
    beside: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Condition, SearchError> {
    let mut filters = vec![Filter::new(name, value)];
    let base = fields::filter(name).map(|(field, _)| field.base());
    if base.is_some_and(|base| *base == fields::GUIDELINE) {
        let side = |f: &&Filter| f.name == fields::CITED_BY.name;
        filters.extend(beside.iter().filter(side).cloned());
    }
    let mut conditions = resolve(&filters, values_of)?;
    let condition = conditions.item.pop().or_else(|| conditions.letter.pop());
    condition.ok_or_else(|| unknown_filter(name))
}

/// What each of the values of a filter means.
fn resolved(
    field: &'static FieldDefinition,
    values: &[&str],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Vec<Values>, SearchError> {
    let one = |value: &&str| {
        let meant = field.resolve(value, values_of);
        meant.map_err(|error| value_error(field.name, value, error))
    };
    values.iter().map(one).collect()
}

/// Names that a note lists, at most.
const MOST_NAMES: usize = 3;

/// What filters mean that mean more than was typed: both editions of a guideline, every diagnosis that
/// has the word. A sentence each.
pub(super) fn notes(filters: &[Filter], values_of: &dyn Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut notes = Vec::new();
    for filter in filters.iter().filter(|f| !f.value.contains('*')) {
        let Some((field, _)) = fields::filter(&filter.name) else {
            continue;
        };
        let Ok(Values::Paths(paths)) = field.resolve(&filter.value, values_of) else {
            continue;
        };
        if let (true, [part]) = (*field == fields::BODY_PART, paths.as_slice())
            && let [first @ .., last] = BodyParts::get().within(part.last())
        {
            let within = first
                .iter()
                .map(|part| fields::value_label(field.name, part));
            let within: Vec<String> = within.collect();
            notes.push(format!(
                "body part {}: only requests that name it as a whole; its parts are {} and {}",
                fields::value_label(field.name, part.last()),
                within.join(", "),
                fields::value_label(field.name, last),
            ));
            continue;
        }
        // What no index is needed for stands in a table.
        let in_a_table = field.resolve(&filter.value, &|_| Vec::new()).is_ok();
        let is_typed = |path: &Path| {
            let mut segments = path.segments();
            segments.any(|segment| fold(segment) == fold(&filter.value))
                || fold(&path.to_string()) == fold(&filter.value)
        };
        // A brand is its generic; a word that stands in other names is not their name.
        let other = if in_a_table {
            paths.len() > 1
        } else {
            !paths.iter().any(is_typed)
        };
        if !other {
            continue;
        }
        let names: Vec<&str> = paths.iter().map(Path::last).collect();
        let shown = &names[..names.len().min(MOST_NAMES)];
        let more = names.len() - shown.len();
        let names = match (shown, more) {
            ([first @ .., last], 0) if !first.is_empty() => {
                format!("{} or {last}", first.join(", "))
            }
            (shown, 0) => shown.join(", "),
            (shown, more) => format!("{} or {more} others", shown.join(", ")),
        };
        let name = filter.name.replace('-', " ");
        let not = if filter.negated { "not " } else { "" };
        notes.push(format!("{not}{name} {}: {names}", filter.value));
    }
    notes.sort();
    notes.dedup();
    notes
}

fn unknown_filter(name: &str) -> SearchError {
    SearchError::UnknownFilter {
        name: name.to_string(),
        suggestions: nearest(name, fields::filters().map(|(field, _)| field.name)),
    }
}

/// Any of some values of a field. The values of one filter are of one kind.
fn predicate(field: &'static FieldDefinition, values: Vec<Values>) -> Predicate {
    let (mut paths, mut ranges, mut keywords) = (Vec::new(), Vec::new(), Vec::new());
    for value in values {
        match value {
            Values::Paths(found) => paths.extend(found.iter().map(segments)),
            Values::Range(range) => ranges.push(range),
            Values::Keywords(exact) => keywords.extend(exact.into_iter().map(Keyword::Exact)),
            Values::Beginning(beginning) => keywords.push(Keyword::Prefix(beginning)),
        }
    }
    Predicate {
        field: field.key.into(),
        test: if !ranges.is_empty() {
            Test::Ranges(ranges)
        } else if !keywords.is_empty() {
            Test::Keywords(keywords)
        } else {
            Test::Paths(paths)
        },
    }
}

fn segments(path: &Path) -> Vec<String> {
    path.segments().map(str::to_string).collect()
}

/// The field of the side that `cited-by` names; of both where it names both.
fn cited_field(
    filters: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<&'static FieldDefinition, SearchError> {
    let mut cited: Option<&'static FieldDefinition> = None;
    for filter in filters.iter().filter(|f| f.name == fields::CITED_BY.name) {
        let [reviewer, administrator, _] = fields::SIDES;
        let side = fields::CITED_BY.resolve(&filter.value, values_of);
        let side = side.map_err(|error| value_error(&filter.name, &filter.value, error))?;
        let is = |name: &str| matches!(&side, Values::Keywords(sides) if sides == &[name]);
        let field = if is(reviewer) {
            &fields::GUIDELINE_REVIEWER
        } else if is(administrator) {
            &fields::GUIDELINE_ADMINISTRATOR
        } else {
            &fields::GUIDELINE
        };
        cited = match cited {
            Some(before) if before != field => Some(&fields::GUIDELINE),
            _ => Some(field),
        };
    }
    Ok(cited.unwrap_or(&fields::GUIDELINE))
}

/// The last page that a range reaches.
const LAST_PAGE: u64 = 2000;

/// Pages of the guidelines asked for, or of any MTUS guideline.
fn pages(
    field: &'static FieldDefinition,
    pages: Vec<Values>,
    guidelines: Vec<Values>,
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Predicate {
    let titles_of_mtus = || Guidelines::get().mtus_titles(&values_of("guideline"));
    let mut titles: Vec<String> = Vec::new();
    if guidelines.is_empty() {
        titles.extend(titles_of_mtus());
    }
    for path in paths(guidelines) {
        match path.segments().nth(1) {
            Some(title) => titles.push(title.to_string()),
            None => titles.extend(titles_of_mtus()),
        }
    }
    let mut cited: Vec<Path> = paths(pages.clone()).collect();
    for range in ranges(pages) {
        for page in *range.start()..=(*range.end()).min(LAST_PAGE) {
            let page = page.to_string();
            let title = |title: &String| Path::of([Source::Mtus.name(), title, &page]);
            cited.extend(titles.iter().map(title));
        }
    }
    predicate(field, vec![Values::Paths(cited)])
}

fn paths(values: Vec<Values>) -> impl Iterator<Item = Path> {
    let paths = |value| match value {
        Values::Paths(paths) => paths,
        _ => Vec::new(),
    };
    values.into_iter().flat_map(paths)
}

fn ranges(values: Vec<Values>) -> impl Iterator<Item = RangeInclusive<u64>> {
    values.into_iter().filter_map(|value| match value {
        Values::Range(range) => Some(range),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, value: &str) -> Filter {
        Filter {
            name: name.to_string(),
            value: value.to_string(),
            negated: false,
        }
    }

    fn one(filters: &[Filter]) -> Predicate {
        let conditions = resolve(filters, &|_| Vec::new()).unwrap();
        let mut all = conditions.item.into_iter().chain(conditions.letter);
        let first = all.next().unwrap();
        assert!(all.next().is_none());
        first.predicate
    }

    #[test]
    fn a_level_of_a_field_is_looked_up_in_the_field() {
        let class = one(&[filter("class", "opioid")]);
        assert_eq!(class.field, "drug");
        assert!(class.has_path(&["opioid analgesic".into(), "tramadol".into()]));
        let source = one(&[filter("source", "odg"), filter("cited-by", "reviewer")]);
        assert_eq!(source.field, "guideline_reviewer");
        let page = one(&[filter("page", "78"), filter("guideline", "MTUS")]);
        assert!(matches!(page.test, Test::Paths(paths) if paths.iter().all(|p| p.len() == 3)));
    }

    #[test]
    fn a_page_may_name_its_guideline() {
        let held = |_: &str| vec!["MTUS/Chronic Pain Medical Treatment".to_string()];
        let paths = |filters: &[Filter]| {
            let conditions = resolve(filters, &held).unwrap();
            let all = conditions.item.into_iter().map(|c| match c.predicate.test {
                Test::Paths(paths) => paths,
                other => panic!("{other:?}"),
            });
            all.collect::<Vec<_>>()
        };
        let page = filter("page", "MTUS/Chronic Pain Medical Treatment/78");
        let listed = vec![vec![
            "MTUS".to_string(),
            "Chronic Pain Medical Treatment".to_string(),
            "78".to_string(),
        ]];
        assert_eq!(
            paths(std::slice::from_ref(&page)),
            std::slice::from_ref(&listed)
        );
        // It needs no guideline beside it; one that is there is a condition of its own.
        let both = paths(&[filter("guideline", "ODG"), page]);
        assert_eq!(both.len(), 2);
        assert!(both.contains(&listed));
        for odd in [
            "MTUS/78",
            "MTUS/Chronic Pain Medical Treatment/x",
            "/78",
            "a/b/c/78",
        ] {
            assert!(resolve(&[filter("page", odd)], &held).is_err(), "{odd}");
        }
    }

    #[test]
    fn every_word_of_a_choice_can_be_filtered_by() {
        for (name, value) in [
            ("layout", "A-prose"),
            ("layout", "unrecognized"),
            ("priority", "exp"),
            ("warning", "no-decision"),
        ] {
            assert_eq!(one(&[filter(name, value)]).field, name);
        }
    }

    #[test]
    fn what_means_more_than_was_typed_is_said() {
        let held = |facet: &str| match facet {
            "diagnosis" => vec![
                "low back/lumbar radiculopathy".to_string(),
                "neck/cervical radiculopathy".to_string(),
            ],
            _ => Vec::new(),
        };
        let said = |name: &str, value: &str| notes(&[filter(name, value)], &held);
        assert_eq!(
            said("diagnosis", "radiculopathy"),
            ["diagnosis radiculopathy: lumbar radiculopathy or cervical radiculopathy"]
        );
        assert!(said("diagnosis", "lumbar radiculopathy").is_empty());
        assert!(said("diagnosis", "neck").is_empty());
        let editions = said("guideline", "chronic pain");
        assert!(editions[0].contains(" or "), "{editions:?}");
        assert!(said("drug", "norco").is_empty());
        assert_eq!(
            said("body-part", "spine"),
            [
                "body part spine: only requests that name it as a whole; its parts are neck, upper back and low back"
            ]
        );
        assert!(said("body-part", "neck").is_empty());
    }

    #[test]
    fn an_unknown_filter_is_an_error_that_suggests_the_nearest() {
        let error = resolve(&[filter("durg", "norco")], &|_| Vec::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no filter 'durg'; did you mean 'drug'?"
        );
    }
}
