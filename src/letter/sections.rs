//! From marks to sections: which layout a letter has, and where each part of it stands.

use super::any_case::begins_at;
use super::marks::{Mark, MarkMatch};
use crate::vocabulary::{Row, Table};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

/// How a letter is laid out (docs/extraction.md).
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

/// What tells of a layout, and how much.
struct Evidence {
    kind: EvidenceKind,
    weight: u32,
}

enum EvidenceKind {
    /// Any of these marks.
    Marks(Vec<Mark>),
    /// "Upheld" or "Overturned" where a heading ends.
    DecidedHeading,
    /// The reviewer's credentials stand in lists.
    Listed,
    /// They are told in a sentence, and stand in no list.
    ParsedDecision,
}

/// A row of the table `layouts.tsv`.
struct KnownLayout {
    layout: Layout,
    /// The least sum that shows it.
    least: u32,
    /// What its decisions stand in; None where letters of other layouts have the like.
    form: Option<&'static str>,
    evidence: Vec<Evidence>,
}

impl KnownLayout {
    /// Whether both have forms, and not the same.
    fn is_other_form(&self, other: &KnownLayout) -> bool {
        self.form != other.form && self.form.and(other.form).is_some()
    }
}

/// The table `layouts.tsv`.
static LAYOUTS: LazyLock<Vec<KnownLayout>> = LazyLock::new(|| {
    let table = Table::read(
        "layouts.tsv",
        include_str!("../../index-schema/layouts.tsv"),
    );
    let number = |text: &str| text.parse().expect("a weight is a number");
    let evidence = |text: &str| {
        let (kind, weight) = text.split_once(':').expect("evidence has a weight");
        let kind = match kind {
            "decided-heading" => EvidenceKind::DecidedHeading,
            "listed" => EvidenceKind::Listed,
            "told" => EvidenceKind::ParsedDecision,
            marks => EvidenceKind::Marks(marks.split('+').map(Mark::named).collect()),
        };
        Evidence {
            kind,
            weight: number(weight),
        }
    };
    let row = |row: Row| {
        let named = |layout: &Layout| layout.name() == row.get("layout");
        let layout = Layout::ALL.into_iter().find(named).expect("a known layout");
        KnownLayout {
            layout,
            least: number(row.get("least")),
            form: Some(row.get("form")).filter(|form| *form != "-"),
            evidence: row.get("evidence").split('|').map(evidence).collect(),
        }
    };
    table.rows().map(row).collect()
});

/// The layout that a letter's marks show, or None where they show none; and another that they show
/// as well.
#[must_use]
pub(crate) fn layout(text: &str, marks: &[MarkMatch]) -> (Option<Layout>, Option<Layout>) {
    let any = |mark: Mark| marks.iter().any(|m| m.mark == mark);
    let listed = any(Mark::Specialty) || any(Mark::Licensure);
    let decided = (any(Mark::Upheld) || any(Mark::Overturned))
        .then(|| decided_heading(text, marks))
        .flatten();
    // In a letter whose headings decide, a summary may say what the administrator "has determined", and a
    // rationale begin "Regarding the request for".
    let counts = |m: &&MarkMatch| match m.mark {
        Mark::Determined => decided.is_none() || is_by_organization(text, m),
        Mark::Regarding => decided.is_none() || m.at_line_start,
        _ => true,
    };
    // Where evidence first stands.
    let first = |evidence: &Evidence| match &evidence.kind {
        EvidenceKind::Marks(kinds) => {
            let mut found = marks.iter().filter(|m| kinds.contains(&m.mark));
            found.find(counts).map(|m| m.start)
        }
        EvidenceKind::DecidedHeading => decided,
        EvidenceKind::Listed => listed.then_some(usize::MAX),
        EvidenceKind::ParsedDecision => (!listed && any(Mark::Credentials)).then_some(usize::MAX),
    };
    let begins = |known: &KnownLayout| known.evidence.iter().filter_map(first).min();
    // The best of the layouts, and one beside it that the letter shows as well.
    let mut best: Option<(u32, &KnownLayout)> = None;
    let mut other: Option<(u32, &KnownLayout)> = None;
    for known in LAYOUTS.iter() {
        let sum: u32 = {
            let shown = known.evidence.iter().filter(|e| first(e).is_some());
            shown.map(|e| e.weight).sum()
        };
        if sum < known.least {
            continue;
        }
        let this = (sum, known);
        let Some(before) = best else {
            best = Some(this);
            continue;
        };
        let two_forms = known.is_other_form(before.1);
        let better = if two_forms {
            begins(known) < begins(before.1)
        } else {
            sum > before.0
        };
        let (better, worse) = if better {
            (this, before)
        } else {
            (before, this)
        };
        best = Some(better);
        let kept = other.filter(|other| other.0 == better.0 || other.1.is_other_form(better.1));
        other = if worse.0 == better.0 || two_forms {
            Some(worse)
        } else {
            kept
        };
    }
    let layout = |known: (u32, &KnownLayout)| known.1.layout;
    (best.map(layout), other.map(layout))
}

/// Whether it is the organization that "has determined the request for" something.
fn is_by_organization(text: &str, m: &MarkMatch) -> bool {
    const REACH: usize = 60;
    let before = &text[floor_char(text, m.start.saturating_sub(REACH))..m.start];
    let before = before.to_ascii_lowercase();
    before.contains("maximus") || before.contains("federal")
}

/// Where "Upheld" or "Overturned" first stands where a heading ends: before the next block.
fn decided_heading(text: &str, marks: &[MarkMatch]) -> Option<usize> {
    let decides = |pair: &[MarkMatch]| {
        matches!(pair[0].mark, Mark::Upheld | Mark::Overturned)
            && matches!(
                pair[1].mark,
                Mark::Administrator | Mark::Reviewer | Mark::Rationale
            )
            && (pair[1].start - pair[0].end < 12
                || text[pair[0].end..]
                    .trim_start_matches([' ', '.', '*'])
                    .starts_with('\n')
                    && pair[1].start - pair[0].end < 240)
    };
    let pair = marks.windows(2).find(|pair| decides(pair))?;
    Some(pair[0].start)
}

/// The parts of a letter, as byte ranges of its text; empty where it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sections {
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
pub(crate) fn is_heading(text: &str, mark: &MarkMatch) -> bool {
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
pub(crate) fn divide(text: &str, marks: &[MarkMatch], layout: Option<Layout>) -> Sections {
    let headings: Vec<&MarkMatch> = marks
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
    marks: &[MarkMatch],
    headings: &[&MarkMatch],
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
fn credentials_without_heading(text: &str, marks: &[MarkMatch]) -> Range<usize> {
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
    let ends = head.match_indices(['.', ':']).skip(1).find(|(at, _)| {
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
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// The last character boundary at or before an offset.
#[must_use]
pub(crate) fn floor_char(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::marks;
    use crate::vocabulary::LowerText;

    fn shown(body: &str) -> (Option<Layout>, Option<Layout>) {
        layout(body, &marks::find(body, &LowerText::new(body)))
    }

    #[test]
    fn evidence_adds_up() {
        let decided = "Norco: Upheld\n\nClaims Administrator guideline: none\n";
        let told = "The reviewer is Board Certified in Family Practice.\n";
        let listed = "State(s) of Licensure: Texas\n";
        let sentence =
            "The Claims Administrator based its decision on x.\nIt is not medically necessary.\n";
        let determined = "has determined the request for x\n";
        for (body, wanted) in [
            (decided.to_string(), Some(Layout::A)),
            (format!("{told}{decided}"), Some(Layout::AProse)),
            (format!("{told}{listed}{decided}"), Some(Layout::A)),
            (sentence.to_string(), Some(Layout::B)),
            (format!("{determined}{sentence}"), Some(Layout::B)),
            (determined.to_string(), Some(Layout::C)),
            (
                format!("{determined}1) Regarding the request for x:\n{sentence}"),
                Some(Layout::C),
            ),
            (
                "ISSUE AT DISPUTE:\nx\nRATIONALE FOR WHY THE REQUESTED x".to_string(),
                Some(Layout::D),
            ),
            ("1) Regarding the request for x:\n".to_string(), None),
            ("It is medically necessary.".to_string(), None),
        ] {
            assert_eq!(shown(&body), (wanted, None), "{body}");
        }
        let summary = format!(
            "The administrator {determined}{told}{decided}\nRegarding the request for x, no.\n"
        );
        assert_eq!(shown(&summary), (Some(Layout::AProse), None));
        let list = "MAXIMUS Federal Services, Inc. has determined the request for x\n";
        let two = format!("{listed}{decided}{list}");
        assert_eq!(shown(&two), (Some(Layout::A), Some(Layout::C)));
        let two = format!("{list}{listed}{decided}");
        assert_eq!(shown(&two), (Some(Layout::C), Some(Layout::A)));
        let both = "has determined the request for x\nRegarding the request for x:\nISSUE AT DISPUTE:\nx\n\
                    RATIONALE FOR WHY THE REQUESTED x";
        assert_eq!(shown(both), (Some(Layout::C), Some(Layout::D)));
    }
}
