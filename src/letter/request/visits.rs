//! Visits and sessions.

use super::count::count;
use crate::letter::pattern::pattern;
use regex::Regex;
use std::sync::LazyLock;

const NUMBER: &str = r"(?:\d{1,3}|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty-four|twenty-three|twenty-two|twenty-one|twenty|once|twice)\b)";

static SESSIONS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)\b(?:(?:{NUMBER})\s*(?:-|to)\s*)?(?P<n>{NUMBER})\s*(?:\(\d+\)\s*)?(?:(?:additional|total|initial|more|further|post-?\s?operative|supervised|individual|outpatient)\s+)*(?:[a-z/]+\s+(?:[a-z/]+\s+)?)?(?:sessions?|visits?|treatments?|appointments?)\b(?!)?(?P<rate>\s+(?:per|a|each)\s+(?:week|month)|\s+(?:weekly|monthly))?"
    ).replace("(?!)?", ""))
});
static FREQUENCY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)\b(?:(?:{NUMBER})\s*(?:-|to|or)\s*)?(?P<n>{NUMBER})\s*(?:x|times?|visits?|sessions?)?\s*(?:/|per|a|each|every)?\s*(?:wks?|weeks?|weekly|month|monthly)\b\s*,?\s*(?:for|x|times|over|during)?\s*(?:a\s+total\s+of\s+|the\s+next\s+)?(?:(?:{NUMBER})\s*(?:-|to)\s*)?(?P<w>{NUMBER})\s*(?:wks?|weeks?|months?)\b"
    ))
});
static CROSS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)\b(?P<n>{NUMBER})\s*(?:x|times)\s*(?:(?:a|per)\s+week\s+(?:x|times|for)\s*)?(?P<w>{NUMBER})(?:\s*(?:weeks?|wks?|visits?))?\b"
    ))
});
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:\b(?:x|times)\s*|\b(?:qty|quantity)\.?\s*:?\s*(?:of\s+)?|\#\s?|\bsessions?,?\s+(?:x\s*)?|\bvisits?,?\s+(?:x\s*)?)(?P<n>\d{1,3})\b",
    )
});

/// Visits or sessions that a request asks for: a stated total first, else frequency times duration.
pub(super) fn read(request: &str, treatment: &str) -> Option<u32> {
    let counted = matches!(
        treatment,
        "rehabilitation" | "behavioral-health" | "evaluation" | "home-health"
    );
    if !counted {
        return None;
    }
    let number = |m: Option<regex::Match<'_>>| m.and_then(|m| count(m.as_str()));
    let stated = stated(request);
    let product = [&*FREQUENCY, &*CROSS].iter().find_map(|pattern| {
        let found = pattern.captures(request)?;
        number(found.name("n"))?.checked_mul(number(found.name("w"))?)
    });
    static BRACKETED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\((\d{1,3})(?: total)?\)"));
    let product = product.or_else(|| weekly(request));
    let bracketed = BRACKETED
        .captures(request)
        .and_then(|c| c[1].parse().ok())
        .filter(|n| product == Some(*n));
    bracketed
        .or(stated)
        .or(product)
        .or_else(|| times(request))
        .filter(|n| *n > 0)
}

/// "weekly for 10 weeks", "monthly x 6 months"; "3 visits a week for a month" are twelve.
fn weekly(request: &str) -> Option<u32> {
    static WEEKLY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?ix)\b(?:weekly\s*(?:for|x|times|over)?\s*(?P<weeks>{NUMBER})\s*(?:weeks?|wks?)|monthly\s*(?:for|x|times|over)?\s*(?P<months>{NUMBER})\s*months?|(?P<n>{NUMBER})\s*(?:x|times?|visits?|sessions?)?\s*(?:/|per|a|each)\s*(?:week|wk)\s*(?:for|x|over)\s*(?:a|one|1)\s*month)\b"
        ))
    });
    let found = WEEKLY.captures(request)?;
    let number = |name| found.name(name).and_then(|m| count(m.as_str()));
    let a_month = || number("n")?.checked_mul(4);
    number("weeks")
        .or_else(|| number("months"))
        .or_else(a_month)
}

/// The visits that a request states as such: of several numbers the last, but what an "and" joins is
/// added ("two sessions and eight sessions").
fn stated(request: &str) -> Option<u32> {
    let mut total: Option<u32> = None;
    let mut end = 0;
    for found in SESSIONS.captures_iter(request) {
        let whole = found.get(0).expect("a match has a whole");
        if found.name("rate").is_some() {
            continue;
        }
        let Some(n) = found.name("n").and_then(|m| count(m.as_str())) else {
            continue;
        };
        let between = request[end..whole.start()].to_ascii_lowercase();
        let joined = [" and ", " plus ", " & ", "+"]
            .iter()
            .any(|j| between.contains(j));
        total = match total {
            Some(before) if joined && !between.contains('(') => before.checked_add(n),
            _ => Some(n),
        };
        end = whole.end();
    }
    total
}

/// "x 12", "#12"; "x 2 weeks" is a time.
fn times(request: &str) -> Option<u32> {
    const SPANS: [&str; 8] = ["week", "wk", "month", "day", "hour", "year", "hr", "minute"];
    let is_time = |rest: &str| {
        let rest = rest.trim_start().to_ascii_lowercase();
        SPANS.iter().any(|span| rest.starts_with(span))
    };
    TIMES
        .captures_iter(request)
        .filter_map(|found| found.name("n"))
        .filter(|n| !is_time(&request[n.end()..]))
        .find_map(|n| count(n.as_str()))
}
