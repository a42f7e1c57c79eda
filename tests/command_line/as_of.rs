//! `--as-of` and `as_of`: what was known at an earlier time; and definitions that were others before.

use std::path::Path;

use store::{Store, StoreOptions};

use super::run;
use crate::server::{Server, json};
use crate::support::{at, batch, deployment};

/// A store to which a deployment was told on 6 January, and on the 8th that it was another service's, and one more.
fn corrected(folder: &Path) {
    let options = StoreOptions { path: folder.join("cairn.duckdb"), ..StoreOptions::default() };
    let store = Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap();
    let tell = |facts: &[facts::Deployment], now: &str| store.write(&[batch(facts)], None, at(now)).unwrap();
    tell(&[deployment("1", "shop", "2026-01-05T10:00:00Z")], "2026-01-06T00:00:00Z");
    let both = [deployment("1", "web", "2026-01-05T10:00:00Z"), deployment("2", "web", "2026-01-06T10:00:00Z")];
    tell(&both, "2026-01-08T00:00:00Z");
}

/// The services and how many deployments each has in the week of 5 January.
fn by_service(answer: &serde_json::Value) -> Vec<(String, u64)> {
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["service"].as_str().unwrap().to_owned(), row["n"].as_u64().unwrap())).collect()
}

const WEEK: [&str; 10] = [
    "metrics",
    "deployment_frequency",
    "--from",
    "2026-01-05",
    "--to",
    "2026-01-12",
    "--by",
    "service",
    "--format",
    "json",
];

#[test]
fn a_figure_is_had_again_as_it_was_known() {
    let folder = tempfile::tempdir().unwrap();
    corrected(folder.path());
    let told = |more: &[&str]| {
        let found = run(folder.path(), &[&WEEK[..], more].concat());
        assert!(found.is_well, "{}", found.err);
        serde_json::from_str::<serde_json::Value>(&found.out).unwrap()
    };
    assert_eq!(by_service(&told(&[])), [("web".to_owned(), 2)]);
    assert!(told(&[]).get("as_of").is_none());
    // A day is its end: of the 7th, before the correction; of the 8th, after it.
    assert_eq!(by_service(&told(&["--as-of", "2026-01-07"])), [("shop".to_owned(), 1)]);
    assert_eq!(told(&["--as-of", "2026-01-07"])["as_of"], "2026-01-07T23:59:59.999999Z");
    assert_eq!(by_service(&told(&["--as-of", "2026-01-08"])), [("web".to_owned(), 2)]);
    let table = run(folder.path(), &["metrics", "deployment_frequency", "--as-of", "2026-01-07"]);
    assert!(table.out.contains("as of 2026-01-07 23:59: what was known then, by today's definition"), "{}", table.out);
    let early = run(folder.path(), &[&WEEK[..], &["--as-of", "2026-01-05"]].concat());
    assert!(!early.is_well && early.err.contains("nothing was known at 2026-01-05 23:59 UTC"), "{}", early.err);
    let odd = run(folder.path(), &[&WEEK[..], &["--as-of", "yesterday"]].concat());
    assert!(!odd.is_well && odd.err.contains("`yesterday` is no time for `as of`"), "{}", odd.err);

    let server = Server::start(folder.path(), "127.0.0.1:0");
    let path = "/v1/metrics/deployment_frequency?from=2026-01-05&to=2026-01-12&by=service";
    let then = server.get(&format!("{path}&as_of=2026-01-07"));
    assert_eq!((then.0, by_service(&json(&then.1))), (200, vec![("shop".to_owned(), 1)]));
    assert_eq!(by_service(&json(&server.get(path).1)), [("web".to_owned(), 2)]);
    let rows = server.get("/v1/metrics/deployment_frequency/observations?from=2026-01-05&as_of=2026-01-07");
    assert_eq!(json(&rows.1)["observations"].as_array().unwrap().len(), 1);
    let (status, said) = server.get(&format!("{path}&as_of=2999-01-01"));
    assert!(status == 400 && said.contains("not known yet"), "{status} {said}");
}

#[test]
fn a_new_version_of_a_definition_is_told_with_its_begin_and_a_change_without_one_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    corrected(folder.path());
    std::fs::write(folder.path().join("cairn.toml"), "metrics_dir = \"ours\"\n").unwrap();
    std::fs::create_dir(folder.path().join("ours")).unwrap();
    let file = folder.path().join("ours/night_deployments.sql");
    let ask = || run(folder.path(), &["metrics", "night_deployments", "--from", "2026-01-05", "--to", "2026-01-12"]);
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let first = super::metrics_dir::METRIC;
    write(first);
    let said = ask();
    assert!(said.is_well && !said.out.contains("this version holds since"), "{}{}", said.out, said.err);
    // The title may change.
    write(&first.replace("Deployments at night", "Night deployments"));
    assert_eq!(ask().err, "");
    // The hours may not, unless the version is raised.
    let later = first.replace("between 6 and 21", "between 7 and 21");
    write(&later);
    assert!(ask().err.contains("under the same version; raise `version`"), "{}", ask().err);
    write(&later.replace("version = 1", "version = 2"));
    let said = ask();
    assert!(said.out.contains("version 2 of its definition"), "{}", said.out);
    assert!(said.out.contains("this version holds since"), "{}", said.out);
    assert_eq!(said.err, "");
    // And it stays so.
    assert!(ask().out.contains("this version holds since"));
}
