//! Strength, quantity and refills of a medication.

use super::count::count;
use crate::letter::any_case::AnyCase;
use regex::Regex;
use std::sync::LazyLock;

/// "10/325 mg", "5%"
static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b\d[\d,]*(?:\.\d+)?(?:\s?[-/]\s?\d+(?:\.\d+)?){0,3}\s?-?(?:%|percent\b|(?:mg|mcg|ug|g|gm|gms|gram|grams|ml|meq|units?|iu|mcg/hr)\b)(?:\s?/\s?(?:\d+\s?)?(?:ml|hr|h|hour|g|gm|actuation|mg|day)\b)?",
    )
    .expect("a valid pattern")
});
/// "#60", "qty: 60", "60 tablets"
pub(super) static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:\#\s?|\b(?:qty|quantity|count|disp|dispense)\.?\s*(?:of|:|\#)*\s*)(?:[a-z]+(?:-[a-z]+)?\s*\()?(?P<a>\d{1,4})(?:\b|x)
        | \bnumber\s+(?:[a-z]+(?:-[a-z]+)?\s*\()(?P<c>\d{1,4})\)
        | \b(?P<b>\d{1,4})\s+(?:tablets?|tabs?|capsules?|caps?|pills?|patches|patch|caplets?|count|units|lozenges|suppositories|films|vials?|boxe?s?|tubes?|bottles?)\b",
    )
    .expect("a valid pattern")
});
static REFILLS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?P<a>\d{1,2}|no|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s*(?:\(\d+\)\s*)?(?:additional\s+)?refills?\b
        | \brefills?\s*(?:x|times|:|of|\#|-)*\s*(?P<b>\d{1,2})\b",
    )
    .expect("a valid pattern")
});

/// Whether a text states a strength or the size of a package.
pub(super) fn is_dosed(text: &str) -> bool {
    STRENGTH.is_match(text)
}

/// How many refills a request asks for.
pub(super) fn refills(request: &str) -> Option<u32> {
    const WORD: AnyCase = AnyCase::new("refill");
    // Most requests say nothing of them.
    WORD.is_in(request)
        .then(|| captured(&REFILLS, request))
        .flatten()
}

/// How many (tablets, patches ...) a request asks for: what is said to be the quantity first, then a
/// number of pieces that is no part of the directions ("take 1 tablet every 6 hours, #120").
pub(super) fn quantity(request: &str) -> Option<u32> {
    /// More than this is taken at once by nobody.
    const LARGEST_DOSE: u32 = 8;
    let number = |found: &regex::Captures<'_>, group| {
        found.name(group).and_then(|number| count(number.as_str()))
    };
    let mut pieces = None;
    for found in QUANTITY.captures_iter(request) {
        if let Some(said) = number(&found, "a").or_else(|| number(&found, "c")) {
            return Some(said);
        }
        let whole = found.get(0).expect("a match has a whole");
        let of_directions = number(&found, "b").is_some_and(|n| n <= LARGEST_DOSE)
            && (DIRECTS.is_match(&request[..whole.start()])
                || DIRECTION.is_match(&request[whole.end()..]));
        if pieces.is_none() && !of_directions {
            pieces = number(&found, "b");
        }
    }
    pieces
}

/// Words before a dose: "take 1 tablet".
static DIRECTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:take|takes|taking|apply|use|inhale|chew|dissolve|sig)\b[\s:]*(?:\d+\s?(?:-|to)\s?)?$")
        .expect("a valid pattern")
});
/// Words after a dose: "1 tab q 6h", "one tablet by mouth twice a day".
static DIRECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?ix)^\W{0,3}(?:to\s+be\s+taken\s+)?(?:q\s?\d|q\.?\s?(?:h|d|i|am|pm|hs|every)|every|each|po\b|p\.o|by\s+mouth|oral|daily|nightly|once|twice|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|h\.?s\b|prn|as\s+needed|at\s+(?:bed|night)|a\s+day|per\s+day|in\s+the|two\s+times|three\s+times|\d\s*(?:x|times))")
        .expect("a valid pattern")
});

/// The strength that a text states: what a package holds ("120 gm", "4 oz") is none.
pub(super) fn strength(text: &str) -> Option<&str> {
    STRENGTH
        .find_iter(text)
        .map(|found| found.as_str().trim())
        .find(|found| !is_size(found))
}

/// Whether a measure is the size of a package: grams, from five on, or milliliters, with no
/// concentration.
fn is_size(measure: &str) -> bool {
    const LARGEST_STRENGTH: f64 = 4.0;
    let measure = measure.to_ascii_lowercase();
    let digits = measure
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
        .unwrap_or(measure.len());
    let unit = measure[digits..].trim_start_matches([' ', '-']);
    let amount: f64 = measure[..digits].replace(',', "").parse().unwrap_or(0.0);
    match unit {
        "g" | "gm" | "gms" | "gram" | "grams" => amount > LARGEST_STRENGTH,
        "ml" => true,
        _ => false,
    }
}

/// The number that a pattern's group `a` or `b` captures.
fn captured(pattern: &Regex, text: &str) -> Option<u32> {
    let found = pattern.captures(text)?;
    let number = found.name("a").or_else(|| found.name("b"))?;
    count(number.as_str())
}
