//! Arguments that several commands share.

use super::Failure;
use super::counted::MatchArgs;
use crate::corpus::{ColumnMapping, Columns, Limits, MemberOptions, Ocr};
use crate::search::{Address, Backend, Cluster, Engine, Request, Sort};
use clap::Args;
use clap::builder::TypedValueParser;
use std::path::PathBuf;

/// Where the index is.
#[derive(Args, Clone)]
pub(super) struct IndexArg {
    /// Folder of the index (or IMR_INDEX)
    #[arg(
        long,
        value_name = "DIR",
        env = "IMR_INDEX",
        default_value = "imr-index",
        hide_env = true
    )]
    pub index: PathBuf,
}

/// What is searched: an index on this computer, or one on a cluster.
#[derive(Args, Clone)]
pub(super) struct SearchedArg {
    #[command(flatten)]
    local: IndexArg,
    /// Search a cluster instead: http://host:9200/imr (or IMR_ENGINE)
    #[arg(long, value_name = "URL", env = "IMR_ENGINE", hide_env = true)]
    engine: Option<String>,
}

impl SearchedArg {
    /// Opens what is searched.
    ///
    /// # Errors
    /// If there is no such index, or the cluster does not answer.
    pub(super) fn open(&self) -> Result<Box<dyn Backend>, Failure> {
        match self.cluster()? {
            Some(cluster) => Ok(Box::new(cluster)),
            None => Ok(Box::new(Engine::open(&self.local.index)?)),
        }
    }

    /// The cluster; None where an index on this computer is searched.
    ///
    /// # Errors
    /// If the cluster does not answer, or its address is none.
    pub(super) fn cluster(&self) -> Result<Option<Cluster>, Failure> {
        let typed = self.engine.as_deref().filter(|typed| !typed.is_empty());
        let opened = typed.map(|typed| Ok::<_, Failure>(Cluster::open(Address::read(typed)?)?));
        opened.transpose()
    }

    /// The folder of the index on this computer.
    pub(super) fn folder(&self) -> &PathBuf {
        &self.local.index
    }

    /// Refuses a cluster, for what only an index on this computer has.
    ///
    /// # Errors
    /// If one is named.
    pub(super) fn only_here(&self, what: &str) -> Result<&PathBuf, Failure> {
        match &self.engine {
            Some(typed) if !typed.is_empty() => Err(Failure::Other(format!(
                "{what} needs an index on this computer; leave out --engine and IMR_ENGINE"
            ))),
            _ => Ok(&self.local.index),
        }
    }
}

/// How large a letter may be.
#[derive(Args, Clone)]
pub(super) struct MaxLetter {
    /// Skip files larger than this [default: 8]; extracted text is limited to one eighth of it
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u64).range(1..=1024))]
    max_letter: Option<u64>,
}

impl MaxLetter {
    /// What was asked for, in megabytes.
    pub(super) fn megabytes(&self) -> Option<u64> {
        self.max_letter
    }

    pub(super) fn limits(&self) -> Limits {
        self.max_letter
            .map_or_else(Limits::default, |mb| Limits::of_letter(mb << 20))
    }
}

/// What is read beside letters, and which columns of tables hold what.
#[derive(Args, Clone)]
pub(super) struct SourceArgs {
    /// Include documents that are not letters: searchable and marked, but not counted
    #[arg(long)]
    pub other: bool,
    /// Read scans with an installed tesseract or ocrmypdf, and mark their letters
    #[arg(long)]
    ocr: bool,
    /// JSON key or CSV column that names a letter
    #[arg(long, value_name = "KEY", default_value = "id")]
    id_key: String,
    /// JSON key or CSV column with a letter's text
    #[arg(long, value_name = "KEY", default_value = "text")]
    text_key: String,
    /// JSON key or CSV column of a field: text=Notes, case_number=CaseNo, decided=Date ...
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<ColumnMapping>,
}

impl SourceArgs {
    /// What reads scans, if that was asked for; it keeps what it read in a folder.
    pub(super) fn ocr(&self, kept: Option<PathBuf>) -> Result<Option<Ocr>, Failure> {
        let ocr = self.ocr.then(|| Ocr::find(kept));
        ocr.transpose()
            .map_err(|e| Failure::Other(format!("--ocr: {e}")))
    }

    pub(super) fn members(&self, limits: Limits) -> MemberOptions {
        MemberOptions {
            limits,
            columns: Columns::new(&self.id_key, &self.text_key, &self.map),
        }
    }
}

/// The query, how it is matched, and the order of what it finds.
#[derive(Args, Clone)]
pub(super) struct QueryArgs {
    #[command(flatten)]
    pub counted: MatchArgs,
    /// Order of the letters: relevance (default), decided (newest first), oldest, injured, case or items
    #[arg(
        long,
        value_name = "BY",
        default_value = "relevance",
        value_parser = sort(),
        allow_hyphen_values = true,
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub sort: Sort,
    /// Also list letters that only mention what the query asks for, after those that match
    #[arg(long)]
    pub mentions: bool,
}

/// The orders by name.
fn sort() -> impl clap::builder::TypedValueParser<Value = Sort> {
    let names = Sort::NAMES.map(|(_, name)| name);
    clap::builder::PossibleValuesParser::new(names).map(|name| {
        let named = Sort::NAMES.iter().find(|(_, known)| *known == name);
        named.map_or(Sort::Relevance, |(sort, _)| *sort)
    })
}

impl QueryArgs {
    /// The request, without what is only about how hits are shown.
    #[must_use]
    pub(super) fn request(&self) -> Request {
        Request {
            sort: self.sort,
            mentions: self.mentions,
            ..self.counted.request()
        }
    }
}
