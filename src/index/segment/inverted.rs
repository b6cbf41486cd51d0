//! From the words of documents to the documents of words.

use super::log::TokenBuffer;
use std::io;
use tantivy::postings::FieldSerializer;

/// Writes a field's postings.
///
/// The words of a field are sorted by counting: once through the log to count each term's, then
/// once for every stretch of terms whose words fit into `room`, to put them where they belong. Both walk
/// the log from end to end; nothing is looked up but a term's next free place.
///
/// `terms` are all terms with their numbers, counted from 0, in the order of their bytes; `room` is how
/// many bytes words that are sorted at a time may take.
pub(super) fn write(
    log: &TokenBuffer,
    terms: &[(&[u8], u32)],
    has_positions: bool,
    room: usize,
    to: &mut FieldSerializer,
) -> io::Result<()> {
    let mut counts = vec![0u32; terms.len()];
    let mut furthest = 0;
    log.each(|word| {
        counts[word.term as usize] += 1;
        furthest = furthest.max(word.position);
    });
    let bits = u32::BITS - furthest.leading_zeros();
    let documents = log.documents().len() as u64;
    // Half as much to move, as long as no letter is some twenty times as long as most.
    if documents << bits <= 1 << u32::BITS {
        sort::<u32>(log, terms, &counts, bits, has_positions, room, to)
    } else {
        sort::<u64>(log, terms, &counts, u32::BITS, has_positions, room, to)
    }
}

/// A document, by its place among those of the field, and a position in it, side by side in one number.
pub(super) trait PackedPosition: Copy + Default {
    fn of(document: usize, position: u32, bits: u32) -> Self;
    fn get(self) -> u64;
}

impl PackedPosition for u32 {
    fn of(document: usize, position: u32, bits: u32) -> u32 {
        u64::of(document, position, bits) as u32
    }

    fn get(self) -> u64 {
        u64::from(self)
    }
}

impl PackedPosition for u64 {
    fn of(document: usize, position: u32, bits: u32) -> u64 {
        (document as u64) << bits | u64::from(position)
    }

    fn get(self) -> u64 {
        self
    }
}

/// Of a term that is in another stretch.
const ELSEWHERE: u32 = u32::MAX;

pub(super) fn sort<P: PackedPosition>(
    log: &TokenBuffer,
    terms: &[(&[u8], u32)],
    counts: &[u32],
    bits: u32,
    has_positions: bool,
    room: usize,
    to: &mut FieldSerializer,
) -> io::Result<()> {
    let mut next = vec![ELSEWHERE; counts.len()];
    let mut sorted: Vec<P> = Vec::new();
    let mut writing = Writing {
        documents: log.documents(),
        bits,
        has_positions,
        deltas: Vec::new(),
        to,
    };
    let mut rest = terms;
    while !rest.is_empty() {
        let (stretch, words) = stretch(rest, counts, room / size_of::<P>());
        let mut from = 0;
        for (_, number) in stretch {
            next[*number as usize] = from;
            from += counts[*number as usize];
        }
        sorted.clear();
        sorted.resize(words, P::default());
        log.each(|word| {
            let place = &mut next[word.term as usize];
            if *place != ELSEWHERE {
                sorted[*place as usize] = P::of(word.nth, word.position, bits);
                *place += 1;
            }
        });
        let mut from = 0;
        for (term, number) in stretch {
            let end = std::mem::replace(&mut next[*number as usize], ELSEWHERE) as usize;
            if end > from {
                writing.term(term, &sorted[from..end])?;
            }
            from = end;
        }
        rest = &rest[stretch.len()..];
    }
    Ok(())
}

/// The first terms whose words fit into the room, one at the least, and how many words they have.
fn stretch<'t>(
    terms: &'t [(&'t [u8], u32)],
    counts: &[u32],
    room: usize,
) -> (&'t [(&'t [u8], u32)], usize) {
    let mut words = 0;
    let mut len = 0;
    for (_, number) in terms {
        let count = counts[*number as usize] as usize;
        if len > 0 && words + count > room {
            break;
        }
        words += count;
        len += 1;
    }
    (&terms[..len], words)
}

struct Writing<'w, 's> {
    documents: &'w [(u32, u32)],
    bits: u32,
    has_positions: bool,
    deltas: Vec<u32>,
    to: &'w mut FieldSerializer<'s>,
}

impl Writing<'_, '_> {
    /// Writes a term's documents, each with the distances between its positions.
    fn term<P: PackedPosition>(&mut self, term: &[u8], places: &[P]) -> io::Result<()> {
        let bits = self.bits;
        let nth = |place: P| place.get() >> bits;
        // Only postings with frequencies have use for the count of documents.
        let mut count = 0;
        if self.has_positions {
            let pairs = places.iter().zip(&places[1..]);
            count = 1 + pairs.filter(|(a, b)| nth(**a) != nth(**b)).count() as u32;
        }
        self.to.new_term(term, count, self.has_positions)?;
        let mut rest = places.iter().copied().peekable();
        while let Some(mut last) = rest.next() {
            let here = nth(last);
            let document = self.documents[here as usize].0;
            self.deltas.clear();
            self.deltas.push((last.get() - (here << bits)) as u32);
            while let Some(next) = rest.next_if(|next| nth(*next) == here) {
                // The documents are the same, so the difference is that of the positions.
                self.deltas.push((next.get() - last.get()) as u32);
                last = next;
            }
            if self.has_positions {
                let count = self.deltas.len() as u32;
                self.to.write_doc(document, count, &self.deltas);
            } else {
                self.to.write_doc(document, 0, &[]);
            }
        }
        self.to.close_term()
    }
}
