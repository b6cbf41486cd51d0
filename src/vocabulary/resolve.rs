//! From what a person typed to a value of the vocabulary, or to the nearest one.

/// What a filter value means, or what it may have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution<T> {
    /// The values meant: one, or several where a word names several.
    Values(Vec<T>),
    /// Nothing of that name; the nearest names, best first.
    Unknown(Vec<String>),
}

/// What is longer, in bytes, is no misspelt name.
const LONGEST: usize = 200;

/// The names nearest to a word: at most three, all equally near, none further than a third of its
/// letters.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    if word.len() > LONGEST {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 4);
    let mut scored: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let d = distance(&word, name, limit)?;
            Some((d, name))
        })
        .collect();
    scored.sort();
    scored.dedup();
    let least = scored.first().map_or(0, |(d, _)| *d);
    scored.retain(|(d, _)| *d == least);
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_string())
        .collect()
}

/// The edit distance (insertion, deletion, substitution, transposition of neighbors), or None
/// beyond the limit.
pub(super) fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    // Names of very different lengths need no count.
    if a.chars().count().abs_diff(b.chars().count()) > limit {
        return None;
    }
    let distance = strsim::osa_distance(a, &b.to_lowercase());
    (distance <= limit).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name() {
        assert_eq!(
            nearest("norcoo", ["norco", "norvasc", "soma"]),
            ["norco".to_string()]
        );
        assert_eq!(
            nearest("gabapnetin", ["gabapentin", "pregabalin"]),
            ["gabapentin"]
        );
        assert!(nearest("zzz", ["norco"]).is_empty());
    }
}
