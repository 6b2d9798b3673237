//! Runs the Lua specs of the standard library (`spec/stdlib/*_spec.lua`) against a database in memory.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use mbl::db::Database;
use mbl::lua::{Context, Script, Vm, VmOptions};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};

#[test]
fn the_standard_library_does_what_its_specs_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/stdlib");
    let vm = Vm::new(VmOptions {
        database: Some(Rc::new(database(&folder.join("schema.prisma")))),
        packages: Vec::new(),
        print: Rc::new(|text| eprint!("{}", String::from_utf8_lossy(text))),
        log: Rc::new(|record| eprintln!("{}: {}", record.level, record.message)),
        load_timeout: None,
        call_timeout: None,
        memory_bytes: None,
    })
    .expect("a state");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("the folder is there").flatten().map(|file| file.path()).collect();
    files.sort();
    let (mut passed, mut faults) = (0, Vec::new());
    for path in files.iter().filter(|path| path.to_string_lossy().ends_with("_spec.lua")) {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        let script = Script {
            path: name.to_string(),
            name: format!("spec/stdlib/{name}").into(),
            text: fs::read(path).expect("readable").into(),
            source: None,
        };
        let context = Context::default();
        let file = vm.load_tests("", &script, &context).unwrap_or_else(|error| panic!("{error}"));
        for (index, test) in file.tests.iter().enumerate().filter(|(_, test)| !test.skip) {
            match vm.run_test(&file, index, &context) {
                Ok(()) => passed += 1,
                Err(error) => faults.push(format!("{} > {}: {error}", test.groups.join(" > "), test.name)),
            }
        }
    }
    assert!(faults.is_empty(), "{passed} tests passed, {} did not:\n{}", faults.len(), faults.join("\n"));
    assert!(passed > 30, "only {passed} tests ran");
}

fn database(schema: &Path) -> Database {
    let text = fs::read_to_string(schema).expect("the schema is there");
    let schema = Schema::parse_text("schema.prisma", &text)
        .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
    let store = Store::open(&DatabaseUrl::memory()).expect("a database in memory opens");
    store.bring_to(&Layout::of(&schema), Policy::Additive).expect("the tables are made");
    Database::new(store, Arc::new(schema))
}
