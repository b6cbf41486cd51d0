//! tantivy's own writer of documents, as a writer of segments: what the other is compared with.

use super::super::document::Document;
use super::super::schema::Fields;
use super::writer::SegmentWriter;
use tantivy::IndexWriter;
use tantivy::index::{SegmentId, SegmentMeta};

/// See the module. It commits each segment by itself.
pub(super) struct ReferenceWriter {
    index: tantivy::Index,
    fields: Fields,
    writer: IndexWriter<Document>,
    finished: Vec<SegmentId>,
}

impl ReferenceWriter {
    pub(super) fn new(index: &tantivy::Index) -> tantivy::Result<ReferenceWriter> {
        Ok(ReferenceWriter {
            index: index.clone(),
            fields: Fields::new(&index.schema()),
            writer: index.writer_with_num_threads(1, 64 << 20)?,
            finished: Vec::new(),
        })
    }
}

impl SegmentWriter for ReferenceWriter {
    fn add(&mut self, document: &Document) -> tantivy::Result<()> {
        let document = document.clone().with_surfaces(&self.fields);
        self.writer.add_document(document).map(|_| ())
    }

    fn limit(&mut self, _memory: usize) {}

    fn is_full(&self) -> bool {
        false
    }

    fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>> {
        self.writer.commit()?;
        let metas = self.index.searchable_segment_metas()?;
        let new = metas
            .into_iter()
            .find(|meta| !self.finished.contains(&meta.id()));
        self.finished.extend(new.as_ref().map(SegmentMeta::id));
        Ok(new)
    }
}
