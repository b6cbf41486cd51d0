//! The reviewer's specialties and states of licensure, listed or told in a sentence.

use super::any_case::AnyCase;
use super::marks::{Mark, MarkMatch};
use super::text::flat;
use crate::letter::pattern::pattern;
use crate::vocabulary::{Specialties, fold, states};
use memchr::memmem;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

/// Who decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// States, as printed.
    pub licensure: Vec<String>,
    /// Specialties, as printed but for obvious typos and the spellings of Physical Medicine &
    /// Rehabilitation (docs/json.md).
    pub specialties: Vec<String>,
}

const REHABILITATION: &str = "Physical Medicine & Rehabilitation";

/// How much of the section that tells of the reviewer is read, in bytes.
const LONGEST: usize = 4000;

/// Reads the reviewer out of the section that tells of it.
#[must_use]
pub(super) fn read(text: &str, section: &Range<usize>, marks: &[MarkMatch]) -> Reviewer {
    let mut reviewer = Reviewer::default();
    // Credentials are told in a paragraph or two.
    let end = super::sections::floor_char(text, section.end.min(section.start + LONGEST));
    let section = &(section.start..end);
    let within = |m: &&MarkMatch| section.contains(&m.start);
    for m in marks.iter().filter(within) {
        match m.mark {
            Mark::Licensure if reviewer.licensure.is_empty() => {
                let line = listed(text, m.end, section.end, marks);
                reviewer.licensure = state_names(&line);
            }
            Mark::Specialty if reviewer.specialties.is_empty() => {
                let list = listed(text, m.end, section.end, marks);
                reviewer.specialties = split_specialties(&list);
            }
            _ => {}
        }
    }
    if reviewer.specialties.is_empty() && reviewer.licensure.is_empty() {
        let told = marks.iter().filter(within);
        if told.clone().any(|m| m.mark == Mark::Credentials) {
            prose(&flat(&text[section.clone()]), &mut reviewer);
        }
    }
    reviewer
}

/// A list after its label: to the end of the paragraph or the next label; wraps are joined.
fn listed(text: &str, from: usize, end: usize, marks: &[MarkMatch]) -> String {
    let after = marks.partition_point(|m| m.start <= from);
    let end = marks[after..]
        .iter()
        .filter(|m| m.at_line_start || matches!(m.mark, Mark::Licensure | Mark::Specialty))
        .take(1)
        .map(|m| m.start)
        .chain([end])
        .min()
        .unwrap_or(end)
        .max(from);
    let span = text[from..end].trim_start_matches([':', ' ', '\n']);
    let span = span.split("\n\n").next().unwrap_or("");
    let mut list = String::new();
    for line in span.lines() {
        // A list goes on over a line that its last one leaves open.
        let open = list.is_empty()
            || list.ends_with([',', '&', '/'])
            || list.ends_with(" and")
            || line.starts_with([',', '&'])
            || is_specialty_tail(&list, line);
        if !open {
            break;
        }
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(line.trim());
    }
    list
}

/// "..., Physical Medicine &" / "Rehabilitation", "Pain" / "Management": the last name of the list
/// is a specialty only together with the next line.
fn is_specialty_tail(list: &str, line: &str) -> bool {
    let table = Specialties::get();
    let last = list.rsplit(',').next().unwrap_or(list).trim();
    let first = line.split(',').next().unwrap_or(line).trim();
    let together = format!("{last} {first}");
    table.named(&together).is_some()
        || (table.named(last).is_none() && !last.contains(' ') && line.len() < 60)
}

/// Splits a printed list of specialties. A name with a comma in it ("Endocrinology, Diabetes &
/// Metabolism") is kept whole.
fn split_specialties(list: &str) -> Vec<String> {
    let table = Specialties::get();
    let parts: Vec<&str> = list
        .split([',', ';'])
        .map(|part| part.trim().trim_end_matches('.').trim())
        .filter(|part| !part.is_empty())
        .collect();
    let mut names: Vec<String> = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let two = parts
            .get(at + 1)
            .map(|next| format!("{}, {next}", parts[at]));
        let (name, used) = match two.filter(|two| table.named(two).is_some()) {
            Some(two) => (two, 2),
            None => (parts[at].to_string(), 1),
        };
        let name = as_recorded(&name);
        if !names.contains(&name) {
            names.push(name);
        }
        at += used;
    }
    names
}

/// A specialty as docs/json.md writes it.
fn as_recorded(printed: &str) -> String {
    let table = Specialties::get();
    match table.named(printed) {
        Some(REHABILITATION) => REHABILITATION.to_string(),
        // An alias that is the name with a letter wrong is a typo, others stand as printed.
        Some(known) if fold(known) != fold(printed) && table.mended(printed) == Some(known) => {
            known.to_string()
        }
        Some(_) => printed.to_string(),
        None => table.mended(printed).unwrap_or(printed).to_string(),
    }
}

/// The states in a list: "California,Washington", "Texas and New Mexico".
fn state_names(list: &str) -> Vec<String> {
    list.split([',', ';', '/'])
        .flat_map(|part| part.split(" and "))
        .map(|part| {
            part.trim()
                .trim_start_matches("and ")
                .trim_end_matches('.')
                .trim()
        })
        .filter(|part| !part.is_empty() && part.len() < 40)
        .map(|part| {
            let state = states()
                .iter()
                .find(|(name, short)| name.eq_ignore_ascii_case(part) || *short == part);
            state.map_or(part, |(name, _)| name).to_string()
        })
        .collect()
}

/// "The expert reviewer is Board Certified in X, has a subspecialty in Y and is licensed to
/// practice in Z."
fn prose(section: &str, reviewer: &mut Reviewer) {
    let lower = section.to_ascii_lowercase();
    let mut named: Vec<(usize, String)> = Vec::new();
    for (at, opening) in openings(&lower) {
        let start = at + opening.len();
        let clause = &section[start..clause_end(&lower, start)];
        if states().iter().any(|(state, _)| clause.starts_with(state)) {
            continue;
        }
        named.extend(split_prose(clause).into_iter().map(|name| (at, name)));
    }
    // "is a licensed Doctor of Chiropractic", "is a licensed psychologist and ...": where no board
    // is named, the licence tells the field.
    const BOARDED: AnyCase = AnyCase::new("board certified");
    const BOARDED_TOO: AnyCase = AnyCase::new("board-certified");
    const IS_LICENSED: AnyCase = AnyCase::new("is a licensed ");
    let boarded = BOARDED.is_in(section) || BOARDED_TOO.is_in(section);
    for at in IS_LICENSED.find_iter(section).filter(|_| !boarded) {
        let start = at + IS_LICENSED.len();
        let clause = &section[start..clause_end(&lower, start)];
        let table = Specialties::get();
        let first = clause.split([',', ';']).next().unwrap_or(clause);
        let first = first.split(" and ").next().unwrap_or(first);
        let first = first.split(" with ").next().unwrap_or(first);
        let first = first.split(" who ").next().unwrap_or(first);
        if let Some(field) = first.strip_prefix("Doctor of ") {
            named.push((at, field.trim().to_string()));
            continue;
        }
        if let Some(name) = table
            .named(first.trim())
            .or_else(|| table.named(clause.trim()))
        {
            named.push((at, name.to_string()));
        }
    }
    // "The reviewer is a Clinical Psychologist, and is licensed to practice in Ohio."
    if named.is_empty()
        && let Some(found) = PROFESSION.captures(section)
    {
        named.push((0, as_recorded(found[1].trim())));
    }
    named.sort_by_key(|(at, _)| *at);
    for (_, name) in named {
        if !reviewer.specialties.contains(&name) {
            reviewer.specialties.push(name);
        }
    }
    const LICENSED: AnyCase = AnyCase::new("licensed to practice");
    for at in LICENSED.find_iter(section) {
        let rest = &section[at + LICENSED.len()..];
        let sentence = rest.split(". ").next().unwrap_or(rest);
        let Some((_, list)) = sentence.split_once("in ") else {
            continue;
        };
        let list = list.split(" and is ").next().unwrap_or(list);
        for name in state_names(list.trim_end_matches('.')) {
            // Prose goes on after the states: only names of states are states here.
            let state = states().iter().find(|(state, _)| {
                let district = name.strip_suffix(state);
                name.eq_ignore_ascii_case(state) || district.is_some_and(|of| of.ends_with("of "))
            });
            if let Some((state, _)) = state
                && !reviewer.licensure.iter().any(|s| s == state)
            {
                reviewer.licensure.push((*state).to_string());
            }
        }
    }
}

static PROFESSION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i:reviewer\s+is\s+an?\s+(?:licensed\s+)?(?:practicing\s+)?)((?:Doctor\s+of\s+)?[A-Z][A-Za-z]+(?:\s+(?:and\s+|&\s+|of\s+)?[A-Z][A-Za-z]+){0,4})\s*(?:\([A-Z.]+\))?(?:,|\s+and\b|\s+who\b|\s+with\b|\s+licensed\b)",
    )
});

/// What a specialty follows in prose; each ends in "in" or "of".
const OPENINGS: [&str; 16] = [
    "board certified in ",
    "board-certified in ",
    "board certification in ",
    "board certified by the american board of ",
    "subspecialty in ",
    "sub-specialty in ",
    "subspecialty certification in ",
    "subspecialty certificate in ",
    "subspecialty of ",
    "subspecialties in ",
    "fellowship trained in ",
    "is licensed in ",
    "added qualifications in ",
    "certification in ",
    "specializing in ",
    "specializes in ",
];

/// The openings that stand in a text of lower case, each with where it begins.
fn openings(lower: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let word = |word: &'static str| memmem::find_iter(lower.as_bytes(), word);
    let ends = word(" in ").chain(word(" of "));
    ends.flat_map(move |at| {
        let before = &lower[..at + " in ".len()];
        let here = OPENINGS.iter().filter(|o| before.ends_with(**o));
        here.map(move |o| (before.len() - o.len(), *o))
    })
}

/// What follows a specialty in prose.
const CLAUSE_ENDS: [&str; 20] = [
    ", has ",
    " and has ",
    ", and is ",
    " and is ",
    ", is ",
    "; ",
    ". ",
    ", with a ",
    " with a ",
    ", and has ",
    " who ",
    ", and licensed",
    " and licensed",
    ", holds",
    " and holds",
    ", board",
    ", licensed",
    " as well as a ",
    " plus ",
    ", subspecialty",
];

/// Where a clause about a specialty ends.
fn clause_end(lower: &str, start: usize) -> usize {
    let rest = &lower.as_bytes()[start..];
    let ends = |at: &usize| {
        matches!(rest[*at], b' ' | b',' | b';' | b'.')
            && CLAUSE_ENDS
                .iter()
                .any(|end| rest[*at..].starts_with(end.as_bytes()))
    };
    match (0..rest.len()).find(ends) {
        Some(n) => start + n,
        None => lower.trim_end_matches('.').len().max(start),
    }
}

/// "Internal Medicine and Rheumatology" are two, "Physical Medicine and Rehabilitation" is one.
fn split_prose(clause: &str) -> Vec<String> {
    let table = Specialties::get();
    let clause = clause.trim().trim_end_matches([',', '.']).trim();
    let clause = clause.strip_prefix("the ").unwrap_or(clause);
    if clause.is_empty() || clause.len() > 200 {
        return Vec::new();
    }
    if table.named(clause).is_some() {
        return vec![as_recorded(clause)];
    }
    let mut names = Vec::new();
    for part in split_specialties(clause) {
        let part = part.strip_prefix("and ").unwrap_or(&part).to_string();
        match part.split_once(" and ") {
            Some((a, b))
                if table.named(&part).is_none()
                    && (table.named(a).is_some() || table.named(b).is_some()) =>
            {
                names.push(as_recorded(a.trim()));
                names.push(as_recorded(b.trim()));
            }
            _ => names.push(as_recorded(&part)),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Reviewer {
        let lower_line = crate::vocabulary::LowerText::new(text);
        let marks = super::super::marks::find(text, &lower_line);
        read(text, &(0..text.len()), &marks)
    }

    #[test]
    fn lists_and_wraps() {
        let r = told(
            "State(s) of Licensure: Texas,New York, California\nCertification(s)/Specialty: Preventive Medicine, Occupational Medicine, Public Health &\nGeneral Preventive Medicine",
        );
        assert_eq!(r.licensure, ["Texas", "New York", "California"]);
        assert_eq!(
            r.specialties,
            [
                "Preventive Medicine",
                "Occupational Medicine",
                "Public Health & General Preventive Medicine"
            ]
        );
    }

    #[test]
    fn sentences() {
        let r = told(
            "The expert reviewer is Board Certified in Physical Medicine Rehabilitation, has a subspecialty in\nInterventional Spine and is licensed to practice in California. He/she has been in active practice.",
        );
        assert_eq!(
            r.specialties,
            ["Physical Medicine & Rehabilitation", "Interventional Spine"]
        );
        assert_eq!(r.licensure, ["California"]);
        let r = told(
            "The reviewer is Board Certified in Orthopedic Surgery, and is licensed to practice in Texas and Oklahoma.",
        );
        assert_eq!(
            (r.specialties, r.licensure),
            (
                vec!["Orthopedic Surgery".to_string()],
                vec!["Texas".to_string(), "Oklahoma".to_string()]
            )
        );
        let r = told(
            "is Board Certified in Family Practice and Occupational Medicine and is licensed to practice in Ohio.",
        );
        assert_eq!(r.specialties, ["Family Practice", "Occupational Medicine"]);
    }
}
