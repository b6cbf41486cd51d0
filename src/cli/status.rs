//! `imr status`: what the index contains.

use super::args::SearchedArg;
use super::{ERROR, FOUND, Failure, hints, render};
use crate::corpus::{harmless, shown};
use crate::index::{Index, LetterPart, Soundness, YearOfLetters};
use crate::search::{Backend, Cluster, LastPush, Request};
use std::io::Write;
use std::path::Path;

/// Shows what the index contains.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr status
  imr status --failures    the files that could not be read, with the reasons
  imr status --check       verify the index

Exit codes: 0 sound or not checked, 2 damaged or error.")]
pub(super) struct Args {
    #[command(flatten)]
    index: SearchedArg,
    /// Also list the files that yielded no letter, with the reasons
    #[arg(long)]
    failures: bool,
    /// Compare all files with their checksums, and verify that every letter is complete
    #[arg(long)]
    check: bool,
    /// Print one JSON object, for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(cluster) = args.index.cluster()? {
        return of_cluster(args, &cluster, out);
    }
    let path = args.index.only_here("imr status")?;
    let index = Index::open(path)?;
    // Counting in damaged files could go wrong in any way.
    let sound = if args.check {
        Some(index.check()?)
    } else {
        None
    };
    if let Some(sound) = sound.as_ref().filter(|sound| !sound.problems.is_empty()) {
        return Ok(tell_damage(args, path, sound, out)?);
    }
    let status = index.status()?;
    if args.json {
        let mut value = serde_json::to_value(&status).unwrap_or_default();
        if let (Some(_), Some(object)) = (&sound, value.as_object_mut()) {
            object.insert("problems".into(), serde_json::json!([]));
        }
        writeln!(out, "{value}")?;
        return Ok(FOUND);
    }
    let width = render::width();
    let mut row = |label: &str, value: String| {
        for (n, line) in render::wrap(&value, width.saturating_sub(15))
            .iter()
            .enumerate()
        {
            writeln!(out, "{:14} {line}", if n == 0 { label } else { "" })?;
        }
        std::io::Result::Ok(())
    };
    row("index", status.index.clone())?;
    row("letters", render::grouped(status.letters))?;
    row("items", render::grouped(status.items))?;
    row("sources", render::grouped(status.sources))?;
    row("unrecognized", render::grouped(status.unrecognized))?;
    if status.others > 0 {
        row("not letters", render::grouped(status.others))?;
    }
    row("failed", render::grouped(status.failures.len() as u64))?;
    if let Some((first, last)) = &status.decided {
        row("decided", format!("{first} to {last}"))?;
    }
    row(
        "size",
        format!(
            "{:.1} MB in {}",
            status.bytes as f64 / 1e6,
            render::count(status.segments, "segment")
        ),
    )?;
    row(
        "format",
        format!("{}, made by imr {}", status.format, status.version),
    )?;
    if !status.warnings.is_empty() {
        let kinds = status
            .warnings
            .iter()
            .map(|(kind, n)| format!("{kind} {}", render::grouped(*n)));
        row("warnings", kinds.collect::<Vec<_>>().join(", "))?;
    }
    if !status.unlisted.is_empty() {
        let names = status
            .unlisted
            .iter()
            .map(|(name, n)| format!("{name} {}", render::grouped(*n)));
        row("unlisted drugs", names.collect::<Vec<_>>().join(", "))?;
    }
    by_year(out, &status.years)?;
    if args.failures {
        for (key, reason) in &status.failures {
            writeln!(
                out,
                "{} {}",
                shown(key),
                harmless(&hints::of_source(reason))
            )?;
        }
    }
    if let Some(sound) = sound {
        writeln!(
            out,
            "sound: {} match their checksums, {} complete",
            render::count(sound.files, "file"),
            render::count(sound.letters, "letter")
        )?;
    }
    Ok(FOUND)
}

/// What an index on a cluster holds.
fn of_cluster(args: &Args, cluster: &Cluster, out: &mut dyn Write) -> Result<u8, Failure> {
    let pushed = cluster.pushed()?;
    let last = LastPush::of(&pushed);
    let counts = cluster.count(&Request::default())?;
    if args.json {
        let object = serde_json::json!({
            "letters": counts.letters,
            "items": counts.items,
            "complete": last == LastPush::Complete,
            "refused": match last {
                LastPush::Refused(letters) => letters,
                _ => 0,
            },
            "version": pushed["version"],
            "imr": pushed["imr"],
        });
        writeln!(out, "{object}")?;
        return Ok(FOUND);
    }
    let mut row = |label: &str, value: String| writeln!(out, "{label:14} {value}");
    row("letters", render::grouped(counts.letters))?;
    row("items", render::grouped(counts.items))?;
    let last = match last {
        LastPush::Complete => "complete".to_string(),
        LastPush::Unfinished => "did not finish: run imr push again".to_string(),
        LastPush::Refused(letters) => {
            let letters = usize::try_from(letters).unwrap_or(usize::MAX);
            format!(
                "finished, but the cluster refused {}: run imr push again to see why",
                render::count(letters, "letter")
            )
        }
    };
    row("last push", last)?;
    row(
        "pushed by",
        format!("imr {}", pushed["imr"].as_str().unwrap_or("?")),
    )?;
    Ok(FOUND)
}

/// What letters lack, by year, and an alarm where it is much.
fn by_year(out: &mut dyn Write, years: &[YearOfLetters]) -> std::io::Result<()> {
    if years.is_empty() {
        return Ok(());
    }
    let dated = |year: &YearOfLetters| year.year.clone().unwrap_or_else(|| "no date".to_string());
    writeln!(
        out,
        "\nyear         letters   no items   no rationale   no reviewer citation"
    )?;
    let share = |year: &YearOfLetters, n: u64| {
        format!("{:.1}%", 100.0 * n as f64 / year.letters.max(1) as f64)
    };
    for year in years {
        writeln!(
            out,
            "{:9} {:>10} {:>10} {:>14} {:>22}",
            dated(year),
            render::grouped(year.letters),
            share(year, year.without_items),
            share(year, year.without_rationale),
            share(year, year.without_reviewer_citation),
        )?;
    }
    for year in years {
        let name = dated(year);
        let of_year = match &year.year {
            Some(year) => format!(" --year {year}"),
            None => String::new(),
        };
        for part in year.alarms(years) {
            let (lack, command) = match part {
                LetterPart::Items => ("items", "search --layout unrecognized"),
                LetterPart::Rationale => ("rationale", "export --columns file,rationale"),
                LetterPart::ReviewerCitation => (
                    "reviewer citation",
                    "export --columns file,guidelines_reviewer",
                ),
            };
            let alarm = format!(
                "{name}: {} of letters have no {lack}; the form of letters may have changed. To see them:",
                share(year, year.without(part)),
            );
            for line in render::wrap(&alarm, render::width()) {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "  imr {command}{of_year}")?;
        }
    }
    Ok(())
}

fn tell_damage(
    args: &Args,
    path: &Path,
    sound: &Soundness,
    out: &mut dyn Write,
) -> std::io::Result<u8> {
    if args.json {
        writeln!(out, "{}", serde_json::json!({"problems": sound.problems}))?;
    } else {
        for problem in &sound.problems {
            writeln!(out, "{problem}")?;
        }
    }
    say!(
        "imr: the index at {} is damaged; rebuild it with `imr index --rebuild FOLDER`",
        path.display()
    );
    Ok(ERROR)
}
