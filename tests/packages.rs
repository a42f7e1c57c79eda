//! Packages of npm that tests run: installed by name into a folder of their own under the target directory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with some packages, `name@version` each. None where npm cannot install them, which is told, and in CI is a
/// failure.
#[expect(clippy::disallowed_methods, reason = "in CI a missing npm is a failure")]
pub fn installed(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    // Two that install into one folder at once leave half of each.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    // What lies there, so that another version is installed and not taken for this one.
    let (done, wanted) = (folder.join("installed"), packages.join("\n"));
    if std::fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
        return Some(folder);
    }
    let installed = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts", "--prefix", "."])
        .args(packages)
        .current_dir(&folder)
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        assert!(std::env::var("CI").is_err(), "npm could not install {packages:?}");
        eprintln!("SKIPPED: npm is not here or could not install {packages:?}; what they check was NOT checked");
        return None;
    }
    std::fs::write(&done, wanted).unwrap();
    Some(folder)
}
