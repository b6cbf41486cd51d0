//! A segment in the making.
//!
//! tantivy's own writer looks every word up in a table of all terms and adds to the end of its list, which
//! is three places in memory a word. Here a letter's words are numbered by the table that has their
//! stems anyway ([`super::stems`]), written down in the order in which they stand ([`log`]), and sorted by counting
//! once the segment is full ([`inverted`]). The files are written by tantivy's own writers of postings,
//! columns and stored documents; they are the same to the byte as those of its segment writer.

mod inverted;
mod log;
mod paths;
#[cfg(test)]
mod reference;
mod terms;
#[cfg(test)]
mod tests;
mod words;
mod writer;

use super::document::Document;
use super::schema::{FieldSpec, Type, field_specs};
use log::TokenBuffer;
use paths::Paths;
use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::Field;
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf, Value};
use tantivy::store::StoreWriter;
use tantivy::tokenizer::MAX_TOKEN_LEN;
use words::Words;
pub(super) use writer::SegmentWriter;

/// What a letter adds at most, beyond its own size, is small against this, and so are the six megabytes that tantivy's
/// columns take before there is anything in them.
pub(super) const LEAST: usize = 12 << 20;
/// Places in the logs, and numbers of words, fit into 32 bits.
const MOST: usize = 2 << 30;

/// Stored of documents of which nothing is kept: tantivy loses count of those that take no byte.
const NOTHING: &[u8] = &[0];

/// Makes segments out of documents, one at a time.
pub(super) struct SegmentMaker {
    index: tantivy::Index,
    /// By the number of the field.
    fields: Vec<FieldSummary>,
    words: Words,
    begun: Option<OpenSegment>,
    /// Bytes that a segment may take in memory, what is needed to write it included.
    memory: usize,
}

/// A field, and what the segment's documents have in it.
struct FieldSummary {
    field: Field,
    spec: &'static FieldSpec,
    log: TokenBuffer,
    /// Of exact values; those of texts stand in one table for all fields.
    values: Paths,
}

/// What of a segment is written as its documents come.
struct OpenSegment {
    segment: Segment,
    store: StoreWriter,
    columns: FastFieldsWriter,
    lengths: FieldNormsWriter,
    documents: u32,
}

impl SegmentMaker {
    /// A maker of segments of an index, each of which takes at most `memory` bytes (or 12 MB) before it
    /// is full.
    pub(super) fn new(index: &tantivy::Index, memory: usize) -> SegmentMaker {
        let schema = index.schema();
        let fields = schema.fields().zip(field_specs());
        let fields = fields.map(|((field, _), spec)| FieldSummary {
            field,
            spec,
            log: TokenBuffer::default(),
            values: Paths::default(),
        });
        SegmentMaker {
            index: index.clone(),
            fields: fields.collect(),
            words: Words::default(),
            begun: None,
            memory: memory.clamp(LEAST, MOST),
        }
    }

    /// Bytes of words that are sorted at a time, when the segment is written: a quarter of the memory.
    fn room(&self) -> usize {
        self.memory / 4
    }

    /// Bytes in memory, about.
    fn bytes(&self) -> usize {
        let of_field = |field: &FieldSummary| field.log.bytes() + field.values.terms.bytes();
        let fields: usize = self.fields.iter().map(of_field).sum();
        let begun = self.begun.as_ref().map_or(0, |begun| {
            begun.store.mem_usage() + begun.columns.mem_usage() + begun.lengths.mem_usage()
        });
        fields + self.words.terms.bytes() + self.words.surfaces.bytes() + begun
    }
}

impl SegmentWriter for SegmentMaker {
    /// At least 12 MB, and at most 2 GB.
    fn limit(&mut self, memory: usize) {
        self.memory = memory.clamp(LEAST, MOST);
    }

    fn is_full(&self) -> bool {
        self.bytes() >= self.memory / 4 * 3
    }

    fn add(&mut self, document: &Document) -> tantivy::Result<()> {
        let begun = match &mut self.begun {
            Some(begun) => begun,
            None => self.begun.insert(OpenSegment::new(&self.index)?),
        };
        let number = begun.documents;
        for (field, value) in tantivy::Document::iter_fields_and_values(document) {
            if let ReferenceValue::Leaf(leaf) = value.as_value() {
                let field = &mut self.fields[field.field_id() as usize];
                field.add(number, &leaf, &mut self.words);
            }
        }
        for field in self.fields.iter().filter(|field| field.is_text()) {
            if let Some(words) = field.log.words_of(number) {
                begun.lengths.record(number, field.field, words);
            }
        }
        begun.columns.add_document(document)?;
        begun.store.store_bytes(match document.kept() {
            [] => NOTHING,
            kept => kept,
        })?;
        begun.documents += 1;
        Ok(())
    }

    fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>> {
        let Some(begun) = self.begun.take() else {
            return Ok(None);
        };
        let room = self.room();
        let meta = begun.finish(&self.fields, &self.words, room)?;
        // The memory is given back: the next segment may have less of it.
        self.words = Words::default();
        for field in &mut self.fields {
            field.log = TokenBuffer::default();
            field.values = Paths::default();
        }
        Ok(Some(meta))
    }
}

impl FieldSummary {
    fn is_text(&self) -> bool {
        self.spec.kind == Type::Text
    }

    fn add(&mut self, document: u32, value: &ReferenceValueLeaf, words: &mut Words) {
        match (self.spec.kind, value) {
            (Type::Text, ReferenceValueLeaf::Str(text)) => {
                self.log.begin(document);
                words.write(document, text, &mut self.log);
            }
            (Type::Keyword | Type::Path, ReferenceValueLeaf::Str(value)) => {
                self.value(document, str::as_bytes(value));
            }
            // Found by itself and by all paths above it.
            (Type::Facet, ReferenceValueLeaf::Facet(path)) => {
                self.log.begin(document);
                let log = &mut self.log;
                let path = str::as_bytes(path);
                self.values.each(path, |number| log.push(number, false));
            }
            (Type::Number, ReferenceValueLeaf::U64(number)) if self.spec.indexed => {
                self.value(document, &number.to_be_bytes());
            }
            _ => {}
        }
    }

    fn value(&mut self, document: u32, value: &[u8]) {
        // tantivy's terms are no longer, and it leaves out what is.
        if value.len() <= MAX_TOKEN_LEN {
            self.log.begin(document);
            self.log.push(self.values.terms.number(value), false);
        }
    }
}

impl OpenSegment {
    fn new(index: &tantivy::Index) -> tantivy::Result<OpenSegment> {
        let segment = index.new_segment();
        let settings = index.settings();
        let store = StoreWriter::new(
            segment.open_write(SegmentComponent::Store)?,
            settings.docstore_compression,
            settings.docstore_blocksize,
            settings.docstore_compress_dedicated_thread,
        )?;
        let schema = index.schema();
        let tokenizers = index.fast_field_tokenizer().clone();
        Ok(OpenSegment {
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(&schema, tokenizers)?,
            lengths: FieldNormsWriter::for_schema(&schema),
            segment,
            store,
            documents: 0,
        })
    }

    fn finish(
        mut self,
        fields: &[FieldSummary],
        words: &Words,
        room: usize,
    ) -> tantivy::Result<SegmentMeta> {
        let to = self.segment.open_write(SegmentComponent::FieldNorms)?;
        self.lengths.fill_up_to_max_doc(self.documents);
        self.lengths
            .serialize(FieldNormsSerializer::from_write(to)?, None)?;
        let lengths =
            FieldNormReaders::open(self.segment.open_read(SegmentComponent::FieldNorms)?)?;
        let mut postings = InvertedIndexSerializer::open(&self.segment)?;
        let of_words = words.terms.sorted();
        for field in fields {
            let is_surface = field.spec.kind == Type::Surface;
            let log = if is_surface {
                &words.surfaces
            } else {
                &field.log
            };
            if log.words() == 0 {
                continue;
            }
            let lengths = lengths.get_field(field.field)?;
            let mut to = postings.new_field(field.field, log.words(), lengths)?;
            let values = field.values.terms.sorted();
            let terms = if is_surface || field.is_text() {
                &of_words
            } else {
                &values
            };
            inverted::write(log, terms, field.is_text(), room, &mut to)?;
            to.close()?;
        }
        postings.close()?;
        let mut to = self.segment.open_write(SegmentComponent::FastFields)?;
        self.columns.serialize(&mut to, None)?;
        to.terminate()?;
        self.store.close()?;
        Ok(self.segment.with_max_doc(self.documents).meta().clone())
    }
}
