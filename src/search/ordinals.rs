//! Which values of a facet each document has: numbers, the same in all segments.
//!
//! A column is read document by document for small answers; for large ones it is unpacked once, into
//! a byte or two a document, and kept: documents that have the same several paths share a number.

use super::segment_cache::SegmentCache;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

/// A value of a facet, by its number among those seen so far.
pub type Ordinal = u32;

/// The number of no value: what has none counts there, without a question asked.
pub(super) const NO_ORDINAL: Ordinal = 0;

/// A column is unpacked for an answer that has at least one in so many of its documents.
const BROAD: u64 = 16;

/// Documents whose values are unpacked in one go.
const AT_ONCE: u32 = 4096;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values of one facet at one depth, numbered as they are met.
#[derive(Default)]
pub(super) struct OrdinalMap {
    names: Mutex<Names>,
    segments: SegmentCache<SegmentOrdinals>,
}

struct Names {
    all: Arc<Vec<Arc<str>>>,
    numbers: HashMap<Arc<str>, Ordinal>,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            all: Arc::new(vec![Arc::from("")]),
            numbers: HashMap::new(),
        }
    }
}

impl OrdinalMap {
    /// What values are called, by their numbers; [`NO_ORDINAL`] is called nothing.
    pub(super) fn names(&self) -> Arc<Vec<Arc<str>>> {
        Arc::clone(&lock(&self.names).all)
    }

    /// The number of a value.
    fn number(names: &mut Names, name: &str) -> Ordinal {
        if let Some(number) = names.numbers.get(name) {
            return *number;
        }
        let (number, name) = (names.all.len() as Ordinal, Arc::<str>::from(name));
        Arc::make_mut(&mut names.all).push(Arc::clone(&name));
        names.numbers.insert(name, number);
        number
    }

    /// The values in a segment; `value` says which one a path counts for.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub(super) fn of(
        &self,
        reader: &SegmentReader,
        facet: &'static str,
        maps: &OrdinalMaps,
        value: impl Fn(&[&str]) -> Option<String>,
    ) -> tantivy::Result<Arc<SegmentOrdinals>> {
        let make = || {
            let dictionary = reader.facet_reader(facet)?;
            let mut paths: Vec<Option<String>> = Vec::with_capacity(dictionary.num_facets());
            let mut stream = dictionary.facet_dict().stream()?;
            while stream.advance() {
                let path = tantivy::schema::Facet::from_encoded(stream.key().to_vec()).ok();
                paths.push(path.and_then(|path| value(&path.to_path())));
            }
            let open = || FacetColumn::open(reader, facet, paths.len() as u32);
            let column = maps.columns.of(reader, facet, open)?;
            let mut names = lock(&self.names);
            let numbers = paths.iter().map(|path| {
                path.as_ref()
                    .map_or(NO_ORDINAL, |p| Self::number(&mut names, p))
            });
            let of_place: Vec<Ordinal> = numbers.chain([NO_ORDINAL]).collect();
            Ok(SegmentOrdinals {
                column,
                end: of_place.iter().max().copied().unwrap_or(NO_ORDINAL) + 1,
                of_place,
            })
        };
        self.segments.of(reader, facet, make)
    }
}

/// The values of one facet in one segment.
pub(super) struct SegmentOrdinals {
    column: Arc<FacetColumn>,
    /// The value that each path of the segment's dictionary counts for, and last that of no path.
    of_place: Vec<Ordinal>,
    /// One more than the greatest; `NO_ORDINAL` counts among them.
    end: Ordinal,
}

impl SegmentOrdinals {
    /// One more than the greatest number of a value here.
    pub(super) fn end(&self) -> usize {
        self.end as usize
    }

    /// The value that a path counts for, by its place: a place that the dictionary does not have,
    /// after its last or in a damaged index, says nothing.
    fn of_place(&self, place: usize) -> Ordinal {
        self.of_place.get(place).copied().unwrap_or(NO_ORDINAL)
    }

    /// Calls back for each value of one document.
    pub(super) fn of(&self, doc: DocId, mut each: impl FnMut(Ordinal)) {
        let column = self.column.column.iter();
        for path in column.flat_map(|column| column.values_for_doc(doc)) {
            match self.of_place(path as usize) {
                NO_ORDINAL => {}
                value => each(value),
            }
        }
    }

    /// ClauseWeight to be asked for the values of so many documents.
    pub(super) fn read(&self, documents: u64) -> OrdinalReader<'_> {
        let unpacked = match &self.column.column {
            Some(column) if documents.saturating_mul(BROAD) >= u64::from(self.column.documents) => {
                Some(
                    self.column
                        .unpacked
                        .get_or_init(|| DecodedColumn::new(column, &self.column)),
                )
            }
            _ => self.column.unpacked.get(),
        };
        OrdinalReader {
            values: self,
            unpacked,
        }
    }
}

/// See [`SegmentOrdinals::read`].
pub(super) struct OrdinalReader<'v> {
    values: &'v SegmentOrdinals,
    unpacked: Option<&'v DecodedColumn>,
}

/// Whether a document has no other value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SingleValued {
    Yes,
    Perhaps,
}

impl OrdinalReader<'_> {
    /// Calls back for each value of each document, with the number given for the document: with
    /// [`NO_ORDINAL`] where it has none; where several of its paths count for one value, as often.
    pub(super) fn each<T: Copy>(
        &self,
        documents: &[(DocId, T)],
        mut each: impl FnMut(DocId, T, Ordinal, SingleValued),
    ) {
        let values = self.values;
        match (self.unpacked, &values.column.column) {
            (Some(unpacked), _) => match &unpacked.places {
                Ordinals::Byte(places) => unpacked.each(places, documents, values, each),
                Ordinals::Short(places) => unpacked.each(places, documents, values, each),
                Ordinals::Long(places) => unpacked.each(places, documents, values, each),
            },
            (None, Some(column)) => {
                for (doc, told) in documents {
                    let mut paths = column.values_for_doc(*doc).peekable();
                    if paths.peek().is_none() {
                        each(*doc, *told, NO_ORDINAL, SingleValued::Yes);
                    }
                    for path in paths {
                        each(
                            *doc,
                            *told,
                            values.of_place(path as usize),
                            SingleValued::Perhaps,
                        );
                    }
                }
            }
            (None, None) => {}
        }
    }

    /// As [`OrdinalReader::each`], but once for all documents with the same paths, with their numbers
    /// added up, and a number that distinguishes them from others.
    pub(super) fn each_sum(
        &self,
        documents: &[(DocId, u64)],
        mut each: impl FnMut(u32, u64, Ordinal, SingleValued),
    ) {
        let Some(unpacked) = self.unpacked else {
            return self.each(documents, each);
        };
        for (place, sum) in (0..).zip(unpacked.sums(documents)) {
            if sum > 0 {
                unpacked.values(place, self.values, |value, alone| {
                    each(place, sum, value, alone);
                });
            }
        }
    }
}

/// The places in a segment's dictionary of its documents' paths.
struct FacetColumn {
    /// None where no document has a path.
    column: Option<Column<u64>>,
    documents: DocId,
    /// Paths in the dictionary.
    paths: u32,
    unpacked: OnceLock<DecodedColumn>,
}

impl FacetColumn {
    fn open(reader: &SegmentReader, facet: &str, paths: u32) -> tantivy::Result<FacetColumn> {
        let column = reader.fast_fields().str(facet)?;
        Ok(FacetColumn {
            column: column.map(|column| column.ords().clone()),
            documents: reader.max_doc(),
            paths,
            unpacked: OnceLock::new(),
        })
    }
}

/// A column in memory.
struct DecodedColumn {
    places: Ordinals,
    /// One more than the last place.
    end: usize,
    /// Where the paths of each combination begin among `several`, and last, where all end.
    begin: Vec<u32>,
    several: Vec<u32>,
}

/// What each document has: the place of its path in the dictionary, the next place for none, and
/// after that the combinations of several paths, in the order in which they were met.
enum Ordinals {
    Byte(Vec<u8>),
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Ordinals {
    /// Ordinals below `end`, no wider than need be.
    fn of(places: Vec<u32>, end: usize) -> Ordinals {
        match end {
            0..=0x100 => Ordinals::Byte(places.into_iter().map(|place| place as u8).collect()),
            0x101..=0x1_0000 => Ordinals::Short(places.into_iter().map(|p| p as u16).collect()),
            _ => Ordinals::Long(places),
        }
    }
}

impl DecodedColumn {
    fn new(column: &Column<u64>, of: &FacetColumn) -> DecodedColumn {
        let none = of.paths;
        let place = |path: &u64| (*path).min(u64::from(none)) as u32;
        let mut places = vec![none; of.documents as usize];
        let mut combinations: HashMap<Vec<u32>, u32, RandomState> = HashMap::default();
        let (mut begin, mut several) = (Vec::new(), Vec::new());
        let (mut asked, mut docs, mut rows, mut paths) = (vec![], vec![], vec![], vec![]);
        let mut from = 0;
        while from < of.documents {
            let to = of.documents.min(from + AT_ONCE);
            asked.clear();
            asked.extend(from..to);
            docs.clear();
            rows.clear();
            column.row_ids_for_docs(&asked, &mut docs, &mut rows);
            paths.resize(rows.len(), 0);
            column.values.get_vals(&rows, &mut paths);
            let mut rest = paths.as_slice();
            for own in docs.chunk_by(|a, b| a == b) {
                let (paths, after) = rest.split_at(own.len().min(rest.len()));
                rest = after;
                places[own[0] as usize] = if let [path] = paths {
                    place(path)
                } else {
                    let paths: Vec<u32> = paths.iter().map(place).collect();
                    let next = none + 1 + combinations.len() as u32;
                    *combinations.entry(paths).or_insert_with_key(|paths| {
                        begin.push(several.len() as u32);
                        several.extend(paths);
                        next
                    })
                };
            }
            from = to;
        }
        begin.push(several.len() as u32);
        let end = none as usize + 1 + combinations.len();
        DecodedColumn {
            places: Ordinals::of(places, end),
            end,
            begin,
            several,
        }
    }

    /// See [`OrdinalReader::each`].
    fn each<T: Copy, P: Copy + Into<u32>>(
        &self,
        places: &[P],
        documents: &[(DocId, T)],
        values: &SegmentOrdinals,
        mut each: impl FnMut(DocId, T, Ordinal, SingleValued),
    ) {
        for (doc, told) in documents {
            let place = places[*doc as usize].into();
            self.values(place, values, |value, alone| {
                each(*doc, *told, value, alone)
            });
        }
    }

    /// The numbers given for the documents of each place, added up.
    fn sums(&self, documents: &[(DocId, u64)]) -> Vec<u64> {
        fn add<P: Copy + Into<u32>>(sums: &mut [u64], places: &[P], documents: &[(DocId, u64)]) {
            for (doc, told) in documents {
                let place: u32 = places[*doc as usize].into();
                sums[place as usize] += told;
            }
        }
        let mut sums = vec![0; self.end];
        match &self.places {
            Ordinals::Byte(places) => add(&mut sums, places, documents),
            Ordinals::Short(places) => add(&mut sums, places, documents),
            Ordinals::Long(places) => add(&mut sums, places, documents),
        }
        sums
    }

    /// Calls back for each value of a place.
    #[inline(always)]
    fn values(
        &self,
        place: u32,
        values: &SegmentOrdinals,
        mut each: impl FnMut(Ordinal, SingleValued),
    ) {
        let of_place = values.of_place.as_slice();
        let place = place as usize;
        if let Some(value) = of_place.get(place) {
            return each(*value, SingleValued::Yes);
        }
        let n = place - of_place.len();
        let own = self.begin[n] as usize..self.begin[n + 1] as usize;
        for path in &self.several[own] {
            each(values.of_place(*path as usize), SingleValued::Perhaps);
        }
    }
}

/// Facets counted below so many different values are kept.
const MOST_KEPT: usize = 512;

/// All facets' values already seen.
#[derive(Default)]
pub(super) struct OrdinalMaps {
    columns: SegmentCache<FacetColumn>,
    values: Mutex<HashMap<String, Arc<OrdinalMap>>>,
}

impl OrdinalMaps {
    /// The values of a facet at a depth, below a value; `name` identifies them.
    pub(super) fn values(&self, name: String) -> Arc<OrdinalMap> {
        let mut values = lock(&self.values);
        if values.len() >= MOST_KEPT {
            values.clear();
        }
        Arc::clone(values.entry(name).or_default())
    }
}
