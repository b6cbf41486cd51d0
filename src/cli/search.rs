//! `imr search`.

use super::args::{QueryArgs, SearchedArg};
use super::progress::ProgressReporter;
use super::suggested::SuggestedValues;
use super::{FOUND, Failure, NOTHING, index, progress, render};
use crate::index::{Index, Ingest, IngestOptions};
use crate::search::{
    Backend, Engine, FacetRequest, Request, Response, json, not_held, notices, understood, without,
};
use std::io::Write;
use std::path::PathBuf;

const QUERY_HELP: &str = "\
Query:
  norco taper         in one item: all of up to three words, half of more
  '\"exact phrase\"'    or '\"two words\"~5': up to five words apart
  opioid w/5 taper    within five words of each other
  'taper*'            words that begin with taper
  mri OR ct           alternatives; mri -lumbar excludes; ( ) groups
  drug:norco          in one field; also rationale:taper, case:CM15-0012345
See docs/query.md, and docs/shells.md on quotation marks.

Examples:
  imr search norco taper --decision overturned
  imr search --drug opioid --specialty pmr --page 78 --facets decision,year
  imr search '\"functional improvement\" w/10 documented' --json

Exit codes: 0 found, 1 nothing found, 2 error.";

/// Finds letters. Conditions on items (drug, decision, treatment, body part, guideline, page) hold
/// in one and the same item.
#[derive(clap::Args)]
#[command(after_help = QUERY_HELP)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    index: SearchedArg,
    /// First bring the index up to date with this folder (repeatable)
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,
    /// Maximum number of letters
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Skip the first N letters
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    offset: usize,
    /// Also count letters and items by facet: drug,decision or all; drug/opioid counts below opioid
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = SuggestedValues::ALL_FACETS,
        hide_possible_values = true
    )]
    facets: Vec<String>,
    /// Maximum number of values listed for each facet
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,
    /// With --json: include how long the search took
    #[arg(long, requires = "json")]
    timing: bool,
    /// Print only the number of letters and items that match
    #[arg(long, short = 'c', conflicts_with_all = ["limit", "offset", "explain"])]
    count: bool,
    /// Explain how each score was calculated
    #[arg(long)]
    explain: bool,
}

/// Most letters of one answer: `imr export` has no limit.
const MOST: usize = 10_000;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let request = Request {
        limit: if args.count { 0 } else { args.limit.min(MOST) },
        offset: args.offset,
        facets: facet_requests(&args.facets, args.top),
        snippets: true,
        explain: args.explain,
        ..args.query.request()
    };
    request.prepare();
    let engine = open(args)?;
    let response = engine.search(&request)?;
    if args.json {
        writeln!(
            out,
            "{}",
            json_line(&json::summary(&response, args.timing))?
        )?;
        for (n, hit) in response.hits.iter().enumerate() {
            writeln!(
                out,
                "{}",
                json_line(&json::hit(hit, request.offset + n + 1))?
            )?;
        }
        for (n, hit) in response.mention_hits.iter().enumerate() {
            let rank = request.offset + response.hits.len() + n + 1;
            writeln!(out, "{}", json_line(&json::hit(hit, rank))?)?;
        }
    } else {
        text(out, &request, &response)?;
    }
    let found = response.letters > 0 || response.only_mentions;
    Ok(if found { FOUND } else { NOTHING })
}

/// Opens the index, after bringing it up to date where a corpus is named.
fn open(args: &Args) -> Result<Box<dyn Backend>, Failure> {
    if args.corpus.is_empty() {
        return args.index.open();
    }
    let path = args.index.only_here("--corpus")?;
    index::missing(&args.corpus)?;
    let index = Index::open_or_create(path)?;
    let watch = ProgressReporter {
        quiet: args.json,
        ..ProgressReporter::default()
    };
    let report = progress::ingest(&watch, |progress| {
        Ingest::new(&index, IngestOptions::default()).run(&args.corpus, progress)
    })?;
    if report.letters > 0 || report.stopped {
        index::tell(&report, args.json, false);
    }
    if report.stopped {
        return Err(Failure::Other(
            "stopped before the index was up to date".into(),
        ));
    }
    Ok(Box::new(Engine::new(index)))
}

pub(super) fn facet_requests(names: &[String], top: usize) -> Vec<FacetRequest> {
    let all = crate::search::known_facets;
    names
        .iter()
        .flat_map(|name| {
            if name == "all" {
                all()
            } else {
                vec![name.trim().to_string()]
            }
        })
        .map(|path| FacetRequest { path, top })
        .collect()
}

pub(super) fn json_line(value: &impl serde::Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string(value).map_err(|e| Failure::Other(e.to_string()))?;
    Ok(crate::corpus::harmless_json(json))
}

fn text(out: &mut dyn Write, request: &Request, response: &Response) -> Result<(), Failure> {
    let width = render::width();
    let total = format!(
        "{}, {}",
        render::count(response.letters as usize, request.counts()),
        render::count(response.items as usize, "matching item")
    );
    let shown = response.hits.len();
    let range = if response.letters as usize > shown && shown > 0 {
        format!(
            "; {} to {} shown",
            request.offset + 1,
            request.offset + shown
        )
    } else if response.letters > 0 && shown == 0 && request.offset > 0 && request.limit > 0 {
        format!("; none after the first {}", request.offset)
    } else {
        String::new()
    };
    writeln!(out, "{total}{range}")?;
    let mut lines: Vec<String> = understood(response).into_iter().collect();
    lines.extend(notices(response));
    if !response.drop_one.is_empty() {
        let parts: Vec<String> = response.drop_one.iter().map(without).collect();
        let parts = parts.join("; ");
        // "Without age 109: 4 letters"
        lines.push(format!("W{}", parts.trim_start_matches('w')));
    }
    for line in lines.iter().flat_map(|line| render::wrap(line, width)) {
        writeln!(out, "{line}")?;
    }
    for note in &response.notes {
        for line in render::wrap(note, width) {
            writeln!(out, "{line}")?;
        }
    }
    for (word, spellings) in &response.suggestions {
        for line in render::wrap(&not_held(word, spellings), width) {
            writeln!(out, "{line}")?;
        }
    }
    for hit in &response.hits {
        writeln!(out)?;
        render::hit(out, hit, width)?;
    }
    let in_part = response.mention_hits.iter().any(|hit| hit.partial);
    if response.letters == 0 && !response.mention_hits.is_empty() {
        if in_part {
            writeln!(out, "\nLetters that match in part:")?;
        }
        for hit in &response.mention_hits {
            writeln!(out)?;
            render::hit(out, hit, width)?;
        }
    } else if !response.mention_hits.is_empty() {
        let heading = if in_part {
            "Letters that match in part (not counted):"
        } else {
            "Letters that only mention it (--mentions lists all):"
        };
        writeln!(out, "\n{heading}")?;
        for hit in &response.mention_hits {
            render::mention(out, hit)?;
        }
    }
    for counts in &response.facets {
        writeln!(out)?;
        render::facet(out, counts)?;
    }
    Ok(())
}
