//! Medications that no table has.

use super::dose::{quantity, refills, strength};
use super::drugs::Drug;
use crate::letter::pattern::pattern;
use crate::vocabulary::{DoseForms, Drugs, Fold, Services, UNLISTED};
use regex::Regex;
use std::sync::LazyLock;

/// The name of a plain medication (name, then strength) that no table has.
pub(super) fn read(request: &str) -> Option<Drug> {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:retrospective|request for|prescription (?:of|for)|pharmacy purchase of|purchase of|refill of|continued|\d+ (?:tablets|capsules|prescription|prescriptions)(?: of)?|one prescription of|:|\s)*\s*(?P<name>[A-Za-z][A-Za-z'-]{3,}(?: [A-Za-z][A-Za-z'-]+){0,2}?)\s+(?:\([^)]{1,40}\)\s*)?\d+(?:\.\d+)?(?:[-/]\d+(?:\.\d+)?)?\s?(?:mg|mcg|%|meq|units)\b",
        )
    });
    let found = PLAIN.captures(request)?;
    let name = found["name"].to_lowercase();
    let fold = Fold::new(&name);
    let general = !Services::get().phrases_in(&fold).is_empty()
        || Drugs::get().class(&name).is_some()
        || !DoseForms::get().named_in(&fold).is_empty();
    let (name, class) = match Drugs::get().respelled(&name) {
        Some(generic) => (generic.name.to_string(), generic.class),
        None => (name, UNLISTED),
    };
    (!general).then(|| Drug {
        name,
        class: class.to_string(),
        strength: strength(request).map(str::to_string),
        form: DoseForms::get()
            .named_in(&Fold::new(request))
            .first()
            .map(|(form, _)| (*form).to_string()),
        quantity: quantity(request),
        refills: refills(request),
    })
}
