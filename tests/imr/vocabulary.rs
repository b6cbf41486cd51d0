//! The tables of index-schema/ hold together.

use imr::vocabulary::{
    BODY_PARTS, BodyParts, Drugs, Guidelines, Services, Specialties, Synonyms, TREATMENTS, fold,
    is_stop_word, treatment_category,
};
use std::collections::{HashMap, HashSet};

fn table(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/index-schema/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the tables are part of the project");
    let lines = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    lines
        .map(|l| l.split('\t').map(str::to_string).collect())
        .collect()
}

#[test]
fn drugs_have_one_meaning_and_every_generic_a_class() {
    let rows = table("drugs.tsv");
    let mut seen = HashMap::new();
    let mut class_of: HashMap<&str, &str> = HashMap::new();
    for row in &rows[1..] {
        let (name, generic, class) = (&row[0], &row[1], &row[2]);
        assert_eq!(*name, name.to_lowercase(), "names are in lower case");
        if let Some(other) = seen.insert(fold(name), generic) {
            panic!("{name} stands twice, for {other} and {generic}");
        }
        if !class.is_empty() {
            assert_eq!(name, generic, "only the generic's own row has a class");
            assert!(
                class_of.insert(generic, class).is_none(),
                "{generic} has two rows"
            );
        }
        let mut parts: Vec<&str> = generic.split('/').collect();
        parts.sort_unstable();
        assert_eq!(parts.join("/"), *generic, "ingredients are sorted");
    }
    let classes: HashSet<String> = table("drug_classes.tsv")
        .iter()
        .skip(1)
        .map(|row| row[0].clone())
        .collect();
    for row in &rows[1..] {
        assert!(
            class_of.contains_key(row[1].as_str()),
            "{} has no row of its own",
            row[1]
        );
    }
    for (generic, class) in &class_of {
        assert!(
            classes.contains(*class),
            "{generic} has the unknown class {class}"
        );
    }
    let used: HashSet<&str> = class_of.values().copied().collect();
    assert!(
        classes.iter().all(|c| used.contains(c.as_str())),
        "a class without drugs"
    );
    assert!(
        rows.len() > 700 && class_of.len() >= 300,
        "{} names, {} generics",
        rows.len(),
        class_of.len()
    );
    assert_eq!(Drugs::get().generics().len(), class_of.len());
    for word in ["restore", "ease", "relief", "comfort"] {
        assert!(
            Drugs::get().named(word).is_none()
                || rows
                    .iter()
                    .any(|r| r[0] == word && r.get(4).is_some_and(|rule| rule == "dose")),
            "{word} is an ordinary word"
        );
    }
}

#[test]
fn phrases_of_requests_lead_to_known_values() {
    let mut seen = HashSet::new();
    for (phrase, _, rank) in Services::get().rows() {
        assert!(rank.is_finite(), "{phrase} has no rank");
        assert!(seen.insert(fold(phrase)), "{phrase} stands twice");
    }
    let names: HashSet<String> = Services::get()
        .all()
        .iter()
        .map(|service| service.name.to_string())
        .collect();
    for service in Services::get().all() {
        assert!(TREATMENTS.contains(&service.treatment), "{}", service.name);
    }
    let mut general = HashMap::new();
    for row in table("service_by_part.tsv").iter().skip(1) {
        assert!(names.contains(&row[2]), "{}", row[2]);
        general.insert(row[0].clone(), row[1].is_empty());
    }
    assert!(general.values().all(|last_is_for_all| *last_is_for_all));
    for row in table("service_phrases.tsv").iter().skip(1) {
        let known = names.contains(&row[0]) || general.contains_key(&row[0]);
        assert!(known, "{} is no service", row[0]);
    }
    for (phrase, parts) in BodyParts::get().rows() {
        assert!(
            parts.iter().all(|part| BODY_PARTS.contains(part)),
            "{phrase}: {parts:?}"
        );
    }
    for (region, parts) in BodyParts::get().regions() {
        assert!(BODY_PARTS.contains(&region), "{region}");
        assert!(
            parts.iter().all(|part| BODY_PARTS.contains(part)),
            "{region}: {parts:?}"
        );
    }
    for name in ["services.tsv", "body_parts.tsv"] {
        let mut seen = HashSet::new();
        for row in table(name) {
            assert!(
                seen.insert(row[0].clone()),
                "{name}: {} stands twice",
                row[0]
            );
        }
    }
    for treatment in TREATMENTS {
        assert_eq!(treatment_category(treatment), Some(treatment));
    }
}

#[test]
fn guidelines_and_specialties_are_named_once() {
    // Two books may share a name, an old one and a new one: the year tells which is meant.
    for (name, rows) in Guidelines::get().names() {
        let sources: HashSet<_> = rows
            .iter()
            .map(|row| Guidelines::get().rows()[*row].0)
            .collect();
        assert!(
            rows.len() <= 2 && sources.len() == 1,
            "{name} names {rows:?}"
        );
    }
    let mut seen: HashMap<String, String> = HashMap::new();
    for row in table("specialties.tsv").iter().skip(1) {
        let aliases = row.get(1).map(String::as_str).unwrap_or("");
        for name in aliases
            .split('|')
            .filter(|a| !a.is_empty())
            .chain([row[0].as_str()])
        {
            let other = seen.insert(fold(name), row[0].clone());
            assert!(
                other.is_none_or(|other| other == row[0]),
                "{name} is an alias of two specialties"
            );
        }
    }
    assert!(Specialties::get().names().count() > 100);
}

#[test]
fn synonyms_are_groups_of_two_and_more() {
    let mut count: HashMap<String, usize> = HashMap::new();
    for group in Synonyms::get().groups() {
        assert!(group.len() >= 2, "{group:?}");
        for term in group {
            *count.entry(fold(term)).or_default() += 1;
        }
    }
    let crowded: Vec<_> = count.iter().filter(|(_, n)| **n > 2).collect();
    assert!(crowded.is_empty(), "in more than two groups: {crowded:?}");
    assert!(is_stop_word("The") && !is_stop_word("not-a-stop-word"));
}
