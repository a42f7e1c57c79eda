//! `/v1/metrics/{name}` as flat rows and CSV.

use serde_json::Value;

use super::{Server, import, json, run};

/// Two teams with a service each; in the week of 3 March `shop` was deployed on two days and `till` on one, in the week
/// after only `shop`.
fn organisation() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        "service",
        r#"{"name":"shop","team":"payments","valid_from":"2025-01-01T00:00:00Z"}
{"name":"till","team":"check, out","valid_from":"2025-01-01T00:00:00Z"}"#,
    );
    let deployment = |id: u32, service: &str, day: &str| {
        format!(
            r#"{{"id":"{id}","service":"{service}","environment":"production","finished_at":"{day}T10:00:00Z","result":"success"}}"#
        )
    };
    let rows = [
        deployment(1, "shop", "2025-03-03"),
        deployment(2, "shop", "2025-03-05"),
        deployment(3, "till", "2025-03-05"),
        deployment(4, "shop", "2025-03-12"),
        deployment(5, "till", "2025-03-20"),
    ];
    import(folder.path(), "deployment", &rows.join("\n"));
    folder
}

const TWO_WEEKS: &str = "/v1/metrics/deployment_frequency?from=2025-03-03&to=2025-03-17&by=team";

#[test]
fn rows_are_a_flat_array_with_the_same_figures_as_the_whole_answer() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let rows = json(&server.get(&format!("{TWO_WEEKS}&format=rows")).1);
    // Two weeks, two teams: 2 and 1 deployments in seven days, then 1 and none.
    let told: Vec<(&str, &str, u64)> = (rows.as_array().unwrap().iter())
        .map(|row| (row["time"].as_str().unwrap(), row["team"].as_str().unwrap(), row["n"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("2025-03-03T00:00:00Z", "check, out", 1),
            ("2025-03-03T00:00:00Z", "payments", 2),
            ("2025-03-10T00:00:00Z", "check, out", 0),
            ("2025-03-10T00:00:00Z", "payments", 1),
        ]
    );
    assert!((rows[1]["value"].as_f64().unwrap() - 2.0 / 7.0).abs() < 1e-12);
    for cell in rows.as_array().unwrap().iter().flat_map(|row| row.as_object().unwrap().values()) {
        assert!(!cell.is_object() && !cell.is_array(), "{cell} is not flat");
    }
    let whole = json(&server.get(TWO_WEEKS).1);
    assert_eq!(whole["rows"], rows);
}

#[test]
fn pages_joined_are_the_whole_and_keep_the_window_of_the_first() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let whole = json(&server.get(&format!("{TWO_WEEKS}&format=rows")).1);
    let (mut joined, mut n_pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        // After the first page the window is the cursor's, whatever the address says.
        let window = if cursor.is_empty() { "from=2025-03-03&to=2025-03-17" } else { "from=2025-01-01" };
        let path = format!("/v1/metrics/deployment_frequency?{window}&by=team&format=rows&limit=3{cursor}");
        let page = json(&server.get(&path).1);
        joined.extend(page["data"].as_array().unwrap().clone());
        n_pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((n_pages, Value::Array(joined)), (2, whole));
}

#[test]
fn csv_is_given_to_who_asks_for_it_and_is_that_of_the_command_line() {
    let folder = organisation();
    let by_command = run(
        folder.path(),
        &[
            "metrics",
            "deployment_frequency",
            "--from",
            "2025-03-03",
            "--to",
            "2025-03-17",
            "--by",
            "team",
            "--format",
            "csv",
        ],
    );
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let by_accept = server.get_with(TWO_WEEKS, "accept", "text/csv");
    assert_eq!(by_accept.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(by_accept.body(), &by_command.out);
    assert_eq!(server.get(&format!("{TWO_WEEKS}&format=csv")).1, by_command.out);
    let either = server.get_with(TWO_WEEKS, "accept", "application/json, text/csv;q=0.5");
    assert_eq!(either.headers()["content-type"], "application/json");
    let mut lines = by_command.out.lines();
    assert!(lines.next().unwrap().starts_with("time,team,value,n,low,high,coverage,is_complete,is_provisional,"));
    assert!(lines.next().unwrap().starts_with("2025-03-03T00:00:00Z,\"check, out\","), "{}", by_command.out);
    // What is asked for in the address stands above what the client accepts.
    let rows = server.get_with(&format!("{TWO_WEEKS}&format=rows"), "accept", "text/csv");
    assert_eq!(rows.headers()["content-type"], "application/json");
}

#[test]
fn stages_are_columns_of_their_own() {
    let folder = organisation();
    import(
        folder.path(),
        "change",
        r#"{"id":"7","repository":"acme/shop","first_commit_at":"2025-03-01T10:00:00Z","opened_at":"2025-03-01T12:00:00Z","merged_at":"2025-03-02T10:00:00Z"}"#,
    );
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let rows = json(&server.get("/v1/metrics/change_lead_time?from=2025-03-03&to=2025-03-10&format=rows").1);
    assert!(rows[0].get("stages").is_none() && rows[0].get("coding_value").is_some(), "{rows}");
}

#[test]
fn a_star_stands_for_all_names_and_incomplete_buckets_can_be_left_out() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let all = server.get(&format!("{TWO_WEEKS}&format=rows")).1;
    assert_eq!(server.get(&format!("{TWO_WEEKS}&format=rows&where=team=*;service=*")).1, all);
    let ask = |buckets: &str| {
        let path = format!(
            "/v1/metrics/deployment_frequency?from=2025-03-04T12:00:00Z&to=2025-03-17&format=rows&buckets={buckets}"
        );
        json(&server.get(&path).1).as_array().unwrap().len()
    };
    assert_eq!((ask("all"), ask("complete")), (2, 1));
}

#[test]
fn what_cannot_be_answered_says_what_would_do() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let refusal = |path: &str, status, code| server.refusal(path, status, code);
    let question = |rest: &str| {
        let path = format!("/v1/metrics/deployment_frequency?format=rows&{rest}");
        server.refusal(&path, 400, "INVALID_QUESTION")
    };
    let format = refusal("/v1/metrics/deployment_frequency?format=row", 400, "INVALID_QUESTION");
    assert_eq!(format, "there is no format `row` (did you mean `rows`?); the formats are json, rows, csv");
    // A panel of a metric that was renamed.
    let gone = refusal("/v1/metrics/deploy_frequency?format=rows&from=2025", 404, "UNKNOWN_METRIC");
    assert!(gone.contains("did you mean `deployment_frequency`?"), "{gone}");
    let reversed = question("from=2025-03-10&to=2025-03-03");
    assert!(reversed.contains("exchange from and to"), "{reversed}");
    let future = question("from=2900-01-01&to=2900-02-01");
    assert!(future.contains("yet to come"), "{future}");
    let team = question("where=team=payment");
    assert!(team.contains("did you mean `payments`?"), "{team}");
    let paging = "/v1/metrics/deployment_frequency?format=rows";
    assert!(refusal(&format!("{paging}&limit=0"), 400, "INVALID_PAGE").contains("between 1 and 10000"));
    assert!(refusal(&format!("{paging}&cursor=abc"), 400, "INVALID_CURSOR").contains("leave `cursor` out"));
    // A cursor goes on with the question that it is of.
    let (_, first) = server.get(&format!("{paging}&from=2025-03-03&to=2025-03-17&by=team&limit=1"));
    let page: serde_json::Value = serde_json::from_str(&first).unwrap();
    let cursor = page["next"].as_str().unwrap();
    for other in ["", "&by=service", "&by=team&grain=day", "&by=team&where=team=payments"] {
        let other = refusal(&format!("{paging}{other}&cursor={cursor}"), 400, "INVALID_CURSOR");
        assert!(other.contains("another question"), "{other}");
    }
    let csv = refusal("/v1/metrics/deployment_frequency?format=csv&limit=5", 400, "INVALID_PAGE");
    assert!(csv.contains("format=rows"), "{csv}");
}

#[test]
fn thirty_years_by_day_are_answered_within_the_limit_and_beyond_it_refused_with_advice() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let path = "/v1/metrics/deployment_frequency?from=1995-01-01&to=2025-01-01&grain=day&format=rows";
    let (status, days) = server.get(path);
    // 30 years of 365 days, and the leap days of 1996 to 2024.
    assert_eq!((status, json(&days).as_array().unwrap().len()), (200, 30 * 365 + 8));
    let path = "/v1/metrics/deployment_frequency?from=1925-01-01&to=2025-01-01&grain=day&format=rows";
    let refused = server.refusal(path, 400, "INVALID_QUESTION");
    assert!(refused.contains("choose a coarser grain or a shorter window"), "{refused}");
}

#[test]
fn a_distribution_is_given_whole_as_rows_and_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    // Half an hour, and two hours.
    import(
        folder.path(),
        "incident",
        r#"{"id":"1","service":"shop","opened_at":"2025-03-03T10:00:00Z","resolved_at":"2025-03-03T10:30:00Z"}
{"id":"2","service":"shop","opened_at":"2025-03-04T10:00:00Z","resolved_at":"2025-03-04T12:00:00Z"}"#,
    );
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let path = "/v1/metrics/time_to_restore/distribution?from=2025-03-03&to=2025-03-10";
    let whole = json(&server.get(path).1);
    assert_eq!((&whole["n"], &whole["n_open"], &whole["unit"]), (&Value::from(2), &Value::from(0), &"seconds".into()));
    assert_eq!(whole["window"]["from"], "2025-03-03T00:00:00Z");
    let rows = json(&server.get(&format!("{path}&format=rows")).1);
    assert_eq!(rows, whole["bins"]);
    let (_, csv) = server.get(&format!("{path}&format=csv&where=service%3Dshop"));
    assert_eq!(csv, "above,up_to,n,n_open\n1200.0,2700.0,1,0\n2700.0,5400.0,0,0\n5400.0,10800.0,1,0\n");
    let (status, message) = server.get("/v1/metrics/change_fail_rate/distribution");
    assert_eq!(status, 400);
    assert!(message.contains("change_fail_rate is not made of durations"), "{message}");
    let (status, message) = server.get("/v1/metrics/time_to_restore/distribution?by=team");
    assert_eq!(status, 400);
    assert!(message.contains("there is no parameter `by`"), "{message}");
    assert_eq!(server.get("/v1/metrics/time_to_restor/distribution").0, 404);
}
