//! Paths and what is above them.

use super::terms::Terms;
use tantivy::tokenizer::MAX_TOKEN_LEN;

/// Between the segments of a path as tantivy encodes it.
const BETWEEN_SEGMENTS: u8 = 0;

/// Paths, numbered; each knows the one above it.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub terms: Terms,
    /// By the number of a path; the empty path is above itself.
    above: Vec<u32>,
}

impl Paths {
    /// Calls back with the numbers of a path and of all above it, down to the empty one.
    pub(super) fn each(&mut self, mut path: &[u8], mut with: impl FnMut(u32)) {
        // tantivy's terms are no longer, and it leaves out what is.
        while path.len() > MAX_TOKEN_LEN {
            path = above(path);
        }
        let mut number = self.number(path);
        loop {
            with(number);
            match self.above[number as usize] {
                same if same == number => return,
                next => number = next,
            }
        }
    }

    fn number(&mut self, path: &[u8]) -> u32 {
        let last = self.terms.number(path);
        let mut below = (path, last);
        // Numbers are given one after the other: this one is new, and those above it may be.
        while self.above.len() == below.1 as usize && !below.0.is_empty() {
            self.above.push(below.1);
            let path = above(below.0);
            let number = self.terms.number(path);
            self.above[below.1 as usize] = number;
            below = (path, number);
        }
        if self.above.len() == below.1 as usize {
            self.above.push(below.1);
        }
        last
    }
}

/// The path above one that is not empty.
fn above(path: &[u8]) -> &[u8] {
    let segments = path.get(1..).unwrap_or_default();
    let last = segments.iter().rposition(|b| *b == BETWEEN_SEGMENTS);
    &path[..last.map_or(0, |at| at + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_comes_with_those_above_it() {
        let mut paths = Paths::default();
        let mut told = |path: &[u8]| {
            let mut numbers = Vec::new();
            paths.each(path, |number| numbers.push(number));
            numbers
        };
        assert_eq!(told(b"a\0b\0c"), [0, 1, 2, 3]);
        assert_eq!(told(b"a\0b"), [1, 2, 3]);
        assert_eq!(told(b""), [3]);
        assert_eq!(told(b"a\0bc"), [4, 2, 3]);
        // A mark at the beginning ends no segment.
        assert_eq!(told(b"\0x\0"), [5, 6, 3]);
        let mut long = b"a\0".to_vec();
        long.resize(MAX_TOKEN_LEN + 1, b'x');
        assert_eq!(told(&long), [2, 3]);
        assert_eq!(paths.terms.sorted().len(), 7);
    }
}
