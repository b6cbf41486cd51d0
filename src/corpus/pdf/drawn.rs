//! Pages that are drawn in another order than they are read, or twice: a header as the last thing, a letter shape
//! over itself to look bold.

use memchr::memmem;
use std::borrow::Cow;

/// Further up than so much, in units of the page, no line follows a line.
const JUMP: f64 = 150.0;
/// Fewer pieces of text before or after a jump are a page number or a running title.
const PIECES: usize = 8;
/// Where a piece of text begins stands no further behind its first instruction, in bytes.
const BEGINNING: usize = 160;

/// Whether the instructions of a page jump back up after they came down: the page is then to be sorted by where its
/// text stands. Only the beginnings of pieces of text are looked at.
pub(super) fn is_out_of_order(content: &[u8]) -> bool {
    let mut heights: Vec<f64> = Vec::new();
    let is_word = |at: usize| {
        let ends = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric());
        ends(at.checked_sub(1).and_then(|before| content.get(before))) && ends(content.get(at + 2))
    };
    for at in memmem::find_iter(content, b"BT").filter(|at| is_word(*at)) {
        let rest = &content[at + 2..content.len().min(at + 2 + BEGINNING)];
        heights.extend(height(rest));
    }
    let steps = || heights.windows(2).map(|pair| pair[1] - pair[0]);
    let down = steps().filter(|step| *step < 0.0).count();
    let up = steps().filter(|step| *step > 0.0).count();
    // Some programs turn the page's coordinates upside down.
    let sign = if down >= up { 1.0 } else { -1.0 };
    let inner = PIECES..heights.len().saturating_sub(PIECES).max(PIECES);
    steps()
        .enumerate()
        .any(|(n, step)| sign * step > JUMP && inner.contains(&(n + 1)))
}

/// The height that a piece of text begins at: the last number before its first `Tm` or `Td`.
fn height(beginning: &[u8]) -> Option<f64> {
    let places = memchr::memchr_iter(b'T', beginning);
    let moves = places.filter(|at| matches!(beginning.get(at + 1), Some(b'm' | b'd' | b'D')));
    let before = beginning[..moves.min()?].trim_ascii_end();
    let digits = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    let number = &before[before.len() - digits.count()..];
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// Fewer lines than this are no page that was drawn twice.
const LEAST_LINES: usize = 4;

/// The text of a page that was drawn twice, once: piece by piece, or one whole drawing after the other.
pub(super) fn drawn_once(text: &str) -> Option<String> {
    let lines = || {
        text.lines()
            .map(str::trim_ascii)
            .filter(|line| !line.is_empty())
    };
    // Nearly all pages end here.
    let first = lines().next()?;
    if once_in_line(first).is_none() && !lines().skip(1).any(|line| line == first) {
        return None;
    }
    let all: Vec<&str> = lines().collect();
    if all.len() < LEAST_LINES {
        return None;
    }
    let (upper, lower) = all.split_at(all.len() / 2);
    if upper == lower && upper.len() >= LEAST_LINES {
        return Some(upper.join("\n"));
    }
    let mut once: Vec<Cow<'_, str>> = Vec::with_capacity(upper.len());
    let mut rest = all.as_slice();
    while let [line, after @ ..] = rest {
        if after.first() == Some(line) {
            once.push(Cow::Borrowed(line));
            rest = &after[1..];
        } else {
            once.push(Cow::Owned(once_in_line(line)?));
            rest = after;
        }
    }
    Some(once.join("\n"))
}

/// A line each piece of which stands twice, with each piece once: "Norco Norco #60 #60".
fn once_in_line(line: &str) -> Option<String> {
    /// Words of a piece.
    const LONGEST: usize = 24;
    if let Some((first, second)) = line.split_at_checked(line.len() / 2)
        && first == second
        && first.len() > 1
    {
        return Some(first.to_string());
    }
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let mut once: Vec<&str> = Vec::with_capacity(words.len() / 2);
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let mut lengths = 1..=(rest.len() / 2).min(LONGEST);
        let length = lengths.find(|length| rest[..*length] == rest[*length..2 * length])?;
        once.extend(&rest[..length]);
        rest = &rest[2 * length..];
    }
    (!once.is_empty()).then(|| once.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(heights: impl IntoIterator<Item = u32>) -> Vec<u8> {
        let line = |y: u32| format!("BT /F1 10 Tf 1 0 0 1 72 {y}.00 Tm (a Tm b) Tj ET\n");
        heights
            .into_iter()
            .map(line)
            .collect::<String>()
            .into_bytes()
    }

    #[test]
    fn a_header_that_is_drawn_last_is_out_of_order() {
        let body = || (0..30).map(|n| 640 - 14 * n);
        let header = || (0..10).map(|n| 740 - 4 * n);
        assert!(!is_out_of_order(&content(header().chain(body()))));
        assert!(is_out_of_order(&content(body().chain(header()))));
        let turned = body().chain(header()).map(|y| 800 - y);
        assert!(is_out_of_order(&content(turned)));
        // A page number before all, a running title after it.
        let page = [30].into_iter().chain(header()).chain(body()).chain([760]);
        assert!(!is_out_of_order(&content(page)));
        assert!(!is_out_of_order(b"BT BT Tm BT x Td"));
    }

    #[test]
    fn what_is_drawn_twice_is_read_once() {
        let page = [
            "Norco 10/325mg: Upheld",
            "MAXIMUS guideline: none.",
            "",
            "Decision",
            "rationale",
        ];
        let once = "Norco 10/325mg: Upheld\nMAXIMUS guideline: none.\nDecision\nrationale";
        let by_line: Vec<&str> = page.iter().flat_map(|line| [*line, *line]).collect();
        assert_eq!(drawn_once(&by_line.join("\n")).as_deref(), Some(once));
        let by_page = format!("{0}\n{0}", page.join("\n"));
        assert_eq!(drawn_once(&by_page).as_deref(), Some(once));
        assert_eq!(
            once_in_line("Date Assigned: Date Assigned: 04/16/2015 04/16/2015").as_deref(),
            Some("Date Assigned: 04/16/2015")
        );
        assert_eq!(once_in_line("she is very very tired"), None);
        let in_line: Vec<String> = page.iter().map(|line| format!("{line}{line}")).collect();
        assert_eq!(drawn_once(&in_line.join("\n")).as_deref(), Some(once));
        assert_eq!(drawn_once(&page.join("\n")), None);
        assert_eq!(drawn_once("a\na\n"), None);
    }
}
