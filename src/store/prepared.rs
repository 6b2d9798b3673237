//! Prepared statements, whose values are read where SQLite holds them.
//!
//! rusqlite asks SQLite three times for each text of a row, and each time SQLite finds the column anew. Here it is found once, which is a
//! twentieth of a page of 50 rows. rusqlite does everything else.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr::null_mut;
use std::slice::from_raw_parts;
use std::str::Utf8Error;

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, PrepFlags, Statement, ffi};

/// A statement that is kept for many runs.
pub(in crate::store) struct Prepared<'c> {
    statement: Statement<'c>,
    /// The same as SQLite knows it; alive as long as `statement`, which nothing replaces.
    pointer: *mut ffi::sqlite3_stmt,
}

impl<'c> Prepared<'c> {
    /// Prepares one statement. The connection has no mutex: see [`Found::value`].
    pub fn new(connection: &'c Connection, sql: &str) -> rusqlite::Result<Self> {
        let statement = connection.prepare_with_flags(sql, PrepFlags::SQLITE_PREPARE_PERSISTENT)?;
        // SAFETY: the connection is open. Its list of statements begins with the newest one, which is the statement above.
        let pointer = unsafe { ffi::sqlite3_next_stmt(connection.handle(), null_mut()) };
        let known = || {
            // SAFETY: a statement of the list is alive; its text ends with NUL and stays where it is.
            unsafe {
                let text = if pointer.is_null() { null_mut() } else { ffi::sqlite3_sql(pointer).cast_mut() };
                !text.is_null() && sql.as_bytes().starts_with(CStr::from_ptr(text).to_bytes())
            }
        };
        assert!(known(), "the newest statement of a connection is the one that was prepared last");
        Ok(Self { statement, pointer })
    }

    /// Binds a parameter, counted from 1.
    pub fn bind(&mut self, place: usize, value: impl ToSql) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(place, value)
    }

    /// Makes all parameters NULL.
    pub fn clear_bindings(&mut self) {
        self.statement.clear_bindings();
    }

    /// Runs a statement that answers no rows, and returns how many it changed.
    pub fn execute(&mut self) -> rusqlite::Result<usize> {
        self.statement.raw_execute()
    }

    /// Begins to read the rows of a statement; it is reset when they are dropped.
    pub fn query(&mut self) -> Found<'_> {
        Found { rows: self.statement.raw_query(), pointer: self.pointer }
    }

    /// Returns what rusqlite knows of the statement.
    pub fn statement(&self) -> &Statement<'c> {
        &self.statement
    }
}

/// The rows of a statement, one at a time.
pub(in crate::store) struct Found<'a> {
    rows: rusqlite::Rows<'a>,
    pointer: *mut ffi::sqlite3_stmt,
}

impl Found<'_> {
    /// Goes to the next row; false when there is none.
    pub fn advance(&mut self) -> rusqlite::Result<bool> {
        self.rows.advance()?;
        Ok(self.rows.get().is_some())
    }

    /// Returns a value of the row. A column that is not there, and a row, is NULL.
    #[inline]
    pub fn value(&self, column: usize) -> ValueRef<'_> {
        // SAFETY: the statement is alive, as `rows` borrows it, and what SQLite returns stays as it is until the next step, which needs
        // this value exclusively. `sqlite3_value_*` may be asked of a column's value where the connection has no mutex: one thread uses it. The text
        // is asked for before its length, as it may have to be made of another encoding first.
        unsafe {
            let value = ffi::sqlite3_column_value(self.pointer, column as i32);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => ValueRef::Integer(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => ValueRef::Real(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => {
                    let text = ffi::sqlite3_value_text(value);
                    let length = ffi::sqlite3_value_bytes(value);
                    assert!(!text.is_null(), "SQLite has no memory for a text");
                    ValueRef::Text(from_raw_parts(text, length as usize))
                }
                ffi::SQLITE_BLOB => {
                    let bytes = ffi::sqlite3_value_blob(value).cast::<u8>();
                    let length = ffi::sqlite3_value_bytes(value);
                    // An empty one has no address.
                    ValueRef::Blob(if bytes.is_null() { &[] } else { from_raw_parts(bytes, length as usize) })
                }
                _ => ValueRef::Null,
            }
        }
    }
}

/// Returns bytes as text. Most are ASCII, which is seen at a third of the price.
#[inline]
pub(in crate::store) fn utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    if bytes.is_ascii() {
        // SAFETY: ASCII is UTF-8.
        return Ok(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_rusqlite_reads() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = "SELECT NULL, 1, -9223372036854775808, 1.5, -0.0, '', 'text', 'a' || char(0) || 'b', x'', x'00ff', cast(x'ff' AS TEXT), 'é'
            UNION ALL SELECT 'x', NULL, 2.5, 7, 'y', x'01', NULL, '', 'long' || hex(zeroblob(3000)), 9, 0, zeroblob(10)";
        let mut prepared = Prepared::new(&connection, sql).unwrap();
        let mut other = connection.prepare(sql).unwrap();
        let width = other.column_count();
        for _ in 0..2 {
            let mut found = prepared.query();
            let mut rows = other.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                assert!(found.advance().unwrap());
                for column in 0..width {
                    assert_eq!(found.value(column), row.get_ref(column).unwrap());
                }
                assert_eq!(found.value(width), ValueRef::Null);
            }
            assert!(!found.advance().unwrap());
            assert_eq!(found.value(0), ValueRef::Null);
        }
    }

    #[test]
    fn another_encoding_is_read_as_utf8() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x); INSERT INTO t VALUES ('größer 😀'), ('')")
            .unwrap();
        let mut prepared = Prepared::new(&connection, "SELECT x FROM t").unwrap();
        let mut found = prepared.query();
        for text in ["größer 😀", ""] {
            assert!(found.advance().unwrap());
            assert_eq!(found.value(0), ValueRef::Text(text.as_bytes()));
        }
    }

    #[test]
    fn the_newest_statement_is_found_among_many() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        let texts: Vec<String> = (0..50).map(|number| format!("SELECT {number} -- a remark")).collect();
        let mut all: Vec<Prepared> = texts.iter().map(|sql| Prepared::new(&connection, sql).unwrap()).collect();
        assert!(Prepared::new(&connection, "SELECT").is_err());
        let mut spaced = Prepared::new(&connection, "  SELECT 7;  ").unwrap();
        assert!(spaced.query().advance().unwrap());
        for (number, prepared) in (0..).zip(&mut all) {
            let mut found = prepared.query();
            assert!(found.advance().unwrap());
            assert_eq!(found.value(0), ValueRef::Integer(number));
        }
    }

    #[test]
    fn text_is_told_from_other_bytes() {
        for bytes in [&b""[..], b"plain", "Größe".as_bytes(), b"\xff", b"0123456789abcdef0123456789abcdef\x80", b"a\0b"]
        {
            assert_eq!(utf8(bytes), std::str::from_utf8(bytes));
        }
    }
}
