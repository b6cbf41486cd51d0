//! Segments beside those of tantivy's own writer.

use super::super::document::Document;
use super::super::documents::block;
use super::super::known_phrases::{Phrase, PhraseMatcher};
use super::super::schema::{self, Fields};
use super::super::sources::{self, SourceState};
use super::super::tokenizer::{SURFACE_TOKENIZER, SurfaceTokenizer, TOKENIZER, words};
use super::reference::ReferenceWriter;
use super::terms::Terms;
use super::*;
use crate::letter;
use std::collections::BTreeMap;
use std::path::Path;
use tantivy::IndexWriter;
use tantivy::tokenizer::{BoxTokenStream, TextAnalyzer, Token, TokenStream, Tokenizer};
use tempfile::TempDir;

/// Words and known phrases as tantivy reads them.
#[derive(Clone, Default)]
struct Tokens(Vec<Token>, usize);

impl Tokenizer for Tokens {
    type TokenStream<'a> = BoxTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> BoxTokenStream<'a> {
        let mut matcher = PhraseMatcher::default();
        let mut tokens = Vec::new();
        for word in words(text) {
            let token = |text: &str| Token {
                text: text.to_string(),
                position: word.position,
                ..Token::default()
            };
            tokens.push(token(&word.text));
            matcher.follow(matcher.number(&word.text), word.position);
            let phrases = std::iter::from_fn(|| matcher.complete()).map(Phrase::token);
            tokens.extend(phrases.map(token));
        }
        BoxTokenStream::new(Tokens(tokens, 0))
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.1 += 1;
        self.1 <= self.0.len()
    }

    fn token(&self) -> &Token {
        &self.0[self.1 - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.0[self.1 - 1]
    }
}

fn index(folder: &Path) -> tantivy::Index {
    let index = tantivy::Index::create_in_dir(folder, schema::build()).unwrap();
    let tokenizer = TextAnalyzer::builder(Tokens::default()).build();
    index.tokenizers().register(TOKENIZER, tokenizer);
    let surfaces = TextAnalyzer::builder(SurfaceTokenizer::default()).build();
    index.tokenizers().register(SURFACE_TOKENIZER, surfaces);
    index
}

/// A folder with an empty index.
fn place() -> (TempDir, tantivy::Index, Fields) {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let fields = Fields::new(&index.schema());
    (folder, index, fields)
}

/// The files of the one segment in a folder, by their endings.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if ending != "json" && ending != "lock" && !ending.is_empty() {
            let twice = files.insert(ending.into_owned(), std::fs::read(&path).unwrap());
            assert!(twice.is_none(), "one segment only: {}", path.display());
        }
    }
    files
}

/// Blocks of the sample corpus' text letters, so many at the least; each time around they differ.
fn documents(fields: &Fields, letters: usize) -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-corpus");
    let files = walkdir::WalkDir::new(folder).sort_by_file_name();
    let texts: Vec<String> = files
        .into_iter()
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    assert!(texts.len() > 50, "{} letters", texts.len());
    let texts = texts.iter().cycle().take(letters).enumerate();
    texts
        .flat_map(|(n, text)| {
            let text = format!("{text}\nZuständig word{n} follow-up{n} L4-5 #{n}");
            block(fields, letter::read(&text), &format!("{n:032x}"), None)
        })
        .collect()
}

/// The files of a segment of documents, in a folder that has no others; they are gone when this ends.
fn made_by(
    writer: &mut dyn SegmentWriter,
    folder: &Path,
    documents: &[Document],
) -> BTreeMap<String, Vec<u8>> {
    for document in documents {
        writer.add(document).unwrap();
    }
    let segment = writer.finish().unwrap().unwrap();
    assert_eq!(segment.max_doc() as usize, documents.len());
    let files = files(folder);
    for ending in files.keys() {
        let name = format!("{}.{ending}", segment.id().uuid_string());
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    files
}

/// The files of a segment as tantivy's own writer makes them.
fn reference(documents: &[Document]) -> BTreeMap<String, Vec<u8>> {
    let (folder, index, _) = place();
    let mut writer = ReferenceWriter::new(&index).unwrap();
    made_by(&mut writer, folder.path(), documents)
}

#[test]
fn files_are_those_of_tantivys_own_writer() {
    let (folder, index, fields) = place();
    let mut documents = documents(&fields, 150);
    // A field twice in one document with another between, a path without segments, one value too long.
    let mut odd = Document::with_capacity(5);
    odd.add_text(fields.of(&crate::fields::REQUEST), "");
    odd.add_text(fields.of(&crate::fields::RATIONALE), "tens unit");
    odd.add_text(fields.of(&crate::fields::REQUEST), "tens unit");
    odd.add_facet(
        fields.of(&crate::fields::DRUG),
        tantivy::schema::Facet::root(),
    );
    odd.add_text(fields.of(&crate::fields::CASE), "x".repeat(70_000));
    documents.push(odd);
    let expected = reference(&documents);
    assert_eq!(expected.len(), 6, "{:?}", expected.keys());
    let mut maker = SegmentMaker::new(&index, 64 << 20);
    // The second time with what the first left in memory, and fields sorted in many stretches.
    for memory in [64 << 20, 4 << 10] {
        maker.memory = memory;
        let made = made_by(&mut maker, folder.path(), &documents);
        for (ending, bytes) in expected.iter().filter(|(ending, _)| *ending != "store") {
            assert!(made[ending] == *bytes, ".{ending} differs");
        }
        assert_eq!(made.len(), expected.len());
    }
    assert!(maker.finish().unwrap().is_none());
}

#[test]
fn what_is_kept_comes_back_from_merged_segments_too() {
    let (_folder, index, fields) = place();
    let mut documents = documents(&fields, 60);
    // Of these nothing is kept; they fill a block of the store.
    let state = SourceState::default();
    documents.extend((0..900).map(|n| sources::document(&fields, &format!("/{n}.txt"), &state)));
    let mut maker = SegmentMaker::new(&index, 64 << 20);
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 16 << 20).unwrap();
    for _ in 0..2 {
        for document in &documents {
            maker.add(document).unwrap();
        }
        writer
            .add_segment(maker.finish().unwrap().unwrap())
            .unwrap();
    }
    writer.commit().unwrap();
    let read = |segments: usize| {
        let searcher = index.reader().unwrap().searcher();
        let readers = searcher.segment_readers();
        assert_eq!(readers.len(), segments);
        let mut read = Vec::new();
        for reader in readers {
            let store = reader.get_store_reader(0).unwrap();
            let kept = |n| store.get_document_bytes(n).unwrap().to_vec();
            read.extend((0..reader.max_doc()).map(kept));
        }
        read
    };
    let expected = documents.iter().map(|document| match document.kept() {
        [] => NOTHING,
        kept => kept,
    });
    let expected: Vec<&[u8]> = expected.clone().chain(expected).collect();
    assert!(read(2) == expected);
    let segments = index.searchable_segment_ids().unwrap();
    writer.merge(&segments).wait().unwrap();
    assert!(read(1) == expected);
}

/// The postings of a log, its places told by one kind of number.
fn postings<P: inverted::PackedPosition>(
    log: &TokenBuffer,
    terms: &Terms,
    bits: u32,
) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let field = Fields::new(&index.schema()).of(&crate::fields::REQUEST);
    let segment = index.new_segment();
    let mut serializer = InvertedIndexSerializer::open(&segment).unwrap();
    let mut to = serializer.new_field(field, log.words(), None).unwrap();
    let sorted = terms.sorted();
    let mut counts = vec![0; sorted.len()];
    log.each(|word| counts[word.term as usize] += 1);
    inverted::sort::<P>(log, &sorted, &counts, bits, true, 64, &mut to).unwrap();
    to.close().unwrap();
    serializer.close().unwrap();
    files(folder.path())
}

#[test]
fn large_places_and_small_ones_give_the_same() {
    let mut terms = Terms::default();
    let mut log = TokenBuffer::default();
    for document in 0..400 {
        log.begin(document * 3);
        for word in 0..document % 90 {
            let term = format!("w{}", word * document % 31);
            log.push(terms.number(term.as_bytes()), word % 7 == 6);
        }
    }
    let small = postings::<u32>(&log, &terms, 7);
    assert!(small["pos"].len() > 5000, "{}", small["pos"].len());
    assert_eq!(postings::<u64>(&log, &terms, 32), small);
}

#[test]
fn a_segment_is_full_once_it_has_its_memory() {
    let (_folder, index, fields) = place();
    let documents = documents(&fields, 20);
    let mut maker = SegmentMaker::new(&index, 0);
    assert_eq!(maker.memory, LEAST);
    let mut added = 0;
    while !maker.is_full() {
        for document in &documents {
            maker.add(document).unwrap();
        }
        added += 1;
        assert!(added < 1000, "{} bytes", maker.bytes());
    }
    assert!(maker.bytes() < LEAST);
    maker.finish().unwrap();
    assert_eq!((maker.bytes(), maker.is_full()), (0, false));
}

#[test]
fn a_segment_that_has_just_begun_is_far_from_full() {
    let (_folder, index, fields) = place();
    let mut maker = SegmentMaker::new(&index, 0);
    let state = SourceState {
        failure: "is not an IMR determination letter".to_string(),
        ..SourceState::default()
    };
    // tantivy's columns take some megabytes before there is anything in them.
    for n in 0..10_000 {
        let key = format!("/letters/{n}.txt");
        maker
            .add(&sources::document(&fields, &key, &state))
            .unwrap();
        assert!(!maker.is_full(), "{n}: {} bytes", maker.bytes());
    }
}
