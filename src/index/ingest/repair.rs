//! Removes what an interrupted run of an earlier version may have left: letters that no source holds, letters that
//! are there twice, and several records of one source. (The first deletion of a run could be lost where a merge began
//! before the run's first commit; `writers::open` says how that is prevented.)

use super::super::catalog::{DigestMap, SourceCatalog};
use super::super::error::IndexError;
use super::super::sources::{self, digest_of, letter_of_value, letter_term, letter_text};
use super::super::store::Index;
use super::writers;
use std::collections::{BTreeSet, HashMap, HashSet};
use tantivy::columnar::StrColumn;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term};

/// What a repair removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Letters that no source holds, or second copies of one.
    pub letters: usize,
    /// Outdated records of sources.
    pub sources: usize,
}

/// Documents to remove: those that have all of some terms.
type Removal = Vec<Term>;

/// Removes what no source accounts for, and commits. A sound index is only counted.
pub(super) fn repair(index: &Index, known: &SourceCatalog) -> Result<Repaired, IndexError> {
    let searcher = index.reader.searcher();
    let mut repaired = Repaired::default();
    let mut removals = Vec::new();
    let broken = |e: tantivy::TantivyError| index.broken(&e);
    let letters = living(index, &searcher, "letter").map_err(broken)?;
    if letters.iter().map(Vec::len).sum::<usize>() != known.count_letters() {
        let mut held = DigestMap::default();
        sources::each(index, |row| {
            held.insert(row.letter, ());
        })?;
        let found = stray_letters(index, &searcher, &letters, &held).map_err(broken)?;
        repaired.letters = found.len();
        // What is remembered of sources has the letter's identity too, and stays.
        let kinds = ["item", "letter"].map(|kind| Term::from_field_text(index.fields.kind, kind));
        let of_kind = |removal: &Removal, kind| [removal.as_slice(), &[kind]].concat();
        let of_block = |removal: Removal| kinds.clone().map(|kind| of_kind(&removal, kind));
        removals.extend(found.into_iter().flat_map(of_block));
    }
    let records = living(index, &searcher, "source").map_err(broken)?;
    let all = records.iter().map(Vec::len).sum::<usize>();
    if all != known.len() || known.has_repeated_keys() {
        let found = outdated_records(index, &searcher, &records).map_err(broken)?;
        repaired.sources = found.len();
        removals.extend(found);
    }
    if !removals.is_empty() {
        remove(index, removals)?;
        index.reload()?;
    }
    Ok(repaired)
}

fn remove(index: &Index, removals: Vec<Removal>) -> Result<(), IndexError> {
    let options = IndexWriterOptions::builder().num_merge_threads(1).build();
    let mut writer = writers::open(index, options, Box::new(NoMergePolicy))?;
    let cannot = |e: tantivy::TantivyError| index.cannot_write(&e);
    for terms in removals {
        let with = |term| -> (Occur, Box<dyn Query>) {
            (
                Occur::Must,
                Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
            )
        };
        let query = BooleanQuery::new(terms.into_iter().map(with).collect());
        writer.delete_query(Box::new(query)).map_err(cannot)?;
    }
    writer.commit().map_err(cannot)?;
    writer.wait_merging_threads().map_err(cannot)
}

/// The documents of a kind that are not deleted, segment by segment.
fn living(index: &Index, searcher: &Searcher, kind: &str) -> tantivy::Result<Vec<Vec<DocId>>> {
    let term = Term::from_field_text(index.fields.kind, kind);
    let segments = searcher.segment_readers().iter();
    segments
        .map(|segment| living_with(segment, &term))
        .collect()
}

fn living_with(segment: &SegmentReader, term: &Term) -> tantivy::Result<Vec<DocId>> {
    let inverted = segment.inverted_index(term.field())?;
    let mut docs = Vec::new();
    if let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? {
        while postings.doc() != TERMINATED {
            if !segment.is_deleted(postings.doc()) {
                docs.push(postings.doc());
            }
            postings.advance();
        }
    }
    Ok(docs)
}

/// What removes the letters that no source holds, and all but one copy of the others.
fn stray_letters(
    index: &Index,
    searcher: &Searcher,
    letters: &[Vec<DocId>],
    held: &DigestMap<()>,
) -> tantivy::Result<Vec<Removal>> {
    let mut removals = Vec::new();
    let mut copies: DigestMap<Vec<DocAddress>> = DigestMap::default();
    for (number, segment) in (0..).zip(searcher.segment_readers()) {
        let letters: HashSet<DocId> = letters[number as usize].iter().copied().collect();
        let ids = segment.inverted_index(index.fields.letter_id)?;
        let mut terms = ids.terms().stream()?;
        while terms.advance() {
            let letter = letter_of_value(std::str::from_utf8(terms.key()).unwrap_or_default());
            let mut postings =
                ids.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                if letters.contains(&postings.doc()) {
                    let at = DocAddress::new(number, postings.doc());
                    copies.entry(letter).or_default().push(at);
                }
                postings.advance();
            }
        }
    }
    let mut doubled = Vec::new();
    for (letter, copies) in copies {
        let id = letter_term(index.fields.letter_id, &letter_text(letter));
        if !held.contains_key(&letter) {
            removals.push(vec![id]);
        } else if copies.len() > 1 {
            doubled.push((id, copies));
        }
    }
    let commits = commits_of(
        index,
        searcher,
        doubled.iter().flat_map(|(_, copies)| copies),
    )?;
    for (id, copies) in doubled {
        removals.extend(all_but_last(id, &copies, &commits));
    }
    Ok(removals)
}

/// What removes all records of a source but one. Which one is kept matters little: the file is read again where its
/// size or time is another.
fn outdated_records(
    index: &Index,
    searcher: &Searcher,
    records: &[Vec<DocId>],
) -> tantivy::Result<Vec<Removal>> {
    let mut of_key: DigestMap<Vec<(bool, u64, DocAddress)>> = DigestMap::default();
    let mut keys: DigestMap<String> = DigestMap::default();
    for (number, segment) in (0..).zip(searcher.segment_readers()) {
        let fast = segment.fast_fields();
        let Some(sources_column) = fast.str("source")? else {
            continue;
        };
        let letters = sources::letters_of(segment, &sources_column)?;
        let modified = fast.u64_lenient("source_modified")?.map(|column| column.0);
        for &doc in &records[number as usize] {
            let Some(key) = text(&sources_column, doc)? else {
                continue;
            };
            let has_letter = sources::letter_of(&letters, doc) != 0;
            let modified = modified.as_ref().and_then(|column| column.first(doc));
            let record = (
                has_letter,
                modified.unwrap_or(0),
                DocAddress::new(number, doc),
            );
            let digest = digest_of(&key);
            of_key.entry(digest).or_default().push(record);
            keys.insert(digest, key);
        }
    }
    of_key.retain(|_, records| records.len() > 1);
    let doubled = of_key.values().flatten().map(|(_, _, at)| at);
    let commits = commits_of(index, searcher, doubled)?;
    let mut removals = Vec::new();
    for (digest, mut records) in of_key {
        records.sort_unstable();
        let records: Vec<DocAddress> = records.into_iter().map(|(_, _, at)| at).collect();
        let key = keys.get(&digest).map_or("", String::as_str);
        let key = sources::term(&index.fields, key);
        removals.extend(all_but_last(key, &records, &commits));
    }
    Ok(removals)
}

fn text(column: &StrColumn, doc: DocId) -> tantivy::Result<Option<String>> {
    let Some(ord) = column.ords().first(doc) else {
        return Ok(None);
    };
    let mut text = String::new();
    Ok(column.ord_to_str(ord, &mut text)?.then_some(text))
}

/// What removes all documents with a term but those of the last document's commit.
fn all_but_last(
    term: Term,
    documents: &[DocAddress],
    commits: &HashMap<DocAddress, Term>,
) -> Vec<Removal> {
    let kept = documents.last().and_then(|last| commits.get(last));
    let others: BTreeSet<&Term> = documents
        .iter()
        .filter_map(|document| commits.get(document))
        .filter(|commit| Some(*commit) != kept)
        .collect();
    let with = |commit: &Term| vec![term.clone(), commit.clone()];
    others.into_iter().map(with).collect()
}

/// The terms of the commits that brought some documents.
fn commits_of<'a>(
    index: &Index,
    searcher: &Searcher,
    documents: impl Iterator<Item = &'a DocAddress>,
) -> tantivy::Result<HashMap<DocAddress, Term>> {
    let wanted: HashSet<DocAddress> = documents.copied().collect();
    let segments: BTreeSet<u32> = wanted.iter().map(|at| at.segment_ord).collect();
    let mut commits = HashMap::new();
    for number in segments {
        let segment = searcher.segment_reader(number);
        let inverted = segment.inverted_index(index.fields.commit)?;
        let mut terms = inverted.terms().stream()?;
        while terms.advance() {
            let name = std::str::from_utf8(terms.key()).unwrap_or_default();
            let term = Term::from_field_text(index.fields.commit, name);
            let mut postings =
                inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED {
                let at = DocAddress::new(number, postings.doc());
                if wanted.contains(&at) {
                    commits.insert(at, term.clone());
                }
                postings.advance();
            }
        }
    }
    Ok(commits)
}

#[cfg(test)]
mod tests {
    use super::super::{Ingest, IngestOptions, Progress, Report};
    use super::*;
    use crate::index::documents;
    use crate::index::segment::{SegmentMaker, SegmentWriter};
    use crate::index::sources::SourceState;
    use crate::letter;
    use std::path::Path;

    const TEXT: &str = "Case Number: CM15-0900001\n\nIMR ISSUES, DECISIONS AND RATIONALES\n\n\
        Norco: Upheld\n\nDecision rationale: No.\n";

    fn ingest(folder: &Path) -> Report {
        let index = Index::open(&folder.join("index")).unwrap();
        let options = IngestOptions {
            jobs: 1,
            ..IngestOptions::default()
        };
        let roots = [folder.join("corpus")];
        let ingest = Ingest::new(&index, options);
        ingest.run(&roots, &Progress::default()).unwrap()
    }

    /// Adds a segment with a letter and with a record of a source.
    fn add(index: &Index, letter_id: &str, key: &str, commit: &str) {
        let mut documents = documents::block(&index.fields, letter::read(TEXT), letter_id, None);
        let state = SourceState {
            failure: "is empty".to_string(),
            ..SourceState::default()
        };
        documents.push(sources::document(&index.fields, key, &state));
        let mut maker = SegmentMaker::new(&index.tantivy, 0);
        for mut document in documents {
            document.add_text(index.fields.commit, commit);
            maker.add(&document).unwrap();
        }
        let options = IndexWriterOptions::builder().build();
        let mut writer = writers::open(index, options, Box::new(NoMergePolicy)).unwrap();
        writer
            .add_segment(maker.finish().unwrap().unwrap())
            .unwrap();
        writer.commit().unwrap();
    }

    #[test]
    fn letters_without_a_source_second_copies_and_outdated_records_go() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let corpus = folder.join("corpus");
        std::fs::create_dir(&corpus).unwrap();
        for n in 1..4 {
            let text = TEXT.replace("0900001", &format!("090000{n}"));
            std::fs::write(corpus.join(format!("{n}.txt")), text).unwrap();
        }
        Index::open_or_create(&folder.join("index")).unwrap();
        assert_eq!(ingest(folder).letters, 3);
        let index = Index::open(&folder.join("index")).unwrap();
        assert_eq!(ingest(folder).repaired, Repaired::default());
        let (mut key, mut id) = (String::new(), 0);
        sources::each(&index, |row| (key, id) = (row.key.to_string(), row.letter)).unwrap();
        add(&index, &letter_text(7), &key, "one");
        add(&index, &letter_text(id), "/gone", "two");
        index.reload().unwrap();
        assert!(!index.check().unwrap().problems.is_empty());
        let repaired = ingest(folder).repaired;
        assert_eq!((repaired.letters, repaired.sources), (2, 1));
        index.reload().unwrap();
        assert_eq!(index.check().unwrap().problems, [""; 0]);
        assert_eq!(index.status().unwrap().letters, 3);
        assert_eq!(index.status().unwrap().sources, 3);
        let report = ingest(folder);
        assert_eq!(report.repaired, Repaired::default());
        assert_eq!((report.skipped, report.letters), (3, 0));
    }
}
