//! What a word, a phrase or the beginning of a word stands for, as sequences of indexed words. No index
//! is needed; `pattern_query` looks up what it holds of them.

use super::query_ast::Pattern;
use crate::index::{chunk_words, words};

/// What "follow-u*" may be: whole words, then the beginning of one.
pub(super) struct PrefixQuery {
    /// The whole words.
    pub before: Vec<String>,
    /// The beginning.
    pub stem: String,
}

/// The last word of a phrase without its `*`, and the words before; None of a phrase without one.
pub(super) fn starred(typed: &[String]) -> Option<(&str, &[String])> {
    let (last, before) = typed.split_last()?;
    let stem = last.trim_end_matches(['*', '!']);
    (stem.len() < last.len()).then_some((stem, before))
}

/// What the beginning of a word as typed may begin: the last part of a hyphenated one, or the joined
/// form.
pub(super) fn beginnings(typed: &str) -> Vec<PrefixQuery> {
    let all = words(typed);
    let Some(end) = all.last().map(|word| word.position) else {
        return Vec::new();
    };
    let mut before: Vec<String> = Vec::new();
    for word in &all {
        if word.position == before.len() && word.position < end {
            before.push(word.text.clone());
        }
    }
    let lasts: Vec<_> = all.iter().filter(|word| word.position == end).collect();
    let mut found = Vec::new();
    for word in &lasts {
        let printed = &typed[word.from..word.to];
        let is_joined = word.from < lasts[0].from;
        let is_number = printed.bytes().all(|b| b.is_ascii_digit());
        let stem = if is_number {
            word.text.clone()
        } else {
            letters(printed)
        };
        found.push(PrefixQuery {
            before: if is_joined {
                Vec::new()
            } else {
                before.clone()
            },
            stem,
        });
    }
    // "#60*" asks for counts, not for any number.
    found.retain(|b| !b.stem.is_empty());
    if found.iter().any(|b| b.stem.starts_with('#')) {
        found.retain(|b| b.stem.starts_with('#'));
    }
    found
}

/// The letters and digits of a word as indexed words have them, but not stemmed.
fn letters(printed: &str) -> String {
    let letter = |c: char| match c {
        _ if c.is_ascii_alphanumeric() => c.to_ascii_lowercase().to_string(),
        _ if c.is_ascii() => String::new(),
        // A letter alone has no ending to lose.
        _ => words(&c.to_string())
            .pop()
            .map_or_else(String::new, |word| word.text),
    };
    printed.chars().map(letter).collect()
}

pub(super) fn phrase_words(typed: &[String]) -> Vec<String> {
    typed
        .iter()
        .filter_map(|word| chunk_words(word).into_iter().next())
        .flatten()
        .collect()
}

/// What snippets mark for a part of a query: sequences of words, and the beginning of one.
pub(super) fn marks(what: &Pattern) -> (Vec<Vec<String>>, Option<String>) {
    let begun = |typed: &str, before: &[String]| {
        let beginning = beginnings(typed).into_iter().next();
        let (mut marks, mut stem) = (Vec::new(), None);
        if let Some(beginning) = beginning {
            let before = [phrase_words(before), beginning.before].concat();
            marks.extend((!before.is_empty()).then_some(before));
            stem = Some(beginning.stem);
        }
        (marks, stem)
    };
    match what {
        Pattern::Word(word) => (chunk_words(word), None),
        Pattern::Prefix(typed) => begun(typed, &[]),
        Pattern::Phrase(typed, slop) => match (starred(typed), slop) {
            (Some((last, before)), _) => begun(last, before),
            (None, 0) => (vec![phrase_words(typed)], None),
            (None, _) => {
                let words = phrase_words(typed).into_iter();
                (words.map(|word| vec![word]).collect(), None)
            }
        },
        Pattern::Near(a, b, _) => {
            let ((mut all, first), (more, second)) = (marks(a), marks(b));
            all.extend(more);
            (all, first.or(second))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(typed: &str) -> Vec<String> {
        let one = |b: PrefixQuery| {
            let before: String = b.before.iter().map(|word| format!("{word} ")).collect();
            format!("{before}{}*", b.stem)
        };
        beginnings(typed).into_iter().map(one).collect()
    }

    #[test]
    fn what_a_beginning_begins() {
        assert_eq!(told("Taper"), ["taper*"]);
        assert_eq!(told("weaning"), ["weaning*"]);
        assert_eq!(told("radiculopathy"), ["radiculopathy*"]);
        assert_eq!(told("follow-u"), ["follow u*", "followu*"]);
        assert_eq!(told("10/32"), ["10 32*"]);
        assert_eq!(told("L4-5"), ["l4 l5*"]);
        assert_eq!(told("Épidur"), ["epidur*"]);
        assert_eq!(told("bes"), ["bes*"]);
    }
}
