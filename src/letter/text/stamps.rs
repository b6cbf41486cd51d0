//! Stamps that are known by their shape, wherever they stand (`page_stamps.tsv`).

use crate::letter::any_case::begins_at;
use crate::letter::pattern::pattern;
use crate::vocabulary::Table;
use regex::Regex;
use std::sync::LazyLock;

/// Shapes of one kind.
struct Shapes {
    /// What lines of these shapes begin with, in lower case. Most lines do not even begin so.
    beginnings: Vec<&'static str>,
    any: Regex,
}

impl Shapes {
    /// The shapes of a kind; `{}` of the frame is any of them.
    fn read(kind: &str, frame: &str) -> Shapes {
        let table = table();
        let rows = || table.rows().filter(|row| row.get("kind") == kind);
        let shapes: Vec<&str> = rows().map(|row| row.get("pattern")).collect();
        let mut beginnings: Vec<&str> = rows()
            .flat_map(|row| row.get("beginnings").split('|'))
            .collect();
        beginnings.sort_unstable();
        beginnings.dedup();
        Shapes {
            beginnings,
            any: pattern(&frame.replace("{}", &shapes.join("|"))),
        }
    }
}

fn table() -> Table {
    Table::read(
        "page_stamps.tsv",
        include_str!("../../../index-schema/page_stamps.tsv"),
    )
}

/// Whether a line is a stamp wherever it stands: "PAGE: 003 OF 006", "DEFENDANT'S EXHIBIT B".
pub(super) fn is_known_stamp(line: &str) -> bool {
    static STAMPS: LazyLock<Shapes> =
        LazyLock::new(|| Shapes::read("stamp", r"(?ix)^[\s\-|*_\[\](]*(?:{})[\s\-|*_\].)]*$"));
    let bare = line.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '-' | '|' | '*' | '_' | '[' | ']' | '(')
    });
    begins_with_one(bare, &STAMPS.beginnings) && STAMPS.any.is_match(line)
}

/// Whether a line is a stamp of receipt: "RECEIVED MAR 31 2017". A label of the header ends in a
/// colon.
pub(super) fn is_receipt(line: &str) -> bool {
    static RECEIPTS: LazyLock<Shapes> =
        LazyLock::new(|| Shapes::read("receipt", r"(?x)^\W*(?:{})\W*$"));
    let bare = line.trim_start_matches(|c: char| c.is_ascii() && !is_word(c));
    // A mark beyond ASCII may precede the word.
    let may_begin =
        !bare.starts_with(|c: char| c.is_ascii()) || begins_with_one(bare, &RECEIPTS.beginnings);
    may_begin && !line.ends_with(':') && RECEIPTS.any.is_match(line)
}

/// Whether a line begins with one of these words, whatever its capitals.
pub(super) fn begins_with_one(line: &str, words: &[&str]) -> bool {
    let first = line.bytes().next().map_or(0, |b| b.to_ascii_lowercase());
    let mut alike = words.iter().filter(|word| word.as_bytes()[0] == first);
    alike.any(|word| begins_at(line, 0, word))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_an_example_that_it_alone_would_find() {
        for row in table().rows() {
            let (kind, example) = (row.get("kind"), row.get("example"));
            let frame = match kind {
                "stamp" => r"(?ix)^\W*(?:{})\W*$",
                "receipt" => r"(?x)^\W*(?:{})\W*$",
                _ => panic!("page_stamps.tsv: unknown kind {kind}"),
            };
            let alone = pattern(&frame.replace("{}", row.get("pattern")));
            assert!(alone.is_match(example), "{example}: {}", row.get("pattern"));
            let begins = row.get("beginnings").split('|');
            assert!(
                begins.clone().all(|word| !word.is_empty()) && {
                    let words: Vec<&str> = begins.collect();
                    begins_with_one(example, &words)
                },
                "{example}"
            );
            assert!(is_known_stamp(example) || is_receipt(example), "{example}");
        }
    }
}
