//! Cases like mine: a document is read, decisions on requests like its own are found, nothing is stored.

use super::super::labels;
use super::super::query_params::address;
use super::super::refusal::Refusal;
use super::super::reply::Reply;
use super::super::similar::{Answer, Case};
use super::{Tab, hit, shell};
use crate::letter::CaseDocument;
use crate::search::{Backend, Filter, Request, Similar, SimilarToRequest};
use crate::stats::{asked_for, odds, read_as, request_name, worker};
use hyper::StatusCode;
use maud::{Markup, html};

/// What is said of a document wherever one is asked for.
const PRIVATE: &str = "The document is read on this computer for this one answer; nothing of it is stored or added \
    to the index.";
/// The same where a cluster is searched.
const PRIVATE_REMOTE: &str = "The document is read on the computer that serves this page, for this one answer; words of \
    it are looked up on the cluster, and nothing is stored or added to the index.";

fn private(engine: &dyn Backend) -> &'static str {
    if engine.is_remote() {
        PRIVATE_REMOTE
    } else {
        PRIVATE
    }
}

/// Where a document is pasted or dropped.
pub(super) fn form(engine: &dyn Backend) -> Markup {
    html! {
        form.document action="/similar" method="post" enctype="multipart/form-data" {
            label for="case-text" { "Paste a denial, a request for authorization or a report" }
            textarea #case-text name="text" rows="4" spellcheck="false" {}
            div.row {
                label.file for="case-file" { "or choose a PDF or text file, or drop one here" }
                input #case-file type="file" name="file" accept=".pdf,.txt,application/pdf,text/plain";
                button type="submit" { "Find decisions like it" }
            }
            p.quiet { (private(engine)) }
        }
    }
}

/// `GET /similar`.
pub(crate) fn empty(engine: &dyn Backend) -> Reply {
    let main = html! {
        main #main .letter {
            h1 { "Cases like mine" }
            (form(engine))
        }
    };
    let title = "Cases like mine - imr";
    Reply::page(
        StatusCode::OK,
        shell(title, &Request::default(), Tab::None, main),
    )
}

/// `POST /similar`.
pub(crate) fn page(engine: &dyn Backend, case: &Case) -> Result<Reply, Refusal> {
    let answer = case.answer(engine)?;
    let Answer {
        whole,
        edited,
        found,
        text,
    } = &answer;
    let (kind, requests) = read_as(whole);
    let main = html! {
        main #main .letter .cases {
            h1 { "Cases like mine" }
            p { "Read as " b { (kind) } ": " (requests) ". " }
            p.quiet { (private(engine)) }
            (adjust(case, whole, text))
            @for of in found { (requested(edited, of)) }
        }
    };
    let title = "Cases like mine - imr";
    Ok(Reply::page(
        StatusCode::OK,
        shell(title, &Request::default(), Tab::None, main),
    ))
}

/// What was understood, to correct.
fn adjust(case: &Case, whole: &CaseDocument, text: &str) -> Markup {
    let letter = &whole.letter;
    let worker = worker(letter);
    let values = values(whole);
    let decision = case.filters.iter().find(|f| f.name == "decision");
    let decision = decision.map_or("", |f| f.value.as_str());
    html! {
        form.document.adjust action="/similar" method="post" enctype="multipart/form-data" {
            @if !worker.is_empty() { p { "Worker: " (worker.join(", ")) } }
            @if letter.items.len() > 1 {
                fieldset {
                    legend { "Requests" }
                    @for (n, item) in letter.items.iter().enumerate() {
                        @let own = n + 1;
                        label.check {
                            input type="checkbox" name="item" value=(own)
                                checked[case.edits.items.is_empty() || case.edits.items.contains(&own)];
                            (own) ". " (item.request)
                        }
                    }
                }
            }
            @if !values.is_empty() {
                fieldset {
                    legend { "Leave out what was misunderstood or does not matter" }
                    @for value in &values {
                        @let (field, name) = value.split_once(':').unwrap_or((value, ""));
                        label.check {
                            input type="checkbox" name="without" value=(value)
                                checked[case.edits.without.contains(value)];
                            (labels::field(field)) ": " (name.replace('-', " "))
                        }
                    }
                }
            }
            div.row {
                label for="case-request" { "A request instead of those found" }
                input #case-request name="request" autocomplete="off"
                    value=(case.edits.requests.first().map_or("", String::as_str));
                label for="case-decision" { "Decisions" }
                select #case-decision name="decision" {
                    option value="" { "any" }
                    @for word in ["upheld", "overturned"] {
                        option value=(word) selected[word == decision] { (word) }
                    }
                }
                button type="submit" { "Find again" }
            }
            details {
                summary { "The document as it was read" }
                label.hidden for="case-text" { "Text of the document" }
                textarea #case-text name="text" rows="12" spellcheck="false" { (text) }
            }
        }
    }
}

/// What was understood besides the requests' words, as the edits name it.
fn values(whole: &CaseDocument) -> Vec<String> {
    let letter = &whole.letter;
    let mut values: Vec<String> = Vec::new();
    let diagnoses = letter.diagnoses.iter();
    values.extend(diagnoses.map(|d| format!("diagnosis:{}", d.name)));
    let prior = letter.prior_treatments.iter();
    values.extend(prior.map(|p| format!("prior-treatment:{}", p.service)));
    for item in &letter.items {
        values.extend(item.drugs.iter().map(|d| format!("drug:{}", d.name)));
        values.extend(item.body_parts.iter().map(|p| format!("body-part:{p}")));
    }
    let mut known = std::collections::HashSet::new();
    values.retain(|value| known.insert(value.clone()));
    values
}

fn requested(case: &CaseDocument, of: &SimilarToRequest) -> Markup {
    let item = &case.letter.items[of.item];
    html! {
        section.requested {
            h2 { (of.item + 1) ". " (request_name(item)) }
            p.quiet { (asked_for(item)) }
            @for such in &of.such {
                p.odds {
                    a href=(address("/", &narrowed(&such.filters), &[])) { (odds(&such.decisions)) }
                    span.quiet {
                        " (" (such.filters.iter().map(described).collect::<Vec<_>>().join(", ")) ")"
                    }
                }
            }
            @if of.similar.is_empty() { p.nothing { "No decisions on a request like this." } }
            ol.hits { @for like in &of.similar { li { (alike(like)) } } }
        }
    }
}

fn narrowed(filters: &[Filter]) -> Request {
    Request {
        filters: filters.to_vec(),
        ..Request::default()
    }
}

fn described(filter: &Filter) -> String {
    let not = if filter.negated { "not " } else { "" };
    let value = labels::value(&filter.name, &filter.value);
    format!("{not}{} {value}", labels::field(&filter.name))
}

fn alike(like: &Similar) -> Markup {
    let letter = &like.hit.letter;
    let best = like
        .hit
        .items
        .first()
        .and_then(|at| letter.items.get(at.item));
    html! {
        (hit::hit(&like.hit, &format!("/letters/{}", like.hit.id)))
        @if let Some(item) = best {
            @if like.hit.snippets.is_empty() {
                @if let Some(sentence) = item.reason_sentence(letter) { p.snippet { (sentence) } }
            }
            @if !item.reasons.is_empty() { p.reasons { "Reasons: " (super::letter::reasons(item)) } }
        }
        @if !like.shared.is_empty() { p.reasons { "Shared: " (like.shared.join(", ")) } }
    }
}
