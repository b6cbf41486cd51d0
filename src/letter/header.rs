//! The header: case number, priority and dates, however extraction ordered its table.

use super::any_case::{AnyCase, ends_with};
use super::date::{self, LetterDate};
use crate::letter::pattern::pattern;
use regex::Regex;
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
pub(super) struct Header {
    /// "CM15-0012345"
    pub case_number: Option<String>,
    /// Standard or expedited.
    pub priority: Option<Priority>,
    /// The five dates.
    pub dates: Dates,
    /// What stands for a case number and is none.
    pub odd_case_number: Option<String>,
    /// Labels whose value is written like a date but is none.
    pub impossible_dates: Vec<(&'static str, String)>,
    /// How sure it is which date belongs to which label.
    pub dealt: DateAssignment,
}

/// How dates came to their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum DateAssignment {
    /// As they stand.
    #[default]
    AsPrinted,
    /// Labels and dates stand apart, and no order of them but that of the calendar makes sense.
    ByCalendar,
    /// These labels got no date, for it cannot be told which is theirs.
    Unclear(Vec<&'static str>),
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
    /// "Dated:": the decision's date where no label says "Decision Date".
    Dated,
    /// A date of no interest: it must not be taken for another's.
    OtherDate,
    /// A label of words.
    Words,
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
            Label::Decision | Label::Dated => "decision",
            Label::OtherDate | Label::Words => "other",
        }
    }

    fn takes_a_date(self) -> bool {
        !matches!(self, Label::Case | Label::Priority | Label::Words)
    }

    /// The place in the order in which things happen (docs/extraction.md): injury, denial, application,
    /// assignment, decision.
    fn turn(self) -> Option<usize> {
        match self {
            Label::Injury => Some(0),
            Label::UrDenial => Some(1),
            Label::Received => Some(2),
            Label::Assigned => Some(3),
            Label::Decision | Label::Dated => Some(4),
            _ => None,
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
    ("ur determination date", Label::UrDenial),
    ("date of ur determination", Label::UrDenial),
    ("utilization review denial date", Label::UrDenial),
    ("utilization review decision date", Label::UrDenial),
    ("imr application received", Label::Received),
    ("application received date", Label::Received),
    ("imr application received date", Label::Received),
    ("date imr application received", Label::Received),
    ("application received", Label::Received),
    ("date application received", Label::Received),
    ("received", Label::Received),
    ("date assigned", Label::Assigned),
    ("assigned date", Label::Assigned),
    ("imr decision date", Label::Decision),
    ("date of determination", Label::Decision),
    ("decision date", Label::Decision),
    ("date of decision", Label::Decision),
    ("determination date", Label::Decision),
    ("dated", Label::Dated),
    ("date of birth", Label::OtherDate),
    ("date of service", Label::OtherDate),
    ("date of exam", Label::OtherDate),
    ("date", Label::OtherDate),
    ("dob", Label::OtherDate),
    ("employee", Label::Words),
    ("employee name", Label::Words),
    ("provider name", Label::Words),
    ("claim number", Label::Words),
    ("claims administrator", Label::Words),
];

/// Labels that no colon ends.
const WITHOUT_COLON: [(AnyCase, Label); 2] = [
    // The label wraps: extraction may put the value between its two words.
    (AnyCase::new("application"), Label::Received),
    (AnyCase::new("notice of assignment"), Label::OtherDate),
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
fn labels_of(text: &str) -> Vec<(usize, usize, Label)> {
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

/// The length of the label of the header that a text of lower case ends in, if it ends in one.
#[must_use]
pub(super) fn label_before(lower: &str) -> Option<usize> {
    let last = lower.bytes().last()?;
    let labels = BY_LAST[usize::from(last)].iter();
    labels
        .map(|(label, _)| label)
        .filter(|label| lower.ends_with(**label))
        .map(|label| label.len())
        .max()
}

/// The labels of the header, in lower case.
pub(super) fn labels() -> impl Iterator<Item = &'static str> {
    LABELS.iter().map(|(label, _)| *label)
}

/// Whether a text is a label of the header.
#[must_use]
pub(super) fn is_label(text: &str) -> bool {
    labels().any(|label| label.eq_ignore_ascii_case(text))
}

/// How many different labels of the header a text has.
#[must_use]
pub(super) fn count_labels(text: &str) -> usize {
    labels_in(text).0
}

/// Whether a label begins a word, or a value before it has no space after it: "01/28/2015Date of Injury:".
fn begins_label(text: &str, start: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(before) = start.checked_sub(1).and_then(|before| bytes.get(before)) else {
        return true;
    };
    let capital = bytes.get(start).is_some_and(u8::is_ascii_uppercase);
    !before.is_ascii_alphanumeric()
        || capital && (before.is_ascii_digit() || before.is_ascii_lowercase())
}

/// How many different labels of the header a text has, and where the first of all labels stands.
#[must_use]
pub(super) fn labels_in(text: &str) -> (usize, Option<usize>) {
    let labels = labels_of(text);
    let mut seen: Vec<Label> = Vec::new();
    for (start, _, label) in labels.iter().copied() {
        let begins = begins_label(text, start);
        let counts = !matches!(label, Label::OtherDate | Label::Words);
        if begins && counts && !seen.contains(&label) {
            seen.push(label);
        }
    }
    (seen.len(), labels.first().map(|(start, _, _)| *start))
}

/// The first case number in a text, as "CM15-0012345".
#[must_use]
pub(super) fn case_number(text: &str) -> Option<String> {
    case_numbers(text).next().map(|(_, number)| number)
}

/// The case numbers of a text, each with where it begins.
pub(super) fn case_numbers(text: &str) -> impl Iterator<Item = (usize, String)> {
    CM.find_iter(text).filter_map(move |at| {
        let (number, after) = digits_of_case(&text[at + CM.len()..])?;
        let is_case =
            !text[..at].ends_with(of_word) && (!after.starts_with(of_word) || is_next_label(after));
        is_case.then_some((at, number))
    })
}

/// What every case number begins with.
const CM: AnyCase = AnyCase::new("cm");

fn of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The case number whose year and digits a text begins with, however they are parted, and what follows.
fn digits_of_case(text: &str) -> Option<(String, &str)> {
    const DIGITS: usize = 7;
    let parts = |c: char| {
        matches!(
            c,
            ' ' | '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
    };
    let text = text.strip_prefix(parts).unwrap_or(text);
    let (year, rest) = leading_digits(text);
    // Nothing parts the year from the number.
    if year.len() == 2 + DIGITS && ("13".."40").contains(&&year[..2]) {
        return Some((format!("CM{}-{}", &year[..2], &year[2..]), rest));
    }
    let number = rest.trim_start_matches(parts);
    let gap = rest[..rest.len() - number.len()].chars().count();
    let (number, after) = leading_digits(number);
    if year.len() != 2 || !(1..=3).contains(&gap) {
        return None;
    }
    if (DIGITS - 1..=DIGITS + 1).contains(&number.len()) {
        return Some((format!("CM{year}-{number}"), after));
    }
    // A space within it; not a date that follows a shorter number.
    let (more, after) = leading_digits(after.strip_prefix([' ', '-'])?);
    let whole = !number.is_empty() && number.len() + more.len() == DIGITS;
    (whole && !after.starts_with(['/', '-', '.']))
        .then(|| (format!("CM{year}-{number}{more}"), after))
}

/// What stands where the case number should, and is none: "CM16-00003".
fn odd_case_number(text: &str, label: usize) -> Option<String> {
    const LONGEST: usize = 24;
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, 'O' | 'o' | 'I' | 'l');
    let begins = |at: &usize| {
        let rest = text[at + CM.len()..].trim_start_matches([' ', '-', '.']);
        !text[..*at].ends_with(of_word) && rest.starts_with(is_digit)
    };
    let value = match CM.find_iter(text).find(begins) {
        Some(at) => &text[at..],
        None => text[label..].trim_start_matches(' '),
    };
    let value = value.lines().next().unwrap_or("");
    let value = &value[..labels_of(value).first().map_or(value.len(), |next| next.0)];
    let value = value.split("  ").next().unwrap_or("").trim();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_date = date::find(value, 0).is_some();
    (digits >= 4 && value.len() <= LONGEST && !is_date).then(|| value.to_string())
}

/// Whether a label follows a value without a space: "CM15-0012345Date Assigned".
fn is_next_label(after: &str) -> bool {
    let mut bytes = after.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
}

/// The digits that a text begins with, and what follows.
fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// A date of the header, and where it stands.
struct DateValue<'t> {
    start: usize,
    end: usize,
    /// None where it is written like a date but is none.
    date: Option<LetterDate>,
    printed: &'t str,
}

/// A label that a date belongs to, and where it stands.
struct DateLabel {
    label: Label,
    start: usize,
    end: usize,
}

/// So many dates are looked at; a header has six.
const MOST_DATES: usize = 24;

/// Reads the header out of the text before the first section.
#[must_use]
pub(super) fn read(text: &str) -> Header {
    let mut text = text;
    let mut labels = labels_of(text);
    let with_colons;
    let has_colons = |(_, end, _): &(usize, usize, Label)| text[..*end].ends_with(':');
    if !labels.iter().any(has_colons)
        && let Some(colons) = with_colons_after_labels(text)
    {
        with_colons = colons;
        text = &with_colons;
        labels = labels_of(text);
    }
    let mut header = Header {
        case_number: case_of(text, &labels),
        priority: priority_of(text, &labels),
        ..Header::default()
    };
    if header.case_number.is_none()
        && let Some((_, end, _)) = labels.iter().find(|(_, _, label)| *label == Label::Case)
    {
        header.odd_case_number = odd_case_number(text, *end);
    }
    let values = dates(text);
    let labels = date_labels(text, &labels, &values);
    let (places, dealt) = deal(text, &labels, &values);
    header.dealt = dealt;
    let mut decided = false;
    for (label, place) in labels.iter().zip(places) {
        let Some(value) = place.map(|place| &values[place]) else {
            continue;
        };
        // A letter that says "Decision Date" is not dated by its letterhead.
        if label.label == Label::Dated && decided {
            continue;
        }
        decided |= label.label == Label::Decision;
        header.set(label.label, value);
    }
    header
}

/// A header whose labels have no colons, with colons; None for any other text.
fn with_colons_after_labels(text: &str) -> Option<String> {
    const CASE: AnyCase = AnyCase::new("case number");
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(case number|date assigned|date of injury|decision date|ur denial date|priority|application received) +(CM ?\d|\d{1,2}[/-]|standard|expedited)",
        )
    });
    (CASE.is_in(text) && BARE.find_iter(text).count() > 1)
        .then(|| BARE.replace_all(text, "$1: $2").into_owned())
}

/// The case number that a label announces; else none.
fn case_of(text: &str, labels: &[(usize, usize, Label)]) -> Option<String> {
    let label = labels.iter().find(|(_, _, label)| *label == Label::Case)?;
    let mut first = None;
    for (start, number) in case_numbers(text) {
        let beside = start >= label.1 && text[label.1..start].trim_matches(' ').is_empty();
        if beside {
            return Some(number);
        }
        first.get_or_insert(number);
    }
    first
}

/// The first word for a priority, where a label announces one.
fn priority_of(text: &str, labels: &[(usize, usize, Label)]) -> Option<Priority> {
    const PRIORITIES: [(AnyCase, Priority); 2] = [
        (AnyCase::new("standard"), Priority::Standard),
        (AnyCase::new("expedited"), Priority::Expedited),
    ];
    let label = labels
        .iter()
        .find(|(_, _, label)| *label == Label::Priority)?;
    let found = PRIORITIES.iter().flat_map(|(word, priority)| {
        word.find_iter(text)
            .map(move |at| (at < label.0, at, *priority))
    });
    // One after its label before one that precedes it.
    found
        .min_by_key(|(before, at, _)| (*before, *at))
        .map(|(_, _, priority)| priority)
}

fn dates(text: &str) -> Vec<DateValue<'_>> {
    let mut values = Vec::new();
    let mut at = 0;
    while let Some(found) = date::find(text, at) {
        at = found.end;
        values.push(DateValue {
            start: found.start,
            end: found.end,
            date: found.date,
            printed: &text[found.start..found.end],
        });
        if values.len() == MOST_DATES {
            break;
        }
    }
    values
}

/// The labels of dates, each once. A label that wraps stands as two with nothing between them.
fn date_labels(
    text: &str,
    labels: &[(usize, usize, Label)],
    values: &[DateValue],
) -> Vec<DateLabel> {
    let mut dated: Vec<DateLabel> = Vec::with_capacity(labels.len().min(MOST_DATES));
    for (start, end, label) in labels.iter().copied() {
        let begins = begins_label(text, start);
        if !begins || !label.takes_a_date() || dated.len() == MOST_DATES {
            continue;
        }
        if label != Label::OtherDate
            && let Some(before) = dated.iter_mut().find(|before| before.label == label)
        {
            let parted = values
                .iter()
                .any(|v| before.end <= v.start && v.end <= start);
            if !parted {
                before.end = end;
            }
            continue;
        }
        dated.push(DateLabel { label, start, end });
    }
    dated
}

/// Which date each label has, as places in `values`.
type Places = Vec<Option<usize>>;

/// Deals dates to labels, however extraction ordered them: pairs, labels before values, values
/// before labels, or a value on the line before its label. The ways are tried in this order; the
/// first that gives most labels a date and keeps the order in which things happen is taken.
fn deal(text: &str, labels: &[DateLabel], values: &[DateValue]) -> (Places, DateAssignment) {
    let beside = beside(text, labels, values);
    let forward = forward(labels, values, &beside);
    let most = labels.len().min(values.len());
    let given = |places: &Places| places.iter().flatten().count();
    let fits = |places: &Places| keeps_order(labels, values, places);
    let all_beside = given(&beside) == given(&forward);
    if fits(&forward) && (given(&forward) == labels.len() || all_beside && most == given(&beside)) {
        return (forward, DateAssignment::AsPrinted);
    }
    if all_beside && given(&beside) == most && !fits(&before_labels(labels, values)) {
        // Each date stands beside its label: the letter itself is out of order.
        return (forward, DateAssignment::AsPrinted);
    }
    let ways = [
        forward,
        backward(labels, values, &beside),
        in_turn(labels, values, &beside),
        before_labels(labels, values),
    ];
    let best = ways
        .iter()
        .filter(|places| fits(places))
        .max_by_key(|places| given(places))
        .map(given);
    let missing = labels.len() - given(&beside) > values.len() - given(&beside);
    if let Some(best) = best
        && best > given(&beside)
        && !missing
        && let Some(places) = ways
            .iter()
            .find(|places| fits(places) && given(places) == best)
    {
        return (places.clone(), DateAssignment::AsPrinted);
    }
    if missing && let Some(dealt) = only_order(labels, values, &beside) {
        return dealt;
    }
    by_calendar(labels, values, beside)
}

/// Dates right after their labels, on one line.
fn beside(text: &str, labels: &[DateLabel], values: &[DateValue]) -> Places {
    labels
        .iter()
        .map(|label| {
            values.iter().position(|value| {
                value.start >= label.end && text[label.end..value.start].bytes().all(|b| b == b' ')
            })
        })
        .collect()
}

/// Whether a label stands before a date.
fn is_before(label: &DateLabel, value: &DateValue) -> bool {
    label.start < value.start
}

/// What is left after `beside`: each date goes to the first label before it that waits for one.
fn forward(labels: &[DateLabel], values: &[DateValue], beside: &Places) -> Places {
    let mut places = beside.clone();
    for (n, value) in values.iter().enumerate() {
        if beside.contains(&Some(n)) {
            continue;
        }
        let waiting = (0..labels.len())
            .find(|label| places[*label].is_none() && is_before(&labels[*label], value));
        if let Some(label) = waiting {
            places[label] = Some(n);
        }
    }
    places
}

/// What is left after `beside`: each label takes the first date before it that has none; labels
/// that find none take the next dates.
fn backward(labels: &[DateLabel], values: &[DateValue], beside: &Places) -> Places {
    let mut places = beside.clone();
    // Dates that labels wait for, as in a block of labels before a block of dates, are theirs.
    let mut waiting: Vec<usize> = Vec::new();
    let mut pending: std::collections::VecDeque<usize> = std::collections::VecDeque::new();
    let (mut next_label, mut next_value) = (0, 0);
    while next_label < labels.len() || next_value < values.len() {
        let label_first = next_label < labels.len()
            && values
                .get(next_value)
                .is_none_or(|value| is_before(&labels[next_label], value));
        if label_first {
            if places[next_label].is_none() {
                match pending.pop_front() {
                    Some(value) => places[next_label] = Some(value),
                    None => waiting.push(next_label),
                }
            }
            next_label += 1;
        } else {
            if !beside.contains(&Some(next_value)) {
                if waiting.is_empty() {
                    pending.push_back(next_value);
                } else {
                    places[waiting.remove(0)] = Some(next_value);
                }
            }
            next_value += 1;
        }
    }
    places
}

/// What is left after `beside`: the first label has the first date, and so on.
fn in_turn(labels: &[DateLabel], values: &[DateValue], beside: &Places) -> Places {
    let mut places = beside.clone();
    let mut left = (0..values.len()).filter(|n| !beside.contains(&Some(*n)));
    for place in places.iter_mut().filter(|place| place.is_none()) {
        *place = left.next();
    }
    debug_assert_eq!(places.len(), labels.len());
    places
}

/// Each date stands right before its label.
fn before_labels(labels: &[DateLabel], values: &[DateValue]) -> Places {
    let mut from = 0;
    labels
        .iter()
        .map(|label| {
            let to = label.start;
            let place = values
                .iter()
                .rposition(|value| value.start >= from && value.end <= to);
            from = label.end;
            place
        })
        .collect()
}

/// Whether the dates that labels got keep the order in which things happen.
fn keeps_order(labels: &[DateLabel], values: &[DateValue], places: &Places) -> bool {
    let mut turns: [Option<LetterDate>; 5] = [None; 5];
    for (label, place) in labels.iter().zip(places) {
        if let (Some(turn), Some(place)) = (label.label.turn(), place)
            && (label.label != Label::Dated || turns[turn].is_none())
        {
            turns[turn] = values[*place].date;
        }
    }
    let told: Vec<LetterDate> = turns.into_iter().flatten().collect();
    told.is_sorted()
}

/// Fewer dates than labels, as where a header was redacted: the dates keep their order, and only
/// what every such deal that makes sense agrees on is believed. None if none makes sense.
fn only_order(
    labels: &[DateLabel],
    values: &[DateValue],
    beside: &Places,
) -> Option<(Places, DateAssignment)> {
    let free: Vec<usize> = (0..labels.len()).filter(|n| beside[*n].is_none()).collect();
    let left: Vec<usize> = (0..values.len())
        .filter(|n| !beside.contains(&Some(*n)))
        .collect();
    if left.is_empty() || free.len() > 8 || left.len() > free.len() {
        return None;
    }
    let mut agreed: Option<Places> = None;
    let mut unclear: Vec<usize> = Vec::new();
    // Which of the free labels have a date: a bit each.
    for chosen in 0_u32..1 << free.len() {
        if chosen.count_ones() as usize != left.len() {
            continue;
        }
        let mut places = beside.clone();
        let mut dates = left.iter();
        for (bit, label) in free.iter().enumerate() {
            if chosen & 1 << bit != 0 {
                places[*label] = dates.next().copied();
            }
        }
        if !keeps_order(labels, values, &places) {
            continue;
        }
        match &agreed {
            None => agreed = Some(places),
            Some(before) => {
                let differ = free
                    .iter()
                    .filter(|label| before[**label] != places[**label]);
                unclear.extend(differ);
            }
        }
    }
    let mut places = agreed?;
    unclear.sort_unstable();
    unclear.dedup();
    for label in &unclear {
        places[*label] = None;
    }
    if unclear.is_empty() {
        return Some((places, DateAssignment::AsPrinted));
    }
    let names = unclear.iter().map(|label| labels[*label].label.name());
    Some((places, DateAssignment::Unclear(names.collect())))
}

/// Labels and dates stand apart, and as they stand make no sense: as many dates as labels go to
/// them by the calendar; else only those beside a label are believed.
fn by_calendar(
    labels: &[DateLabel],
    values: &[DateValue],
    beside: Places,
) -> (Places, DateAssignment) {
    let mut turns: Vec<usize> = (0..labels.len()).collect();
    turns.sort_by_key(|label| labels[*label].label.turn());
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|value| values[*value].date);
    let five = labels.iter().all(|label| label.label.turn().is_some())
        && values.iter().all(|value| value.date.is_some())
        && labels.len() == values.len()
        && labels.len() == 5;
    if five {
        let mut places = vec![None; labels.len()];
        for (label, value) in turns.into_iter().zip(order) {
            places[label] = Some(value);
        }
        return (places, DateAssignment::ByCalendar);
    }
    let unclear: Vec<&'static str> = labels
        .iter()
        .zip(&beside)
        .filter(|(label, place)| place.is_none() && label.label.turn().is_some())
        .map(|(label, _)| label.label.name())
        .collect();
    let apart = values.len() > beside.iter().flatten().count();
    let dealt = if unclear.is_empty() || !apart {
        DateAssignment::AsPrinted
    } else {
        DateAssignment::Unclear(unclear)
    };
    (beside, dealt)
}

impl Header {
    /// Whether the header has a date of injury, be it a possible one or not.
    pub(super) fn says_injury(&self) -> bool {
        let injury = Label::Injury.name();
        self.dates.injury.is_some()
            || self
                .impossible_dates
                .iter()
                .any(|(label, _)| *label == injury)
            || matches!(&self.dealt, DateAssignment::Unclear(labels) if labels.contains(&injury))
    }

    fn set(&mut self, label: Label, value: &DateValue<'_>) {
        let slot = match label {
            Label::Injury => &mut self.dates.injury,
            Label::UrDenial => &mut self.dates.ur_denial,
            Label::Received => &mut self.dates.received,
            Label::Assigned => &mut self.dates.assigned,
            Label::Decision | Label::Dated => &mut self.dates.decision,
            Label::Case | Label::Priority | Label::OtherDate | Label::Words => return,
        };
        *slot = value.date;
        if value.date.is_none() {
            self.impossible_dates
                .push((label.name(), value.printed.to_string()));
        }
    }
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
    fn values_before_labels_and_between_them() {
        let values_first = "CM15-0900001\n01/28/2015\n03/06/2015\nStandard\n07/16/2014\n01/05/2015\n01/21/2015\nCase Number:\nDate Assigned:\nDecision Date:\nPriority:\nDate of Injury:\nUR Denial Date:\nApplication Received:";
        let pdfminer = "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\n\nCM15-0900001\n01/28/2015\n03/06/2015\nStandard\n\n07/16/2014\nDate of Injury:\nUR Denial Date: 01/05/2015\n01/21/2015\nApplication\nReceived:";
        let before = "CM15-0900001 Case Number: 01/28/2015 Date Assigned: 07/16/2014 Date of Injury: 03/06/2015 Decision Date: 01/05/2015 UR Denial Date: Standard Priority: 01/21/2015 Application Received:";
        let one_line = "Case Number: CM15-0900001 Date Assigned: 01/28/2015 Date of Injury: 07/16/2014 Decision Date: 03/06/2015 UR Denial Date: 01/05/2015 Priority: Standard Application Received: 01/21/2015";
        let scrambled = "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\nDate of Injury:\nUR Denial Date:\nApplication Received:\nCM15-0900001\n07/16/2014\n03/06/2015\nStandard\n01/21/2015\n01/05/2015\n01/28/2015";
        let letterhead = format!("Dated: 04/01/2015\n\n{one_line}");
        for text in [
            values_first,
            pdfminer,
            before,
            one_line,
            scrambled,
            &letterhead,
        ] {
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
        assert_eq!(read(scrambled).dealt, DateAssignment::ByCalendar);
    }

    #[test]
    fn a_redacted_header_shifts_no_date() {
        // Employee and claim number are blacked out; labels come first.
        let text = "Dated: 9/26/2013\n\nEmployee:\nClaim Number:\nDate of UR Decision:\nDate of Injury:\nIMR Application Received:\nMAXIMUS Case Number:\n\n8/30/2013\n8/28/2001\n9/6/2013\nCM13-0900001";
        assert_eq!(
            told(text).2,
            "2001-08-28 2013-08-30 2013-09-06 - 2013-09-26"
        );
        // A date is blacked out: the others make sense in one way only.
        let text = text.replace("8/28/2001\n", "");
        assert_eq!(told(&text).2, "- - 2013-09-06 - 2013-09-26");
        assert_eq!(
            read(&text).dealt,
            DateAssignment::Unclear(vec!["ur_denial", "injury"])
        );
    }

    #[test]
    fn case_numbers_in_all_spellings() {
        for (text, number) in [
            ("IMR Case Number: CM15-0012345", Some("CM15-0012345")),
            ("cm 14 - 001234, x", Some("CM14-001234")),
            ("CM14-00123456", Some("CM14-00123456")),
            ("ACM14-0012345", None),
            ("CM14-001234567", None),
            ("CM140012345", Some("CM14-0012345")),
            ("CM-14-0012345", Some("CM14-0012345")),
            ("CM14\u{2013}0012345", Some("CM14-0012345")),
            ("CM14.0012345", Some("CM14-0012345")),
            ("CM14-0012 345", Some("CM14-0012345")),
            ("CM14-00123 45/28/2015", None),
            ("CM14001234", None),
            ("CM1400123456", None),
            ("CM990012345", None),
            ("CM14-0012345a", None),
            ("cm", None),
        ] {
            assert_eq!(case_number(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn what_is_no_case_number_is_told() {
        for (text, odd) in [
            (
                "Case Number: CM16-00003 Date Assigned: 1/2/2016",
                Some("CM16-00003"),
            ),
            ("Case Number: CM1630000312", Some("CM1630000312")),
            (
                "Case Number:\nPriority:\n\nCM16-OO00031\nStandard",
                Some("CM16-OO00031"),
            ),
            (
                "Case Number: 16-0000031  Priority: Standard",
                Some("16-0000031"),
            ),
            ("Case Number: CM16-0000031", None),
            ("Case Number:\nDate Assigned: 01/28/2015", None),
            ("Case Number: [redacted]", None),
        ] {
            assert_eq!(read(text).odd_case_number.as_deref(), odd, "{text}");
        }
    }

    #[test]
    fn of_labels_that_overlap_the_longest_counts() {
        let found = |text: &str| {
            let ends = |(start, end, _): (usize, usize, Label)| text[start..end].to_string();
            labels_of(text).into_iter().map(ends).collect::<Vec<_>>()
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
