//! The limits of a call: its time and what it may print.
//!
//! A script runs in a coroutine of the host's. When a limit is reached, a hook that fires after every instruction is set on each state
//! that is running, and yields: through `pcall`, `xpcall` and `coroutine.resume` up to the host, which does not go on. Nothing that a
//! script can write catches a yield. Where none is possible (a comparator of `table.sort`, a function that `string.gsub` calls) the hook
//! raises an error instead, again and again, until it is out of there.
//!
//! While the time is not over there is no hook, so that the limit costs nothing: one thread of the process watches the deadlines, and
//! signals the script's thread, whose signal handler sets the hook. Where there are no signals, none is free, or the host says so
//! ([`TimeGuard::CountHook`]), a hook looks at the clock every few thousand instructions.
//!
//! The same thread sees to it that a script that computes does not keep the snapshot of its reads: a hook that finds time left lets go of it.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, Ordering, compiler_fence};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mlua::{Function, Lua, MultiValue, ffi};

use crate::db::SnapshotWatch;
use crate::lua::Frame;
use crate::lua::host::Host;
use crate::lua::raw::setup;

/// How a state learns that a script's time is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeGuard {
    /// One thread of the process watches all deadlines and signals the script's thread. Costs nothing until then. Takes one signal that
    /// nobody else in the process handles, a real-time one where there are such. Elsewhere than on Unix it is a [`TimeGuard::CountHook`].
    #[default]
    Watchdog,
    /// A hook looks at the clock after every few thousand instructions: no thread and no signal, but Lua takes about twice as long.
    CountHook,
}

/// Which limit stopped a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Its time is over.
    Time,
    /// It printed too much.
    Output,
    /// Its [`Interrupt`] was used.
    Interrupt,
}

/// Ends from any thread what runs in the states that have it, and all that begins there afterwards.
///
/// It is for a world that is being built and that nobody wants any more.
#[derive(Debug, Default)]
pub struct Interrupt {
    reason: OnceLock<&'static str>,
    #[cfg(unix)]
    slots: std::sync::Mutex<Vec<std::sync::Weak<watchdog::Slot>>>,
}

impl Interrupt {
    /// Ends the scripts, and says why. The first reason stays.
    pub fn end(&self, reason: &'static str) {
        // A state that has just begun finds the reason, or is found.
        let _ = self.reason.set(reason);
        #[cfg(unix)]
        for slot in self.slots().drain(..).filter_map(|slot| slot.upgrade()) {
            slot.expire();
        }
    }

    /// Returns why the scripts are ended, once they are.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason.get().copied()
    }

    #[cfg(unix)]
    fn slots(&self) -> std::sync::MutexGuard<'_, Vec<std::sync::Weak<watchdog::Slot>>> {
        self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The limits of the call that is under way in one Lua state.
pub(crate) struct Watch {
    counting: bool,
    #[cfg(unix)]
    slot: Option<Arc<watchdog::Slot>>,
    /// When the snapshot that the script's reads share is to be let go.
    #[cfg(unix)]
    snapshots: Option<Rc<Snapshots>>,
    interrupt: RefCell<Option<Arc<Interrupt>>>,
    /// The states that run, innermost first.
    running: AtomicPtr<Running>,
    /// When the call must be done, in nanoseconds of [`clock`]; 0 for never.
    deadline: Cell<u64>,
    stopped: Cell<Option<Stop>>,
    /// The coroutine that the host runs the script in.
    base: Cell<*mut ffi::lua_State>,
    /// What was current on this thread before.
    outer: Cell<*const Watch>,
}

/// Releases a snapshot that has been held for a while: the script's thread is signaled as it is for the limit.
#[cfg(unix)]
struct Snapshots(Arc<watchdog::Slot>);

#[cfg(unix)]
impl SnapshotWatch for Snapshots {
    fn begins(&self) {
        self.0.arm(clock() + MOST_HELD.as_nanos() as u64);
    }

    fn ends(&self) {
        self.0.disarm();
    }
}

/// A state that runs, on the C stack of who resumed it.
pub(crate) struct Running {
    state: *mut ffi::lua_State,
    outer: *mut Running,
}

/// Instructions between two looks at the clock, where a hook does that.
const INTERVAL: i32 = 10_000;

/// How long a snapshot is held at most while a script runs.
#[cfg(unix)]
const MOST_HELD: Duration = Duration::from_millis(100);

/// The latest deadline: the two highest numbers mean something else to the watchdog.
const LATEST: u64 = u64::MAX - 2;

/// More frames than this are not shown.
const MOST_FRAMES: usize = 32;

/// The registry's keys: the host, the coroutine that waits for the next call, and coroutines that must not be closed.
static HOST: u8 = 0;
static PARKED: u8 = 0;
static BROKEN: u8 = 0;

thread_local! {
    /// The watch of the call that runs on this thread, for the signal handler.
    static CURRENT: Cell<*const Watch> = const { Cell::new(ptr::null()) };
}

impl Watch {
    /// Makes a watch for states of the thread that calls.
    pub fn new(guard: TimeGuard) -> Self {
        #[cfg(unix)]
        let slot = match guard {
            TimeGuard::Watchdog => watchdog::slot(),
            TimeGuard::CountHook => None,
        };
        #[cfg(unix)]
        let snapshots = slot.as_ref().and_then(|_| watchdog::slot()).map(|slot| Rc::new(Snapshots(slot)));
        #[cfg(unix)]
        let counting = slot.is_none();
        #[cfg(not(unix))]
        let counting = matches!(guard, TimeGuard::Watchdog | TimeGuard::CountHook);
        Self {
            counting,
            #[cfg(unix)]
            slot,
            #[cfg(unix)]
            snapshots,
            interrupt: RefCell::new(None),
            running: AtomicPtr::new(ptr::null_mut()),
            deadline: Cell::new(0),
            stopped: Cell::new(None),
            base: Cell::new(ptr::null_mut()),
            outer: Cell::new(ptr::null()),
        }
    }

    /// Returns what lets go of the snapshot that a script's reads share; None where nobody would, so that they must not share one.
    pub fn snapshot_watch(&self) -> Option<Rc<dyn SnapshotWatch>> {
        #[cfg(unix)]
        return self.snapshots.clone().map(|snapshots| snapshots as Rc<dyn SnapshotWatch>);
        #[cfg(not(unix))]
        None
    }

    /// Tells whether a snapshot has been held long enough.
    fn is_snapshot_due(&self) -> bool {
        #[cfg(unix)]
        return self.snapshots.as_ref().is_some_and(|snapshots| snapshots.0.has_fired());
        #[cfg(not(unix))]
        false
    }

    /// Lets `interrupt` end what runs from now on; None for nothing.
    pub fn set_interrupt(&self, interrupt: Option<Arc<Interrupt>>) {
        #[cfg(unix)]
        if let (Some(interrupt), Some(slot)) = (&interrupt, &self.slot) {
            interrupt.slots().push(Arc::downgrade(slot));
        }
        self.interrupt.replace(interrupt);
    }

    /// Returns why what runs is ended from outside, when it is.
    pub fn interrupted(&self) -> Option<&'static str> {
        self.interrupt.borrow().as_ref().and_then(|interrupt| interrupt.reason())
    }

    /// Returns why the script is being stopped, when it is.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped.get()
    }

    /// Tells whether this is the coroutine that the host made: a script must not see that it is one.
    pub fn is_base(&self, state: *mut ffi::lua_State) -> bool {
        self.base.get() == state
    }

    /// Returns how much time the script that runs has left; None when it has no limit.
    pub fn left(&self) -> Option<Duration> {
        match self.deadline.get() {
            0 => None,
            deadline => Some(Duration::from_nanos(deadline.saturating_sub(clock()))),
        }
    }

    /// Starts the clock of a script.
    pub fn start(&self, limit: Option<Duration>) {
        self.stopped.set(None);
        let nanoseconds = limit.map(|limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        let interruptible = self.interrupt.borrow().is_some();
        let deadline = match nanoseconds {
            Some(limit) => clock().saturating_add(limit).min(LATEST),
            None if interruptible => LATEST,
            None => 0,
        };
        self.deadline.set(deadline);
        self.outer.set(CURRENT.replace(self));
        #[cfg(unix)]
        if let (Some(slot), true) = (&self.slot, deadline > 0) {
            slot.arm(deadline);
            if interruptible && self.interrupted().is_some() {
                slot.expire();
            }
        }
    }

    /// Stops the clock; tells which limit stopped the script, when one did.
    pub fn stop(&self) -> Option<Stop> {
        #[cfg(unix)]
        if let (Some(slot), true) = (&self.slot, self.deadline.get() > 0) {
            slot.disarm();
        }
        CURRENT.set(self.outer.replace(ptr::null()));
        self.deadline.set(0);
        self.stopped.take()
    }

    /// Stops the script that runs, at its next instruction.
    pub fn stop_script(&self, why: Stop) {
        if self.stopped.get().is_none() {
            self.stopped.set(Some(why));
        }
        // SAFETY: on the thread of the states that run.
        unsafe { self.arm() };
    }

    /// Resumes a coroutine, known to the watch for as long as it runs. Returns Lua's status and the number of results.
    ///
    /// # Safety
    /// As `lua_resume`; `from` is the state that runs.
    pub unsafe fn resume(&self, thread: *mut ffi::lua_State, from: *mut ffi::lua_State, count: i32) -> (i32, i32) {
        let mut results = 0;
        // SAFETY: that of the caller. `lua_resume` raises nothing.
        let status = self.enter(thread, || unsafe { ffi::lua_resume(thread, from, count, &mut results) });
        if self.stopped.get().is_some() && status != ffi::LUA_OK && status != ffi::LUA_YIELD {
            // SAFETY: the caller's state has room for what `mark_broken` pushes.
            unsafe { mark_broken(from, thread) };
        }
        (status, results)
    }

    /// Closes a coroutine, whose `__close` functions run meanwhile. Returns Lua's status; an error lies on the coroutine's stack.
    ///
    /// # Safety
    /// As `lua_closethread`; `from` is the state that runs.
    pub unsafe fn close(&self, thread: *mut ffi::lua_State, from: *mut ffi::lua_State) -> i32 {
        // SAFETY: that of the caller. `lua_closethread` raises nothing.
        self.enter(thread, || unsafe { ffi::lua_closethread(thread, from) })
    }

    /// Calls `work`, during which `state` runs.
    fn enter<T>(&self, state: *mut ffi::lua_State, work: impl FnOnce() -> T) -> T {
        let mut running = Running { state, outer: self.running.load(Ordering::Relaxed) };
        self.running.store(&raw mut running, Ordering::Release);
        // The signal comes on this thread: before the fence it did not see this state, and the look at the slot sees that it came.
        compiler_fence(Ordering::SeqCst);
        let interval = match () {
            () if self.is_over() || self.is_snapshot_due() => 1,
            () if self.counting && self.deadline.get() > 0 => INTERVAL,
            () => 0,
        };
        if interval > 0 {
            // SAFETY: the state is alive and of this thread.
            unsafe { ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, interval) };
        }
        let result = work();
        self.running.store(running.outer, Ordering::Release);
        compiler_fence(Ordering::SeqCst);
        result
    }

    /// Tells whether the script's time is over, also where no hook comes by.
    fn is_due(&self) -> bool {
        let deadline = self.deadline.get();
        self.is_over() || (self.counting && deadline > 0 && (clock() >= deadline || self.interrupted().is_some()))
    }

    /// Tells what ends a script whose time is over.
    fn cause(&self) -> Stop {
        match self.interrupted() {
            Some(_) => Stop::Interrupt,
            None => Stop::Time,
        }
    }

    fn is_over(&self) -> bool {
        #[cfg(unix)]
        if self.deadline.get() > 0 && self.slot.as_ref().is_some_and(|slot| slot.has_fired()) {
            return true;
        }
        self.stopped.get().is_some()
    }

    /// Sets the hook on every state that runs.
    ///
    /// # Safety
    /// On the thread of these states, of which a signal handler is part: `lua_sethook` is what Lua offers one.
    unsafe fn arm(&self) {
        let mut running = self.running.load(Ordering::Acquire);
        // SAFETY: each node lies on the stack of a frame that is not done, and so does what it points to.
        unsafe {
            while let Some(node) = running.as_ref() {
                ffi::lua_sethook(node.state, Some(hook), ffi::LUA_MASKCOUNT, 1);
                running = node.outer;
            }
        }
    }

    /// Returns the call stack of all states that run, innermost first.
    fn frames(&self) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut running = self.running.load(Ordering::Acquire);
        // SAFETY: as in `arm`.
        while let Some(node) = unsafe { running.as_ref() } {
            frames.extend(setup::frames(node.state));
            running = node.outer;
        }
        frames.truncate(MOST_FRAMES);
        frames
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Only a panic in the middle of a call leaves it current.
        if ptr::eq(CURRENT.get(), self) {
            CURRENT.set(ptr::null());
        }
        #[cfg(unix)]
        for slot in self.slot.iter().chain(self.snapshots.as_ref().map(|snapshots| &snapshots.0)) {
            slot.disarm();
        }
    }
}

/// Tells the state who its host is. The host must outlive the state.
pub(crate) fn install(lua: &Lua, host: &Host) -> mlua::Result<()> {
    let host: *const Host = host;
    // SAFETY: runs inside a protected call, and leaves nothing on the stack.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            ffi::lua_pushlightuserdata(state, host.cast_mut().cast());
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, (&raw const HOST).cast());
            // A table with weak keys.
            ffi::lua_createtable(state, 0, 0);
            ffi::lua_createtable(state, 0, 1);
            ffi::lua_pushstring(state, c"k".as_ptr());
            ffi::lua_setfield(state, -2, c"__mode".as_ptr());
            ffi::lua_setmetatable(state, -2);
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, (&raw const BROKEN).cast());
        })
    }
}

/// Calls `protect(function, ...)` in the host's coroutine and returns its results; nothing when the script was stopped.
pub(crate) fn call(
    lua: &Lua,
    host: &Host,
    protect: &Function,
    function: &Function,
    args: MultiValue,
) -> mlua::Result<MultiValue> {
    // SAFETY: runs inside a protected call. What `run` leaves on the stack are the results.
    unsafe { lua.exec_raw((protect, function, args), |state| run(state, &host.watch)) }
}

/// Runs the function at the bottom of the stack with the rest as its arguments; leaves its results there.
unsafe fn run(state: *mut ffi::lua_State, watch: &Watch) {
    // SAFETY: inside a protected call. Nothing with a destructor lives here, so that Lua may raise.
    unsafe {
        let count = ffi::lua_gettop(state);
        ffi::luaL_checkstack(state, 4, ptr::null());
        // A coroutine that ended well can run again.
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const PARKED).cast());
        let mut thread = ffi::lua_tothread(state, -1);
        if thread.is_null() {
            ffi::lua_settop(state, count);
            thread = ffi::lua_newthread(state);
        } else {
            ffi::lua_pushnil(state);
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, (&raw const PARKED).cast());
        }
        ffi::lua_insert(state, 1);
        if ffi::lua_checkstack(thread, count) == 0 {
            ffi::luaL_error(state, c"stack overflow (too many arguments)".as_ptr());
        }
        ffi::lua_xmove(state, thread, count);
        let outer = watch.base.replace(thread);
        let (status, results) = watch.resume(thread, state, count - 1);
        watch.base.set(outer);
        match status {
            ffi::LUA_OK => {
                ffi::luaL_checkstack(state, results + 2, ptr::null());
                ffi::lua_xmove(thread, state, results);
                ffi::lua_pushvalue(state, 1);
                ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, (&raw const PARKED).cast());
                ffi::lua_remove(state, 1);
            }
            ffi::LUA_YIELD => ffi::lua_settop(state, 0),
            _ => {
                ffi::lua_pushboolean(state, 0);
                ffi::lua_xmove(thread, state, 1);
                ffi::lua_remove(state, 1);
            }
        }
    }
}

/// Tells whether the script that runs on this thread must be done: for walks through its values, which may be longer than they look.
pub(crate) fn is_due() -> bool {
    // SAFETY: what is current is alive.
    match unsafe { CURRENT.get().as_ref() } {
        Some(watch) if watch.is_due() => {
            // What comes of it, an error, is not to be caught.
            watch.stop_script(watch.cause());
            true
        }
        _ => false,
    }
}

/// Stops the script that runs on this thread when its time is over, a moment before the watchdog does: what failed may have failed for
/// that reason.
pub(crate) fn stop_late_script() {
    // SAFETY: as in `is_due`.
    if let Some(watch) = unsafe { CURRENT.get().as_ref() } {
        let deadline = watch.deadline.get();
        if deadline > 0 && clock() >= deadline {
            watch.stop_script(Stop::Time);
        }
    }
}

/// Ends the function that runs, and all around it, once the script is being stopped. Does not return into the script.
///
/// # Safety
/// The last thing that a C function does, with nothing left that has a destructor.
pub(crate) unsafe fn halt(state: *mut ffi::lua_State) -> i32 {
    // SAFETY: that of the caller; both leave it. `install` put the host there; what looks at its frames is done before that.
    unsafe {
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const HOST).cast());
        let host = ffi::lua_touserdata(state, -1).cast::<Host>();
        ffi::lua_settop(state, -2);
        if let Some(host) = host.as_ref() {
            note_frames(host);
        }
        match ffi::lua_isyieldable(state) {
            0 => ffi::luaL_error(state, c"the script is being stopped".as_ptr()),
            _ => ffi::lua_yield(state, 0),
        }
    }
}

/// Tells whether an error of the hook's ended this coroutine. Hooks are off in it for good, so that its `__close` functions, which
/// closing it would run, could not be stopped.
///
/// # Safety
/// `state` runs and has room for three values.
pub(crate) unsafe fn is_broken(state: *mut ffi::lua_State, thread: *mut ffi::lua_State) -> bool {
    // SAFETY: that of the caller; the height is restored.
    unsafe {
        let top = ffi::lua_gettop(state);
        if ffi::lua_checkstack(thread, 1) == 0 {
            return true;
        }
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const BROKEN).cast());
        ffi::lua_pushthread(thread);
        ffi::lua_xmove(thread, state, 1);
        let broken = ffi::lua_rawget(state, -2) != ffi::LUA_TNIL;
        ffi::lua_settop(state, top);
        broken
    }
}

/// Remembers a coroutine for [`is_broken`].
unsafe fn mark_broken(state: *mut ffi::lua_State, thread: *mut ffi::lua_State) {
    // SAFETY: that of the caller; the height is restored.
    unsafe {
        if ffi::lua_checkstack(state, 3) == 0 || ffi::lua_checkstack(thread, 1) == 0 {
            return;
        }
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const BROKEN).cast());
        ffi::lua_pushthread(thread);
        ffi::lua_xmove(thread, state, 1);
        ffi::lua_pushboolean(state, 1);
        ffi::lua_rawset(state, -3);
        ffi::lua_settop(state, -2);
    }
}

unsafe extern "C-unwind" fn hook(state: *mut ffi::lua_State, _: *mut ffi::lua_Debug) {
    // SAFETY: `install` put the host there, which outlives the state. A hook has room on the stack. Nothing with a destructor lives
    // when the error is raised.
    unsafe {
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, (&raw const HOST).cast());
        let host = ffi::lua_touserdata(state, -1).cast::<Host>();
        ffi::lua_settop(state, -2);
        if host.is_null() || !is_stopped(&*host, state) {
            return;
        }
        halt(state);
    }
}

/// Tells whether the script is to be stopped; the first time, sees to it that all that runs is.
unsafe fn is_stopped(host: &Host, state: *mut ffi::lua_State) -> bool {
    let watch = &host.watch;
    if watch.stopped.get().is_none() {
        let deadline = watch.deadline.get();
        // What the watchdog's clock said holds: it signals once, and a hook that goes does not come back.
        if deadline == 0 || clock() < deadline && watch.interrupted().is_none() && !watch.is_over() {
            if watch.is_snapshot_due() {
                host.before_wait();
            }
            // A hook that is left from an earlier call goes, and one that only counts stays.
            let interval = if watch.counting && deadline > 0 { INTERVAL } else { 0 };
            // SAFETY: the state's own thread; a hook may set hooks.
            unsafe {
                match interval {
                    0 => ffi::lua_sethook(state, None, 0, 0),
                    interval => ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, interval),
                }
            }
            return false;
        }
        watch.stopped.set(Some(watch.cause()));
        // SAFETY: on the thread of the states that run.
        unsafe { watch.arm() };
    }
    note_frames(host);
    true
}

/// Remembers where the script was when it was stopped.
fn note_frames(host: &Host) {
    if let Ok(mut frames) = host.frames.try_borrow_mut()
        && frames.is_none()
    {
        *frames = Some(host.watch.frames());
    }
}

/// Returns the nanoseconds since the first look at this clock, from 1.
fn clock() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64 + 1
}

/// The thread that watches all deadlines of the process.
#[cfg(unix)]
mod watchdog {
    use std::os::raw::c_int;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
    use std::time::Duration;

    use super::{CURRENT, clock};

    /// The deadline of one state.
    #[derive(Debug)]
    pub(super) struct Slot {
        /// The `pthread_t`, which is a pointer on some systems.
        thread: usize,
        /// [`IDLE`], [`SIGNALING`], [`FIRED`], or the deadline.
        state: AtomicU64,
    }

    const IDLE: u64 = 0;
    /// A deadline that has passed.
    const EXPIRED: u64 = 1;
    /// The deadline has passed, and the signal is being sent: the thread must not end meanwhile.
    const SIGNALING: u64 = u64::MAX;
    /// The signal was sent.
    const FIRED: u64 = u64::MAX - 1;

    struct Watchdog {
        slots: Mutex<Vec<Weak<Slot>>>,
        changed: Condvar,
        /// When the thread looks next. Who has an earlier deadline wakes it.
        next: AtomicU64,
    }

    static WATCHDOG: Watchdog =
        Watchdog { slots: Mutex::new(Vec::new()), changed: Condvar::new(), next: AtomicU64::new(u64::MAX) };

    /// Makes a slot for the thread that calls; None when it cannot be signaled.
    pub(super) fn slot() -> Option<Arc<Slot>> {
        static SIGNAL: OnceLock<Option<c_int>> = OnceLock::new();
        let signal = (*SIGNAL.get_or_init(start))?;
        // SAFETY: only asks for the thread's own mask and identity.
        let (blocked, thread) = unsafe {
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
            (libc::sigismember(&mask, signal) != 0, libc::pthread_self() as usize)
        };
        if blocked {
            return None;
        }
        // The handler reads it: what a thread makes on first use is made here.
        CURRENT.get();
        let slot = Arc::new(Slot { thread, state: AtomicU64::new(IDLE) });
        WATCHDOG.lock().push(Arc::downgrade(&slot));
        Some(slot)
    }

    impl Slot {
        pub(super) fn arm(&self, deadline: u64) {
            self.state.store(deadline, Ordering::SeqCst);
            // In a steady flow of calls the thread wakes seldom: the next deadline is later than the one it waits for.
            if deadline < WATCHDOG.next.load(Ordering::SeqCst) {
                drop(WATCHDOG.lock());
                WATCHDOG.changed.notify_one();
            }
        }

        /// Lets the time be over now, of what runs.
        pub(super) fn expire(&self) {
            loop {
                let state = self.state.load(Ordering::SeqCst);
                if state == IDLE || state >= FIRED {
                    return;
                }
                if self.state.compare_exchange(state, EXPIRED, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    drop(WATCHDOG.lock());
                    return WATCHDOG.changed.notify_one();
                }
            }
        }

        pub(super) fn disarm(&self) {
            loop {
                let state = self.state.load(Ordering::SeqCst);
                if state == SIGNALING {
                    std::thread::yield_now();
                } else if self.state.compare_exchange(state, IDLE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    return;
                }
            }
        }

        /// Tells whether the signal was sent, or is about to be.
        pub(super) fn has_fired(&self) -> bool {
            self.state.load(Ordering::Relaxed) >= FIRED
        }

        /// Signals the thread when its time is over; else returns when it will be.
        fn check(&self, signal: c_int, now: u64) -> u64 {
            let deadline = self.state.load(Ordering::SeqCst);
            if deadline == IDLE || deadline >= FIRED {
                return u64::MAX;
            }
            if deadline > now {
                return deadline;
            }
            if self.state.compare_exchange(deadline, SIGNALING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                // SAFETY: the thread is there, since `disarm` waits for what follows.
                unsafe { libc::pthread_kill(self.thread as libc::pthread_t, signal) };
                self.state.store(FIRED, Ordering::SeqCst);
                return u64::MAX;
            }
            // Another call has begun meanwhile, or none; look again at once.
            now
        }
    }

    impl Watchdog {
        fn lock(&self) -> MutexGuard<'_, Vec<Weak<Slot>>> {
            self.slots.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn work(&self, signal: c_int) -> ! {
            let mut slots = self.lock();
            loop {
                // Whoever arms a slot that this look has passed already finds this, and waits for the lock to wake this thread.
                self.next.store(u64::MAX, Ordering::SeqCst);
                let now = clock();
                let mut next = u64::MAX;
                slots.retain(|slot| match slot.upgrade() {
                    Some(slot) => {
                        next = next.min(slot.check(signal, now));
                        true
                    }
                    None => false,
                });
                self.next.store(next, Ordering::SeqCst);
                slots = match next {
                    u64::MAX => self.changed.wait(slots).unwrap_or_else(PoisonError::into_inner),
                    next => {
                        let pause = Duration::from_nanos(next.saturating_sub(clock()));
                        self.changed.wait_timeout(slots, pause).unwrap_or_else(PoisonError::into_inner).0
                    }
                };
            }
        }
    }

    /// Takes a signal and starts the thread; None when either cannot be had.
    fn start() -> Option<c_int> {
        let signal = candidates().find(|signal| take(*signal))?;
        // A signal to the process is for its own threads.
        let thread = std::thread::Builder::new().name("mbl watchdog".into()).stack_size(256 << 10).spawn(move || {
            // SAFETY: changes the mask of this thread alone.
            unsafe {
                let mut all: libc::sigset_t = std::mem::zeroed();
                libc::sigfillset(&mut all);
                libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
            }
            WATCHDOG.work(signal)
        });
        thread.is_ok().then_some(signal)
    }

    /// The signals that few programs use, last first; then one that does nothing where nobody handles it.
    fn candidates() -> impl Iterator<Item = c_int> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let own = (libc::SIGRTMIN() + 1..=libc::SIGRTMAX() - 1).rev();
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let own = std::iter::empty();
        own.chain(std::iter::once(libc::SIGURG))
    }

    /// Sets the handler, unless somebody else has one.
    fn take(signal: c_int) -> bool {
        let handler: extern "C" fn(c_int) = on_signal;
        // SAFETY: both structures are filled as sigaction asks for.
        unsafe {
            let mut known: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &mut known) != 0 || known.sa_sigaction != libc::SIG_DFL {
                return false;
            }
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(signal, &action, std::ptr::null_mut()) == 0
        }
    }

    extern "C" fn on_signal(_: c_int) {
        let watch = CURRENT.get();
        // SAFETY: what is current is alive, and its states belong to this thread. Nothing here allocates, locks or waits.
        unsafe {
            // A signal that comes late, when its call is over, finds a slot that has not fired.
            if let Some(watch) = watch.as_ref()
                && (watch.slot.as_ref().is_some_and(|slot| slot.has_fired()) || watch.is_snapshot_due())
            {
                watch.arm();
            }
        }
    }
}
