//! Operators in lower case: "mri or ct", "mri not lumbar".
//!
//! Search engines of lawyers read them as operators, sentences have them as words. A token becomes
//! an operator only where that is the likelier reading; in short queries a note says how it was read.

use super::tokens::{Token, Tokens};
use crate::fields;
use crate::vocabulary::{BodyParts, DecisionWords, Drugs, Services, Synonyms, fold, is_stop_word};

/// A query of more words is a sentence: "or" is an operator only between things that the vocabulary
/// knows.
const SHORT: usize = 6;
/// A query of more words is a sentence: "not" is no operator there.
const TERSE: usize = 4;
/// Words of the longest operand that is looked for.
const LONGEST: usize = 5;
/// The filter of the day of the decision.
const DECIDED: &str = "decided";

/// Reads "or" and "not" in lower case.
#[must_use]
pub(super) fn read(mut read: Tokens) -> Tokens {
    let words = read
        .tokens
        .iter()
        .filter(|(token, _)| word(token).is_some());
    let words = words.count();
    to_a_case(&mut read);
    names_apart(&mut read);
    dates(&mut read, words);
    let mut at = 0;
    while at < read.tokens.len() {
        let lower = word(&read.tokens[at].0).map(str::to_ascii_lowercase);
        let place = read.tokens[at].1;
        match lower.as_deref() {
            Some("or" | "and/or") => {
                if let Some((left, right)) = alternatives(&read.tokens, at, words) {
                    read.tokens[at].0 = Token::Or;
                    // From the right, so that places before stay.
                    for (group, end) in [right, left] {
                        if end - group > 1 {
                            read.tokens.insert(end, (Token::Close, place));
                            read.tokens.insert(group, (Token::Open, place));
                            at += usize::from(group <= at);
                        }
                    }
                    read.notes.push(
                        "'or' was read as OR; put it in quotation marks to search for the word"
                            .to_string(),
                    );
                }
            }
            Some("not") if words <= SHORT => match excluded(&read.tokens, at, words) {
                ExcludedTerm::Concept => {
                    read.tokens[at].0 = Token::Not;
                    read.notes.push(
                        "'not' was read as NOT; put it in quotation marks to search for the word"
                            .to_string(),
                    );
                }
                ExcludedTerm::Word(next) => read.notes.push(format!(
                    "'not' was read as a word; to leave letters out write NOT {next}"
                )),
                ExcludedTerm::Nothing => {}
            },
            _ => {}
        }
        at += 1;
    }
    read
}

/// Leaves out what only leads to a case number: "show me CM15-0012345".
fn to_a_case(read: &mut Tokens) {
    const LEADING: [&str; 14] = [
        "show", "me", "imr", "find", "open", "get", "read", "the", "letter", "case", "number",
        "no", "decision", "please",
    ];
    let is_case = |token: &Token| *token == Token::Field(fields::CASE.name);
    let Some(case) = read.tokens.iter().position(|(token, _)| is_case(token)) else {
        return;
    };
    let leading = |token: &Token| {
        word(token).is_some_and(|word| LEADING.contains(&word.to_ascii_lowercase().as_str()))
    };
    if case == 0 || !read.tokens[..case].iter().all(|(token, _)| leading(token)) {
        return;
    }
    let words: Vec<&str> = read.tokens[..case]
        .iter()
        .filter_map(|(token, _)| word(token))
        .collect();
    let note = format!(
        "'{}' was left out: a case number names its letter",
        words.join(" ")
    );
    read.notes.push(note);
    read.tokens.drain(..case);
}

/// Takes names apart that a mark joins: "norco/soma", "norco+soma". A name that has the mark itself
/// stays ("butalbital/caffeine").
fn names_apart(read: &mut Tokens) {
    let mut at = 0;
    while at < read.tokens.len() {
        let place = read.tokens[at].1;
        let typed = word(&read.tokens[at].0).unwrap_or_default().to_string();
        let parts: Vec<&str> = typed.split(['/', '+']).collect();
        let several = parts.len() > 1 && of_no_field(&read.tokens, at);
        let names = several && parts.iter().all(|part| is_value(&fold(part)));
        if names && !known(&read.tokens, at, at + 1) {
            let mut from = 0;
            let mut words = Vec::new();
            for part in &parts {
                words.push((Token::Word((*part).to_string()), place + from));
                from += part.chars().count() + 1;
            }
            read.notes.push(format!(
                "'{typed}' was read as {}; put it in quotation marks to search for it as typed",
                parts.join(" and ")
            ));
            read.tokens.splice(at..=at, words);
        }
        at += parts.len();
    }
}

/// Says how to ask for when a letter was decided, where a date was typed as words.
fn dates(read: &mut Tokens, words: usize) {
    let Some((decided, _)) = fields::filter(DECIDED).filter(|_| words <= SHORT) else {
        return;
    };
    let is_date = |typed: &str| decided.resolve(typed, &|_| Vec::new()).is_ok();
    let typed = |at: usize| {
        let (token, _) = read.tokens.get(at)?;
        word(token).filter(|_| of_no_field(&read.tokens, at))
    };
    let mut notes = Vec::new();
    for at in 0..read.tokens.len() {
        let Some(first) = typed(at) else { continue };
        let parted = first.contains(['/', '-']) && first.contains(|c: char| c.is_ascii_digit());
        let is_month = first.len() > 2 && first.bytes().all(|b| b.is_ascii_alphabetic());
        let year = typed(at + 1)
            .filter(|next| is_month && next.len() == 4 && next.bytes().all(|b| b.is_ascii_digit()));
        let date = match year {
            _ if parted => first.to_string(),
            Some(year) => format!("{first} {year}"),
            None => continue,
        };
        if is_date(&date) {
            let quoted = if date.contains(' ') {
                format!("\"{date}\"")
            } else {
                date.clone()
            };
            notes.push(format!(
                "'{date}' was searched as text; decided:{quoted} finds what was decided then"
            ));
        }
    }
    read.notes.extend(notes);
}

fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

/// The operands of an "or", each with its first token and the one after its last; None where it is
/// a word of a sentence.
fn alternatives(
    tokens: &[(Token, usize)],
    at: usize,
    words: usize,
) -> Option<((usize, usize), (usize, usize))> {
    let is_end = |token: &Token| {
        matches!(
            token,
            Token::Word(_) | Token::Phrase(..) | Token::Prefix(_) | Token::Close
        )
    };
    let is_start = |token: &Token| {
        matches!(
            token,
            Token::Word(_) | Token::Phrase(..) | Token::Prefix(_) | Token::Open | Token::Field(_)
        )
    };
    let (before, after) = (tokens.get(at.checked_sub(1)?)?, tokens.get(at + 1)?);
    let says_nothing = |token: &Token| word(token).is_some_and(is_stop_word);
    if !is_end(&before.0)
        || !is_start(&after.0)
        || says_nothing(&before.0)
        || says_nothing(&after.0)
    {
        return None;
    }
    // A part of what the vocabulary knows: "side or other".
    if known(tokens, at - 1, at + 2) {
        return None;
    }
    let plain = |n: usize| n < tokens.len() && word(&tokens[n].0).is_some();
    let left = (1..=LONGEST.min(at)).rev().find(|len| {
        (at - len..at).all(plain) && of_no_field(tokens, at - len) && known(tokens, at - len, at)
    });
    let right = (1..=LONGEST)
        .rev()
        .find(|len| (at + 1..=at + len).all(plain) && known(tokens, at + 1, at + 1 + len));
    if words > SHORT && (left.is_none() || right.is_none()) {
        return None;
    }
    // "is it denied or allowed": both decisions are asked about, and neither is a thing.
    let decides = |n: usize| word(&tokens[n].0).is_some_and(is_decision);
    if words > SHORT && decides(at - 1) && decides(at + 1) {
        return None;
    }
    let (left, right) = (left.unwrap_or(1), right.unwrap_or(1));
    Some(((at - left, at), (at + 1, at + 1 + right)))
}

/// Whether no field's name stands before a token.
fn of_no_field(tokens: &[(Token, usize)], at: usize) -> bool {
    at.checked_sub(1)
        .is_none_or(|before| !matches!(tokens[before].0, Token::Field(_)))
}

enum ExcludedTerm {
    /// Something that the vocabulary knows.
    Concept,
    /// Another word.
    Word(String),
    /// "not" belongs to a phrase, or stands before nothing.
    Nothing,
}

fn excluded(tokens: &[(Token, usize)], at: usize, words: usize) -> ExcludedTerm {
    let Some(next) = tokens.get(at + 1).and_then(|(token, _)| word(token)) else {
        return ExcludedTerm::Nothing;
    };
    let reaches = |to: usize| to <= tokens.len() && known(tokens, at, to);
    if is_stop_word(next) || (at + 2..=at + LONGEST).any(reaches) {
        return ExcludedTerm::Nothing;
    }
    let named = (at + 2..=at + 1 + LONGEST)
        .any(|to| to <= tokens.len() && is_value(&joined(tokens, at + 1, to)));
    if named && words <= TERSE {
        ExcludedTerm::Concept
    } else {
        ExcludedTerm::Word(next.to_string())
    }
}

/// The words of some tokens, folded; empty where one is no word.
fn joined(tokens: &[(Token, usize)], from: usize, to: usize) -> String {
    let words: Option<Vec<&str>> = tokens[from..to]
        .iter()
        .map(|(token, _)| word(token))
        .collect();
    words.map_or_else(String::new, |words| fold(&words.join(" ")))
}

/// Whether words are a term of the synonyms, or a value of a field.
fn known(tokens: &[(Token, usize)], from: usize, to: usize) -> bool {
    let phrase = joined(tokens, from, to);
    !phrase.is_empty() && (!Synonyms::get().of(&phrase).is_empty() || is_value(&phrase))
}

/// Whether a word is one of the words for a decision.
fn is_decision(word: &str) -> bool {
    DecisionWords::get().decision(word).is_some()
}

/// Whether a phrase is a drug, a class, a treatment or a part of the body.
fn is_value(phrase: &str) -> bool {
    !phrase.is_empty()
        && (Drugs::get().paths(phrase).is_some()
            || Services::get().resolve(phrase).is_some()
            || !BodyParts::get().resolve(phrase).is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::parser;

    fn understood(query: &str) -> String {
        parser::parse(query).map_or_else(|e| e.to_string(), |node| node.to_string())
    }

    fn notes(query: &str) -> usize {
        parser::read(query).map_or(0, |read| read.notes.len())
    }

    #[test]
    fn lower_case_operators_between_operands() {
        for (query, want) in [
            ("mri or ct", "(mri OR ct)"),
            ("lumbar mri or ct", "lumbar (mri OR ct)"),
            ("norco or tramadol or soma", "(norco OR tramadol OR soma)"),
            (
                "physical therapy or acupuncture",
                "((physical therapy) OR acupuncture)",
            ),
            ("mri and/or ct", "(mri OR ct)"),
            ("mri not lumbar", "mri -lumbar"),
            ("mri and not lumbar", "mri and -lumbar"),
            ("mri OR ct", "(mri OR ct)"),
        ] {
            assert_eq!(understood(query), want, "{query}");
        }
        assert_eq!(notes("mri or ct"), 1);
        assert_eq!(notes("mri OR ct"), 0);
    }

    #[test]
    fn words_of_a_sentence_stay_words() {
        for query in [
            "surgery not medically necessary",
            "duration not specified",
            "or",
            "not",
            "norco or",
            "or norco",
            "lumbar MRI denied patient not considering surgery",
            "is it denied or allowed when the patient has never had it",
        ] {
            assert_eq!(understood(query), query);
        }
        assert_eq!(notes("norco not helping"), 1);
        assert_eq!(notes("duration not specified"), 0);
    }
}
