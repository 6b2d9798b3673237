//! A new state: what of Lua there is in it, and the functions below `stdlib/prelude.lua`, which makes the environments of packages.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, LuaOptions, LuaString, StdLib, Table, Value};

use crate::files::Files;
use crate::lua::host::Host;
use crate::lua::native;
use crate::lua::raw::call::Native;
use crate::lua::raw::{bounds, coroutine, setup, strings};
use crate::lua::require::{Found, Modules};
use crate::lua::{HostModule, PackageScripts, SandboxRunner, Script, limits, module, signature};
use crate::sandbox::Grant;

/// The Rust side of a state with its packages.
pub(crate) struct World {
    /// What the state's functions point to.
    pub host: Host,
    /// The packages.
    pub modules: Modules,
    /// The host's own modules.
    pub functions: Arc<[HostModule]>,
    /// Bytes outside of the database, a part for each package.
    pub files: Files,
    /// Runs untrusted code for packages that may use it.
    pub sandbox: Option<SandboxRunner>,
    /// The state is for untrusted code, which may do this with the database.
    pub untrusted: Option<Grant>,
}

/// The files that `io.open` and `json.load` read are at most this large.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Makes a state and runs the prelude; returns its functions. The world must outlive the state.
pub(crate) fn new_state(world: &Rc<World>) -> mlua::Result<(Lua, Table)> {
    let libraries = StdLib::COROUTINE | StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::MATH | StdLib::OS;
    let lua = Lua::new_with(libraries, LuaOptions::default())?;
    // Nothing is garbage yet; whoever made the state lets it be collected.
    lua.gc_stop();
    limits::install(&lua, &world.host)?;
    setup::install(&lua, &world.host)?;
    bounds::install(&lua)?;
    coroutine::install(&lua, &world.host)?;
    let native = prelude_functions(&lua, world)?;
    let prelude = standard(&lua, "prelude", include_str!("../../stdlib/prelude.lua"), None)?.call::<Table>(native)?;
    Ok((lua, prelude))
}

/// What the standard library's files compile to, for all states of the process: the texts are part of it, so that this depends on
/// nothing. Compiling is most of what a new state costs.
static COMPILED: Mutex<BTreeMap<&str, Arc<[u8]>>> = Mutex::new(BTreeMap::new());

/// Returns a file of the standard library as a function.
fn standard(lua: &Lua, name: &'static str, text: &str, environment: Option<Table>) -> mlua::Result<Function> {
    let chunk_name = format!("=stdlib/{name}.lua");
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let code = match compiled.get(name) {
        Some(code) => code.clone(),
        None => {
            let code: Arc<[u8]> =
                lua.load(text).set_name(&chunk_name).set_mode(ChunkMode::Text).into_function()?.dump(false).into();
            compiled.insert(name, code.clone());
            code
        }
    };
    drop(compiled);
    let chunk = lua.load(&*code).set_name(chunk_name).set_mode(ChunkMode::Binary);
    match environment {
        Some(environment) => chunk.set_environment(environment).into_function(),
        None => chunk.into_function(),
    }
}

/// Compiles a script; a byte-order mark and a first line that begins with `#` are passed over.
pub(crate) fn compile(lua: &Lua, script: &Script, environment: Option<Table>) -> mlua::Result<Function> {
    let text = script.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&script.text);
    // The line end stays, so that the lines keep their numbers.
    let text = match text.first() {
        Some(b'#') => &text[text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len())..],
        _ => text,
    };
    let chunk = lua.load(text).set_name(format!("@{}", script.name)).set_mode(ChunkMode::Text);
    match environment {
        Some(environment) => chunk.set_environment(environment).into_function(),
        None => chunk.into_function(),
    }
}

fn prelude_functions(lua: &Lua, world: &Rc<World>) -> mlua::Result<Table> {
    let native = lua.create_table()?;
    let functions = [
        (c"copy", Native::Copy),
        (c"guarded", Native::SetMetatable),
        (c"handler", Native::Handler),
        (c"isMarker", Native::Marker),
        (c"load", Native::Load),
        (c"metatable", Native::Metatable),
        (c"setmetatable", Native::ReplaceMetatable),
        (c"stopped", Native::Stopped),
    ];
    setup::fill(lua, &world.host, &native, &functions)?;
    native.raw_set("read", world.reader(lua, None)?)?;
    if world.untrusted.is_some() {
        strings::hide_addresses(lua, &native)?;
        // Lua's own seed tells an address, and hands it out with `randomseed()`.
        let seed = || RandomState::new().hash_one(0u8) as i64;
        lua.globals().get::<Table>("math")?.get::<Function>("randomseed")?.call::<()>((seed(), seed()))?;
        native.raw_set("seed", lua.create_function(move |_, ()| Ok((seed(), seed())))?)?;
    }

    let weak = Rc::downgrade(world);
    let print = lua.create_function(move |_, text: LuaString| {
        if let Some(world) = weak.upgrade()
            && world.host.spend_output(text.as_bytes().len())
        {
            world.host.before_wait();
            (world.host.print)(&text.as_bytes());
        }
        Ok(())
    })?;
    native.raw_set("print", print)?;

    let weak = Rc::downgrade(world);
    let resolve = lua.create_function(move |lua, (package, name, loading): (usize, LuaString, Option<String>)| {
        let text = |text: String| lua.create_string(text).map(Value::String);
        let Some(world) = weak.upgrade() else { return Ok((None, Value::Nil, Value::Nil)) };
        let name = name.to_string_lossy();
        if world.functions.iter().any(|module| *module.name() == name) {
            return Ok((Some("standard"), Value::Nil, Value::Nil));
        }
        Ok(match world.modules.resolve(package, &name, loading.as_deref()) {
            Found::Standard => (Some("standard"), Value::Nil, Value::Nil),
            Found::Script(owner, path) => (Some("script"), Value::Integer(owner as i64), text(path)?),
            Found::Face(owner) => (Some("face"), Value::Integer(owner as i64), Value::Nil),
            Found::Nothing(message) => (None, text(message)?, Value::Nil),
        })
    })?;
    native.raw_set("resolve", resolve)?;

    let weak = Rc::downgrade(world);
    let compile = lua.create_function(move |lua, (package, path, environment): (usize, String, Table)| {
        let Some(world) = weak.upgrade() else { return Ok((None, None)) };
        let Some(script) = world.modules.script(package, &path) else {
            return Ok((None, Some(format!("there is no script `{path}`"))));
        };
        Ok(match compile(lua, script, Some(environment)) {
            Ok(function) => (Some(function), None),
            Err(error) => (None, Some(syntax_message(&error))),
        })
    })?;
    native.raw_set("compile", compile)?;

    let weak = Rc::downgrade(world);
    type Wanted = (String, usize, Table, Option<Function>);
    let standard_module = lua.create_function(move |lua, (name, package, environment, compiled): Wanted| {
        let Some(world) = weak.upgrade() else { return Ok((None, None)) };
        let found = native::STANDARD.iter().find(|(standard, _)| *standard == name);
        let (name, text, argument) = match (found, world.functions.iter().find(|module| *module.name() == name)) {
            (Some((standard, text)), _) => (*standard, *text, native::table(lua, &world, &name, package)?),
            (None, Some(module)) => ("module", module::TEXT, module::table(lua, &world, module)?),
            (None, None) => return Ok((None, None)),
        };
        let chunk = compiled.map_or_else(|| standard(lua, name, text, Some(environment)), Ok)?;
        Ok((Some(chunk), Some(argument)))
    })?;
    native.raw_set("standard", standard_module)?;

    let weak = Rc::downgrade(world);
    let part = lua.create_function(move |lua, name: String| {
        let text = PARTS.iter().find(|(part, _)| *part == name);
        let (Some((name, text)), Some(world)) = (text, weak.upgrade()) else { return Ok((None, None)) };
        let argument = match *name {
            "border" => Some(border(lua, &world)?),
            _ => None,
        };
        Ok((Some(standard(lua, name, text, None)?), argument))
    })?;
    native.raw_set("part", part)?;
    Ok(native)
}

/// What the prelude has in files of its own, because few states need it.
const PARTS: [(&str, &str); 4] = [
    ("border", include_str!("../../stdlib/border.lua")),
    ("reader", include_str!("../../stdlib/reader.lua")),
    ("specs", include_str!("../../stdlib/specs.lua")),
    ("untrusted", include_str!("../../stdlib/untrusted.lua")),
];

/// Makes the `...` of the part that checks arguments.
fn border(lua: &Lua, world: &Rc<World>) -> mlua::Result<Table> {
    let native = lua.create_table()?;
    native.raw_set("null", Value::NULL)?;
    let weak = Rc::downgrade(world);
    let class = move |lua: &Lua, name: String| match weak.upgrade() {
        Some(world) => signature::class_table(lua, world.modules.packages(), &name),
        None => Ok(None),
    };
    native.raw_set("class", lua.create_function(class)?)?;
    Ok(native)
}

/// Returns what Lua says of a script that does not compile: `file:line: message`.
pub(crate) fn syntax_message(error: &mlua::Error) -> String {
    match error {
        mlua::Error::SyntaxError { message, .. } => message.clone(),
        // Code nested deeper than the compiler goes.
        mlua::Error::RuntimeError(message) => message.clone(),
        other => other.to_string(),
    }
}

impl World {
    /// Tells whether a package has a capability. The first package stands for what the command line runs, which is the operator's own.
    pub fn grants(&self, package: usize, capability: &str) -> bool {
        match package {
            0 => self.untrusted.is_none(),
            package => self.modules.packages()[package].capabilities.iter().any(|name| name == capability),
        }
    }

    /// Makes the function that reads a file inside a package's folder: its bytes, or nil and a message. With `package` it takes the path
    /// alone, else the package's number before it.
    pub fn reader(self: &Rc<Self>, lua: &Lua, package: Option<usize>) -> mlua::Result<Function> {
        let weak = Rc::downgrade(self);
        let read = move |lua: &Lua, package: usize, path: LuaString| {
            let Some(world) = weak.upgrade() else { return Ok((None, None)) };
            let package = world.modules.packages().get(package);
            let path = path.to_string_lossy();
            match package.ok_or(NO_FOLDER).and_then(|package| read_inside(package, &path)) {
                Ok(bytes) => Ok((Some(lua.create_string(bytes)?), None)),
                Err(message) => Ok((None, Some(format!("{}: {message}", crate::diag::escape_control(&path))))),
            }
        };
        match package {
            Some(package) => lua.create_function(move |lua, path: LuaString| read(lua, package, path)),
            None => lua.create_function(move |lua, (package, path): (usize, LuaString)| read(lua, package, path)),
        }
    }
}

const NO_FOLDER: &str = "there is no package folder here";

/// Reads a file below a package's folder, or below its `scripts`; nothing else can be reached.
///
/// A file that was read when the package was loaded is what it was then.
fn read_inside(package: &PackageScripts, path: &str) -> Result<Vec<u8>, &'static str> {
    const MISSING: &str = "no such file in the package's folder";
    let folder = package.folder.as_deref().ok_or(NO_FOLDER)?;
    let relative = Path::new(path);
    let plain = |component| matches!(component, Component::Normal(_) | Component::CurDir);
    if path.contains('\0') || path.contains('\\') || !relative.components().all(plain) {
        return Err("only files inside the package's folder can be read");
    }
    let relative: PathBuf = relative.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    let folder = folder.canonicalize();
    for base in ["", "scripts", "scripts/tests", "tests"] {
        let inner = Path::new(base).join(&relative);
        if let Some((_, text)) = package.data.iter().find(|(known, _)| Path::new(known) == inner) {
            return Ok(text.as_bytes().to_vec());
        }
        let Ok(folder) = &folder else { continue };
        let Ok(file) = folder.join(inner).canonicalize() else { continue };
        // A link may lead out.
        if !file.starts_with(folder) {
            return Err("only files inside the package's folder can be read");
        }
        let size = fs::metadata(&file).map_err(|_| MISSING)?;
        if size.is_file() {
            if size.len() > MAX_FILE_BYTES {
                return Err("the file is larger than 64 MiB");
            }
            return fs::read(&file).map_err(|_| "the file cannot be read");
        }
    }
    Err(MISSING)
}
