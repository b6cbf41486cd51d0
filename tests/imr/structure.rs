//! The structure of the sources, as ARCHITECTURE.md states it: which way imports point, that no files
//! import each other in a circle, and who may print, read files, or name the engine.
//!
//! The sources are read as text: comments, strings and test code are left out, `use` trees and paths are
//! resolved through re-exports to the file that defines the name. `cargo test structure -- --nocapture`
//! prints the circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each folder and file right below `src` may import, besides itself. One that is not listed here
/// fails the test: say where it belongs.
const ARROWS: &[(&str, &[&str])] = &[
    ("allocator", &[]),
    ("formula", &[]),
    ("vocabulary", &[]),
    ("letter", &["vocabulary"]),
    ("corpus", &["letter", "vocabulary"]),
    ("fields", &["letter", "vocabulary"]),
    (
        "index",
        &["allocator", "corpus", "fields", "letter", "vocabulary"],
    ),
    (
        "search",
        &["corpus", "fields", "index", "letter", "vocabulary"],
    ),
    (
        "stats",
        &[
            "fields",
            "formula",
            "index",
            "letter",
            "search",
            "vocabulary",
        ],
    ),
    (
        "export",
        &[
            "fields",
            "formula",
            "index",
            "letter",
            "search",
            "stats",
            "vocabulary",
        ],
    ),
    (
        "mcp",
        &[
            "export",
            "fields",
            "letter",
            "search",
            "stats",
            "vocabulary",
        ],
    ),
    (
        "web",
        &[
            "allocator",
            "corpus",
            "export",
            "fields",
            "index",
            "letter",
            "search",
            "stats",
            "vocabulary",
        ],
    ),
    (
        "cli",
        &[
            "allocator",
            "corpus",
            "export",
            "fields",
            "formula",
            "index",
            "letter",
            "mcp",
            "search",
            "stats",
            "vocabulary",
            "web",
        ],
    ),
];

/// Pure: functions of text and tables.
const PURE: &[&str] = &["letter", "vocabulary", "fields"];
/// What a pure file may not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// The folders that may name the search engine (tantivy).
const ENGINE: &[&str] = &["index", "search"];
/// Files and folders within these that may not: they read and plan a request.
const ENGINE_FREE: &[&str] = &[
    "search/concepts",
    "search/error",
    "search/expand",
    "search/filters",
    "search/json",
    "search/likeness",
    "search/naive",
    "search/notices",
    "search/outcome",
    "search/parameters",
    "search/parser",
    "search/plan",
    "search/predicate",
    "search/query_ast",
    "search/request",
    "search/snippet",
    "search/tokens",
    "search/wildcard",
    "search/wordings",
];

/// The only folder that prints.
const PRINTS: &str = "cli";

// ------------------------------------------------------------------------------------------ sources

/// A token of Rust source, as much as paths need.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    /// `::`
    Path,
    Mark(char),
}

/// A source file and what it says of names.
#[derive(Default)]
struct File {
    /// Relative to `src`, with `/`.
    path: String,
    /// Where it stands in the tree of modules.
    module: Vec<String>,
    /// Modules that it declares in files of their own.
    children: BTreeSet<String>,
    /// Names that it defines.
    defined: BTreeSet<String>,
    /// Names that it brings in: as it calls them, and the path as written.
    imports: Vec<(String, Vec<String>)>,
    /// Modules all of whose names it brings in.
    globs: Vec<Vec<String>>,
    /// Every path that it writes, those of `use` included.
    paths: Vec<Vec<String>>,
    /// Macros that it calls.
    macros: BTreeSet<String>,
    /// Paths of re-exports: they point at the file that defines a name, and are no need of their own.
    reexports: BTreeSet<Vec<String>>,
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let mut out = Vec::new();
    let mut n = 0;
    while n < chars.len() {
        let c = chars[n];
        if c == '/' && at(n + 1) == '/' {
            while n < chars.len() && chars[n] != '\n' {
                n += 1;
            }
        } else if c == '/' && at(n + 1) == '*' {
            let mut depth = 0;
            while n < chars.len() {
                match (chars[n], at(n + 1)) {
                    ('/', '*') => (depth, n) = (depth + 1, n + 2),
                    ('*', '/') => (depth, n) = (depth - 1, n + 2),
                    _ => n += 1,
                }
                if depth == 0 {
                    break;
                }
            }
        } else if c == '"' {
            n = after_string(&chars, n);
            out.push(Token::Mark('"'));
        } else if c == '\'' {
            // A lifetime has no closing quote right after one character.
            if at(n + 1) == '\\' {
                n += 3;
                while n < chars.len() && chars[n] != '\'' {
                    n += 1;
                }
                n += 1;
            } else if at(n + 2) == '\'' {
                n += 3;
            } else {
                n += 1;
            }
        } else if c.is_alphabetic() || c == '_' {
            let from = n;
            while n < chars.len() && (chars[n].is_alphanumeric() || chars[n] == '_') {
                n += 1;
            }
            let word: String = chars[from..n].iter().collect();
            let raw = matches!(word.as_str(), "r" | "br" | "b" | "c" | "cr");
            if raw && (at(n) == '"' || (at(n) == '#' && matches!(at(n + 1), '"' | '#'))) {
                n = if word.contains('r') {
                    after_raw_string(&chars, n)
                } else {
                    after_string(&chars, n)
                };
                out.push(Token::Mark('"'));
            } else {
                out.push(Token::Name(word));
            }
        } else if c == ':' && at(n + 1) == ':' {
            out.push(Token::Path);
            n += 2;
        } else {
            if !c.is_whitespace() {
                out.push(Token::Mark(c));
            }
            n += 1;
        }
    }
    out
}

/// The place after a string that begins here.
fn after_string(chars: &[char], mut n: usize) -> usize {
    n += 1;
    while n < chars.len() && chars[n] != '"' {
        n += if chars[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

/// The place after a raw string whose `#` or quote stands here.
fn after_raw_string(chars: &[char], mut n: usize) -> usize {
    let mut hashes = 0;
    while n < chars.len() && chars[n] == '#' {
        (hashes, n) = (hashes + 1, n + 1);
    }
    n += 1;
    while n < chars.len() {
        let closes = chars[n] == '"' && (1..=hashes).all(|k| chars.get(n + k) == Some(&'#'));
        n += 1;
        if closes {
            return n + hashes;
        }
    }
    n
}

fn name(token: Option<&Token>) -> Option<&str> {
    match token {
        Some(Token::Name(name)) => Some(name),
        _ => None,
    }
}

fn is(token: Option<&Token>, mark: char) -> bool {
    token == Some(&Token::Mark(mark))
}

/// The place after the item that begins here: after its block, or its semicolon.
fn after_item(tokens: &[Token], mut n: usize) -> usize {
    let mut depth = 0;
    while n < tokens.len() {
        match &tokens[n] {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark(close @ ('}' | ')' | ']')) => {
                depth -= 1;
                if depth == 0 && *close == '}' {
                    return n + 1;
                }
            }
            Token::Mark(';') if depth == 0 => return n + 1,
            _ => {}
        }
        n += 1;
    }
    n
}

/// Leaves out what stands under `#[cfg(test)]` or `#[test]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < tokens.len() {
        let attribute = is(tokens.get(n), '#') && is(tokens.get(n + 1), '[');
        let cfg = name(tokens.get(n + 2)) == Some("cfg") && name(tokens.get(n + 4)) == Some("test");
        if attribute && (cfg || name(tokens.get(n + 2)) == Some("test")) {
            // The attribute itself, then the item.
            while !is(tokens.get(n), ']') {
                n += 1;
            }
            n = after_item(tokens, n + 1);
        } else {
            out.push(tokens[n].clone());
            n += 1;
        }
    }
    out
}

/// A tree of `use`: `a::{b, c as d, e::*}`. Gives the place after it.
fn use_tree(
    tokens: &[Token],
    mut n: usize,
    before: &[String],
    file: &mut File,
    reexport: bool,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(n) {
            Some(Token::Path) => n += 1,
            Some(Token::Name(word)) if word == "as" => {
                let alias = name(tokens.get(n + 1)).unwrap_or("_").to_string();
                imported(file, alias, path, reexport);
                return n + 2;
            }
            Some(Token::Name(word)) => {
                path.push(word.clone());
                n += 1;
                if tokens.get(n) != Some(&Token::Path) && name(tokens.get(n)) != Some("as") {
                    let mut called = path.last().cloned().unwrap_or_default();
                    if called == "self" {
                        path.pop();
                        called = path.last().cloned().unwrap_or_default();
                    }
                    imported(file, called, path, reexport);
                    return n;
                }
            }
            Some(Token::Mark('*')) => {
                if reexport {
                    file.reexports.insert(path.clone());
                }
                file.globs.push(path.clone());
                file.paths.push(path);
                return n + 1;
            }
            Some(Token::Mark('{')) => {
                n += 1;
                while n < tokens.len() && !is(tokens.get(n), '}') {
                    if is(tokens.get(n), ',') {
                        n += 1;
                    } else {
                        n = use_tree(tokens, n, &path, file, reexport);
                    }
                }
                return n + 1;
            }
            _ => return n + 1,
        }
    }
}

fn imported(file: &mut File, called: String, path: Vec<String>, reexport: bool) {
    if reexport {
        file.reexports.insert(path.clone());
    }
    file.paths.push(path.clone());
    file.imports.push((called, path));
}

fn parse(path: &str, source: &str) -> File {
    let tokens = without_tests(&tokens(source));
    let mut module: Vec<String> = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_string)
        .collect();
    if matches!(
        module.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        module.pop();
    }
    let mut file = File {
        path: path.to_string(),
        module,
        ..File::default()
    };
    let mut n = 0;
    while n < tokens.len() {
        let word = match &tokens[n] {
            Token::Name(word) => word.as_str(),
            _ => {
                n += 1;
                continue;
            }
        };
        let next = name(tokens.get(n + 1));
        match word {
            // `use<'a>` of a type is no import.
            "use" if !is(tokens.get(n + 1), '<') => {
                let before = n.checked_sub(1).and_then(|b| tokens.get(b));
                let reexport = name(before) == Some("pub") || is(before, ')');
                n = use_tree(&tokens, n + 1, &[], &mut file, reexport);
                continue;
            }
            "mod" if next.is_some() && is(tokens.get(n + 2), ';') => {
                file.children.insert(next.unwrap_or_default().to_string());
                n += 3;
                continue;
            }
            "struct" | "enum" | "fn" | "trait" | "type" | "const" | "static" | "union" | "mod" => {
                let next = if next == Some("mut") {
                    name(tokens.get(n + 2))
                } else {
                    next
                };
                file.defined.extend(next.map(str::to_string));
            }
            "macro_rules" => file
                .defined
                .extend(name(tokens.get(n + 2)).map(str::to_string)),
            _ => {}
        }
        if is(tokens.get(n + 1), '!') && !is(tokens.get(n + 2), '=') {
            file.macros.insert(word.to_string());
        }
        // A path, from its first name on.
        if tokens.get(n + 1) == Some(&Token::Path)
            && n.checked_sub(1).is_none_or(|b| tokens[b] != Token::Path)
        {
            let mut path = vec![word.to_string()];
            let mut end = n + 1;
            while tokens.get(end) == Some(&Token::Path) {
                let Some(word) = name(tokens.get(end + 1)) else {
                    break;
                };
                path.push(word.to_string());
                end += 2;
            }
            if is(tokens.get(end), '!') {
                file.macros.extend(path.last().cloned());
            }
            file.paths.push(path);
            n = end;
            continue;
        }
        n += 1;
    }
    file
}

/// All files of `src`, by module.
struct Sources(BTreeMap<Vec<String>, File>);

impl Sources {
    fn read() -> Sources {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the sources are there") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs")
                    && !path.ends_with("src/main.rs")
                {
                    let relative = path.strip_prefix(&root).expect("below src");
                    let relative = relative.to_string_lossy().replace('\\', "/");
                    let source = std::fs::read_to_string(&path).expect("UTF-8");
                    let file = parse(&relative, &source);
                    files.insert(file.module.clone(), file);
                }
            }
        }
        Sources(files)
    }

    /// Of files that are compiled only for tests nothing is asked.
    fn declared(&self) -> impl Iterator<Item = &File> {
        self.0
            .values()
            .filter(|file| match file.module.split_last() {
                None => true,
                Some((last, parent)) => self
                    .0
                    .get(parent)
                    .is_some_and(|parent| parent.children.contains(last)),
            })
    }

    /// The module in whose file the name at the end of a path is defined; None for another crate's.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
        if depth > 12 {
            return None;
        }
        let mut here = from.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (here, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|s| s == "super") {
                    here.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let file = self.0.get(from)?;
                let known = file.children.contains(first)
                    || file.imports.iter().any(|(called, _)| called == first);
                if !known {
                    return None;
                }
            }
        }
        while let Some(segment) = rest.first() {
            let file = self.0.get(&here)?;
            if file.children.contains(segment) {
                here.push(segment.clone());
                rest = &rest[1..];
                continue;
            }
            if file.defined.contains(segment) {
                return Some(here);
            }
            let import = file
                .imports
                .iter()
                .find(|(called, target)| called == segment && *target != path);
            if let Some((_, target)) = import {
                let found = self.resolve(&here, target, depth + 1)?;
                let is_module = target.last() == found.last() && !rest[1..].is_empty();
                if !is_module {
                    return Some(found);
                }
                here = found;
                rest = &rest[1..];
                continue;
            }
            let through_glob = file.globs.iter().find_map(|glob| {
                let module = self.resolve(&here, glob, depth + 1)?;
                self.0
                    .get(&module)?
                    .defined
                    .contains(segment)
                    .then_some(module)
            });
            return Some(through_glob.unwrap_or(here));
        }
        Some(here)
    }

    /// The modules whose definitions a file needs.
    fn needs(&self, file: &File) -> BTreeSet<Vec<String>> {
        let resolve = |path: &Vec<String>| self.resolve(&file.module, path, 0);
        let needed = file
            .paths
            .iter()
            .filter(|path| !file.reexports.contains(*path));
        needed
            .filter_map(resolve)
            .filter(|module| *module != file.module)
            .collect()
    }
}

// ---------------------------------------------------------------------------------------- circles

/// Groups of nodes that reach each other, each sorted (Tarjan is more than so few nodes need).
fn groups(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = edges.get(from).into_iter().flatten().collect();
        while let Some(node) = next.pop() {
            if seen.insert(node.clone()) {
                next.extend(edges.get(node).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        edges.keys().map(|n| (n, reach(n))).collect();
    let mut out = BTreeSet::new();
    for (node, seen) in &reached {
        let mates = seen
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*node)));
        let group: Vec<String> = mates.cloned().collect();
        if group.len() > 1 {
            out.insert(group);
        }
    }
    out.into_iter().collect()
}

/// For each folder: what its files and folders need of each other. `mod.rs` is the folder's face, not a
/// file beside the others.
fn folders(sources: &Sources) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut out: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for file in sources.declared() {
        for needed in sources.needs(file) {
            let common = file
                .module
                .iter()
                .zip(&needed)
                .take_while(|(a, b)| a == b)
                .count();
            let (Some(a), Some(b)) = (file.module.get(common), needed.get(common)) else {
                continue;
            };
            let folder = file.module[..common].join("/");
            let edges = out.entry(folder).or_default();
            edges.entry(a.clone()).or_default().insert(b.clone());
            edges.entry(b.clone()).or_default();
        }
    }
    out
}

/// Circles, as a folder and those of its files that are in one.
fn circles(sources: &Sources) -> Vec<(String, Vec<String>)> {
    let of_folder = |(folder, edges): (String, BTreeMap<String, BTreeSet<String>>)| {
        let folder = if folder.is_empty() {
            "src".to_string()
        } else {
            folder
        };
        groups(&edges)
            .into_iter()
            .map(move |group| (folder.clone(), group))
    };
    folders(sources).into_iter().flat_map(of_folder).collect()
}

#[test]
fn no_files_of_a_folder_import_each_other_in_a_circle() {
    let found = circles(&Sources::read());
    for (folder, circle) in &found {
        println!("{folder}: {}", circle.join(", "));
    }
    assert!(
        found.is_empty(),
        "these import each other in a circle: {found:#?}"
    );
}

#[test]
fn folders_import_in_one_direction() {
    let sources = Sources::read();
    let mut wrong = Vec::new();
    for file in sources.declared() {
        let Some(top) = file.module.first() else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == top) else {
            wrong.push(format!("src/{}: '{top}' is not in ARROWS", file.path));
            continue;
        };
        for needed in sources.needs(file) {
            // Of the crate's root only folders are needed.
            let Some(other) = needed.first() else {
                continue;
            };
            if other != top && !allowed.contains(&other.as_str()) {
                wrong.push(format!("src/{} imports {}", file.path, needed.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "against ARROWS: {wrong:#?}");
}

#[test]
fn reading_a_letter_touches_no_files_and_planning_names_no_engine() {
    let sources = Sources::read();
    let mut wrong = Vec::new();
    for file in sources.declared() {
        let place = file.module.join("/");
        let below = |folder: &&str| place == **folder || place.starts_with(&format!("{folder}/"));
        for path in &file.paths {
            let path = path.join("::");
            let names = |name: &str| path == name || path.starts_with(&format!("{name}::"));
            let impure = PURE.iter().any(below) && IMPURE.iter().any(|name| names(name));
            let engine =
                names("tantivy") && (!ENGINE.iter().any(below) || ENGINE_FREE.iter().any(below));
            if impure || engine {
                wrong.push(format!("src/{}: {path}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed here: {wrong:#?}");
}

#[test]
fn only_the_command_line_prints() {
    let prints = ["print", "println", "eprint", "eprintln", "dbg"];
    let mut wrong = Vec::new();
    for file in Sources::read().declared() {
        if file.module.first().is_none_or(|top| top != PRINTS) {
            let macros = prints.iter().filter(|name| file.macros.contains(**name));
            wrong.extend(macros.map(|name| format!("src/{}: {name}!", file.path)));
        }
    }
    assert!(wrong.is_empty(), "only src/{PRINTS} prints: {wrong:#?}");
}

#[test]
fn names_are_found_through_re_exports_and_tests_are_left_out() {
    let file = |path: &str, source: &str| {
        let file = parse(path, source);
        (file.module.clone(), file)
    };
    let sources = Sources(BTreeMap::from([
        file("lib.rs", "pub mod a; mod b;"),
        file(
            "a/mod.rs",
            "mod one; mod two; mod three; pub use one::One as First; pub use two::*;",
        ),
        file(
            "a/one.rs",
            r##"//! use super::three::Three;
            use super::Two; use crate::b; pub struct One; const S: &str = r#"crate::a::three"#;
            #[cfg(test)] mod tests { use super::super::three::Three; }"##,
        ),
        file(
            "a/two.rs",
            "pub struct Two; fn f<'a>(x: &'a str) -> char { 'x' }",
        ),
        file(
            "a/three.rs",
            "use crate::a::{First, Two as Second}; pub struct Three; fn f() { b::g(); }",
        ),
        file(
            "b.rs",
            "use crate::a; fn g() { a::First::new(); println!(); }",
        ),
    ]));
    let needs = |module: &[&str]| {
        let module: Vec<String> = module.iter().map(|s| (*s).to_string()).collect();
        let needs = sources.needs(&sources.0[&module]);
        needs
            .iter()
            .map(|m| m.join("::"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(needs(&["a", "one"]), "a::two b");
    assert_eq!(needs(&["a", "two"]), "");
    assert_eq!(needs(&["a", "three"]), "a::one a::two");
    assert_eq!(needs(&["b"]), "a a::one");
    assert!(circles(&sources).contains(&("src".into(), vec!["a".into(), "b".into()])));
    assert!(sources.0[&vec!["b".to_string()]].macros.contains("println"));
}
