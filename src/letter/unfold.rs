//! Lines for a text whose white space was collapsed, as in many data sets: a whole letter on one
//! line still has its headings, labels and sentences.

use super::marks::{self, Mark, MarkMatch};
use super::text::{self, Text};
use crate::vocabulary::LowerText;

/// A line that is no longer than this was not collapsed; an unwrapped paragraph may be.
const LONG: usize = 400;
/// So many headings and labels within a long line show that lines are missing.
const LEAST: usize = 2;

/// The text with a line for each heading, label and sentence, where it has long lines that hold
/// several headings; None for every other text.
#[must_use]
pub(super) fn unfold(text: &Text) -> Option<Text> {
    let body = text.text.as_str();
    if !has_long_line(body) {
        return None;
    }
    let lower = LowerText::new(body);
    let marks = marks::find(body, &lower);
    // (where, with an empty line)
    let mut breaks: Vec<(usize, bool)> = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body.as_bytes()).chain([body.len()]) {
        if end - start > LONG {
            break_line(body, &marks, start, end, &mut breaks);
        }
        start = end + 1;
    }
    if breaks.is_empty() {
        return None;
    }
    breaks.sort_unstable_by_key(|(at, paragraph)| (*at, !*paragraph));
    breaks.dedup_by_key(|(at, _)| *at);
    let mut raw = String::with_capacity(body.len() + 2 * breaks.len());
    let mut from = 0;
    let mut pages = text.page_breaks.iter().peekable();
    let mut copy = |raw: &mut String, from: usize, to: usize| {
        let mut from = from;
        while let Some(page) = pages.next_if(|page| **page <= to) {
            if *page > from {
                raw.push_str(body[from..*page].trim_end_matches('\n'));
                raw.push('\x0c');
                from = *page;
            }
        }
        raw.push_str(&body[from..to]);
    };
    for (at, paragraph) in breaks {
        copy(&mut raw, from, at);
        raw.push_str(if paragraph { "\n\n" } else { "\n" });
        from = at;
    }
    copy(&mut raw, from, body.len());
    Some(text::normalise(&raw))
}

fn has_long_line(body: &str) -> bool {
    let mut rest = body.as_bytes();
    // Up to the last line break within reach no line is long.
    while let Some(within) = rest.get(..=LONG) {
        match memchr::memrchr(b'\n', within) {
            Some(end) => rest = &rest[end + 1..],
            None => return true,
        }
    }
    false
}

/// Where one long line is to be broken.
fn break_line(
    body: &str,
    marks: &[MarkMatch],
    start: usize,
    end: usize,
    breaks: &mut Vec<(usize, bool)>,
) {
    let first = marks.partition_point(|m| m.start < start);
    let within = marks[first..].iter().take_while(|m| m.end <= end);
    let mut found: Vec<(usize, bool)> = Vec::new();
    for m in within {
        let shouted = body[m.start..m.end]
            .bytes()
            .all(|b| !b.is_ascii_lowercase());
        let after = body[m.end..].trim_start_matches([' ', ')', '(', 's']);
        let colon = after.starts_with(':');
        match m.mark {
            Mark::HowMade
            | Mark::Documents
            | Mark::Summary
            | Mark::Decisions
            | Mark::Qualifications
            | Mark::Issue
            | Mark::ProfessionalGuideline
            | Mark::ProfessionalRationale
                if shouted || colon =>
            {
                found.push((m.start, true));
                if shouted && !colon {
                    found.push((m.end, true));
                }
            }
            Mark::SetForth => {
                let colon = body[m.end..end]
                    .find(':')
                    .map_or(m.end, |at| m.end + at + 1);
                found.push((colon, true));
            }
            Mark::Administrator | Mark::Reviewer | Mark::Rationale if colon => {
                found.push((m.start, true));
            }
            Mark::Licensure | Mark::Specialty if colon => found.push((m.start, false)),
            Mark::SectionRelied => found.push((m.start, true)),
            Mark::Determined | Mark::Regarding => {
                if let Some(at) = list_entry(body, start, m.start) {
                    found.push((at, true));
                }
            }
            // "The Physician Reviewer based ...", at the beginning of a sentence.
            Mark::Administrator | Mark::Reviewer
                if body[start..m.start].trim_end().ends_with(['.', ':']) =>
            {
                found.push((m.start, true));
            }
            _ => {}
        }
    }
    let inner = found
        .iter()
        .filter(|(at, _)| *at > start && *at < end)
        .count();
    if inner < LEAST {
        return;
    }
    breaks.extend(found.into_iter().filter(|(at, _)| *at > start && *at < end));
    sentences(body, start, end, breaks);
}

/// Where the entry of a list begins that a phrase stands in: "2) MAXIMUS Federal Services, Inc. has
/// determined the request for".
fn list_entry(body: &str, start: usize, at: usize) -> Option<usize> {
    const REACH: usize = 60;
    let from = super::sections::floor_char(body, at.saturating_sub(REACH)).max(start);
    let before = &body[from..at];
    let close = before.rfind(") ").or_else(|| before.rfind(". "))?;
    let digits = before[..close]
        .bytes()
        .rev()
        .take(3)
        .take_while(u8::is_ascii_digit)
        .count();
    (digits > 0).then(|| from + close - digits)
}

/// After a full stop, a question mark or an exclamation mark that ends a sentence.
fn sentences(body: &str, start: usize, end: usize, breaks: &mut Vec<(usize, bool)>) {
    const SHORT: [&str; 14] = [
        "dr", "mr", "mrs", "ms", "st", "no", "vs", "inc", "e.g", "i.e", "jr", "sr", "dept", "fig",
    ];
    let bytes = body.as_bytes();
    for at in memchr::memchr3_iter(b'.', b'?', b'!', &bytes[start..end]).map(|at| start + at) {
        let mut next = at + 1;
        if matches!(bytes.get(next), Some(b'"' | b')' | b'\'')) {
            next += 1;
        }
        if bytes.get(next) != Some(&b' ') || next >= end {
            continue;
        }
        let begins = bytes
            .get(next + 1)
            .is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'"');
        let from = super::sections::floor_char(body, at.saturating_sub(12)).max(start);
        let word = body[from..at].rsplit([' ', '(']).next().unwrap_or("");
        let short = SHORT.iter().any(|short| short.eq_ignore_ascii_case(word))
            || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase()));
        // "1. Norco": the number of a list belongs to what follows.
        let number =
            !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
        if begins && !short && !number {
            breaks.push((next, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_on_one_line_has_its_lines_back() {
        let folded = "Case Number: CM15-0900001 Priority: Standard HOW THE IMR FINAL DETERMINATION WAS MADE A physician was chosen. The Expert Reviewer has the following credentials: State(s) of Licensure: California Certification(s)/Specialty: Family Practice CLINICAL CASE SUMMARY Dr. Sample saw her. She is 52 years old. IMR ISSUES, DECISIONS AND RATIONALES The decisions for the disputed items/services set forth below: Norco 10/325mg #60: Upheld Claims Administrator guideline: None. MAXIMUS guideline: Decision based on MTUS Chronic Pain. Decision rationale: It did not help. MRI of the knee: Overturned Claims Administrator guideline: None. Decision rationale: It is due.";
        let text = text::normalise(folded);
        let unfolded = unfold(&text).expect("it is one long line");
        let lines: Vec<&str> = unfolded
            .text
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        for line in [
            "HOW THE IMR FINAL DETERMINATION WAS MADE",
            "Certification(s)/Specialty: Family Practice",
            "Dr. Sample saw her.",
            "Norco 10/325mg #60: Upheld",
            "Decision rationale: It did not help.",
            "MRI of the knee: Overturned",
        ] {
            assert!(lines.contains(&line), "{line}: {lines:#?}");
        }
        assert!(unfold(&text::normalise(&"an unwrapped paragraph. ".repeat(40))).is_none());
        assert!(unfold(&text::normalise("CLINICAL CASE SUMMARY\nshort")).is_none());
    }
}
