//! Decisions of all matching items, counted over the values of up to two axes: facets, or periods
//! of the decision's date. The same walk as a search's, so the counts are those of its facets.

use super::Engine;
use super::collect::{ItemDecision, SegmentDecisions, Understood};
use super::error::SearchError;
use super::evaluate::Match;
use super::facets::{Facets, SegmentFacets};
use super::ordinals::{Ordinal, OrdinalMaps};
use super::request::{FacetRequest, Request};
use crate::letter::Decision;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::Arc;
use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

/// What was decided, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// Letters.
    pub letters: u64,
    /// Items whose denial was upheld.
    pub upheld: u64,
    /// Items whose denial was overturned, in whole or in part.
    pub overturned: u64,
    /// Of those, items whose denial was overturned in part.
    pub partial: u64,
    /// Items whose decision the letter does not tell.
    pub undecided: u64,
}

impl Decisions {
    /// Items with a decision.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.upheld + self.overturned
    }

    /// All items.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.decided() + self.undecided
    }

    /// Counts an item of a letter that was read.
    pub(super) fn add(&mut self, item: &crate::letter::Item) {
        let partial = item.partial;
        self.item(
            item.decision
                .map(|decision| ItemDecision { decision, partial }),
        );
    }

    pub(super) fn item(&mut self, decided: Option<ItemDecision>) {
        match decided {
            None => self.undecided += 1,
            Some(ItemDecision { decision, partial }) => match decision {
                Decision::Upheld => self.upheld += 1,
                Decision::Overturned => {
                    self.overturned += 1;
                    self.partial += u64::from(partial);
                }
            },
        }
    }
}

impl AddAssign for Decisions {
    fn add_assign(&mut self, other: Decisions) {
        self.letters += other.letters;
        self.upheld += other.upheld;
        self.overturned += other.overturned;
        self.partial += other.partial;
        self.undecided += other.undecided;
    }
}

/// Stretches of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// "2015".
    Year,
    /// "2015-Q1".
    Quarter,
    /// "2015-03".
    Month,
}

impl Period {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Period::Year => "year",
            Period::Quarter => "quarter",
            Period::Month => "month",
        }
    }

    /// The period of a date (yyyymmdd), as a number that sorts like it.
    fn of(self, date: u64) -> u64 {
        let (year, month) = (date / 10_000, date / 100 % 100);
        match self {
            Period::Year => year * 100,
            Period::Quarter => year * 100 + month.saturating_sub(1) / 3 + 1,
            Period::Month => year * 100 + month,
        }
    }

    /// The period of a date (yyyymmdd), as it is shown.
    #[must_use]
    pub fn name_of(self, date: u64) -> String {
        self.label(self.of(date))
    }

    fn label(self, of: u64) -> String {
        let (year, part) = (of / 100, of % 100);
        match self {
            Period::Year => format!("{year:04}"),
            Period::Quarter => format!("{year:04}-Q{part}"),
            Period::Month => format!("{year:04}-{part:02}"),
        }
    }
}

/// What decisions are counted over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// A facet, or a value below which to count, as [`FacetRequest::path`].
    Facet(String),
    /// By the decision's date.
    Period(Period),
}

/// An axis, and which of its values stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBy {
    /// The axis.
    pub axis: Axis,
    /// Only these; all others are counted as one. None: each by itself.
    pub only: Option<Vec<String>>,
}

/// Decisions over one axis.
#[derive(Debug, Clone, Default)]
pub struct AxisTally {
    /// Its values, in no order.
    pub values: Vec<(String, Decisions)>,
    /// All values that are not among [`GroupBy::only`], taken as one.
    pub rest: Option<Ordinal>,
    /// Items (letters) that have no value.
    pub without: Decisions,
    /// Some item (letter, of a letter's facet) has several values, and counts in each.
    pub several: bool,
}

/// Decisions of all that match.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How the request was understood.
    pub understood: Understood,
    /// All of them.
    pub all: Decisions,
    /// Over each axis.
    pub axes: Vec<AxisTally>,
    /// Over pairs of values, of two axes.
    pub cells: HashMap<(Ordinal, Ordinal), Decisions>,
}

impl Engine {
    /// Counts the decisions of all items that match, over at most two axes.
    ///
    /// # Errors
    /// If the query, a filter or a facet cannot be understood, or the index is damaged.
    pub fn tally(&self, request: &Request, along: &[GroupBy]) -> Result<Tally, SearchError> {
        let searcher = self.index().reader.searcher();
        let along = &along[..along.len().min(2)];
        let facets = along
            .iter()
            .map(|along| match &along.axis {
                Axis::Period(_) => Ok(None),
                Axis::Facet(path) => Facets::new(
                    &FacetRequest {
                        path: path.clone(),
                        top: usize::MAX,
                    },
                    &self.facet_maps,
                )
                .map(Some),
            })
            .collect::<Result<Vec<_>, _>>()?;
        for facets in facets.iter().flatten() {
            self.is_held(&searcher, facets, "by")?;
        }
        let open = |_: u32, reader: &SegmentReader| {
            let axes = along
                .iter()
                .zip(&facets)
                .map(|(along, facets)| {
                    SegmentAxis::open(reader, along, facets.as_ref(), &self.facet_maps)
                })
                .collect::<tantivy::Result<Vec<_>>>()?;
            Ok(SegmentTally {
                decisions: SegmentDecisions::open(reader)?,
                all: Decisions::default(),
                axes,
                cells: HashMap::new(),
            })
        };
        let (segments, understood) = self.collect(&searcher, request, open, SegmentTally::count)?;
        let mut tally = Tally {
            understood,
            axes: vec![AxisTally::default(); along.len()],
            ..Tally::default()
        };
        let mut places = vec![HashMap::new(); along.len()];
        for segment in segments {
            tally.add(segment, &mut places);
        }
        Ok(tally)
    }
}

impl Tally {
    /// Adds a segment; `places` maps each value (None: the rest) to its place.
    fn add(&mut self, segment: SegmentTally, places: &mut [HashMap<Option<String>, Ordinal>]) {
        self.all += segment.all;
        let mut global: Vec<Vec<Ordinal>> = Vec::new();
        for ((axis, whole), places) in segment.axes.iter().zip(&mut self.axes).zip(places) {
            whole.without += axis.without.counts;
            whole.several |= axis.several;
            let mut of_local = Vec::with_capacity(axis.cells.len());
            for (local, cell) in axis.cells.iter().enumerate() {
                if cell.counts.letters == 0 {
                    of_local.push(Ordinal::MAX);
                    continue;
                }
                let name = axis.name(local);
                let at = *places.entry(name.clone()).or_insert_with(|| {
                    let at = whole.values.len() as Ordinal;
                    if name.is_none() {
                        whole.rest = Some(at);
                    }
                    whole
                        .values
                        .push((name.unwrap_or_default(), Decisions::default()));
                    at
                });
                whole.values[at as usize].1 += cell.counts;
                of_local.push(at);
            }
            global.push(of_local);
        }
        if let [rows, columns] = &global[..] {
            for ((row, column), cell) in segment.cells {
                let at = (rows[row as usize], columns[column as usize]);
                *self.cells.entry(at).or_default() += cell.counts;
            }
        }
    }
}

/// Counts, and the letter counted last.
#[derive(Clone)]
struct Bucket {
    counts: Decisions,
    seen: DocId,
}

impl Default for Bucket {
    fn default() -> Bucket {
        Bucket {
            counts: Decisions::default(),
            seen: DocId::MAX,
        }
    }
}

impl Bucket {
    fn letter(&mut self, letter: DocId) {
        if self.seen != letter {
            self.seen = letter;
            self.counts.letters += 1;
        }
    }

    fn item(&mut self, letter: DocId, decided: Option<ItemDecision>) {
        self.letter(letter);
        self.counts.item(decided);
    }
}

/// Where a segment's values come from.
enum AxisValues {
    Facet {
        counted: SegmentFacets,
        names: Arc<Vec<Arc<str>>>,
    },
    Period {
        decided: Column<u64>,
        period: Period,
        places: HashMap<u64, Ordinal>,
        names: Vec<String>,
    },
}

/// One axis over one segment.
struct SegmentAxis {
    values: AxisValues,
    /// Where values are taken as one: the place of each; the last place is the rest's.
    folded: Option<Vec<Ordinal>>,
    only: Vec<String>,
    cells: Vec<Bucket>,
    without: Bucket,
    several: bool,
    /// The values of the document in hand.
    hand: Vec<Ordinal>,
}

impl SegmentAxis {
    fn open(
        reader: &SegmentReader,
        along: &GroupBy,
        facets: Option<&Facets>,
        maps: &OrdinalMaps,
    ) -> tantivy::Result<SegmentAxis> {
        let values = match (&along.axis, facets) {
            (Axis::Facet(_), Some(facets)) => AxisValues::Facet {
                counted: facets.segment(reader, maps)?,
                names: facets.names(),
            },
            (Axis::Period(period), _) => AxisValues::Period {
                decided: reader.fast_fields().u64("decided")?,
                period: *period,
                places: HashMap::new(),
                names: Vec::new(),
            },
            (Axis::Facet(path), None) => {
                return Err(tantivy::TantivyError::InvalidArgument(path.clone()));
            }
        };
        let names: &[Arc<str>] = match &values {
            AxisValues::Facet { names, .. } => names,
            AxisValues::Period { .. } => &[],
        };
        let folded = along.only.as_ref().map(|only| {
            let places: HashMap<&str, usize> = only.iter().map(String::as_str).zip(0..).collect();
            let place =
                |name: &Arc<str>| places.get(&**name).copied().unwrap_or(only.len()) as Ordinal;
            names.iter().map(place).collect()
        });
        let only = along.only.clone().unwrap_or_default();
        let cells = match &folded {
            Some(_) => only.len() + 1,
            None => names.len(),
        };
        Ok(SegmentAxis {
            values,
            folded,
            only,
            cells: vec![Bucket::default(); cells],
            without: Bucket::default(),
            several: false,
            hand: Vec::new(),
        })
    }

    fn of_items(&self) -> bool {
        match &self.values {
            AxisValues::Facet { counted, .. } => counted.of_items,
            AxisValues::Period { .. } => false,
        }
    }

    /// What a value is called; None for the rest.
    fn name(&self, at: usize) -> Option<String> {
        match &self.values {
            AxisValues::Facet { .. } if self.folded.is_some() => self.only.get(at).cloned(),
            AxisValues::Facet { names, .. } => Some(names[at].to_string()),
            AxisValues::Period { names, .. } => Some(names[at].clone()),
        }
    }

    /// Takes the values of a document in hand, each once.
    fn read(&mut self, doc: DocId) {
        self.hand.clear();
        match &mut self.values {
            AxisValues::Facet { counted, .. } => {
                counted.values.of(doc, |value| {
                    let value = self.folded.as_ref().map_or(value, |to| to[value as usize]);
                    if !self.hand.contains(&value) {
                        self.hand.push(value);
                    }
                });
            }
            AxisValues::Period {
                decided,
                period,
                places,
                names,
            } => {
                if let Some(date) = decided.first(doc) {
                    let key = period.of(date);
                    let at = *places.entry(key).or_insert_with(|| {
                        names.push(period.label(key));
                        names.len() as Ordinal - 1
                    });
                    if self.cells.len() < names.len() {
                        self.cells.push(Bucket::default());
                    }
                    self.hand.push(at);
                }
            }
        }
        self.several |= self.hand.len() > 1;
    }

    fn letter(&mut self, letter: DocId) {
        if self.hand.is_empty() {
            self.without.letter(letter);
        }
        for value in &self.hand {
            self.cells[*value as usize].letter(letter);
        }
    }

    fn item(&mut self, letter: DocId, decided: Option<ItemDecision>) {
        if self.hand.is_empty() {
            self.without.item(letter, decided);
        }
        for value in &self.hand {
            self.cells[*value as usize].item(letter, decided);
        }
    }
}

/// Counts in one segment.
struct SegmentTally {
    decisions: SegmentDecisions,
    all: Decisions,
    axes: Vec<SegmentAxis>,
    cells: HashMap<(Ordinal, Ordinal), Bucket>,
}

impl SegmentTally {
    fn count(&mut self, found: &Match<'_>) {
        let letter = found.letter;
        self.all.letters += 1;
        for axis in &mut self.axes {
            if !axis.of_items() {
                axis.read(letter);
                axis.letter(letter);
            }
        }
        if let [rows, columns] = &self.axes[..]
            && !rows.of_items()
            && !columns.of_items()
        {
            for row in &rows.hand {
                for column in &columns.hand {
                    self.cells
                        .entry((*row, *column))
                        .or_default()
                        .letter(letter);
                }
            }
        }
        for item in found.items {
            let decided = self.decisions.of(*item);
            self.all.item(decided);
            for axis in &mut self.axes {
                if axis.of_items() {
                    axis.read(*item);
                }
                axis.item(letter, decided);
            }
            if let [rows, columns] = &self.axes[..] {
                for row in &rows.hand {
                    for column in &columns.hand {
                        let cell = self.cells.entry((*row, *column)).or_default();
                        cell.item(letter, decided);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_of_dates() {
        assert_eq!(Period::Year.label(Period::Year.of(20_150_306)), "2015");
        let quarter = |date| Period::Quarter.label(Period::Quarter.of(date));
        assert_eq!(quarter(20_150_331), "2015-Q1");
        assert_eq!(quarter(20_150_401), "2015-Q2");
        assert_eq!(quarter(20_151_231), "2015-Q4");
        assert_eq!(Period::Month.label(Period::Month.of(20_150_306)), "2015-03");
    }
}
