//! Every search of `tests/answers/requests.jsonl` on both backends, the index and a plain reading of every
//! letter: one request of each kind that people make, over the sample corpus.

use crate::properties::{engine, found, letters, naive};
use imr::search::{Backend, FacetRequest, Request, Response, SearchError, known_facets};

/// The searches, each with its number.
fn searches() -> Vec<(u64, Vec<String>)> {
    let cases: Vec<&str> = letters()
        .iter()
        .filter_map(|letter| letter.case_number.as_deref())
        .collect();
    include_str!("../answers/requests.jsonl")
        .lines()
        .filter_map(|line| {
            let request: serde_json::Value = serde_json::from_str(line).unwrap();
            let argument = |value: &serde_json::Value| {
                let text = value.as_str().unwrap();
                // "{case:5}" is a case number of the corpus.
                match text.split_once("{case:") {
                    Some((before, rest)) => {
                        let (number, after) = rest.split_once('}').unwrap();
                        let number: usize = number.parse().unwrap();
                        format!("{before}{}{after}", cases[number % cases.len()])
                    }
                    None => text.to_string(),
                }
            };
            let arguments = request["args"].as_array().unwrap().iter().map(argument);
            let arguments: Vec<String> = arguments.collect();
            let is_search = arguments.first().is_some_and(|first| first == "search");
            is_search.then(|| (request["id"].as_u64().unwrap(), arguments))
        })
        .collect()
}

/// The request of a command line; None where an option cannot be taken.
fn request(arguments: &[String]) -> Option<Request> {
    let mut request = Request {
        limit: 1000,
        ..Request::default()
    };
    let mut words = Vec::new();
    let mut top = 10;
    let mut facets = Vec::new();
    let mut left = arguments[1..].iter();
    while let Some(argument) = left.next() {
        let Some(option) = argument.strip_prefix("--") else {
            words.push(argument.as_str());
            continue;
        };
        match option {
            "" => words.extend(left.by_ref().map(String::as_str)),
            "json" | "explain" => {}
            "exact" | "any-item" => {
                request.take(option, "true").ok()?;
            }
            "offset" => request.offset = left.next()?.parse().ok()?,
            "top" => top = left.next()?.parse().ok()?,
            "facets" => facets.extend(left.next()?.split(',').map(str::to_string)),
            _ => {
                request.take(option, left.next()?).ok().filter(|is| *is)?;
            }
        }
    }
    if facets.iter().any(|name| name == "all") {
        facets = known_facets();
    }
    request.query = words.join(" ");
    request.facets = facets
        .into_iter()
        .map(|path| FacetRequest { path, top })
        .collect();
    Some(request)
}

/// The parts in which two answers differ, each with what both say.
fn differing(got: &Response, want: &Response) -> Vec<(&'static str, String, String)> {
    type Part = (&'static str, fn(&Response) -> String);
    let parts: [Part; 10] = [
        ("counts", |r| {
            let counts = (r.letters, r.items, r.mentions);
            format!("{counts:?} {:?}", (r.only_mentions, r.relaxed))
        }),
        ("hits", |r| format!("{:?}", found(r))),
        ("facets", |r| format!("{:?}", r.facets)),
        ("concepts", |r| format!("{:?}", r.concepts)),
        ("dropped", |r| format!("{:?}", r.dropped)),
        ("without a part", |r| format!("{:?}", r.drop_one)),
        ("preferred", |r| format!("{:?}", r.preferred_decision)),
        ("notes", |r| format!("{:?}", r.notes)),
        ("corrected", |r| format!("{:?}", r.corrected)),
        ("understood", |r| r.understood.clone()),
    ];
    let differ = parts
        .iter()
        .map(|(name, part)| (*name, part(got), part(want)));
    differ.filter(|(_, got, want)| got != want).collect()
}

#[test]
fn both_backends_answer_every_recorded_search_alike() {
    let (index, plain): (&dyn Backend, &dyn Backend) = (engine(), naive());
    let (mut answered, mut refused, mut unlike) = (0, 0, Vec::new());
    for (id, arguments) in searches() {
        let Some(request) = request(&arguments) else {
            refused += 1;
            continue;
        };
        match (index.search(&request), plain.search(&request)) {
            (Ok(got), Ok(want)) => {
                answered += 1;
                let differing = differing(&got, &want);
                if !differing.is_empty() {
                    unlike.push((id, arguments, differing));
                }
            }
            (Err(got), Err(want)) => {
                refused += 1;
                let what = |error: &SearchError| error.to_string();
                assert_eq!(what(&got), what(&want), "{arguments:?}");
            }
            (got, want) => panic!("{arguments:?}: {:?} and {:?}", got.err(), want.err()),
        }
    }
    assert!(unlike.is_empty(), "{} unlike: {unlike:#?}", unlike.len());
    assert!(answered > 500 && refused < 40, "{answered}, {refused}");
}
