//! The words of a field in the order of its documents, two bytes each.
//!
//! A term is its number, and numbers are given in the order in which terms are first met, so that
//! nearly all fit in two bytes. Positions are not written: a word stands one after the last, unless it is
//! marked as standing beside it.

/// Marks a word that shares the position of the one before it.
const BESIDE: u16 = 1 << 15;
/// One position that no word has, between two values of a field.
const GAP: u16 = 0x7ffe;
/// The number follows in two units.
const LONG: u16 = 0x7fff;

/// The words of a field, document by document.
#[derive(Debug, Default)]
pub(super) struct TokenBuffer {
    units: Vec<u16>,
    /// The documents that have the field, and where in `units` each begins.
    documents: Vec<(u32, u32)>,
    /// Words in all documents.
    words: u64,
    /// Words of the last document.
    in_document: u32,
}

/// What [`TokenBuffer::each`] calls back with: the number of a term, which of the field's documents has it (counted
/// from 0), and its position there.
pub(super) struct Occurrence {
    pub term: u32,
    pub nth: usize,
    pub position: u32,
}

impl TokenBuffer {
    /// Begins a value of a document; documents come in ascending order.
    pub(super) fn begin(&mut self, document: u32) {
        match self.documents.last() {
            Some((last, _)) if *last == document => self.units.push(GAP),
            _ => {
                self.documents.push((document, self.units.len() as u32));
                self.in_document = 0;
            }
        }
    }

    /// Adds a word to the value that was begun, beside the last word or after it.
    pub(super) fn push(&mut self, term: u32, beside: bool) {
        let mark = if beside { BESIDE } else { 0 };
        if term < u32::from(GAP) {
            self.units.push(term as u16 | mark);
        } else {
            let long = [LONG | mark, term as u16, (term >> 16) as u16];
            self.units.extend(long);
        }
        self.words += 1;
        self.in_document += 1;
    }

    /// Counts a word of the value that was begun, and does not write it: one that stands there
    /// already, where positions do not matter.
    pub(super) fn count(&mut self) {
        self.words += 1;
        self.in_document += 1;
    }

    /// How many words a document has, if it is the last one.
    pub(super) fn words_of(&self, document: u32) -> Option<u32> {
        let (last, _) = self.documents.last()?;
        (*last == document).then_some(self.in_document)
    }

    /// The documents that have the field, each with where its words begin.
    pub(super) fn documents(&self) -> &[(u32, u32)] {
        &self.documents
    }

    /// How many words all documents have.
    pub(super) fn words(&self) -> u64 {
        self.words
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.units.as_slice()) + size_of_val(self.documents.as_slice())
    }

    /// Calls back with each word, in the order of documents and, in each, of positions.
    #[inline]
    pub(super) fn each(&self, mut with: impl FnMut(Occurrence)) {
        for (nth, (_, from)) in self.documents.iter().enumerate() {
            let to = match self.documents.get(nth + 1) {
                Some((_, next)) => *next as usize,
                None => self.units.len(),
            };
            // One before the first word's.
            let mut position = u32::MAX;
            let mut units = self.units[*from as usize..to].iter();
            while let Some(unit) = units.next() {
                position = position.wrapping_add(u32::from(*unit < BESIDE));
                let number = unit & !BESIDE;
                let term = if number < GAP {
                    u32::from(number)
                } else if number == LONG {
                    let mut half = || u32::from(units.next().copied().unwrap_or_default());
                    half() | half() << 16
                } else {
                    continue;
                };
                with(Occurrence {
                    term,
                    nth,
                    position,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(log: &TokenBuffer) -> Vec<(u32, u32, u32)> {
        let mut told = Vec::new();
        log.each(|word| told.push((log.documents()[word.nth].0, word.term, word.position)));
        told
    }

    #[test]
    fn words_come_back_with_their_documents_and_positions() {
        let mut log = TokenBuffer::default();
        let large = u32::from(GAP);
        log.begin(3);
        log.push(5, false);
        log.push(large, true);
        log.push(large + 1, false);
        log.begin(3);
        log.push(70_000_000, false);
        assert_eq!(log.words_of(3), Some(4));
        log.begin(9);
        log.begin(9);
        log.push(large - 1, false);
        assert_eq!((log.words_of(3), log.words_of(9)), (None, Some(1)));
        let expected = [
            (3, 5, 0),
            (3, large, 0),
            (3, large + 1, 1),
            // The second value begins one position later.
            (3, 70_000_000, 3),
            (9, large - 1, 1),
        ];
        assert_eq!(told(&log), expected);
        assert_eq!(log.words(), 5);
    }
}
