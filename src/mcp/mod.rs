//! The Model Context Protocol over standard input and output: an AI assistant on this machine searches
//! the letters, and gets case numbers and quotations with each answer.
//!
//! It only reads. `protocol` is JSON-RPC, one message a line; `tools` says what can be called and calls it;
//! `answers` puts together what an assistant reads. The official SDK (`rmcp`) would bring an asynchronous
//! runtime, a schema generator and some thirty crates for what is here in three files; its Python sibling is
//! the client that `.ci/run mcp` tests with.

mod answers;
mod protocol;
mod tools;

use protocol::{Call, Failed, LongLine};
use serde_json::{Value, json};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The versions of the protocol that are spoken, the newest first.
const VERSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// What an assistant is told before it calls anything.
const INSTRUCTIONS: &str = "Decisions of California Independent Medical Review: physicians who upheld or \
    overturned denials of treatment. Each letter has one or more disputed items, each with its own decision. \
    A decision of upheld means that the denial stands. Cite the case number with every statement, quote the \
    reviewer word for word, and say that a passage is to be checked against its letter.";

/// Answers requests until the input ends.
///
/// # Errors
/// If the input cannot be read or the output cannot be written.
pub fn serve(index: &Path, input: &mut dyn BufRead, output: &mut dyn Write) -> io::Result<()> {
    while let Some(line) = protocol::line(input)? {
        let answer = match line {
            Ok(line) if line.trim().is_empty() => None,
            Ok(line) => answer(index, &line),
            Err(LongLine) => Some(Failed::parse("the message is too long").answer(&Value::Null)),
        };
        if let Some(answer) = answer {
            writeln!(output, "{answer}")?;
            output.flush()?;
        }
    }
    Ok(())
}

/// The answer to a message; a notification has none.
fn answer(index: &Path, line: &str) -> Option<Value> {
    match Call::read(line) {
        Err((failed, id)) => Some(failed.answer(&id)),
        // Nothing that a client announces needs to be done here.
        Ok(Call { id: None, .. }) => None,
        Ok(Call {
            id: Some(id),
            method,
            params,
        }) => Some(match result(index, &method, &params) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(failed) => failed.answer(&id),
        }),
    }
}

fn result(index: &Path, method: &str, params: &Value) -> Result<Value, Failed> {
    match method {
        "initialize" => {
            let asked = params["protocolVersion"].as_str().unwrap_or_default();
            let version = VERSIONS.into_iter().find(|version| *version == asked);
            Ok(json!({
                "protocolVersion": version.unwrap_or(VERSIONS[0]),
                "capabilities": { "tools": {} },
                "serverInfo": { "name": "imr", "version": env!("CARGO_PKG_VERSION") },
                "instructions": INSTRUCTIONS,
            }))
        }
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": tools::list() })),
        "tools/call" => {
            let name = params["name"].as_str().unwrap_or_default();
            let tool = tools::named(name)
                .ok_or_else(|| Failed::params(format!("there is no tool '{name}'")))?;
            let arguments = params["arguments"].as_object().cloned();
            // A damaged index may make a library panic; the next call is answered all the same.
            let call = || tool.call(index, &arguments.unwrap_or_default());
            let called = catch_unwind(AssertUnwindSafe(call));
            Ok(
                match called.unwrap_or_else(|_| Err("imr failed at this call".to_string())) {
                    Ok(found) => json!({
                        "content": [{ "type": "text", "text": found.to_string() }],
                        "structuredContent": found,
                        "isError": false,
                    }),
                    Err(sentence) => json!({
                        "content": [{ "type": "text", "text": sentence }],
                        "isError": true,
                    }),
                },
            )
        }
        _ => Err(Failed::method(method)),
    }
}
