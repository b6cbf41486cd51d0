//! Exports: written as they are read, whatever their size.

use super::context::Context;
use super::picks;
use super::query_params::QueryParams;
use super::refusal::Refusal;
use super::reply::{Body, Reply};
use crate::export::{self, Export, ExportError, Format, RowLevel};
use crate::search::Request;
use bytes::Bytes;
use hyper::{StatusCode, header};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::timeout;

/// Bytes gathered before they are sent.
const BUFFER: usize = 64 << 10;
/// Parts that may wait to be taken.
const WAITING: usize = 4;
/// A brief quotes no more letters.
const MOST_PASSAGES: usize = 100;
/// How long an export may take to begin.
const BEGIN: Duration = Duration::from_secs(120);

/// The route's own parameters.
const OWN: [&str; 6] = ["format", "by", "columns", "passages", "limit", "pick"];

/// `/api/export`: the rows of `imr export`; with picks, of just these.
pub(super) async fn answer(context: &Arc<Context>, query: &str) -> Result<Reply, Refusal> {
    let asked = QueryParams::read(query, &OWN)?;
    let names: Vec<(&str, Format)> = Format::all()
        .map(|format| (format.name(), format))
        .collect();
    let format = asked.choice("format", &names, Format::Csv)?;
    let by = asked.choice(
        "by",
        &[("item", RowLevel::Item), ("letter", RowLevel::Letter)],
        RowLevel::Item,
    )?;
    let columns = asked.list("columns");
    let columns = if columns.is_empty() {
        None
    } else {
        let chosen = export::chosen(columns.iter().map(String::as_str));
        Some(chosen.map_err(|e| Refusal::bad(format!("columns: {e}")))?)
    };
    let export = Export {
        format,
        by,
        columns,
        passages: asked.number("passages", 10, MOST_PASSAGES)?,
        // A browser saves it as a file.
        for_spreadsheets: true,
    };
    let picks = picks::read(&asked.values("pick"))?;
    if let Some((name, _)) = asked
        .search
        .parameters()
        .first()
        .filter(|_| !picks.is_empty())
    {
        return Err(Refusal::bad(format!(
            "{name}: an export of picked letters takes no search"
        )));
    }
    let request = Request {
        limit: asked.number("limit", usize::MAX, usize::MAX)?,
        ..asked.search
    };
    let engine = context.reloader.searched().backend();
    let picked = {
        let (engine, picks) = (Arc::clone(&engine), picks.clone());
        let picked = move || picks::hits(&*engine, &picks);
        let picks::PickedHits {
            found: picked,
            missing,
        } = context.searches.run(picked).await??;
        if let Some(missing) = missing.first() {
            return Err(Refusal::unknown(format!(
                "pick: the index has no {missing}"
            )));
        }
        picked.into_iter().map(|(_, hit)| hit).collect::<Vec<_>>()
    };
    let place = context.exports.place().await?;
    let (parts, mut coming) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let mut pipe = Pipe {
        parts: parts.clone(),
        gathered: Vec::with_capacity(BUFFER),
        handle: Handle::current(),
        write_timeout: context.write_timeout,
    };
    let done = tokio::task::spawn_blocking(move || -> Result<(), ExportError> {
        let _place = place;
        let done = if picks.is_empty() {
            export.run(&*engine, &request, &mut pipe, &|_, _| {})
        } else {
            export.picked(&picked, &mut pipe)
        };
        let done = done.and_then(|_| Ok(pipe.send()?));
        if done.is_err() {
            // After its beginning an export can only be broken off, so that nobody takes it for whole.
            let broken = io::Error::other("the export was interrupted");
            let _ = pipe.parts.try_send(Err(broken));
        }
        done
    });
    drop(parts);
    let first = match timeout(BEGIN, coming.recv()).await {
        Err(_) => return Err(Refusal::busy()),
        Ok(Some(Ok(first))) => first,
        Ok(Some(Err(_)) | None) => match done.await {
            Ok(Ok(())) => Bytes::new(),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {
                return Err(Refusal::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "imr could not complete this export",
                ));
            }
        },
    };
    let mut reply = Reply::new(StatusCode::OK, format.media_type(), "");
    reply.body = Body::Parts((!first.is_empty()).then_some(first), coming);
    let disposition = format!("attachment; filename=\"imr-letters.{}\"", format.name());
    Ok(reply.with(header::CONTENT_DISPOSITION, &disposition))
}

/// Sends what is written, part by part, as fast as it is taken.
struct Pipe {
    parts: Sender<io::Result<Bytes>>,
    gathered: Vec<u8>,
    handle: Handle,
    write_timeout: Duration,
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.gathered, Vec::with_capacity(BUFFER));
        let sent = self.parts.send(Ok(part.into()));
        // Whoever takes nothing for so long does not keep others from exporting.
        let sent = self.handle.block_on(timeout(self.write_timeout, sent));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= BUFFER {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
