//! What is answered: a status, headers and a body, with the headers that keep a page to itself.

use super::response_cache::Answer;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::Receiver;

/// Nothing is loaded but our own style, script and pictures; nothing inline runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A letter's PDF in the browser's own viewer, which needs a style of its own.
const PDF_POLICY: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; \
    base-uri 'none'; frame-ancestors 'none'";

/// What is shorter, in bytes, is sent as it is.
const SHORTEST: usize = 1_000;

/// A body: whole, or in parts as they are made.
pub(super) enum Body {
    /// All of it.
    Whole(Bytes),
    /// The first part, and those to come.
    Parts(Option<Bytes>, Receiver<io::Result<Bytes>>),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Body::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Body::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Body::Parts(first, rest) => match first.take() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                None => rest.poll_recv(context).map_ok(Frame::data),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Body::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::Parts(..) => SizeHint::default(),
        }
    }
}

/// An answer in the making.
pub(super) struct Reply {
    /// Its status.
    pub status: StatusCode,
    kind: &'static str,
    policy: &'static str,
    kept: &'static str,
    more: Vec<(HeaderName, HeaderValue)>,
    /// The body is gzip.
    gzip: bool,
    /// Its body.
    pub body: Body,
}

impl Reply {
    /// An answer of a media type, not to be kept by anybody.
    pub(super) fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
        Reply {
            status,
            kind,
            policy: POLICY,
            kept: "no-store",
            more: Vec::new(),
            gzip: false,
            body: Body::Whole(body.into()),
        }
    }

    /// A page.
    pub(super) fn page(status: StatusCode, page: maud::Markup) -> Reply {
        Reply::new(status, "text/html; charset=utf-8", page.into_string())
    }

    /// A JSON value.
    pub(super) fn json(value: &impl serde::Serialize) -> Reply {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Reply::new(StatusCode::OK, "application/json", body)
    }

    /// See the other address.
    pub(super) fn elsewhere(address: &str) -> Reply {
        let reply = Reply::new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "");
        reply.with(header::LOCATION, address)
    }

    /// With one more header; a value that is none is left out.
    #[must_use]
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Reply {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.more.push((name, value));
        }
        self
    }

    /// An answer that was kept.
    pub(super) fn again(answer: Answer) -> Reply {
        let mut reply = Reply::new(StatusCode::OK, answer.kind, answer.body);
        reply.gzip = answer.gzip;
        reply
    }

    /// The answer to keep, if it is a good one and all there.
    pub(super) fn whole(&self) -> Option<Answer> {
        match &self.body {
            Body::Whole(bytes) if self.status == StatusCode::OK && self.more.is_empty() => {
                Some(Answer {
                    kind: self.kind,
                    body: bytes.clone(),
                    gzip: self.gzip,
                })
            }
            _ => None,
        }
    }

    /// Whether gzip makes it shorter: text in one of its forms.
    fn is_text(&self) -> bool {
        let kind = self.kind;
        kind.starts_with("text/") || ["json", "xml"].iter().any(|form| kind.contains(form))
    }

    /// As gzip, where that is worth it.
    #[must_use]
    pub(super) fn compressed(mut self) -> Reply {
        let bytes = match &self.body {
            Body::Whole(bytes) if !self.gzip && self.is_text() && bytes.len() >= SHORTEST => bytes,
            _ => return self,
        };
        let room = Vec::with_capacity(bytes.len() / 4);
        let mut gzip = GzEncoder::new(room, Compression::fast());
        // A list of bytes takes all that is written to it.
        if let Ok(short) = gzip.write_all(bytes).and_then(|()| gzip.finish()) {
            self.body = Body::Whole(short.into());
            self.gzip = true;
        }
        self
    }

    /// With a tag that changes with what it says; without its body, where the one who asks has that.
    #[must_use]
    pub(super) fn tagged(self, known: Option<&str>) -> Reply {
        let bytes = match &self.body {
            Body::Whole(bytes) if self.status == StatusCode::OK && self.is_text() => bytes,
            _ => return self,
        };
        let tag = format!("\"{}\"", &blake3::hash(bytes).to_hex()[..32]);
        let has = |known: &str| {
            known
                .split(',')
                .any(|one| one.trim().trim_start_matches("W/") == tag)
        };
        let mut reply = self.with(header::ETAG, &tag);
        if known.is_some_and(has) {
            reply.status = StatusCode::NOT_MODIFIED;
            reply.body = Body::Whole(Bytes::new());
        }
        reply
    }

    /// It never changes under its address.
    #[must_use]
    pub(super) fn immutable(mut self) -> Reply {
        self.kept = "public, max-age=31536000, immutable";
        self
    }

    /// It is a PDF.
    #[must_use]
    pub(super) fn shown_as_pdf(mut self) -> Reply {
        self.policy = PDF_POLICY;
        self
    }

    /// The answer on the wire.
    pub(super) fn response(self) -> Response<Body> {
        let is_text = self.is_text();
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let all = [
            (header::CONTENT_TYPE, self.kind),
            (header::CACHE_CONTROL, self.kept),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=()",
            ),
        ];
        for (name, value) in all {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if is_text {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if self.gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        for (name, value) in self.more {
            headers.insert(name, value);
        }
        response
    }
}
