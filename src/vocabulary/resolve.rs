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
/// What is shorter, in bytes, begins too much.
const SHORTEST_BEGINNING: usize = 4;

/// The names nearest to a word: at most three, all equally near, none further than a third of its
/// letters. Where none is near, the shortest of those that begin with it: "carpal tunnel" begins "carpal tunnel
/// syndrome".
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    if word.len() > LONGEST {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 4);
    let begins = |name: &str| {
        let name = name.to_lowercase();
        let rest = name.strip_prefix(&word);
        rest.is_some_and(|rest| rest.starts_with([' ', '-']))
    };
    let (mut scored, mut begun) = (Vec::new(), Vec::new());
    for name in names {
        if let Some(d) = distance(&word, name, limit) {
            scored.push((d, name));
        } else if word.len() >= SHORTEST_BEGINNING && begins(name) {
            begun.push((name.len(), name));
        }
    }
    if scored.is_empty() {
        begun.sort_unstable();
        begun.dedup();
        let begun = begun.into_iter().take(3);
        return begun.map(|(_, name)| name.to_string()).collect();
    }
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
        let names = [
            "carpal tunnel syndrome",
            "carpal bone fracture",
            "wrist pain",
        ];
        assert_eq!(nearest("Carpal Tunnel", names), ["carpal tunnel syndrome"]);
        assert!(nearest("car", names).is_empty());
        assert_eq!(
            nearest("gabapnetin", ["gabapentin", "pregabalin"]),
            ["gabapentin"]
        );
        assert!(nearest("zzz", ["norco"]).is_empty());
    }
}
