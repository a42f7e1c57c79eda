//! `cairn metrics`

use std::fs;

use super::run;

fn folder_with_deployments() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rows = "id,service,environment,finished_at,result\n1,shop,production,2025-03-03T10:00:00Z,success\n2,cart,production,2025-03-04T10:00:00Z,success\n";
    fs::write(folder.path().join("d.csv"), rows).unwrap();
    assert!(run(folder.path(), &["import", "deployment", "d.csv"]).is_well);
    folder
}

#[test]
fn json_has_the_agreed_form() {
    let folder = folder_with_deployments();
    let found = run(
        folder.path(),
        &[
            "metrics",
            "deployment_frequency",
            "--from",
            "2025-03-03",
            "--to",
            "2025-03-10",
            "--by",
            "service",
            "--format",
            "json",
        ],
    );
    let answer: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(answer["metric"], "deployment_frequency");
    assert_eq!(answer["unit"], "deployments per day");
    assert_eq!(answer["definition_version"], 2);
    assert_eq!(answer["window"]["from"], "2025-03-03T00:00:00Z");
    assert_eq!(answer["grain"], "week");
    assert_eq!(answer["by"], serde_json::json!(["service"]));
    let row = &answer["rows"][0];
    assert_eq!((&row["time"], &row["service"], &row["n"]), (&"2025-03-03T00:00:00Z".into(), &"cart".into(), &1.into()));
    // The last that was told of is of the Tuesday: with the three days for which a source may be silent, five are known.
    assert_eq!((row["value"].as_f64().unwrap(), &row["is_complete"]), (1.0 / 5.0, &false.into()));
    for key in ["low", "high", "coverage"] {
        assert!(row.get(key).is_some(), "{key}");
    }
    assert_eq!(answer["coverage"], serde_json::json!({"usable": 2, "relevant": 2, "reasons": {}}));
    assert_eq!(answer["freshness"][0]["source"], "import");
}

#[test]
fn csv_has_the_same_numbers_and_a_table_is_for_people() {
    let folder = folder_with_deployments();
    let arguments =
        ["metrics", "deployment_frequency", "--from", "2025-03-03", "--to", "2025-03-10", "--where", "service=shop"];
    let csv = run(folder.path(), &[&arguments[..], &["--format", "csv"]].concat());
    let lines: Vec<&str> = csv.out.lines().collect();
    let columns = "time,value,n,low,high,coverage,is_complete,is_provisional,expected_low,expected_high,verdict,";
    assert_eq!(lines[0], format!("{columns}deployment_days_per_week"));
    assert!(lines[1].starts_with("2025-03-03T00:00:00Z,0.2,1,"), "{}", lines[1]);
    let table = run(folder.path(), &arguments);
    // One in five days; by Poisson 0.0253 to 5.572.
    assert!(table.out.contains("1.4 per week") && table.out.contains("< 0.1 to 7.8 per week"), "{}", table.out);
}

#[test]
fn a_week_says_what_was_to_be_expected_of_it() {
    let folder = tempfile::tempdir().unwrap();
    // On twelve Mondays from 6 January 2025 eleven incidents of one hour and of two by turns, on the thirteenth of 13 hours;
    // a second apart, the sixth, which is the median, of just so much.
    let ends = ["11:00", "12:00"].repeat(6).into_iter().chain(["23:00"]);
    let first = chrono::NaiveDate::from_ymd_opt(2025, 1, 6).unwrap();
    let rows = (0..).map(|week| first + chrono::Days::new(7 * week)).zip(ends);
    let rows =
        rows.flat_map(|(day, end)| (1..=11).map(move |n| format!("{day}-{n},{day}T10:00:06Z,{day}T{end}:{n:02}Z\n")));
    fs::write(folder.path().join("i.csv"), format!("id,opened_at,resolved_at\n{}", rows.collect::<String>())).unwrap();
    assert!(run(folder.path(), &["import", "incident", "i.csv"]).is_well);
    let asked = ["metrics", "time_to_restore", "--from", "2025-03-31", "--to", "2025-04-07"];
    let table = run(folder.path(), &asked).out;
    assert!(table.contains("expected") && table.contains("verdict") && !table.contains("trend"), "{table}");
    // The root of 2 hours divided and multiplied by 2^3.145: 0.15987 h and 12.51 h.
    assert!(table.contains("9 min 36 s to 12 h 31 min") && table.contains("▲ worse"), "{table}");
    let csv = run(folder.path(), &[&asked[..], &["--format", "csv"]].concat()).out;
    let values = csv.lines().nth(1).unwrap().split(',').collect::<Vec<_>>();
    let hours = |text: &str| (text.parse::<f64>().unwrap() / 36.0).round() / 100.0;
    assert_eq!((hours(values[8]), hours(values[9]), values[10]), (0.16, 12.51, "worse"));
    let by_day = run(folder.path(), &[&asked[..], &["--grain", "day"]].concat()).out;
    assert!(by_day.contains("trend") && !by_day.contains("verdict"), "{by_day}");
}

#[test]
fn the_list_names_every_metric_with_title_unit_and_definition() {
    let folder = tempfile::tempdir().unwrap();
    let found = run(folder.path(), &["metrics", "--format", "csv"]);
    for (file, _) in sql::METRICS {
        let name = file.trim_end_matches(".sql");
        assert!(found.out.lines().any(|line| line.starts_with(&format!("{name},"))), "{name} is not listed");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder_with_deployments();
    let mut child = super::cairn(folder.path(), &["metrics"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let found = child.wait_with_output().unwrap();
    assert!(!String::from_utf8(found.stderr).unwrap().contains("panicked"));
}

#[test]
fn reading_makes_no_store_and_says_what_does() {
    let folder = tempfile::tempdir().unwrap();
    // Not configured, it would say that first.
    fs::write(folder.path().join("cairn.toml"), run(folder.path(), &["value", "--example"]).out).unwrap();
    let commands: [&[&str]; 7] = [
        &["metrics", "deployment_frequency"],
        &["doctor", "data"],
        &["compare", "change_lead_time", "--improvement", "faster"],
        &["value"],
        &["rebuild"],
        &["inbox", "list"],
        &["token", "list"],
    ];
    for command in commands {
        let found = run(folder.path(), command);
        assert!(!found.is_well, "{command:?}");
        assert!(found.err.contains("there is no store at") && found.err.contains("cairn import"), "{}", found.err);
    }
    assert!(run(folder.path(), &["metrics"]).is_well, "the list is of use before there are facts");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn csv_rows_are_all_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = String::from("id,service,environment,finished_at,result\n");
    (0..250)
        .for_each(|id| rows += &format!("{id},shop,production,2025-03-03T10:{:02}:{:02}Z,success\n", id / 60, id % 60));
    fs::write(folder.path().join("d.csv"), rows).unwrap();
    assert!(run(folder.path(), &["import", "deployment", "d.csv"]).is_well);
    let window =
        ["metrics", "deployment_frequency", "--from", "2025-03-03", "--to", "2025-03-10", "--rows", "--format"];
    // A line of heads and one for each deployment.
    let csv = run(folder.path(), &[&window[..], &["csv"]].concat());
    assert_eq!(csv.out.lines().count(), 251);
    assert!(run(folder.path(), &[&window[..], &["table"]].concat()).err.contains("--format csv gives all"));
}

#[test]
fn the_catalogue_names_the_usual_dimensions_too() {
    let folder = folder_with_deployments();
    let listed = run(folder.path(), &["metrics"]).out;
    let frequency = listed.split("deployment_frequency:").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(frequency.contains("By team, service"), "{frequency}");
}

#[test]
fn a_question_without_a_metric_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["metrics", "--by", "team", "--grain", "nonsense"]);
    assert!(!refused.is_well && refused.err.contains("cairn metrics NAME --grain --by"), "{}", refused.err);
    assert!(run(folder.path(), &["metrics", "--format", "csv"]).is_well, "a list has a form");
}
