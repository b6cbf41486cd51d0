//! The names of commits. Every document holds the name of the commit that brought it, and names are in the
//! order of the commits: what was added after one is what holds a later name.

use super::store::Index;
use std::time::{SystemTime, UNIX_EPOCH};
use tantivy::Searcher;
use tantivy::index::SegmentId;

/// Digits of the time in a name: microseconds since 1970, enough to the year 2112.
const DIGITS: usize = 13;

/// A name that no commit has had, later than `last`: the time, and something by chance. Where the clock was
/// set back, the name is later all the same.
#[must_use]
pub(super) fn name_after(last: Option<&str>) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_micros() as u64);
    let last = last.and_then(time_of).map_or(0, |last| last + 1);
    let by_chance = SegmentId::generate_random().uuid_string();
    format!("{:0DIGITS$x}-{}", now.max(last), &by_chance[..8])
}

/// The time in a name; None of what is no name, or that of a commit from before names had one.
fn time_of(name: &str) -> Option<u64> {
    let (time, _) = name
        .split_once('-')
        .filter(|(time, _)| time.len() == DIGITS)?;
    u64::from_str_radix(time, 16).ok()
}

/// Whether a text is the name of a commit, of this index or another.
#[must_use]
pub fn is_commit_name(text: &str) -> bool {
    time_of(text).is_some()
}

impl Index {
    /// The names of the commits that brought what the index holds, the oldest first. Commits of an earlier
    /// imr have names without an order; they are the oldest.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn commits(&self, searcher: &Searcher) -> tantivy::Result<Vec<String>> {
        let mut names = Vec::new();
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.commit)?;
            let mut terms = inverted.terms().stream()?;
            while terms.advance() {
                names.extend(std::str::from_utf8(terms.key()).map(str::to_string));
            }
        }
        names.sort_unstable_by(|a, b| (time_of(a), a).cmp(&(time_of(b), b)));
        names.dedup();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_grow_whatever_the_clock_says() {
        let first = name_after(None);
        let second = name_after(Some(&first));
        assert!(first < second && is_commit_name(&first), "{first} {second}");
        let ahead = "fffffffffff00-00000000";
        let after = name_after(Some(ahead));
        assert!(
            after.as_str() > ahead && after.starts_with("fffffffffff01-"),
            "{after}"
        );
        assert!(name_after(Some("0123456789abcdef0123456789abcdef")) > first);
        assert!(!is_commit_name("0123456789abcdef0123456789abcdef") && !is_commit_name("x-y"));
    }
}
