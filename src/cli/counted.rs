//! What is counted: the query and the filters of commands that count rather than list.

use super::filter_args::FilterArgs;
use crate::search::{Filter, MatchMode, Request};
use clap::Args;

/// [`MatchMode`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub(super) enum Match {
    Most,
    All,
    Any,
}

/// The query and how it is matched.
#[derive(Args, Clone)]
pub(super) struct MatchArgs {
    /// Words to search for; `imr search --help` shows the query language
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    #[command(flatten)]
    pub filters: FilterArgs,
    /// How many of the words must match: most (default), all or any
    #[arg(
        long = "match",
        hide_possible_values = true,
        value_name = "HOW",
        default_value = "most",
        hide_default_value = true
    )]
    pub match_mode: Match,
    /// Search for the words themselves, without synonyms
    #[arg(long)]
    pub exact: bool,
}

impl MatchArgs {
    /// The request.
    #[must_use]
    pub(super) fn request(&self) -> Request {
        Request {
            query: self.query.join(" "),
            filters: self.filters.filters(),
            match_mode: match self.match_mode {
                Match::Most => MatchMode::Most,
                Match::All => MatchMode::All,
                Match::Any => MatchMode::Any,
            },
            exact: self.exact,
            any_item: self.filters.is_any_item(),
            ..Request::default()
        }
    }
}

/// What a request asks for, as one reads it: `norco taper --drug opioid`.
#[must_use]
pub(super) fn asked(query: &str, filters: &[Filter]) -> String {
    let mut parts = Vec::new();
    if !query.is_empty() {
        parts.push(query.to_string());
    }
    parts.extend(filters.iter().map(|f| {
        let not = if f.negated { "not-" } else { "" };
        format!("--{not}{} {}", f.name, quoted(&f.value))
    }));
    if parts.is_empty() {
        return "all letters".to_string();
    }
    parts.join(" ")
}

/// The command that lists a request's letters.
#[must_use]
pub(super) fn search_command(request: &Request, index: &std::path::Path) -> String {
    let mut parts = vec!["imr search".to_string()];
    if index != std::path::Path::new("imr-index") && std::env::var_os("IMR_INDEX").is_none() {
        parts.push(format!("--index {}", quoted(&index.display().to_string())));
    }
    for filter in &request.filters {
        let not = if filter.negated { "not-" } else { "" };
        parts.push(format!("--{not}{} {}", filter.name, quoted(&filter.value)));
    }
    match request.match_mode {
        MatchMode::Most => {}
        MatchMode::All => parts.push("--match all".to_string()),
        MatchMode::Any => parts.push("--match any".to_string()),
    }
    if request.exact {
        parts.push("--exact".to_string());
    }
    if request.any_item {
        parts.push("--any-item".to_string());
    }
    if !request.query.is_empty() {
        if request.query.starts_with('-') {
            parts.push("--".to_string());
        }
        parts.push(quoted(&request.query));
    }
    parts.join(" ")
}

/// An argument as a POSIX shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./:=,@%+-".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_string();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_survive_a_shell() {
        assert_eq!(quoted("norco"), "norco");
        assert_eq!(quoted("low back"), "'low back'");
        assert_eq!(quoted("worker's \"x\""), "'worker'\\''s \"x\"'");
        assert_eq!(quoted(""), "''");
    }
}
