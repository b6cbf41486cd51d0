//! How to ask for what was typed as words: when a letter was decided, how old the worker is and of
//! which sex, what must not be.
//!
//! The words stay words; a note says what part of the query language asks for what they mean.

use super::habits::{LONGEST, SHORT, is_value, joined, of_no_field, word};
use super::tokens::Token;
use crate::fields;
use crate::letter::{Sex, stated_age};

/// A token and its place.
type Placed = (Token, usize);

/// The notes on a query's tokens.
#[must_use]
pub(super) fn of(tokens: &[Placed]) -> Vec<String> {
    let words = tokens.iter().filter(|(token, _)| word(token).is_some());
    let mut notes = Vec::new();
    if words.count() <= SHORT {
        dates(tokens, &mut notes);
    }
    age(tokens, &mut notes);
    sex(tokens, &mut notes);
    without(tokens, &mut notes);
    notes
}

/// The word at a place, unless a field's name stands before it.
fn typed(tokens: &[Placed], at: usize) -> Option<&str> {
    let (token, _) = tokens.get(at)?;
    word(token).filter(|_| of_no_field(tokens, at))
}

/// A word in lower case, as [`typed`].
fn lower(tokens: &[Placed], at: usize) -> Option<String> {
    typed(tokens, at).map(str::to_ascii_lowercase)
}

/// Whether a text is a day, month or year of a decision.
fn is_date(text: &str) -> bool {
    let decided = fields::filter("decided");
    decided.is_some_and(|(field, _)| field.resolve(text, &|_| Vec::new()).is_ok())
}

/// "norco 02/14/2017", "norco feb 2017".
fn dates(tokens: &[Placed], notes: &mut Vec<String>) {
    for at in 0..tokens.len() {
        let Some(first) = typed(tokens, at) else {
            continue;
        };
        let parted = first.contains(['/', '-']) && first.contains(|c: char| c.is_ascii_digit());
        let is_month = first.len() > 2 && first.bytes().all(|b| b.is_ascii_alphabetic());
        let year = typed(tokens, at + 1)
            .filter(|next| is_month && next.len() == 4 && next.bytes().all(|b| b.is_ascii_digit()));
        let date = match year {
            _ if parted => first.to_string(),
            Some(year) => format!("{first} {year}"),
            None => continue,
        };
        if is_date(&date) {
            let value = quoted(&date);
            notes.push(format!(
                "'{date}' was searched as text; decided:{value} finds letters decided then"
            ));
        }
    }
}

/// "45 year old", "45-year-old", "45 yo", "age 45", as letters state it.
fn age(tokens: &[Placed], notes: &mut Vec<String>) {
    let words: Vec<&str> = (0..tokens.len())
        .filter_map(|at| typed(tokens, at))
        .collect();
    let text = words.join(" ");
    // Most queries state no age, and need not be looked through.
    let may = text.contains(|c: char| c.is_ascii_digit())
        && (text.contains(['y', 'Y']) || text.to_ascii_lowercase().contains("age"));
    if !may {
        return;
    }
    if let Some((said, years)) = stated_age(&text) {
        let said = text[said].trim();
        notes.push(format!(
            "'{said}' was searched as words; age:{years} finds workers of that age"
        ));
    }
}

/// "norco female".
fn sex(tokens: &[Placed], notes: &mut Vec<String>) {
    let found = (0..tokens.len()).find_map(|at| {
        let word = lower(tokens, at)?;
        let sex = Sex::named(&word)?.name();
        Some((word, sex))
    });
    if let Some((word, sex)) = found {
        notes.push(format!(
            "'{word}' was searched as a word; sex:{sex} finds {sex} workers"
        ));
    }
}

/// "norco without urine drug screen".
fn without(tokens: &[Placed], notes: &mut Vec<String>) {
    for at in 0..tokens.len() {
        let Some(word) = lower(tokens, at).filter(|w| matches!(w.as_str(), "without" | "except"))
        else {
            continue;
        };
        let named = (at + 2..=at + 1 + LONGEST)
            .rev()
            .find(|to| *to <= tokens.len() && is_value(&joined(tokens, at + 1, *to)));
        if let Some(to) = named {
            let words: Vec<&str> = (at + 1..to).filter_map(|n| typed(tokens, n)).collect();
            let name = quoted(&words.join(" "));
            notes.push(format!(
                "'{word}' was searched as a word; -{name} leaves out what requests or mentions it"
            ));
        }
    }
}

/// A value of several words, in quotation marks.
fn quoted(value: &str) -> String {
    if value.contains(' ') {
        format!("\"{value}\"")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parser;

    fn notes(query: &str) -> Vec<String> {
        parser::read(query).map_or_else(|e| vec![e.to_string()], |read| read.notes)
    }

    #[test]
    fn ages_sexes_dates_and_what_must_not_be() {
        for (query, hint) in [
            ("45 year old norco", "age:45"),
            ("norco 45-year-old", "age:45"),
            ("60 yo mri", "age:60"),
            ("norco age 45", "age:45"),
            ("norco woman", "sex:female"),
            ("male norco", "sex:male"),
            ("norco 02/14/2017", "decided:02/14/2017"),
            ("norco feb 2017", "decided:\"feb 2017\""),
            ("norco without urine drug screen", "-\"urine drug screen\""),
            ("opioids except tramadol", "-tramadol"),
        ] {
            let notes = notes(query);
            assert!(
                notes.len() == 1 && notes[0].contains(hint),
                "{query}: {notes:?}"
            );
        }
        for query in [
            "norco 45 tablets",
            "age:45 norco",
            "sex:female norco",
            "without relief",
            "six year old",
            "45 years of pain",
            "norco manual",
        ] {
            assert!(notes(query).is_empty(), "{query}: {:?}", notes(query));
        }
    }

    #[test]
    fn a_hint_can_be_asked() {
        for query in ["norco age 45", "male norco", "norco feb 2017"] {
            for note in notes(query) {
                let hint = note
                    .split("; ")
                    .nth(1)
                    .and_then(|h| h.split(" finds").next());
                assert!(
                    hint.is_some_and(|hint| parser::read(hint).is_ok()),
                    "{note}"
                );
            }
        }
    }
}
