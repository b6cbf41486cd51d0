//! What a letter lacks of what every letter has: its text may have been read badly.

use super::{Item, Layout, Letter};

/// Whether a letter lacks what every letter has.
#[must_use]
pub(super) fn is_lacking(letter: &Letter) -> bool {
    let labeled = letter.layout == Some(Layout::A);
    let is_whole = |item: &Item| {
        let cited = !item.claims_administrator.text.is_empty() && !item.reviewer.text.is_empty();
        item.decision.is_some() && !item.rationale.is_empty() && (cited || !labeled)
    };
    letter.case_number.is_none()
        || letter.dates.decision.is_none()
        || letter.reviewer.specialties.is_empty()
        || !letter.is_recognized()
        || !letter.items.iter().all(is_whole)
}

/// How much a letter says: its items, their decisions and passages, and what stands in its header.
#[must_use]
pub(super) fn said(letter: &Letter) -> usize {
    let of_item = |item: &Item| {
        let parts = [
            !item.rationale.is_empty(),
            !item.claims_administrator.text.is_empty(),
            !item.reviewer.text.is_empty(),
        ];
        let parts = parts.into_iter().filter(|part| *part).count();
        4 + 4 * usize::from(item.decision.is_some()) + parts
    };
    let dates = letter.dates;
    let dates = [
        dates.injury,
        dates.ur_denial,
        dates.received,
        dates.assigned,
        dates.decision,
    ];
    let parts = [
        letter.case_number.is_some(),
        !letter.reviewer.specialties.is_empty(),
        !letter.reviewer.licensure.is_empty(),
        !letter.case_summary.is_empty(),
    ];
    letter.items.iter().map(of_item).sum::<usize>()
        + dates.iter().flatten().count()
        + parts.into_iter().filter(|part| *part).count()
}
