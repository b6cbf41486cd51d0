//! Arguments that several commands share.

use super::counted::CountedArgs;
use crate::corpus::Limits;
use crate::search::{Filter, Request};
use clap::Args;
use std::path::PathBuf;

/// Where the index is.
#[derive(Args, Clone)]
pub struct IndexArg {
    /// The index (or IMR_INDEX)
    #[arg(
        long,
        value_name = "DIR",
        env = "IMR_INDEX",
        default_value = "imr-index",
        hide_env = true
    )]
    pub index: PathBuf,
}

/// How large a letter may be.
#[derive(Args, Clone)]
pub struct MaxLetter {
    /// Read letters up to so many megabytes [default: 8]; their text may have an eighth
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(1..=1024))]
    max_letter: Option<u64>,
}

impl MaxLetter {
    /// What was asked for, in megabytes.
    pub fn megabytes(&self) -> Option<u64> {
        self.max_letter
    }

    pub fn limits(&self) -> Limits {
        self.max_letter
            .map_or_else(Limits::default, |mb| Limits::of_letter(mb << 20))
    }
}

/// A letter must have what was typed.
#[derive(Args, Clone, Default)]
#[command(
    next_help_heading = "Filters (repeat one for alternatives; different ones all hold; --not-drug, --not-year ... exclude)"
)]
pub struct FilterArgs {
    /// Drug requested: brand, generic or class (norco, hydrocodone, opioid)
    #[arg(long, value_name = "NAME")]
    drug: Vec<String>,
    /// What became of the denial: upheld or overturned
    #[arg(long, value_name = "WORD")]
    decision: Vec<String>,
    /// Kind of treatment: pharmacy, imaging, surgery ... (mri means all imaging)
    #[arg(long, value_name = "NAME")]
    treatment: Vec<String>,
    /// Part of the body requested for: knee, low-back, lumbar ...
    #[arg(long, value_name = "NAME")]
    body_part: Vec<String>,
    /// Guideline cited: MTUS, ODG, "chronic pain", "low back" ...
    #[arg(long, value_name = "NAME")]
    guideline: Vec<String>,
    /// MTUS page cited (78 is in 74-96), or a range 78..80
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    page: Vec<String>,
    /// Who cited guideline and page: reviewer or administrator
    #[arg(long, value_name = "SIDE")]
    cited_by: Vec<String>,
    /// Reviewer's specialty (pmr, "pain management" ...)
    #[arg(long, value_name = "NAME")]
    specialty: Vec<String>,
    /// State that licenses the reviewer (California, TX ...)
    #[arg(long, value_name = "STATE")]
    licensure: Vec<String>,
    /// Year decided, or a range 2014..2016
    #[arg(long, value_name = "YEAR", allow_negative_numbers = true)]
    year: Vec<String>,
    /// Date decided: 2015, 2015-03, 2015-03-06 or a range of them
    #[arg(long, value_name = "DATE", allow_negative_numbers = true)]
    decided: Vec<String>,
    /// Date of injury, likewise; ..2005 is up to 2005
    #[arg(long, value_name = "DATE", allow_negative_numbers = true)]
    injured: Vec<String>,
    /// Worker's age, or a range 40..60
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    age: Vec<String>,
    /// Worker's sex: male or female
    #[arg(long, value_name = "WORD")]
    sex: Vec<String>,
    /// Outcome of the whole letter: upheld, overturned or mixed
    #[arg(long, value_name = "WORD")]
    outcome: Vec<String>,
    /// Case number
    #[arg(long, value_name = "NUMBER")]
    case: Vec<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    not_drug: Vec<String>,
    #[arg(long, value_name = "WORD", hide = true)]
    not_decision: Vec<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    not_treatment: Vec<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    not_body_part: Vec<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    not_guideline: Vec<String>,
    #[arg(long, value_name = "N", hide = true)]
    not_page: Vec<String>,
    #[arg(long, value_name = "NAME", hide = true)]
    not_specialty: Vec<String>,
    #[arg(long, value_name = "STATE", hide = true)]
    not_licensure: Vec<String>,
    #[arg(long, value_name = "YEAR", hide = true)]
    not_year: Vec<String>,
    #[arg(long, value_name = "DATE", hide = true)]
    not_decided: Vec<String>,
    #[arg(long, value_name = "DATE", hide = true)]
    not_injured: Vec<String>,
    #[arg(long, value_name = "N", hide = true)]
    not_age: Vec<String>,
    #[arg(long, value_name = "WORD", hide = true)]
    not_sex: Vec<String>,
    #[arg(long, value_name = "WORD", hide = true)]
    not_outcome: Vec<String>,
    #[arg(long, value_name = "NUMBER", hide = true)]
    not_case: Vec<String>,
    /// Filters on items may hold in different items of a letter
    #[arg(long)]
    any_item: bool,
}

impl FilterArgs {
    /// Whether filters on items may hold in different items of a letter.
    #[must_use]
    pub fn is_any_item(&self) -> bool {
        self.any_item
    }

    /// The filters as a request holds them.
    #[must_use]
    pub fn filters(&self) -> Vec<Filter> {
        let lists: [(&str, &Vec<String>); 31] = [
            ("drug", &self.drug),
            ("decision", &self.decision),
            ("treatment", &self.treatment),
            ("body-part", &self.body_part),
            ("guideline", &self.guideline),
            ("page", &self.page),
            ("cited-by", &self.cited_by),
            ("specialty", &self.specialty),
            ("licensure", &self.licensure),
            ("year", &self.year),
            ("decided", &self.decided),
            ("injured", &self.injured),
            ("age", &self.age),
            ("sex", &self.sex),
            ("outcome", &self.outcome),
            ("case", &self.case),
            ("not-drug", &self.not_drug),
            ("not-decision", &self.not_decision),
            ("not-treatment", &self.not_treatment),
            ("not-body-part", &self.not_body_part),
            ("not-guideline", &self.not_guideline),
            ("not-page", &self.not_page),
            ("not-specialty", &self.not_specialty),
            ("not-licensure", &self.not_licensure),
            ("not-year", &self.not_year),
            ("not-decided", &self.not_decided),
            ("not-injured", &self.not_injured),
            ("not-age", &self.not_age),
            ("not-sex", &self.not_sex),
            ("not-outcome", &self.not_outcome),
            ("not-case", &self.not_case),
        ];
        let each = |(name, values): &(&str, &Vec<String>)| {
            values
                .iter()
                .filter_map(|value| Filter::named(name, value))
                .collect::<Vec<_>>()
        };
        lists.iter().flat_map(each).collect()
    }
}

/// The query, how it is matched, and the order of what it finds.
#[derive(Args, Clone)]
pub struct QueryArgs {
    #[command(flatten)]
    pub counted: CountedArgs,
    /// Order: relevance, decided, injured, case or items
    #[arg(
        long,
        value_name = "BY",
        default_value = "relevance",
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "Options"
    )]
    pub sort: Sort,
}

/// [`MatchMode`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Match {
    Most,
    All,
    Any,
}

/// [`crate::search::Sort`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Sort {
    Relevance,
    Decided,
    Injured,
    Case,
    Items,
}

impl QueryArgs {
    /// The request, without what is only about how hits are shown.
    #[must_use]
    pub fn request(&self) -> Request {
        use crate::search::Sort as By;
        Request {
            sort: match self.sort {
                Sort::Relevance => By::Relevance,
                Sort::Decided => By::Decided,
                Sort::Injured => By::Injured,
                Sort::Case => By::Case,
                Sort::Items => By::Items,
            },
            ..self.counted.request()
        }
    }
}
