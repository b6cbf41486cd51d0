//! What the writer is told to do, dealt out by hands.

use super::super::document::Document;
use super::super::store::IndexError;
use super::write::Writing;
use tantivy::IndexWriter;
use tantivy::indexer::UserOperation;

/// Operations that go to the writer together at most. Each of its threads then works through many
/// letters before it makes room for those who read more: what it needs stays in the processor's cache.
const TOGETHER: usize = 256;

/// The writer, and what it is told to do.
pub(super) type Writer = IndexWriter<Document>;
pub(super) type Operation = UserOperation<Document>;

/// Operations that wait to go to the writer together. What belongs together is added at once.
#[derive(Default)]
pub(super) struct Hand {
    pub operations: Vec<Operation>,
    bytes: usize,
}

impl Writing<'_> {
    /// Adds to a hand what belongs together, and gives the hand to the writer once it is full.
    pub(super) fn deal(
        &self,
        hand: &mut Hand,
        operations: Vec<Operation>,
        writer: &Writer,
    ) -> Result<(), IndexError> {
        hand.bytes += size(&operations);
        hand.operations.extend(operations);
        if hand.operations.len() >= TOGETHER || hand.bytes * 8 >= self.options.flight_bytes() {
            self.run(writer, std::mem::take(hand).operations)?;
        }
        Ok(())
    }

    /// Gives operations to the writer, once there is room for them.
    pub(super) fn run(
        &self,
        writer: &Writer,
        mut operations: Vec<Operation>,
    ) -> Result<(), IndexError> {
        let bytes = size(&operations);
        if let Some(last) = operations
            .iter_mut()
            .rev()
            .find_map(|operation| match operation {
                Operation::Add(document) => Some(document),
                Operation::Delete(_) => None,
            })
        {
            last.keep(self.flight.board(bytes));
        }
        writer
            .run(operations)
            .map(|_| ())
            .map_err(|e| self.index.cannot_write(&e))
    }
}

/// About how many bytes the documents of operations hold.
fn size(operations: &[Operation]) -> usize {
    let size = |operation: &Operation| match operation {
        Operation::Add(document) => document.size(),
        Operation::Delete(_) => 0,
    };
    operations.iter().map(size).sum()
}
