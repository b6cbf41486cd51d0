//! The phrases of a rationale, and counting many of them in bounded memory.

use crate::vocabulary::{Table, is_stop_word};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// Words of a phrase, at most.
const LONGEST: usize = 3;

/// How `index-schema/reason_words.tsv` treats a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// May stand anywhere.
    Plain,
    /// May begin a longer phrase.
    Negation,
    /// Only between other words.
    Inside,
    /// Nowhere.
    Verdict,
}

static KINDS: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let text = include_str!("../../index-schema/reason_words.tsv");
    let table = Table::read("reason_words.tsv", text);
    let kind = |name: &str| match name {
        "verdict" => Kind::Verdict,
        "negation" => Kind::Negation,
        _ => Kind::Inside,
    };
    table
        .rows()
        .map(|row| (row.get("word"), kind(row.get("kind"))))
        .collect()
});

fn kind(word: &str) -> Kind {
    match KINDS.get(word) {
        Some(kind) => *kind,
        None if is_stop_word(word) || !word.contains(char::is_alphabetic) => Kind::Inside,
        None if word.chars().count() < 2 => Kind::Inside,
        None => Kind::Plain,
    }
}

/// Hands out the phrases of a text, of one to three neighbouring words of one clause, in lower
/// case: those that say something about why (`index-schema/reason_words.tsv`). One that stands
/// twice is handed out twice.
pub(super) fn each(text: &str, mut found: impl FnMut(&[&str])) {
    let lower = text.to_lowercase();
    for clause in lower.split(|c: char| !is_inside(c)) {
        let words: Vec<(&str, Kind)> = clause
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
            .map(|word| (word, kind(word)))
            .collect();
        for start in 0..words.len() {
            let mut phrase = [""; LONGEST];
            for (n, (word, kind)) in words[start..].iter().take(LONGEST).enumerate() {
                phrase[n] = word;
                let first = words[start].1;
                if *kind == Kind::Verdict || first == Kind::Inside {
                    break;
                }
                if *kind == Kind::Plain {
                    found(&phrase[..=n]);
                }
            }
        }
    }
}

/// Whether a character is of a word or between two words of a clause.
fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() || matches!(c, '\'' | '\u{2019}' | '-' | '/')
}

/// What a phrase is counted under: it is not held itself.
#[must_use]
pub(super) fn key(phrase: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    phrase.hash(&mut hasher);
    hasher.finish()
}

/// One phrase's counts: rationales that hold it, and the letter of each kind that ranks highest.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// Of overturned items.
    pub overturned: u32,
    /// Of upheld items.
    pub upheld: u32,
    /// A letter with an overturned one.
    pub overturned_in: u32,
    /// A letter with an upheld one.
    pub upheld_in: u32,
}

impl Count {
    /// Rationales.
    #[must_use]
    pub(super) fn all(&self) -> u32 {
        self.overturned + self.upheld
    }
}

/// Counts of phrases, of a bounded number of them: the rarest go when there are too many (lossy
/// counting, Manku and Motwani, VLDB 2002).
#[derive(Debug)]
pub(super) struct Counts {
    most: usize,
    counts: HashMap<u64, Count>,
    /// Of each letter.
    ranks: Vec<u64>,
    /// Phrases of at most so many rationales may have been let go of; counts fall short of the
    /// truth by at most so much.
    pub missed: u32,
}

impl Counts {
    /// Of at most so many phrases.
    #[must_use]
    pub(super) fn new(most: usize) -> Counts {
        Counts {
            most: most.max(16),
            counts: HashMap::new(),
            ranks: Vec::new(),
            missed: 0,
        }
    }

    /// Goes on to the next letter; of letters that hold a phrase the one of the highest rank is its
    /// example, whatever the order they come in.
    pub(super) fn letter(&mut self, rank: u64) {
        self.ranks.push(rank);
    }

    /// Counts the phrases of a rationale of the letter in hand, each once.
    pub(super) fn add(&mut self, keys: &[u64], overturned: bool) {
        let letter = self.ranks.len().saturating_sub(1) as u32;
        for key in keys {
            let count = self.counts.entry(*key).or_default();
            let (n, place) = if overturned {
                (&mut count.overturned, &mut count.overturned_in)
            } else {
                (&mut count.upheld, &mut count.upheld_in)
            };
            let rank = |letter: u32| self.ranks.get(letter as usize).copied();
            if *n == 0 || rank(letter) > rank(*place) {
                *place = letter;
            }
            *n += 1;
        }
        while self.counts.len() > self.most {
            self.missed += 1;
            let least = self.missed;
            self.counts.retain(|_, count| count.all() > least);
        }
    }

    /// Phrases held.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Count)> {
        self.counts.iter().map(|(key, count)| (*key, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each(text, |phrase| all.push(phrase.join(" ")));
        all
    }

    #[test]
    fn phrases_say_why_and_not_what() {
        assert_eq!(
            phrases(
                "There was no functional improvement, and the request is not medically necessary."
            ),
            [
                "no functional",
                "no functional improvement",
                "functional",
                "functional improvement",
                "improvement",
            ]
        );
    }

    #[test]
    fn phrases_end_with_their_clause() {
        assert_eq!(
            phrases("Six visits; pain (radicular)"),
            ["visits", "pain", "radicular"]
        );
    }

    #[test]
    fn a_stop_word_stands_only_inside() {
        assert_eq!(
            phrases("return to work"),
            ["return", "return to work", "work"]
        );
    }

    #[test]
    fn numbers_and_single_signs_say_nothing_alone() {
        assert!(phrases("4/10 - 78 #60 %").is_empty());
    }

    #[test]
    fn what_is_held_is_bounded_and_what_is_frequent_stays() {
        let mut counts = Counts::new(100);
        for n in 0..10_000_u64 {
            counts.letter(20_000 - n);
            counts.add(&[7, 1_000_000 + n], n % 3 == 0);
            assert!(counts.counts.len() <= 100);
        }
        let kept = counts.counts[&7];
        assert!(counts.missed > 0);
        assert!(kept.all() + counts.missed >= 10_000);
        assert_eq!(
            (kept.overturned_in, kept.upheld_in),
            (0, 1),
            "the highest rank"
        );
    }

    #[test]
    fn every_word_of_the_table_stands_once_in_lower_case() {
        let text = include_str!("../../index-schema/reason_words.tsv");
        let table = Table::read("reason_words.tsv", text);
        let mut seen = std::collections::HashSet::new();
        for row in table.rows() {
            let (word, kind) = (row.get("word"), row.get("kind"));
            assert!(seen.insert(word), "{word} stands twice");
            assert_eq!(word, word.to_lowercase());
            assert!(
                ["verdict", "filler", "negation"].contains(&kind),
                "{word}: {kind}"
            );
        }
    }
}
