//! `/v1/variables/{name}`: the lists from which a dashboard's variables are chosen.

use super::{Server, import, json};

fn organisation() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    import(
        folder.path(),
        "service",
        r#"{"name":"shop","team":"payments","valid_from":"2025-01-01T00:00:00Z"}
{"name":"till","team":"payments","valid_from":"2025-01-01T00:00:00Z"}
{"name":"till","team":"checkout","valid_from":"2025-02-01T00:00:00Z"}
{"name":"old","team":"payments","valid_from":"2025-01-01T00:00:00Z","retired":true}"#,
    );
    import(
        folder.path(),
        "quota",
        r#"{"team":"payments","environment":"production","resource":"cpu","at":"2025-01-01T00:00:00Z","quota_limit":8,"used":2}"#,
    );
    folder
}

fn values(server: &Server, path: &str) -> Vec<String> {
    let (status, body) = server.get(path);
    assert_eq!(status, 200, "{body}");
    json(&body).as_array().unwrap().iter().map(|row| row["__value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn names_of_dimensions_are_listed_and_services_can_be_those_of_a_team() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    assert_eq!(values(&server, "/v1/variables/team"), ["checkout", "payments"]);
    // What is composed of other metrics has their names.
    assert_eq!(values(&server, "/v1/variables/team?metric=dora_score"), ["checkout", "payments"]);
    assert_eq!(values(&server, "/v1/variables/service"), ["old", "shop", "till"]);
    // `till` went to another team, `old` is retired.
    assert_eq!(values(&server, "/v1/variables/service?team=payments"), ["shop"]);
    assert_eq!(values(&server, "/v1/variables/service?team=*"), ["old", "shop", "till"]);
    assert_eq!(values(&server, "/v1/variables/resource?metric=quota_utilisation"), ["cpu"]);
    assert_eq!(values(&server, "/v1/variables/grain"), ["day", "week", "month", "quarter", "all"]);
    assert_eq!(values(&server, "/v1/variables/kind"), ["deployment", "incident", "improvement"]);
    assert_eq!(server.get("/v1/variables/team?format=csv").1, "__text,__value\ncheckout,checkout\npayments,payments\n");
}

#[test]
fn metrics_are_listed_by_their_titles() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let metrics = json(&server.get("/v1/variables/metric").1);
    let lead = metrics.as_array().unwrap().iter().find(|row| row["__value"] == "change_lead_time").unwrap();
    assert_eq!(lead["__text"], "Change lead time (from first commit)");
}

#[test]
fn what_is_no_list_is_told_with_the_nearest() {
    let folder = organisation();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let unknown = server.refusal("/v1/variables/teams", 404, "UNKNOWN_VARIABLE");
    assert!(unknown.contains("did you mean `team`?"), "{unknown}");
    let single = server.refusal("/v1/variables/resource", 400, "INVALID_QUESTION");
    assert!(single.contains("?metric=NAME"), "{single}");
    let other = server.refusal("/v1/variables/resource?metric=change_fail_rate", 400, "INVALID_QUESTION");
    assert!(other.contains("change_fail_rate has no dimension `resource`"), "{other}");
    server.refusal("/v1/variables/team?metric=change_failrate", 404, "UNKNOWN_METRIC");
    server.refusal("/v1/variables/grain?team=payments", 400, "INVALID_QUESTION");
}
