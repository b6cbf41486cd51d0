//! The phrases that letters are laid out by, found in one pass over the text.

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind, packed};
use std::sync::LazyLock;

/// What a phrase of the layout means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// "HOW THE IMR FINAL DETERMINATION WAS MADE"
    HowMade,
    /// "DOCUMENTS REVIEWED"
    Documents,
    /// "CLINICAL CASE SUMMARY", "Case Summary:"
    Summary,
    /// "IMR ISSUES, DECISIONS AND RATIONALES", "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE"
    Decisions,
    /// "... for the disputed items/services set forth below:"
    SetForth,
    /// "Medical Qualifications of the Expert Reviewer", "MEDICAL REVIEWER QUALIFICATIONS"
    Qualifications,
    /// "Claims Administrator guideline:", "The Claims Administrator based its decision on"
    Administrator,
    /// "MAXIMUS guideline:", "The Physician Reviewer based his/her decision on"
    Reviewer,
    /// "Decision rationale:", "The Physician Reviewer's decision rationale:"
    Rationale,
    /// "Upheld"
    Upheld,
    /// "Overturned"
    Overturned,
    /// "not medically necessary", however its words are run together
    NotNecessary,
    /// "medically necessary"
    Necessary,
    /// "has determined the request for": an entry of a layout C list
    Determined,
    /// "Regarding the request for": a block of layout C
    Regarding,
    /// "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert Reviewer"
    SectionRelied,
    /// "Effect of the Decision", "Disclaimer": the letter's tail
    Tail,
    /// "ISSUE AT DISPUTE"
    Issue,
    /// "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY"
    ProfessionalGuideline,
    /// "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY"
    ProfessionalRationale,
    /// "Board Certified in", "licensed to practice in": a reviewer told in prose
    Credentials,
    /// "State(s) of Licensure:"
    Licensure,
    /// "Certification(s)/Specialty:"
    Specialty,
}

/// A mark and where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// What it is.
    pub mark: Mark,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// It begins its line, but for a list number or quotes.
    pub at_line_start: bool,
}

const PHRASES: &[(&str, Mark)] = &[
    ("how the imr final determination was made", Mark::HowMade),
    ("how the imr determination was made", Mark::HowMade),
    ("how the final determination was made", Mark::HowMade),
    ("documents reviewed for determination", Mark::Documents),
    ("documents reviewed", Mark::Documents),
    ("expert reviewer case summary", Mark::Summary),
    ("clinical case summary", Mark::Summary),
    ("clinical summary", Mark::Summary),
    ("case summary", Mark::Summary),
    ("imr issues, decisions and rationales", Mark::Decisions),
    ("imr issues, decisions, and rationales", Mark::Decisions),
    ("imr issues, decisions & rationales", Mark::Decisions),
    ("imr issue, decision and rationale", Mark::Decisions),
    (
        "imr issue(s), decision(s) and rationale(s)",
        Mark::Decisions,
    ),
    ("imr decision(s) and rationale(s)", Mark::Decisions),
    ("imr decisions and rationales", Mark::Decisions),
    ("imr decision and rationale", Mark::Decisions),
    (
        "independent medical review decision(s) and rationale(s)",
        Mark::Decisions,
    ),
    (
        "independent medical review decisions and rationales",
        Mark::Decisions,
    ),
    (
        "independent medical review decision and rationale",
        Mark::Decisions,
    ),
    ("items/services set forth below", Mark::SetForth),
    ("items/service set forth below", Mark::SetForth),
    (
        "medical qualifications of the expert reviewer",
        Mark::Qualifications,
    ),
    (
        "medical qualifications of the professional reviewer",
        Mark::Qualifications,
    ),
    (
        "medical qualifications of the physician reviewer",
        Mark::Qualifications,
    ),
    ("medical reviewer qualifications", Mark::Qualifications),
    ("reviewer qualifications", Mark::Qualifications),
    ("claims administrator guideline", Mark::Administrator),
    ("claims administrator's guideline", Mark::Administrator),
    ("claims administrators guideline", Mark::Administrator),
    ("the claims administrator based", Mark::Administrator),
    ("the claims administrator did not", Mark::Administrator),
    ("the claims administrator cited", Mark::Administrator),
    ("the claims administrator relied", Mark::Administrator),
    ("the claims administrator used", Mark::Administrator),
    ("the claims administrator has", Mark::Administrator),
    ("the claims administrator provided", Mark::Administrator),
    ("the claims administrator's decision", Mark::Administrator),
    ("maximus guideline", Mark::Reviewer),
    ("expert reviewer guideline", Mark::Reviewer),
    ("decision rationale", Mark::Rationale),
    ("reviewer's decision rationale", Mark::Rationale),
    (
        "the physician reviewer's decision rationale",
        Mark::Rationale,
    ),
    ("the expert reviewer's decision rationale", Mark::Rationale),
    ("the medical reviewer's decision rationale", Mark::Rationale),
    ("rationale for the decision", Mark::Rationale),
    ("upheld", Mark::Upheld),
    ("overturned", Mark::Overturned),
    ("has determined the request for", Mark::Determined),
    ("has determined that the request for", Mark::Determined),
    ("has determined the requests for", Mark::Determined),
    ("determined the request for", Mark::Determined),
    ("regarding the request for", Mark::Regarding),
    ("regarding the request of", Mark::Regarding),
    (
        "section of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "sections of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "section(s) of the medical treatment utilization schedule",
        Mark::SectionRelied,
    ),
    (
        "medical treatment utilization schedule relied upon",
        Mark::SectionRelied,
    ),
    ("effect of the decision", Mark::Tail),
    ("effect of decision", Mark::Tail),
    ("disclaimer:", Mark::Tail),
    ("pursuant to labor code section 4610.6", Mark::Tail),
    ("issue at dispute", Mark::Issue),
    ("issues at dispute", Mark::Issue),
    ("issue(s) at dispute", Mark::Issue),
    ("issue in dispute", Mark::Issue),
    (
        "medical treatment guideline(s) relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "medical treatment guidelines relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "medical treatment guideline relied upon",
        Mark::ProfessionalGuideline,
    ),
    (
        "guideline(s) relied upon by professional",
        Mark::ProfessionalGuideline,
    ),
    (
        "rationale for why the requested",
        Mark::ProfessionalRationale,
    ),
    ("rationale why the requested", Mark::ProfessionalRationale),
    ("board certified", Mark::Credentials),
    ("board-certified", Mark::Credentials),
    ("licensed to practice", Mark::Credentials),
    ("licensed in", Mark::Credentials),
    ("is a licensed", Mark::Credentials),
    ("state(s) of licensure", Mark::Licensure),
    ("states of licensure", Mark::Licensure),
    ("state of licensure", Mark::Licensure),
    ("certification(s)/specialty", Mark::Specialty),
    ("certification(s) / specialty", Mark::Specialty),
    ("certifications/specialty", Mark::Specialty),
    ("certification/specialty", Mark::Specialty),
];

/// Who reviews, and what such a reviewer does with guidelines: "The Expert Reviewer relied on".
const REVIEWERS: [&str; 4] = ["physician", "expert", "medical", "professional"];
const VERBS: [&str; 15] = [
    "based",
    "did not",
    "relied",
    "found",
    "stated",
    "noted",
    "used",
    "cited",
    "referenced",
    "determined",
    "agreed",
    "applied",
    "also",
    "considered",
    "has",
];

/// Words of the decision phrases; extraction runs them together anywhere ("is notmedically").
const NOT_NECESSARY: [&str; 3] = ["not", "medically", "necessary"];

/// How much of a phrase is looked for many bytes at a time; where it stands, the phrases are tried.
const BEGINNING: usize = 9;

/// Stands everywhere: a phrase with it is looked for by the words after it.
const ARTICLE: &str = "the ";

/// The phrases, ready to be found.
struct Layout {
    /// Finds the places where a phrase may begin; None on machines without the instructions.
    beginnings: Option<Searcher>,
    phrases: AhoCorasick,
    marks: Vec<Mark>,
}

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let mut phrases: Vec<String> = Vec::new();
    let mut marks = Vec::new();
    let mut add = |phrase: String, mark| {
        phrases.push(phrase);
        marks.push(mark);
    };
    for (phrase, mark) in PHRASES {
        add((*phrase).to_string(), *mark);
    }
    for reviewer in REVIEWERS {
        for verb in VERBS {
            add(format!("the {reviewer} reviewer {verb}"), Mark::Reviewer);
        }
    }
    let [not, medically, necessary] = NOT_NECESSARY;
    for b in ["", " "] {
        for a in ["", " "] {
            add(
                format!("{not}{a}{medically}{b}{necessary}"),
                Mark::NotNecessary,
            );
        }
        add(format!("{medically}{b}{necessary}"), Mark::Necessary);
        add(format!("medically{b}unnecessary"), Mark::NotNecessary);
        add(format!("medical{b}necessity"), Mark::Necessary);
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Both)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(&phrases)
        .expect("a hundred phrases fit an automaton");
    let mut beginnings: Vec<&[u8]> = phrases
        .iter()
        .map(|phrase| phrase.strip_prefix(ARTICLE).unwrap_or(phrase))
        .map(|phrase| &phrase.as_bytes()[..phrase.len().min(BEGINNING)])
        .collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    Layout {
        beginnings: packed::Config::new().builder().extend(beginnings).build(),
        phrases: automaton,
        marks,
    }
});

/// Every mark of a normalised text, in order, none overlapping. One pass; a phrase is found also
/// where it wraps over a line.
#[must_use]
pub fn find(text: &str) -> Vec<Marked> {
    let mut bytes = text.as_bytes().to_vec();
    for b in &mut bytes {
        *b = if *b == b'\n' {
            b' '
        } else {
            b.to_ascii_lowercase()
        };
    }
    let layout = &*LAYOUT;
    let mut marks = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = aho_corasick::Span::from(at..bytes.len());
        let found = match &layout.beginnings {
            Some(beginnings) => {
                let Some(beginning) = beginnings.find_in(&bytes, rest) else {
                    break;
                };
                let begins = beginning.start();
                let here = |start: usize| {
                    let input = Input::new(&bytes).range(start..).anchored(Anchored::Yes);
                    layout.phrases.find(input)
                };
                let article = bytes[at..begins].ends_with(ARTICLE.as_bytes());
                let found = article
                    .then(|| here(begins - ARTICLE.len()))
                    .flatten()
                    .or_else(|| here(begins));
                at = begins + 1;
                let Some(found) = found else { continue };
                found
            }
            None => match layout.phrases.find(Input::new(&bytes).range(at..)) {
                Some(found) => found,
                None => break,
            },
        };
        at = found.end();
        marks.push(Marked {
            mark: layout.marks[found.pattern().as_usize()],
            start: found.start(),
            end: found.end(),
            at_line_start: at_line_start(text, found.start()),
        });
    }
    marks
}

fn at_line_start(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let mut before = at;
    while before > 0 && at - before < 8 {
        match bytes[before - 1] {
            b'\n' => return true,
            b' ' | b'.' | b')' | b'(' | b'*' | b'"' | b'0'..=b'9' => before -= 1,
            // "The" may begin the line before a phrase that was listed without it.
            _ => break,
        }
    }
    before == 0 || bytes[before - 1] == b'\n' || text[..before].ends_with("\nThe ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Mark> {
        find(text).into_iter().map(|m| m.mark).collect()
    }

    #[test]
    fn beginnings_lead_to_every_phrase() {
        let mut text = String::new();
        for (phrase, _) in PHRASES {
            for before in ["the has medical not so ", "the ", "not", "the the "] {
                text.push_str(before);
                text.push_str(phrase);
                text.push_str(" . ");
            }
        }
        let marks: Vec<(Mark, usize, usize)> = find(&text)
            .into_iter()
            .map(|m| (m.mark, m.start, m.end))
            .collect();
        let plain: Vec<(Mark, usize, usize)> = LAYOUT
            .phrases
            .find_iter(&text)
            .map(|m| (LAYOUT.marks[m.pattern().as_usize()], m.start(), m.end()))
            .collect();
        assert!(marks.len() >= PHRASES.len());
        assert_eq!(marks, plain);
    }

    #[test]
    fn wraps_capitals_and_words_run_together() {
        assert_eq!(
            kinds("IMR Issues, decisions\nand rationales"),
            [Mark::Decisions]
        );
        assert_eq!(kinds("is notmedically necessary"), [Mark::NotNecessary]);
        assert_eq!(kinds("is medicallynecessary"), [Mark::Necessary]);
        let marks = find("so\n1) Regarding the request for x");
        assert!(marks[0].at_line_start);
        assert!(!find("see the case summary")[0].at_line_start);
    }
}
