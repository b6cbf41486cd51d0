//! What a terminal shows of an export: control characters of file names and letters are written out, so
//! that they cannot act. Files and pipes get every byte as it is.

use crate::corpus::harmless;
use std::io::{self, Write};

/// Writes whole lines, each harmless.
pub(super) struct TerminalWriter<W: Write> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> TerminalWriter<W> {
    /// Writes to `out`.
    pub(super) fn new(out: W) -> TerminalWriter<W> {
        TerminalWriter {
            out,
            line: Vec::new(),
        }
    }

    fn put(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        // Tabs divide the columns of an export.
        for (n, cell) in line.split('\t').enumerate() {
            if n > 0 {
                self.out.write_all(b"\t")?;
            }
            self.out.write_all(harmless(cell).as_bytes())?;
        }
        Ok(())
    }
}

impl<W: Write> Write for TerminalWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            match part.strip_suffix(b"\n") {
                None => self.line.extend_from_slice(part),
                Some(part) => {
                    self.line.extend_from_slice(part);
                    self.put()?;
                    self.out.write_all(b"\n")?;
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.put()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_a_terminal() {
        let mut out = TerminalWriter::new(Vec::new());
        out.write_all("a\tb\u{1b}[31mred\u{9b}1m\u{7}\n".as_bytes())
            .unwrap();
        out.write_all("\u{202e}x".as_bytes()).unwrap();
        out.flush().unwrap();
        let shown = String::from_utf8(out.out).unwrap();
        assert_eq!(shown, "a\tb\\u{1b}[31mred\\u{9b}1m\\u{7}\n\\u{202e}x");
    }
}
