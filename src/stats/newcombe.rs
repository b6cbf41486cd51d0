//! How far two rates lie apart: Newcombe's hybrid score interval ("Interval estimation for the
//! difference between independent proportions", Statistics in Medicine 17, 1998, its method 10).

use super::wilson::wilson;
use serde::{Deserialize, Serialize};

/// The difference of two proportions (the first less the second) and its 95 % interval, all
/// between -1 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The difference.
    pub difference: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Difference {
    /// Whether no difference at all lies within the interval.
    #[must_use]
    pub fn holds_zero(&self) -> bool {
        self.low <= 0.0 && 0.0 <= self.high
    }
}

/// The difference of two independent proportions, each `(cases, of)`; None where one is of nothing.
#[must_use]
pub fn newcombe(first: (u64, u64), second: (u64, u64)) -> Option<Difference> {
    let (a, b) = (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let difference = a.rate - b.rate;
    let low = difference - (a.rate - a.low).hypot(b.high - b.rate);
    let high = difference + (a.high - a.rate).hypot(b.rate - b.low);
    Some(Difference {
        difference,
        low: low.max(-1.0),
        high: high.min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998, table II, method 10.
    #[test]
    fn as_published() {
        for (first, second, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ] {
            let got = newcombe(first, second).unwrap();
            assert!(
                (got.low - low).abs() < 5e-5,
                "{first:?} {second:?}: {got:?}"
            );
            assert!(
                (got.high - high).abs() < 5e-5,
                "{first:?} {second:?}: {got:?}"
            );
        }
    }

    #[test]
    fn the_other_way_round_it_is_mirrored() {
        let (a, b) = (newcombe((30, 90), (12, 70)), newcombe((12, 70), (30, 90)));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!((a.difference + b.difference).abs() < 1e-12);
        assert!((a.low + b.high).abs() < 1e-12 && (a.high + b.low).abs() < 1e-12);
        assert!(!a.holds_zero());
    }

    #[test]
    fn of_nothing_there_is_no_difference() {
        assert_eq!(newcombe((0, 0), (1, 2)), None);
        assert_eq!(newcombe((1, 2), (0, 0)), None);
    }
}
