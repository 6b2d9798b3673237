//! The clock, and instants as text.

use std::rc::{Rc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use mlua::{Lua, LuaString, Table};

use crate::lua::environment::World;
use crate::lua::host::Host;

/// `now()`; `iso(milliseconds)` and `parse(text)`, which return nil and a message for what is no instant.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, native: &Table) -> mlua::Result<()> {
    let world = Rc::downgrade(world);
    let waiting = world.clone();
    let now = lua.create_function(move |_, ()| {
        let fixed = world.upgrade().and_then(|world| world.host.context().now);
        Ok(fixed.unwrap_or_else(Host::clock))
    })?;
    native.raw_set("now", now)?;
    let began = Instant::now();
    native.raw_set("clock", lua.create_function(move |_, ()| Ok(began.elapsed().as_secs_f64() * 1000.0))?)?;
    // Untrusted code has nothing to wait for.
    if waiting.upgrade().is_some_and(|world| world.untrusted.is_none()) {
        let wait = move |_: &Lua, milliseconds: u64| {
            sleep(&waiting, milliseconds);
            Ok(())
        };
        native.raw_set("sleep", lua.create_function(wait)?)?;
    }
    native.raw_set("iso", lua.create_function(|_, milliseconds: i64| Ok(answer(iso(milliseconds))))?)?;
    let parse = lua.create_function(|_, text: LuaString| Ok(answer(parse(&text.to_string_lossy()))))?;
    native.raw_set("parse", parse)
}

/// Waits, unless the script is stopped meanwhile.
fn sleep(world: &Weak<World>, milliseconds: u64) {
    const PIECE: Duration = Duration::from_millis(5);
    let begun = Instant::now();
    let whole = Duration::from_millis(milliseconds);
    if let Some(world) = world.upgrade() {
        world.host.before_wait();
    }
    while let Some(left) = whole.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) {
        if world.upgrade().is_none_or(|world| world.host.watch.stopped().is_some()) {
            return;
        }
        thread::sleep(left.min(PIECE));
    }
}

fn answer<T>(result: Result<T, String>) -> (Option<T>, Option<String>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(message) => (None, Some(message)),
    }
}

/// Reads an instant: its milliseconds, or None and what is wrong.
pub(super) fn instant(text: &str) -> (Option<i64>, Option<String>) {
    answer(parse(text))
}

/// Returns an instant as ISO 8601 in UTC with milliseconds.
fn iso(milliseconds: i64) -> Result<String, String> {
    let instant = Timestamp::from_millisecond(milliseconds)
        .map_err(|_| format!("{milliseconds} ms lies outside of the years -9999 to 9999"))?;
    Ok(instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}

/// Reads an instant; text without a zone names none. What is finer than a millisecond is cut off.
fn parse(text: &str) -> Result<i64, String> {
    let instant: Timestamp = text.trim().parse().map_err(|_| {
        let shown: String = crate::diag::escape_control(text).chars().take(40).collect();
        format!("expected an instant such as \"2026-01-31T09:30:00Z\", with a zone, found \"{shown}\"")
    })?;
    Ok(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_text_and_back() {
        assert_eq!(iso(0).as_deref(), Ok("1970-01-01T00:00:00.000Z"));
        assert_eq!(iso(-1).as_deref(), Ok("1969-12-31T23:59:59.999Z"));
        assert_eq!(parse("2020-01-01T00:00:00.5+01:00"), Ok(1_577_833_200_500));
        assert_eq!(iso(1_577_833_200_500).as_deref(), Ok("2019-12-31T23:00:00.500Z"));
        assert!(parse("2020-01-01T00:00:00").is_err());
        assert!(parse("soon").is_err());
        assert!(iso(i64::MAX).is_err());
    }
}
