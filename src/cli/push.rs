//! `imr push`: what the index holds, sent to a cluster.

use super::args::IndexArg;
use super::meter::Meter;
use super::{ERROR, FOUND, Failure, render};
use crate::search::{Address, Engine, PUSH_WAITS, Push};
use std::io::Write;
use std::time::Duration;

/// Refused letters that are named.
const NAMED: usize = 20;

/// Sends the letters of an index to OpenSearch: adds new and changed ones, and deletes those that are gone.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  imr push --to http://localhost:9200
  imr push --to http://node1:9200,http://node2:9200/letters --shards 3
  imr push --to https://search.example.com/letters

To resume an interrupted push, run it again. If a node is lost, imr continues
with the others; if the cluster does nothing for five minutes (--timeout), the
push ends with an error. Letters leave this computer only for the address that
you name. Users, passwords, API keys and the file of the certificate authority
are taken from IMR_ENGINE_USER, IMR_ENGINE_PASSWORD, IMR_ENGINE_API_KEY and
IMR_ENGINE_CA.")]
pub(super) struct Args {
    #[command(flatten)]
    index: IndexArg,
    /// The cluster's nodes and the index there: http://host:9200/imr
    #[arg(long, value_name = "URL")]
    to: String,
    /// Number of shards, if the push creates the index
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    shards: u32,
    /// Copies of each shard on other nodes, if the push creates the index
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=16))]
    replicas: u32,
    /// Delete the index on the cluster first
    #[arg(long)]
    recreate: bool,
    /// End the push after this time in which the cluster accepted nothing or did not answer
    #[arg(long, value_name = "SECONDS", default_value_t = PUSH_WAITS, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    let to = Address::read(&args.to)?;
    let engine = Engine::open(&args.index.index)?;
    let at = to.shown();
    let push = Push {
        engine: &engine,
        to,
        shards: args.shards,
        replicas: args.replicas,
        recreate: args.recreate,
        patience: Duration::from_secs(args.timeout),
        notice: (!args.quiet).then_some(|line| say!("imr: {line}")),
    };
    let meter = Meter::new(!args.quiet);
    let report = push.run(&|through, total| {
        if !args.quiet {
            meter.show(through, total);
        }
    })?;
    drop(meter);
    if args.json {
        let refused: Vec<_> = report
            .refused
            .iter()
            .map(|one| serde_json::json!({"id": one.id, "reason": one.reason}))
            .collect();
        writeln!(
            out,
            "{}",
            serde_json::json!({
                "letters": report.letters,
                "sent": report.sent,
                "unchanged": report.unchanged,
                "deleted": report.deleted,
                "sent_again": report.again,
                "refused": refused,
            })
        )?;
    } else {
        writeln!(
            out,
            "{}: {} sent, {} unchanged, {} deleted",
            at,
            render::count(usize::try_from(report.sent).unwrap_or(usize::MAX), "letter"),
            render::grouped(report.unchanged),
            render::grouped(report.deleted)
        )?;
    }
    for refused in report.refused.iter().take(NAMED) {
        say!(
            "imr: the cluster refused letter {}: {}",
            refused.id,
            refused.reason
        );
    }
    if report.refused.is_empty() {
        return Ok(FOUND);
    }
    say!(
        "imr: the cluster refused {}; push again once the cause is fixed",
        render::count(report.refused.len(), "letter")
    );
    Ok(ERROR)
}
