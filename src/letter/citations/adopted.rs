//! Whether a reviewer adopts what the claims administrator cited.

use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use crate::letter::sections::floor_char;
use regex::Regex;
use std::sync::LazyLock;

static ADOPTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)guidelines?\ (?:used|cited|relied\ upon|relied\ on|selected|applied|referenced)\ by\ the\ claims\ administrator\b
        | \b(?:the\ )?same\ guidelines?\b",
    )
});

/// Whether a reviewer's passage adopts the claims administrator's guidelines ("The Expert Reviewer
/// found the guidelines used by the Claims Administrator relevant and appropriate", layout C). The
/// passage is in one line.
#[must_use]
pub fn adopts_the_administrators(passage: &str) -> bool {
    const GUIDELINE: AnyCase = AnyCase::new("guideline");
    const BY: AnyCase = AnyCase::new("by the claims");
    const SAME: AnyCase = AnyCase::new("same");
    // Most passages cite, and speak of no other's guidelines.
    if !GUIDELINE.is_in(passage) || !(BY.is_in(passage) || SAME.is_in(passage)) {
        return false;
    }
    ADOPTED.find_iter(passage).any(|m| {
        let after = &passage[m.end()..floor_char(passage, m.end() + 120)];
        let after = after.split('.').next().unwrap_or(after).to_lowercase();
        let refused = [
            " not relevant",
            " not applicable",
            " not appropriate",
            " insufficient",
            " inadequate",
        ];
        !refused.iter().any(|no| after.contains(no))
    })
}
