//! Marks that other programs put around lines: those of a quoted message ("> "), of Markdown
//! ("## ", "**"), and the dots that lead from a label to its value.

use super::lines::Lines;
use memchr::memmem;

/// A message quotes so many lines at least; fewer may begin with such a mark by themselves.
const LEAST_QUOTED: usize = 12;
/// A text in Markdown has so many headings or bold words at least.
const LEAST_MARKED: usize = 3;
/// A label and its value stand among the first lines, and are short.
const LABELS: usize = 60;
const LONGEST_LABEL: usize = 100;

/// Takes the marks off. Nearly every text has none of them, as a look for each shows.
pub(super) fn strip(lines: &mut Lines) {
    let raw = lines.raw.as_bytes();
    let has = |mark: &[u8]| memmem::find(raw, mark).is_some();
    let quoted = has(b"\n>");
    let marked = has(b"**") || has(b"\n# ") || has(b"\n## ");
    let led = has(b"....");
    if quoted {
        strip_quotation(lines);
    }
    if marked {
        strip_markdown(lines);
    }
    if led {
        strip_leaders(lines);
    }
}

fn strip_quotation(lines: &mut Lines) {
    let count = lines.lines.len();
    let is_quoted = |at: usize, lines: &Lines| lines.get(at).starts_with('>');
    if (0..count).filter(|at| is_quoted(*at, lines)).count() < LEAST_QUOTED {
        return;
    }
    for at in 0..count {
        let line = lines.get(at).bytes();
        let marks = line.take_while(|b| matches!(b, b'>' | b' ')).count();
        if marks > 0 && is_quoted(at, lines) {
            lines.cut_start(at, marks);
        }
    }
}

/// The length of "## " before a word.
fn heading_mark(line: &str) -> usize {
    let marks = line.bytes().take(7).take_while(|b| *b == b'#').count();
    let rest = &line.as_bytes()[marks..];
    let word = rest.first() == Some(&b' ')
        && rest
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'*');
    if (1..=6).contains(&marks) && word {
        marks + 1
    } else {
        0
    }
}

/// "**bold**": the marks come in pairs.
fn has_bold(line: &str) -> bool {
    let pieces = line.split("**").count();
    pieces > 2 && pieces % 2 == 1 && !line.contains("***")
}

fn strip_markdown(lines: &mut Lines) {
    let count = lines.lines.len();
    let is_marked = |at: &usize| heading_mark(lines.get(*at)) > 0 || has_bold(lines.get(*at));
    if (0..count).filter(is_marked).count() < LEAST_MARKED {
        return;
    }
    for at in 0..count {
        let mark = heading_mark(lines.get(at));
        if mark > 0 {
            lines.cut_start(at, mark);
        }
        if has_bold(lines.get(at)) {
            let plain = lines.get(at).replace("**", "");
            lines.replace(at, plain.trim());
        }
    }
}

/// "Case Number ........ CM15-0012345"
fn strip_leaders(lines: &mut Lines) {
    for at in 0..lines.lines.len().min(LABELS) {
        let line = lines.get(at);
        if line.len() > LONGEST_LABEL {
            continue;
        }
        let Some((label, value)) = line.split_once("....") else {
            continue;
        };
        let value = value.trim_start_matches(['.', ' ', ':']);
        let label = label.trim_end_matches(['.', ' ', ':']);
        if label.is_empty() || value.is_empty() || value.contains("....") {
            continue;
        }
        let plain = format!("{label}: {value}");
        lines.replace(at, &plain);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::clean_lines;
    use super::*;

    fn stripped(raw: &str) -> Vec<String> {
        let mut lines = clean_lines(raw);
        strip(&mut lines);
        (0..lines.lines.len())
            .map(|at| lines.get(at).to_string())
            .collect()
    }

    #[test]
    fn a_quoted_message() {
        let raw = "See below.\n".to_string() + &"> a line\n>\n>> another\n".repeat(6);
        assert_eq!(stripped(&raw)[..4], ["See below.", "a line", "", "another"]);
        assert_eq!(stripped("a\n> 30% relief\n")[1], "> 30% relief");
    }

    #[test]
    fn markdown() {
        assert_eq!(
            stripped(
                "# Letter\n\n## **CASE SUMMARY**\n**Priority:** Standard\nNorco\n# 90 tablets\n"
            ),
            [
                "Letter",
                "",
                "CASE SUMMARY",
                "Priority: Standard",
                "Norco",
                "# 90 tablets",
                ""
            ]
        );
        assert_eq!(stripped("a ** b\n2 ** 3\n***\n")[0], "a ** b");
    }

    #[test]
    fn dots_that_lead_to_a_value() {
        assert_eq!(
            stripped("Date Assigned ...... 01/28/2015\nPriority: ....... Standard\nand so on ....")
                [..],
            [
                "Date Assigned: 01/28/2015",
                "Priority: Standard",
                "and so on ...."
            ]
        );
    }
}
