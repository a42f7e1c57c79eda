//! Stores that cannot be used: whose they are, and what to do.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::{cairn, run};

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["metrics"]).is_well);
    // A later Cairn notes a later migration; DuckDB itself stands in for it.
    let options = store::StoreOptions { path: folder.path().join("cairn.duckdb"), ..store::StoreOptions::default() };
    let opened = store::Store::open(&options, crate::support::at("2026-01-01T00:00:00Z")).unwrap();
    opened.query("insert into meta.schema_version values (99, now()::timestamp)", &[]).unwrap();
    drop(opened);
    let refused = run(folder.path(), &["metrics"]);
    assert!(!refused.is_well);
    assert!(refused.err.contains("schema version 99") && refused.err.contains("Upgrade Cairn"), "{}", refused.err);
}

#[test]
fn a_file_that_is_no_store_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    fs::write(&file, "my notes, which are dear to me").unwrap();
    let refused = run(folder.path(), &["metrics", "--store", "notes.txt"]);
    assert!(refused.err.contains("notes.txt is not a Cairn store"), "{}", refused.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), "my notes, which are dear to me");
    let other = folder.path().join("other.db");
    fs::write(&other, [&b"SQLite format 3\0"[..], &[0; 4_080]].concat()).unwrap();
    let refused = run(folder.path(), &["import", "deployment", "notes.txt", "--store", "other.db"]);
    assert!(refused.err.contains("other.db is not a Cairn store (it is a SQLite database)"), "{}", refused.err);
    assert!(!folder.path().join("other.db.key").exists(), "what is refused gets no key beside it");
    let nowhere = run(folder.path(), &["metrics", "--store", "no/such/folder/x.duckdb"]);
    assert!(nowhere.err.contains("the folder no/such/folder does not exist"), "{}", nowhere.err);
    let directory = run(folder.path(), &["metrics", "--store", "."]);
    assert!(directory.err.contains("it is a folder"), "{}", directory.err);
}

#[test]
fn a_store_in_use_says_so_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = cairn(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    let refused = run(folder.path(), &["metrics", "change_lead_time"]);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(refused.err.contains("in use by another process"), "{}", refused.err);
    assert!(refused.err.contains("GET /v1/metrics/change_lead_time"), "{}", refused.err);
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_line_and_the_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let error = |text: &str| {
        fs::write(folder.path().join("cairn.toml"), text).unwrap();
        run(folder.path(), &["metrics"]).err
    };
    let unknown = error("[reporting]\ntime_zon = \"UTC\"\n");
    assert!(unknown.contains("line 2") && unknown.contains("did you mean `time_zone`?"), "{unknown}");
    let zone = error("[reporting]\ntime_zone = \"Europe/Berln\"\n");
    assert!(zone.contains("did you mean `Europe/Berlin`?"), "{zone}");
    let span = error("[delivery]\nfailure_window = \"soon\"\n");
    assert!(span.contains("such as 24h"), "{span}");
    let memory = error("memory_limit = \"2 gigs\"\n");
    assert!(memory.contains("memory_limit: `2 gigs`") && memory.contains("such as 2GB"), "{memory}");
    for good in ["1GB", "1.5 GiB", "512mb"] {
        assert_eq!(error(&format!("memory_limit = \"{good}\"\n")), "", "{good}");
    }
    let secret = error("[people]\nsecret = \"hunter2hunter2hunter2\"\n");
    assert!(secret.contains("in clear"), "{secret}");
    let variable = error("[people]\nsecret = \"${NO_SUCH_VARIABLE_HERE}\"\n");
    assert!(variable.contains("NO_SUCH_VARIABLE_HERE"), "{variable}");
}

#[test]
fn other_rules_make_the_marts_anew() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("d.ndjson"),
        r#"{"id":"1","service":"a","environment":"live","finished_at":"2025-03-03T00:00:00Z","result":"success"}"#,
    )
    .unwrap();
    assert!(run(folder.path(), &["import", "deployment", "d.ndjson"]).is_well);
    let n = || {
        let found = run(
            folder.path(),
            &["metrics", "deployment_frequency", "--from", "2025-03-03", "--to", "2025-03-10", "--format", "json"],
        );
        serde_json::from_str::<serde_json::Value>(&found.out).unwrap()["rows"][0]["n"].as_u64().unwrap()
    };
    assert_eq!(n(), 0);
    fs::write(folder.path().join("cairn.toml"), "[delivery]\nproduction_environments = [\"live\"]\n").unwrap();
    assert_eq!(n(), 1);
}

#[test]
fn what_would_be_gone_or_is_no_file_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("i.csv"), "id,opened_at\n1,2025-12-30T10:00:00Z\n").unwrap();
    for (store, said) in [
        (":memory:", "would be gone when the command ends"),
        (":memory:named", "would be gone when the command ends"),
        (" ", "the path is empty"),
        ("md:foo", "`md:foo` is no file of this machine"),
        ("sqlite:foo.db", "no file of this machine"),
        ("s3://bucket/cairn.duckdb", "no file of this machine"),
    ] {
        for command in ["import incident i.csv", "metrics", "demo --no-serve", "token list"] {
            let words: Vec<&str> = command.split(' ').chain(["--store", store]).collect();
            let refused = run(folder.path(), &words);
            assert!(!refused.is_well && refused.err.contains(said), "{store}: {}", refused.err);
            assert!(refused.err.contains("such as cairn.duckdb"), "{}", refused.err);
        }
    }
    let configured = |text: &str| {
        fs::write(folder.path().join("cairn.toml"), text).unwrap();
        let mut command = cairn(folder.path(), &["import", "incident", "i.csv"]);
        super::said(command.env("EMPTY_ONE", "").output().unwrap()).err
    };
    assert!(configured("store = \"\"\n").contains("store = \"\": the path is empty"));
    assert!(configured("store = \"${EMPTY_ONE}\"\n").contains("store = \"${EMPTY_ONE}\": the path is empty"));
    // Nothing was made beside the two files of this test.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    fs::remove_file(folder.path().join("cairn.toml")).unwrap();
    assert!(run(folder.path(), &["import", "incident", "i.csv", "--store", "./with:colon"]).is_well);
}

#[test]
fn an_empty_file_is_no_store_to_read_from_and_one_to_write_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.duckdb"), "").unwrap();
    let none = run(folder.path(), &["metrics", "time_to_restore"]);
    assert!(none.err.contains("there is no store at cairn.duckdb"), "{}", none.err);
    fs::write(folder.path().join("i.csv"), "id,opened_at\n1,2025-12-30T10:00:00Z\n").unwrap();
    let imported = run(folder.path(), &["import", "incident", "i.csv"]);
    assert!(imported.is_well, "{}", imported.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_first_start_that_fails_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("i.csv"), "id,opened_at\n1,2025-12-30T10:00:00Z\n").unwrap();
    // A file may grow to 4096 bytes (8192 where a block of `ulimit` is 1024), and DuckDB's heads are 12288.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" import incident i.csv";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_cairn")]).current_dir(folder.path());
    let refused = super::said(command.output().unwrap());
    assert!(!refused.is_well && refused.err.contains("cannot be opened"), "{}", refused.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(run(folder.path(), &["import", "incident", "i.csv"]).is_well);
}

#[test]
fn no_environment_of_production_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.toml"), "[delivery]\nproduction_environments = []\n").unwrap();
    let refused = run(folder.path(), &["metrics"]);
    assert!(!refused.is_well && refused.err.contains("delivery.production_environments is empty"), "{}", refused.err);
    assert!(refused.err.contains("take the key out"), "{}", refused.err);
}
