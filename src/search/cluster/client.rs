//! Requests to a cluster: each node in turn, with patience for those that are busy or gone.

use super::address::Address;
use super::error::ClusterError;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use ureq::http::StatusCode;
use ureq::{Agent, RequestBuilder};

/// How often a request is made before it is given up, unless it may take its time.
const TRIES: u32 = 12;
/// The first pause between two tries; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(100);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A node that does not take a connection in this time is gone.
const CONNECT: Duration = Duration::from_secs(5);
/// No single answer takes longer, unless there is more time for all of the work.
const ANSWER: Duration = Duration::from_secs(60);
/// A request ends after this time, with all its tries and pauses, unless it has a deadline of its own.
const PATIENCE: Duration = Duration::from_secs(120);
/// People hear of a wait that takes longer.
pub(super) const SILENT: Duration = Duration::from_secs(5);
/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 512 << 20;
/// Of what a cluster says of an error, so much is repeated, in characters.
const LONGEST_REASON: usize = 300;

/// A cluster that is asked.
pub(super) struct Client {
    address: Address,
    agent: Agent,
    /// The node that answered last.
    node: AtomicUsize,
    tries: u32,
    patience: Duration,
    /// How long one answer may take: another node may be quicker.
    answer: Duration,
    notice: Option<fn(&str)>,
}

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Body<'b> {
    Nothing,
    Json(&'b Value),
    /// Lines of JSON.
    Lines(&'b [u8]),
}

impl Client {
    /// The index and the first node, for people.
    pub(super) fn name(&self) -> String {
        let node = self.address.nodes.first().map_or("", String::as_str);
        format!("{} on {node}", self.address.index)
    }

    /// # Errors
    /// If the certificate of the authority cannot be read, or https is asked of a build without it.
    pub(super) fn new(address: Address) -> Result<Client, ClusterError> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("imr/", env!("CARGO_PKG_VERSION")));
        let config = secured(config, &address)?;
        Ok(Client {
            agent: config.build().into(),
            address,
            node: AtomicUsize::new(0),
            tries: TRIES,
            patience: PATIENCE,
            answer: ANSWER,
            notice: None,
        })
    }

    /// The same, for work that may wait: a request is made again and again until this time is over, and
    /// `notice` is told of waits.
    pub(super) fn patient(self, patience: Duration, notice: Option<fn(&str)>) -> Client {
        Client {
            tries: u32::MAX,
            patience,
            answer: patience / 2,
            notice,
            ..self
        }
    }

    /// How long a request may take, with all its tries.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Tells people of a wait.
    pub(super) fn notice(&self, line: &str) {
        if let Some(notice) = self.notice {
            notice(line);
        }
    }

    pub(super) fn index(&self) -> &str {
        &self.address.index
    }

    pub(super) fn shown(&self) -> String {
        self.address.shown()
    }

    /// Asks, and waits for the answer: the status, and what was said. Nodes that are busy or gone are asked
    /// again, one after the other, until the deadline or this client's patience is over.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        deadline: Option<Instant>,
    ) -> Result<(u16, Value), ClusterError> {
        self.ask_often(method, path, body, deadline, self.tries)
    }

    fn ask_often(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        deadline: Option<Instant>,
        tries: u32,
    ) -> Result<(u16, Value), ClusterError> {
        let begun = Instant::now();
        let end = deadline.into_iter().chain([begun + self.patience]).min();
        let end = end.unwrap_or(begun);
        let in_time = || deadline.is_none_or(|deadline| Instant::now() < deadline);
        let mut pause = PAUSE;
        let mut failed = None;
        let mut silent = true;
        let nodes = self.address.nodes.len();
        for tried in 0..tries {
            if tried > 0 {
                // Another node is asked at once; when all were, there is a pause.
                if (tried as usize).is_multiple_of(nodes) {
                    if Instant::now() + pause >= end {
                        break;
                    }
                    if silent && begun.elapsed() >= SILENT {
                        silent = false;
                        self.notice(&format!(
                            "{}; trying again, for up to {} s",
                            self.failure(failed.as_ref(), None),
                            self.patience.as_secs()
                        ));
                    }
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                self.node.fetch_add(1, Ordering::Relaxed);
            }
            let left = end
                .saturating_duration_since(Instant::now())
                .min(self.answer);
            if left.is_zero() {
                break;
            }
            match self.once(method, path, body, left) {
                Ok((status @ (429 | 500 | 502 | 503 | 504), said)) => {
                    failed = Some((Some(status), reason_of(&said)));
                }
                Ok((status @ (401 | 403), _)) => {
                    let at = self.shown();
                    return Err(ClusterError::Denied { at, status });
                }
                Ok(answer) => return Ok(answer),
                Err(error) => match untrusted(&error) {
                    Some(reason) => {
                        let at = self.shown();
                        return Err(ClusterError::Untrusted { at, reason });
                    }
                    None => failed = Some((None, reason_for(&error))),
                },
            }
        }
        if !in_time() || (deadline == Some(end) && failed.is_none()) {
            return Err(ClusterError::TimedOut);
        }
        Err(self.failure(failed.as_ref(), Some(begun.elapsed())))
    }

    /// What went wrong last, and how long was waited for it.
    fn failure(
        &self,
        failed: Option<&(Option<u16>, String)>,
        waited: Option<Duration>,
    ) -> ClusterError {
        let at = self.shown();
        let (status, reason) = failed.map_or((None, "it is too slow"), |(status, reason)| {
            (*status, reason.as_str())
        });
        let waited = match waited.map(|waited| waited.as_secs()) {
            Some(seconds @ 1..) => format!(" (imr tried for {seconds} s)"),
            _ => String::new(),
        };
        let reason = format!("{reason}{waited}");
        match status {
            Some(status) => ClusterError::Answer { at, status, reason },
            None => ClusterError::Unreachable { at, reason },
        }
    }

    /// Asks, and takes nothing but success.
    pub(super) fn get(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        deadline: Option<Instant>,
    ) -> Result<Value, ClusterError> {
        self.tried(method, path, body, deadline, self.tries)
    }

    /// As [`Client::get`], with so many tries.
    pub(super) fn tried(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        deadline: Option<Instant>,
        tries: u32,
    ) -> Result<Value, ClusterError> {
        let (status, said) = self.ask_often(method, path, body, deadline, tries)?;
        match status {
            200..=299 => Ok(said),
            404 if said["error"]["type"] == "index_not_found_exception" => {
                let (at, index) = (self.shown(), self.index().to_string());
                Err(ClusterError::NoIndex { at, index })
            }
            status => {
                let (at, reason) = (self.shown(), reason_of(&said));
                Err(ClusterError::Answer { at, status, reason })
            }
        }
    }

    fn once(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        left: Duration,
    ) -> Result<(u16, Value), ureq::Error> {
        let nodes = &self.address.nodes;
        let node = &nodes[self.node.load(Ordering::Relaxed) % nodes.len()];
        let address = format!("{node}/{path}");
        let bytes = match body {
            Body::Nothing => Vec::new(),
            Body::Json(value) => serde_json::to_vec(value).unwrap_or_default(),
            Body::Lines(lines) => lines.to_vec(),
        };
        let kind = match body {
            Body::Lines(_) => "application/x-ndjson",
            _ => "application/json",
        };
        let mut answer = match method {
            "GET" => self.prepared(self.agent.get(address), kind, left).call()?,
            "DELETE" => {
                let request = self.prepared(self.agent.delete(address), kind, left);
                request.force_send_body().send(&bytes[..])?
            }
            "PUT" => self
                .prepared(self.agent.put(address), kind, left)
                .send(&bytes[..])?,
            _ => self
                .prepared(self.agent.post(address), kind, left)
                .send(&bytes[..])?,
        };
        let status: StatusCode = answer.status();
        let said = answer.body_mut().with_config().limit(LONGEST_ANSWER);
        let said = said.read_to_vec()?;
        Ok((
            status.as_u16(),
            serde_json::from_slice(&said).unwrap_or_else(|_| {
                Value::String(String::from_utf8_lossy(&said).chars().take(200).collect())
            }),
        ))
    }

    fn prepared<B>(
        &self,
        request: RequestBuilder<B>,
        kind: &str,
        left: Duration,
    ) -> RequestBuilder<B> {
        let request = request.header("Content-Type", kind);
        let request = match &self.address.authorization {
            Some(secret) => request.header("Authorization", secret),
            None => request,
        };
        request.config().timeout_global(Some(left)).build()
    }
}

/// Why there is no answer, in one line.
fn reason_for(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it is too slow".to_string(),
        error => error.to_string(),
    }
}

/// What is wrong with the certificate of a node; None of any other error. Asking again does not help.
fn untrusted(error: &ureq::Error) -> Option<String> {
    let reason = match error {
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            error.to_string()
        }
        #[cfg(feature = "tls")]
        ureq::Error::Rustls(error) => error.to_string(),
        _ => return None,
    };
    reason.contains("certificate").then_some(reason)
}

/// What a cluster says of an error, in one line.
pub(super) fn reason_of(said: &Value) -> String {
    let error = &said["error"];
    let deepest = [
        &error["root_cause"][0]["reason"],
        &error["caused_by"]["caused_by"]["reason"],
        &error["caused_by"]["reason"],
        &error["failed_shards"][0]["reason"]["caused_by"]["reason"],
        &error["failed_shards"][0]["reason"]["reason"],
        &error["reason"],
        error,
        said,
    ];
    let reason = deepest
        .into_iter()
        .find_map(|reason| reason.as_str())
        .unwrap_or("it gives no reason");
    let line: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_REASON).collect()
}

type Config = ureq::config::ConfigBuilder<ureq::typestate::AgentScope>;

/// With the certificates that are trusted.
#[cfg(feature = "tls")]
fn secured(config: Config, address: &Address) -> Result<Config, ClusterError> {
    use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
    let Some(file) = &address.authority else {
        return Ok(config);
    };
    let refuse = |why: String| ClusterError::Address(format!("has no usable certificate: {why}"));
    let pem = std::fs::read(file).map_err(|e| refuse(format!("{file}: {e}")))?;
    let mut trusted: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(one) = item.map_err(|e| refuse(format!("{file}: {e}")))? {
            trusted.push(one);
        }
    }
    if trusted.is_empty() {
        return Err(refuse(format!("{file} contains none in PEM form")));
    }
    let roots = RootCerts::Specific(std::sync::Arc::new(trusted));
    Ok(config.tls_config(TlsConfig::builder().root_certs(roots).build()))
}

/// This build speaks no TLS.
#[cfg(not(feature = "tls"))]
fn secured(config: Config, address: &Address) -> Result<Config, ClusterError> {
    let secure = |node: &String| node.starts_with("https:");
    if address.authority.is_some() || address.nodes.iter().any(secure) {
        return Err(ClusterError::Address(
            "uses https, which this build of imr does not support; build it with: cargo install --features tls"
                .to_string(),
        ));
    }
    Ok(config)
}
