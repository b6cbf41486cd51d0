//! Text files: UTF-8, UTF-16 with its mark or without it, and the old Windows encoding.

use super::ReadError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a text. Bytes that are no UTF-8 are read as Windows-1252, as old extractors wrote them; what
/// an encoding leaves undefined is a space.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    let (encoding, bytes) = match wide_encoding(&bytes) {
        Some((encoding, mark)) => (encoding, bytes[mark..].to_vec()),
        None => match String::from_utf8(bytes) {
            Ok(text) => return finish(text),
            Err(error) => (WINDOWS_1252, error.into_bytes()),
        },
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    finish(text.replace(is_undefined, " "))
}

/// UTF-16, and how long its mark is: by the mark, or because every other byte is zero, as in any text of English in it.
fn wide_encoding(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    let marked = Encoding::for_bom(bytes).filter(|(encoding, _)| *encoding != UTF_8);
    if marked.is_some() {
        return marked;
    }
    let head = &bytes[..bytes.len().min(1024)];
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 9 / 10;
    match (even, odd) {
        _ if head.len() < 4 => None,
        (0, odd) if odd >= most => Some((UTF_16LE, 0)),
        (even, 0) if even >= most => Some((UTF_16BE, 0)),
        _ => None,
    }
}

/// A text without the zeros that a program put behind it to fill a block.
pub(super) fn without_padding(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&0) && wide_encoding(&bytes).is_none() {
        let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        bytes.truncate(end);
    }
    bytes
}

fn is_undefined(c: char) -> bool {
    matches!(c, char::REPLACEMENT_CHARACTER | '\u{80}'..='\u{9f}')
}

fn finish(text: String) -> Result<String, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(text)
}

/// Whether bytes are no text: that has next to no control characters; a picture or a program has many.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    if wide_encoding(bytes).is_some() {
        return false;
    }
    let head = &bytes[..bytes.len().min(64 << 10)];
    // Counted in single bytes, which a processor adds up thirty-two at a time.
    let control: usize = head
        .chunks(usize::from(u8::MAX))
        .map(|part| usize::from(part.iter().map(|b| u8::from(is_control(*b))).sum::<u8>()))
        .sum();
    control * 50 > head.len()
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && !(9..=13).contains(&byte) && byte != 0x1b) || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(decode(b"5\x9610 \x93x\x94".to_vec()).unwrap(), "5–10 “x”");
        assert_eq!(decode(vec![0xff, 0xfe, b'h', 0, b'i', 0]).unwrap(), "hi");
        assert_eq!(
            decode(vec![0xfe, 0xff, 0, b'h', 0xd8, 0, 0, b'i']).unwrap(),
            "h i"
        );
        assert_eq!(decode(vec![b'h', 0, b'i', 0]).unwrap(), "hi");
        assert_eq!(decode(vec![0, b'h', 0, b'i']).unwrap(), "hi");
        assert_eq!(without_padding(b"hi\0\0\0".to_vec()), b"hi");
        assert_eq!(without_padding(b"h\0i\0".to_vec()), b"h\0i\0");
        assert_eq!(decode(b"a\x81b\xe9".to_vec()).unwrap(), "a b\u{e9}");
        assert!(is_binary(&[0, 1, 2, 3, 4, 5]) && !is_binary(&[0xff, 0xfe, b'h', 0]));
        assert_eq!(decode(b" \n ".to_vec()), Err(ReadError::Empty));
    }

    #[test]
    fn many_control_characters_make_a_binary() {
        for control in [0..=8, 0x0e..=0x1a, 0x1c..=0x1f, 0x7f..=0x7f]
            .into_iter()
            .flatten()
        {
            let mut text = vec![b'x'; 1000];
            text[..20].fill(control);
            assert!(!is_binary(&text));
            text[700] = control;
            assert!(is_binary(&text), "{control:#x}");
        }
        assert!(!is_binary(b"\t\n\x0b\x0c\r\x1b"));
        assert!(is_binary(&[1; 1 << 17]));
    }
}
