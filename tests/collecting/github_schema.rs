//! The GraphQL requests hold against GitHub's published schema (npm `@octokit/graphql-schema`).

use std::path::Path;
use std::process::Command;

use collectors::github::QUERIES;

const CHECK: &str = "
import { validate } from '@octokit/graphql-schema';
import { readFileSync } from 'node:fs';
for (const error of validate(readFileSync(0, 'utf8'))) console.log(error.message);
";

#[test]
#[expect(clippy::disallowed_methods, reason = "in CI a missing npm is a failure")]
fn every_request_is_valid() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("graphql-schema");
    std::fs::create_dir_all(&folder).unwrap();
    if !folder.join("node_modules/@octokit/graphql-schema").exists() {
        let installed = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix", "."])
            .args(["@octokit/graphql-schema@15.26.1", "graphql@16"])
            .current_dir(&folder)
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            assert!(std::env::var("CI").is_err(), "npm could not install GitHub's schema");
            eprintln!("SKIPPED: npm is not here or could not install GitHub's schema; the requests were NOT checked");
            return;
        }
    }
    for (name, query) in QUERIES {
        assert_eq!(check(&folder, query), "", "{name}");
    }
    // The check itself can fail.
    let wrong = QUERIES[1].1.replace("mergedAt", "mergedOn");
    assert!(check(&folder, &wrong).contains("mergedOn"));
}

fn check(folder: &Path, query: &str) -> String {
    use std::io::Write as _;
    let mut node = Command::new("node")
        .args(["--input-type=module", "-e", CHECK])
        .current_dir(folder)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(query.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
