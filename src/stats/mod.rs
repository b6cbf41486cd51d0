//! Decisions counted: overturn rates with their intervals over any facet and over time, what sets
//! overturned rationales apart, and two rates compared.
//!
//! A [`Request`] is plain data and so is the [`Report`]: the page can ask and draw the same. Counts
//! are those of `imr search --facets` (`search::tally`); `wilson`, `newcombe` and `logodds` are
//! statistics and know nothing of letters; [`chart::svg`] draws a report. Nothing here prints.

mod case_json;
mod case_text;
pub mod chart;
mod checklist;
mod compare;
mod count;
pub mod formats;
pub mod logodds;
mod newcombe;
mod odds;
mod phrases;
mod reasons;
mod report;
mod wilson;

pub use case_json::{request_json, similar_json, understood_json};
pub use case_text::{asked_for, read_as, request_name, worker};
pub use checklist::{Checklist, CitedPages, Example, Point, PointCount, checklist};
pub use compare::{Comparison, Side, compare};
pub use count::report;
pub use newcombe::{Difference, newcombe};
pub use odds::{odds, rate_in_words};
pub use reasons::{FEW, Reason, Reasons, Sample, TOO_FEW, reasons};
pub use report::{Figures, Report, Request, Rest, Row, Sort};
pub use wilson::{Rate, Z95, wilson};
