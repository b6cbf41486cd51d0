//! Reviewers' specialties and the states that license them.

use super::fold::fold;
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The table `specialties.tsv`.
pub struct Specialties {
    names: Vec<&'static str>,
    /// The names, folded, in the same order.
    folded: Vec<String>,
    by_name: HashMap<String, usize>,
}

static TABLE: LazyLock<Specialties> = LazyLock::new(|| {
    let table = Table::read(
        "specialties.tsv",
        include_str!("../../index-schema/specialties.tsv"),
    );
    let mut names = Vec::new();
    let mut by_name = HashMap::new();
    for row in table.rows() {
        let at = names.len();
        names.push(row.get("specialty"));
        by_name.insert(fold(row.get("specialty")), at);
        for alias in row.list("aliases") {
            by_name.insert(fold(alias), at);
        }
    }
    let folded = names.iter().map(|name| fold(name)).collect();
    Specialties {
        names,
        folded,
        by_name,
    }
});

static STATES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let table = Table::read("states.tsv", include_str!("../../index-schema/states.tsv"));
    table
        .rows()
        .map(|row| (row.get("state"), row.get("abbreviation")))
        .collect()
});

/// The states of licensure: name and abbreviation.
#[must_use]
pub fn states() -> &'static [(&'static str, &'static str)] {
    &STATES
}

impl Specialties {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static Specialties {
        &TABLE
    }

    /// The specialty of a name or alias, in the table's spelling.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static str> {
        self.by_name.get(&fold(name)).map(|at| self.names[*at])
    }

    /// The specialty that a printed name is an obvious typo of (one letter off in a long name).
    #[must_use]
    pub fn mended(&self, printed: &str) -> Option<&'static str> {
        if printed.len() < 8 {
            return None;
        }
        let folded = fold(printed);
        let near = |name: &String| {
            *name != folded
                && name.len().abs_diff(folded.len()) <= 1
                && one_edit(name.as_bytes(), folded.as_bytes())
        };
        self.folded.iter().position(near).map(|at| self.names[at])
    }

    /// The canonical names, in the order of the table.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    /// Every spelling that a filter understands, folded.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

fn one_edit(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Equal => a.is_empty() || a[1..] == b[1..],
        std::cmp::Ordering::Less => *a == b[1..],
        std::cmp::Ordering::Greater => a[1..] == *b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_typos() {
        let table = Specialties::get();
        assert_eq!(
            table.named("pm&r"),
            Some("Physical Medicine & Rehabilitation")
        );
        assert_eq!(
            table.named("Physical Medicine and Rehabilitation"),
            Some("Physical Medicine & Rehabilitation")
        );
        assert_eq!(table.mended("Sports Medicinea"), Some("Sports Medicine"));
        assert_eq!(table.mended("Nuclear Gardening"), None);
    }
}
