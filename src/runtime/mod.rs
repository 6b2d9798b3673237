//! The runtime: packages loaded and installed, calls, tests; with `error` the library's public face.
//!
//! A [`Runtime`] owns worker threads. Each of them owns a Lua state and a database connection, and takes calls from one queue, so a
//! runtime may be used from many threads at once. Nothing here prints or ends the process.

mod builder;
mod door;
mod test;
mod worker;
mod world;

pub use builder::RuntimeBuilder;
pub use door::{Door, answer};
pub use test::{Outcome, TestEvent, TestOptions, TestReport, TestResult};
pub use world::{DatabaseReport, Opened};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::db::Database;
use crate::diag::{Diagnostics, closest};
use crate::error::{Error, Result};
use crate::lua::{Context, LuaError};
use crate::package::{Package, PackageSet};
use crate::runtime::worker::Workers;

/// A running world of packages over one database.
///
/// It is `Send` and `Sync`. Dropping it waits for the calls that are under way.
pub struct Runtime {
    workers: Workers,
    packages: PackageSet,
    opened: Opened,
    context: Context,
    recipe: world::Recipe,
}

impl Runtime {
    /// Begins to describe a runtime.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// Calls an operation, `package.operation`, as the runtime's own caller.
    ///
    /// A tuple or a list is the list of arguments; anything else is the one argument, and `()` none.
    pub fn call<R: DeserializeOwned>(&self, name: &str, args: impl Serialize) -> Result<R> {
        let args = match serde_json::to_value(args)? {
            Json::Null => Vec::new(),
            Json::Array(args) => args,
            arg => vec![arg],
        };
        let (package, operation) = name.split_once('.').unwrap_or((name, ""));
        Ok(serde_json::from_value(self.call_as(&self.context, package, operation, args)?)?)
    }

    /// Calls an operation for someone else: another tenant, user or level.
    pub fn call_as(&self, context: &Context, package: &str, operation: &str, args: Vec<Json>) -> Result<Json> {
        self.known_package(package)?;
        let (package, operation, context) = (package.to_owned(), operation.to_owned(), context.clone());
        self.workers.run(move |world| {
            let operations = world.vm.operations(&package);
            if !operations.contains(&operation) {
                let near = closest(&operation, operations.iter().map(String::as_str)).map(str::to_owned);
                return Err(Error::UnknownOperation { package, operation, near, operations });
            }
            world.enter(&context)?;
            Ok(world.vm.call(&package, &operation, &args, &context)?)
        })
    }

    /// Runs a package's `main(ctx, args)`; None when it has none.
    pub fn main(&self, package: &str, args: &[String]) -> Result<Option<Json>> {
        self.known_package(package)?;
        let (package, args, context) = (package.to_owned(), args.to_owned(), self.context.clone());
        self.workers.run(move |world| match world.vm.has(&package, "main") {
            true => {
                world.enter(&context)?;
                Ok(Some(world.vm.main(&package, &args, &context)?))
            }
            false => Ok(None),
        })
    }

    /// Runs a script that belongs to no package. `name` is what messages call it.
    pub fn exec(&self, name: &str, text: &[u8], args: &[String]) -> Result<()> {
        let (name, text, args, context) = (name.to_owned(), text.to_owned(), args.to_owned(), self.context.clone());
        self.workers.run(move |world| {
            world.enter(&context)?;
            Ok(world.vm.exec(&name, &text, &args, &context)?)
        })
    }

    /// Uses the checked database API without Lua, on a worker.
    pub fn with_database<R: Send + 'static>(&self, job: impl FnOnce(&Database) -> R + Send + 'static) -> Result<R> {
        self.workers.run(move |world| Ok(job(&world.database)))
    }

    /// Returns the names of a package's operations, sorted.
    pub fn operations(&self, package: &str) -> Result<Vec<String>> {
        self.known_package(package)?;
        let package = package.to_owned();
        self.workers.run(move |world| Ok(world.vm.operations(&package)))
    }

    /// Tells how many rows each model has that a package owns, in the order of its schema.
    pub fn row_counts(&self, package: &str) -> Result<Vec<(String, i64)>> {
        let models = self.known_package(package)?.models.clone();
        self.workers.run(move |world| {
            models.into_iter().map(|model| Ok((model.clone(), door::count(&world.database, &model)?))).collect()
        })
    }

    /// Returns the packages as their folders describe them, with everything that was found wrong in them.
    pub fn packages(&self) -> &PackageSet {
        &self.packages
    }

    /// Returns what opening did: the database, what was installed, what loading refused.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Returns everything wrong with the packages that were asked for, sorted by file and place.
    pub fn check(&self) -> Diagnostics {
        let mut diagnostics = self.packages.diagnostics.clone();
        diagnostics.extend(self.opened.diagnostics.clone());
        diagnostics.sort(&self.packages.sources);
        diagnostics
    }

    /// Returns the caller on whose behalf calls run that name none.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Runs the specs of the packages that were asked for, each in a new database in memory, each test rolled back.
    pub fn test(&self, options: &TestOptions, on_event: &mut dyn FnMut(&TestEvent)) -> Result<TestReport> {
        test::run(self, options, on_event)
    }

    /// Finds a loaded package.
    fn known_package(&self, id: &str) -> Result<&Package> {
        let loaded = || self.packages.packages.iter().filter(|package| !self.opened.refused.contains(&package.id));
        loaded().find(|package| package.id == id).ok_or_else(|| Error::UnknownPackage {
            package: id.to_owned(),
            near: closest(id, loaded().map(|package| package.id.as_str())).map(str::to_owned),
        })
    }
}

/// Points a script's error at its line, for a report beside other findings.
pub fn finding_of(error: &LuaError, packages: &PackageSet) -> crate::diag::Diagnostic {
    let code = error.kind.name();
    world::locate(crate::diag::Diagnostic::error(code, error.message.clone()), error, &packages.sources)
}
