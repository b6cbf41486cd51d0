//! The page of one letter: it opens at the item that answers the search.

use super::super::api::{letter_named, of_case};
use super::super::labels;
use super::super::query_params::{DEEPEST, QueryParams, address};
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::source::{self, PageMemory, Source};
use super::{Tab, badge, count, marked, name, shell, tick};
use crate::letter::text::flat;
use crate::letter::{Citation, Item, ItemPages, Letter, LetterDate, Side, page_ranges};
use crate::search::{Backend, Filter, Hit, Marker, Request};
use crate::vocabulary::CaseNumber;
use hyper::StatusCode;
use maud::{Markup, html};

/// Similar letters that are shown.
const SIMILAR: usize = 5;
/// A letter of fewer items shows them all unfolded where none of them answers more than another.
const FEW: usize = 3;
/// Documents of one case number that are looked at.
const DOCUMENTS: usize = 20;

/// `/letters/{id}`, `/letters/CM15-0012345`. The search that led here comes along: its words are marked,
/// and its hits before and after are a step away.
pub(crate) fn page(
    engine: &dyn Backend,
    id: &str,
    query: &str,
    known: &PageMemory,
) -> Result<Reply, Refusal> {
    let params = QueryParams::read(query, &["rank"])?;
    let rank = params.number("rank", 0, DEEPEST)?;
    let search = &params.search;
    let cases = CaseNumber::all(id);
    if cases.is_empty() {
        return one(engine, &letter_named(engine, id)?, search, rank, known);
    }
    match of_case(engine, id)?.as_slice() {
        [hit] => one(engine, hit, search, rank, known),
        several => Ok(documents(id, several, search)),
    }
}

/// Several documents have one case number.
fn documents(case: &str, hits: &[Hit], search: &Request) -> Reply {
    let main = html! {
        main #main .letter {
            h1 { (count(hits.len() as u64, "document")) " with the case number " (case) }
            ol.hits {
                @for found in hits {
                    @let path = format!("/letters/{}", found.id);
                    li { (super::hit::hit(found, &address(&path, search, &[]))) }
                }
            }
        }
    };
    let title = format!("{case} - imr");
    Reply::page(StatusCode::OK, shell(&title, search, Tab::None, main))
}

fn one(
    engine: &dyn Backend,
    hit: &Hit,
    search: &Request,
    rank: usize,
    known: &PageMemory,
) -> Result<Reply, Refusal> {
    // A search that cannot be read marks nothing; the letter is there all the same.
    let marker = if search.query.is_empty() {
        None
    } else {
        engine.marker(search).ok()
    };
    let marks = Marks(marker);
    let place = place(engine, hit, search, rank);
    let similar = Request {
        limit: SIMILAR,
        ..Request::default()
    };
    let similar = engine.similar(hit, &similar)?;
    let (files, source) = source::of(engine, &hit.id)?;
    let pages = known.of(hit, &files);
    let letter = &hit.letter;
    let back_to = rank.saturating_sub(1) / 10 * 10;
    let offset = back_to.to_string();
    let more: &[(&str, &str)] = if back_to > 0 {
        &[("offset", offset.as_str())]
    } else {
        &[]
    };
    let step = |step: &Step| {
        let rank = step.rank.to_string();
        let target = address(&format!("/letters/{}", step.id), search, &[("rank", &rank)]);
        step.item
            .map_or(target.clone(), |item| format!("{target}#item-{}", item + 1))
    };
    let answers = |n: usize| place.items.contains(&n);
    let all_open = place.items.is_empty() && letter.items.len() <= FEW;
    let summary = letter.passage(&letter.case_summary);
    let main = html! {
        main #main .letter {
            nav.steps aria-label="Hits of the search" {
                a href=(address("/", search, more)) { "\u{2191} All hits" }
                @if let Some(before) = &place.before { a rel="prev" href=(step(before)) { "\u{2190} Previous hit" } }
                @if place.of > 0 {
                    span.quiet { "Hit " (rank) " of " (crate::stats::formats::grouped(place.of)) }
                }
                @if let Some(after) = &place.after { a rel="next" href=(step(after)) { "Next hit \u{2192}" } }
            }
            h1 { (name(hit)) }
            (facts(letter, &hit.files))
            (links(hit, source))
            section.items aria-labelledby="items" {
                h2 #items { (count(letter.items.len() as u64, "disputed item")) }
                @if letter.items.len() > 1 && !place.items.is_empty() {
                    p.matching {
                        "Matching the search: "
                        @for (n, item) in place.items.iter().enumerate() {
                            @if n > 0 { ", " }
                            a href={ "#item-" (item + 1) } { "item " (item + 1) }
                        }
                    }
                }
                @for (n, item) in letter.items.iter().enumerate() {
                    (card(hit, item, n, pages.get(n), &marks, all_open || answers(n), answers(n)))
                }
                (super::ticked())
            }
            @if !summary.is_empty() {
                section.passage aria-labelledby="summary" {
                    h2 #summary { "Case summary" }
                    (marks.paragraphs(summary))
                }
            }
            @if !similar.is_empty() {
                section aria-labelledby="similar" {
                    h2 #similar { "Similar letters" }
                    ol.hits { @for like in &similar { li { (alike(like, search)) } } }
                }
            }
            section.whole aria-labelledby="text" {
                h2.hidden #text { "Full text" }
                details {
                    summary { "Full text" }
                    pre.text tabindex="0" role="region" aria-label="The letter as printed" {
                        (marked(&letter.text, &marks.of(&letter.text)))
                    }
                }
            }
        }
    };
    let title = format!("{} - imr", name(hit));
    Ok(Reply::page(
        StatusCode::OK,
        shell(&title, search, Tab::None, main),
    ))
}

/// A similar letter: what was asked for, what became of it and why; the question stays.
fn alike(like: &crate::search::Similar, search: &Request) -> Markup {
    let letter = &like.hit.letter;
    let target = address(&format!("/letters/{}", like.hit.id), search, &[]);
    html! {
        article.hit {
            @for (n, item) in letter.items.iter().take(FEW).enumerate() {
                h3 { a href={ (target) "#item-" (n + 1) } { (item.request) " " (badge(item)) } }
                @if !item.reasons.is_empty() { p.reasons { (reasons(item)) } }
            }
            @if letter.items.len() > FEW {
                p.quiet { "and " (count((letter.items.len() - FEW) as u64, "more item")) }
            }
            p.meta {
                a href=(target) { (name(&like.hit)) }
                @if let Some(date) = letter.dates.decision { time datetime=(date) { (labels::date(date)) } }
                @if !like.shared.is_empty() { span { "Shared: " (like.shared.join(", ")) } }
            }
        }
    }
}

/// "functional improvement: not shown; conservative care: not tried".
pub(super) fn reasons(item: &Item) -> String {
    let reasons = item.reasons.iter().map(|reason| reason.path().join(": "));
    reasons.collect::<Vec<_>>().join("; ")
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

/// A hit beside this one.
struct Step {
    id: String,
    rank: usize,
    /// Its best item.
    item: Option<usize>,
}

/// Where a letter stands among the hits of a search.
#[derive(Default)]
struct HitPosition {
    /// Its items that answer the search.
    items: Vec<usize>,
    /// How many hits there are; 0 where it is not known to be one.
    of: u64,
    before: Option<Step>,
    after: Option<Step>,
}

/// The place of a letter among the hits, if it still stands at its rank; without a rank, the items that
/// answer.
fn place(engine: &dyn Backend, hit: &Hit, search: &Request, rank: usize) -> HitPosition {
    let asks = !search.query.is_empty() || !search.filters.is_empty();
    if rank == 0 {
        let case = hit.letter.case_number.as_deref().filter(|_| asks);
        let own = case.and_then(|case| Filter::named(crate::fields::CASE.name, case));
        let Some(own) = own else {
            return HitPosition::default();
        };
        let mut request = Request {
            limit: DOCUMENTS,
            ..search.clone()
        };
        request.filters.push(own);
        let found = engine.search(&request).map(|response| response.hits);
        let found = found.unwrap_or_default();
        return HitPosition {
            items: found
                .iter()
                .find(|other| other.id == hit.id)
                .map_or(Vec::new(), items),
            ..HitPosition::default()
        };
    }
    let first = rank.saturating_sub(1).max(1);
    let request = Request {
        offset: first - 1,
        limit: rank + 2 - first,
        ..search.clone()
    };
    let Ok(response) = engine.search(&request) else {
        return HitPosition::default();
    };
    let Some(at) = response.hits.iter().position(|other| other.id == hit.id) else {
        return HitPosition::default();
    };
    let step = |at: usize| {
        let hit = response.hits.get(at)?;
        Some(Step {
            id: hit.id.clone(),
            rank: first + at,
            item: hit.items.first().map(|best| best.item),
        })
    };
    HitPosition {
        items: items(&response.hits[at]),
        of: response.letters,
        before: at.checked_sub(1).and_then(step),
        after: step(at + 1),
    }
}

/// The items of a hit, in the letter's order.
fn items(hit: &Hit) -> Vec<usize> {
    let mut items: Vec<usize> = hit.items.iter().map(|found| found.item).collect();
    items.sort_unstable();
    items
}

fn facts(letter: &Letter, files: &[String]) -> Markup {
    let date = |date: Option<LetterDate>| date.map_or_else(String::new, labels::date);
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
                div.doubt.wide { dt { "Warning" } dd { (warning.kind.name()) ": " (warning.detail) } }
            }
        }
    }
}

fn links(hit: &Hit, source: Source) -> Markup {
    html! {
        p.links {
            @match source {
                Source::There => { a href=(source::address(hit)) { "The letter as a file" } }
                Source::InArchive => { span.quiet { "The source is in an archive" } }
                Source::Gone => { span.quiet { "The source file is gone or has changed" } }
                Source::Elsewhere => { span.quiet { "The cluster has the letter's text, not its file" } }
            }
            " " a href={ "/api/letters/" (hit.id) } { "Record as JSON" }
        }
    }
}

fn card(
    hit: &Hit,
    item: &Item,
    n: usize,
    pages: Option<&ItemPages>,
    marks: &Marks,
    open: bool,
    answers: bool,
) -> Markup {
    let letter = &hit.letter;
    let number = n + 1;
    html! {
        details.card.answers[answers] open[open] {
            summary {
                h3 {
                    span.number { (number) ". " }
                    (marked(&item.request, &marks.of(&item.request))) " " (badge(item))
                }
            }
            div.body id={ "item-" (number) } {
                p.picking {
                    (tick(&hit.id, Some(n), &item.request)) span aria-hidden="true" { "Selection" }
                    @if let Some(pages) = pages {
                        a.in-file href={ (source::address(hit)) "#page=" (pages.request) } {
                            "Page " (pages.request) " of the letter"
                        }
                    }
                }
                @if let Some(original) = &item.original_request { p.quiet { "Original request: " (original) } }
                @if let Some(authorized) = &item.authorized { p.quiet { "Authorized: " (authorized) } }
                @if let Some(sentence) = item.reason_sentence(letter) {
                    p.why { (marked(&sentence, &marks.of(&sentence))) }
                }
                @if !item.reasons.is_empty() { p.reasons { "Reasons: " (reasons(item)) } }
                (side("Cited by the administrator", &item.claims_administrator))
                (side("Cited by the reviewer", &item.reviewer))
                div.rationale {
                    h4 { "Rationale" }
                    @let rationale = letter.passage(&item.rationale);
                    @if rationale.is_empty() { p.quiet { "None could be read." } }
                    (marks.paragraphs(rationale))
                }
                details.cite {
                    summary { "Cite this item" }
                    p.citation { (citation(hit, item, number, pages)) }
                    p { a href={ "/letters/" (hit.id) "#item-" (number) } { "Link to this item" } }
                }
            }
        }
    }
}

/// An item's deciding sentences with their source, in a form that a brief can use.
fn citation(hit: &Hit, item: &Item, number: usize, pages: Option<&ItemPages>) -> String {
    let letter = &hit.letter;
    let mut citation = String::new();
    if let Some(sentence) = item.reason_sentence(letter) {
        citation = format!("\u{201c}{sentence}\u{201d} ");
    }
    citation += &match &letter.case_number {
        Some(case) => format!("Independent Medical Review, Case No. {case}"),
        None => format!("Independent Medical Review, {}", name(hit)),
    };
    if let Some(date) = letter.dates.decision {
        citation += &format!(" ({})", labels::date(date));
    }
    if letter.items.len() > 1 {
        citation += &format!(", item {number} of {}", letter.items.len());
    }
    if let Some(pages) = pages {
        citation += &format!(", page {}", pages.reason);
    }
    let (decision, _) = super::outcome(item);
    citation += &format!(", {}: {}", item.request, decision.to_lowercase());
    if !letter.reviewer.specialties.is_empty() {
        citation += &format!("; reviewer: {}", letter.reviewer.specialties.join(", "));
    }
    citation.push('.');
    citation
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
