//! The `mbl` command: the library's first host.

fn main() {}
