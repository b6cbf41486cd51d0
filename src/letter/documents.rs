//! What a file holds: one letter, several, or letters among other papers. A letter is its own pages;
//! what stands before, between and after gives nothing to it (docs/extraction.md).

use super::header;
use super::marks::{self, Mark, MarkMatch};
use super::sections::{floor_char, is_heading};
use super::text::{self, Text};
use super::warnings::{OCR, Warning, WarningKind};
use super::{Letter, gaps, garbled, read_marked, unfold};
use crate::vocabulary::{LowerText, OtherDocuments};
use std::fmt;
use std::ops::Range;

/// How the refusal of a file begins that holds no letter.
const NOT_A_LETTER: &str = "is not an IMR determination letter";

/// Whether a file was refused because it is no letter: an index keeps the reason as text.
#[must_use]
pub fn is_not_a_letter(reason: &str) -> bool {
    reason.starts_with(NOT_A_LETTER)
}

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// Its letters, in their order.
    pub letters: Vec<Part>,
    /// What is part of no letter.
    pub left_out: Vec<SkippedPages>,
}

/// One of a file's letters.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it stands in its file: "page 5"; None where the file holds no other letter.
    pub name: Option<String>,
    /// What it says.
    pub letter: Letter,
}

/// Pages that are part of no letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedPages {
    /// "page 1", "pages 3-4"; None where it is the whole file, or one without pages.
    pub pages: Option<String>,
    /// What kind of document it is, with its article; None where that cannot be told.
    pub kind: Option<&'static str>,
    /// What it says: a document without items.
    pub document: Letter,
}

impl fmt::Display for SkippedPages {
    /// "pages 1-2 (a utilization review decision)"
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}",
            self.pages.as_deref().unwrap_or("a part of its text")
        )?;
        match self.kind {
            Some(kind) => write!(f, " ({kind})"),
            None => Ok(()),
        }
    }
}

impl Documents {
    /// What the file holds beside its letters; completes the sentence "FILE ...".
    #[must_use]
    pub fn note(&self) -> Option<String> {
        if self.letters.is_empty() || self.left_out.is_empty() {
            return None;
        }
        let places: Vec<String> = self
            .left_out
            .iter()
            .take(8)
            .map(SkippedPages::to_string)
            .collect();
        let more = self.left_out.len() - places.len();
        let more = if more > 0 {
            format!(" and {more} more places")
        } else {
            String::new()
        };
        Some(format!(
            "contains more than letters; left out: {}{more}",
            places.join(", ")
        ))
    }

    /// Why a file without a letter is refused; completes the sentence "FILE ...".
    #[must_use]
    pub fn refusal(&self) -> String {
        let kind = self.left_out.iter().find_map(|left| left.kind);
        match kind {
            Some(kind) => format!("{NOT_A_LETTER} but {kind}"),
            None => NOT_A_LETTER.to_string(),
        }
    }
}

impl Documents {
    /// The same, with what is no letter among the letters, marked as other documents.
    #[must_use]
    pub fn with_others(mut self) -> Documents {
        let count = self.letters.len() + self.left_out.len();
        let several = count > 1;
        for (n, part) in (1..).zip(&mut self.letters) {
            if several && part.name.is_none() {
                part.name = Some(format!("letter {n}"));
            }
        }
        for (n, left) in (1..).zip(std::mem::take(&mut self.left_out)) {
            let pages = left.pages.unwrap_or_else(|| format!("part {n}"));
            let taken = self
                .letters
                .iter()
                .any(|part| part.name.as_ref() == Some(&pages));
            let name = if taken {
                format!("{pages}, other")
            } else {
                pages
            };
            self.letters.push(Part {
                name: several.then_some(name),
                letter: left.document,
            });
        }
        self
    }
}

/// A document that is no letter: its text, and whose case it is of.
fn other(mut letter: Letter, kind: Option<&'static str>) -> Letter {
    letter = Letter {
        case_number: letter.case_number,
        dates: letter.dates,
        claim_number: letter.claim_number,
        employee: letter.employee,
        provider: letter.provider,
        claims_administrator: letter.claims_administrator,
        text: letter.text,
        ..Letter::default()
    };
    if kind.is_some() {
        // What it decides is no decision of a review.
        letter.dates.decision = None;
    }
    let kind = kind.unwrap_or("another document");
    letter.document_kind = Some(kind.to_string());
    letter
}

/// What the first paragraph of a text says that begins with some words, and the text below it.
fn below<'r>(raw: &'r str, beginning: &str) -> Option<(&'r str, &'r str)> {
    let rest = raw.strip_prefix(beginning)?;
    Some(rest.split_once("\n\n").unwrap_or((rest, "")))
}

/// The beginning of the text of a row whose columns are given beside it; up to an empty line labels and values follow.
pub const ROW: &str = "Columns of this row:";

/// Gives a letter what a row's columns say and it does not.
fn fill(letter: &mut Letter, columns: &str) {
    let columns = read_marked(text::normalise(columns), &LowerText::new(""), &[], "");
    fn fill<T>(field: &mut Option<T>, value: Option<T>) {
        if field.is_none() {
            *field = value;
        }
    }
    fill(&mut letter.case_number, columns.case_number);
    fill(&mut letter.priority, columns.priority);
    fill(&mut letter.dates.injury, columns.dates.injury);
    fill(&mut letter.dates.ur_denial, columns.dates.ur_denial);
    fill(&mut letter.dates.received, columns.dates.received);
    fill(&mut letter.dates.assigned, columns.dates.assigned);
    fill(&mut letter.dates.decision, columns.dates.decision);
    fill(&mut letter.claim_number, columns.claim_number);
    fill(&mut letter.employee, columns.employee);
    fill(&mut letter.provider, columns.provider);
    fill(
        &mut letter.claims_administrator,
        columns.claims_administrator,
    );
    letter.warnings.extend(columns.warnings);
}

/// So many letters of one file are told apart; the rest is part of the last one.
const MOST_LETTERS: usize = 2000;
/// A text with less than this is no document.
const LEAST: usize = 40;

/// A file's documents, whose letters lack their reasons and histories.
#[derive(Default)]
pub(super) struct Divided {
    pub documents: Documents,
    /// The text of each letter, made ready.
    lower: Vec<LowerText>,
}

impl Divided {
    /// The letters, each with its text made ready.
    pub(super) fn letters(&mut self) -> impl Iterator<Item = (&mut Letter, &LowerText)> {
        let letters = self.documents.letters.iter_mut();
        letters.map(|part| &mut part.letter).zip(&self.lower)
    }
}

/// A file's text, normalized: what is read next needs other tables.
pub(super) struct Normalised<'r> {
    /// What was normalized.
    raw: &'r str,
    text: Text,
    beside: Beside<'r>,
}

/// What is told of a text before it begins.
enum Beside<'r> {
    Nothing,
    /// How surely OCR recognized it.
    Sureness(&'r str),
    /// The columns of its row.
    Columns(&'r str),
}

impl Beside<'_> {
    /// Adds it to a letter of the text, or to another document.
    fn add_to(&self, letter: &mut Letter) {
        match self {
            Beside::Nothing => {}
            Beside::Sureness(sureness) => letter.warnings.push(Warning {
                kind: WarningKind::Ocr,
                detail: format!("the text of a scan, read by OCR: {}", sureness.trim()),
            }),
            Beside::Columns(columns) => {
                fill(letter, columns);
                if letter.document_kind.is_some() {
                    // It is found by the words of its columns.
                    let columns = columns.trim();
                    letter.text = format!("{columns}\n\n{}", letter.text);
                }
            }
        }
    }
}

impl<'r> Normalised<'r> {
    /// Normalizes a file's text, in linear time.
    pub(super) fn of(raw: &'r str) -> Normalised<'r> {
        let (raw, beside) = match (below(raw, OCR), below(raw, ROW)) {
            (Some((sureness, text)), _) => (text, Beside::Sureness(sureness)),
            (None, Some((columns, text))) => (text, Beside::Columns(columns)),
            (None, None) => (raw, Beside::Nothing),
        };
        Normalised::plain(raw, beside)
    }

    fn plain(raw: &'r str, beside: Beside<'r>) -> Normalised<'r> {
        let text = text::normalise(raw);
        let text = unfold::unfold(&text).unwrap_or(text);
        Normalised { raw, text, beside }
    }

    /// Finds the phrases of layouts in it, and where its documents begin and end.
    pub(super) fn marked(self) -> Marked<'r> {
        let Normalised { raw, text, beside } = self;
        let lower = LowerText::new(&text.text);
        let marks = marks::find(&text.text, &lower);
        let in_capitals = is_in_capitals(&text.text);
        let spans = divide(&text, &marks, in_capitals);
        let refused = match spans.len() {
            1 => refusal(&text.text, lower.bytes(), &marks, in_capitals),
            _ => None,
        };
        Marked {
            raw,
            text,
            beside,
            lower,
            marks,
            spans,
            refused,
        }
    }
}

/// A file's text with what was found in it.
pub(super) struct Marked<'r> {
    raw: &'r str,
    text: Text,
    beside: Beside<'r>,
    lower: LowerText,
    marks: Vec<MarkMatch>,
    spans: Vec<Span>,
    /// Where all of it is one document: whether that is no letter, and what it is then.
    refused: Option<Option<&'static str>>,
}

impl<'r> Marked<'r> {
    /// Reads the letters but for their reasons and histories.
    pub(super) fn divided(self) -> Divided {
        let raw = self.raw;
        let (mut divided, beside) = self.divided_plainly();
        if divided.documents.is_lacking()
            && let Some(mended) = garbled::mended(raw)
        {
            // Characters may have been read for others.
            let (mended, _) = Normalised::plain(&mended, Beside::Nothing)
                .marked()
                .divided_plainly();
            if mended.documents.said() > divided.documents.said() {
                divided = mended;
            }
        }
        for letter in divided.documents.all() {
            beside.add_to(letter);
        }
        divided
    }

    /// Reads the letters as their characters are.
    fn divided_plainly(self) -> (Divided, Beside<'r>) {
        let Marked {
            raw,
            text,
            beside,
            lower,
            marks,
            spans,
            refused,
        } = self;
        if spans.len() != 1 {
            return (several(&text, spans), beside);
        }
        let letter = read_marked(text, &lower, &marks, raw);
        let mut divided = Divided::default();
        if divided.documents.judge(letter, refused, None) {
            divided.lower.push(lower);
        }
        (divided, beside)
    }
}

/// Reads the documents of a text that has several.
fn several(text: &Text, spans: Vec<Span>) -> Divided {
    let mut divided = Divided::default();
    let documents = &mut divided.documents;
    let mut places: Vec<usize> = Vec::new();
    for span in spans {
        let range = span.range;
        let place = pages_of(text, &range);
        if !span.is_letter {
            let said = text.text[range.clone()]
                .bytes()
                .filter(u8::is_ascii_alphanumeric);
            if said.count() >= LEAST {
                let kind = kind_of(&text.text[range.clone()]);
                let document = read_marked(text.part(&range), &LowerText::new(""), &[], "");
                documents.left_out.push(SkippedPages {
                    pages: place,
                    kind,
                    document: other(document, kind),
                });
            }
            continue;
        }
        let part = text.part(&range);
        let lower = LowerText::new(&part.text);
        let marks = marks::find(&part.text, &lower);
        let in_capitals = is_in_capitals(&part.text);
        let refused = refusal(&part.text, lower.bytes(), &marks, in_capitals);
        let letter = read_marked(part, &lower, &marks, "");
        if documents.judge(letter, refused, place) {
            places.push(range.start);
            divided.lower.push(lower);
        }
    }
    documents.name(text, &places);
    divided
}

impl Documents {
    /// Whether a letter lacks what every letter has, or there is none.
    fn is_lacking(&self) -> bool {
        self.letters.is_empty()
            || self
                .letters
                .iter()
                .any(|part| gaps::is_lacking(&part.letter))
    }

    /// How much its letters say.
    fn said(&self) -> usize {
        self.letters
            .iter()
            .map(|part| gaps::said(&part.letter))
            .sum()
    }

    /// Its letters and what is part of no letter.
    fn all(&mut self) -> impl Iterator<Item = &mut Letter> {
        let letters = self.letters.iter_mut().map(|part| &mut part.letter);
        let others = self.left_out.iter_mut().map(|left| &mut left.document);
        letters.chain(others)
    }

    /// Adds a document; tells whether it is a letter.
    fn judge(
        &mut self,
        letter: Letter,
        refused: Option<Option<&'static str>>,
        pages: Option<String>,
    ) -> bool {
        let is_letter = refused.is_none();
        match refused {
            None => self.letters.push(Part { name: None, letter }),
            Some(kind) => self.left_out.push(SkippedPages {
                pages,
                kind,
                document: other(letter, kind),
            }),
        }
        is_letter
    }

    /// Names the letters of a file that holds several, and says so in each.
    fn name(&mut self, text: &Text, places: &[usize]) {
        let count = self.letters.len();
        if count < 2 {
            return;
        }
        let pages: Vec<usize> = places.iter().map(|start| text.page_of(*start)).collect();
        let distinct = pages.windows(2).all(|pair| pair[0] < pair[1]);
        for (n, part) in self.letters.iter_mut().enumerate() {
            part.name = Some(if distinct {
                format!("page {}", pages[n])
            } else {
                format!("letter {}", n + 1)
            });
            part.letter.warnings.push(Warning {
                kind: WarningKind::SeveralLetters,
                detail: format!("letter {} of {count} in its file", n + 1),
            });
        }
    }
}

/// A stretch of a text: a letter perhaps, or what stands beside letters.
struct Span {
    range: Range<usize>,
    is_letter: bool,
}

/// What tells where documents begin and end.
enum Sign {
    /// The header of a letter: a case number, which follows, among its labels.
    Header(String),
    /// "HOW THE IMR FINAL DETERMINATION WAS MADE", "ISSUE AT DISPUTE".
    Body,
    /// A rationale: the letter has come to its decisions.
    Rationale,
    /// The title of another document.
    Other,
}

/// A letter that is being looked through.
struct Open {
    start: usize,
    /// The number in its first header.
    case: Option<String>,
    body: bool,
    rationale: bool,
}

/// So far below its title another document may have a header like a letter's, in bytes.
const UNDER_TITLE: usize = 1200;

/// Divides a text into its documents; a text of one letter, or of none, is one span.
fn divide(text: &Text, marks: &[MarkMatch], in_capitals: bool) -> Vec<Span> {
    let body = text.text.as_str();
    let whole = vec![Span {
        range: 0..body.len(),
        is_letter: true,
    }];
    let mut signs: Vec<(usize, Sign)> = Vec::new();
    for m in marks {
        match m.mark {
            Mark::HowMade | Mark::Issue
                if is_heading(body, m) && (m.mark == Mark::HowMade || is_shouted(body, m)) =>
            {
                signs.push((line_before(body, m.start), Sign::Body));
            }
            Mark::Rationale | Mark::ProfessionalRationale if m.at_line_start => {
                signs.push((line_before(body, m.start), Sign::Rationale));
            }
            _ => {}
        }
    }
    signs.extend(headers(body, &text.pages).map(|(at, number)| (at, Sign::Header(number))));
    let titles = titles(text, marks, in_capitals);
    signs.extend(titles.into_iter().map(|at| (at, Sign::Other)));
    signs.sort_by_key(|(at, _)| *at);
    let mut starts: Vec<(usize, bool)> = Vec::new();
    let mut open: Option<Open> = None;
    let mut last_end = 0;
    let mut titled: Option<usize> = None;
    let next_header = {
        let headers = signs
            .iter()
            .filter(|(_, sign)| matches!(sign, Sign::Header(_)));
        let headers: Vec<usize> = headers.map(|(at, _)| *at).collect();
        move |at: usize| {
            let next = headers.partition_point(|header| *header <= at);
            headers.get(next).copied().unwrap_or(usize::MAX)
        }
    };
    for (at, sign) in signs {
        if starts.len() >= 2 * MOST_LETTERS {
            break;
        }
        match sign {
            Sign::Rationale => {
                if let Some(open) = &mut open {
                    open.rationale = true;
                }
                last_end = at;
            }
            Sign::Other => {
                if open.as_ref().is_none_or(|open| open.rationale) {
                    if open.take().is_some() {
                        starts.push((top_of(text, at, last_end), false));
                    }
                    titled = Some(at);
                }
            }
            Sign::Header(case) => {
                // A paper of another kind quotes a letter.
                let quoted = titled.is_some() && open.is_none() && body[at..].starts_with('"');
                // A notice of assignment has a header too, under its title.
                let under_title = titled.is_some_and(|title| {
                    at - title <= UNDER_TITLE && text.page_of(title) == text.page_of(at)
                });
                // A cover page and the letter behind it have headers of one case; a notice may be of another.
                let again = open.as_ref().is_some_and(|open| {
                    !open.body && !open.rationale && open.case.as_ref() == Some(&case)
                });
                if !(again
                    || quoted
                    || under_title
                        && open.is_none()
                        && !shows_body_soon(body, marks, at, next_header(at)))
                {
                    let start = top_of(text, at, last_end);
                    starts.push((start, true));
                    open = Some(Open {
                        start,
                        case: Some(case),
                        body: false,
                        rationale: false,
                    });
                }
            }
            Sign::Body => match &mut open {
                Some(open) if !open.rationale || at <= open.start => open.body = true,
                _ => {
                    let start = top_of(text, at, last_end);
                    starts.push((start, true));
                    open = Some(Open {
                        start,
                        case: None,
                        body: true,
                        rationale: false,
                    });
                }
            },
        }
    }
    if !starts.iter().any(|(_, is_letter)| *is_letter) {
        return whole;
    }
    let mut spans = Vec::with_capacity(starts.len() + 1);
    if starts[0].0 > 0 {
        spans.push(Span {
            range: 0..starts[0].0,
            is_letter: false,
        });
    }
    for (n, (start, is_letter)) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(body.len(), |next| next.0);
        if *start < end {
            spans.push(Span {
                range: *start..end,
                is_letter: *is_letter,
            });
        }
    }
    // A letterhead or a stamp above the only letter is a part of it.
    let first_letter = spans.iter().position(|span| span.is_letter);
    if first_letter == Some(1) && kind_of(&body[spans[0].range.clone()]).is_none() {
        let before = &body[spans[0].range.clone()];
        let said = before.bytes().filter(u8::is_ascii_alphanumeric).count();
        let is_text = before
            .lines()
            .any(|line| line.len() > 20 && line.ends_with('.'));
        if said < 10 * LEAST && !is_text && text.page_of(spans[1].range.start) == 1 {
            spans[1].range.start = 0;
            spans.remove(0);
        }
    }
    if spans.len() == 1 { whole } else { spans }
}

/// Whether a mark stands in capitals; other papers speak of an issue at dispute too.
fn is_shouted(body: &str, m: &MarkMatch) -> bool {
    !body[m.start..m.end].bytes().any(|b| b.is_ascii_lowercase())
}

/// Whether the body of a letter follows a header before the next one does and before any sentence, so that the header
/// is a letter's whatever the title above it.
fn shows_body_soon(body: &str, marks: &[MarkMatch], at: usize, next_header: usize) -> bool {
    const SOON: usize = 6000;
    let from = marks.partition_point(|m| m.start < at);
    let opening = marks[from..]
        .iter()
        .take_while(|m| m.start < next_header.min(at + SOON))
        .find(|m| {
            matches!(m.mark, Mark::HowMade | Mark::Issue | Mark::Decisions) && is_heading(body, m)
                || m.mark == Mark::Determined
        });
    opening.is_some_and(|m| {
        !body[at..line_before(body, m.start).max(at)]
            .lines()
            .any(is_sentence)
    })
}

/// Where headers of letters stand: a case number with labels of a header around it.
fn headers<'t>(
    body: &'t str,
    pages: &'t [(usize, usize)],
) -> impl Iterator<Item = (usize, String)> + 't {
    const AROUND: usize = 420;
    const LABELS: usize = 3;
    let mut last = None;
    header::case_numbers(body).filter_map(move |(at, number)| {
        let next = pages.partition_point(|(start, _)| *start <= at);
        let top = next.checked_sub(1).map_or(0, |page| pages[page].0);
        let bottom = pages.get(next).map_or(body.len(), |(start, _)| *start);
        let from = first_of_header(body, at, AROUND).max(top);
        let to = end_of_header(body, at, AROUND).min(bottom);
        let around = &body[from..to];
        let (labels, first) = header::labels_in(around);
        if labels < LABELS {
            return None;
        }
        let first = first.map_or(at, |first| from + first);
        let start = line_before(body, first.min(at));
        // What is said between two headers parts them.
        let parted = |last: usize| {
            let between = body.get(last..start).unwrap_or("");
            between.lines().any(is_sentence)
        };
        let again = last.is_some_and(|last| start <= last + AROUND && !parted(last));
        last = Some(at);
        (!again).then_some((start, number))
    })
}

/// How far down a header may go from a line in it: to the first sentence below it.
fn end_of_header(body: &str, at: usize, reach: usize) -> usize {
    let to = floor_char(body, at + reach);
    let mut lines = body[at..to].split_inclusive('\n');
    let mut end = at + lines.next().map_or(0, str::len);
    for line in lines {
        if is_sentence(line.trim_end()) {
            break;
        }
        end += line.len();
    }
    end
}

/// Whether a line ends a sentence, as none of a header does.
fn is_sentence(line: &str) -> bool {
    const SHORT: usize = 40;
    line.len() > SHORT && line.ends_with('.')
}

/// Where the line of an offset begins, looked for no further than a header's line is long: a text may
/// be one line of megabytes.
fn line_before(body: &str, at: usize) -> usize {
    const REACH: usize = 2000;
    let least = floor_char(body, at.saturating_sub(REACH));
    body[least..at].rfind('\n').map_or(least, |n| least + n + 1)
}

/// How far up a header goes from a line in it: over labels, short values and empty lines.
fn first_of_header(body: &str, at: usize, reach: usize) -> usize {
    const SHORT: usize = 40;
    let least = floor_char(body, at.saturating_sub(reach));
    let mut start = line_before(body, at);
    while start > least && body.as_bytes()[start - 1] == b'\n' {
        let before = line_before(body, start - 1);
        let line = &body[before..start - 1];
        let of_header = line.len() <= SHORT && !line.ends_with(['.', ';'])
            || line.len() <= 3 * SHORT && !is_sentence(line) && header::count_labels(line) > 0;
        if !of_header {
            break;
        }
        start = before;
    }
    start
}

/// Where other documents begin, by their titles or by the labels that they begin with: at the top of a page, or
/// of the text; in a text without pages wherever a paragraph begins so.
fn titles(text: &Text, marks: &[MarkMatch], in_capitals: bool) -> Vec<usize> {
    const TOP: usize = 6;
    const HEAD: usize = 12;
    /// Lines of a paragraph that may be its title.
    const TITLE: usize = 4;
    let body = text.text.as_str();
    let table = OtherDocuments::get();
    let mut found = Vec::new();
    let mut tops = vec![(0, HEAD)];
    tops.extend(text.pages.iter().map(|(at, _)| (*at, TOP)));
    for (top, lines) in tops {
        let mut at = top;
        let mut titled = false;
        for line in text::lines(&body[top..]).take(2 * lines) {
            if table.title(line, in_capitals).is_some() && !is_heading_of_item(body, marks, at) {
                found.push(at);
                titled = true;
                break;
            }
            at += line.len() + 1;
        }
        let begins =
            || begins_with_labels(&body[top..]) || is_signed_page(body, &text.pages, marks, top);
        if !titled && top > 0 && begins() {
            found.push(top);
        }
    }
    if text.pages.is_empty() {
        for blank in memchr::memmem::find_iter(body.as_bytes(), b"\n\n") {
            let start = blank + 2;
            let mut at = start;
            let first_lines = || {
                let paragraph = body[start..].split("\n\n").next().unwrap_or("");
                let mut ends = paragraph.match_indices('\n').map(|(end, _)| end);
                &paragraph[..ends.nth(1).unwrap_or(paragraph.len())]
            };
            for line in text::lines(&body[start..]).take(TITLE) {
                let shouted = || {
                    let bytes = line.as_bytes();
                    bytes.len() <= 110 && !bytes.iter().any(u8::is_ascii_lowercase)
                };
                let shouts = line.as_bytes().iter().take(2).all(u8::is_ascii_uppercase);
                // Nothing else stands in its paragraph.
                let alone = || at == start && body[at + line.len()..].starts_with("\n\n");
                if line.is_empty() || line.ends_with('.') && !shouted() {
                    break;
                }
                if table.title(line, in_capitals).is_some()
                    && (shouts && shouted() || alone() || at == start && is_head(first_lines()))
                    && !is_heading_of_item(body, marks, at)
                {
                    found.push(at);
                    break;
                }
                at += line.len() + 1;
            }
            if found.last().is_none_or(|last| *last < start) && begins_with_labels(&body[start..]) {
                found.push(start);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a page that begins with a short line has words that betray another document, and no label of a letter.
fn is_signed_page(body: &str, pages: &[(usize, usize)], marks: &[MarkMatch], top: usize) -> bool {
    const MOST: usize = 16 << 10;
    let next = pages.iter().map(|(at, _)| *at).find(|at| *at > top);
    let end = floor_char(body, next.unwrap_or(body.len()).min(top + MOST));
    let page = &body[top..end];
    let first = page.lines().next().unwrap_or("");
    let begins_anew = first.len() <= 90
        && !first.ends_with(['.', ','])
        && body[..top].trim_end().ends_with(['.', ')', '"']);
    let has_marks = || {
        marks[marks.partition_point(|m| m.start < top)..]
            .iter()
            .take_while(|m| m.start < end)
            .any(|m| m.at_line_start)
    };
    begins_anew
        && !has_marks()
        && OtherDocuments::get()
            .signature(LowerText::new(page).bytes())
            .is_some()
}

/// Whether a line is the heading of an item of the letter: a decision and a label of the letter follow. "Office
/// visit: Upheld" is no title.
fn is_heading_of_item(body: &str, marks: &[MarkMatch], at: usize) -> bool {
    const LONGEST: usize = 200;
    const ENDS: [&str; 5] = [
        "upheld",
        "overturned",
        "necessary",
        "appropriate",
        "modified",
    ];
    let next = marks[marks.partition_point(|m| m.start < at)..]
        .iter()
        .take_while(|m| m.start <= at + LONGEST)
        .find(|m| {
            let label = matches!(
                m.mark,
                Mark::Administrator | Mark::Reviewer | Mark::Rationale
            );
            label && m.at_line_start
        });
    next.is_some_and(|label| {
        let heading = body[at..label.start].trim_end().trim_end_matches('.');
        let heading = heading.to_ascii_lowercase();
        ENDS.iter().any(|end| heading.ends_with(end))
    })
}

/// Whether a text begins with labels and their values, as an e-mail or a report does and no letter.
fn begins_with_labels(text: &str) -> bool {
    const LEAST: usize = 3;
    const LINES: usize = 6;
    const LONGEST: usize = 90;
    // Most paragraphs have no colon in their first line.
    let label = |line: &str| -> bool {
        let Some(colon) = memchr::memchr(b':', line.as_bytes()) else {
            return false;
        };
        let name = &line[..colon];
        (2..=40).contains(&name.len())
            && line.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.split(' ').count() <= 5
            && !line.ends_with(['.', ';'])
            && !ends_in_decision(line)
    };
    let lines = || {
        let lines = text::lines(text).filter(|line| !line.is_empty());
        lines.take(LINES)
    };
    let Some(first) = lines().next() else {
        return false;
    };
    if first.len() > LONGEST || first.ends_with(['.', ';']) {
        return false;
    }
    let of_letter = |line: &str| header::count_labels(line) > 0 || is_label_of_letter(line);
    lines().filter(|line| label(line)).count() >= LEAST && !lines().any(of_letter)
}

fn ends_in_decision(line: &str) -> bool {
    let line = line.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    line.ends_with("upheld") || line.ends_with("overturned")
}

/// Whether a line begins with a label that items of letters have.
fn is_label_of_letter(line: &str) -> bool {
    let label = line.split(':').next().unwrap_or(line);
    let lower = label.to_ascii_lowercase();
    [
        "guideline",
        "rationale",
        "state(s) of",
        "certification(s)",
        "section",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Where a document begins of which a line is known: at the top of its page if only a letterhead
/// stands above the line; else as far up as a letterhead goes.
fn top_of(text: &Text, at: usize, after: usize) -> usize {
    const REACH: usize = 1500;
    let body = text.text.as_str();
    let page = text
        .pages
        .iter()
        .rev()
        .map(|(start, _)| *start)
        .find(|start| *start <= at);
    let least = page.unwrap_or(0).max(after);
    let mut start = at;
    let mut line = at;
    while line > least && at - line < REACH && body.as_bytes()[line - 1] == b'\n' {
        let before = line_before(body, line - 1);
        if before < least {
            break;
        }
        let above = &body[before..line - 1];
        line = before;
        if above.is_empty() {
            continue;
        }
        if is_letterhead(above) {
            start = before;
        } else if above.len() > 60 || above.ends_with(['.', ';']) {
            break;
        }
    }
    if page.is_none() {
        start = start.min(above_head(body, start, least));
    }
    // Nothing but a letterhead, an address or a stamp above it on its page.
    match page {
        Some(top) if top >= after && at - top <= REACH => {
            let long = body[top..at].lines().any(|line| line.len() > 70);
            if long { start } else { top }
        }
        _ => start,
    }
}

/// Where the paragraphs begin that stand above a title and are no text: a letterhead, an address, a date.
fn above_head(body: &str, title: usize, least: usize) -> usize {
    const PARAGRAPHS: usize = 5;
    let mut start = title;
    for _ in 0..PARAGRAPHS {
        let above = body[least..start].trim_end();
        let from = above.rfind("\n\n").map_or(0, |blank| blank + 2);
        let paragraph = &above[from..];
        if from == 0 || !is_head(paragraph) {
            break;
        }
        start = least + from;
    }
    start
}

/// Whether a paragraph is a letterhead, an address, a date or a title: lines that are short and no sentences.
fn is_head(paragraph: &str) -> bool {
    const LINE: usize = 64;
    const LINES: usize = 8;
    let short = |line: &str| {
        let shouted = !line.bytes().any(|b| b.is_ascii_lowercase());
        line.len() <= LINE
            && (shouted || !line.ends_with(['.', ';', ',']))
            && !ends_in_decision(line)
    };
    !paragraph.is_empty() && paragraph.len() <= LINE * LINES && paragraph.lines().all(short)
}

/// Whether a line stands at the head of a letter: its letterhead, its title, a label or a date.
fn is_letterhead(line: &str) -> bool {
    const BEGIN: [&str; 12] = [
        "maximus federal",
        "independent medical review",
        "p.o. box",
        "po box",
        "sacramento",
        "(855)",
        "(916)",
        "notice of independent medical review determination",
        "[name",
        "medical professional review",
        "state of california",
        "dated",
    ];
    if line.len() > 110 || line.ends_with(['.', ';']) {
        return false;
    }
    let lower = line.to_ascii_lowercase();
    BEGIN.iter().any(|begin| lower.starts_with(begin)) || header::count_labels(line) > 0
}

/// The pages of a stretch: "page 1", "pages 2-3"; None in a text without pages.
fn pages_of(text: &Text, range: &Range<usize>) -> Option<String> {
    if text.pages.is_empty() {
        return None;
    }
    let end = text.text[..range.end].trim_end().len().max(range.start);
    let (first, last) = (text.page_of(range.start), text.page_of(end));
    Some(if first == last {
        format!("page {first}")
    } else {
        format!("pages {first}-{last}")
    })
}

/// The kind of another document, by its title or its signature.
fn kind_of(body: &str) -> Option<&'static str> {
    const HEAD: usize = 16 << 10;
    let table = OtherDocuments::get();
    let in_capitals = is_in_capitals(body);
    let mut lines = body.lines().filter(|line| !line.is_empty()).take(12);
    lines
        .find_map(|line| table.title(line, in_capitals))
        .or_else(|| {
            let head = &body[..floor_char(body, HEAD)];
            table.signature(LowerText::new(head).bytes())
        })
}

/// Whether a text is in capitals throughout, so that they mark no title.
fn is_in_capitals(body: &str) -> bool {
    const HEAD: usize = 8 << 10;
    let head = &body.as_bytes()[..body.len().min(HEAD)];
    // Few enough in a stretch for one byte, so that many are counted at a time.
    let (mut small, mut capitals) = (0, 0);
    for stretch in head.chunks(128) {
        let in_stretch = stretch.iter().map(|b| u8::from(b.is_ascii_lowercase()));
        small += usize::from(in_stretch.sum::<u8>());
        let in_stretch = stretch.iter().map(|b| u8::from(b.is_ascii_uppercase()));
        capitals += usize::from(in_stretch.sum::<u8>());
        // Were all the rest capitals, there would not be enough of them.
        if 4 * small >= head.len() {
            return false;
        }
    }
    small < capitals / 4
}

/// How much of the form of a letter a text has, as its marks show (docs/extraction.md); its header is looked
/// for only where that may yet matter.
fn form(body: &str, marks: &[MarkMatch]) -> usize {
    let heading = |kind: Mark| marks.iter().any(|m| m.mark == kind && is_heading(body, m));
    let begins = |kind: Mark| marks.iter().any(|m| m.mark == kind && m.at_line_start);
    let any = |kind: Mark| marks.iter().any(|m| m.mark == kind);
    let label = marks
        .iter()
        .any(|m| m.mark == Mark::Reviewer && m.at_line_start && body[m.end..].starts_with(':'));
    let form = 2 * usize::from(heading(Mark::HowMade))
        + usize::from(heading(Mark::Decisions))
        + usize::from(any(Mark::SetForth))
        + usize::from(label)
        + usize::from(begins(Mark::Licensure) || begins(Mark::Specialty))
        + 2 * usize::from(any(Mark::Determined))
        + usize::from(begins(Mark::Regarding) && any(Mark::SectionRelied))
        + 2 * usize::from(begins(Mark::ProfessionalRationale) && begins(Mark::Issue));
    if form > FORM_OF_A_LETTER {
        return form;
    }
    let head = &body[..floor_char(body, 8 << 10)];
    form + usize::from(headers(head, &[]).next().is_some())
}

/// As much of its form makes a letter whatever else the text says.
const FORM_OF_A_LETTER: usize = 3;

/// Whether a text in lower case has "cm15-0012345".
fn has_case_number(lower: &[u8]) -> bool {
    memchr::memmem::find_iter(lower, b"cm").any(|at| {
        let rest = &lower[at + 2..lower.len().min(at + 12)];
        let digits = rest.iter().filter(|b| b.is_ascii_digit()).count();
        digits >= 8 && rest[..2].iter().all(u8::is_ascii_digit)
    })
}

/// Why a text is no letter: Some with the kind of document where that can be told. A letter is a
/// decision of the IMR organization in its form; a mention is none.
fn refusal(
    body: &str,
    lower: &[u8],
    marks: &[MarkMatch],
    in_capitals: bool,
) -> Option<Option<&'static str>> {
    let table = OtherDocuments::get();
    let mut lines = text::lines(body).filter(|line| !line.is_empty()).take(12);
    let title = lines.find_map(|line| table.title(line, in_capitals));
    let form = form(body, marks);
    // A document with another title quotes, or encloses, a part of a letter.
    if let Some(title) = title {
        return (form <= FORM_OF_A_LETTER).then_some(Some(title));
    }
    if form >= FORM_OF_A_LETTER {
        return None;
    }
    let head = &lower[..lower.len().min(64 << 10)];
    let signature = table.signature(head);
    if signature.is_some() {
        return Some(signature);
    }
    let has = |word: &str| memchr::memmem::find(head, word.as_bytes()).is_some();
    let decides = has("upheld") || has("overturned") || has("medically necessary");
    // Its name alone stands in whatever is written about its decisions.
    let organization =
        form > 0 || has("maximus federal") || has("maximus") && has_case_number(head);
    let review = has("independent medical review") || has("imr") || form > 0;
    if decides && organization && review {
        return None;
    }
    Some(None)
}
