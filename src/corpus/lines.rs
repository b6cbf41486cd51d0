//! Files of JSON, one letter a line: `{"id": "CM15-0012345", "text": "..."}`.

use super::columns::Columns;
use super::entry::{End, ReadContext};
use super::unpack::BOMB;
use super::{ReadError, io_reason};
use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// Reads all lines of a stream. A line is known by its id, or by its number.
pub(super) fn read(stream: impl Read, reading: &mut ReadContext) -> Result<(), End> {
    let stream = utf8(stream).map_err(broken)?;
    read_utf8(BufReader::with_capacity(256 << 10, stream), reading)
}

/// A stream as UTF-8 without a byte-order mark, where its first bytes say that it is in UTF-16 or has a mark.
pub(super) fn utf8<'s>(stream: impl Read + 's) -> io::Result<Box<dyn Read + 's>> {
    let mut stream = BufReader::with_capacity(256 << 10, stream);
    Ok(match stream.fill_buf()? {
        [0xef, 0xbb, 0xbf, ..] => {
            stream.consume(3);
            Box::new(stream)
        }
        [0xff, 0xfe, ..] | [b'\t'..=b'~', 0, ..] => Box::new(Utf16::new(stream, UTF_16LE)),
        [0xfe, 0xff, ..] | [0, b'\t'..=b'~', ..] => Box::new(Utf16::new(stream, UTF_16BE)),
        _ => Box::new(stream),
    })
}

/// A stream in UTF-16 as UTF-8, without its mark.
struct Utf16<R> {
    stream: BufReader<R>,
    decoder: Decoder,
    /// What was not handed on yet, from a place on.
    ready: Vec<u8>,
    from: usize,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    fn new(stream: BufReader<R>, encoding: &'static Encoding) -> Utf16<R> {
        Utf16 {
            stream,
            decoder: encoding.new_decoder_with_bom_removal(),
            ready: Vec::new(),
            from: 0,
            ended: false,
        }
    }

    /// Decodes what the stream gives next.
    fn decode(&mut self) -> io::Result<()> {
        let bytes = self.stream.fill_buf()?;
        self.ended = bytes.is_empty();
        let most = self.decoder.max_utf8_buffer_length(bytes.len());
        self.ready.resize(most.unwrap_or(bytes.len() * 3 + 16), 0);
        let (_, read, written, _) = self
            .decoder
            .decode_to_utf8(bytes, &mut self.ready, self.ended);
        self.stream.consume(read);
        self.ready.truncate(written);
        self.from = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.from == self.ready.len() && !self.ended {
            self.decode()?;
        }
        let mut rest = &self.ready[self.from..];
        let read = rest.read(buffer)?;
        self.from += read;
        Ok(read)
    }
}

fn read_utf8(mut stream: impl BufRead, reading: &mut ReadContext) -> Result<(), End> {
    // Written as JSON a text is longer, by its ends of lines and quotation marks.
    let most = (reading.options.limits.text() * 2).max(64 << 10);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = (&mut stream)
            .take(most)
            .read_until(b'\n', &mut line)
            .map_err(broken)?;
        if read == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let name = format!("line {number}");
        if !line.ends_with(b"\n") && read as u64 == most {
            skip_line(&mut stream)?;
            reading.count()?;
            let limit = reading.options.limits.text();
            reading.give(name.as_bytes(), Err(ReadError::MuchText(limit)))?;
            continue;
        }
        reading.count()?;
        let (id, bytes) = letter(&line, reading);
        reading.give(id.unwrap_or(name).as_bytes(), bytes)?;
    }
    Ok(())
}

fn skip_line(stream: &mut impl BufRead) -> Result<(), End> {
    loop {
        let buffer = stream.fill_buf().map_err(broken)?;
        let (used, done) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        stream.consume(used);
        if done {
            return Ok(());
        }
    }
}

fn broken(error: io::Error) -> End {
    let reason = io_reason(&error);
    End::Broken(if reason == BOMB {
        reason
    } else {
        format!("cannot be read to its end: {reason}")
    })
}

/// The id of a line, where it has one, and its text.
fn letter(line: &[u8], reading: &ReadContext) -> (Option<String>, Result<Vec<u8>, ReadError>) {
    let options = reading.options;
    let columns = &options.columns;
    let values = match values(line, columns) {
        Ok(values) => values,
        // What it is, and not what became of it, is reported.
        Err(error) => match values(&mended(line), columns) {
            Ok(values) => values,
            Err(_) => return (None, Err(ReadError::Json(plain(&error)))),
        },
    };
    let value = |key: &str| values.iter().find(|(name, _)| name == key).map(|(_, v)| v);
    let id = value(&columns.id)
        .filter(|id| !id.trim().is_empty())
        .cloned();
    if let Some(missing) = columns.text.iter().find(|key| value(key).is_none()) {
        return (id, Err(ReadError::NoText(missing.clone())));
    }
    let text = columns.text_of(|key| value(key).map(String::as_bytes));
    if text.len() as u64 > options.limits.text() {
        return (id, Err(ReadError::MuchText(options.limits.text())));
    }
    (id, Ok(text))
}

/// The wanted values of a line.
fn values(line: &[u8], columns: &Columns) -> serde_json::Result<Vec<(String, String)>> {
    let mut json = serde_json::Deserializer::from_slice(line.trim_ascii());
    let values = MappedFields(columns).deserialize(&mut json)?;
    json.end()?;
    Ok(values)
}

/// A line without what programs write that is no JSON: another encoding than UTF-8, a mark that was at the beginning of a
/// file, control characters, halves of characters, numbers that are none, and what makes the lines of a file one list.
fn mended(line: &[u8]) -> Vec<u8> {
    let text = match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(line).0,
    };
    let around = |c: char| c.is_ascii_whitespace() || matches!(c, '\0' | '\u{feff}' | '\u{fffd}');
    let text = text.trim_matches(around);
    let text = text.strip_prefix('[').unwrap_or(text);
    let text = text.trim_end_matches([',', ']']).trim_matches(around);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let mut used = c.len_utf8();
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => {
                used = match code_unit(rest) {
                    None => rest.chars().take(2).map(char::len_utf8).sum(),
                    // A character of two halves, if the other half follows.
                    Some(0xd800..=0xdbff)
                        if matches!(rest.get(6..).and_then(code_unit), Some(0xdc00..=0xdfff)) =>
                    {
                        12
                    }
                    Some(_) => 6,
                };
                match code_unit(rest) {
                    Some(0xd800..=0xdfff) if used == 6 => out.push(char::REPLACEMENT_CHARACTER),
                    _ => out.push_str(&rest[..used]),
                }
            }
            '\0' => {}
            c if c.is_control() => out.push(' '),
            'N' | 'I' | '-' if !in_string => {
                let word = ["NaN", "Infinity", "-Infinity"];
                match word.iter().find(|word| rest.starts_with(**word)) {
                    Some(word) => {
                        used = word.len();
                        out.push_str("null");
                    }
                    None => out.push(c),
                }
            }
            // One too many, before the end of an object or a list.
            ',' if !in_string && rest[1..].trim_start().starts_with(['}', ']']) => {}
            c => out.push(c),
        }
        rest = &rest[used..];
    }
    out.into_bytes()
}

/// The number in `\u12ef` at the beginning of a text.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// What is wrong with a line, in plain words.
fn plain(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "it is another kind of value".to_string(),
        Category::Eof => "it ends too early".to_string(),
        Category::Syntax | Category::Io => format!("damaged at column {}", error.column()),
    }
}

/// Takes the wanted values out of an object and keeps nothing of the others.
struct MappedFields<'k>(&'k Columns);

impl<'de> DeserializeSeed<'de> for MappedFields<'_> {
    type Value = Vec<(String, String)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MappedFields<'_> {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<(String, String)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.0.is_wanted(&key) {
                let value = map.next_value_seed(Word)?;
                // Of a key that comes twice the last value counts.
                values.retain(|(name, _)| *name != key);
                values.extend(value.map(|value| (key, value)));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(values)
    }
}

/// Takes a string or a number as text; of anything else it keeps nothing.
struct Word;

impl<'de> DeserializeSeed<'de> for Word {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Word {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_string()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_json_is_read() {
        let read = |line: &[u8]| {
            let columns = Columns::default();
            let values = values(line, &columns).or_else(|_| values(&mended(line), &columns));
            values.map(|values| {
                values
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>()
            })
        };
        let accent = "\u{e9}";
        for (line, text) in [
            (&b"{\"text\":\"caf\xe9\"}"[..], &*format!("caf{accent}")),
            (b"\xef\xbb\xbf{\"text\":\"x\"}\n", "x"),
            (b"{\"text\":\"a\tb\x01c\"}", "a b c"),
            (b"{\"text\":\"a\\ud83d b\"}", "a\u{fffd} b"),
            (
                b"{\"text\":\"a\\ud83d\\ude00\\ud83d\\u0041\t\"}",
                "a\u{1f600}\u{fffd}A ",
            ),
            (b"{\"n\": NaN, \"m\":-Infinity,\"text\":\"NaN\"}", "NaN"),
            (b"{\"text\":\"a,}\\\\\",}", "a,}\\"),
            (b"[{\"text\":\"x\"},\r\n", "x"),
            (b"{\"text\":\"x\"}]\0\0", "x"),
        ] {
            assert_eq!(
                read(line).unwrap(),
                [text],
                "{}",
                String::from_utf8_lossy(line)
            );
        }
        for odd in [
            "{\"text\":\"x\\",
            "{\"text\":\"\\u12",
            "NaN",
            "[",
            "{\"\\u",
            "\u{1f600}\\",
        ] {
            assert!(read(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
