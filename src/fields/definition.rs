//! What the definition of a field consists of.

use super::cell::Cell;
use super::path::Path;
use super::resolve::{FilterKind, Resolve, ValueError, Values};
use crate::letter::{Item, Letter};
use std::ops::Range;

/// What a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// One disputed item.
    Item,
    /// The letter.
    Letter,
}

/// A field of an item or a letter: everything that any part of the program knows about it.
///
/// The schema, documents, query language, filters, facets, options, columns, briefs, the page and the
/// API are loops over these definitions.
#[derive(Debug)]
pub struct FieldDefinition {
    /// Its name in options, addresses and facets: `body-part`.
    pub name: &'static str,
    /// Its name in the schema: `body_part`. Empty where the index does not store it.
    pub key: &'static str,
    /// More names that the query language knows: `body:knee`.
    pub query_names: &'static [&'static str],
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Where in a letter it is read, and by which table.
    pub read_from: &'static str,
    /// What the index keeps of it, and how that is read from a letter.
    pub storage: Storage,
    /// How it is filtered by.
    pub filter: Option<FilterDefinition>,
    /// How it is counted.
    pub facet: Option<FacetDefinition>,
    /// The columns of an export that show it.
    pub columns: &'static [ColumnDefinition],
    /// Whether letters are alike that share a value (`imr similar --same`).
    pub alike: bool,
}

impl FieldDefinition {
    /// A definition to begin with: what a field does not name, it does not have.
    pub(super) const EMPTY: FieldDefinition = FieldDefinition {
        name: "",
        key: "",
        query_names: &[],
        meaning: "",
        read_from: "",
        storage: Storage::Unstored(Level::Letter),
        filter: None,
        facet: None,
        columns: &[],
        alike: false,
    };
}

/// A definition is itself and no copy of it: two are equal if they have one name.
impl PartialEq for FieldDefinition {
    fn eq(&self, other: &FieldDefinition) -> bool {
        self.name == other.name
    }
}

impl Eq for FieldDefinition {}

/// A passage of a text field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'l> {
    /// As the record holds it.
    Printed(&'l str),
    /// A range of the letter's text.
    Passage(Range<usize>),
    /// The whole text of the letter.
    Whole,
}

/// A reader of what one letter or one of its items says.
#[derive(Debug, Clone, Copy)]
pub enum Reader<I, L> {
    /// Of an item.
    Item(I),
    /// Of the letter.
    Letter(L),
}

impl<I, L> Reader<I, L> {
    fn level(&self) -> Level {
        match self {
            Reader::Item(_) => Level::Item,
            Reader::Letter(_) => Level::Letter,
        }
    }
}

/// Reads passages.
pub(super) type TextReader = Reader<
    for<'l> fn(&'l Letter, &'l Item, &mut Vec<Text<'l>>),
    for<'l> fn(&'l Letter, &mut Vec<Text<'l>>),
>;
/// Reads paths.
pub(super) type PathReader = Reader<fn(&Item, &mut Vec<Path>), fn(&Letter, &mut Vec<Path>)>;
/// Reads a number; a date is yyyymmdd.
pub(super) type NumberReader = Reader<fn(&Item) -> Option<u64>, fn(&Letter) -> Option<u64>>;
/// Reads one exact value.
pub(super) type KeywordReader =
    Reader<for<'l> fn(&'l Item) -> Option<&'l str>, for<'l> fn(&'l Letter) -> Option<&'l str>>;

/// What the index keeps of a field.
#[derive(Debug, Clone, Copy)]
pub enum Storage {
    /// Words with positions, and their weight in the score (docs/ranking.md).
    Text {
        /// The weight.
        boost: f32,
        /// Whether words look into it only where the query names it: `documents:radiograph`.
        named_only: bool,
        /// How it is read.
        read: TextReader,
    },
    /// Paths that are found and counted.
    Facet(PathReader),
    /// Paths that are found only.
    Path(PathReader),
    /// A number that is found and sorted by.
    Number(NumberReader),
    /// One exact value.
    Keyword(KeywordReader),
    /// A level of another field's paths, which has a name of its own.
    LevelOf(&'static FieldDefinition),
    /// Nothing.
    Unstored(Level),
}

/// How a field is filtered by.
#[derive(Debug, Clone, Copy)]
pub struct FilterDefinition {
    /// What a typed value means.
    pub resolve: Resolve,
    /// What stands for a value in the help.
    pub value_name: &'static str,
    /// The help of its option.
    pub help: &'static str,
    /// What a brief calls it: "the drug".
    pub subject: &'static str,
    /// Its input among the page's further filters; none where it has a list or a place of its own.
    pub input: Option<InputDefinition>,
    /// Left out of the short help.
    pub rare: bool,
}

impl FilterDefinition {
    /// A filter to begin with.
    pub(super) const EMPTY: FilterDefinition = FilterDefinition {
        resolve: Resolve::Number,
        value_name: "NAME",
        help: "",
        subject: "",
        input: None,
        rare: false,
    };
}

/// A filter's input on the page: a choice where its values are a few words, else a text.
#[derive(Debug, Clone, Copy)]
pub struct InputDefinition {
    /// Its label.
    pub label: &'static str,
    /// An example of a value; unused by a choice.
    pub hint: &'static str,
}

/// How a field is counted.
#[derive(Debug, Clone, Copy)]
pub struct FacetDefinition {
    /// How many segments of a path are counted unless asked otherwise.
    pub depth: usize,
    /// Its list beside the hits on the page.
    pub panel: Option<PanelDefinition>,
    /// Its name among the figures of the page; none where it is not offered there.
    pub figure: Option<&'static str>,
}

impl FacetDefinition {
    /// A facet of one level that the page does not list.
    pub(super) const PLAIN: FacetDefinition = FacetDefinition {
        depth: 1,
        panel: None,
        figure: None,
    };
}

/// A facet's list on the page.
#[derive(Debug, Clone, Copy)]
pub struct PanelDefinition {
    /// Its place among the lists.
    pub place: u8,
    /// Its heading.
    pub title: &'static str,
    /// Values listed before "show all".
    pub short: usize,
    /// The facet whose values are folded under these: drugs under their classes.
    pub inside: Option<&'static str>,
    /// How a value is written there.
    pub label: ValueLabel,
}

/// How the page writes a value of a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueLabel {
    /// As it is.
    Plain,
    /// `low-back` as "Low back".
    Words,
    /// `functional improvement/not shown` as "functional improvement: not shown".
    Pair,
    /// `MTUS/Chronic Pain` as "MTUS Chronic Pain".
    Title,
    /// `MTUS/Chronic Pain/78` as "p. 78, Chronic Pain".
    Page,
}

/// A column of an export.
#[derive(Debug, Clone, Copy)]
pub struct ColumnDefinition {
    /// Its name: in `--columns`, in header rows, as a key of JSON.
    pub name: &'static str,
    /// Its heading in a brief.
    pub label: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its width in a workbook, in characters.
    pub width: u16,
    /// What its cells are.
    pub kind: CellKind,
    /// Its place in the default order.
    pub place: u16,
    /// The rows that have it unless told otherwise.
    pub rows: DefaultRows,
    /// How its cells are read.
    pub read: ColumnReader,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// A text.
    Text,
    /// Several texts.
    List,
    /// A whole number.
    Number,
    /// A day, ISO 8601.
    Date,
    /// True or false; "yes" or nothing in a table.
    Flag,
}

impl CellKind {
    /// Its name in the data dictionary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CellKind::Text => "text",
            CellKind::List => "list of texts",
            CellKind::Number => "whole number",
            CellKind::Date => "date",
            CellKind::Flag => "boolean",
        }
    }

    /// What stands where the letter is silent: in JSON, and in a table.
    #[must_use]
    pub fn silent(self) -> &'static str {
        match self {
            CellKind::Text | CellKind::Number | CellKind::Date => "null; empty in a table",
            CellKind::List => "an empty list; empty in a table",
            CellKind::Flag => "never null: false; empty in a table",
        }
    }
}

/// The rows that have a column unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultRows {
    /// None.
    None,
    /// Rows by item.
    Item,
    /// Rows by letter.
    Letter,
    /// Both.
    Both,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy)]
pub enum ColumnReader {
    /// From the letter's record.
    Letter(for<'l> fn(&'l Letter) -> Cell<'l>),
    /// From the letter's text.
    LetterText(for<'l> fn(&'l Letter) -> Cell<'l>),
    /// From one item.
    Item(for<'l> fn(&'l Item) -> Cell<'l>),
    /// From the part of the letter's text that is an item's.
    ItemText(for<'l> fn(&'l Letter, &'l Item) -> Cell<'l>),
}

impl FieldDefinition {
    /// What the field belongs to.
    #[must_use]
    pub fn level(&self) -> Level {
        match &self.storage {
            Storage::Text { read, .. } => read.level(),
            Storage::Facet(read) | Storage::Path(read) => read.level(),
            Storage::Number(read) => read.level(),
            Storage::Keyword(read) => read.level(),
            Storage::LevelOf(of) => of.level(),
            Storage::Unstored(level) => *level,
        }
    }

    /// What its values are, where no column shows them: paths are lists, since a letter or an item may have several.
    #[must_use]
    pub fn kind(&self) -> CellKind {
        let typed = self.filter.as_ref().map(|filter| filter.resolve.kind());
        match &self.storage {
            _ if typed == Some(FilterKind::Number) => CellKind::Number,
            Storage::Text { .. } | Storage::Keyword(_) | Storage::Unstored(_) => CellKind::Text,
            Storage::Facet(_) | Storage::Path(_) | Storage::LevelOf(_) => CellKind::List,
            Storage::Number(_) => CellKind::Number,
        }
    }

    /// The field whose values the index holds: itself, or the one that it is a level of.
    #[must_use]
    pub fn base(&'static self) -> &'static FieldDefinition {
        match self.storage {
            Storage::LevelOf(of) => of,
            _ => self,
        }
    }

    /// The weight of a text field in the score; None of other fields.
    #[must_use]
    pub fn boost(&self) -> Option<f32> {
        match self.storage {
            Storage::Text { boost, .. } => Some(boost),
            _ => None,
        }
    }

    /// The paths that an item (None: the letter) has in this field, as the index holds them.
    #[must_use]
    pub fn paths(&self, letter: &Letter, item: Option<&Item>) -> Vec<Path> {
        let mut paths = Vec::new();
        match (&self.storage, item) {
            (Storage::Facet(read) | Storage::Path(read), item) => match (read, item) {
                (Reader::Item(read), Some(item)) => read(item, &mut paths),
                (Reader::Letter(read), None) => read(letter, &mut paths),
                _ => {}
            },
            (Storage::LevelOf(of), item) => return of.paths(letter, item),
            _ => {}
        }
        paths
    }

    /// The number that an item (None: the letter) has in this field.
    #[must_use]
    pub fn number(&self, letter: &Letter, item: Option<&Item>) -> Option<u64> {
        match (&self.storage, item) {
            (Storage::Number(Reader::Item(read)), Some(item)) => read(item),
            (Storage::Number(Reader::Letter(read)), None) => read(letter),
            _ => None,
        }
    }

    /// The exact value that an item (None: the letter) has in this field.
    #[must_use]
    pub fn keyword<'l>(&self, letter: &'l Letter, item: Option<&'l Item>) -> Option<&'l str> {
        match (&self.storage, item) {
            (Storage::Keyword(Reader::Item(read)), Some(item)) => read(item),
            (Storage::Keyword(Reader::Letter(read)), None) => read(letter),
            _ => None,
        }
    }

    /// The passages that an item (None: the letter) has in this field.
    #[must_use]
    pub fn texts<'l>(&self, letter: &'l Letter, item: Option<&'l Item>) -> Vec<Text<'l>> {
        let mut texts = Vec::new();
        match (&self.storage, item) {
            (
                Storage::Text {
                    read: Reader::Item(read),
                    ..
                },
                Some(item),
            ) => read(letter, item, &mut texts),
            (
                Storage::Text {
                    read: Reader::Letter(read),
                    ..
                },
                None,
            ) => read(letter, &mut texts),
            _ => {}
        }
        texts
    }

    /// What a typed value of the field's filter means.
    ///
    /// # Errors
    /// If it means nothing, or the field is not filtered by.
    pub fn resolve(
        &self,
        typed: &str,
        held: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<Values, ValueError> {
        match &self.filter {
            Some(filter) => filter.resolve.values(typed, held),
            None => Err(ValueError::Unknown(Vec::new())),
        }
    }
}
