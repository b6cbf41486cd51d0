//! Titles as they are printed, with their years.

use super::named::{Kind, NamedGuideline};
use crate::letter::any_case::begins_at;
use crate::letter::pattern::pattern;
use crate::vocabulary::Guidelines;
use regex::Regex;
use std::sync::LazyLock;

static EDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*,?\s*\((?:the\s+)?(?:MTUS/)?ACOEM[^()]{0,60}\(((?:19|20)\d\d)\)")
});

/// "Opioids Guideline (ACOEM April 20, 2017)": the day on which ACOEM published the edition.
static PUBLISHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*,?\s*\((?:the\s+)?(?:MTUS/)?ACOEM[^()]{0,40}?\b((?:19|20)\d\d)\)")
});

/// "Shoulder Disorders (August 1, 2016)", "(10/17/2018)": the day alone.
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*,?\s*\((?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2},?\s+|\d{1,2}/\d{1,2}/)((?:19|20)\d\d)\)",
    )
});

/// A title as docs/json.md writes it.
pub(super) struct PrintedTitle {
    /// As printed, its year after it, without "Guidelines".
    pub text: String,
    /// That year.
    pub year: Option<u16>,
}

impl PrintedTitle {
    /// Of a chapter that is cited by its number alone.
    pub(super) fn of_chapter(title: &str) -> PrintedTitle {
        PrintedTitle {
            text: title.to_string(),
            year: None,
        }
    }
}

/// Whether a known title stands here as a title: in older letters right after "MTUS", else with its
/// year, "Guidelines", or "Complaints" in its name; a section may have the same words ("Section(s):
/// Forearm, Wrist, & Hand").
pub(super) fn is_title_here(text: &str, named: &NamedGuideline, kind: Kind) -> bool {
    let rest = &text[named.end..];
    let words = rest.trim_start_matches([' ', ',', '(']);
    let dated = year(rest).is_some() || PUBLISHED.is_match(rest);
    let guided = [
        "guideline",
        "medical treatment",
        "chapter",
        "complaint",
        "section(s)",
        "section:",
    ]
    .iter()
    .any(|w| after_word(words, w).is_some());
    let lower = text[..named.start].to_ascii_lowercase();
    let before = lower.trim_end_matches([' ', ':', '-', ',', '/']);
    let opens = before.ends_with("mtus")
        || before.ends_with("utilization schedule")
        || before.ends_with("(mtus)")
        || before.ends_with("based on")
        || before.ends_with("mtus, the")
        || before.ends_with("acoem")
        || before.ends_with("acoem guidelines");
    // A section of an old book may have the name of a new one: "Opioids".
    let is_common = named
        .name
        .is_some_and(|name| Guidelines::get().needs_year(name));
    if is_common {
        let edition = year(rest).and_then(|(year, _)| year.parse().ok());
        let of_another = edition
            .zip(named.name)
            .is_some_and(|(year, name)| !Guidelines::get().may_be_edition(name, year));
        return (dated && !of_another) || (opens && guided);
    }
    if dated || guided || opens {
        return true;
    }
    let own = &text[named.start..named.end];
    let full_name = own.contains("Complaints")
        || own.contains("Disorders")
        || own.ends_with("Treatment")
        || own.contains("Approach")
        || own.contains("Conditions");
    if kind == Kind::Mtus {
        // After "Section(s):" a title needs its year.
        return full_name && !lower.contains("section(s)");
    }
    full_name || before.ends_with("the california") || before.ends_with(" the")
}

/// The title as it is printed, and the text that follows.
pub(super) fn printed_title<'t>(name: &str, rest: &'t str) -> (PrintedTitle, &'t str) {
    let mut text = without_guidelines(name).to_string();
    let mut rest = rest;
    for word in ["guidelines", "guideline", "chapter"] {
        if let Some(after) = after_word(rest.trim_start(), word) {
            rest = after;
            break;
        }
    }
    // "Shoulder Complaints Chapter (ACOEM Practice Guidelines, 2nd Edition (2004), Chapter 9)".
    let bracket = rest.trim_start_matches([' ', ',']).starts_with('(');
    let edition = bracket.then(|| EDITION.captures(rest)).flatten();
    let published = bracket.then(|| PUBLISHED.captures(rest)).flatten();
    let mut printed_year = None;
    if let Some(found) = &edition {
        printed_year = Some(&found[1]);
    } else if let Some(found) = &published {
        printed_year = Some(&found[1]);
        rest = &rest[found[0].len()..];
    } else if let Some(found) = bracket.then(|| DAY.captures(rest)).flatten() {
        let (whole, year) = (found[0].len(), found.get(1).map(|year| year.range()));
        printed_year = year.map(|range| &rest[range]);
        rest = &rest[whole..];
    } else if let Some((year, end)) = year(rest) {
        printed_year = Some(year);
        rest = &rest[end..];
        rest = after_word(rest.trim_start(), "guidelines").unwrap_or(rest);
    }
    if let Some(year) = printed_year {
        text.push(' ');
        text.push_str(year);
    }
    let year = printed_year.and_then(|year| year.parse().ok());
    (PrintedTitle { text, year }, rest)
}

/// What follows a word that the text begins with, whatever its capitals.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    begins_at(text, 0, word).then(|| &text[word.len()..])
}

/// A title without that word at its end.
pub(super) fn without_guidelines(title: &str) -> &str {
    let title = title.trim().trim_end_matches(',').trim();
    for word in [" Guidelines", " guidelines", " Guideline", " guideline"] {
        if let Some(short) = title.strip_suffix(word) {
            return short.trim();
        }
    }
    title
}

/// The year that follows a title, and where it ends: "2004", ", (revised 2009)".
fn year(rest: &str) -> Option<(&str, usize)> {
    let bare = rest.trim_start_matches([' ', ',']);
    let bare = bare.strip_prefix('(').unwrap_or(bare).trim_start();
    let bare = ["revised ", "effective ", "updated "]
        .iter()
        .find_map(|word| bare.strip_prefix(word))
        .map_or(bare, str::trim_start);
    let year = bare.get(..4)?;
    let of_a_century = year.starts_with("19") || year.starts_with("20");
    let after = &bare[4..];
    let goes_on = after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if !of_a_century || goes_on || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let after = after.strip_prefix(')').unwrap_or(after);
    Some((year, rest.len() - after.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_after_titles() {
        for (rest, found) in [
            (" 2004, Section(s)", Some(("2004", 5))),
            (", (revised 2009) x", Some(("2009", 16))),
            (" (Effective 2009)", None),
            (" 20091", None),
            (" 2009a", None),
            (" 1899", None),
            (" 199", None),
            ("", None),
        ] {
            assert_eq!(year(rest), found, "{rest}");
        }
    }
}
