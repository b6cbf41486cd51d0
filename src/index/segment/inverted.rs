//! From the words of documents to the documents of words.

use super::log::Log;
use std::io;
use tantivy::postings::FieldSerializer;

/// Writes a field's postings.
///
/// The words of a field are sorted by counting: once through the log to count each term's, then
/// once for every stretch of terms whose words fit into `room`, to put them where they belong. Both walk
/// the log from end to end; nothing is looked up but a term's next free place.
///
/// `terms` are all terms with their numbers, counted from 0, in the order of their bytes; `room` is how
/// many words are sorted at a time.
pub fn write(
    log: &Log,
    terms: &[(&[u8], u32)],
    has_positions: bool,
    room: usize,
    to: &mut FieldSerializer,
) -> io::Result<()> {
    let mut counts = vec![0u32; terms.len()];
    log.each(|word| counts[word.term as usize] += 1);
    let mut next = vec![ELSEWHERE; terms.len()];
    let mut sorted: Vec<u64> = Vec::new();
    let mut deltas = Vec::new();
    let mut rest = terms;
    while !rest.is_empty() {
        let (stretch, words) = stretch(rest, &counts, room);
        let mut from = 0;
        for (_, number) in stretch {
            next[*number as usize] = from;
            from += counts[*number as usize];
        }
        sorted.clear();
        sorted.resize(words, 0);
        log.each(|word| {
            let place = &mut next[word.term as usize];
            if *place != ELSEWHERE {
                sorted[*place as usize] = u64::from(word.document) << 32 | u64::from(word.position);
                *place += 1;
            }
        });
        let mut from = 0;
        for (term, number) in stretch {
            let number = *number as usize;
            let to_place = next[number] as usize;
            if to_place > from {
                let occurrences = &sorted[from..to_place];
                write_term(term, occurrences, has_positions, &mut deltas, to)?;
            }
            from = to_place;
            next[number] = ELSEWHERE;
        }
        rest = &rest[stretch.len()..];
    }
    Ok(())
}

/// Of a term that is in another stretch.
const ELSEWHERE: u32 = u32::MAX;

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

/// Writes a term's documents, each with the distances between its positions.
fn write_term(
    term: &[u8],
    occurrences: &[u64],
    has_positions: bool,
    deltas: &mut Vec<u32>,
    to: &mut FieldSerializer,
) -> io::Result<()> {
    let document = |occurrence: u64| (occurrence >> 32) as u32;
    // Only postings with frequencies have use for the count of documents.
    let mut count = 0;
    if has_positions {
        let pairs = occurrences.iter().zip(&occurrences[1..]);
        count = 1 + pairs.filter(|(a, b)| **a >> 32 != **b >> 32).count() as u32;
    }
    to.new_term(term, count, has_positions)?;
    let mut rest = occurrences.iter().copied().peekable();
    while let Some(mut last) = rest.next() {
        let here = document(last);
        deltas.clear();
        deltas.push(last as u32);
        while let Some(next) = rest.next_if(|next| document(*next) == here) {
            // The documents are the same, so the difference is that of the positions.
            deltas.push((next - last) as u32);
            last = next;
        }
        if has_positions {
            to.write_doc(here, deltas.len() as u32, deltas);
        } else {
            to.write_doc(here, 0, &[]);
        }
    }
    to.close_term()
}
