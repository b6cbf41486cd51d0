//! A brief as one self-contained page, for the screen and for paper.

use super::brief::{self, BriefHeader, Closing};
use super::brief_format::{BriefCell, BriefFormat};
use super::columns::Column;
use super::format_info::FormatInfo;
use std::fmt::Write;

const STYLE: &str = include_str!("brief.css");

/// A brief as a page.
pub(super) static HTML: BriefFormat = BriefFormat {
    info: FormatInfo {
        extensions: &["html", "htm"],
        media_type: "text/html; charset=utf-8",
        binary_name: None,
    },
    head,
    row,
    tail,
    package: None,
};

/// What stands above the rows.
fn head(opening: &BriefHeader, columns: &[&Column]) -> String {
    let mut out =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Nothing is fetched and nothing runs, whatever a letter says.
    out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    let _ = write!(
        out,
        "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        brief::TITLE,
        brief::TITLE
    );
    out += "<dl class=\"opening\">\n";
    let _ = writeln!(
        out,
        "<div><dt>Question</dt><dd>{}</dd></div>",
        escaped(&opening.question)
    );
    let _ = writeln!(
        out,
        "<div><dt>Found</dt><dd class=\"found\">{}</dd></div>",
        escaped(&opening.found)
    );
    out += "</dl>\n";
    for remark in &opening.remarks {
        let _ = writeln!(out, "<p class=\"remark\">{}</p>", escaped(remark));
    }
    out += "<table>\n<thead><tr>";
    for column in columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(column.label));
    }
    out += "</tr></thead>\n<tbody>\n";
    out
}

/// A row of the table.
fn row(out: &mut String, cells: &[BriefCell]) {
    out.push_str("<tr>");
    for (name, cell) in cells {
        let class = match *name {
            // Told apart at a glance, in black and white too.
            "decision" if cell.starts_with("overturned") => " class=\"whole overturned\"",
            "case" | "case_number" | "decided" | "decision" => " class=\"whole\"",
            _ => "",
        };
        let _ = write!(out, "<td{class}>{}</td>", unbroken(cell));
    }
    out.push_str("</tr>\n");
}

/// What stands below the rows.
fn tail(closing: &Closing) -> String {
    let mut out = String::from("</tbody>\n</table>\n");
    if let Some(remark) = &closing.remark {
        let _ = writeln!(out, "<p class=\"remark\">{}</p>", escaped(remark));
    }
    if let Some(decided) = &closing.decided {
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<p><strong>{}</strong></p>",
            brief::DECIDED,
            escaped(&decided.odds)
        );
        for side in &decided.sides {
            let _ = writeln!(out, "<p>{}</p>\n<ul>", escaped(&side.heading));
            for reason in &side.reasons {
                let _ = write!(out, "<li>{}", escaped(&reason.text));
                if let Some((sentence, case)) = &reason.example {
                    let _ = write!(out, ": <q>{}</q> ({})", escaped(sentence), escaped(case));
                }
                out += "</li>\n";
            }
            out += "</ul>\n";
        }
    }
    for (n, quote) in closing.quotes.iter().enumerate() {
        if n == 0 {
            let _ = writeln!(out, "<h2>{}</h2>", brief::PASSAGES);
        }
        out += "<article>\n";
        let _ = write!(out, "<h3>{}", escaped(&quote.case));
        if !quote.about.is_empty() {
            let _ = write!(out, " <span>{}</span>", escaped(&quote.about));
        }
        out += "</h3>\n";
        if !quote.request.is_empty() {
            let _ = writeln!(
                out,
                "<p class=\"item\">{}: <strong>{}</strong></p>",
                escaped(&quote.request),
                escaped(quote.decision)
            );
        }
        let _ = writeln!(
            out,
            "<blockquote><p>{}</p><footer>\u{2014} {}, {}</footer></blockquote>\n</article>",
            escaped(&quote.passage.text),
            escaped(&quote.case),
            quote.passage.from
        );
    }
    let _ = writeln!(
        out,
        "<p class=\"note\">{}</p>\n<p class=\"note\">{}</p>\n</main>\n</body>\n</html>",
        escaped(brief::NOTE),
        escaped(&closing.provenance)
    );
    out
}

/// A text whose pages ("p. 24", "76-80") do not break at the end of a line.
fn unbroken(text: &str) -> String {
    let is_range = |word: &str| {
        let word = word.trim_end_matches([',', ';']);
        word.contains('-') && word.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    };
    let mut out = String::with_capacity(text.len() + 16);
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push_str(if out.ends_with(" p.") { "&nbsp;" } else { " " });
        }
        if is_range(word) {
            let _ = write!(out, "<span class=\"whole\">{}</span>", escaped(word));
        } else {
            out += &escaped(word);
        }
    }
    out
}

/// A text as HTML shows it.
#[must_use]
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !c.is_whitespace() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escaped("<script>'&\"\u{1b}"),
            "&lt;script&gt;&#39;&amp;&quot;\u{fffd}"
        );
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
