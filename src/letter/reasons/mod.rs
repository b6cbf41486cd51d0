//! Why the reviewer decided so, item by item: reasons, and the sentences that carry them.
//!
//! A rationale quotes guidelines, tells the history, applies the one to the other and concludes.
//! Each sentence is classified first (`context`); findings (`reasons.tsv`) count where a sentence
//! applies or concludes, with the sign that negation around them gives, and only where they speak
//! for the decision: what a reviewer concedes to the side that lost is left out. Time is linear in
//! the text: sentences are read in pieces of bounded length.

mod context;
mod sentences;
mod theme;

pub use theme::{Reason, Sign, Theme, themes};

use crate::vocabulary::{
    LowerText, PatternMatch, Patterns, Row, TREATMENTS, Table, Word, words_of,
};
use context::{Class, Context, Contexts, Surroundings, TriggerMatch};
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) use sentences::sentences;

/// A row of `reasons.tsv`.
struct Finding {
    /// None where the phrase only hides others within it.
    theme: Option<usize>,
    /// The sign where the text affirms it, and where the text negates it.
    present: Option<Sign>,
    absent: Option<Sign>,
    weight: u32,
    /// The weight where a guideline's recital says it.
    recited: u32,
    /// The treatment categories in which it counts, as bits.
    treatments: u16,
    /// The pattern has a word of negation itself, so one within a match is a part of it.
    negative: bool,
    /// It says "not" itself and nothing where that is negated, so a negation farther off is of another
    /// clause.
    denies: bool,
}

struct Findings {
    rows: Vec<Finding>,
    /// Contexts first, then findings.
    patterns: Patterns,
    documentation: usize,
    functional_improvement: usize,
    duplication: usize,
    /// Themes that a recital alone can carry, where nothing else does.
    recited: [usize; 2],
}

static FINDINGS: LazyLock<Findings> = LazyLock::new(|| {
    let text = include_str!("../../../index-schema/reasons.tsv");
    let table = Table::read("reasons.tsv", text);
    let sign = |cell: &str| match cell {
        "+" => Some(Sign::For),
        "-" => Some(Sign::Against),
        _ => None,
    };
    let rows = table.rows().map(|row| {
        let name = row.get("theme");
        let theme = theme::theme_index(name);
        assert!(
            theme.is_some() || name.is_empty(),
            "reasons.tsv: no theme {name}"
        );
        Finding {
            theme,
            present: sign(row.get("present")),
            absent: sign(row.get("absent")),
            weight: row.get("weight").parse().unwrap_or(0),
            recited: row.get("recited").parse().unwrap_or(0),
            treatments: treatments(row.get("only")),
            negative: is_negative(row.get("pattern")),
            denies: sign(row.get("absent")).is_none() && is_denial(row.get("pattern")),
        }
    });
    let contexts = Contexts::get();
    let triggers = contexts.triggers.iter().map(|trigger| trigger.pattern);
    let findings = table.rows().map(|row| row.get("pattern"));
    let theme = |name| theme::theme_index(name).unwrap_or(usize::MAX);
    Findings {
        rows: rows.collect(),
        patterns: Patterns::new(contexts.fillers.iter().copied(), triggers.chain(findings)),
        documentation: theme("documentation"),
        functional_improvement: theme("functional improvement"),
        duplication: theme("duplication"),
        recited: [theme("evidence"), theme("amount")],
    }
});

/// Whether a pattern has a word that negates or restricts.
fn is_negative(pattern: &str) -> bool {
    let mut words = pattern
        .split([' ', '|'])
        .flat_map(|word| words_of(word.trim_end_matches('?')));
    words.any(|word| WORDS.negative.contains(&word))
}

/// Whether a pattern has a plain "not"; one that may be missing is none.
fn is_denial(pattern: &str) -> bool {
    let mut words = pattern.split([' ', '|']);
    words.any(|word| WORDS.denial.contains(&word))
}

/// The words of `rationale_words.tsv`, by kind.
struct Words {
    negative: Vec<&'static str>,
    denial: Vec<&'static str>,
    /// Verbs, and what denies without one.
    saying: Vec<&'static str>,
    opening: Vec<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let table = Table::read(
        "rationale_words.tsv",
        include_str!("../../../index-schema/rationale_words.tsv"),
    );
    let of = |kinds: &[&str]| {
        let is = |row: &Row<'_>| row.list("kinds").any(|kind| kinds.contains(&kind));
        table.rows().filter(is).map(|row| row.get("word")).collect()
    };
    Words {
        negative: of(&["negative"]),
        denial: of(&["denial"]),
        saying: of(&["verb", "denying"]),
        opening: of(&["opening"]),
    }
});

/// The categories that a cell names: all where it is empty, all but those after a `!`.
fn treatments(cell: &str) -> u16 {
    let names = cell.trim_start_matches('!');
    let bits = names
        .split('|')
        .filter_map(treatment_bit)
        .fold(0, |bits, bit| bits | bit);
    match cell.as_bytes().first() {
        None => u16::MAX,
        Some(b'!') => !bits,
        Some(_) => bits,
    }
}

fn treatment_bit(name: &str) -> Option<u16> {
    let at = TREATMENTS.iter().position(|treatment| *treatment == name)?;
    Some(1 << at)
}

/// Why an item was decided so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemReasons {
    /// The reasons, the strongest first; at most three.
    pub reasons: Vec<Reason>,
    /// The one or two sentences that carry them, in the order of the text; where no reason is
    /// recognized, the last that speaks of the case.
    pub sentences: Vec<Range<usize>>,
}

/// A finding in a sentence, with its sign.
#[derive(Clone, Copy)]
struct Evidence {
    theme: usize,
    sign: Sign,
    weight: u32,
    recited: u32,
    sentence: usize,
    /// Which clause, of all that were read: what semicolons part is apart.
    clause: usize,
    class: Class,
}

/// So many reasons an item has at most.
const MOST_REASONS: usize = 3;
/// A reason must weigh so much, unless it is the only one.
const LEAST_WEIGHT: u32 = 3;
/// A sentence that says why has so many words at least.
const SHORTEST_TELLING: usize = 6;
/// Longer sentences are read in pieces of so many words.
const LONGEST_SENTENCE: usize = 160;
/// A negation is of what denies something itself where it stands so many words before it, at most.
const SHORT_REACH: usize = 3;
/// A negation reaches so many words on, at most, where nothing ends it before.
const LONG_REACH: usize = 24;
/// So many triggers and findings of a piece are looked at, each compared with each: a real sentence
/// has a third of that.
const MOST_MATCHES: usize = 96;
/// A rationale of so few bytes has no room for a long recital: what bears no mark of a guideline speaks of
/// the case.
const TERSE: usize = 600;
/// A rationale is read so far, in bytes; the longest real ones have a tenth of it.
const REACH: usize = 64 << 10;

/// Loads its tables.
pub(super) fn preload() {
    LazyLock::force(&FINDINGS);
}

/// The reasons of a rationale that decides in favor of a sign, for an item of a treatment category.
#[must_use]
pub(super) fn read(
    text: &str,
    lower: &LowerText,
    rationale: &Range<usize>,
    sign: Sign,
    treatment: &str,
) -> ItemReasons {
    let Some(passage) = text.get(rationale.clone()) else {
        return ItemReasons::default();
    };
    let end = rationale.start + super::sections::floor_char(passage, REACH);
    let ranges = sentences(text, lower, rationale.start..end);
    let treatments = treatment_bit(treatment).unwrap_or(u16::MAX);
    let mut reader = Reader::new(ReasonSource::Reviewer, treatments);
    // A colon introduces the list of a guideline.
    let terse = rationale.len() <= TERSE && !passage.contains(':');
    let (mut before, mut last_told, mut last_conceded) = (None, None, None);
    for (at, range) in ranges.iter().enumerate() {
        if at > 0 && !terse && is_fragment(&lower.bytes()[range.clone()]) {
            // An entry of a list that a guideline has.
            continue;
        }
        let cites = cites_a_paper(&text.as_bytes()[range.clone()]);
        reader.read_words(lower, range.clone());
        for piece in 0..reader.pieces() {
            let surroundings = Surroundings {
                cites,
                before,
                terse,
            };
            let earlier = reader.evidence.len();
            let read = reader.read_piece(piece, surroundings, at);
            let concedes = reader.evidence[earlier..].iter().any(|e| e.sign != sign);
            if read.class != Class::Other && !terse {
                before = Some(read.class);
            }
            if read.tells && concedes {
                last_conceded = Some(at);
            } else if read.tells {
                last_told = Some(at);
            }
            if read.notice {
                break;
            }
        }
    }
    let mut evidence = reader.evidence;
    evidence.retain(|e| e.sign == sign);
    let mut found = conclude(&evidence, sign, treatment, &ranges);
    if found.sentences.is_empty() {
        // In words of no table: what is said of the case last, before the conclusion, is why, rather than
        // what it concedes to the other side.
        let told = last_told.or(last_conceded);
        found.sentences.extend(told.map(|at| ranges[at].clone()));
    }
    for sentence in &mut found.sentences {
        sentence.start += leading_citation(&text[sentence.clone()]);
    }
    found
}

/// The reasons that a few words state, for a decision in favor of a sign: "conservative care was tried
/// and failed".
#[must_use]
pub fn stated(words: &str, sign: Sign) -> Vec<Reason> {
    let whole = 0..words.len();
    read(words, &LowerText::new(words), &whole, sign, "").reasons
}

/// Why utilization review denied, as the sentences of a case summary report it.
#[must_use]
pub(super) fn of_denial(text: &str, lower: &LowerText, sentences: &[Range<usize>]) -> Vec<Reason> {
    let (Some(first), Some(last)) = (sentences.first(), sentences.last()) else {
        return Vec::new();
    };
    let denials = denials(text.as_bytes(), first.start..last.end);
    if denials.is_empty() {
        return Vec::new();
    }
    let mut reader = Reader::new(ReasonSource::Denial, u16::MAX);
    for (at, range) in sentences.iter().enumerate() {
        let next = denials.partition_point(|at| *at < range.start);
        let denies = denials.get(next).is_some_and(|at| *at < range.end);
        if !denies || !has_because(&text.as_bytes()[range.clone()]) {
            continue;
        }
        reader.read_words(lower, range.clone());
        for piece in 0..reader.pieces() {
            reader.read_piece(piece, Surroundings::default(), at);
        }
    }
    let mut evidence = reader.evidence;
    evidence.retain(|e| e.sign == Sign::Against);
    conclude(&evidence, Sign::Against, "", sentences).reasons
}

/// Where words of denials stand in a part of a text, in order: most sentences have none, and are not
/// read.
fn denials(text: &[u8], part: Range<usize>) -> Vec<usize> {
    static DENIED: LazyLock<[Finder; 4]> =
        LazyLock::new(|| ["denied", "ertified", "denial", "modified"].map(Finder::new));
    let passage = &text[part.clone()];
    let found = DENIED.iter().flat_map(|word| word.find_iter(passage));
    let mut places: Vec<usize> = found.map(|at| part.start + at).collect();
    places.sort_unstable();
    places
}

/// Whether a sentence has a word that reasons follow.
fn has_because(sentence: &[u8]) -> bool {
    static BECAUSE: LazyLock<[Finder; 5]> =
        LazyLock::new(|| ["due to", "because", "as ", "since", "lack"].map(Finder::new));
    BECAUSE.iter().any(|word| word.find(sentence).is_some())
}

/// Whose reasons are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReasonSource {
    Reviewer,
    Denial,
}

/// A finding in a piece of a sentence, and what the words around it make of it.
struct FindingMatch {
    at: PatternMatch,
    row: &'static Finding,
    negated: bool,
    /// None where it says nothing.
    sign: Option<Sign>,
}

/// What a piece of a sentence is.
struct Piece {
    class: Class,
    /// It says what is so in this case, at some length.
    tells: bool,
    /// It is a standard notice, and so is the rest of its sentence.
    notice: bool,
}

/// Reads one sentence after the other.
struct Reader {
    reading: ReasonSource,
    /// The bits of the treatment categories that are read for.
    treatments: u16,
    /// Of the sentence that is being read.
    words: Vec<Word>,
    /// Its pieces, as ranges of its words: what semicolons part, of bounded length.
    pieces: Vec<Range<usize>>,
    /// Of a piece of it.
    found: Vec<PatternMatch>,
    contexts: Vec<TriggerMatch>,
    findings: Vec<FindingMatch>,
    /// How many clauses were read.
    clauses: usize,
    /// What all sentences gave.
    evidence: Vec<Evidence>,
}

impl Reader {
    fn new(reading: ReasonSource, treatments: u16) -> Reader {
        // Room for nearly every sentence.
        Reader {
            reading,
            treatments,
            words: Vec::with_capacity(64),
            pieces: Vec::with_capacity(4),
            found: Vec::with_capacity(32),
            contexts: Vec::with_capacity(16),
            findings: Vec::with_capacity(16),
            clauses: 0,
            evidence: Vec::with_capacity(16),
        }
    }

    fn read_words(&mut self, lower: &LowerText, sentence: Range<usize>) {
        let text = &lower.bytes()[sentence.clone()];
        let semicolons = memchr::memchr_iter(b';', text).map(|at| sentence.start + at);
        FINDINGS
            .patterns
            .read_words(lower, sentence.clone(), &mut self.words);
        self.pieces.clear();
        let mut from = 0;
        for end in semicolons.chain([sentence.end]) {
            let to = from + self.words[from..].partition_point(|word| word.start < end);
            while from < to {
                let piece = from..to.min(from + LONGEST_SENTENCE);
                from = piece.end;
                self.pieces.push(piece);
            }
        }
    }

    /// In how many pieces a sentence is read.
    fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Adds what a piece of a sentence gives, and returns what it is.
    fn read_piece(&mut self, piece: usize, surroundings: Surroundings, sentence: usize) -> Piece {
        self.clauses += 1;
        let Findings { rows, patterns, .. } = &*FINDINGS;
        let triggers = &Contexts::get().triggers;
        let words = &self.words[self.pieces[piece].clone()];
        patterns.find(words, &mut self.found);
        self.contexts.clear();
        self.findings.clear();
        for found in &self.found {
            match triggers.get(found.pattern) {
                Some(trigger) => self.contexts.push((*found, trigger)),
                None => {
                    let row = &rows[found.pattern - triggers.len()];
                    if row.treatments & self.treatments != 0 {
                        self.findings.push(FindingMatch {
                            at: *found,
                            row,
                            negated: false,
                            sign: None,
                        });
                    }
                }
            }
        }
        self.contexts.truncate(MOST_MATCHES);
        self.findings.truncate(MOST_MATCHES);
        let mut context = Context::of(&self.contexts, surroundings);
        if self.reading == ReasonSource::Denial {
            context.class = Class::Application;
        }
        if context.class == Class::Other {
            return Piece {
                class: context.class,
                tells: false,
                notice: context.notice,
            };
        }
        for finding in &mut self.findings {
            let (at, row) = (finding.at, finding.row);
            let reach = if row.denies { SHORT_REACH } else { LONG_REACH };
            finding.negated =
                context.negates(at, reach) || (!row.negative && context.negates_within(at));
            finding.sign = if finding.negated {
                row.absent
            } else if context.supposes(at) {
                None
            } else {
                row.present
            };
        }
        for finding in &self.findings {
            let (Some(theme), Some(sign)) = (finding.row.theme, finding.sign) else {
                continue;
            };
            // A longer phrase counts for those within it, unless it says nothing here itself.
            let hides = |other: &FindingMatch| {
                (other.sign.is_some() || other.row.theme.is_none())
                    && is_within(finding.at, other.at)
            };
            if self.findings.iter().any(hides) {
                continue;
            }
            // What was tried is told in the history; it is no reason against.
            let told =
                context.history && !context.concludes && !finding.negated && sign == Sign::Against;
            if !(told && context.class == Class::Application) {
                self.evidence.push(Evidence {
                    theme,
                    sign,
                    weight: finding.row.weight,
                    recited: finding.row.recited,
                    sentence,
                    clause: self.clauses,
                    class: context.class,
                });
            }
        }
        Piece {
            class: context.class,
            tells: context.tells_the_case() && words.len() >= SHORTEST_TELLING,
            notice: false,
        }
    }
}

/// Whether a match is a part of a longer one.
fn is_within(found: PatternMatch, other: PatternMatch) -> bool {
    other.start <= found.start
        && found.end <= other.end
        && other.end - other.start > found.end - found.start
}

/// Whether a short sentence says nothing of anything: it has no verb, and denies nothing. It is an entry
/// of a list ("Severe adverse effects or overdose events.").
fn is_fragment(sentence: &[u8]) -> bool {
    const MOST: usize = 10;
    let Words {
        saying, opening, ..
    } = &*WORDS;
    let mut words = 0;
    for word in sentence.split(|b| !b.is_ascii_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        if words == 0 && opening.iter().any(|other| other.as_bytes() == word) {
            return false;
        }
        words += 1;
        let says = |word: &[u8]| {
            let same = |other: &&str| other.as_bytes() == word;
            saying.iter().any(same) || word.ends_with(b"ed")
        };
        if words > MOST || says(word) {
            return false;
        }
    }
    words > 0
}

/// How many bytes of a sentence are the citation of the sentence before: "(Homik, 2004) In this case".
fn leading_citation(sentence: &str) -> usize {
    let Some(end) = sentence.find(')').filter(|_| sentence.starts_with('(')) else {
        return 0;
    };
    if !cites_a_paper(&sentence.as_bytes()[..=end]) {
        return 0;
    }
    let rest = sentence[end + 1..].trim_start();
    if rest.is_empty() {
        0
    } else {
        sentence.len() - rest.len()
    }
}

/// "(Airaksinen, 2006)": a paper is cited as guidelines do.
fn cites_a_paper(sentence: &[u8]) -> bool {
    memchr::memchr_iter(b'(', sentence).any(|at| {
        let rest = &sentence[at + 1..sentence.len().min(at + 60)];
        let Some(close) = memchr::memchr(b')', rest) else {
            return false;
        };
        let inner = &rest[..close];
        let (name, year) = inner.split_at(inner.len().saturating_sub(4));
        name.first().is_some_and(u8::is_ascii_uppercase)
            && name.last() == Some(&b' ')
            && year.len() == 4
            && year.iter().all(u8::is_ascii_digit)
            && name
                .iter()
                .all(|b| b.is_ascii_alphabetic() || b" ,.-'".contains(b))
    })
}

/// The strongest themes of what was found, and the sentences that carry them.
fn conclude(
    evidence: &[Evidence],
    sign: Sign,
    treatment: &str,
    sentences: &[Range<usize>],
) -> ItemReasons {
    let mut counted: Vec<Evidence> = Vec::with_capacity(evidence.len());
    counted.extend(evidence.iter().filter_map(|e| {
        let weight = match e.class {
            Class::Application => e.weight,
            _ => e.recited,
        };
        (weight > 0).then_some(Evidence { weight, ..*e })
    }));
    if counted.is_empty() {
        // Nothing but a recital: what it recites for the decision is the reason.
        let [supported, limited] = FINDINGS.recited;
        let recited = evidence.iter().filter(|e| {
            let theme = e.theme == supported || (sign == Sign::Against && e.theme == limited);
            theme && e.weight >= LEAST_WEIGHT
        });
        counted.extend(recited.map(|e| Evidence { weight: 2, ..*e }));
    }
    // That it is not documented is no reason of its own where the clause says what is missing.
    let documentation = FINDINGS.documentation;
    let mut specific = vec![0; counted.last().map_or(0, |e| e.clause + 1)];
    for found in counted.iter().filter(|e| e.theme != documentation) {
        let weight = &mut specific[found.clause];
        *weight = found.weight.max(*weight);
    }
    counted.retain(|e| e.theme != documentation || e.weight > specific[e.clause]);
    let mut weights = vec![0; theme::themes().len()];
    let mut first = vec![usize::MAX; weights.len()];
    for (at, found) in counted.iter().enumerate() {
        weights[found.theme] = found.weight.max(weights[found.theme]);
        first[found.theme] = first[found.theme].min(at);
    }
    let has_other = (0..weights.len()).any(|t| t != documentation && weights[t] > 0);
    if has_other && weights[documentation] < LEAST_WEIGHT {
        weights[documentation] = 0;
    }
    if treatment == "rehabilitation" && weights[FINDINGS.functional_improvement] > 0 {
        // The visits that were had are what brought no gain.
        weights[FINDINGS.duplication] = 0;
    }
    let mut ranked: Vec<usize> = (0..weights.len()).filter(|t| weights[*t] > 0).collect();
    ranked.sort_by_key(|t| (std::cmp::Reverse(weights[*t]), first[*t]));
    let only = ranked.len() == 1;
    let kept = ranked
        .iter()
        .filter(|t| only || weights[**t] >= LEAST_WEIGHT);
    let mut kept: Vec<usize> = kept.copied().take(MOST_REASONS).collect();
    if kept.is_empty() {
        kept.extend(ranked.first());
    }
    ItemReasons {
        sentences: telling(&counted, &kept, sentences),
        reasons: kept
            .into_iter()
            .map(|theme| Reason {
                theme: theme::themes()[theme].name.to_string(),
                sign,
            })
            .collect(),
    }
}

/// The sentence that carries most of the reasons, and the one that carries most of the rest.
fn telling(counted: &[Evidence], kept: &[usize], sentences: &[Range<usize>]) -> Vec<Range<usize>> {
    // By sentence, the weight of each kept theme.
    let mut weights: Vec<[u32; MOST_REASONS]> = vec![[0; MOST_REASONS]; sentences.len()];
    for found in counted {
        if let Some(at) = kept.iter().position(|theme| *theme == found.theme) {
            let weight = &mut weights[found.sentence][at];
            *weight = found.weight.max(*weight);
        }
    }
    let best = |leaving: [u32; MOST_REASONS]| {
        let rest = |weights: &[u32; MOST_REASONS]| -> u32 {
            let missing = weights.iter().zip(leaving).filter(|(_, left)| *left == 0);
            missing.map(|(weight, _)| *weight).sum()
        };
        let most = (0..weights.len()).max_by_key(|at| (rest(&weights[*at]), *at))?;
        (rest(&weights[most]) > 0).then_some(most)
    };
    let Some(first) = best([0; MOST_REASONS]) else {
        return Vec::new();
    };
    let mut chosen = vec![first];
    chosen.extend(best(weights[first]));
    chosen.sort_unstable();
    chosen.into_iter().map(|at| sentences[at].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(rationale: &str, sign: Sign, treatment: &str) -> (Vec<String>, Vec<String>) {
        let lower = LowerText::new(rationale);
        let read = read(rationale, &lower, &(0..rationale.len()), sign, treatment);
        (
            read.reasons.iter().map(ToString::to_string).collect(),
            read.sentences
                .iter()
                .map(|s| rationale[s.clone()].to_string())
                .collect(),
        )
    }

    fn against(rationale: &str, treatment: &str) -> Vec<String> {
        let (mut reasons, _) = reasons(rationale, Sign::Against, treatment);
        reasons.sort();
        reasons
    }

    #[test]
    fn a_guidelines_recital_is_no_reason() {
        assert_eq!(
            against(
                "The guidelines recommend surgery after failure of conservative care and with red \
                 flags. In this case, there is no documentation of functional improvement with the \
                 prior sessions. The request is not medically necessary.",
                "rehabilitation"
            ),
            ["functional improvement:-"]
        );
    }

    #[test]
    fn an_entry_of_a_guidelines_list_and_a_citation_decide_nothing() {
        let (found, sentences) = reasons(
            "Tapering is considered under any of these circumstances: Patient wants it. Resolution of \
             pain. Patient has engaged in dangerous activity. Severe adverse effects or overdose \
             events. (Homik, 2004) In this case, there is no documentation of functional improvement \
             on the regimen. The request is not medically necessary.",
            Sign::Against,
            "pharmacy",
        );
        assert!(!found.contains(&"safety:-".to_string()), "{found:?}");
        assert!(
            found.contains(&"functional improvement:-".to_string()),
            "{found:?}"
        );
        assert!(
            sentences
                .iter()
                .all(|s| !s.contains("overdose") && !s.contains("Homik")),
            "{sentences:?}"
        );
        let (found, _) = reasons(
            "Guidelines recommend laxatives. After the operation a laxative would benefit the patient. \
             It is medically necessary.",
            Sign::For,
            "pharmacy",
        );
        assert!(
            !found.contains(&"functional improvement:+".to_string()),
            "{found:?}"
        );
    }

    #[test]
    fn negation_has_a_direction_and_an_end() {
        let red_flags = ["red flags:-"];
        assert_eq!(
            against("The worker has no red flags on exam.", "imaging"),
            red_flags
        );
        assert_eq!(
            against("For this worker red flags were not documented.", "imaging"),
            red_flags
        );
        assert_eq!(
            against(
                "The worker has no bruise, but red flags are present.",
                "imaging"
            ),
            [""; 0]
        );
        assert_eq!(
            against(
                "The patient has not failed conservative treatment.",
                "imaging"
            ),
            ["conservative care:-"]
        );
    }

    #[test]
    fn a_negation_is_read_in_whatever_words() {
        for (rationale, treatment, wanted) in [
            (
                "Therapy has not been tried.",
                "injection",
                "conservative care:-",
            ),
            (
                "The notes are silent as to any benefit from past visits.",
                "rehabilitation",
                "functional improvement:-",
            ),
            (
                "Relief from the first injection was never quantified.",
                "injection",
                "functional improvement:-",
            ),
            (
                "Neither the criteria nor a neurologic deficit were met.",
                "imaging",
                "findings:-",
            ),
            (
                "A first-line agent has yet to be tried.",
                "pharmacy",
                "alternatives:-",
            ),
            (
                "A signed agreement is nowhere to be found.",
                "pharmacy",
                "monitoring:-",
            ),
            (
                "What the earlier visits achieved goes unmentioned.",
                "rehabilitation",
                "functional improvement:-",
            ),
            ("Data on this device are thin.", "equipment", "evidence:-"),
            (
                "The arthroscopy not being certified, this is moot.",
                "equipment",
                "related item:-",
            ),
        ] {
            assert_eq!(against(rationale, treatment), [wanted], "{rationale}");
        }
    }

    #[test]
    fn a_semicolon_ends_a_clause() {
        assert_eq!(
            against(
                "There is no bruise; the request exceeds the ten visits that the guideline allows.",
                "rehabilitation"
            ),
            ["amount:-"]
        );
    }

    #[test]
    fn a_short_rationale_has_no_list_of_a_guideline() {
        let terse = "MTUS allows a trial of six. Twelve at the outset goes beyond it.";
        assert_eq!(against(terse, "rehabilitation"), ["amount:-"]);
    }

    #[test]
    fn what_is_conceded_is_not_why() {
        let (found, sentences) = reasons(
            "A plain word settles it for this worker. Dyspepsia is on record, which counts in its favor. \
             It is not medically necessary.",
            Sign::Against,
            "other",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(sentences, ["A plain word settles it for this worker."]);
    }

    #[test]
    fn only_what_speaks_for_the_decision_counts() {
        let rationale = "The patient has failed conservative care. However, there is no evidence of \
             instability on the physical examination. As such, the request is not medically necessary.";
        assert_eq!(against(rationale, "surgery"), ["findings:-"]);
        let (granted, _) = reasons(rationale, Sign::For, "surgery");
        assert_eq!(granted, ["conservative care:+"]);
    }

    #[test]
    fn the_sentence_that_decided_is_the_one_that_says_why() {
        let (found, sentences) = reasons(
            "According to the guidelines, up to ten visits are recommended. The worker fell from a \
             ladder. The requested 18 visits exceed the guideline recommendation. Therefore, the \
             request is not medically necessary.",
            Sign::Against,
            "rehabilitation",
        );
        assert_eq!(found, ["amount:-"]);
        assert_eq!(
            sentences,
            ["The requested 18 visits exceed the guideline recommendation."]
        );
    }

    #[test]
    fn where_no_reason_is_recognized_the_last_word_on_the_case_decided() {
        let (found, sentences) = reasons(
            "Guidelines recommend it for some. The worker told the story in plain English. \
             Therefore, the request is not medically necessary.",
            Sign::Against,
            "other",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(sentences, ["The worker told the story in plain English."]);
    }

    #[test]
    fn a_denials_reasons_are_utilization_reviews() {
        let summary = "The request was denied due to lack of documentation of functional \
             improvement. The worker has back pain.";
        let lower = LowerText::new(summary);
        let sentences = sentences(summary, &lower, 0..summary.len());
        let reasons = of_denial(summary, &lower, &sentences);
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(reasons, ["functional improvement:-"]);
        let (own, _) = super::tests::reasons(summary, Sign::Against, "rehabilitation");
        assert!(own.is_empty(), "{own:?}");
    }

    #[test]
    fn what_a_note_shows_is_of_this_case_after_a_recital() {
        let recital = "Guidelines recommend such injections where trigger points are found.";
        for (rationale, treatment, wanted) in [
            (
                "The note mentions only tenderness of the muscles.",
                "injection",
                "findings:-",
            ),
            (
                "The twelve visits go beyond this trial.",
                "rehabilitation",
                "amount:-",
            ),
            (
                "The worker asks for shopping and laundry.",
                "home-health",
                "not medical:-",
            ),
            (
                "It is not stated what the kit contains.",
                "equipment",
                "clarity:-",
            ),
        ] {
            let rationale = format!("{recital} {rationale} It is not medically necessary.");
            assert_eq!(against(&rationale, treatment), [wanted], "{rationale}");
        }
    }

    #[test]
    fn a_standard_notice_is_no_reason() {
        let notice = "This decision addresses the medical necessity of opioids. It should not be \
             interpreted as a recommendation to stop opioids; tapering is advised.";
        assert!(against(notice, "pharmacy").is_empty());
    }

    #[test]
    fn the_table_names_treatments_and_has_no_row_without_effect() {
        let table = Table::read(
            "reasons.tsv",
            include_str!("../../../index-schema/reasons.tsv"),
        );
        for row in table.rows() {
            let only = row.get("only").trim_start_matches('!');
            for name in only.split('|').filter(|name| !name.is_empty()) {
                assert!(TREATMENTS.contains(&name), "{name}: {}", row.get("pattern"));
            }
            let signs = [row.get("present"), row.get("absent")];
            assert!(
                signs.iter().all(|s| ["", "+", "-"].contains(s)),
                "{signs:?}"
            );
            let hides = row.get("theme").is_empty();
            assert_eq!(hides, signs == ["", ""], "{}", row.get("pattern"));
        }
        assert!(FINDINGS.rows.len() > 300);
    }

    #[test]
    fn any_text_and_any_range_are_read() {
        for text in [
            "",
            "no ",
            &"no red flag ".repeat(3000),
            "\u{e9}. \u{e9}",
            "((((",
        ] {
            let lower = LowerText::new(text);
            let whole = 0..text.len();
            let _ = read(text, &lower, &whole, Sign::Against, "imaging");
            let _ = read(text, &lower, &(5..usize::MAX), Sign::Against, "nothing");
            let _ = of_denial(text, &lower, &sentences(text, &lower, whole));
        }
    }
}
