//! The statements of a passage, and the guidelines that each names.

use super::disclaimer::without_disclaimers;
use super::named::{Kind, NamedGuideline};
use super::side::Citation;
use super::{mtus, non_mtus};
use crate::letter::any_case::AnyCase;
use crate::letter::pattern::pattern;
use crate::vocabulary::{Fold, Guidelines, Source, TitleMatch};
use memchr::memmem::Finder;
use regex::Regex;
use std::sync::LazyLock;

/// Splits a passage at its "Decision based on".
pub(super) fn all(text: &str) -> Vec<(Kind, &str)> {
    static BASED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("decision based on"));
    static NON_MTUS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("non-mtus citation"));
    let lower = text.to_ascii_lowercase();
    let mut cuts: Vec<usize> = BASED.find_iter(lower.as_bytes()).collect();
    // A Non-MTUS citation is a statement of its own wherever it begins.
    for at in NON_MTUS.find_iter(lower.as_bytes()) {
        let begins = cuts.iter().any(|cut| *cut <= at && at - cut <= 20);
        if !begins {
            cuts.push(at);
        }
    }
    cuts.push(0);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.iter()
        .enumerate()
        .map(|(n, cut)| {
            let end = cuts.get(n + 1).copied().unwrap_or(text.len());
            let part = &text[*cut..end];
            let head = &lower[*cut..end];
            let head = head
                .strip_prefix("decision based on")
                .unwrap_or(head)
                .trim_start();
            let kind = if head.starts_with("non-mtus") || head.starts_with("non mtus") {
                Kind::NonMtus
            } else if head.starts_with("mtus") {
                Kind::Mtus
            } else {
                Kind::Unsaid
            };
            (kind, part)
        })
        .collect()
}

/// Says that the chapter before it is MTUS although it is cited as ACOEM.
static PART_OF_MTUS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:is|are)\s+(?:a\s+)?part\s+of\s+the\s+(?:California\s+)?(?:MTUS|Medical\s+Treatment\s+Utilization)",
    )
});

/// Reads the citations of a statement.
pub(super) fn read(statement: &str, kind: Kind, citations: &mut Vec<Citation>) {
    // A pattern is tried only where a word of it stands: most statements have none.
    const PART_OF: AnyCase = AnyCase::new("part of");
    let part_of_mtus = PART_OF.is_in(statement) && PART_OF_MTUS.is_match(statement);
    let text = without_disclaimers(statement, kind);
    let fold = Fold::new(&text);
    let mut named: Vec<NamedGuideline> = Guidelines::get()
        .named_in(&fold)
        .into_iter()
        .map(|TitleMatch { source, name, at }| {
            let at = fold.original(&at);
            NamedGuideline {
                source,
                name: Some(name),
                title: Guidelines::get().book(name, None).title,
                start: at.start,
                end: at.end,
            }
        })
        .collect();
    match kind {
        Kind::NonMtus => {
            non_mtus::citations(&text, &named, citations);
            return;
        }
        Kind::Mtus => named.retain(|n| n.source == Source::Mtus),
        Kind::Unsaid => {}
    }
    if kind == Kind::Mtus && memchr::memchr(b';', text.as_bytes()).is_some() {
        non_mtus::journals(&text, &named, citations);
    }
    mtus::citations(&text, named, kind, part_of_mtus, citations);
}
