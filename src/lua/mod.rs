//! lua.
