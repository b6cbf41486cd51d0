//! The forms that medicines come in.

use super::fold::Fold;
use super::phrases::Phrases;
use super::table::Table;
use std::ops::Range;
use std::sync::LazyLock;

/// The table `dose_forms.tsv`.
pub struct DoseForms {
    forms: Vec<&'static str>,
    spellings: Vec<&'static str>,
    phrases: Phrases,
}

static TABLE: LazyLock<DoseForms> = LazyLock::new(|| {
    let table = Table::read(
        "dose_forms.tsv",
        include_str!("../../index-schema/dose_forms.tsv"),
    );
    DoseForms {
        forms: table.rows().map(|row| row.get("form")).collect(),
        spellings: table.rows().map(|row| row.get("spelling")).collect(),
        phrases: Phrases::new(table.rows().map(|row| row.get("spelling"))),
    }
});

impl DoseForms {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static DoseForms {
        &TABLE
    }

    /// Whether a lower-case word names a form.
    #[must_use]
    pub fn is_form(&self, word: &str) -> bool {
        self.spellings.contains(&word)
    }

    /// The forms that a text names, left to right, with their ranges in the folded text.
    #[must_use]
    pub fn named_in(&self, text: &Fold) -> Vec<(&'static str, Range<usize>)> {
        self.phrases
            .find(text)
            .into_iter()
            .map(|found| (self.forms[found.phrase], found.at))
            .collect()
    }
}
