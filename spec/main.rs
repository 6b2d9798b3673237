//! What the program does, seen from outside: golden files, recorded cases, Lua specs, and the drivers that run them.

mod attacks;
mod cli;
mod conformance;
mod ddl;
mod docs;
mod examples;
mod first_hour;
mod fuzz;
mod layers;
mod lua;
mod package;
mod packages;
mod processes;
mod props;
mod query;
mod reload;
mod repl;
mod runtime;
mod sandbox;
mod schema;
mod store;
mod watch;
