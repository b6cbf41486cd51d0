//! Codes of procedures and supplies.

use regex::Regex;
use std::sync::LazyLock;

/// CPT codes (five digits, where the request calls them codes) and HCPCS codes (a letter and four
/// digits).
pub fn read(request: &str) -> Vec<String> {
    static HCPCS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b[A-HJ-V]\d{4}\b").expect("a valid pattern"));
    static CPT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:cpt|procedure|billing|hcpcs|codes?)(?:\s+codes?)?\s*(?:\#|:|-)?\s*((?:\d{5}(?:\s*(?:,|;|/|and|&|x\s?\d+)\s*)*)+)")
            .expect("a valid pattern")
    });
    static FIVE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b\d{5}\b").expect("a valid pattern"));
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
    codes.sort();
    codes.dedup_by(|a, b| a.1 == b.1);
    codes.into_iter().map(|(_, code)| code).collect()
}
