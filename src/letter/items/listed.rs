//! Layouts A and B: heading, what the administrator relied on, what the reviewer relied on,
//! rationale; one block after the other.

use super::{Block, BlockReader, after_label, trimmed};
use crate::letter::any_case::{AnyCase, ends_with};
use crate::letter::header;
use crate::letter::heading::{self, Decision, Heading};
use crate::letter::marks::{Mark, MarkMatch};
use crate::letter::pattern::pattern;
use crate::letter::sections::Sections;
use crate::letter::text::Text;
use regex::Regex;
use std::sync::LazyLock;

/// How a heading tells its decision.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// "Norco 10/325mg #60: Upheld" (layout A)
    Worded,
    /// "Norco 10/325mg #60 is not medically necessary and appropriate." (layout B)
    Sentence,
}

/// Layouts A and B: headings and labels, block after block.
pub(super) struct HeadedLayout(Form);

/// Layout A.
pub(super) const WORDED: HeadedLayout = HeadedLayout(Form::Worded);
/// Layout B.
pub(super) const SENTENCES: HeadedLayout = HeadedLayout(Form::Sentence);

impl BlockReader for HeadedLayout {
    fn blocks(&self, text: &Text, marks: &[MarkMatch], sections: &Sections) -> Vec<Block> {
        blocks(text, marks, sections, self.0)
    }
}

/// The blocks of the decisions section.
fn blocks(text: &Text, marks: &[MarkMatch], sections: &Sections, form: Form) -> Vec<Block> {
    let section = &sections.decisions;
    let marks: Vec<&MarkMatch> = marks
        .iter()
        .filter(|m| section.contains(&m.start))
        .collect();
    // "Claims Administrator guideline:" where the letter labels its passages; a sentence of a
    // rationale that speaks of what the administrator did is no label then.
    let labelled = marks
        .iter()
        .any(|m| m.at_line_start && is_label(&text.text, m));
    let mut blocks: Vec<Block> = Vec::new();
    // Headings right above the heading of a block, from the lowest up.
    let mut stacked: Vec<(usize, Heading)> = Vec::new();
    let mut from = section.start;
    let mut at = 0;
    while at < marks.len() {
        let m = marks[at];
        if !opens_block(&text.text, m, labelled) {
            at += 1;
            continue;
        }
        let Some(heading) = heading_before(text, from, m.start, form, blocks.is_empty()) else {
            at += 1;
            continue;
        };
        let (mut start, mut heading) = heading;
        // What stands below a decided heading and is none is a passage whose label is not known.
        let mut unlabeled = None;
        if heading.decision.is_none()
            && let Some((above, decided)) = heading_above(text, from, start, form)
        {
            unlabeled = Some(start..m.start);
            (start, heading) = (above, decided);
        }
        while let Some((above, heading)) = heading_above(text, from, start, form) {
            start = above;
            stacked.push((blocks.len(), heading));
            if stacked.len() > super::MOST_ITEMS {
                break;
            }
        }
        if let Some(before) = blocks.last_mut() {
            cut(before, start);
        }
        let (mut block, next) = read_block(&text.text, &marks, at, section.end, heading, labelled);
        block.administrator = block.administrator.or(unlabeled);
        from = block.rationale.start;
        blocks.push(block);
        at = next;
    }
    add_stacked(&mut blocks, stacked);
    for block in &mut blocks {
        if block.rationale.is_empty() {
            part_rationale(&text.text, block);
        }
        if form == Form::Worded && block.reviewer.is_none() {
            part_reviewer(&text.text, block);
        }
        block.rationale = trimmed(&text.text, block.rationale.clone());
    }
    blocks
}

/// Finds the reviewer's passage of a block within the administrator's, where a line begins with a label of guidelines
/// that is not known: "IMR guideline:".
fn part_reviewer(text: &str, block: &mut Block) {
    const LONGEST: usize = 60;
    const ENDS: [&str; 3] = ["guideline", "guidelines", "guideline(s)"];
    let Some(passage) = &mut block.administrator else {
        return;
    };
    let mut at = passage.start;
    for line in text[passage.clone()].split('\n') {
        let label = line.split(':').next().unwrap_or(line);
        let is_label = at > passage.start
            && label.len() < line.len()
            && label.len() <= LONGEST
            && ENDS.iter().any(|end| ends_with(label, end));
        if is_label {
            block.reviewer = Some(at + label.len()..passage.end);
            passage.end = at;
            return;
        }
        at += line.len() + 1;
    }
}

/// Finds the rationale of a block within its last passage, where a line "Rationale:" parts them.
fn part_rationale(text: &str, block: &mut Block) {
    const LABEL: AnyCase = AnyCase::new("\nrationale");
    let last = block.reviewer.as_mut().or(block.administrator.as_mut());
    let Some(passage) = last else { return };
    let span = &text[passage.clone()];
    let ends = |at: &usize| span[at + LABEL.len()..].trim_start().starts_with(':');
    if let Some(at) = LABEL.find_iter(span).find(ends) {
        let label = passage.start + at;
        block.rationale = after_label(text, label + LABEL.len())..passage.end;
        passage.end = label;
    }
}

/// Gives each heading that stands above another one its item, with the passages and the rationale that they share.
///
/// A heading of a request that has an item says its decision once more, and if it says another, none is believed.
fn add_stacked(blocks: &mut Vec<Block>, stacked: Vec<(usize, Heading)>) {
    // The last first, so that places stay right.
    let mut places: Vec<(usize, Heading)> = stacked;
    places.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    for (at, heading) in places {
        let same = |block: &Block| heading::alike(&block.heading.request, &heading.request);
        let again = if same(&blocks[at]) {
            Some(at)
        } else {
            blocks.iter().position(same)
        };
        if let Some(again) = again {
            blocks[again].heading.also_decides(heading.decision);
            continue;
        }
        let differs = heading.decision != blocks[at].heading.decision;
        let mut block = blocks[at].clone();
        block.heading = heading;
        block.heading.contradictory |= differs;
        blocks[at].heading.contradictory |= differs;
        blocks.insert(at, block);
    }
}

/// A heading that ends where another one starts, with its decision: where it starts, and what it says.
fn heading_above(text: &Text, from: usize, start: usize, form: Form) -> Option<(usize, Heading)> {
    let region = text.text.get(from..start)?.trim_end();
    let line = region.rsplit('\n').next().unwrap_or(region);
    let (above, heading) = match form {
        Form::Worded if ends_in_worded_decision(line) => {
            heading_before(text, from, from + region.len(), form, false)?
        }
        Form::Sentence if SENTENCE_DECISION.is_match(line) => numbered_above(from, region)?,
        _ => return None,
    };
    // "Final decision: Upheld" ends a rationale.
    const SUMS_UP: [&str; 8] = [
        "decision",
        "determination",
        "denial",
        "conclusion",
        "recommendation",
        "outcome",
        "result",
        "rationale",
    ];
    let request = heading.request.as_str();
    let sums_up = SUMS_UP.iter().any(|word| ends_with(request, word));
    let is_sentence = request.contains(". ") && heading.original_request.is_none();
    (heading.decision.is_some() && !request.is_empty() && !sums_up && !is_sentence)
        .then_some((above, heading))
}

/// Whether a line ends in "Upheld" or "Overturned" after a colon.
fn ends_in_worded_decision(line: &str) -> bool {
    let line = line.trim_end_matches([' ', '.', '*']);
    [Decision::Upheld, Decision::Overturned]
        .iter()
        .filter(|decision| ends_with(line, decision.name()))
        .any(|decision| {
            let before = &line[..line.len() - decision.name().len()];
            before.trim_end_matches([' ', '*']).ends_with(':')
        })
}

/// The last paragraph of a region, if it is one numbered sentence that decides: "1. Norco is not medically
/// necessary and appropriate."
fn numbered_above(from: usize, region: &str) -> Option<(usize, Heading)> {
    const LONGEST: usize = 400;
    let paragraph = last_paragraph(region);
    let lines = &region[paragraph..];
    let start = paragraph + last_numbered_line(lines)?;
    let span = &region[start..];
    if span.len() > LONGEST {
        return None;
    }
    let inner = heading::without_list_number(span).trim_end_matches('.');
    if inner.contains(". ") || inner.contains(".\n") {
        return None;
    }
    let mut heading = sentence(span);
    heading.unwrap_request();
    Some((from + start, heading))
}

/// Ends a block where the next one's heading begins. Without a rationale its last passage ran on
/// into that heading.
fn cut(block: &mut Block, at: usize) {
    if block.rationale.is_empty() {
        for passage in [&mut block.administrator, &mut block.reviewer]
            .into_iter()
            .flatten()
        {
            passage.end = passage.end.min(at).max(passage.start);
        }
        block.rationale = at..at;
    } else {
        block.rationale.end = block.rationale.end.min(at).max(block.rationale.start);
    }
}

fn is_label(text: &str, m: &MarkMatch) -> bool {
    matches!(m.mark, Mark::Administrator | Mark::Reviewer)
        && ends_with(&text[m.start..m.end], "guideline")
}

/// Whether a mark can open the passages of a block.
fn opens_block(text: &str, m: &MarkMatch, labelled: bool) -> bool {
    match m.mark {
        Mark::Administrator | Mark::Reviewer => m.at_line_start && (!labelled || is_label(text, m)),
        Mark::Rationale => m.at_line_start && followed_by_colon(text, m),
        _ => false,
    }
}

fn followed_by_colon(text: &str, m: &MarkMatch) -> bool {
    text[m.end..].trim_start().starts_with(':')
}

/// Reads a block from its first passage on; returns it and the mark after its rationale's label.
fn read_block(
    text: &str,
    marks: &[&MarkMatch],
    first: usize,
    end: usize,
    heading: Heading,
    labelled: bool,
) -> (Block, usize) {
    let mut block = Block {
        heading,
        rationale: end..end,
        ..Block::default()
    };
    let mut at = first;
    while at < marks.len() {
        let m = marks[at];
        let stop = |from: usize| {
            marks[from..]
                .iter()
                .find(|n| opens_block(text, n, labelled) || (!labelled && n.mark == Mark::Reviewer))
                .map_or(end, |n| n.start)
        };
        // "The MTUS is silent, so the Expert Reviewer based his/her decision on": in a letter
        // without labels the reviewer's passage may begin within a line.
        let within = !labelled
            && m.mark == Mark::Reviewer
            && block.administrator.is_some()
            && block.reviewer.is_none();
        // And it may go on with a second sentence of the kind.
        let again = !labelled && m.mark == Mark::Reviewer && block.reviewer.is_some();
        if !within && !again && !opens_block(text, m, labelled) {
            at += 1;
            continue;
        }
        let passage = m.end..stop(at + 1).max(m.end);
        match m.mark {
            Mark::Administrator if block.administrator.is_none() && block.reviewer.is_none() => {
                block.administrator = Some(passage);
            }
            Mark::Reviewer if block.reviewer.is_none() => block.reviewer = Some(passage),
            Mark::Rationale => {
                block.rationale = after_label(text, m.end).min(end)..end;
                return (block, at + 1);
            }
            // A second passage of the same side goes on with the first.
            Mark::Reviewer => {
                if let Some(first) = &mut block.reviewer {
                    first.end = passage.end;
                }
            }
            // So does the administrator's, until the reviewer's begins.
            Mark::Administrator if block.reviewer.is_none() => {
                if let Some(first) = &mut block.administrator {
                    first.end = passage.end;
                }
            }
            // The next block begins although this one has no rationale: its heading stands at the
            // end of what was taken for the last passage.
            _ => {
                let last = block.reviewer.as_ref().or(block.administrator.as_ref());
                let from = last.map_or(m.start, |passage| passage.start);
                block.rationale = from..from;
                return (block, at);
            }
        }
        at += 1;
    }
    (block, at)
}

static SENTENCE_DECISION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:medically\s*(?:un)?necessary(?:\s*and\s*appropriate)?|\bis\s+(?:partially\s+)?modified|upheld|overturned)[\s.:]*$",
    )
});
static WORDED_DECISION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:upheld|overturned|modified)(?:\s*(?:,\s*)?(?:in\s+part|partially))?[\s.:*]*$")
});

/// The longest heading that is looked for before a block, in bytes.
const LONGEST_HEADING: usize = 3000;

/// The heading that ends where a block's first passage begins: where it starts, and what it says.
///
/// Between the rationale before and the passage, only the lines themselves tell where the heading
/// begins: an empty line, a page break after a full sentence, a list number, or the end of the
/// rationale's last sentence.
fn heading_before(
    text: &Text,
    from: usize,
    end: usize,
    form: Form,
    is_first: bool,
) -> Option<(usize, Heading)> {
    let from = from.max(crate::letter::sections::floor_char(
        &text.text,
        end.saturating_sub(LONGEST_HEADING),
    ));
    if from >= end {
        return None;
    }
    let region = text.text[from..end].trim_end();
    // The label may follow its own article: "\nThe Claims Administrator guideline:".
    let region = region.strip_suffix("\nThe").unwrap_or(region).trim_end();
    let pattern = match form {
        Form::Worded => &*WORDED_DECISION,
        Form::Sentence => &*SENTENCE_DECISION,
    };
    let (region, decides) = match pattern.is_match(region) {
        true => (region, true),
        false => match without_stray_lines(region).filter(|_| form == Form::Worded) {
            Some(region) => (region, true),
            None => (region, false),
        },
    };
    if !decides && form == Form::Sentence {
        return None;
    }
    let start = from + heading_start(text, from, region, form, is_first);
    let span = &text.text[start..from + region.len()];
    let mut heading = match form {
        Form::Worded => heading::read(span),
        Form::Sentence => sentence(span),
    };
    if form == Form::Sentence || heading::without_opening(&heading.request) != heading.request {
        heading.unwrap_request();
    }
    if heading.decision.is_none() && !is_undecided_heading(&heading.request) {
        return None;
    }
    Some((start, heading))
}

/// A heading is followed by its label; a stamp that no rule knows may stand between them. The region
/// up to the line that ends in a decision, if no more than two short lines follow it.
fn without_stray_lines(region: &str) -> Option<&str> {
    const STRAY: usize = 90;
    let mut rest = region;
    for _ in 0..2 {
        let (before, line) = rest.rsplit_once('\n')?;
        // A label of the header that was drawn last on its page.
        let of_header = line.strip_suffix(':').is_some_and(header::is_label);
        if line.len() > STRAY || line.ends_with(['.', ',', ':']) && !of_header {
            return None;
        }
        rest = before.trim_end();
        let last = rest.rsplit('\n').next().unwrap_or(rest);
        // A heading's decision follows its colon; a sentence that ends in one does not.
        let decision = WORDED_DECISION.find(last);
        if decision.is_some_and(|word| last[..word.start()].trim_end().ends_with(':')) {
            return Some(rest);
        }
    }
    None
}

/// Whether a span that tells no decision can still be an item's heading: a short line that is no
/// sentence.
fn is_undecided_heading(request: &str) -> bool {
    !request.is_empty() && request.len() < 200 && !request.contains(". ") && !request.ends_with(':')
}

/// "The request for 12 visits is modified. Six of them are medically necessary."
fn sentence(span: &str) -> Heading {
    let text = crate::letter::text::flat(span);
    if let Some(modified) = heading::modified_at(&text) {
        let mut heading = heading::read(&text[..modified]);
        heading.decision = Some(Decision::Overturned);
        heading.partial = true;
        return heading;
    }
    let mut heading = heading::read(&text);
    // "Six of the twelve requested sessions are medically necessary."
    heading.partial |= heading.decision == Some(Decision::Overturned)
        && heading::is_part_of_request(&heading.request);
    heading
}

/// Where, in the region between two blocks, the second one's heading starts.
fn heading_start(text: &Text, from: usize, region: &str, form: Form, is_first: bool) -> usize {
    let mut start = last_paragraph(region);
    // A heading that is parted after its first sentence ("X was the original request."), or of
    // which only the decision stands in the last paragraph.
    for _ in 0..3 {
        if start == 0 {
            break;
        }
        let above = last_paragraph(region[..start].trim_end());
        let (above_it, rest) = (&region[above..start], &region[start..]);
        let goes_on =
            is_continued(rest) || ORIGINAL_STATED.is_match(above_it) && is_of_original(rest);
        if !goes_on {
            break;
        }
        start = above;
    }
    let lines = &region[start..];
    if form == Form::Sentence
        && let Some(numbered) = last_numbered_line(lines)
    {
        return start + numbered;
    }
    // No empty line parts the rationale from the heading: the heading begins after the last line
    // that ends a sentence.
    let glued = start == 0;
    let mut best = 0;
    for (at, line) in line_offsets(lines) {
        if at == 0 {
            continue;
        }
        let before = lines[..at].trim_end();
        let page = text.page_breaks.binary_search(&(from + start + at)).is_ok();
        let rest = &lines[at..];
        let introduces = is_first && before.ends_with(':') && !before.ends_with("service:");
        let begins = (glued || page) && (ends_sentence(before) || introduces)
            // Another heading stands above this one.
            || form == Form::Worded && ends_in_worded_decision(before);
        if begins && !is_continued(rest) && !line.is_empty() {
            best = at;
        }
    }
    start + best
}

fn last_paragraph(region: &str) -> usize {
    let bytes = region.as_bytes();
    memchr::memrchr_iter(b'\n', bytes)
        .find(|at| *at > 0 && bytes[at - 1] == b'\n')
        .map_or(0, |at| at + 1)
}

fn line_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

fn last_numbered_line(lines: &str) -> Option<usize> {
    line_offsets(lines)
        .filter(|(_, line)| heading::without_list_number(line) != *line)
        .map(|(at, _)| at)
        .last()
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches('"');
    text.ends_with(['.', '?', '!']) && !text.ends_with("e.g.") && !text.ends_with("vs.")
}

/// Whether a span is the tail of a heading rather than a whole one.
fn is_continued(span: &str) -> bool {
    static TAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^\s*(?:
            (?:(?:is|are|was|were)\s*)?:?\s*(?:upheld|overturned)\b
            | (?:the\s+)?remaining\b | (?:the\s+)?original\s+request\b | the\s+claims\s+administrator\s+(?:authorized|approved|certified)
            | portion\s+of\s+the | request,\s | eligible\s+portion | imr\s+eligible
            | authorized\s+by | (?:is|are|was|were)\s+(?:not\s+)?medically | not\s+medically | medically\s+necessary
            )",
        )
    });
    if TAIL.is_match(span) {
        return true;
    }
    // "Y was authorized ... The remaining portion ..." without "X was the original request".
    const AUTHORIZED: AnyCase = AnyCase::new("authorized");
    if !AUTHORIZED.is_in(span) {
        return false;
    }
    let lower = span.to_ascii_lowercase();
    (lower.contains("original request") || lower.contains("original\nrequest"))
        && !ORIGINAL_STATED.is_match(&lower)
}

/// Whether a span speaks of an original request that it does not state.
fn is_of_original(span: &str) -> bool {
    const ORIGINALLY: AnyCase = AnyCase::new("original");
    const ELIGIBLE: AnyCase = AnyCase::new("imr eligible");
    (ORIGINALLY.is_in(span) || ELIGIBLE.is_in(span)) && !ORIGINAL_STATED.is_match(span)
}

static ORIGINAL_STATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:was|were)\s+the\s+original\s+request"));
