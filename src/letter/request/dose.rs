//! Strength, quantity and refills of a medication.

use super::count::count;
use crate::letter::any_case::AnyCase;
use regex::Regex;
use std::sync::LazyLock;

/// "10/325 mg", "5%"
pub static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b\d[\d,]*(?:\.\d+)?(?:\s?[-/]\s?\d+(?:\.\d+)?){0,3}\s?-?(?:%|percent\b|(?:mg|mcg|ug|g|gm|gms|gram|grams|ml|meq|units?|iu|mcg/hr)\b)(?:\s?/\s?(?:\d+\s?)?(?:ml|hr|h|hour|g|gm|actuation|mg|day)\b)?",
    )
    .expect("a valid pattern")
});
/// "#60", "qty: 60", "60 tablets"
pub static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:\#\s?|\b(?:qty|quantity|count|disp|dispense)\.?\s*(?:of|:|\#)*\s*)(?P<a>\d{1,4})(?:\b|x)
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

/// How many refills a request asks for.
pub fn refills(request: &str) -> Option<u32> {
    const WORD: AnyCase = AnyCase::new("refill");
    // Most requests say nothing of them.
    WORD.is_in(request)
        .then(|| captured(&REFILLS, request))
        .flatten()
}

/// The number that a pattern's group `a` or `b` captures.
pub fn captured(pattern: &Regex, text: &str) -> Option<u32> {
    let found = pattern.captures(text)?;
    let number = found.name("a").or_else(|| found.name("b"))?;
    count(number.as_str())
}
