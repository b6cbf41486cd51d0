//! From marks to sections: which layout a letter has, and where each part of it stands.

use super::any_case::begins_at;
use super::marks::{Mark, Marked};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How a letter is laid out (FORMATS.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// 2015 and later: "Norco 10/325mg #60: Upheld", credentials as a list.
    A,
    /// 2014 to early 2015: as A, the reviewer described in a sentence.
    #[serde(rename = "A-prose")]
    AProse,
    /// Late 2013 to 2014: "Norco 10/325mg #60 is not medically necessary and appropriate."
    B,
    /// Mid 2013: "has determined the request for Norco is not medically necessary and appropriate."
    C,
    /// MEDICAL PROFESSIONAL REVIEW: one issue at dispute.
    D,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 5] = [Layout::A, Layout::AProse, Layout::B, Layout::C, Layout::D];

    /// The name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Layout::A => "A",
            Layout::AProse => "A-prose",
            Layout::B => "B",
            Layout::C => "C",
            Layout::D => "D",
        }
    }
}

/// The layout that a letter's marks show, or None where they show none.
#[must_use]
pub fn layout(text: &str, marks: &[Marked]) -> Option<Layout> {
    let count = |mark: Mark| marks.iter().filter(|m| m.mark == mark).count();
    let any = |mark: Mark| count(mark) > 0;
    if any(Mark::Determined) && (any(Mark::Regarding) || any(Mark::SectionRelied))
        || (any(Mark::Regarding) && any(Mark::SectionRelied))
    {
        return Some(Layout::C);
    }
    if any(Mark::ProfessionalRationale) && (any(Mark::Issue) || any(Mark::ProfessionalGuideline)) {
        return Some(Layout::D);
    }
    let blocks = any(Mark::Administrator) || any(Mark::Reviewer) || any(Mark::Rationale);
    if blocks && (any(Mark::Upheld) || any(Mark::Overturned)) && headings_decide(text, marks) {
        return Some(
            if any(Mark::Specialty) || any(Mark::Licensure) || !any(Mark::Credentials) {
                Layout::A
            } else {
                Layout::AProse
            },
        );
    }
    if blocks && (any(Mark::NotNecessary) || any(Mark::Necessary)) {
        return Some(Layout::B);
    }
    any(Mark::Determined).then_some(Layout::C)
}

/// Whether "Upheld" or "Overturned" stands where a heading ends: before the next block.
fn headings_decide(text: &str, marks: &[Marked]) -> bool {
    marks.windows(2).any(|pair| {
        matches!(pair[0].mark, Mark::Upheld | Mark::Overturned)
            && matches!(
                pair[1].mark,
                Mark::Administrator | Mark::Reviewer | Mark::Rationale
            )
            && (pair[1].start - pair[0].end < 12
                || text[pair[0].end..]
                    .trim_start_matches([' ', '.'])
                    .starts_with('\n')
                    && pair[1].start - pair[0].end < 240)
    })
}

/// The parts of a letter, as byte ranges of its text; empty where it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    /// Before the first heading.
    pub header: Range<usize>,
    /// The cover page and the header of a copy for the parties: before the letter's body.
    pub cover: Range<usize>,
    /// Where the reviewer's credentials are told.
    pub credentials: Range<usize>,
    /// The clinical case summary, without its boilerplate.
    pub summary: Range<usize>,
    /// The documents reviewed.
    pub documents: Range<usize>,
    /// The decisions and rationales.
    pub decisions: Range<usize>,
}

const HEADINGS: [Mark; 8] = [
    Mark::HowMade,
    Mark::Documents,
    Mark::Summary,
    Mark::Decisions,
    Mark::Qualifications,
    Mark::Tail,
    Mark::Issue,
    Mark::ProfessionalGuideline,
];

/// Whether a mark can only stand after the header.
fn opens_a_part(mark: Mark) -> bool {
    !matches!(
        mark,
        Mark::Upheld | Mark::Overturned | Mark::Necessary | Mark::NotNecessary | Mark::Credentials
    )
}

/// Whether a mark stands as a heading: on a line that it begins, ended by the line or a colon.
pub fn is_heading(text: &str, mark: &Marked) -> bool {
    if !mark.at_line_start {
        return false;
    }
    let rest = text[mark.end..].trim_start_matches([' ', ')', '(', 's']);
    let shouted = text[mark.start..mark.end]
        .bytes()
        .all(|b| !b.is_ascii_lowercase());
    rest.is_empty()
        || rest.starts_with([':', '\n', '.', '-'])
        || shouted
        || matches!(
            mark.mark,
            Mark::HowMade | Mark::Tail | Mark::ProfessionalGuideline
        )
}

/// Divides a letter's text.
#[must_use]
pub fn divide(text: &str, marks: &[Marked], layout: Option<Layout>) -> Sections {
    let headings: Vec<&Marked> = marks
        .iter()
        .filter(|m| HEADINGS.contains(&m.mark) && is_heading(text, m))
        .collect();
    let next = |from: usize| {
        headings
            .iter()
            .find(|h| h.start > from)
            .map_or(text.len(), |h| h.start)
    };
    let section = |kind: Mark| {
        headings.iter().find(|h| h.mark == kind).map(|h| {
            let start = after_colon(text, h.end);
            start..next(h.start).max(start)
        })
    };
    let mut sections = Sections::default();
    let first_mark = marks
        .iter()
        .filter(|m| m.mark == Mark::Determined || (m.at_line_start && opens_a_part(m.mark)))
        .map(|m| line_start(text, m.start))
        .next()
        .unwrap_or(text.len());
    sections.header = 0..headings
        .first()
        .map_or(text.len(), |h| h.start)
        .min(first_mark)
        .min(text.len());
    let body = marks.iter().find(|m| {
        let opens = matches!(
            m.mark,
            Mark::Determined | Mark::HowMade | Mark::Summary | Mark::Issue | Mark::Decisions
        );
        opens && (m.mark == Mark::Determined || is_heading(text, m))
    });
    sections.cover = 0..body.map_or(sections.header.end, |m| m.start);
    sections.credentials = section(Mark::HowMade)
        .into_iter()
        .chain(section(Mark::Qualifications))
        .max_by_key(|range| {
            marks
                .iter()
                .filter(|m| range.contains(&m.start))
                .filter(|m| {
                    matches!(
                        m.mark,
                        Mark::Credentials | Mark::Licensure | Mark::Specialty
                    )
                })
                .count()
        })
        .unwrap_or_else(|| credentials_without_heading(text, marks));
    sections.documents = section(Mark::Documents)
        .map(|range| {
            // The blocks of layout C follow without a heading.
            let block = marks.iter().find(|m| {
                m.start > range.start
                    && m.at_line_start
                    && matches!(
                        m.mark,
                        Mark::Regarding | Mark::SectionRelied | Mark::Determined
                    )
            });
            let end = block.map_or(range.end, |m| line_start(text, m.start));
            range.start..range.end.min(end).max(range.start)
        })
        .map(|range| without_boilerplate(text, range))
        .unwrap_or_default();
    sections.decisions = decisions(text, marks, &headings, layout);
    sections.summary = section(Mark::Summary)
        .map(|range| {
            // The letter's own blocks end a summary whose next heading was lost.
            let end = if range.start < sections.decisions.start {
                range.end.min(sections.decisions.start)
            } else {
                marks
                    .iter()
                    .find(|m| m.start > range.start && m.mark == Mark::Regarding && m.at_line_start)
                    .map_or(range.end, |m| range.end.min(line_start(text, m.start)))
            };
            let range = range.start..end.max(range.start);
            without_boilerplate(text, range)
        })
        .unwrap_or_default();
    sections
}

fn decisions(
    text: &str,
    marks: &[Marked],
    headings: &[&Marked],
    layout: Option<Layout>,
) -> Range<usize> {
    let end = headings
        .iter()
        .find(|h| h.mark == Mark::Tail)
        .map_or(text.len(), |h| h.start);
    let start = match layout {
        Some(Layout::A | Layout::AProse | Layout::B) => {
            let set_forth = marks
                .iter()
                .find(|m| m.mark == Mark::SetForth)
                .map(|m| after_colon(text, m.end));
            set_forth
                .or_else(|| {
                    headings
                        .iter()
                        .rev()
                        .find(|h| h.mark == Mark::Decisions)
                        .map(|h| after_line(text, h.end))
                })
                .or_else(|| {
                    headings
                        .iter()
                        .rev()
                        .find(|h| matches!(h.mark, Mark::Summary | Mark::HowMade | Mark::Documents))
                        .map(|h| after_line(text, h.end))
                })
                .unwrap_or(0)
        }
        _ => 0,
    };
    start.min(end)..end
}

/// The paragraph that tells of the reviewer, where no heading announces it.
fn credentials_without_heading(text: &str, marks: &[Marked]) -> Range<usize> {
    let Some(first) = marks.iter().find(|m| {
        matches!(
            m.mark,
            Mark::Credentials | Mark::Licensure | Mark::Specialty
        )
    }) else {
        return 0..0;
    };
    let start = text[..first.start].rfind("\n\n").map_or(0, |at| at + 2);
    let end = marks
        .iter()
        .find(|m| m.start > first.end && HEADINGS.contains(&m.mark) && m.at_line_start)
        .map_or(text.len(), |m| m.start);
    start..end
}

/// "The expert reviewer developed the following clinical case summary based on a review of the
/// case file, including all medical records:" is said in every letter and says nothing.
fn without_boilerplate(text: &str, range: Range<usize>) -> Range<usize> {
    let range = after_disclaimer(text, range);
    let span = &text[range.clone()];
    let head = &span[..floor_char(span, span.len().min(400))];
    let opening = head.split_once(':').filter(|(before, _)| {
        let lower = before.to_ascii_lowercase();
        let ends_line = span[before.len() + 1..]
            .trim_start_matches(' ')
            .starts_with('\n');
        ends_line || lower.contains("case summary") || lower.contains("case file")
    });
    let start = match opening {
        Some((before, _)) => range.start + before.len() + 1,
        None => range.start,
    };
    let body = &text[start..range.end];
    let lead = body.len() - body.trim_start().len();
    start + lead..start + body.trim_end().len().max(lead)
}

/// "Disclaimer: The following case summary was taken directly from the utilization review denial
/// dated ...": the summary of mid-2013 follows it.
fn after_disclaimer(text: &str, range: Range<usize>) -> Range<usize> {
    const REACH: usize = 400;
    let span = &text[range.clone()];
    let gap = span.len() - span.trim_start().len();
    let body = &span[gap..];
    if !begins_at(body, 0, "disclaimer") {
        return range;
    }
    // Its sentence ends at a line's end, or where the quoted summary begins.
    let head = &body[..floor_char(body, REACH)];
    let ends = head.match_indices('.').find(|(at, _)| {
        let rest = &head[at + 1..];
        rest.starts_with('\n') || rest.starts_with(" \"") || rest.starts_with(" The ")
    });
    match ends {
        Some((at, _)) => range.start + gap + at + 1..range.end,
        None => range,
    }
}

/// After a colon that follows an offset at once, else the offset.
fn after_colon(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let gap = rest.len() - rest.trim_start_matches([' ', ')', '(', 's']).len();
    if text[at + gap..].starts_with(':') {
        at + gap + 1
    } else {
        at
    }
}

fn after_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

/// Where the line of an offset begins.
#[must_use]
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// The last character boundary at or before an offset.
#[must_use]
pub fn floor_char(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
