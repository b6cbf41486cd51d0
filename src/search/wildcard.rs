//! Values with a `*` at their end: the names that begin so.

use super::error::SearchError;
use super::filters::{DECISIONS, FILTERS, FilterKind, OUTCOMES, SEXES};
use super::request::Filter;
use crate::vocabulary::{
    BODY_PARTS, BodyParts, Drugs, Guidelines, Services, Source, Specialties, TREATMENTS, UNLISTED,
    fold, nearest, states,
};

/// What stands before the `*` (or `!`) at a value's end; None of a value without.
///
/// # Errors
/// If less than two letters do, or a star stands elsewhere.
pub fn stem(filter: &Filter) -> Result<Option<&str>, SearchError> {
    let stem = filter.value.trim().trim_end_matches(['*', '!']);
    if stem.len() == filter.value.trim().len() {
        return Ok(None);
    }
    if stem.chars().filter(|c| c.is_alphanumeric()).count() < 2 || stem.contains(['*', '!']) {
        return Err(SearchError::BadValue {
            filter: filter.name.clone(),
            value: filter.value.clone(),
            expected: "the beginning of a name, two letters or more and then a *".to_string(),
        });
    }
    Ok(Some(stem))
}

/// Filters with every name that begins so in the place of one with a star. Numbers and dates have
/// ranges instead, and are left as they are; so are case numbers, which no table has.
///
/// # Errors
/// If no name begins so.
pub fn spelled_out(
    filters: &[Filter],
    values_of: &dyn Fn(&str) -> Vec<String>,
) -> Result<Vec<Filter>, SearchError> {
    let mut all = Vec::with_capacity(filters.len());
    for filter in filters {
        let named = |spec: &&super::FilterSpec| {
            spec.name == filter.name && spec.kind == FilterKind::Word && spec.name != "case"
        };
        let stem = match FILTERS.iter().find(named) {
            Some(_) => stem(filter)?,
            None => None,
        };
        let Some(stem) = stem else {
            all.push(filter.clone());
            continue;
        };
        let names = names(&filter.name, values_of);
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

/// The names of a filter's values: those that stand in facets first, then other names for them, which
/// are looked at where none of the first begins so. All names of drugs are of the first.
fn names(filter: &str, values_of: &dyn Fn(&str) -> Vec<String>) -> [Vec<String>; 2] {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect();
    match filter {
        "drug" => {
            let drugs = Drugs::get();
            let classes = drugs.classes().iter();
            let classes = classes.flat_map(|(class, aliases)| aliases.iter().chain([class]));
            let mut names: Vec<String> = drugs
                .all_names()
                .chain(classes.copied())
                .map(str::to_string)
                .collect();
            let unlisted = |path: String| {
                let (class, name) = path.split_once('/')?;
                (class == UNLISTED).then(|| name.to_string())
            };
            names.extend(values_of("drug").into_iter().filter_map(unlisted));
            [names, Vec::new()]
        }
        "decision" => [owned(&DECISIONS), Vec::new()],
        "outcome" => [owned(&OUTCOMES), Vec::new()],
        "sex" => [owned(&SEXES), Vec::new()],
        "treatment" => {
            let phrases = Services::get().words();
            [owned(&TREATMENTS), phrases.map(str::to_string).collect()]
        }
        "body-part" => {
            let names = BodyParts::get().names().map(str::to_string);
            [owned(&BODY_PARTS), names.collect()]
        }
        "specialty" => {
            let table = Specialties::get();
            let mut names: Vec<String> = table.names().map(str::to_string).collect();
            names.extend(values_of("specialty"));
            [names, table.spellings().map(str::to_string).collect()]
        }
        "licensure" => {
            let (names, short): (Vec<_>, Vec<_>) = states().iter().copied().unzip();
            [owned(&names), owned(&short)]
        }
        "guideline" => {
            let table = Guidelines::get();
            let of_mtus = |at: &usize| table.rows()[*at].0 == Source::Mtus;
            let titles = (0..table.rows().len()).filter(of_mtus);
            let mut names: Vec<String> = titles.map(|at| table.rows()[at].1.to_string()).collect();
            names.extend(Source::ALL.map(|source| source.name().to_string()));
            let others = table.names().iter().filter(|(_, at)| of_mtus(at));
            [names, others.map(|(name, _)| (*name).to_string()).collect()]
        }
        _ => [Vec::new(), Vec::new()],
    }
}
