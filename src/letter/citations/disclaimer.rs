//! What is said of the MTUS without citing it.

use super::named::{Kind, MTUS, SCHEDULE};
use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// "outside of the MTUS Guidelines", "the MTUS is silent": said of MTUS, citing nothing of it.
static DISCLAIMER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
        (?:on\ )?recommendations?(?:\(s\))?\ outside\ of\ the\ (?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ guidelines?)?
        | outside\ of\ the\ MTUS(?:\ guidelines?)?
        | no\ (?:(?:applicable|relevant|specific)\ )?(?:section|part|chapter|guideline|provision|recommendation)s?\ (?:of|in|within|from)\ the\ MTUS(?:\ guidelines?)?(?:\ or\ (?:of\ )?(?:the\ )?(?:ODG|Official\ Disability\ Guidelines))?
        | (?:the\ )?(?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?(?:\ guidelines?)?\ (?:(?:is|are|was|were|does|do|did|has|have)\ (?:not|silent|no)\b|lacks?\b|says?\ (?:little|nothing)\b)
        | not\ (?:specifically\ )?(?:addressed|covered|discussed)\ (?:by|in)\ (?:the\ )?(?:California\ )?MTUS(?:\ guidelines?)?
        | (?:,\ )?(?:which\ (?:is|are)\ )?(?:not\ )?(?:a\ )?part\ of\ the\ (?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?
        | (?:did|does)\ not\ (?:base|rely|cite|use|refer)(?:\ (?:its|his|her|their|his\ or\ her|his/her|the))?(?:\ (?:decision|determination|recommendation))?(?:\ (?:on|upon|to))?\ (?:the\ )?(?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?(?:\ guidelines?)?
        | no\ (?:applicable|relevant|specific)\ (?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?(?:\ (?:guideline|section|recommendation|citation)s?)?
        | (?:(?:did|does|could)\ not\ )?(?:find|identify|locate)\ (?:that\ )?(?:any|an?)\ (?:applicable\ |relevant\ |specific\ )?(?:section|part|chapter|guideline|provision|recommendation)s?\ (?:of|in|within|from)\ the\ MTUS(?:\ guidelines?)?
        | (?:(?:was|is|were|are)\ )?not\ based\ (?:up)?on\ (?:the\ )?(?:California\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule)(?:\ \(MTUS\))?(?:\ guidelines?)?
        | did\ not\ cite\ any[^.;]{0,80}
        ",
    )
});

/// Every disclaimer has one of these.
const DISCLAIMING: [AnyCase; 3] = [MTUS, SCHEDULE, AnyCase::new("did not cite")];

/// A statement with its disclaimers blanked out; what is left stands where it did.
pub(super) fn without_disclaimers(statement: &str, kind: Kind) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(statement);
    if !may_disclaim(statement, kind) {
        return text;
    }
    for found in DISCLAIMER.find_iter(statement) {
        let said = found.as_str().to_ascii_lowercase();
        let kept = said.contains("is part of the") || said.contains("are part of the");
        let mut cover = " ".repeat(found.len());
        if kept {
            cover.replace_range(..2, "; ");
        }
        text.to_mut().replace_range(found.range(), &cover);
    }
    text
}

/// Whether a statement has the words of a disclaimer; most have not.
fn may_disclaim(statement: &str, kind: Kind) -> bool {
    const MORE: [AnyCase; 3] = [
        AnyCase::new("part of"),
        AnyCase::new("outside of"),
        AnyCase::new(" not "),
    ];
    let said = match kind {
        // "Decision based on MTUS Low Back Complaints 2004" cites and says no more.
        Kind::Mtus if !MORE.iter().any(|word| word.is_in(statement)) => return false,
        // "Non-MTUS Citation" itself says nothing of the MTUS.
        Kind::NonMtus => statement.find("itation").unwrap_or(0),
        _ => 0,
    };
    DISCLAIMING
        .iter()
        .any(|word| word.is_in(&statement[said..]))
}
