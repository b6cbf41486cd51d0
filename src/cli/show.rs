//! `imr show`: one letter.

use super::args::IndexArg;
use super::search::json_line;
use super::{FOUND, Failure, NOTHING, render};
use crate::letter::Record;
use crate::search::{Engine, brief};
use std::io::Write;

/// Prints one letter: header, reviewer, items with decisions and citations, then its text.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr show CM15-0012345
  imr show CM15-0012345 --json | jq .items
  imr show letters/2015/notice.pdf     a letter without a case number, by its file

A case number may be on several letters: all of them are printed.")]
pub struct Args {
    /// Case number, file name or path
    #[arg(value_name = "CASE")]
    case: String,
    #[command(flatten)]
    index: IndexArg,
    /// The letter's record, one JSON object a line
    #[arg(long)]
    json: bool,
    /// Without the text of the letter at the end
    #[arg(long)]
    no_text: bool,
}

/// Tells that no letter is called so, and which may be meant.
pub fn not_found(engine: &Engine, name: &str) -> u8 {
    let near = engine.near_cases(name);
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    anstream::eprintln!("imr: no letter is called '{}'{hint}", brief(name));
    NOTHING
}

pub fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let engine = Engine::open(&args.index.index)?;
    let hits = engine.find(&args.case)?;
    if hits.is_empty() {
        return Ok(not_found(&engine, &args.case));
    }
    for (n, hit) in hits.iter().enumerate() {
        if args.json {
            let file = hit.files.first().map_or("", String::as_str);
            writeln!(out, "{}", json_line(&Record::new(&hit.letter, file))?)?;
            continue;
        }
        if n > 0 {
            writeln!(out, "\n{}\n", "-".repeat(40))?;
        }
        render::letter(out, &hit.letter, &hit.files, render::width(), !args.no_text)?;
    }
    Ok(FOUND)
}
