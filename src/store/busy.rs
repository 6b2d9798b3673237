//! Waiting for a lock that another connection holds.
//!
//! SQLite's own handler sleeps ever longer, up to a tenth of a second. A writer that begins its next transaction right after the last then
//! keeps the others out for as long as it goes on: the lock is free for microseconds, in which all of them sleep. Looking some thousand times
//! a second costs a hundredth of a core and lets each have its turn.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::store::Deadline;

/// The longest pause between two looks.
const MOST: Duration = Duration::from_micros(500);

/// The first; each is twice the one before.
const FIRST: Duration = Duration::from_micros(50);

/// Returns what SQLite asks, with how often it has asked for this lock, whether to look again: for as long as `limit` and the deadline
/// allow, it answers yes after a pause.
pub(in crate::store) fn handler(limit: Duration, deadline: Arc<Deadline>) -> impl FnMut(i32) -> bool + Send + 'static {
    let mut begun = Instant::now();
    let mut random = RandomState::new().hash_one(0u8) | 1;
    move |count| {
        if count == 0 {
            begun = Instant::now();
        }
        let waited = begun.elapsed();
        if waited >= limit {
            return false;
        }
        if deadline.is_over() {
            // Who asks next why nothing came of it sees the time over by a clock of his own, too.
            thread::sleep(2 * MOST);
            return false;
        }
        // Those who wait must not look all at the same moments, nor always just before the lock is free.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let doubled = FIRST * (1 << count.clamp(0, 8));
        let pause = doubled.min(MOST).mul_f64(0.5 + (random >> 11) as f64 / (1_u64 << 53) as f64 / 2.0);
        thread::sleep(pause.min(limit - waited));
        true
    }
}
