//! A brief in Markdown (CommonMark with GitHub's tables).

use super::brief::{self, BriefHeader, Closing};
use super::brief_format::{BriefCell, BriefFormat};
use super::columns::Column;
use super::format_info::FormatInfo;
use std::fmt::Write;

/// A brief in Markdown.
pub(super) static MARKDOWN: BriefFormat = BriefFormat {
    info: FormatInfo {
        extensions: &["md", "markdown"],
        media_type: "text/markdown; charset=utf-8",
        binary_name: None,
    },
    head,
    row,
    tail,
    package: None,
};

/// What stands above the rows.
fn head(opening: &BriefHeader, columns: &[&Column]) -> String {
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
fn row(out: &mut String, cells: &[BriefCell]) {
    for (_, cell) in cells {
        let _ = write!(out, "| {} ", escaped(cell));
    }
    out.push_str("|\n");
}

/// What stands below the rows.
fn tail(closing: &Closing) -> String {
    let mut out = String::from("\n");
    if let Some(remark) = &closing.remark {
        let _ = writeln!(out, "{}\n", escaped(remark));
    }
    if let Some(decided) = &closing.decided {
        let _ = writeln!(out, "## {}\n\n{}\n", brief::DECIDED, escaped(&decided.odds));
        for side in &decided.sides {
            let _ = writeln!(out, "{}\n", escaped(&side.heading));
            for reason in &side.reasons {
                let _ = write!(out, "- {}", escaped(&reason.text));
                if let Some((sentence, case)) = &reason.example {
                    let _ = write!(
                        out,
                        ": \u{201c}{}\u{201d} ({})",
                        escaped(sentence),
                        escaped(case)
                    );
                }
                out.push('\n');
            }
            out.push('\n');
        }
    }
    for (n, quote) in closing.quotes.iter().enumerate() {
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
    let _ = writeln!(out, "---\n\n{}\n", escaped(brief::NOTE));
    let _ = writeln!(out, "{}", escaped(&closing.provenance));
    out
}

/// A text as Markdown shows it, letter for letter, in one line: nothing in it is markup, a link, a
/// table's border or HTML. What needs no escape has none, for those who read the Markdown itself.
#[must_use]
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, word) in text.split_whitespace().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let (scheme, www) = (
            word.contains("://"),
            word.to_ascii_lowercase().contains("www."),
        );
        // "1." and "1)" begin a list.
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = n == 0 && digits > 0 && matches!(&word[digits..], "." | ")");
        for (at, c) in word.char_indices() {
            let first = n == 0 && at == 0;
            let next = word[at + c.len_utf8()..].chars().next();
            let escape = match c {
                '\\' | '`' | '*' | '_' | '|' | '~' | '$' => true,
                // Links, images, definitions and notes.
                ']' => matches!(next, Some('(' | '[' | ':')),
                '[' => next == Some('^'),
                // A heading, a list, a line under a heading.
                '#' | '-' | '+' | '=' => first,
                '.' | ')' => number,
                _ => false,
            };
            if escape {
                out.push('\\');
            }
            match c {
                '&' if next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#') => {
                    out.push_str("&amp;");
                }
                '<' => out.push_str("&lt;"),
                '>' if first => out.push_str("&gt;"),
                // "http://..." and "www." become links by themselves.
                ':' if scheme => out.push_str("&#58;"),
                '.' if www => out.push_str("&#46;"),
                '@' => out.push_str("&#64;"),
                c if c.is_control() => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        for (text, expected) in [
            ("a | b `c` <b>&amp;", "a \\| b \\`c\\` &lt;b>&amp;amp;"),
            ("Medicine & Rehabilitation", "Medicine & Rehabilitation"),
            ("# no heading", "\\# no heading"),
            ("Norco #60", "Norco #60"),
            ("- no item", "\\- no item"),
            ("12. no list", "12\\. no list"),
            ("7.5 mg of 2. that", "7.5 mg of 2. that"),
            ("> no quote", "&gt; no quote"),
            ("=====", "\\====="),
            ("[x](http://y)", "[x\\](http&#58;//y)"),
            ("![x][y] [z]: w [^1]", "![x\\][y] [z\\]: w \\[^1]"),
            ("[\u{2026}] so", "[\u{2026}] so"),
            ("two\n\nlines", "two lines"),
            ("\u{1b}[31m", "\u{fffd}[31m"),
            ("a@b.c", "a&#64;b.c"),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }
}
