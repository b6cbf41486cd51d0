//! Which sources hold a letter.

use super::super::catalog::SourceCatalog;
use super::memory::Memory;
use std::collections::BTreeMap;

/// What a count of this run takes, in bytes: 11 of them in a node of 256, two thirds full, and the nodes above.
const COUNT: usize = 42;

/// How many sources hold each letter. What the index knows is only looked up; what this run changes is kept
/// beside it, in a tree, which grows in small steps.
#[derive(Default)]
pub(super) struct LetterReferences {
    /// Places in [`SourceCatalog`] in the order of their letters.
    by_letter: Vec<u32>,
    changed: BTreeMap<u128, u32>,
}

impl LetterReferences {
    /// As many as the index knows.
    pub(super) fn new(known: &SourceCatalog) -> LetterReferences {
        LetterReferences {
            by_letter: known.by_letter(),
            changed: BTreeMap::new(),
        }
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.by_letter.as_slice())
    }

    /// How many sources hold a letter.
    pub(super) fn of(&self, known: &SourceCatalog, letter: u128) -> u32 {
        let changed = self.changed.get(&letter).copied();
        changed.unwrap_or_else(|| known.references(&self.by_letter, letter))
    }

    /// One more; how many it is now.
    pub(super) fn add(&mut self, known: &SourceCatalog, letter: u128, memory: &Memory) -> u32 {
        let count = self.of(known, letter) + 1;
        if self.changed.insert(letter, count).is_none() {
            memory.know(COUNT);
        }
        count
    }

    /// One less, if there is any; how many are left.
    pub(super) fn remove(
        &mut self,
        known: &SourceCatalog,
        letter: u128,
        memory: &Memory,
    ) -> Option<u32> {
        let left = self.of(known, letter).checked_sub(1)?;
        if self.changed.insert(letter, left).is_none() {
            memory.know(COUNT);
        }
        Some(left)
    }
}
