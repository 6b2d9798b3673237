//! Reads database URLs: a path, `file:path?parameters`, `:memory:`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::store::StoreError;

/// What a database URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// Where the database lies.
    pub location: Location,
    /// `synchronous`: when a commit counts as done. `full` by default.
    pub synchronous: Synchronous,
    /// `busy_timeout`, in ms: how long to wait for a lock of another connection. 5 s by default.
    pub busy_timeout: Duration,
}

/// Where a database lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `:memory:`; it ends with its connection.
    Memory,
    /// A file.
    File(PathBuf),
}

/// SQLite's `synchronous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// The operating system writes when it likes; a power cut may corrupt the file.
    Off,
    /// A power cut may undo the last commits.
    Normal,
    /// A commit is on the disk when it returns.
    Full,
    /// As full, with the folder synced as well.
    Extra,
}

/// The valid parameters, as messages name them.
const PARAMETERS: &str = "`synchronous` (off, normal, full, extra) and `busy_timeout` (ms)";

/// The longest wait that SQLite takes, in ms.
const MOST_BUSY_MS: u64 = i32::MAX as u64;

impl DatabaseUrl {
    /// Returns the URL of a file, with the default parameters.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(Location::File(path.into()))
    }

    /// Returns the URL of a new database in memory.
    pub fn memory() -> Self {
        Self::new(Location::Memory)
    }

    /// Reads `app.db`, `file:app.db?synchronous=normal&busy_timeout=1000`, `file:///var/app.db`, `:memory:`.
    ///
    /// Relative paths are relative to the current folder. After `file:`, `%20` and its like stand for the byte they name.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let fault = |message: String| StoreError::Url { url: text.to_owned(), message };
        let (name, query) = match text.split_once('?') {
            Some((name, query)) => (name, Some(query)),
            None => (text, None),
        };
        let path = match name.strip_prefix("file:") {
            Some(rest) => {
                let rest = rest.strip_prefix("//localhost").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
                decode_percent(rest).ok_or_else(|| fault("its path is not UTF-8 once `%` is decoded".into()))?
            }
            None => match name.split_once("://") {
                Some((scheme, _)) => {
                    return Err(fault(format!(
                        "`{scheme}` databases are not supported; expected a path, `file:...` or `:memory:`"
                    )));
                }
                None => name.to_owned(),
            },
        };
        if path.is_empty() {
            return Err(fault("it names no file; expected a path, `file:...` or `:memory:`".into()));
        }
        if path.contains('\0') {
            return Err(fault("its path holds a NUL byte".into()));
        }
        let mut url = if path == ":memory:" { Self::memory() } else { Self::file(path) };
        for parameter in query.unwrap_or("").split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            url.set(key, value).map_err(fault)?;
        }
        Ok(url)
    }

    fn new(location: Location) -> Self {
        Self { location, synchronous: Synchronous::Full, busy_timeout: Duration::from_secs(5) }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "synchronous" => {
                self.synchronous = Synchronous::named(value)
                    .ok_or_else(|| format!("`synchronous` must be off, normal, full or extra, found \"{value}\""))?;
            }
            "busy_timeout" => {
                let milliseconds = value.parse().ok().filter(|ms| *ms <= MOST_BUSY_MS).ok_or_else(|| {
                    format!("`busy_timeout` must be a whole number of ms up to {MOST_BUSY_MS}, found \"{value}\"")
                })?;
                self.busy_timeout = Duration::from_millis(milliseconds);
            }
            _ => return Err(format!("unknown parameter `{key}`; valid are {PARAMETERS}")),
        }
        Ok(())
    }
}

impl fmt::Display for DatabaseUrl {
    /// Writes the path, or `:memory:`: the form for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Location::Memory => f.write_str(":memory:"),
            Location::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Synchronous {
    /// Returns SQLite's word.
    pub fn name(self) -> &'static str {
        match self {
            Synchronous::Off => "off",
            Synchronous::Normal => "normal",
            Synchronous::Full => "full",
            Synchronous::Extra => "extra",
        }
    }

    /// Finds SQLite's word.
    pub fn named(name: &str) -> Option<Self> {
        [Synchronous::Off, Synchronous::Normal, Synchronous::Full, Synchronous::Extra]
            .into_iter()
            .find(|synchronous| synchronous.name().eq_ignore_ascii_case(name))
    }
}

/// Puts the byte for each `%` with two hexadecimal digits; any other `%` stays. None when the result is not UTF-8.
fn decode_percent(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        if let (b'%', Some(high), Some(low)) = (bytes[index], digit(index + 1), digit(index + 2)) {
            decoded.push((high * 16 + low) as u8);
            index += 3;
        } else {
            decoded.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_path_a_file_url_or_memory() {
        for (text, path) in [
            ("app.db", "app.db"),
            (".mbl/dev.db", ".mbl/dev.db"),
            ("file:app.db", "app.db"),
            ("file:./app.db?synchronous=normal", "./app.db"),
            ("file:///var/app.db", "/var/app.db"),
            ("file://localhost/var/app.db", "/var/app.db"),
            ("file:a%20b%3f.db", "a b?.db"),
            ("file:100%.db", "100%.db"),
            ("100%20.db", "100%20.db"),
        ] {
            assert_eq!(DatabaseUrl::parse(text).unwrap().location, Location::File(path.into()), "{text}");
        }
        for text in [":memory:", "file::memory:", ":memory:?synchronous=off"] {
            assert_eq!(DatabaseUrl::parse(text).unwrap().location, Location::Memory, "{text}");
        }
    }

    #[test]
    fn parameters_are_read() {
        let url = DatabaseUrl::parse("file:app.db?synchronous=NORMAL&busy_timeout=250").unwrap();
        assert_eq!(url.synchronous, Synchronous::Normal);
        assert_eq!(url.busy_timeout, Duration::from_millis(250));
        assert_eq!(DatabaseUrl::parse("app.db").unwrap(), DatabaseUrl::file("app.db"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (text, message) in [
            ("", "it names no file"),
            ("file:", "it names no file"),
            ("app.db?sync=off", "unknown parameter `sync`; valid are `synchronous`"),
            ("app.db?synchronous=sometimes", "off, normal, full or extra, found \"sometimes\""),
            ("app.db?busy_timeout=-1", "`busy_timeout` must be a whole number"),
            ("app.db?busy_timeout=99999999999", "`busy_timeout` must be a whole number"),
            ("postgresql://host/app", "`postgresql` databases are not supported"),
            ("file:a%00b", "NUL"),
        ] {
            let error = DatabaseUrl::parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
