//! What a file is, as its name says: a letter, an archive of letters, or something else.

use std::path::Path;

/// How a file is compressed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One letter, perhaps compressed.
    Letter(Option<Compression>),
    /// A zip archive.
    Zip,
    /// A tar archive, perhaps compressed.
    Tar(Option<Compression>),
    /// JSON, one object a line, perhaps compressed.
    Lines(Option<Compression>),
    /// A table with a row for each letter, perhaps compressed.
    Table(Option<Compression>),
}

impl Kind {
    /// What a file of this name holds.
    ///
    /// # Errors
    /// The extension, with its dot and in lower case, of a file that holds nothing of the kind.
    pub fn of(name: &str) -> Result<Kind, String> {
        let file = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or(name)
            .to_lowercase();
        let (rest, packing) = if let Some(rest) = file.strip_suffix(".gz") {
            (rest, Some(Compression::Gzip))
        } else if let Some(rest) = file.strip_suffix(".zst") {
            (rest, Some(Compression::Zstd))
        } else {
            (file.as_str(), None)
        };
        let extension = Path::new(rest).extension().and_then(|e| e.to_str());
        match (extension.unwrap_or_default(), packing) {
            ("pdf" | "txt" | "", packing) => Ok(Kind::Letter(packing)),
            ("jsonl" | "ndjson", packing) => Ok(Kind::Lines(packing)),
            ("csv" | "tsv", packing) => Ok(Kind::Table(packing)),
            ("tar", packing) => Ok(Kind::Tar(packing)),
            ("tgz", None) => Ok(Kind::Tar(Some(Compression::Gzip))),
            ("tzst", None) => Ok(Kind::Tar(Some(Compression::Zstd))),
            ("zip", None) => Ok(Kind::Zip),
            (other, packing) => Err(format!(
                ".{other}{}",
                match packing {
                    Some(Compression::Gzip) => ".gz",
                    Some(Compression::Zstd) => ".zst",
                    None => "",
                }
            )),
        }
    }

    /// Whether it holds many letters.
    #[must_use]
    pub fn is_container(self) -> bool {
        !matches!(self, Kind::Letter(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Kind::of("a/CM15-0900001.PDF"), Ok(Kind::Letter(None)));
        assert_eq!(Kind::of("letter"), Ok(Kind::Letter(None)));
        assert_eq!(
            Kind::of("a.txt.gz"),
            Ok(Kind::Letter(Some(Compression::Gzip)))
        );
        assert_eq!(
            Kind::of("a.tar.zst"),
            Ok(Kind::Tar(Some(Compression::Zstd)))
        );
        assert_eq!(Kind::of("a.TGZ"), Ok(Kind::Tar(Some(Compression::Gzip))));
        assert_eq!(Kind::of("a.jsonl"), Ok(Kind::Lines(None)));
        assert_eq!(Kind::of("rows.csv"), Ok(Kind::Table(None)));
        assert_eq!(Kind::of("a.v2.zip"), Ok(Kind::Zip));
        assert_eq!(Kind::of("scan.PNG"), Err(".png".to_string()));
        assert_eq!(Kind::of("scan.png.gz"), Err(".png.gz".to_string()));
        assert_eq!(Kind::of("in.zip.gz"), Err(".zip.gz".to_string()));
    }
}
