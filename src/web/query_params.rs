//! What a URL asks for: the parameters of a search, and those of its route.

use super::refusal::Refusal;
use crate::search::{OPTIONS, Request, unknown_parameter};
use form_urlencoded::Serializer;
use std::collections::HashSet;

/// The longest query, in characters.
pub(super) const LONGEST_QUERY: usize = 2_000;
/// The most parameters of a URL.
const MOST_PARAMETERS: usize = 200;
/// Parameters that may be given several times, besides filters.
const REPEATED: [&str; 5] = ["pick", "facets", "columns", "by", "fields"];
/// The most letters one can page to; an export has no end.
pub(super) const DEEPEST: usize = 10_000;

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryParams {
    /// The search; limit, offset, facets and snippets are the route's.
    pub search: Request,
    /// The route's own parameters, in their order.
    pub own: Vec<(String, String)>,
}

impl QueryParams {
    /// Reads the part of a URL after the question mark. `own` are the parameters of the route
    /// besides those of a search; they come first where both have one of that name.
    pub(super) fn read(query: &str, own: &[&str]) -> Result<QueryParams, Refusal> {
        let mut asked = QueryParams::default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let mut known: HashSet<String> = HashSet::new();
        for (n, (name, value)) in pairs.enumerate() {
            if n >= MOST_PARAMETERS {
                return Err(Refusal::bad(format!(
                    "there are more than {MOST_PARAMETERS} parameters"
                )));
            }
            if value.chars().count() > LONGEST_QUERY {
                let detail = format!("{name}: it is longer than {LONGEST_QUERY} characters");
                return Err(Refusal::bad(detail));
            }
            let once = OPTIONS.contains(&name.as_ref())
                || (own.contains(&name.as_ref()) && !REPEATED.contains(&name.as_ref()));
            if once && !value.trim().is_empty() && !known.insert(name.to_string()) {
                return Err(Refusal::bad(format!("{name}: given more than once")));
            }
            if own.contains(&name.as_ref()) {
                if !value.trim().is_empty() {
                    asked
                        .own
                        .push((name.into_owned(), value.trim().to_string()));
                }
            } else if !asked.search.take(&name, &value)? {
                return Err(unknown_parameter(&name, own).into());
            }
        }
        Ok(asked)
    }

    /// What can be read of a URL in which something cannot: for a form that keeps what was typed.
    pub(super) fn lenient(query: &str) -> Request {
        let mut search = Request::default();
        let pairs = form_urlencoded::parse(query.as_bytes()).take(MOST_PARAMETERS);
        for (name, value) in pairs {
            if value.chars().count() <= LONGEST_QUERY {
                let _ = search.take(&name, &value);
            }
        }
        search
    }

    /// A parameter of the route; of several of its name, the last.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let named = self.own.iter().rev().find(|(n, _)| n == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that may be repeated.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let named = self.own.iter().filter(|(n, _)| n == name);
        named.map(|(_, value)| value.clone()).collect()
    }

    /// The values of a parameter, also of one that lists them with commas.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let named = self.own.iter().filter(|(n, _)| n == name);
        let values = named.flat_map(|(_, value)| value.split(','));
        values
            .map(|value| value.trim().to_string())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A number of the route.
    pub(super) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        match value.parse::<usize>() {
            Ok(number) if number <= most => Ok(number),
            Ok(_) => Err(Refusal::bad(format!("{name}: {value} is more than {most}"))),
            Err(_) => Err(Refusal::bad(format!("{name}: '{value}' is not a number"))),
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        default: T,
    ) -> Result<T, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        let found = words.iter().find(|(word, _)| *word == value);
        found.map(|(_, is)| *is).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Refusal::bad(format!(
                "{name}: '{value}' is not one of: {}",
                words.join(", ")
            ))
        })
    }

    /// Where the hits begin, and how many there are at most.
    pub(super) fn window(&self, limit: usize, most: usize) -> Result<(usize, usize), Refusal> {
        let limit = self.number("limit", limit, most)?;
        let offset = self.number("offset", 0, usize::MAX)?;
        if offset.saturating_add(limit) > DEEPEST {
            return Err(Refusal::bad(format!(
                "offset: paging ends at {DEEPEST} letters; an export has all of them"
            )));
        }
        Ok((offset, limit))
    }
}

/// The address of a page for a search, with more parameters.
pub(super) fn address(path: &str, search: &Request, more: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in search.parameters() {
        query.append_pair(&name, &value);
    }
    for (name, value) in more {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() {
        path.to_string()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_the_search_again() {
        let asked = QueryParams::read("q=a+%26b&drug=norco&drug=&offset=20", &["offset"]).unwrap();
        assert_eq!(asked.search.query, "a &b");
        assert_eq!(asked.number("offset", 0, 100), Ok(20));
        let address = address("/", &asked.search, &[("offset", "20")]);
        assert_eq!(address, "/?q=a+%26b&drug=norco&offset=20");
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert!(QueryParams::read(&format!("q={}", "a".repeat(LONGEST_QUERY + 1)), &[]).is_err());
        assert!(QueryParams::read(&"drug=a&".repeat(MOST_PARAMETERS + 1), &[]).is_err());
        let deep = QueryParams::read("offset=9999&limit=10", &["offset", "limit"]).unwrap();
        assert!(deep.window(10, 100).is_err());
        let twice = QueryParams::read("q=norco&q=mri", &[]).unwrap_err();
        assert_eq!(twice.detail, "q: given more than once");
        assert!(QueryParams::read("drug=norco&drug=ultram&q=a&q=", &[]).is_ok());
        let wrong = QueryParams::read("ofset=1", &["offset"]).unwrap_err();
        assert!(wrong.detail.contains("did you mean 'offset'?"), "{wrong:?}");
    }
}
