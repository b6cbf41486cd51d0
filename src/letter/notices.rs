//! Standard notices within a passage: sentences that stand in many letters word for word and say
//! nothing of the case (`standard_notices.tsv`). They stay in the letter and are not searched.

use super::reasons::sentences;
use super::sections::floor_char;
use crate::vocabulary::{LowerText, Patterns, Table};
use aho_corasick::AhoCorasick;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// A passage is looked through so far, in bytes.
const REACH: usize = 64 << 10;

struct Notices {
    /// Words of which every notice has one, whatever their capitals.
    anchors: AhoCorasick,
    patterns: Patterns,
}

static NOTICES: LazyLock<Notices> = LazyLock::new(|| {
    let table = Table::read(
        "standard_notices.tsv",
        include_str!("../../index-schema/standard_notices.tsv"),
    );
    let mut anchors: Vec<&str> = table.rows().map(|row| row.get("anchor")).collect();
    anchors.sort_unstable();
    anchors.dedup();
    Notices {
        anchors: AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(anchors)
            .expect("a table of words fits an automaton"),
        patterns: Patterns::new(
            ["the", "a", "this"],
            table.rows().map(|row| row.get("pattern")),
        ),
    }
});

/// The parts of a passage that are no standard notice, in order. Time is linear in the passage; most
/// have no word of a notice and are looked at once.
#[must_use]
pub(super) fn without(text: &str, passage: &Range<usize>) -> Vec<Range<usize>> {
    let whole = vec![passage.clone()];
    let Some(span) = text.get(passage.clone()) else {
        return whole;
    };
    let span = &span[..floor_char(span, REACH)];
    if !NOTICES.anchors.is_match(span) {
        return whole;
    }
    let (mut parts, mut from) = (Vec::new(), passage.start);
    let lower = LowerText::new(span);
    let (mut words, mut found) = (Vec::new(), Vec::new());
    for sentence in sentences(span, &lower, 0..span.len()) {
        if !NOTICES.anchors.is_match(&span[sentence.clone()]) {
            continue;
        }
        NOTICES
            .patterns
            .read_words(&lower, sentence.clone(), &mut words);
        NOTICES.patterns.find(&words, &mut found);
        if !found.is_empty() {
            push(text, from..passage.start + sentence.start, &mut parts);
            from = passage.start + sentence.end;
        }
    }
    push(text, from..passage.end, &mut parts);
    parts
}

/// Adds a part that has any text.
fn push(text: &str, part: Range<usize>, parts: &mut Vec<Range<usize>>) {
    if !text[part.clone()].trim().is_empty() {
        parts.push(part);
    }
}

/// The passage without standard notices.
#[must_use]
pub(super) fn own_text<'t>(text: &'t str, passage: &Range<usize>) -> Cow<'t, str> {
    let parts = without(text, passage);
    match parts.as_slice() {
        [] => Cow::Borrowed(""),
        [one] => Cow::Borrowed(text.get(one.clone()).unwrap_or("")),
        several => {
            let parts = several.iter().map(|part| &text[part.clone()]);
            Cow::Owned(parts.collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(passage: &str) -> String {
        let text = format!("Before. {passage}");
        crate::letter::text::flat(&own_text(&text, &(8..text.len())))
    }

    #[test]
    fn the_closing_notice_on_opioids_is_no_part_of_the_rationale() {
        let reason = "No gain in function is charted, so a taper is proper.";
        let notice = "The decision addresses the medical necessity of opioids as prescribed here. It must NOT BE INTERPRETED \
            as a\nrecommendation to stop them at once, and the patient is advised to speak with his physician.";
        assert_eq!(own(&format!("{reason} {notice}")), reason);
        assert_eq!(
            own(&format!("{reason} {notice} Twelve tablets are enough.")),
            format!("{reason} Twelve tablets are enough.")
        );
        assert_eq!(own(notice), "");
    }

    #[test]
    fn the_reviewers_own_words_stay() {
        for own_words in [
            "She was advised to consult a surgeon.",
            "The result was interpreted as normal.",
            "Weaning is advised over six weeks.",
            "",
        ] {
            assert_eq!(own(own_words), own_words);
        }
        for text in [
            "advised",
            "\u{e9} advised to speak with \u{e9}",
            &"advised to consult the guidelines. ".repeat(3000),
        ] {
            let _ = own(text);
        }
    }
}
