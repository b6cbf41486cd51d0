//! An index on disk: opening, making, and what it holds.
//!
//! `DIR/imr.json` says which program and format made the index and in which folder below `DIR` its
//! files are (the *generation*): a rebuild makes a new generation beside and swaps by renaming that
//! one small file.

use super::directory::IndexDirectory;
use super::known_phrases::{self, PhraseTokenizer};
use super::schema::{self, Fields};
use super::tokenizer::TOKENIZER;
use super::{FORMAT, sources};
use crate::letter::WarningKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tantivy::collector::Count;
use tantivy::directory::MmapDirectory;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy, Term};

const MANIFEST: &str = "imr.json";

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Nothing is there.
    #[error(
        "there is no index at {0}: make one with `imr index CORPUS`, or name another with --index"
    )]
    Missing(PathBuf),
    /// A folder of something else.
    #[error("{0} is no index but something else: name another with --index")]
    NotAnIndex(PathBuf),
    /// Made by another version.
    #[error(
        "the index at {path} was made by imr {version} in another format: remove it and run `imr index` again"
    )]
    OtherFormat {
        /// Where it is.
        path: PathBuf,
        /// What made it.
        version: String,
    },
    /// Another process writes to it.
    #[error("another imr is writing to the index at {0}: wait for it to end")]
    Locked(PathBuf),
    /// The index's files are damaged or the disk fails.
    #[error("the index at {path} cannot be used: {}; if the disk is sound and not full, remove the folder and run `imr index` again", brief(.reason))]
    Broken {
        /// Where it is.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A file of the index cannot be written or read.
    #[error("{path}: {reason}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
}

/// The first clause of a library's reason.
fn brief(reason: &str) -> String {
    let first = reason.lines().next().unwrap_or("no reason given");
    first.chars().take(160).collect()
}

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    schema: String,
    imr: String,
    generation: String,
    /// Digest of the phrases that were indexed as one token.
    #[serde(default)]
    phrases: String,
}

/// An open index.
pub struct Index {
    /// The folder that the user named.
    pub path: PathBuf,
    /// Handles of its fields.
    pub fields: Fields,
    /// The phrases that this program knows were indexed as tokens of their own; an index that an
    /// other version began has others, and phrases are looked for word by word.
    pub knows_phrases: bool,
    pub(crate) tantivy: tantivy::Index,
    pub(crate) reader: IndexReader,
}

/// What an index holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The folder.
    pub index: String,
    /// Letters.
    pub letters: u64,
    /// Disputed items.
    pub items: u64,
    /// Files that hold a letter.
    pub sources: u64,
    /// Letters in no known layout.
    pub unrecognised: u64,
    /// Files that gave no letter, with the reason.
    pub failures: Vec<(String, String)>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Parts that tantivy keeps it in.
    pub segments: usize,
    /// First and last decision, as ISO dates.
    pub decided: Option<(String, String)>,
    /// Letters with doubts, by kind.
    pub warnings: BTreeMap<String, u64>,
    /// The most frequent medications in no table, with the number of items.
    pub unlisted: Vec<(String, u64)>,
    /// The index's format and the digest of its schema.
    pub format: String,
}

impl Index {
    /// Opens an index for reading and writing.
    ///
    /// # Errors
    /// If there is none, it is of another format, or its files are damaged.
    pub fn open(path: &Path) -> Result<Index, IndexError> {
        let file = path.join(MANIFEST);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                return Err(if path.is_file() || holds_other_files(path) {
                    IndexError::NotAnIndex(path.to_path_buf())
                } else {
                    IndexError::Missing(path.to_path_buf())
                });
            }
            Err(e) => return Err(io(&file, &e)),
        };
        let broken = |reason: String| IndexError::Broken {
            path: path.to_path_buf(),
            reason,
        };
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|e| broken(format!("{MANIFEST}: {e}")))?;
        if manifest.format != FORMAT || manifest.schema != schema::schema_digest() {
            return Err(IndexError::OtherFormat {
                path: path.to_path_buf(),
                version: manifest.imr,
            });
        }
        let name = Path::new(&manifest.generation);
        if name.components().count() != 1 || name.is_absolute() || manifest.generation == ".." {
            return Err(broken(format!("{MANIFEST} names a strange folder")));
        }
        let directory = MmapDirectory::open(path.join(name)).map_err(|e| broken(e.to_string()))?;
        let tantivy =
            tantivy::Index::open(IndexDirectory(directory)).map_err(|e| broken(e.to_string()))?;
        Index::with(path, tantivy, manifest.phrases == known_phrases::digest())
    }

    /// Opens an index, or makes an empty one where there is none.
    ///
    /// # Errors
    /// As [`Index::open`]; and if the folder cannot be made or holds something else.
    pub fn open_or_create(path: &Path) -> Result<Index, IndexError> {
        match Index::open(path) {
            Err(IndexError::Missing(_)) => {}
            opened => return opened,
        }
        let generation = "generation-1";
        let folder = path.join(generation);
        // What a first run left that was ended before it wrote its manifest.
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| io(&folder, &e))?;
        }
        std::fs::create_dir_all(&folder).map_err(|e| io(&folder, &e))?;
        let tantivy = tantivy::Index::builder()
            .schema(schema::build())
            .settings(IndexSettings::default())
            .create_in_dir(&folder)
            .map_err(|e| IndexError::Broken {
                path: path.to_path_buf(),
                reason: e.to_string(),
            })?;
        let manifest = Manifest {
            format: FORMAT,
            schema: schema::schema_digest(),
            imr: env!("CARGO_PKG_VERSION").to_string(),
            generation: generation.to_string(),
            phrases: known_phrases::digest(),
        };
        write_manifest(path, &manifest)?;
        Index::with(path, tantivy, true)
    }

    fn with(
        path: &Path,
        tantivy: tantivy::Index,
        knows_phrases: bool,
    ) -> Result<Index, IndexError> {
        let tokenizer = TextAnalyzer::builder(PhraseTokenizer::default()).build();
        tantivy.tokenizers().register(TOKENIZER, tokenizer);
        let reader = tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(|e: tantivy::TantivyError| IndexError::Broken {
                path: path.to_path_buf(),
                reason: e.to_string(),
            })?;
        Ok(Index {
            path: path.to_path_buf(),
            fields: Fields::of(&tantivy.schema()),
            knows_phrases,
            tantivy,
            reader,
        })
    }

    /// Sees what has been committed since the index was opened.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn reload(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(|e| self.broken(&e))
    }

    pub(crate) fn broken(&self, error: &dyn std::fmt::Display) -> IndexError {
        IndexError::Broken {
            path: self.path.clone(),
            reason: error.to_string(),
        }
    }

    /// What the index holds.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn status(&self) -> Result<Status, IndexError> {
        let searcher = self.reader.searcher();
        let count = |kind: &str| -> Result<u64, IndexError> {
            let term = Term::from_field_text(self.fields.kind, kind);
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let found = searcher
                .search(&query, &Count)
                .map_err(|e| self.broken(&e))?;
            Ok(found as u64)
        };
        let facet = |field, path: &[&str]| -> Result<u64, IndexError> {
            let term = Term::from_facet(field, &super::facet_of(path.iter().copied()));
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            let found = searcher
                .search(&query, &Count)
                .map_err(|e| self.broken(&e))?;
            Ok(found as u64)
        };
        let known = sources::load(self)?;
        let mut failures: Vec<_> = known
            .iter()
            .filter(|(_, state)| !state.failure.is_empty())
            .map(|(path, state)| (path.clone(), state.failure.clone()))
            .collect();
        failures.sort();
        let mut warnings = BTreeMap::new();
        for kind in WarningKind::ALL {
            let letters = facet(self.fields.warning, &[kind.name()])?;
            if letters > 0 {
                warnings.insert(kind.name().to_string(), letters);
            }
        }
        Ok(Status {
            index: self.path.display().to_string(),
            letters: count("letter")?,
            items: count("item")?,
            sources: (known.len() - failures.len()) as u64,
            unrecognised: facet(self.fields.layout, &["unrecognised"])?,
            failures,
            bytes: self.bytes(),
            segments: searcher.segment_readers().len(),
            decided: self.date_span(&searcher)?,
            warnings,
            unlisted: self.unlisted(&searcher)?,
            format: format!("{FORMAT}-{}", schema::schema_digest()),
        })
    }

    fn bytes(&self) -> u64 {
        walkdir::WalkDir::new(&self.path)
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(std::fs::Metadata::is_file)
            .map(|meta| meta.len())
            .sum()
    }

    fn date_span(
        &self,
        searcher: &tantivy::Searcher,
    ) -> Result<Option<(String, String)>, IndexError> {
        let mut span: Option<(u64, u64)> = None;
        for segment in searcher.segment_readers() {
            let column = segment
                .fast_fields()
                .u64("decided")
                .map_err(|e| self.broken(&e))?;
            if segment.num_docs() == 0 || column.values.num_vals() == 0 {
                continue;
            }
            let (low, high) = (column.min_value(), column.max_value());
            span = Some(span.map_or((low, high), |(a, b)| (a.min(low), b.max(high))));
        }
        let iso = |n: u64| format!("{:04}-{:02}-{:02}", n / 10_000, n / 100 % 100, n % 100);
        Ok(span.map(|(low, high)| (iso(low), iso(high))))
    }

    /// The medications under class `unlisted`, most frequent first.
    fn unlisted(&self, searcher: &tantivy::Searcher) -> Result<Vec<(String, u64)>, IndexError> {
        let root = super::facet_of([crate::vocabulary::UNLISTED]);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for segment in searcher.segment_readers() {
            let index = segment
                .inverted_index(self.fields.drug)
                .map_err(|e| self.broken(&e))?;
            let mut terms = index
                .terms()
                .range()
                .ge(root.encoded_str().as_bytes())
                .into_stream()
                .map_err(|e| self.broken(&e))?;
            while terms.advance() {
                let Ok(facet) = tantivy::schema::Facet::from_encoded(terms.key().to_vec()) else {
                    continue;
                };
                let path = facet.to_path();
                match path.as_slice() {
                    [crate::vocabulary::UNLISTED, name] => {
                        *counts.entry((*name).to_string()).or_default() +=
                            u64::from(terms.value().doc_freq);
                    }
                    [crate::vocabulary::UNLISTED] => {}
                    _ => break,
                }
            }
        }
        let mut names: Vec<_> = counts.into_iter().collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        names.truncate(20);
        Ok(names)
    }
}

/// Whether a folder holds anything but what an unfinished `open_or_create` leaves.
fn holds_other_files(path: &Path) -> bool {
    let ours = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            name == "generation-1" || name == "imr.json.new"
        })
    };
    path.read_dir().is_ok_and(|mut entries| !entries.all(ours))
}

fn io(path: &Path, error: &std::io::Error) -> IndexError {
    IndexError::Io {
        path: path.to_path_buf(),
        reason: crate::corpus::io_reason(error),
    }
}

/// Written beside and renamed: the index is either as before or as after.
fn write_manifest(path: &Path, manifest: &Manifest) -> Result<(), IndexError> {
    let text = serde_json::to_string_pretty(manifest).unwrap_or_default();
    let beside = path.join("imr.json.new");
    std::fs::write(&beside, text + "\n").map_err(|e| io(&beside, &e))?;
    let file = path.join(MANIFEST);
    std::fs::rename(&beside, &file).map_err(|e| io(&file, &e))
}
