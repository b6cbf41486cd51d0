//! The heading of an item: what was requested, what was authorised of it, and the decision.

mod decision;

pub use decision::Decision;

use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use crate::letter::text::flat;
use regex::Regex;
use std::sync::LazyLock;

/// A heading read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heading {
    /// The disputed item, in one line.
    pub request: String,
    /// The original request of which it remains.
    pub original_request: Option<String>,
    /// What the claims administrator authorised of it.
    pub authorized: Option<String>,
    /// None where the heading tells none.
    pub decision: Option<Decision>,
    /// The denial falls in part only.
    pub partial: bool,
    /// It tells one decision and another: none is believed.
    pub contradictory: bool,
    /// Words that were taken off the request say that it is for what was already done.
    pub retrospective: bool,
}

impl Heading {
    /// A heading of a request in the words that a layout wraps it in.
    pub(super) fn of(wrapped: &str) -> Heading {
        let mut heading = Heading {
            request: wrapped.to_string(),
            ..Heading::default()
        };
        heading.unwrap_request();
        heading
    }

    /// Takes off the words that a layout wraps a request in.
    pub(super) fn unwrap_request(&mut self) {
        self.retrospective |= is_retrospective(&self.request);
        self.request = bare_request(&self.request);
    }

    /// Takes note of another decision on the same request. None of two that differ is believed.
    pub(super) fn also_decides(&mut self, decision: Option<Decision>) {
        if decision.is_some() && self.decision.is_some() && decision != self.decision {
            self.decision = None;
            self.contradictory = true;
        }
    }
}

/// Whether two requests are the same but for capitals, punctuation and spaces, so far as they are
/// compared: no two requests of a letter agree for longer.
#[must_use]
pub(super) fn alike(a: &str, b: &str) -> bool {
    fn key(s: &str) -> impl Iterator<Item = u8> + '_ {
        s.bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|b| b.to_ascii_lowercase())
            .take(400)
    }
    key(a).eq(key(b))
}

/// Reads a heading that ends in its decision ("...: Upheld", "... is not medically necessary and
/// appropriate.").
#[must_use]
pub(super) fn read(span: &str) -> Heading {
    let text = flat(span);
    let mut heading = Heading::default();
    let mut body: &str = &text;
    if let Some(parsed) = decision::parse(&text) {
        heading.decision = Some(parsed.decision);
        heading.partial = parsed.partial;
        body = &text[..parsed.start];
        // "Norco 10/325mg #60: Overturned: Upheld"
        if let Some(before) = decision::worded_at_end(body) {
            heading.also_decides(Some(before.decision));
            body = &body[..before.start];
        }
        // "Norco 10/325mg #60\nDecision: Upheld"
        for label in [" Decision", " Determination"] {
            body = body.strip_suffix(label).unwrap_or(body);
        }
    }
    split_authorization(body, &mut heading);
    heading
}

/// Phrases after which the remaining request stands, the last of them in the heading.
static REMAINS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:remaining\s+)?(?:imr[\s-]+eligible\s+)?portion\s+of\s+the\s+original\s+request\s*(?:,|:|is|of)?\s*
        | (?:^|[.;]\s*|\s)the\s+original\s+request\s*[,:]\s*
        | (?:^|[.;]\s*)the\s+remaining\s+(?:disputed\s+)?(?:request|portion|amount|quantity)\s*(?:[,:]|is|of)\s*",
    )
});
static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\s*,?\s+(?:was|were|is|are)\s+the\s+original(?:ly)?\s+request(?:ed)?(?:\s+(?:item|service|treatment))?\s*[.;,]?\s*",
    )
});
static AUTHORIZED_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)the\s+claims\s+administrator\s+(?:has\s+)?(?:authorized|approved|certified|allowed)\s+(?P<y>.+?)\s*(?:,?\s*(?:leaving|which\s+(?:made|leaves|left|makes)|making|so\s+that|that\s+(?:made|leaves|left))\b|[.;]\s|[.;]?$)",
    )
});
static AUTHORIZED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?P<y>[^\s].*?)\s+(?:was|were|has\s+been|have\s+been)\s+(?:authorized|approved|certified|allowed)(?:\s+by\s+the\s+claims\s+administrator)?",
    )
});

/// Parts a heading of a partial authorisation (docs/json.md) into original request,
/// authorised part, and what remains in dispute.
fn split_authorization(body: &str, heading: &mut Heading) {
    const ORIGINALLY: AnyCase = AnyCase::new("original");
    const REMAINING: AnyCase = AnyCase::new("remaining");
    let body = without_list_number(body.trim());
    if !ORIGINALLY.is_in(body) && !REMAINING.is_in(body) {
        heading.request = clean_request(body);
        return;
    }
    let original = ORIGINAL.find(body);
    let remains = REMAINS
        .find_iter(body)
        .filter(|m| original.is_none_or(|o| m.start() >= o.end().saturating_sub(1)))
        .last();
    let (Some(remains), true) = (
        remains,
        original.is_some() || body.to_ascii_lowercase().contains("authorized"),
    ) else {
        heading.request = clean_request(body);
        return;
    };
    heading.request = clean_request(&body[remains.end()..]);
    if let Some(original) = original {
        heading.original_request = Some(clean_request(&body[..original.start()]));
    }
    let from = original.map_or(0, |o| o.end().min(remains.start()));
    let middle = body[from..remains.start()].trim();
    let authorized = AUTHORIZED_AFTER
        .captures(middle)
        .or_else(|| AUTHORIZED_BEFORE.captures(middle))
        .map(|found| clean_request(&found["y"]))
        .filter(|y| !y.is_empty());
    heading.authorized = authorized;
}

/// A request without the marks that part it from its surroundings.
fn clean_request(request: &str) -> String {
    let request = request.trim_matches([' ', ':', ',', ';', '-', '*']);
    let request = request.strip_suffix(" is").unwrap_or(request);
    let request = request.trim_matches([' ', ':', ',', ';']);
    // A full stop ends the sentence, not an abbreviation or "q.d.".
    let request = match request.strip_suffix('.') {
        Some(short) if !short.rsplit(' ').next().unwrap_or("").contains('.') => short,
        _ => request,
    };
    request.trim().to_string()
}

/// Without "1." or "2)" before it; "1 prescription" keeps its number.
#[must_use]
pub(super) fn without_list_number(text: &str) -> &str {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\(?\d{1,2}\s?(?:[.)]|\.\))\s+"));
    if !text.starts_with(|c: char| c == '(' || c.is_numeric()) {
        return text;
    }
    match NUMBER.find(text) {
        Some(found) => &text[found.end()..],
        None => text,
    }
}

/// The request of a sentence "the request for a functional capacity evaluation": without the
/// opening and the article (docs/json.md).
#[must_use]
pub(super) fn without_opening(request: &str) -> &str {
    static OPENING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^(?:regarding\s+)?(?:the\s+)?(?:retrospective\s+)?requests?\s+(?:for|of)\s*:?\s*(?:(?:an?|the)\s+)?",
        )
    });
    let request = request.trim();
    // "the", "retrospective", "request"
    if !request.starts_with(['t', 'T', 'r', 'R']) {
        return request;
    }
    match OPENING.find(request) {
        Some(found) => &request[found.end()..],
        None => request,
    }
}

/// "Regarding the request for X": the words a layout wraps a request in, taken off.
#[must_use]
pub(super) fn bare_request(request: &str) -> String {
    let request = without_list_number(request.trim());
    let request = without_opening(request);
    let request = without_article(request);
    request
        .trim_matches([' ', ':', ',', ';'])
        .trim_end_matches('.')
        .trim()
        .to_string()
}

/// Whether a request says that it is for what was already done: "Retrospective ...", "DOS 11/14/16".
#[must_use]
pub(super) fn is_retrospective(request: &str) -> bool {
    let lower = request.to_ascii_lowercase();
    let date_of_service = |at: usize| {
        let rest = lower[at..].trim_start_matches([':', ' ', '(']);
        rest.starts_with(|c: char| c.is_ascii_digit())
    };
    lower.contains("retrospective")
        || lower.contains("retroactive")
        || lower.match_indices("dos").any(|(at, dos)| {
            let alone = at == 0 || !lower.as_bytes()[at - 1].is_ascii_alphanumeric();
            alone && date_of_service(at + dos.len())
        })
        || lower
            .match_indices("date of service")
            .any(|(at, words)| date_of_service(at + words.len()))
}

/// "Six of the twelve requested sessions": a part of what was asked for.
#[must_use]
pub(super) fn is_part_of_request(request: &str) -> bool {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^(?:only\s+)?(?:\d+|[a-z-]+)\s+(?:\(\d+\)\s+)?(?:of|out\s+of)\s+(?:the\s+)?(?:\d+|[a-z-]+)?\s*(?:requested|original)",
        )
    });
    PART.is_match(request.trim())
}

/// Where a sentence says that a request "is modified": it is granted in part.
#[must_use]
pub(super) fn modified_at(text: &str) -> Option<usize> {
    static MODIFIED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\s+(?:is|are|was|were)\s+(?:partially\s+)?modified\b"));
    MODIFIED.find(text).map(|found| found.start())
}

/// Without a leading article.
#[must_use]
pub(super) fn without_article(request: &str) -> &str {
    let request = request.trim();
    for article in ["an ", "a ", "the ", "An ", "A ", "The "] {
        if let Some(rest) = request.strip_prefix(article) {
            return rest.trim_start();
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_headings() {
        let h = read("Associated surgical service: Shoulder wrap\nfor purchase: Upheld");
        assert_eq!(
            h.request,
            "Associated surgical service: Shoulder wrap for purchase"
        );
        assert_eq!(h.decision, Some(Decision::Upheld));
        assert_eq!(
            read("Voltaren gel, DOS: 8/4/15: Overturned").request,
            "Voltaren gel, DOS: 8/4/15"
        );
        assert_eq!(
            read("1 prescription of Xanax 1mg #30:  Upheld").request,
            "1 prescription of Xanax 1mg #30"
        );
        assert_eq!(
            read("2. Norco is not medically necessary and appropriate.").request,
            "Norco"
        );
        assert_eq!(
            read("Norco is medicallynecessary").decision,
            Some(Decision::Overturned)
        );
        assert_eq!(
            read("Norco isnot medically necessary").decision,
            Some(Decision::Upheld)
        );
        assert_eq!(read("Ice packs").decision, None);
    }

    #[test]
    fn partial_authorisation() {
        let h = read(
            "Baclofen 100mg #30 was the original request. Baclofen 100mg #27 was authorized by the Claims Administrator. The remaining IMR eligible portion of the original request, Baclofen 100mg #3: Upheld",
        );
        assert_eq!(
            (
                h.request.as_str(),
                h.original_request.as_deref(),
                h.authorized.as_deref()
            ),
            (
                "Baclofen 100mg #3",
                Some("Baclofen 100mg #30"),
                Some("Baclofen 100mg #27")
            )
        );
        let h = read(
            "Acupuncture (unspecified) was the original request. The Claims Administrator\nauthorized Acupuncture, 6 sessions, leaving the original request IMR eligible. The original\nrequest, Acupuncture (unspecified) is: Overturned",
        );
        assert_eq!(
            (
                h.request.as_str(),
                h.original_request.as_deref(),
                h.authorized.as_deref()
            ),
            (
                "Acupuncture (unspecified)",
                Some("Acupuncture (unspecified)"),
                Some("Acupuncture, 6 sessions")
            )
        );
    }
}
