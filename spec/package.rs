//! Golden packages: each folder is a root of packages, and its `expected.txt` says what loading it gives.
//!
//! `UPDATE_EXPECT=1 cargo test` rewrites the expectations.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use mbl::diag::RenderOptions;
use mbl::package::{ComponentKind, LoadError, LoadOptions, Package, PackageSet, Wanted, load};

#[test]
fn every_root_gives_what_is_expected() {
    let folder = folder("spec/package");
    let mut faults = Vec::new();
    let mut cases: Vec<PathBuf> =
        fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("one").path()).collect();
    cases.sort();
    // Those are looked at by `broken`.
    cases.retain(|case| !case.ends_with("broken"));
    for case in cases {
        let options = LoadOptions { base: Some(case.clone()), ..LoadOptions::default() };
        let set = load(std::slice::from_ref(&case), &[], &options).expect("the root is there");
        let found = dump(&set);
        let file = case.join("expected.txt");
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&file, found).expect("the expectation can be written");
        } else if expected != found {
            faults.push(format!("{}:\n--- expected\n{expected}--- found\n{found}", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_packages_of_the_project_are_whole() {
    let set = load(&[folder("packages")], &[], &LoadOptions::default()).expect("the root is there");
    assert!(set.diagnostics.is_empty(), "{}", set.diagnostics.render(&set.sources, RenderOptions::default()));
}

#[test]
fn one_package_brings_what_it_needs() {
    let roots = [folder("spec/package/whole")];
    let set = |wanted: &[Wanted], options: &LoadOptions| load(&roots, wanted, options).expect("it is there");
    let ids = |set: &PackageSet| set.packages.iter().map(|package| package.id.clone()).collect::<Vec<_>>();
    let plain = LoadOptions::default();
    assert_eq!(ids(&set(&[Wanted::Id("tags".to_owned())], &plain)), ["tags"]);
    assert_eq!(ids(&set(&[Wanted::Id("polls".to_owned())], &plain)), ["tags", "polls"]);
    assert_eq!(ids(&set(&[Wanted::Path(roots[0].join("votes"))], &plain)), ["votes"]);
    assert_eq!(ids(&set(&[Wanted::Path(roots[0].join("votes/seed"))], &plain)), ["votes"]);
    assert_eq!(ids(&set(&[Wanted::Path(roots[0].clone())], &plain)), ["tags", "polls", "votes"]);
    let beside = load(&[], &[Wanted::Path(roots[0].join("polls"))], &plain).expect("it is there");
    assert_eq!(ids(&beside), ["tags", "polls"]);
    assert!(!beside.package("tags").expect("it was loaded").wanted);
    let disabled = LoadOptions { disabled: vec!["tags".to_owned()], ..LoadOptions::default() };
    let without_tags = set(&[], &disabled);
    assert_eq!(ids(&without_tags), ["votes"]);
    assert_eq!(without_tags.diagnostics.iter().next().expect("a finding").code, "disabled_dependency");
}

#[test]
fn what_is_not_there_is_a_wrong_call() {
    let root = folder("spec/package/whole");
    let fails = |wanted: Wanted| {
        load(std::slice::from_ref(&root), &[wanted], &LoadOptions::default()).expect_err("a wrong call")
    };
    assert!(matches!(fails(Wanted::Path(root.join("nowhere"))), LoadError::NoSuchFolder { .. }));
    assert!(matches!(fails(Wanted::Path(root.join("tags/metadata.json"))), LoadError::NotAFolder { .. }));
    let unknown = fails(Wanted::Id("pols".to_owned())).to_string();
    assert!(unknown.starts_with("no package `pols` in") && unknown.ends_with("did you mean `polls`?"), "{unknown}");
    let nowhere = load(&[root.join("nowhere")], &[], &LoadOptions::default());
    assert!(matches!(nowhere, Err(LoadError::NoSuchFolder { .. })));
}

#[test]
fn module_names_lead_to_files_of_the_package_only() {
    let set = load(&[folder("spec/package/whole")], &[], &LoadOptions::default()).expect("the root is there");
    let polls = set.package("polls").expect("it is whole");
    let path = |name: &str, from: Option<&str>| {
        let from = from.map(|path| polls.scripts.iter().find(|script| script.path == path).expect("it is there"));
        match polls.resolve(name, from) {
            Ok(Some(script)) => script.path.clone(),
            Ok(None) => "-".to_owned(),
            Err(fault) => fault.to_string(),
        }
    };
    assert_eq!(path("db.create", None), "db/create.lua");
    assert_eq!(path("db/create", None), "db/create.lua");
    assert_eq!(path("db.create.lua", None), "db/create.lua");
    assert_eq!(path("db/create.lua", None), "db/create.lua");
    assert_eq!(path("db", None), "db/init.lua");
    assert_eq!(path("types", None), "types.lua");
    assert_eq!(path("types", Some("types.lua")), "types/init.lua");
    assert_eq!(path("types", Some("types/init.lua")), "types.lua");
    assert_eq!(path("tests.old.test", None), "tests/old.test.lua");
    assert_eq!(path("tests.more_test", None), "tests/more_test.lua");
    assert_eq!(path("metadata", None), "-");
    let escapes = [
        "",
        "..",
        "../init",
        "db/../../init",
        "..init",
        "/etc/passwd",
        "\\\\host\\x",
        "C:/x",
        "init\0.lua",
        "a\nb",
        "./init",
        ".init",
        "db..create",
        "db//create",
        "db.",
        &"x".repeat(300),
    ];
    for name in escapes {
        assert!(polls.resolve(name, None).is_err(), "{name:?}");
    }
    let data = |path: &str, from: Option<usize>| {
        polls.data_file(path, from.map(|index| &polls.scripts[index])).map(|file| file.path.clone())
    };
    let test = polls.scripts.iter().position(|script| script.path == "tests/create_spec.lua");
    let cases = Some("scripts/tests/create.cases.json".to_owned());
    assert_eq!(data("create.cases.json", test), cases);
    assert_eq!(data("create.cases.json", None), cases);
    assert_eq!(data("tests.create.cases", None), cases);
    assert_eq!(data("../../metadata.json", test), Some("metadata.json".to_owned()));
    assert_eq!(data("metadata.json", None), Some("metadata.json".to_owned()));
    for path in ["../../../tags/metadata.json", "/etc/passwd", "..", "", "a\0.json"] {
        assert_eq!(data(path, test), None, "{path:?}");
    }
    for path in ["../metadata.json", "/etc/passwd", "a\0", "scripts/../../x", "scripts", "nothing.lua"] {
        assert!(polls.file(path).is_err(), "{path:?}");
    }
    assert!(polls.file("scripts/init.lua").is_ok());
}

#[test]
fn odd_files_are_named_and_left_alone() {
    let folder = Temporary::new("odd");
    let root = folder.0.join("odd/seed");
    let write = |path: &str, bytes: &[u8]| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    };
    write("metadata.json", br#"{ "packageId": "odd", "version": "1.0.0" }"#);
    write("components.json", br#"[{ "name": "A", "type": "page", "script": "latin.lua" }]"#);
    write("scripts/init.lua", b"\xef\xbb\xbfreturn {}");
    write("scripts/latin.lua", b"-- fine\n-- caf\xe9\n");
    write("scripts/deep/x.lua/y.lua", b"return {}");
    write("../../outside.lua", b"return 'secret'");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../../../outside.lua", root.join("scripts/outside.lua")).expect("a link");
        symlink("../..", root.join("scripts/loop")).expect("a link");
        symlink("gone.lua", root.join("scripts/nowhere.lua")).expect("a link");
        symlink("init.lua", root.join("scripts/again.lua")).expect("a link");
    }
    let options = LoadOptions { base: Some(folder.0.clone()), ..LoadOptions::default() };
    let set = load(&[], &[Wanted::Path(folder.0.join("odd"))], &options).expect("it is there");
    let found: Vec<String> = set.diagnostics.iter().map(|finding| finding.render_line(&set.sources)).collect();
    let expected = [
        #[cfg(unix)]
        "odd/seed/scripts/again.lua:1:1: byte_order_mark: the file begins with a byte-order mark",
        "odd/seed/scripts/init.lua:1:1: byte_order_mark: the file begins with a byte-order mark",
        "odd/seed/scripts/latin.lua: not_utf8: the file is not UTF-8: line 2 holds a byte that is no text",
        #[cfg(unix)]
        "odd/seed/scripts/loop: link_not_followed: a link to a folder is not followed",
        #[cfg(unix)]
        "odd/seed/scripts/outside.lua: outside_package: a link that leads out of the package's folder is not followed",
    ];
    assert_eq!(found, expected);
    let odd = set.package("odd").expect("it works but for what is quarantined");
    assert_eq!(odd.components[0].quarantined.as_deref(), Some("its script could not be read"));
    assert!(
        odd.resolve("latin", None).is_err()
            && odd.resolve("outside", None).is_err_and(|fault| fault.to_string().contains("outside"))
    );
    assert!(odd.resolve("deep.x.lua.y", None).is_ok());
    #[cfg(unix)]
    assert!(odd.file("scripts/outside.lua").is_err() && odd.file("scripts/gone.lua").is_err());
}

#[test]
fn an_empty_folder_is_no_package() {
    let folder = Temporary::new("empty");
    let options = LoadOptions { base: Some(folder.0.clone()), ..LoadOptions::default() };
    fs::create_dir_all(folder.0.join("nothing")).expect("it can be made");
    fs::create_dir_all(folder.0.join("seeded/seed")).expect("it can be made");
    for (name, expected) in [
        ("nothing", "nothing: missing_metadata: `nothing` is no package: it holds no metadata.json"),
        ("seeded", "seeded/seed/metadata.json: missing_metadata: package `seeded` has no metadata.json"),
    ] {
        let set = load(&[], &[Wanted::Path(folder.0.join(name))], &options).expect("it is there");
        let found: Vec<String> = set.diagnostics.iter().map(|finding| finding.render_line(&set.sources)).collect();
        assert_eq!(found, [expected]);
        assert_eq!((set.packages.len(), set.refused.len()), (0, 1));
    }
}

#[test]
fn broken_text_never_panics() {
    let texts = [
        include_str!("package/components/cards/seed/components.json"),
        include_str!("package/metadata/odd_values/seed/metadata.json"),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound.max(1) as u64) as usize
    };
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ":",
        "\\ud800",
        "é",
        "//",
        "/*",
        "null",
        "--[[",
        "---@param",
        "function",
        "\n",
    ];
    for round in 0..4000 {
        let mut bytes = texts[round % texts.len()].as_bytes().to_vec();
        for _ in 0..=below(4) {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = below(256) as u8,
                1 => bytes.truncate(at.max(1)),
                _ => {
                    bytes.splice(at..at, pieces[below(pieces.len())].bytes());
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        mbl::package::read_annotations(&text);
        let mut sources = mbl::diag::Sources::new();
        let source = sources.add("random.json", text);
        let mut diagnostics = mbl::diag::Diagnostics::new();
        if let Some(node) = mbl::json::read(&sources, source, &mut diagnostics) {
            node.to_value();
        }
        diagnostics.render(&sources, RenderOptions::default());
    }
}

/// Says what was loaded, and what was found.
fn dump(set: &PackageSet) -> String {
    let mut out = String::new();
    for package in &set.packages {
        let _ = writeln!(out, "{} {}", package.id, package.version);
        dump_package(package, &mut out);
    }
    for package in &set.refused {
        let _ = writeln!(out, "refused: {}", package.id);
    }
    let core = |model: &mbl::schema::Model| Some(model.span.source) == set.core_source;
    let models: Vec<&str> =
        set.schema.models.iter().filter(|model| !core(model)).map(|model| &model.name[..]).collect();
    let _ = writeln!(out, "schema: {}\n", models.join(" "));
    out.push_str(&set.diagnostics.render(&set.sources, RenderOptions::default()));
    out
}

fn dump_package(package: &Package, out: &mut String) {
    let scripts = package.scripts.iter().map(|script| {
        let test = if script.is_test { " (test)" } else { "" };
        format!("{}{test}", script.module)
    });
    let scripts = scripts.collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "  scripts: {scripts}");
    for component in &package.components {
        let _ = match &component.kind {
            ComponentKind::Definition(definition) => {
                let props = definition.props.iter().map(|prop| {
                    let default = prop.default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
                    format!("{}{}: {}{default}", prop.name, if prop.required { "" } else { "?" }, prop.prop_type)
                });
                let props = props.collect::<Vec<_>>().join(", ");
                writeln!(
                    out,
                    "  component {} {} ({props}) {}",
                    component.name, definition.level, definition.script.path
                )
            }
            ComponentKind::Tree(tree) => writeln!(out, "  tree {} {}", component.name, tree["type"]),
        };
        if let Some(reason) = &component.quarantined {
            let _ = writeln!(out, "    quarantined: {reason}");
        }
    }
    if !package.models.is_empty() {
        let _ = writeln!(out, "  models: {}", package.models.join(" "));
    }
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder that goes with the test.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mbl-package-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("it can be made");
        Self(fs::canonicalize(path).expect("it is there"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
