//! Misspelt words of a query, and what they are read as.
//!
//! A word is misspelt where no letter has it, or hardly any while many have a name that is one letter
//! away ("carpel tunnel": one letter of a hundred has the typo). Where it is clear what was meant,
//! that is searched, and the answer says so; elsewhere nearest words are offered. Words in quotation
//! marks are left as they are.

use super::error::SearchError;
use super::parser;
use super::plan::{self, LogicalPlan};
use super::query_ast::{Leaf, Pattern, QueryAst};
use super::request::{Correction, Request};
use super::tokens::{cleaned, turns_text};
use crate::index::surface_words;
use crate::vocabulary::{
    is_of_tables, is_ordinary_word, is_spelled_right, is_stop_word, table_words,
};
use std::borrow::Cow;
use std::sync::Arc;

/// Words of a query that are looked at: each unknown one is a walk through words.
const MOST_WORDS: usize = 12;
/// A word that was corrected may tell what is meant by the one beside it, so many times.
const MOST_ROUNDS: usize = 4;
/// Shorter words are abbreviations: too many are one letter away.
const SHORTEST: usize = 4;
/// Longer ones are no words.
const LONGEST: usize = 30;
/// Spellings offered for a word.
const MOST_OFFERED: usize = 3;
/// A known word is misspelt if what was meant is this much more frequent.
const RARER: u64 = 20;
/// Of two spellings that are equally near, one is meant if it is this much more frequent.
const CLEARLY: u64 = 5;

/// A query after what cannot be seen was left out and its misspelt words were looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SpellingOutcome {
    /// The query that is searched, where it is not the one that was typed.
    pub query: Option<String>,
    /// What was read as something else.
    pub corrected: Vec<Correction>,
    /// Words that no letter has and that were not corrected, with the nearest that letters have.
    pub unknown: Vec<(String, Vec<String>)>,
    /// It was typed with marks that turn text around.
    pub turned: bool,
}

impl SpellingOutcome {
    /// The plan of the request as it was read.
    ///
    /// # Errors
    /// As [`plan::plan`].
    pub(super) fn plan(
        self,
        request: &Request,
        values_of: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<LogicalPlan, SearchError> {
        let mut plan = match &self.query {
            None => plan::plan(request, values_of)?,
            Some(query) => {
                let request = Request {
                    query: query.clone(),
                    ..request.clone()
                };
                plan::plan(&request, values_of)?
            }
        };
        let note = |Correction { typed, used }: &Correction| {
            format!(
                "'{typed}' was read as '{used}'; \"{typed}\" in quotation marks searches for it as typed"
            )
        };
        plan.notes.extend(self.corrected.iter().map(note));
        if self.turned {
            plan.notes.push(
                "characters that change the direction of writing were left out of the query; it was read in the order in which it was typed"
                    .to_string(),
            );
        }
        plan.corrected = self.corrected;
        plan.unknown = self.unknown;
        Ok(plan)
    }
}

/// A word in fewer documents than one in so many may be misspelt though some letter has it.
const ONE_IN: u64 = 2_000;
/// A word in more documents is not, in a small index.
const RARE: u64 = 3;

/// In how few of some documents a word is that may be misspelt.
#[must_use]
pub(super) fn few(documents: u64) -> u64 {
    (documents / ONE_IN).max(RARE)
}

/// What words a set of letters has.
pub(super) trait WordSource {
    /// How many documents have a word, in any of its inflections.
    fn frequency(&self, word: &str) -> u64;

    /// Whether so many documents have a word that it is surely spelled right.
    fn is_common(&self, word: &str) -> bool;

    /// Every word that begins with a letter, as letters print it in lower case, with the documents
    /// that have it, about.
    fn beginning_with(&self, first: char) -> Arc<Vec<(String, u64)>>;
}

/// Looks at the words of a request.
#[must_use]
pub(super) fn spelled(request: &Request, source: &dyn WordSource) -> SpellingOutcome {
    let typed = cleaned(&request.query);
    let mut spelled = SpellingOutcome {
        query: matches!(typed, Cow::Owned(_)).then(|| typed.to_string()),
        turned: request.query.contains(turns_text),
        ..SpellingOutcome::default()
    };
    if request.exact {
        return spelled;
    }
    let mut query = typed.into_owned();
    for _ in 0..MOST_ROUNDS {
        let round = respelled(&query, source);
        spelled.unknown = round.unknown;
        let Some(respelled) = round.query else {
            break;
        };
        spelled.corrected.extend(round.corrected);
        spelled.query = Some(respelled.clone());
        query = respelled;
    }
    spelled
}

/// Looks at each word of a query once.
fn respelled(typed: &str, source: &dyn WordSource) -> SpellingOutcome {
    let mut spelled = SpellingOutcome::default();
    let Ok(parsed) = parser::read(typed) else {
        // What is wrong with it is said where it is planned.
        return spelled;
    };
    let mut words = Vec::new();
    collect(&parsed.root, &mut words);
    let chars: Vec<char> = typed.chars().collect();
    let mut query = String::new();
    let mut done = 0;
    for (word, at) in words.into_iter().take(MOST_WORDS) {
        let Some(at) = place(&chars, &word, at.max(done)) else {
            continue;
        };
        let beside = || is_beside_a_name(&chars, at, word.chars().count());
        match check(&word, &beside, source) {
            Spelling::Right => {}
            Spelling::Corrected(used) => {
                query.extend(&chars[done..at]);
                query.push_str(&used);
                done = at + word.chars().count();
                let typed = word.clone();
                spelled.corrected.push(Correction { typed, used });
            }
            Spelling::Unknown(near) => {
                if !spelled.unknown.iter().any(|(other, _)| *other == word) {
                    spelled.unknown.push((word, near));
                }
            }
        }
    }
    if !spelled.corrected.is_empty() {
        query.extend(&chars[done..]);
        spelled.query = Some(query);
    }
    spelled
}

/// The words of a query that could be misspelt, each with where it stands, in characters from 0.
fn collect(node: &QueryAst, words: &mut Vec<(String, usize)>) {
    match node {
        QueryAst::All(nodes) | QueryAst::Any(nodes) => {
            nodes.iter().for_each(|node| collect(node, words));
        }
        QueryAst::Not(node) => collect(node, words),
        QueryAst::Leaf(Leaf { field, pattern, at }) => {
            let of_text =
                |field: &str| matches!(field, "request" | "rationale" | "summary" | "guidelines");
            if field.as_deref().is_none_or(of_text) {
                of_pattern(pattern, at.saturating_sub(1), words);
            }
        }
    }
}

fn of_pattern(pattern: &Pattern, at: usize, words: &mut Vec<(String, usize)>) {
    match pattern {
        Pattern::Word(word) => {
            let is_word = word.chars().all(char::is_alphabetic);
            // "ESWT" is an abbreviation.
            let is_short_name = word.len() < 6 && word.bytes().all(|b| b.is_ascii_uppercase());
            if is_word && (SHORTEST..=LONGEST).contains(&word.len()) && !is_short_name {
                words.push((word.clone(), at));
            }
        }
        Pattern::Near(a, b, _) => {
            of_pattern(a, at, words);
            of_pattern(b, at, words);
        }
        Pattern::Phrase(..) | Pattern::Prefix(_) => {}
    }
}

/// Where a word stands by itself in a query, from a place on.
fn place(query: &[char], word: &str, from: usize) -> Option<usize> {
    let word: Vec<char> = word.chars().collect();
    let of_word = |at: usize| query.get(at).is_some_and(|c| c.is_alphanumeric());
    let last = query.len().checked_sub(word.len())?;
    (from..=last).find(|at| {
        query[*at..at + word.len()] == word[..]
            && !of_word(at + word.len())
            && at.checked_sub(1).is_none_or(|before| !of_word(before))
    })
}

/// Whether the word of a query at a place has a word of the tables right before or after it; words that
/// say nothing do not count.
fn is_beside_a_name(query: &[char], at: usize, len: usize) -> bool {
    let words = |text: &[char]| -> Vec<String> {
        let words = text.split(|c| !c.is_alphanumeric());
        let words = words.map(|word| word.iter().collect::<String>().to_lowercase());
        words
            .filter(|word| !word.is_empty() && !is_stop_word(word))
            .collect()
    };
    let (before, after) = (words(&query[..at]), words(&query[at + len..]));
    let mut beside = before.last().into_iter().chain(after.first());
    beside.any(|word| is_of_tables(word))
}

/// What becomes of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spelling {
    /// It is searched as it is.
    Right,
    /// It is read as this.
    Corrected(String),
    /// No letter has it; the nearest words, the likeliest first.
    Unknown(Vec<String>),
}

/// A word that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SpellingCandidate {
    word: String,
    distance: usize,
    /// A table of the vocabulary has it.
    named: bool,
    documents: u64,
}

/// Judges one word; `beside`: whether a name of the tables stands right beside it.
#[must_use]
pub(super) fn check(typed: &str, beside: &dyn Fn() -> bool, source: &dyn WordSource) -> Spelling {
    let Some(word) = surface_words(typed).pop().map(|word| word.text) else {
        return Spelling::Right;
    };
    // "lumber" is an ordinary word, and beside "mri" it is a slip.
    let is_ordinary = is_ordinary_word(&word);
    // Most words are common: the tables' own are looked at for others only.
    if !is_ordinary && source.is_common(&word) {
        return Spelling::Right;
    }
    if is_spelled_right(&word) && !(is_ordinary && beside()) {
        return Spelling::Right;
    }
    let documents = source.frequency(&word);
    let near = candidates(&word, source);
    let best = near.first();
    if documents > 0 || is_ordinary {
        // Some letter may have it: only a name one letter away that is far more frequent was meant.
        return match best {
            Some(best)
                if best.distance == 1
                    && best.named
                    && word.len() > SHORTEST
                    && documents.max(1).saturating_mul(RARER) <= best.documents =>
            {
                Spelling::Corrected(best.word.clone())
            }
            _ => Spelling::Right,
        };
    }
    let Some(best) = best else {
        return Spelling::Unknown(Vec::new());
    };
    let rivals = near.iter().skip(1);
    let is_clear = rivals
        .filter(|rival| !is_inflection(&rival.word, &best.word))
        .all(|rival| {
            rival.distance > best.distance
                || (best.named && !rival.named)
                || rival.documents.saturating_mul(CLEARLY) <= best.documents
        });
    let is_near = best.distance == 1 || (best.distance == 2 && word.len() >= 8) || word.len() >= 12;
    let is_short = word.len() <= SHORTEST;
    if is_clear && is_near && (best.named || (best.documents > 1 && !is_short)) {
        return Spelling::Corrected(best.word.clone());
    }
    let offered = near.into_iter().map(|candidate| candidate.word);
    Spelling::Unknown(offered.take(MOST_OFFERED).collect())
}

/// The nearest words that letters have or tables name, the likeliest first.
fn candidates(word: &str, source: &dyn WordSource) -> Vec<SpellingCandidate> {
    let Some(first) = word.chars().next() else {
        return Vec::new();
    };
    let limit = match word.len() {
        0..=7 => 1,
        8..=11 => 2,
        _ => 3,
    };
    // A typo rarely touches the first letter, and where it does names are looked through.
    let letters = source.beginning_with(first);
    let own = alphabet(word);
    let mut near: Vec<SpellingCandidate> = Vec::new();
    let mut consider = |other: &str, documents: u64| {
        // A change of one letter adds one and takes one away, at most: most words are told apart by that.
        let differ = (own ^ alphabet(other)).count_ones() as usize;
        if other.len() < SHORTEST
            || other.len().abs_diff(word.len()) > limit
            || differ > 2 * limit
            || other == word
        {
            return;
        }
        let distance = strsim::osa_distance(word, other);
        if distance > limit || near.iter().any(|known| known.word == other) {
            return;
        }
        let count = documents.max(source.frequency(other));
        let named = is_of_tables(other);
        let first_differs = !other.starts_with(first);
        if count > 0 || (named && distance == 1 && word.len() > 5) {
            near.push(SpellingCandidate {
                word: other.to_string(),
                distance: distance + usize::from(first_differs && distance > 1),
                named,
                documents: count,
            });
        }
    };
    for (other, documents) in letters.iter() {
        consider(other, *documents);
    }
    for name in table_words() {
        consider(name, 0);
    }
    near.sort_by(|a, b| {
        let key = |c: &SpellingCandidate| (c.distance, std::cmp::Reverse((c.named, c.documents)));
        key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
    });
    near
}

/// The letters of a word, a bit each.
fn alphabet(word: &str) -> u32 {
    word.chars().fold(0, |all, c| all | 1 << (c as u32 & 31))
}

/// Whether two words are inflections of one.
fn is_inflection(a: &str, b: &str) -> bool {
    let stem = |word: &str| crate::index::words(word).pop().map(|word| word.text);
    stem(a) == stem(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Letters(&'static [(&'static str, u64)]);

    impl WordSource for Letters {
        fn frequency(&self, word: &str) -> u64 {
            let same = |(other, count): &(&str, u64)| is_inflection(other, word).then_some(*count);
            self.0.iter().filter_map(same).max().unwrap_or(0)
        }

        fn is_common(&self, word: &str) -> bool {
            self.frequency(word) > 3
        }

        fn beginning_with(&self, first: char) -> Arc<Vec<(String, u64)>> {
            let own = self.0.iter().filter(|(word, _)| word.starts_with(first));
            let own = own.map(|(word, count)| ((*word).to_string(), *count));
            Arc::new(own.collect())
        }
    }

    const LETTERS: Letters = Letters(&[
        ("acupuncture", 30),
        ("carpel", 1),
        ("carpal", 40),
        ("tunnel", 40),
        ("premature", 9),
        ("documentation", 90),
        ("hydrocodone", 20),
        ("adduction", 1),
        ("abduction", 50),
        ("gait", 12),
        ("gaits", 2),
        ("exercises", 40),
        ("shoulders", 5),
        ("claimed", 3),
        ("zephyr", 1),
        ("lumbar", 60),
        ("lumber", 2),
        ("yard", 2),
        ("weakness", 9),
    ]);

    fn read(query: &str) -> SpellingOutcome {
        let request = Request {
            query: query.to_string(),
            ..Request::default()
        };
        spelled(&request, &LETTERS)
    }

    #[test]
    fn what_is_clear_is_corrected() {
        for (query, want) in [
            ("accupuncture", "acupuncture"),
            ("carpel tunnel", "carpal tunnel"),
            (
                "is accupuncture alowed as a first trial",
                "is acupuncture allowed as a first trial",
            ),
            ("premture -carpel", "premature -carpal"),
            ("documantation w/5 premture", "documentation w/5 premature"),
            ("rationale:documentaton", "rationale:documentation"),
            ("excercises", "exercises"),
            // An ordinary word that hardly any letter has, beside a name.
            ("lumber mri", "lumbar mri"),
            ("mri of the lumber", "mri of the lumbar"),
            ("lumber accupuncture", "lumbar acupuncture"),
            ("car\u{200b}pel tun\u{ad}nel", "carpal tunnel"),
            ("\u{2067}carpal\u{2069}", "carpal"),
        ] {
            let spelled = read(query);
            assert_eq!(spelled.query.as_deref(), Some(want), "{query}: {spelled:?}");
        }
        assert!(read("\u{2067}carpal\u{2069}").turned && !read("car\u{200b}pal").turned);
        let typed = &read("carpel tunnel").corrected[0];
        assert_eq!(
            (typed.typed.as_str(), typed.used.as_str()),
            ("carpel", "carpal")
        );
    }

    #[test]
    fn what_is_right_or_quoted_stays() {
        for query in [
            "carpal tunnel",
            "\"carpel tunnel\"",
            "adduction",
            "zephyr",
            "carpe*",
            "ESWT MRI",
            "exercise shoulder",
            "drug:norcoo",
            "suboxone",
            "lumber",
            "lumber yard",
            "adduction mri",
        ] {
            let spelled = read(query);
            assert_eq!(
                (spelled.query, spelled.unknown),
                (None, Vec::new()),
                "{query}"
            );
        }
    }

    #[test]
    fn what_is_unknown_is_never_passed_over() {
        let spelled = read("lumbar mri denied because xylophonic reasons qwertyuiop");
        let unknown: Vec<&str> = spelled
            .unknown
            .iter()
            .map(|(word, _)| word.as_str())
            .collect();
        assert!(
            unknown.contains(&"xylophonic") && unknown.contains(&"qwertyuiop"),
            "{unknown:?}"
        );
        for (_, near) in &read("acupunctr gaitx").unknown {
            assert!(
                near.iter()
                    .all(|word| LETTERS.0.iter().any(|(w, _)| w == word))
            );
        }
    }
}
