//! A brief as a document for Word and its kin: a package of a few parts, one of which is the text.

use super::brief::{self, BriefHeader, Closing};
use super::brief_format::{BriefCell, BriefFormat};
use super::columns::Column;
use super::format_info::FormatInfo;
use std::fmt::Write as _;
use std::io::{self, Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What the parts are.
const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"#;
/// Where the text is.
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
/// Where its styles are.
const PARTS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// Headings that Word lists, and a quotation.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="21"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="160"/><w:outlineLvl w:val="2"/></w:pPr><w:rPr><w:b/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/><w:basedOn w:val="Normal"/><w:pPr><w:ind w:left="480" w:right="480"/></w:pPr></w:style></w:styles>"#;

/// A brief as a document.
pub(super) static DOCX: BriefFormat = BriefFormat {
    info: FormatInfo {
        extensions: &["docx"],
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        binary_name: Some("a Word document"),
    },
    head,
    row,
    tail,
    package: Some(package),
};

/// What stands above the rows.
fn head(opening: &BriefHeader, columns: &[&Column]) -> String {
    let mut out = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#,
    );
    paragraph(&mut out, "Heading1", &[(false, brief::TITLE)]);
    for (label, text) in [
        ("Question. ", &opening.question),
        ("Found. ", &opening.found),
    ] {
        paragraph(&mut out, "Normal", &[(true, label), (false, text)]);
    }
    for remark in &opening.remarks {
        paragraph(&mut out, "Normal", &[(false, remark)]);
    }
    out += "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>";
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(
            out,
            "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"999999\"/>"
        );
    }
    out += "</w:tblBorders></w:tblPr><w:tblGrid>";
    for column in columns {
        let _ = write!(
            out,
            "<w:gridCol w:w=\"{}\"/>",
            u32::from(column.width) * 100
        );
    }
    out += "</w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr>";
    for column in columns {
        cell(&mut out, true, column.label);
    }
    out += "</w:tr>";
    out
}

/// A row of the table.
fn row(out: &mut String, cells: &[BriefCell]) {
    out.push_str("<w:tr>");
    for (_, text) in cells {
        cell(out, false, text);
    }
    out.push_str("</w:tr>");
}

/// What stands below the rows.
fn tail(closing: &Closing) -> String {
    let mut out = String::from("</w:tbl>");
    let remark = closing.remark.as_deref().unwrap_or("");
    paragraph(&mut out, "Normal", &[(false, remark)]);
    if let Some(decided) = &closing.decided {
        paragraph(&mut out, "Heading2", &[(false, brief::DECIDED)]);
        paragraph(&mut out, "Normal", &[(true, &decided.odds)]);
        for side in &decided.sides {
            paragraph(&mut out, "Normal", &[(false, &side.heading)]);
            for reason in &side.reasons {
                let said = reason
                    .example
                    .as_ref()
                    .map_or_else(String::new, |(sentence, case)| {
                        format!(": \u{201c}{sentence}\u{201d} ({case})")
                    });
                let text = format!("\u{2022} {}{said}", reason.text);
                paragraph(&mut out, "Normal", &[(false, &text)]);
            }
        }
    }
    for (n, quote) in closing.quotes.iter().enumerate() {
        if n == 0 {
            paragraph(&mut out, "Heading2", &[(false, brief::PASSAGES)]);
        }
        let name = if quote.about.is_empty() {
            quote.case.clone()
        } else {
            format!("{} ({})", quote.case, quote.about)
        };
        paragraph(&mut out, "Heading3", &[(false, &name)]);
        if !quote.request.is_empty() {
            let request = format!("{}: ", quote.request);
            paragraph(
                &mut out,
                "Normal",
                &[(false, &request), (true, quote.decision)],
            );
        }
        paragraph(&mut out, "Quote", &[(false, &quote.passage.text)]);
        let from = format!("\u{2014} {}, {}", quote.case, quote.passage.from);
        paragraph(&mut out, "Quote", &[(false, &from)]);
    }
    paragraph(&mut out, "Normal", &[(false, brief::NOTE)]);
    paragraph(&mut out, "Normal", &[(false, &closing.provenance)]);
    out += "<w:sectPr><w:pgSz w:w=\"12240\" w:h=\"15840\"/><w:pgMar w:top=\"1080\" w:right=\"1080\" \
            w:bottom=\"1080\" w:left=\"1080\" w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/></w:sectPr>";
    out += "</w:body></w:document>";
    out
}

/// Writes the package around the text of the document.
///
/// # Errors
/// If the output cannot be written.
fn package(document: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let parts: [(&str, &[u8]); 5] = [
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("word/_rels/document.xml.rels", PARTS.as_bytes()),
        ("word/styles.xml", STYLES.as_bytes()),
        ("word/document.xml", document),
    ];
    for (name, bytes) in parts {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(bytes)?;
    }
    let whole = zip.finish().map_err(io::Error::other)?;
    out.write_all(&whole.into_inner())
}

fn paragraph(out: &mut String, style: &str, runs: &[(bool, &str)]) {
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
    for (bold, text) in runs {
        run(out, *bold, text);
    }
    out.push_str("</w:p>");
}

fn cell(out: &mut String, bold: bool, text: &str) {
    out.push_str("<w:tc><w:p><w:pPr><w:spacing w:after=\"0\"/></w:pPr>");
    run(out, bold, text);
    out.push_str("</w:p></w:tc>");
}

fn run(out: &mut String, bold: bool, text: &str) {
    out.push_str("<w:r>");
    if bold {
        out.push_str("<w:rPr><w:b/></w:rPr>");
    }
    let _ = write!(
        out,
        "<w:t xml:space=\"preserve\">{}</w:t></w:r>",
        escaped(text)
    );
}

/// A text as XML holds it: what XML forbids is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
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
            escaped("<w:p>&\u{1}\u{fffe}"),
            "&lt;w:p&gt;&amp;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn a_package_holds_its_parts() {
        let mut out = Vec::new();
        package(b"<w:document/>", &mut out).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(out)).unwrap();
        assert_eq!(zip.len(), 5);
        assert!(zip.by_name("word/document.xml").is_ok());
    }
}
