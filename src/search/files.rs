//! Which files hold a letter.

use super::fixed_bit_set::FixedBitSet;
use crate::corpus::relative;
use crate::index::sources::{letter_of_value, letter_term};
use crate::index::{Fields, identity};
use crate::letter::Letter;
use rayon::prelude::*;
use tantivy::columnar::StrColumn;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

/// Where more letters are asked for than one in so many documents, all are looked up at once.
const ONE_IN: usize = 20;

/// Finds the files of letters, one by one or, for many letters, from a table made beforehand.
pub(super) struct FilesOf<'s> {
    searcher: &'s Searcher,
    fields: Fields,
    /// The paths of each segment.
    paths: Vec<Option<StrColumn>>,
    /// For many letters; None: looked up one by one.
    table: Option<Table>,
}

impl<'s> FilesOf<'s> {
    /// For so many letters. Where these are many of the index, about a hundred bytes are held for
    /// each letter of it.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn many(
        searcher: &'s Searcher,
        fields: Fields,
        letters: usize,
    ) -> tantivy::Result<FilesOf<'s>> {
        let segments = searcher.segment_readers().iter();
        let paths = segments
            .map(|segment| segment.fast_fields().str("source"))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let documents = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
        let table = if letters > documents / ONE_IN {
            Some(Table::of(searcher, &fields, &paths)?)
        } else {
            None
        };
        Ok(FilesOf {
            searcher,
            fields,
            paths,
            table,
        })
    }

    /// The files of a letter, in the order of their paths.
    ///
    /// # Errors
    /// If the index is damaged.
    pub(super) fn of(&self, address: DocAddress, letter: &Letter) -> tantivy::Result<Vec<String>> {
        let mut files = Vec::new();
        match &self.table {
            Some(table) => {
                files.extend(table.files(&self.paths, address).map(str::to_string));
            }
            None => {
                let field = self.fields.letter_id;
                let term = letter_term(field, &identity(letter));
                for (ord, segment) in (0..).zip(self.searcher.segment_readers()) {
                    let index = segment.inverted_index(field)?;
                    let option = IndexRecordOption::Basic;
                    let Some(mut postings) = index.read_postings(&term, option)? else {
                        continue;
                    };
                    while postings.doc() != TERMINATED {
                        if !segment.is_deleted(postings.doc()) {
                            files.extend(self.path(DocAddress::new(ord, postings.doc()))?);
                        }
                        postings.advance();
                    }
                }
            }
        }
        files.sort();
        Ok(files.iter().map(|key| relative(key).to_string()).collect())
    }

    fn path(&self, source: DocAddress) -> tantivy::Result<Option<String>> {
        let column = self.paths.get(source.segment_ord as usize);
        let Some(column) = column.and_then(Option::as_ref) else {
            return Ok(None);
        };
        let Some(ord) = column.ords().first(source.doc_id) else {
            return Ok(None);
        };
        let mut path = String::new();
        column.ord_to_str(ord, &mut path)?;
        Ok(Some(path))
    }
}

/// Every letter with its files. Both are indexed under the letter's identity, so neither its text
/// nor a digest of it is needed.
struct Table {
    /// Letters and the memories of their files, ordered.
    sources: Vec<(DocAddress, DocAddress)>,
    /// The paths of each segment, one after the other, and where each ends.
    paths: Vec<(String, Vec<usize>)>,
}

impl Table {
    fn of(
        searcher: &Searcher,
        fields: &Fields,
        columns: &[Option<StrColumn>],
    ) -> tantivy::Result<Table> {
        let mut letters = identified(searcher, fields, "letter")?;
        letters.par_sort_unstable();
        let mut known = identified(searcher, fields, "source")?;
        known.par_sort_unstable();
        let mut sources = Vec::with_capacity(known.len());
        let mut next = letters.iter().peekable();
        let mut letter = None;
        for (id, source) in known {
            while let Some(found) = next.next_if(|(other, _)| *other <= id) {
                letter = Some(found);
            }
            if let Some((_, letter)) = letter.filter(|(other, _)| *other == id) {
                sources.push((*letter, source));
            }
        }
        sources.par_sort_unstable();
        let paths = columns.par_iter().map(|column| match column {
            Some(column) => all_paths(column),
            None => Ok((String::new(), Vec::new())),
        });
        Ok(Table {
            sources,
            paths: paths.collect::<tantivy::Result<_>>()?,
        })
    }

    fn files<'t>(
        &'t self,
        columns: &'t [Option<StrColumn>],
        letter: DocAddress,
    ) -> impl Iterator<Item = &'t str> {
        let first = self.sources.partition_point(|(other, _)| *other < letter);
        let own = self.sources[first..].iter();
        let own = own.take_while(move |(other, _)| *other == letter);
        own.filter_map(move |(_, source)| {
            let segment = source.segment_ord as usize;
            let ord = columns
                .get(segment)?
                .as_ref()?
                .ords()
                .first(source.doc_id)?;
            let (paths, ends) = self.paths.get(segment)?;
            let at = usize::try_from(ord).ok()?;
            let start = at
                .checked_sub(1)
                .map_or(Some(0), |n| ends.get(n).copied())?;
            paths.get(start..*ends.get(at)?)
        })
    }
}

/// Every path of a column in its order, read in one go: alone each costs the reading of a block.
fn all_paths(column: &StrColumn) -> tantivy::Result<(String, Vec<usize>)> {
    let mut paths = String::new();
    let mut ends = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        paths.push_str(&String::from_utf8_lossy(stream.key()));
        ends.push(paths.len());
    }
    Ok((paths, ends))
}

/// An identity as a number.
type Identity = u128;

/// The documents of a kind, each with the identity of its letter.
fn identified(
    searcher: &Searcher,
    fields: &Fields,
    kind: &str,
) -> tantivy::Result<Vec<(Identity, DocAddress)>> {
    let segments = searcher.segment_readers().par_iter().enumerate();
    let parts = segments.map(|(ord, segment)| {
        let mut of_kind = FixedBitSet::none(segment.max_doc());
        let kind = Term::from_field_text(fields.kind, kind);
        let kinds = segment.inverted_index(fields.kind)?;
        if let Some(mut postings) = kinds.read_postings(&kind, IndexRecordOption::Basic)? {
            while postings.doc() != TERMINATED {
                of_kind.insert(postings.doc());
                postings.advance();
            }
        }
        let index = segment.inverted_index(fields.letter_id)?;
        let mut terms = index.terms().stream()?;
        let mut found = Vec::with_capacity(index.terms().num_terms());
        while terms.advance() {
            let key = std::str::from_utf8(terms.key()).unwrap_or_default();
            let id = letter_of_value(key);
            if id == 0 {
                continue;
            }
            let option = IndexRecordOption::Basic;
            let mut postings = index.read_postings_from_terminfo(terms.value(), option)?;
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if of_kind.contains(doc) && !segment.is_deleted(doc) {
                    found.push((id, DocAddress::new(ord as u32, doc)));
                }
                postings.advance();
            }
        }
        Ok(found)
    });
    let parts = parts.collect::<tantivy::Result<Vec<_>>>()?;
    Ok(parts.into_iter().flatten().collect())
}
