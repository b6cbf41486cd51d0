//! The members of an archive as its reader hands them on, whatever its kind.

use super::columns::Columns;
use super::kind::{Compression, Kind};
use super::name::EntryNames;
use super::unpack::{read_up_to, unpack};
use super::{Limits, ReadError};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};

/// Members of one archive; all letters ever issued are two million.
const MOST_MEMBERS: usize = 5_000_000;

/// How members are read.
#[derive(Debug, Clone, Default)]
pub struct MemberOptions {
    /// How large members may be.
    pub limits: Limits,
    /// Which columns of a table, or keys of a line of JSON, hold what.
    pub columns: Columns,
}

/// One letter of many.
#[derive(Debug)]
pub struct Member {
    /// Its path inside, made harmless and unlike all others there.
    pub name: String,
    /// What it holds, or why it cannot be had.
    pub bytes: Result<Vec<u8>, ReadError>,
}

/// What a whole archive came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    /// Why it was not read to its end; completes the sentence "FILE ...".
    pub failure: Option<String>,
    /// What is odd about it, as sentences without their subject.
    pub notes: Vec<String>,
    /// Members of other kinds that were passed over, by extension.
    pub ignored: BTreeMap<String, usize>,
    /// The receiver wanted no more.
    pub stopped: bool,
}

/// Why the reading of an archive ends before its end.
pub(super) enum End {
    /// The receiver wants no more.
    Stopped,
    /// It cannot be read on: a reason that completes the sentence "FILE ...".
    Broken(String),
}

/// What the readers of all kinds share.
pub(super) struct ReadContext<'r> {
    pub options: &'r MemberOptions,
    give: &'r mut dyn FnMut(Member) -> bool,
    names: EntryNames,
    count: usize,
    report: ArchiveReport,
}

impl<'r> ReadContext<'r> {
    pub(super) fn new(
        options: &'r MemberOptions,
        give: &'r mut dyn FnMut(Member) -> bool,
    ) -> ReadContext<'r> {
        ReadContext {
            options,
            give,
            names: EntryNames::default(),
            count: 0,
            report: ArchiveReport::default(),
        }
    }

    /// What the archive came to, given how its reading ended.
    pub(super) fn report(self, ended: Result<(), End>) -> ArchiveReport {
        let mut report = self.report;
        report.notes = self.names.notes();
        match ended {
            Ok(()) => {}
            Err(End::Stopped) => report.stopped = true,
            Err(End::Broken(reason)) => report.failure = Some(reason),
        }
        report
    }

    /// Hands on one member.
    pub(super) fn give(
        &mut self,
        name: &[u8],
        bytes: Result<Vec<u8>, ReadError>,
    ) -> Result<(), End> {
        let name = self.names.name(name);
        if (self.give)(Member { name, bytes }) {
            Ok(())
        } else {
            Err(End::Stopped)
        }
    }

    /// Counts an entry, wanted or not.
    pub(super) fn count(&mut self) -> Result<(), End> {
        self.count += 1;
        if self.count > MOST_MEMBERS {
            return Err(End::Broken(format!(
                "has more than {MOST_MEMBERS} entries: the rest was not read; split it"
            )));
        }
        Ok(())
    }

    /// An entry of another kind is passed over.
    pub(super) fn ignore(&mut self, kind: &str) {
        *self.report.ignored.entry(kind.to_string()).or_default() += 1;
    }

    /// Whether an entry of an archive is a letter by its name, and how it is compressed: of all
    /// others it is told that they are passed over.
    pub(super) fn wanted(&mut self, name: &[u8]) -> Result<Option<LetterEntry>, End> {
        let text = String::from_utf8_lossy(name);
        let leaf = text.rsplit(['/', '\\']).next().unwrap_or_default();
        if leaf.starts_with('.') && !leaf.trim_matches('.').is_empty() {
            self.ignore("hidden");
            return Ok(None);
        }
        match Kind::of(&text) {
            Ok(Kind::Letter(packing)) => return Ok(Some(LetterEntry(packing))),
            Ok(_) => self.give(name, Err(ReadError::Nested))?,
            Err(extension) => self.ignore(&extension),
        }
        Ok(None)
    }
}

/// An entry that may be a letter.
pub(super) struct LetterEntry(Option<Compression>);

impl LetterEntry {
    /// Whether its bytes stand in the archive as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    /// Its bytes.
    pub(super) fn read(&self, stream: &mut dyn Read, limits: Limits) -> Result<Vec<u8>, ReadError> {
        let most = limits.letter();
        match self.0 {
            None => read_up_to(stream, most),
            packing => read_up_to(&mut unpack(packing, BufReader::new(stream), limits), most),
        }
    }
}
