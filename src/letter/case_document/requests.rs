//! What a document about a case requests: lists under a label, lines that end in a verdict, sentences
//! that ask or refuse. The wordings are the table `request_wordings.tsv`.

use crate::letter::heading::without_list_number;
use crate::letter::items::bare_request;
use crate::letter::reasons::sentences;
use crate::letter::request;
use crate::letter::sections::floor_char;
use crate::letter::text::flat;
use crate::vocabulary::{LowerText, Table};
use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
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
    end: Wordings,
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
        end: of("end"),
        refused: of("refused"),
        granted: of("granted"),
    }
});

/// What a document requests, in its order, each once; empty where nothing can be told. Time is linear
/// in the text.
#[must_use]
pub(super) fn find(text: &str) -> Vec<String> {
    let text = &text[..floor_char(text, REACH)];
    let mut found = Requests::default();
    listed(text, &mut found);
    if found.disputed.is_empty() {
        asked(text, &mut found);
    }
    found.disputed
}

/// The requests of a line or a short text that nothing introduces.
#[must_use]
pub(super) fn bare(text: &str) -> Vec<String> {
    let mut found = Requests::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        found.add_list(&line[..floor_char(line, LONGEST)]);
    }
    found.disputed
}

#[derive(Default)]
struct Requests {
    disputed: Vec<String>,
    seen: Vec<request::RequestedTreatment>,
}

impl Requests {
    /// Adds one request, with the verdict that follows it or not.
    fn add(&mut self, entry: &str, verdict: Verdict) {
        if verdict == Verdict::Granted || self.disputed.len() >= MOST {
            return;
        }
        let entry = &bare_request(without_bullet(entry)).replace('"', "");
        let letters = entry.bytes().filter(u8::is_ascii_alphabetic).count();
        if letters < 3 || entry.len() > LONGEST {
            return;
        }
        let read = request::read(entry);
        if self.seen.iter().any(|other| is_same(other, &read)) {
            return;
        }
        self.seen.push(read);
        self.disputed.push(entry.clone());
    }

    /// Adds the requests of a list in one line ("Norco #90, MRI of the lumbar spine and PT").
    fn add_list(&mut self, list: &str) {
        for entry in divided(list) {
            if is_known(&entry) {
                self.add(&entry, Verdict::None);
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

/// An entry and the verdict that ends it: "MRI of the lumbar spine: Not certified".
fn verdict(entry: &str) -> (&str, Verdict) {
    let entry = entry.trim().trim_end_matches(['.', ';']);
    let lower = entry.to_ascii_lowercase();
    let of = |text: &str| {
        if WORDINGS.refused.is(text) {
            Verdict::Refused
        } else if WORDINGS.granted.is(text) {
            Verdict::Granted
        } else {
            Verdict::None
        }
    };
    for mark in [": ", " - ", " is ", " are ", " was ", " were "] {
        if let Some(at) = lower.rfind(mark) {
            let told = of(&lower[at..]);
            if told != Verdict::None {
                return (&entry[..at], told);
            }
        }
    }
    (entry, Verdict::None)
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
        let Some((rest, only_numbered)) = label(line) else {
            let (entry, told) = verdict(line);
            // A sentence is read with the sentences.
            if told != Verdict::None && has_bullet(line) && entry.len() <= LONGEST
                || told == Verdict::Refused && line.contains(": ") && is_known(entry)
            {
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
            if label(line).is_some() || !has_bullet(line) && is_other_label(line) {
                break;
            }
            if has_bullet(line) {
                block.push(line.to_string());
            } else if let Some(last) = block.last_mut().filter(|last| goes_on(last, line)) {
                last.push(' ');
                last.push_str(line);
            } else if only_numbered {
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
        for entry in block {
            let (entry, told) = verdict(&entry);
            let several = divided(entry);
            if told == Verdict::None && several.len() > 1 {
                several.iter().for_each(|entry| found.add(entry, told));
            } else if told != Verdict::None || numbered && !only_numbered || is_known(entry) {
                found.add(entry, told);
            }
        }
    }
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
        // "Service/Good Requested (Required):"
        let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            Some((inner, rest)) if inner.len() < 40 => rest.trim_start(),
            _ => rest,
        };
        if rest.is_empty() {
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

/// Sentences that ask for something, or say that a request was refused.
fn asked(text: &str, found: &mut Requests) {
    const OPENING: &str = "request for ";
    let lower = LowerText::new(text);
    for range in sentences(text, &lower, 0..text.len()) {
        let sentence = flat(&text[range]);
        let sentence = &sentence[..floor_char(&sentence, 4 * LONGEST)];
        let lower = sentence.to_ascii_lowercase();
        let asks = WORDINGS.ask.first(&lower).map(|(_, end)| end);
        let refuses = || {
            let at = lower.find(OPENING)? + OPENING.len();
            let (from, _) = WORDINGS.refused.first(&lower[at..])?;
            (from > 0).then_some(at)
        };
        let numbered = || {
            let (entry, told) = verdict(sentence);
            (told == Verdict::Refused && has_bullet(entry)).then_some(0)
        };
        let Some(from) = asks.or_else(refuses).or_else(numbered) else {
            continue;
        };
        let rest = &lower[from..];
        let end = WORDINGS
            .end
            .first(rest)
            .map_or(rest.len(), |(start, _)| start);
        found.add_list(&sentence[from..from + end]);
    }
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
