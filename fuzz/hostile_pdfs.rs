//! PDFs made to harm whoever reads them, some two hundred: each kind of fault in each place where a PDF can have it.
//! `tests/imr/workers.rs` indexes them beside good letters.
//!
//! They are small (most less than 100 KB) and the same in every run.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

/// A PDF's objects, numbered from 1; the first is the catalog.
#[derive(Clone, Default)]
struct Pdf {
    objects: Vec<Vec<u8>>,
    trailer: String,
}

impl Pdf {
    fn add(&mut self, object: impl Into<Vec<u8>>) -> usize {
        self.objects.push(object.into());
        self.objects.len()
    }

    fn set(&mut self, number: usize, object: impl Into<Vec<u8>>) {
        self.objects[number - 1] = object.into();
    }

    /// The file, with a table of its objects.
    fn bytes(&self) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.objects.len() + 1);
        for (n, object) in self.objects.iter().enumerate() {
            table += &format!("{:010} 00000 n \n", out.len());
            out.extend(format!("{} 0 obj\n", n + 1).bytes());
            out.extend(object);
            out.extend(b"\nendobj\n");
        }
        let start = out.len();
        let end = format!(
            "trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{start}\n%%EOF\n",
            self.objects.len() + 1,
            self.trailer
        );
        out.extend(table.bytes());
        out.extend(end.bytes());
        out
    }
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("<< {dictionary} /Length {} >>\nstream\n", content.len()).into_bytes();
    out.extend(content);
    out.extend(b"\nendstream");
    out
}

fn flate(content: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(content).expect("a vector takes all");
    packed.finish().expect("a vector takes all")
}

fn run_length(zeros: usize) -> Vec<u8> {
    [129, b' '].repeat(zeros / 128)
}

/// Each code stands for one more byte than the code before it.
fn lzw(codes: u32) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    let mut write = |code: u32, width: u32| {
        held = held << width | code;
        bits += width;
        while bits >= 8 {
            out.push((held >> (bits - 8)) as u8);
            bits -= 8;
        }
        held &= (1 << bits) - 1;
    };
    for _ in 0..codes / 3000 + 1 {
        write(256, 9);
        write(32, 9);
        for n in 0..3000_u32 {
            let next = 258 + n;
            let width = 32 - (next + 1).leading_zeros();
            write(next, width.clamp(9, 12));
        }
    }
    out
}

const TEXT: &str = "BT /F1 12 Tf 14 TL 72 700 Td (Case Number: CM15-0900001) Tj T* \
    (Norco 10/325mg #60: Upheld) Tj T* (Decision rationale: No improvement is documented.) Tj ET";

const CATALOG: usize = 1;
const PAGES: usize = 2;
const PAGE: usize = 3;
const CONTENT: usize = 4;
const FONT: usize = 5;

/// A letter of one page, in whose dictionaries something more may stand.
fn letter_with(catalog: &str, pages: &str, page: &str, font: &str) -> Pdf {
    let mut pdf = Pdf::default();
    pdf.add(format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"));
    pdf.add(format!("<< /Type /Pages /Kids [3 0 R] /Count 1 {pages} >>"));
    pdf.add(format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> {page} >> >>"
    ));
    pdf.add(stream("", TEXT.as_bytes()));
    pdf.add(format!(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica {font} >>"
    ));
    pdf
}

fn letter() -> Pdf {
    letter_with("", "", "", "")
}

/// All of them, with a name each.
pub(super) fn all() -> Vec<(String, Vec<u8>)> {
    let mut made = Vec::new();
    nesting(&mut made);
    self_reference(&mut made);
    bombs(&mut made);
    wrong_numbers(&mut made);
    large_tables(&mut made);
    graphs(&mut made);
    instructions(&mut made);
    encryption(&mut made);
    unfinished(&mut made);
    made
}

type Made = Vec<(String, Vec<u8>)>;

fn put(made: &mut Made, name: impl Into<String>, pdf: &Pdf) {
    made.push((name.into(), pdf.bytes()));
}

/// Every container in itself, in every place.
fn nesting(made: &mut Made) {
    let containers: [(&str, &str, &str, &str); 5] = [
        ("array", "[", "0", "]"),
        ("dictionary", "<</A ", "0", ">>"),
        ("string", "(", "x", ")"),
        ("unclosed-array", "[", "0", ""),
        ("unclosed-dictionary", "<</A ", "0", ""),
    ];
    for (name, open, inner, close) in containers {
        for depth in [2_000, 60_000] {
            let nested = open.repeat(depth) + inner + &close.repeat(depth);
            let mut pdf = letter();
            let object = pdf.add(nested.clone());
            pdf.set(
                FONT,
                format!(
                    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Widths {object} 0 R >>"
                ),
            );
            put(made, format!("nested-{name}-{depth}-object"), &pdf);
            let mut pdf = letter();
            pdf.trailer = format!("/Info {nested}");
            put(made, format!("nested-{name}-{depth}-trailer"), &pdf);
            let mut pdf = letter();
            pdf.set(
                CONTENT,
                stream("", format!("{nested} Tj {TEXT}").as_bytes()),
            );
            put(made, format!("nested-{name}-{depth}-content"), &pdf);
            let pdf = letter_with("", "", &format!("/Properties {nested}"), "");
            put(made, format!("nested-{name}-{depth}-resources"), &pdf);
            let pdf = letter_with("", &format!("/Names {nested}"), "", "");
            put(made, format!("nested-{name}-{depth}-pages"), &pdf);
        }
    }
    let mut pdf = letter();
    let mut page_tree = PAGE;
    for _ in 0..20_000 {
        page_tree = pdf.add(format!(
            "<< /Type /Pages /Kids [{page_tree} 0 R] /Count 1 >>"
        ));
    }
    pdf.set(
        CATALOG,
        format!("<< /Type /Catalog /Pages {page_tree} 0 R >>"),
    );
    put(made, "deep-page-tree", &pdf);
    let mut pdf = letter();
    let mut parent = PAGES;
    for _ in 0..20_000 {
        parent = pdf.add(format!("<< /Type /Pages /Parent {parent} 0 R >>"));
    }
    pdf.set(
        PAGE,
        format!("<< /Type /Page /Parent {parent} 0 R /Contents 4 0 R >>"),
    );
    put(made, "deep-parents", &pdf);
    let mut pdf = letter();
    let first = pdf.objects.len() + 1;
    for n in 0..20_000 {
        pdf.add(format!("{} 0 R", first + n + 1));
    }
    pdf.set(
        PAGE,
        format!("<< /Type /Page /Parent 2 0 R /Contents {first} 0 R >>"),
    );
    put(made, "chain-of-references", &pdf);
}

/// Every reference to the object that it stands in, or to one that comes back.
fn self_reference(made: &mut Made) {
    let keys = [
        (CATALOG, "Pages"),
        (CATALOG, "Names"),
        (CATALOG, "AcroForm"),
        (CATALOG, "Outlines"),
        (CATALOG, "Metadata"),
        (CATALOG, "StructTreeRoot"),
        (PAGES, "Parent"),
        (PAGES, "Kids"),
        (PAGES, "Count"),
        (PAGES, "Resources"),
        (PAGE, "Parent"),
        (PAGE, "Contents"),
        (PAGE, "Resources"),
        (PAGE, "MediaBox"),
        (PAGE, "Group"),
        (PAGE, "Annots"),
        (CONTENT, "Length"),
        (CONTENT, "Filter"),
        (CONTENT, "DecodeParms"),
        (FONT, "DescendantFonts"),
        (FONT, "ToUnicode"),
        (FONT, "Encoding"),
        (FONT, "FontDescriptor"),
        (FONT, "Widths"),
        (FONT, "CIDToGIDMap"),
        (FONT, "BaseFont"),
    ];
    for (object, key) in keys {
        for (name, value) in [
            ("itself", format!("{object} 0 R")),
            ("list", format!("[{object} 0 R {object} 0 R]")),
        ] {
            let mut pdf = letter();
            let old = String::from_utf8_lossy(&pdf.objects[object - 1]).into_owned();
            let with = old.replacen("<<", &format!("<< /{key} {value}"), 1);
            let font = |text: String| match (object, key) {
                (FONT, "DescendantFonts" | "CIDToGIDMap") => text.replace("/Type1", "/Type0"),
                _ => text,
            };
            pdf.set(object, font(with));
            put(made, format!("self-{key}-of-{object}-{name}"), &pdf);
        }
    }
    let form = |content: &str, resources: &str| {
        let dictionary = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << {resources} >>"
        );
        stream(&dictionary, content.as_bytes())
    };
    let mut pdf = letter_with("", "", "/XObject << /A 6 0 R /B 7 0 R >>", "");
    pdf.set(CONTENT, stream("", b"/A Do"));
    pdf.add(form("/B Do /B Do", "/XObject << /B 7 0 R >>"));
    pdf.add(form("/A Do /A Do", "/XObject << /A 6 0 R >>"));
    put(made, "forms-of-each-other", &pdf);
    for (name, trailer) in [
        ("prev", "/Prev 9"),
        ("prev-of-itself", "/Prev 0"),
        ("xref-stream", "/XRefStm 9"),
        ("root", "/Root 99 0 R"),
    ] {
        let mut pdf = letter();
        pdf.trailer = trailer.to_string();
        let bytes = pdf.bytes();
        let start = bytes.windows(4).rposition(|w| w == b"xref").unwrap_or(0);
        let start = bytes[..start]
            .windows(5)
            .rposition(|w| w == b"xref\n")
            .unwrap_or(start);
        pdf.trailer = trailer.replace(" 9", &format!(" {start}"));
        put(made, format!("self-{name}"), &pdf);
    }
    let mut pdf = letter();
    let object = pdf.objects.len() + 1;
    let dictionary = format!("/Type /ObjStm /N 1 /First 5 /Extends {object} 0 R");
    pdf.add(stream(&dictionary, format!("{object} 0 << >>").as_bytes()));
    put(made, "object-stream-of-itself", &pdf);
}

/// Much in little, by every filter, in every place that is unpacked.
fn bombs(made: &mut Made) {
    let spaces = vec![b' '; 48 << 20];
    let once = flate(&spaces);
    let hex: String = flate(&vec![0; 4 << 20])
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let filters: Vec<(&str, &str, Vec<u8>)> = vec![
        ("flate", "/FlateDecode", once.clone()),
        ("flate-twice", "[/FlateDecode /FlateDecode]", flate(&once)),
        (
            "flate-thrice",
            "[/FlateDecode /FlateDecode /FlateDecode]",
            flate(&flate(&once)),
        ),
        ("run-length", "/RunLengthDecode", run_length(16 << 20)),
        (
            "flate-run-length",
            "[/FlateDecode /RunLengthDecode]",
            flate(&run_length(1 << 30)),
        ),
        ("lzw", "/LZWDecode", lzw(30_000)),
        (
            "flate-lzw",
            "[/FlateDecode /LZWDecode]",
            flate(&lzw(300_000)),
        ),
        (
            "hex-flate",
            "[/ASCIIHexDecode /FlateDecode]",
            hex.into_bytes(),
        ),
        (
            "ascii85",
            "[/FlateDecode /ASCII85Decode]",
            flate(&vec![b'z'; 16 << 20]),
        ),
        ("image", "[/FlateDecode /DCTDecode]", once.clone()),
        ("fax", "[/FlateDecode /CCITTFaxDecode]", once.clone()),
        ("many", "", once.clone()),
    ];
    for (name, filter, content) in &filters {
        let filter = if *name == "many" {
            format!("/Filter [{}]", "/FlateDecode ".repeat(5_000))
        } else {
            format!("/Filter {filter}")
        };
        let packed = stream(&filter, content);
        let mut pdf = letter();
        pdf.set(CONTENT, packed.clone());
        put(made, format!("bomb-{name}-content"), &pdf);
        let mut pdf = letter_with("", "", "", "/ToUnicode 6 0 R");
        pdf.add(packed.clone());
        put(made, format!("bomb-{name}-characters"), &pdf);
        let mut pdf = letter();
        pdf.add(stream(
            &format!("/Type /ObjStm /N 100 /First 1000 {filter}"),
            content,
        ));
        put(made, format!("bomb-{name}-objects"), &pdf);
    }
    let mut pdf = letter_with("", "", "", "/FontDescriptor 6 0 R");
    pdf.add("<< /Type /FontDescriptor /FontFile2 7 0 R >>");
    pdf.add(stream("/Filter /FlateDecode", &once));
    put(made, "bomb-font-program", &pdf);
    for (columns, colors) in [(i64::from(i32::MAX), 1), (1 << 40, 4), (-1, 1), (0, 0)] {
        let mut pdf = letter();
        let filter = format!(
            "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns {columns} /Colors {colors} \
             /BitsPerComponent 16 >>"
        );
        pdf.set(CONTENT, stream(&filter, &flate(TEXT.as_bytes())));
        put(made, format!("predictor-{columns}-{colors}"), &pdf);
    }
}

/// Lengths, counts and offsets that are not so.
fn wrong_numbers(made: &mut Made) {
    let numbers = [
        "-1",
        "0",
        "2147483648",
        "99999999999",
        "9223372036854775807",
        "1e99",
        "null",
    ];
    for number in numbers {
        let mut pdf = letter();
        pdf.set(
            CONTENT,
            format!("<< /Length {number} >>\nstream\n{TEXT}\nendstream"),
        );
        put(made, format!("length-{number}"), &pdf);
        let mut pdf = letter();
        pdf.set(
            PAGES,
            format!("<< /Type /Pages /Kids [3 0 R] /Count {number} >>"),
        );
        put(made, format!("count-{number}"), &pdf);
        let mut pdf = letter();
        pdf.trailer = format!("/Size {number} /Prev {number}");
        put(made, format!("size-{number}"), &pdf);
        let mut pdf = letter();
        pdf.add(stream(
            &format!("/Type /ObjStm /N {number} /First {number}"),
            b"6 0 << >>",
        ));
        put(made, format!("objects-{number}"), &pdf);
        let font = format!("/FirstChar {number} /LastChar {number} /Widths [1 2 {number}]");
        put(
            made,
            format!("widths-{number}"),
            &letter_with("", "", "", &font),
        );
        let table = letter().bytes();
        let table =
            String::from_utf8_lossy(&table).replace("xref\n0 6", &format!("xref\n0 {number}"));
        made.push((format!("table-of-{number}"), table.into_bytes()));
        let start = letter().bytes();
        let start = String::from_utf8_lossy(&start).into_owned();
        let at = start.rfind("startxref\n").unwrap_or(0) + 10;
        made.push((
            format!("startxref-{number}"),
            format!("{}{number}\n%%EOF", &start[..at]).into_bytes(),
        ));
        let xref = stream(
            &format!(
                "/Type /XRef /Size {number} /W [1 {number} 2] /Index [0 {number}] /Root 1 0 R"
            ),
            b"\x01\x00\x09\x00",
        );
        let mut file = b"%PDF-1.7\n1 0 obj\n".to_vec();
        file.extend(xref);
        file.extend(b"\nendobj\nstartxref\n9\n%%EOF");
        made.push((format!("xref-stream-{number}"), file));
    }
}

/// Tables as large as fits.
fn large_tables(made: &mut Made) {
    let mut pdf = letter();
    let missing: String = (10..30_000).map(|n| format!("{n} 0 R ")).collect();
    pdf.set(
        PAGE,
        format!("<< /Type /Page /Parent 2 0 R /Contents [{missing}] >>"),
    );
    put(made, "contents-of-missing-objects", &pdf);
    let mut pdf = letter();
    pdf.set(
        PAGE,
        format!(
            "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents [{}] >>",
            "4 0 R ".repeat(30_000)
        ),
    );
    put(made, "contents-again-and-again", &pdf);
    let mut pdf = letter();
    pdf.set(
        PAGES,
        format!(
            "<< /Type /Pages /Kids [{}] /Count 30000 >>",
            "3 0 R ".repeat(30_000)
        ),
    );
    put(made, "a-page-again-and-again", &pdf);
    let mut pdf = letter();
    for _ in 0..20_000 {
        pdf.add("null");
    }
    put(made, "many-objects", &pdf);
    let names: String = (0..20_000).map(|n| format!("/G{n} ")).collect();
    let font = format!("/Encoding << /Type /Encoding /Differences [0 {names}] >>");
    put(made, "many-differences", &letter_with("", "", "", &font));
    let maps: [(&str, String); 4] = [
        (
            "many",
            (0..20_000)
                .map(|n| format!("<{n:04x}> <{n:04x}>\n"))
                .collect(),
        ),
        ("wide", "<0000> <ffffffff> <0000>\n".repeat(100)),
        (
            "wide-list",
            format!("<0000> <ffff> [{}]\n", "<0041> ".repeat(20_000)),
        ),
        ("long-value", format!("<41> <{}>\n", "0041".repeat(40_000))),
    ];
    for (name, entries) in maps {
        for kind in ["bfchar", "bfrange", "codespacerange"] {
            let map = format!(
                "/CIDInit /ProcSet findresource begin 1 begin{kind}\n{entries}end{kind} endcmap"
            );
            let mut pdf = letter_with("", "", "", "/ToUnicode 6 0 R");
            pdf.add(stream("/Filter /FlateDecode", &flate(map.as_bytes())));
            put(made, format!("characters-{name}-{kind}"), &pdf);
        }
    }
}

/// What should be a tree and is a graph: to walk it takes forever.
fn graphs(made: &mut Made) {
    let mut pdf = letter();
    let mut below = PAGE;
    for _ in 0..40 {
        below = pdf.add(format!(
            "<< /Type /Pages /Kids [{below} 0 R {below} 0 R] /Count 1000 >>"
        ));
    }
    pdf.set(CATALOG, format!("<< /Type /Catalog /Pages {below} 0 R >>"));
    put(made, "page-tree-doubled", &pdf);
    let mut pdf = letter_with("", "", "/XObject << /X 6 0 R >>", "");
    pdf.set(CONTENT, stream("", b"/X Do"));
    for n in 7..50 {
        let dictionary = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {n} 0 R >> >>"
        );
        pdf.add(stream(&dictionary, b"/X Do /X Do"));
    }
    put(made, "forms-doubled", &pdf);
    let mut pdf = letter_with("", "", "", "/Subtype /Type0 /DescendantFonts [6 0 R]");
    for n in 7..50 {
        pdf.add(format!(
            "<< /Type /Font /Subtype /Type0 /DescendantFonts [{n} 0 R {n} 0 R] >>"
        ));
    }
    put(made, "fonts-doubled", &pdf);
    let mut pdf = letter_with("/Names << /EmbeddedFiles 6 0 R >>", "", "", "");
    for n in 7..50 {
        pdf.add(format!("<< /Kids [{n} 0 R {n} 0 R] >>"));
    }
    put(made, "names-doubled", &pdf);
}

/// Instructions of a page that lead nowhere.
fn instructions(made: &mut Made) {
    let contents: [(&str, String); 10] = [
        ("saved", "q ".repeat(100_000)),
        ("text", "BT ".repeat(100_000)),
        ("fonts", "/F1 1 Tf ".repeat(20_000)),
        (
            "missing-fonts",
            (0..20_000).map(|n| format!("/M{n} 1 Tf (x) Tj ")).collect(),
        ),
        ("marks", "/P BDC ".repeat(50_000)),
        ("image", "BI /W 99999 /H 99999 ID ".repeat(5_000)),
        (
            "long-string",
            format!("BT /F1 1 Tf ({}) Tj ET", "x".repeat(200_000)),
        ),
        (
            "adjustments",
            format!("BT /F1 1 Tf [{}] TJ ET", "(x) -1e30 ".repeat(20_000)),
        ),
        (
            "far",
            "BT /F1 1e30 Tf 1e300 -1e300 Td (x) Tj 1e38 1e38 1e38 1e38 1e38 1e38 Tm (y) Tj ET "
                .repeat(2_000),
        ),
        (
            "not-numbers",
            "BT /F1 nan Tf --5 +-3 Td (x) Tj ET ".repeat(5_000),
        ),
    ];
    for (name, content) in contents {
        let mut pdf = letter();
        pdf.set(
            CONTENT,
            stream("/Filter /FlateDecode", &flate(content.as_bytes())),
        );
        put(made, format!("instructions-{name}"), &pdf);
    }
}

fn encryption(made: &mut Made) {
    let strings = format!("/O <{}> /U <{}>", "00".repeat(32), "ff".repeat(32));
    let ways = [
        ("none", String::new()),
        ("unknown", format!("/Filter /Other /V 9 /R 9 {strings}")),
        (
            "short",
            "/Filter /Standard /V 5 /R 6 /O <00> /U <00> /P -1".to_string(),
        ),
        (
            "negative",
            format!("/Filter /Standard /V 2 /R 3 /Length -8 /P -1 {strings}"),
        ),
        (
            "huge",
            format!("/Filter /Standard /V 2 /R 3 /Length 99999999999 /P -1 {strings}"),
        ),
        (
            "zero",
            format!("/Filter /Standard /V 1 /R 2 /Length 0 /P -1 {strings}"),
        ),
    ];
    for (name, dictionary) in ways {
        let mut pdf = letter();
        pdf.trailer = format!("/Encrypt << {dictionary} >> /ID [<00> <00>]");
        put(made, format!("encrypted-{name}"), &pdf);
    }
    let mut pdf = letter();
    pdf.trailer = "/Encrypt 6 0 R /ID 6 0 R".to_string();
    pdf.add("<< /Filter 6 0 R /V 6 0 R /O 6 0 R >>");
    put(made, "encrypted-by-itself", &pdf);
}

/// Files that end too early, or never.
fn unfinished(made: &mut Made) {
    let good = letter().bytes();
    for tenth in 1..10 {
        made.push((
            format!("cut-{tenth}"),
            good[..good.len() * tenth / 10].to_vec(),
        ));
    }
    let heads: [(&str, &[u8], usize); 10] = [
        ("objects-without-end", b"1 0 obj<<", 20_000),
        ("object-numbers", b"1 0 obj ", 20_000),
        ("comments", b"%\n", 200_000),
        ("one-comment", b"%", 400_000),
        ("lists", b"[", 400_000),
        ("dictionaries", b"<<", 200_000),
        ("streams", b"1 0 obj<</Length 9>>stream\n", 10_000),
        ("ends", b"endobj endstream ", 20_000),
        ("tables", b"xref\n0 1\n", 20_000),
        ("trailers", b"trailer<</Prev 9>>startxref\n9\n", 10_000),
    ];
    for (name, part, times) in heads {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        bytes.extend(part.repeat(times));
        made.push((format!("only-{name}"), bytes.clone()));
        bytes.extend(&good[9..]);
        made.push((format!("before-{name}"), bytes));
    }
    // Numbers that look random and are the same in every run.
    let mut state = 20_150_106_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for n in 0..30 {
        let mut bytes = good.clone();
        for _ in 0..=n {
            let at = random(bytes.len());
            bytes[at] = b"<>[]()/%0R \n\x00\xff"[random(14)];
        }
        made.push((format!("damaged-{n}"), bytes));
    }
}
