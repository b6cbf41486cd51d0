//! The smallest parts of PDF syntax, wherever they stand: white space, numbers, references.

use memchr::memmem::rfind;

/// The number after the last of some keywords.
pub(super) fn last_number_after(bytes: &[u8], keyword: &[u8]) -> Option<usize> {
    let at = rfind(bytes, keyword)? + keyword.len();
    number(bytes, skip_space(bytes, at)).map(|(number, _)| number)
}

/// A number and where it ends.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let digits = bytes.get(at..)?.iter().take_while(|b| b.is_ascii_digit());
    let end = at + digits.take(18).count();
    let text = std::str::from_utf8(&bytes[at..end]).ok()?;
    Some((text.parse().ok()?, end))
}

pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| is_space(**b)).count()
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

/// Whether a name, number or instruction ends before a byte.
pub(super) fn ends_word(byte: u8) -> bool {
    is_space(byte) || b"()<>[]{}/%".contains(&byte)
}

/// `12 0 R` at a place: the object's number and where the reference ends.
pub(super) fn reference(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (object, end) = number(bytes, at)?;
    let (_, end) = number(bytes, skip_space(bytes, end))?;
    let end = skip_space(bytes, end);
    (bytes.get(end) == Some(&b'R')).then_some((object, end + 1))
}
