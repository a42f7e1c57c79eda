//! `cairn demo`: the figures that were planted are found.

use super::run;

fn answer(folder: &std::path::Path, arguments: &[&str]) -> serde_json::Value {
    let found = run(folder, &[&["metrics"], arguments, &["--store", "cairn-demo.duckdb", "--format", "json"]].concat());
    assert!(found.is_well, "{}", found.err);
    serde_json::from_str(&found.out).unwrap()
}

#[test]
fn the_engine_finds_the_planted_figures_within_their_intervals() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["demo", "--no-serve", "--scale", "0.3", "--end", "2026-03-02", "--seed", "5"]);
    assert!(made.is_well, "{}", made.err);
    assert!(
        made.out.contains("Deployment frequency") && made.out.contains("DORA") | made.out.contains("Change fail rate"),
        "{}",
        made.out
    );

    let options = cairn::demo::Options {
        seed: 5,
        scale: 0.3,
        end: crate::support::at("2026-03-02T00:00:00Z"),
        time_zone: chrono_tz::UTC,
    };
    let truth = cairn::demo::generate(&options).truth;
    // The planted probability of failure of each team before progressive delivery reached it, against the interval that
    // the engine gives. Nineteen of twenty intervals of 95 % hold the truth; of these teams most must.
    let (mut n_held, mut n_judged) = (0, 0);
    for team in &truth.teams {
        let end =
            team.change_fail_probability.changed_at.map_or("2026-03-02T00:00:00Z".to_owned(), |time| time.to_rfc3339());
        let found = answer(
            folder.path(),
            &[
                "change_fail_rate",
                "--from",
                "2024-09-02",
                "--to",
                &end,
                "--grain",
                "all",
                "--where",
                &format!("team={}", team.name),
            ],
        );
        let row = &found["rows"][0];
        if let (Some(low), Some(high)) = (row["low"].as_f64(), row["high"].as_f64()) {
            n_judged += 1;
            n_held +=
                i32::from(low <= team.change_fail_probability.before && team.change_fail_probability.before <= high);
        }
    }
    assert!(n_judged >= 3, "{n_judged} teams could be judged");
    assert!(n_held * 4 >= n_judged * 3, "{n_held} of {n_judged} intervals hold the planted probability");
}

#[test]
fn a_demo_does_not_touch_a_store_with_other_facts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("i.ndjson"), r#"{"id":"1","opened_at":"2025-01-01T00:00:00Z"}"#).unwrap();
    assert!(run(folder.path(), &["import", "incident", "i.ndjson"]).is_well);
    let refused = run(folder.path(), &["demo", "--no-serve", "--store", "cairn.duckdb"]);
    assert!(!refused.is_well && refused.err.contains("was left alone"), "{}", refused.err);
}

#[test]
fn a_demo_for_other_machines_is_refused_before_it_is_built_with_the_way_to_serve_one() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["demo", "--listen", "0.0.0.0:0"]);
    assert!(!refused.is_well && !refused.out.contains("look further"), "{}", refused.out);
    for command in [
        "cairn demo --no-serve --store cairn-demo.duckdb",
        "cairn token create --name reader --scope read --store cairn-demo.duckdb",
        "cairn serve --listen 0.0.0.0:0 --store cairn-demo.duckdb",
    ] {
        assert!(refused.err.contains(command), "{}", refused.err);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_demo_does_not_touch_a_store_with_tokens() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["token", "create", "--name", "ci", "--store", "t.duckdb"]).is_well);
    let refused = run(folder.path(), &["demo", "--no-serve", "--scale", "0.05", "--store", "t.duckdb"]);
    assert!(!refused.is_well && refused.err.contains("holds tokens"), "{}", refused.err);
    assert!(run(folder.path(), &["token", "list", "--store", "t.duckdb"]).out.contains("ci"));
}
