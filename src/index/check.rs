//! Whether an index is sound: its files are what was written, and every letter is whole.

use super::catalog::DigestMap;
use super::error::IndexError;
use super::files::{fault, files};
use super::reason::Reason;
use super::sources;
use super::store::Index;
use super::stored::StoredLetter;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Soundness {
    /// Files whose checksum was compared.
    pub files: usize,
    /// Letters looked at.
    pub letters: usize,
    /// What is wrong, a sentence each; none of a sound index.
    pub problems: Vec<String>,
}

/// Problems listed at most: of a badly damaged index a few tell enough.
const LISTED: usize = 100;
/// Letters whose records one thread reads in one go: they lie in some blocks of the store.
const LETTERS_AT_ONCE: usize = 512;

impl Soundness {
    fn problem(&mut self, what: String) {
        if self.problems.len() < LISTED {
            self.problems.push(what);
        }
    }
}

impl Index {
    /// Compares every file with the checksum that was written with it; ends with the first that
    /// differs.
    ///
    /// # Errors
    /// If one is missing or damaged.
    pub fn check_files(&self) -> Result<(), IndexError> {
        self.check_files_within(u64::MAX)
    }

    /// As [`Index::check_files`], but of the smallest files only, of so many bytes together.
    ///
    /// # Errors
    /// As [`Index::check_files`].
    pub(super) fn check_files_within(&self, bytes: u64) -> Result<(), IndexError> {
        let files = files(&self.tantivy).map_err(|e| self.broken(&e))?;
        let size = |path: &PathBuf| {
            let file = self.path.join(&self.generation).join(path);
            std::fs::metadata(file).map_or(0, |file| file.len())
        };
        let mut sized: Vec<(u64, PathBuf)> = files.into_iter().map(|p| (size(&p), p)).collect();
        sized.sort();
        let mut left = bytes;
        for (size, path) in sized {
            let Some(rest) = left.checked_sub(size) else {
                break;
            };
            left = rest;
            if let Some(fault) = fault(&self.tantivy, &path) {
                return Err(self.broken(&fault));
            }
        }
        self.dictionary().map_err(|e| self.broken(&e))?;
        Ok(())
    }

    /// Compares checksums, and if they are right looks at every block and every source.
    ///
    /// # Errors
    /// If the index cannot even be read.
    pub fn check(&self) -> Result<Soundness, IndexError> {
        let mut sound = Soundness::default();
        self.compare_checksums(&mut sound)?;
        if !sound.problems.is_empty() {
            return Ok(sound);
        }
        let mut letters = DigestMap::default();
        for (n, segment) in self.reader.searcher().segment_readers().iter().enumerate() {
            self.check_segment(segment, n + 1, &mut letters, &mut sound)
                .map_err(|e| self.broken(&e))?;
        }
        sound.letters = letters.len();
        let mut held = DigestMap::default();
        sources::each(self, |row| {
            if row.letter != 0 {
                held.insert(row.letter, ());
                if !letters.contains_key(&row.letter) {
                    sound.problem(format!("the letter of {} is missing", row.key));
                }
            }
        })?;
        for letter in letters.keys().filter(|letter| !held.contains_key(letter)) {
            let id = sources::letter_text(*letter);
            sound.problem(format!("no source has the letter {id}"));
        }
        Ok(sound)
    }

    fn compare_checksums(&self, sound: &mut Soundness) -> Result<(), IndexError> {
        for path in files(&self.tantivy).map_err(|e| self.broken(&e))? {
            sound.files += 1;
            if let Some(fault) = fault(&self.tantivy, &path) {
                sound.problem(fault.reason);
            }
        }
        // Nothing is read of damaged files.
        if sound.problems.is_empty()
            && let Err(problem) = self.dictionary()
        {
            sound.problem(problem);
        }
        Ok(())
    }

    /// Every block of a segment is its items, as many as its record has, then its letter; all of one
    /// identity; all there or all deleted.
    fn check_segment(
        &self,
        segment: &SegmentReader,
        number: usize,
        letters: &mut DigestMap<()>,
        sound: &mut Soundness,
    ) -> tantivy::Result<()> {
        let items_of = self.items_of_letters(segment)?;
        let mut in_blocks = 0_u64;
        let sources: HashSet<DocId> = self.documents_of(segment, "source")?.into_iter().collect();
        let ids = segment.inverted_index(self.fields.letter_id)?;
        let mut terms = ids.terms().stream()?;
        while terms.advance() {
            let value = std::str::from_utf8(terms.key()).unwrap_or_default();
            let letter = sources::letter_of_value(value);
            let id = sources::letter_text(letter);
            let mut postings =
                ids.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            // Deleted blocks of the identity may stand before the living one.
            let mut block = 0_u64;
            let mut living = 0_u64;
            loop {
                let doc = postings.doc();
                if doc == TERMINATED {
                    break;
                }
                // What is remembered of a source that holds the letter.
                if sources.contains(&doc) {
                    postings.advance();
                    continue;
                }
                in_blocks += 1;
                living += u64::from(!segment.is_deleted(doc));
                if let Some(items) = items_of.get(&doc) {
                    if living != 0 && living != block + 1 {
                        sound.problem(format!(
                            "the letter {id} in segment {number} is half deleted"
                        ));
                    } else if let (Err(reason), true) = (items, living != 0) {
                        sound.problem(format!(
                            "the record of the letter {id} in segment {number} cannot be read: {reason}"
                        ));
                    } else if let (Ok(items), true) = (items, living != 0)
                        && *items != block
                    {
                        sound.problem(format!(
                            "the letter {id} in segment {number} has {block} items and should have {items}"
                        ));
                    } else if living != 0 && letters.insert(letter, ()).is_some() {
                        sound.problem(format!("the letter {id} is in the index twice"));
                    }
                    (block, living) = (0, 0);
                } else {
                    block += 1;
                }
                let mut next = postings.advance();
                while sources.contains(&next) {
                    next = postings.advance();
                }
                // Within a block documents are adjacent up to the letter.
                if block > 0 && next != doc + 1 {
                    sound.problem(format!(
                        "an item of {id} in segment {number} is not at its letter"
                    ));
                    (block, living) = (0, 0);
                }
            }
            if block > 0 {
                sound.problem(format!("items of {id} in segment {number} have no letter"));
            }
        }
        let kinds = segment.inverted_index(self.fields.kind)?;
        let mut counted = 0;
        for kind in ["item", "letter"] {
            let term = Term::from_field_text(self.fields.kind, kind);
            counted += u64::from(kinds.doc_freq(&term)?);
        }
        if counted != in_blocks {
            sound.problem(format!(
                "segment {number} has {counted} items and letters, of which {in_blocks} have an identity"
            ));
        }
        Ok(())
    }

    /// The documents of a kind, deleted ones included.
    fn documents_of(&self, segment: &SegmentReader, kind: &str) -> tantivy::Result<Vec<DocId>> {
        let term = Term::from_field_text(self.fields.kind, kind);
        let kinds = segment.inverted_index(self.fields.kind)?;
        let mut documents = Vec::new();
        if let Some(mut postings) = kinds.read_postings(&term, IndexRecordOption::Basic)? {
            while postings.doc() != TERMINATED {
                documents.push(postings.doc());
                postings.advance();
            }
        }
        Ok(documents)
    }

    /// How many items each letter of a segment has by its record, or why that cannot be read; none
    /// is read of a deleted letter.
    fn items_of_letters(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<HashMap<DocId, Result<u64, String>>> {
        let letters = self.documents_of(segment, "letter")?;
        let store = segment.get_store_reader(rayon::current_num_threads())?;
        let items = letters.par_chunks(LETTERS_AT_ONCE).flat_map_iter(|some| {
            some.iter().map(|doc| {
                if segment.is_deleted(*doc) {
                    return (*doc, Ok(0));
                }
                let items = match StoredLetter::of(&store, *doc) {
                    Ok(stored) => self
                        .read_stored(&stored)
                        .map(|letter| letter.items.len() as u64),
                    Err(error) => Err(error.reason()),
                };
                (*doc, items)
            })
        });
        Ok(items.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::documents;
    use super::super::segment::{SegmentMaker, SegmentWriter};
    use super::*;
    use crate::letter;
    use tantivy::{IndexWriter, TantivyDocument, Term};

    /// What a check says of an index that holds these documents of a letter with two items, once those
    /// with a term are deleted.
    fn problems(change: impl FnOnce(&Index, &mut Vec<Document>) -> Option<Term>) -> Vec<String> {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        let text = "Case Number: CM15-0900001\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
            Norco: Upheld\n\nDecision rationale: No.\n\nSoma: Upheld\n\nDecision rationale: No.\n";
        let letter = letter::read(text);
        assert_eq!(letter.items.len(), 2);
        let id = sources::letter_text(7);
        let mut documents = documents::block(&index.fields, letter, &id, None);
        let state = sources::SourceState {
            letter: id,
            ..Default::default()
        };
        let deleted = change(&index, &mut documents);
        documents.push(sources::document(&index.fields, "/a.txt", &state));
        let mut maker = SegmentMaker::new(&index.tantivy, 0);
        for document in &documents {
            maker.add(document).unwrap();
        }
        let mut writer: IndexWriter<TantivyDocument> =
            index.tantivy.writer_with_num_threads(1, 16 << 20).unwrap();
        writer
            .add_segment(maker.finish().unwrap().unwrap())
            .unwrap();
        writer.commit().unwrap();
        if let Some(term) = deleted {
            writer.delete_term(term);
            writer.commit().unwrap();
        }
        index.reload().unwrap();
        index.check().unwrap().problems
    }

    #[test]
    fn blocks_that_are_not_whole_are_found() {
        assert_eq!(problems(|_, _| None), [""; 0]);
        let found = problems(|_, block| {
            block.pop();
            None
        });
        assert!(found[0].contains("is not at its letter"), "{found:?}");
        assert!(found.iter().any(|p| p == "the letter of /a.txt is missing"));
        let found = problems(|_, block| {
            block.remove(0);
            None
        });
        assert!(
            found[0].contains("has 1 items and should have 2"),
            "{found:?}"
        );
        let found = problems(|_, block| {
            block.extend(block.clone());
            None
        });
        assert!(found[0].contains("is in the index twice"), "{found:?}");
        // One half: the word stands in one item.
        let found = problems(|index, _| {
            Some(Term::from_field_text(
                index.fields.of(&crate::fields::REQUEST),
                "soma",
            ))
        });
        assert!(found[0].contains("is half deleted"), "{found:?}");
        let found = problems(|index, _| Some(sources::term(&index.fields, "/a.txt")));
        assert!(
            found[0].starts_with("no source has the letter"),
            "{found:?}"
        );
    }
}
