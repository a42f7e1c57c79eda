//! Chromium, and the scripts that drive it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::packages::installed;

const CHROMIUM: &str = "/usr/bin/chromium";

/// A page to look at.
#[derive(Debug, Clone, Serialize)]
pub struct Job {
    /// Its address.
    pub url: String,
    /// The status that it has to have.
    pub status: u16,
    /// A page made for the test, in place of the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<&'static str>,
    /// What is chosen from its form by keyboard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// A list of a form, of which the next entry is chosen, and the parameter that then says so.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The list's identifier.
    pub list: &'static str,
    /// The parameter of the address.
    pub parameter: &'static str,
}

/// What was found on a page.
#[derive(Debug, Deserialize)]
pub struct Found {
    /// The page.
    pub url: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// The folder with the packages and the scripts; none where the browser or the packages are not here, which is told, and
/// in CI is a failure.
#[expect(clippy::disallowed_methods, reason = "in CI a missing browser is a failure")]
fn browser() -> Option<PathBuf> {
    if !Path::new(CHROMIUM).exists() {
        assert!(std::env::var("CI").is_err(), "{CHROMIUM} is not here; install the package chromium");
        eprintln!("SKIPPED: {CHROMIUM} is not here (package chromium); the pages were NOT looked at in a browser");
        return None;
    }
    installed("browser", &["playwright-core@1.65.1", "axe-core@4.14.1"])
}

/// Runs a script over some pages; each that has something wrong, in words.
pub fn run(script: &'static str, jobs: &[Job]) -> Option<Vec<Found>> {
    let folder = browser()?;
    // Tests run side by side, so each has its scripts for itself.
    let scripts = tempfile::tempdir_in(&folder).unwrap();
    std::fs::write(scripts.path().join("browser.js"), include_str!("browser.js")).unwrap();
    std::fs::write(scripts.path().join("script.js"), script).unwrap();
    let mut node = Command::new("node")
        .arg("script.js")
        .current_dir(scripts.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = serde_json::json!({ "executable": CHROMIUM, "jobs": jobs });
    node.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the script failed; what it says stands above");
    let found: Vec<Found> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.len(), jobs.len(), "not every page was looked at");
    Some(found)
}

/// All that is wrong with some pages, one line each.
pub fn problems(found: &[Found]) -> Vec<String> {
    found.iter().flat_map(|page| page.problems.iter().map(move |problem| format!("{}: {problem}", page.url))).collect()
}
