//! Strength, quantity and refills of a medication.

use super::count::count;
use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// "10/325 mg", "5%"
static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b\d[\d,]*(?:\.\d+)?(?:\s?[-/]\s?\d+(?:\.\d+)?){0,3}\s?-?(?:%|percent\b|(?:mg|mcg|ug|g|gm|gms|gram|grams|ml|meq|units?|iu|mcg/hr)\b)(?:\s?/\s?(?:\d+(?:\.\d+)?\s?)?(?:ml|hr|h|hour|g|gm|actuation|mg|day)\b|\s?-\s?\d+(?:\.\d+)?\s?mg\b)?",
    )
});
/// "#60", "qty: 60", "60 tablets"
pub(super) static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:\#\s?|\b(?:qty|quantity|count|disp|dispense)\.?\s*(?:of|:|\#)*\s*)(?:[a-z]+(?:[\s-][a-z]+){0,3}\s*\()?(?P<a>\d{1,4})(?:\b|x)
        | \bnumber\s+(?:[a-z]+(?:-[a-z]+)?\s*\()(?P<c>\d{1,4})\)
        | \b(?P<b>\d{1,4})\)?\s+(?:tablets?|tabs?|capsules?|caps?|pills?|patches|patch|caplets?|count|units|lozenges|suppositories|films|vials?|boxe?s?|tubes?|bottles?|pens?|syringes?|autoinjectors?|ampules?)\b
        | \b(?P<d>thirty|forty|fifty|sixty|ninety|one\s+hundred(?:\s+(?:and\s+)?(?:twenty|fifty|eighty))?)\s+(?:tablets?|tabs?|capsules?|caps?|pills?|patches|caplets?|count)\b
        | \b(?P<e>\d{2,4})\s?(?:per|a|/)\s?month\b",
    )
});
static REFILLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?P<a>\d{1,2}|no|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s*(?:\(\d+\)\s*)?(?:additional\s+)?(?:refills?|rfs?)\b
        | \b(?:refills?|rfs?)\s*(?:x|times|:|of|\#|-)*\s*(?P<b>\d{1,2})\b",
    )
});

/// "Refills: 2", which may follow another number.
static REFILLS_NAMED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:refills?|rfs?)\s*[:#=]\s*(?P<b>\d{1,2})\b"));
/// The strengths of a tablet of two drugs, without their unit: "5/325".
static STRENGTHS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b\d{1,2}(?:\.\d+)?\s?[/-]\s?(?:200|300|325|400|500|650|660|750)\b")
});

/// Whether a text states a strength or the size of a package.
pub(super) fn is_dosed(text: &str) -> bool {
    STRENGTH.is_match(text)
}

/// How many refills a request asks for.
pub(super) fn refills(request: &str) -> Option<u32> {
    const WORDS: [AnyCase; 2] = [AnyCase::new("refill"), AnyCase::new(" rf")];
    // Most requests say nothing of them.
    if !WORDS.iter().any(|word| word.is_in(request)) {
        return None;
    }
    captured(&REFILLS_NAMED, request).or_else(|| captured(&REFILLS, request))
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
        if let Some(said) = found.name("d") {
            pieces = pieces.or_else(|| large_number(said.as_str()));
            continue;
        }
        if let Some(said) = number(&found, "e") {
            pieces = pieces.or(Some(said));
            continue;
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

/// A number of tens in words, as quantities have them: "ninety", "one hundred and twenty".
fn large_number(words: &str) -> Option<u32> {
    const TENS: [(&str, u32); 9] = [
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 100),
        ("and", 0),
    ];
    let words = words.to_ascii_lowercase();
    let words = words.split_whitespace().filter(|word| *word != "one");
    let value = |word| {
        let known = TENS.iter().find(|(known, _)| *known == word);
        known.map(|(_, value)| *value)
    };
    words.map(value).sum()
}

/// Words before a dose: "take 1 tablet".
static DIRECTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:take|takes|taking|apply|use|inhale|chew|dissolve|sig)\b[\s:]*(?:\d+\s?(?:-|to)\s?)?$",
    )
});
/// Words after a dose: "1 tab q 6h", "one tablet by mouth twice a day".
static DIRECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^\W{0,3}(?:to\s+be\s+taken\s+)?(?:q\s?\d|q\.?\s?(?:h|d|i|am|pm|hs|every)|every|each|po\b|p\.o|by\s+mouth|oral|daily|nightly|once|twice|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|h\.?s\b|prn|as\s+needed|at\s+(?:bed|night)|a\s+day|per\s+day|in\s+the|two\s+times|three\s+times|\d\s*(?:x|times))",
    )
});

/// The strength that a text states: what a package holds ("120 gm", "4 oz") is none.
pub(super) fn strength(text: &str) -> Option<&str> {
    STRENGTH
        .find_iter(text)
        .map(|found| found.as_str().trim())
        .find(|found| !is_size(found))
}

/// The strengths of a product of two drugs that are printed without a unit.
pub(super) fn strengths(text: &str) -> Option<&str> {
    STRENGTHS.find(text).map(|found| found.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_in_words_and_by_the_month() {
        for (request, wanted) in [
            (
                "Norco 10/325mg, quantity one hundred twenty (120)",
                Some(120),
            ),
            ("Soma 350mg, ninety tablets", Some(90)),
            ("Ultram 50 mg, sixty count", Some(60)),
            ("Soma 350mg, one hundred and eighty tablets", Some(180)),
            ("Morphine ER 15 mg twice daily, 60 per month", Some(60)),
            ("Norco sixty (60) tablets", Some(60)),
            ("Humira 40 mg/0.8 ml pen, 2 pens", Some(2)),
            ("Norco, take two tablets every 6 hours", None),
        ] {
            assert_eq!(quantity(request), wanted, "{request}");
        }
    }

    #[test]
    fn refills_after_a_quantity_and_in_short() {
        assert_eq!(refills("Tramadol 50mg Qty: 60 Refills: 0"), Some(0));
        assert_eq!(refills("Lyrica 75mg bid #60 w/ 1 rf"), Some(1));
        assert_eq!(refills("RFA of the knee"), None);
        assert_eq!(refills("two (2) refills"), Some(2));
    }

    #[test]
    fn strengths_of_two_drugs() {
        assert_eq!(strength("5mg-325mg #60"), Some("5mg-325mg"));
        assert_eq!(strength("40 mg/0.8 ml pen"), Some("40 mg/0.8 ml"));
        assert_eq!(strengths("60 tablets of Norco 5/325"), Some("5/325"));
        assert_eq!(strengths("on 5/32"), None);
    }
}
