//! A rate in words, never without what was counted.

use super::wilson::{Rate, wilson};
use crate::search::Decisions;

/// How such requests were decided: "3 of 18 such requests were overturned, 17%, 95% interval 6 to 39%".
/// Items whose decision the letter does not tell are not counted.
#[must_use]
pub fn odds(of: &Decisions) -> String {
    let Some(rate) = wilson(of.overturned, of.decided()) else {
        return "no such request was decided".to_string();
    };
    let verb = if of.overturned == 1 { "was" } else { "were" };
    if of.decided() == 1 {
        let decision = if of.overturned == 1 {
            "overturned"
        } else {
            "upheld"
        };
        return format!(
            "the only such request was {decision} (overturn rate {})",
            rate_in_words(rate)
        );
    }
    format!(
        "{} of {} such requests {verb} overturned, {}",
        super::formats::grouped(of.overturned),
        super::formats::grouped(of.decided()),
        rate_in_words(rate)
    )
}

/// "17%, 95% interval 6 to 39%".
#[must_use]
pub fn rate_in_words(rate: Rate) -> String {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    format!(
        "{}%, 95% interval {} to {}%",
        percent(rate.rate),
        percent(rate.low),
        percent(rate.high)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(overturned: u64, upheld: u64) -> String {
        odds(&Decisions {
            overturned,
            upheld,
            ..Decisions::default()
        })
    }

    #[test]
    fn a_rate_has_its_counts_and_its_interval() {
        assert_eq!(
            said(3, 15),
            "3 of 18 such requests were overturned, 17%, 95% interval 6 to 39%"
        );
        assert_eq!(
            said(1, 35),
            "1 of 36 such requests was overturned, 3%, 95% interval 0 to 14%"
        );
        assert_eq!(
            said(0, 1),
            "the only such request was upheld (overturn rate 0%, 95% interval 0 to 79%)"
        );
        assert_eq!(said(0, 0), "no such request was decided");
    }
}
