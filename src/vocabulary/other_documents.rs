//! Documents that lie beside determination letters in an office's files, by their titles and
//! signatures: the table `other_documents.tsv`.

use super::table::Table;
use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use std::sync::LazyLock;

/// The table `other_documents.tsv`.
pub struct OtherDocuments {
    titles: Phrases,
    signatures: Phrases,
}

/// Phrases, each with the kind of document that it betrays.
struct Phrases {
    finder: AhoCorasick,
    phrases: Vec<(&'static str, &'static str)>,
}

static TABLE: LazyLock<OtherDocuments> = LazyLock::new(|| {
    let table = Table::read(
        "other_documents.tsv",
        include_str!("../../index-schema/other_documents.tsv"),
    );
    let column = |column: &str| {
        let rows = table.rows().flat_map(|row| {
            let kind = row.get("kind");
            row.get(column)
                .split('|')
                .filter(|phrase| !phrase.is_empty())
                .map(move |phrase| (phrase, kind))
        });
        Phrases::new(rows.collect())
    };
    OtherDocuments {
        titles: column("titles"),
        signatures: column("signatures"),
    }
});

impl Phrases {
    fn new(phrases: Vec<(&'static str, &'static str)>) -> Phrases {
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Both)
            .build(phrases.iter().map(|(phrase, _)| phrase))
            .expect("a table of phrases fits an automaton");
        Phrases { finder, phrases }
    }

    /// The first phrase of a text in lower case: where it begins and ends, and its kind.
    fn first(&self, lower: &[u8]) -> Option<(usize, usize, &'static str)> {
        self.look(Input::new(lower))
    }

    /// The phrase that a text in lower case begins with: where it ends, and its kind.
    fn at_start(&self, lower: &[u8]) -> Option<(usize, &'static str)> {
        let (_, end, kind) = self.look(Input::new(lower).anchored(Anchored::Yes))?;
        Some((end, kind))
    }

    fn look(&self, input: Input) -> Option<(usize, usize, &'static str)> {
        let found = self.finder.find(input)?;
        let (_, kind) = self.phrases[found.pattern().as_usize()];
        Some((found.start(), found.end(), kind))
    }
}

impl OtherDocuments {
    /// The table, loaded once.
    #[must_use]
    pub fn get() -> &'static OtherDocuments {
        &TABLE
    }

    /// The kind of document that has this line for its title: it is a title, or shouts one in a text
    /// that is not in capitals throughout.
    #[must_use]
    pub fn title(&self, line: &str, in_capitals: bool) -> Option<&'static str> {
        const LONGEST: usize = 110;
        const BEYOND: usize = 32;
        let (first, last) = (*line.as_bytes().first()?, *line.as_bytes().last()?);
        if line.len() > LONGEST || matches!(last, b'.' | b',' | b';') {
            return None;
        }
        let shouted = !in_capitals && !line.bytes().any(|b| b.is_ascii_lowercase());
        // Most lines of a letter: one look at their first bytes is enough.
        if !shouted && !first.is_ascii_uppercase() {
            return None;
        }
        let mut room = [0; LONGEST];
        let lower = &mut room[..line.len()];
        lower.copy_from_slice(line.as_bytes());
        lower.make_ascii_lowercase();
        if !shouted {
            let (end, kind) = self.titles.at_start(lower)?;
            return (line.len() - end <= BEYOND).then_some(kind);
        }
        let (start, _, kind) = self.titles.first(lower)?;
        let whole = !line[..start].ends_with(|c: char| c.is_alphanumeric());
        whole.then_some(kind)
    }

    /// The kind of document that words anywhere in a text of lower case betray.
    #[must_use]
    pub fn signature(&self, lower: &[u8]) -> Option<&'static str> {
        self.signatures.first(lower).map(|(_, _, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_in_lines_of_their_own() {
        let kind = |line: &str| OtherDocuments::get().title(line, false);
        assert_eq!(
            kind("UTILIZATION REVIEW DETERMINATION - NON-CERTIFICATION"),
            Some("a utilization review decision")
        );
        assert_eq!(
            kind("Notice of Assignment and Request for Information"),
            Some("a notice of assignment")
        );
        assert_eq!(kind("INVOICE NO. 2291"), Some("an invoice or a bill"));
        let said = "AS THE LAST PROGRESS REPORT SHOWS NO GAIN";
        assert_eq!(kind(said), Some("a medical report"));
        assert_eq!(OtherDocuments::get().title(said, true), None);
        for line in [
            "HOW THE IMR FINAL DETERMINATION WAS MADE",
            "Date of UR Decision: 7/8/2013",
            "Utilization review determination of 10/14/2013 and the reports that were sent with it",
            "A Notice of Assignment was provided to the parties",
        ] {
            assert_eq!(kind(line), None, "{line}");
        }
    }
}
