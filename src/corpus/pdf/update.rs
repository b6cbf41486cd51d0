//! Objects added at a file's end, the way programs do that save changes: with a table of their own and a trailer that
//! names the table before.

use super::syntax::{last_number_after, reference, skip_space};
use memchr::memmem::{find, rfind};

/// What the trailers of a file say.
pub(super) struct Trailer {
    /// One more than the highest number of an object.
    pub size: usize,
    /// Root, information and identifier, each as written, with its key.
    entries: Vec<u8>,
    /// Where the last table stands.
    previous: usize,
}

/// A new object, or a new version of one.
pub(super) struct Object {
    pub number: usize,
    pub generation: u16,
    pub body: Vec<u8>,
}

impl Trailer {
    /// The last of each entry that the file has.
    pub(super) fn read(bytes: &[u8]) -> Option<Trailer> {
        let value_of = |key: &[u8]| {
            let at = rfind(bytes, key)? + key.len();
            let at = skip_space(bytes, at);
            let end = match bytes.get(at)? {
                b'[' => at + find(&bytes[at..], b"]")? + 1,
                _ => reference(bytes, at)?.1,
            };
            Some([key, b" ", &bytes[at..end], b" "].concat())
        };
        let mut entries = value_of(b"/Root")?;
        entries.extend(value_of(b"/Info").unwrap_or_default());
        entries.extend(value_of(b"/ID").unwrap_or_default());
        Some(Trailer {
            size: last_number_after(bytes, b"/Size")?,
            entries,
            previous: last_number_after(bytes, b"startxref")?,
        })
    }

    /// Adds objects to the file's end; the trailer says `more` beside what it said.
    pub(super) fn add(&self, bytes: &mut Vec<u8>, objects: &[Object], more: &str) {
        let mut table = "xref\n".to_string();
        for object in objects {
            let (number, generation) = (object.number, object.generation);
            bytes.push(b'\n');
            table += &format!("{number} 1\n{:010} {generation:05} n \n", bytes.len());
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bytes.extend_from_slice(&object.body);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let numbers = objects.iter().map(|object| object.number.saturating_add(1));
        let size = numbers.chain([self.size]).max().unwrap_or(self.size);
        let start = bytes.len();
        bytes.extend_from_slice(format!("{table}trailer\n<< /Size {size} ").as_bytes());
        bytes.extend_from_slice(&self.entries);
        let previous = self.previous;
        let end = format!("{more}/Prev {previous} >>\nstartxref\n{start}\n%%EOF\n");
        bytes.extend_from_slice(end.as_bytes());
    }
}
