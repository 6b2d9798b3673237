//! Scripts over a database: what the specs in Lua cannot see of themselves.

use std::rc::Rc;
use std::sync::Arc;

use mbl::db::Database;
use mbl::lua::{Context, LuaErrorKind, PackageScripts, Script, TimeGuard, Vm, VmOptions};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use serde_json::json;

#[test]
fn an_error_inside_a_transaction_keeps_its_place() {
    let text = "datasource db {
  provider = \"sqlite\"
}
model Note {
  id Int @id
  text String
}
";
    let Ok(schema) = Schema::parse_text("schema.prisma", text) else { panic!("the schema is right") };
    let store = Store::open(&DatabaseUrl::memory()).expect("a database");
    store.bring_to(&Layout::of(&schema), Policy::Additive).expect("tables");
    let database = Rc::new(Database::new(store, Arc::new(schema)));
    let text = "local db = require('db')\nlocal M = {}\nlocal function inner()\n  error({ code = 'own', message = 'no' })\nend\n\
        function M.raise()\n  db.transaction(function(tx)\n    tx.note.create({ data = { id = 1, text = 'a' } })\n    inner()\n  end)\nend\n\
        function M.caught()\n  pcall(M.raise)\n  error('later')\nend\n\
        function M.left()\n  db.transaction(function()\n    db.note.create({ data = { id = 'x' } })\n  end)\nend\n\
        function M.count() return db.note.count() end\nreturn M";
    let script =
        Script { path: "init.lua".to_owned(), name: "init.lua".into(), text: text.as_bytes().into(), source: None };
    let package = PackageScripts { id: "p".to_owned(), scripts: vec![script], ..PackageScripts::default() };
    let vm = Vm::new(VmOptions {
        database: Some(database),
        modules: Default::default(),
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
    let call = |name| vm.call("p", name, &[], &Context::default());
    let error = call("raise").unwrap_err();
    let lines: Vec<u32> = error.traceback.iter().map(|frame| frame.line).collect();
    assert_eq!((error.line, error.code.as_deref(), lines.as_slice()), (Some(4), Some("own"), [4, 9, 7].as_slice()));
    let error = call("caught").unwrap_err();
    assert_eq!((error.line, error.traceback[0].line), (Some(14), 14));
    let error = call("left").unwrap_err();
    assert_eq!((error.kind, error.line), (LuaErrorKind::Db, Some(18)), "{error:?}");
    assert!(error.db.is_some_and(|db| db.model.as_deref() == Some("Note") && db.kind.name() == "validation"));
    assert_eq!(call("count"), Ok(json!(0)));
    assert!(vm.call("p", "coun", &[], &Context::default()).is_err());
}
