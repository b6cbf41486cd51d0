//! A bit for each byte of a text, made many bytes at a time: what is looked for in a text is gone
//! through from bit to bit, not from byte to byte.

use std::ops::Range;

/// For each byte of a text whether it is of a kind.
pub struct ByteBits {
    /// One more than the text fills, so that whatever ends with the text has an end.
    blocks: Vec<u64>,
}

/// Bytes to a block.
const BLOCK: usize = 64;

impl ByteBits {
    /// Looks at each byte of a text. `is` should have no branch, so that many are done at a time.
    #[must_use]
    pub fn of(text: &[u8], is: impl Fn(u8) -> bool) -> ByteBits {
        let (chunks, rest) = text.as_chunks::<BLOCK>();
        let mut blocks = Vec::with_capacity(chunks.len() + 1);
        blocks.extend(chunks.iter().map(|chunk| bits(chunk, &is)));
        let rest = rest.iter().enumerate();
        blocks.push(rest.fold(0, |bits, (n, b)| bits | u64::from(is(*b)) << n));
        ByteBits { blocks }
    }

    /// Of these bytes those that another of them follows.
    #[must_use]
    pub fn followed(mut self) -> ByteBits {
        let mut next = 0;
        for block in self.blocks.iter_mut().rev() {
            let first = *block & 1;
            *block &= *block >> 1 | next << (BLOCK - 1);
            next = first;
        }
        self
    }

    /// These bytes and those.
    #[must_use]
    pub fn or(mut self, others: &ByteBits) -> ByteBits {
        for (block, other) in self.blocks.iter_mut().zip(&others.blocks) {
            *block |= other;
        }
        self
    }

    /// Where these bytes stand in a range, left to right.
    pub fn within(&self, range: Range<usize>) -> Places<'_> {
        Places::new(&self.blocks, range, false)
    }

    /// Where runs of these bytes begin and end in a range, by turns.
    pub fn edges(&self, range: Range<usize>) -> Places<'_> {
        Places::new(&self.blocks, range, true)
    }
}

/// A bit for each byte of a block.
fn bits(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    // Gathers the lowest bits of eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let flags = block.map(|b| u8::from(is(b)));
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
    })
}

/// Goes from bit to bit.
pub struct Places<'b> {
    blocks: &'b [u64],
    range: Range<usize>,
    are_edges: bool,
    /// Where the block begins that is being gone through, and what is left of it.
    block: usize,
    left: u64,
    /// The last bit of the block before it.
    last: u64,
}

impl<'b> Places<'b> {
    fn new(blocks: &'b [u64], range: Range<usize>, are_edges: bool) -> Places<'b> {
        let mut places = Places {
            blocks,
            block: range.start / BLOCK * BLOCK,
            range,
            are_edges,
            left: 0,
            last: 0,
        };
        places.enter();
        places
    }

    /// Takes up the bits of the block.
    fn enter(&mut self) {
        let mut bits = self.blocks[self.block / BLOCK];
        if self.block < self.range.start {
            bits &= u64::MAX << (self.range.start - self.block);
        }
        if self.block + BLOCK > self.range.end {
            bits &= !(u64::MAX << (self.range.end.max(self.block) - self.block));
        }
        self.left = bits;
        if self.are_edges {
            self.left ^= bits << 1 | self.last;
            self.last = bits >> (BLOCK - 1);
        }
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            if self.block + BLOCK > self.range.end {
                return None;
            }
            self.block += BLOCK;
            self.enter();
        }
        let at = self.block + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_stand_where_their_bytes_do(
            text in "[ab]{0,300}",
            from in 0usize..300,
            to in 0usize..300,
        ) {
            let text = text.as_bytes();
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let range = from.min(to)..from.max(to);
            let is = |at: &usize| text.get(*at) == Some(&b'a');
            let bits = ByteBits::of(text, |b| b == b'a');
            let within: Vec<usize> = bits.within(range.clone()).collect();
            prop_assert_eq!(within, range.clone().filter(is).collect::<Vec<_>>());
            let inside = |at: usize| range.contains(&at) && is(&at);
            let mut edges = range.start..=range.end;
            let edges: Vec<usize> = edges
                .by_ref()
                .filter(|at| inside(*at) != at.checked_sub(1).is_some_and(inside))
                .collect();
            prop_assert_eq!(bits.edges(range.clone()).collect::<Vec<_>>(), edges);
            let followed = ByteBits::of(text, |b| b == b'a').followed();
            let pairs = range.clone().filter(|at| is(at) && is(&(at + 1)));
            prop_assert_eq!(followed.within(range.clone()).collect::<Vec<_>>(), pairs.collect::<Vec<_>>());
            let all = bits.or(&ByteBits::of(text, |b| b == b'b'));
            prop_assert_eq!(all.within(range.clone()).count(), range.len());
        }
    }
}
