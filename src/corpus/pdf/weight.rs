//! What drawing a page would take, found out before the library does it.
//!
//! A page is drawn by instructions in a compressed stream, and sixty kilobytes of file may hold sixty megabytes
//! of them; they may draw forms, which draw forms, so that a few of a hundred instructions each make more than
//! anything ends. Fonts bring tables, compressed too.

use super::super::{Limits, ReadError};
use super::drawn;
use super::library::{Pdf, reason};
use super::syntax::ends_word;
use memchr::memmem;
use oxidize_pdf::parser::objects::{PdfDictionary, PdfObject, PdfStream};
use std::collections::{HashMap, HashSet};

/// The library draws forms in forms to no greater depth.
const DEPTH: usize = 12;
/// Programs of fonts, and what stands further inside, are looked into only in files of more than so many bytes: in
/// others they expand to 64 MB at the most, and that only where a file was made for it. Most are never
/// needed, and to look is to decrypt.
const SMALL_FILE: usize = 64 << 10;

/// Number and generation of an object.
pub(super) type Reference = (u32, u16);

/// What drawing a page takes, and how it goes about it.
pub(super) struct PageWeight {
    /// Bytes of instructions.
    pub bytes: usize,
    /// Whether the page is drawn in another order than it is read.
    pub is_out_of_order: bool,
    /// The page's own instructions.
    pub content: Vec<u8>,
    /// The object that holds them, if it is one.
    pub object: Option<Reference>,
}

/// The weights of a PDF's pages, in bytes of instructions.
pub(super) struct Weights<'d> {
    document: &'d Pdf,
    limits: Limits,
    looks_into_fonts: bool,
    /// Of forms, by their reference; none of one that is being weighed.
    forms: HashMap<Reference, Option<usize>>,
    fonts: HashSet<Reference>,
    /// Bytes of the tables of all fonts: each font has its own of what may be one table.
    tables: usize,
}

impl<'d> Weights<'d> {
    /// Of a file of so many bytes.
    pub(super) fn new(document: &'d Pdf, file: usize, limits: Limits) -> Weights<'d> {
        Weights {
            document,
            limits,
            looks_into_fonts: file > SMALL_FILE,
            forms: HashMap::new(),
            fonts: HashSet::new(),
            tables: 0,
        }
    }

    /// The bytes of instructions that are followed to draw a page, each as often as that is.
    ///
    /// # Errors
    /// If there are more than [`Limits::page`], or they cannot be read.
    pub(super) fn page(&mut self, page: u32) -> Result<PageWeight, ReadError> {
        let page = self.document.get_page(page).map_err(|e| reason(&e))?;
        let mut content = Vec::new();
        match self.resolved(page.dict.get("Contents")) {
            Some(PdfObject::Stream(stream)) => self.decode(&stream, &mut content)?,
            Some(PdfObject::Array(parts)) => {
                for part in &parts.0 {
                    if let Some(PdfObject::Stream(stream)) = self.resolved(Some(part)) {
                        self.decode(&stream, &mut content)?;
                        content.push(b' ');
                    }
                }
            }
            _ => {}
        }
        let inherited = page.get_resources();
        let resources = match page.dict.get("Resources") {
            Some(resources @ PdfObject::Reference(..)) => self.resolved(Some(resources)),
            _ => None,
        };
        let resources = resources.as_ref().and_then(PdfObject::as_dict);
        Ok(PageWeight {
            bytes: self.drawn(&content, resources.or(inherited), 0)?,
            is_out_of_order: drawn::is_out_of_order(&content),
            content,
            object: page.dict.get("Contents").and_then(PdfObject::as_reference),
        })
    }

    /// The weight of instructions, with all that they draw.
    fn drawn(
        &mut self,
        content: &[u8],
        resources: Option<&PdfDictionary>,
        depth: usize,
    ) -> Result<usize, ReadError> {
        let mut weight = content.len();
        let Some(resources) = resources else {
            return Ok(weight);
        };
        self.fonts(resources)?;
        let names = names_drawn(content);
        if names.is_empty() || depth >= DEPTH {
            return Ok(weight);
        }
        let Some(PdfObject::Dictionary(forms)) = self.resolved(resources.get("XObject")) else {
            return Ok(weight);
        };
        let mut heaviest = None;
        for name in names {
            let name = std::str::from_utf8(name).ok().filter(|n| !n.is_empty());
            let form = match name.and_then(|name| forms.get(name)) {
                Some(form) => self.form(form, depth + 1)?,
                // Written in a way that only the library reads: it may be any of them.
                None => match heaviest {
                    Some(known) => known,
                    None => {
                        let mut most = 0;
                        for form in forms.0.values() {
                            most = most.max(self.form(form, depth + 1)?);
                        }
                        *heaviest.insert(most)
                    }
                },
            };
            weight = weight.saturating_add(form);
            self.bounded(weight)?;
        }
        Ok(weight)
    }

    fn form(&mut self, form: &PdfObject, depth: usize) -> Result<usize, ReadError> {
        let Some(reference) = form.as_reference() else {
            return Ok(0);
        };
        match self.forms.get(&reference) {
            Some(Some(weight)) => return Ok(*weight),
            // It draws itself.
            Some(None) => return self.bounded(usize::MAX),
            None => {}
        }
        self.forms.insert(reference, None);
        let weight = match self.resolved(Some(form)) {
            Some(PdfObject::Stream(stream)) if is_form(&stream) => {
                let mut content = Vec::new();
                self.decode(&stream, &mut content)?;
                let resources = self.resolved(stream.dict.get("Resources"));
                let resources = resources.as_ref().and_then(PdfObject::as_dict);
                self.drawn(&content, resources, depth)?
            }
            _ => 0,
        };
        self.forms.insert(reference, Some(weight));
        Ok(weight)
    }

    /// Looks at the tables of fonts, each font once.
    fn fonts(&mut self, resources: &PdfDictionary) -> Result<(), ReadError> {
        let Some(fonts) = resources.get("Font") else {
            return Ok(());
        };
        if fonts.as_reference().is_some_and(|f| !self.fonts.insert(f)) {
            return Ok(());
        }
        let Some(PdfObject::Dictionary(fonts)) = self.resolved(Some(fonts)) else {
            return Ok(());
        };
        for font in fonts.0.values() {
            if font.as_reference().is_none_or(|f| self.fonts.insert(f))
                && let Some(PdfObject::Dictionary(font)) = self.resolved(Some(font))
            {
                self.font(&font)?;
                if self.looks_into_fonts
                    && let Some(PdfObject::Array(inner)) =
                        self.resolved(font.get("DescendantFonts"))
                    && let Some(PdfObject::Dictionary(inner)) = self.resolved(inner.0.first())
                {
                    self.font(&inner)?;
                }
            }
        }
        Ok(())
    }

    fn font(&mut self, font: &PdfDictionary) -> Result<(), ReadError> {
        for table in ["ToUnicode", "Encoding", "CIDToGIDMap"] {
            let table = font.get(table).filter(|t| t.as_reference().is_some());
            if let Some(PdfObject::Stream(stream)) = self.resolved(table) {
                let mut decoded = Vec::new();
                self.decode(&stream, &mut decoded)?;
                self.tables += decoded.len();
                self.bounded(self.tables)?;
            }
        }
        if self.looks_into_fonts
            && let Some(PdfObject::Dictionary(descriptor)) =
                self.resolved(font.get("FontDescriptor"))
        {
            for program in ["FontFile", "FontFile2", "FontFile3"] {
                if let Some(PdfObject::Stream(stream)) = self.resolved(descriptor.get(program)) {
                    let most = usize::try_from(self.limits.letter()).unwrap_or(usize::MAX);
                    let decoded = self.document.decode_stream_with_limit(&stream, most);
                    decoded.map_err(|e| reason(&e))?;
                }
            }
        }
        Ok(())
    }

    /// Adds what a stream holds to `content`.
    fn decode(&self, stream: &PdfStream, content: &mut Vec<u8>) -> Result<(), ReadError> {
        let most = usize::try_from(self.limits.page()).unwrap_or(usize::MAX);
        let decoded = self.document.decode_stream_with_limit(stream, most);
        let decoded = decoded.map_err(|error| {
            // The library has no kind of its own for it.
            if error.to_string().contains("exceeds limit") {
                ReadError::LargePage(self.limits.page())
            } else {
                reason(&error)
            }
        })?;
        self.bounded(content.len() + decoded.len())?;
        if content.is_empty() {
            *content = decoded;
        } else {
            content.extend(decoded);
        }
        Ok(())
    }

    fn bounded(&self, weight: usize) -> Result<usize, ReadError> {
        if weight as u64 > self.limits.page() {
            return Err(ReadError::LargePage(self.limits.page()));
        }
        Ok(weight)
    }

    fn resolved(&self, object: Option<&PdfObject>) -> Option<PdfObject> {
        self.document.resolve(object?).ok()
    }
}

fn is_form(stream: &PdfStream) -> bool {
    let kind = stream.dict.get("Subtype").and_then(PdfObject::as_name);
    kind.is_some_and(|kind| kind.0 == "Form")
}

/// The names that the instruction `Do` is given, in their order; empty where what precedes it is no plain name.
fn names_drawn(content: &[u8]) -> Vec<&[u8]> {
    let name = |at: usize| {
        let before = content[..at].trim_ascii_end();
        let from = before.iter().rposition(|b| ends_word(*b))?;
        (before[from] == b'/').then(|| &before[from + 1..])
    };
    memmem::find_iter(content, b"Do")
        .filter(|at| {
            let begins = *at == 0 || ends_word(content[at - 1]);
            begins && content.get(at + 2).is_none_or(|b| ends_word(*b))
        })
        .map(|at| name(at).filter(|n| !n.contains(&b'#')).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_found_by_its_name() {
        let names = |content: &str| -> Vec<String> {
            let names = names_drawn(content.as_bytes());
            let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
            names.into_iter().map(text).collect()
        };
        assert_eq!(names("q /Im0 Do Q /Fm1\nDo"), ["Im0", "Fm1"]);
        assert_eq!(names("(Doctor) Tj /A/B Do(x)"), ["B"]);
        assert_eq!(names("/Fm#31 Do /Fm1%c\nDo Do"), ["", "", ""]);
        assert!(names("(Do not) Tj /Done gs Dot").is_empty() || names("(Do not) Tj")[0].is_empty());
        assert!(names("").is_empty());
    }
}
