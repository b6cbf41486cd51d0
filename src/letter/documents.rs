//! What a file holds: one letter, several, or letters among other papers. A letter is its own pages;
//! what stands before, between and after gives nothing to it (FORMATS.md, "Copies from office files").

use super::header;
use super::marks::{self, Mark, Marked};
use super::sections::{floor_char, is_heading};
use super::text::{self, Text};
use super::warnings::{Warning, WarningKind};
use super::{Letter, read_marked, unfold};
use crate::vocabulary::OtherDocuments;
use std::fmt;
use std::ops::Range;

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// Its letters, in their order.
    pub letters: Vec<Part>,
    /// What is part of no letter.
    pub left_out: Vec<LeftOut>,
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
pub struct LeftOut {
    /// "page 1", "pages 3-4"; None where it is the whole file, or one without pages.
    pub pages: Option<String>,
    /// What kind of document it is, with its article; None where that cannot be told.
    pub kind: Option<&'static str>,
}

impl fmt::Display for LeftOut {
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
            .map(LeftOut::to_string)
            .collect();
        let more = self.left_out.len() - places.len();
        let more = if more > 0 {
            format!(" and {more} more places")
        } else {
            String::new()
        };
        Some(format!(
            "holds more than letters; left out: {}{more}",
            places.join(", ")
        ))
    }

    /// Why a file without a letter is refused; completes the sentence "FILE ...".
    #[must_use]
    pub fn refusal(&self) -> String {
        let kind = self.left_out.iter().find_map(|left| left.kind);
        match kind {
            Some(kind) => format!("is not an IMR determination letter but {kind}"),
            None => "is not an IMR determination letter".to_string(),
        }
    }
}

/// So many letters of one file are told apart; the rest is part of the last one.
const MOST_LETTERS: usize = 2000;
/// A text with less than this is no document.
const LEAST: usize = 40;

/// Reads the letters of a file, in time linear in its text.
#[must_use]
pub(super) fn read(raw: &str) -> Documents {
    let text = text::normalise(raw);
    let text = unfold::unfold(&text).unwrap_or(text);
    let lower = text::lower_line(&text.text);
    let marks = marks::find(&text.text, &lower);
    let spans = divide(&text, &marks);
    let mut documents = Documents::default();
    let mut places: Vec<usize> = Vec::new();
    if spans.len() == 1 {
        let refused = refusal(&text.text, &lower, &marks);
        let letter = read_marked(text, &lower, &marks, raw);
        documents.judge(letter, refused, 0, None, &mut places);
    } else {
        for span in spans {
            let range = span.range;
            let place = pages_of(&text, &range);
            if !span.is_letter {
                let said = text.text[range.clone()]
                    .bytes()
                    .filter(u8::is_ascii_alphanumeric);
                if said.count() >= LEAST {
                    let kind = kind_of(&text.text[range]);
                    documents.left_out.push(LeftOut { pages: place, kind });
                }
                continue;
            }
            let part = text.part(&range);
            let lower = text::lower_line(&part.text);
            let marks = marks::find(&part.text, &lower);
            let refused = refusal(&part.text, &lower, &marks);
            let letter = read_marked(part, &lower, &marks, "");
            documents.judge(letter, refused, range.start, place, &mut places);
        }
        documents.name(&text, &places);
    }
    documents
}

impl Documents {
    fn judge(
        &mut self,
        letter: Letter,
        refused: Option<Option<&'static str>>,
        start: usize,
        pages: Option<String>,
        places: &mut Vec<usize>,
    ) {
        match refused {
            None => {
                places.push(start);
                self.letters.push(Part { name: None, letter });
            }
            Some(kind) => self.left_out.push(LeftOut { pages, kind }),
        }
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
    /// The header of a letter: a case number among its labels.
    Header,
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
    body: bool,
    rationale: bool,
}

/// So far below its title another document may have a header like a letter's, in bytes.
const UNDER_TITLE: usize = 1200;

/// Divides a text into its documents; a text of one letter, or of none, is one span.
fn divide(text: &Text, marks: &[Marked]) -> Vec<Span> {
    let body = text.text.as_str();
    let whole = vec![Span {
        range: 0..body.len(),
        is_letter: true,
    }];
    let mut signs: Vec<(usize, Sign)> = Vec::new();
    for m in marks {
        match m.mark {
            Mark::HowMade | Mark::Issue if is_heading(body, m) => {
                signs.push((line_before(body, m.start), Sign::Body));
            }
            Mark::Rationale | Mark::ProfessionalRationale if m.at_line_start => {
                signs.push((line_before(body, m.start), Sign::Rationale));
            }
            _ => {}
        }
    }
    signs.extend(headers(body).map(|at| (at, Sign::Header)));
    signs.extend(titles(text).into_iter().map(|at| (at, Sign::Other)));
    signs.sort_by_key(|(at, _)| *at);
    let mut starts: Vec<(usize, bool)> = Vec::new();
    let mut open: Option<Open> = None;
    let mut last_end = 0;
    let mut titled: Option<usize> = None;
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
            Sign::Header => {
                // A notice of assignment has a header too, under its title.
                let under_title = titled.is_some_and(|title| {
                    at - title <= UNDER_TITLE && text.page_of(title) == text.page_of(at)
                });
                let again = open
                    .as_ref()
                    .is_some_and(|open| !open.body && !open.rationale);
                if !(again || under_title && open.is_none() && !shows_body_soon(body, marks, at)) {
                    let start = top_of(text, at, last_end);
                    starts.push((start, true));
                    open = Some(Open {
                        start,
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
        if said < 10 * LEAST && text.page_of(spans[1].range.start) == 1 {
            spans[1].range.start = 0;
            spans.remove(0);
        }
    }
    if spans.len() == 1 { whole } else { spans }
}

/// Whether the body of a letter follows a header, so that the header is a letter's whatever the
/// title above it.
fn shows_body_soon(body: &str, marks: &[Marked], at: usize) -> bool {
    const SOON: usize = 6000;
    let from = marks.partition_point(|m| m.start < at);
    marks[from..]
        .iter()
        .take_while(|m| m.start < at + SOON)
        .any(|m| {
            matches!(m.mark, Mark::HowMade | Mark::Issue | Mark::Decisions) && is_heading(body, m)
                || m.mark == Mark::Determined
        })
}

/// Where headers of letters stand: a case number with labels of a header around it.
fn headers(body: &str) -> impl Iterator<Item = usize> {
    const AROUND: usize = 420;
    const LABELS: usize = 3;
    let mut last = None;
    header::case_numbers(body).filter_map(move |(at, _)| {
        let from = first_of_header(body, at, AROUND);
        let to = floor_char(body, at + AROUND);
        let around = &body[from..to];
        let (labels, first) = header::labels_in(around);
        if labels < LABELS {
            return None;
        }
        let first = first.map_or(at, |first| from + first);
        let start = line_before(body, first.min(at));
        let again = last.is_some_and(|last| start <= last + AROUND);
        last = Some(at);
        (!again).then_some(start)
    })
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
            || line.len() <= 3 * SHORT && header::count_labels(line) > 0;
        if !of_header {
            break;
        }
        start = before;
    }
    start
}

/// Where titles of other documents stand: at the top of a page, or of the text; in a text without
/// pages wherever a line shouts one after an empty line.
fn titles(text: &Text) -> Vec<usize> {
    const TOP: usize = 6;
    const HEAD: usize = 12;
    let body = text.text.as_str();
    let in_capitals = is_in_capitals(body);
    let table = OtherDocuments::get();
    let mut found = Vec::new();
    let mut tops = vec![(0, HEAD)];
    tops.extend(text.pages.iter().map(|(at, _)| (*at, TOP)));
    for (top, lines) in tops {
        let mut at = top;
        for line in body[top..].split('\n').take(2 * lines) {
            if table.title(line, in_capitals).is_some() {
                found.push(at);
                break;
            }
            at += line.len() + 1;
        }
    }
    if text.pages.is_empty() {
        let bytes = body.as_bytes();
        for blank in memchr::memmem::find_iter(bytes, b"\n\n") {
            let start = blank + 2;
            let shouts = bytes[start.min(bytes.len())..]
                .iter()
                .take(2)
                .all(u8::is_ascii_uppercase);
            if !shouts {
                continue;
            }
            let line = body[start..].split('\n').next().unwrap_or("");
            let shouted = line.len() <= 110 && !line.bytes().any(|b| b.is_ascii_lowercase());
            if shouted && table.title(line, in_capitals).is_some() {
                found.push(start);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
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
    // Nothing but a letterhead, an address or a stamp above it on its page.
    match page {
        Some(top) if top >= after && at - top <= REACH => {
            let long = body[top..at].lines().any(|line| line.len() > 70);
            if long { start } else { top }
        }
        _ => start,
    }
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
            table.signature(&text::lower_line(head))
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
    }
    small < capitals / 4
}

/// How much of the form of a letter a text has, as its marks show (FORMATS.md); its header is looked
/// for only where that may yet matter.
fn form(body: &str, marks: &[Marked]) -> usize {
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
    form + usize::from(headers(head).next().is_some())
}

/// As much of its form makes a letter whatever else the text says.
const FORM_OF_A_LETTER: usize = 3;

/// Why a text is no letter: Some with the kind of document where that can be told. A letter is a
/// decision of the IMR organization in its form; a mention is none.
fn refusal(body: &str, lower: &[u8], marks: &[Marked]) -> Option<Option<&'static str>> {
    let table = OtherDocuments::get();
    let in_capitals = is_in_capitals(body);
    let mut lines = body.lines().filter(|line| !line.is_empty()).take(12);
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
    let organization = has("maximus") || form > 0;
    let review = has("independent medical review") || has("imr") || form > 0;
    if decides && organization && review {
        return None;
    }
    Some(None)
}
