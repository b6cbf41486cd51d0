//! What is asked of the statistics, and the answer: plain data.

use super::wilson::{Rate, wilson};
use crate::search::{self, Decisions, Filter, Period, Understood};
use serde::{Deserialize, Serialize};

/// Decisions counted under a search.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Which letters and items: query and filters; all filters apply.
    pub search: search::Request,
    /// Facets, or values below which to count ("drug", "drug/opioid", "page"): none, one, or two
    /// for a cross table (one with [`Request::over`]).
    pub by: Vec<String>,
    /// A series over the decision's date.
    pub over: Option<Period>,
    /// The order of a facet's values.
    pub sort: Sort,
    /// Values with fewer items with a decision count among the rest.
    pub min: u64,
    /// At most so many values of the (first) facet; the others count among the rest.
    pub top: Option<usize>,
    /// At most so many values of the second facet, or lines of a series.
    pub columns: Option<usize>,
}

/// The order of a facet's values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// The most items first.
    #[default]
    Count,
    /// The highest overturn rate first, values without one last.
    Rate,
    /// By name; numbers in it by their value.
    Name,
}

/// Decisions and the overturn rate: overturned items (in whole or in part) among items with a
/// decision, with its 95 % Wilson interval. The rate is None where no item has a decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Letters.
    pub letters: u64,
    /// All items.
    pub items: u64,
    /// Items whose denial was upheld.
    pub upheld: u64,
    /// Items whose denial was overturned, in whole or in part.
    pub overturned: u64,
    /// Of those, in part.
    pub partial: u64,
    /// Items whose decision the letter does not tell; no part of the rate.
    pub undecided: u64,
    /// The overturn rate, between 0 and 1.
    pub rate: Option<f64>,
    /// Its interval's lower end.
    pub low: Option<f64>,
    /// Its interval's upper end.
    pub high: Option<f64>,
}

impl Figures {
    /// The figures of some counts.
    #[must_use]
    pub fn of(counts: &Decisions) -> Figures {
        let rate = wilson(counts.overturned, counts.decided());
        Figures {
            letters: counts.letters,
            items: counts.items(),
            upheld: counts.upheld,
            overturned: counts.overturned,
            partial: counts.partial,
            undecided: counts.undecided,
            rate: rate.map(|r| r.rate),
            low: rate.map(|r| r.low),
            high: rate.map(|r| r.high),
        }
    }

    /// Items with a decision.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.upheld + self.overturned
    }

    /// The rate and its interval.
    #[must_use]
    pub fn interval(&self) -> Option<Rate> {
        wilson(self.overturned, self.decided())
    }
}

/// One value (or period) and its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The value, as a path below the facet; of a period "2015", "2015-Q1" or "2015-03".
    pub value: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// Figures for each of [`Report::columns`], then for the rest of the columns if there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Figures>,
}

/// The values that are not listed, taken as one: an item that has several of them counts once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    /// How many values.
    pub values: usize,
    /// Their figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// As [`Row::cells`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Figures>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How the query was read.
    #[serde(flatten)]
    pub understood: Understood,
    /// The filters, as typed.
    pub filters: Vec<Filter>,
    /// The facets, as asked for.
    pub by: Vec<String>,
    /// The period, of a series.
    pub over: Option<Period>,
    /// The order of the values.
    pub sort: Sort,
    /// Items with a decision that a listed value has at least.
    pub min: u64,
    /// Everything that matches.
    pub all: Figures,
    /// The values of the first facet; of a series, the periods in their order.
    pub rows: Vec<Row>,
    /// The values of the second facet; of a series over a facet, the facet's.
    pub columns: Vec<Row>,
    /// Values that are no rows.
    pub rest: Option<Rest>,
    /// Values that are no columns.
    pub rest_columns: Option<Rest>,
    /// What has no value of the first facet; of a series, letters without a date of decision.
    pub without: Figures,
    /// What has no value of the second facet (of a series, of the facet).
    pub without_column: Figures,
    /// Some have several values and count in each: the rows add up to more than all.
    pub several: bool,
    /// The same of the columns.
    pub several_columns: bool,
}

impl Report {
    /// What the rows are: a facet, or "decided" of a series.
    #[must_use]
    pub fn row_name(&self) -> &str {
        match self.over {
            Some(_) => "decided",
            None => self.by.first().map_or("", String::as_str),
        }
    }

    /// The facet of the columns; empty where there are none.
    #[must_use]
    pub fn column_name(&self) -> &str {
        let facet = if self.over.is_some() {
            self.by.first()
        } else {
            self.by.get(1)
        };
        facet.map_or("", String::as_str)
    }
}
