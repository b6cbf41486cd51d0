//! JSON-RPC 2.0, one message a line.

use serde_json::{Map, Value, json};
use std::io::{self, BufRead, Read};

/// Bytes of a message at most: a document that someone pastes fits well.
const LONGEST: u64 = 4 << 20;

/// A line that is longer than that.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LongLine;

/// The next line of the input; None at its end.
///
/// # Errors
/// If it cannot be read.
pub(super) fn line(input: &mut dyn BufRead) -> io::Result<Option<Result<String, LongLine>>> {
    let mut bytes = Vec::new();
    let read = (&mut *input).take(LONGEST).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if read as u64 == LONGEST && !bytes.ends_with(b"\n") {
        skip_line(input)?;
        return Ok(Some(Err(LongLine)));
    }
    Ok(Some(Ok(String::from_utf8_lossy(&bytes).into_owned())))
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let part = input.fill_buf()?;
        let end = part.iter().position(|byte| *byte == b'\n');
        let (read, done) = (end.map_or(part.len(), |end| end + 1), part.is_empty());
        input.consume(read);
        if done || end.is_some() {
            return Ok(());
        }
    }
}

/// A request, or a notification, which has no identity.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub id: Option<Value>,
    pub method: String,
    pub params: Value,
}

impl Call {
    /// Reads a message.
    ///
    /// # Errors
    /// If it is not a request; with its identity where it has one.
    pub(super) fn read(line: &str) -> Result<Call, (Failed, Value)> {
        let message: Map<String, Value> = match serde_json::from_str(line) {
            Ok(Value::Object(message)) => message,
            Ok(_) => return Err((Failed::request("a message is an object"), Value::Null)),
            Err(error) => return Err((Failed::parse(&error.to_string()), Value::Null)),
        };
        let id = message.get("id").filter(|id| !id.is_null()).cloned();
        let method = message.get("method").and_then(Value::as_str);
        let Some(method) = method.filter(|_| message.get("jsonrpc") == Some(&json!("2.0"))) else {
            let failed = Failed::request("a request has jsonrpc 2.0 and a method");
            return Err((failed, id.unwrap_or(Value::Null)));
        };
        Ok(Call {
            method: method.to_string(),
            params: message.get("params").cloned().unwrap_or(Value::Null),
            id,
        })
    }
}

/// An error of the protocol.
#[derive(Debug, PartialEq)]
pub(super) struct Failed {
    code: i32,
    message: String,
}

impl Failed {
    pub(super) fn parse(message: &str) -> Failed {
        Failed::new(-32700, message)
    }

    fn request(message: &str) -> Failed {
        Failed::new(-32600, message)
    }

    pub(super) fn method(method: &str) -> Failed {
        Failed::new(-32601, &format!("there is no method '{method}'"))
    }

    pub(super) fn params(message: String) -> Failed {
        Failed::new(-32602, &message)
    }

    fn new(code: i32, message: &str) -> Failed {
        Failed {
            code,
            message: message.to_string(),
        }
    }

    /// The message that says so.
    pub(super) fn answer(&self, id: &Value) -> Value {
        let error = json!({ "code": self.code, "message": self.message });
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_refused_with_its_identity() {
        let wrong = Call::read(r#"{"id": 7, "method": "ping"}"#).unwrap_err();
        assert_eq!((wrong.0.code, wrong.1), (-32600, json!(7)));
        assert_eq!(Call::read("{").unwrap_err().0.code, -32700);
        assert_eq!(Call::read("[]").unwrap_err().0.code, -32600);
        let call = Call::read(r#"{"jsonrpc": "2.0", "method": "initialized"}"#).unwrap();
        assert_eq!(call.id, None);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let mut text = "x".repeat(LONGEST as usize + 100);
        text += "\nnext\n";
        let mut input = text.as_bytes();
        assert_eq!(line(&mut input).unwrap(), Some(Err(LongLine)));
        assert_eq!(line(&mut input).unwrap(), Some(Ok("next\n".to_string())));
        assert_eq!(line(&mut input).unwrap(), None);
    }
}
