//! The passage of a letter that a brief quotes.

use crate::letter::text::flat;
use crate::search::{Hit, conclusion, sentences};
use std::ops::Range;

/// A quoted passage is at most so long, in bytes.
const LONGEST: usize = 1_200;
/// A gap of so many bytes between two quoted sentences is quoted as well.
const SMALL_GAP: usize = 160;
/// What stands where something is left out.
const LEFT_OUT: &str = "[\u{2026}]";

/// A passage of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    /// What it says, in one line.
    pub text: String,
    /// The item it is about, as a place in the letter's list.
    pub item: Option<usize>,
    /// Where it stands: "rationale", "guidelines" or "summary".
    pub from: &'static str,
}

/// The passage that matters: the sentences of the best matching item's rationale that hold the
/// words, and how the reviewer concludes; where a letter has no rationale, what else of it holds
/// them. None where the letter has no text to quote.
#[must_use]
pub(super) fn of(hit: &Hit) -> Option<Passage> {
    let fragments = || hit.snippets.iter().filter(|f| f.field != "request");
    let of_rationale = || fragments().filter(|f| f.field == "rationale");
    let item = of_rationale().next().map_or_else(
        || {
            let best = |a: &&crate::search::HitItem, b: &&crate::search::HitItem| {
                a.score.total_cmp(&b.score).then(b.item.cmp(&a.item))
            };
            hit.items.iter().max_by(best).map(|at| at.item)
        },
        |fragment| fragment.item,
    );
    let rationale = item
        .and_then(|at| hit.letter.items.get(at))
        .map(|item| flat(&hit.letter.own_rationale(item)))
        .filter(|text| !text.is_empty());
    let Some(rationale) = rationale else {
        let fragment = fragments().next()?;
        return Some(Passage {
            text: cut_at_the_ends(&fragment.text),
            item: fragment.item,
            from: fragment.field,
        });
    };
    let sentences = sentences(&rationale);
    let mut quoted: Vec<bool> = vec![false; sentences.len()];
    let mut mark = |range: Range<usize>| {
        for (n, sentence) in sentences.iter().enumerate() {
            quoted[n] |= sentence.start < range.end && range.start < sentence.end;
        }
    };
    for fragment in of_rationale() {
        let core = fragment.text.trim_matches('\u{2026}').trim();
        if let Some(start) = rationale.find(core) {
            mark(start..start + core.len());
        }
    }
    mark(conclusion(&rationale));
    Some(Passage {
        text: quote(&rationale, &sentences, &quoted),
        item,
        from: "rationale",
    })
}

/// A fragment whose ends say in a quotation's way that more stands there.
fn cut_at_the_ends(fragment: &str) -> String {
    let core = fragment.trim_matches('\u{2026}').trim();
    let mut out = String::new();
    if fragment.starts_with('\u{2026}') {
        out = format!("{LEFT_OUT} ");
    }
    out += core;
    if fragment.ends_with('\u{2026}') {
        out = format!("{out} {LEFT_OUT}");
    }
    out
}

/// The sentences to be quoted, what is left out between them marked.
fn quote(text: &str, sentences: &[Range<usize>], quoted: &[bool]) -> String {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let chosen = sentences.iter().zip(quoted).filter(|(_, quoted)| **quoted);
    for (sentence, _) in chosen {
        match spans.last_mut() {
            Some(last) if sentence.start - last.end <= SMALL_GAP => last.end = sentence.end,
            _ => spans.push(sentence.clone()),
        }
    }
    let mut out = String::new();
    if spans.first().is_some_and(|first| first.start > 0) {
        out += LEFT_OUT;
    }
    for span in &spans {
        if !out.is_empty() {
            out.push(' ');
        }
        let left = LONGEST.saturating_sub(out.len());
        let part = &text[span.clone()];
        if part.len() > left {
            let end = crate::letter::sections::floor_char(part, left);
            let end = part[..end].rfind(' ').unwrap_or(end);
            out += part[..end].trim_end();
            out = format!("{} {LEFT_OUT}", out.trim_end());
            return out;
        }
        out += part;
        if span.end < text.len() {
            out.push(' ');
            out += LEFT_OUT;
        }
    }
    // Between two spans it was written at the end of the first.
    out.replace(&format!("{LEFT_OUT} {LEFT_OUT}"), LEFT_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_marked_once() {
        let text = format!(
            "One sentence stands here first. {} Another is quoted here again. The end is here.",
            ["Nobody asks for this long middle of the passage, which goes on and on."; 3].join(" ")
        );
        let all = sentences(&text);
        let last = all.len() - 1;
        let quoted: Vec<bool> = (0..all.len()).map(|n| n == 0 || n == last).collect();
        assert_eq!(
            quote(&text, &all, &quoted),
            "One sentence stands here first. [\u{2026}] The end is here."
        );
        let middle: Vec<bool> = (0..all.len()).map(|n| n == last - 1).collect();
        assert_eq!(
            quote(&text, &all, &middle),
            "[\u{2026}] Another is quoted here again. [\u{2026}]"
        );
    }

    #[test]
    fn a_passage_without_end_is_cut_at_a_word() {
        let text = "word ".repeat(1000);
        let all = sentences(&text);
        let quoted = vec![true; all.len()];
        let cut = quote(&text, &all, &quoted);
        assert!(cut.len() <= LONGEST + 8 && cut.ends_with("word [\u{2026}]"));
    }
}
