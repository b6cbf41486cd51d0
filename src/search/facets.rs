//! Counting letters and items by facet.

use super::error::SearchError;
use super::evaluate::MatchSet;
use super::fixed_bit_set::FixedBitSet;
use super::ordinals::{NO_ORDINAL, OrdinalMap, OrdinalMaps, SegmentOrdinals, SingleValued};
use super::request::{FacetCounts, FacetRequest, FacetValue};
use crate::fields::{self, FieldDefinition, Level, path_label};
use crate::vocabulary::{Drugs, nearest};
use std::sync::Arc;
use tantivy::{DocId, SegmentReader};

/// The error of a facet that there is not; it names the nearest.
pub(super) fn unknown_facet(path: &str) -> SearchError {
    let known = known_facets();
    let name = path.split('/').next().unwrap_or_default();
    SearchError::UnknownFacet {
        name: path.to_string(),
        suggestions: nearest(
            &name.trim().to_lowercase().replace('_', "-"),
            known.iter().map(String::as_str),
        ),
        known: known.join(", "),
    }
}

/// The names of the facets that can be counted.
#[must_use]
pub fn known_facets() -> Vec<String> {
    let names = fields::facets().map(|(field, _)| field.name.to_string());
    names.collect()
}

/// What is to be counted, understood: "drug", "body-part", "drug/opioid", "page".
pub(super) struct FacetPath {
    /// The facet as it is called.
    pub field: &'static FieldDefinition,
    /// The field whose values are counted.
    pub base: &'static FieldDefinition,
    /// The value below which they are.
    pub below: Vec<String>,
    /// How many levels they have.
    pub depth: usize,
}

impl FacetPath {
    /// # Errors
    /// If there is no such facet.
    pub(super) fn of(path: &str) -> Result<FacetPath, SearchError> {
        let mut segments = path.split('/');
        let name = segments.next().unwrap_or("");
        let Some((field, facet)) = fields::facet(name) else {
            return Err(unknown_facet(path));
        };
        let base = field.base();
        let mut below: Vec<String> = segments.map(path_label).filter(|s| !s.is_empty()).collect();
        if let (true, Some(class)) = (*base == fields::DRUG, below.first_mut())
            && let Some(known) = Drugs::get().class(class)
        {
            *class = known.to_string();
        }
        // A level of a field is itself, whatever it is counted below.
        let depth = if field != base || below.is_empty() {
            facet.depth
        } else {
            below.len() + 1
        };
        Ok(FacetPath {
            field,
            base,
            below,
            depth,
        })
    }
}

/// A facet to count.
pub(super) struct Facets {
    pub(super) asked: String,
    /// The facet as it is called.
    field: &'static FieldDefinition,
    /// The field whose values are counted.
    pub(super) base: &'static FieldDefinition,
    pub(super) below: Vec<String>,
    pub(super) depth: usize,
    pub(super) top: usize,
    values: Arc<OrdinalMap>,
    /// Letters and items, by value.
    counts: Vec<(u64, u64)>,
}

impl Facets {
    /// Understands what was asked for: "drug", "body-part", "drug/opioid", "page".
    ///
    /// # Errors
    /// If there is no such facet.
    pub(super) fn new(request: &FacetRequest, maps: &OrdinalMaps) -> Result<Facets, SearchError> {
        let FacetPath {
            field,
            base,
            below,
            depth,
        } = FacetPath::of(&request.path)?;
        let counted = format!("{}/{depth}/{}", base.name, below.join("/"));
        Ok(Facets {
            asked: request.path.clone(),
            field,
            base,
            below,
            depth,
            top: request.top,
            values: maps.values(counted),
            counts: Vec::new(),
        })
    }

    /// Whether a filter chooses among this facet's values: it is left out while they are counted. What
    /// excludes a value, or is a filter of another name on the same field, goes on to hold when a value
    /// is chosen, and so while it is counted.
    pub(super) fn is_chosen_by(&self, filter: &str, negated: bool) -> bool {
        !negated && self.field.name == filter
    }

    /// Begins to count in a segment.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn segment(
        &self,
        reader: &SegmentReader,
        maps: &OrdinalMaps,
    ) -> tantivy::Result<SegmentFacets> {
        let value = |path: &[&str]| self.value(path);
        let values = self.values.of(reader, self.base.key, maps, value)?;
        Ok(SegmentFacets {
            counts: vec![Count::default(); values.end()],
            values,
            of_items: self.base.level() == Level::Item,
        })
    }

    /// What the values are called, by their numbers.
    pub(super) fn names(&self) -> Arc<Vec<Arc<str>>> {
        self.values.names()
    }

    /// A path as the value it counts for.
    pub(super) fn value(&self, path: &[&str]) -> Option<String> {
        let inside = path.len() >= self.below.len()
            && self
                .below
                .iter()
                .zip(path)
                .all(|(a, b)| a.eq_ignore_ascii_case(b));
        if !inside || ((self.depth >= 3 || self.field != self.base) && path.len() < self.depth) {
            return None;
        }
        Some(path[..self.depth.min(path.len())].join("/"))
    }

    /// Adds what was counted in a segment.
    pub(super) fn add(&mut self, segment: &SegmentFacets) {
        if self.counts.len() < segment.counts.len() {
            self.counts.resize(segment.counts.len(), (0, 0));
        }
        for (whole, count) in self.counts.iter_mut().zip(&segment.counts) {
            whole.0 += count.counted >> 32;
            whole.1 += count.counted & u64::from(u32::MAX);
        }
    }

    /// The counts: the most frequent first, then by name.
    pub(super) fn counted(self) -> FacetCounts {
        let names = self.names();
        let mut found: Vec<(&(u64, u64), &str)> = self
            .counts
            .iter()
            .zip(names.iter())
            .skip(NO_ORDINAL as usize + 1)
            .filter(|((letters, _), _)| *letters > 0)
            .map(|(count, name)| (count, &**name))
            .collect();
        let order =
            |a: &(&(u64, u64), &str), b: &(&(u64, u64), &str)| b.0.cmp(a.0).then(a.1.cmp(b.1));
        let more = found.len().saturating_sub(self.top);
        if more > 0 {
            found.select_nth_unstable_by(self.top, order);
            found.truncate(self.top);
        }
        found.sort_unstable_by(order);
        let values = found.iter().map(|((letters, items), value)| FacetValue {
            value: (*value).to_string(),
            letters: *letters,
            items: *items,
        });
        FacetCounts {
            facet: self.asked,
            values: values.collect(),
            more,
        }
    }
}

/// Counts in one segment.
pub(super) struct SegmentFacets {
    pub(super) values: Arc<SegmentOrdinals>,
    counts: Vec<Count>,
    pub(super) of_items: bool,
}

/// How often a value was counted.
#[derive(Clone, Default)]
struct Count {
    /// Letters in the upper half, items in the lower: one addition for both.
    counted: u64,
    /// The number of the letter in which it was last; 0: none yet.
    letter: u32,
    /// What follows the document (or the number of several) with other values in which it was last.
    next: DocId,
}

/// A letter or none, and so many items, to be added to [`Count::counted`].
fn counts(letter: bool, items: u32) -> u64 {
    u64::from(letter) << 32 | u64::from(items)
}

/// The letters of a segment that match, and their items, listed for all facets that count them.
pub(super) struct MatchedDocs {
    /// Items, each with the number of its letter: the first is 1.
    items: Vec<(DocId, u32)>,
    /// Letters, each with what it counts: one letter, and its items that match (see `Count`).
    letters: Vec<(DocId, u64)>,
}

impl MatchedDocs {
    pub(super) fn new(matching: &MatchSet) -> MatchedDocs {
        let room = |bits: &FixedBitSet| bits.count() as usize + 1;
        let mut items = vec![(0, 0); room(&matching.items)];
        let mut letters = vec![(0, 0); room(&matching.letters)];
        // Items come before their letter. Each document is written where the next item is due and where
        // the next letter is, and stays where it belongs: nothing is asked that cannot be foreseen.
        let (mut next_item, mut next_letter) = (0, 0);
        let words = matching.items.words().iter().zip(matching.letters.words());
        for (from, (own_items, own_letters)) in (0..).step_by(64).zip(words) {
            let mut rest = own_items | own_letters;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                items[next_item] = (from + bit, next_letter as u32 + 1);
                letters[next_letter] = (from + bit, next_item as u64);
                let is_letter = (own_letters >> bit & 1) as usize;
                next_item += 1 - is_letter;
                next_letter += is_letter;
                rest &= rest - 1;
            }
        }
        items.truncate(next_item);
        letters.truncate(next_letter);
        let mut before = 0;
        for (_, counted) in &mut letters {
            let items = *counted - std::mem::replace(&mut before, *counted);
            *counted = counts(true, items as u32);
        }
        MatchedDocs { items, letters }
    }
}

impl SegmentFacets {
    /// Counts the letters that match and their items.
    pub(super) fn count(&mut self, members: &MatchedDocs) {
        if self.of_items {
            self.count_items(&members.items);
        } else {
            self.count_letters(&members.letters);
        }
    }

    /// By values of items: a letter counts once for each value that any of its items has.
    fn count_items(&mut self, items: &[(DocId, u32)]) {
        let values = self.values.read(items.len() as u64);
        values.each(items, |item, letter, value, alone| {
            let count = &mut self.counts[value as usize];
            let mut fresh = true;
            if alone == SingleValued::Perhaps {
                fresh = count.next <= item;
                count.next = item + 1;
            }
            count.counted += counts(count.letter != letter, u32::from(fresh));
            count.letter = letter;
        });
    }

    /// By values of letters: all its matching items have them.
    fn count_letters(&mut self, letters: &[(DocId, u64)]) {
        let values = self.values.read(letters.len() as u64);
        values.each_sum(letters, |number, counted, value, alone| {
            let count = &mut self.counts[value as usize];
            if alone == SingleValued::Yes {
                count.counted += counted;
            } else if count.next <= number {
                count.counted += counted;
                count.next = number + 1;
            }
        });
    }
}
