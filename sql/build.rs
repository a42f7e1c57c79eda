//! Embeds every file of `metrics/`, so that adding a metric is adding a file.

use std::fmt::Write as _;
use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=metrics");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("sql/metrics can be read")
        .map(|entry| entry.expect("sql/metrics can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file.file_name().expect("a file has a name").to_string_lossy();
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string()).expect("writing to a string");
    }
    code.push(']');
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("metrics.rs");
    fs::write(target, code).expect("the build folder can be written");
}
