//! Page furniture: what a page bears beside its text. Page numbers, running titles, line numbers,
//! and the stamps of offices: Bates numbers, fax lines, exhibit marks (docs/extraction.md).
//!
//! They fall anywhere, also inside a sentence that decides. A line is furniture if it has the shape
//! of a known stamp, if it recurs at the edges of pages, digits apart, or if it counts up.

use super::lines::Lines;
use super::stamps::{begins_with_one, is_known_stamp, is_receipt};
use crate::letter::any_case::begins_at;
use crate::letter::pattern::pattern;
use crate::vocabulary::OtherDocuments;
use foldhash::fast::RandomState;
use regex::Regex;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// A stamp is no longer than this, in bytes.
const LONGEST: usize = 120;
/// A line that is at least this long fills its column: the next word did not fit.
const FULL: usize = 48;
/// Lines at each edge of a page that may be furniture.
const EDGE: usize = 3;
/// A text with more pages than this is no letter; the rest is taken as it is.
const MOST_PAGES: usize = 4000;

/// Which lines are furniture: one flag for each line.
pub(super) fn find(lines: &Lines) -> Vec<bool> {
    let count = lines.lines.len();
    let mut furniture = vec![false; count];
    let mut counters: Vec<Counter> = Vec::new();
    let mut numbered: Vec<usize> = Vec::new();
    for (at, flag) in furniture.iter_mut().enumerate() {
        let line = lines.get(at);
        if ends_in_digit(line) {
            numbered.push(at);
        }
        if !may_be_stamp(line) {
            continue;
        }
        match shape(line) {
            Shape::Stamp => *flag = true,
            Shape::Counter(counter) => counters.push(Counter {
                line: at,
                ..counter
            }),
            Shape::Text => {}
        }
    }
    received_below(lines, &mut furniture);
    recurring(lines, &mut furniture);
    running_counters(lines, &numbered, &mut furniture);
    page_counters(lines, &counters, &mut furniture);
    furniture
}

/// Whether a line has so few small letters, or such a beginning, that a closer look is worth it.
fn may_be_stamp(line: &str) -> bool {
    let bytes = line.as_bytes();
    if bytes.is_empty() || bytes.len() > LONGEST {
        return false;
    }
    has_few_small(bytes)
        || match bytes[0] {
            b'P' | b'p' => ["page", "plaintiff", "petitioner", "printed"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'F' | b'f' => ["final det", "file", "from:", "fax", "filed"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'C' | b'c' => ["cm", "confidential", "claim:", "claim #", "claim no"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'R' => ["received", "rec'd", "rcvd", "respondent"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'S' => begins_at(line, 0, "scan"),
            b'E' => ["exhibit", "electronically", "eams doc"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'e' => begins_at(line, 0, "efax"),
            b'B' => begins_at(line, 0, "batch"),
            b'A' => ["attachment", "appendix", "applicant"]
                .iter()
                .any(|s| begins_at(line, 0, s)),
            b'D' | b'd' => [
                "def",
                "doc",
                "date rec'd",
                "date rcvd",
                "date sc",
                "date pr",
            ]
            .iter()
            .any(|s| begins_at(line, 0, s)),
            b'I' => begins_at(line, 0, "imr final det"),
            b'J' => begins_at(line, 0, "joint"),
            b'h' => begins_at(line, 0, "http"),
            b'0'..=b'9' | b'-' | b'|' | b'[' | b'(' => true,
            _ => false,
        }
}

/// Whether no more than a third of a line is small letters; most lines show before their half that
/// they have more.
fn has_few_small(line: &[u8]) -> bool {
    const TOGETHER: usize = 16;
    let (chunks, rest) = line.as_chunks::<TOGETHER>();
    let mut small = 0;
    for chunk in chunks {
        let here: u8 = chunk.map(|b| u8::from(b.is_ascii_lowercase())).iter().sum();
        small += usize::from(here);
        if small * 3 > line.len() {
            return false;
        }
    }
    small += rest.iter().filter(|b| b.is_ascii_lowercase()).count();
    small * 3 <= line.len()
}

/// A line that is a number, or ends in one, and may count pages.
#[derive(Clone, Copy)]
struct Counter {
    line: usize,
    number: u32,
    /// Nothing but the number stands there.
    bare: bool,
    /// A prefix in capitals and many digits: a Bates number.
    prefixed: bool,
}

enum Shape {
    Text,
    /// A stamp wherever it stands.
    Stamp,
    /// A stamp if its place or its fellows say so.
    Counter(Counter),
}

/// "PRIVILEGED AND CONFIDENTIAL - ATTORNEY WORK PRODUCT": nothing but such words.
fn is_confidential(line: &str) -> bool {
    const MARKS: [&str; 6] = [
        "CONFIDENTIAL",
        "PRIVILEGED",
        "COPY",
        "DUPLICATE",
        "DRAFT",
        "ORIGINAL",
    ];
    const BESIDE: [&str; 28] = [
        "AND",
        "OR",
        "ATTORNEY",
        "CLIENT",
        "WORK",
        "PRODUCT",
        "COMMUNICATION",
        "COMMUNICATIONS",
        "MEDICAL",
        "RECORD",
        "RECORDS",
        "INFORMATION",
        "CONTAINS",
        "PHI",
        "HIPAA",
        "PROTECTED",
        "HEALTH",
        "SUBJECT",
        "TO",
        "PROTECTIVE",
        "ORDER",
        "DO",
        "NOT",
        "DISTRIBUTE",
        "STRICTLY",
        "MATERIAL",
        "UNDER",
        "SEAL",
    ];
    let mut words = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .peekable();
    let first = words.peek().copied().unwrap_or("");
    let shouted = !line.bytes().any(|b| b.is_ascii_lowercase());
    if !shouted && !first.eq_ignore_ascii_case("confidential") {
        return false;
    }
    let mut marked = false;
    for word in words {
        let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
        if is(&MARKS) {
            marked = true;
        } else if !is(&BESIDE) {
            return false;
        }
    }
    marked
}

/// "03/31/2017 10:41 AM FAX 5555550100 CLAIMS DEPT P.003/006": a time of day, and no words but names
/// in capitals and those of a fax machine.
fn is_fax_line(line: &str) -> bool {
    static CLOCK: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b\d{1,2}:\d\d(?::\d\d)?(?:[ap]m)?\b"));
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:\d{1,4}[/.-]\d{1,2}[/.-]'?\d{2,4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s-]+\d{1,2}[,.]?[\s-]+\d{2,4})\b",
        )
    });
    static FAX_PAGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\bpage|\bpg\.?|\bp\.?)\s*[:.#]?\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$|\bpage\s*:?\s*\d{1,4}\s*(?:/|of)\s*\d{1,4}\b|\bP\.?\s?\d{1,4}/\d{1,4}\b|\b\d{3}/\d{3}\b",
        )
    });
    let bytes = line.as_bytes();
    let beside_digits = |colon: usize| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        digit(colon.wrapping_sub(1)) && digit(colon + 1)
    };
    let clock = memchr::memchr_iter(b':', bytes).any(beside_digits) && CLOCK.is_match(line);
    let mut f = memchr::memchr_iter(b'F', bytes);
    let faxed = f.any(|at| matches!(bytes.get(at + 1..at + 3), Some(b"AX" | b"ax")));
    if !clock && !faxed {
        return false;
    }
    let date = DATE.find(line);
    let paged = FAX_PAGE.is_match(line);
    if !(clock && (date.is_some() || paged) || faxed && paged) {
        return false;
    }
    const WORDS: [&str; 25] = [
        "efax", "rightfax", "date", "am", "pm", "fax", "to", "from", "page", "pages", "of", "by",
        "at", "on", "via", "server", "pst", "pdt", "no", "p", "pg", "sent", "received", "id",
        "tel",
    ];
    line.split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| word.bytes().any(|b| b.is_ascii_lowercase()))
        .all(|word| {
            WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
                || (word.len() >= 3 && date.is_some_and(|d| d.as_str().contains(word)))
                // Names, where the line ends in its page.
                || (paged && word.starts_with(|c: char| c.is_ascii_uppercase()))
        })
}

fn shape(line: &str) -> Shape {
    let bytes = line.as_bytes();
    let digits = bytes.iter().any(u8::is_ascii_digit);
    // Every shape but a few words in capitals has a number, or names an exhibit.
    if digits && (is_known_stamp(line) || is_fax_line(line)) {
        return Shape::Stamp;
    }
    if let Some(counter) = counter(line) {
        // "- 3 -"
        let decorated = line.starts_with('-') && line.ends_with('-');
        return if decorated {
            Shape::Stamp
        } else {
            Shape::Counter(counter)
        };
    }
    let exhibit = bytes.len() < 40 && !line.ends_with(':') && is_known_stamp(line);
    if exhibit || is_confidential(line) {
        return Shape::Stamp;
    }
    if is_receipt(line) {
        return Shape::Stamp;
    }
    Shape::Text
}

/// "12", "- 12 -", "3 of 9", "DEF 000123": a number that may count pages.
fn counter(line: &str) -> Option<Counter> {
    let bare = line.trim_matches(|c: char| matches!(c, '-' | ' ' | '|' | '[' | ']' | '(' | ')'));
    let of = || {
        let counts = bare.starts_with(|c: char| c.is_ascii_digit());
        let of = || bare.split_once(" of ").or_else(|| bare.split_once('/'));
        counts.then(of).flatten()
    };
    let number = |text: &str| {
        let fits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok()).flatten()
    };
    let counter = |number, bare, prefixed| {
        Some(Counter {
            line: 0,
            number,
            bare,
            prefixed,
        })
    };
    if let Some(number) = number(bare) {
        return counter(number, true, false);
    }
    if let Some((a, b)) = of()
        && let (Some(page), Some(last)) = (number(a.trim()), number(b.trim()))
        && page <= last
    {
        return counter(page, false, false);
    }
    // A Bates number: a prefix in capitals, and digits that are filled up with zeros or many.
    let digits = bare.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (prefix, digits) = bare.split_at(bare.len() - digits);
    let prefixed = prefix.bytes().all(|b| {
        b.is_ascii_uppercase() || matches!(b, b' ' | b'-' | b'_' | b'.' | b'&' | b'#' | b'0'..=b'9')
    }) && prefix.len() <= 28
        && !prefix.starts_with("CM")
        && !prefix.contains("  ");
    let padded = digits.len() >= 4 && digits.starts_with('0') || digits.len() >= 5;
    let lettered = prefix.bytes().any(|b| b.is_ascii_uppercase()) || digits.len() >= 5;
    if prefixed && padded && lettered && digits.len() <= 9 {
        return counter(digits.parse().ok()?, false, true);
    }
    None
}

fn ends_in_digit(line: &str) -> bool {
    line.len() <= LONGEST && line.as_bytes().last().is_some_and(u8::is_ascii_digit)
}

/// A stamp of receipt has its date, and who received, on lines of their own.
fn received_below(lines: &Lines, furniture: &mut [bool]) {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[a-z]{3,9}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})(?:\s+\d{1,2}:\d\d.*)?$",
        )
    });
    for at in 0..furniture.len() {
        if !furniture[at] || lines.get(at) != "RECEIVED" {
            continue;
        }
        let mut below = (at + 1..furniture.len())
            .take(4)
            .filter(|line| !lines.is_empty(*line));
        let Some(date) = below.next().filter(|line| DATE.is_match(lines.get(*line))) else {
            continue;
        };
        furniture[date] = true;
        if let Some(by) = below.next() {
            let line = lines.get(by);
            let lower = line.to_ascii_lowercase();
            furniture[by] |= line.len() <= 40
                && line.bytes().all(|b| {
                    b.is_ascii_uppercase() || matches!(b, b' ' | b'.' | b',' | b'&' | b'\'')
                })
                && !SAID.iter().any(|said| lower.contains(said));
        }
    }
}

/// Lines anywhere that are alike but for a number at their end, which counts up: running titles of a
/// text without its page breaks.
fn running_counters(lines: &Lines, numbered: &[usize], furniture: &mut [bool]) {
    const LEAST: usize = 3;
    if numbered.len() < LEAST {
        return;
    }
    let mut alike: Vec<(&str, usize)> = Vec::with_capacity(numbered.len());
    for at in numbered {
        let line = lines.get(*at);
        let stem = line.trim_end_matches(|c: char| c.is_ascii_digit());
        if stem.bytes().filter(u8::is_ascii_alphabetic).count() >= 4 {
            alike.push((stem, *at));
        }
    }
    alike.sort_unstable();
    let groups = alike.chunk_by(|a, b| a.0 == b.0);
    for group in groups.filter(|group| group.len() >= LEAST) {
        let fellows: Vec<usize> = group.iter().map(|(_, at)| *at).collect();
        let apart = fellows.windows(2).all(|pair| {
            let [a, b] = [pair[0], pair[1]].map(|line| last_number(lines.get(line)));
            pair[1] - pair[0] >= 8 && matches!((a, b), (Some(a), Some(b)) if b == a + 1)
        });
        if apart && is_running(lines, fellows[0], &fellows) {
            for at in fellows {
                furniture[at] = true;
            }
        }
    }
}

/// Decides which counters count pages.
fn page_counters(lines: &Lines, counters: &[Counter], furniture: &mut [bool]) {
    let count = lines.lines.len();
    for (n, counter) in counters.iter().enumerate() {
        let at = counter.line;
        let is_edge = is_page_edge(lines, at, furniture);
        let full = |line: Option<usize>| line.is_some_and(|line| lines.get(line).len() >= FULL);
        let adjacent = [at.checked_sub(1), Some(at + 1).filter(|next| *next < count)];
        // A line that holds a number alone between two full lines was not wrapped there.
        let mut within_text = adjacent.into_iter().all(full);
        if !within_text {
            let before = (0..at).rev().take(4).find(|line| !lines.is_empty(*line));
            let after = (at + 1..count).take(4).find(|line| !lines.is_empty(*line));
            let ended = before.is_some_and(|line| {
                let line = lines.get(line);
                line.ends_with(['.', '?', '!']) || ends_in_decision(line)
            });
            within_text = if counter.prefixed {
                full(before)
                    || full(after)
                    || ended
                    || after.is_some_and(|line| {
                        lines
                            .get(line)
                            .starts_with(|c: char| c.is_ascii_lowercase())
                    })
            } else {
                ended && full(after)
            };
        }
        let cited = at > 0 && ends_in_page(lines.get(at - 1));
        // "1", "2", "3" with a page's lines between them.
        let follows = |other: Option<&Counter>, step: i64| {
            other.is_some_and(|other| {
                i64::from(other.number) == i64::from(counter.number) + step
                    && other.bare == counter.bare
                    && other.line.abs_diff(at) >= 8
            })
        };
        let next = counters[n + 1..].iter().find(|c| c.bare == counter.bare);
        let before = counters[..n].iter().rev().find(|c| c.bare == counter.bare);
        let in_sequence = follows(next, 1) || follows(before, -1);
        furniture[at] |= (is_edge || within_text || in_sequence) && !cited;
    }
    // The numbers of lines, where an extractor put them into a column of their own.
    let mut run = 0;
    for n in 0..counters.len() {
        let goes_on = n > 0
            && counters[n].number == counters[n - 1].number + 1
            && counters[n].line - counters[n - 1].line <= 2;
        run = if goes_on { run + 1 } else { 0 };
        if run >= 5 {
            for counter in &counters[n - run..=n] {
                furniture[counter.line] = true;
            }
        }
    }
}

/// Whether a line ends in "Upheld" or "Overturned".
fn ends_in_decision(line: &str) -> bool {
    let line = line.trim_end_matches(['.', ' ']);
    [line.len().checked_sub(6), line.len().checked_sub(10)]
        .into_iter()
        .flatten()
        .filter_map(|at| line.get(at..))
        .any(|end| end.eq_ignore_ascii_case("upheld") || end.eq_ignore_ascii_case("overturned"))
}

/// Whether the number on the next line is a page that is cited: "Page(s):", "pages".
fn ends_in_page(line: &str) -> bool {
    let line = line
        .trim_end_matches([':', ' ', '.', ',', '-'])
        .to_ascii_lowercase();
    [
        "page",
        "pages",
        "page(s)",
        "pg",
        "pp",
        "section(s)",
        "chapter",
    ]
    .iter()
    .any(|word| line.ends_with(word))
        || line
            .rsplit(' ')
            .next()
            .is_some_and(|last| last.parse::<u32>().is_ok() && line.contains("page"))
}

/// Whether a line is the first or last of its page, other furniture apart.
fn is_page_edge(lines: &Lines, at: usize, furniture: &[bool]) -> bool {
    let count = lines.lines.len();
    // How far one looks: pages have some empty lines at their edges.
    const REACH: usize = 12;
    let mut after = at;
    let last = loop {
        if lines.lines[after].ends_page || after + 1 == count {
            break true;
        }
        after += 1;
        if after - at > REACH || !(lines.is_empty(after) || furniture[after]) {
            break false;
        }
    };
    if last {
        return true;
    }
    let mut before = at;
    loop {
        let Some(previous) = before.checked_sub(1) else {
            // The text's first line may be anything.
            return false;
        };
        if lines.lines[previous].ends_page {
            return true;
        }
        before = previous;
        if at - before > REACH || !(lines.is_empty(before) || furniture[before]) {
            return false;
        }
    }
}

/// What a letter says may stand at the edges of its pages too, and recur there.
const SAID: [&str; 24] = [
    "necess",
    "upheld",
    "overturn",
    "guideline",
    "rationale",
    "credential",
    "licensure",
    "specialty",
    "date assigned",
    "decision date",
    "date of",
    "denial date",
    "summary",
    "was made",
    "decisions and",
    "decision(s)",
    "decision and",
    "determined",
    "regarding",
    "schedule",
    "dispute",
    "maximus",
    "medical review",
    "reviewed",
];

/// The outermost lines at the top or the bottom of a page.
struct Edge {
    is_top: bool,
    /// Which of the lines at edges, the outermost first.
    lines: Range<usize>,
}

/// Finds the lines that recur at the edges of pages, digits apart.
fn recurring(lines: &Lines, furniture: &mut [bool]) {
    let mut pages: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    for (at, line) in lines.lines.iter().enumerate() {
        if line.ends_page {
            pages.push((from, at + 1));
            from = at + 1;
        }
        if pages.len() > MOST_PAGES {
            return;
        }
    }
    pages.push((from, lines.lines.len()));
    pages.retain(|(from, to)| (*from..*to).any(|line| !lines.is_empty(line)));
    if pages.len() < 2 {
        return;
    }
    // From the outermost line inward: which lines stand at the edges.
    let mut at_edges: Vec<usize> = Vec::with_capacity(pages.len() * 2 * EDGE);
    let mut edges: Vec<Edge> = Vec::with_capacity(pages.len() * 2);
    for (from, to) in &pages {
        let full = |line: &usize| !lines.is_empty(*line);
        let mut add = |line: usize| {
            at_edges.push(line);
            at_edges.len()
        };
        let (mut first, mut last_of_top) = (edges.last().map_or(0, |e: &Edge| e.lines.end), *from);
        let mut end = first;
        for line in (*from..*to).filter(full).take(EDGE) {
            end = add(line);
            last_of_top = line;
        }
        edges.push(Edge {
            is_top: true,
            lines: first..end,
        });
        first = end;
        let bottom = (*from..*to).rev().filter(full).take(EDGE);
        for line in bottom.take_while(|line| *line > last_of_top) {
            end = add(line);
        }
        edges.push(Edge {
            is_top: false,
            lines: first..end,
        });
    }
    let keys = keys_of_recurring(lines, &at_edges, &edges);
    let mut seen: HashMap<(bool, &[u8]), Vec<usize>, RandomState> = HashMap::default();
    for edge in &edges {
        for n in edge.lines.clone().filter(|n| !keys[*n].is_empty()) {
            // A title stands once on its page.
            if !keys[edge.lines.start..n].contains(&keys[n]) {
                seen.entry((edge.is_top, &keys[n]))
                    .or_default()
                    .push(at_edges[n]);
            }
        }
    }
    for edge in &edges {
        for n in edge.lines.clone() {
            let line = at_edges[n];
            let recurs = seen
                .get(&(edge.is_top, keys[n].as_slice()))
                .is_some_and(|fellows| {
                    fellows.len() >= 2
                        && fellows.contains(&line)
                        && fellows.len() * 5 >= pages.len() * 3
                        && is_running(lines, line, fellows)
                });
            if furniture[line] || recurs {
                furniture[line] = true;
            } else {
                break;
            }
        }
    }
}

/// What lines at edges are like; empty for a line that none can be like, as its first letters show:
/// for most lines.
fn keys_of_recurring(lines: &Lines, at_edges: &[usize], edges: &[Edge]) -> Vec<Vec<u8>> {
    let begins = |n: usize| {
        let first = without_digits(lines.get(at_edges[n])).take(8);
        first.fold(0, |begins, b| begins << 8 | u64::from(b))
    };
    let all = edges
        .iter()
        .flat_map(|edge| edge.lines.clone().map(|n| (edge.is_top, begins(n))));
    let all: Vec<(bool, u64)> = all.collect();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    let key = |(n, begins): (usize, &(bool, u64))| {
        let first = sorted.partition_point(|other| other < begins);
        if sorted.get(first + 1) == Some(begins) {
            without_digits(lines.get(at_edges[n])).collect()
        } else {
            Vec::new()
        }
    };
    all.iter().enumerate().map(key).collect()
}

/// Whether a line that recurs is a running title rather than what letters say on many pages.
fn is_running(lines: &Lines, at: usize, fellows: &[usize]) -> bool {
    let line = lines.get(at);
    let begins_sentence = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let address = || begins_with_one(line, &["http", "www.", "file:"]);
    if line.len() > LONGEST || !line.starts_with(begins_sentence) && !address() {
        return false;
    }
    let lower = line.to_ascii_lowercase();
    let same = fellows.iter().all(|other| lines.get(*other) == line);
    // The header's own line, and the titles of several letters in one file.
    let names_case = lower.contains("case number") || lower.contains("cm");
    let numbers_cases = names_case && last_number(line).is_some_and(|number| number > 9999);
    let counts = !same
        && !numbers_cases
        && fellows.windows(2).all(|pair| {
            let [a, b] = [pair[0], pair[1]].map(|line| last_number(lines.get(line)));
            matches!((a, b), (Some(a), Some(b)) if b > a && b - a <= 3)
        });
    if names_case && !counts {
        return same && fellows[0] != at;
    }
    // Another document's title may stand before and after a letter.
    let said = SAID.iter().any(|said| lower.contains(said))
        || OtherDocuments::get().title(line, false).is_some();
    !said
        || counts
            && !lower.contains("necess")
            && !lower.contains("guideline")
            && !lower.contains("regarding")
            && !lower.contains("determined")
}

fn last_number(line: &str) -> Option<u64> {
    let end = line.rfind(|c: char| c.is_ascii_digit())? + 1;
    let digits = line[..end]
        .bytes()
        .rev()
        .take(12)
        .take_while(u8::is_ascii_digit)
        .count();
    line[end - digits..end].parse().ok()
}

/// A line in lower case, each run of digits as one mark, without spaces.
fn without_digits(line: &str) -> impl Iterator<Item = u8> {
    let mut last = 0;
    line.bytes().take(LONGEST).filter_map(move |byte| {
        let goes_on = byte.is_ascii_digit() && last == b'#';
        if byte == b' ' || goes_on {
            return None;
        }
        last = if byte.is_ascii_digit() {
            b'#'
        } else {
            byte.to_ascii_lowercase()
        };
        Some(last)
    })
}

/// Takes the numbers of pleading paper off the lines that begin with them, if nearly all do.
pub(super) fn strip_line_numbers(lines: &mut Lines) {
    const LEAST: usize = 12;
    let full = |lines: &Lines| {
        (0..lines.lines.len())
            .filter(|line| !lines.is_empty(*line))
            .collect::<Vec<_>>()
    };
    // Nearly every text is none of this kind, as its first lines show.
    let mut looked = 0;
    let mut numbered = 0;
    for at in 0..lines.lines.len() {
        if lines.is_empty(at) {
            continue;
        }
        looked += 1;
        numbered += usize::from(line_number(lines.get(at)).is_some());
        if looked == LEAST {
            break;
        }
    }
    if looked < LEAST || numbered * 3 < LEAST * 2 {
        return;
    }
    let mut previous = 0;
    let mut fits: Vec<(usize, usize)> = Vec::new();
    let full = full(lines);
    for at in &full {
        let Some((number, length)) = line_number(lines.get(*at)) else {
            continue;
        };
        if (previous < number && number - previous <= 3) || (number <= 2 && previous >= 20) {
            fits.push((*at, length));
            previous = number;
        }
    }
    if fits.len() * 10 < full.len() * 7 {
        return;
    }
    for (at, length) in fits {
        lines.cut_start(at, length);
    }
}

/// The number from 1 to 60 that a line begins with, and the length of it with the space after it.
fn line_number(line: &str) -> Option<(u32, usize)> {
    let digits = line.bytes().take(3).take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    let number: u32 = line[..digits].parse().ok()?;
    let after = &line[digits..];
    let ends = after.is_empty() || after.starts_with(' ');
    (ends && (1..=60).contains(&number)).then(|| (number, digits + usize::from(!after.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::super::lines::clean_lines;
    use super::*;

    fn is_stamp(line: &str) -> bool {
        matches!(shape(line), Shape::Stamp)
    }

    #[test]
    fn stamps_of_offices() {
        for stamp in [
            "Page 4 of 9",
            "PAGE: 003 OF 006",
            "P.003/006",
            "- Page 2 -",
            "Final Determination Letter for IMR Case Number CM16-0901009 4",
            "CM15-0900001 Final Determination Letter Page 2",
            "EXHIBIT B - 0004",
            "DEFENDANT'S EXHIBIT 12",
            "Exhibit A",
            "CONFIDENTIAL",
            "PRIVILEGED AND CONFIDENTIAL - ATTORNEY WORK PRODUCT",
            "Confidential",
            "RECEIVED",
            "RECEIVED MAR 31 2017",
            "Received by Example Claims 03/31/2017",
            "SCANNED 3/31/17",
            "03/31/2017 10:41 AM FAX 5555550100 CLAIMS DEPT P.003/006",
            "2017-03-31 10:41 FROM: CLAIMS DEPT TO: 5555550100 PAGE: 003 OF 006",
            "Mar 31 2017 10:41AM HP LASERJET FAX p.3",
            "FROM: CLAIMS DEPT FAX NO. 5555550100 P. 3",
            "https://www.example.org/decisions.asp?id=12 3/6",
            "BATES NO. 000123",
            "DOC ID 12345",
            "Doc ID: 0012345678",
            "Document No. EX-00417",
            "Document ID 20170331-0004",
            "EAMS Doc ID 641231",
            "BATCH 0044 DOC 0004",
            "Batch: 20170331 Seq: 00001",
            "DEFENSE EXH B-2",
            "APP'S EXH. 2 - 003",
            "Tab 4",
            "Def. 00041",
            "Claim: 0012345678 Page 3",
            "RCVD 03/31/2017",
            "DATE RCVD: 03/31/2017",
            "Scan Date: 03/31/2017",
            "ELECTRONICALLY FILED 03/31/2017",
            "Page 2 of 7 Printed 03/31/2017",
            "eFax 03/31/17 10:41 PG 2",
            "Mar. 31. 2017 10:41AM   No. 1234  P. 2/7",
            "03-31-'17 10:41 FROM-CLAIMS   916-555-1212   T-123 P002/0007 F-456",
            "file:///C:/letters/imr.html 3/31/2017",
            "file:///C:/letters/imr.html 3/4 3/31/2017, 9:12 AM",
            "EAMS DOC ID 641231 Page 3 of 4 EXHIBIT A",
            "Document Control Number: 20170331001",
            "DOCUMENT ID: ABC 1234567",
            "- 3 -",
            "Defendant's Exhibit C - 003",
            "Received 03/31/2017 Example Claims",
            "03/31/2017 10:41:07 AM PDT To: 5555550100 From: Example Claims Page: 1/6",
        ] {
            assert!(is_stamp(stamp), "{stamp}");
        }
    }

    #[test]
    fn what_letters_say_is_no_stamp() {
        for text in [
            "Received:",
            "RECEIVED:",
            "Application Received: 01/21/2015",
            "Received: 01/21/2015",
            "CM15-0900001",
            "Case Number: CM15-0900001",
            "(855) 865-8873 Fax: (916) 605-4270",
            "CLINICAL CASE SUMMARY",
            "IMR ISSUES, DECISIONS AND RATIONALES",
            "MRI LUMBAR SPINE: UPHELD",
            "Opioids Page(s): 91.",
            "page 78, and the request was received on 3/4/15 at 10:30",
            "EX-000-4711",
            "Sacramento, CA 95813-8009",
            "NOT MEDICALLY NECESSARY",
            "http://www.example.org/article",
            "07/16/2014",
            "STANDARD",
            "Date of Injury: 07/16/2014",
            "Date Assigned: 01/28/2015",
            "Received: APPLICATION 01/21/2015",
            "Claim Number: 0012345678",
            "Tab 600mg",
            "Tab 10mg",
            "Employee: 4",
            "Ex. lap, 2013",
            "Date Received: 01/21/2015",
        ] {
            assert!(!is_stamp(text), "{text}");
        }
    }

    fn left(raw: &str) -> String {
        let mut lines = clean_lines(raw);
        strip_line_numbers(&mut lines);
        let furniture = find(&lines);
        let text: Vec<&str> = (0..lines.lines.len())
            .filter(|at| !furniture[*at] && !lines.is_empty(*at))
            .map(|at| lines.get(at))
            .collect();
        text.join("|")
    }

    #[test]
    fn running_lines_at_the_edges_of_pages() {
        let page = |n: usize| {
            format!(
                "Smith v. Example Foods, vol. 3\nwords of page {n}\nmore words\nDEF 00012{n}\n\x0c"
            )
        };
        let text: String = (1..=3).map(page).collect();
        assert_eq!(
            left(&text),
            "words of page 1|more words|words of page 2|more words|words of page 3|more words"
        );
        // What letters say may recur there too.
        let text = "a\nMedically necessary.\n\x0cb\nMedically necessary.\n\x0c";
        assert_eq!(left(text), "a|Medically necessary.|b|Medically necessary.");
        // Nor are two dates of a header, though they differ in their digits alone.
        let text = "12/07/2016\n10/23/2016\na\n\x0cb\n";
        assert_eq!(left(text), "12/07/2016|10/23/2016|a|b");
        // The first lines of two letters are no running title.
        let text = "Case Number: CM15-0900001\na\n\x0cCase Number: CM15-0900002\nb";
        assert_eq!(
            left(text),
            "Case Number: CM15-0900001|a|Case Number: CM15-0900002|b"
        );
    }

    #[test]
    fn numbers_that_count_pages() {
        let full = "a line that goes on to the right margin of its page and";
        assert_eq!(
            left(&format!("{full}\n7\n{full}")),
            format!("{full}|{full}")
        );
        assert_eq!(left("a list:\n12\nitems"), "a list:|12|items");
        assert_eq!(
            left("Claim Number:\nWC0012345\nStandard"),
            "Claim Number:|WC0012345|Standard"
        );
    }

    #[test]
    fn line_numbers_of_pleading_paper() {
        let text: String = (0..40)
            .map(|n| format!("{:>2}  word {n}\n", n % 28 + 1))
            .collect();
        assert!(left(&text).starts_with("word 0|word 1|"));
        assert!(left(&text).ends_with("|word 39"));
        let list: String = (1..40)
            .map(|n| format!("{} mg of it\n", n * 7 % 60))
            .collect();
        assert_eq!(left(&list).matches("mg").count(), 39);
        assert!(left(&list).starts_with("7 mg"));
    }
}
