//! The public error.
