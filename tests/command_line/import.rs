//! `cairn import`

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::{cairn, run, said};

const HEADER: &str = "id,service,environment,finished_at,result\n";

#[test]
fn a_file_is_taken_and_taking_it_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deployments.csv");
    fs::write(&file, format!("{HEADER}1,shop,production,2025-03-03T10:00:00Z,success\n2,shop,production,2025-03-04T10:00:00+02:00,failure\n")).unwrap();
    let first = run(folder.path(), &["import", "deployment", "deployments.csv"]);
    assert_eq!(first.out, "deployment: 2 read, 2 new, 0 changed, 0 unchanged, 0 rejected\n", "{}", first.err);
    let again = run(folder.path(), &["import", "deployment", "deployments.csv"]);
    assert_eq!(again.out, "deployment: 2 read, 0 new, 0 changed, 2 unchanged, 0 rejected\n");
    fs::write(&file, format!("{HEADER}1,shop,production,2025-03-03T10:00:00Z,failure\n")).unwrap();
    let changed = run(folder.path(), &["import", "deployment", "deployments.csv"]);
    assert_eq!(changed.out, "deployment: 1 read, 0 new, 1 changed, 0 unchanged, 0 rejected\n");
}

#[test]
fn one_bad_row_keeps_the_file_out_and_is_told_with_its_place_value_and_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "1,shop,production,2025-03-03T10:00:00Z,success\n2,shop,production,2025-03-04 10:00:00,success\n3,shop,production,2025-03-05T10:00:00Z,sucess\n";
    fs::write(folder.path().join("deployments.csv"), format!("{HEADER}{rows}")).unwrap();
    let refused = run(folder.path(), &["import", "deployment", "deployments.csv"]);
    assert!(!refused.is_well);
    assert!(
        refused.err.contains("deployments.csv:3: column finished_at: `2025-03-04 10:00:00`: has no time zone"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("deployments.csv:4: column result: `sucess`"), "{}", refused.err);
    assert!(refused.err.contains("did you mean `success`?"), "{}", refused.err);
    assert!(refused.err.contains("nothing was written"), "{}", refused.err);

    // Nothing was: all three rows are new to a run that takes the good one.
    let accepted = run(folder.path(), &["import", "deployment", "deployments.csv", "--accept-valid"]);
    assert_eq!(accepted.out, "deployment: 3 read, 1 new, 0 changed, 0 unchanged, 2 rejected\n", "{}", accepted.err);
    let rejected = fs::read_to_string(folder.path().join("deployments.csv.rejected.ndjson")).unwrap();
    let lines: Vec<u64> = rejected
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4]);

    // With the zone said, the second row is a time: 10:00 in Berlin.
    let zoned = run(
        folder.path(),
        &["import", "deployment", "deployments.csv", "--accept-valid", "--time-zone", "Europe/Berlin"],
    );
    assert_eq!(zoned.out, "deployment: 3 read, 1 new, 0 changed, 1 unchanged, 1 rejected\n", "{}", zoned.err);
}

#[test]
fn two_rows_with_one_id_and_different_content_are_both_refused() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "1,shop,production,2025-03-03T10:00:00Z,success\n2,shop,production,2025-03-03T10:00:00Z,success\n1,shop,production,2025-03-03T10:00:00Z,failure\n2,shop,production,2025-03-03T10:00:00Z,success\n";
    fs::write(folder.path().join("d.csv"), format!("{HEADER}{rows}")).unwrap();
    let refused = run(folder.path(), &["import", "deployment", "d.csv"]);
    assert!(
        refused.err.contains("d.csv:2: `1` stands more than once with different content (lines 2, 4)"),
        "{}",
        refused.err
    );
    // The other repeat says the same twice, which is one row.
    let accepted = run(folder.path(), &["import", "deployment", "d.csv", "--accept-valid"]);
    assert!(
        accepted.out.starts_with("deployment: 4 read, 1 new, 0 changed, 1 unchanged, 2 rejected"),
        "{}",
        accepted.out
    );
}

/// Line and text of the rows that a file of refused ones holds.
fn refused(path: &std::path::Path) -> Vec<(u64, String)> {
    let text = fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        (row["line"].as_u64().unwrap(), row["row"].as_str().unwrap().to_owned())
    };
    text.lines().map(row).collect()
}

#[test]
fn rows_refused_for_another_with_their_id_are_kept_with_their_text_and_replace_no_earlier_ones() {
    let folder = tempfile::tempdir().unwrap();
    let text = |id: &str, result: &str| format!("{id},shop,production,2025-03-03T10:00:00Z,{result}");
    let rows = [text("1", "success"), text("2", "success"), text("3", "sucess"), text("1", "failure")];
    let csv = format!("{HEADER}{}\n", rows.join("\n"));
    let expected = [(4, rows[2].clone()), (2, rows[0].clone()), (5, rows[3].clone())];
    let mut child = cairn(folder.path(), &["import", "deployment", "-", "--accept-valid"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(csv.as_bytes()).unwrap();
    let found = said(child.wait_with_output().unwrap());
    assert!(found.out.starts_with("deployment: 4 read, 1 new, 0 changed, 0 unchanged, 3 rejected"), "{}", found.out);
    assert_eq!(refused(&folder.path().join("stdin.rejected.ndjson")), expected);
    // Of a file, twice: what the first run refused is still there.
    fs::write(folder.path().join("d.csv"), csv).unwrap();
    let first = folder.path().join("d.csv.rejected.ndjson");
    for told in ["d.csv.rejected.ndjson", "d.csv.rejected-2.ndjson"] {
        let again = run(folder.path(), &["import", "deployment", "d.csv", "--accept-valid"]);
        assert!(again.err.contains(&format!("are in {told}\n")), "{}", again.err);
        assert_eq!(refused(&folder.path().join(told)), expected);
        fs::write(&first, format!("{}{{\"line\":0,\"row\":\"mine\"}}\n", fs::read_to_string(&first).unwrap())).unwrap();
    }
    assert_eq!(refused(&first).len(), 5);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.csv"), format!("{HEADER}1,shop,production,2025-03-03T10:00:00Z,success\n"))
        .unwrap();
    for _ in 0..2 {
        let dry = run(folder.path(), &["import", "deployment", "d.csv", "--dry-run"]);
        assert_eq!(
            dry.out,
            "deployment: 1 read, 1 new, 0 changed, 0 unchanged, 0 rejected (dry run, nothing was written)\n"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "neither a store nor a key");
}

#[test]
fn standard_input_is_a_file_too_and_a_time_in_the_future_is_kept_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = cairn(folder.path(), &["import", "incident", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"id\":\"1\",\"opened_at\":\"2999-01-01T00:00:00Z\"}\n").unwrap();
    let found = said(child.wait_with_output().unwrap());
    assert!(found.out.contains("1 read, 1 new"), "{}{}", found.out, found.err);
    assert!(found.out.contains("1 of them lie in the future; they are kept"), "{}", found.out);
}

#[test]
fn an_unknown_kind_or_column_names_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.csv"), "id,service,enviroment,finished_at,result\n").unwrap();
    let kind = run(folder.path(), &["import", "deploymnt", "d.csv"]);
    assert!(kind.err.contains("did you mean `deployment`?"), "{}", kind.err);
    let column = run(folder.path(), &["import", "deployment", "d.csv"]);
    assert!(column.err.contains("`enviroment` (did you mean `environment`?)"), "{}", column.err);
}

#[test]
fn every_kind_can_be_imported_and_a_service_without_a_date_begins_now_once() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        (
            "deployment",
            r#"{"id":"1","service":"a","environment":"production","finished_at":"2025-01-01T00:00:00Z","result":"success","actor":"ada"}"#,
        ),
        (
            "change",
            r#"{"id":"1","repository":"r","merged_at":"2025-01-01T00:00:00Z","author":"ada@example.org","additions":3}"#,
        ),
        (
            "commit",
            r#"{"revision":"c","repository":"r","authored_at":"2025-01-01T00:00:00Z","committed_at":"2025-01-01T00:00:00Z"}"#,
        ),
        ("deployed_commit", r#"{"deployment_id":"1","revision":"c"}"#),
        ("incident", r#"{"id":"1","opened_at":"2025-01-01T00:00:00Z"}"#),
        (
            "ticket",
            r#"{"id":"1","queue":"q","opened_at":"2025-01-01T00:00:00Z","kind":"question","answered_by_docs":true}"#,
        ),
        ("service", r#"{"name":"a","team":"t"}"#),
        ("team", r#"{"name":"t","engineers":5}"#),
        ("engineer", r#"{"id":"ada@example.org","joined_at":"2025-01-01T00:00:00Z"}"#),
        (
            "provisioning",
            r#"{"id":"1","kind":"database","environment":"dev","team":"t","channel":"self_service","requested_at":"2025-01-01T00:00:00Z"}"#,
        ),
        ("policy_result", r#"{"policy":"p","service":"a","at":"2025-01-01T00:00:00Z","result":"pass"}"#),
        ("policy_block", r#"{"id":"1","policy":"p","at":"2025-01-01T00:00:00Z","layer":"ci"}"#),
        ("exemption", r#"{"id":"1","policy":"p","requested_at":"2025-01-01T00:00:00Z"}"#),
        (
            "quota",
            r#"{"team":"t","environment":"dev","resource":"cpu","at":"2025-01-01T00:00:00Z","quota_limit":8,"used":2.5}"#,
        ),
        (
            "availability",
            r#"{"component":"portal","from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z","up_seconds":86000}"#,
        ),
        ("improvement", r#"{"id":"1","name":"n","at":"2025-01-01T00:00:00Z"}"#),
        ("cost", r#"{"team":"t","resource":"cpu","day":"2025-01-01","amount":1.5,"currency":"USD"}"#),
        ("time_saving", r#"{"id":"1","capability":"c","at":"2025-01-01T00:00:00Z","hours":0.5}"#),
    ];
    assert_eq!(rows.len(), facts::Kind::ALL.len());
    for (kind, row) in rows {
        let file = format!("{kind}.ndjson");
        fs::write(folder.path().join(&file), row).unwrap();
        let first = run(folder.path(), &["import", kind, &file]);
        assert!(first.out.contains("1 read, 1 new"), "{kind}: {}{}", first.out, first.err);
        let again = run(folder.path(), &["import", kind, &file]);
        assert!(again.out.contains("1 read, 0 new, 0 changed, 1 unchanged"), "{kind}: {}{}", again.out, again.err);
    }
    // Nobody's name or address is in the database or its log.
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(".duckdb") {
            let bytes = fs::read(&path).unwrap();
            assert!(
                !bytes.windows(15).any(|window| window == b"ada@example.org"),
                "{} holds an address",
                path.display()
            );
        }
    }
}

#[test]
fn rows_of_two_files_that_contradict_each_other_are_told_with_both() {
    let folder = tempfile::tempdir().unwrap();
    let row = |result: &str| format!("{HEADER}1,shop,production,2025-03-03T10:00:00Z,{result}\n");
    fs::write(folder.path().join("a.csv"), row("success")).unwrap();
    fs::write(folder.path().join("b.csv"), row("failure")).unwrap();
    let refused = run(folder.path(), &["import", "deployment", "a.csv", "b.csv"]);
    let told = "`1` stands more than once with different content (a.csv line 2, b.csv line 2)";
    assert!(refused.err.contains(&format!("a.csv:2: {told}")), "{}", refused.err);
    assert!(refused.err.contains(&format!("b.csv:2: {told}")), "{}", refused.err);
}

#[test]
fn a_last_line_without_an_end_is_taken_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.csv"), format!("{HEADER}1,shop,production,2025-03-03T10:00:00Z,success")).unwrap();
    let taken = run(folder.path(), &["import", "deployment", "d.csv"]);
    assert!(taken.is_well && taken.out.contains("1 read, 1 new"), "{}{}", taken.out, taken.err);
    assert!(taken.out.contains("note: d.csv: its last line has no end"), "{}", taken.out);
}

#[test]
fn an_empty_file_is_what_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.ndjson"), "").unwrap();
    let none = run(folder.path(), &["import", "deployment", "d.ndjson"]);
    assert_eq!(none.out, "deployment: 0 read, 0 new, 0 changed, 0 unchanged, 0 rejected\n", "{}", none.err);
    fs::write(folder.path().join("d.csv"), "").unwrap();
    let headless = run(folder.path(), &["import", "deployment", "d.csv"]);
    assert!(headless.err.contains("its first line must name the columns"), "{}", headless.err);
}
