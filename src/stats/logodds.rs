//! Which words set two bodies of text apart: the log-odds ratio with an informative Dirichlet prior
//! (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16, 2008, equations 15 to 22).

/// How often a phrase stands in each of two bodies of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhraseFrequencies {
    /// In the first.
    pub first: u64,
    /// In the second.
    pub second: u64,
}

/// What is known of both bodies as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Bodies {
    /// Phrases counted in the first.
    pub first: u64,
    /// Phrases counted in the second.
    pub second: u64,
    /// The prior's weight in phrases (alpha 0): as though each body had so many more, made up as
    /// both together are.
    pub prior: f64,
}

/// The z-score of a phrase's log-odds ratio: above zero it belongs to the first body, below to the
/// second. None where there is nothing to tell from.
#[must_use]
pub fn z_score(pair: PhraseFrequencies, bodies: Bodies) -> Option<f64> {
    let (y1, y2) = (pair.first as f64, pair.second as f64);
    let (n1, n2) = (bodies.first as f64, bodies.second as f64);
    let all = n1 + n2;
    if all <= 0.0 || bodies.prior <= 0.0 || y1 + y2 <= 0.0 {
        return None;
    }
    let alpha = bodies.prior * (y1 + y2) / all;
    let odds = |y: f64, n: f64| (y + alpha) / (n + bodies.prior - y - alpha);
    let (a, b) = (odds(y1, n1), odds(y2, n2));
    if !(a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()) {
        return None;
    }
    let variance = 1.0 / (y1 + alpha) + 1.0 / (y2 + alpha);
    Some((a.ln() - b.ln()) / variance.sqrt())
}

/// The z-score beyond which a phrase, one of so many looked at, stands out at the 5 % level after
/// Bonferroni's correction (two-sided).
#[must_use]
pub fn threshold(phrases: usize) -> f64 {
    upper_quantile(0.025 / phrases.max(1) as f64)
}

/// The value that a standard normal exceeds with probability `p` of at most one half. Abramowitz
/// and Stegun 26.2.23: off by less than 0.00045.
fn upper_quantile(p: f64) -> f64 {
    let t = (-2.0 * p.clamp(f64::MIN_POSITIVE, 0.5).ln()).sqrt();
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    t - top / bottom
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODIES: Bodies = Bodies {
        first: 1000,
        second: 1000,
        prior: 100.0,
    };

    /// Worked by hand: alpha = 100 * 40 / 2000 = 2; odds 32/1068 and 12/1088; ln of their ratio
    /// 0.999384; variance 1/32 + 1/12 = 0.114583.
    #[test]
    fn as_worked_by_hand() {
        let z = z_score(
            PhraseFrequencies {
                first: 30,
                second: 10,
            },
            BODIES,
        );
        let want =
            ((32.0_f64 / 1068.0) / (12.0 / 1088.0)).ln() / (1.0_f64 / 32.0 + 1.0 / 12.0).sqrt();
        assert!((z.unwrap() - want).abs() < 1e-12);
        assert!((want - 2.9524).abs() < 5e-4, "{want}");
    }

    #[test]
    fn the_other_way_round_it_changes_sign_and_the_same_share_is_zero() {
        let z = |first, second| z_score(PhraseFrequencies { first, second }, BODIES).unwrap();
        assert!((z(30, 10) + z(10, 30)).abs() < 1e-12);
        assert!(z(25, 25).abs() < 1e-12);
    }

    /// A phrase seen a few times says less than one seen often in the same proportion: that is what
    /// the prior is for.
    #[test]
    fn rare_phrases_are_held_back() {
        let z = |first, second| z_score(PhraseFrequencies { first, second }, BODIES).unwrap();
        assert!(z(3, 1) < z(30, 10) && z(30, 10) < z(300, 100));
    }

    #[test]
    fn of_nothing_there_is_no_score() {
        assert_eq!(
            z_score(
                PhraseFrequencies {
                    first: 0,
                    second: 0
                },
                BODIES
            ),
            None
        );
        let empty = Bodies {
            first: 0,
            second: 0,
            prior: 1.0,
        };
        assert_eq!(
            z_score(
                PhraseFrequencies {
                    first: 1,
                    second: 0
                },
                empty
            ),
            None
        );
    }

    #[test]
    fn quantiles_of_the_normal() {
        for (p, want) in [
            (0.025, 1.959_96),
            (0.005, 2.575_83),
            (0.5, 0.0),
            (1e-6, 4.753_42),
        ] {
            assert!((upper_quantile(p) - want).abs() < 5e-4, "{p}");
        }
        assert!((threshold(1) - 1.96).abs() < 1e-3);
    }
}
