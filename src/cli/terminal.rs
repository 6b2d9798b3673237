//! What differs between systems around a terminal: how wide it is, its keys one by one, and the signals that end programs.

use std::io::IsTerminal;
use std::thread;

use mbl::diag::Diagnostic;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::cli::exit::{Exit, Failure, Outcome};

/// What asks a program to end: Ctrl-C first.
#[cfg(unix)]
pub const ENDING: &[i32] = &[SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
pub const ENDING: &[i32] = &[SIGINT, SIGTERM];

/// Calls `heard` with each of these signals, in a thread of its own.
pub fn on_signals(signals: &[i32], heard: impl FnMut(i32) + Send + 'static) -> Outcome<()> {
    listen(signals, heard).map_err(|error| {
        Failure::new(Exit::Environment, Diagnostic::error("signals", format!("Ctrl-C cannot be awaited: {error}")))
    })
}

#[cfg(unix)]
fn listen(signals: &[i32], heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    thread::spawn(move || signals.forever().for_each(heard));
    Ok(())
}

/// Where signals cannot be waited for, each sets a flag, and the flags are looked at.
#[cfg(not(unix))]
fn listen(signals: &[i32], mut heard: impl FnMut(i32) + Send + 'static) -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let mut flags = Vec::new();
    for &signal in signals {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal, flag.clone())?;
        flags.push((signal, flag));
    }
    thread::spawn(move || {
        loop {
            thread::sleep(std::time::Duration::from_millis(20));
            for (signal, flag) in &flags {
                if flag.swap(false, Ordering::Relaxed) {
                    heard(*signal);
                }
            }
        }
    });
    Ok(())
}

/// Returns the columns of the terminal that stdout is; None where it does not say.
pub fn columns() -> Option<usize> {
    #[cfg(unix)]
    return Some(usize::from(rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?.ws_col));
    #[cfg(not(unix))]
    return None;
}

/// A terminal that hands over each key as it is pressed.
#[derive(Clone)]
pub struct Keys(#[cfg(unix)] std::sync::Arc<rustix::termios::Termios>);

impl Keys {
    /// Asks the terminal for single keys; None when stdin is none, or when it has none to give.
    pub fn enter() -> Option<Self> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        #[cfg(unix)]
        {
            use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
            let before = tcgetattr(rustix::stdio::stdin()).ok()?;
            let mut single = before.clone();
            single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &single).ok()?;
            Some(Self(std::sync::Arc::new(before)))
        }
        #[cfg(not(unix))]
        None
    }

    /// Leaves the terminal as it was.
    pub fn leave(&self) {
        // When that fails, there is no terminal any more.
        #[cfg(unix)]
        let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), rustix::termios::OptionalActions::Now, &self.0);
    }
}
