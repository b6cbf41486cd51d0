//! The page of one letter.

use super::super::api::letter_named;
use super::super::query_params::{QueryParams, address};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::source::{self, Source};
use super::{Tab, badge, marked, name, shell};
use crate::letter::text::flat;
use crate::letter::{Citation, Item, Letter, LetterDate, Side, page_ranges};
use crate::search::{Engine, Filter, Hit, Marker, Request};
use hyper::StatusCode;
use maud::{Markup, html};

/// Similar letters that are shown.
const SIMILAR: usize = 5;

/// `/letters/{id}`. The search that led here comes along: its words are marked, and its hits before
/// and after are a step away.
pub(crate) fn page(engine: &Engine, id: &str, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &["rank"])?;
    let rank = asked.number("rank", 0, super::super::query_params::DEEPEST)?;
    let hit = letter_named(engine, id)?;
    let search = &asked.search;
    // A search that cannot be read marks nothing; the letter is there all the same.
    let marker = if search.query.is_empty() {
        None
    } else {
        engine.marker(search).ok()
    };
    let marks = Marks(marker);
    let (before, after) = neighbours(engine, &hit, search, rank);
    let similar = Request {
        limit: SIMILAR,
        ..Request::default()
    };
    let similar = engine.similar(&hit, &similar)?;
    let source = source::state(&engine.sources_of(&hit.id)?);
    let letter = &hit.letter;
    let back_to = rank.saturating_sub(1) / 10 * 10;
    let offset = back_to.to_string();
    let more: &[(&str, &str)] = if back_to > 0 {
        &[("offset", offset.as_str())]
    } else {
        &[]
    };
    let step = |(id, rank): &(String, usize)| {
        let rank = rank.to_string();
        address(&format!("/letters/{id}"), search, &[("rank", &rank)])
    };
    let main = html! {
        main #main .letter {
            nav.steps aria-label="Hits of the search" {
                a href=(address("/", search, more)) { "\u{2191} All hits" }
                @if let Some(before) = &before { a rel="prev" href=(step(before)) { "\u{2190} Previous hit" } }
                @if let Some(after) = &after { a rel="next" href=(step(after)) { "Next hit \u{2192}" } }
            }
            h1 { (name(&hit)) }
            (facts(letter, &hit.files))
            (links(&hit, source))
            section aria-labelledby="items" {
                h2 #items { (super::count(letter.items.len() as u64, "disputed item")) }
                @for (n, item) in letter.items.iter().enumerate() { (card(letter, item, n + 1, &marks)) }
            }
            @let summary = letter.passage(&letter.case_summary);
            @if !summary.is_empty() {
                section.passage aria-labelledby="summary" {
                    h2 #summary { "Case summary" }
                    (marks.paragraphs(summary))
                }
            }
            @if !similar.is_empty() {
                section aria-labelledby="similar" {
                    h2 #similar { "Similar letters" }
                    ul.similar {
                        @for like in &similar {
                            li {
                                a href={ "/letters/" (like.hit.id) } { (name(&like.hit)) } " "
                                span.quiet {
                                    @if let Some(date) = like.hit.letter.dates.decision { (date.to_string()) }
                                }
                                span.shared { (like.shared.join(", ")) }
                            }
                        }
                    }
                }
            }
            section aria-labelledby="text" {
                h2 #text { "Full text" }
                pre.text tabindex="0" role="region" aria-label="The letter as printed" {
                    (marked(&letter.text, &marks.of(&letter.text)))
                }
            }
        }
    };
    let title = format!("{} - imr", name(&hit));
    Ok(Reply::page(
        StatusCode::OK,
        shell(&title, search, Tab::None, main),
    ))
}

/// The words of the query, where there are any.
struct Marks(Option<Marker>);

impl Marks {
    fn of(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        self.0
            .as_ref()
            .map_or(Vec::new(), |marker| marker.ranges(text))
    }

    fn paragraphs(&self, passage: &str) -> Markup {
        html! {
            @for paragraph in passage.split("\n\n") {
                @let text = flat(paragraph);
                @if !text.is_empty() { p { (marked(&text, &self.of(&text))) } }
            }
        }
    }
}

type Step = Option<(String, usize)>;

/// The hits before and after this one, if it still stands at its rank.
fn neighbours(engine: &Engine, hit: &Hit, search: &Request, rank: usize) -> (Step, Step) {
    if rank == 0 {
        return (None, None);
    }
    let first = rank.saturating_sub(1).max(1);
    let request = Request {
        offset: first - 1,
        limit: rank + 2 - first,
        ..search.clone()
    };
    let Ok(response) = engine.search(&request) else {
        return (None, None);
    };
    let at = response.hits.iter().position(|other| other.id == hit.id);
    let Some(at) = at else {
        return (None, None);
    };
    let step = |at: usize| Some((response.hits.get(at)?.id.clone(), first + at));
    (at.checked_sub(1).and_then(step), step(at + 1))
}

fn facts(letter: &Letter, files: &[String]) -> Markup {
    let date = |date: Option<LetterDate>| date.map_or_else(String::new, |date| date.to_string());
    let worker = [
        letter.patient.age.map(|age| format!("{age} years")),
        letter.patient.sex.map(|sex| sex.name().to_string()),
    ];
    let worker: Vec<String> = worker.into_iter().flatten().collect();
    let outcome = letter.outcome().map_or("", |outcome| outcome.name());
    let rows = [
        ("Decided", date(letter.dates.decision)),
        ("Injured", date(letter.dates.injury)),
        ("Denied", date(letter.dates.ur_denial)),
        ("Received", date(letter.dates.received)),
        ("Assigned", date(letter.dates.assigned)),
        (
            "Not a letter",
            letter.document_kind.clone().unwrap_or_default(),
        ),
        ("Outcome", outcome.to_string()),
        ("Worker", worker.join(", ")),
        ("Reviewer", letter.reviewer.specialties.join(", ")),
        ("Licensed in", letter.reviewer.licensure.join(", ")),
        ("File", files.join(", ")),
    ];
    html! {
        dl.facts {
            @for (label, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
                div.wide[*label == "File"] { dt { (label) } dd { (value) } }
            }
            @for warning in &letter.warnings {
                div.doubt.wide { dt { "Doubt" } dd { (warning.kind.name()) ": " (warning.detail) } }
            }
        }
    }
}

fn links(hit: &Hit, source: Source) -> Markup {
    html! {
        p.links {
            @match source {
                Source::There => { a href={ "/letters/" (hit.id) "/source" } { "Source file" } }
                Source::InArchive => { span.quiet { "The source is in an archive" } }
                Source::Gone => { span.quiet { "The source file is gone or has changed" } }
            }
            " " a href={ "/api/letters/" (hit.id) } { "Record as JSON" }
        }
    }
}

fn card(letter: &Letter, item: &Item, number: usize, marks: &Marks) -> Markup {
    html! {
        article.card {
            h3 {
                span.number { (number) ". " }
                (marked(&item.request, &marks.of(&item.request))) " " (badge(item))
            }
            @if let Some(original) = &item.original_request { p.quiet { "Original request: " (original) } }
            @if let Some(authorized) = &item.authorized { p.quiet { "Authorized: " (authorized) } }
            (side("Cited by the administrator", &item.claims_administrator))
            (side("Cited by the reviewer", &item.reviewer))
            div.rationale {
                h4 { "Rationale" }
                @let rationale = letter.passage(&item.rationale);
                @if rationale.is_empty() { p.quiet { "None could be read." } }
                (marks.paragraphs(rationale))
            }
        }
    }
}

fn side(label: &str, side: &Side) -> Markup {
    html! {
        @if !side.citations.is_empty() {
            div.cited {
                h4 { (label) }
                ul { @for citation in &side.citations { li { (cited(citation)) } } }
            }
        }
    }
}

fn cited(citation: &Citation) -> Markup {
    let guideline = if citation.source == "MTUS" && !citation.title.is_empty() {
        format!("MTUS/{}", citation.title)
    } else {
        citation.source.clone()
    };
    let to = |pages: Option<&str>| {
        let pairs = [("guideline", Some(guideline.as_str())), ("page", pages)];
        let filters = pairs
            .into_iter()
            .filter_map(|(name, value)| Filter::named(name, value?));
        let search = Request {
            filters: filters.collect(),
            ..Request::default()
        };
        address("/", &search, &[])
    };
    let ranges = page_ranges(&citation.pages);
    html! {
        a href=(to(None)) {
            (citation.source)
            @if !citation.printed.is_empty() { " " (citation.printed) }
        }
        @if !citation.sections.is_empty() { ", " (citation.sections) }
        @if !ranges.is_empty() {
            ", p. "
            @for (n, range) in ranges.split(", ").enumerate() {
                @if n > 0 { ", " }
                a href=(to(Some(range))) { (range) }
            }
        }
    }
}
