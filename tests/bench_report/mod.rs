//! The bench's organisation has the size it says, and its report names every limit. How long things take is not tested:
//! that is what the bench is for.

use std::path::Path;
use std::time::Duration;

use cairn::bench::{
    Figure, Organisation, QueryProcess, Report, Scale, Viewers, fill, measure, measure_dashboards, measure_pushes,
    measure_sources, truths,
};
use store::{Store, StoreOptions, Value};

use crate::support::{key, store_in};

fn tiny() -> Organisation {
    Organisation { scale: Scale { name: "tiny", n_deployments: 300, n_services: 12, n_teams: 3, allowance: 1.0 } }
}

#[test]
fn every_deployment_has_three_changes_and_twenty_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    fill(&store, &tiny(), &key()).unwrap();
    let count = |sql: &str| match store.query(sql, &[]).unwrap().rows[0][..] {
        [Value::Integer(n)] => n,
        ref other => panic!("{sql} gave {other:?}"),
    };
    assert_eq!(count("select count(*) from facts.deployment"), 300);
    assert_eq!(count("select count(*) from facts.change"), 900);
    assert_eq!(count("select count(*) from facts.commit"), 6_000);
    assert_eq!(count("select count(*) from facts.deployed_commit"), 6_000);
    assert_eq!(count("select count(distinct service) from facts.deployment"), 12);
    assert_eq!(count("select count(distinct team_key) from marts.deployment_outcome"), 3);

    // All are delivered, but those that a failed run left to a successor which is not there.
    let n_orphans =
        count("select count(*) from facts.deployed_commit anti join facts.deployment on id = deployment_id");
    assert_eq!(count("select count(*) from marts.commit_delivery"), 6_000 - n_orphans);
    assert!(n_orphans < 200, "{n_orphans} commits wait");
    let n_changes_waiting = count("select count(*) from marts.change_delivery where deployed_at is null");
    assert_eq!(n_changes_waiting, n_orphans / 20 * 3);
}

#[test]
fn two_runs_make_the_same_organisation() {
    let facts = |_| tiny().deliveries().map(|delivery| format!("{delivery:?}")).collect::<Vec<_>>();
    assert_eq!(facts(1), facts(2));
}

#[test]
fn the_report_puts_every_figure_that_has_a_limit_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let figures = measure(folder.path(), &tiny(), QueryProcess::This).unwrap();
    let report = Report { scale: "tiny".into(), n_cores: 1, figures };
    let mut limits: Vec<&str> =
        report.figures.iter().filter_map(|figure| figure.limit.as_ref()).map(|limit| limit.name.as_str()).collect();
    limits.sort_unstable();
    let known = [
        "catalogue together",
        "kept answers",
        "memory",
        "ndjson import",
        "one metric of the catalogue",
        "one team together",
        "parquet import",
        "queries together",
        "queries together",
        "rebuild",
        "refresh",
    ];
    assert_eq!(limits, known);
    let is_named = |name: String| report.figures.iter().any(|figure| figure.name == name && figure.measured.is_some());
    for metric in ["deployment_frequency", "change_lead_time", "undeployed_changes", "dora_score"] {
        assert!(is_named(format!("{metric}, all teams")) && is_named(format!("{metric}, by team")), "{metric}");
    }
    let is_missed = report.figures.iter().any(|figure| figure.is_kept() == Some(false));
    assert_eq!(report.table().contains("missed"), is_missed);
}

#[test]
fn the_report_says_how_fast_the_machine_is_beside_that_of_the_limits() {
    let scanned = |name: &str, scan_ms: f64| Figure { scan_ms: Some(scan_ms), ..Figure::new(name, "ms", Some(1.0)) };
    let figures = vec![
        scanned("a, all teams", 18.0),
        scanned("b, all teams", 30.0),
        scanned("b, by team", 500.0),
        Figure::new("slow", "ms", Some(300.0)).at_most("slowness", 200.0),
        Figure::new("few", "rows/s", Some(300.0)).at_least("number", 400.0),
        Figure::new("much", "MiB", Some(300.0)).at_most("size", 100.0),
    ];
    let report = |scale: &str, figures| Report { scale: scale.into(), n_cores: 2, figures };
    let remark = report("m", figures.clone()).remark().unwrap();
    assert!(remark.contains("48.0 ms here and 24.0 ms") && remark.contains("0.50 times"), "{remark}");
    // At half the limits' pace, 300 ms are as 150 of 200 and 300 rows a second as 600 of 400; memory is the same.
    let table = report("m", figures.clone()).table();
    let of = |name: &str| table.lines().find(|line| line.trim().starts_with(name)).unwrap().to_owned();
    assert!(of("slow").contains("1.50 missed") && of("slow").contains("0.75"), "{table}");
    assert!(of("few").contains("0.75 missed") && of("few").contains("1.50"), "{table}");
    assert!(of("much").contains("3.00 missed") && !of("much").contains("1.50"), "{table}");
    let elsewhere = report("s", figures);
    assert!(elsewhere.remark().is_none() && !elsewhere.table().contains("pace"), "of another scale nothing is known");
    assert_eq!(report("m", Vec::new()).remark(), None);
}

#[test]
fn dashboards_are_loaded_whole_by_one_viewer_and_by_several_beside_pushes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.duckdb");
    {
        let store = Store::open(&StoreOptions { path: path.clone(), ..StoreOptions::default() }, cairn::now()).unwrap();
        fill(&store, &tiny(), &key()).unwrap();
    }
    let viewers = Viewers { n: 4, every: Duration::from_secs(1), lasting: Duration::from_secs(6) };
    let binary = Path::new(env!("CARGO_BIN_EXE_cairn"));
    let figures = measure_dashboards(binary, folder.path(), &path, &tiny(), viewers, &mut |_| {}).unwrap();
    let limits: Vec<&str> =
        figures.iter().filter_map(|figure| figure.limit.as_ref()).map(|limit| limit.name.as_str()).collect();
    let of_a_board = ["dashboard, cold", "dashboard, warm", "dashboard, asked again"];
    let known = [&of_a_board[..], &of_a_board, &["page", "page, asked again", "reload in company"]].concat();
    assert_eq!(limits, known);
    assert!(figures.iter().all(|figure| figure.measured.is_some()), "{figures:?}");
    // Neither the token by which it was read stays, nor did the pushes get lost: on a busy machine they may still wait.
    let store = Store::open(&StoreOptions { path, ..StoreOptions::default() }, cairn::now()).unwrap();
    assert!(store.tokens().unwrap().is_empty());
    let pushed = "select
        exists (from facts.deployment where source = 'replay') or exists (from meta.inbox where source = 'replay')";
    assert_eq!(store.query(pushed, &[]).unwrap().rows, [[Value::Boolean(true)]]);
}

#[test]
fn what_a_source_says_arrives_whole_and_in_few_requests() {
    let folder = tempfile::tempdir().unwrap();
    let figures = measure_sources(Path::new(env!("CARGO_BIN_EXE_cairn")), folder.path(), 1_234).unwrap();
    let figure = |name: &str| figures.iter().find(|figure| figure.name == name).unwrap().measured;
    assert!(figure("reading 1\u{202f}234 changes").is_some());
    // Thirteen pages of changes with commits, and one page each of deployments and workflow files.
    assert_eq!((figure("requests per change").unwrap() * 1_234.0).round(), 15.0);
}

#[test]
fn no_push_that_was_accepted_is_lost_when_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let figures = measure_pushes(Path::new(env!("CARGO_BIN_EXE_cairn")), folder.path(), 1_500).unwrap();
    let figure = |name: &str| figures.iter().find(|figure| figure.name == name).unwrap().measured;
    assert_eq!(figure("pushes accepted and lost by two kills"), Some(0.0));
    assert!(figure("pushes, half answered within").is_some());
}

#[test]
fn the_planted_effect_lies_within_the_interval_of_nearly_all_of_some_organisations() {
    // Six organisations of ten teams. Of six intervals of 95 % five or six hold the truth in 97 of 100 cases; `cairn bench
    // --only truth` looks at 200 organisations of the usual size.
    let folder = tempfile::tempdir().unwrap();
    let found = truths(folder.path(), 1..=6, 0.5, |_| {}).unwrap();
    assert_eq!(found.n, 6);
    assert!(found.held >= 5, "{found:?}");
    assert!(found.claimed >= 3 && found.claimed_none <= 1, "{found:?}");
}
