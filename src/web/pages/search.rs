//! The search page.

use super::super::query_params::{QueryParams, address};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::chips::chips;
use super::{Tab, count, hit, panel, shell};
use crate::search::{
    ConceptNote, Engine, Filter, Request, Response, SearchError, Sort, notices, without,
};
use hyper::StatusCode;
use maud::{Markup, html};

/// Hits on a page.
const HITS: usize = 10;
const MOST_HITS: usize = 100;
/// Names of expansions that are shown at once.
const ALSO: usize = 8;

/// `/`: hits, facets, and all that is needed to ask on.
pub(crate) fn page(engine: &Engine, query: &str) -> Result<Reply, Refusal> {
    const OWN: [&str; 6] = [
        "limit",
        "offset",
        "show",
        "find",
        "decided-from",
        "decided-to",
    ];
    let mut asked = QueryParams::read(query, &OWN)?;
    if asked.get("decided-from").is_some() || asked.get("decided-to").is_some() {
        return Ok(Reply::elsewhere(&ranged(&mut asked)));
    }
    let (offset, limit) = asked.window(HITS, MOST_HITS)?;
    let request = Request {
        limit,
        offset,
        facets: panel::facets(),
        snippets: true,
        ..asked.search.clone()
    };
    let response = match engine.search(&request) {
        Ok(response) => response,
        Err(error @ SearchError::Index(_)) => return Err(error.into()),
        // The box keeps what was typed, so that it can be mended.
        Err(error) => return Ok(misunderstood(&asked.search, error)),
    };
    let title = match asked.search.query.as_str() {
        "" => "Letters - imr".to_string(),
        words => format!("{words} - imr"),
    };
    let main = html! {
        main #main {
            div.results { (results(&asked, &request, &response)) }
            (panel::panel(&asked, &response))
        }
    };
    Ok(Reply::page(
        StatusCode::OK,
        shell(&title, &asked.search, Tab::Letters, main),
    ))
}

/// The address with the range that a form gives in two fields.
fn ranged(asked: &mut QueryParams) -> String {
    let from = asked.get("decided-from").unwrap_or("").to_string();
    let to = asked.get("decided-to").unwrap_or("").to_string();
    let own = |f: &crate::search::Filter| f.name == "decided" && !f.negated;
    asked.search.filters.retain(|f| !own(f));
    let value = if from == to {
        from
    } else {
        format!("{from}..{to}")
    };
    asked
        .search
        .filters
        .extend(crate::search::Filter::named("decided", &value));
    address("/", &asked.search, &[])
}

fn misunderstood(search: &Request, error: SearchError) -> Reply {
    let refusal = Refusal::from(error);
    let main = html! {
        main #main .plain {
            h1 { "This search cannot be read" }
            p.error role="alert" { (refusal.detail) }
            (chips("/", search))
        }
    };
    Reply::page(
        refusal.status,
        shell("Letters - imr", search, Tab::Letters, main),
    )
}

fn results(asked: &QueryParams, request: &Request, response: &Response) -> Markup {
    let shown = response.hits.len();
    let number = request.offset + 1;
    html! {
        div.summary {
            h1 {
                (count(response.letters, "letter")) span.quiet {
                    ", " (count(response.items, "matching item"))
                    @if (shown as u64) < response.letters && shown > 0 {
                        "; " (number) " to " (request.offset + shown)
                    }
                }
            }
            p.quiet.time { (format!("{:.0} ms", response.millis.ceil())) }
            a.jump href="#filters" { "Filters" }
        }
        (chips("/", &asked.search))
        (remarks(asked, response))
        @if response.letters > 0 { (tools(asked)) }
        @if shown > 0 {
            ol.hits start=(number) {
                @for (n, found) in response.hits.iter().enumerate() {
                    @let rank = (number + n).to_string();
                    @let path = format!("/letters/{}", found.id);
                    li { (hit::hit(found, &address(&path, &asked.search, &[("rank", &rank)]))) }
                }
            }
        } @else if response.only_mentions {
            ol.hits.mentions {
                @for found in &response.mention_hits {
                    @let path = format!("/letters/{}", found.id);
                    li { (hit::hit(found, &address(&path, &asked.search, &[]))) }
                }
            }
        } @else if response.letters == 0 {
            p.nothing { "No letter matches. Remove a filter or a word, or try other words." }
        } @else {
            p.nothing { "There are no more letters here." }
        }
        (pages(asked, request, response))
    }
}

/// What else was searched, and what was not found.
fn remarks(asked: &QueryParams, response: &Response) -> Markup {
    let with = |word: &str, spelling: &str| {
        let mut search = asked.search.clone();
        search.query = if search.query.contains(word) {
            search.query.replace(word, spelling)
        } else {
            // A case number may have been typed in another form.
            spelling.to_string()
        };
        for filter in search.filters.iter_mut().filter(|f| f.value == word) {
            filter.value = spelling.to_string();
        }
        address("/", &search, &[])
    };
    html! {
        @for concept in &response.concepts {
            p.also {
                b { (concept.text) } ": " (concept.field.replace('-', " ")) " " (concept.label)
                @if let Some(words) = quoted(&asked.search, concept) {
                    " " a href=(address("/", &words, &[])) { "as words" }
                }
            }
        }
        @for notice in notices(response) {
            p.remark { (notice) }
        }
        @if response.mentions > 0 && !response.only_mentions && !asked.search.mentions {
            @let all = Request { mentions: true, ..asked.search.clone() };
            p.remark { a href=(address("/", &all, &[])) { "List the letters that mention it, too" } }
        }
        @if let Some(wish) = &response.wish {
            @let only = decided(&asked.search, &wish.decision);
            p.remark { a href=(address("/", &only, &[])) { "Only " (wish.decision) } }
        }
        @for part in &response.drop_one {
            @if let Some(name) = part.filter.as_deref() {
                @let wider = without_filter(&asked.search, name);
                p.remark { a href=(address("/", &wider, &[])) { (without(part)) } }
            } @else {
                p.remark { (without(part)) }
            }
        }
        @if !response.corrected.is_empty() {
            @let typed = response.corrected.iter().fold(asked.search.clone(), |mut search, c| {
                search.query = search.query.replace(&c.typed, &format!("\"{}\"", c.typed));
                search
            });
            p.remark {
                "Showing results for \u{201c}" (response.understood) "\u{201d}. Search instead for "
                a href=(address("/", &typed, &[])) { (typed.query) }
                "."
            }
        }
        @for note in &response.notes {
            p.remark { (note) }
        }
        @for (word, spellings) in &response.suggestions {
            p.remark {
                "\u{201c}" (word) "\u{201d} is in no letter"
                @for (n, spelling) in spellings.iter().enumerate() {
                    @if n > 0 { " or " } @else { "; did you mean " }
                    a href=(with(word, spelling)) { (spelling) }
                }
                @if spellings.is_empty() { "." } @else { "?" }
            }
        }
        @let is_concept = |word: &str| response.concepts.iter().any(|c| c.text == word);
        @for expansion in response.expanded.iter().filter(|e| !is_concept(&e.word)) {
            @let more = expansion.also.len().saturating_sub(ALSO);
            p.also {
                "Also searched for " b { (expansion.word) } ": "
                (expansion.also.iter().take(ALSO).cloned().collect::<Vec<_>>().join(", "))
                @if more > 0 { " and " (more) " more" }
            }
        }
    }
}

/// The search narrowed to items with a decision.
fn decided(search: &Request, decision: &str) -> Request {
    let mut narrower = search.clone();
    narrower.filters.extend(Filter::named("decision", decision));
    narrower
}

/// The search without a filter.
fn without_filter(search: &Request, name: &str) -> Request {
    let mut wider = search.clone();
    wider.filters.retain(|filter| filter.name != name);
    wider
}

/// The search with a concept turned back into words: in quotation marks. None where the query that was
/// read is not the one that was typed.
fn quoted(search: &Request, concept: &ConceptNote) -> Option<Request> {
    let typed = search.query.get(concept.range.clone())?;
    let mut words = typed.split_whitespace();
    if !concept
        .text
        .split(' ')
        .all(|word| words.next() == Some(word))
    {
        return None;
    }
    let mut search = search.clone();
    let quoted = format!("\"{typed}\"");
    search.query.replace_range(concept.range.clone(), &quoted);
    Some(search)
}

/// Order and exports.
fn tools(asked: &QueryParams) -> Markup {
    const LABELS: [(Sort, &str); 5] = [
        (Sort::Relevance, "Best match"),
        (Sort::Decided, "Newest decision"),
        (Sort::Injured, "Newest injury"),
        (Sort::Case, "Case number"),
        (Sort::Items, "Most items"),
    ];
    let sorted = |sort: Sort| {
        let search = Request {
            sort,
            ..asked.search.clone()
        };
        address("/", &search, &[])
    };
    let export = |format: &str| address("/api/export", &asked.search, &[("format", format)]);
    html! {
        div.tools {
            nav.sort aria-label="Order" {
                span { "Order" }
                @for (sort, label) in LABELS {
                    a href=(sorted(sort))
                        aria-current=[(sort == asked.search.sort).then_some("true")] { (label) }
                }
            }
            nav.export aria-label="Export all of these letters" {
                span { "Export" }
                a href=(export("csv")) download { "CSV" }
                a href=(export("xlsx")) download { "XLSX" }
                a href=(export("html")) download { "Brief" }
            }
        }
    }
}

fn pages(asked: &QueryParams, request: &Request, response: &Response) -> Markup {
    let limit = request.limit.max(1);
    let to = |offset: usize| {
        let (offset, limit) = (offset.to_string(), limit.to_string());
        let mut more = Vec::new();
        if offset != "0" {
            more.push(("offset", offset.as_str()));
        }
        if asked.get("limit").is_some() {
            more.push(("limit", limit.as_str()));
        }
        address("/", &asked.search, &more)
    };
    let next = request.offset + limit;
    let reachable = response
        .letters
        .min(super::super::query_params::DEEPEST as u64);
    html! {
        @if request.offset > 0 || (next as u64) < reachable {
            nav.pages aria-label="Pages" {
                @if request.offset > 0 {
                    a rel="prev" href=(to(request.offset.saturating_sub(limit))) { "\u{2190} Previous" }
                }
                span.quiet {
                    "Page " (request.offset / limit + 1) " of "
                    (crate::stats::formats::grouped(response.letters.div_ceil(limit as u64)))
                }
                @if (next as u64) < reachable { a rel="next" href=(to(next)) { "Next \u{2192}" } }
            }
        }
    }
}
