//! Embeds every file of `metrics/`, `checks/` and `published/`, so that adding to them is adding a file.

use std::fmt::Write as _;
use std::{env, fs, path::Path};

fn main() {
    for folder in ["metrics", "checks", "published"] {
        embed(folder);
    }
}

fn embed(name: &str) {
    println!("cargo::rerun-if-changed={name}");
    // Asked for when it runs: another checkout with the same build folder runs this very program.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let folder = Path::new(&manifest).join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file.file_name().expect("a file has a name").to_string_lossy();
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string()).expect("writing to a string");
    }
    code.push(']');
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join(format!("{name}.rs"));
    fs::write(target, code).expect("the build folder can be written");
}
