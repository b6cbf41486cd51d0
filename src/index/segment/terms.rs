//! Terms and their numbers.

use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Beside a term's own bytes, what an entry of the map takes.
const ENTRY: usize = 40;

/// Terms, numbered in the order in which they were first met.
#[derive(Debug, Default)]
pub(super) struct Terms {
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
    bytes: usize,
}

impl Terms {
    /// The number of a term, from now on if it has none.
    pub(super) fn number(&mut self, term: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(term.into(), number);
        self.bytes += ENTRY + term.len();
        number
    }

    /// All terms with their numbers, in the order of their bytes.
    pub(super) fn sorted(&self) -> Vec<(&[u8], u32)> {
        let all = self.numbers.iter();
        let mut sorted: Vec<(&[u8], u32)> = all.map(|(term, number)| (&**term, *number)).collect();
        sorted.sort_unstable();
        sorted
    }

    /// Bytes that they take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
