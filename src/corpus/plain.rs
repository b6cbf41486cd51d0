//! Text files: UTF-8, UTF-16 with its mark, and the old Windows encoding.

use super::ReadError;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Decodes a text. Bytes that are no UTF-8 are read as Windows-1252, as old extractors wrote them; what
/// an encoding leaves undefined is a space.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    let marked = Encoding::for_bom(&bytes).filter(|(encoding, _)| *encoding != UTF_8);
    let (encoding, bytes) = match marked {
        Some((encoding, mark)) => (encoding, bytes[mark..].to_vec()),
        None => match String::from_utf8(bytes) {
            Ok(text) => return finish(text),
            Err(error) => (WINDOWS_1252, error.into_bytes()),
        },
    };
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    finish(text.replace(is_undefined, " "))
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
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
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
