//! A connection with the statements of plans, prepared once and kept with it.
//!
//! rusqlite keeps statements by their text, which it reads twice for each run. A plan's text does not change, so that its address says
//! as much. The texts of callers get such an address when they are seen first.

use std::cell::{OnceCell, RefCell};
use std::ops::Deref;
use std::sync::Arc;

use rusqlite::Connection;
use self_cell::self_cell;

use crate::cache::Generations;
use crate::store::prepared::Prepared;
use crate::store::wal::{WalHeader, WalIndex};

/// How many statements one generation keeps: as many as plans are kept, most of which have one.
const KEPT: usize = 1024;

/// How many texts of callers one generation keeps.
const TEXTS: usize = 256;

/// Longer texts of callers are not kept, in bytes: they are made of values, most likely.
const LONGEST: usize = 8192;

/// What is left open so that its snapshot is held.
const HOLDING: &str = "SELECT 1 FROM sqlite_schema";

/// The statements of a connection, and what else belongs to it.
struct Statements<'c> {
    kept: RefCell<Generations<usize, Kept<'c>>>,
    /// The texts of callers.
    texts: RefCell<Generations<Box<str>, Arc<str>>>,
    /// That of [`HOLDING`], once it was asked for.
    holding: RefCell<Option<Prepared<'c>>>,
    /// The index of the log, once it was asked for.
    index: OnceCell<Option<WalIndex<'c>>>,
}

/// A statement, and the text whose address it is known by.
struct Kept<'c> {
    /// None while it runs.
    statement: Option<Prepared<'c>>,
    _sql: Arc<str>,
}

self_cell!(
    struct Cell {
        owner: Connection,
        #[not_covariant]
        dependent: Statements,
    }
);

/// A connection, and what it keeps.
pub(in crate::store) struct KeepingConnection(Cell);

impl KeepingConnection {
    pub fn new(connection: Connection) -> Self {
        Self(Cell::new(connection, |_| Statements {
            kept: RefCell::new(Generations::new(KEPT)),
            texts: RefCell::new(Generations::new(TEXTS)),
            holding: RefCell::default(),
            index: OnceCell::new(),
        }))
    }

    /// Runs `body` with the statement of a plan's text; it is reset and its parameters are NULL before and after.
    pub fn with_statement<T, E: From<rusqlite::Error>>(
        &self,
        sql: &Arc<str>,
        body: impl FnOnce(&mut Prepared) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.with_dependent(|connection, statements| {
            let key = Arc::as_ptr(sql).cast::<u8>() as usize;
            let kept = statements.kept.borrow_mut().with(&key, |kept| kept.statement.take()).flatten();
            let mut statement = match kept {
                Some(statement) => statement,
                None => Prepared::new(connection, sql)?,
            };
            let result = body(&mut statement);
            // Long texts and lists are not kept until the next run.
            statement.clear_bindings();
            let mut statements = statements.kept.borrow_mut();
            let mut statement = Some(statement);
            if statements.with(&key, |kept| kept.statement = statement.take()).is_none() {
                statements.insert(key, Kept { statement, _sql: sql.clone() });
            }
            result
        })
    }

    /// The same with a text of a caller's, which may be a new one each time.
    pub fn with_text<T, E: From<rusqlite::Error>>(
        &self,
        sql: &str,
        body: impl FnOnce(&mut Prepared) -> Result<T, E>,
    ) -> Result<T, E> {
        if sql.len() > LONGEST {
            return body(&mut Prepared::new(self, sql)?);
        }
        let text = self.0.with_dependent(|_, statements| {
            let mut texts = statements.texts.borrow_mut();
            let known = texts.with(sql, |text| Arc::clone(text));
            known.unwrap_or_else(|| {
                let text: Arc<str> = sql.into();
                texts.insert(sql.into(), text.clone());
                text
            })
        });
        self.with_statement(&text, body)
    }

    /// Returns the header of the log, and how many of its frames have been copied into the file. The database is in WAL mode.
    pub fn log(&self) -> Option<(WalHeader, u32)> {
        self.0.with_dependent(|connection, statements| {
            statements.index.get_or_init(|| WalIndex::of(connection)).as_ref().and_then(WalIndex::read)
        })
    }

    /// Leaves a statement open, so that all statements from now on read one snapshot; false when it could not be.
    pub fn hold_snapshot(&self) -> rusqlite::Result<bool> {
        self.0.with_dependent(|connection, statements| {
            let mut holding = statements.holding.borrow_mut();
            if holding.is_none() {
                *holding = Some(Prepared::new(connection, HOLDING)?);
            }
            let Some(statement) = &mut *holding else { return Ok(false) };
            let mut found = statement.query();
            let is_open = found.advance()?;
            if is_open {
                // It would end the statement.
                std::mem::forget(found);
            }
            Ok(is_open)
        })
    }

    /// Ends what [`KeepingConnection::hold_snapshot`] left open.
    pub fn release_snapshot(&self) {
        self.0.with_dependent(|_, statements| {
            if let Some(statement) = &mut *statements.holding.borrow_mut() {
                drop(statement.query());
            }
        });
    }

    /// Changes the connection itself; what it has kept is gone.
    pub fn change<T>(&mut self, body: impl FnOnce(&mut Connection) -> T) -> rusqlite::Result<T> {
        let cell = std::mem::replace(self, Self::new(Connection::open_in_memory()?));
        let mut connection = cell.0.into_owner();
        let result = body(&mut connection);
        *self = Self::new(connection);
        Ok(result)
    }
}

impl Deref for KeepingConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0.borrow_owner()
    }
}
