//! The search page.

use super::super::labels::{self, capital};
use super::super::query_params::{DEEPEST, QueryParams, address};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::chips::chips;
use super::{Tab, count, hit, panel, shell, start};
use crate::search::{
    Backend, Filter, Request, Response, SearchError, Sort, not_held, notices, preferred,
};
use hyper::StatusCode;
use maud::{Markup, html};

/// Hits on a page.
const HITS: usize = 10;
const MOST_HITS: usize = 100;
/// Sizes of a page that are offered.
const SIZES: [usize; 3] = [10, 25, 100];
/// More letters than this are exported after a question.
const MANY: u64 = 1_000;
/// The formats of an export, with their names.
const FORMATS: [(&str, &str); 4] = [
    ("csv", "CSV"),
    ("xlsx", "XLSX"),
    ("html", "Brief"),
    ("docx", "DOCX"),
];
/// Filters whose letters are counted where nothing is found.
const MOST_ALONE: usize = 8;

/// The route's own parameters, besides those of a search.
const OWN: [&str; 7] = [
    "goto",
    "limit",
    "offset",
    "show",
    "find",
    "decided-from",
    "decided-to",
];

/// `/`: hits, facets, and all that is needed to ask on.
pub(crate) fn page(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let mut params = match QueryParams::read(query, &OWN) {
        Ok(params) => params,
        // The box keeps what was typed.
        Err(refusal) => {
            let typed = QueryParams::lenient(query);
            return Ok(misunderstood(&typed, &refusal, &[]));
        }
    };
    if params.get("decided-from").is_some() || params.get("decided-to").is_some() {
        return Ok(Reply::elsewhere(&ranged(&mut params)));
    }
    let begins = query.is_empty();
    let (offset, limit) = params.window(HITS, MOST_HITS)?;
    if params.get("goto").is_some() {
        let page = params.number("goto", 1, DEEPEST)?.max(1);
        let offset = ((page - 1) * limit).min(DEEPEST - limit).to_string();
        let size = limit.to_string();
        let mut more = vec![("offset", offset.as_str())];
        if params.get("limit").is_some() {
            more.push(("limit", size.as_str()));
        }
        return Ok(Reply::elsewhere(&address("/", &params.search, &more)));
    }
    let request = Request {
        limit: if begins { 0 } else { limit },
        offset,
        facets: panel::facets(),
        snippets: true,
        ..params.search.clone()
    };
    let response = match engine.search(&request) {
        Ok(response) => response,
        Err(
            error @ (SearchError::Index(_)
            | SearchError::TimedOut
            | SearchError::Lost(_)
            | SearchError::Remote(_)),
        ) => return Err(error.into()),
        // The box keeps what was typed, so that it can be mended.
        Err(error) => {
            let mended = mended(&params.search, &error);
            return Ok(misunderstood(
                &params.search,
                &Refusal::from(error),
                &mended,
            ));
        }
    };
    let title = match params.search.query.as_str() {
        "" => "Letters - imr".to_string(),
        words => format!("{words} - imr"),
    };
    let alone = if response.letters == 0 && !response.only_mentions {
        alone(engine, &params.search)
    } else {
        Vec::new()
    };
    let main = html! {
        main #main {
            div.results {
                @if begins {
                    (start::start(engine, &response))
                } @else {
                    (results(&params, &request, &response, &alone))
                    @if engine.is_remote() && response.letters == 0 && !response.only_mentions {
                        p.remark.partly { "An index on a cluster does not list letters that match in part." }
                    }
                }
            }
            (panel::panel(&params, &response))
        }
    };
    Ok(Reply::page(
        StatusCode::OK,
        shell(&title, &params.search, Tab::Letters, main),
    ))
}

/// Searches that may be meant where one could not be read, each with what it is called.
fn mended(search: &Request, error: &SearchError) -> Vec<(String, Request)> {
    match error {
        SearchError::UnknownValue {
            filter,
            value,
            suggestions,
        } => {
            let filter = filter.trim_start_matches("--");
            let mut all: Vec<(String, Request)> = Vec::new();
            for suggestion in suggestions {
                let mut mended = search.clone();
                let wrong = |f: &&mut Filter| f.name == filter && f.value == *value;
                for wrong in mended.filters.iter_mut().filter(wrong) {
                    wrong.value.clone_from(suggestion);
                }
                let name = labels::value(filter, suggestion);
                all.push((format!("{}: {name}", labels::field(filter)), mended));
            }
            let mut words = search.clone();
            words
                .filters
                .retain(|f| !(f.name == filter && f.value == *value));
            words.query = format!("{} {value}", words.query).trim().to_string();
            all.push((format!("the words \u{201c}{value}\u{201d}"), words));
            all
        }
        SearchError::Query { .. } => {
            // Marks of the query language left out, what remains are words.
            let plain: String = search
                .query
                .chars()
                .map(|c| {
                    if matches!(c, '"' | '(' | ')' | ':') {
                        ' '
                    } else {
                        c
                    }
                })
                .collect();
            let plain: Vec<&str> = plain.split_whitespace().collect();
            let mended = Request {
                query: plain.join(" "),
                ..search.clone()
            };
            if mended.query.is_empty() || mended.query == search.query {
                return Vec::new();
            }
            vec![(
                format!("the words \u{201c}{}\u{201d}", mended.query),
                mended,
            )]
        }
        _ => Vec::new(),
    }
}

/// What each part of a search gives alone: its words, each of its filters.
fn alone(engine: &dyn Backend, search: &Request) -> Vec<(String, Request, u64)> {
    let mut parts: Vec<(String, Request)> = Vec::new();
    if !search.query.is_empty() {
        let words = Request {
            query: search.query.clone(),
            ..Request::default()
        };
        parts.push((format!("\u{201c}{}\u{201d}", search.query), words));
    }
    for filter in search.filters.iter().take(MOST_ALONE) {
        let only = Request {
            filters: vec![filter.clone()],
            ..Request::default()
        };
        parts.push((labels::filter(filter), only));
    }
    if parts.len() < 2 {
        return Vec::new();
    }
    let counted = parts.into_iter().filter_map(|(what, search)| {
        let counted = Request {
            limit: 0,
            ..search.clone()
        };
        let letters = engine.search(&counted).ok()?.letters;
        Some((what, search, letters))
    });
    counted.collect()
}

/// The address with the range that a form gives in two fields.
fn ranged(params: &mut QueryParams) -> String {
    let from = params.get("decided-from").unwrap_or("").to_string();
    let to = params.get("decided-to").unwrap_or("").to_string();
    let own = |f: &crate::search::Filter| f.name == "decided" && !f.negated;
    params.search.filters.retain(|f| !own(f));
    let value = if from == to {
        from
    } else {
        format!("{from}..{to}")
    };
    params
        .search
        .filters
        .extend(crate::search::Filter::named("decided", &value));
    address("/", &params.search, &[])
}

/// The page of a search that cannot be read: everything that was typed is still there.
fn misunderstood(search: &Request, refusal: &Refusal, mended: &[(String, Request)]) -> Reply {
    let main = html! {
        main #main {
            div.results {
                h1 { "This search cannot be read" }
                a.jump href="#filters" { "Filters" }
                p.error role="alert" { (capital(&refusal.detail)) }
                @if !mended.is_empty() {
                    p.mended {
                        "Search instead for "
                        @for (n, (what, search)) in mended.iter().enumerate() {
                            @if n > 0 { " or " }
                            a href=(address("/", search, &[])) { (what) }
                        }
                    }
                }
                (chips("/", search, None))
            }
            (panel::forms(search))
        }
    };
    Reply::page(
        refusal.status,
        shell("Letters - imr", search, Tab::Letters, main),
    )
}

fn results(
    params: &QueryParams,
    request: &Request,
    response: &Response,
    alone: &[(String, Request, u64)],
) -> Markup {
    let shown = response.hits.len();
    let number = request.offset + 1;
    html! {
        div.summary {
            h1 {
                (count(response.letters, request.counts())) span.quiet {
                    ", " (count(response.items, "matching item"))
                    @if (shown as u64) < response.letters && shown > 0 {
                        "; " (number) " to " (request.offset + shown)
                    }
                }
            }
            p.quiet.time { (format!("{:.0} ms", response.millis.ceil())) }
            p.jumps {
                a.jump href="#filters" { "Filters" }
                @if response.letters > 0 { a.jump href="#export" { "Export, save" } }
            }
        }
        // A list on paper says what was asked.
        @if !params.search.query.is_empty() { p.question { "Question: " (params.search.query) } }
        (chips("/", &params.search, Some(response)))
        (remarks(params, response))
        @if response.letters > 0 { (tools(params, response, request.limit)) }
        @if shown > 0 {
            ol.hits start=(number) {
                @for (n, found) in response.hits.iter().enumerate() {
                    @let rank = (number + n).to_string();
                    @let path = format!("/letters/{}", found.id);
                    li { (hit::hit(found, &address(&path, &params.search, &[("rank", &rank)]))) }
                }
            }
        } @else if response.letters == 0 {
            @if !response.only_mentions { (nothing(params, response, alone)) }
            @if response.mention_hits.iter().any(|hit| hit.partial) {
                h2 { "Letters that match in part" }
            }
            @if !response.mention_hits.is_empty() {
                ol.hits.mentions {
                    @for found in &response.mention_hits {
                        @let path = format!("/letters/{}", found.id);
                        li { (hit::hit(found, &address(&path, &params.search, &[]))) }
                    }
                }
            }
        } @else {
            p.nothing { "There are no more letters here." }
        }
        (super::ticked())
        (pages(params, request, response))
    }
}

/// Nothing found: what each part alone would give, and what all but one.
fn nothing(params: &QueryParams, response: &Response, alone: &[(String, Request, u64)]) -> Markup {
    html! {
        p.nothing { "No letter matches. Remove a filter or a word, or try other words." }
        @if !response.drop_one.is_empty() {
            h2 { "Without one of them" }
            ul.ways {
                @for part in &response.drop_one {
                    li {
                        @match part.filter.as_deref() {
                            Some(name) => {
                                @let wider = without_filter(&params.search, name);
                                a href=(address("/", &wider, &[])) {
                                    "Without " (labels::field(name)) " "
                                    (labels::value(name, &part.text))
                                }
                            }
                            None => { "Without \u{201c}" (part.text) "\u{201d}" }
                        }
                        span.quiet { " " (count(part.letters, "letter")) }
                    }
                }
            }
        }
        @if !alone.is_empty() {
            h2 { "Each alone" }
            ul.ways {
                @for (what, search, letters) in alone {
                    li {
                        @if *letters > 0 {
                            a href=(address("/", search, &[])) { (what) }
                        } @else { (what) }
                        span.quiet { " " (count(*letters, "letter")) }
                    }
                }
            }
        }
    }
}

/// How the words were read where that is no chip: corrections, what only mentions, what was not found.
fn remarks(params: &QueryParams, response: &Response) -> Markup {
    let search = &params.search;
    let with = |word: &str, spelling: &str| {
        let mut search = search.clone();
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
    let says_mentions = response.mentions > 0 && !response.only_mentions && !search.mentions;
    let asked: Vec<&str> = response.concepts.iter().map(|c| c.text.as_str()).collect();
    html! {
        @if !response.corrected.is_empty() {
            @let typed = response.corrected.iter().fold(search.clone(), |mut search, c| {
                search.query = search.query.replace(&c.typed, &format!("\"{}\"", c.typed));
                search
            });
            p.remark {
                "Showing results for \u{201c}" (response.understood) "\u{201d}. Search instead for "
                a href=(address("/", &typed, &[])) { (typed.query) }
                "."
            }
        }
        @for notice in notices(response) {
            // The preferred decision is a chip; what only mentions has a link.
            @let is_chip = preferred(response).as_ref() == Some(&notice);
            @let is_link = says_mentions && notice.contains(" more letter");
            @if !is_chip && !is_link { p.remark { (notice) } }
        }
        @for note in &response.notes { p.remark { (note) } }
        @for (word, spellings) in &response.suggestions {
            p.remark {
                (not_held(word, &[]))
                @for (n, spelling) in spellings.iter().enumerate() {
                    @if n > 0 { " or " } @else { "; did you mean " }
                    a href=(with(word, spelling)) { (spelling) }
                }
                @if spellings.is_empty() { "." } @else { "?" }
            }
        }
        @if says_mentions {
            @let all = Request { mentions: true, ..search.clone() };
            p.also {
                a href=(address("/", &all, &[])) {
                    (count(response.mentions, "more letter"))
                    " only " (if response.mentions == 1 { "mentions" } else { "mention" })
                    " " (asked.join(", "))
                }
            }
        }
    }
}

/// The search without a filter.
fn without_filter(search: &Request, name: &str) -> Request {
    let mut wider = search.clone();
    wider.filters.retain(|filter| filter.name != name);
    wider
}

/// Order and exports.
fn tools(params: &QueryParams, response: &Response, limit: usize) -> Markup {
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
            ..params.search.clone()
        };
        address("/", &search, &[])
    };
    // All of a large index is not carried off by one click.
    let whole = params.search.query.is_empty()
        && params.search.filters.is_empty()
        && response.letters > MANY;
    let path = if whole { "/export" } else { "/api/export" };
    let export = |format: &str| address(path, &params.search, &[("format", format)]);
    let sized = |size: usize| address("/", &params.search, &[("limit", &size.to_string())]);
    html! {
        div.tools {
            nav.sort aria-label="Order" {
                span { "Order" }
                @for (sort, label) in LABELS {
                    a href=(sorted(sort))
                        aria-current=[(sort == params.search.sort).then_some("true")] { (label) }
                }
            }
            @if response.letters > SIZES[0] as u64 {
                nav.sort aria-label="Letters on a page" {
                    span { "Show" }
                    @for size in SIZES {
                        a href=(sized(size)) aria-current=[(size == limit).then_some("true")] { (size) }
                    }
                }
            }
            nav.export #export aria-label="Export all of these letters" {
                a.close href="#main" { "Show the results" }
                span { "Export" }
                @for (format, label) in FORMATS {
                    @if whole {
                        a href=(export(format)) { (label) }
                    } @else {
                        a href=(export(format)) download { (label) }
                    }
                }
                a href=(address("/feed", &params.search, &[])) { "Feed" }
            }
        }
    }
}

/// `/export`: asks before all letters of a large index are carried off.
pub(crate) fn confirm_export(engine: &dyn Backend, query: &str) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &["format"])?;
    let names = FORMATS.map(|(name, _)| (name, name));
    let format = params.choice("format", &names, FORMATS[0].0)?;
    let counted = Request {
        limit: 0,
        ..params.search.clone()
    };
    let response = engine.search(&counted)?;
    let target = address("/api/export", &params.search, &[("format", format)]);
    let main = html! {
        main #main .letter {
            h1 { "Export " (count(response.letters, "letter")) "?" }
            p {
                "This is every letter of the index, " (count(response.items, "item"))
                " in all. It may take a while and a lot of space. "
                a href="/?sort=decided" { "Narrow the search" } " to export less."
            }
            p.links { a href=(target) download { "Export all of them" } }
        }
    };
    let page = shell("Export - imr", &params.search, Tab::Letters, main);
    Ok(Reply::page(StatusCode::OK, page))
}

fn pages(params: &QueryParams, request: &Request, response: &Response) -> Markup {
    let limit = request.limit.max(1);
    let to = |offset: usize| {
        let (offset, limit) = (offset.to_string(), limit.to_string());
        let mut more = Vec::new();
        if offset != "0" {
            more.push(("offset", offset.as_str()));
        }
        if params.get("limit").is_some() {
            more.push(("limit", limit.as_str()));
        }
        address("/", &params.search, &more)
    };
    let next = request.offset + limit;
    let reachable = response.letters.min(DEEPEST as u64);
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
                @if reachable > 2 * limit as u64 {
                    form.goto action="/" method="get" {
                        @for (name, value) in params.search.parameters() {
                            input type="hidden" name=(name) value=(value);
                        }
                        @if let Some(limit) = params.get("limit") {
                            input type="hidden" name="limit" value=(limit);
                        }
                        label for="goto" { "Go to page" }
                        input #goto name="goto" inputmode="numeric" size="4" autocomplete="off";
                        button type="submit" { "Go" }
                    }
                }
                @if (next as u64) < reachable { a rel="next" href=(to(next)) { "Next \u{2192}" } }
            }
        }
    }
}
