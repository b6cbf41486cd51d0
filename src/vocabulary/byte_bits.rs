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
        let mut places = Places {
            bits: self,
            block: range.start / BLOCK * BLOCK,
            range,
            left: 0,
        };
        places.left = self.block_within(places.block, &places.range);
        places
    }

    /// Hands over where runs of these bytes begin and end in a range, by turns.
    #[inline]
    pub fn each_edge(&self, range: &Range<usize>, mut edge: impl FnMut(usize)) {
        let mut last = 0;
        for block in (range.start / BLOCK..=range.end / BLOCK).map(|n| n * BLOCK) {
            let bits = self.block_within(block, range);
            let mut edges = bits ^ (bits << 1 | last);
            last = bits >> (BLOCK - 1);
            while edges != 0 {
                edge(block + edges.trailing_zeros() as usize);
                edges &= edges - 1;
            }
        }
    }

    /// The bits of the block that begins at an offset, as far as they are within a range.
    fn block_within(&self, block: usize, range: &Range<usize>) -> u64 {
        let mut bits = self.blocks[block / BLOCK];
        if block < range.start {
            bits &= u64::MAX << (range.start - block);
        }
        if block + BLOCK > range.end {
            bits &= !(u64::MAX << (range.end.max(block) - block));
        }
        bits
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
    bits: &'b ByteBits,
    range: Range<usize>,
    /// Where the block begins that is being gone through, and what is left of it.
    block: usize,
    left: u64,
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
            self.left = self.bits.block_within(self.block, &self.range);
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
            let mut found = Vec::new();
            bits.each_edge(&range, |at| found.push(at));
            prop_assert_eq!(found, edges);
            let followed = ByteBits::of(text, |b| b == b'a').followed();
            let pairs = range.clone().filter(|at| is(at) && is(&(at + 1)));
            prop_assert_eq!(followed.within(range.clone()).collect::<Vec<_>>(), pairs.collect::<Vec<_>>());
            let all = bits.or(&ByteBits::of(text, |b| b == b'b'));
            prop_assert_eq!(all.within(range.clone()).count(), range.len());
        }
    }
}
