//! A brief in Markdown (CommonMark with GitHub's tables).

use super::brief::{self, Opening, Quote};
use super::columns::Column;
use std::fmt::Write;

/// What stands above the rows.
#[must_use]
pub fn head(opening: &Opening, columns: &[&Column]) -> String {
    let mut out = format!("# {}\n\n", brief::TITLE);
    let _ = writeln!(out, "**Question.** {}\n", escaped(&opening.question));
    let _ = writeln!(out, "**Found.** {}\n", escaped(&opening.found));
    for remark in &opening.remarks {
        let _ = writeln!(out, "{}\n", escaped(remark));
    }
    for column in columns {
        let _ = write!(out, "| {} ", escaped(column.label));
    }
    out.push_str("|\n");
    for _ in columns {
        out.push_str("|---");
    }
    out.push_str("|\n");
    out
}

/// A row of the table.
pub fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        let _ = write!(out, "| {} ", escaped(&cell));
    }
    out.push_str("|\n");
}

/// What stands below the rows.
#[must_use]
pub fn tail(quotes: impl Iterator<Item = Quote>, remark: Option<&str>) -> String {
    let mut out = String::from("\n");
    if let Some(remark) = remark {
        let _ = writeln!(out, "{}\n", escaped(remark));
    }
    for (n, quote) in quotes.enumerate() {
        if n == 0 {
            let _ = writeln!(out, "## {}\n", brief::PASSAGES);
        }
        let _ = write!(out, "**{}**", escaped(&quote.case));
        if !quote.about.is_empty() {
            let _ = write!(out, " ({})", escaped(&quote.about));
        }
        if !quote.request.is_empty() {
            let _ = write!(
                out,
                ". {}: **{}**",
                escaped(&quote.request),
                escaped(quote.decision)
            );
        }
        let _ = writeln!(out, "\n\n> {}\n>", escaped(&quote.passage.text));
        let from = quote.passage.from;
        let _ = writeln!(out, "> \u{2014} {}, {from}\n", escaped(&quote.case));
    }
    let _ = writeln!(out, "---\n\n{}", escaped(brief::NOTE));
    out
}

/// A text as Markdown shows it, letter for letter, in one line: nothing in it is markup, a link, a
/// table's border or HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut number = false;
    for (n, word) in text.split_whitespace().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        for (at, c) in word.chars().enumerate() {
            let first = n == 0 && at == 0;
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                    out.push('\\');
                    out.push(c);
                }
                // At the beginning a heading, a list, a line under a heading.
                '#' | '-' | '+' | '=' if first => {
                    out.push('\\');
                    out.push(c);
                }
                '.' | ')' if n == 0 && number => {
                    out.push('\\');
                    out.push(c);
                }
                // "http://..." and "www." become links by themselves.
                ':' if word[..].contains("://") => out.push_str("&#58;"),
                '.' if word.to_ascii_lowercase().contains("www.") => out.push_str("&#46;"),
                '@' => out.push_str("&#64;"),
                c if c.is_control() => out.push('\u{fffd}'),
                c => out.push(c),
            }
            number = n == 0 && c.is_ascii_digit() && (at == 0 || number);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a | b `c` <b>&"), "a \\| b \\`c\\` &lt;b&gt;&amp;");
        assert_eq!(escaped("# no heading"), "\\# no heading");
        assert_eq!(escaped("Norco #60"), "Norco #60");
        assert_eq!(escaped("- no item"), "\\- no item");
        assert_eq!(escaped("12. no list"), "12\\. no list");
        assert_eq!(escaped("7.5 mg"), "7\\.5 mg");
        assert_eq!(escaped("of 7.5 mg"), "of 7.5 mg");
        assert_eq!(escaped("[x](http://y)"), "\\[x\\](http&#58;//y)");
        assert_eq!(escaped("two\n\nlines"), "two lines");
        assert_eq!(escaped("\u{1b}[31m"), "\u{fffd}\\[31m");
    }
}
