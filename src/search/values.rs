//! Which values of a facet each document has: numbers, the same in all segments.
//!
//! A column is read document by document for small answers; for large ones it is unpacked once, into
//! a byte or two a document, and kept.

use super::bits::{Bits, Numbered};
use super::kept::Kept;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

/// A value of a facet, by its number among those seen so far.
pub type ValueAt = u32;

/// The number of no value: what has none counts there, without a question asked.
pub const NO_VALUE: ValueAt = 0;

/// A column is unpacked for an answer that has at least one in so many of its documents.
const BROAD: u64 = 16;

/// Documents whose values are unpacked in one go.
const AT_ONCE: u32 = 4096;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values of one facet at one depth, numbered as they are met.
#[derive(Default)]
pub struct Values {
    names: Mutex<Names>,
    segments: Kept<SegmentValues>,
}

struct Names {
    all: Arc<Vec<Arc<str>>>,
    numbers: HashMap<Arc<str>, ValueAt>,
}

impl Default for Names {
    fn default() -> Names {
        Names {
            all: Arc::new(vec![Arc::from("")]),
            numbers: HashMap::new(),
        }
    }
}

impl Values {
    /// What values are called, by their numbers; [`NO_VALUE`] is called nothing.
    pub fn names(&self) -> Arc<Vec<Arc<str>>> {
        Arc::clone(&lock(&self.names).all)
    }

    /// The number of a value.
    fn number(names: &mut Names, name: &str) -> ValueAt {
        if let Some(number) = names.numbers.get(name) {
            return *number;
        }
        let (number, name) = (names.all.len() as ValueAt, Arc::<str>::from(name));
        Arc::make_mut(&mut names.all).push(Arc::clone(&name));
        names.numbers.insert(name, number);
        number
    }

    /// The values in a segment; `value` says which one a path counts for.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn of(
        &self,
        reader: &SegmentReader,
        facet: &'static str,
        maps: &FacetMaps,
        value: impl Fn(&[&str]) -> Option<String>,
    ) -> tantivy::Result<Arc<SegmentValues>> {
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
            let of_path: Vec<ValueAt> = paths
                .iter()
                .map(|path| {
                    path.as_ref()
                        .map_or(NO_VALUE, |p| Self::number(&mut names, p))
                })
                .collect();
            Ok(SegmentValues {
                column,
                end: of_path.iter().max().copied().unwrap_or(NO_VALUE) + 1,
                of_path,
            })
        };
        self.segments.of(reader, facet, make)
    }
}

/// The values of one facet in one segment.
pub struct SegmentValues {
    column: Arc<FacetColumn>,
    /// The value that each path of the segment's dictionary counts for.
    of_path: Vec<ValueAt>,
    /// One more than the greatest; `NO_VALUE` counts among them.
    end: ValueAt,
}

impl SegmentValues {
    /// One more than the greatest number of a value here.
    pub fn end(&self) -> usize {
        self.end as usize
    }

    /// The value that a path counts for, by its place: a place that the dictionary does not have,
    /// after its last or in a damaged index, says nothing.
    fn of_path(&self, place: usize) -> ValueAt {
        self.of_path.get(place).copied().unwrap_or(NO_VALUE)
    }

    /// Calls back for each value of one document.
    pub fn of(&self, doc: DocId, mut each: impl FnMut(ValueAt)) {
        let column = self.column.column.iter();
        for path in column.flat_map(|column| column.values_for_doc(doc)) {
            match self.of_path(path as usize) {
                NO_VALUE => {}
                value => each(value),
            }
        }
    }

    /// Ready to be asked for the values of so many documents.
    pub fn read(&self, documents: u64) -> ValuesOf<'_> {
        let unpacked = match &self.column.column {
            Some(column) if documents.saturating_mul(BROAD) >= u64::from(self.column.documents) => {
                Some(
                    self.column
                        .unpacked
                        .get_or_init(|| Unpacked::new(column, &self.column)),
                )
            }
            _ => self.column.unpacked.get(),
        };
        ValuesOf {
            values: self,
            unpacked,
        }
    }
}

/// See [`SegmentValues::read`].
pub struct ValuesOf<'v> {
    values: &'v SegmentValues,
    unpacked: Option<&'v Unpacked>,
}

impl ValuesOf<'_> {
    /// Calls back for each value of each document, with what is told of the document: with
    /// [`NO_VALUE`] where it has none; where several of its paths count for one value, as often.
    pub fn each<T: Copy>(&self, documents: &[(DocId, T)], mut each: impl FnMut(DocId, T, ValueAt)) {
        let values = self.values;
        match (self.unpacked, &self.values.column.column) {
            (Some(Unpacked::Byte(places)), _) => places.each(documents, values, each),
            (Some(Unpacked::Short(places)), _) => places.each(documents, values, each),
            (Some(Unpacked::Long(places)), _) => places.each(documents, values, each),
            (None, Some(column)) => {
                for (doc, told) in documents {
                    let mut paths = column.values_for_doc(*doc).peekable();
                    if paths.peek().is_none() {
                        each(*doc, *told, NO_VALUE);
                    }
                    for path in paths {
                        each(*doc, *told, values.of_path(path as usize));
                    }
                }
            }
            (None, None) => {}
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
    unpacked: OnceLock<Unpacked>,
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

/// A column in memory, no wider than its paths need.
enum Unpacked {
    Byte(Places<u8>),
    Short(Places<u16>),
    Long(Places<u32>),
}

impl Unpacked {
    fn new(column: &Column<u64>, of: &FacetColumn) -> Unpacked {
        // Besides the paths, no path and several.
        match of.paths.saturating_add(1) {
            0..=0xff => Unpacked::Byte(Places::new(column, of)),
            0x100..=0xffff => Unpacked::Short(Places::new(column, of)),
            _ => Unpacked::Long(Places::new(column, of)),
        }
    }
}

/// The places of documents' paths.
struct Places<P> {
    /// By document; that after the last path for none, the greatest number for several.
    first: Vec<P>,
    /// The documents that have several paths.
    with_several: Numbered,
    /// For each of them where its own begin among `several`, and last, where all end.
    begin: Vec<u32>,
    several: Vec<P>,
}

impl<P: TryFrom<u64> + Into<u32> + Copy + PartialEq + Bounded> Places<P> {
    fn new(column: &Column<u64>, of: &FacetColumn) -> Places<P> {
        let none = u64::from(of.paths);
        let place = |path: u64| P::try_from(path.min(none)).unwrap_or(P::SEVERAL);
        let mut first = vec![place(none); of.documents as usize];
        let mut with_several = Bits::none(of.documents);
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
            let mut rest = paths.iter();
            for own in docs.chunk_by(|a, b| a == b) {
                let doc = own[0];
                let mut paths = rest.by_ref().take(own.len()).map(|path| place(*path));
                if own.len() == 1 {
                    first[doc as usize] = paths.next().unwrap_or(place(none));
                } else {
                    first[doc as usize] = P::SEVERAL;
                    with_several.insert(doc);
                    begin.push(several.len() as u32);
                    several.extend(paths);
                }
            }
            from = to;
        }
        begin.push(several.len() as u32);
        Places {
            first,
            with_several: Numbered::new(with_several),
            begin,
            several,
        }
    }

    /// See [`ValuesOf::each`].
    fn each<T: Copy>(
        &self,
        documents: &[(DocId, T)],
        values: &SegmentValues,
        mut each: impl FnMut(DocId, T, ValueAt),
    ) {
        let value = |path: P| values.of_path(Into::<u32>::into(path) as usize);
        for (doc, told) in documents {
            let path = self.first[*doc as usize];
            if path != P::SEVERAL {
                each(*doc, *told, value(path));
                continue;
            }
            let n = self.with_several.before(*doc);
            let own = self.begin[n] as usize..self.begin[n + 1] as usize;
            for path in &self.several[own] {
                each(*doc, *told, value(*path));
            }
        }
    }
}

/// Numbers of which the greatest stands for several.
trait Bounded {
    const SEVERAL: Self;
}

impl Bounded for u8 {
    const SEVERAL: u8 = u8::MAX;
}

impl Bounded for u16 {
    const SEVERAL: u16 = u16::MAX;
}

impl Bounded for u32 {
    const SEVERAL: u32 = u32::MAX;
}

/// Facets counted below so many different values are kept.
const MOST_KEPT: usize = 512;

/// All facets' values already seen.
#[derive(Default)]
pub struct FacetMaps {
    columns: Kept<FacetColumn>,
    values: Mutex<HashMap<String, Arc<Values>>>,
}

impl FacetMaps {
    /// The values of a facet at a depth, below a value; `name` tells which.
    pub fn values(&self, name: String) -> Arc<Values> {
        let mut values = lock(&self.values);
        if values.len() >= MOST_KEPT {
            values.clear();
        }
        Arc::clone(values.entry(name).or_default())
    }
}
