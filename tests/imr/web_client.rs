//! A server over the sample corpus, in this process, and a small HTTP client.

use crate::support::sample_index;
use imr::search::Engine;
use imr::web::{Options, Server, Stopper};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("it is UTF-8")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then(|| value.to_string())
        })
    }
}

/// A running server; it ends with this.
pub(crate) struct Running {
    pub address: SocketAddr,
    pub stopper: Stopper,
    pub log: Arc<Mutex<Vec<String>>>,
    pub thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    pub(crate) fn over(index: &Path, options: Options) -> Running {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let engine = Engine::open(index).expect("the index opens");
        let options = Options { port: 0, ..options };
        let log_line = Box::new(move |line: &str| lines.lock().unwrap().push(line.to_string()));
        let server = Server::bind(engine, options, log_line).expect("it listens");
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run().expect("it runs"));
        Running {
            address,
            stopper,
            log,
            thread: Some(thread),
        }
    }

    /// Sends bytes and reads to the end of the connection.
    pub(crate) fn raw(&self, request: &[u8]) -> Got {
        let mut stream = TcpStream::connect(self.address).expect("it answers");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream.write_all(request).expect("it listens");
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(end) = end else {
            return Got {
                status: 0,
                head: String::new(),
                body: bytes,
            };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut body = bytes[end + 4..].to_vec();
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
        Got {
            status: status.unwrap_or(0),
            head,
            body,
        }
    }

    pub(crate) fn send(&self, method: &str, path: &str, host: &str) -> Got {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.raw(request.as_bytes())
    }

    /// Sends a body.
    pub(crate) fn post(&self, path: &str, kind: &str, body: &[u8]) -> Got {
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.raw(&request)
    }

    pub(crate) fn get(&self, path: &str) -> Got {
        // A browser keeps the fragment to itself.
        let path = path.split('#').next().unwrap_or(path);
        self.send("GET", path, &self.address.to_string())
    }

    /// The page at an address, which must be there.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> String {
        let got = self.get(path);
        assert_eq!(got.status, 200, "{path}: {}", got.text());
        got.text()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap_or("");
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
    out
}

/// The server over the sample corpus that tests share.
pub(crate) fn server() -> &'static Running {
    static SERVER: OnceLock<Running> = OnceLock::new();
    SERVER.get_or_init(|| Running::over(sample_index(), Options::default()))
}

/// The addresses of a page's links that begin so, as a browser reads them.
pub(crate) fn links(page: &str, beginning: &str) -> Vec<String> {
    let hrefs = page.split("href=\"").skip(1);
    let hrefs = hrefs.filter_map(|rest| rest.split('"').next());
    hrefs
        .map(|href| href.replace("&amp;", "&"))
        .filter(|href| href.starts_with(beginning))
        .collect()
}
