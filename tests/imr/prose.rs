//! The documents: links lead somewhere, nothing outside the repository is named, spelling is American, and
//! the README stays short.

use std::path::{Path, PathBuf};

/// British spellings and private language, as beginnings of words, each with what to write instead.
const INSTEAD: &[(&str, &str)] = &[
    ("anew", "again"),
    ("authoris", "authoriz"),
    ("behaviour", "behavior"),
    ("beside", "next to, with, besides"),
    ("carries off", "exports"),
    ("centre", "center"),
    ("colour", "color"),
    ("favour", "favor"),
    ("held", "has, keeps, stored"),
    ("licence", "license"),
    ("neighbour", "neighbor"),
    ("normalis", "normaliz"),
    ("organis", "organiz"),
    ("recognis", "recogniz"),
    ("so many", "N, a number of"),
    ("tells", "shows, says, reports"),
    ("told", "reported, said, shown"),
    ("is no", "is not a"),
];
/// These only look like one of the above.
const FINE: &[&str] = &["besides", "is not", "is now", "is normal"];
/// Files and folders that no reader of the repository has.
const ELSEWHERE: &[&str] = &[
    "../shared",
    "DESIGN.md",
    "LABELS.md",
    "LABELS2.md",
    "FORMATS.md",
    "STYLE.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document for people.
fn documents() -> Vec<PathBuf> {
    let mut out = vec![root().join("benches/README.md")];
    for folder in ["", "docs", ".github"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else {
            continue;
        };
        let files = entries.map(|entry| entry.expect("an entry").path());
        out.extend(files.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    out.sort();
    out
}

/// The lines of a document with their numbers, without code and output.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut in_code = false;
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && !line.starts_with("    ") {
            // What stands between backticks is code: every second piece.
            let words: Vec<&str> = line.split('`').step_by(2).collect();
            out.push((n + 1, words.join(" ").to_lowercase()));
        }
    }
    out
}

/// What a line in lower case should not say, each with what to write instead.
pub(crate) fn instead(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, instead) in INSTEAD {
        let starts = line.match_indices(word).filter(|(at, _)| {
            let before = line[..*at].chars().next_back();
            let here = &line[*at..];
            let whole = word.len() > 5 || !here[word.len()..].starts_with(char::is_alphabetic);
            before.is_none_or(|c| !c.is_alphanumeric())
                && whole
                && !line[..*at].ends_with("there ")
                && !FINE.iter().any(|fine| here.starts_with(fine))
        });
        found.extend(starts.map(|_| format!("'{word}': {instead}")));
    }
    found
}

/// Whether a piece of code is the name of a commit, which says nothing to a reader.
fn is_commit(code: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    code.len() == 7
        && code.bytes().all(is_hex)
        && code.bytes().any(|b| b.is_ascii_digit())
        && code.bytes().any(|b| b.is_ascii_alphabetic())
}

#[test]
fn documents_are_in_american_english_and_name_only_what_is_here() {
    let mut found = Vec::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).expect("a document is text");
        let name = path
            .strip_prefix(root())
            .expect("it is in the project")
            .display()
            .to_string();
        for (n, line) in prose(&text) {
            found.extend(
                instead(&line)
                    .iter()
                    .map(|what| format!("{name}:{n}: {what}")),
            );
        }
        for (n, line) in text.lines().enumerate() {
            let named = ELSEWHERE.iter().filter(|file| line.contains(*file));
            found.extend(
                named.map(|file| format!("{name}:{}: {file} is not in the repository", n + 1)),
            );
            let mut code = line.split('`').skip(1).step_by(2);
            if let Some(commit) = code.find(|code| is_commit(code)) {
                found.push(format!("{name}:{}: {commit} is a commit", n + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_api_is_described_in_american_english() {
    let path = root().join("src/web/openapi.json");
    let text = std::fs::read_to_string(path).expect("it is there");
    let told = text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        line.starts_with("\"description\"") || line.starts_with("\"summary\"")
    });
    let found: Vec<String> = told
        .flat_map(|(n, line)| {
            let found = instead(&line.to_lowercase()).into_iter();
            found.map(move |what| format!("openapi.json:{}: {what}", n + 1))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut found = Vec::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).expect("a document is text");
        let folder = path.parent().expect("it is in a folder");
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or("");
            let is_file = !target.is_empty() && !target.contains("://");
            if is_file && !folder.join(target).exists() {
                found.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "links to nothing: {}", found.join("\n"));
}

#[test]
fn the_readme_and_the_glossary_are_short() {
    let words = |text: &str| text.split_whitespace().count();
    let read = |name: &str| std::fs::read_to_string(root().join(name)).expect("it is there");
    let readme = words(&read("README.md"));
    assert!(
        readme < 900,
        "the README has {readme} words; move reference to docs/"
    );
    let map = read("ARCHITECTURE.md");
    let glossary = map
        .split("## Glossary")
        .nth(1)
        .and_then(|rest| rest.split("## ").next());
    let glossary = words(glossary.expect("ARCHITECTURE.md has a glossary"));
    assert!(glossary <= 40, "the glossary has {glossary} words");
}

#[test]
fn the_book_has_every_page() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for page in documents() {
        let name = page.file_name().unwrap().to_string_lossy();
        if page.parent().is_some_and(|folder| folder.ends_with("docs")) && name != "SUMMARY.md" {
            assert!(summary.contains(&format!("({name})")), "{name}");
        }
    }
}
