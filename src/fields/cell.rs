//! One cell of a row.

use crate::letter::LetterDate;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// What a cell of an export holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'h> {
    /// The letter is silent.
    Empty,
    /// A text in one line.
    Text(Cow<'h, str>),
    /// A count or an age.
    Number(u64),
    /// A day.
    Date(LetterDate),
    /// Several texts.
    List(Vec<Cow<'h, str>>),
    /// Whether something is so.
    Flag(bool),
}

/// Between the texts of a list, where a list is one text.
pub const BETWEEN: &str = "; ";

impl<'h> Cell<'h> {
    /// The cell as a text: dates as ISO 8601, lists with semicolons, "yes" for what is so.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(n) => n.to_string().into(),
            Cell::Date(date) => date.to_string().into(),
            Cell::List(texts) => texts.join(BETWEEN).into(),
            Cell::Flag(true) => Cow::Borrowed("yes"),
            Cell::Flag(false) => Cow::Borrowed(""),
        }
    }

    /// The cell without what it borrows.
    #[must_use]
    pub fn owned(self) -> Cell<'static> {
        match self {
            Cell::Empty => Cell::Empty,
            Cell::Text(text) => Cell::Text(text.into_owned().into()),
            Cell::Number(n) => Cell::Number(n),
            Cell::Date(date) => Cell::Date(date),
            Cell::List(texts) => {
                let owned = texts.into_iter().map(|text| Cow::Owned(text.into_owned()));
                Cell::List(owned.collect())
            }
            Cell::Flag(is) => Cell::Flag(is),
        }
    }

    /// A passage as one line: runs of white space become a space.
    #[must_use]
    pub fn line(passage: &'h str) -> Cell<'h> {
        let passage = passage.trim_ascii();
        if !passage.contains('\n') && is_plain(passage) {
            return Cell::from(passage);
        }
        let mut line = String::with_capacity(passage.len());
        for part in passage.split('\n') {
            // Whole lines are copied where they can be: an export is mostly this.
            let whole = is_plain(part).then(|| part.trim_ascii());
            let words = whole.is_none().then(|| part.split_ascii_whitespace());
            let texts = whole.into_iter().chain(words.into_iter().flatten());
            for text in texts.filter(|text| !text.is_empty()) {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(text);
            }
        }
        Cell::from(line)
    }

    /// Texts as a list.
    #[must_use]
    pub fn list(texts: impl IntoIterator<Item = &'h str>) -> Cell<'h> {
        Cell::List(texts.into_iter().map(Cow::Borrowed).collect())
    }

    /// Strings as a list.
    #[must_use]
    pub fn strings(texts: &'h [String]) -> Cell<'h> {
        Cell::list(texts.iter().map(String::as_str))
    }
}

impl FromIterator<String> for Cell<'_> {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        Cell::List(texts.into_iter().map(Cow::Owned).collect())
    }
}

/// Whether single spaces are the only white space inside a line.
fn is_plain(line: &str) -> bool {
    memchr::memchr3(b'\t', b'\r', b'\x0c', line.as_bytes()).is_none()
        && !line.trim_ascii().contains("  ")
}

impl<'h> From<&'h str> for Cell<'h> {
    fn from(text: &'h str) -> Cell<'h> {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.into())
        }
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text.into())
        }
    }
}

impl From<u32> for Cell<'_> {
    fn from(n: u32) -> Self {
        Cell::Number(n.into())
    }
}

impl From<usize> for Cell<'_> {
    fn from(n: usize) -> Self {
        Cell::Number(n as u64)
    }
}

impl From<LetterDate> for Cell<'_> {
    fn from(date: LetterDate) -> Self {
        Cell::Date(date)
    }
}

impl<'h, T: Into<Cell<'h>>> From<Option<T>> for Cell<'h> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// As JSON numbers are numbers, lists are lists, dates are ISO 8601, and what is silent is null.
impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Empty => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Number(n) => serializer.serialize_u64(*n),
            Cell::Date(date) => date.serialize(serializer),
            Cell::List(texts) => serializer.collect_seq(texts),
            Cell::Flag(is) => serializer.serialize_bool(*is),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::text::flat;

    #[test]
    fn a_list_is_a_list_for_programs_and_a_text_for_people() {
        let list = Cell::list(["knee", "shoulder"]);
        assert_eq!(list.text(), "knee; shoulder");
        assert_eq!(
            serde_json::to_string(&list).unwrap(),
            r#"["knee","shoulder"]"#
        );
        assert_eq!(Cell::list([]).text(), "");
        assert_eq!(
            serde_json::to_string(&[Cell::Flag(true), Cell::Empty]).unwrap(),
            "[true,null]"
        );
    }

    #[test]
    fn a_line_is_the_passage_flat() {
        for passage in [
            "",
            " \n ",
            "one",
            " one  two ",
            "one\ntwo\n\n three\u{a0}four ",
            "a\tb\r\nc \x0c d\ne  f",
        ] {
            assert_eq!(Cell::line(passage).text(), flat(passage), "{passage:?}");
        }
    }
}
