//! Page numbers of citations: "Page(s): 88-89, 76-78; 60-61" and all its cousins.

/// The highest page that a citation can name; the longest MTUS chapter has 127.
const LAST_PAGE: u32 = 1999;
/// A range over more pages than this is a misprint.
const LONGEST_RANGE: u32 = 200;

/// The pages that a citation's text names, ranges expanded, ascending, each once. Numbers count
/// only after a word for page (docs/json.md): not years, doses or section numbers.
#[must_use]
pub(super) fn read(text: &str) -> Vec<u32> {
    let lower = text.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let mut pages = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'p', &bytes[from..]).map(|n| from + n) {
        let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphabetic();
        let label = (starts_word || is_page_label(&lower[at..]))
            .then(|| label(&lower[at..]))
            .flatten();
        from = match label {
            Some(len) => numbers(bytes, at + len, &mut pages),
            None => at + 1,
        };
    }
    pages.sort_unstable();
    pages.dedup();
    pages
}

/// "page(s)" glued to the word before it is still a label.
fn is_page_label(text: &str) -> bool {
    text.starts_with("page(s)") || text.starts_with("pages ") || text.starts_with("page ")
}

/// The length of a word for page at the beginning of a text, with the mark after it.
fn label(text: &str) -> Option<usize> {
    const LABELS: [&str; 10] = [
        "page(s)", "pages", "page", "pgs.", "pgs", "pg.", "pg", "pp.", "pp", "p.",
    ];
    let (len, short) = match LABELS.iter().find(|l| text.starts_with(**l)) {
        Some(l) => (l.len(), false),
        None if text.starts_with('p') => (1, true),
        None => return None,
    };
    let rest = &text.as_bytes()[len..];
    let gap = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b':' | b'.' | b'#' | b'\n'))
        .count();
    let next = *rest.get(gap)?;
    // A bare "p" needs its number at once: "p 78".
    (next.is_ascii_digit() && (!short || gap <= 1)).then_some(len + gap)
}

/// Reads a list of numbers and ranges from an offset; returns where it ends.
fn numbers(bytes: &[u8], mut at: usize, pages: &mut Vec<u32>) -> usize {
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\n')) {
            at += 1;
        }
        at
    };
    loop {
        let Some((first, end)) = number(bytes, at) else {
            return at;
        };
        // "pages 8 C.C.R." or a year is no page.
        if first == 0 || first > LAST_PAGE || bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
            return end;
        }
        at = end;
        let mut last = first;
        let mark = skip(at);
        let range = match bytes.get(mark) {
            Some(b'-') => {
                Some(mark + 1 + bytes[mark + 1..].iter().take_while(|b| **b == b'-').count())
            }
            Some(b't') if bytes[mark..].starts_with(b"to ") => Some(mark + 3),
            Some(b't') if bytes[mark..].starts_with(b"through ") => Some(mark + 8),
            _ => None,
        };
        if let Some((to, end)) = range.and_then(|from| number(bytes, skip(from))) {
            // "98-9" is 98 to 99.
            let to = if to < first && to < 10 && first > 9 {
                first / 10 * 10 + to
            } else {
                to
            };
            if to >= first && to - first <= LONGEST_RANGE {
                last = to;
            }
            at = end;
        }
        pages.extend(first..=last);
        // "24 of 127" is page 24.
        let of = skip(at);
        if bytes[of..].starts_with(b"of ")
            && let Some((_, end)) = number(bytes, skip(of + 3))
        {
            at = end;
        }
        let mut next = skip(at);
        let mut more = false;
        while let Some(mark) = bytes.get(next) {
            match mark {
                b',' | b';' | b'&' => next = skip(next + 1),
                b'a' if bytes[next..].starts_with(b"and ") => next = skip(next + 4),
                _ => break,
            }
            more = true;
        }
        if !more || !bytes.get(next).is_some_and(u8::is_ascii_digit) {
            return at;
        }
        // "pages 78, 2009": a year ends the list; so does the number of a list ("91, 2. Norco").
        match number(bytes, next) {
            Some((n, end)) if n <= 1900 && !decimal(bytes, end) => at = next,
            _ => return at,
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let len = bytes[at.min(bytes.len())..]
        .iter()
        .take(6)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if len == 0 || len > 4 {
        return None;
    }
    let value = bytes[at..at + len]
        .iter()
        .fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    Some((value, at + len))
}

fn decimal(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
}

/// Pages as people write them: "74-96, 105". The pages are ascending.
#[must_use]
pub fn page_ranges(pages: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *page => *last = *page,
            _ => ranges.push((*page, *page)),
        }
    }
    let range = |(a, b): &(u32, u32)| {
        if a == b {
            a.to_string()
        } else {
            format!("{a}-{b}")
        }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_short() {
        assert_eq!(page_ranges(&[74, 75, 76, 80]), "74-76, 80");
        assert_eq!(page_ranges(&[]), "");
    }

    #[test]
    fn every_shape_of_formats_md() {
        for (text, pages) in [
            ("Opioid Page(s): 91.", vec![91]),
            (
                "Page(s): 88-89, 76-78; 60-61",
                vec![60, 61, 76, 77, 78, 88, 89],
            ),
            ("Page(s): 28-29, 112-113. ", vec![28, 29, 112, 113]),
            ("pg. 80", vec![80]),
            ("p. 78, 80-81", vec![78, 80, 81]),
            ("pages 22 and 67-68, and the Official", vec![22, 67, 68]),
            ("Page(s): 24 of 127", vec![24]),
            ("pages 98 - 99", vec![98, 99]),
            ("pp. 98-9", vec![98, 99]),
            ("pg 30 to 32, which is part", vec![30, 31, 32]),
            ("Section(s): 326", vec![]),
            ("Opioid Treatment 2016, 3.3.6 paper 5", vec![]),
            ("Norco 10/325 mg, page 78, 2009", vec![78]),
            ("painPage(s): 7", vec![7]),
            ("page 99999", vec![]),
        ] {
            assert_eq!(read(text), pages, "{text}");
        }
        assert_eq!(read("page(s) 74-96").len(), 23);
    }
}
