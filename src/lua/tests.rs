//! The Lua side without a database: arguments, rows, JSON, environments, loading, limits.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::lua::*;

/// A package: its id, its dependencies, and its scripts as path and text.
type Parts<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

/// Makes a VM of packages: id, dependencies, and scripts as path and text. What is printed and logged lands in the list.
fn vm(packages: &[Parts<'_>]) -> (Vm, Rc<RefCell<Vec<String>>>) {
    let packages = packages
        .iter()
        .map(|(id, dependencies, scripts)| {
            Arc::new(PackageScripts {
                id: (*id).to_owned(),
                dependencies: dependencies.iter().map(|id| (*id).to_owned()).collect(),
                scripts: scripts
                    .iter()
                    .map(|(path, text)| Script {
                        path: (*path).to_owned(),
                        name: format!("{id}/{path}").into(),
                        text: text.as_bytes().into(),
                        source: None,
                    })
                    .collect(),
                ..PackageScripts::default()
            })
        })
        .collect();
    let lines = Rc::new(RefCell::new(Vec::new()));
    let (printed, logged) = (lines.clone(), lines.clone());
    let vm = Vm::new(VmOptions {
        database: None,
        modules: Default::default(),
        files: Files::memory(),
        packages,
        print: Rc::new(move |text| printed.borrow_mut().push(String::from_utf8_lossy(text).into_owned())),
        log: Rc::new(move |record| logged.borrow_mut().push(format!("{}: {}", record.level, record.message))),
        load_timeout: Some(Duration::from_secs(5)),
        call_timeout: Some(Duration::from_millis(200)),
        memory_bytes: Some(64 << 20),
        output_bytes: None,
        time_guard: TimeGuard::default(),
        sandbox: None,
        untrusted: None,
    })
    .expect("a state");
    (vm, lines)
}

/// Runs a script and returns what it printed, or its error.
fn run(text: &str) -> Result<String, String> {
    let (vm, lines) = vm(&[]);
    vm.exec("test.lua", text.as_bytes(), &[], &Context::default()).map_err(|error| error.to_string())?;
    let printed = lines.borrow().concat();
    Ok(printed.trim_end().to_owned())
}

#[track_caller]
fn prints(text: &str, expected: &str) {
    assert_eq!(run(text).as_deref(), Ok(expected), "{text}");
}

#[track_caller]
fn fails(text: &str, expected: &str) {
    let error = run(text).expect_err(text);
    assert!(error.contains(expected), "{text}: {error}");
}

#[test]
fn json_keeps_what_lua_would_lose() {
    prints(
        "print(json.encode({ b = 1, a = { 1, 2.5, 'x\\n' }, c = json.null }))",
        r#"{"a":[1,2.5,"x\n"],"b":1,"c":null}"#,
    );
    prints("print(json.encode(json.decode('{\"a\":[],\"b\":{},\"c\":[{}]}')))", r#"{"a":[],"b":{},"c":[{}]}"#);
    prints("print(json.encode({}), json.encode(json.array()), json.encode(json.object()))", "{}\t[]\t{}");
    prints(
        "print(json.decode('9223372036854775807'), json.decode('1.0'), json.decode('1e3'))",
        "9223372036854775807\t1.0\t1000.0",
    );
    prints("print(json.decode([[\"\\u00e9\\ud83d\\ude00\\/\\n\"]]) == 'é😀/\\n')", "true");
    prints("print(json.decode('null') == json.null, json.null)", "true\tnull");
    prints("print(json.encode({ a = { 1 } }, { pretty = true }))", "{\n  \"a\": [\n    1\n  ]\n}");
    prints(
        "local t = json.decode('[1]') print(getmetatable(t), pcall(setmetatable, t, {}))",
        "false\tfalse\tcannot change a protected metatable",
    );
}

#[test]
fn bad_json_is_explained_with_its_place() {
    for (text, expected) in [
        ("[1,]", "expected a value at line 1, column 4"),
        ("{\n \"a\" 1}", "expected `:` at line 2, column 6"),
        ("[01]", "expected `,` or `]` at line 1, column 3"),
        ("\"\\ud800\"", "half of a surrogate pair in a string at line 1, column 4"),
        ("1 2", "expected the end of the text at line 1, column 3"),
        ("", "expected a value, found the end of the text at line 1, column 1"),
    ] {
        prints(&format!("print(select(2, json.decode([==[{text}]==])))"), expected);
    }
    prints("print(select(2, json.decode(('['):rep(100000))))", "nested too deep at line 1, column 258");
    prints("print(select(2, json.decode('\"\\xff\"')))", "a string that is not valid UTF-8 at line 1, column 2");
}

#[test]
fn what_has_no_json_form_is_refused() {
    fails("local t = {} t.a = { t } json.encode(t)", "a table that contains itself at `a[1]` has no JSON form");
    fails("json.encode({ a = { 1, b = 2 } })", "mixes list items and named keys at `a`");
    fails("json.encode({ [1] = 1, [3] = 3 })", "holes");
    fails("json.encode({ f = print })", "a value of type function at `f`");
    fails("json.encode({ 0/0 })", "the number NaN at `[1]`");
    fails("json.encode('\\xff')", "not valid UTF-8");
    fails("local t = {} for i = 1, 300 do t = { t } end json.encode(t)", "nested deeper than 256 levels");
}

#[test]
fn a_script_reaches_nothing_of_the_machine() {
    for name in [
        "debug",
        "package",
        "dofile",
        "loadfile",
        "os.execute",
        "os.exit",
        "os.getenv",
        "os.remove",
        "os.rename",
        "os.tmpname",
        "os.setlocale",
        "io.popen",
        "io.write",
        "io.lines",
        "string.dump",
    ] {
        prints(&format!("print({name})"), "nil");
    }
    prints("print(load('\\27Lua'))", "nil\tattempt to load a binary chunk (mode is 't')");
    prints("print(load('return 1', 'x', 'b'))", "nil\tattempt to load a text chunk (mode is 'b')");
    prints("print(load('return _G == ...')(_G), load('x = 1; return x')(), x)", "true\t1\t1");
    prints("print(io.open('/etc/passwd'))", "nil\t/etc/passwd: there is no package folder here\t2");
    fails("setmetatable({}, { __gc = print })", "metatables have no `__gc` here");
    fails("setmetatable({}, 1)", "nil or table expected");
    prints("print(getmetatable(setmetatable({}, { __index = 1 })).__index)", "1");
    fails("collectgarbage('generational')", "only 'count', 'collect' and 'step'");
    fails("require('../x')", "leads out of a folder");
    fails("require('jsn')", "did you mean `json`?");
}

#[test]
fn packages_do_not_see_each_other() {
    let (vm, _) = vm(&[
        (
            "one",
            &[],
            &[(
                "init.lua",
                "local M = { list = { 1 } }\nfunction M.get() return M.list[1] end\nfunction M.upper() return ('a'):upper() end\nreturn M",
            )],
        ),
        (
            "two",
            &["one"],
            &[(
                "init.lua",
                "local one = require('one')
                one.list[1] = 2
                one.get = nil
                string.upper = nil
                json.encode = nil
                leaked = 1
                local ok = pcall(function() getmetatable('').__index = {} end)
                assert(not ok and getmetatable('') == false)
                return { go = function() return { require('one').get == nil, ('a'):upper() } end }",
            )],
        ),
        (
            "three",
            &["one"],
            &[(
                "init.lua",
                "return { go = function() return { require('one').get(), require('one').upper(), leaked == nil, json.encode({}) } end }",
            )],
        ),
    ]);
    let diagnostics = vm.load();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let context = Context::default();
    assert_eq!(vm.call("two", "go", &[], &context), Ok(json!([true, "A"])));
    assert_eq!(vm.call("three", "go", &[], &context), Ok(json!([1, "A", true, "{}"])));
}

#[test]
fn a_face_is_merged_and_faults_are_named() {
    let (vm, _) = vm(&[
        (
            "notes",
            &[],
            &[
                (
                    "init.lua",
                    "local M = require('db.read')\nreturn { list = M.list, on_install = function() end, _private = function() end }",
                ),
                (
                    "db/read.lua",
                    "local M = {}\nfunction M.list(a, b) return { a = a, b = b, none = b == nil } end\nreturn M",
                ),
                ("db/create.lua", "return { create = function() end, list = function() end }"),
                ("db/broken.lua", "return {\n  = 1 }"),
                ("db/empty.lua", "local M = {}"),
                ("db/raises.lua", "\nerror('no')"),
                (
                    "ui/page.lua",
                    "return { render = function(props) return { type = 'page', props = props, children = json.array() } end }",
                ),
            ],
        ),
        ("bad", &[], &[("init.lua", "return 1")]),
        ("silent", &[], &[("db/x.lua", "return {}")]),
    ]);
    let found: Vec<String> = vm.load().iter().map(|fault| format!("{}: {}", fault.code, fault.message)).collect();
    assert_eq!(
        found,
        [
            "syntax: unexpected symbol near '='",
            "duplicate_operation: operation `list` is there twice in `notes`",
            "returns_nothing: `db/empty.lua` returns nothing",
            "script_error: no",
            "returns_no_table: `init.lua` returns a value of type integer, not a table of functions",
            "missing_init: package `silent` has no scripts/init.lua",
        ]
    );
    let context = Context::default();
    assert_eq!(vm.operations("notes"), ["create", "list"]);
    assert!(
        vm.has("notes", "on_install") && vm.is_refused("bad") && vm.is_refused("silent") && !vm.is_refused("notes")
    );
    let args = [json!({ "x": [], "y": {}, "z": null }), json!(null)];
    assert_eq!(
        vm.call("notes", "list", &args, &context),
        Ok(json!({ "a": { "x": [], "y": {}, "z": null }, "none": true }))
    );
    let error = vm.call("notes", "lst", &[], &context).unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (LuaErrorKind::NotFound, "`notes` has no operation `lst`; did you mean `list`?")
    );
    assert_eq!(vm.call("notes", "on_install", &[], &context).unwrap_err().kind, LuaErrorKind::NotFound);
    assert_eq!(
        vm.render("notes", "ui/page.lua", &json!({ "a": 1 }), &context),
        Ok(json!({ "type": "page", "props": { "a": 1 }, "children": [] }))
    );
}

#[test]
fn errors_carry_their_place() {
    let (vm, _) = vm(&[(
        "p",
        &[],
        &[(
            "init.lua",
            "local M = {}\nfunction M.text() error('bad') end\nfunction M.table() error({ code = 'locked', message = 'is locked' }) end\n\
             function M.index() local x; return x.y end\nfunction M.result() return { print } end\nreturn M",
        )],
    )]);
    assert!(vm.load().is_empty());
    let call = |name| vm.call("p", name, &[], &Context::default()).unwrap_err();
    assert_eq!(call("text").to_string(), "p/init.lua:2: bad");
    assert_eq!(call("text").traceback[0].line, 2);
    let error = call("table");
    assert_eq!((error.code.as_deref(), error.line, error.message.as_str()), (Some("locked"), Some(3), "is locked"));
    assert_eq!(call("index").to_string(), "p/init.lua:4: attempt to index a nil value (local 'x')");
    assert_eq!(call("result").kind, LuaErrorKind::Result);
    assert_eq!(call("result").message, "the result of p.result: a value of type function at `[1]` has no JSON form");
}

#[test]
fn limits_end_a_script_and_not_the_state() {
    let (vm, _) = vm(&[]);
    let exec = |text: &str| vm.exec("x.lua", text.as_bytes(), &[], &Context::default());
    for text in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() while true do pcall(error) end end)()",
        "repeat until pcall(require, 'nothing')",
        "xpcall(function() while true do end end, function() while true do end end)",
        "xpcall(error, function() while true do end end)",
        "local t <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
    ] {
        assert_eq!(exec(text).unwrap_err().kind, LuaErrorKind::TimeLimit, "{text}");
    }
    // A busy machine may need longer than a loop was given.
    vm.call_timeout.set(Some(Duration::from_secs(60)));
    let error = exec("return ('x'):rep(2 ^ 27)").unwrap_err();
    assert_eq!(error.kind, LuaErrorKind::MemoryLimit, "{error:?}");
    assert_eq!(error.message, "the script needs more than its 64 MiB of memory, and was stopped");
    assert_eq!(exec("assert(1 + 1 == 2)"), Ok(()));
}

#[test]
fn a_deadline_may_come_at_any_moment() {
    let text = "local n = 0
        return { go = function(deep)
          local function step(level)
            n = n + 1
            if level > 0 then coroutine.wrap(step)(level - 1) end
            pcall(function() local t <close> = setmetatable({}, { __close = function() n = n + 1 end }) end)
          end
          for i = 1, 400 do step(deep) end
          return n
        end }";
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let (vm, _) = vm(&[("p", &[], &[("init.lua", text)])]);
                assert!(vm.load().is_empty());
                let mut stopped = 0;
                for number in 0..300 {
                    vm.call_timeout.set(Some(Duration::from_micros(50 * (number % 60))));
                    match vm.call("p", "go", &[json!(thread)], &Context::default()) {
                        Ok(_) => {}
                        Err(error) if error.kind == LuaErrorKind::TimeLimit => stopped += 1,
                        Err(error) => panic!("{error:?}"),
                    }
                }
                assert!(stopped > 0);
                vm.call_timeout.set(Some(Duration::from_secs(20)));
                assert!(vm.call("p", "go", &[json!(1)], &Context::default()).is_ok());
            });
        }
    });
}

#[test]
fn a_load_that_does_not_end_is_stopped() {
    let text = "while true do pcall(function() while true do end end) end";
    let script =
        Script { path: "init.lua".to_owned(), name: "init.lua".into(), text: text.as_bytes().into(), source: None };
    let package = PackageScripts { id: "p".to_owned(), scripts: vec![script], ..PackageScripts::default() };
    let vm = Vm::new(VmOptions {
        database: None,
        modules: Default::default(),
        files: Files::memory(),
        packages: vec![Arc::new(package)],
        print: Rc::new(|_| ()),
        log: Rc::new(|_| ()),
        load_timeout: Some(Duration::from_millis(100)),
        call_timeout: None,
        memory_bytes: None,
        output_bytes: None,
        time_guard: TimeGuard::default(),
        sandbox: None,
        untrusted: None,
    })
    .expect("a state");
    let found: Vec<String> = vm.load().iter().map(|fault| format!("{}: {}", fault.code, fault.message)).collect();
    assert_eq!(found, ["time_limit: the script ran longer than 100 ms and was stopped"]);
    assert!(vm.is_refused("p"));
}

#[test]
fn the_context_is_that_of_the_call() {
    let (vm, lines) = vm(&[(
        "p",
        &[],
        &[(
            "init.lua",
            "local ctx = require('ctx')\nreturn { who = function() log.info('asked') return { ctx.package, ctx.tenant, ctx.user or 'nobody', ctx.level, ctx.now } end,\n bad = function() return ctx.usr end,\n set = function() ctx.user = 'me' end }",
        )],
    )]);
    assert!(vm.load().is_empty());
    let context = Context { tenant: Some("t".to_owned()), user: Some("u".to_owned()), level: Some(3), now: Some(5) };
    assert_eq!(vm.call("p", "who", &[], &context), Ok(json!(["p", "t", "u", 3, 5])));
    assert_eq!(
        vm.call("p", "bad", &[], &context).unwrap_err().to_string(),
        "p/init.lua:3: ctx has no `usr`; there are: package, tenant, bound, user, level, operator, now, version"
    );
    assert!(vm.call("p", "set", &[], &context).unwrap_err().message.contains("read-only"));
    assert_eq!(*lines.borrow(), ["info: asked"]);
}

#[test]
fn without_a_database_db_says_so() {
    fails("require('db').post.findMany()", "there is no database here");
    prints("local db = require('db') print(db.null == json.null, db.all, db)", "true\tdb.all\tdb");
    fails("require('db').post = 1", "db is read-only");
    fails("require('db').transaction(1)", "expected a function, found a number");
}

#[test]
fn time_and_ids() {
    prints(
        "local time = require('time') print(time.iso(0), time.parse('1970-01-02T00:00:00Z') == time.day)",
        "1970-01-01T00:00:00.000Z\ttrue",
    );
    prints(
        "local id = require('id') print(#id.cuid(), #id.cuid2(), #id.uuid(), #id.uuid7(), #id.ulid(), #id.nanoid(), #id.nanoid(5))",
        "25\t24\t36\t36\t26\t21\t5",
    );
    fails("require('id').nanoid(1)", "expected a length from 2 to 255");
}

#[test]
fn specs_in_older_forms_run() {
    let (vm, _) = vm(&[("p", &[], &[("init.lua", "return {}")])]);
    assert!(vm.load().is_empty());
    let text = "local it, expect = require('lua_test.it'), require('lua_test').expect
        it('one', function() expect(1).toBe(1) end)
        return { defineTests = function(framework, assertions, mocks)
          framework.it('two', function() assertions.expect(type(mocks)).toBe('table') end)
        end }";
    let script =
        Script { path: "x.test.lua".to_owned(), name: "x.test.lua".into(), text: text.as_bytes().into(), source: None };
    let file = vm.load_tests("p", &script, &Context::default()).expect("a spec file");
    assert_eq!(file.tests.len(), 2);
    for index in 0..2 {
        assert_eq!(vm.run_test(&file, index, &Context::default()), Ok(()));
    }
}

#[test]
fn files_of_the_package_can_be_read_and_no_others() {
    let folder = std::env::temp_dir().join(format!("mbl-lua-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("scripts/tests")).expect("a folder");
    std::fs::write(folder.join("scripts/tests/x.cases.json"), "[1, 2]").expect("a file");
    std::fs::write(folder.join("notes.txt"), "one\ntwo\n").expect("a file");
    let text = "return { go = function()
        local lines = {}
        for line in io.open('notes.txt'):lines() do lines[#lines + 1] = line end
        return { json.load('x.cases.json'), require('tests.x.cases'), lines, io.open('notes.txt'):read('a'),
          io.open('../' .. 'x') == nil, io.open('/etc/passwd') == nil, io.open('notes.txt', 'w') == nil }
      end }";
    let script =
        Script { path: "init.lua".to_owned(), name: "init.lua".into(), text: text.as_bytes().into(), source: None };
    let package = PackageScripts {
        id: "p".to_owned(),
        folder: Some(folder.clone()),
        scripts: vec![script],
        ..PackageScripts::default()
    };
    let vm = Vm::new(VmOptions {
        database: None,
        modules: Default::default(),
        files: Files::memory(),
        packages: vec![Arc::new(package)],
        print: Rc::new(|_| ()),
        log: Rc::new(|_| ()),
        load_timeout: None,
        call_timeout: None,
        memory_bytes: None,
        output_bytes: None,
        time_guard: TimeGuard::default(),
        sandbox: None,
        untrusted: None,
    })
    .expect("a state");
    assert!(vm.load().is_empty());
    let error = vm.exec("x.lua", b"local text = ('x'):rep((1 << 31) - 1)", &[], &Context::default()).unwrap_err();
    assert_eq!(error.kind, LuaErrorKind::MemoryLimit, "{error:?}");
    let result = vm.call("p", "go", &[], &Context::default());
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    assert_eq!(result, Ok(json!([[1, 2], [1, 2], ["one", "two"], "one\ntwo\n", true, true, true])));
}

#[test]
fn a_spec_file_lists_and_runs_its_tests() {
    let (vm, _) = vm(&[("p", &[], &[("init.lua", "return { two = function() return 2 end }")])]);
    assert!(vm.load().is_empty());
    let text = "local p = require('init')
        describe('two', function()
          it('is two', function() expect(p.two()).toBe(2) end)
          it('is not three', function() expect(p.two()).toBe(3) end)
          it.skip('later', function() end)
        end)";
    let script = Script {
        path: "x_spec.lua".to_owned(),
        name: "p/x_spec.lua".into(),
        text: text.as_bytes().into(),
        source: None,
    };
    let context = Context::default();
    let file = vm.load_tests("p", &script, &context).expect("a spec file");
    assert_eq!(file.tests.len(), 3);
    assert_eq!(
        (file.tests[0].groups.as_slice(), file.tests[0].name.as_str()),
        (["two".to_owned()].as_slice(), "is two")
    );
    assert!(file.tests[2].skip);
    assert_eq!(vm.run_test(&file, 0, &context), Ok(()));
    let error = vm.run_test(&file, 1, &context).unwrap_err();
    assert_eq!(error.line, Some(4), "{error:?}");
}

#[test]
fn no_two_packages_share_a_global_table() {
    let init = "
return {
  tables = function()
    local list = {}
    for _, value in pairs(_G) do
      if type(value) == 'table' then
        list[#list + 1] = tostring(value)
      end
    end
    return list
  end,
}";
    let (vm, _) = vm(&[("one", &[], &[("init.lua", init)]), ("two", &[], &[("init.lua", init)])]);
    assert!(vm.load().is_empty());
    let tables = |package| vm.call(package, "tables", &[], &Context::default()).expect("a list");
    let (one, two) = (tables("one"), tables("two"));
    let (one, two) = (one.as_array().expect("a list"), two.as_array().expect("a list"));
    assert!(one.len() >= 10, "{one:?}");
    assert!(one.iter().all(|table| !two.contains(table)), "{one:?} {two:?}");
}

#[test]
fn what_a_package_gets_of_another_has_no_finalizer() {
    let one = "
local metatable = {}
local thing = setmetatable({}, metatable)
metatable.__gc = function() print('finalized') end
return { thing = thing }";
    let two = "return { get = function() return require('one').thing ~= nil end }";
    let (vm, lines) = vm(&[("one", &[], &[("init.lua", one)]), ("two", &["one"], &[("init.lua", two)])]);
    assert!(vm.load().is_empty());
    assert_eq!(vm.call("two", "get", &[], &Context::default()), Ok(json!(true)));
    drop(vm);
    assert_eq!(*lines.borrow(), [""; 0]);
}

/// Our own functions and Lua's are asked the same thousands of times; `MBL_FUZZ` says how often.
#[test]
fn strings_and_tables_are_as_luas_own() {
    let lua = mlua::Lua::new();
    let libraries = ["string", "table"].map(|name| lua.globals().get::<mlua::Table>(name).expect("a library"));
    let members = |library: &mlua::Table| -> Vec<(mlua::Value, mlua::Value)> { library.pairs().flatten().collect() };
    let of_lua = libraries.each_ref().map(members);
    raw::bounds::install(&lua).expect("functions");
    let [strings, tables] =
        libraries.each_ref().map(|library| lua.create_table_from(members(library)).expect("a table"));
    for (library, members) in libraries.iter().zip(of_lua) {
        for (name, function) in members {
            library.raw_set(name, function).expect("it is put back");
        }
    }
    let count: i64 = std::env::var("MBL_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    lua.load(include_str!("../../spec/props/strings.lua"))
        .set_name("=strings.lua")
        .call::<()>((strings, tables, count))
        .unwrap_or_else(|error| panic!("{error}"));
}
