//! Listening, connections and their end.

use super::body;
use super::context::{Asking, Context, EXPORTS, LogSink};
use super::guard::{self, Names};
use super::options::Options;
use super::problem;
use super::reloader::Searched;
use super::reply::{Body, Reply};
use super::routes;
use super::silent::{Silent, SilentConnections};
use super::write_timeout::WriteTimeoutStream;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, watch};

/// The head of a request, in bytes.
const LONGEST_HEAD: usize = 16 << 10;
/// How often the index is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Why a server cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its name means no address.
    #[error("'{0}' is not an address of this computer")]
    Host(String),
    /// Another program listens there.
    #[error("{0} is taken by another program")]
    Taken(SocketAddr),
    /// The system does not let it.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
    /// The system gives no threads or timers.
    #[error("the server cannot be started: {0}")]
    Start(std::io::Error),
}

/// Ends a server.
#[derive(Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    /// Requests under way are answered, for a while; then the server ends.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// A server that listens, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    context: Arc<Context>,
    options: Options,
    stop: Stopper,
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// If there is no such address, or another program listens there.
    pub fn bind(
        searched: impl Into<Searched>,
        options: Options,
        log: LogSink,
    ) -> Result<Server, ServeError> {
        let host = options.host.trim_start_matches('[').trim_end_matches(']');
        let unknown = || ServeError::Host(options.host.clone());
        let mut addresses = (host, options.port)
            .to_socket_addrs()
            .map_err(|_| unknown())?;
        let address = addresses.next().ok_or_else(unknown)?;
        let listener = TcpListener::bind(address).map_err(|e| match e.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::Taken(address),
            std::io::ErrorKind::AddrNotAvailable => unknown(),
            _ => ServeError::Listen {
                address,
                reason: crate::corpus::io_reason(&e),
            },
        })?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        listener.set_nonblocking(true).map_err(ServeError::Start)?;
        let names = Names::new(&options.host, address.ip(), &options.names);
        let context = Context::new(searched.into(), &options, names, log);
        Ok(Server {
            listener,
            address,
            context: Arc::new(context),
            options,
            stop: Stopper(Arc::new(watch::Sender::new(false))),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What ends it, from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stop.clone()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// If the system gives it no threads or timers.
    pub fn run(self) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Searches, exports, one that looks at the index, and one that makes suggestions.
            .max_blocking_threads(self.options.at_once + EXPORTS + 3)
            .build()
            .map_err(ServeError::Start)?;
        let done = runtime.block_on(self.serve());
        // What still runs after its time is not waited for.
        runtime.shutdown_background();
        done
    }

    async fn serve(self) -> Result<(), ServeError> {
        let listener =
            tokio::net::TcpListener::from_std(self.listener).map_err(ServeError::Start)?;
        let mut stopped = self.stop.0.subscribe();
        tokio::spawn(look_at_the_index(Arc::clone(&self.context)));
        tokio::spawn(keep_suggestions(Arc::clone(&self.context)));
        let open = Arc::new(Semaphore::new(self.options.connections));
        let silent = Arc::new(SilentConnections::default());
        // Each connection holds a sender: when all are gone, so are the connections.
        let (held, mut all_gone) = mpsc::channel::<Infallible>(1);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = told_to_stop(&mut stopped) => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of file handles: some will be free again.
                silent.end_oldest();
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            if open.available_permits() == 0 {
                silent.end_oldest();
            }
            let place = tokio::select! {
                place = Arc::clone(&open).acquire_owned() => place,
                () = told_to_stop(&mut stopped) => break,
            };
            let connection = converse(
                stream,
                Arc::clone(&self.context),
                self.options.clone(),
                self.stop.0.subscribe(),
                silent.begin(),
            );
            let held = held.clone();
            tokio::spawn(async move {
                connection.await;
                drop((held, place));
            });
        }
        drop(held);
        let _ = tokio::time::timeout(self.options.grace, all_gone.recv()).await;
        Ok(())
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // Also when nobody is left who could say so.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// One connection, to its end.
async fn converse(
    stream: tokio::net::TcpStream,
    context: Arc<Context>,
    options: Options,
    mut stopped: watch::Receiver<bool>,
    silent: Silent,
) {
    let _ = stream.set_nodelay(true);
    let gives_way = Arc::clone(&silent.gives_way);
    let service = service_fn(move |request| {
        silent.speak();
        let context = Arc::clone(&context);
        async move { Ok::<_, Infallible>(answer(&context, request).await) }
    });
    let io = TokioIo::new(WriteTimeoutStream::new(stream, options.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.silence)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong with a connection is its other end's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = gives_way.notified() => {}
        () = told_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn answer(context: &Arc<Context>, request: Request<Incoming>) -> Response<Body> {
    let start = Instant::now();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let asking = Asking {
        context: Arc::clone(context),
        gzip: reads_gzip(&parts.headers),
    };
    let reply = match guard::check(&context.names, &parts.method, &parts.uri, &parts.headers) {
        Ok(()) if parts.method == Method::POST => {
            let kind = parts.headers.get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
            match body::read(body, context.write_timeout).await {
                Ok(body) => routes::post(&asking, path, kind, body).await,
                Err(refusal) => Err(refusal),
            }
        }
        Ok(()) => {
            let query = parts.uri.query().unwrap_or("");
            routes::answer(&asking, path, query).await
        }
        Err(refusal) => Err(refusal),
    };
    let reply = reply
        .unwrap_or_else(|refusal| problem::reply(&refusal, path, routes::is_for_programs(path)));
    let reply = if parts.method != Method::POST {
        let known = parts.headers.get(header::IF_NONE_MATCH);
        reply.tagged(known.and_then(|known| known.to_str().ok()))
    } else {
        reply
    };
    let asked = if context.log_queries {
        parts.uri.path_and_query().map_or(path, |all| all.as_str())
    } else {
        path
    };
    let millis = start.elapsed().as_secs_f64() * 1000.0;
    // A path is of one's own making, too: no more of it than a log can bear.
    let asked: String = asked.chars().take(1_000).collect();
    let method = if parts.method.as_str().len() > 10 {
        "?"
    } else {
        parts.method.as_str()
    };
    let status = reply.status.as_u16();
    (context.log)(&format!("{method} {asked} {status} {millis:.1} ms"));
    without_body(&parts.method, reply)
}

/// Whether whoever asks reads gzip (RFC 9110, 12.5.3).
fn reads_gzip(headers: &hyper::HeaderMap) -> bool {
    let listed = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut listed = listed
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    listed.any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// HEAD is answered as GET is, without the body; hyper leaves that out.
fn without_body(method: &Method, reply: Reply) -> Response<Body> {
    let mut response = reply.response();
    if method == Method::HEAD
        && response.status() == StatusCode::OK
        && let Body::Parts(..) = response.body()
    {
        *response.body_mut() = Body::Whole(bytes::Bytes::new());
    }
    response
}

/// Makes what is suggested while a person types, anew after each change of the index.
async fn keep_suggestions(context: Arc<Context>) {
    loop {
        let making = Arc::clone(&context);
        let _ = tokio::task::spawn_blocking(move || making.refresh_suggestions()).await;
        tokio::time::sleep(LOOK).await;
    }
}

async fn look_at_the_index(context: Arc<Context>) {
    let mut trouble = String::new();
    loop {
        let looking = Arc::clone(&context);
        let seen = tokio::task::spawn_blocking(move || looking.reloader.refresh()).await;
        match seen {
            Ok(Ok(change)) => {
                trouble.clear();
                if let Some(change) = change {
                    (context.log)(match change {
                        super::reloader::Change::Commit => {
                            "the index has changed, and the new state is in use"
                        }
                        super::reloader::Change::Rebuild => {
                            "the index was rebuilt, and the new one is in use"
                        }
                    });
                }
            }
            // Said once, not every second.
            Ok(Err(error)) if trouble != error.to_string() => {
                trouble = error.to_string();
                (context.log)(&trouble);
            }
            _ => {}
        }
        tokio::time::sleep(LOOK).await;
    }
}
