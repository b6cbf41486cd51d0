//! Names that say something else in a query than in a request: `query_names.tsv`.

use super::fold::fold;
use super::quick_hash::QuickHash;
use super::services::{Service, ServiceOrCategory, Services, plural};
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a name of a service is in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryName {
    /// The words as they stand; several are one unit.
    Words,
    /// Each word for itself.
    Parts,
    /// The service, and of its requests those that have the words, but these.
    Narrow(Vec<&'static str>),
    /// What it is in a request; letters also write it for something else.
    Also(&'static str),
    /// Any of these services.
    Services(Vec<&'static Service>),
}

struct QueryNames {
    by_name: HashMap<String, QueryName, QuickHash>,
    /// Services of which every name but their own is narrower than they are.
    by_service: Vec<(&'static str, QueryName)>,
}

static TABLE: LazyLock<QueryNames> = LazyLock::new(|| {
    let table = Table::read(
        "query_names.tsv",
        include_str!("../../index-schema/query_names.tsv"),
    );
    let (mut by_name, mut by_service) = (HashMap::default(), Vec::new());
    for row in table.rows() {
        let services = row.list("means").filter_map(|n| Services::get().named(n));
        let meant = match row.get("reading") {
            "parts" => QueryName::Parts,
            "narrow" => QueryName::Narrow(row.list("besides").collect()),
            "also" => QueryName::Also(row.get("means")),
            "services" => QueryName::Services(services.collect()),
            _ => QueryName::Words,
        };
        for name in row.list("names") {
            if let Some(service) = name.strip_prefix('*') {
                by_service.push((service, meant.clone()));
                continue;
            }
            let name = fold(name);
            if let Some(plural) = plural(&name) {
                by_name.entry(plural).or_insert_with(|| meant.clone());
            }
            by_name.insert(name, meant.clone());
        }
    }
    QueryNames {
        by_name,
        by_service,
    }
});

/// What a phrase of a query is by the table; None where it is what it is in a request.
#[must_use]
pub fn query_name(phrase: &str) -> Option<&'static QueryName> {
    let folded = fold(phrase);
    if let Some(meant) = TABLE.by_name.get(&folded) {
        return Some(meant);
    }
    let Some(ServiceOrCategory::Service(service)) = Services::get().resolve(phrase) else {
        return None;
    };
    let of_service = TABLE.by_service.iter().find(|(n, _)| *n == service.name);
    of_service
        .filter(|_| folded != fold(service.name))
        .map(|(_, meant)| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_services_that_there_are() {
        let table = Table::read(
            "query_names.tsv",
            include_str!("../../index-schema/query_names.tsv"),
        );
        for row in table.rows() {
            let reading = row.get("reading");
            assert!(
                ["words", "parts", "narrow", "services", "also"].contains(&reading),
                "{reading}"
            );
            let services = row.list("names").filter_map(|name| name.strip_prefix('*'));
            let means = row.list("means").filter(|_| reading == "services");
            for service in means.chain(services) {
                assert!(Services::get().named(service).is_some(), "{service}");
            }
            let means = ["services", "also"].contains(&reading);
            assert_eq!(means, row.list("means").count() > 0);
        }
    }

    #[test]
    fn what_a_request_tells_a_service_by_is_not_all_of_it_in_a_query() {
        assert_eq!(query_name("Refills"), Some(&QueryName::Words));
        assert!(matches!(
            query_name("stem cells"),
            Some(QueryName::Narrow(_))
        ));
        assert!(matches!(query_name("topical"), Some(QueryName::Services(s)) if s.len() == 2));
        assert_eq!(query_name("mri"), None);
        assert_eq!(query_name("other surgery"), None);
    }
}
