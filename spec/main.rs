//! What the program does, seen from outside: golden files, recorded cases, Lua specs, and the drivers that run them.

mod attacks;
mod broken;
mod cli;
mod compat;
mod conformance;
mod ddl;
mod diagnostics;
mod docs;
mod examples;
mod format;
mod fuzz;
mod layers;
mod lua;
mod migrations;
mod package;
mod packages;
mod processes;
mod props;
mod query;
mod reload;
mod runtime;
mod sandbox;
mod schema;
mod store;
mod watch;
