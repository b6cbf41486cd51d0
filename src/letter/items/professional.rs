//! Layout D, MEDICAL PROFESSIONAL REVIEW: one issue at dispute as a rule; the heading of the
//! rationale carries the decision.

use super::{Block, BlockReader, after_label, trimmed};
use crate::letter::heading::{self, Decision, Heading};
use crate::letter::marks::{Mark, MarkMatch};
use crate::letter::pattern::pattern;
use crate::letter::sections::Sections;
use crate::letter::text::{Text, flat};
use regex::Regex;
use std::sync::LazyLock;

/// The issues of one letter share its rationale; one as a rule, never as many as this.
const MOST_ISSUES: usize = 40;

/// Layout D: issues at dispute that share a rationale.
pub(super) struct Professional;

impl BlockReader for Professional {
    fn blocks(&self, text: &Text, marks: &[MarkMatch], _: &Sections) -> Vec<Block> {
        blocks(&text.text, marks)
    }
}

/// The blocks of a layout D letter: its issues share citations and rationale.
fn blocks(text: &str, marks: &[MarkMatch]) -> Vec<Block> {
    let find = |kind: Mark| marks.iter().find(|m| m.mark == kind);
    let end_of = |from: usize| {
        marks
            .iter()
            .find(|m| {
                m.start > from
                    && m.at_line_start
                    && matches!(
                        m.mark,
                        Mark::Summary
                            | Mark::Documents
                            | Mark::ProfessionalGuideline
                            | Mark::ProfessionalRationale
                            | Mark::Qualifications
                            | Mark::Issue
                            | Mark::HowMade
                            | Mark::Tail
                    )
            })
            .map_or(text.len(), |m| m.start)
    };
    let reviewer = find(Mark::ProfessionalGuideline).map(|m| {
        let start = after_line_or_colon(text, m.end);
        start..end_of(m.end).max(start)
    });
    let Some(why) = find(Mark::ProfessionalRationale) else {
        return Vec::new();
    };
    let title_end = after_line_or_colon(text, why.end);
    let rationale = trimmed(text, title_end..end_of(title_end).max(title_end));
    let decision = decision(&flat(&text[why.start..title_end]), text, marks, &rationale);
    let issues = find(Mark::Issue).map_or_else(Vec::new, |m| {
        let start = after_line_or_colon(text, m.end);
        issues(text[start..end_of(m.end).max(start)].trim())
    });
    issues
        .into_iter()
        .take(MOST_ISSUES)
        .map(|heading| Block {
            heading: Heading {
                decision,
                ..heading
            },
            administrator: None,
            reviewer: reviewer.clone(),
            rationale: rationale.clone(),
        })
        .collect()
}

/// The heading runs to its colon, over line ends.
fn after_line_or_colon(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let paragraph = rest.find("\n\n").unwrap_or(rest.len());
    match rest[..paragraph].find(':') {
        Some(colon) => after_label(text, at + colon),
        None => at + paragraph,
    }
}

/// "... IS NOT MEDICALLY NECESSARY"; a form that leaves both words standing ("IS/WAS (NOT)") is
/// decided by the rationale's last word on it.
fn decision(
    title: &str,
    text: &str,
    marks: &[MarkMatch],
    rationale: &std::ops::Range<usize>,
) -> Option<Decision> {
    let lower = title.to_ascii_lowercase();
    let undecided =
        lower.contains("(not)") || lower.contains("is/is not") || lower.contains("was/was not");
    if !undecided {
        return Some(
            if lower.contains("not medically") || lower.contains("notmedically") {
                Decision::Upheld
            } else {
                Decision::Overturned
            },
        );
    }
    let last = marks.iter().rfind(|m| {
        rationale.contains(&m.start) && matches!(m.mark, Mark::NotNecessary | Mark::Necessary)
    });
    if let Some(m) = last {
        let before = &text[crate::letter::sections::line_start(text, m.start)..m.start];
        let negated = m.mark == Mark::NotNecessary || before.trim_end().ends_with("not");
        return Some(if negated {
            Decision::Upheld
        } else {
            Decision::Overturned
        });
    }
    negative_end(&text[rationale.clone()])
}

/// What the last sentences of a rationale say where they name no medical necessity.
fn negative_end(rationale: &str) -> Option<Decision> {
    static NEGATIVE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:not|no|cannot|denied|without|insufficient|fails?|lacks?|neither|nor)\b")
    });
    let last = rationale.trim_end().rsplit(". ").next()?;
    Some(if NEGATIVE.is_match(last) {
        Decision::Upheld
    } else {
        Decision::Overturned
    })
}

/// The issues of the section, one a numbered line, else one.
fn issues(section: &str) -> Vec<Heading> {
    let numbered = |line: &str| heading::without_list_number(line) != line;
    let mut issues: Vec<String> = Vec::new();
    let paragraph = section.split("\n\n").collect::<Vec<_>>().join("\n");
    for line in paragraph.lines() {
        let bulleted = line.starts_with(['\u{2022}', '*']) || line.starts_with("- ");
        if numbered(line) || bulleted || issues.is_empty() {
            issues.push(
                line.trim_start_matches(['\u{2022}', '*', '-', ' '])
                    .to_string(),
            );
        } else if let Some(last) = issues.last_mut() {
            last.push(' ');
            last.push_str(line);
        }
    }
    issues
        .iter()
        .map(|issue| Heading::of(&without_whether(&flat(issue))))
        .filter(|heading| !heading.request.is_empty())
        .collect()
}

/// Without "Whether ... is medically necessary" (docs/json.md).
fn without_whether(issue: &str) -> String {
    static ENDING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[\s,]*\b(?:is|are|was|were)\s*(?:/(?:is|was|are|were))?\s*(?:or (?:is|was) not\s*)?(?:not\s+)?medically\s*necessary.*$",
        )
    });
    let issue = heading::without_list_number(issue.trim());
    let lower = issue.to_ascii_lowercase();
    let (issue, asks) = match lower.strip_prefix("whether ") {
        Some(rest) => (&issue[issue.len() - rest.len()..], true),
        None => (issue, false),
    };
    let issue = issue.trim_end_matches(['?', '.']);
    let issue = if asks || ENDING.is_match(issue) {
        ENDING.replace(issue, "")
    } else {
        issue.into()
    };
    issue.into_owned()
}
