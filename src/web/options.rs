//! How a server listens and what it takes.

use std::time::Duration;

/// How a server listens and what it takes.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address or the name to listen on.
    pub host: String,
    /// The port; 0 for any free one.
    pub port: u16,
    /// Further names under which browsers reach it.
    pub names: Vec<String>,
    /// LogSink lines tell what was searched for.
    pub log_queries: bool,
    /// Requests that are worked on at once.
    pub at_once: usize,
    /// Requests that may wait for that.
    pub waiting: usize,
    /// How long a request may wait, and then how long it may take.
    pub limit: Duration,
    /// Open connections.
    pub connections: usize,
    /// How long a connection may take to say what it wants, or be silent.
    pub silence: Duration,
    /// How long a connection may take nothing of an answer.
    pub write_timeout: Duration,
    /// How long requests may go on once the server is to stop.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Options {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Options {
            host: "127.0.0.1".to_string(),
            port: 7878,
            names: Vec::new(),
            log_queries: false,
            at_once: (2 * cores).max(4),
            waiting: 128,
            limit: Duration::from_secs(10),
            connections: 256,
            silence: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(5),
        }
    }
}
