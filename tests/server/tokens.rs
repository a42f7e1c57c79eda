//! Who asks on this machine itself reads without a token; writing, and reading from elsewhere, needs one.

use std::io::{Read as _, Write as _};

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
    let elsewhere = run(folder.path(), &["serve", "--listen", "0.0.0.0:0", "--store", "other.duckdb"]);
    let proposed = "cairn token create --name reader --scope read --store other.duckdb";
    assert!(!elsewhere.is_well && elsewhere.err.contains(proposed), "{}", elsewhere.err);
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
    let nameless = run(folder.path(), &["token", "create", "--name", ""]);
    assert!(!nameless.is_well && nameless.err.contains("such as --name ci"), "{}", nameless.err);
    let bytes = std::fs::read(folder.path().join("cairn.duckdb")).unwrap();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    let listed = run(folder.path(), &["token", "list"]).out;
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(lines[0].starts_with(&["name", "allows"]) && lines[1].starts_with(&["ci", "write"]), "{listed}");
    assert!(run(folder.path(), &["token", "revoke", "ci"]).is_well);
    assert!(run(folder.path(), &["token", "revoke", "ci"]).err.contains("no token named `ci`"));
}

/// Status and body of a request with headers of one's own.
fn raw(server: &Server, path: &str, headers: &str) -> (u16, String) {
    let mut stream = std::net::TcpStream::connect(server.address.trim_start_matches("http://")).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[test]
fn what_a_proxy_or_another_name_brings_to_this_machine_needs_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let read = token(folder.path(), "reader", "read");
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let status = |headers: &str| raw(&server, "/v1/metrics", headers).0;
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080"] {
        assert_eq!(status(&format!("Host: {host}\r\n")), 200, "{host}");
    }
    let beyond = [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example:8080\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: evil@localhost:8080:9\r\n",
        "Host: 10.1.2.3\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host: localhost\r\nX-Forwarded-For: 10.1.2.3\r\n",
        "Host: localhost\r\nx-forwarded-proto: https\r\n",
        "Host: localhost\r\nForwarded: for=10.1.2.3\r\n",
        "Host: localhost\r\nVia: 1.1 gateway\r\n",
        "Host: localhost\r\nX-Real-IP: 10.1.2.3\r\n",
    ];
    for headers in beyond {
        assert_eq!(status(headers), 401, "{headers}");
        assert_eq!(status(&format!("{headers}Authorization: Bearer {read}\r\n")), 200, "{headers}");
        assert_eq!(raw(&server, "/healthz", headers).0, 200, "{headers}");
    }
    let why = |headers: &str| raw(&server, "/", headers).1;
    assert!(why(beyond[0]).contains("the host `evil.example`, which is no name of this machine"));
    assert!(why(beyond[6]).contains("came through a proxy, as its header `x-forwarded-for` says"));
    let line = raw(&server, "http://evil.example/v1/metrics", "Host: localhost\r\n");
    assert_eq!(line.0, 401, "{}", line.1);
}

#[test]
fn a_browser_is_told_how_to_come_in_by_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let read = token(folder.path(), "reader", "read");
    let server = Server::start(folder.path(), "0.0.0.0:0");
    let asked = server.get_with("/teams", "accept", "text/html,*/*;q=0.8");
    assert_eq!(asked.status(), 401);
    let header = |name: &str| asked.headers()[name].to_str().unwrap().to_owned();
    assert!(header("www-authenticate").starts_with("Basic "));
    assert!(header("content-type").starts_with("text/html"));
    assert!(asked.body().contains("any name will do, the password is the token"), "{}", asked.body());
    // The page has its looks, and its reader comes in.
    assert_eq!(server.get("/assets/style.css").0, 200);
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("anybody:{read}"));
    assert_eq!(server.get_with("/teams", "authorization", &format!("Basic {basic}")).status(), 200);
}
