//! Bytes outside of the database, in one folder, under names that their content gives.
//!
//! Nothing outside of the folder can be reached: a path has plain parts only, and no part of it may be a link.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::hash;

/// Where bytes are kept.
#[derive(Debug, Clone)]
pub enum Files {
    /// In a folder, which is made when the first bytes come.
    Folder(PathBuf),
    /// In memory, as long as the database beside them.
    Memory(Arc<Mutex<HashMap<PathBuf, Vec<u8>>>>),
}

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The path is none inside the folder.
    #[error("`{0}` is no path inside the data folder; write plain names with `/` between them")]
    Path(String),
    /// A part of the path is a link, or not what it has to be.
    #[error("`{0}` is not a plain file of the data folder")]
    NotPlain(String),
    /// The file is larger than may be read at once.
    #[error("`{path}` has {size} bytes, and at most {MAX_BYTES} can be read at once")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        size: u64,
    },
    /// The system refused.
    #[error("`{path}`: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        error: io::Error,
    },
}

/// The largest file that is read or written.
const MAX_BYTES: u64 = 64 << 20;

impl Files {
    /// Makes a store in memory.
    pub fn memory() -> Self {
        Files::Memory(Arc::default())
    }

    /// Keeps bytes in a part of the store, such as a package's; returns their path, `objects/ab/ab12...`, which the same bytes have always.
    pub fn put(&self, part: &str, data: &[u8]) -> Result<String, FilesError> {
        let digest = hash::sha256(data);
        let path = format!("objects/{}/{digest}", &digest[..2]);
        if data.len() as u64 > MAX_BYTES {
            return Err(FilesError::TooLarge { path, size: data.len() as u64 });
        }
        match self {
            Files::Folder(_) if self.size(part, &path)? == Some(data.len() as u64) => {}
            Files::Folder(folder) => write_whole(&folder.join(part).join(&path), data).map_err(io_error(&path))?,
            Files::Memory(_) => {
                self.memory_map(|map| map.insert(Path::new(part).join(&path), data.to_vec()));
            }
        }
        Ok(path)
    }

    /// Returns the bytes of a file; None when there is none.
    pub fn get(&self, part: &str, path: &str) -> Result<Option<Vec<u8>>, FilesError> {
        if let Files::Memory(_) = self {
            let key = Path::new(part).join(plain(path)?);
            return Ok(self.memory_map(|map| map.get(&key).cloned()));
        }
        let Some((file, size)) = self.find(part, path)? else { return Ok(None) };
        if size > MAX_BYTES {
            return Err(FilesError::TooLarge { path: path.to_owned(), size });
        }
        let mut data = Vec::with_capacity(size as usize);
        // It may grow while it is read.
        let read = File::open(file).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut data));
        read.map_err(io_error(path))?;
        Ok(Some(data))
    }

    /// Returns the size of a file in bytes; None when there is none.
    pub fn size(&self, part: &str, path: &str) -> Result<Option<u64>, FilesError> {
        if let Files::Memory(_) = self {
            let key = Path::new(part).join(plain(path)?);
            return Ok(self.memory_map(|map| map.get(&key).map(|data| data.len() as u64)));
        }
        Ok(self.find(part, path)?.map(|(_, size)| size))
    }

    /// Deletes a file; tells whether there was one.
    pub fn delete(&self, part: &str, path: &str) -> Result<bool, FilesError> {
        if let Files::Memory(_) = self {
            let key = Path::new(part).join(plain(path)?);
            return Ok(self.memory_map(|map| map.remove(&key).is_some()));
        }
        let Some((file, _)) = self.find(part, path)? else { return Ok(false) };
        match fs::remove_file(file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(io_error(path)(error)),
        }
    }

    /// Finds a plain file below a part of the folder, with its size; no part of its path may be a link.
    fn find(&self, part: &str, path: &str) -> Result<Option<(PathBuf, u64)>, FilesError> {
        let Files::Folder(folder) = self else { return Ok(None) };
        let mut at = folder.join(part);
        let parts = plain(path)?;
        let count = parts.components().count();
        for (index, component) in parts.components().enumerate() {
            at.push(component);
            let found = match fs::symlink_metadata(&at) {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(io_error(path)(error)),
            };
            let last = index + 1 == count;
            if last && found.is_file() {
                return Ok(Some((at, found.len())));
            }
            if last || !found.is_dir() {
                return Err(FilesError::NotPlain(path.to_owned()));
            }
        }
        Ok(None)
    }

    fn memory_map<T>(&self, work: impl FnOnce(&mut HashMap<PathBuf, Vec<u8>>) -> T) -> T {
        let Files::Memory(map) = self else { unreachable!("only a store in memory is asked for its map") };
        work(&mut map.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns a path of plain names.
fn plain(path: &str) -> Result<PathBuf, FilesError> {
    let wrong = || FilesError::Path(crate::diag::escape_control(path).chars().take(200).collect());
    if path.is_empty() || path.contains(['\0', '\\', ':']) || path.split('/').any(|part| part.is_empty() || part == ".")
    {
        return Err(wrong());
    }
    let path = Path::new(path);
    match path.components().all(|component| matches!(component, Component::Normal(_))) {
        true => Ok(path.to_owned()),
        false => Err(wrong()),
    }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, data: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().expect("an object lies in a folder");
    fs::create_dir_all(folder)?;
    let name = format!(".new-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let passing = folder.join(name);
    let written = File::create_new(&passing).and_then(|mut file| {
        file.write_all(data)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&passing, path));
    if moved.is_err() {
        let _ = fs::remove_file(&passing);
    }
    moved
}

fn io_error(path: &str) -> impl Fn(io::Error) -> FilesError {
    let path = path.to_owned();
    move |error| FilesError::Io { path: path.clone(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("mbl-files-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn bytes_are_kept_under_their_digest() {
        let folder = Folder::new("kept");
        for files in [Files::Folder(folder.0.clone()), Files::memory()] {
            let path = files.put("media", b"hello").unwrap();
            assert_eq!(path, files.put("media", b"hello").unwrap());
            assert_eq!(path, "objects/2c/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
            assert_eq!(files.get("media", &path).unwrap().as_deref(), Some(&b"hello"[..]));
            assert_eq!(files.size("media", &path).unwrap(), Some(5));
            assert_eq!(files.get("other", &path).unwrap(), None);
            assert!(files.delete("media", &path).unwrap());
            assert!(!files.delete("media", &path).unwrap());
            assert_eq!(files.size("media", &path).unwrap(), None);
        }
    }

    #[test]
    fn no_path_leads_out() {
        let folder = Folder::new("out");
        fs::write(folder.0.join("secret"), "x").unwrap();
        for files in [Files::Folder(folder.0.clone()), Files::memory()] {
            for path in
                ["", "/", "../secret", "a/../../secret", "/etc/passwd", "a//b", "./a", "a/.", "a\\b", "c:a", "a\0b"]
            {
                assert!(matches!(files.get("media", path), Err(FilesError::Path(_))), "{path:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = Folder::new("links");
        let media = folder.0.join("media");
        fs::create_dir_all(media.join("inside")).unwrap();
        fs::write(folder.0.join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(folder.0.join("secret"), media.join("file")).unwrap();
        std::os::unix::fs::symlink(&folder.0, media.join("folder")).unwrap();
        let files = Files::Folder(folder.0.clone());
        for path in ["file", "folder/secret", "inside"] {
            assert!(matches!(files.get("media", path), Err(FilesError::NotPlain(_))), "{path}");
            assert!(matches!(files.delete("media", path), Err(FilesError::NotPlain(_))), "{path}");
        }
    }
}
