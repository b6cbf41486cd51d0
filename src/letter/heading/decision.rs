//! The decision that a heading ends in.

use crate::letter::any_case::{ends_with, without_end};
use crate::letter::pattern::pattern;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What became of the denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The denial stands: not medically necessary.
    Upheld,
    /// The denial falls: medically necessary.
    Overturned,
}

impl Decision {
    /// The name in records and facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Decision::Upheld => "upheld",
            Decision::Overturned => "overturned",
        }
    }
}

/// A decision as a heading tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ParsedDecision {
    pub decision: Decision,
    /// The denial falls in part only.
    pub partial: bool,
    /// Where what tells it begins.
    pub start: usize,
}

static WORD_DECISION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)[\s,;:.(\[*-]*(?:[:;-]\s*(?:(?:UR\s+)?denial|decision|determination)\s*(?:is|was|:|-)?\s*)?\b(?:(?:is|are|was|were)\s*:?\s*)?:?\s*
        (?P<part>partially\s+|modified\s+|partly\s+)?
        (?P<word>upheld|overturned|modified)
        (?P<inpart>\s*(?:,\s*)?(?:in\s+part|partially|with\s+modification))?
        [\s.:)\]*]*$",
    )
});

static NECESSITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)[\s,;:-]*\b(?P<part>(?:in\s+part\s+|partially\s+))?
        (?:is|are|was|were|as|being)?\s*/?(?:is|are)?\s*(?P<not>not|in\s?not|un)?\s*medically\s*(?P<un>un)?necessary
        (?:\s*(?:and|or)\s*(?:in)?appropriate)?[\s.:,]*$",
    )
});

/// The decision that a heading in one line ends in.
pub(super) fn parse(text: &str) -> Option<ParsedDecision> {
    plain_decision(text)
        .or_else(|| plain_necessity(text))
        .or_else(|| worded(text))
        .or_else(|| necessity(text))
        .filter(|parse| !is_choice(&text[..parse.start]))
}

/// Whether the other decision stands before it, as on a form that nobody filled in: "Upheld / Overturned".
fn is_choice(before: &str) -> bool {
    let before = before.trim_end();
    let between = before
        .strip_suffix(['/', '|', '[', ']', '('])
        .or_else(|| without_end(before, " or"));
    let other = between.map(|other| other.trim_end_matches([' ', '/', '|', '[', ']', '(', '_']));
    other.is_some_and(|other| {
        [Decision::Upheld, Decision::Overturned]
            .iter()
            .any(|decision| ends_with(other, decision.name()))
    })
}

/// The decision that a text ends in, parse by one word after a colon: "Norco 10/325mg #60: Upheld".
pub(super) fn worded_at_end(text: &str) -> Option<ParsedDecision> {
    let parse = plain_decision(text)?;
    text[parse.start..]
        .trim_start()
        .starts_with(':')
        .then_some(parse)
}

/// "Upheld", "are modified", "overturned in part"
fn worded(text: &str) -> Option<ParsedDecision> {
    let found = WORD_DECISION.captures(text)?;
    let word = found["word"].to_ascii_lowercase();
    let decision = if word == "upheld" {
        Decision::Upheld
    } else {
        Decision::Overturned
    };
    Some(ParsedDecision {
        decision,
        partial: word == "modified"
            || found.name("part").is_some()
            || found.name("inpart").is_some(),
        start: found.get(0)?.start(),
    })
}

/// "is not medically necessary and appropriate", "are medically unnecessary"
fn necessity(text: &str) -> Option<ParsedDecision> {
    let found = NECESSITY.captures(text)?;
    let negative = found.name("not").is_some() || found.name("un").is_some();
    let decision = if negative {
        Decision::Upheld
    } else {
        Decision::Overturned
    };
    Some(ParsedDecision {
        decision,
        partial: found.name("part").is_some(),
        start: found.get(0)?.start(),
    })
}

/// As [`worded`], of "Norco 10/325mg #60: Upheld", which nearly every heading is like.
fn plain_decision(text: &str) -> Option<ParsedDecision> {
    let text = text.trim_end_matches([' ', '.', ':', '*']);
    let (decision, word) = [Decision::Upheld, Decision::Overturned]
        .map(|decision| (decision, decision.name()))
        .into_iter()
        .find(|(_, word)| ends_with(text, word))?;
    let before = &text[..text.len() - word.len()];
    let body = before.trim_end_matches([' ', ',', ';', ':', '.', '-', '*']);
    let more = [
        "is",
        "are",
        "was",
        "were",
        "partially",
        "partly",
        "modified",
        "denial",
        "decision",
        "determination",
    ];
    let body = body.trim_end_matches(['(', '[', ' ', ',', ';', ':', '.', '-', '*']);
    let plain = body.len() < before.len() && !more.iter().any(|more| ends_with(body, more));
    plain.then_some(ParsedDecision {
        decision,
        partial: false,
        start: body.len(),
    })
}

/// As [`necessity`], of "Norco 10/325mg #60 is not medically necessary and appropriate."
fn plain_necessity(text: &str) -> Option<ParsedDecision> {
    let bare = text.trim_end_matches([' ', '.', ':', ',']);
    let bare = without_end(bare, " and appropriate").unwrap_or(bare);
    let bare = without_end(bare, " medically necessary")?;
    let (bare, decision) = match without_end(bare, " not") {
        Some(bare) => (bare, Decision::Upheld),
        None => (bare, Decision::Overturned),
    };
    let body = [" is", " are", " was", " were"]
        .iter()
        .find_map(|verb| without_end(bare, verb))?;
    let body = body.trim_end_matches([' ', ',', ';', ':', '-']);
    let more = [
        "is",
        "are",
        "was",
        "were",
        "as",
        "being",
        "in part",
        "partially",
        "/",
    ];
    let plain = !body.is_empty() && !more.iter().any(|more| ends_with(body, more));
    plain.then_some(ParsedDecision {
        decision,
        partial: false,
        start: body.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::text::flat;

    #[test]
    fn a_choice_is_no_decision() {
        for text in [
            "Norco #60: Upheld / Overturned",
            "Norco #60: Upheld or Overturned",
            "Norco #60: [ ] Upheld [ ] Overturned",
            "Norco #60: Overturned/Upheld",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse("MRI, earlier overturned: Upheld").is_some());
        assert!(parse("Norco/Percocet: Upheld").is_some());
    }

    #[test]
    fn plain_headings_are_read_as_the_patterns_read_them() {
        let bodies = [
            "Norco",
            "Norco #60",
            "notes",
            "this",
            "X is",
            "a, was",
            "Y partially",
            "Z in part",
            "W modified",
            "V:",
            "U -",
            "not",
            "",
            "L4/",
            "\u{e9}",
        ];
        let decisions = [
            "Upheld",
            "is Upheld.",
            ": Overturned",
            ", are: UPHELD .",
            "modified",
            "upheld in part",
            "is not medically necessary and appropriate.",
            "are medically necessary",
            "not upheld",
            "was Not Medically Necessary",
            "isnot medically necessary",
            "is being medically necessary",
            "is is medically necessary",
            "were not medically necessary or appropriate",
        ];
        let mut plain = 0;
        for body in bodies {
            for decision in decisions {
                for gap in ["", " ", ": "] {
                    let text = flat(&format!("{body}{gap}{decision}"));
                    let quick = plain_decision(&text).or_else(|| plain_necessity(&text));
                    plain += usize::from(quick.is_some());
                    let by_pattern = worded(&text).or_else(|| necessity(&text));
                    assert!(
                        quick.is_none_or(|parse| Some(parse) == by_pattern),
                        "{text}"
                    );
                }
            }
        }
        assert!(plain > 100, "{plain}");
    }
}
