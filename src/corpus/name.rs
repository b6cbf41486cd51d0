//! Names of sources. A source's *key* is the real path of its file (absolute, links resolved), so
//! that one file has one key however it was reached; what is inside an archive has the archive's
//! key, `!`, and its own path there. People are shown the path from where they stand.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Between an archive's key and the path inside it.
pub const INSIDE: char = '!';
/// The longest name of an entry that is kept as it is, in bytes; tantivy drops terms beyond 64 KB.
const LONGEST: usize = 1024;

/// The real path of something that exists; of anything else, its absolute path.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    std::fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_path_buf())
}

/// A path as text; bytes that are no UTF-8 as `\xff`, so that different files have different names.
#[must_use]
pub(super) fn printable(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_string(),
        None => printable_bytes(path.as_os_str().as_encoded_bytes()),
    }
}

fn printable_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Keys as people read them: from the folder where they stand, where that is above.
struct DisplayedKey {
    here: Option<String>,
}

/// A key from the folder where the program was started.
#[must_use]
pub fn relative(key: &str) -> &str {
    static SHOWN: LazyLock<DisplayedKey> = LazyLock::new(DisplayedKey::from_here);
    SHOWN.path(key)
}

/// A key as people read it: from the folder where the program was started, and harmless to a terminal.
#[must_use]
pub fn shown(key: &str) -> Cow<'_, str> {
    harmless(relative(key))
}

/// A text of one line that a terminal only prints: control characters, ends of lines and what changes the direction of
/// writing are written as `\u{1b}`. Everything that a message repeats of a file or its name goes through this.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// JSON that says the same and that a terminal only prints: what changes the direction of writing is escaped, as JSON
/// itself does with control characters.
#[must_use]
pub fn harmless_json(json: String) -> String {
    // Nearly all JSON is plain; without a branch a byte, many are looked at at a time.
    let odd = json
        .bytes()
        .fold(false, |odd, b| odd | !(b' '..=b'~').contains(&b));
    if !odd || !json.contains(acts) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if acts(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a terminal does something else than print a character.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl DisplayedKey {
    fn from_here() -> DisplayedKey {
        let here = std::env::current_dir().ok().map(|folder| {
            let mut here = printable(&real_path(&folder));
            if !here.ends_with(std::path::MAIN_SEPARATOR) {
                here.push(std::path::MAIN_SEPARATOR);
            }
            here
        });
        DisplayedKey { here }
    }

    fn path<'k>(&self, key: &'k str) -> &'k str {
        let below = self.here.as_deref().and_then(|here| key.strip_prefix(here));
        below.filter(|rest| !rest.is_empty()).unwrap_or(key)
    }
}

/// The names of an archive's entries: made harmless, and each given once.
#[derive(Debug, Default)]
pub(super) struct EntryNames {
    /// Times that a name was given, by its digest.
    given: HashMap<u64, u32>,
    changed: Tally,
    repeated: Tally,
}

/// How often something was met, and where first.
#[derive(Debug, Default)]
struct Tally {
    count: usize,
    first: String,
}

impl Tally {
    fn note(&mut self, name: &str) {
        self.count += 1;
        if self.count == 1 {
            self.first = name.to_string();
        }
    }
}

impl EntryNames {
    /// The name under which an entry is known: without what could lead out of a folder, and with
    /// `#2`, `#3` ... where an entry before had the same.
    pub(super) fn name(&mut self, raw: &[u8]) -> String {
        let (clean, changed) = clean(raw);
        if changed {
            self.changed.note(&printable_bytes(raw));
        }
        let base = digest(&clean);
        let times = self.given.entry(base).or_insert(0);
        *times += 1;
        if *times == 1 {
            return clean;
        }
        self.repeated.note(&clean);
        // An entry may truly be called `a.txt#2`.
        loop {
            let number = self.given.get(&base).copied().unwrap_or(1);
            let name = format!("{clean}#{number}");
            let free = self.given.insert(digest(&name), 1).is_none();
            if free {
                return name;
            }
            self.given.insert(base, number + 1);
        }
    }

    /// What is to be told of the names.
    #[must_use]
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.changed.count > 0 {
            notes.push(format!(
                "has {} with a name that leads out of it or cannot be printed (first: {}); kept under a plain name",
                entries(self.changed.count),
                self.changed.first.escape_debug()
            ));
        }
        if self.repeated.count > 0 {
            notes.push(format!(
                "has {} with the same name as an earlier entry (first: {}); each is kept, numbered #2, #3 ...",
                entries(self.repeated.count),
                self.repeated.first
            ));
        }
        notes
    }
}

fn entries(count: usize) -> String {
    if count == 1 {
        "1 entry".to_string()
    } else {
        format!("{count} entries")
    }
}

fn digest(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn without_control(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for c in part.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A name without steps upwards, roots, drives and control characters; and whether it had any.
fn clean(raw: &[u8]) -> (String, bool) {
    // Some programs of Windows write its separator.
    let text = if raw.contains(&b'/') {
        printable_bytes(raw)
    } else {
        let slashes: Vec<u8> = raw
            .iter()
            .map(|b| if *b == b'\\' { b'/' } else { *b })
            .collect();
        printable_bytes(&slashes)
    };
    let mut changed = text.starts_with('/');
    let mut parts: Vec<String> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                changed = true;
                parts.pop();
            }
            part => {
                let drive = parts.is_empty() && part.len() == 2 && part.ends_with(':');
                changed |= drive || part.contains(char::is_control);
                if !drive {
                    parts.push(without_control(part));
                }
            }
        }
    }
    let mut name = parts.join("/");
    if name.is_empty() {
        name.push_str("unnamed");
        changed = true;
    }
    if name.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| name.is_char_boundary(*at));
        name.truncate(end.unwrap_or(0));
        name.push('…');
        changed = true;
    }
    (name, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(harmless("a b/caf\u{e9}.pdf"), "a b/caf\u{e9}.pdf");
        assert_eq!(
            harmless("\u{1b}[2J\nx\u{202e}fdp\u{9b}"),
            "\\u{1b}[2J\\u{a}x\\u{202e}fdp\\u{9b}"
        );
        let json = serde_json::to_string("a\nb\u{202e}\u{9b}").unwrap();
        let harmless = harmless_json(json.clone());
        assert!(!harmless.contains(acts), "{harmless}");
        let back: String = serde_json::from_str(&harmless).unwrap();
        assert_eq!(back, "a\nb\u{202e}\u{9b}");
    }

    #[test]
    fn names_of_entries_are_harmless() {
        let mut names = EntryNames::default();
        let mut name = |raw: &[u8]| names.name(raw);
        assert_eq!(name(b"2015/CM15-0900001.pdf"), "2015/CM15-0900001.pdf");
        assert_eq!(name(b"./2015//a.txt"), "2015/a.txt");
        assert_eq!(name(b"2015\\b.txt"), "2015/b.txt");
        assert_eq!(name(b"../../etc/passwd"), "etc/passwd");
        assert_eq!(name(b"/etc/shadow"), "etc/shadow");
        assert_eq!(name(b"C:\\letters\\c.txt"), "letters/c.txt");
        assert_eq!(name(b"bell\x07\n.txt"), "bell\\u{7}\\n.txt");
        assert_eq!(name(b".."), "unnamed");
        assert_eq!(name(b"caf\xe9.txt"), "caf\\xe9.txt");
        assert!(name(&[b'x'; 5000]).len() < 1100);
        let notes = names.notes();
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].starts_with("has 6 entries with a name that leads out of it"),
            "{notes:?}"
        );
    }

    #[test]
    fn entries_of_one_name_are_numbered() {
        let mut names = EntryNames::default();
        assert_eq!(names.name(b"a.txt#3"), "a.txt#3");
        let given: Vec<_> = (0..5000).map(|_| names.name(b"a.txt")).collect();
        assert_eq!(given[..4], ["a.txt", "a.txt#2", "a.txt#4", "a.txt#5"]);
        let different: std::collections::HashSet<_> = given.iter().collect();
        assert_eq!(different.len(), 5000);
        assert!(names.notes()[0].starts_with("has 4999 entries"));
    }

    #[test]
    fn a_key_is_shown_from_here() {
        let shown = DisplayedKey {
            here: Some("/home/me/".into()),
        };
        assert_eq!(shown.path("/home/me/a.zip!b.txt"), "a.zip!b.txt");
        assert_eq!(shown.path("/home/mean/b.txt"), "/home/mean/b.txt");
    }
}
