//! Arguments that several commands share.

use super::counted::CountedArgs;
use crate::corpus::Limits;
use crate::search::Request;
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
