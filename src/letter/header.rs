//! The header: case number, priority and dates, however extraction ordered its table.

use super::any_case::{AnyCase, ends_with};
use super::date::{self, LetterDate};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::LazyLock;

/// How fast the review was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// "Standard"
    Standard,
    /// "Expedited"
    Expedited,
}

impl Priority {
    /// The name in records and facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Priority::Standard => "standard",
            Priority::Expedited => "expedited",
        }
    }
}

/// The dates of the header. `injury` may come from the case summary where the header is silent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// "Date of Injury"
    pub injury: Option<LetterDate>,
    /// "UR Denial Date", "Date of UR Decision"
    pub ur_denial: Option<LetterDate>,
    /// "Application Received", "IMR Application Received"
    pub received: Option<LetterDate>,
    /// "Date Assigned"
    pub assigned: Option<LetterDate>,
    /// "Decision Date"; the "Dated:" of layout C
    pub decision: Option<LetterDate>,
}

/// What the header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// "CM15-0012345"
    pub case_number: Option<String>,
    /// Standard or expedited.
    pub priority: Option<Priority>,
    /// The five dates.
    pub dates: Dates,
    /// Labels whose value is written like a date but is none.
    pub impossible_dates: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Case,
    Priority,
    Injury,
    UrDenial,
    Received,
    Assigned,
    Decision,
    /// A label of no interest: its value must not be taken for another's.
    Other,
}

impl Label {
    fn name(self) -> &'static str {
        match self {
            Label::Case => "case_number",
            Label::Priority => "priority",
            Label::Injury => "injury",
            Label::UrDenial => "ur_denial",
            Label::Received => "received",
            Label::Assigned => "assigned",
            Label::Decision => "decision",
            Label::Other => "other",
        }
    }
}

/// What a colon ends.
const LABELS: &[(&str, Label)] = &[
    ("maximus case number", Label::Case),
    ("imr case number", Label::Case),
    ("case number", Label::Case),
    ("case no", Label::Case),
    ("case #", Label::Case),
    ("priority", Label::Priority),
    ("date of injury", Label::Injury),
    ("injury date", Label::Injury),
    ("doi", Label::Injury),
    ("ur denial date", Label::UrDenial),
    ("ur decision date", Label::UrDenial),
    ("date of ur denial", Label::UrDenial),
    ("date of ur decision", Label::UrDenial),
    ("date of utilization review decision", Label::UrDenial),
    ("imr application received", Label::Received),
    ("application received", Label::Received),
    ("date application received", Label::Received),
    ("received", Label::Received),
    ("date assigned", Label::Assigned),
    ("decision date", Label::Decision),
    ("date of decision", Label::Decision),
    ("determination date", Label::Decision),
    ("dated", Label::Decision),
    ("employee", Label::Other),
    ("claim number", Label::Other),
    ("claims administrator", Label::Other),
    ("date of birth", Label::Other),
];

/// Labels that no colon ends.
const WITHOUT_COLON: [(AnyCase, Label); 2] = [
    // The label wraps: extraction may put the value between its two words.
    (AnyCase::new("application"), Label::Received),
    (AnyCase::new("notice of assignment"), Label::Other),
];

/// The labels that a colon ends, by their last byte.
static BY_LAST: LazyLock<Vec<Vec<(&str, Label)>>> = LazyLock::new(|| {
    let ending = |last: u8| {
        let labels = LABELS
            .iter()
            .filter(|(label, _)| label.bytes().last() == Some(last));
        labels.copied().collect()
    };
    (0..=u8::MAX).map(ending).collect()
});

/// The labels of a text, in order: start, end and which. Of those that overlap the first, and of
/// those the longest.
fn labels(text: &str) -> Vec<(usize, usize, Label)> {
    let mut labels = Vec::with_capacity(16);
    for colon in memchr::memchr_iter(b':', text.as_bytes()) {
        let before = &text[..colon];
        let last = before.bytes().last().map_or(0, |b| b.to_ascii_lowercase());
        for (label, which) in &BY_LAST[usize::from(last)] {
            if ends_with(before, label) {
                labels.push((colon - label.len(), colon + 1, *which));
            }
        }
    }
    for (word, which) in &WITHOUT_COLON {
        labels.extend(word.find_iter(text).map(|at| (at, at + word.len(), *which)));
    }
    labels.sort_unstable_by_key(|(start, end, _)| (*start, Reverse(*end)));
    let mut free = 0;
    labels.retain(|(start, end, _)| {
        let first = *start >= free;
        if first {
            free = *end;
        }
        first
    });
    labels
}

/// The first case number in a text, as "CM15-0012345".
#[must_use]
pub fn case_number(text: &str) -> Option<String> {
    case_numbers(text).next().map(|(_, number)| number)
}

/// The case numbers of a text, each with where it begins.
fn case_numbers(text: &str) -> impl Iterator<Item = (usize, String)> {
    const CM: AnyCase = AnyCase::new("cm");
    let of_word = |c: char| c.is_alphanumeric() || c == '_';
    CM.find_iter(text).filter_map(move |at| {
        let (before, rest) = (&text[..at], &text[at + CM.len()..]);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let (year, rest) = leading_digits(rest);
        let number = rest.trim_start_matches(['-', ' ']);
        let gap = rest.len() - number.len();
        let (number, after) = leading_digits(number);
        let is_case = year.len() == 2
            && (1..=3).contains(&gap)
            && (6..=8).contains(&number.len())
            && !before.ends_with(of_word)
            && !after.starts_with(of_word);
        is_case.then(|| (at, format!("CM{year}-{number}")))
    })
}

/// The digits that a text begins with, and what follows.
fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

struct Value<'t> {
    start: usize,
    kind: ValueKind<'t>,
}

enum ValueKind<'t> {
    Case(String),
    Priority(Priority),
    Date(Option<LetterDate>, &'t str),
}

/// Reads the header out of the text before the first section.
///
/// Values are dealt to labels: to the label right before it on its line, else to the first label
/// that still waits for a value of its kind. That reads pairs as well as blocks of labels followed
/// by blocks of values.
#[must_use]
pub fn read(text: &str) -> Header {
    let mut header = Header::default();
    let mut waiting: Vec<Label> = Vec::new();
    let mut done: Vec<Label> = Vec::new();
    let mut values = values(text).into_iter().peekable();
    let mut last_label_end = None;
    let mut labels = labels(text).into_iter().peekable();
    loop {
        let label_first = match (labels.peek(), values.peek()) {
            (None, None) => break,
            (Some(label), Some(value)) => label.0 <= value.start,
            (label, _) => label.is_some(),
        };
        if label_first {
            let (start, end, label) = labels.next().expect("peeked");
            let word = start == 0 || !text.as_bytes()[start - 1].is_ascii_alphanumeric();
            if word && !waiting.contains(&label) && !done.contains(&label) {
                waiting.push(label);
                last_label_end = Some(end);
            }
            continue;
        }
        let value = values.next().expect("peeked");
        let accepts = |label: &Label| match value.kind {
            ValueKind::Case(_) => *label == Label::Case,
            ValueKind::Priority(_) => *label == Label::Priority,
            ValueKind::Date(..) => !matches!(label, Label::Case | Label::Priority),
        };
        let beside = last_label_end.is_some_and(|end| {
            end <= value.start && text[end..value.start].trim_matches(' ').is_empty()
        });
        let place = match waiting.last() {
            Some(label) if beside && accepts(label) => Some(waiting.len() - 1),
            _ => waiting.iter().position(accepts),
        };
        if let Some(place) = place {
            let label = waiting.remove(place);
            header.set(label, value.kind);
            done.push(label);
        }
        last_label_end = None;
    }
    header
}

impl Header {
    /// Whether the header has a date of injury, be it a possible one or not.
    pub fn says_injury(&self) -> bool {
        self.dates.injury.is_some()
            || self
                .impossible_dates
                .iter()
                .any(|(label, _)| *label == Label::Injury.name())
    }

    fn set(&mut self, label: Label, value: ValueKind<'_>) {
        match value {
            ValueKind::Case(case) => self.case_number = Some(case),
            ValueKind::Priority(priority) => self.priority = Some(priority),
            ValueKind::Date(date, printed) => {
                let slot = match label {
                    Label::Injury => &mut self.dates.injury,
                    Label::UrDenial => &mut self.dates.ur_denial,
                    Label::Received => &mut self.dates.received,
                    Label::Assigned => &mut self.dates.assigned,
                    Label::Decision => &mut self.dates.decision,
                    Label::Case | Label::Priority | Label::Other => return,
                };
                *slot = date;
                if date.is_none() {
                    self.impossible_dates
                        .push((label.name(), printed.to_string()));
                }
            }
        }
    }
}

fn values(text: &str) -> Vec<Value<'_>> {
    let mut values: Vec<Value<'_>> = case_numbers(text)
        .map(|(start, number)| Value {
            start,
            kind: ValueKind::Case(number),
        })
        .collect();
    let mut at = 0;
    while let Some(found) = date::find(text, at) {
        at = found.end;
        values.push(Value {
            start: found.start,
            kind: ValueKind::Date(found.date, &text[found.start..found.end]),
        });
    }
    const PRIORITIES: [(AnyCase, Priority); 2] = [
        (AnyCase::new("standard"), Priority::Standard),
        (AnyCase::new("expedited"), Priority::Expedited),
    ];
    for (word, priority) in &PRIORITIES {
        values.extend(word.find_iter(text).map(|start| Value {
            start,
            kind: ValueKind::Priority(*priority),
        }));
    }
    values.sort_by_key(|value| value.start);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Option<String>, Option<Priority>, String) {
        let header = read(text);
        let d = header.dates;
        let dates = [d.injury, d.ur_denial, d.received, d.assigned, d.decision]
            .map(|d| d.map_or("-".into(), |d| d.to_string()))
            .join(" ");
        (header.case_number, header.priority, dates)
    }

    const WANT: &str = "2014-07-16 2015-01-05 2015-01-21 2015-01-28 2015-03-06";

    #[test]
    fn pairs_and_blocks_read_alike() {
        let pairs = "Case Number: CM15-0900001\nDate Assigned: 01/28/2015 Date of Injury: 07/16/2014\nDecision Date: 03/06/2015 UR Denial Date: 01/05/2015\nPriority: Standard Application\nReceived:\n01/21/2015";
        let split = "Case Number: CM15-0900001\nDate Assigned: 01/28/2015 Date of Injury: 07/16/2014\nDecision Date: 03/06/2015 UR Denial Date: 01/05/2015\nPriority: Standard Application 01/21/2015\nReceived:";
        let blocks = "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\n\nCM15-0900001\n01/28/2015\n03/06/2015\nStandard\n\nDate of Injury:\nUR Denial Date:\nApplication\nReceived:\n\n07/16/2014\n01/05/2015\n01/21/2015";
        let values_last = "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\nDate of Injury:\nUR Denial Date:\nApplication Received:\nCM15-0900001\n01/28/2015\n03/06/2015\nStandard\n07/16/2014\n01/05/2015\n01/21/2015";
        for text in [pairs, split, blocks, values_last] {
            assert_eq!(
                told(text),
                (
                    Some("CM15-0900001".into()),
                    Some(Priority::Standard),
                    WANT.into()
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn case_numbers_in_all_spellings() {
        for (text, number) in [
            ("IMR Case Number: CM15-0012345", Some("CM15-0012345")),
            ("cm 14 - 001234, x", Some("CM14-001234")),
            ("CM14-00123456", Some("CM14-00123456")),
            ("ACM14-0012345", None),
            ("CM14-001234567", None),
            ("CM140012345", None),
            ("CM14-0012345a", None),
            ("cm", None),
        ] {
            assert_eq!(case_number(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn of_labels_that_overlap_the_longest_counts() {
        let found = |text: &str| {
            let ends = |(start, end, _): (usize, usize, Label)| text[start..end].to_string();
            labels(text).into_iter().map(ends).collect::<Vec<_>>()
        };
        assert_eq!(
            found("IMR Case Number: x Date Application received: y Received: APPLICATION z"),
            [
                "IMR Case Number:",
                "Date Application received:",
                "Received:",
                "APPLICATION"
            ]
        );
    }

    #[test]
    fn an_impossible_date_is_null_and_told() {
        let header = read("Date of Injury: 13/45/2015\nDecision Date: 03/06/2015");
        assert_eq!(header.dates.injury, None);
        assert_eq!(
            header.impossible_dates,
            [("injury", "13/45/2015".to_string())]
        );
        assert_eq!(header.dates.decision.unwrap().to_string(), "2015-03-06");
    }
}
