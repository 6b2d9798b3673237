//! What the program does, seen from outside: golden files, recorded cases, Lua specs, and the drivers that run them.

mod cli;
mod conformance;
mod ddl;
mod docs;
mod layers;
<<<<<<< HEAD
mod package;
mod packages;
mod processes;
mod props;
mod query;
=======
mod lua;
mod package;
mod packages;
mod processes;
mod query;
mod runtime;
>>>>>>> main
mod schema;
mod store;
