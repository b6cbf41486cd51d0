//! Names of the vocabulary as values of fields: what each means, and which there are.

use super::path::{Path, path_label};
use super::resolve::{StoredValues, ValueError, choice, owned};
use crate::letter::Reason;
use crate::letter::reasons::themes;
use crate::vocabulary::{
    BODY_PARTS, BodyParts, DecisionWords, Drugs, Guidelines, Resolution, Services, Source,
    Specialties, TREATMENTS, UNLISTED, fold, nearest, states,
};

/// The paths that a name means, or the nearest names.
type Named = Result<Vec<Path>, Vec<String>>;

/// What became of the denial, in any of its wordings: "denied" is a denial that was upheld.
pub(super) fn decision(typed: &str, _held: StoredValues<'_>) -> Named {
    let wording = DecisionWords::get().decision(typed);
    let name = wording.map_or_else(|| choice(typed, &DECISIONS), Ok);
    match name {
        Ok(name) => Ok(vec![Path::of([name])]),
        Err(ValueError::Unknown(near)) => Err(near),
        Err(ValueError::Form(_)) => Err(owned(DECISIONS)),
    }
}

/// The decisions.
pub(super) fn decisions(_held: StoredValues<'_>) -> [Vec<String>; 2] {
    [owned(DECISIONS), Vec::new()]
}

/// What IMR decides, about the denial.
const DECISIONS: [&str; 2] = ["upheld", "overturned"];

/// A drug: brand, generic or class; one that no table has is found by its printed name.
pub(super) fn drug(typed: &str, held: StoredValues<'_>) -> Named {
    match Drugs::get().resolve(typed) {
        Resolution::Values(found) => Ok(found.into_iter().map(Path::of).collect()),
        Resolution::Unknown(suggestions) => {
            let lower = typed.to_lowercase();
            let unlisted = format!("{UNLISTED}/{lower}");
            let label = path_label(&lower);
            let values = held("drug");
            let exact = values.iter().find(|value| {
                **value == unlisted
                    || value.to_lowercase() == lower
                    || value.rsplit('/').next() == Some(&label)
            });
            let path = exact.ok_or(suggestions)?;
            Ok(vec![Path::of(path.split('/'))])
        }
    }
}

/// Every name of a drug, and those that only the index has.
pub(super) fn drugs(held: StoredValues<'_>) -> [Vec<String>; 2] {
    let drugs = Drugs::get();
    let mut names: Vec<String> = owned(drugs.all_names());
    names.extend(class_names());
    let unlisted = |path: String| {
        let (class, name) = path.split_once('/')?;
        (class == UNLISTED).then(|| name.to_string())
    };
    names.extend(held("drug").into_iter().filter_map(unlisted));
    [names, Vec::new()]
}

/// A class of drugs.
pub(super) fn class(typed: &str, held: StoredValues<'_>) -> Named {
    let known = Drugs::get().class(typed).map(str::to_string);
    let found = known.or_else(|| {
        let mut classes = held("drug").into_iter();
        classes.find_map(|path| {
            let class = path.split('/').next()?;
            class.eq_ignore_ascii_case(typed).then(|| class.to_string())
        })
    });
    match found {
        Some(class) => Ok(vec![Path::of([class.as_str()])]),
        None => {
            let names = class_names();
            Err(nearest(typed, names.iter().map(String::as_str)))
        }
    }
}

/// Classes of drugs; then other names for them.
pub(super) fn classes(_: StoredValues<'_>) -> [Vec<String>; 2] {
    let classes = Drugs::get().classes().iter();
    let names = classes.clone().map(|(class, _)| *class);
    [
        owned(names),
        owned(classes.flat_map(|(_, aliases)| aliases.iter().copied())),
    ]
}

/// Every name of every class, aliases first.
fn class_names() -> Vec<String> {
    let classes = Drugs::get().classes().iter();
    let names = classes.flat_map(|(class, aliases)| aliases.iter().chain([class]));
    owned(names.copied())
}

/// A treatment category, or a service of one: never more than what was typed.
pub(super) fn treatment(typed: &str, _: StoredValues<'_>) -> Named {
    match Services::get().resolve(typed) {
        Some(found) => Ok(vec![Path::of(found.path())]),
        None => Err(Services::get().nearest(typed)),
    }
}

/// Treatment categories; then services, and phrases that stand for one.
pub(super) fn treatments(_: StoredValues<'_>) -> [Vec<String>; 2] {
    [owned(TREATMENTS), owned(Services::get().words())]
}

/// Services; then phrases that stand for one.
pub(super) fn services(_: StoredValues<'_>) -> [Vec<String>; 2] {
    let services = Services::get();
    let names = services.all().iter().map(|service| service.name);
    [owned(names), owned(services.words())]
}

/// A part of the body.
pub(super) fn body_part(typed: &str, _: StoredValues<'_>) -> Named {
    let found = BodyParts::get().resolve(typed);
    if found.is_empty() {
        return Err(nearest(typed, BodyParts::get().names()));
    }
    Ok(found.into_iter().map(|part| Path::of([part])).collect())
}

/// Parts of the body; then other names for them.
pub(super) fn body_parts(_: StoredValues<'_>) -> [Vec<String>; 2] {
    [owned(BODY_PARTS), owned(BodyParts::get().names())]
}

/// A specialty of the table, or one that only the index has.
pub(super) fn specialty(typed: &str, held: StoredValues<'_>) -> Named {
    let table = Specialties::get();
    let found = table.named(typed).map(str::to_string).or_else(|| {
        let mut values = held("specialty").into_iter();
        values.find(|value| value.eq_ignore_ascii_case(typed))
    });
    match found {
        Some(name) => Ok(vec![Path::of([name.as_str()])]),
        None => Err(nearest(typed, table.names().chain(table.spellings()))),
    }
}

/// Specialties; then other spellings.
pub(super) fn specialties(held: StoredValues<'_>) -> [Vec<String>; 2] {
    let table = Specialties::get();
    let mut names = owned(table.names());
    names.extend(held("specialty"));
    [names, owned(table.spellings())]
}

/// A state, by its name or its two letters.
pub(super) fn state(typed: &str, _: StoredValues<'_>) -> Named {
    let named = |(name, short): &&(&str, &str)| {
        name.eq_ignore_ascii_case(typed) || short.eq_ignore_ascii_case(typed)
    };
    match states().iter().find(named) {
        Some((name, _)) => Ok(vec![Path::of([*name])]),
        None => Err(nearest(typed, states().iter().map(|(name, _)| *name))),
    }
}

/// States; then their two letters.
pub(super) fn state_names(_: StoredValues<'_>) -> [Vec<String>; 2] {
    let (names, short): (Vec<_>, Vec<_>) = states().iter().copied().unzip();
    [owned(names), owned(short)]
}

/// A guideline: a source, a title with or without its edition, or a path as facets list it. What
/// the index has can be asked for, whether a table has it or not.
pub(super) fn guideline(typed: &str, held: StoredValues<'_>) -> Named {
    match Guidelines::get().resolve(typed, &held("guideline")) {
        Resolution::Values(found) => {
            let path = |path: &Vec<String>| Path::of(path.iter().map(String::as_str));
            Ok(found.iter().map(path).collect())
        }
        Resolution::Unknown(near) => Err(near),
    }
}

/// Titles and sources; then other names for them.
pub(super) fn guidelines(held: StoredValues<'_>) -> [Vec<String>; 2] {
    let table = Guidelines::get();
    let mut names = table.mtus_titles(&held("guideline"));
    names.extend(source_names());
    let of_mtus = |at: &usize| table.rows()[*at].0 == Source::Mtus;
    let others = table
        .names()
        .iter()
        .filter(|(_, rows)| rows.iter().any(of_mtus));
    [names, owned(others.map(|(name, _)| *name))]
}

/// A page with its guideline, as the facet lists it: "MTUS/Chronic Pain Medical Treatment/78". No nearest
/// names where it has another form.
pub(super) fn page(typed: &str, held: StoredValues<'_>) -> Named {
    let parts = typed.rsplit_once('/');
    let number = |page: &str| page.trim().parse::<u32>().ok();
    let Some((guideline_name, page)) = parts.and_then(|(name, page)| Some((name, number(page)?)))
    else {
        return Err(Vec::new());
    };
    let page = page.to_string();
    let titles = guideline(guideline_name.trim(), held)?.into_iter();
    let pages: Vec<Path> = titles
        .filter(|title| title.segments().count() == 2)
        .map(|title| Path::of(title.segments().chain([page.as_str()])))
        .collect();
    if pages.is_empty() {
        Err(Vec::new())
    } else {
        Ok(pages)
    }
}

/// A source of guidelines: MTUS, ODG, ACOEM or another.
pub(super) fn source(typed: &str, _: StoredValues<'_>) -> Named {
    match Source::named(typed) {
        Some(source) => Ok(vec![Path::of([source.name()])]),
        None => {
            let names = source_names();
            let near = nearest(typed, names.iter().map(String::as_str));
            Err(if near.is_empty() { names } else { near })
        }
    }
}

/// The sources of guidelines.
pub(super) fn sources(_: StoredValues<'_>) -> [Vec<String>; 2] {
    [source_names(), Vec::new()]
}

fn source_names() -> Vec<String> {
    owned(Source::ALL.map(Source::name))
}

/// A value that no table lists: one that the index holds under a facet, by its path or its last part; else
/// all whose last part has the words typed.
pub(super) fn held_value(facet: &str, typed: &str, held: StoredValues<'_>) -> Named {
    let values = held(facet);
    let folded = fold(typed);
    let last = |value: &str| fold(value.rsplit('/').next().unwrap_or(value));
    let path = |value: &String| Path::of(value.split('/'));
    let whole = |value: &&String| value.eq_ignore_ascii_case(typed) || last(value) == folded;
    let exact: Vec<Path> = values.iter().filter(whole).map(path).collect();
    if !exact.is_empty() {
        return Ok(exact);
    }
    // A value above others has no entry of its own: "wrist" above "wrist/carpal tunnel syndrome".
    let above = values.iter().find_map(|value| {
        let (above, _) = value.split_once('/')?;
        (fold(above) == folded).then(|| Path::of([above]))
    });
    if let Some(above) = above {
        return Ok(vec![above]);
    }
    let words = format!(" {folded} ");
    let has_words = |value: &&String| format!(" {} ", last(value)).contains(&words);
    let some: Vec<Path> = values.iter().filter(has_words).map(path).collect();
    if !folded.is_empty() && !some.is_empty() {
        return Ok(some);
    }
    let parts = values.iter().flat_map(|value| value.split('/'));
    Err(nearest(typed, parts))
}

/// A claim number, however it is written: only its letters and digits count.
pub(super) fn claim_number(typed: &str, held: StoredValues<'_>) -> Named {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = bare(typed);
    let values = held("claim_number");
    let same = values.iter().filter(|value| bare(value) == wanted);
    let found: Vec<Path> = same.map(|value| Path::of(value.split('/'))).collect();
    if found.is_empty() || wanted.is_empty() {
        let near = nearest(typed, values.iter().map(String::as_str));
        return of_nobody(typed, Err(near));
    }
    Ok(found)
}

/// A person's name. One that the index does not hold is no error: it names nobody, unless it is nearly
/// the name of one.
pub(super) fn employee(typed: &str, held: StoredValues<'_>) -> Named {
    of_nobody(typed, held_value("employee", typed, held))
}

/// What a free value means that is held by no letter, nor is like one that is.
fn of_nobody(typed: &str, found: Named) -> Named {
    match found {
        Err(near) if near.is_empty() && !typed.trim().is_empty() => {
            Ok(vec![Path::of([typed.trim()])])
        }
        found => found,
    }
}

/// The parts of the values that the index holds under a facet.
pub(super) fn held_values(facet: &str, held: StoredValues<'_>) -> [Vec<String>; 2] {
    let values = held(facet);
    let parts = values.iter().flat_map(|value| value.split('/'));
    let mut parts = owned(parts);
    parts.sort();
    parts.dedup();
    [parts, Vec::new()]
}

/// A reason: a theme, or a theme and what is said of it ("functional improvement:-").
pub(super) fn reason(typed: &str, _: StoredValues<'_>) -> Named {
    match Reason::resolve(typed) {
        Some(path) => Ok(vec![Path::of(path.iter().map(String::as_str))]),
        None => Err(nearest(typed, themes().iter().map(|theme| theme.name))),
    }
}

/// Themes; then themes with what is said of them.
pub(super) fn reasons(_: StoredValues<'_>) -> [Vec<String>; 2] {
    let signed = themes().iter().flat_map(|theme| {
        let said = [theme.when_for, theme.when_against];
        said.map(|words| format!("{}/{words}", theme.name))
    });
    let names = themes().iter().map(|theme| theme.name);
    [owned(names), signed.collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_a_table_is_one_that_the_index_holds() {
        let held = |_: &str| {
            owned([
                "wrist/carpal tunnel syndrome",
                "low back/lumbar radiculopathy",
                "neck/cervical radiculopathy",
            ])
        };
        let named = |typed: &str| held_value("diagnosis", typed, &held);
        let paths = |typed: &str| -> Vec<String> {
            let paths = named(typed).unwrap();
            paths.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            paths("Carpal Tunnel Syndrome"),
            ["wrist/carpal tunnel syndrome"]
        );
        assert_eq!(paths("wrist"), ["wrist"]);
        assert_eq!(paths("radiculopathy").len(), 2);
        assert_eq!(named("wrst").unwrap_err(), ["wrist"]);
        assert!(named("").is_err());
    }

    #[test]
    fn a_service_is_never_widened_to_its_category() {
        let path = |typed: &str| treatment(typed, &|_| Vec::new()).unwrap()[0].to_string();
        assert_eq!(path("acupuncture"), "rehabilitation/acupuncture");
        assert_eq!(path("rehabilitation"), "rehabilitation");
        assert_eq!(
            path("rehabilitation/acupuncture"),
            "rehabilitation/acupuncture"
        );
    }
}
