//! The parts of the body that a request names.

use super::fold::Fold;
use super::phrases::Phrases;
use super::table::{Row, Table};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The values of `body_parts` (docs/json.md), head to toe.
pub const BODY_PARTS: [&str; 23] = [
    "head",
    "face",
    "neck",
    "upper-back",
    "low-back",
    "spine",
    "chest",
    "abdomen",
    "shoulder",
    "upper-arm",
    "elbow",
    "forearm",
    "wrist",
    "hand",
    "hip",
    "pelvis",
    "thigh",
    "knee",
    "lower-leg",
    "ankle",
    "foot",
    "upper-extremity",
    "lower-extremity",
];

/// The table `body_parts.tsv`.
pub struct BodyParts {
    names: Vec<&'static str>,
    parts: Vec<Vec<&'static str>>,
    /// The row of a folded name; None for the name of a part itself.
    by_name: HashMap<String, Option<usize>>,
    phrases: Phrases,
    /// Parts that have others within them (`body_part_regions.tsv`).
    regions: Vec<(&'static str, Vec<&'static str>)>,
}

static TABLE: LazyLock<BodyParts> = LazyLock::new(|| {
    let table = Table::read(
        "body_parts.tsv",
        include_str!("../../index-schema/body_parts.tsv"),
    );
    let names: Vec<_> = table.rows().map(|row| row.get("phrase")).collect();
    let parts = table
        .rows()
        .map(|row| {
            row.get("part")
                .split(',')
                .filter(|p| !p.is_empty())
                .collect()
        })
        .collect();
    let phrases = Phrases::new(names.iter().copied());
    let rows = names.iter().enumerate();
    let mut by_name: HashMap<String, Option<usize>> = rows
        .map(|(at, name)| (super::fold::fold(name), Some(at)))
        .collect();
    for part in BODY_PARTS {
        by_name.insert(super::fold::fold(part), None);
    }
    let regions = Table::read(
        "body_part_regions.tsv",
        include_str!("../../index-schema/body_part_regions.tsv"),
    );
    let region = |row: Row<'_>| (row.get("region"), row.get("parts").split(',').collect());
    BodyParts {
        names,
        parts,
        by_name,
        phrases,
        regions: regions.rows().map(region).collect(),
    }
});

impl BodyParts {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static BodyParts {
        &TABLE
    }

    /// The parts that a request names, sorted, each once. "spine" stands only where no level is
    /// named.
    #[must_use]
    pub fn named_in(&self, request: &Fold) -> Vec<&'static str> {
        let mut parts: Vec<&'static str> = Vec::new();
        for found in self.phrases.find(request) {
            // "cervical spine": the level says more than the spine does.
            let all = &self.parts[found.phrase];
            parts.extend(all.iter().filter(|p| **p != "spine"));
            if all.contains(&"spine") && !level_beside(&request.text, found.at.start) {
                parts.push("spine");
            }
        }
        for level in levels(&request.text) {
            match level {
                (b'c', 1..=8) => parts.push("neck"),
                (b't', 1..=12) => parts.push("upper-back"),
                (b'l', 1..=6) | (b's', 1..=5) => parts.push("low-back"),
                _ => {}
            }
        }
        if parts
            .iter()
            .any(|p| ["neck", "upper-back", "low-back"].contains(p))
        {
            parts.retain(|p| *p != "spine");
        }
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The part meant by a word of a filter ("lumbar", "low back", "low-back"), if any.
    #[must_use]
    pub fn resolve(&self, word: &str) -> Vec<&'static str> {
        let folded = super::fold::fold(word);
        self.by_name
            .get(&folded)
            .map(|at| match at {
                Some(at) => self.parts[*at].clone(),
                None => BODY_PARTS
                    .into_iter()
                    .filter(|part| super::fold::fold(part) == folded)
                    .collect(),
            })
            .unwrap_or_default()
    }

    /// Every name that a filter understands.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        BODY_PARTS.into_iter().chain(self.names.iter().copied())
    }

    /// The parts within a part: the neck is within the spine. Empty for most.
    #[must_use]
    pub fn within(&self, part: &str) -> &[&'static str] {
        let region = self.regions.iter().find(|(region, _)| *region == part);
        region.map_or(&[], |(_, parts)| parts)
    }

    /// The parts that have others within them, for the integrity test.
    pub fn regions(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        let regions = self.regions.iter();
        regions.map(|(region, parts)| (*region, parts.as_slice()))
    }

    /// The rows, for the integrity test: phrase and parts.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.names
            .iter()
            .copied()
            .zip(self.parts.iter().map(Vec::as_slice))
    }
}

/// "L4-5", "C5-C6", "T12", "S1": words that are a letter and a number, as the spine's levels are
/// (docs/json.md).
fn levels(folded: &str) -> impl Iterator<Item = (u8, u32)> {
    let of_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
    let words = folded.as_bytes().split(move |b| !of_word(*b));
    words.filter_map(|word| {
        let digit = |b: u8| b.is_ascii_digit().then(|| u32::from(b - b'0'));
        match word {
            [letter, a] => Some((*letter, digit(*a)?)),
            [letter, a, b] => Some((*letter, digit(*a)? * 10 + digit(*b)?)),
            _ => None,
        }
    })
}

/// Whether a word for a level stands right before "spine" ("cervical and thoracic spine").
fn level_beside(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    ["cervical", "thoracic", "lumbar", "lumbosacral", "sacral"]
        .iter()
        .any(|level| before.ends_with(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(request: &str) -> Vec<&'static str> {
        BodyParts::get().named_in(&Fold::new(request))
    }

    #[test]
    fn names_and_levels() {
        assert_eq!(
            parts("MRI of the cervical and thoracic spine"),
            ["neck", "upper-back"]
        );
        assert_eq!(
            parts("Right L5-S1 epidural steroid injection"),
            ["low-back"]
        );
        assert_eq!(parts("C5/6 ACDF"), ["neck"]);
        assert_eq!(parts("MRI/CT of the spine and pelvis"), ["pelvis", "spine"]);
        assert_eq!(
            parts("PT for the left shoulder wrist and hip"),
            ["hip", "shoulder", "wrist"]
        );
        assert_eq!(parts("Knee scooter"), Vec::<&str>::new());
        assert_eq!(parts("TLSO brace"), ["low-back", "upper-back"]);
    }
}
