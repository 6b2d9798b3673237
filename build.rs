//! Lays the functions that a start of the binary runs side by side, as `benches/start.ld` names them.
//!
//! The system maps code in pieces of 64 KB around what is touched, so that functions which lie scattered bring most of the binary into
//! memory. `benches/order` writes the file anew.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo:rerun-if-changed=benches/start.ld");
    let is = |name, value| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("TARGET", "x86_64-unknown-linux-gnu") && is_rusts_own_linker() {
        println!("cargo:rustc-link-arg-bin=mbl=-T");
        println!(
            "cargo:rustc-link-arg-bin=mbl={}/benches/start.ld",
            env::var("CARGO_MANIFEST_DIR").unwrap_or_default()
        );
    }
}

/// Tells whether the linker is LLVM's, which comes with Rust: others do not read such a file, or take minutes for it.
fn is_rusts_own_linker() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let (Some(rustc), Some(folder)) = (env::var_os("RUSTC"), env::var_os("OUT_DIR")) else { return false };
    if flags.contains("link") || env::var_os("RUSTC_LINKER").is_some() {
        return false;
    }
    let probe = Path::new(&folder).join("probe.rs");
    let linked = std::fs::write(&probe, "fn main() {}").and_then(|()| {
        let mut command = Command::new(rustc);
        command.arg(&probe).args(["--print", "link-args", "-o"]).arg(Path::new(&folder).join("probe"));
        command.stderr(Stdio::null()).output()
    });
    linked
        .is_ok_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains("-fuse-ld=lld"))
}
