//! Answers that are asked for again are told to be unchanged, until something changed.

use super::{Server, import, token};

const ROW: &str =
    r#"{"id":"1","service":"shop","environment":"production","finished_at":"2025-03-03T10:00:00Z","result":"success"}"#;

const ASKED: [&str; 4] = [
    "/v1/metrics/deployment_frequency?from=2025-03-03&to=2025-03-10&format=rows",
    "/v1/metrics/deployment_frequency/observations?from=2025-03-03&to=2025-03-10",
    "/v1/annotations?from=2025-03-03&to=2025-03-10",
    "/v1/variables/service",
];

/// Asks twice, the second time with the tag of the first, until both fell into one minute; status and body of the second.
fn asked_again(server: &Server, path: &str) -> (u16, String) {
    for _ in 0..3 {
        let first = server.get_with(path, "accept", "*/*");
        assert_eq!(first.status().as_u16(), 200);
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let second = server.get_with(path, "if-none-match", &format!("\"other\", {tag}"));
        if second.headers()["etag"] == first.headers()["etag"] {
            return (second.status().as_u16(), second.into_body());
        }
    }
    panic!("{path}: its tag changes all the time");
}

#[test]
fn nothing_is_sent_again_until_the_data_changed() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "deployment", ROW);
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for path in ASKED {
        assert_eq!(asked_again(&server, path), (304, String::new()), "{path}");
    }
    let tag = server.get_with(ASKED[0], "accept", "*/*").headers()["etag"].to_str().unwrap().to_owned();
    let (status, _) = server.ask("POST", "/v1/facts/deployment", Some(&write), &ROW.replace("\"1\"", "\"2\""));
    assert_eq!(status, 200);
    let after = server.get_with(ASKED[0], "if-none-match", &tag);
    assert_eq!(after.status().as_u16(), 200);
    assert!(after.body().contains("\"n\":2"), "{}", after.body());
}

#[test]
fn what_was_answered_is_kept_until_the_data_changed_and_errors_are_not() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "deployment", ROW);
    let write = token(folder.path(), "ci", "write");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    for path in
        ["/v1/data-quality", "/v1/improvements", "/v1/teams/none", "/", "/m/deployment_frequency", "/data-quality"]
    {
        let (first, second) = (server.get_with(path, "accept", "*/*"), server.get_with(path, "accept", "*/*"));
        assert_eq!(first.status(), second.status(), "{path}");
        if first.headers().get("etag") == second.headers().get("etag") {
            assert_eq!(first.headers().get("content-type"), second.headers().get("content-type"), "{path}");
            assert_eq!(first.body(), second.body(), "{path}");
        }
    }
    assert_eq!(server.get_with("/v1/teams/none", "accept", "*/*").status().as_u16(), 404);
    let by_accept = ASKED[0].trim_end_matches("&format=rows");
    let csv = server.get_with(by_accept, "accept", "text/csv").into_body();
    let json = server.get_with(by_accept, "accept", "application/json").into_body();
    assert!(csv.starts_with("time,") && json.starts_with('{'), "{csv} {json}");
    let (status, _) = server.ask("POST", "/v1/facts/deployment", Some(&write), &ROW.replace("\"1\"", "\"2\""));
    assert_eq!(status, 200);
    let after = server.get_with(ASKED[0], "accept", "application/json").into_body();
    assert!(after.contains("\"n\":2"), "{after}");
}

#[test]
fn a_tag_vouches_for_its_own_question_only() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "deployment", ROW);
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let tag = server.get_with(ASKED[0], "accept", "*/*").headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(server.get_with(ASKED[1], "if-none-match", &tag).status().as_u16(), 200);
    let unknown = server.get_with("/v1/metrics/deployment_frequenc?format=rows", "if-none-match", &tag);
    assert_eq!(unknown.status().as_u16(), 404);
    assert!(unknown.headers().get("etag").is_none());
}

#[test]
fn a_token_is_asked_for_first() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "deployment", ROW);
    let read = token(folder.path(), "grafana", "read");
    let server = Server::start(folder.path(), "0.0.0.0:0");
    for path in ASKED {
        assert_eq!(server.get(path).0, 401, "{path}");
        assert_eq!(server.get_with(path, "authorization", &format!("Bearer {read}")).status().as_u16(), 200, "{path}");
    }
}
