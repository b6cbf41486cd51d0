//! The body of a request: bounded in size and time, read as a form.

use super::refusal::Refusal;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;
use memchr::memmem;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

/// The largest body, in bytes.
pub(super) const LARGEST: usize = 16 << 20;
/// Fields of one form.
const MOST_FIELDS: usize = 200;

/// Reads a body whole.
pub(super) async fn read<B>(mut body: B, limit: Duration) -> Result<Vec<u8>, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the document is larger than {} MB", LARGEST >> 20),
        )
    };
    // Of what says that it is far too large nothing is waited for; of less a browser shows the answer only if most was read.
    if body.size_hint().lower() > 4 * LARGEST as u64 {
        return Err(too_large());
    }
    let whole = async {
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let frame = frame.map_err(|_| Refusal::bad("the request ended too early"))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > LARGEST {
                return Err(too_large());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    };
    match timeout(limit, whole).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "the document did not arrive in time",
        )),
    }
}

/// The fields of a form, as either of the two ways in which browsers send them.
pub(super) fn fields(kind: &str, body: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let (media, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let fields = match media.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => form_urlencoded::parse(body)
            .take(MOST_FIELDS)
            .map(|(name, value)| (name.into_owned(), value.into_owned().into_bytes()))
            .collect(),
        "multipart/form-data" => {
            let boundary = parameters.split(';').find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                let own = name.trim().eq_ignore_ascii_case("boundary");
                own.then(|| value.trim().trim_matches('"'))
            });
            multipart(boundary.unwrap_or(""), body)
        }
        _ => {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send a form: application/x-www-form-urlencoded or multipart/form-data",
            ));
        }
    };
    Ok(fields)
}

/// The parts of a multipart body that have a name (RFC 7578).
fn multipart(boundary: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut fields = Vec::new();
    if boundary.is_empty() {
        return fields;
    }
    // What ends a part stands on a line of its own.
    let mark = format!("\r\n--{boundary}");
    let mut marked = b"\r\n".to_vec();
    marked.extend_from_slice(body);
    let starts: Vec<usize> = memmem::find_iter(&marked, &mark)
        .take(MOST_FIELDS + 1)
        .collect();
    for pair in starts.windows(2) {
        let part = &marked[pair[0] + mark.len()..pair[1]];
        let Some(end) = memmem::find(part, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..end]);
        let name = head.split("\r\n").find_map(|line| {
            let (header, rest) = line.split_once(':')?;
            let own = header.trim().eq_ignore_ascii_case("content-disposition");
            own.then(|| quoted(rest, "name")).flatten()
        });
        if let Some(name) = name {
            fields.push((name, part[end + 4..].to_vec()));
        }
    }
    fields
}

/// A parameter of a header's value.
fn quoted(value: &str, name: &str) -> Option<String> {
    value.split(';').find_map(|parameter| {
        let (own, value) = parameter.split_once('=')?;
        let own = own.trim().eq_ignore_ascii_case(name);
        own.then(|| value.trim().trim_matches('"').to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_forms_are_read() {
        let plain = fields("application/x-www-form-urlencoded", b"text=a+%26b&item=2").unwrap();
        assert_eq!(plain[0], ("text".to_string(), b"a &b".to_vec()));
        assert_eq!(plain[1].0, "item");
        let body = b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--xy\r\n\r\nb\r\n--x\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a;b.pdf\"\r\nContent-Type: application/pdf\r\n\
            \r\n%PDF-\r\n\r\n\x00\r\n--x--\r\n";
        let parts = fields("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(parts.last().unwrap().0, "file");
        assert_eq!(parts.last().unwrap().1, b"%PDF-\r\n\r\n\x00");
        assert!(fields("text/plain", b"").is_err());
        for odd in [
            &b""[..],
            b"--x",
            b"--x\r\n--x--",
            b"\r\n\r\n",
            b"--x\r\nname\r\n\r\n--x",
        ] {
            assert!(multipart("x", odd).is_empty());
        }
    }
}
