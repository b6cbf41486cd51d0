//! Works around what the PDF library reads wrongly, in the bytes of a file before the library sees them. Each
//! function here can go once the library has its fault mended (oxidize-pdf 5.5.6); `tests/imr/pdf_faults.rs` shows
//! which are still needed.
//!
//! Nothing moves: a file's table of objects holds offsets, so that bytes are only overwritten, or added at the end.

use super::syntax::{last_number_after, number, reference, skip_space};
use super::update::{Object, Trailer};
use memchr::memmem::{find, find_iter};
use std::collections::HashMap;

/// Objects of one number that are looked at, at most.
const REVISIONS: usize = 4;
/// How far behind `/Length` its stream may begin, in bytes.
const DICTIONARY: usize = 4096;

/// The bytes of a PDF as the library reads them rightly.
pub(super) fn mended(bytes: Vec<u8>) -> Vec<u8> {
    let mut bytes = without_leading_bytes(bytes);
    write_lengths_directly(&mut bytes);
    name_encryption(&mut bytes);
    bytes
}

/// The library wants the mark `%PDF-` at the very beginning. Where the file's offsets count what stands before it, the
/// mark is moved; else what stands before it is left out.
fn without_leading_bytes(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = match find(&bytes[..bytes.len().min(1024 + 8)], b"%PDF-") {
        Some(at) if at > 0 => at,
        _ => return bytes,
    };
    let is_table = |at: usize| {
        let there = bytes.get(at..).unwrap_or_default().trim_ascii_start();
        there.starts_with(b"xref") || there.first().is_some_and(u8::is_ascii_digit)
    };
    let start = last_number_after(&bytes, b"startxref");
    if start.is_some_and(|start| is_table(start) && !is_table(start.saturating_add(at)))
        && at + 8 <= bytes.len()
    {
        bytes.copy_within(at..at + 8, 0);
        bytes[8..at + 8].fill(b'\n');
    } else {
        bytes.drain(..at);
    }
    bytes
}

/// A stream whose length stands in an object of its own is read too far by the library: text of the streams after it
/// comes twice. The length is written where the reference stands, if the stream does end there.
fn write_lengths_directly(bytes: &mut [u8]) {
    const KEY: &[u8] = b"/Length";
    let references: Vec<(usize, usize, usize)> = find_iter(bytes, KEY)
        .filter_map(|at| {
            let from = skip_space(bytes, at + KEY.len());
            let (object, end) = reference(bytes, from)?;
            (from > at + KEY.len()).then_some((object, from, end))
        })
        .collect();
    if references.is_empty() {
        return;
    }
    let lengths = number_objects(bytes);
    for (object, from, end) in references {
        let Some(start) = stream_after(bytes, end) else {
            continue;
        };
        let known = lengths.get(&object).map(Vec::as_slice).unwrap_or_default();
        let ends_at = |length: &&usize| {
            let end = start.saturating_add(**length);
            let end = skip_space(bytes, end);
            bytes
                .get(end..)
                .is_some_and(|rest| rest.starts_with(b"endstream"))
        };
        let Some(length) = known.iter().find(ends_at) else {
            continue;
        };
        let length = length.to_string();
        if length.len() <= end - from {
            bytes[from..end].fill(b' ');
            bytes[from..from + length.len()].copy_from_slice(length.as_bytes());
        }
    }
}

/// The objects that are numbers.
fn number_objects(bytes: &[u8]) -> HashMap<usize, Vec<usize>> {
    let mut objects: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in find_iter(bytes, b" obj") {
        let value = skip_space(bytes, at + 4);
        let Some((value, end)) = number(bytes, value) else {
            continue;
        };
        if !bytes[skip_space(bytes, end)..].starts_with(b"endobj") {
            continue;
        }
        let before = |end: usize| {
            let digits = bytes[..end].iter().rev().take(18);
            end - digits.take_while(|b| b.is_ascii_digit()).count()
        };
        let generation = before(at);
        let object_end = bytes[..generation].trim_ascii_end().len();
        if let Some((object, _)) = number(bytes, before(object_end)) {
            let values = objects.entry(object).or_default();
            if values.len() < REVISIONS {
                values.push(value);
            }
        }
    }
    objects
}

/// Where the stream of a dictionary begins that goes on at a place.
fn stream_after(bytes: &[u8], at: usize) -> Option<usize> {
    let window = &bytes[at..bytes.len().min(at + DICTIONARY)];
    let begins = find_iter(window, b"stream").find(|begin| {
        let before = window[..*begin].trim_ascii_end();
        before.ends_with(b">>")
    })?;
    let after = at + begins + b"stream".len();
    match bytes.get(after..)? {
        [b'\r', b'\n', ..] => Some(after + 2),
        [b'\n' | b'\r', ..] => Some(after + 1),
        _ => None,
    }
}

/// The library finds what it needs to decrypt only in an object of its own. A dictionary that stands in the trailer is
/// added to the file as one, with a trailer that names it.
fn name_encryption(bytes: &mut Vec<u8>) {
    const KEY: &[u8] = b"/Encrypt";
    let inline = |at: &usize| {
        let from = skip_space(bytes, at + KEY.len());
        bytes[from..].starts_with(b"<<")
    };
    let Some(at) = find_iter(bytes, KEY).filter(inline).last() else {
        return;
    };
    let from = skip_space(bytes, at + KEY.len());
    let Some(end) = dictionary_end(bytes, from) else {
        return;
    };
    let dictionary = bytes[from..end].to_vec();
    let Some(trailer) = Trailer::read(bytes) else {
        return;
    };
    let size = trailer.size;
    let object = Object {
        number: size,
        generation: 0,
        body: dictionary,
    };
    trailer.add(bytes, &[object], &format!("/Encrypt {size} 0 R "));
    let reference = format!(" {size} 0 R");
    if reference.len() <= end - (at + KEY.len()) {
        bytes[at + KEY.len()..end].fill(b' ');
        bytes[at + KEY.len()..at + KEY.len() + reference.len()]
            .copy_from_slice(reference.as_bytes());
    }
}

/// Where a dictionary ends that begins at a place. Strings are passed over.
fn dictionary_end(bytes: &[u8], from: usize) -> Option<usize> {
    if !bytes.get(from..)?.starts_with(b"<<") {
        return None;
    }
    let (mut depth, mut string, mut at) = (0_usize, 0_usize, from);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if string > 0 => at += 1,
            b'(' => string += 1,
            b')' => string = string.saturating_sub(1),
            b'<' if string == 0 && bytes.get(at + 1) == Some(&b'<') => {
                depth += 1;
                at += 1;
            }
            // A string in hexadecimal digits.
            b'<' if string == 0 => at += find(&bytes[at..], b">")?,
            b'>' if string == 0 && bytes.get(at + 1) == Some(&b'>') => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_stands_before_the_mark_goes_or_the_mark_moves() {
        let file = "%PDF-1.4\n1 0 obj\nxref\nstartxref\n17\n%%EOF";
        assert_eq!(text(mended(file.into())), file);
        assert_eq!(text(mended(format!("junk\n{file}").into())), file);
        let counted = "\n%PDF-1.4\n1 0 obj\nxref\nstartxref\n18\n%%EOF";
        let moved = text(mended(counted.into()));
        assert!(moved.starts_with("%PDF-1.4\n\n1 0 obj\nxref"), "{moved}");
        assert_eq!(moved.len(), counted.len());
    }

    #[test]
    fn lengths_are_written_where_the_stream_ends_there() {
        let file = |length: usize| {
            format!(
                "%PDF-1.4\n4 0 obj\n<</Length 5 0 R>>\nstream\nabc endstream no\nendstream\nendobj\n\
                 5 0 obj\n{length}\nendobj\n"
            )
        };
        let direct = text(mended(file(16).into()));
        assert!(direct.contains("<</Length 16   >>"), "{direct}");
        assert!(text(mended(file(9).into())).contains("/Length 5 0 R"));
        assert!(text(mended(file(3).into())).contains("<</Length 3    >>"));
    }

    #[test]
    fn an_encryption_dictionary_becomes_an_object() {
        let file = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\ntrailer\n\
            <</Size 8/Root 7 0 R/ID[<00><01>]/Encrypt<</Filter/Standard/O(\\)>>)/CF<</A<01>>>>>>>\nstartxref\n30\n%%EOF\n";
        let named = text(mended(file.into()));
        assert!(named.contains("/Encrypt 8 0 R"), "{named}");
        assert!(named.contains(
            "\n8 0 obj\n<</Filter/Standard/O(\\)>>)/CF<</A<01>>>>>\nendobj\nxref\n8 1\n"
        ));
        let trailer = "<< /Size 9 /Root 7 0 R /ID [<00><01>] /Encrypt 8 0 R /Prev 30 >>";
        assert!(named.contains(trailer), "{named}");
        let object: usize = named.find("\n8 0 obj").unwrap() + 1;
        assert!(named.contains(&format!("{object:010} 00000 n")));
    }

    #[test]
    fn no_bytes_are_too_odd() {
        let parts: [&[u8]; 9] = [
            b"%PDF-",
            b"/Length",
            b" 5 0 R",
            b"<<",
            b">>",
            b"stream\n",
            b"/Encrypt",
            b"startxref 9",
            b"5 0 obj 3 endobj ",
        ];
        let mut state = 7_u64;
        for _ in 0..2000 {
            let mut bytes = Vec::new();
            for _ in 0..12 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                bytes.extend_from_slice(parts[(state >> 33) as usize % parts.len()]);
            }
            let _ = mended(bytes);
        }
    }
}
