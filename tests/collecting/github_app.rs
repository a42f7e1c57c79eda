//! A GitHub App logs in with its key: what the system gets is signed by it, and what it answers is used from then on.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::faulty_server::{Model, routes};

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/github/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Gives the installation 7 of the app 42 a token, if the question is signed with the app's key.
async fn access_token(Path(installation): Path<u64>, headers: HeaderMap) -> Response {
    let public = std::fs::read(fixture("app_key_public.pem")).unwrap();
    let key = DecodingKey::from_rsa_pem(&public).unwrap();
    let signed = headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let claims = decode::<Value>(&signed, &key, &Validation::new(Algorithm::RS256)).map(|token| token.claims);
    let issuer = claims.ok().map(|claims| claims["iss"].to_string().trim_matches('"').to_owned());
    if installation != 7 || issuer.as_deref() != Some("42") {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "message": "A JSON web token could not be decoded" })))
            .into_response();
    }
    let token = json!({ "token": "good", "expires_at": "2099-01-01T00:00:00Z", "permissions": {}, "repository_selection": "all" });
    (StatusCode::CREATED, Json(token)).into_response()
}

async fn collect(app: u64, installation: u64) -> Output {
    let recorded = std::fs::read_to_string(fixture("pull_requests.json")).unwrap();
    let model = Model { pull_requests: serde_json::from_str(&recorded).unwrap(), ..Model::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app_routes = routes(Arc::new(Mutex::new(model)))
        .route("/app/installations/{installation}/access_tokens", post(access_token));
    tokio::spawn(async move { axum::serve(listener, app_routes).await.unwrap() });
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "[[source]]\nname = \"gh\"\nkind = \"github\"\nurl = \"{base}\"\nrepositories = [\"acme/ants\"]\n\
         app_id = {app}\ninstallation_id = {installation}\nprivate_key_file = {:?}\n",
        fixture("app_key.pem")
    );
    std::fs::write(folder.path().join("cairn.toml"), configuration).unwrap();
    let collecting =
        move || Command::new(env!("CARGO_BIN_EXE_cairn")).current_dir(folder.path()).arg("collect").output().unwrap();
    tokio::task::spawn_blocking(collecting).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_reads_with_the_token_of_its_installation() {
    let output = collect(42, 7).await;
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told} {}", String::from_utf8_lossy(&output.stderr));
    // Twenty-six recorded pull requests, one of them into another branch than the trunk.
    assert!(told.contains("change") && told.contains("25"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_not_known_is_told_so() {
    let output = collect(43, 7).await;
    assert!(!output.status.success());
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("could not be decoded") && told.contains("check app_id"), "{told}");
    assert!(!told.contains('\u{1b}'), "no colours where nobody sees them: {told}");
    assert!(!told.contains("BEGIN") && !told.contains("eyJ"), "the key and what it signs are secrets: {told}");
}
