//! An index on disk: opening it, making it, and who may write to it.

use super::dictionary::{self, CompressionDictionary};
use super::directory::{self, FirstWriteError, IndexDirectory};
use super::error::{IndexError, io};
use super::files;
use super::manifest::{self, MANIFEST, Manifest};
use super::postings::documents_with;
use super::reason::Reason;
use super::schema::{self, Fields};
use super::stored::StoredLetter;
use crate::letter::Letter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use tantivy::directory::{DirectoryLock, MmapDirectory, OwnedBytes};
use tantivy::store::Compressor;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy, Term};

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
    /// The folder below `path` that its files are in.
    pub(super) generation: String,
    /// The manifest that names that folder: the index's, or that of a rebuild.
    manifest: &'static str,
    /// Why writing its files failed.
    trouble: FirstWriteError,
    /// What its letters have in common, once it was read.
    dictionary: OnceLock<CompressionDictionary>,
    /// The right to write, where it was taken before the index was opened.
    pub(super) held: Mutex<Option<DirectoryLock>>,
}

impl Index {
    /// Opens an index for reading and writing.
    ///
    /// # Errors
    /// If there is none, it is of another format, or its files are damaged.
    pub fn open(path: &Path) -> Result<Index, IndexError> {
        /// Rebuilds that may end while the index is being opened.
        const SWAPS: usize = 8;
        let mut manifest = Manifest::read(path, MANIFEST)?;
        let mut swaps = 0;
        loop {
            let error = match Index::open_generation(path, &manifest, MANIFEST) {
                Ok(index) => return Ok(index),
                Err(error) => error,
            };
            // A rebuild may just have put another generation in its place, and removed this one.
            let now = Manifest::read(path, MANIFEST)?;
            if now.generation == manifest.generation || swaps == SWAPS {
                return Err(error);
            }
            manifest = now;
            swaps += 1;
        }
    }

    /// Opens an index to answer from it: damage of a small one is found before it answers. Of a large one the smaller
    /// files are compared; all of them are by `imr status --check` and, once, by `imr serve`: it would take too long here.
    ///
    /// # Errors
    /// As [`Index::open`], and if a file that is compared is damaged.
    pub fn open_to_search(path: &Path) -> Result<Index, IndexError> {
        /// Bytes that are compared in some milliseconds.
        const COMPARED_AT_ONCE: u64 = 24 << 20;
        /// Commits that may come in between.
        const COMMITS: usize = 8;
        let mut last = None;
        for _ in 0..COMMITS {
            let index = Index::open(path)?;
            let segments = index.segment_names();
            match index.check_files_within(COMPARED_AT_ONCE) {
                Ok(()) => return Ok(index),
                // What a commit merged or a rebuild replaced is gone, and no damage.
                Err(error) => {
                    let now = Index::open(path)?;
                    // Without its folder a generation has no segments that could be compared.
                    if now.generation == index.generation && now.segment_names() == segments {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        last.map_or_else(|| Index::open(path), Err)
    }

    /// The segments of the last commit.
    fn segment_names(&self) -> Vec<String> {
        let metas = self.tantivy.load_metas();
        let metas = metas.map(|metas| metas.segments).unwrap_or_default();
        let name = |meta: &tantivy::SegmentMeta| {
            format!("{} {}", meta.id().uuid_string(), meta.num_deleted_docs())
        };
        metas.iter().map(name).collect()
    }

    pub(super) fn open_generation(
        path: &Path,
        manifest: &Manifest,
        file: &'static str,
    ) -> Result<Index, IndexError> {
        manifest.check(path)?;
        let folder = path.join(&manifest.generation);
        // Damaged files may make the engine panic.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let files = MmapDirectory::open(&folder).map_err(|e| broken(path, &e))?;
            let trouble = FirstWriteError::default();
            let directory = IndexDirectory::new(files, trouble.clone());
            let tantivy = tantivy::Index::open(directory).map_err(|e| broken(path, &e))?;
            let mut index = Index::with(path, tantivy, manifest, file)?;
            index.trouble = trouble;
            Ok(index)
        }));
        match opened {
            Ok(Ok(index)) => Ok(index),
            Ok(Err(error @ IndexError::Broken { .. })) => {
                let damage = files::first_damage(&folder);
                Err(damage.map_or(error, |damage| broken(path, &damage)))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let damage = files::first_damage(&folder);
                let damage = damage.unwrap_or_else(|| "its files are damaged".to_string());
                Err(broken(path, &damage))
            }
        }
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
        std::fs::create_dir_all(path).map_err(|e| io(path, &e))?;
        let lock = lock(path)?;
        // Another may have been faster.
        if !path.join(MANIFEST).exists() {
            let next = manifest::next_generation(path);
            let manifest = Manifest::new(&next);
            Index::create_generation(path, &manifest, MANIFEST)?;
        }
        drop(lock);
        Index::open(path)
    }

    /// Makes an empty generation, and then the manifest that names it.
    pub(super) fn create_generation(
        path: &Path,
        manifest: &Manifest,
        file: &'static str,
    ) -> Result<(), IndexError> {
        let folder = path.join(&manifest.generation);
        // What a run left that was ended before it wrote its manifest.
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| io(&folder, &e))?;
        }
        std::fs::create_dir_all(&folder).map_err(|e| io(&folder, &e))?;
        let files = MmapDirectory::open(&folder).map_err(|e| IndexError::CannotWrite {
            path: path.to_path_buf(),
            reason: e.reason(),
        })?;
        let directory = IndexDirectory::new(files, FirstWriteError::default());
        tantivy::Index::builder()
            .schema(schema::build())
            .settings(settings())
            .open_or_create(directory)
            .map_err(|e| IndexError::CannotWrite {
                path: path.to_path_buf(),
                reason: e.reason(),
            })?;
        manifest.write(path, file)
    }

    fn with(
        path: &Path,
        tantivy: tantivy::Index,
        manifest: &Manifest,
        file: &'static str,
    ) -> Result<Index, IndexError> {
        let reader = tantivy
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(|e: tantivy::TantivyError| broken(path, &e))?;
        Ok(Index {
            path: path.to_path_buf(),
            fields: Fields::new(&tantivy.schema()),
            tantivy,
            reader,
            knows_phrases: manifest.knows_phrases(),
            generation: manifest.generation.clone(),
            manifest: file,
            trouble: FirstWriteError::default(),
            dictionary: OnceLock::new(),
            held: Mutex::new(None),
        })
    }

    /// Takes the right to write, which only one process has, and sees what was committed before.
    /// Where the folder cannot be written there is nothing to take: an index may be up to date.
    ///
    /// # Errors
    /// If another process writes, or a rebuild put another index in this one's place.
    pub(super) fn lock_for_writing(&self) -> Result<Option<DirectoryLock>, IndexError> {
        let held = self.held.lock().map(|mut held| held.take());
        let lock = match held {
            Ok(Some(lock)) => Some(lock),
            _ => match lock(&self.path) {
                Ok(lock) => Some(lock),
                Err(IndexError::CannotWrite { .. }) => None,
                Err(error) => return Err(error),
            },
        };
        if Manifest::read(&self.path, self.manifest)?.generation != self.generation {
            return Err(IndexError::Replaced(self.path.clone()));
        }
        self.reload()?;
        Ok(lock)
    }

    /// What its letters have in common, if enough of them were seen for that. It never changes once it is
    /// there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn dictionary(&self) -> Result<Option<&CompressionDictionary>, String> {
        if let Some(known) = self.known_dictionary() {
            return Ok(Some(known));
        }
        let searcher = self.reader.searcher();
        let term = Term::from_field_text(self.fields.kind, dictionary::KIND);
        let find = || -> tantivy::Result<Option<OwnedBytes>> {
            let Some(address) = documents_with(&searcher, &term)?.first().copied() else {
                return Ok(None);
            };
            let segment = searcher.segment_reader(address.segment_ord);
            let stored = segment
                .get_store_reader(1)?
                .get_document_bytes(address.doc_id)?;
            Ok(Some(stored))
        };
        let damaged = |error: &dyn Reason| {
            let reason = error.reason();
            format!("the dictionary that its letters are compressed with is damaged: {reason}")
        };
        let Some(stored) = find().map_err(|e| damaged(&e))? else {
            return Ok(None);
        };
        let read = CompressionDictionary::read(&stored).map_err(|e| damaged(&e))?;
        Ok(Some(self.dictionary.get_or_init(|| read)))
    }

    /// What its letters have in common, if it was read.
    pub(super) fn known_dictionary(&self) -> Option<&CompressionDictionary> {
        self.dictionary.get()
    }

    /// A letter as it is stored.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read_stored(&self, stored: &StoredLetter) -> Result<Letter, String> {
        stored.read(|| self.dictionary())
    }

    /// How many sources it knows.
    pub(super) fn count_sources(&self) -> Result<usize, IndexError> {
        let term = Term::from_field_text(self.fields.kind, "source");
        let count = self.reader.searcher().doc_freq(&term);
        count
            .map(|count| usize::try_from(count).unwrap_or(0))
            .map_err(|e| self.broken(&e))
    }

    /// Sees what has been committed since the index was opened.
    ///
    /// # Errors
    /// If the index's files are damaged.
    pub fn reload(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(|e| self.broken(&e))
    }

    pub(crate) fn cannot_write(&self, error: &(impl Reason + ?Sized)) -> IndexError {
        let reason = self.trouble.reason();
        IndexError::CannotWrite {
            path: self.path.clone(),
            reason: reason.unwrap_or_else(|| error.reason()),
        }
    }

    pub(crate) fn broken(&self, error: &(impl Reason + ?Sized)) -> IndexError {
        broken(&self.path, error)
    }
}

/// The error of an index whose files are damaged or cannot be read.
fn broken(path: &Path, error: &(impl Reason + ?Sized)) -> IndexError {
    let (path, reason) = (path.to_path_buf(), error.reason());
    if error.is_damage() {
        IndexError::Broken { path, reason }
    } else {
        IndexError::Unreadable { path, reason }
    }
}

/// How letters are stored: each is compressed by itself ([`super::stored`]), so that blocks are only
/// as large as what is looked up in them should be. A thread more would only take turns with those that
/// read letters.
fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::None,
        docstore_blocksize: 4 << 10,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

/// Takes the right to write to the index in a folder: a lock that ends with its process.
///
/// # Errors
/// If another process has it, or the folder cannot be written.
pub(super) fn lock(path: &Path) -> Result<DirectoryLock, IndexError> {
    directory::lock_writers(path).map_err(|reason| match reason {
        None => IndexError::Locked(path.to_path_buf()),
        Some(reason) => IndexError::CannotWrite {
            path: path.to_path_buf(),
            reason,
        },
    })
}
