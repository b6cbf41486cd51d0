//! Which kind of treatment a request asks for.

use super::fold::Fold;
use super::phrases::Phrases;
use super::table::Table;
use std::sync::LazyLock;

/// The values of `treatment` (LABELS.md).
pub const TREATMENTS: [&str; 11] = [
    "pharmacy",
    "imaging",
    "diagnostic-test",
    "rehabilitation",
    "injection",
    "surgery",
    "equipment",
    "evaluation",
    "behavioral-health",
    "home-health",
    "other",
];

/// The rank at which a named drug speaks for pharmacy, between the named services (6 and above)
/// and the general words ("unit", "visit", "surgery").
const DRUG_RANK: f32 = 5.5;

/// The table `treatments.tsv`.
pub struct Treatments {
    names: Vec<&'static str>,
    entries: Vec<(&'static str, f32)>,
    phrases: Phrases,
}

static TABLE: LazyLock<Treatments> = LazyLock::new(|| {
    let table = Table::read(
        "treatments.tsv",
        include_str!("../../index-schema/treatments.tsv"),
    );
    let names: Vec<_> = table.rows().map(|row| row.get("phrase")).collect();
    let entries = table
        .rows()
        .map(|row| {
            (
                row.get("treatment"),
                row.get("rank").parse().unwrap_or(f32::NAN),
            )
        })
        .collect();
    let phrases = Phrases::new(names.iter().copied());
    Treatments {
        names,
        entries,
        phrases,
    }
});

impl Treatments {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static Treatments {
        &TABLE
    }

    /// The category of a request: that of its phrase with the highest rank, the earliest among
    /// equals. `drug` says whether the request names a drug. A request that says nothing is
    /// `other`.
    #[must_use]
    pub fn of(&self, request: &Fold, drug: bool) -> &'static str {
        let mut best = if drug {
            ("pharmacy", DRUG_RANK)
        } else {
            ("other", f32::MIN)
        };
        for found in self.phrases.find(request) {
            let (treatment, rank) = self.entries[found.phrase];
            if rank > best.1 {
                best = (treatment, rank);
            }
        }
        best.0
    }

    /// The category meant by a word of a filter ("imaging", "mri", "dme"), if any.
    #[must_use]
    pub fn resolve(&self, word: &str) -> Option<&'static str> {
        let folded = super::fold::fold(word);
        TREATMENTS
            .into_iter()
            .find(|t| super::fold::fold(t) == folded)
            .or_else(|| {
                let at = self
                    .names
                    .iter()
                    .position(|name| super::fold::fold(name) == folded)?;
                Some(self.entries[at].0)
            })
    }

    /// The rows, for the integrity test: phrase, treatment, rank.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, f32)> {
        self.names
            .iter()
            .zip(&self.entries)
            .map(|(name, (treatment, rank))| (*name, *treatment, *rank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_service_decides() {
        let of = |request: &str| Treatments::get().of(&Fold::new(request), false);
        assert_eq!(of("Spine surgery evaluation for the lumbar"), "evaluation");
        assert_eq!(
            of("Right knee arthroscopy with evaluation of ACL"),
            "surgery"
        );
        assert_eq!(of("TENS unit"), "equipment");
        assert_eq!(of("Electrical stimulation times 6"), "rehabilitation");
        assert_eq!(
            of("Platelet-rich plasma injection to the right knee"),
            "injection"
        );
        assert_eq!(of("Labs to include: Chest X-ray"), "imaging");
        assert_eq!(of("Wound care nurse, 1-2 visits"), "home-health");
        assert_eq!(of("A thing of no known kind"), "other");
        assert_eq!(
            Treatments::get().of(&Fold::new("Post-op Zofran"), true),
            "pharmacy"
        );
    }
}
