//! Reading on this machine is free; writing, and reading from elsewhere, needs a token.

use super::{Server, json, run, token};

#[test]
fn writing_needs_a_token_that_allows_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = token(folder.path(), "ci", "write");
    let read = token(folder.path(), "reader", "read");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let row = r#"[{"id":"1","opened_at":"2025-01-01T00:00:00Z"}]"#;
    let code = |token: Option<&str>| {
        let (status, body) = server.ask("POST", "/v1/facts/incident", token, row);
        (status, json(&body)["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(None), (401, "TOKEN_REQUIRED".into()));
    assert_eq!(code(Some("cairn_made_up")), (401, "TOKEN_UNKNOWN".into()));
    assert_eq!(code(Some(&read)), (403, "SCOPE_MISSING".into()));
    assert_eq!(code(Some(&write)), (200, String::new()));
    assert_eq!(server.get("/v1/metrics").0, 200);
}

#[test]
fn who_is_refused_while_still_sending_sees_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let large = "a".repeat(20_000_000);
    for (method, path, status) in [
        ("POST", "/v1/facts/incident", 401),
        ("POST", "/v1/collections", 401),
        ("POST", "/v1/nothing", 404),
        ("PUT", "/v1/metrics", 401),
    ] {
        let (found, said) = server.ask(method, path, None, &large);
        assert_eq!(found, status, "{method} {path}: {said}");
    }
}

#[test]
fn an_address_beyond_this_machine_needs_a_token_for_reading_too() {
    let folder = tempfile::tempdir().unwrap();
    let without = run(folder.path(), &["serve", "--listen", "0.0.0.0:0"]);
    assert!(!without.is_well && without.err.contains("cairn token create"), "{}", without.err);
    let read = token(folder.path(), "reader", "read");
    let server = Server::start(folder.path(), "0.0.0.0:0");
    assert_eq!(server.get("/v1/metrics").0, 401);
    assert_eq!(server.get("/").0, 401);
    assert_eq!(server.ask("GET", "/v1/metrics", Some(&read), "").0, 200);
    // Whoever watches over the process needs none.
    assert_eq!((server.get("/healthz").0, server.get("/readyz").0), (200, 200));
}

#[test]
fn a_token_is_shown_once_kept_as_a_hash_and_can_be_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let secret = token(folder.path(), "ci", "write");
    let again = run(folder.path(), &["token", "create", "--name", "ci"]);
    assert!(again.err.contains("a token named `ci` already"), "{}", again.err);
    let bytes = std::fs::read(folder.path().join("cairn.duckdb")).unwrap();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    assert!(run(folder.path(), &["token", "list"]).out.contains("ci  write"));
    assert!(run(folder.path(), &["token", "revoke", "ci"]).is_well);
    assert!(run(folder.path(), &["token", "revoke", "ci"]).err.contains("no token named `ci`"));
}
