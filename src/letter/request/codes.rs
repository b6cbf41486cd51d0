//! Codes of procedures and supplies.

use crate::letter::pattern::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// CPT codes (five digits) and HCPCS codes (a letter and four
/// digits).
pub(super) fn read(request: &str) -> Vec<String> {
    static HCPCS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-HJ-V]\d{4}\b"));
    static CPT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:cpt|procedure|billing|hcpcs|codes?)(?:\s+codes?)?\s*(?:\#|:|-)?\s*((?:\d{5}(?:\s*(?:,|;|/|and|&|x\s?\d+)\s*)*)+)",
        )
    });
    static FIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{5}\b"));
    // A code has four digits in a row; most requests have not.
    let mut runs = request.as_bytes().windows(4);
    if !runs.any(|run| run.iter().all(u8::is_ascii_digit)) {
        return Vec::new();
    }
    let mut codes: Vec<(usize, String)> = HCPCS
        .find_iter(request)
        .map(|m| (m.start(), m.as_str().to_string()))
        .collect();
    for list in CPT.captures_iter(request) {
        let list = list.get(1).expect("the group is not optional");
        codes.extend(
            FIVE.find_iter(list.as_str())
                .map(|m| (list.start() + m.start(), m.as_str().to_string())),
        );
    }
    // A number of five digits alone is a CPT code too, unless it counts or measures.
    static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^\s?(?:units?|iu|i\.u|mg|mcg|ml|u\b|dollars|[.,/-]?\d|steps|hours)")
    });
    for found in FIVE.find_iter(request) {
        let before = request[..found.start()]
            .trim_end_matches(' ')
            .chars()
            .last();
        let counts = matches!(before, Some('#' | '$' | '.' | ',' | '-' | '/'));
        let listed = before == Some(',') && request[..found.start()].ends_with(' ');
        let measures = MEASURE.is_match(&request[found.end()..]);
        let known = codes.iter().any(|(at, _)| *at == found.start());
        if (!counts || listed) && !measures && !known && !found.as_str().starts_with('0') {
            codes.push((found.start(), found.as_str().to_string()));
        }
    }
    codes.sort();
    codes.dedup_by(|a, b| a.1 == b.1);
    codes.into_iter().map(|(_, code)| code).collect()
}
