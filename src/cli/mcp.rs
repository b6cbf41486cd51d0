//! `imr mcp`: the letters for an AI assistant on this machine.

use super::args::IndexArg;
use super::{FOUND, Failure};
use crate::mcp;
use crate::search::Engine;
use std::io::Write;

/// Serves search, similar, stats, checklist and show to an AI assistant, over standard input and output
/// (Model Context Protocol). It only reads the index, and opens no connection.
#[derive(clap::Args)]
#[command(after_help = "\
The assistant starts this command by itself. Add it to the assistant's settings:
  {\"mcpServers\": {\"imr\": {
    \"command\": \"imr\",
    \"args\": [\"mcp\", \"--index\", \"/path/to/imr-index\"]}}}

imr offers it search, similar, stats, checklist and show. It only reads the
index, and opens no connection. An assistant may send what it reads to the
company that runs it: ask before you give it letters that are not public.")]
pub(super) struct Args {
    #[command(flatten)]
    index: IndexArg,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<u8, Failure> {
    // What is wrong with the index is said at once, where a person sets it up.
    Engine::open(&args.index.index)?;
    mcp::serve(&args.index.index, &mut std::io::stdin().lock(), out)?;
    Ok(FOUND)
}
