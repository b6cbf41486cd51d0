//! `authoriz*` finds every word that begins so: the index against a plain scan of all words of the
//! sample letters.

use crate::support::{sample_index, search};
use imr::letter::{self, Letter};
use imr::search::{Engine, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn letters() -> Vec<Letter> {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-corpus");
    let walk = imr::corpus::walk(&[corpus]);
    let text =
        |s: &imr::corpus::Source| imr::corpus::read(&s.path, imr::corpus::Limits::default()).ok();
    let read = walk.sources.iter().filter_map(text);
    read.flat_map(|text| letter::documents(&text).letters)
        .map(|part| part.letter)
        .collect()
}

/// The runs of letters of a text that stand by themselves, in lower case.
fn scan(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        let alone = |at: usize| {
            bytes
                .get(at)
                .is_none_or(|b| b.is_ascii() && !b.is_ascii_digit())
        };
        if len >= 3 && alone(at + len) && (at == 0 || alone(at - 1)) {
            words.push(text[at..at + len].to_ascii_lowercase());
        }
        at += len.max(1);
    }
    words
}

/// What of a letter is searched.
fn texts(letter: &Letter) -> Vec<&str> {
    if letter.layout.is_none() {
        return vec![&letter.text];
    }
    let mut texts = vec![letter.passage(&letter.case_summary)];
    for item in &letter.items {
        texts.push(&item.request);
        texts.extend(item.original_request.as_deref());
        texts.push(letter.passage(&item.rationale));
        for side in [&item.claims_administrator, &item.reviewer] {
            if !side.citations.is_empty() {
                texts.push(&side.text);
            }
        }
    }
    texts
}

fn count(engine: &Engine, query: &str) -> u64 {
    let request = Request {
        query: query.to_string(),
        ..Request::default()
    };
    engine
        .search(&request)
        .unwrap_or_else(|e| panic!("{query}: {e}"))
        .letters
}

fn stem(word: &str) -> String {
    imr::index::words(word)[0].text.clone()
}

#[test]
fn any_prefix_of_any_word_finds_every_word_that_begins_so() {
    let engine = Engine::open(sample_index()).unwrap();
    let mut letters_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (n, letter) in letters().iter().enumerate() {
        for word in texts(letter).into_iter().flat_map(scan) {
            letters_of.entry(word).or_default().insert(n);
        }
    }
    assert!(letters_of.len() > 1500, "{} words", letters_of.len());
    let stems: BTreeMap<&String, String> = letters_of.keys().map(|w| (w, stem(w))).collect();
    let mut prefixes = BTreeSet::new();
    for (n, word) in letters_of.keys().enumerate() {
        prefixes.insert(&word[..3 + n % (word.len() - 2)]);
    }
    for prefix in prefixes {
        let begins = |word: &str| word.starts_with(prefix);
        let mut expected: BTreeSet<usize> = BTreeSet::new();
        let mut certain: BTreeSet<usize> = BTreeSet::new();
        for (word, letters) in &letters_of {
            if begins(word) {
                certain.extend(letters);
            }
            // Where a stem begins so, its inflections are found with it.
            if begins(word) || begins(&stems[word]) {
                expected.extend(letters);
            }
        }
        let found = count(&engine, &format!("{prefix}*"));
        assert!(
            found >= certain.len() as u64,
            "{prefix}*: {found} of {}",
            certain.len()
        );
        // Words beside digits and in compounds were not scanned.
        let slack = 3;
        assert!(
            found <= expected.len() as u64 + slack || expected.len() > 40,
            "{prefix}*: {found}, and {} have it",
            expected.len()
        );
    }
}

#[test]
fn in_phrases_connectors_and_fields_too() {
    let engine = Engine::open(sample_index()).unwrap();
    for (n, letter) in letters().iter().enumerate() {
        let Some(item) = letter.items.first() else {
            continue;
        };
        let rationale = letter.passage(&item.rationale);
        let words: Vec<&str> = rationale.split(' ').collect();
        let plain = |w: &&str| w.len() > 5 && w.bytes().all(|b| b.is_ascii_lowercase());
        let Some(pair) = words.windows(2).filter(|p| p.iter().all(&plain)).nth(n % 3) else {
            continue;
        };
        let (first, second) = (pair[0], &pair[1][..pair[1].len() - 1]);
        for query in [
            format!("\"{first} {second}*\""),
            format!("{first} w/1 {second}*"),
            format!("rationale:{second}*"),
            format!("rationale:\"{first} {second}!\""),
        ] {
            assert!(count(&engine, &query) > 0, "{query}");
        }
    }
}

#[test]
fn words_of_one_stem_are_told_apart() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, request: &str| {
        let text = crate::support::letter(&format!("CM15-09008{name}"), &[(request, "Upheld")]);
        std::fs::write(folder.path().join(format!("{name}.txt")), text).unwrap();
    };
    write("01", "Medication refill authorized today");
    write("02", "Medical records from the author");
    let index = folder.path().join("index").display().to_string();
    crate::support::imr([
        "index",
        &folder.path().display().to_string(),
        "--index",
        &index,
    ])
    .code(0);
    for (query, cases) in [
        ("medicat*", &["CM15-0900801"][..]),
        ("medical*", &["CM15-0900802"]),
        ("medic*", &["CM15-0900801", "CM15-0900802"]),
        ("authoriz!", &["CM15-0900801"]),
        ("\"refill authoriz*\"", &["CM15-0900801"]),
        ("\"medicati*\"", &["CM15-0900801"]),
        ("medicat* w/3 refill", &["CM15-0900801"]),
        ("request:authori*", &["CM15-0900801"]),
        ("medicat* w/3 records", &[]),
    ] {
        let ran = crate::support::imr([
            "search", query, "--json", "--exact", "--sort", "case", "--index", &index,
        ]);
        assert_eq!(ran.cases(), cases, "{query}");
    }
    let marked = search(&["--json", "authoriz*"]).json();
    assert!(marked[0]["letters"].as_u64() > Some(0));
}
