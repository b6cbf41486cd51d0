//! How sure a rate is: Wilson's score interval (Wilson 1927; recommended for small samples by
//! Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
//! 17, 1998, its method 3).

use serde::{Deserialize, Serialize};

/// The standard normal's 97.5th percentile: 95 % of it lie within so many standard deviations.
pub const Z95: f64 = 1.959_963_984_540_054;

/// A proportion and its 95 % interval, all between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The proportion.
    pub rate: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// `of` cases among `n`, with the 95 % Wilson interval; None of no cases at all.
#[must_use]
pub fn wilson(of: u64, n: u64) -> Option<Rate> {
    if n == 0 {
        return None;
    }
    let (x, n) = (of.min(n) as f64, n as f64);
    let rate = x / n;
    let z2 = Z95 * Z95;
    let centre = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the interval touches 0 or 1 exactly; arithmetic misses it by an epsilon.
    let low = if x == 0.0 { 0.0 } else { centre - half };
    let high = if rate >= 1.0 { 1.0 } else { centre + half };
    Some(Rate {
        rate,
        low: low.max(0.0),
        high: high.min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998, table I: the Wilson interval without continuity correction.
    #[test]
    fn as_published() {
        for (of, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let got = wilson(of, n).unwrap();
            assert!((got.low - low).abs() < 5e-5, "{of}/{n}: {got:?}");
            assert!((got.high - high).abs() < 5e-5, "{of}/{n}: {got:?}");
        }
    }

    /// The interval's ends are where the score test just rejects: |p - rate| = z * sqrt(p(1-p)/n).
    #[test]
    fn ends_solve_the_score_equation() {
        for n in [1_u64, 2, 7, 40, 1000, 1_000_000] {
            for of in [0, 1, n / 3, n / 2, n - 1, n] {
                let got = wilson(of, n).unwrap();
                assert!(got.low <= got.rate && got.rate <= got.high, "{of}/{n}");
                for end in [got.low, got.high] {
                    let want = Z95 * (end * (1.0 - end) / n as f64).sqrt();
                    let inside = end > 0.0 && end < 1.0;
                    assert!(!inside || ((end - got.rate).abs() - want).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 3).unwrap().high, 1.0);
        assert_eq!(wilson(0, 3).unwrap().low, 0.0);
    }
}
