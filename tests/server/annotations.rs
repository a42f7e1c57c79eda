//! `/v1/annotations`: what happened, as charts mark it.

use serde_json::Value;

use super::{Server, import, json};

fn organisation() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        "service",
        r#"{"name":"shop","team":"payments","valid_from":"2025-01-01T00:00:00Z"}
{"name":"till","team":"checkout","valid_from":"2025-01-01T00:00:00Z"}"#,
    );
    import(
        folder.path(),
        "deployment",
        r#"{"id":"1","service":"shop","environment":"production","finished_at":"2025-03-03T10:00:00Z","result":"success","url":"https://ci.example/1"}
{"id":"2","service":"till","environment":"production","finished_at":"2025-03-04T10:00:00Z","result":"success"}
{"id":"3","service":"shop","environment":"staging","finished_at":"2025-03-04T11:00:00Z","result":"success"}
{"id":"4","service":"till","environment":"production","finished_at":"2025-03-04T12:00:00Z","result":"failure"}
{"id":"5","service":"till","environment":"production","finished_at":"2025-03-06T10:00:00Z","result":"success","kind":"rollback"}"#,
    );
    import(
        folder.path(),
        "incident",
        r#"{"id":"90","service":"shop","opened_at":"2025-03-03T11:00:00Z","resolved_at":"2025-03-03T12:00:00Z","severity":"high","title":"Checkout is slow","caused_by_deployment":"1"}
{"id":"91","opened_at":"2025-03-05T11:00:00Z"}"#,
    );
    import(
        folder.path(),
        "improvement",
        r#"{"id":"70","name":"Golden path","at":"2025-03-02T00:00:00Z"}
{"id":"71","name":"Golden path","at":"2025-03-05T00:00:00Z","team":"payments"}
{"id":"72","name":"Golden path","at":"2025-03-06T00:00:00Z","service":"till"}"#,
    );
    folder
}

const WEEK: &str = "/v1/annotations?from=2025-03-02&to=2025-03-10";

fn titles(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[test]
fn deployments_to_production_incidents_and_improvements_are_told_latest_first() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let rows = json(&server.get(WEEK).1);
    assert_eq!(
        titles(&rows),
        [
            "till rolled back",
            "Golden path",
            "incident 91",
            "Golden path",
            "till deployed",
            "Checkout is slow",
            "shop deployed",
            "Golden path",
        ]
    );
    let shop = &rows[6];
    assert_eq!(shop["time"], "2025-03-03T10:00:00Z");
    assert_eq!(shop["timeEnd"], Value::Null);
    assert_eq!(shop["tags"], "deployment,failed,production,payments,shop");
    assert_eq!(shop["text"], "deployment 1, which failed (incident)");
    assert_eq!(shop["url"], "https://ci.example/1");
    let slow = &rows[5];
    assert_eq!(
        (&slow["timeEnd"], &slow["tags"]),
        (&"2025-03-03T12:00:00Z".into(), &"incident,high,payments,shop".into())
    );
    assert_eq!(rows[1]["text"], "reached till");
}

#[test]
fn filters_keep_what_is_everybodys() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let ask = |filter: &str| json(&server.get(&format!("{WEEK}&{filter}")).1);
    assert_eq!(titles(&ask("team=payments")), ["Golden path", "Checkout is slow", "shop deployed", "Golden path"]);
    assert_eq!(titles(&ask("service=till&kind=deployment")), ["till rolled back", "till deployed"]);
    // What reached a service of theirs reached the team.
    assert_eq!(titles(&ask("team=checkout&kind=improvement")), ["Golden path", "Golden path"]);
    assert_eq!(ask("team=*&service=*&environment=production"), ask("kind=deployment,incident,improvement"));
    assert_eq!(ask("kind=incident")[0]["tags"], "incident");
}

#[test]
fn an_incident_that_lasts_into_the_window_is_told() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let rows = json(&server.get("/v1/annotations?from=2025-03-03T11:30:00Z&to=2025-03-04&kind=incident").1);
    assert_eq!(titles(&rows), ["Checkout is slow"]);
}

#[test]
fn pages_joined_are_the_whole_and_a_cut_list_says_where_it_goes_on() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let whole = json(&server.get(WEEK).1);
    let (mut joined, mut path) = (Vec::new(), format!("{WEEK}&limit=3"));
    let mut n_pages = 0;
    loop {
        let answer = server.get_with(&path, "accept", "*/*");
        let page = json(answer.body());
        joined.extend(page["data"].as_array().unwrap().clone());
        n_pages += 1;
        let Some(link) = answer.headers().get("link") else {
            assert_eq!(page["next"], Value::Null);
            break;
        };
        assert!(link.to_str().unwrap().contains(page["next"].as_str().unwrap()));
        path = link.to_str().unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    }
    assert_eq!((n_pages, Value::Array(joined)), (3, whole));
}

#[test]
fn csv_has_the_same_columns() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let csv = server.get_with(&format!("{WEEK}&kind=incident"), "accept", "text/csv").into_body();
    assert!(csv.starts_with("time,timeEnd,title,text,tags,kind,team,service,environment,url\n"), "{csv}");
    assert!(csv.contains("2025-03-03T11:00:00Z,2025-03-03T12:00:00Z,Checkout is slow,"), "{csv}");
}

#[test]
fn mistakes_name_the_nearest() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let refusal = |rest: &str| server.refusal(&format!("/v1/annotations?{rest}"), 400, "INVALID_QUESTION");
    assert!(refusal("kind=deployments").contains("did you mean `deployment`?"));
    assert!(refusal("team=paymens").contains("did you mean `payments`?"));
    assert!(refusal("fron=2025").contains("did you mean `from`?"));
    assert!(refusal("from=2025-03-10&to=2025-03-03").contains("exchange from and to"));
    assert!(refusal("from=2900-01-01&to=2900-02-01").contains("yet to come"));
    assert!(server.refusal("/v1/annotations?limit=5001", 400, "INVALID_PAGE").contains("5000"));
}
