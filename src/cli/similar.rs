//! `imr similar`: letters like a letter.

use super::args::IndexArg;
use super::filter_args::FilterArgs;
use super::search::json_line;
use super::show::not_found;
use super::{FOUND, Failure, NOTHING, render};
use crate::fields::{self, Level, Path};
use crate::search::{Engine, Filter, Hit, Request, json};
use std::io::Write;

/// Finds the letters most like one, by what its items ask for and what its rationales say.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr similar CM15-0012345
  imr similar CM15-0012345 --same drug --decision overturned")]
pub(super) struct Args {
    /// Case number, file name or path
    #[arg(value_name = "CASE")]
    letter: String,
    /// Only letters with an item that shares its drug, treatment or body-part
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = alike())]
    same: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    index: IndexArg,
    /// Maximum number of letters
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// One JSON object a line, for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let engine = Engine::open(&args.index.index)?;
    let Some(letter) = engine.find(&args.letter)?.into_iter().next() else {
        return Ok(not_found(&engine, &args.letter));
    };
    let mut filters = args.filters.filters();
    for name in &args.same {
        filters.extend(own_values(&letter, name));
    }
    let request = Request {
        filters,
        limit: args.limit.min(1000),
        ..Request::default()
    };
    let similar = engine.similar(&letter, &request)?;
    for (n, like) in similar.iter().enumerate() {
        if args.json {
            let mut line = serde_json::to_value(json::hit(&like.hit, n + 1))
                .map_err(|e| Failure::Other(e.to_string()))?;
            line["shared"] = serde_json::json!(like.shared);
            line["shared_words"] = serde_json::json!(like.words);
            writeln!(out, "{}", json_line(&line)?)?;
            continue;
        }
        if n > 0 {
            writeln!(out)?;
        }
        render::hit(out, &like.hit, render::width())?;
        let shared = [like.shared.join(", "), like.words.join(" ")];
        for line in render::wrap(
            &format!("shares {}", shared.join("; ")),
            render::width().saturating_sub(4),
        ) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(if similar.is_empty() { NOTHING } else { FOUND })
}

/// The fields whose values make letters alike.
fn alike() -> Vec<&'static str> {
    let alike = fields::filters().filter(|(field, _)| field.alike);
    alike.map(|(field, _)| field.name).collect()
}

/// The letter's own values of a filter, as alternatives.
fn own_values(letter: &Hit, name: &str) -> Vec<Filter> {
    let Some((field, _)) = fields::filter(name) else {
        return Vec::new();
    };
    let letter = &letter.letter;
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
    let filter = |value: Path| Filter {
        name: name.to_string(),
        value: value.to_string(),
        negated: false,
    };
    values.into_iter().map(filter).collect()
}
