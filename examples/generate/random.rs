//! Chance that is the same everywhere: splitmix64, and draws in whole numbers only.

/// A stream of numbers that its seed decides.
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one letter of one run: letters can be made in any order, on any thread.
    pub(crate) fn new(seed: u64, letter: u64) -> Random {
        let mut random = Random(seed ^ letter.wrapping_mul(0xd134_2543_de82_ef95));
        // Neighbouring seeds part ways after a step.
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, all alike; 0 for `n` = 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number of `first..=last`.
    pub(crate) fn range(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// Whether something happens that happens in so many of a thousand cases.
    pub(crate) fn per_mille(&mut self, share: usize) -> bool {
        self.below(1000) < share
    }

    /// A number below `n`, small ones more often: the first quarter of them half of the time.
    pub(crate) fn early(&mut self, n: usize) -> usize {
        let (a, b) = (self.below(1 << 16), self.below(1 << 16));
        (a * b * n) >> 32
    }

    /// One of a list, all alike.
    pub(crate) fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// The place in a list of running sums: in proportion to what each adds.
    pub(crate) fn weighted(&mut self, sums: &[usize]) -> usize {
        let at = self.below(sums.last().copied().unwrap_or(0));
        sums.partition_point(|sum| *sum <= at)
    }
}

/// The running sums of some weights.
pub(crate) fn running(weights: impl IntoIterator<Item = usize>) -> Vec<usize> {
    weights
        .into_iter()
        .scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}
