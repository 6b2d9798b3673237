//! The runtime.
mod door;
pub use door::answer;
