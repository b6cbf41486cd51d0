//! `imr show`: one letter.

use super::args::SearchedArg;
use super::search::json_line;
use super::{FOUND, Failure, NOTHING, render};
use crate::corpus::harmless;
use crate::search::{Backend, Hit, brief, json};
use crate::vocabulary::CaseNumber;
use std::io::Write;

/// Prints one letter: header, reviewer, items with decisions and citations, then its text.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr show CM15-0012345
  imr show CM15-0012345 --no-text
  imr show cm150012345 0012346        numbers may be typed in any form
  imr show letters/2015/notice.pdf    by file, for letters without a number

imr prints the dates, the reviewer, each item with its decision, citations and
rationale, and the text. If several documents have the number, it prints those
with a decision.
Exit codes: 0 found, 1 no such letter, 2 error.")]
pub(super) struct Args {
    /// Case numbers, file names or paths
    #[arg(value_name = "CASE", required = true)]
    case: Vec<String>,
    #[command(flatten)]
    index: SearchedArg,
    /// Print the letter's record as JSON, one object per line
    #[arg(long)]
    json: bool,
    /// Leave out the text of the letter at the end
    #[arg(long)]
    no_text: bool,
}

/// Tells that no letter is called so, and which may be meant.
pub(super) fn not_found(engine: &dyn Backend, name: &str) -> u8 {
    let near = engine.near_cases(name);
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    say!("imr: no letter is called '{}'{hint}", brief(name));
    NOTHING
}

/// What the arguments name, each once: "CM15 0012345" without quotation marks is one case number.
fn names(args: &[String]) -> Vec<String> {
    let cases = CaseNumber::all(&args.join(" "));
    let mut names: Vec<String> = if cases.is_empty() {
        let each = |arg: &String| {
            let cases = CaseNumber::all(arg);
            if cases.is_empty() {
                vec![arg.clone()]
            } else {
                cases.iter().map(ToString::to_string).collect()
            }
        };
        args.iter().flat_map(each).collect()
    } else {
        cases.iter().map(ToString::to_string).collect()
    };
    let mut known = std::collections::HashSet::new();
    names.retain(|name| known.insert(name.clone()));
    names
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let engine = args.index.open()?;
    let engine = &*engine;
    let mut code = FOUND;
    let mut first = true;
    for name in names(&args.case) {
        let hits = engine.find(&name)?;
        if hits.is_empty() {
            code = not_found(engine, &name);
            continue;
        }
        let hits = told_apart(&name, hits);
        for hit in &hits {
            if args.json {
                writeln!(out, "{}", json_line(&json::letter(hit))?)?;
                continue;
            }
            if !first {
                writeln!(out, "\n{}\n", "-".repeat(40))?;
            }
            first = false;
            render::letter(out, &hit.letter, &hit.files, render::width(), !args.no_text)?;
        }
    }
    Ok(code)
}

/// Of several documents with one number those with a decision, or all where none has one; the
/// others are named.
fn told_apart(name: &str, hits: Vec<Hit>) -> Vec<Hit> {
    if hits.len() < 2 {
        return hits;
    }
    let count = hits.len();
    let (mut shown, mut others): (Vec<Hit>, Vec<Hit>) = hits
        .into_iter()
        .partition(|hit| hit.letter.outcome().is_some());
    if shown.is_empty() {
        std::mem::swap(&mut shown, &mut others);
    }
    let name = brief(name);
    if others.is_empty() {
        say!("imr: {count} documents have '{name}'; all of them follow");
        return shown;
    }
    let decisions = match shown.len() {
        1 => "the one with a decision is".to_string(),
        n => format!("the {n} with a decision are"),
    };
    say!("imr: {count} documents have '{name}'; {decisions} shown. The others:");
    for file in others.iter().filter_map(|hit| hit.files.first()) {
        say!("  imr show {}", harmless(&brief_path(file)));
    }
    shown
}

/// A path as a shell takes it.
fn brief_path(path: &str) -> String {
    if path.contains(|c: char| c.is_whitespace() || "'\"()&;!*?$`\\|<>#".contains(c)) {
        format!("'{}'", path.replace('\'', "'\\''"))
    } else {
        path.to_string()
    }
}
