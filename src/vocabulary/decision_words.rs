//! How people say what was decided: the table `decision_words.tsv`.

use super::table::Table;
use std::sync::LazyLock;

/// What the table calls the words that begin a question.
const QUESTION: &str = "question";

/// The table `decision_words.tsv`.
pub struct DecisionWords {
    /// The words of each phrase, lower case, with the decision; the longest first.
    phrases: Vec<(Vec<&'static str>, &'static str)>,
    question: Vec<&'static str>,
}

static WORDS: LazyLock<DecisionWords> = LazyLock::new(|| {
    let table = Table::read(
        "decision_words.tsv",
        include_str!("../../index-schema/decision_words.tsv"),
    );
    let (mut phrases, mut question) = (Vec::new(), Vec::new());
    for row in table.rows() {
        match row.get("decision") {
            QUESTION => question.extend(row.list("phrases")),
            decision => {
                let words = |phrase: &'static str| (phrase.split(' ').collect(), decision);
                phrases.extend(row.list("phrases").map(words));
            }
        }
    }
    phrases.sort_by_key(|(words, _): &(Vec<&str>, _)| std::cmp::Reverse(words.len()));
    DecisionWords { phrases, question }
});

impl DecisionWords {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static DecisionWords {
        &WORDS
    }

    /// Whether a word, in lower case, begins a question.
    #[must_use]
    pub fn begins_a_question(&self, word: &str) -> bool {
        self.question.contains(&word)
    }

    /// The longest phrase that some words, in lower case, begin with: how many words it has, and the
    /// decision it names.
    #[must_use]
    pub fn at(&self, words: &[String]) -> Option<(usize, &'static str)> {
        let begins = |(phrase, _): &&(Vec<&str>, &str)| {
            phrase.len() <= words.len() && phrase.iter().zip(words).all(|(a, b)| a == b)
        };
        let (phrase, decision) = self.phrases.iter().find(begins)?;
        Some((phrase.len(), decision))
    }

    /// The decision that a whole phrase names: "denied" is a denial that was upheld.
    #[must_use]
    pub fn decision(&self, phrase: &str) -> Option<&'static str> {
        let words: Vec<String> = phrase.split_whitespace().map(str::to_lowercase).collect();
        let (length, decision) = self.at(&words)?;
        (length == words.len()).then_some(decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_phrase_names_a_decision() {
        let words = DecisionWords::get();
        assert_eq!(words.decision("Denied"), Some("upheld"));
        assert_eq!(words.decision("not  medically necessary"), Some("upheld"));
        assert_eq!(words.decision("approved"), Some("overturned"));
        assert_eq!(words.decision("denied norco"), None);
        assert_eq!(words.decision("is"), None);
    }
}
