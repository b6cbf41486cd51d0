//! The tokens of a query, each with its place; and what cannot be one.

use super::error::{SearchError, brief, is_unseen, query_error as error};
use crate::fields;
use crate::vocabulary::{CaseNumber, nearest};
use std::borrow::Cow;

/// The widest `w/N` and `~N`.
const WIDEST: u32 = 50;
/// The most words of a phrase with `~N`: what a loose phrase costs grows with each.
const MOST_LOOSE: usize = 6;
/// The fewest letters before a `*`.
const LEAST_BEGINNING: usize = 2;

/// Whether a field takes a value, as the filter of its name does, and not words.
#[must_use]
pub(super) fn takes_value(field: &str) -> bool {
    fields::filter(field).is_some()
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// "(".
    Open,
    /// ")".
    Close,
    /// "OR".
    Or,
    /// "AND".
    And,
    /// "NOT", or the hyphen before a word.
    Not,
    /// "w/5".
    Within(u32),
    /// "drug:".
    Field(&'static str),
    /// Words in quotation marks, and how many others may stand between.
    Phrase(String, u32),
    /// A word, or a field's value.
    Word(String),
    /// The beginning of a word.
    Prefix(String),
}

/// The tokens of a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tokens {
    /// Each with its place in characters from 1.
    pub tokens: Vec<(Token, usize)>,
    /// What a person should know of how they were read.
    pub notes: Vec<String>,
}

/// Takes a query apart that was [`cleaned`].
///
/// # Errors
/// One sentence that points at the place.
pub(super) fn tokens(query: &str) -> Result<Tokens, SearchError> {
    let mut reader = Reader {
        query,
        chars: query.chars().map(plain).collect(),
        at: 0,
        tokens: Vec::new(),
        notes: Vec::new(),
    };
    while reader.at < reader.chars.len() {
        reader.next()?;
    }
    Ok(Tokens {
        tokens: reader.tokens,
        notes: reader.notes,
    })
}

/// A character as it is meant: quotation marks, apostrophes and hyphens of print are those of the
/// keyboard, and what controls a terminal is a gap.
fn plain(c: char) -> char {
    match c {
        '\u{201c}'..='\u{201f}' => '"',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ if c.is_control() => ' ',
        _ => c,
    }
}

/// Whether a character changes in which order those around it are shown.
pub(super) fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A query as letters have its words: without marks that do not print or are set over a letter, and
/// with ligatures taken apart. Places in a query are places in this.
pub(super) fn cleaned(query: &str) -> Cow<'_, str> {
    let stays =
        |c: char| !is_unseen(c) && !matches!(c, '\u{300}'..='\u{36f}' | '\u{fb00}'..='\u{fb04}');
    if query.chars().all(stays) {
        return Cow::Borrowed(query);
    }
    let mut text = String::with_capacity(query.len());
    for c in query.chars() {
        match c {
            '\u{fb00}' => text.push_str("ff"),
            '\u{fb01}' => text.push_str("fi"),
            '\u{fb02}' => text.push_str("fl"),
            '\u{fb03}' => text.push_str("ffi"),
            '\u{fb04}' => text.push_str("ffl"),
            c if stays(c) => text.push(c),
            _ => {}
        }
    }
    Cow::Owned(text)
}

/// Whether a word alone would be read as an operator: one that was typed with a mark behind it ("OR.").
pub(super) fn is_operator(word: &str) -> bool {
    matches!(word, "OR" | "||" | "AND" | "&&" | "&" | "NOT") || connector(word).is_some()
}

/// Whether a word would be the beginning of a case number, with digits after it: one that was typed with a mark
/// behind it ("CM.", "CM15.").
pub(super) fn begins_a_case_number(word: &str) -> bool {
    let rest = match word.get(..2) {
        Some(prefix) if prefix.eq_ignore_ascii_case("cm") => &word[2..],
        _ => return false,
    };
    let digits = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    matches!(digits.len(), 0 | 2) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The number of a connector as it is written, "5" of "w/5".
fn connector(word: &str) -> Option<&str> {
    let (name, number) = word.split_once('/')?;
    let names = ["w", "near", "within", "n", "pre"];
    let named = names.iter().any(|n| n.eq_ignore_ascii_case(name));
    let of_letters = ["s", "p"].iter().any(|n| n.eq_ignore_ascii_case(number));
    let of_digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (named && (of_letters || of_digits)).then_some(number)
}

/// Whether a text has anything that is indexed.
fn says_something(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_alphabetic() || c.is_ascii_digit())
}

/// The field whose values are case numbers.
const CASE: &str = "case";

/// What may be a field's name, and its value: "drug:norco", and "drug=norco" where it is one.
fn field_and_rest(word: &str) -> Option<(&str, &str)> {
    let is_field = |name: &str| fields::query_names().any(|(f, _)| f.eq_ignore_ascii_case(name));
    let assigned = word.split_once('=').filter(|(name, _)| is_field(name));
    assigned.or_else(|| word.split_once(':'))
}

fn starred(word: &str) -> bool {
    word.contains(['*', '!'])
}

struct Reader<'q> {
    query: &'q str,
    chars: Vec<char>,
    at: usize,
    tokens: Vec<(Token, usize)>,
    notes: Vec<String>,
}

impl Reader<'_> {
    fn fail<T>(&self, what: &str, place: usize) -> Result<T, SearchError> {
        Err(error(self.query, what, place))
    }

    fn push(&mut self, token: Token, place: usize) {
        self.tokens.push((token, place));
    }

    /// The field whose value is to come.
    fn field(&self) -> Option<&'static str> {
        match self.tokens.last() {
            Some((Token::Field(field), _)) => Some(field),
            _ => None,
        }
    }

    fn next(&mut self) -> Result<(), SearchError> {
        let place = self.at + 1;
        let here = self.chars[self.at];
        let one = match here {
            c if c.is_whitespace() || c == ',' || c == ';' => None,
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '"' => return self.phrase('"'),
            '\'' if self.closing_quote().is_some() => return self.phrase('\''),
            '-' if self.field().is_none_or(|field| !takes_value(field))
                && self
                    .chars
                    .get(place)
                    .is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '(' | '#')) =>
            {
                Some(Token::Not)
            }
            _ if self.case_number(self.at) => return Ok(()),
            _ => return self.chunk(),
        };
        self.at += 1;
        if let Some(token) = one {
            self.push(token, place);
        }
        Ok(())
    }

    /// Takes a case number that begins at a character. Those side by side are alternatives: no letter
    /// has two.
    fn case_number(&mut self, at: usize) -> bool {
        let of_case = self.field() == Some(CASE);
        if !of_case && self.field().is_some() {
            return false;
        }
        let Some((case, len)) = CaseNumber::at_start(&self.chars[at..]) else {
            return false;
        };
        let is_one = of_case || case.is_plain();
        if is_one {
            self.push_case(&case, at + 1);
            self.at = at + len;
        }
        is_one
    }

    fn push_case(&mut self, case: &CaseNumber, place: usize) {
        if self.field() != Some(CASE) {
            match self.tokens.as_slice() {
                [
                    ..,
                    (Token::Not, _),
                    (Token::Field(CASE), _),
                    (Token::Word(_), _),
                ] => {}
                [.., (Token::Field(CASE), _), (Token::Word(_), _)] => self.push(Token::Or, place),
                _ => {}
            }
            self.push(Token::Field(CASE), place);
        }
        self.push(Token::Word(case.to_string()), place);
    }

    /// Where the single quotation mark stands that closes the one here: shells eat double ones. An
    /// apostrophe has a letter behind it, or nothing that it could close.
    fn closing_quote(&self) -> Option<usize> {
        let from = self.at + 1;
        let of_word = |at: usize| self.chars.get(at).is_some_and(|c| c.is_alphanumeric());
        if !of_word(from) && self.chars.get(from) != Some(&'#') {
            return None;
        }
        (from..self.chars.len()).find(|at| self.chars[*at] == '\'' && !of_word(at + 1))
    }

    fn phrase(&mut self, quote: char) -> Result<(), SearchError> {
        let place = self.at + 1;
        let closing = match quote {
            '"' => {
                let mut rest = self.chars[place..].iter();
                rest.position(|c| *c == '"').map(|len| place + len)
            }
            _ => self.closing_quote(),
        };
        let Some(closing) = closing else {
            return self.fail("an unclosed quotation mark", place);
        };
        let len = closing - place;
        // A double quotation mark within single ones stands for no word.
        let plain = |c: &char| if *c == '"' { ' ' } else { *c };
        let phrase: String = self.chars[place..closing].iter().map(plain).collect();
        let phrase = phrase.trim().to_string();
        self.at = place + len + 1;
        if !says_something(&phrase) {
            return self.fail("quotation marks with no word between them", place);
        }
        let words: Vec<&str> = phrase.split_whitespace().collect();
        for (n, word) in words.iter().enumerate().filter(|(_, word)| starred(word)) {
            let beginning = self.beginning(word, place)?;
            if n + 1 < words.len() || beginning.is_none() {
                let what =
                    "a * or ! inside quotation marks that is not at the end of the last word";
                return self.fail(what, place);
            }
        }
        let slop = self.slop(&words, place)?;
        self.push(Token::Phrase(phrase, slop), place);
        Ok(())
    }

    /// The number of "~3" after a phrase, 0 without one.
    fn slop(&mut self, words: &[&str], place: usize) -> Result<u32, SearchError> {
        if self.chars.get(self.at) != Some(&'~') {
            return Ok(0);
        }
        let at = self.at + 1;
        let digits: String = self.chars[at..]
            .iter()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        self.at = at + digits.chars().count();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return self.fail("a ~ without its number", at);
        }
        if self.field().is_some_and(takes_value) {
            return self.fail("a ~ after a value, which is not a phrase", at);
        }
        match digits.parse() {
            Ok(0) => Ok(0),
            Ok(_) if words.len() > MOST_LOOSE => {
                let what = format!("a ~ after a phrase of more than {MOST_LOOSE} words");
                self.fail(&what, place)
            }
            Ok(slop) if slop <= WIDEST => Ok(slop),
            _ => self.fail(&format!("a ~ of more than {WIDEST} words"), at),
        }
    }

    /// What stands between white space, parentheses and quotation marks.
    fn chunk(&mut self) -> Result<(), SearchError> {
        let place = self.at + 1;
        let ends = |c: &char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ';');
        let rest = &self.chars[self.at..];
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        let word: String = rest[..len].iter().collect();
        self.at += len;
        if self.slash(&word, place)? {
            return Ok(());
        }
        // Digits of other scripts and pictures are no punctuation.
        let counts = |c: char| c.is_alphanumeric() || c >= '\u{1f000}';
        if !says_something(&word) && word.contains(counts) {
            let note = format!(
                "'{}' was left out: letters contain no such words",
                brief(&word)
            );
            self.notes.push(note);
        }
        let mark = |c: &char| !c.is_alphanumeric() && !matches!(c, '#' | '*' | '!');
        let marks = if self.field().is_none() && says_something(&word) {
            word.chars().take_while(mark).count()
        } else {
            0
        };
        if marks > 0 && self.case_number(place - 1 + marks) {
            return Ok(());
        }
        let begins = word.chars().take(marks).map(char::len_utf8).sum();
        self.word(&word[begins..], place + marks)
    }

    fn word(&mut self, word: &str, place: usize) -> Result<(), SearchError> {
        match word {
            "OR" | "||" => self.push(Token::Or, place),
            "AND" | "&&" | "&" => self.push(Token::And, place),
            "NOT" => self.push(Token::Not, place),
            _ if self.within(word, place)? => {}
            _ => match field_and_rest(word) {
                Some((name, rest)) if self.named(name, rest, place)? => {
                    let begins = self.at - rest.chars().count().min(self.at);
                    let is_case = self.field() == Some(CASE) && self.case_number(begins);
                    if !rest.is_empty() && !is_case {
                        self.word(rest, place + name.chars().count() + 1)?;
                    }
                }
                _ => self.plain_word(word, place)?,
            },
        }
        Ok(())
    }

    /// Takes a connector as Westlaw and Lexis write it: "/5" is `w/5`; what has no counterpart is
    /// refused where it stands between words.
    fn slash(&mut self, word: &str, place: usize) -> Result<bool, SearchError> {
        let lower = word.to_ascii_lowercase();
        let is_between = matches!(
            self.tokens.last(),
            Some((
                Token::Word(_) | Token::Prefix(_) | Token::Phrase(..) | Token::Close,
                _
            ))
        ) && self.chars[self.at..].iter().any(|c| !c.is_whitespace());
        if !is_between {
            return Ok(false);
        }
        if let Some(number) = lower.strip_prefix('/')
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            return self.within(&format!("w/{number}"), place);
        }
        if matches!(lower.as_str(), "/s" | "/p" | "/sent" | "/para") {
            return self.within(&format!("w{}", &lower[..2]), place);
        }
        if let Some(number) = lower.strip_prefix('+')
            && (matches!(number, "s" | "p")
                || (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())))
        {
            let what = format!("'{lower}', which imr does not support (w/5 matches either order)");
            return self.fail(&what, place);
        }
        Ok(false)
    }

    /// Takes a connector: "w/5".
    fn within(&mut self, word: &str, place: usize) -> Result<bool, SearchError> {
        let lower = word.to_ascii_lowercase();
        let number = |name: &str| {
            let number = lower.strip_prefix(name)?;
            (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
        };
        let names = ["w/", "near/", "within/", "n/"];
        if let Some(number) = names.iter().find_map(|name| number(name)) {
            let distance = number.parse().ok();
            let Some(distance) = distance.filter(|n| (1..=WIDEST).contains(n)) else {
                let what = format!("a w/ that is not of 1 to {WIDEST} words");
                return self.fail(&what, place);
            };
            self.push(Token::Within(distance), place);
            return Ok(true);
        }
        if matches!(lower.as_str(), "w/s" | "w/p" | "near/s" | "near/p") {
            let what = format!("'{lower}', which imr does not support (w/15 is about a sentence)");
            return self.fail(&what, place);
        }
        if number("pre/").is_some() {
            let what = format!("'{lower}', which imr does not support (w/5 matches either order)");
            return self.fail(&what, place);
        }
        Ok(false)
    }

    /// Takes the name of a field, which `rest` follows.
    fn named(&mut self, name: &str, rest: &str, place: usize) -> Result<bool, SearchError> {
        let known = |(field, _): &(&str, _)| field.eq_ignore_ascii_case(name);
        if let Some((_, field)) = fields::query_names().find(known) {
            if self.field().is_some() {
                let what = format!("'{}:' inside another field", field.name);
                return self.fail(&what, place);
            }
            self.push(Token::Field(field.name), place);
            return Ok(true);
        }
        // "10:30" and "Diagnosis: strain" are words.
        let valued = !rest.is_empty() || matches!(self.chars.get(self.at), Some('"' | '('));
        let of_names = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_');
        if valued && name.len() > 2 && name.bytes().all(of_names) {
            if takes_value(&name.to_ascii_lowercase()) {
                return self.fail(&format!("'{name}:', which is a filter, not a field"), place);
            }
            let names = fields::query_names().map(|(name, _)| name);
            if let Some(near) = nearest(name, names).first() {
                let what = format!("'{name}:', which is not a field (did you mean '{near}:'?)");
                return self.fail(&what, place);
            }
            let names = fields::query_names().map(|(name, _)| format!("{name}:"));
            let all: Vec<String> = names.collect();
            self.notes.push(format!(
                "'{name}:' is not a field, so '{name}' was searched as a word (fields: {})",
                all.join(" ")
            ));
        }
        Ok(false)
    }

    fn plain_word(&mut self, word: &str, place: usize) -> Result<(), SearchError> {
        let is_value = self.field().is_some_and(takes_value);
        let word = if !is_value {
            let kept = |c: char| c.is_alphanumeric() || matches!(c, '*' | '!' | '~');
            word.trim_end_matches(|c: char| !kept(c))
        } else if word.ends_with("..") {
            // The dots of "60.." are a range's.
            word
        } else {
            word.trim_end_matches(['.', '?', ':', '\''])
        };
        if let Some(field) = self.field().filter(|_| word.starts_with('-')) {
            let what = format!("a hyphen after '{field}:' (put it before the field)");
            return self.fail(&what, place);
        }
        if let Some(stem) = self.beginning(word, place)? {
            self.push(Token::Prefix(stem.to_string()), place);
            return Ok(());
        }
        if !says_something(word) {
            return Ok(());
        }
        // Without the marks behind it, it may be one.
        let chars: Vec<char> = word.chars().collect();
        if self.field().is_none()
            && let Some((case, len)) = CaseNumber::at_start(&chars)
            && case.is_plain()
            && len == chars.len()
        {
            self.push_case(&case, place);
            return Ok(());
        }
        if let Some((before, number)) = word.rsplit_once('~')
            && before.chars().any(char::is_alphabetic)
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            let what = "a ~ after a word (it belongs after a phrase in quotation marks)";
            return self.fail(what, place + before.chars().count());
        }
        self.push(Token::Word(word.to_string()), place);
        Ok(())
    }

    /// What stands before the `*` or `!` at a word's end; None of a word without.
    fn beginning<'w>(&self, word: &'w str, place: usize) -> Result<Option<&'w str>, SearchError> {
        if !starred(word) {
            return Ok(None);
        }
        let stem = word.trim_end_matches(['*', '!']);
        let letters = stem.chars().filter(|c| c.is_alphanumeric()).count();
        if starred(stem) {
            self.fail("a * or ! that is not at a word's end", place)
        } else if letters < LEAST_BEGINNING || !says_something(stem) {
            self.fail("a * or ! after fewer than two letters", place)
        } else {
            Ok(Some(stem))
        }
    }
}
