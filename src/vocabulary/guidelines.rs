//! The guidelines that letters cite, under all the names they were printed with.

use super::fold::{Fold, fold};
use super::phrases::Phrases;
use super::resolve::{Resolution, nearest};
use super::table::Table;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Where a cited guideline comes from (docs/json.md). The order is the field's sorted one.
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
    /// Which name of the table it is.
    pub name: usize,
    /// Where the name stands: a byte range of the folded text.
    pub at: Range<usize>,
}

/// A row of `guidelines.tsv`.
pub struct Book {
    /// Where it comes from.
    pub source: Source,
    /// Its title.
    pub title: &'static str,
    /// The years printed with it.
    editions: Vec<u16>,
    /// Each edition has pages of its own and is a facet value.
    by_edition: bool,
    /// It is a chapter of the ACOEM guidelines, old or new.
    of_acoem: bool,
}

impl Book {
    /// The facet value of an edition: old books have one, whatever the year of the reprint.
    fn facet(&self, year: Option<u16>) -> String {
        match year {
            Some(year) if self.by_edition => format!("{} {year}", self.title),
            _ => self.title.to_string(),
        }
    }

    /// Whether a year that is printed with a name may mean this book.
    fn suits(&self, year: Option<u16>) -> bool {
        match year {
            None => !self.by_edition,
            Some(year) => self.editions.contains(&year),
        }
    }
}

/// The table `guidelines.tsv`.
pub struct Guidelines {
    books: Vec<Book>,
    titles: Vec<(Source, &'static str)>,
    /// Each name with the rows that have it, in the order of the table.
    names: Vec<(&'static str, Vec<usize>)>,
    by_name: HashMap<String, usize>,
    chapters: HashMap<u32, usize>,
    phrases: Phrases,
}

/// The first year of the guidelines that replaced the chapters of 2004 and 2009.
const FIRST_NEW_EDITION: u16 = 2017;

static TABLE: LazyLock<Guidelines> = LazyLock::new(|| {
    let table = Table::read(
        "guidelines.tsv",
        include_str!("../../index-schema/guidelines.tsv"),
    );
    let (mut books, mut chapters) = (Vec::new(), HashMap::new());
    let mut names: Vec<(&'static str, Vec<usize>)> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for row in table.rows() {
        let at = books.len();
        for name in row.list("names") {
            let place = *by_name.entry(fold(name)).or_insert_with(|| {
                names.push((name, Vec::new()));
                names.len() - 1
            });
            if !names[place].1.contains(&at) {
                names[place].1.push(at);
            }
        }
        let chapter = row.get("chapter").parse();
        if let Ok(chapter) = chapter {
            chapters.insert(chapter, at);
        }
        let by_edition = row.get("pages") == "edition";
        books.push(Book {
            source: Source::named(row.get("source")).unwrap_or(Source::Other),
            title: row.get("title"),
            editions: row
                .list("editions")
                .filter_map(|y| y.parse::<u16>().ok())
                .collect(),
            by_edition,
            of_acoem: by_edition || chapter.is_ok(),
        });
    }
    Guidelines {
        phrases: Phrases::new(names.iter().map(|(name, _)| *name)),
        titles: books.iter().map(|book| (book.source, book.title)).collect(),
        by_name,
        books,
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
            .map(|found| TitleMatch {
                source: self.books[self.names[found.phrase].1[0]].source,
                name: found.phrase,
                at: found.at,
            })
            .collect()
    }

    /// The book meant by a name with the year that is printed beside it.
    #[must_use]
    pub fn book(&self, name: usize, year: Option<u16>) -> &Book {
        let rows = &self.names[name].1;
        let suits = |at: &&usize| self.books[**at].suits(year);
        let alike = |at: &&usize| {
            let new = year.is_some_and(|year| year >= FIRST_NEW_EDITION);
            self.books[**at].by_edition == new
        };
        let at = rows
            .iter()
            .find(suits)
            .or_else(|| rows.iter().find(alike))
            .unwrap_or(&rows[0]);
        &self.books[*at]
    }

    /// The facet value of a name with the year that is printed beside it: "Low Back Disorders 2019",
    /// "Low Back Complaints".
    #[must_use]
    pub fn facet_of(&self, name: usize, year: Option<u16>) -> String {
        self.book(name, year).facet(year)
    }

    /// The facet value of a printed title, whatever its spelling; None for one of no table.
    #[must_use]
    pub fn facet_title(&self, printed: &str, year: Option<u16>) -> Option<String> {
        let name = *self.by_name.get(&fold(printed))?;
        Some(self.facet_of(name, year))
    }

    /// Whether a year may be that of an edition of a book with this name: none is older than the
    /// first.
    #[must_use]
    pub fn may_be_edition(&self, name: usize, year: u16) -> bool {
        let first = |at: &usize| self.books[*at].editions.iter().min().copied();
        let rows = self.names[name].1.iter();
        rows.filter_map(first)
            .min()
            .is_none_or(|first| year >= first)
    }

    /// Whether a name stands for new books only, and is so common a word ("Opioids") that it is a
    /// title only beside its year or the word "guideline".
    #[must_use]
    pub fn needs_year(&self, name: usize) -> bool {
        let (name, rows) = &self.names[name];
        rows.iter().all(|at| self.books[*at].by_edition)
            && !["Disorder", "Approach", "Workplace"]
                .iter()
                .any(|word| name.contains(word))
    }

    /// The MTUS title of an ACOEM chapter number, for letters that cite the chapter alone.
    #[must_use]
    pub fn chapter(&self, number: u32) -> Option<&'static str> {
        self.chapters.get(&number).map(|at| self.books[*at].title)
    }

    /// Whether a name may be that of a guideline of ACOEM that the MTUS adopted.
    #[must_use]
    pub fn is_of_acoem(&self, name: usize) -> bool {
        self.names[name].1.iter().any(|at| self.books[*at].of_acoem)
    }

    /// The facet paths that a filter value means: `[source]`, `[source, title]`, or
    /// `[source, title, page]`. A word that begins or stands in a title finds it ("chronic pain",
    /// "low back"), a year after it chooses the edition ("opioids 2017"). `held` lists the paths
    /// that the index has ("MTUS/Rotator Cuff 2022"): what it has can be asked for, whether the
    /// table knows it or not.
    #[must_use]
    pub fn resolve(&self, word: &str, held: &[String]) -> Resolution<Vec<String>> {
        let word = word.trim().trim_start_matches('/');
        if let Some(source) = Source::named(word) {
            return Resolution::Values(vec![vec![source.name().to_string()]]);
        }
        let titles = self.mtus_titles(held);
        if let Some(path) = listed_path(word, &titles) {
            return Resolution::Values(vec![path]);
        }
        let (name, year) = name_and_year(word);
        let mut found = self.named(&name, year, &titles);
        if found.is_empty() {
            found = self.within(&name, year, &titles);
        }
        found.sort();
        found.dedup();
        if found.is_empty() {
            let mut near: Vec<&str> = titles.iter().map(String::as_str).collect();
            for source in Source::ALL {
                near.push(source.name());
            }
            return Resolution::Unknown(nearest(word, near));
        }
        Resolution::Values(found)
    }

    /// The facet values of MTUS titles: those of the table with their editions, and what the index
    /// has beside them.
    #[must_use]
    pub fn mtus_titles(&self, held: &[String]) -> Vec<String> {
        let books = self.books.iter().filter(|b| b.source == Source::Mtus);
        let mut titles: Vec<String> = books
            .flat_map(|book| {
                let editions = book.editions.iter().filter(|_| book.by_edition);
                std::iter::once(book.facet(None))
                    .chain(editions.map(|year| book.facet(Some(*year))))
            })
            .collect();
        titles.extend(
            held.iter()
                .filter_map(|path| held_title(path))
                .map(String::from),
        );
        titles.sort();
        titles.dedup();
        titles
    }

    /// The paths of exactly this name, of all editions or of one.
    fn named(&self, name: &str, year: Option<u16>, titles: &[String]) -> Vec<Vec<String>> {
        let Some((_, rows)) = self.by_name.get(name).map(|at| &self.names[*at]) else {
            let of_title = |title: &&String| {
                let (held, edition) = name_and_year(title);
                held == name && (year.is_none() || edition == year)
            };
            return titles.iter().filter(of_title).map(|t| mtus(t)).collect();
        };
        let mut found = Vec::new();
        for book in rows.iter().map(|at| &self.books[*at]) {
            if book.source != Source::Mtus {
                found.push(vec![book.source.name().to_string()]);
                continue;
            }
            match year {
                // A book in one form is found by any year it was printed with.
                Some(year) if !book.by_edition => {
                    if book.editions.is_empty() || book.editions.contains(&year) {
                        found.push(mtus(book.title));
                    }
                }
                Some(year) => {
                    let facet = book.facet(Some(year));
                    if titles.contains(&facet) {
                        found.push(mtus(&facet));
                    }
                }
                None => found.extend(titles.iter().filter(|t| book.has_facet(t)).map(|t| mtus(t))),
            }
        }
        found
    }

    /// The paths of titles in whose names the words stand.
    fn within(&self, name: &str, year: Option<u16>, titles: &[String]) -> Vec<Vec<String>> {
        if name.len() < 3 {
            return Vec::new();
        }
        let stands_in = |text: &str| {
            let text = fold(text);
            text.starts_with(name) || text.contains(&format!(" {name}"))
        };
        let mut found = Vec::new();
        for (full, rows) in &self.names {
            let other = rows
                .iter()
                .any(|at| self.books[*at].source == Source::Other);
            if !other && stands_in(full) {
                found.extend(self.named(&fold(full), year, titles));
            }
        }
        let of_year = |title: &&String| year.is_none() || name_and_year(title).1 == year;
        let held = titles
            .iter()
            .filter(of_year)
            .filter(|title| stands_in(title));
        found.extend(held.map(|title| mtus(title)));
        found
    }

    /// The titles of the table with their sources.
    #[must_use]
    pub fn rows(&self) -> &[(Source, &'static str)] {
        &self.titles
    }

    /// Every name and the rows that it may stand for.
    #[must_use]
    pub fn names(&self) -> &[(&'static str, Vec<usize>)] {
        &self.names
    }
}

impl Book {
    /// Whether a facet value is this book, or an edition of it.
    fn has_facet(&self, title: &str) -> bool {
        match title.strip_prefix(self.title) {
            Some("") => true,
            Some(rest) => self.by_edition && name_and_year(rest).0.is_empty(),
            None => false,
        }
    }
}

fn mtus(title: &str) -> Vec<String> {
    vec![Source::Mtus.name().to_string(), title.to_string()]
}

/// The title of a path that the index has, with or without a page.
fn held_title(path: &str) -> Option<&str> {
    let rest = path.trim_start_matches('/').strip_prefix("MTUS/")?;
    let page = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match rest.rsplit_once('/') {
        Some((title, last)) if page(last) => Some(title),
        _ => Some(rest),
    }
}

/// A value as facets list it: "MTUS/Low Back Complaints", or a page below that.
fn listed_path(value: &str, titles: &[String]) -> Option<Vec<String>> {
    let rest = value.strip_prefix("MTUS/")?;
    let known = |title: &str| titles.iter().any(|t| t == title);
    if known(rest) {
        return Some(mtus(rest));
    }
    let (title, page) = rest.rsplit_once('/')?;
    let is_page = page.parse::<u16>().is_ok();
    (is_page && known(title)).then(|| {
        let mut path = mtus(title);
        path.push(page.to_string());
        path
    })
}

/// A typed title folded, without what stands around it ("MTUS", "guidelines"), and the year after
/// it.
fn name_and_year(word: &str) -> (String, Option<u16>) {
    let mut name = fold(word);
    for before in ["mtus ", "acoem ", "mtus: "] {
        if let Some(rest) = name.strip_prefix(before) {
            name = rest.to_string();
        }
    }
    let year = name
        .rsplit_once(' ')
        .map_or(Some(name.as_str()), |(_, last)| Some(last))
        .map(|last| last.trim_matches(['(', ')']))
        .filter(|last| last.len() == 4 && (last.starts_with("19") || last.starts_with("20")))
        .and_then(|last| last.parse().ok());
    if year.is_some() {
        name = name
            .rsplit_once(' ')
            .map_or(String::new(), |(name, _)| name.to_string());
    }
    let name = name
        .trim_end_matches([' ', ','])
        .trim_end_matches("guidelines")
        .trim_end_matches("guideline")
        .trim_end_matches([' ', ',']);
    (name.to_string(), year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str, held: &[&str]) -> Vec<String> {
        let held: Vec<String> = held.iter().map(ToString::to_string).collect();
        match Guidelines::get().resolve(word, &held) {
            Resolution::Values(paths) => paths.iter().map(|path| path.join("/")).collect(),
            Resolution::Unknown(near) => near.iter().map(|n| format!("? {n}")).collect(),
        }
    }

    #[test]
    fn names_of_one_book_are_one_facet_and_new_editions_are_books() {
        let table = Guidelines::get();
        for name in [
            "Chronic Pain Treatment",
            "chronic pain medical treatment",
            "Chronic Pain",
        ] {
            assert_eq!(
                table.facet_title(name, None).as_deref(),
                Some("Chronic Pain Medical Treatment")
            );
        }
        for (name, year, title) in [
            ("Chronic Pain", 2009, "Chronic Pain Medical Treatment"),
            ("Chronic Pain", 2017, "Chronic Pain 2017"),
            ("Opioids", 2017, "Opioids 2017"),
            ("Low Back Complaints", 2004, "Low Back Complaints"),
            ("Low Back Disorders", 2019, "Low Back Disorders 2019"),
            ("Low Back Disorders", 2031, "Low Back Disorders 2031"),
            (
                "Foot & Ankle Disorders",
                2018,
                "Ankle and Foot Disorders 2018",
            ),
            (
                "Initial Approaches to Treatment",
                2004,
                "Initial Approaches to Treatment",
            ),
        ] {
            assert_eq!(table.facet_title(name, Some(year)).as_deref(), Some(title));
        }
        assert_eq!(table.chapter(12), Some("Low Back Complaints"));
    }

    #[test]
    fn a_part_of_a_title_resolves_and_a_typo_suggests() {
        assert_eq!(found("mtus", &[]), ["MTUS"]);
        assert_eq!(
            found("low back complaints", &[]),
            ["MTUS/Low Back Complaints"]
        );
        assert_eq!(found("oodg", &[]), ["? ODG"]);
        assert_eq!(found("opioids 2017", &[]), ["MTUS/Opioids 2017"]);
        assert_eq!(found("MTUS Opioids 2017", &[]), ["MTUS/Opioids 2017"]);
        assert_eq!(
            found("chronic pain 2009", &[]),
            ["MTUS/Chronic Pain Medical Treatment"]
        );
        assert_eq!(found("chronic pain 2017", &[]), ["MTUS/Chronic Pain 2017"]);
        assert_eq!(
            found("chronic pain", &[]),
            [
                "MTUS/Chronic Pain",
                "MTUS/Chronic Pain 2017",
                "MTUS/Chronic Pain Medical Treatment"
            ]
        );
        assert_eq!(
            found("low back disorders 2019", &[]),
            ["MTUS/Low Back Disorders 2019"]
        );
    }

    #[test]
    fn what_the_index_has_can_be_asked_for() {
        let held = ["MTUS/Rotator Cuff 2022/14", "MTUS/Opioids 2025"];
        assert_eq!(found("rotator cuff", &held), ["MTUS/Rotator Cuff 2022"]);
        assert_eq!(
            found("rotator cuff 2022", &held),
            ["MTUS/Rotator Cuff 2022"]
        );
        assert_eq!(
            found("MTUS/Rotator Cuff 2022/14", &held),
            ["MTUS/Rotator Cuff 2022/14"]
        );
        assert_eq!(found("opioids 2025", &held), ["MTUS/Opioids 2025"]);
        assert!(
            found("rotator cuff", &[])
                .iter()
                .all(|f| f.starts_with('?'))
        );
    }
}
