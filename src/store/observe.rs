//! Tells what SQL a store runs: for `--log sql`, `db.explain`, and tests that count statements or make one fail.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::store::{Store, StoreError};

/// A statement that ran, BEGIN and COMMIT included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRecord {
    /// The text. It holds no values.
    pub sql: String,
    /// From its preparation to its last row.
    pub time: Duration,
    /// SQLite's plan (EXPLAIN QUERY PLAN), a line for each step, indented by depth.
    pub plan: Vec<String>,
}

/// Receives the text of each statement when it has ended, and its time.
pub type StatementObserver = Box<dyn FnMut(&str, Duration)>;

impl Store {
    /// Tells `observer` of each statement that has ended, from now on; None ends it. Costs nothing while there is none.
    pub fn on_statement(&self, observer: Option<StatementObserver>) {
        *self.watch.observer.borrow_mut() = observer;
        self.watch.settle();
    }

    /// Runs `body` and returns its result with the statements that it ran.
    pub fn record<T>(&self, body: impl FnOnce() -> T) -> (T, Vec<StatementRecord>) {
        self.begin_record();
        let result = body();
        (result, self.end_record())
    }

    /// Begins to keep the statements that run. Recordings may nest: each gets its own and those of the inner ones.
    pub fn begin_record(&self) {
        self.watch.recordings.borrow_mut().push(Vec::new());
        self.watch.settle();
    }

    /// Ends the innermost recording and returns its statements with their plans; nothing when none was begun.
    pub fn end_record(&self) -> Vec<StatementRecord> {
        let recording = self.watch.recordings.borrow_mut().pop().unwrap_or_default();
        self.watch.settle();
        // One text runs many times: it is asked for once.
        let mut plans: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut records = Vec::with_capacity(recording.len());
        for (sql, time) in recording {
            let plan = plans.entry(sql.clone()).or_insert_with(|| self.query_plan(&sql)).clone();
            records.push(StatementRecord { sql, time, plan });
        }
        records
    }

    /// Returns how many recordings are open.
    pub fn recordings(&self) -> usize {
        self.watch.recordings.borrow().len()
    }

    /// Drops recordings that nobody will end, down to a depth that [`Store::recordings`] gave.
    pub fn drop_recordings(&self, depth: usize) {
        self.watch.recordings.borrow_mut().truncate(depth);
        self.watch.settle();
    }

    /// Makes the `nth` statement from now (1 is the next) fail before it does anything; 0 takes that back.
    ///
    /// For tests of what a failure leaves behind.
    #[doc(hidden)]
    pub fn fail_at(&self, nth: u64) {
        self.watch.interrupt.set(false);
        self.watch.fail_in.set(nth);
        self.watch.settle();
    }

    /// Lets [`Store::interrupt_at`] work on this store.
    #[doc(hidden)]
    pub fn make_interruptible(&mut self) -> Result<(), StoreError> {
        self.release_snapshot();
        let now = Arc::clone(&self.watch.interrupt_now);
        let handler = move || now.load(Ordering::Relaxed);
        let set = self.connection.change(|connection| connection.progress_handler(1, Some(handler))).flatten();
        set.map_err(|error| StoreError::from_sqlite(error, None, &self.url))
    }

    /// Has SQLite interrupt the `nth` statement from now (1 is the next) at its work; 0 takes that back.
    ///
    /// A statement that is too short to be interrupted succeeds. For tests of what an interrupt leaves behind.
    #[doc(hidden)]
    pub fn interrupt_at(&self, nth: u64) {
        self.fail_at(nth);
        self.watch.interrupt.set(true);
    }

    /// Tells whether a statement is still to fail.
    #[doc(hidden)]
    pub fn is_failing(&self) -> bool {
        self.watch.fail_in.get() > 0
    }

    /// Returns a statement that tells of itself when it has ended, or the failure that a test has asked for.
    pub(in crate::store) fn watched<'a>(&'a self, sql: &str) -> Result<Option<Watched<'a>>, StoreError> {
        if !self.watch.active.get() {
            return Ok(None);
        }
        match self.watch.fail_in.get() {
            0 => {}
            1 => {
                let interrupt = self.watch.interrupt.get();
                self.fail_at(0);
                if !interrupt {
                    return Err(StoreError::Interrupted);
                }
                self.watch.interrupt_now.store(true, Ordering::Relaxed);
                return Ok(Some(Watched { watch: &self.watch, sql: sql.into(), begun: Instant::now(), interrupt }));
            }
            left => self.watch.fail_in.set(left - 1),
        }
        Ok(Some(Watched { watch: &self.watch, sql: sql.into(), begun: Instant::now(), interrupt: false }))
    }

    /// Returns SQLite's plan of a statement; nothing where it has none.
    fn query_plan(&self, sql: &str) -> Vec<String> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = statement.raw_query();
            let (mut lines, mut depths) = (Vec::new(), BTreeMap::new());
            while let Some(row) = rows.next()? {
                let (id, above, detail): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
                let depth: usize = depths.get(&above).map_or(0, |depth: &usize| *depth + 1);
                depths.insert(id, depth);
                lines.push(format!("{}{detail}", "  ".repeat(depth)));
            }
            Ok(lines)
        };
        read().unwrap_or_default()
    }
}

/// Who is told of a store's statements.
#[derive(Default)]
pub(in crate::store) struct Watch {
    /// Whether there is anything to do at all.
    active: Cell<bool>,
    observer: RefCell<Option<StatementObserver>>,
    recordings: RefCell<Vec<Vec<(String, Duration)>>>,
    /// How many statements are left until one is to fail; 0 for none.
    fail_in: Cell<u64>,
    /// Whether that one is interrupted at its work.
    interrupt: Cell<bool>,
    /// Whether the statement at work is to end.
    interrupt_now: Arc<AtomicBool>,
}

impl Watch {
    /// Tells whether anybody is told of statements.
    pub fn is_active(&self) -> bool {
        self.active.get()
    }

    fn settle(&self) {
        let observed = self.observer.borrow().is_some() || !self.recordings.borrow().is_empty();
        self.active.set(observed || self.fail_in.get() > 0);
    }

    fn tell(&self, sql: &str, time: Duration) {
        for recording in self.recordings.borrow_mut().iter_mut() {
            recording.push((sql.to_owned(), time));
        }
        // The observer may run statements itself, of which it is not told.
        let Some(mut observer) = self.observer.take() else { return };
        observer(sql, time);
        self.observer.borrow_mut().get_or_insert(observer);
    }
}

/// Tells of a statement when it is dropped.
pub(in crate::store) struct Watched<'a> {
    watch: &'a Watch,
    sql: Box<str>,
    begun: Instant,
    interrupt: bool,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if self.interrupt {
            self.watch.interrupt_now.store(false, Ordering::Relaxed);
        }
        self.watch.tell(&self.sql, self.begun.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Mutex;

    use rusqlite::Connection;
    use rusqlite::trace::{TraceEvent, TraceEventCodes};

    use super::*;
    use crate::store::DatabaseUrl;

    #[test]
    fn an_observer_is_told_of_every_statement_that_sqlite_runs() {
        let mut store = Store::open(&DatabaseUrl::memory()).unwrap();
        let traced = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&traced);
        let trace = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                log.lock().unwrap().push(statement.sql().into_owned());
            }
        };
        let set = |connection: &mut Connection| connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(trace));
        store.connection.change(set).unwrap().unwrap();
        let told = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&told);
        store.on_statement(Some(Box::new(move |sql, _| log.borrow_mut().push(sql.to_owned()))));
        store.execute_raw("CREATE TABLE t (x UNIQUE)", &[]).unwrap();
        let run = || {
            store.execute_raw("INSERT INTO t VALUES (1)", &[])?;
            store.execute_raw("INSERT INTO t VALUES (1)", &[])
        };
        assert!(store.transaction(run).is_err());
        store.snapshot(|| store.execute_raw("SELECT count(*) FROM t", &[])).unwrap();
        assert_eq!(*told.borrow(), *traced.lock().unwrap());
        assert_eq!(told.borrow().len(), 8);
    }

    #[test]
    fn a_recording_has_the_plans() {
        let store = Store::open(&DatabaseUrl::memory()).unwrap();
        store.execute_raw("CREATE TABLE t (x INTEGER PRIMARY KEY)", &[]).unwrap();
        let (_, outer) = store.record(|| {
            let (_, inner) = store.record(|| store.execute_raw("SELECT * FROM t WHERE x = 1", &[]));
            assert_eq!(inner[0].plan, ["SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"]);
            store.execute_raw("SELECT * FROM t", &[])
        });
        let texts: Vec<&str> = outer.iter().map(|record| record.sql.as_str()).collect();
        assert_eq!(texts, ["SELECT * FROM t WHERE x = 1", "SELECT * FROM t"]);
        assert!(store.end_record().is_empty());
    }
}
