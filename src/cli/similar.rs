//! `imr similar`: letters like a letter, and decisions on requests like those of a document.

use super::args::{MaxLetter, SearchedArg};
use super::filter_args::FilterArgs;
use super::search::json_line;
use super::show::not_found;
use super::{FOUND, Failure, NOTHING, hints, render};
use crate::corpus;
use crate::fields::{self, CASE, Level, Path};
use crate::letter::{CaseDocument, CaseEdits, Letter, case_document};
use crate::search::{
    Backend, Filter, Hit, Request, Similar, SimilarToRequest, SuchRequests, brief,
};
use crate::stats::{
    asked_for, odds, read_as, request_json, request_name, similar_json, understood_json, worker,
};
use crate::vocabulary::CaseNumber;
use serde_json::json;
use std::io::{self, Read, Write};

/// Finds the letters most like a letter, or like each request of a document: a denial, a request for
/// authorization, a progress report. A document is read and not kept.
#[derive(clap::Args)]
#[command(after_help = "\
For a document (a denial, a request for authorization, a progress report), imr
shows what it understood and, for each request, how such requests were decided
and the decisions most like it. It does not keep the document. Decisions are
compared by what is requested, body part, diagnoses, earlier treatment, and
words.

Examples:
  imr similar CM15-0012345
  imr similar CM15-0012345 --same drug --decision overturned
  imr similar denial.pdf
  imr similar denial.pdf --item 2 --without diagnosis:\"hip pain\"
  imr similar denial.pdf --request \"MRI of the left knee\" --with body-part:knee
  echo \"Norco 10/325 mg #90\" | imr similar -

Exit codes: 0 found, 1 nothing similar or no such case number, 2 error.")]
pub(super) struct Args {
    /// A case number or file in the index, or a document of your own (PDF or text; - is standard input)
    #[arg(value_name = "CASE|FILE")]
    letter: String,
    /// Only letters with an item that has the same drug, treatment, service, body-part or diagnosis
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = alike(), hide_possible_values = true)]
    same: Vec<String>,
    /// Only this request of the document, by its number (repeatable)
    #[arg(long, value_name = "N")]
    item: Vec<usize>,
    /// Use this request instead of those found in the document (repeatable)
    #[arg(long, value_name = "TEXT")]
    request: Vec<String>,
    /// Ignore a value or a field of the document: diagnosis:"hip pain", drug ... (repeatable)
    #[arg(long, value_name = "FIELD[:VALUE]")]
    without: Vec<String>,
    /// Add a value that was not recognized: treatment:MRI, body-part:knee ... (repeatable)
    #[arg(long, value_name = "FIELD:VALUE")]
    with: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    index: SearchedArg,
    #[command(flatten)]
    max_letter: MaxLetter,
    /// Maximum number of letters [default: 10; 3 for each request of a document]
    #[arg(long, short = 'n', value_name = "N")]
    limit: Option<usize>,
    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,
}

/// What a letter of the index is called beside documents.
const OF_THE_INDEX: &str = "a letter of the index";
/// Letters like a letter.
const LETTERS: usize = 10;
/// Decisions like a request.
const DECISIONS: usize = 3;
/// More than this are not compared.
const MOST: usize = 1000;
/// Before what belongs to a request.
const INDENT: &str = "   ";

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let engine = args.index.open()?;
    let engine = &*engine;
    let edits = CaseEdits {
        items: args.item.clone(),
        requests: args.request.clone(),
        without: args.without.clone(),
        with: args.with.clone(),
    };
    let known = if args.letter == "-" {
        None
    } else {
        engine.find(&args.letter)?.into_iter().next()
    };
    match known {
        Some(letter) if edits == CaseEdits::default() => like_letter(args, engine, &letter, out),
        // A letter of the index, item by item.
        Some(letter) => {
            let case = CaseDocument {
                kind: Some(OF_THE_INDEX),
                told_apart: true,
                letter: letter.letter,
            };
            like_requests(args, engine, case, &edits, out)
        }
        None => match document(args)? {
            Some(text) => like_requests(args, engine, case_document(&text), &edits, out),
            None => no_such_file(engine, &args.letter),
        },
    }
}

/// There is no such letter in the index, and no such file: nothing is found where a case number is named, and else
/// the command cannot be carried out.
fn no_such_file(engine: &dyn Backend, name: &str) -> Result<u8, Failure> {
    let path = std::path::Path::new(name);
    if path.is_dir() {
        let what = format!("'{}' is a folder; name one file", brief(name));
        return Err(Failure::Other(what));
    }
    let is_path = path.extension().is_some() || name.contains(std::path::MAIN_SEPARATOR);
    if !is_path && (is_case_number(name) || !engine.near_cases(name).is_empty()) {
        return Ok(not_found(engine, name));
    }
    Err(Failure::Other(format!(
        "there is no file '{0}', and no letter in the index is called '{0}'",
        brief(name)
    )))
}

/// Whether a name is a case number, in any of its forms.
fn is_case_number(name: &str) -> bool {
    !CaseNumber::all(name).is_empty()
}

/// The text of the document; None where there is no such file.
fn document(args: &Args) -> Result<Option<String>, Failure> {
    let limits = args.max_letter.limits();
    let name = if args.letter == "-" {
        "standard input"
    } else {
        &args.letter
    };
    let read = if args.letter == "-" {
        whole(&mut io::stdin().lock(), limits)?
    } else {
        let path = std::path::Path::new(&args.letter);
        if path.is_file() {
            corpus::read(path, limits)
        } else if path.exists() && !path.is_dir() {
            // A pipe: "imr similar <(pbpaste)".
            whole(&mut std::fs::File::open(path)?, limits)?
        } else {
            return Ok(None);
        }
    };
    match read {
        Ok(text) => Ok(Some(text)),
        Err(why) => Err(Failure::Other(format!("{name} {why}"))),
    }
}

/// What a pipe holds, as the text of a document.
fn whole(
    pipe: &mut dyn Read,
    limits: corpus::Limits,
) -> io::Result<Result<String, corpus::ReadError>> {
    let mut bytes = Vec::new();
    let most = limits.letter();
    pipe.take(most + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > most {
        Err(corpus::ReadError::TooLarge(most))
    } else {
        corpus::decode(bytes, limits)
    })
}

/// The request for similar letters, without its limit.
fn request(args: &Args, letter: &Letter) -> Request {
    let mut filters = args.filters.filters();
    for name in &args.same {
        filters.extend(own_values(letter, name));
    }
    Request {
        filters,
        any_item: args.filters.is_any_item(),
        ..Request::default()
    }
}

/// Letters like a letter of the index.
fn like_letter(
    args: &Args,
    engine: &dyn Backend,
    letter: &Hit,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let request = Request {
        limit: args.limit.unwrap_or(LETTERS).min(MOST),
        ..request(args, &letter.letter)
    };
    let similar = engine.similar(letter, &request)?;
    for (n, like) in similar.iter().enumerate() {
        if args.json {
            writeln!(out, "{}", json_line(&similar_json(like, n + 1))?)?;
            continue;
        }
        if n > 0 {
            writeln!(out)?;
        }
        similar_letter(out, like, "", render::width())?;
    }
    if similar.is_empty() && !args.json {
        say!("imr: no similar letter was found");
    }
    Ok(if similar.is_empty() { NOTHING } else { FOUND })
}

/// Decisions like each request of a document.
fn like_requests(
    args: &Args,
    engine: &dyn Backend,
    case: CaseDocument,
    edits: &CaseEdits,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let case = case.edited(edits);
    let case = case.map_err(|e| Failure::Other(hints::of_edit(&e)))?;
    let mut request = Request {
        limit: args.limit.unwrap_or(DECISIONS).min(MOST),
        ..request(args, &case.letter)
    };
    if case.kind == Some(OF_THE_INDEX) {
        // It is no answer to itself.
        let own = case.letter.case_number.iter();
        request.filters.extend(own.map(|case| Filter {
            negated: true,
            ..Filter::new(CASE.name, case.as_str())
        }));
    }
    let found = engine.similar_to_case(&case, &request)?;
    if args.json {
        writeln!(out, "{}", json_line(&understood_json(&case))?)?;
        for of in &found {
            writeln!(out, "{}", json_line(&request_json(&case, of))?)?;
            for (n, like) in of.similar.iter().enumerate() {
                let mut line = similar_json(like, n + 1);
                line["request_number"] = json!(of.item + 1);
                writeln!(out, "{}", json_line(&line)?)?;
            }
        }
    } else {
        let width = render::width();
        understood(out, &case, width)?;
        for of in &found {
            writeln!(out)?;
            requested(out, &case, of, width)?;
        }
    }
    let any = found.iter().any(|of| !of.similar.is_empty());
    Ok(if any { FOUND } else { NOTHING })
}

/// What was understood of a document, and how to correct it.
fn understood(out: &mut dyn Write, case: &CaseDocument, width: usize) -> io::Result<()> {
    let letter = &case.letter;
    let (kind, requests) = read_as(case);
    let mut lines = vec![format!("Read as {kind}: {requests}")];
    let list = |label: &str, values: Vec<String>| {
        (!values.is_empty()).then(|| format!("{label}: {}", values.join(", ")))
    };
    let diagnoses = letter.diagnoses.iter().map(|d| d.name.clone()).collect();
    let prior = letter.prior_treatments.iter().map(|p| p.service.clone());
    lines.extend(list("Worker", worker(letter)));
    lines.extend(list("Diagnoses", diagnoses));
    lines.extend(list("Earlier treatment", prior.collect()));
    lines.push("Correct it with --item, --request, --without and --with.".to_string());
    for line in lines.iter().flat_map(|line| render::wrap(line, width)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A request, how such requests were decided, and the decisions most like it.
fn requested(
    out: &mut dyn Write,
    case: &CaseDocument,
    of: &SimilarToRequest,
    width: usize,
) -> io::Result<()> {
    let item = &case.letter.items[of.item];
    let head = format!("{}. {}", of.item + 1, request_name(item));
    for (n, line) in render::wrap(&head, width.saturating_sub(3))
        .iter()
        .enumerate()
    {
        let indent = if n == 0 { "" } else { INDENT };
        writeln!(out, "{indent}{}", render::styled(line, render::STRONG))?;
    }
    let mut lines = vec![asked_for(item)];
    lines.extend(of.such.iter().map(such));
    for line in lines
        .iter()
        .flat_map(|line| render::wrap(line, width.saturating_sub(3)))
    {
        writeln!(out, "{INDENT}{line}")?;
    }
    if of.similar.is_empty() {
        writeln!(out, "{INDENT}No decisions on a request like this.")?;
    }
    for like in &of.similar {
        writeln!(out)?;
        similar_letter(out, like, INDENT, width)?;
    }
    Ok(())
}

/// "3 of 18 such requests were overturned, ... (treatment MRI, body part low back)".
fn such(of: &SuchRequests) -> String {
    let filters = of.filters.iter().map(|filter| {
        let not = if filter.negated { "not " } else { "" };
        format!("{not}{} {}", filter.name.replace('-', " "), filter.value)
    });
    let filters: Vec<String> = filters.collect();
    format!("{} ({})", odds(&of.decisions), filters.join(", "))
}

/// A letter with its items that are alike, why it was decided so, and what it shares.
fn similar_letter(
    out: &mut dyn Write,
    like: &Similar,
    indent: &str,
    width: usize,
) -> io::Result<()> {
    let mut lines = Vec::new();
    render::hit(&mut lines, &like.hit, width.saturating_sub(indent.len()))?;
    let mut shared = Vec::new();
    if !like.shared.is_empty() {
        shared.push(like.shared.join(", "));
    }
    if !like.words.is_empty() {
        shared.push(format!("words {}", like.words.join(" ")));
    }
    for line in String::from_utf8_lossy(&lines).lines() {
        writeln!(out, "{indent}{line}")?;
    }
    let shared = format!("shares {}", shared.join("; "));
    for line in render::wrap(&shared, width.saturating_sub(4 + indent.len())) {
        writeln!(out, "{indent}    {line}")?;
    }
    Ok(())
}

/// The fields whose values make letters alike.
fn alike() -> Vec<&'static str> {
    let alike = fields::filters().filter(|(field, _)| field.alike);
    alike.map(|(field, _)| field.name).collect()
}

/// The letter's own values of a filter, as alternatives.
fn own_values(letter: &Letter, name: &str) -> Vec<Filter> {
    let Some((field, _)) = fields::filter(name) else {
        return Vec::new();
    };
    let mut values: Vec<Path> = match field.level() {
        Level::Item => {
            let items = letter.items.iter();
            items
                .flat_map(|item| field.paths(letter, Some(item)))
                .collect()
        }
        Level::Letter => field.paths(letter, None),
    };
    values.sort();
    values.dedup();
    let values = values.into_iter();
    values
        .map(|value| Filter::new(name, value.to_string()))
        .collect()
}
