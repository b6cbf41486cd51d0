//! The injured worker: age, sex, and the date of injury that a case summary states.

use super::date::{self, LetterDate};
use super::sections::floor_char;
use crate::letter::pattern::pattern;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::LazyLock;

/// The injured worker's sex, as the letter states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// "male", "man", "gentleman", "he"
    Male,
    /// "female", "woman", "lady", "she"
    Female,
}

impl Sex {
    /// The name in records and facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
        }
    }

    /// The sex that a word in lower case says, in the singular or the plural.
    #[must_use]
    pub fn named(word: &str) -> Option<Sex> {
        match word {
            "male" | "males" | "man" | "men" | "gentleman" | "boy" => Some(Sex::Male),
            "female" | "females" | "fe-male" | "woman" | "women" | "lady" | "girl" => {
                Some(Sex::Female)
            }
            _ => None,
        }
    }
}

/// What a letter says of the injured worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// In years.
    pub age: Option<u32>,
    /// As stated.
    pub sex: Option<Sex>,
}

/// How far into a summary the patient is looked for: it opens with it, or tells it late.
const REACH: usize = 16 << 10;

static AGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
        \b(?P<a>\d{1,3}) \)? [\s-]* (?:years?|yrs?\.?|y)[\s-]*(?:/[\s]?)?(?:olds?|o\b|of\s+age)
        | \b(?P<y>\d{1,3}) [\s-]? (?:y\.?/?o\.?|yo|yof|yom|y\.o\.)(?:\s|,|\b)
        | \b(?:aged?|age\s+of|age:|age\s+is) \s* (?P<b>\d{1,3})\b
        | \b(?P<t>twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:[\s-](?P<u>one|two|three|four|five|six|seven|eight|nine))?[\s-]+years?[\s-]+old
        | \b(?P<c>\d{2})[\s-]years?[\s-](?:male|female)
        | \b(?:man|woman|male|female|lady|gentleman|worker|claimant|patient|employee|applicant),?\s+(?:now\s+)?(?:of|aged?)\s+(?P<d>\d{2})\b
        | \b(?:man|woman|male|female|lady|gentleman|worker|claimant|patient|employee|applicant),\s+(?P<e>\d{2})\s*,
        ",
    )
});

static SEX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:fe-?male|woman|lady|girl|male|man|gentleman|boy)\b|\b\d{2}[ -]?(?:y/?o|yo) ?[mf]\b",
    )
});

/// What makes an age another person's, or the worker's at another time.
static NOT_NOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:since|at|when|until|was (?:only )?|son|daughter|mother|father|husband|wife|child|children|brother|sister|spouse|parent|grandmother|grandfather|infant|baby|under|over|than|least|beyond|above|below)(?: the age of| age| is| was| is a| was a|,? an?)?,?\s*$",
    )
});

/// The first age in years that a text states, and where it does: "45 year old", "aged 45".
#[must_use]
pub(crate) fn stated_age(text: &str) -> Option<(Range<usize>, u32)> {
    AGE.captures_iter(text).find_map(|found| {
        let whole = found.get(0).expect("a match has a whole");
        if NOT_NOW.is_match(before(text, whole.start())) {
            return None;
        }
        let digits = ["a", "y", "b", "c", "d", "e"]
            .iter()
            .find_map(|name| found.name(name));
        let age = match digits {
            Some(digits) => digits.as_str().parse().ok(),
            None => Some(
                tens(found.name("t").map_or("", |m| m.as_str()))
                    + units(found.name("u").map_or("", |m| m.as_str())),
            ),
        };
        // California's workers are of working age, give or take old claims.
        let age = age.filter(|age| (12..=110).contains(age))?;
        Some((whole.range(), age))
    })
}

/// What stands shortly before a place.
fn before(text: &str, at: usize) -> &str {
    &text[floor_char(text, at.saturating_sub(40))..at]
}

/// Reads age and sex out of a case summary; its text in lower case is of the same length.
#[must_use]
pub(super) fn read(summary: &str, lower: &[u8]) -> Patient {
    let summary = &summary[..floor_char(summary, REACH)];
    let mut patient = Patient::default();
    if let Some((at, age)) = stated_age(summary) {
        patient.age = Some(age);
        let after = &summary[at.start..floor_char(summary, at.end + 60)];
        let before = before(summary, at.start);
        let clause = before.rsplit(['.', ';']).next().unwrap_or(before);
        patient.sex = first_sex(after.split(['.', ';']).next().unwrap_or(after))
            .or_else(|| first_sex(clause));
    }
    if patient.sex.is_none() {
        // Pronouns that all say the same tell more than a word that may be another person's.
        let told = pronouns(&lower[..summary.len()]);
        patient.sex = most(told)
            .filter(|_| told.0.min(told.1) == 0)
            .or_else(|| first_sex(summary))
            .or_else(|| most(told));
    }
    patient
}

fn tens(word: &str) -> u32 {
    let all = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty",
    ];
    let at = all.iter().position(|w| w.eq_ignore_ascii_case(word));
    at.map_or(0, |at| at as u32 * 10 + 20)
}

fn units(word: &str) -> u32 {
    let all = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let at = all.iter().position(|w| w.eq_ignore_ascii_case(word));
    at.map_or(0, |at| at as u32 + 1)
}

fn first_sex(text: &str) -> Option<Sex> {
    let word = SEX.find(text)?.as_str().to_ascii_lowercase();
    match word.as_bytes() {
        // "45 yo f"
        [b'0'..=b'9', .., b'f'] => Some(Sex::Female),
        [b'0'..=b'9', ..] => Some(Sex::Male),
        _ => Sex::named(&word),
    }
}

/// How many pronouns of a text of lower case speak of a man and of a woman; "his/her" says nothing.
fn pronouns(lower: &[u8]) -> (usize, usize) {
    let (mut he, mut she) = (0usize, 0usize);
    let of_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'/';
    // Each has an h or an m for its first or second letter.
    for at in memchr::memchr2_iter(b'h', b'm', lower) {
        let start = if at > 0 && lower[at - 1] == b's' {
            at - 1
        } else {
            at
        };
        if start > 0 && of_word(&lower[start - 1]) {
            continue;
        }
        let rest = &lower[start..];
        let len = rest.iter().take(8).take_while(|b| of_word(b)).count();
        match &rest[..len] {
            b"he" | b"his" | b"him" | b"himself" | b"mr" => he += 1,
            b"she" | b"her" | b"hers" | b"herself" | b"ms" | b"mrs" => she += 1,
            _ => {}
        }
    }
    (he, she)
}

/// The sex that more pronouns speak of.
fn most((he, she): (usize, usize)) -> Option<Sex> {
    match he.cmp(&she) {
        Ordering::Greater => Some(Sex::Male),
        Ordering::Less => Some(Sex::Female),
        Ordering::Equal => None,
    }
}

static INJURY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:date of (?:the )?(?:industrial |work |original )?injury|doi|d\.o\.i\.|injury date|injur(?:y|ies|ed)|sustained|accident|trauma|hurt|fell|claim|incident|struck)\b",
    )
});

/// How much of a summary is its opening.
const OPENING: usize = 400;

/// How far after a word for the injury its date may stand.
const INJURY_REACH: usize = 220;

/// The date of injury that a case summary states, in whatever spelling (docs/json.md).
#[must_use]
pub(super) fn injury_date(summary: &str) -> Option<LetterDate> {
    let summary = &summary[..floor_char(summary, REACH)];
    for found in INJURY.find_iter(summary).take(40) {
        let reach = &summary[..floor_char(summary, found.end() + INJURY_REACH)];
        let Some(date) = date::find(reach, found.end()) else {
            continue;
        };
        // The same sentence: a full stop between the two parts them.
        let between = &summary[found.end()..date.start];
        let parted = between.match_indices(['.', '?', '!']).any(|(at, _)| {
            let at = found.end() + at;
            let word = reach[..at].rsplit([' ', '\n']).next().unwrap_or("");
            reach[at + 1..].starts_with([' ', '\n']) && word.len() > 3
        });
        if !parted && date.date.is_some() {
            return date.date;
        }
    }
    opening_date(summary)
}

/// A date in the opening sentences that is told of no report, visit or test: the story begins with
/// the injury ("strained the low back on April 2, 2013").
fn opening_date(summary: &str) -> Option<LetterDate> {
    static RECORD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:report|note|dated|visit|seen|evaluat|exam|mri|x-ray|request|denied|determination|records?|surgery|operation)",
        )
    });
    let opening = &summary[..floor_char(summary, OPENING)];
    let found = date::find(opening, 0)?;
    (!RECORD.is_match(&opening[..found.start])).then_some(found.date)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(summary: &str) -> (Option<u32>, Option<&'static str>) {
        let patient = read(summary, crate::vocabulary::LowerText::new(summary).bytes());
        (patient.age, patient.sex.map(Sex::name))
    }

    #[test]
    fn many_wordings() {
        for (text, age, sex) in [
            ("This 54-year-old female sustained", 54, "female"),
            ("The patient is a 61 year old male", 61, "male"),
            ("a 48 y/o woman", 48, "female"),
            ("a 39 yo male", 39, "male"),
            ("The worker (age 52) is a male", 52, "male"),
            ("a fifty-two-year-old gentleman", 52, "male"),
            ("is a(n) 59 year old female", 59, "female"),
            ("is a 32-year-old that struck his head", 32, "male"),
            ("The 38 year old male injured worker", 38, "male"),
        ] {
            assert_eq!(who(text), (Some(age), Some(sex)), "{text}");
        }
    }

    #[test]
    fn pronouns_are_whole_words() {
        let told = |text: &str| pronouns(&text.to_ascii_lowercase().into_bytes());
        assert_eq!(
            told("He told Mr. X himself; his/her the she-ms mrs"),
            (3, 3)
        );
        assert_eq!(told("hers smhe shes himselfs ahe mr"), (1, 1));
    }

    #[test]
    fn another_persons_age_is_not_the_workers() {
        assert_eq!(
            who(
                "Migraine since 13 years old. He cares for his mother, 80 years old. The worker is a 44 year old man"
            ),
            (Some(44), Some("male"))
        );
        assert_eq!(who("Pain for 12 years. She works."), (None, Some("female")));
    }

    #[test]
    fn injury_dates() {
        let day = |text: &str| injury_date(text).map(|d| d.to_string());
        assert_eq!(
            day("sustained an industrial injury to the neck\non 7/16/14."),
            Some("2014-07-16".into())
        );
        assert_eq!(
            day("with a date of injury of February 23, 2012"),
            Some("2012-02-23".into())
        );
        assert_eq!(
            day("A lumbar injury. The report of 5/6/2012 notes pain."),
            None
        );
        assert_eq!(day("She reports pain. On 3/4/15 she was seen."), None);
    }
}
