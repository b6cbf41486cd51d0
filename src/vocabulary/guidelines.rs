//! The guidelines that letters cite, under all the names they were printed with.

use super::fold::{Fold, fold};
use super::phrases::Phrases;
use super::resolve::{Resolution, nearest};
use super::table::Table;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Where a cited guideline comes from (LABELS.md, `sources`). The order is the field's sorted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// American College of Occupational and Environmental Medicine, cited as such.
    Acoem,
    /// Medical Treatment Utilization Schedule, California's own.
    Mtus,
    /// Official Disability Guidelines.
    Odg,
    /// Anything else: journals, web pages, Medicare, textbooks.
    Other,
}

impl Source {
    /// All of them.
    pub const ALL: [Source; 4] = [Source::Acoem, Source::Mtus, Source::Odg, Source::Other];

    /// The name in records and facets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Source::Acoem => "ACOEM",
            Source::Mtus => "MTUS",
            Source::Odg => "ODG",
            Source::Other => "other",
        }
    }

    /// The source of a name, whatever the capitals.
    #[must_use]
    pub fn named(name: &str) -> Option<Source> {
        Source::ALL
            .into_iter()
            .find(|s| s.name().eq_ignore_ascii_case(name))
    }
}

/// A guideline's name found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleMatch {
    /// Its source.
    pub source: Source,
    /// Its facet value.
    pub title: &'static str,
    /// Where the name stands: a byte range of the folded text.
    pub at: Range<usize>,
}

/// The table `guidelines.tsv`.
pub struct Guidelines {
    rows: Vec<(Source, &'static str)>,
    names: Vec<(&'static str, usize)>,
    by_name: HashMap<String, usize>,
    chapters: HashMap<u32, usize>,
    phrases: Phrases,
}

static TABLE: LazyLock<Guidelines> = LazyLock::new(|| {
    let table = Table::read(
        "guidelines.tsv",
        include_str!("../../index-schema/guidelines.tsv"),
    );
    let (mut rows, mut names, mut chapters) = (Vec::new(), Vec::new(), HashMap::new());
    for row in table.rows() {
        let source = Source::named(row.get("source")).unwrap_or(Source::Other);
        names.extend(row.list("names").map(|name| (name, rows.len())));
        if let Ok(chapter) = row.get("chapter").parse() {
            chapters.insert(chapter, rows.len());
        }
        rows.push((source, row.get("title")));
    }
    Guidelines {
        by_name: names.iter().map(|(name, at)| (fold(name), *at)).collect(),
        phrases: Phrases::new(names.iter().map(|(name, _)| *name)),
        rows,
        names,
        chapters,
    }
});

impl Guidelines {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static Guidelines {
        &TABLE
    }

    /// The guidelines named in a text, left to right.
    #[must_use]
    pub fn named_in(&self, text: &Fold) -> Vec<TitleMatch> {
        self.phrases
            .find(text)
            .into_iter()
            .map(|found| {
                let (source, title) = self.rows[self.names[found.phrase].1];
                TitleMatch {
                    source,
                    title,
                    at: found.at,
                }
            })
            .collect()
    }

    /// The facet value of a title, whatever the spelling it was printed in.
    #[must_use]
    pub fn facet_title(&self, printed: &str) -> Option<&'static str> {
        self.by_name.get(&fold(printed)).map(|at| self.rows[*at].1)
    }

    /// The MTUS title of an ACOEM chapter number, for letters that cite the chapter alone.
    #[must_use]
    pub fn chapter(&self, number: u32) -> Option<&'static str> {
        self.chapters.get(&number).map(|at| self.rows[*at].1)
    }

    /// Whether a title is a chapter of the ACOEM guidelines that the MTUS adopted.
    #[must_use]
    pub fn is_chapter(&self, title: &str) -> bool {
        self.chapters.values().any(|at| self.rows[*at].1 == title)
    }

    /// The facet paths that a filter value means: `[source]` or `[source, title]`. A word that
    /// begins or stands in a title finds it ("chronic pain", "low back").
    #[must_use]
    pub fn resolve(&self, word: &str) -> Resolution<Vec<&'static str>> {
        if let Some(source) = Source::named(word) {
            return Resolution::Values(vec![vec![source.name()]]);
        }
        let path = |at: usize| match self.rows[at] {
            (Source::Mtus, title) => vec![Source::Mtus.name(), title],
            (source, _) => vec![source.name()],
        };
        let folded = fold(word);
        let folded = folded
            .trim_end_matches("guidelines")
            .trim_end_matches("guideline")
            .trim();
        if let Some(at) = self.by_name.get(folded) {
            return Resolution::Values(vec![path(*at)]);
        }
        if folded.len() >= 3 {
            let within = |name: &str| {
                let name = fold(name);
                name.starts_with(folded) || name.contains(&format!(" {folded}"))
            };
            let mut found: Vec<usize> = self
                .names
                .iter()
                .filter(|(name, at)| self.rows[*at].0 != Source::Other && within(name))
                .map(|(_, at)| *at)
                .collect();
            found.dedup();
            if !found.is_empty() {
                return Resolution::Values(found.into_iter().map(path).collect());
            }
        }
        let titles = self.rows.iter().map(|(_, title)| *title);
        let sources = Source::ALL.into_iter().map(Source::name);
        Resolution::Unknown(nearest(word, titles.chain(sources)))
    }

    /// The rows, for the integrity test: source and title.
    #[must_use]
    pub fn rows(&self) -> &[(Source, &'static str)] {
        &self.rows
    }

    /// Every name and the row it belongs to, for the integrity test.
    #[must_use]
    pub fn names(&self) -> &[(&'static str, usize)] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_names_are_one_facet() {
        let table = Guidelines::get();
        for name in [
            "Chronic Pain Treatment",
            "chronic pain medical treatment",
            "Chronic Pain",
        ] {
            assert_eq!(
                table.facet_title(name),
                Some("Chronic Pain Medical Treatment")
            );
        }
        assert_eq!(table.chapter(12), Some("Low Back Complaints"));
    }

    #[test]
    fn a_part_of_a_title_resolves_and_a_typo_suggests() {
        let table = Guidelines::get();
        assert_eq!(
            table.resolve("mtus"),
            Resolution::Values(vec![vec!["MTUS"]])
        );
        assert_eq!(
            table.resolve("low back"),
            Resolution::Values(vec![vec!["MTUS", "Low Back Complaints"]])
        );
        assert!(matches!(table.resolve("oodg"), Resolution::Unknown(near) if near == ["ODG"]));
    }
}
