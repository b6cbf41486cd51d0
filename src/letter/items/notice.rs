//! Layout C, mid 2013: the decisions stand in a list on the first page, again in the next section,
//! and a third time above each rationale. One item each, not three.

use super::{Block, BlockReader, after_label, trimmed};
use crate::letter::heading::{self, Decision, Heading};
use crate::letter::marks::{Mark, MarkMatch};
use crate::letter::pattern::pattern;
use crate::letter::sections::Sections;
use crate::letter::text::{Text, flat};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A decision of a list.
struct ListedDecision {
    number: Option<u32>,
    heading: Heading,
}

/// Layout C: decisions in a list, then a block for each.
pub(super) struct Notice;

impl BlockReader for Notice {
    fn blocks(&self, text: &Text, marks: &[MarkMatch], _: &Sections) -> Vec<Block> {
        blocks(&text.text, marks)
    }
}

/// The blocks of a layout C letter.
fn blocks(text: &str, marks: &[MarkMatch]) -> Vec<Block> {
    let mut listed = one_list(listed(text, marks));
    listed.truncate(super::MOST_ITEMS);
    let mut reasoned = rationale_blocks(text, marks);
    if listed.is_empty() {
        return reasoned.into_iter().map(|(_, block)| block).collect();
    }
    let mut used = vec![false; reasoned.len()];
    let same_count = listed.len() == reasoned.len();
    let mut blocks: Vec<Block> = listed
        .into_iter()
        .enumerate()
        .map(|(n, item)| {
            let place = (0..reasoned.len()).filter(|at| !used[*at]).find(|at| {
                let (number, block) = &reasoned[*at];
                heading::alike(&block.heading.request, &item.heading.request)
                    || (number.is_some() && *number == item.number)
            });
            let place = place.or_else(|| (same_count && !used[n]).then_some(n));
            let mut block = match place {
                Some(at) => {
                    used[at] = true;
                    reasoned[at].1.clone()
                }
                None => Block::default(),
            };
            block.heading = item.heading;
            block
        })
        .collect();
    // What no list names is an item nevertheless.
    if reasoned.len() > blocks.len() {
        let more = reasoned.drain(..).zip(used).filter(|(_, used)| !used);
        blocks.extend(more.map(|((_, block), _)| block));
    }
    blocks
}

/// The decisions that are listed, all lists one after the other.
fn listed(text: &str, marks: &[MarkMatch]) -> Vec<ListedDecision> {
    // The list stands twice.
    (0..marks.len())
        .filter(|at| marks[*at].mark == Mark::Determined)
        .take(2 * super::MOST_ITEMS)
        .map(|at| {
            let m = &marks[at];
            let end = entry_end(text, &marks[at + 1..], m);
            let span = flat(&text[m.end..end]);
            let number = list_number(before_on_line(text, m.start));
            ListedDecision {
                number,
                heading: decided(&span),
            }
        })
        .filter(|listed| !listed.heading.request.is_empty())
        .collect()
}

/// What stands before an offset on its line, so far as a list number may be found there.
fn before_on_line(text: &str, at: usize) -> &str {
    let from = crate::letter::sections::floor_char(text, at.saturating_sub(200));
    let before = &text[from..at];
    before.rsplit('\n').next().unwrap_or(before)
}

/// Where a list's entry ends: with its decision phrase and what belongs to the sentence, before the
/// next entry or paragraph that is not part of it.
fn entry_end(text: &str, after: &[MarkMatch], entry: &MarkMatch) -> usize {
    let next = after
        .iter()
        .find(|m| {
            matches!(
                m.mark,
                Mark::Determined | Mark::Regarding | Mark::SectionRelied
            ) || (m.at_line_start
                && matches!(
                    m.mark,
                    Mark::Decisions | Mark::Qualifications | Mark::Summary | Mark::Documents
                ))
        })
        .map_or(text.len(), |m| {
            let between = &text[entry.end..m.start];
            between.rfind('\n').map_or(m.start, |n| entry.end + n + 1)
        });
    let decision = after
        .iter()
        .take_while(|m| m.end <= next)
        .find(|m| matches!(m.mark, Mark::NotNecessary | Mark::Necessary));
    // "... Six of the twelve are medically necessary and appropriate, and six are not.": the
    // sentence of the decision, up to its full stop.
    let from = decision.map_or(entry.end, |m| m.end);
    let stop = text[from..next]
        .match_indices('.')
        .find(|(at, _)| {
            text[from + at + 1..]
                .chars()
                .next()
                .is_none_or(char::is_whitespace)
        })
        .map_or(next, |(at, _)| from + at + 1);
    stop.min(next)
}

/// "<item> is not medically necessary and appropriate."
fn decided(span: &str) -> Heading {
    static PHRASE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)[\s,]*\b(?:is|are|was|were)?\s*(?:/are\s*)?(?P<not>not|in\s?not)?\s*(?P<part>partially\s+|in\s+part\s+)?medically\s*necessary(?:\s*(?:and|or)\s*appropriate)?",
        )
    });
    let phrase = PHRASE.captures(span);
    let start = phrase
        .as_ref()
        .and_then(|f| f.get(0))
        .map_or(span.len(), |m| m.start());
    let modified = heading::modified_at(span).filter(|at| *at < start);
    let mut heading = heading::read(&span[..modified.unwrap_or(start)]);
    heading.unwrap_request();
    if let Some(found) = phrase {
        let negative = found.name("not").is_some();
        heading.decision = Some(if negative {
            Decision::Upheld
        } else {
            Decision::Overturned
        });
        heading.partial = found.name("part").is_some();
    }
    if modified.is_some() {
        heading.decision = Some(Decision::Overturned);
        heading.partial = true;
    }
    // "12 visits: six are medically necessary and appropriate, and the remaining six are not."
    let rest = &span[start..];
    if heading.decision == Some(Decision::Overturned)
        && (rest.contains(" are not") || rest.contains(" is not") || rest.contains("remaining"))
    {
        heading.partial = true;
    }
    if heading.partial
        && let Some(cut) = part_statement(&heading.request)
    {
        heading.request.truncate(cut);
        heading.unwrap_request();
    }
    heading
}

/// Where a request goes over into the statement of what part is granted.
fn part_statement(request: &str) -> Option<usize> {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)\s*[.:;,]\s*(?:only\s+)?(?:\d+|[a-z-]+)\s*(?:of|out\s+of)\s+(?:the|those|these|them)\b.*$|\s*[.:;]\s*(?:\d+|[a-z-]+)\s+(?:sessions?|visits?|tablets)?\s*$|\s+is\s+modified.*$|\s+as\s+follows.*$",
        )
    });
    PART.find(request).map(|m| m.start())
}

/// The list stands twice: one of the two, the longer where they differ. What the two decide differently
/// is not decided.
fn one_list(entries: Vec<ListedDecision>) -> Vec<ListedDecision> {
    let mut lists: Vec<Vec<ListedDecision>> = Vec::new();
    for entry in entries {
        let again = entry.number == Some(1)
            || lists.last().is_some_and(|list: &Vec<ListedDecision>| {
                entry.number.is_none()
                    && list.first().is_some_and(|first| {
                        heading::alike(&first.heading.request, &entry.heading.request)
                    })
            });
        if again || lists.is_empty() {
            lists.push(Vec::new());
        }
        if let Some(list) = lists.last_mut() {
            list.push(entry);
        }
    }
    let most = lists.iter().map(Vec::len).max().unwrap_or(0);
    let Some(at) = lists.iter().position(|list| list.len() == most) else {
        return Vec::new();
    };
    let mut one = lists.swap_remove(at);
    for (n, entry) in one.iter_mut().enumerate() {
        let heading = &mut entry.heading;
        for list in &lists {
            let again = list
                .get(n)
                .filter(|other| heading::alike(&other.heading.request, &heading.request));
            if let Some(other) = again {
                heading.also_decides(other.heading.decision);
            }
        }
    }
    one
}

/// The blocks "Regarding the request for X:" with their citations and rationale.
fn rationale_blocks(text: &str, marks: &[MarkMatch]) -> Vec<(Option<u32>, Block)> {
    let openings: Vec<usize> = (0..marks.len())
        .filter(|at| marks[*at].mark == Mark::Regarding && marks[*at].at_line_start)
        .take(super::MOST_ITEMS)
        .collect();
    openings
        .iter()
        .enumerate()
        .map(|(n, at)| {
            let opening = &marks[*at];
            let end = openings
                .get(n + 1)
                .map(|next| marks[*next].start - before_on_line(text, marks[*next].start).len())
                .or_else(|| {
                    marks[at + 1..]
                        .iter()
                        .find(|m| m.mark == Mark::Tail && m.at_line_start)
                        .map(|m| m.start)
                })
                .unwrap_or(text.len());
            let within: Vec<&MarkMatch> = marks[at + 1..]
                .iter()
                .take_while(|m| m.start < end)
                .collect();
            let number = list_number(before_on_line(text, opening.start));
            (number, read_rationale_block(text, opening, &within, end))
        })
        .collect()
}

fn read_rationale_block(
    text: &str,
    opening: &MarkMatch,
    marks: &[&MarkMatch],
    end: usize,
) -> Block {
    let first = |kind: Mark| marks.iter().find(|m| m.mark == kind);
    let title_end = marks
        .iter()
        .find(|m| {
            matches!(
                m.mark,
                Mark::SectionRelied | Mark::Administrator | Mark::Reviewer | Mark::Rationale
            )
        })
        .map_or(end, |m| m.start);
    let title = flat(&text[opening.end..title_end]);
    let title = title.split(" The ").next().unwrap_or(&title);
    let rationale = marks
        .iter()
        .find(|m| m.mark == Mark::Rationale && (m.at_line_start || text[m.end..].starts_with(':')));
    let cited_end = rationale.map_or(end, |m| m.start);
    let administrator = first(Mark::Administrator).filter(|m| m.start < cited_end);
    let reviewer = marks
        .iter()
        .find(|m| m.mark == Mark::Reviewer && m.start < cited_end);
    let mut block = Block {
        heading: Heading::of(title),
        administrator: administrator.map(|m| {
            let stop = reviewer
                .filter(|r| r.start > m.end)
                .map_or(cited_end, |r| r.start);
            m.end..stop.max(m.end)
        }),
        reviewer: reviewer.map(|m| m.end..cited_end.max(m.end)),
        rationale: rationale.map_or(end..end, |m| {
            trimmed(text, after_label(text, m.end).min(end)..end)
        }),
    };
    // Where no list tells the decision, the rationale's last word on it does.
    let last = marks.iter().rev().find(|m| {
        m.start >= block.rationale.start && matches!(m.mark, Mark::NotNecessary | Mark::Necessary)
    });
    block.heading.decision = last.map(|m| {
        if m.mark == Mark::NotNecessary {
            Decision::Upheld
        } else {
            Decision::Overturned
        }
    });
    block
}

fn list_number(before: &str) -> Option<u32> {
    let digits: Range<usize> = {
        let start = before.find(|c: char| c.is_ascii_digit())?;
        let len = before[start..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(before.len() - start);
        start..start + len
    };
    before[digits].parse().ok()
}
