//! Doubts about what was read: a person who relies on a field should know of them.

use super::any_case::{AnyCase, begins_at, without_end};
use super::header::{DateAssignment, Header};
use super::{Decision, FinalDetermination, Letter, LetterDate, Outcome};
use memchr::memmem;
use serde::{Deserialize, Serialize};

/// The kinds of doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// A date is written like one but is none ("13/45/2015").
    ImpossibleDate,
    /// A header date is later than the decision.
    DateAfterDecision,
    /// An item tells no decision.
    NoDecision,
    /// The rationale's last word contradicts the heading, or one heading another.
    Contradiction,
    /// A letter of a known layout of which no item was found.
    NoItems,
    /// Two header dates stand against the order in which things happen.
    DateOrder,
    /// It is unclear which header date is which.
    UnclearDate,
    /// The cover page sums up other decisions than the items have.
    DeterminationDiffers,
    /// A page of its file could not be read: items may be missing.
    UnreadPage,
    /// The letter is one of several in its file.
    SeveralLetters,
    /// The letter shows the form of two layouts.
    UnclearLayout,
    /// What stands for the case number is none.
    UnclearCaseNumber,
    /// The letter is a scan: its text was recognized, and may have errors.
    Ocr,
}

/// How the text of a scan begins, in a line that says how surely it was recognized.
pub const OCR: &str = "Text of a scan, read by OCR:";

/// The line that stands in a text for a page that could not be read (`corpus::UNREAD_PAGE`).
pub const UNREAD_PAGE: &str = "[This page of the PDF could not be read.]";

impl WarningKind {
    /// All of them.
    pub const ALL: [WarningKind; 13] = [
        WarningKind::ImpossibleDate,
        WarningKind::DateAfterDecision,
        WarningKind::NoDecision,
        WarningKind::Contradiction,
        WarningKind::NoItems,
        WarningKind::DateOrder,
        WarningKind::UnclearDate,
        WarningKind::DeterminationDiffers,
        WarningKind::UnreadPage,
        WarningKind::SeveralLetters,
        WarningKind::UnclearLayout,
        WarningKind::UnclearCaseNumber,
        WarningKind::Ocr,
    ];

    /// The name in records and counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WarningKind::ImpossibleDate => "impossible-date",
            WarningKind::DateAfterDecision => "date-after-decision",
            WarningKind::NoDecision => "no-decision",
            WarningKind::Contradiction => "contradiction",
            WarningKind::NoItems => "no-items",
            WarningKind::DateOrder => "date-order",
            WarningKind::UnclearDate => "unclear-date",
            WarningKind::DeterminationDiffers => "determination-differs",
            WarningKind::UnreadPage => "unread-page",
            WarningKind::SeveralLetters => "several-letters",
            WarningKind::UnclearLayout => "unclear-layout",
            WarningKind::UnclearCaseNumber => "unclear-case-number",
            WarningKind::Ocr => "ocr",
        }
    }
}

/// A doubt about a letter's fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What kind.
    pub kind: WarningKind,
    /// The place and what it says, for a person to read.
    pub detail: String,
}

/// The doubts about a letter.
pub(super) fn of(letter: &Letter, header: &Header) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind, detail: String| warnings.push(Warning { kind, detail });
    for (field, printed) in &header.impossible_dates {
        warn(WarningKind::ImpossibleDate, format!("{field}: {printed}"));
    }
    if let (None, Some(printed)) = (&letter.case_number, &header.odd_case_number) {
        warn(WarningKind::UnclearCaseNumber, printed.clone());
    }
    let dates = letter.dates;
    if let Some(decision) = dates.decision {
        let others = [
            ("injury", dates.injury),
            ("ur_denial", dates.ur_denial),
            ("received", dates.received),
            ("assigned", dates.assigned),
        ];
        for (field, date) in others {
            if let Some(date) = date.filter(|date| *date > decision) {
                warn(
                    WarningKind::DateAfterDecision,
                    format!("{field} {date}, decision {decision}"),
                );
            }
        }
    }
    // Injury, denial, application, assignment: each no earlier than those before it.
    let turns = [
        ("injury", dates.injury),
        ("ur_denial", dates.ur_denial),
        ("received", dates.received),
        ("assigned", dates.assigned),
    ];
    let mut latest: Option<(&str, LetterDate)> = None;
    for (field, date) in turns {
        let Some(date) = date else { continue };
        match latest {
            Some((before, earlier)) if earlier > date => warn(
                WarningKind::DateOrder,
                format!("{before} {earlier} is later than {field} {date}"),
            ),
            _ => latest = Some((field, date)),
        }
    }
    match &header.dealt {
        DateAssignment::AsPrinted => {}
        DateAssignment::ByCalendar => warn(
            WarningKind::UnclearDate,
            "the header's dates stand apart from their labels; they were assigned in calendar order"
                .to_string(),
        ),
        DateAssignment::Unclear(labels) => warn(WarningKind::UnclearDate, labels.join(", ")),
    }
    for (n, item) in letter.items.iter().enumerate() {
        let at = n + 1;
        match item.decision {
            None => warn(
                WarningKind::NoDecision,
                format!("item {at}: {}", item.request),
            ),
            Some(decision) => {
                let last = last_word(letter.passage(&item.rationale));
                if !item.partial && last.is_some_and(|last| last != decision) {
                    warn(
                        WarningKind::Contradiction,
                        format!(
                            "item {at}: the heading says {}, the rationale ends otherwise",
                            decision.name()
                        ),
                    );
                }
            }
        }
    }
    if let (Some(cover), Some(items)) = (letter.final_determination, determined(letter))
        && cover != items
    {
        warn(
            WarningKind::DeterminationDiffers,
            format!(
                "the cover page says {}, the items {}",
                cover.name(),
                items.name()
            ),
        );
    }
    if letter.layout.is_some() && letter.items.is_empty() {
        warn(
            WarningKind::NoItems,
            "no disputed item was found".to_string(),
        );
    }
    let unread = memmem::find_iter(letter.text.as_bytes(), UNREAD_PAGE).count();
    if unread > 0 {
        let pages = if unread == 1 { "1 page" } else { "some pages" };
        warn(
            WarningKind::UnreadPage,
            format!("{pages} of the PDF could not be read: items may be missing"),
        );
    }
    warnings
}

/// The doubt about an item of which the letter says one decision and another.
pub(super) fn contradictory(letter: &Letter, at: usize) -> Warning {
    let item = &letter.items[at];
    let said = match item.decision {
        None => "the letter states two different decisions".to_string(),
        Some(decision) => format!(
            "{}, but an item with the same rationale is not",
            decision.name()
        ),
    };
    Warning {
        kind: WarningKind::Contradiction,
        detail: format!("item {}: {said}", at + 1),
    }
}

/// What a letter decides in the form of another layout and was not read: "; not read in the form of the second: ...".
pub(super) fn lacking(requests: &[String]) -> String {
    const SHOWN: usize = 3;
    if requests.is_empty() {
        return String::new();
    }
    let more = requests.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let shown = &requests[..requests.len().min(SHOWN)];
    format!("; not read: {}{more}", shown.join("; "))
}

/// What a cover page would say of the items.
fn determined(letter: &Letter) -> Option<FinalDetermination> {
    if letter.items.iter().any(|item| item.partial) {
        return Some(FinalDetermination::PartiallyOverturned);
    }
    Some(match letter.outcome()? {
        Outcome::Upheld => FinalDetermination::Upheld,
        Outcome::Overturned => FinalDetermination::Overturned,
        Outcome::Mixed => FinalDetermination::PartiallyOverturned,
    })
}

/// Whether what goes before a word denies it: "not", "not currently considered", "not found to be".
fn is_negated(before: &str) -> bool {
    const BETWEEN: [&[&str]; 12] = [
        &["to", "be"],
        &["as", "being"],
        &["as"],
        &["supported"],
        &["established"],
        &["found", "to", "be"],
        &["be"],
        &["been"],
        &["considered"],
        &["deemed"],
        &["found"],
        &["currently"],
    ];
    let mut before = before;
    loop {
        if let Some(start) = without_end(before.trim_end(), "not") {
            return !start.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        }
        let between = BETWEEN
            .iter()
            .find_map(|words| without_words(before, words));
        match between {
            Some(start) => before = start,
            None => return false,
        }
    }
}

/// A text without the words that it ends in, white space after each.
fn without_words<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().rev().try_fold(text, |text, word| {
        let end = text.trim_end();
        (end.len() < text.len())
            .then(|| without_end(end, word))
            .flatten()
    })
}

/// What a sentence without the words "medically necessary" says of a request, where it says it plainly:
/// "the request should be authorized".
fn authorizes(sentence: &str) -> Option<Decision> {
    const DOUBTS: [&str; 10] = [
        "if ", "would", "unless", "whether", "cannot", "only ", "when ", "except", "until ", "but ",
    ];
    let lower = sentence.to_ascii_lowercase();
    if !lower.contains("request") || DOUBTS.iter().any(|doubt| lower.contains(doubt)) {
        return None;
    }
    ["authorized", "approved", "certified"]
        .into_iter()
        .find_map(|verb| {
            if lower.contains(&format!("should not be {verb}")) {
                return Some(Decision::Upheld);
            }
            let plainly = lower.contains(&format!("should be {verb}")) && !lower.contains("not ");
            plainly.then_some(Decision::Overturned)
        })
}

/// What the last sentence of a rationale says of medical necessity, if it speaks of it at all.
fn last_word(rationale: &str) -> Option<Decision> {
    const MEDICALLY: AnyCase = AnyCase::new("medically");
    let tail_start = super::sections::floor_char(rationale, rationale.len().saturating_sub(400));
    let tail = rationale[tail_start..].trim_end().trim_end_matches('.');
    let bytes = tail.as_bytes();
    let ends = |stop: &usize| matches!(bytes.get(stop + 1), Some(b' ' | b'\n'));
    let stop = memchr::memrchr_iter(b'.', bytes).find(ends);
    // In one line: a word may stand at a line's end.
    let sentence = &super::text::flat(&tail[stop.map_or(0, |stop| stop + 2)..]);
    let necessary = |at: &usize| {
        let rest = sentence[at + MEDICALLY.len()..].trim_start();
        begins_at(rest, 0, "necessary")
    };
    let mut found = MEDICALLY.find_iter(sentence).filter(necessary);
    let Some(first) = found.next() else {
        return authorizes(sentence);
    };
    // Two of them in one sentence say too much to tell.
    if found.next().is_some() {
        return None;
    }
    let negated = is_negated(&sentence[..first]);
    let lower = sentence.to_ascii_lowercase();
    if !negated
        && [
            "not ",
            "no ",
            "neither",
            "nor ",
            "cannot",
            "n't",
            "if ",
            "would",
            "unless",
            "whether",
            "unable",
            "without",
            "fail",
            "lack",
            "insufficient",
            "only ",
            "when ",
            "except",
        ]
        .iter()
        .any(|w| lower.contains(w))
    {
        return None;
    }
    Some(if negated {
        Decision::Upheld
    } else {
        Decision::Overturned
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sentence_speaks_last() {
        for (rationale, last) in [
            (
                "It is fine. Norco is not medically\nnecessary.",
                Some(Decision::Upheld),
            ),
            (
                "Not so. The request is medically necessary",
                Some(Decision::Overturned),
            ),
            ("it is notmedically necessary", Some(Decision::Upheld)),
            (
                "it is not found\nto be medically necessary",
                Some(Decision::Upheld),
            ),
            ("cannot be considered medically necessary", None),
            ("No record. It would be medically necessary", None),
            ("medically necessary and medically necessary", None),
            ("nothing is told", None),
            (
                "It is said. The reviewer finds that the request is supported and should be\nauthorized.",
                Some(Decision::Overturned),
            ),
            (
                "The request should not be authorized",
                Some(Decision::Upheld),
            ),
            ("If so the request should be authorized", None),
            ("Weaning should be authorized", None),
        ] {
            assert_eq!(last_word(rationale), last, "{rationale}");
        }
    }
}
