//! The points that reviewers asked for: of the items that match, how often each theme of a reason
//! decided, for the request and against it, with the guideline pages that were cited there and a
//! sentence from a letter each way.
//!
//! What a treating physician should document, and, read by its rates, what separates overturned
//! from upheld denials. A reason is one that carried its item's decision (`letter::reasons`), so a
//! theme that speaks for the request stands in overturned items, one against in upheld ones.

use super::reasons::MOST_LETTERS;
use super::wilson::{Rate, wilson};
use crate::letter::reasons::{stated, themes};
use crate::letter::{Decision, Item, Letter, Reason, Sign};
use crate::search::{self, Backend, Filter, SearchError, Understood};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Letters read at a time.
const BATCH: usize = 256;
/// Pages listed of a point.
const PAGES: usize = 8;
/// Titles listed of a point.
const TITLES: usize = 3;
/// A sentence longer than that is a worse example than a shorter one, in bytes.
const LONG: usize = 320;

/// Items of which a point decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointCount {
    /// Items.
    pub items: u64,
    /// Letters that have such an item.
    pub letters: u64,
}

/// A sentence of a letter that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The reviewer's sentence, in one line.
    pub sentence: String,
    /// The letter's case number, else its file.
    pub letter: String,
    /// What was requested.
    pub request: String,
}

/// A guideline that reviewers cited where a point decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedPages {
    /// Its title.
    pub title: String,
    /// Items that cite it.
    pub items: u64,
    /// The pages cited most often, ascending; empty where none is printed.
    pub pages: Vec<u32>,
}

/// A point that reviewers asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The theme of the reason ("conservative care").
    pub theme: String,
    /// What it is about.
    pub meaning: String,
    /// What it says where it was met ("tried and failed").
    pub when_met: String,
    /// What it says where it was not ("not tried or not completed").
    pub when_not_met: String,
    /// Overturned items that it spoke for.
    pub met: PointCount,
    /// Upheld items that it spoke against.
    pub not_met: PointCount,
    /// The share of items it decided that were overturned, with its 95% Wilson interval.
    pub overturned: Option<Rate>,
    /// The guidelines that reviewers cited there, the most frequent first.
    pub cited: Vec<CitedPages>,
    /// A sentence where it was met.
    pub met_example: Option<Example>,
    /// A sentence where it was not.
    pub not_met_example: Option<Example>,
}

/// The points for the items that match, the most frequent first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checklist {
    /// How the query was read.
    #[serde(flatten)]
    pub understood: Understood,
    /// The filters, as typed.
    pub filters: Vec<Filter>,
    /// Letters that match.
    pub letters: u64,
    /// Letters read: where there are more than 20,000, so many of them.
    pub read: u64,
    /// One letter of about so many was read.
    pub every: usize,
    /// Items with a decision among those read.
    pub items: u64,
    /// Overturned items among them.
    pub overturned: u64,
    /// Their share, with its 95% Wilson interval.
    pub rate: Option<Rate>,
    /// Items among them in whose rationale no reason was recognized.
    pub without_reason: u64,
    /// The points.
    pub points: Vec<Point>,
}

/// One side of a point, while it is counted.
#[derive(Default)]
struct Side {
    count: PointCount,
    /// The best example so far, by its rank: shorter sentences first, then newer letters.
    example: Option<(u64, Example)>,
}

#[derive(Default)]
struct Tally {
    sides: BTreeMap<(usize, Sign), Side>,
    /// By theme and title: items, and items by page.
    cited: BTreeMap<(usize, String), (u64, BTreeMap<u32, u64>)>,
    items: u64,
    overturned: u64,
    without_reason: u64,
}

/// What one letter adds: its file name and the letter.
struct Read {
    letter: Letter,
    name: String,
    items: Vec<usize>,
}

/// Counts the points of the items that match a request.
///
/// # Errors
/// If the query or a filter cannot be understood, or the index is damaged.
pub fn checklist(
    engine: &dyn Backend,
    request: &search::Request,
) -> Result<Checklist, SearchError> {
    let sample = engine.sample(request, MOST_LETTERS)?;
    let mut tally = Tally::default();
    // Letters are read side by side and counted in their order: the same index gives the same
    // answer, whatever the threads.
    for of in sample.letters.chunks(BATCH) {
        let read = of.par_iter().map(|one| {
            let letter = engine.sampled(&sample, one)?;
            let name = match &letter.case_number {
                Some(number) => number.clone(),
                None => {
                    let hit = engine.sampled_hit(&sample, one)?;
                    hit.files.first().cloned().unwrap_or_default()
                }
            };
            let items = one.items.clone();
            Ok(Read {
                letter,
                name,
                items,
            })
        });
        for read in read.collect::<Result<Vec<_>, SearchError>>()? {
            tally.add(&read);
        }
    }
    Ok(Checklist {
        understood: sample.understood.clone(),
        filters: request.filters.clone(),
        letters: sample.all.letters,
        read: sample.letters.len() as u64,
        every: sample.every,
        items: tally.items,
        overturned: tally.overturned,
        rate: wilson(tally.overturned, tally.items),
        without_reason: tally.without_reason,
        points: tally.points(),
    })
}

impl Tally {
    fn add(&mut self, read: &Read) {
        let mut seen = BTreeSet::new();
        for item in read.items.iter().filter_map(|n| read.letter.items.get(*n)) {
            let Some(decision) = item.decision else {
                continue;
            };
            self.items += 1;
            self.overturned += u64::from(decision == Decision::Overturned);
            self.without_reason += u64::from(item.reasons.is_empty());
            for reason in &item.reasons {
                let Some(theme) = themes().iter().position(|t| t.name == reason.theme) else {
                    continue;
                };
                let side = self.sides.entry((theme, reason.sign)).or_default();
                side.count.items += 1;
                side.count.letters += u64::from(seen.insert((theme, reason.sign)));
                side.example(read, item, reason);
                self.cite(theme, item);
            }
        }
    }

    fn cite(&mut self, theme: usize, item: &Item) {
        let mut titles = BTreeMap::new();
        for citation in &item.reviewer.citations {
            let pages: &mut BTreeSet<u32> = titles.entry(citation.title.as_str()).or_default();
            pages.extend(&citation.pages);
        }
        for (title, pages) in titles {
            let entry = self.cited.entry((theme, title.to_string())).or_default();
            entry.0 += 1;
            for page in pages {
                *entry.1.entry(page).or_default() += 1;
            }
        }
    }

    fn points(mut self) -> Vec<Point> {
        let mut points = Vec::new();
        for (at, theme) in themes().iter().enumerate() {
            let met = self.sides.remove(&(at, Sign::For)).unwrap_or_default();
            let not_met = self.sides.remove(&(at, Sign::Against)).unwrap_or_default();
            let items = met.count.items + not_met.count.items;
            if items == 0 {
                continue;
            }
            points.push(Point {
                theme: theme.name.to_string(),
                meaning: theme.meaning.to_string(),
                when_met: theme.when_for.to_string(),
                when_not_met: theme.when_against.to_string(),
                overturned: wilson(met.count.items, items),
                cited: self.cited(at),
                met: met.count,
                not_met: not_met.count,
                met_example: met.example.map(|(_, example)| example),
                not_met_example: not_met.example.map(|(_, example)| example),
            });
        }
        // The order of the table among equals.
        points.sort_by_key(|point| std::cmp::Reverse(point.met.items + point.not_met.items));
        points
    }

    fn cited(&self, theme: usize) -> Vec<CitedPages> {
        let of_theme = self.cited.iter().filter(|((at, _), _)| *at == theme);
        let mut cited: Vec<CitedPages> = of_theme
            .map(|((_, title), (items, pages))| {
                let mut pages: Vec<(u32, u64)> = pages.iter().map(|(p, n)| (*p, *n)).collect();
                pages.sort_by_key(|(page, items)| (std::cmp::Reverse(*items), *page));
                let mut pages: Vec<u32> = pages.iter().take(PAGES).map(|(page, _)| *page).collect();
                pages.sort_unstable();
                CitedPages {
                    title: title.clone(),
                    items: *items,
                    pages,
                }
            })
            .collect();
        cited.sort_by(|a, b| b.items.cmp(&a.items).then(a.title.cmp(&b.title)));
        cited.truncate(TITLES);
        cited
    }
}

impl Side {
    /// Takes a sentence of the item as the example, if it is a better one and says by itself what the
    /// point is about: an item has up to three reasons, and each of its sentences carries some of them.
    fn example(&mut self, read: &Read, item: &Item, reason: &Reason) {
        let date = read.letter.dates.decision.map_or(0, |date| date.number());
        for range in &item.reason_sentences {
            let sentence = read.letter.passage(range);
            let is_long = u64::from(sentence.len() > LONG);
            let rank = is_long << 60 | (u64::from(u32::MAX).saturating_sub(date));
            if sentence.is_empty() || self.example.as_ref().is_some_and(|(best, _)| *best <= rank) {
                continue;
            }
            let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
            if stated(&sentence, reason.sign).first() != Some(reason) {
                continue;
            }
            let example = Example {
                sentence,
                letter: read.name.clone(),
                request: item.request.clone(),
            };
            self.example = Some((rank, example));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter;

    fn read(name: &str, decision: &str, rationale: &str) -> Read {
        let letter = letter::read(&format!(
            "Case Number: {name}\n\nPhysical therapy 2 x 6: {decision}\n\n\
             MAXIMUS guideline: Decision based on MTUS Chronic Pain Medical Treatment Guidelines, \
             page(s) 98-99.\n\nDecision rationale: {rationale}"
        ));
        assert_eq!(letter.items.len(), 1);
        Read {
            letter,
            name: name.to_string(),
            items: vec![0],
        }
    }

    #[test]
    fn points_are_counted_both_ways_with_pages_and_examples() {
        let mut tally = Tally::default();
        let missing = "There is no documentation of functional improvement with the prior visits.";
        tally.add(&read("CM15-0900001", "Upheld", missing));
        tally.add(&read("CM15-0900002", "Upheld", missing));
        let shown = "The patient had functional improvement with the prior visits.";
        tally.add(&read("CM15-0900003", "Overturned", shown));
        assert_eq!(
            (tally.items, tally.overturned, tally.without_reason),
            (3, 1, 0)
        );
        let points = tally.points();
        let point = &points[0];
        assert_eq!(point.theme, "functional improvement");
        assert_eq!(
            (point.met.items, point.not_met.items, point.not_met.letters),
            (1, 2, 2)
        );
        assert_eq!(point.cited[0].pages, [98, 99]);
        assert_eq!(point.met_example.as_ref().unwrap().sentence, shown);
        assert_eq!(
            point.not_met_example.as_ref().unwrap().letter,
            "CM15-0900001"
        );
        let rate = point.overturned.unwrap();
        assert!(rate.low < 1.0 / 3.0 && rate.high > 1.0 / 3.0);
    }

    #[test]
    fn an_example_is_about_its_point() {
        let mut tally = Tally::default();
        let two = "There is no documentation of functional improvement with the prior visits. \
                   Conservative treatment has not been tried.";
        tally.add(&read("CM15-0900001", "Upheld", two));
        let points = tally.points();
        for (theme, words) in [
            ("functional improvement", "functional improvement"),
            ("conservative care", "Conservative treatment"),
        ] {
            let point = points.iter().find(|point| point.theme == theme).unwrap();
            let example = point.not_met_example.as_ref().unwrap();
            assert!(example.sentence.contains(words), "{theme}: {example:?}");
        }
    }
}
