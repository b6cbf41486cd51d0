//! A value of a facet: a path of segments, the general one first.

use std::fmt;

/// What stands between segments; no letter's text has it.
const SEPARATOR: char = '\0';

/// A path such as `opioid analgesic / acetaminophen-hydrocodone`, held as one string. A slash
/// inside a segment becomes a hyphen, so that paths are unambiguous when they are printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// The path of these segments.
    #[must_use]
    pub fn of<'a>(segments: impl IntoIterator<Item = &'a str>) -> Path {
        // Room for nearly every path.
        let mut encoded = String::with_capacity(48);
        for (n, segment) in segments.into_iter().enumerate() {
            if n > 0 {
                encoded.push(SEPARATOR);
            }
            if segment.contains('/') {
                encoded += &path_label(segment);
            } else {
                encoded += segment;
            }
        }
        Path(encoded)
    }

    /// Its segments.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR)
    }

    /// Its segments with a zero byte between them, as tantivy encodes a facet.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.0
    }

    /// The path and every path above it, encoded, the shortest first.
    pub fn and_above(&self) -> impl Iterator<Item = &str> {
        let above = self.0.match_indices(SEPARATOR).map(|(at, _)| &self.0[..at]);
        above.chain([self.0.as_str()])
    }

    /// Its last segment.
    #[must_use]
    pub fn last(&self) -> &str {
        self.0.rsplit(SEPARATOR).next().unwrap_or("")
    }
}

/// As facets list it: segments with slashes between them.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, segment) in self.segments().enumerate() {
            if n > 0 {
                f.write_str("/")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

/// A value as a segment of a path shows it.
#[must_use]
pub fn path_label(value: &str) -> String {
    value.replace('/', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_segments_apart() {
        let path = Path::of(["opioid analgesic", "acetaminophen/hydrocodone"]);
        assert_eq!(
            path.to_string(),
            "opioid analgesic/acetaminophen-hydrocodone"
        );
        assert_eq!(path.segments().count(), 2);
        assert_eq!(path.last(), "acetaminophen-hydrocodone");
        let above: Vec<&str> = path.and_above().collect();
        assert_eq!(above, ["opioid analgesic", path.encoded()]);
    }
}
