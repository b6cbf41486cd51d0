//! What a document about a case requests: lists under a label, lines that end in a verdict, sentences
//! that ask or refuse. The wordings are the table `request_wordings.tsv`.

use super::form::Row;
use crate::letter::heading::bare_request;
use crate::letter::heading::without_list_number;
use crate::letter::reasons::sentences;
use crate::letter::request;
use crate::letter::sections::floor_char;
use crate::letter::text::flat;
use crate::vocabulary::{LowerText, Table};
use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use std::ops::Range;
use std::sync::LazyLock;

/// A document has at most so many requests.
const MOST: usize = 40;
/// A list goes on for so many lines.
const LIST_LINES: usize = 60;
/// A longer entry is prose.
const LONGEST: usize = 400;
/// So much of a document is looked through, in bytes.
const REACH: usize = 256 << 10;

/// The wordings of one kind.
struct Wordings(AhoCorasick);

impl Wordings {
    /// Where the wording ends that a text in lower case begins with; whole words only.
    fn at_start(&self, lower: &str) -> Option<usize> {
        let found = self.0.find(Input::new(lower).anchored(Anchored::Yes))?;
        is_whole(lower, found.start(), found.end()).then(|| found.end())
    }

    /// The first wording in a text in lower case.
    fn first(&self, lower: &str) -> Option<(usize, usize)> {
        let mut found = self.0.find_iter(lower).map(|m| (m.start(), m.end()));
        found.find(|(start, end)| is_whole(lower, *start, *end))
    }

    /// Whether a text in lower case is a wording.
    fn is(&self, lower: &str) -> bool {
        let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
        self.at_start(lower) == Some(lower.len()) && !lower.is_empty()
    }
}

fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(word) && !bytes.get(end).is_some_and(word)
}

/// The table, by kind.
struct RequestWordings {
    list: Wordings,
    numbered: Wordings,
    ask: Wordings,
    begin: Wordings,
    end: Wordings,
    after: Wordings,
    refused: Wordings,
    granted: Wordings,
}

static WORDINGS: LazyLock<RequestWordings> = LazyLock::new(|| {
    let table = Table::read(
        "request_wordings.tsv",
        include_str!("../../../index-schema/request_wordings.tsv"),
    );
    let of = |kind: &str| {
        let rows = table.rows().filter(|row| row.get("kind") == kind);
        let wordings = rows.flat_map(|row| row.get("wordings").split('|'));
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Both)
            .build(wordings)
            .expect("a table of wordings fits an automaton");
        Wordings(finder)
    };
    RequestWordings {
        list: of("list"),
        numbered: of("numbered"),
        ask: of("ask"),
        begin: of("begin"),
        end: of("end"),
        after: of("after"),
        refused: of("refused"),
        granted: of("granted"),
    }
});

/// What a document requests and was not granted, in its order, each once; empty where nothing can be told. Time is
/// linear in the text. Where it has the form's table, its rows are what is requested.
#[must_use]
pub(super) fn find(text: &str, rows: &[Row]) -> Vec<String> {
    let text = &text[..floor_char(text, REACH)];
    let mut found = Requests::default();
    for row in rows {
        found.add(&row.service, Verdict::None);
    }
    if !found.is_any_disputed() {
        listed(text, &mut found);
    }
    asked(text, &mut found);
    found.disputed()
}

/// The requests of a line or a short text that nothing introduces.
#[must_use]
pub(super) fn bare(text: &str) -> Vec<String> {
    let mut found = Requests::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(told) = verdict_alone(line) {
            found.decide_last(told);
            continue;
        }
        let (entry, told) = verdict(&line[..floor_char(line, LONGEST)]);
        found.add_list(entry, told);
    }
    found.disputed()
}

/// Requests, each with the verdicts on it.
#[derive(Default)]
struct Requests {
    all: Vec<FoundRequest>,
    /// Where in them the entries of the last list stand, by their numbers.
    list: Vec<usize>,
}

struct FoundRequest {
    entry: String,
    read: request::RequestedTreatment,
    granted: bool,
    refused: bool,
}

impl Requests {
    /// Those that were not granted as a whole.
    fn disputed(self) -> Vec<String> {
        let left = self.all.into_iter().filter(|r| r.refused || !r.granted);
        left.map(|request| request.entry).collect()
    }

    fn is_any_disputed(&self) -> bool {
        self.all.iter().any(|r| r.refused || !r.granted)
    }

    /// Adds one request, with the verdict that follows it or not.
    fn add(&mut self, entry: &str, verdict: Verdict) {
        if self.all.len() >= MOST {
            return;
        }
        let entry = bare_request(without_bullet(entry)).replace('"', "");
        let begun = WORDINGS.begin.at_start(&entry.to_ascii_lowercase());
        let entry = begun.map_or(entry.as_str(), |end| entry[end..].trim());
        let letters = entry.bytes().filter(u8::is_ascii_alphabetic).count();
        if letters < 3 || entry.len() > LONGEST {
            return;
        }
        let read = request::read(entry);
        let same = self
            .all
            .iter()
            .position(|other| is_same(&other.read, &read));
        let at = same.unwrap_or_else(|| {
            self.all.push(FoundRequest {
                entry: entry.to_string(),
                read,
                granted: false,
                refused: false,
            });
            self.all.len() - 1
        });
        self.decide(at, verdict);
        self.list.push(at);
    }

    fn decide(&mut self, at: usize, verdict: Verdict) {
        if let Some(request) = self.all.get_mut(at) {
            request.granted |= verdict == Verdict::Granted;
            request.refused |= verdict == Verdict::Refused;
        }
    }

    /// "Decision: Certified" in a line below a request.
    fn decide_last(&mut self, verdict: Verdict) {
        if let Some(last) = self.list.last() {
            self.decide(*last, verdict);
        }
    }

    /// "Decision: Certified" below a list.
    fn decide_list(&mut self, verdict: Verdict) {
        for at in self.list.clone() {
            self.decide(at, verdict);
        }
    }

    /// "2. Not certified" below a list.
    fn decide_numbered(&mut self, (number, verdict): (usize, Verdict)) {
        let entry = number.checked_sub(1).and_then(|at| self.list.get(at));
        if let Some(at) = entry.copied() {
            self.decide(at, verdict);
        }
    }

    /// Adds the requests of a list in one line ("Norco #90, MRI of the lumbar spine and PT").
    fn add_list(&mut self, list: &str, told: Verdict) {
        for entry in divided(list) {
            let (entry, own) = verdict(&entry);
            if is_known(entry) {
                self.add(entry, if own == Verdict::None { told } else { own });
            }
        }
    }
}

/// Whether two requests ask for the same.
fn is_same(a: &request::RequestedTreatment, b: &request::RequestedTreatment) -> bool {
    let drugs = |r: &request::RequestedTreatment| -> Vec<String> {
        r.drugs.iter().map(|d| d.name.clone()).collect()
    };
    let known = a.services != ["other"];
    known
        && drugs(a) == drugs(b)
        && a.services == b.services
        && (a.body_parts == b.body_parts || a.body_parts.is_empty() || b.body_parts.is_empty())
        && (a.laterality == b.laterality || a.laterality.is_none() || b.laterality.is_none())
}

/// Whether a text names a drug or a service.
fn is_known(text: &str) -> bool {
    let read = request::read(text);
    !read.drugs.is_empty() || read.services != ["other"]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    None,
    Refused,
    Granted,
}

/// The verdict that a wording is, if it is one.
fn verdict_of(text: &str) -> Verdict {
    if WORDINGS.refused.is(text) {
        Verdict::Refused
    } else if WORDINGS.granted.is(text) {
        Verdict::Granted
    } else {
        Verdict::None
    }
}

/// An entry and the verdict that ends it: "MRI of the lumbar spine: Not certified", "Norco #90 (CERTIFIED)".
fn verdict(entry: &str) -> (&str, Verdict) {
    const MARKS: [&str; 8] = [": ", " - ", " is ", " are ", " was ", " were ", " | ", " ("];
    let entry = entry.trim().trim_end_matches(['.', ';', ',']);
    let lower = entry.to_ascii_lowercase();
    for mark in MARKS {
        if let Some(at) = lower.rfind(mark) {
            let told = verdict_of(&lower[at..]);
            if told != Verdict::None {
                return (without_verdict_label(&entry[..at]), told);
            }
        }
    }
    // The last column of a table: "Norco 10/325mg #90 CERTIFIED"
    let shouted = |word: &&str| word.len() > 4 && !word.bytes().any(|b| b.is_ascii_lowercase());
    if let Some(last) = entry.rsplit(' ').next().filter(shouted) {
        let mut at = entry.len() - last.len();
        if entry[..at].trim_end().ends_with(" NOT") {
            at = entry[..at].trim_end().len() - "NOT".len();
        }
        let told = verdict_of(&lower[at..]);
        if told != Verdict::None && at > 0 {
            return (without_verdict_label(&entry[..at]), told);
        }
    }
    (entry, Verdict::None)
}

/// What announces a verdict.
const VERDICT_LABELS: [&str; 7] = [
    "decision",
    "determination",
    "outcome",
    "status",
    "result",
    "recommendation",
    "disposition",
];

/// "MRI of the lumbar spine - Decision": without what announces the verdict.
fn without_verdict_label(entry: &str) -> &str {
    let entry = entry.trim_end_matches([' ', ':', '-', '|', '(']);
    let lower = entry.to_ascii_lowercase();
    for label in VERDICT_LABELS {
        if let Some(before) = lower.strip_suffix(label) {
            let bare = before.trim_end_matches([' ', ':', '-', '|', '(']);
            if bare.len() < before.len() {
                return &entry[..bare.len()];
            }
        }
    }
    entry
}

/// The verdict of a line that has nothing else: "Decision: CERTIFIED", "Denied".
fn verdict_alone(line: &str) -> Option<Verdict> {
    let lower = line.trim().to_ascii_lowercase();
    let told = match lower.split_once(':') {
        Some((label, rest)) if VERDICT_LABELS.contains(&label.trim()) => verdict_of(rest),
        Some(_) => Verdict::None,
        None => verdict_of(&lower),
    };
    (told != Verdict::None).then_some(told)
}

/// A line that names no treatment and says what became of those that follow it, with what follows its colon:
/// "CERTIFIED:", "We are unable to certify the following:", "APPROVED TREATMENT".
fn verdict_heading(line: &str) -> Option<(&str, Verdict)> {
    const LONGEST_HEADING: usize = 120;
    const UNABLE: [&str; 5] = ["unable to", "not able to", "cannot", "can not", "not "];
    let line = line.trim();
    let (head, rest) = match line.split_once(':') {
        Some((head, rest)) => (head, rest.trim()),
        None if !line.bytes().any(|b| b.is_ascii_lowercase()) => (line, ""),
        None => return None,
    };
    if head.is_empty() || head.len() > LONGEST_HEADING || without_bullet(line).len() < line.len() {
        return None;
    }
    // "Our review is complete. The following was denied:"
    let head = head.rsplit(". ").next().unwrap_or(head);
    let lower = head.to_ascii_lowercase();
    if VERDICT_LABELS.contains(&lower.as_str()) {
        return None;
    }
    // What was approved earlier may be asked for again.
    const EARLIER: [&str; 5] = ["previous", "prior", "already", "to date", "history"];
    if EARLIER.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let refused = WORDINGS.refused.first(&lower).is_some()
        || UNABLE.iter().any(|words| lower.contains(words));
    let granted = WORDINGS.granted.first(&lower).is_some();
    let told = match (refused, granted) {
        (true, _) => Verdict::Refused,
        (false, true) => Verdict::Granted,
        (false, false) => return None,
    };
    (!is_known(head)).then_some((rest, told))
}

fn without_bullet(line: &str) -> &str {
    let bare = line.trim().trim_start_matches(['-', '*', '\u{2022}', ' ']);
    without_list_number(bare)
}

fn has_bullet(line: &str) -> bool {
    without_bullet(line).len() < line.len()
}

/// Lists under a label, and lines that end in a verdict.
fn listed(text: &str, found: &mut Requests) {
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(told) = numbered_verdict(line) {
            found.decide_numbered(told);
            continue;
        }
        // A verdict without a label stands right below what it is on, or above a list.
        let below_entry = at >= 2 && !lines[at - 2].is_empty() && !found.list.is_empty();
        if let Some(told) = verdict_alone(line)
            && (below_entry || line.contains(':'))
        {
            found.decide_list(told);
            continue;
        }
        let heading = verdict_heading(line);
        let told_above = heading.map_or(Verdict::None, |(_, told)| told);
        let Some((rest, only_numbered)) = heading
            .map(|(rest, _)| (rest, false))
            .or_else(|| label(line))
        else {
            let (entry, told) = verdict(line);
            // A sentence is read with the sentences.
            let bulleted = has_bullet(line) && entry.len() <= LONGEST;
            if told != Verdict::None && (bulleted || !line.ends_with('.') && is_known(entry)) {
                found.add(entry, told);
            }
            continue;
        };
        let mut block: Vec<String> = Vec::new();
        if !rest.is_empty() {
            block.extend(numbered_in(rest));
        }
        let below = at;
        let mut empty = 0;
        while at < lines.len() && at - below < LIST_LINES {
            let line = lines[at];
            if line.is_empty() {
                empty += 1;
                // An empty line ends a list, unless it stands above it or its entries are parted so.
                if !block.is_empty() && !lines.get(at + 1).is_some_and(|next| has_bullet(next))
                    || empty > 1
                {
                    break;
                }
                at += 1;
                continue;
            }
            empty = 0;
            let ends = WORDINGS
                .after
                .at_start(&line.to_ascii_lowercase())
                .is_some()
                || label(line).is_some()
                || verdict_heading(line).is_some()
                || verdict_alone(line).is_some()
                || numbered_verdict(line).is_some();
            if ends || !has_bullet(line) && is_other_label(line) {
                break;
            }
            if has_bullet(line) {
                block.push(line.to_string());
            } else if let Some(last) = block.last_mut().filter(|last| goes_on(last, line)) {
                last.push(' ');
                last.push_str(line);
            } else if only_numbered || told_above != Verdict::None && !rest.is_empty() {
                break;
            } else {
                block.push(line.to_string());
            }
            at += 1;
        }
        let numbered = block.iter().any(|entry| has_bullet(entry));
        if only_numbered && !numbered {
            // Prose: its sentences are read by themselves.
            at = below;
            continue;
        }
        if !block.is_empty() {
            found.list.clear();
        }
        for entry in block {
            let (entry, told) = verdict(&entry);
            let told = if told == Verdict::None {
                told_above
            } else {
                told
            };
            let several = divided(entry);
            if several.len() > 1 {
                for entry in &several {
                    let (entry, own) = verdict(entry);
                    found.add(entry, if own == Verdict::None { told } else { own });
                }
            } else if told != Verdict::None && (numbered || is_known(entry))
                || numbered && !only_numbered
                || is_known(entry)
            {
                found.add(entry, told);
            }
        }
    }
}

/// The number and the verdict of a line that decides an entry of the list above it: "2. Not certified".
fn numbered_verdict(line: &str) -> Option<(usize, Verdict)> {
    let rest = without_list_number(line.trim());
    if rest.len() == line.trim().len() {
        return None;
    }
    let told = verdict_alone(rest)?;
    let digits = line.trim().trim_start_matches('(');
    let digits = digits.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((digits.parse().ok()?, told))
}

/// Whether a line goes on with the entry above it: the entry is complete where the line names a drug or
/// service of its own and begins like an entry.
fn goes_on(last: &str, line: &str) -> bool {
    let begins_small = line.starts_with(|c: char| c.is_lowercase() || c == '(');
    has_bullet(last) || begins_small || last.ends_with([',', ';', '-', '/']) || !is_known(line)
}

/// What follows the label that a line begins with, and whether only numbered lines below it count.
fn label(line: &str) -> Option<(&str, bool)> {
    const LONGEST_LABEL: usize = 160;
    let bare = without_bullet(line);
    let lower = bare[..floor_char(bare, LONGEST_LABEL)].to_ascii_lowercase();
    for (wordings, only_numbered) in [(&WORDINGS.list, false), (&WORDINGS.numbered, true)] {
        let Some(end) = wordings.at_start(&lower) else {
            continue;
        };
        let rest = bare[end..].trim_start();
        // "Request 1:", "Request #1:"
        let numbered = rest
            .trim_start_matches('#')
            .trim_start_matches(|c: char| c.is_ascii_digit());
        let (rest, only_numbered) = if numbered.len() < rest.len() && numbered.starts_with(':') {
            (numbered, false)
        } else {
            (rest, only_numbered)
        };
        // "Service/Good Requested (Required):"
        let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            Some((inner, rest)) if inner.len() < 40 => rest.trim_start(),
            _ => rest,
        };
        // "List each ... in the space below. Use additional pages if ..."
        if rest.is_empty() || rest.starts_with("in the space below") {
            return Some(("", only_numbered));
        }
        if let Some(rest) = rest.strip_prefix(':') {
            return Some((rest.trim(), only_numbered));
        }
    }
    None
}

/// Whether a line is a label or heading of something else: "Clinical summary: ...", "RATIONALE".
fn is_other_label(line: &str) -> bool {
    const LONGEST_LABEL: usize = 48;
    let shouted = line.len() > 3
        && line.len() <= LONGEST_LABEL
        && !line.bytes().any(|b| b.is_ascii_lowercase())
        && line.bytes().all(|b| !b.is_ascii_digit());
    let before = line.split(':').next().unwrap_or("");
    let labeled = line.contains(':')
        && before.len() <= LONGEST_LABEL
        && before.starts_with(|c: char| c.is_uppercase())
        && !is_known(before)
        && verdict(line).1 == Verdict::None;
    shouted || labeled
}

/// The entries of "1. Norco 10/325mg; 2. MRI of the lumbar spine" or "Norco; MRI": numbers part them, else
/// semicolons.
fn numbered_in(list: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut number = 1;
    let mut rest = list;
    if without_list_number(list).len() < list.len() {
        while let Some((entry, after)) = next_number(rest, number + 1) {
            entries.push(entry.to_string());
            rest = after;
            number += 1;
        }
        entries.push(rest.to_string());
        return entries;
    }
    list.split(';')
        .map(|entry| entry.trim().to_string())
        .filter(|entry| !entry.is_empty())
        .collect()
}

/// What stands before "2." or "2)" in a list, and what stands from it on.
fn next_number(list: &str, number: usize) -> Option<(&str, &str)> {
    let at = [format!(" {number}. "), format!(" {number}) ")]
        .iter()
        .filter_map(|mark| list.find(mark.as_str()))
        .min()?;
    Some((&list[..at], &list[at + 1..]))
}

/// Sentences that ask for something, or say that a request was refused or is granted. What they ask for counts only
/// where nothing else is disputed.
fn asked(text: &str, found: &mut Requests) {
    const OPENING: &str = "request for ";
    const GRANTS: [&str; 2] = [" is ", " are "];
    let any = found.is_any_disputed();
    let lower = LowerText::new(text);
    let sentences = sentences(text, &lower, 0..text.len()).into_iter();
    for range in sentences.flat_map(|range| entries_of(text, range)) {
        let sentence = flat(&text[range]);
        let sentence = &sentence[..floor_char(&sentence, 4 * LONGEST)];
        let lower = sentence.to_ascii_lowercase();
        let (entry, told) = verdict(sentence);
        // "The Norco is certified."
        let grants = GRANTS
            .iter()
            .any(|verb| lower[entry.len()..].starts_with(verb));
        if told == Verdict::Granted && grants && entry.len() <= LONGEST {
            found.add_list(entry, told);
            continue;
        }
        if any {
            continue;
        }
        let asks = WORDINGS.ask.first(&lower).map(|(_, end)| end);
        let asks = asks.or_else(|| {
            let bare = without_bullet(&lower);
            let end = WORDINGS.begin.at_start(bare)?;
            // "Request for physical therapy was approved on 1/1/2016."
            let granted = WORDINGS.granted.first(&bare[end..]).is_some();
            (!granted).then_some(lower.len() - bare.len() + end)
        });
        let refuses = || {
            let at = lower.find(OPENING)? + OPENING.len();
            let (from, _) = WORDINGS.refused.first(&lower[at..])?;
            (from > 0).then_some(at)
        };
        let numbered = || (told == Verdict::Refused && has_bullet(entry)).then_some(0);
        let Some(from) = asks.or_else(refuses).or_else(numbered) else {
            continue;
        };
        let rest = &lower[from..];
        let end = WORDINGS
            .end
            .first(rest)
            .map_or(rest.len(), |(start, _)| start);
        found.add_list(&sentence[from..from + end], Verdict::None);
    }
}

/// The parts of a sentence that begin lines with a number or a bullet: notes end their entries without a period.
fn entries_of(text: &str, sentence: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = sentence.start;
    for (at, _) in text[sentence.clone()].match_indices('\n') {
        let line = sentence.start + at + 1;
        // The sentence may end behind the number.
        let end = text[line..].find('\n').map_or(text.len(), |end| line + end);
        if has_bullet(&text[line..end]) {
            parts.push(from..line);
            from = line;
        }
    }
    parts.push(from..sentence.end);
    parts
}

/// The entries of a list in a sentence: parts that name a drug or a service, each with what follows it
/// that names none ("Norco 10/325mg, #90").
fn divided(list: &str) -> Vec<String> {
    /// A list of more parts than this is prose.
    const MOST_PARTS: usize = 60;
    let mut entries: Vec<(String, Option<Vec<&'static str>>)> = Vec::new();
    for (joint, part) in parts(list).into_iter().take(MOST_PARTS) {
        let read = request::read(part);
        let known = !read.drugs.is_empty() || read.services != ["other"] && !is_count(part);
        let services = known.then_some(read.services);
        let same = |(_, last): &(String, Option<Vec<&'static str>>)| {
            last.is_some() && *last == services && read.drugs.is_empty()
        };
        match entries.last_mut() {
            Some(last) if !known || same(last) || last.1.is_none() => {
                last.0.push_str(joint);
                last.0.push_str(part);
                if last.1.is_none() {
                    last.1 = services;
                }
            }
            _ => entries.push((part.to_string(), services)),
        }
    }
    entries.into_iter().map(|(entry, _)| entry).collect()
}

/// Whether a part of a list only says how much of what stands before it: "8 visits", "30 day rental".
fn is_count(part: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let number = part.trim_start_matches(['#', 'x', 'X', ' ']);
    number.starts_with(|c: char| c.is_ascii_digit())
        && part.split_whitespace().count() <= MOST_WORDS
}

/// The parts of a list with what stands before each: commas, semicolons, "and", "plus".
fn parts(list: &str) -> Vec<(&str, &str)> {
    const JOINTS: [&str; 6] = [", and ", "; and ", ", ", "; ", " and ", " plus "];
    let mut parts = Vec::new();
    let (mut from, mut joint, mut at) = (0, "", 0);
    while at < list.len() {
        let Some(next) = JOINTS.iter().find(|joint| list[at..].starts_with(**joint)) else {
            at += list[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        parts.push((joint, &list[from..at]));
        joint = &list[at..at + next.len()];
        at += next.len();
        from = at;
    }
    parts.push((joint, &list[from..]));
    parts.retain(|(_, part)| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Vec<String> {
        super::find(text, &[])
    }

    #[test]
    fn lists_under_a_label() {
        assert_eq!(
            find(
                "Treatment requested: 1. Right C6-7 epidural steroid injection; 2. EMG/NCV of the upper extremities\n\nDetermination:\n1. Right C6-7 epidural steroid injection is not medically necessary and appropriate.\n2. EMG/NCV of the upper extremities is not medically necessary and appropriate."
            ),
            [
                "Right C6-7 epidural steroid injection",
                "EMG/NCV of the upper extremities"
            ]
        );
        assert_eq!(
            find(
                "The following treatment was reviewed:\n\n1. Norco 10/325mg #90: Not certified\n2. MRI of the lumbar spine: Not certified\n3. Physical therapy 2 x 6: Certified\n\nCLINICAL SUMMARY: a man."
            ),
            ["Norco 10/325mg #90", "MRI of the lumbar spine"]
        );
        assert_eq!(
            find("Services requested: postoperative therapy of the hand, 8 visits, wrist brace"),
            ["postoperative therapy of the hand, 8 visits", "wrist brace"]
        );
        assert_eq!(
            find("Services requested:\nTENS unit, 30 day\nrental\nLumbar brace\n\nDate: 5/1/2016"),
            ["TENS unit, 30 day rental", "Lumbar brace"]
        );
    }

    #[test]
    fn what_is_granted_is_not_disputed() {
        for text in [
            "CERTIFIED:\n1. Norco 10/325mg #90\n2. TENS unit\n\nNON-CERTIFIED:\n1. MRI of the lumbar spine",
            "Norco 10/325mg #90 CERTIFIED\nMRI of the lumbar spine NOT CERTIFIED\nTENS unit APPROVED",
            "Certified: Norco 10/325mg #90\nNot certified: MRI of the lumbar spine\nApproved: TENS unit",
            "1. Norco 10/325mg #90 - Decision: Certify\n2. MRI of the lumbar spine - Decision: Non-certify",
            "The request for Norco 10/325mg #90 is certified. The request for MRI of the lumbar spine is denied.",
            "TREATMENT REQUESTED:\n1. Norco 10/325mg #90\n2. MRI of the lumbar spine\n\nDETERMINATION:\n1. Certified\n2. Non-certified",
            "Request 1: Norco 10/325mg #90\nDecision: CERTIFIED\n\nRequest 2: MRI of the lumbar spine\nDecision: NON-CERTIFIED",
            "We have certified the following:\n- Norco 10/325mg #90\n- TENS unit\n\nWe are unable to certify the following:\n- MRI of the lumbar spine",
            "APPROVED TREATMENT\nNorco 10/325mg #90\nTENS unit\n\nDENIED TREATMENT\nMRI of the lumbar spine",
            "Norco 10/325mg #90 (CERTIFIED)\nMRI of the lumbar spine (NON-CERTIFIED)",
            "Service | Status\nNorco 10/325mg #90 | Certified\nMRI of the lumbar spine | Non-certified",
            "Requested: Norco 10/325mg #90 (certified), MRI of the lumbar spine (denied), TENS unit (approved)",
            "The following requests were certified: Norco 10/325mg #90 and a TENS unit.\nThe following request was non-certified: MRI of the lumbar spine.",
            "Our review of the treatment is complete. The following was NOT approved:\n- MRI of the lumbar spine\nThe following was approved: Norco 10/325mg #90",
            "CERTIFICATION: Norco 10/325mg #90\nNON-CERTIFICATION: MRI of the lumbar spine",
            "Requested: Norco 10/325mg #90, MRI of the lumbar spine\n\nThe Norco is certified. The MRI of the lumbar spine is not certified.",
        ] {
            assert_eq!(find(text), ["MRI of the lumbar spine"], "{text}");
        }
        // What is certified in part is disputed, and what was approved before may be asked for again.
        assert_eq!(
            find("1. Norco 10/325mg #90: Modified\n2. TENS unit: Certified"),
            ["Norco 10/325mg #90"]
        );
        assert_eq!(
            find("Previously approved: acupuncture, 6 visits\nRequested: acupuncture, 6 visits"),
            ["acupuncture, 6 visits"]
        );
    }

    #[test]
    fn sentences_that_ask_or_refuse() {
        assert_eq!(
            find(
                "She now walks. I request Norco 10/325mg, #90, MRI of the cervical and lumbar spine and 12 sessions of physical therapy because the pain goes on."
            ),
            [
                "Norco 10/325mg, #90",
                "MRI of the cervical and lumbar spine",
                "12 sessions of physical therapy"
            ]
        );
        assert_eq!(
            find("The request for acupuncture 2 x 6 for the neck is not medically necessary."),
            ["acupuncture 2 x 6 for the neck"]
        );
        assert_eq!(
            find(
                "Request authorization for right carpal tunnel release. Request post op OT 2x4. Return in 4 weeks."
            ),
            ["right carpal tunnel release", "post op OT 2x4"]
        );
        assert_eq!(
            find(
                "Assessment/Plan:\n1. Neck pain: ice\n2. Request 6 sessions of acupuncture\n3. Return in 4 weeks"
            ),
            ["6 sessions of acupuncture"]
        );
        assert_eq!(
            find(
                "List each specific requested medical services, goods, or items that were denied or modified in the space below. Use additional pages if the space below is insufficient.\n1. Norco 5/325 #60\n2. UltraSling\nRequest for Review"
            ),
            ["Norco 5/325 #60", "UltraSling"]
        );
        assert!(find("Request for physical therapy was approved on 1/1/2016.").is_empty());
        assert!(find("She had physical therapy. There is no request.").is_empty());
    }

    #[test]
    fn any_text_is_looked_through() {
        for text in [
            "",
            ":",
            "requested:",
            "1. ",
            "a and and , , ; and b",
            "I request",
            "\u{e9}: denied",
            "- - - denied",
        ] {
            let _ = (find(text), bare(text));
        }
        let _ = find(&"requested:\n".repeat(5000));
        let _ = find(&"1. MRI: denied\n".repeat(5000));
        let _ = find(&format!("I request {}", "MRI and ".repeat(5000)));
    }
}
