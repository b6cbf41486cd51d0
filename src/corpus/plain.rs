//! Text files: UTF-8, UTF-16 with its mark, and the old Windows encoding.

use super::ReadError;

/// Decodes a text. Bytes that are no UTF-8 are read as Windows-1252, as old extractors wrote them.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    if let Some(text) = utf16(&bytes) {
        return finish(text);
    }
    match String::from_utf8(bytes) {
        Ok(text) => finish(text),
        Err(error) => finish(
            error
                .into_bytes()
                .iter()
                .map(|b| windows_1252(*b))
                .collect(),
        ),
    }
}

fn finish(text: String) -> Result<String, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(text)
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    let text = char::decode_utf16(units)
        .map(|c| c.unwrap_or(' '))
        .collect();
    Some(text)
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

fn windows_1252(byte: u8) -> char {
    const UPPER: [char; 32] = [
        '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', ' ', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => UPPER[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(decode(b"5\x9610 \x93x\x94".to_vec()).unwrap(), "5–10 “x”");
        assert_eq!(decode(vec![0xff, 0xfe, b'h', 0, b'i', 0]).unwrap(), "hi");
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
