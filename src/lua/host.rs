//! What the functions of one Lua state share on the Rust side.

use std::cell::{Cell, RefCell};
use std::os::raw::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::db::{Database, DbError, FieldId, ModelId};
use crate::lua::limits::{Stop, Watch};
use crate::lua::raw::Marks;
use crate::lua::raw::args::FieldReference;
use crate::lua::raw::rows::Buffer;
use crate::lua::{Context, Frame, Logger, Printer};
use crate::value::RecordShape;

/// The Rust side of one Lua state. It outlives the state, whose functions point to it.
pub(crate) struct Host {
    /// What `db` reaches.
    pub database: Option<Rc<Database>>,
    /// Takes what `print` writes.
    pub print: Printer,
    /// Takes what `log` writes.
    pub log: Logger,
    /// Only operations that read are run.
    pub read_only: bool,
    /// The most bytes that cross a border at once: a result, a JSON text.
    pub text_limit: usize,
    /// On whose behalf the calls that are under way run, innermost last.
    pub contexts: RefCell<Vec<Context>>,
    /// The limits of the call that is under way.
    pub watch: Watch,
    /// How many more bytes it may print and log.
    pub output_left: Cell<usize>,
    /// When each open transaction must be done, innermost last.
    pub transactions: RefCell<Vec<Instant>>,
    /// Where the error was raised that ends the call that is under way.
    pub frames: RefCell<Option<Vec<Frame>>>,
    /// Where an error was raised inside a coroutine that it ended: the error's address, and the call stack.
    pub inner_frames: RefCell<Option<(usize, Vec<Frame>)>>,
    marks: Cell<Marks>,
    /// The shapes of records whose keys Lua keeps: their addresses stay their own.
    shapes: RefCell<FxHashMap<*const RecordShape, Arc<RecordShape>>>,
    /// Whether the keys that Lua keeps belong to shapes that are gone.
    keys_stale: Cell<bool>,
    models: RefCell<FxHashSet<usize>>,
    // A buffer must stay where it is while others come and go.
    #[allow(clippy::vec_box)]
    buffers: RefCell<Vec<Box<Buffer>>>,
    buffers_used: Cell<usize>,
}

/// More operations than this are never under way at once; what is beyond was left behind by errors of memory.
const MAX_BUFFERS: usize = 64;

/// So many shapes of records are kept at once, then they are forgotten together.
const MAX_SHAPES: usize = 1024;

impl Host {
    /// Makes the Rust side of a state.
    pub fn new(database: Option<Rc<Database>>, print: Printer, log: Logger, text_limit: usize, watch: Watch) -> Self {
        Self {
            database,
            print,
            log,
            read_only: false,
            text_limit,
            contexts: RefCell::new(Vec::new()),
            watch,
            output_left: Cell::new(usize::MAX),
            transactions: RefCell::new(Vec::new()),
            frames: RefCell::new(None),
            inner_frames: RefCell::new(None),
            marks: Cell::new(Marks::default()),
            shapes: RefCell::default(),
            keys_stale: Cell::new(true),
            models: RefCell::new(FxHashSet::default()),
            buffers: RefCell::new(Vec::new()),
            buffers_used: Cell::new(0),
        }
    }

    /// Returns what the special tables and userdata of the state are.
    pub fn marks(&self) -> Marks {
        self.marks.get()
    }

    /// Sets them, once.
    pub fn set_marks(&self, marks: Marks) {
        self.marks.set(marks);
    }

    /// Remembers the metatable of a `db.<model>` table.
    pub fn add_model(&self, metatable: *const c_void) {
        self.models.borrow_mut().insert(metatable as usize);
    }

    /// Tells whether a metatable is that of a `db.<model>` table.
    pub fn is_model(&self, metatable: *const c_void) -> bool {
        self.models.borrow().contains(&(metatable as usize))
    }

    /// Keeps a shape for as long as Lua may keep its keys.
    pub fn keep_shape(&self, shape: &Arc<RecordShape>) {
        let mut shapes = self.shapes.borrow_mut();
        if shapes.contains_key(&Arc::as_ptr(shape)) {
            return;
        }
        if shapes.len() >= MAX_SHAPES {
            shapes.clear();
            self.keys_stale.set(true);
        }
        shapes.insert(Arc::as_ptr(shape), shape.clone());
    }

    /// Tells whether the keys that Lua keeps must be dropped before another is looked up.
    pub fn keys_are_stale(&self) -> bool {
        self.keys_stale.get()
    }

    /// Says that they were.
    pub fn keys_are_fresh(&self) {
        self.keys_stale.set(false);
    }

    /// Takes an empty buffer: its number, and where it lies until [`Host::leave_buffer`]. None when too many are in use.
    pub fn enter_buffer(&self) -> Option<(usize, *mut Buffer)> {
        let number = self.buffers_used.get();
        if number >= MAX_BUFFERS {
            return None;
        }
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() == number {
            buffers.push(Box::default());
        }
        self.buffers_used.set(number + 1);
        let buffer = &mut *buffers[number];
        buffer.reset(self.text_limit);
        Some((number, std::ptr::from_mut(buffer)))
    }

    /// Gives back a buffer, and those that were taken after it and lost.
    pub fn leave_buffer(&self, number: usize) {
        self.buffers_used.set(number);
    }

    /// Returns how many buffers are in use: what [`Host::leave_buffer`] goes back to.
    pub fn buffers_used(&self) -> usize {
        self.buffers_used.get()
    }

    /// Returns the model's and the field's names.
    pub fn field_names(&self, reference: FieldReference) -> Option<(String, String)> {
        let schema = self.database.as_ref()?.schema();
        let model = schema.model(ModelId(reference.model));
        Some((model.name.clone(), model.field(FieldId(reference.field)).name.clone()))
    }

    /// Says that the call that is under way may be about to wait, for as long as it likes: nobody is to wait for it meanwhile.
    pub fn before_wait(&self) {
        if let Some(database) = &self.database {
            database.store().release_snapshot();
        }
    }

    /// Returns the context of the call that is under way.
    pub fn context(&self) -> Context {
        self.contexts.borrow().last().cloned().unwrap_or_default()
    }

    /// Tells why no more of `db` may run: the script's time, or its transaction's, is over.
    pub fn overdue(&self) -> Option<DbError> {
        if self.watch.stopped().is_some() {
            return Some(DbError::internal("the script reached a limit, and is being stopped"));
        }
        let transactions = self.transactions.borrow();
        let deadline = transactions.iter().min()?;
        if Instant::now() <= *deadline {
            return None;
        }
        let mut error = DbError::internal("the transaction ran longer than its `timeoutMs`, and is rolled back");
        error.code = Some("P2028".to_owned());
        error.kind = crate::db::ErrorKind::Known;
        Some(error)
    }

    /// Takes `bytes` of what the call may print; stops the script when that is too much.
    pub fn spend_output(&self, bytes: usize) -> bool {
        match self.output_left.get().checked_sub(bytes) {
            Some(left) => {
                self.output_left.set(left);
                true
            }
            None => {
                self.watch.stop_script(Stop::Output);
                false
            }
        }
    }

    /// Returns the time, in milliseconds since the epoch.
    pub fn clock() -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_millis() as i64)
    }
}
