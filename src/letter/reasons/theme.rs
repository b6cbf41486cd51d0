//! What a reason is about, and for which side it speaks.

use crate::vocabulary::{Table, fold};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// For which side a reason speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// For the request.
    For,
    /// Against the request.
    Against,
}

/// A reason of a decision: `theme:+` or `theme:-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// A theme of `reason_themes.tsv`.
    pub theme: String,
    /// For which side it speaks.
    pub sign: Sign,
}

/// A row of `reason_themes.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// As records have it.
    pub name: &'static str,
    /// What it says where it speaks for the request.
    pub when_for: &'static str,
    /// What it says where it speaks against the request.
    pub when_against: &'static str,
    /// For help and documents.
    pub meaning: &'static str,
}

static THEMES: LazyLock<Vec<Theme>> = LazyLock::new(|| {
    let text = include_str!("../../../index-schema/reason_themes.tsv");
    let table = Table::read("reason_themes.tsv", text);
    let theme = |row: crate::vocabulary::Row<'_>| Theme {
        name: row.get("theme"),
        when_for: row.get("for"),
        when_against: row.get("against"),
        meaning: row.get("meaning"),
    };
    table.rows().map(theme).collect()
});

/// All themes, in the order of the table.
#[must_use]
pub fn themes() -> &'static [Theme] {
    &THEMES
}

/// The theme of a name.
pub(super) fn theme_index(name: &str) -> Option<usize> {
    THEMES.iter().position(|theme| theme.name == name)
}

impl Sign {
    /// "+" or "-".
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Sign::For => "+",
            Sign::Against => "-",
        }
    }
}

impl Reason {
    /// Its path as a facet: the theme, and what it says of it in words ("not shown").
    #[must_use]
    pub fn path(&self) -> [String; 2] {
        let theme = THEMES.iter().find(|theme| theme.name == self.theme);
        let words = match (theme, self.sign) {
            (Some(theme), Sign::For) => theme.when_for,
            (Some(theme), Sign::Against) => theme.when_against,
            (None, sign) => sign.symbol(),
        };
        [self.theme.clone(), words.to_string()]
    }

    /// The paths that a person means by "functional improvement", "functional improvement:-" or
    /// "functional improvement/not shown": a whole theme, or a theme and a sign.
    #[must_use]
    pub fn resolve(typed: &str) -> Option<Vec<String>> {
        let (name, rest) = match typed.split_once([':', '/']) {
            Some((name, rest)) => (name, Some(rest)),
            None => (typed, None),
        };
        let name = fold(name.trim());
        let theme = THEMES.iter().find(|theme| fold(theme.name) == name)?;
        let mut path = vec![theme.name.to_string()];
        if let Some(rest) = rest {
            let rest = fold(rest.trim());
            let words = [("+", theme.when_for), ("-", theme.when_against)]
                .into_iter()
                .find(|(symbol, words)| rest == *symbol || rest == fold(words))
                // A folded "-" is a space.
                .or((rest.is_empty()).then_some(("-", theme.when_against)))?;
            path.push(words.1.to_string());
        }
        Some(path)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.theme, self.sign.symbol())
    }
}

impl FromStr for Reason {
    type Err = String;

    fn from_str(text: &str) -> Result<Reason, String> {
        let (theme, sign) = match (text.strip_suffix(":+"), text.strip_suffix(":-")) {
            (Some(theme), _) => (theme, Sign::For),
            (_, Some(theme)) => (theme, Sign::Against),
            _ => return Err(format!("{text}: a reason is a theme, a colon, and + or -")),
        };
        Ok(Reason {
            theme: theme.to_string(),
            sign,
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Reason, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_written_and_read() {
        let reason: Reason = "functional improvement:-".parse().unwrap();
        assert_eq!(reason.to_string(), "functional improvement:-");
        assert_eq!(reason.path(), ["functional improvement", "not shown"]);
        assert!("functional improvement".parse::<Reason>().is_err());
        let json = serde_json::to_string(&reason).unwrap();
        assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason);
    }

    #[test]
    fn a_typed_value_is_a_theme_or_a_theme_and_a_sign() {
        let path = |typed| Reason::resolve(typed).map(|path| path.join("/"));
        for typed in [
            "functional improvement:-",
            "Functional Improvement/not shown",
        ] {
            let wants = "functional improvement/not shown".to_string();
            assert_eq!(path(typed), Some(wants), "{typed}");
        }
        assert_eq!(path("red flags"), Some("red flags".to_string()));
        assert_eq!(path("red flags:+"), Some("red flags/present".to_string()));
        assert_eq!(path("weather"), None);
        assert_eq!(path("red flags:?"), None);
    }
}
