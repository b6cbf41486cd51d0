//! Counting letters and items by facet.

use super::blocks::Blocks;
use super::evaluate::Matching;
use super::request::{FacetCounts, FacetRequest, FacetValue, SearchError};
use crate::index::{FieldSpec, Level, drug_label, field_specs};
use crate::vocabulary::{Drugs, nearest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::schema::Facet;
use tantivy::{DocId, SegmentReader};

/// Names under which a level of a facet is known by itself: name, facet, depth.
const LEVELS: [(&str, &str, usize); 3] = [
    ("class", "drug", 1),
    ("source", "guideline", 1),
    ("page", "guideline", 3),
];

/// The names of the facets that can be counted.
#[must_use]
pub fn known_facets() -> Vec<String> {
    let counted = field_specs()
        .iter()
        .filter(|f| f.count)
        .map(|f| f.name.replace('_', "-"));
    counted
        .chain(LEVELS.iter().map(|(name, _, _)| (*name).to_string()))
        .collect()
}

/// A facet to count, understood.
pub struct Facets {
    asked: String,
    pub(super) spec: &'static FieldSpec,
    pub(super) below: Vec<String>,
    depth: usize,
    top: usize,
    counts: HashMap<String, (u64, u64)>,
}

impl Facets {
    /// Understands what was asked for: "drug", "body-part", "drug/opioid", "page".
    ///
    /// # Errors
    /// If there is no such facet.
    pub fn new(request: &FacetRequest) -> Result<Facets, SearchError> {
        let mut segments = request.path.split('/');
        let name = segments
            .next()
            .unwrap_or("")
            .trim()
            .to_lowercase()
            .replace('-', "_");
        let level = LEVELS.iter().find(|(level, _, _)| *level == name);
        let facet = level.map_or(name.as_str(), |(_, facet, _)| facet);
        let spec = field_specs().iter().find(|f| f.count && f.name == facet);
        let Some(spec) = spec else {
            let known = known_facets();
            return Err(SearchError::UnknownFacet {
                name: request.path.clone(),
                suggestions: nearest(&name.replace('_', "-"), known.iter().map(String::as_str)),
                known: known.join(", "),
            });
        };
        let mut below: Vec<String> = segments.map(drug_label).filter(|s| !s.is_empty()).collect();
        if let (true, Some(class)) = (spec.name == "drug", below.first_mut())
            && let Some(known) = Drugs::get().class(class)
        {
            *class = known.to_string();
        }
        let depth = match level {
            Some((_, _, depth)) => *depth,
            None if below.is_empty() => spec.depth,
            None => below.len() + 1,
        };
        Ok(Facets {
            asked: request.path.clone(),
            spec,
            below,
            depth,
            top: request.top,
            counts: HashMap::new(),
        })
    }

    /// The filter that this facet's values are chosen with.
    pub fn is_filtered_by(&self, filter: &str) -> bool {
        let own = self.spec.name.replace('_', "-");
        filter == own
            || (self.spec.name == "guideline" && filter == "page")
            || (self.spec.name == "year" && filter == "decided")
    }

    /// Begins to count in a segment.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn segment(
        &self,
        reader: &SegmentReader,
        maps: &FacetMaps,
    ) -> tantivy::Result<SegmentFacets> {
        let key = (
            reader.segment_id(),
            format!("{}/{}/{}", self.spec.name, self.depth, self.below.join("/")),
        );
        let map = match maps.get(&key) {
            Some(map) => map,
            None => maps.keep(key, self.map(reader)?),
        };
        let count = map.values.len();
        Ok(SegmentFacets {
            map,
            letters: vec![0; count],
            items: vec![0; count],
            seen: vec![DocId::MAX; count],
            seen_item: vec![DocId::MAX; count],
            of_items: self.spec.level == Level::Item,
        })
    }

    /// Which value each path of a segment counts for.
    fn map(&self, reader: &SegmentReader) -> tantivy::Result<FacetMap> {
        let facets = reader.facet_reader(&self.spec.name)?;
        let column = reader.fast_fields().str(&self.spec.name)?;
        let mut map = FacetMap {
            ords: column.map(|column| column.ords().clone()),
            values: Vec::new(),
            of_ord: Vec::with_capacity(facets.num_facets()),
        };
        let mut stream = facets.facet_dict().stream()?;
        while stream.advance() {
            let value = Facet::from_encoded(stream.key().to_vec())
                .ok()
                .and_then(|facet| self.value(&facet.to_path()));
            let Some(value) = value else {
                map.of_ord.push(u32::MAX);
                continue;
            };
            // Paths are sorted: those of one value are neighbours.
            if map.values.last() != Some(&value) {
                map.values.push(value);
            }
            map.of_ord.push(map.values.len() as u32 - 1);
        }
        Ok(map)
    }

    /// A path as the value it counts for.
    fn value(&self, path: &[&str]) -> Option<String> {
        let inside = path.len() >= self.below.len()
            && self
                .below
                .iter()
                .zip(path)
                .all(|(a, b)| a.eq_ignore_ascii_case(b));
        if !inside || (self.depth == 3 && path.len() < 3) {
            return None;
        }
        Some(path[..self.depth.min(path.len())].join("/"))
    }

    /// Adds what was counted in a segment.
    pub fn add(&mut self, segment: SegmentFacets) {
        for (n, value) in segment.map.values.iter().enumerate() {
            if segment.letters[n] > 0 {
                let counted = (segment.letters[n], segment.items[n]);
                match self.counts.get_mut(value) {
                    Some(count) => *count = (count.0 + counted.0, count.1 + counted.1),
                    None => {
                        self.counts.insert(value.clone(), counted);
                    }
                }
            }
        }
    }

    /// The counts: the most frequent first, then by name.
    pub fn counted(self) -> FacetCounts {
        let mut values: Vec<FacetValue> = self
            .counts
            .into_iter()
            .map(|(value, (letters, items))| FacetValue {
                value,
                letters,
                items,
            })
            .collect();
        values.sort_by(|a, b| {
            b.letters
                .cmp(&a.letters)
                .then(b.items.cmp(&a.items))
                .then(a.value.cmp(&b.value))
        });
        let more = values.len().saturating_sub(self.top);
        values.truncate(self.top);
        FacetCounts {
            facet: self.asked,
            values,
            more,
        }
    }
}

/// What the paths of one segment count for, by their place in its dictionary.
pub(super) struct FacetMap {
    /// The places of each document's paths; None where no document has one.
    pub(super) ords: Option<Column<u64>>,
    pub(super) values: Vec<String>,
    /// `u32::MAX` of a path that counts for none.
    pub(super) of_ord: Vec<u32>,
}

/// The maps of segments already seen: a segment never changes.
#[derive(Default)]
pub struct FacetMaps(Mutex<HashMap<(SegmentId, String), Arc<FacetMap>>>);

/// Maps kept; more are of segments long merged away, or of facets asked for below many values.
const MOST_MAPS: usize = 512;

impl FacetMaps {
    fn get(&self, key: &(SegmentId, String)) -> Option<Arc<FacetMap>> {
        let maps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        maps.get(key).cloned()
    }

    fn keep(&self, key: (SegmentId, String), map: FacetMap) -> Arc<FacetMap> {
        let map = Arc::new(map);
        let mut maps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if maps.len() >= MOST_MAPS {
            maps.clear();
        }
        maps.insert(key, Arc::clone(&map));
        map
    }
}

/// Counts in one segment.
pub struct SegmentFacets {
    pub(super) map: Arc<FacetMap>,
    letters: Vec<u64>,
    items: Vec<u64>,
    seen: Vec<DocId>,
    seen_item: Vec<DocId>,
    pub(super) of_items: bool,
}

/// Documents whose values are read in one go.
const AT_ONCE: usize = 1024;

impl SegmentFacets {
    /// Counts the letters that match and their items.
    pub fn count(&mut self, matching: &Matching, blocks: &Blocks) {
        let documents = if self.of_items {
            &matching.items
        } else {
            &matching.letters
        };
        let map = Arc::clone(&self.map);
        let Some(ords) = &map.ords else {
            return;
        };
        let mut documents = documents.iter().peekable();
        let (mut asked, mut docs) = (Vec::with_capacity(AT_ONCE), Vec::new());
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        // The letter in hand, and how many of its items match.
        let (mut letter, mut items) = (None, 0);
        while documents.peek().is_some() {
            asked.clear();
            asked.extend(documents.by_ref().take(AT_ONCE));
            docs.clear();
            rows.clear();
            ords.row_ids_for_docs(&asked, &mut docs, &mut rows);
            values.resize(rows.len(), 0);
            ords.values.get_vals(&rows, &mut values);
            for (doc, ord) in docs.iter().zip(&values) {
                let value = self.map.of_ord[*ord as usize] as usize;
                if value >= self.letters.len() {
                    continue;
                }
                if letter.is_none_or(|letter| *doc > letter) {
                    let own = if self.of_items {
                        blocks.letter(*doc)
                    } else {
                        *doc
                    };
                    letter = Some(own);
                    if !self.of_items {
                        let first = blocks.first(own);
                        items = matching.items.count_between(first, own);
                    }
                }
                if self.of_items && self.seen_item[value] != *doc {
                    self.seen_item[value] = *doc;
                    self.items[value] += 1;
                }
                if letter != Some(self.seen[value]) {
                    self.seen[value] = letter.unwrap_or(DocId::MAX);
                    self.letters[value] += 1;
                    self.items[value] += items;
                }
            }
        }
    }
}
