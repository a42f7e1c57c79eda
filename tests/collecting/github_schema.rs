//! The GraphQL requests hold against GitHub's published schema (npm `@octokit/graphql-schema`).

use std::path::Path;
use std::process::Command;

use collectors::github::QUERIES;

use crate::packages::installed;

const CHECK: &str = "
import { validate } from '@octokit/graphql-schema';
import { readFileSync } from 'node:fs';
for (const error of validate(readFileSync(0, 'utf8'))) console.log(error.message);
";

#[test]
fn every_request_is_valid() {
    let Some(folder) = installed("graphql-schema", &["@octokit/graphql-schema@15.26.1", "graphql@16"]) else { return };
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
