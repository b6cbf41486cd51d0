//! The language of `phrases.txt`: lists of phrases with slots, and what the slots are filled with.

use crate::case::{Case, Region};
use crate::random::Random;
use crate::tables::Tables;
use std::collections::HashMap;
use std::fmt::Write;

/// A part of a phrase.
enum Piece {
    Text(&'static str),
    List(usize),
    Number(usize, usize),
    Slot(Slot),
}

/// What the case fills in.
#[derive(Clone, Copy)]
enum Slot {
    He,
    His,
    Him,
    Worker,
    Woman,
    Age,
    Part,
    Side,
    Finding,
    Diagnosis,
    Drug,
    Request,
    Medication,
    Service,
    Term,
    Name,
    Town,
    Date,
    Injury,
}

const SLOTS: [(&str, Slot); 20] = [
    ("he", Slot::He),
    ("his", Slot::His),
    ("him", Slot::Him),
    ("worker", Slot::Worker),
    ("woman", Slot::Woman),
    ("age", Slot::Age),
    ("part", Slot::Part),
    ("side", Slot::Side),
    ("finding", Slot::Finding),
    ("diagnosis", Slot::Diagnosis),
    ("drug", Slot::Drug),
    ("drugname", Slot::Drug),
    ("request", Slot::Request),
    ("medication", Slot::Medication),
    ("service", Slot::Service),
    ("term", Slot::Term),
    ("name", Slot::Name),
    ("town", Slot::Town),
    ("date", Slot::Date),
    ("injury", Slot::Injury),
];

type Phrase = Vec<Piece>;

/// The lists.
pub(crate) struct Phrases {
    lists: Vec<Vec<Phrase>>,
    by_name: HashMap<&'static str, usize>,
}

impl Phrases {
    /// Reads `phrases.txt`.
    ///
    /// # Panics
    /// If a slot names no list: the file is compiled in.
    pub(crate) fn read() -> Phrases {
        let mut lines: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
        for line in include_str!("phrases.txt").lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                lines.push((name, Vec::new()));
            } else if !line.is_empty()
                && !line.starts_with('#')
                && let Some((_, list)) = lines.last_mut()
            {
                list.push(line);
            }
        }
        let names = lines.iter().enumerate().map(|(at, (name, _))| (*name, at));
        let by_name: HashMap<_, _> = names.collect();
        let lists = lines
            .iter()
            .map(|(_, list)| list.iter().map(|line| parse(line, &by_name)).collect())
            .collect();
        Phrases { lists, by_name }
    }

    /// Appends a phrase of a list, as it stands.
    ///
    /// # Panics
    /// If there is no such list.
    pub(crate) fn phrase(
        &self,
        list: &str,
        case: &Case,
        tables: &Tables,
        random: &mut Random,
        out: &mut String,
    ) {
        let at = self.by_name.get(list);
        let at = *at.unwrap_or_else(|| panic!("phrases.txt has no list {list}"));
        self.expand(at, case, tables, random, out);
    }

    /// Appends a phrase of a list as a sentence, after a space.
    pub(crate) fn sentence(
        &self,
        list: &str,
        case: &Case,
        tables: &Tables,
        random: &mut Random,
        out: &mut String,
    ) {
        if !out.is_empty() {
            out.push(' ');
        }
        let from = out.len();
        self.phrase(list, case, tables, random, out);
        // Each sentence of the phrase begins with a capital: a slot may have opened it.
        let mut start = true;
        let capital: String = out[from..]
            .chars()
            .map(|c| {
                let c = if start { c.to_ascii_uppercase() } else { c };
                start = (start && c == ' ') || matches!(c, '.' | '?');
                c
            })
            .collect();
        out.replace_range(from.., &capital);
    }

    fn expand(
        &self,
        list: usize,
        case: &Case,
        tables: &Tables,
        random: &mut Random,
        out: &mut String,
    ) {
        let phrases = &self.lists[list];
        // Half of the draws are even, half favour what stands first.
        let at = if random.per_mille(500) {
            random.below(phrases.len())
        } else {
            random.early(phrases.len())
        };
        for piece in &phrases[at] {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::List(list) => self.expand(*list, case, tables, random, out),
                Piece::Number(first, last) => {
                    let _ = write!(out, "{}", random.range(*first, *last));
                }
                Piece::Slot(slot) => self.fill(*slot, case, tables, random, out),
            }
        }
    }

    fn fill(
        &self,
        slot: Slot,
        case: &Case,
        tables: &Tables,
        random: &mut Random,
        out: &mut String,
    ) {
        let pick =
            |female: &'static str, male: &'static str| if case.female { female } else { male };
        match slot {
            Slot::He => out.push_str(pick("she", "he")),
            Slot::His => out.push_str(pick("her", "his")),
            Slot::Him => out.push_str(pick("her", "him")),
            Slot::Worker => {
                out.push_str(random.of(&["injured worker", "patient", "claimant", "worker"]));
            }
            Slot::Woman if random.per_mille(800) => out.push_str(pick("female", "male")),
            Slot::Woman => out.push_str(pick("woman", "man")),
            Slot::Age => {
                let _ = write!(out, "{}", case.age);
            }
            Slot::Part => out.push_str(case.part.name),
            Slot::Side => out.push_str(case.side),
            Slot::Finding | Slot::Diagnosis => {
                let kind = if matches!(slot, Slot::Finding) {
                    "finding"
                } else {
                    "diagnosis"
                };
                let region = match case.part.region {
                    _ if random.per_mille(40) => "mind",
                    Region::Spine => "spine",
                    Region::Upper => "upper",
                    Region::Lower => "lower",
                };
                let list = self.by_name[format!("{kind}.{region}").as_str()];
                self.expand(list, case, tables, random, out);
            }
            Slot::Drug => out.push_str(&case.drug),
            Slot::Request => out.push_str(&case.request),
            Slot::Medication => tables.medication(random, out),
            Slot::Service => out.push_str(tables.service(random)),
            Slot::Term => out.push_str(tables.term(random)),
            Slot::Name => tables.surname(random, out),
            Slot::Town => tables.town(random, out),
            Slot::Date => case.date(random, out),
            Slot::Injury => crate::case::date(case.injury, random, out),
        }
    }
}

fn parse(line: &'static str, by_name: &HashMap<&'static str, usize>) -> Phrase {
    let mut phrase = Vec::new();
    let mut rest = line;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a slot is closed");
        if !text.is_empty() {
            phrase.push(Piece::Text(text));
        }
        let number = name
            .split_once("..")
            .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        let slot = SLOTS.iter().find(|(slot, _)| *slot == name);
        phrase.push(match (number, slot, by_name.get(name)) {
            (Some((first, last)), _, _) => Piece::Number(first, last),
            (_, Some((_, slot)), _) => Piece::Slot(*slot),
            (_, _, Some(list)) => Piece::List(*list),
            _ => panic!("phrases.txt: {{{name}}} is neither a list nor a slot: {line}"),
        });
        rest = after;
    }
    if !rest.is_empty() {
        phrase.push(Piece::Text(rest));
    }
    phrase
}
