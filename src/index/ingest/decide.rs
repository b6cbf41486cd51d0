//! What is to be done about a source: pure functions from what the index knows of it and what was observed to a list of
//! operations. Nothing here looks at a file or changes the index; who observes and who carries out call it.

use super::super::catalog::Entry;

/// What the index knows of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SourceRecord {
    /// The identity of its letter; 0 where it holds none.
    pub letter: u128,
    pub size: u64,
    pub modified: u64,
    pub digest: u64,
    pub failed: bool,
}

impl From<&Entry> for SourceRecord {
    fn from(entry: &Entry) -> SourceRecord {
        SourceRecord {
            letter: entry.letter,
            size: entry.size,
            modified: entry.modified,
            digest: entry.digest,
            failed: entry.failed,
        }
    }
}

/// Which sources are read although nothing about them seems to have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Again {
    /// All whose size and time are the same.
    pub verify: bool,
    /// Those that gave no letter, or of which a member gave none.
    pub retry: bool,
}

/// What a walk that meets a source does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtSight {
    /// Its bytes are to be looked at.
    Read,
    /// Nothing about it changed.
    Skip,
    /// Nothing about it changed, and it gave no letter then.
    FailAgain,
}

/// What gave no letter when a file or archive was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Failures {
    /// A member of it.
    pub inside: bool,
    /// It was refused for what is asked for now.
    pub is_asked_for: bool,
}

/// Of a file or archive that a walk met, by its size and time.
pub(super) fn at_sight(
    known: Option<SourceRecord>,
    (size, modified): (u64, u64),
    failures: Failures,
    again: Again,
) -> AtSight {
    let Some(known) = known else {
        return AtSight::Read;
    };
    // A time of 0 says nothing.
    let is_same = known.size == size && known.modified == modified && modified != 0;
    let retry = again.retry && (known.failed || failures.inside);
    if !is_same || again.verify || retry || failures.is_asked_for {
        AtSight::Read
    } else if known.failed {
        AtSight::FailAgain
    } else {
        AtSight::Skip
    }
}

/// Whether a source whose bytes were read need not be read further, for they are what they were; `is_bundle`: it is a member
/// of an archive and holds several letters, which must be met again.
pub(super) fn has_same_bytes(
    known: Option<SourceRecord>,
    digest: u64,
    is_bundle: bool,
    again: Again,
) -> bool {
    known
        .is_some_and(|known| known.digest == digest && !is_bundle && !(known.failed && again.retry))
}

/// What a source turned out to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// The letter of an identity.
    Letter(u128),
    /// Several letters, which are sources of their own.
    Several,
    Nothing,
}

/// What is to be done for a source, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// It holds the letter that it held.
    Skip,
    /// A source less holds a letter; the last one takes it out of the index.
    Release(u128),
    /// Its letter comes into the index; whether in the place of another that it held.
    Add {
        letter: u128,
        replaces: bool,
    },
    /// Its letter is in the index already: of a source that is gone it moved here, else there are two of it.
    Share(u128),
    /// It gave no letter.
    Fail,
    /// What it is now is remembered.
    Remember,
    /// What is remembered of it goes.
    Forget,
    /// It is remembered as gone from its archive, which is not read again to tell so once more.
    MarkGone,
    /// It is reported: as gone, as taken out with its letter, as known under another name now.
    ReportGone,
    ReportPruned,
    ReportMoved,
}

/// Of a source that was read; `references`: how many sources hold a letter.
pub(super) fn when_read(
    known: Option<SourceRecord>,
    content: Content,
    references: impl Fn(u128) -> u32,
) -> Vec<Operation> {
    let before = known.map_or(0, |known| known.letter);
    if before != 0 && content == Content::Letter(before) {
        return vec![Operation::Skip, Operation::Remember];
    }
    let mut operations = Vec::with_capacity(3);
    if before != 0 {
        operations.push(Operation::Release(before));
    }
    match content {
        Content::Letter(letter) if references(letter) == 0 => operations.push(Operation::Add {
            letter,
            replaces: before != 0,
        }),
        Content::Letter(letter) => operations.push(Operation::Share(letter)),
        Content::Several => {}
        Content::Nothing => operations.push(Operation::Fail),
    }
    operations.push(Operation::Remember);
    operations
}

/// Where a source is that no walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceLocation {
    /// A file; whether it lies below a folder that was walked, and is not there.
    File { is_missing: bool },
    /// A member of an archive.
    Member {
        /// The archive was met, whether it changed or not.
        met: bool,
        /// It was read to its end.
        read: bool,
        /// It lies below a folder that was walked, and is not there.
        is_missing: bool,
        /// The member was not there when the archive was last read.
        was_gone: bool,
    },
}

/// Whether a source that no walk met is surely gone. Of an archive that was neither met nor is missing nothing is known.
pub(super) fn is_gone(place: SourceLocation) -> bool {
    match place {
        SourceLocation::File { is_missing } => is_missing,
        SourceLocation::Member {
            met,
            read,
            is_missing,
            was_gone,
        } => (was_gone && met) || read || is_missing,
    }
}

/// A source that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone {
    pub letter: u128,
    /// Sources that hold its letter, itself among them.
    pub references: u32,
    pub place: SourceLocation,
    /// It is an archive, all of whose members moved elsewhere.
    pub is_emptied: bool,
}

/// Of a source that is gone; `prune`: what it held is to leave the index.
pub(super) fn when_gone(gone: Gone, prune: bool) -> Vec<Operation> {
    use Operation::{Forget, MarkGone, Release, ReportGone, ReportMoved, ReportPruned};
    let (read, was_gone) = match gone.place {
        SourceLocation::File { .. } => (false, false),
        SourceLocation::Member { read, was_gone, .. } => (read, was_gone),
    };
    let release = (gone.letter != 0).then_some(Release(gone.letter));
    if read && gone.letter != 0 && gone.references > 1 {
        // The member has another name in its archive now.
        return vec![Release(gone.letter), Forget, ReportMoved];
    }
    if prune {
        return release.into_iter().chain([Forget, ReportPruned]).collect();
    }
    if gone.is_emptied {
        return vec![Forget];
    }
    let mark = (read && !was_gone).then_some(MarkGone);
    mark.into_iter().chain([ReportGone]).collect()
}

#[cfg(test)]
mod tests {
    use super::Operation::*;
    use super::*;

    const OK: SourceRecord = SourceRecord {
        letter: 7,
        size: 10,
        modified: 20,
        digest: 30,
        failed: false,
    };
    const FAILED: SourceRecord = SourceRecord {
        letter: 0,
        failed: true,
        ..OK
    };
    const NO: Again = Again {
        verify: false,
        retry: false,
    };
    const VERIFY: Again = Again {
        verify: true,
        retry: false,
    };
    const RETRY: Again = Again {
        verify: false,
        retry: true,
    };

    #[test]
    fn a_source_is_read_where_it_may_have_changed() {
        use AtSight::*;
        let undated = SourceRecord { modified: 0, ..OK };
        let none = Failures::default();
        let inside = Failures {
            inside: true,
            ..none
        };
        let wanted = Failures {
            is_asked_for: true,
            ..none
        };
        for (name, known, stamp, failures, again, expected) in [
            ("new", None, (10, 20), none, NO, Read),
            ("same", Some(OK), (10, 20), none, NO, Skip),
            ("larger", Some(OK), (11, 20), none, NO, Read),
            ("later", Some(OK), (10, 21), none, NO, Read),
            ("without a time", Some(undated), (10, 0), none, NO, Read),
            ("verified", Some(OK), (10, 20), none, VERIFY, Read),
            ("same, retry", Some(OK), (10, 20), none, RETRY, Skip),
            ("failed", Some(FAILED), (10, 20), none, NO, FailAgain),
            ("failed, retry", Some(FAILED), (10, 20), none, RETRY, Read),
            ("failed, changed", Some(FAILED), (9, 20), none, NO, Read),
            (
                "failed, asked for",
                Some(FAILED),
                (10, 20),
                wanted,
                NO,
                Read,
            ),
            ("failed inside", Some(OK), (10, 20), inside, NO, Skip),
            (
                "failed inside, retry",
                Some(OK),
                (10, 20),
                inside,
                RETRY,
                Read,
            ),
        ] {
            assert_eq!(at_sight(known, stamp, failures, again), expected, "{name}");
        }
    }

    #[test]
    fn the_same_bytes_are_not_read_again() {
        for (name, known, digest, is_bundle, again, expected) in [
            ("new", None, 30, false, NO, false),
            ("same", Some(OK), 30, false, NO, true),
            ("same, verified", Some(OK), 30, false, VERIFY, true),
            ("other", Some(OK), 31, false, NO, false),
            ("a bundle in an archive", Some(OK), 30, true, NO, false),
            ("failed", Some(FAILED), 30, false, NO, true),
            ("failed, retry", Some(FAILED), 30, false, RETRY, false),
        ] {
            assert_eq!(
                has_same_bytes(known, digest, is_bundle, again),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn what_a_source_holds_now_is_put_in_the_place_of_what_it_held() {
        use Content::*;
        let add = |letter, replaces| Add { letter, replaces };
        // Of the letters 7 and 8 there is one, of 9 none.
        let references = |letter| u32::from(letter == 7 || letter == 8);
        for (name, known, content, expected) in [
            ("new letter", None, Letter(9), vec![add(9, false), Remember]),
            (
                "new source of a letter",
                None,
                Letter(8),
                vec![Share(8), Remember],
            ),
            ("the same letter", Some(OK), Letter(7), vec![Skip, Remember]),
            (
                "another letter",
                Some(OK),
                Letter(9),
                vec![Release(7), add(9, true), Remember],
            ),
            (
                "a letter that another source holds",
                Some(OK),
                Letter(8),
                vec![Release(7), Share(8), Remember],
            ),
            (
                "no letter any more",
                Some(OK),
                Nothing,
                vec![Release(7), Fail, Remember],
            ),
            (
                "several letters now",
                Some(OK),
                Several,
                vec![Release(7), Remember],
            ),
            ("several letters", None, Several, vec![Remember]),
            ("no letter", None, Nothing, vec![Fail, Remember]),
            (
                "still no letter",
                Some(FAILED),
                Nothing,
                vec![Fail, Remember],
            ),
            (
                "a letter at last",
                Some(FAILED),
                Letter(9),
                vec![add(9, false), Remember],
            ),
        ] {
            assert_eq!(when_read(known, content, references), expected, "{name}");
        }
    }

    fn member(met: bool, read: bool, is_missing: bool, was_gone: bool) -> SourceLocation {
        SourceLocation::Member {
            met,
            read,
            is_missing,
            was_gone,
        }
    }

    #[test]
    fn only_what_is_surely_gone_is_gone() {
        for (name, place, expected) in [
            (
                "a missing file",
                SourceLocation::File { is_missing: true },
                true,
            ),
            (
                "a file elsewhere",
                SourceLocation::File { is_missing: false },
                false,
            ),
            (
                "a member, archive not met",
                member(false, false, false, false),
                false,
            ),
            (
                "a member, archive missing",
                member(false, false, true, false),
                true,
            ),
            (
                "a member, archive read",
                member(true, true, false, false),
                true,
            ),
            (
                "a member, archive unchanged",
                member(true, false, false, false),
                false,
            ),
            (
                "one gone before, archive unchanged",
                member(true, false, false, true),
                true,
            ),
            (
                "one gone before, archive not met",
                member(false, false, false, true),
                false,
            ),
        ] {
            assert_eq!(is_gone(place), expected, "{name}");
        }
    }

    #[test]
    fn what_is_gone_is_reported_or_taken_out() {
        let file = SourceLocation::File { is_missing: true };
        let read = member(true, true, false, false);
        let marked = member(true, true, false, true);
        let gone = |letter, references, place| Gone {
            letter,
            references,
            place,
            is_emptied: false,
        };
        let emptied = Gone {
            is_emptied: true,
            ..gone(0, 0, file)
        };
        for (name, gone, prune, expected) in [
            ("a file", gone(7, 1, file), false, vec![ReportGone]),
            (
                "a file, pruned",
                gone(7, 1, file),
                true,
                vec![Release(7), Forget, ReportPruned],
            ),
            (
                "a failure, pruned",
                gone(0, 0, file),
                true,
                vec![Forget, ReportPruned],
            ),
            (
                "one of two files",
                gone(7, 2, file),
                false,
                vec![ReportGone],
            ),
            (
                "a member",
                gone(7, 1, read),
                false,
                vec![MarkGone, ReportGone],
            ),
            (
                "a member, marked",
                gone(7, 1, marked),
                false,
                vec![ReportGone],
            ),
            (
                "a member, renamed",
                gone(7, 2, read),
                false,
                vec![Release(7), Forget, ReportMoved],
            ),
            (
                "a member, renamed, pruned",
                gone(7, 2, read),
                true,
                vec![Release(7), Forget, ReportMoved],
            ),
            ("an archive, emptied", emptied, false, vec![Forget]),
            (
                "an archive, emptied, pruned",
                emptied,
                true,
                vec![Forget, ReportPruned],
            ),
        ] {
            assert_eq!(when_gone(gone, prune), expected, "{name}");
        }
    }
}
