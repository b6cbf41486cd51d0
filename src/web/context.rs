//! What all requests share: the index as it is now, places to work in, answers given a moment ago.

use super::guard::Names;
use super::options::Options;
use super::refusal::Refusal;
use super::reloader::{Reloader, Searched};
use super::reply::Reply;
use super::response_cache::ResponseCache;
use super::source::PageMemory;
use super::suggest::Suggestions;
use super::worker_pool::WorkerPool;
use crate::search::Backend;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Exports at once: each may take all cores for seconds.
pub(super) const EXPORTS: usize = 2;
/// How long an export may take to begin: a workbook comes when it is whole.
const EXPORT_LIMIT: Duration = Duration::from_secs(120);

/// Takes lines of the log.
pub type LogSink = Box<dyn Fn(&str) + Send + Sync>;

/// What all requests share.
pub(super) struct Context {
    /// The index.
    pub reloader: Reloader,
    /// Where searches are done.
    pub searches: WorkerPool,
    /// Where exports are done.
    pub exports: WorkerPool,
    /// How long a reader of an export may take nothing.
    pub write_timeout: Duration,
    /// The names under which the page is reached.
    pub names: Names,
    /// LogSink lines say what was searched for.
    pub log_queries: bool,
    /// Takes lines of the log.
    pub log: LogSink,
    /// On which pages of their files items stand.
    pub item_pages: Arc<PageMemory>,
    responses: ResponseCache,
    /// Of which state of the index they are, and what is suggested while a person types.
    suggestions: Mutex<(u64, Arc<Suggestions>)>,
}

impl Context {
    pub(super) fn new(
        searched: Searched,
        options: &Options,
        names: Names,
        log: LogSink,
    ) -> Context {
        Context {
            reloader: Reloader::new(searched),
            searches: WorkerPool::new(options.at_once, options.waiting, options.limit),
            exports: WorkerPool::new(EXPORTS, EXPORTS * 4, EXPORT_LIMIT),
            write_timeout: options.write_timeout,
            names,
            log_queries: options.log_queries,
            log,
            item_pages: Arc::default(),
            responses: ResponseCache::default(),
            suggestions: Mutex::default(),
        }
    }

    /// What is suggested while a person types.
    pub(super) fn suggestions(&self) -> Arc<Suggestions> {
        let held = self.suggestions.lock();
        Arc::clone(&held.unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Makes the suggestions of the index as it is now, unless they are there.
    pub(super) fn refresh_suggestions(&self) {
        let state = self.reloader.state();
        let held = self.suggestions.lock();
        if held.unwrap_or_else(PoisonError::into_inner).0 == state {
            return;
        }
        let searched = self.reloader.searched();
        let made = match Suggestions::of(&*searched.backend()) {
            Ok(made) => made,
            // A cluster may answer the next time.
            Err(_) if !searched.is_folder() => return,
            // Those of a damaged index are none; its searches say why.
            Err(_) => Suggestions::default(),
        };
        let held = self.suggestions.lock();
        *held.unwrap_or_else(PoisonError::into_inner) = (state, Arc::new(made));
    }
}

/// One request: what all share, and what its answer may be.
pub(super) struct Asking {
    /// What all share.
    pub context: Arc<Context>,
    /// Whoever asks reads gzip.
    pub gzip: bool,
}

impl Asking {
    /// An answer that is there at once, as whoever asks reads it.
    pub(super) fn encoded(&self, reply: Reply) -> Reply {
        if self.gzip { reply.compressed() } else { reply }
    }

    /// As [`Asking::search`], of what depends on nothing but the address and the index: asked again,
    /// it is there.
    pub(super) async fn cached(
        &self,
        path: &str,
        query: &str,
        work: impl FnOnce(&dyn Backend, &str) -> Result<Reply, Refusal> + Send + 'static,
    ) -> Result<Reply, Refusal> {
        let context = &self.context;
        let address = format!("{} {path}?{query}", if self.gzip { "gzip" } else { "" });
        // Read before the search: an answer is never older than the state it is kept under.
        let state = context.reloader.state();
        if context.reloader.is_changing() {
            let query = query.to_string();
            return self.search(move |engine| work(engine, &query)).await;
        }
        if let Some(answer) = context.responses.get(state, &address) {
            return Ok(Reply::again(answer));
        }
        let query = query.to_string();
        let reply = self.search(move |engine| work(engine, &query)).await?;
        if let Some(answer) = reply.whole() {
            context.responses.keep(state, address, answer);
        }
        Ok(reply)
    }

    /// Does a search in a place of its own.
    pub(super) async fn search(
        &self,
        work: impl FnOnce(&dyn Backend) -> Result<Reply, Refusal> + Send + 'static,
    ) -> Result<Reply, Refusal> {
        let searched = self.context.reloader.searched();
        let limit = self.context.searches.limit();
        let gzip = self.gzip;
        // What nobody waits for any more ends, and its place is free again.
        let timed = move || {
            let reply = work(&*searched.until(Instant::now() + limit))?;
            Ok(if gzip { reply.compressed() } else { reply })
        };
        self.context.searches.run(timed).await?
    }
}
